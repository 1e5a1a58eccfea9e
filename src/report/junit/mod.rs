//! `junit`: what CI servers show of tests. A suite is a design, a case is a check; the worst finding that no waiver covers
//! decides how the case came out, and its text tells all of them.
//!
//! A failure is FAIL, an error UNKNOWN: both stop a build. Skipped is a case with nothing worse than what is waived, or
//! does not apply: readers show what passed as a mere number, and a waiver must not hide there. Suites are not nested, as
//! not every reader goes into inner ones; a case's name begins with what it belongs to: `node.`, `edge.`, `path.`, `rule.`.
//! A run that is no verdict has one suite more, with an error. What XML 1.0 has no way to write (NUL and other controls, U+FFFE, U+FFFF) is an escape that can be read.

mod told;

use std::io;

use super::Report;
use crate::model::run::{Audit, Disposition, Finding, Run, Status};
use told::{about, evidence, gone, told, unread, waiver, xml};

pub(super) struct JUnit;

impl Report for JUnit {
    fn id(&self) -> &'static str {
        "junit"
    }

    fn write(&self, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
        let suites: Vec<Vec<Case<'_>>> = run.audits.iter().map(cases).collect();
        let counts = Counts::of(suites.iter().flatten());
        let took = (run.finished_at - run.started_at).num_milliseconds().max(0);
        writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
        let name = xml(&format!("{} {}", run.tool.name, run.env));
        let Counts { tests, failures, errors, .. } = counts;
        let doubt = usize::from(run.no_verdict.is_some());
        let (tests, errors) = (tests + doubt, errors + doubt);
        write!(out, r#"<testsuites name="{name}" tests="{tests}" failures="{failures}" errors="{errors}""#)?;
        writeln!(out, r#" time="{}.{:03}">"#, took / 1000, took % 1000)?;
        if let Some(why) = &run.no_verdict {
            no_verdict(run, why, out)?;
        }
        for (audit, cases) in run.audits.iter().zip(&suites) {
            suite(run, audit, cases, out)?;
        }
        writeln!(out, "</testsuites>")
    }
}

/// What a check came to.
struct Case<'r> {
    /// Without the design.
    name: &'r str,
    /// The worst first.
    findings: Vec<&'r Finding>,
    verdict: Verdict<'r>,
}

#[derive(Clone, Copy)]
enum Verdict<'r> {
    Passed,
    /// The worst that is FAIL or UNKNOWN and that no waiver covers.
    Wrong(&'r Finding),
    Waived(&'r Finding, &'r Disposition),
    NotApplicable(&'r Finding),
}

fn cases(audit: &Audit) -> Vec<Case<'_>> {
    audit.by_check().into_iter().map(|(check, findings)| Case::of(audit, check, findings)).collect()
}

impl<'r> Case<'r> {
    fn of(audit: &Audit, check: &'r str, mut findings: Vec<&'r Finding>) -> Self {
        findings.sort_by_key(|f| std::cmp::Reverse((f.disposition.is_none(), f.status, f.severity)));
        let waived = findings.iter().find_map(|f| f.disposition.as_ref().map(|why| (*f, why)));
        // Sorted: the first is the worst of those that no waiver covers, if there is one.
        let verdict = match (findings[0], waived) {
            (f, _) if f.is_open() => Verdict::Wrong(f),
            (_, Some((f, why))) => Verdict::Waived(f, why),
            (f, None) if f.status == Status::NotApplicable => Verdict::NotApplicable(f),
            _ => Verdict::Passed,
        };
        Self { name: audit.short(check), findings, verdict }
    }
}

#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn of<'c>(cases: impl Iterator<Item = &'c Case<'c>>) -> Self {
        let mut counts = Self::default();
        for case in cases {
            counts.tests += 1;
            match case.verdict {
                Verdict::Passed => {}
                Verdict::Wrong(finding) if finding.status == Status::Fail => counts.failures += 1,
                Verdict::Wrong(_) => counts.errors += 1,
                Verdict::Waived(..) | Verdict::NotApplicable(_) => counts.skipped += 1,
            }
        }
        counts
    }
}

fn suite(run: &Run, audit: &Audit, cases: &[Case<'_>], out: &mut dyn io::Write) -> io::Result<()> {
    let design = xml(&audit.design.id);
    let Counts { tests, failures, errors, skipped } = Counts::of(cases.iter());
    write!(out, r#"  <testsuite name="{design}" tests="{tests}" failures="{failures}" errors="{errors}""#)?;
    let captured_at = run.captured_at.format("%Y-%m-%dT%H:%M:%S");
    writeln!(out, r#" skipped="{skipped}" time="0" timestamp="{captured_at}">"#)?;
    properties(run, audit, out)?;
    for case in cases {
        self::case(&design, case, out)?;
    }
    let gone = gone(run, audit);
    if !gone.is_empty() {
        writeln!(out, "    <system-out>{gone}</system-out>")?;
    }
    let unread = unread(run);
    if !unread.is_empty() {
        writeln!(out, "    <system-err>{unread}</system-err>")?;
    }
    writeln!(out, "  </testsuite>")
}

/// Whatever its tests say, a run without a verdict is no success.
fn no_verdict(run: &Run, why: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let (why, at) = (xml(why), run.captured_at.format("%Y-%m-%dT%H:%M:%S"));
    writeln!(
        out,
        r#"  <testsuite name="run" tests="1" failures="0" errors="1" skipped="0" time="0" timestamp="{at}">"#
    )?;
    writeln!(out, r#"    <testcase classname="run" name="verdict" time="0">"#)?;
    writeln!(out, r#"      <error type="no verdict" message="{why}">This is no verdict: {why}.</error>"#)?;
    writeln!(out, "    </testcase>\n  </testsuite>")
}

fn properties(run: &Run, audit: &Audit, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "    <properties>")?;
    let mut property = |name: &str, value: &str| {
        writeln!(out, r#"      <property name="{}" value="{}"/>"#, xml(name), xml(value))
    };
    property("env", &run.env)?;
    property("status", audit.status.as_str())?;
    property("level", run.level.as_str())?;
    property("captured_at", &run.captured_at.to_rfc3339())?;
    property("snapshot_digest", &run.snapshot_digest)?;
    property("design.title", &audit.design.title)?;
    property("design.version", &audit.design.version)?;
    property("design.digest", &audit.design.digest)?;
    if let Some(baseline) = &run.baseline {
        property("baseline.captured_at", &baseline.captured_at.to_rfc3339())?;
    }
    for unassessed in &audit.unassessed {
        let value = format!("{} ({}): {}", unassessed.says, unassessed.cite, unassessed.why);
        property(&format!("unassessed.{}", unassessed.id), &value)?;
    }
    writeln!(out, "    </properties>")
}

fn case(design: &str, case: &Case<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    write!(out, r#"    <testcase classname="{design}" name="{}" time="0""#, xml(case.name))?;
    if matches!(case.verdict, Verdict::Passed) && case.findings.iter().all(|f| f.evidence.is_empty()) {
        return writeln!(out, "/>");
    }
    writeln!(out, ">")?;
    let text = told(case);
    match case.verdict {
        Verdict::Passed => {}
        Verdict::Wrong(finding) => {
            let tag = if finding.status == Status::Fail { "failure" } else { "error" };
            let message = about(finding);
            let kind = format!("{}.{}", finding.status.as_str(), finding.severity.as_str());
            writeln!(out, r#"      <{tag} type="{kind}" message="{message}">{text}</{tag}>"#)?;
        }
        Verdict::Waived(finding, why) => {
            let message = format!("{}; {}", waiver(why), about(finding));
            writeln!(out, r#"      <skipped type="waived" message="{message}">{text}</skipped>"#)?;
        }
        Verdict::NotApplicable(finding) => {
            let message = about(finding);
            writeln!(out, r#"      <skipped type="not applicable" message="{message}">{text}</skipped>"#)?;
        }
    }
    writeln!(out, "      <system-out>{}</system-out>", evidence(case))?;
    writeln!(out, "    </testcase>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::run::Baseline;
    use crate::report::sample;

    fn written(run: &Run) -> String {
        let mut bytes = Vec::new();
        JUnit.write(run, &mut bytes).expect("memory takes every byte");
        String::from_utf8(bytes).expect("text")
    }

    fn case_of<'t>(text: &'t str, name: &str) -> &'t str {
        let start = text.find(&format!("name=\"{name}\"")).expect("the case is there");
        let end = text[start..].find("    <testcase").unwrap_or(text.len() - start);
        &text[start..start + end]
    }

    #[test]
    fn a_case_a_check_and_the_counts_add_up() {
        let text = written(&sample::run());
        assert_eq!(text.matches("<testcase ").count(), 12);
        assert_eq!(text.matches("<failure ").count(), 5);
        assert_eq!(text.matches("<error ").count(), 2);
        assert_eq!(text.matches("<skipped ").count(), 2);
        let counts = r#"<testsuite name="aws-ecs-fargate" tests="12" failures="5" errors="2" skipped="2""#;
        assert!(text.contains(counts), "{text}");
    }

    #[test]
    fn all_findings_of_a_case_are_told() {
        let text = written(&sample::run());
        let case = case_of(&text, "edge.private-nat");
        assert!(case.contains("private-a") && case.contains("private-b"), "{case}");
        assert!(case.contains("caused by: aws-ecs-fargate/node.nat"), "{case}");
    }

    #[test]
    fn unknown_is_an_error_and_a_waiver_is_seen() {
        let text = written(&sample::run());
        assert!(case_of(&text, "node.database").contains(r#"<error type="UNKNOWN.medium""#));
        let waived = case_of(&text, "node.database/private");
        assert!(waived.contains(r#"<skipped type="waived" message="waived until 2027-01-31: Moves to"#));
        let none = case_of(&text, "edge.task-registry");
        assert!(none.contains(r#"<skipped type="not applicable""#), "{none}");
        assert!(text.contains(r#"<property name="unassessed.release-tags""#));
        assert!(text.contains("not read: denied dynamodb:ListTables"), "{text}");
    }

    #[test]
    fn a_waiver_of_one_finding_hides_no_other() {
        let mut run = sample::run();
        let findings = &mut run.audits[0].findings;
        let mut waived = findings.iter().find(|f| f.disposition.is_some()).expect("one").clone();
        let mut other = findings.iter().find(|f| f.status == Status::Unknown).expect("one").clone();
        other.check.clone_from(&waived.check);
        waived.check.push_str("-too");
        let mut passes = other.clone();
        passes.check.clone_from(&waived.check);
        passes.status = Status::Pass;
        findings.extend([other, passes, waived]);
        let text = written(&run);
        let case = case_of(&text, "node.database/private");
        assert!(case.contains("<error ") && case.contains("OPS-412"), "{case}");
        assert!(case_of(&text, "node.database/private-too").contains(r#"<skipped type="waived""#));
    }

    #[test]
    fn a_hostile_name_is_text_and_bounded() {
        let mut run = sample::run();
        for finding in &mut run.audits[0].findings {
            finding.subject.name = "]]>\u{0}<!--\u{ffff}".into();
            finding.message = "x".repeat(1 << 20);
        }
        let text = written(&run);
        assert!(!text.contains(['\u{0}', '\u{ffff}']) && !text.contains("]]>") && !text.contains("<!--"));
        assert!(text.len() < 100_000, "{}", text.len());
    }

    #[test]
    fn what_went_since_the_baseline_is_told() {
        let mut run = sample::run();
        run.baseline = Some(Baseline {
            env: "dev".into(),
            captured_at: sample::time(),
            snapshot_digest: String::new(),
            absent: vec![sample::finding("node.gone", "aws.vpc", "vpc-gone", "gone")],
        });
        assert!(written(&run).contains("gone since the baseline: PASS aws-ecs-fargate/node.gone"));
    }
}
