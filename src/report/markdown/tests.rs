use super::*;
use crate::report::sample;

fn written(run: &Run) -> String {
    let mut bytes = Vec::new();
    Markdown.write(run, &mut bytes).expect("memory takes every byte");
    String::from_utf8(bytes).expect("text")
}

#[test]
fn the_sample() {
    insta::assert_snapshot!(written(&sample::run()));
}

#[test]
fn nothing_judged_is_no_verdict() {
    let text = written(&sample::empty());
    assert!(text.contains("Nothing was judged: this is no verdict."), "{text}");
    assert!(!text.contains("### What is wrong"), "{text}");
}

#[test]
fn what_follows_from_what_is_waived_is_told_still() {
    let mut run = sample::run();
    let audit = &mut run.audits[0];
    let waived =
        audit.findings.iter().find_map(|finding| finding.disposition.clone()).expect("one is waived");
    for finding in &mut audit.findings {
        if finding.check.ends_with("node.nat") {
            finding.disposition = Some(waived.clone());
        }
    }
    let text = written(&sample::tally(run));
    assert!(text.contains("- caused by `node.nat`: FAIL `edge.private-nat`"), "{text}");
}

#[test]
fn a_list_counts_what_it_has_no_room_for_and_stays_in_order() {
    let mut list = List::within(10);
    for entry in ["12345678", "too long", "1"] {
        list.push(|| entry.to_owned());
    }
    assert_eq!(list.finish("entries"), "12345678\n… and 2 more entries, for which there is no room here.\n");
}
