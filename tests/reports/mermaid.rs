//! Flowcharts, drawn by Mermaid itself in a browser as GitHub does: strictest level, its limits.

use std::path::Path;

use serde_json::{Value, json};

use crate::consumers::{ENVS, content, node};
use crate::hostile::{MARKUP, marked_up};
use crate::projected::{Folder, stored};

/// What the browser shows of each chart.
#[track_caller]
pub(crate) fn drawn(files: &[impl AsRef<Path>]) -> Vec<Value> {
    let said = content(&mut node("mermaid.cjs"), files.iter().map(AsRef::as_ref));
    serde_json::from_str(&said).expect("JSON")
}

fn texts(chart: &Value, what: &str) -> Vec<String> {
    let all = chart[what].as_array().expect("a list");
    all.iter().map(|text| text.as_str().expect("text").to_owned()).collect()
}

/// That the chart shows every node, frame and arrow of the run.
#[track_caller]
fn shows(chart: &Value, run: &Value) {
    let audit = &run["audits"][0];
    let nodes = texts(chart, "nodes");
    let marks = [("PASS", "✓"), ("FAIL", "✗"), ("UNKNOWN", "?"), ("NOT_APPLICABLE", "–")];
    for drawn in audit["nodes"].as_array().expect("nodes") {
        let status = drawn["status"].as_str().expect("a status");
        let (_, mark) = marks.iter().find(|(known, _)| *known == status).expect("a known status");
        let name = format!("{mark} {}", drawn["id"].as_str().expect("an id"));
        assert!(nodes.iter().any(|text| text.starts_with(&name)), "{name} is missing: {nodes:?}");
    }
    assert_eq!(nodes.len(), audit["nodes"].as_array().expect("nodes").len());
    let arrows = audit["edges"].as_array().expect("edges").len();
    assert_eq!(chart["arrows"], json!(arrows));
    let labels = texts(chart, "labels");
    assert_eq!(labels.len(), arrows, "{labels:?}");
    let unassessed = audit["unassessed"].as_array().expect("unassessed").len();
    let told = format!("{unassessed} requirement{} not assessed", if unassessed == 1 { "" } else { "s" });
    assert!(texts(chart, "frames").iter().any(|title| title.contains(&told)), "{told}");
}

#[test]
fn every_recorded_account_is_drawn_in_full() {
    let folder = Folder::new();
    let runs: Vec<Value> = ENVS.map(stored).into_iter().collect();
    let files: Vec<_> = ENVS
        .iter()
        .zip(&runs)
        .map(|(env, run)| folder.rendered(run, "mermaid", &format!("{env}.mmd")))
        .collect();
    for (chart, run) in drawn(&files).iter().zip(&runs) {
        shows(chart, run);
    }
}

#[test]
fn hostile_text_is_shown_and_does_nothing() {
    let folder = Folder::new();
    let mut run = marked_up(stored("broken"));
    let audit = &mut run["audits"][0];
    // Nodes of a design of somebody else's may be called anything, too.
    for (at, node) in audit["nodes"].as_array_mut().expect("nodes").iter_mut().enumerate() {
        let name = format!("{} {at}", MARKUP[at % MARKUP.len()]);
        node["kind"] = json!(format!("aws.{}", MARKUP[at % MARKUP.len()]));
        node["id"] = json!(name);
    }
    let nodes = audit["nodes"].clone();
    for (at, edge) in audit["edges"].as_array_mut().expect("edges").iter_mut().enumerate() {
        let end = |at: usize| nodes[at % MARKUP.len()]["id"].clone();
        (edge["from"], edge["to"]) = (end(at), end(at + 1));
    }
    let charts = drawn(&[folder.rendered(&run, "mermaid", "hostile.mmd")]);
    let all = format!("{} {}", texts(&charts[0], "nodes").join(" "), texts(&charts[0], "labels").join(" "));
    for part in [
        "end 0",
        "graph 1",
        "\"]; click a href",
        "%%{init: {\"securityLevel\"",
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "`x` ``y`` [link](",
        "a|b\\|c\\\\|d",
        "line\\r\\n\\r\\n# heading\\n```",
        "@team closes #123",
        "1. one - *two* __three__",
        "$$\\frac{1}{2}$$ fa:fa-car :tada:",
        "#quot; &lt;b&gt; &#60;i&#62;",
        "\\u{1b}[2J\\u{202e}",
    ] {
        // What Mermaid would take for a line break or a formula, whatever is done, is written alike.
        let part = part.replace('\\', "∖").replace('$', "＄");
        assert!(all.contains(&part), "{part} is missing: {all}");
    }
    assert_eq!(charts[0]["arrows"], json!(audit_edges(&run)));
}

fn audit_edges(run: &Value) -> usize {
    run["audits"][0]["edges"].as_array().expect("edges").len()
}

#[test]
fn a_drawing_beyond_the_limits_is_reduced_and_says_so() {
    let folder = Folder::new();
    let mut run = stored("broken");
    let audit = &mut run["audits"][0];
    let edges = audit["edges"].as_array().expect("edges").clone();
    let many = edges.iter().cycle().take(1_200).enumerate();
    audit["edges"] = many
        .map(|(at, edge)| {
            let mut edge = edge.clone();
            edge["id"] = json!(format!("edge-{at}"));
            edge["status"] = json!("PASS");
            edge
        })
        .collect();
    let chart = drawn(&[folder.rendered(&run, "mermaid", "large.mmd")]).remove(0);
    let nodes = texts(&chart, "nodes");
    assert!(nodes.iter().any(|text| text.starts_with("Too large to be drawn")), "{nodes:?}");
    assert!(chart["arrows"].as_u64().expect("a count") <= 500, "{chart}");
}

#[test]
fn what_mermaid_can_not_draw_is_refused() {
    let folder = Folder::new();
    let chart = "flowchart TB\n  n0[\"a\"] -->|\"b\"| n1[\"c\"]\n";
    assert_eq!(drawn(&[folder.file("sound.mmd", chart)])[0]["arrows"], json!(1));
    let too_long = format!("{chart}  n2[\"{}\"]\n", "x".repeat(50_000));
    let click = format!("{chart}  click n0 href \"https://example.com\"\n");
    for (name, text) in [("syntax", "flowchart TB\n  end --> graph\n"), ("long", &too_long), ("link", &click)]
    {
        let mut consumer = node("mermaid.cjs");
        let done = consumer.arg(folder.file(&format!("{name}.mmd"), text)).output().expect("it starts");
        assert!(!done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stdout));
    }
}
