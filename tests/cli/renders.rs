//! Reports that lay somewhere before they are read again: anybody may have written them.

use serde_json::{Value, json};

use crate::harness::{Place, refused, stderr, stdout};

const FORMATS: [&str; 12] = [
    "asff",
    "csv",
    "html",
    "json",
    "junit",
    "markdown",
    "mermaid",
    "ocsf",
    "prometheus",
    "sarif",
    "svg",
    "table",
];

/// A report of the broken account, changed by somebody, in every format and as a baseline.
#[track_caller]
fn survives(change: impl FnOnce(&mut Value)) {
    let path = format!("{}/fixtures/aws-ecs-fargate-broken/report.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read(path).expect("the fixture");
    let mut report: Value = serde_json::from_slice(&text).expect("JSON");
    change(&mut report);
    let place = Place::new().write("changed.json", report.to_string());
    for format in FORMATS {
        let output = place.run(&["render", "changed.json", "--output", format]);
        assert_eq!(output.status.code(), Some(0), "{format}: {}", stderr(&output));
        assert!(!stdout(&output).is_empty(), "{format}");
    }
    // An earlier one of this env is compared.
    report["env"] = "dev".into();
    report["captured_at"] = "2026-01-01T00:00:00Z".into();
    let place = place.write("changed.json", report.to_string());
    let output = place.check(&["--baseline", "changed.json"]);
    assert!(output.status.code().is_some_and(|code| code < 2), "{}", stderr(&output));
}

fn findings(report: &mut Value) -> &mut Vec<Value> {
    report["audits"][0]["findings"].as_array_mut().expect("findings")
}

#[test]
fn as_many_frames_in_each_other_as_somebody_wrote() {
    survives(|report| {
        let groups: Vec<String> = (0..30_000).map(|at| format!("g{at}")).collect();
        report["audits"][0]["nodes"][0]["groups"] = json!(groups);
    });
}

#[test]
fn numbers_that_can_not_be_added() {
    survives(|report| {
        for name in ["pass", "fail", "unknown", "waived", "roots", "not_applicable", "unassessed"] {
            report["summary"][name] = json!(u64::MAX);
            report["audits"][0]["summary"][name] = json!(u64::MAX);
        }
        for entry in report["coverage"].as_array_mut().expect("calls") {
            (entry["items"], entry["pages"]) = (json!(u64::MAX), json!(u64::MAX));
        }
        for finding in findings(report) {
            finding["policy"]["line"] = json!(u64::MAX);
        }
    });
}

#[test]
fn causes_of_causes_of_causes() {
    survives(|report| {
        let findings = findings(report);
        let mut link = findings.iter().find(|it| it["status"] == "FAIL").expect("a failure").clone();
        for at in 0..5_000 {
            link["check"] = json!(format!("aws-ecs-fargate/rule.n{at}"));
            link["id"] = json!(format!("n{at}"));
            // The last is caused by the first.
            link["caused_by"] = json!([format!("aws-ecs-fargate/rule.n{}", (at + 1) % 5_000)]);
            findings.push(link.clone());
        }
    });
}

#[test]
fn the_same_twice_and_names_of_nothing() {
    survives(|report| {
        let audit = report["audits"][0].clone();
        report["audits"].as_array_mut().expect("audits").push(audit);
        for finding in findings(report) {
            for name in ["id", "kind", "name", "account", "region"] {
                finding["subject"][name] = json!("");
            }
            finding["check"] = json!("");
        }
        report["audits"][1]["design"]["id"] = json!("");
        for edge in report["audits"][0]["edges"].as_array_mut().expect("arrows") {
            edge["from"] = json!("nowhere");
        }
    });
}

#[test]
fn what_is_no_report_is_refused() {
    let place = Place::new()
        .write("cut.json", "{\"schema\": \"stacks-audit/report/v1\", \"env\": \"d")
        .write("other.json", "{\"schema\": \"stacks-audit/report/v9\"}")
        .write("deep.json", "[".repeat(100_000));
    for (file, said) in [("cut.json", "line 1"), ("other.json", "report/v9"), ("deep.json", "line 1")] {
        refused(&place.run(&["render", file, "--output", "table"]), 2, &[file, said]);
        refused(&place.check(&["--baseline", file]), 2, &[file, said]);
    }
}
