//! `ocsf` against the OCSF 1.6.0 schema that schema.ocsf.io exports.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::consumers::{ENVS, Written, content, earlier, python, report, report_with};
use crate::hostile;

const SCRIPT: &str = "ocsf_events.py";

/// Of each report, how many events there are of each activity, verdict and state.
#[track_caller]
fn read(reports: &[Written]) -> Vec<BTreeMap<String, u64>> {
    let paths = reports.iter().map(|written| &written.path);
    serde_json::from_str(&content(&mut python(SCRIPT), paths)).expect("counts")
}

fn events(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("an event a line")).collect()
}

#[test]
fn every_recorded_account_validates() {
    let reports: Vec<Written> = ENVS.iter().map(|env| report(env, "ocsf")).collect();
    for (env, counts) in ENVS.iter().zip(read(&reports)) {
        let count = |name: &str| counts.get(name).copied().unwrap_or(0);
        assert!(count("Create Pass, Pass") > 40, "{env}: {counts:?}");
        assert!(count("Create Not Assessed, Not Assessed") > 0, "{env}: {counts:?}");
        assert_eq!(count("Create Fail, New") > 0, env.contains("broken"), "{env}: {counts:?}");
        assert_eq!(count("Create Warning, New") > 0, env.contains("denied"), "{env}: {counts:?}");
    }
}

#[test]
fn what_is_a_finding_no_more_is_closed() {
    let earlier = earlier("denied");
    let earlier = earlier.path.to_str().expect("a path");
    let written = report_with(&["--env", "dev", "--level", "hardening", "--baseline", earlier], "ocsf");
    let counts = read(&[written]).remove(0);
    let of = |word: &str| -> u64 {
        counts.iter().filter(|(name, _)| name.starts_with(word)).map(|(_, count)| count).sum()
    };
    assert!(of("Update Pass") > 50, "{counts:?}");
    assert!(of("Close Gone, Archived") > 0, "{counts:?}");
    assert_eq!(of("Close"), of("Close Gone, Archived"), "{counts:?}");
}

#[test]
fn a_hostile_account_validates_too() {
    let long = hostile::long();
    let texts = hostile::TEXTS.into_iter().chain([long.as_str()]);
    let reports: Vec<Written> =
        texts.map(|text| report_with(&hostile::account(text).arguments(), "ocsf")).collect();
    read(&reports);
    for written in &reports {
        let text = written.text();
        assert!(text.lines().all(|line| line.len() < 600_000));
        assert!(!text.contains(|c: char| c != '\n' && (c.is_control() || "\u{202e}\u{2028}".contains(c))));
    }
    assert!(reports.last().expect("the long one").text().contains("\"is_truncated\":true"));
}

#[test]
fn the_schema_refuses_what_it_does_not_know() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("events");
    let good = report("broken", "ocsf").text();
    let faults: [fn(&mut Value); 5] = [
        |event| event["type_uid"] = json!(200_302),
        |event| event["compliance"]["status_id"] = json!(7),
        |event| event["severity_id"] = json!(5),
        |event| event["resources"][0]["secret"] = json!(1),
        |event| drop(event.as_object_mut().expect("an event").remove("finding_info")),
    ];
    for (number, fault) in faults.iter().enumerate() {
        let mut events = events(&good);
        // Of a failure of high severity: what is changed is not what it was.
        let event = events.iter_mut().find(|event| event["severity_id"] == 4).expect("one");
        fault(event);
        let lines: Vec<String> = events.iter().map(ToString::to_string).collect();
        fs::write(&path, lines.join("\n")).expect("written");
        let output = python(SCRIPT).arg(&path).output().expect("it starts");
        assert!(!output.status.success(), "fault {number} was taken");
    }
}
