//! `asff` against botocore's model of Security Hub, then imported into an emulator of it.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::consumers::{ENVS, Written, content, earlier, python, report, report_with, stacks_audit};
use crate::hostile;

const SCRIPT: &str = "asff_import.py";

/// Of each report, how many findings were imported of each account, verdict, severity and state.
#[track_caller]
fn import(reports: &[Written]) -> Vec<BTreeMap<String, u64>> {
    let paths = reports.iter().map(|written| &written.path);
    serde_json::from_str(&content(&mut python(SCRIPT), paths)).expect("counts")
}

fn sum(counts: &BTreeMap<String, u64>, word: &str) -> u64 {
    counts.iter().filter(|(name, _)| name.split(' ').any(|own| own == word)).map(|(_, count)| count).sum()
}

#[test]
fn every_recorded_account_of_aws_is_imported() {
    let envs: Vec<&str> = ENVS.into_iter().filter(|env| !env.ends_with("aks")).collect();
    let reports: Vec<Written> = envs.iter().map(|env| report(env, "asff")).collect();
    for (env, counts) in envs.iter().zip(import(&reports)) {
        assert!(sum(&counts, "PASSED") > 40, "{env}: {counts:?}");
        assert_eq!(sum(&counts, "FAILED") > 0, env.contains("broken"), "{env}: {counts:?}");
        assert_eq!(sum(&counts, "WARNING") > 0, env.contains("denied"), "{env}: {counts:?}");
    }
}

#[test]
fn a_cluster_is_filed_under_its_account_of_aws() {
    let findings: Vec<Value> = serde_json::from_str(&report("dev-eks", "asff").text()).expect("an array");
    let of_cluster: Vec<&Value> = findings
        .iter()
        .filter(|finding| finding["ProductFields"]["stacks-audit/account"] == "cluster.example.com")
        .collect();
    assert!(!of_cluster.is_empty());
    assert!(of_cluster.iter().all(|finding| finding["AwsAccountId"] == "111111111111"));
    assert!(of_cluster.iter().all(|finding| finding["Resources"][0]["Type"] == "Other"));
}

#[test]
fn a_run_without_an_account_of_aws_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("findings.json");
    let output = format!("asff={}", path.display());
    let run =
        stacks_audit().args(["check", "--env", "dev-aks", "--output", &output]).output().expect("it starts");
    assert_eq!(run.status.code(), Some(2));
    let error = String::from_utf8_lossy(&run.stderr);
    assert!(error.contains("no account of AWS was audited"), "{error}");
    assert!(!error.contains("name a file in a folder"), "{error}");
    assert!(!path.exists(), "an empty list would say that all is well");
}

#[test]
fn what_is_a_finding_no_more_is_archived() {
    let earlier = earlier("denied");
    let earlier = earlier.path.to_str().expect("a path");
    let written = report_with(&["--env", "dev", "--level", "hardening", "--baseline", earlier], "asff");
    let counts = import(&[written]).remove(0);
    assert!(sum(&counts, "ARCHIVED") > 0, "{counts:?}");
    assert_eq!(sum(&counts, "ARCHIVED"), sum(&counts, "NOT_AVAILABLE"), "{counts:?}");
    assert_eq!(sum(&counts, "WARNING"), 0, "{counts:?}");
}

#[test]
fn a_hostile_account_is_imported_too() {
    let long = hostile::long();
    let texts = hostile::TEXTS.into_iter().chain([long.as_str()]);
    let reports: Vec<Written> =
        texts.map(|text| report_with(&hostile::account(text).arguments(), "asff")).collect();
    for counts in import(&reports) {
        assert!(sum(&counts, "ACTIVE") > 50, "{counts:?}");
    }
    for written in &reports {
        let hidden = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{2028}".contains(c));
        assert!(!written.text().contains(hidden));
    }
    assert!(reports.last().expect("the long one").text().contains(r#""stacks-audit/cut":"true""#));
}

#[test]
fn security_hub_refuses_what_it_does_not_know() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("findings.json");
    let good: Value = serde_json::from_str(&report("broken", "asff").text()).expect("an array");
    let faults: [fn(&mut Value); 6] = [
        |finding| finding["Compliance"]["Status"] = json!("UNKNOWN"),
        |finding| finding["Title"] = json!("x".repeat(257)),
        |finding| finding["Remediation"]["Recommendation"]["Text"] = json!(" "),
        |finding| finding["Resources"] = json!([]),
        |finding| {
            finding["ProductArn"] =
                json!("arn:aws:securityhub:us-west-1:222222222222:product/222222222222/default");
        },
        |finding| finding["Resources"][0]["Type"] = json!("AwsEc2Thing"),
    ];
    for (number, fault) in faults.iter().enumerate() {
        let mut findings = good.clone();
        fault(&mut findings[0]);
        fs::write(&path, findings.to_string()).expect("written");
        let output = python(SCRIPT).arg(&path).output().expect("it starts");
        assert!(!output.status.success(), "fault {number} was taken");
    }
}
