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
    /// How the process ends.
    pub(super) fn judge(&self, run: &Run) -> Exit {
        if run.no_verdict.is_some() {
            return Exit::NoVerdict;
        }
        let open = || run.findings().filter(|finding| finding.disposition.is_none());
        if open().any(|finding| finding.status == Status::Fail && finding.severity >= self.fail_on) {
            return Exit::Violated;
        }
        if open().any(|finding| finding.status == Status::Unknown) {
            return Exit::Undecided;
        }
        Exit::Conformant
    }

    /// Why a run is no verdict, if it is none.
    pub(super) fn no_verdict(&self, run: &Run) -> Option<String> {
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
        (!run.judged()).then(|| "nothing passed and nothing failed".into())
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

    fn judged(demands: Demands, mut run: Run) -> Exit {
        run.no_verdict = demands.no_verdict(&run);
        demands.judge(&run)
    }

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
        judged(DEMANDS(), run(findings))
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
        assert_eq!(judged(high, run(&[fail(Severity::Medium)])), Exit::Conformant);
        assert_eq!(judged(high, run(&[fail(Severity::High)])), Exit::Violated);
        assert_eq!(judged(high, run(&[fail(Severity::Critical)])), Exit::Violated);
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
            assert_eq!(exit(findings), Exit::NoVerdict);
        }
        let mut nothing = run(&[PASS]);
        nothing.audits.clear();
        assert_eq!(judged(DEMANDS(), nothing), Exit::NoVerdict);
    }

    #[test]
    fn old_facts_are_no_verdict_even_where_they_fail() {
        let day = Demands { max_age: Some(TimeDelta::hours(1)), ..DEMANDS() };
        assert_eq!(judged(day, run(&[PASS])), Exit::NoVerdict);
        assert_eq!(judged(day, run(&[fail(Severity::Critical)])), Exit::NoVerdict);
        let enough = Demands { max_age: Some(TimeDelta::hours(2)), ..DEMANDS() };
        assert_eq!(judged(enough, run(&[PASS])), Exit::Conformant);
    }

    #[test]
    fn facts_from_the_future_are_not_fresh() {
        let early = |minutes| Demands {
            max_age: Some(TimeDelta::hours(1)),
            now: sample::time() - TimeDelta::minutes(minutes),
            ..DEMANDS()
        };
        assert_eq!(judged(early(4), run(&[PASS])), Exit::Conformant);
        assert_eq!(judged(early(6), run(&[PASS])), Exit::NoVerdict);
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
            assert_eq!(judged(live, run), expected);
        }
    }
}
