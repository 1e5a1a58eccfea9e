//! What to do about calls that were not answered in full.

use crate::model::snapshot::Outcome;

/// What the detail of a call says that no identity's own policy can allow: AWS's, then Azure's.
const ORGANISATION: [&str; 2] =
    ["denied by an organisation's policy", "denied by a policy of the organisation"];

pub(super) const BY_ORGANISATION: &str = "An organisation’s policy (an SCP or RCP, or Azure Policy) denies this \
     call, so that no permission of the scanner’s own allows it: have its identity exempted there, then run the \
     audit again.";

/// What to do about a call that ended so.
pub(super) fn advice(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "",
        Outcome::Denied => {
            "Let the scanner’s identity make this call (stacks-audit permissions prints the policy it needs), then run the audit again."
        }
        Outcome::Throttled => "The provider was too busy: run the audit again.",
        Outcome::Failed => "See what it said, and run the audit again.",
        Outcome::Skipped => "It was left out: see why beside it.",
        Outcome::NotRecorded => "The recording does not hold it: record again with this version.",
    }
}

/// The same, by what the provider said to it.
pub(super) fn advised(outcome: Outcome, detail: &str) -> &'static str {
    if by_organisation(detail) { BY_ORGANISATION } else { advice(outcome) }
}

pub(super) fn by_organisation(detail: &str) -> bool {
    ORGANISATION.into_iter().any(|said| detail.contains(said))
}

/// How a call ended, by what the evidence says of it: `denied: AccessDenied: …`.
pub(super) fn outcome(told: &str) -> Outcome {
    let why = told.split(':').next().unwrap_or_default();
    Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == why).unwrap_or(Outcome::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::run::Run;

    #[test]
    fn what_an_organisation_denies_no_policy_of_the_account_allows() {
        let recorded = include_str!("../../fixtures/aws-ecs-fargate-denied/report.json");
        let run: Run = serde_json::from_str(recorded).expect("a report");
        let denied: Vec<_> = run.coverage.iter().filter(|it| it.outcome == Outcome::Denied).collect();
        let told = |by: bool| denied.iter().filter(|it| by_organisation(&it.detail) == by).count();
        assert!(told(true) > 0 && told(false) > 0);
        for it in denied {
            let asks_for_permissions = advised(it.outcome, &it.detail).contains("permissions prints");
            assert_ne!(asks_for_permissions, by_organisation(&it.detail), "{}", it.detail);
        }
    }
}
