//! Summaries, read as GitHub reads Markdown.

use std::path::Path;

use serde_json::{Value, json};

use crate::consumers::{ENVS, content, node, report_with, stacks_audit};
use crate::hostile::{MARKUP, marked_up};
use crate::mermaid::drawn;
use crate::projected::{Folder, stored};

/// GitHub takes no longer comment.
const COMMENT: u64 = 65_536;

/// What a reader finds in each file.
#[track_caller]
fn read(files: &[impl AsRef<Path>]) -> Vec<Value> {
    let said = content(&mut node("markdown.cjs"), files.iter().map(AsRef::as_ref));
    serde_json::from_str(&said).expect("JSON")
}

fn text(found: &Value) -> &str {
    found["text"].as_str().expect("text")
}

/// The checks that a run's root causes are of.
fn causes(run: &Value) -> Vec<String> {
    let findings = run["audits"][0]["findings"].as_array().expect("findings").iter();
    let open = findings.filter(|it| it["status"] == "FAIL" || it["status"] == "UNKNOWN");
    let roots = open.filter(|it| it["disposition"].is_null() && it["caused_by"] == json!([]));
    let mut all: Vec<String> = roots
        .map(|it| it["check"].as_str().expect("a check").split_once('/').expect("design/check").1.to_owned())
        .collect();
    all.dedup();
    all
}

#[test]
fn every_recorded_account_is_summed_up() {
    let folder = Folder::new();
    let runs: Vec<Value> = ENVS.map(stored).into_iter().collect();
    let files: Vec<_> = ENVS
        .iter()
        .zip(&runs)
        .map(|(env, run)| folder.rendered(run, "markdown", &format!("{env}.md")))
        .collect();
    for ((found, run), env) in read(&files).iter().zip(&runs).zip(ENVS) {
        assert!(found["bytes"].as_u64().expect("a size") < COMMENT, "{env}");
        let status = run["status"].as_str().expect("a status");
        assert!(found["headings"][0].as_str().expect("a heading").ends_with(&format!("{env} is {status}")));
        // What is waived counts as that alone.
        let mut summary = run["audits"][0]["summary"].clone();
        for finding in run["audits"][0]["findings"].as_array().expect("findings") {
            let status = finding["status"].as_str().expect("a status").to_lowercase();
            if !finding["disposition"].is_null() {
                summary[&status] = json!(summary[&status].as_u64().expect("a count") - 1);
            }
        }
        let row = &found["tables"][0][1];
        let counts = ["fail", "unknown", "pass", "not_applicable", "waived", "roots", "unassessed"];
        for (at, count) in counts.into_iter().enumerate() {
            assert_eq!(row[at + 2], summary[count].to_string(), "{env}: {count}");
        }
        let summaries = found["summaries"].as_array().expect("summaries");
        for check in causes(run) {
            let told =
                summaries.iter().any(|it| it.as_str().expect("text").contains(&format!(" · {check}: ")));
            assert!(told, "{env}: {check} is missing: {summaries:?}");
        }
        for open in
            run["coverage"].as_array().expect("coverage").iter().filter(|it| it["outcome"] != "complete")
        {
            assert!(text(found).contains(open["call"].as_str().expect("a call")), "{env}: {open}");
        }
        for open in run["audits"][0]["unassessed"].as_array().expect("unassessed") {
            assert!(text(found).contains(open["id"].as_str().expect("an id")), "{env}: {open}");
        }
        assert_eq!(found["charts"], json!(1));
    }
    for (chart, run) in drawn(&files).iter().zip(&runs) {
        let nodes = run["audits"][0]["nodes"].as_array().expect("nodes").len();
        assert_eq!(chart["nodes"].as_array().expect("nodes").len(), nodes);
    }
}

#[test]
fn hostile_text_is_shown_and_means_nothing() {
    let folder = Folder::new();
    let files = ["broken", "denied-eks", "broken-aks"]
        .map(|env| folder.rendered(&marked_up(stored(env)), "markdown", &format!("{env}.md")));
    let all: Vec<Value> = read(&files);
    for found in &all {
        assert!(found["bytes"].as_u64().expect("a size") < COMMENT);
    }
    let shown: Vec<String> = all.iter().map(|found| text(found).replace('`', "")).collect();
    let shown = shown.join(" ");
    for part in MARKUP.iter().filter(|part| part.bytes().all(|byte| (b' '..=b'~').contains(&byte))) {
        // Where text wraps, spaces are as good as one; what was written as code is code.
        let part = part.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(&part), "{part} is missing");
    }
    drawn(&files);
}

#[test]
fn a_hostile_account_is_summed_up() {
    let snapshot = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/aws-ecs-fargate-broken/snapshot.ndjson");
    let account = std::fs::read_to_string(snapshot).expect("the fixture");
    let folder = Folder::new();
    for texts in MARKUP.chunks(8) {
        let quoted = json!(texts.join(" ")).to_string();
        let changed = account.replace(r#""name":"backend","scope""#, &format!(r#""name":{quoted},"scope""#));
        assert_ne!(changed, account);
        let from = folder.file("account.ndjson", &changed);
        let written = report_with(&["--env", "broken", "--from", from.to_str().expect("text")], "markdown");
        read(&[&written.path]);
    }
}

#[test]
fn a_run_of_any_size_fits_into_a_comment() {
    let folder = Folder::new();
    let mut run = stored("broken");
    let audit = &mut run["audits"][0];
    let findings = audit["findings"].as_array().expect("findings").clone();
    let mut many: Vec<Value> = findings.clone();
    for (at, finding) in findings.iter().filter(|it| it["status"] == "FAIL").cycle().take(3_000).enumerate() {
        let mut finding = finding.clone();
        finding["check"] = json!(format!("aws-ecs-fargate/node.some-{}/assert", at % 1_000));
        finding["message"] = json!("数据库".repeat(300));
        finding["caused_by"] = json!([]);
        many.push(finding);
    }
    audit["findings"] = json!(many);
    let open = audit["unassessed"][0].clone();
    audit["unassessed"] = json!(vec![open; 500]);
    let mut call = run["coverage"][0].clone();
    call["outcome"] = json!("denied");
    run["coverage"] = (0..500)
        .map(|at| {
            call["call"] = json!(format!("ec2:Describe{at}"));
            call.clone()
        })
        .collect();
    let audits = run["audits"][0].clone();
    run["audits"] = json!([audits.clone(), audits]);
    let path = folder.rendered(&run, "markdown", "large.md");
    let found = read(&[&path]).remove(0);
    assert!(found["bytes"].as_u64().expect("a size") < COMMENT, "{}", found["bytes"]);
    for part in [
        "more causes, for which",
        "more calls, for which",
        "more requirements, for which",
        "--output json=FILE",
    ] {
        assert!(text(&found).contains(part), "{part} is missing");
    }
    assert!(text(&found).contains("left out: there is no room here"), "they go first");
}

#[test]
fn what_changed_since_an_earlier_report_is_told() {
    let folder = Folder::new();
    let now = folder.file("now.json", &stored("broken").to_string());
    let mut before = stored("dev");
    let known = before["audits"][0]["findings"].as_array_mut().expect("findings");
    known.retain(|finding| finding["check"] != "aws-ecs-fargate/node.store/versioned");
    let earlier = folder.file("earlier.json", &before.to_string());
    let out = folder.file("report.md", "");
    let output = format!("markdown={}", out.display());
    let done = stacks_audit()
        .arg("render")
        .arg(&now)
        .arg("--baseline")
        .arg(&earlier)
        .args(["--output", &output])
        .output();
    let done = done.expect("it starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let found = read(&[&out]).remove(0);
    assert!(text(&found).contains("1 new, 22 changed and 0 unchanged"), "{}", text(&found));
    assert!(
        found["summaries"]
            .as_array()
            .expect("summaries")
            .iter()
            .any(|it| it.as_str().expect("text").contains(" · new · node.store/versioned: "))
    );
}

#[test]
fn what_is_more_than_text_is_refused() {
    let folder = Folder::new();
    for (name, text) in [
        ("image", "![x](https://example.com/x.png)"),
        ("link", "[x](https://example.com)"),
        ("address", "see www.example.com"),
        ("html", "a <b>c</b>"),
        ("mention", "ask @team"),
        ("issue", "closes #123"),
        ("cells", "| a | b |\n| --- | --- |\n| 1 | 2 | 3 |"),
        ("unclosed", "<details>\n\ntext"),
    ] {
        let mut consumer = node("markdown.cjs");
        let done = consumer
            .arg(folder.file(&format!("{name}.md"), &format!("{text}\n")))
            .output()
            .expect("it starts");
        assert!(!done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stdout));
    }
    read(&[folder.file("sound.md", "# a\n\n| a | b |\n| --- | --- |\n| `1` | 2 |\n")]);
}

#[test]
fn shipped_designs_are_documents() {
    let folder = Folder::new();
    let designs = ["aws-ecs-fargate", "aws-eks-rest-api", "azure-aks-rest-api"];
    let files = designs.map(|design| {
        let shown = stacks_audit().args(["design", "show", design]).output().expect("it starts");
        assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
        folder.file(&format!("{design}.md"), std::str::from_utf8(&shown.stdout).expect("text"))
    });
    let envs = ["dev", "dev-eks", "dev-aks"];
    for ((found, chart), env) in read(&files).iter().zip(drawn(&files)).zip(envs) {
        let run = stored(env);
        let audit = &run["audits"][0];
        let headings: Vec<&str> =
            found["headings"].as_array().expect("headings").iter().filter_map(Value::as_str).collect();
        assert_eq!(headings[0], audit["design"]["title"]);
        for (part, shown) in [("nodes", Some("nodes")), ("edges", Some("labels")), ("paths", None)] {
            let all = audit[part].as_array().expect("a list");
            for one in all {
                assert!(headings.contains(&one["id"].as_str().expect("an id")), "{env}: {}", one["id"]);
            }
            if let Some(shown) = shown {
                assert_eq!(chart[shown].as_array().expect("a list").len(), all.len(), "{env}: {part}");
            }
        }
        for finding in audit["findings"].as_array().expect("findings") {
            for key in ["says", "why", "fix"] {
                let said = finding[key].as_str().unwrap_or_default().replace('`', "");
                assert!(
                    text(found).contains(&said),
                    "{env}: {key} of {} is missing: {said}",
                    finding["check"]
                );
            }
        }
        for open in audit["unassessed"].as_array().expect("unassessed") {
            assert!(text(found).contains(open["says"].as_str().expect("text")), "{env}: {open}");
        }
        assert!(text(found).contains(audit["design"]["digest"].as_str().expect("a digest")), "{env}");
    }
}
