//! `csv`, read by Python's reader (strict) and by csv-parse (which forgives nothing by default).

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::consumers::{ENVS, content, node, python, report, report_with};
use crate::hostile;
use crate::projected::{earlier, findings, project, stored, texts, waived, with};

type Row = BTreeMap<String, String>;

/// The rows, as both readers see them.
#[track_caller]
fn read(path: &Path) -> Vec<Row> {
    let rows: Vec<Row> =
        serde_json::from_str(&content(&mut python("csv_strict.py"), [path])).expect("its rows");
    let others: Vec<Row> =
        serde_json::from_str(&content(&mut node("csv_strict.js"), [path])).expect("its rows");
    assert_eq!(rows, others, "the two see the same");
    rows
}

/// What a spreadsheet would take for a formula, in any of the ways that it may find cells.
fn formula(cell: &str) -> bool {
    let cells = cell.split([',', ';', '|', '"', '\t', '\r', '\n']);
    cells.into_iter().any(|cell| cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']))
}

#[test]
fn every_finding_is_a_row() {
    for env in ENVS {
        let mut run = stored(env);
        let rows = read(&report(env, "csv").path);
        let unassessed: usize = run["audits"]
            .as_array()
            .expect("audits")
            .iter()
            .map(|audit| audit["unassessed"].as_array().expect("a list").len())
            .sum();
        assert_eq!(rows.iter().filter(|row| row["status"] == "UNASSESSED").count(), unassessed, "{env}");
        let findings: Vec<&mut Value> = findings(&mut run).collect();
        assert_eq!(rows.len(), findings.len() + unassessed, "{env}");
        let of_findings = rows.iter().filter(|row| row["status"] != "UNASSESSED");
        for (row, finding) in of_findings.zip(findings) {
            for column in ["check", "status", "severity", "basis", "id", "says"] {
                assert_eq!(row[column], finding[column].as_str().expect("text"), "{env}");
            }
            assert_eq!(row["subject_id"], finding["subject"]["id"].as_str().expect("text"), "{env}");
            assert_eq!(row["policy_line"], finding["policy"]["line"].to_string(), "{env}");
            assert_eq!((row["waived"].as_str(), row["change"].as_str()), ("false", ""), "{env}");
        }
    }
}

#[test]
fn no_account_writes_a_formula() {
    for text in hostile::TEXTS.map(str::to_owned).into_iter().chain([hostile::long()]) {
        let rows = read(&report_with(&hostile::account(&text).arguments(), "csv").path);
        assert!(rows.iter().flat_map(Row::values).all(|cell| !formula(cell)), "{text:?}");
    }
    let broken = stored("broken");
    for text in texts() {
        let rows = read(&project(&with(broken.clone(), &text), None, "csv").path);
        let cells = || rows.iter().flat_map(Row::values);
        assert!(cells().all(|cell| !formula(cell)), "{text:?}");
        assert!(cells().all(|cell| cell.len() < 32_767 && !cell.chars().any(char::is_control)), "{text:?}");
    }
    assert!(formula("a;=1") && formula("＝1") && !formula("'=1"), "it would be seen");
}

#[test]
fn a_waiver_is_in_its_row() {
    let rows = read(&project(&waived(stored("broken"), "FAIL"), None, "csv").path);
    let waived: Vec<&Row> = rows.iter().filter(|row| row["waived"] == "true").collect();
    assert!(!waived.is_empty());
    assert!(waived.iter().all(|row| row["status"] == "FAIL" && row["waiver_reason"] == "Moves in OPS-412"));
}

#[test]
fn beside_a_baseline_rows_say_what_is_new() {
    let (dev, broken) = (stored("dev"), stored("broken"));
    let rows = read(&project(&broken, Some(&dev), "csv").path);
    let changes = |status: &str, change: &str| {
        rows.iter().filter(|row| row["status"] == status && row["change"] == change).count()
    };
    assert!(changes("FAIL", "new") + changes("FAIL", "updated") > 10);
    assert!(changes("PASS", "unchanged") > 10);
    let mended = read(&project(&broken, Some(&earlier("denied")), "csv").path);
    let absent: Vec<&Row> = mended.iter().filter(|row| row["change"] == "absent").collect();
    assert!(!absent.is_empty() && absent.iter().all(|row| row["status"] == "UNKNOWN"));
}

#[test]
fn a_broken_file_is_refused() {
    let whole = project(&stored("dev"), None, "csv");
    let broken = whole.other(&whole.text().replacen("\",\"", "\"x,\"", 1));
    for mut reader in [python("csv_strict.py"), node("csv_strict.js")] {
        assert!(!reader.arg(&broken).output().expect("it starts").status.success());
    }
}
