//! `ocsf`: a Compliance Finding (class 2003) of OCSF 1.6.0 a line, for SIEMs and security lakes. After the findings come
//! the baseline's that are gone, as closed, and what the designs ask for and nobody judged.

mod parts;

use std::collections::BTreeSet;
use std::io;

use parts::{LISTED, cloud, evidences, resource, unmapped};
use serde_json::{Value, json};

use super::Report;
use super::feed::{Bounds, Entry, Feed, object};
use super::json::visible;
use crate::model::run::{Audit, Change, Disposition, Finding, Run, Severity, Status, Unassessed};

const CLASS: u32 = 2003;
/// The longest text, in characters.
const TEXT: usize = 2048;

pub(super) struct Ocsf;

/// An enumerated value and the caption that stands beside it. `OTHER` is what the schema has no number for.
type Named = (u32, &'static str);
const OTHER: u32 = 99;
const CREATE: Named = (1, "Create");
const UPDATE: Named = (2, "Update");
const CLOSE: Named = (3, "Close");
const INFORMATIONAL: Named = (1, "Informational");

impl Report for Ocsf {
    fn id(&self) -> &'static str {
        "ocsf"
    }

    fn write(&self, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
        let feed = Feed::of(run);
        for entry in feed.entries() {
            line(&of_finding(&feed, &entry), out)?;
        }
        for audit in &run.audits {
            for unassessed in &audit.unassessed {
                line(&of_unassessed(run, audit, unassessed), out)?;
            }
        }
        Ok(())
    }
}

fn line(event: &Value, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{}", visible(&serde_json::to_string(event)?))
}

fn of_finding(feed: &Feed<'_>, entry: &Entry<'_>) -> Value {
    let Entry { finding, audit, gone } = *entry;
    let mut to = Bounds::default();
    let message = to.text(&finding.message, TEXT);
    let activity = match finding.change {
        _ if gone => CLOSE,
        Some(Change::Updated | Change::Unchanged) => UPDATE,
        Some(Change::New) | None => CREATE,
    };
    let verdict = if gone { (OTHER, "Gone") } else { verdict(finding.status) };
    let open = !gone && finding.status.is_wrong();
    // What becomes of a finding is its reader's to say; the run knows what was waived, and what is no finding.
    let state = match &finding.disposition {
        _ if gone => (5, "Archived"),
        Some(Disposition::Waived { .. }) => (3, "Suppressed"),
        None if open => (1, "New"),
        None => (OTHER, verdict.1),
    };
    let time = feed.run.captured_at;
    let says = to.some(if finding.says.is_empty() { &finding.check } else { &finding.says }, TEXT);
    let cloud = cloud(feed, finding, &mut to);
    let profiles: &[&str] = if cloud.is_null() { &[] } else { &["cloud"] };
    let observables: &[Value] = &if finding.subject.is_resource() {
        vec![object([
            ("name", json!("resources.uid")),
            ("type_id", json!(10)),
            ("type", json!("Resource UID")),
            ("value", to.text(&finding.subject.id, TEXT).into()),
        ])]
    } else {
        Vec::new()
    };
    let first_seen = (finding.change == Some(Change::New)).then(|| time.timestamp_millis());
    let check = to.some(&finding.check, TEXT);
    let evidences = evidences(&finding.evidence, &mut to);
    let fix = to.text(&finding.fix, TEXT);
    let calls: BTreeSet<&str> =
        finding.evidence.iter().map(|e| e.call.as_str()).filter(|call| !call.is_empty()).collect();
    let fields = [
        ("cloud", cloud),
        (
            "finding_info",
            object([
                ("uid", to.some(&finding.id, TEXT).into()),
                ("title", says.clone().into()),
                ("desc", to.text(&finding.why, TEXT).into()),
                ("types", json!(["Reference design"])),
                ("data_sources", to.list(calls, LISTED, TEXT).into()),
                ("first_seen_time", first_seen.into()),
                ("last_seen_time", (!gone).then(|| time.timestamp_millis()).into()),
                (
                    "analytic",
                    json!({ "uid": check, "type": "Rule", "type_id": 1, "version": audit.design.version }),
                ),
            ]),
        ),
        (
            "compliance",
            object([
                ("standards", json!([to.some(&audit.design.title, TEXT)])),
                ("control", check.into()),
                (
                    "requirements",
                    to.list([finding.cite.as_str()].into_iter().filter(|c| !c.is_empty()), 1, TEXT).into(),
                ),
                ("desc", says.into()),
                ("category", finding.basis.as_str().into()),
                ("status_id", verdict.0.into()),
                ("status", verdict.1.into()),
                ("status_code", finding.status.as_str().into()),
                ("status_details", json!([message.as_str()])),
            ]),
        ),
        ("resources", json!([resource(feed, entry, &mut to)])),
        ("observables", observables.into()),
        ("evidences", evidences.into()),
        ("remediation", if fix.is_empty() { Value::Null } else { json!({ "desc": fix }) }),
        ("status_id", state.0.into()),
        ("status", state.1.into()),
        ("status_code", finding.status.as_str().into()),
        ("status_detail", detail(finding, gone, &message, &mut to).into()),
        ("unmapped", unmapped(feed.run, entry, &mut to)),
    ];
    let severity = if open { severity(finding.severity) } else { INFORMATIONAL };
    let uid = format!("{}@{}", finding.id, feed.run.snapshot_digest);
    let event = Event { activity, severity, uid, profiles, message };
    event.with(feed.run, fields, &to)
}

/// What a design asks for and no check judges: neither passed nor failed.
fn of_unassessed(run: &Run, audit: &Audit, unassessed: &Unassessed) -> Value {
    let mut to = Bounds::default();
    let check = to.some(&format!("{}/{}", audit.design.id, unassessed.id), TEXT);
    let id = to.some(&format!("{}/{check}", run.env), TEXT);
    let says = to.some(&unassessed.says, TEXT);
    let why = to.some(&unassessed.why, TEXT);
    let policy = json!({ "file": to.text(&unassessed.policy.file, TEXT), "line": unassessed.policy.line });
    let fields = [
        (
            "finding_info",
            object([
                ("uid", id.as_str().into()),
                ("title", says.clone().into()),
                ("types", json!(["Reference design"])),
            ]),
        ),
        (
            "compliance",
            object([
                ("standards", json!([to.some(&audit.design.title, TEXT)])),
                ("control", check.into()),
                ("requirements", json!([to.some(&unassessed.cite, TEXT)])),
                ("desc", says.into()),
                ("status_id", OTHER.into()),
                ("status", "Not Assessed".into()),
                ("status_code", "NOT_ASSESSED".into()),
                ("status_details", json!([why.as_str()])),
            ]),
        ),
        ("status_id", OTHER.into()),
        ("status", "Not Assessed".into()),
        ("status_code", "NOT_ASSESSED".into()),
        ("status_detail", why.as_str().into()),
        ("unmapped", object([("env", to.text(&run.env, TEXT).into()), ("policy", policy)])),
    ];
    let uid = format!("{id}@{}", run.snapshot_digest);
    let message = format!("not assessed: {why}");
    let event = Event { activity: CREATE, severity: INFORMATIONAL, uid, profiles: &[], message };
    event.with(run, fields, &to)
}

/// What every event of the class tells of itself.
struct Event<'e> {
    activity: Named,
    severity: Named,
    uid: String,
    profiles: &'e [&'e str],
    message: String,
}

impl Event<'_> {
    fn with<const N: usize>(self, run: &Run, fields: [(&'static str, Value); N], bounds: &Bounds) -> Value {
        let Self { activity, severity, uid, profiles, message } = self;
        let mut all = object([
            ("activity_id", activity.0.into()),
            ("activity_name", activity.1.into()),
            ("category_uid", 2.into()),
            ("category_name", "Findings".into()),
            ("class_uid", CLASS.into()),
            ("class_name", "Compliance Finding".into()),
            ("type_uid", (CLASS * 100 + activity.0).into()),
            ("type_name", format!("Compliance Finding: {}", activity.1).into()),
            ("time", run.captured_at.timestamp_millis().into()),
            ("severity_id", severity.0.into()),
            ("severity", severity.1.into()),
            ("message", message.into()),
            (
                "metadata",
                object([
                    ("version", "1.6.0".into()),
                    ("profiles", profiles.into()),
                    ("uid", uid.into()),
                    ("correlation_uid", run.snapshot_digest.as_str().into()),
                    ("processed_time", run.finished_at.timestamp_millis().into()),
                    ("is_truncated", bounds.cut.then_some(true).into()),
                    (
                        "product",
                        json!({ "name": run.tool.name, "vendor_name": run.tool.name, "version": run.tool.version }),
                    ),
                ]),
            ),
        ]);
        if let (Value::Object(all), Value::Object(fields)) = (&mut all, object(fields)) {
            all.extend(fields);
        }
        all
    }
}

/// UNKNOWN is the schema's Warning: "did not yield a result due to missing information".
fn verdict(status: Status) -> Named {
    match status {
        Status::Pass => (1, "Pass"),
        Status::Unknown => (2, "Warning"),
        Status::Fail => (3, "Fail"),
        Status::NotApplicable => (OTHER, "Not Applicable"),
    }
}

fn severity(severity: Severity) -> Named {
    match severity {
        Severity::Info => INFORMATIONAL,
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

fn detail(finding: &Finding, gone: bool, message: &str, to: &mut Bounds) -> String {
    match &finding.disposition {
        _ if gone => format!("no finding any more; it was: {message}"),
        Some(waiver) => to.text(&format!("waived {}", waiver.told()), TEXT),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::baseline;
    use crate::model::snapshot::Outcome;
    use crate::report::sample;

    fn written(run: &Run) -> String {
        let mut bytes = Vec::new();
        Ocsf.write(run, &mut bytes).expect("memory takes every byte");
        String::from_utf8(bytes).expect("text")
    }

    fn events(run: &Run) -> Vec<Value> {
        written(run).lines().map(|line| serde_json::from_str(line).expect("an event")).collect()
    }

    fn of<'e>(events: &'e [Value], check: &str) -> &'e Value {
        let control = format!("{}/{check}", sample::DESIGN);
        events.iter().find(|event| event["compliance"]["control"] == control.as_str()).expect("an event")
    }

    #[test]
    fn verdicts_are_told_apart() {
        let events = events(&sample::run());
        for (check, verdict, state, severity) in [
            ("node.vpc", json!([1, "Pass"]), json!([99, "Pass"]), "Informational"),
            ("node.nat", json!([3, "Fail"]), json!([1, "New"]), "High"),
            ("node.database", json!([2, "Warning"]), json!([1, "New"]), "Medium"),
            ("node.database/private", json!([3, "Fail"]), json!([3, "Suppressed"]), "Critical"),
            (
                "edge.task-registry",
                json!([99, "Not Applicable"]),
                json!([99, "Not Applicable"]),
                "Informational",
            ),
            ("release-tags", json!([99, "Not Assessed"]), json!([99, "Not Assessed"]), "Informational"),
        ] {
            let event = of(&events, check);
            assert_eq!(json!([event["compliance"]["status_id"], event["compliance"]["status"]]), verdict);
            assert_eq!(json!([event["status_id"], event["status"]]), state, "{check}");
            assert_eq!(event["severity"], severity, "{check}");
            assert_eq!(
                (&event["type_uid"], &event["time"]),
                (&json!(200_301), &json!(1_795_167_000_000_i64))
            );
        }
    }

    #[test]
    fn a_waiver_is_told_with_its_reason() {
        let events = events(&sample::run());
        let event = of(&events, "node.database/private");
        let detail = event["status_detail"].as_str().expect("text");
        assert!(detail.contains("until 2027-01-31") && detail.contains("OPS-412"), "{detail}");
        assert_eq!(event["unmapped"]["waiver"]["approved_by"], "secops@example.com");
    }

    #[test]
    fn one_event_a_finding_and_one_a_requirement_not_assessed() {
        let run = sample::run();
        let expected = run.audits[0].findings.len() + run.audits[0].unassessed.len();
        assert_eq!(written(&run).lines().count(), expected);
        assert_eq!(written(&run), written(&sample::run()));
        assert_eq!(written(&sample::empty()), "");
    }

    #[test]
    fn a_region_is_told_whatever_its_cloud_calls_it() {
        for (kind, account, region, told) in [
            ("aws.vpc", "111111111111", "us-west-1", json!("us-west-1")),
            ("aws.vpc", "111111111111", "global", Value::Null),
            ("azure.virtual_network", "subscription", "germanywestcentral", json!("germanywestcentral")),
            ("azure.virtual_network", "subscription", "global", Value::Null),
            ("azure.virtual_network", "subscription", "", Value::Null),
            ("k8s.node", "cluster", "germanywestcentral", Value::Null),
        ] {
            let mut run = sample::run();
            let subject = &mut run.audits[0].findings[0].subject;
            (subject.kind, subject.account, subject.region) = (kind.into(), account.into(), region.into());
            let event = &events(&run)[0];
            assert_eq!(
                (&event["cloud"]["region"], &event["resources"][0]["region"]),
                (&told, &told),
                "{kind}"
            );
        }
    }

    #[test]
    fn activities_follow_the_baseline() {
        let mut run = sample::run();
        run.coverage.retain(|call| call.outcome == Outcome::Complete);
        let mut earlier = sample::run();
        earlier.audits[0].findings[0].id = "other".to_owned();
        let failed = earlier.audits[0].findings.iter_mut().rfind(|f| f.status == Status::Fail);
        failed.expect("a failure").id = "repaired".to_owned();
        baseline::compare(&mut run, &earlier).expect("one env");
        let events = events(&run);
        let count = |id: u32| events.iter().filter(|event| event["activity_id"] == id).count();
        assert_eq!((count(1), count(3)), (2 + 1, 1), "new ones and the not assessed; the repaired one");
        assert_eq!(count(2), run.audits[0].findings.len() - 2);
        let closed = events.iter().find(|event| event["activity_id"] == 3).expect("closed");
        assert_eq!(closed["finding_info"]["uid"], "repaired");
        assert_eq!(closed["compliance"]["status"], "Gone");
    }

    #[test]
    fn what_is_too_long_is_cut_and_says_so() {
        let mut run = sample::run();
        assert!(!written(&run).contains("is_truncated"));
        let nat = run.audits[0].findings.iter_mut().find(|f| f.subject.id == "nat").expect("there");
        nat.message = "x".repeat(1 << 20);
        nat.evidence[0].value = json!("\u{1b}]0;".repeat(1 << 12));
        nat.evidence = vec![nat.evidence[0].clone(); 200];
        let text = written(&run);
        assert!(text.len() < 1 << 21, "{}", text.len());
        assert!(text.lines().any(|line| line.contains("\"is_truncated\":true")));
        assert!(!text.contains('\u{1b}'));
    }
}
