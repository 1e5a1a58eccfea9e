//! A run beside an earlier one: what is new, what says something else, what is gone.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::model::run::{Baseline, Change, Finding, Run};
use crate::model::scope::GLOBAL;
use crate::model::snapshot::Outcome;

/// Why two runs can't be compared: taken for gone, the findings of another env would be closed wherever they are kept.
#[derive(Debug, thiserror::Error)]
pub enum Incomparable {
    #[error("the baseline is of env {theirs:?}, this run of env {ours:?}, and no finding is in both")]
    OtherEnv { ours: String, theirs: String },
    #[error("the baseline's facts are of {theirs}, later than this run's, of {ours}")]
    Later { ours: DateTime<Utc>, theirs: DateTime<Utc> },
}

/// Says of every finding what became of it since `earlier`, and keeps of that run what is surely a finding no more.
pub fn compare(run: &mut Run, earlier: &Run) -> Result<(), Incomparable> {
    if earlier.captured_at > run.captured_at {
        return Err(Incomparable::Later { ours: run.captured_at, theirs: earlier.captured_at });
    }
    let before: BTreeMap<&str, &Finding> =
        earlier.findings().map(|finding| (finding.id.as_str(), finding)).collect();
    // Envs may be renamed, or share a name in their tags: ids tell whether it is the same one.
    let shared = run.findings().any(|finding| before.contains_key(finding.id.as_str()));
    if earlier.env != run.env && !shared {
        return Err(Incomparable::OtherEnv { ours: run.env.clone(), theirs: earlier.env.clone() });
    }
    for finding in run.audits.iter_mut().flat_map(|audit| &mut audit.findings) {
        finding.change = Some(match before.get(finding.id.as_str()) {
            None => Change::New,
            Some(earlier) if same(earlier, finding) => Change::Unchanged,
            Some(_) => Change::Updated,
        });
    }
    let gone = gone(run, earlier).into_iter().cloned();
    let absent = gone.map(|finding| Finding { change: None, ..finding }).collect();
    run.baseline = Some(Baseline {
        env: earlier.env.clone(),
        captured_at: earlier.captured_at,
        snapshot_digest: earlier.snapshot_digest.clone(),
        absent,
    });
    Ok(())
}

/// A waiver is no part of the state: it may end while the account stays as it is.
fn same(earlier: &Finding, finding: &Finding) -> bool {
    earlier.state_hash == finding.state_hash && earlier.disposition.is_some() == finding.disposition.is_some()
}

/// The failures and unknowns of `earlier` that this run looked for and did not find.
fn gone<'e>(run: &Run, earlier: &'e Run) -> Vec<&'e Finding> {
    let there: BTreeSet<&str> = run.findings().map(|finding| finding.id.as_str()).collect();
    let looked = Looked::of(run);
    let wrong = |finding: &&Finding| finding.status.is_wrong();
    let missed = earlier.findings().filter(wrong).filter(|finding| !there.contains(finding.id.as_str()));
    missed.filter(|finding| looked.for_it(finding)).collect()
}

/// What a run looked for.
struct Looked<'r> {
    /// What was judged: each check leaves a finding at the least.
    checks: BTreeSet<&'r str>,
    /// Accounts and regions that were asked.
    asked: BTreeSet<(&'r str, &'r str)>,
    /// Accounts some of whose calls were not answered in full: what is not seen there may be there.
    blind: BTreeSet<&'r str>,
}

impl<'r> Looked<'r> {
    fn of(run: &'r Run) -> Self {
        let scopes =
            run.coverage.iter().map(|call| (call.scope.account.as_str(), call.scope.region.as_str()));
        let unanswered = run.coverage.iter().filter(|call| call.outcome != Outcome::Complete);
        Self {
            checks: run.findings().map(|finding| finding.check.as_str()).collect(),
            asked: scopes.collect(),
            blind: unanswered.map(|call| call.scope.account.as_str()).collect(),
        }
    }

    /// Whether this run would have found it again: it judged the check, and read all of where it lies.
    fn for_it(&self, finding: &Finding) -> bool {
        let account = finding.subject.account.as_str();
        self.checks.contains(finding.check.as_str())
            && !self.blind.contains(account)
            && self.asked_in(account, &finding.subject.region)
    }

    fn asked_in(&self, account: &str, region: &str) -> bool {
        let nowhere = region.is_empty() || region == GLOBAL;
        // A scope without a region is all of its account: so Azure and clusters are asked.
        let holds = |asked: &str| nowhere || asked.is_empty() || asked == region;
        self.asked.iter().any(|(of, asked)| *of == account && holds(asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::run::Status;
    use crate::report::sample;

    /// The sample, every call of which was answered.
    fn seeing() -> Run {
        let mut run = sample::run();
        run.coverage.retain(|call| call.outcome == Outcome::Complete);
        run
    }

    /// The sample, with one failure that is there no more.
    fn earlier() -> Run {
        let mut earlier = sample::run();
        let findings = &mut earlier.audits[0].findings;
        let failed = findings.iter_mut().find(|finding| finding.status == Status::Fail).expect("a failure");
        failed.id = "gone".to_owned();
        earlier
    }

    /// Has the run not look for what is gone.
    type Spoil = fn(&mut Run, &mut Finding);

    fn absent(mut run: Run, earlier: &Run) -> Vec<String> {
        compare(&mut run, earlier).expect("they are of one env");
        let baseline = run.baseline.expect("compared");
        baseline.absent.into_iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn nothing_is_new_beside_itself() {
        let mut run = seeing();
        compare(&mut run, &sample::run()).expect("one env");
        assert!(run.findings().all(|finding| finding.change == Some(Change::Unchanged)));
        assert_eq!(run.baseline.expect("compared").absent, []);
    }

    #[test]
    fn what_is_new_updated_or_gone_is_told_apart() {
        let mut earlier = earlier();
        let old = &mut earlier.audits[0].findings;
        let now_new = old.iter().find(|finding| finding.id == "gone").expect("it is there").check.clone();
        let updated = old.iter_mut().find(|finding| finding.status == Status::Pass).expect("a pass");
        updated.state_hash = "other".to_owned();
        let now_updated = updated.id.clone();
        let passed = old.iter_mut().rfind(|finding| finding.status == Status::Pass).expect("a pass");
        assert_ne!(passed.id, now_updated);
        passed.id = "passed, and gone".to_owned();

        let mut run = seeing();
        compare(&mut run, &earlier).expect("one env");
        let of = |change| run.findings().filter(move |finding| finding.change == Some(change));
        assert!(of(Change::New).any(|finding| finding.check == now_new));
        assert_eq!(of(Change::New).count(), 2);
        assert_eq!(of(Change::Updated).map(|finding| finding.id.as_str()).collect::<Vec<_>>(), [now_updated]);
        assert_eq!(absent(seeing(), &earlier), ["gone"], "what passed is not missed");
    }

    #[test]
    fn what_was_not_looked_for_is_not_gone() {
        let spoiled: [(&str, Spoil); 7] = [
            ("a call of its account was denied", |run, _| run.coverage = sample::run().coverage),
            ("nothing was asked", |run, _| run.coverage.clear()),
            ("its account was not asked", |_, gone| gone.subject.account = "222222222222".to_owned()),
            ("its region was not asked", |_, gone| gone.subject.region = "eu-west-2".to_owned()),
            ("it lies in no account", |_, gone| gone.subject.account.clear()),
            ("its check was not judged: at another level, by other policies", |run, gone| {
                run.audits[0].findings.retain(|finding| finding.check != gone.check);
            }),
            ("its design was not audited", |_, gone| gone.check = "other-design/node.vpc".to_owned()),
        ];
        for (why, spoil) in spoiled {
            let (mut run, mut earlier) = (seeing(), earlier());
            let gone = earlier.audits[0].findings.iter_mut().find(|finding| finding.id == "gone");
            spoil(&mut run, gone.expect("it is there"));
            assert_eq!(absent(run, &earlier), [""; 0], "{why}");
        }
    }

    #[test]
    fn what_lies_in_no_region_or_in_an_account_asked_as_a_whole_was_looked_for() {
        for (asked, region) in [("us-west-1", GLOBAL), ("us-west-1", ""), ("", "westeurope"), ("", "")] {
            let (mut run, mut earlier) = (seeing(), earlier());
            run.coverage[0].scope.region = asked.to_owned();
            for finding in &mut earlier.audits[0].findings {
                finding.subject.region = region.to_owned();
            }
            assert_eq!(absent(run, &earlier), ["gone"], "asked in {asked:?}, lies in {region:?}");
        }
    }

    #[test]
    fn a_waiver_that_ends_or_begins_is_a_change() {
        let mut unwaived = sample::run();
        let waived = unwaived.audits[0].findings.iter_mut().find(|finding| finding.disposition.is_some());
        waived.expect("a waiver").disposition = None;
        for (mut run, earlier) in [(unwaived.clone(), sample::run()), (sample::run(), unwaived)] {
            compare(&mut run, &earlier).expect("one env");
            let updated = run.findings().filter(|finding| finding.change == Some(Change::Updated));
            assert_eq!(
                updated.map(|f| f.check.as_str()).collect::<Vec<_>>(),
                ["aws-ecs-fargate/node.database/private"]
            );
        }
    }

    #[test]
    fn another_env_or_a_later_run_is_no_baseline() {
        let mut other = sample::run();
        other.env = "prod".to_owned();
        compare(&mut sample::run(), &other).expect("the env was renamed: its findings are the same");
        for finding in &mut other.audits[0].findings {
            finding.id.insert_str(0, "prod:");
        }
        let mut run = sample::run();
        let error = compare(&mut run, &other).expect_err("another env").to_string();
        assert!(error.contains("\"prod\"") && error.contains("\"dev\""), "{error}");
        assert_eq!(run, sample::run(), "nothing is said of its findings");

        other = sample::run();
        other.captured_at += chrono::TimeDelta::seconds(1);
        compare(&mut run, &other).expect_err("it is the later one");
    }
}
