//! `prometheus`: gauges, as text that is `OpenMetrics` 1.0 and the older Prometheus format at once: a server scrapes it,
//! a node exporter's textfile collector takes it, `promtool` is content with it.
//!
//! Two rules make it fit for alerts. What can be counted is there also where the count is 0: a series that is absent
//! makes an alert blind. And what was not judged has no 0: beyond the run's level nothing is said. How many series
//! there are depends on the designs, never on what the accounts hold: no resource and no account is a label.

mod family;

use std::collections::BTreeMap;
use std::io;

use super::Report;
use crate::model::run::{Audit, Basis, Run, Severity, Status};
use crate::model::scope::Provider;
use crate::model::snapshot::{Origin, Outcome};
use family::{Family, unix};

pub(super) struct Prometheus;

impl Report for Prometheus {
    fn id(&self) -> &'static str {
        "prometheus"
    }

    fn write(&self, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
        let env = run.env.as_str();
        let families = of_run(run, env).into_iter().chain(of_designs(run, env));
        for family in families.chain(since_baseline(run, env).into_iter().flatten()) {
            family.write(out)?;
        }
        out.write_all(b"# EOF\n")
    }
}

/// What is said once a run.
fn of_run(run: &Run, env: &str) -> Vec<Family> {
    let mut build = Family::new("stacks_audit_build_info", "The program that made the report, always 1.");
    build.set(&[("env", env), ("version", &run.tool.version), ("commit", &run.tool.commit)], 1.0);
    let mut info = Family::new(
        "stacks_audit_run_info",
        "Where the facts are from (live, or a recording) and up to which basis was judged, always 1.",
    );
    let source = match run.source {
        Origin::Live => "live",
        Origin::Tape => "tape",
        Origin::Snapshot => "snapshot",
    };
    info.set(&[("env", env), ("source", source), ("level", run.level.as_str())], 1.0);
    let mut status = Family::new("stacks_audit_status", "Whether the run's status is this one, 0 or 1.");
    status.one_hot(&[("env", env)], run.status);
    let mut doubt = Family::new(
        "stacks_audit_no_verdict",
        "Whether there is nothing here to build on, whatever the status: facts too old, or not live, or none; 0 or 1.",
    );
    doubt.count(&[("env", env)], u64::from(run.no_verdict.is_some()));

    let mut duration =
        Family::seconds("stacks_audit_scan_duration_seconds", "How long it took to collect the facts.");
    duration.set(&[("env", env)], (run.finished_at - run.started_at).num_milliseconds() as f64 / 1e3);
    let time = |name, help, at| {
        let mut family = Family::seconds(name, help);
        family.set(&[("env", env)], unix(at));
        family
    };
    let mut families = vec![
        build,
        info,
        status,
        doubt,
        duration,
        time("stacks_audit_captured_timestamp_seconds", "When the facts were read.", run.captured_at),
        time("stacks_audit_started_timestamp_seconds", "When the scan started.", run.started_at),
        time("stacks_audit_finished_timestamp_seconds", "When the scan was finished.", run.finished_at),
    ];
    let evidence = run.findings().flat_map(|finding| &finding.evidence);
    if let Some(oldest) = evidence.filter_map(|evidence| evidence.at).min() {
        let name = "stacks_audit_oldest_evidence_timestamp_seconds";
        families.push(time(name, "When the oldest fact was read that a verdict rests on.", oldest));
    }

    let mut calls = Family::new("stacks_audit_calls", "Calls to a provider, by how they ended.");
    for provider in Provider::ALL {
        for outcome in Outcome::ALL {
            let these =
                run.coverage.iter().filter(|call| call.scope.provider == provider && call.outcome == outcome);
            calls.count(
                &[("env", env), ("provider", provider.as_str()), ("outcome", outcome.as_str())],
                these.count() as u64,
            );
        }
    }
    let mut waivers = Family::new(
        "stacks_audit_waivers",
        "Waivers, by whether they cover something, cover nothing, or are past their day.",
    );
    let all =
        [("used", &run.waivers.used), ("unused", &run.waivers.unused), ("expired", &run.waivers.expired)];
    for (state, these) in all {
        waivers.count(&[("env", env), ("state", state)], these.len() as u64);
    }
    families.extend([calls, waivers]);
    families
}

/// What is said of each design.
fn of_designs(run: &Run, env: &str) -> [Family; 9] {
    let mut info = Family::new("stacks_audit_design_info", "The design that was judged by, always 1.");
    let mut status =
        Family::new("stacks_audit_design_status", "Whether the design's status is this one, 0 or 1.");
    let mut all = Family::new(
        "stacks_audit_findings",
        "Verdicts, those that hold included; waived tells whether a waiver covers them.",
    );
    let mut checks = Family::new(
        "stacks_audit_check_open_findings",
        "Failures and unknowns of a check that no waiver covers.",
    );
    let mut roots =
        Family::new("stacks_audit_root_findings", "Failures and unknowns that no other one caused.");
    let mut unassessed = Family::new(
        "stacks_audit_unassessed_statements",
        "What the design says and this version does not judge.",
    );
    let mut nodes = Family::new("stacks_audit_nodes", "Boxes of the drawing.");
    let mut edges = Family::new("stacks_audit_edges", "Arrows of the drawing.");
    let mut paths = Family::new("stacks_audit_paths", "Ways of packets through the drawing.");
    for audit in &run.audits {
        let of = [("env", env), ("design", audit.design.id.as_str())];
        info.set(&[of[0], of[1], ("version", &audit.design.version)], 1.0);
        status.one_hot(&of, audit.status);
        count_findings(&mut all, of, run.level, audit);
        count_open(&mut checks, of, audit);
        roots.count(&of, audit.summary.roots);
        unassessed.count(&of, audit.unassessed.len() as u64);
        nodes.by_status(&of, audit.nodes.iter().map(|node| node.status));
        edges.by_status(&of, audit.edges.iter().map(|edge| edge.status));
        paths.by_status(&of, audit.paths.iter().map(|path| path.status));
    }
    [info, status, all, checks, roots, unassessed, nodes, edges, paths]
}

fn count_findings(into: &mut Family, of: [(&str, &str); 2], level: Basis, audit: &Audit) {
    let mut counts = BTreeMap::new();
    for basis in Basis::ALL.into_iter().filter(|basis| *basis <= level) {
        for (status, severity) in
            Status::ALL.iter().flat_map(|status| Severity::ALL.map(|each| (*status, each)))
        {
            counts.insert((status, severity, basis, false), 0);
            counts.insert((status, severity, basis, true), 0);
        }
    }
    for finding in &audit.findings {
        let waived = finding.disposition.is_some();
        *counts.entry((finding.status, finding.severity, finding.basis, waived)).or_insert(0) += 1;
    }
    for ((status, severity, basis, waived), count) in counts {
        let pairs = [
            of[0],
            of[1],
            ("status", status.as_str()),
            ("severity", severity.as_str()),
            ("basis", basis.as_str()),
            ("waived", if waived { "true" } else { "false" }),
        ];
        into.count(&pairs, count);
    }
}

/// Which checks are open. Those that hold say 0, so that an alert about one of them ends when it is mended.
fn count_open(into: &mut Family, of: [(&str, &str); 2], audit: &Audit) {
    let mut counts: BTreeMap<(&str, Severity, Status), u64> = BTreeMap::new();
    for finding in &audit.findings {
        for status in [Status::Fail, Status::Unknown] {
            let open = finding.status == status && finding.disposition.is_none();
            *counts.entry((&finding.check, finding.severity, status)).or_insert(0) += u64::from(open);
        }
    }
    for ((check, severity, status), count) in counts {
        let pairs =
            [of[0], of[1], ("check", check), ("severity", severity.as_str()), ("status", status.as_str())];
        into.count(&pairs, count);
    }
}

/// What became of findings since the baseline, where there is one.
fn since_baseline(run: &Run, env: &str) -> Option<[Family; 2]> {
    let baseline = run.baseline.as_ref()?;
    let mut captured = Family::seconds(
        "stacks_audit_baseline_captured_timestamp_seconds",
        "When the facts of the earlier run were read that this one was compared with.",
    );
    captured.set(&[("env", env)], unix(baseline.captured_at));
    let mut changes = Family::new(
        "stacks_audit_changed_findings",
        "Verdicts by what became of them since the baseline; absent are its failures and unknowns that are gone.",
    );
    let mut add = |design: &str, change: &str, status: Status, count| {
        let pairs = [("env", env), ("design", design), ("change", change), ("status", status.as_str())];
        changes.count(&pairs, count);
    };
    for audit in &run.audits {
        for change in ["new", "updated", "unchanged", "absent"] {
            for status in Status::ALL {
                add(&audit.design.id, change, status, 0);
            }
        }
        let mut counts: BTreeMap<(&str, Status), u64> = BTreeMap::new();
        for finding in &audit.findings {
            let Some(change) = finding.change else { continue };
            *counts.entry((change.as_str(), finding.status)).or_insert(0) += 1;
        }
        for ((change, status), count) in counts {
            add(&audit.design.id, change, status, count);
        }
    }
    for finding in &baseline.absent {
        add(finding.design(), "absent", finding.status, 1);
    }
    Some([captured, changes])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn written(run: &Run) -> String {
        let mut bytes = Vec::new();
        Prometheus.write(run, &mut bytes).expect("memory takes every byte");
        String::from_utf8(bytes).expect("text")
    }

    /// The value of the one series with this name and these labels.
    #[track_caller]
    fn value(text: &str, series: &str) -> u64 {
        let mut found = text.lines().filter_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        let value = found.next().unwrap_or_else(|| panic!("no {series} in\n{text}"));
        assert_eq!(found.next(), None, "{series} is there twice");
        value.parse().expect("a number")
    }

    /// The sum over all series of this name that have these labels among theirs.
    fn sum(text: &str, name: &str, labels: &[&str]) -> u64 {
        let lines = text.lines().filter(|line| line.starts_with(&format!("{name}{{")));
        let these = lines.filter(|line| labels.iter().all(|label| line.contains(label)));
        these.map(|line| line.rsplit(' ').next().expect("a value").parse::<u64>().expect("a number")).sum()
    }

    #[test]
    fn counts_are_those_of_the_summary() {
        let run = sample::run();
        let text = written(&run);
        let summary = run.summary;
        let name = "stacks_audit_findings";
        for (label, count) in [
            (r#"status="PASS""#, summary.pass),
            (r#"status="FAIL""#, summary.fail),
            (r#"status="UNKNOWN""#, summary.unknown),
            (r#"status="NOT_APPLICABLE""#, summary.not_applicable),
            (r#"waived="true""#, summary.waived),
        ] {
            assert_eq!(sum(&text, name, &[label]), count, "{label}");
        }
        let of = r#"{env="dev",design="aws-ecs-fargate"}"#;
        assert_eq!(value(&text, &format!("stacks_audit_root_findings{of}")), summary.roots);
        assert_eq!(value(&text, &format!("stacks_audit_unassessed_statements{of}")), 1);
        assert_eq!(value(&text, r#"stacks_audit_waivers{env="dev",state="expired"}"#), 1);
        assert_eq!(value(&text, r#"stacks_audit_calls{env="dev",provider="aws",outcome="denied"}"#), 1);
        assert_eq!(value(&text, r#"stacks_audit_calls{env="dev",provider="azure",outcome="denied"}"#), 0);
        let at = value(&text, r#"stacks_audit_captured_timestamp_seconds{env="dev"}"#);
        assert_eq!(at, sample::time().timestamp().unsigned_abs());
    }

    #[test]
    fn one_status_is_the_case_and_the_others_are_not() {
        let text = written(&sample::run());
        assert_eq!(value(&text, r#"stacks_audit_status{env="dev",status="FAIL"}"#), 1);
        assert_eq!(sum(&text, "stacks_audit_status", &[]), 1);
        assert_eq!(text.matches("\nstacks_audit_status{").count(), 4);
        assert_eq!(sum(&text, "stacks_audit_design_status", &[r#"status="FAIL""#]), 1);
    }

    #[test]
    fn what_is_waived_is_counted_and_is_not_open() {
        let text = written(&sample::run());
        let waived = [r#"status="FAIL""#, r#"severity="critical""#, r#"waived="true""#];
        assert_eq!(sum(&text, "stacks_audit_findings", &waived), 1);
        let check = r#"check="aws-ecs-fargate/node.database/private""#;
        assert_eq!(sum(&text, "stacks_audit_check_open_findings", &[check]), 0);
        assert_eq!(sum(&text, "stacks_audit_check_open_findings", &[r#"edge.private-nat""#]), 2);
    }

    #[test]
    fn what_was_not_judged_has_no_zero() {
        let mut run = sample::empty();
        run.level = Basis::Documented;
        let text = written(&run);
        assert!(text.contains(r#"status="FAIL",severity="critical",basis="documented",waived="false"} 0"#));
        assert!(!text.contains(r#"basis="hardening""#), "{text}");
    }

    #[test]
    fn series_depend_on_designs_and_not_on_what_accounts_hold() {
        let mut run = sample::run();
        let before = written(&run).lines().count();
        let more = run.audits[0].findings.clone();
        for (n, finding) in more.iter().cycle().take(1000).enumerate() {
            let mut finding = finding.clone();
            finding.subject.id = format!("resource-{n}");
            finding.subject.account = format!("{n:012}");
            run.audits[0].findings.push(finding);
        }
        let text = written(&run);
        assert_eq!(text.lines().count(), before);
        assert!(!text.contains("resource-") && !text.contains("111111111111"));
    }

    #[test]
    fn a_baseline_tells_what_changed() {
        let mut run = sample::run();
        assert!(!written(&run).contains("baseline"));
        let mut earlier = sample::run();
        earlier.audits[0].findings.retain(|finding| finding.status != Status::Unknown);
        let gone = earlier.audits[0].findings.iter_mut().find(|finding| finding.status == Status::Fail);
        gone.expect("a failure").id = "gone".into();
        run.coverage.retain(|call| call.outcome == Outcome::Complete);
        crate::engine::baseline::compare(&mut run, &earlier).expect("one env");
        let text = written(&run);
        let change = |change: &str, status: &str| {
            let of = r#"env="dev",design="aws-ecs-fargate""#;
            let series =
                format!(r#"stacks_audit_changed_findings{{{of},change="{change}",status="{status}"}}"#);
            value(&text, &series)
        };
        assert_eq!((change("new", "UNKNOWN"), change("new", "FAIL"), change("absent", "FAIL")), (2, 1, 1));
        assert_eq!((change("new", "PASS"), change("updated", "FAIL")), (0, 0));
    }

    #[test]
    fn a_hostile_name_stays_in_its_label() {
        let mut run = sample::run();
        run.env = "a\"} 1\n# EOF\n\\\u{1b}[2J\u{0}\u{2028}\u{202e}é".into();
        let text = written(&run);
        let label = r#"{env="a\"} 1\\n# EOF\\n\\\\u{1b}[2J\\u{0}\\u{2028}\\u{202e}é","#;
        assert!(text.contains(label), "{text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("# EOF")).count(), 1);
        assert!(!text.contains(|c: char| c != '\n' && super::super::text::hidden(c)));
        run.env = "x".repeat(10_000_000);
        assert!(written(&run).len() < 1_000_000);
    }

    #[test]
    fn same_run_same_bytes() {
        assert_eq!(written(&sample::run()), written(&sample::run()));
    }
}
