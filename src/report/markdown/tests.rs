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

#[test]
fn what_is_waived_in_full_is_waived_in_every_format_for_people() {
    let mut run = sample::run();
    let audit = &mut run.audits[0];
    let waived =
        audit.findings.iter().find_map(|finding| finding.disposition.clone()).expect("one is waived");
    for finding in audit.findings.iter_mut().filter(|finding| finding.status.is_wrong()) {
        finding.disposition = Some(waived.clone());
    }
    let run = sample::tally(run);
    assert_eq!(run.status, Status::Fail);
    let style = crate::report::Style { width: 100, colour: false, unicode: true, verbose: false };
    for (format, says) in [
        ("markdown", "## ~ stacks-audit: `dev` is WAIVED\n"),
        ("markdown", "| `aws-ecs-fargate 1.0.0` | ~ WAIVED | 0 | 0 | 3 | 1 | 9 | 0 | 1 |"),
        ("mermaid", "#126; aws-ecs-fargate#58; WAIVED<br/>"),
        ("svg", ">Infrastructure of ECS Fargate: WAIVED</text>"),
        ("table", "~ WAIVED  dev"),
        ("table", "3 pass, 0 fail, 0 unknown, 1 not applicable · 9 waived"),
    ] {
        let mut bytes = Vec::new();
        let report = (crate::report::format(format).expect("it is one").with)(style);
        report.write(&run, &mut bytes).expect("memory takes every byte");
        let text = String::from_utf8(bytes).expect("text");
        assert!(text.contains(says), "{format}: {text}");
    }
}

#[test]
fn what_is_cited_names_its_document_and_nothing_is_left_dangling() {
    let mut run = sample::run();
    let source = "aws-ecs-fargate: Explanation of infrastructure and how it works";
    for (source, cite, says) in [
        (source, "bullet 6", format!("- **Asked in:** {source}, bullet 6; `policies/")),
        ("", "bullet 6", "- **Asked in:** bullet 6; `policies/".to_owned()),
        ("", "", "- **Asked in:** `policies/".to_owned()),
    ] {
        let audit = &mut run.audits[0];
        audit.design.source = source.to_owned();
        audit.findings.iter_mut().for_each(|finding| finding.cite = cite.to_owned());
        let text = written(&run);
        assert!(text.contains(&says), "{text}");
    }
}
