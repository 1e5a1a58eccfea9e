//! `junit`, read by junitparser, and valid by the schema of Jenkins' xUnit plugin.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::consumers::{ENVS, content, python, report, report_with};
use crate::hostile;
use crate::projected::{earlier, findings, project, stored, texts, waived, with};

#[track_caller]
fn read(path: &Path) -> Value {
    serde_json::from_str(&content(&mut python("junit.py"), [path])).expect("what it read")
}

/// How the cases came out, by check.
fn results(said: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let suites = said["suites"].as_array().expect("suites");
    let cases = suites.iter().flat_map(|suite| suite["cases"].as_array().expect("cases"));
    cases
        .map(|case| (format!("{}/{}", text(&case["class"]), text(&case["name"])), text(&case["result"])))
        .collect()
}

#[test]
fn no_verdict_is_an_error_of_its_own() {
    for text in texts() {
        let mut run = stored("dev");
        run["no_verdict"] = text.into();
        let said = read(&project(&run, None, "junit").path);
        assert_eq!(results(&said)["run/verdict"], "error");
        assert_eq!((&said["errors"], &said["failures"]), (&1.into(), &0.into()));
    }
}

#[test]
fn a_case_a_check_as_its_worst_finding_says() {
    for env in ENVS {
        let mut run = stored(env);
        let mut expected: BTreeMap<String, &str> = BTreeMap::new();
        // In this order the greater word is the worse verdict.
        let word = |status: &str| match status {
            "NOT_APPLICABLE" => "a skipped",
            "PASS" => "b passed",
            "UNKNOWN" => "c error",
            _ => "d failure",
        };
        for finding in findings(&mut run) {
            let worst = expected.entry(finding["check"].as_str().expect("text").to_owned()).or_default();
            *worst = (*worst).max(word(finding["status"].as_str().expect("text")));
        }
        let expected: BTreeMap<String, String> =
            expected.into_iter().map(|(check, word)| (check, word[2..].to_owned())).collect();
        let said = read(&report(env, "junit").path);
        assert_eq!(results(&said), expected, "{env}");
        let count = |result: &str| expected.values().filter(|word| *word == result).count();
        assert_eq!(said["failures"], count("failure"), "{env}");
        assert_eq!(said["errors"], count("error"), "{env}");
        for (suite, audit) in
            said["suites"].as_array().expect("suites").iter().zip(run["audits"].as_array().expect("audits"))
        {
            let properties = suite["properties"].as_object().expect("properties");
            let unassessed = properties.keys().filter(|name| name.starts_with("unassessed.")).count();
            assert_eq!(unassessed, audit["unassessed"].as_array().expect("a list").len(), "{env}");
        }
    }
}

#[test]
fn what_was_denied_is_told() {
    let said = read(&report("denied", "junit").path);
    let told = said["suites"][0]["err"].as_str().expect("text");
    assert!(told.contains("not read: denied ec2:DescribeNatGateways"), "{told}");
}

#[test]
fn a_waived_check_is_skipped_with_its_reason() {
    let said = read(&project(&waived(stored("broken"), "FAIL"), None, "junit").path);
    assert_eq!(said["failures"], 0);
    let cases = said["suites"][0]["cases"].as_array().expect("cases");
    let skipped: Vec<&Value> = cases.iter().filter(|case| case["result"] == "skipped").collect();
    assert!(skipped.len() > 10);
    for case in skipped {
        assert!(case["message"].as_str().expect("text").contains("Moves in OPS-412"), "{case}");
    }
}

#[test]
fn hostile_text_is_text() {
    for text in hostile::TEXTS.map(str::to_owned).into_iter().chain([hostile::long()]) {
        read(&report_with(&hostile::account(&text).arguments(), "junit").path);
    }
    let broken = stored("broken");
    let checks: BTreeSet<String> =
        results(&read(&project(&broken, None, "junit").path)).into_keys().collect();
    for text in texts() {
        let projected = project(&with(broken.clone(), &text), None, "junit");
        let said = read(&projected.path);
        assert_eq!(results(&said).into_keys().collect::<BTreeSet<_>>(), checks, "{text:?}");
        assert!(projected.text().len() < 3_000_000, "{}", projected.text().len());
    }
}

#[test]
fn beside_a_baseline_a_case_says_what_is_new() {
    let projected = project(&stored("broken"), Some(&earlier("denied")), "junit");
    let said = read(&projected.path);
    let cases = said["suites"][0]["cases"].as_array().expect("cases");
    let told = |what: &str| cases.iter().any(|case| case["text"].as_str().expect("text").contains(what));
    assert!(told("since the baseline: new") && told("since the baseline: it says something else"));
    assert!(projected.text().contains("gone since the baseline: UNKNOWN"));
}

#[test]
fn a_broken_file_is_refused() {
    let whole = project(&stored("broken"), None, "junit");
    let text = whole.text();
    for broken in [
        text.replacen("</failure>", "", 1),
        text.replacen(" tests=", " test=", 2),
        text.replacen("time=\"0\"", "time=\"long\"", 1),
    ] {
        assert_ne!(broken, text);
        let said = python("junit.py").arg(whole.other(&broken)).output().expect("it starts");
        assert!(!said.status.success());
    }
}
