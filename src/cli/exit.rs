//! How a process ends: a pure function of the run and of what was asked for.

use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::run::{Run, Severity, Status};
use crate::model::snapshot::Origin;

/// The clocks of two machines may differ so much before a snapshot counts as one from the future.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// The exit codes, which scripts build on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Nothing fails and nothing is open; of commands that judge nothing: done.
    Conformant = 0,
    /// An unwaived FAIL at or above the threshold.
    Violated = 1,
    /// Wrong usage, configuration or policy.
    Usage = 2,
    /// No such FAIL, but an unwaived UNKNOWN.
    Undecided = 3,
    /// Nothing that could be called a verdict.
    NoVerdict = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What a run is held against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demands {
    /// A FAIL below does not fail the run.
    pub(super) fail_on: Severity,
    pub(super) max_age: Option<TimeDelta>,
    pub(super) require_live: bool,
    pub(super) now: DateTime<Utc>,
}

impl Demands {
    /// How the process ends, and for [`Exit::NoVerdict`] why.
    pub(super) fn judge(&self, run: &Run) -> (Exit, Option<String>) {
        if let Some(why) = self.no_verdict(run) {
            return (Exit::NoVerdict, Some(why));
        }
        let open = || run.findings().filter(|finding| finding.disposition.is_none());
        if open().any(|finding| finding.status == Status::Fail && finding.severity >= self.fail_on) {
            return (Exit::Violated, None);
        }
        if open().any(|finding| finding.status == Status::Unknown) {
            return (Exit::Undecided, None);
        }
        (Exit::Conformant, None)
    }

    fn no_verdict(&self, run: &Run) -> Option<String> {
        if self.require_live && run.source != Origin::Live {
            return Some("the facts are recorded, and --require-live asks for the account itself".into());
        }
        if let Some(max) = self.max_age {
            let age = self.now - run.captured_at;
            let captured = run.captured_at.format("%Y-%m-%d %H:%M UTC");
            if age > max {
                return Some(format!("the facts are from {captured}, older than --max-age allows"));
            }
            if age < -SKEW {
                return Some(format!(
                    "the facts are from {captured}, which is yet to come: check the clocks"
                ));
            }
        }
        (!run.is_verdict()).then(|| "nothing passed and nothing failed: there is no verdict to report".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::run::Disposition;
    use crate::report::sample;

    const DEMANDS: fn() -> Demands = || Demands {
        fail_on: Severity::Low,
        max_age: None,
        require_live: false,
        now: sample::time() + TimeDelta::hours(2),
    };

    /// A run of such findings: status, severity, whether it is waived.
    fn run(findings: &[(Status, Severity, bool)]) -> Run {
        let mut run = sample::empty();
        let each = findings.iter().map(|(status, severity, waived)| {
            let mut finding = sample::finding("node.vpc", "aws.vpc", "vpc-0a", "main");
            (finding.status, finding.severity) = (*status, *severity);
            finding.disposition = waived.then(|| Disposition::Waived {
                reason: "known".into(),
                owner: "data@example.com".into(),
                approved_by: "secops@example.com".into(),
                expires: "2027-01-31".into(),
            });
            finding
        });
        run.audits[0].findings = each.collect();
        run
    }

    const PASS: (Status, Severity, bool) = (Status::Pass, Severity::Medium, false);
    const fn fail(severity: Severity) -> (Status, Severity, bool) {
        (Status::Fail, severity, false)
    }
    const UNKNOWN: (Status, Severity, bool) = (Status::Unknown, Severity::Info, false);
    const ASIDE: (Status, Severity, bool) = (Status::NotApplicable, Severity::Medium, false);

    fn exit(findings: &[(Status, Severity, bool)]) -> Exit {
        DEMANDS().judge(&run(findings)).0
    }

    #[test]
    fn conformant_is_at_least_one_pass_and_nothing_open() {
        assert_eq!(exit(&[PASS, ASIDE]), Exit::Conformant);
        assert_eq!(exit(&[PASS, fail(Severity::Info)]), Exit::Conformant);
    }

    #[test]
    fn a_fail_at_the_threshold_counts_and_one_below_does_not() {
        assert_eq!(exit(&[PASS, fail(Severity::Low)]), Exit::Violated);
        let high = Demands { fail_on: Severity::High, ..DEMANDS() };
        assert_eq!(high.judge(&run(&[fail(Severity::Medium)])).0, Exit::Conformant);
        assert_eq!(high.judge(&run(&[fail(Severity::High)])).0, Exit::Violated);
        assert_eq!(high.judge(&run(&[fail(Severity::Critical)])).0, Exit::Violated);
    }

    #[test]
    fn unknown_is_open_whatever_its_severity_and_a_fail_goes_before_it() {
        assert_eq!(exit(&[PASS, UNKNOWN]), Exit::Undecided);
        assert_eq!(exit(&[UNKNOWN, fail(Severity::Info)]), Exit::Undecided);
        assert_eq!(exit(&[UNKNOWN, fail(Severity::Low)]), Exit::Violated);
    }

    #[test]
    fn what_is_waived_does_not_count() {
        assert_eq!(exit(&[PASS, (Status::Fail, Severity::Critical, true)]), Exit::Conformant);
        assert_eq!(exit(&[PASS, (Status::Unknown, Severity::Critical, true)]), Exit::Conformant);
        assert_eq!(exit(&[(Status::Fail, Severity::High, true), fail(Severity::High)]), Exit::Violated);
    }

    #[test]
    fn neither_pass_nor_fail_is_no_verdict() {
        for findings in [&[][..], &[ASIDE], &[UNKNOWN], &[UNKNOWN, ASIDE]] {
            let (exit, why) = DEMANDS().judge(&run(findings));
            assert_eq!(exit, Exit::NoVerdict);
            assert!(why.is_some());
        }
        let mut nothing = run(&[PASS]);
        nothing.audits.clear();
        assert_eq!(DEMANDS().judge(&nothing).0, Exit::NoVerdict);
    }

    #[test]
    fn old_facts_are_no_verdict_even_where_they_fail() {
        let day = Demands { max_age: Some(TimeDelta::hours(1)), ..DEMANDS() };
        assert_eq!(day.judge(&run(&[PASS])).0, Exit::NoVerdict);
        assert_eq!(day.judge(&run(&[fail(Severity::Critical)])).0, Exit::NoVerdict);
        let enough = Demands { max_age: Some(TimeDelta::hours(2)), ..DEMANDS() };
        assert_eq!(enough.judge(&run(&[PASS])).0, Exit::Conformant);
    }

    #[test]
    fn facts_from_the_future_are_not_fresh() {
        let early = |minutes| Demands {
            max_age: Some(TimeDelta::hours(1)),
            now: sample::time() - TimeDelta::minutes(minutes),
            ..DEMANDS()
        };
        assert_eq!(early(4).judge(&run(&[PASS])).0, Exit::Conformant);
        assert_eq!(early(6).judge(&run(&[PASS])).0, Exit::NoVerdict);
    }

    #[test]
    fn live_is_live_alone() {
        let live = Demands { require_live: true, ..DEMANDS() };
        for (source, expected) in [
            (Origin::Live, Exit::Conformant),
            (Origin::Tape, Exit::NoVerdict),
            (Origin::Snapshot, Exit::NoVerdict),
        ] {
            let run = Run { source, ..run(&[PASS]) };
            assert_eq!(live.judge(&run).0, expected);
        }
    }
}
