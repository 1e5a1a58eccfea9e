//! What to do about calls that were not answered in full.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::call::Call;
use crate::model::run::{Evidence, Finding};
use crate::model::scope::Provider;
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

/// Why a call was not answered, as far as what to do about it differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Because {
    NotAllowed(Option<Provider>),
    Organisation,
    /// With its advice.
    Ended(&'static str),
}

/// The calls that these findings lack, by why: each has its own advice.
pub(super) fn unread<'r>(findings: &[&'r Finding]) -> BTreeMap<Because, BTreeSet<&'r str>> {
    let mut calls: BTreeMap<Because, BTreeSet<&str>> = BTreeMap::new();
    for it in findings.iter().flat_map(|finding| &finding.evidence) {
        if it.is_missing() && !it.call.is_empty() {
            calls.entry(because(it)).or_default().insert(&it.call);
        }
    }
    calls
}

fn because(it: &Evidence) -> Because {
    let told = it.value.as_str().unwrap_or_default();
    match outcome(told) {
        Outcome::Denied if by_organisation(told) => Because::Organisation,
        Outcome::Denied => {
            let scope = it.scope.as_ref().map(|scope| scope.provider);
            Because::NotAllowed(scope.or_else(|| Call::named(&it.call).map(Call::provider)))
        }
        // Why it was left out is what the evidence says: nothing tells it beside the advice.
        Outcome::Skipped => Because::Ended(advice(Outcome::Failed)),
        ended => Because::Ended(advice(ended)),
    }
}

pub(super) fn by_organisation(detail: &str) -> bool {
    ORGANISATION.into_iter().any(|said| detail.contains(said))
}

/// How a call ended, by what the evidence says of it: `denied: AccessDenied: …`.
fn outcome(told: &str) -> Outcome {
    let why = told.split(':').next().unwrap_or_default();
    Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == why).unwrap_or(Outcome::Failed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::run::Run;
    use crate::model::scope::Scope;
    use crate::report::sample;

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

    #[test]
    fn calls_are_told_apart_by_what_to_do_about_them() {
        let lacking = |call: &str, told: &str| sample::evidence(Evidence::NOT_READ, json!(told), "", call);
        let mut finding = sample::finding("node.a", "aws.vpc", "a", "");
        finding.evidence = vec![
            lacking("ec2:DescribeVpcs", "denied: AccessDenied"),
            lacking("ec2:DescribeSubnets", "denied: AccessDenied"),
            Evidence { scope: None, ..lacking("azure:GetManagedCluster", "denied: AuthorizationFailed") },
            Evidence { scope: Some(Scope::kubernetes("api.example.com")), ..lacking("x", "denied: 403") },
            lacking("s3:ListAllMyBuckets", "denied: denied by an organisation's policy, AccessDenied: x"),
            lacking("ecs:ListClusters", "throttled: Rate exceeded"),
            lacking("eks:ListClusters", "skipped: left out"),
            lacking("acm:ListCertificates", "failed: reset"),
            lacking("", "denied: no call"),
            sample::evidence("tags", json!({}), "", "ec2:DescribeTags"),
        ];
        let unread = unread(&[&finding]);
        let told: Vec<(Because, Vec<&str>)> =
            unread.into_iter().map(|(because, calls)| (because, calls.into_iter().collect())).collect();
        assert_eq!(
            told,
            [
                (Because::NotAllowed(Some(Provider::Aws)), vec!["ec2:DescribeSubnets", "ec2:DescribeVpcs"]),
                (Because::NotAllowed(Some(Provider::Azure)), vec!["azure:GetManagedCluster"]),
                (Because::NotAllowed(Some(Provider::Kubernetes)), vec!["x"]),
                (Because::Organisation, vec!["s3:ListAllMyBuckets"]),
                (Because::Ended(advice(Outcome::Failed)), vec!["acm:ListCertificates", "eks:ListClusters"]),
                (Because::Ended(advice(Outcome::Throttled)), vec!["ecs:ListClusters"]),
            ]
        );
    }
}
