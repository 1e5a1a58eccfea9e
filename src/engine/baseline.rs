//! A run beside an earlier one: what is new, what says something else, what is gone.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::run::{Baseline, Change, Finding, Run, Status};

/// Says of every finding what became of it since `earlier`, and keeps of that run what is a finding no more.
pub fn compare(run: &mut Run, earlier: &Run) {
    let before: BTreeMap<&str, &Finding> =
        findings(earlier).map(|finding| (finding.id.as_str(), finding)).collect();
    for finding in run.audits.iter_mut().flat_map(|audit| &mut audit.findings) {
        finding.change = Some(match before.get(finding.id.as_str()) {
            None => Change::New,
            Some(earlier) if earlier.state_hash == finding.state_hash => Change::Unchanged,
            Some(_) => Change::Updated,
        });
    }
    let there: BTreeSet<&str> = findings(run).map(|finding| finding.id.as_str()).collect();
    let wrong = |finding: &&Finding| matches!(finding.status, Status::Fail | Status::Unknown);
    let gone = findings(earlier).filter(|finding| !there.contains(finding.id.as_str())).filter(wrong);
    let absent = gone.cloned().map(|finding| Finding { change: None, ..finding });
    run.baseline = Some(Baseline {
        env: earlier.env.clone(),
        captured_at: earlier.captured_at,
        snapshot_digest: earlier.snapshot_digest.clone(),
        absent: absent.collect(),
    });
}

fn findings(run: &Run) -> impl Iterator<Item = &Finding> {
    run.audits.iter().flat_map(|audit| &audit.findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn nothing_is_new_beside_itself() {
        let mut run = sample::run();
        compare(&mut run, &sample::run());
        assert!(findings(&run).all(|finding| finding.change == Some(Change::Unchanged)));
        assert_eq!(run.baseline.expect("compared").absent, []);
    }

    #[test]
    fn what_is_new_updated_or_gone_is_told_apart() {
        let mut earlier = sample::run();
        let old = &mut earlier.audits[0].findings;
        let gone = old.iter_mut().find(|finding| finding.status == Status::Fail).expect("a failure");
        gone.id = "gone".to_owned();
        let now_new = gone.check.clone();
        let updated = old.iter_mut().find(|finding| finding.status == Status::Pass).expect("a pass");
        updated.state_hash = "other".to_owned();
        let now_updated = updated.id.clone();
        let passed = old.iter_mut().rfind(|finding| finding.status == Status::Pass).expect("a pass");
        assert_ne!(passed.id, now_updated);
        passed.id = "passed, and gone".to_owned();

        let mut run = sample::run();
        compare(&mut run, &earlier);
        let of = |change| findings(&run).filter(move |finding| finding.change == Some(change));
        assert!(of(Change::New).any(|finding| finding.check == now_new));
        assert_eq!(of(Change::New).count(), 2);
        assert_eq!(of(Change::Updated).map(|finding| finding.id.as_str()).collect::<Vec<_>>(), [now_updated]);
        let absent =
            run.baseline.as_ref().expect("compared").absent.iter().map(|finding| finding.id.as_str());
        assert_eq!(absent.collect::<Vec<_>>(), ["gone"], "what passed is not missed");
    }
}
