use super::*;
use crate::model::run::{GroupResult, Status};
use crate::report::sample;

fn written(run: &Run) -> String {
    let mut bytes = Vec::new();
    Mermaid.write(run, &mut bytes).expect("memory takes every byte");
    String::from_utf8(bytes).expect("text")
}

/// An audit of so many boxes in two frames, an arrow from each to the next ones; every tenth fails.
fn large(boxes: usize, arrows: usize) -> Run {
    let mut run = sample::empty();
    let audit = &mut run.audits[0];
    let group = |id: &str| GroupResult { id: id.into(), title: id.into(), form: GroupForm::Network };
    audit.groups = vec![group("left"), group("right")];
    for at in 0..boxes {
        let status = if at % 10 == 0 { Status::Fail } else { Status::Pass };
        let mut node = sample::node(&format!("node-{at}"), "aws.vpc", status, "1", &[]);
        node.groups = vec![if at % 2 == 0 { "left" } else { "right" }.to_owned()];
        audit.nodes.push(node);
        if status == Status::Fail {
            let mut finding = sample::finding(&format!("node.node-{at}"), "aws.vpc", "x", "");
            finding.status = status;
            audit.findings.push(finding);
        }
        for step in 1..=arrows {
            let to = format!("node-{}", (at + step) % boxes);
            let id = format!("edge-{at}-{step}");
            let status = if at % 10 == 0 { status } else { Status::Pass };
            audit.edges.push(sample::edge(&id, [&format!("node-{at}"), "routes-to", &to], status));
        }
    }
    sample::tally(run)
}

#[test]
fn the_sample() {
    insta::assert_snapshot!(written(&sample::run()));
}

#[test]
fn text_becomes_letters_and_numbers() {
    assert_eq!(label("private_subnet routes-to"), "private_subnet routes-to");
    assert_eq!(label("a\"b"), "a#34;b");
    assert_eq!(label("a\\nb"), "a∖nb");
    assert_eq!(label("- x"), "#45; x");
    assert_eq!(label("  x  "), "#32;#32;x#32;#32;");
    assert_eq!(label("ﬂ°°60¶ß"), "#64258;#176;#176;60#182;#223;");
    for hostile in ["<b>", "`x`", "%%{init: {}}%%", "$$x$$", "fa:fa-car", "__a__", "#quot;", "[x](y)", "@{}"]
    {
        let shown = label(hostile);
        let harmless = shown.chars().all(|c| c.is_ascii_alphanumeric() || "#; -_,＄".contains(c));
        assert!(harmless && !shown.contains("fa:"), "{shown}");
    }
}

#[test]
fn what_is_too_large_is_reduced_to_what_is_wrong() {
    let text = written(&large(300, 2));
    assert!(text.encode_utf16().count() <= LARGEST, "{}", text.len());
    assert!(text.contains("this is what does not hold"), "{text}");
    assert!(text.contains("✗#160;node-120<br/>") && text.contains("✓#160;node-121<br/>"), "{text}");
    assert!(!text.contains("node-125<br/>"), "it holds, and touches nothing that doesn't");
    assert!(text.matches("|\"").count() <= ARROWS);
}

#[test]
fn where_even_that_is_too_much_frames_become_boxes() {
    let text = written(&large(4_000, 6));
    assert!(text.encode_utf16().count() <= LARGEST, "{}", text.len());
    assert!(text.contains("each outer frame is one box"), "{text}");
    assert!(text.contains("✗#160;left<br/>"), "{text}");
}

#[test]
fn where_there_is_less_room_there_is_less_and_at_last_nothing() {
    let charts = |run: &Run| vec![Chart { title: String::new(), diagram: Diagram::of(&run.audits[0]) }];
    let run = large(300, 2);
    let small = flowchart(&charts(&run), 2_400).expect("counts take little");
    assert!(small.len() <= 2_400 && small.contains("FAIL"), "{small}");
    assert_eq!(flowchart(&charts(&run), 500), None);
    assert_eq!(flowchart(&[], LARGEST), None);
}

#[test]
fn several_audits_share_no_ids() {
    let mut run = sample::run();
    let mut second = sample::run().audits.remove(0);
    second.design.id = "other".into();
    run.audits.push(second);
    let text = written(&run);
    for part in ["subgraph d0all[", "subgraph d1all[", "  d0n0(", "  d1n0("] {
        assert_eq!(text.matches(part).count(), 1, "{part}: {text}");
    }
}

#[test]
fn a_run_without_audits_is_a_chart_still() {
    let mut run = sample::empty();
    run.audits.clear();
    assert_eq!(written(&run), EMPTY);
}
