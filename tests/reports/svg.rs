//! Drawings, measured in a browser: what its fonts make of them, and whether anything lies on anything.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::consumers::{ENVS, content, node, report};
use crate::hostile;
use crate::projected::{Folder, project, stored, with};

/// That nothing overlaps in these drawings, and every text is where it belongs.
#[track_caller]
fn assert_drawn(files: &[PathBuf]) {
    content(&mut node("svg.cjs"), files);
}

/// One design of this many boxes: those of the recorded accounts, each in an account of its own, and some arrows between
/// them.
fn grown(boxes: usize) -> Value {
    let envs = ["broken", "denied-eks", "broken-aks", "denied", "broken-eks", "denied-aks"];
    let mut run = stored(envs[0]);
    let mut nodes: Vec<Value> = Vec::new();
    let mut edges: Vec<Value> = Vec::new();
    let mut groups: Vec<Value> = Vec::new();
    for (copy, env) in (0..).zip(envs.iter().cycle()) {
        let own = |id: &Value| json!(format!("{}-{copy}", id.as_str().expect("an id")));
        let mut part = stored(env)["audits"][0].take();
        let account = json!(format!("part-{copy}"));
        groups.push(json!({ "id": account, "title": format!("Part {copy}"), "form": "account" }));
        for group in part["groups"].as_array_mut().expect("groups") {
            group["id"] = own(&group["id"]);
            groups.push(group.take());
        }
        for node in part["nodes"].as_array_mut().expect("nodes") {
            node["id"] = own(&node["id"]);
            let inner: Vec<Value> = node["groups"].as_array().expect("groups").iter().map(own).collect();
            node["groups"] = [vec![account.clone()], inner].concat().into();
            nodes.push(node.take());
        }
        for edge in part["edges"].as_array_mut().expect("edges") {
            for key in ["id", "from", "to"] {
                edge[key] = own(&edge[key]);
            }
            edges.push(edge.take());
        }
        if nodes.len() >= boxes {
            break;
        }
    }
    nodes.truncate(boxes);
    for at in (0..boxes).step_by(17) {
        let mut arrow = edges[0].clone();
        arrow["id"] = json!(format!("across-{at}"));
        arrow["from"] = nodes[at]["id"].clone();
        arrow["to"] = nodes[(at * 7 + 5) % boxes]["id"].clone();
        edges.push(arrow);
    }
    let audit = &mut run["audits"][0];
    audit["findings"] = json!([]);
    audit["paths"] = json!([]);
    audit["nodes"] = nodes.into();
    audit["edges"] = edges.into();
    audit["groups"] = groups.into();
    run
}

#[test]
fn every_recorded_account_is_drawn_without_overlaps() {
    let drawn: Vec<_> = ENVS.map(|env| report(env, "svg")).into_iter().collect();
    assert_drawn(&drawn.iter().map(|it| it.path.clone()).collect::<Vec<_>>());
}

#[test]
fn sixty_and_two_hundred_boxes_are_too() {
    let folder = Folder::new();
    let files = [60, 200].map(|boxes| folder.rendered(&grown(boxes), "svg", &format!("{boxes}.svg")));
    for (file, boxes) in files.iter().zip([60, 200]) {
        let text = std::fs::read_to_string(file).expect("the drawing");
        assert_eq!(text.matches("data-check=\"node.").count(), boxes);
    }
    assert_drawn(&files);
}

#[test]
fn what_others_wrote_is_text() {
    let folder = Folder::new();
    let texts = hostile::TEXTS.iter().map(|text| with(stored("broken"), text));
    let runs: Vec<Value> = texts.chain([hostile::marked_up(stored("broken-eks"))]).collect();
    let draw = |(at, run)| folder.rendered(run, "svg", &format!("{at}.svg"));
    assert_drawn(&runs.iter().enumerate().map(draw).collect::<Vec<_>>());
}

#[test]
fn what_overlaps_is_seen() {
    let drawn = project(&stored("dev-eks"), None, "svg");
    let text = drawn.text();
    let place = |nth: usize| text.match_indices("transform=\"translate(").nth(nth).expect("a place").0;
    // Past the drawing itself: its boxes, the second laid on the first.
    let boxes: Vec<usize> = (0..6).map(place).filter(|at| text[..*at].ends_with("\" ")).collect();
    let moved = |at: usize| &text[at..at + text[at..].find(')').expect("its end")];
    let over = text.replacen(moved(boxes[1]), moved(boxes[0]), 1);
    assert_ne!(over, text);
    for wrong in [
        over,
        text.replace(">cluster<", ">a name much too long for the box it has<"),
        text.replace("</svg>", ""),
    ] {
        let seen = node("svg.cjs").arg(drawn.other(&wrong)).output().expect("it starts");
        assert!(!seen.status.success(), "nothing seen");
    }
}
