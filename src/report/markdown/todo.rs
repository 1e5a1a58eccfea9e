//! What to do about what can't be told: which calls to allow, and how.

use std::collections::BTreeSet;

use super::super::advice::{BY_ORGANISATION, Because, unread};
use super::super::gfm::{code, prose};
use crate::model::run::Finding;

/// How many calls a step names.
const CALLS: usize = 8;

/// A sentence each; one at least.
pub(super) fn steps(findings: &[&Finding]) -> Vec<String> {
    let calls = unread(findings);
    if calls.is_empty() {
        let check = code(&format!("stacks-audit explain {}", findings[0].check), 200);
        return vec![format!(
            "Nothing was refused, but what was seen does not decide it: {check} tells what would."
        )];
    }
    calls.into_iter().map(|(because, calls)| step(because, &calls)).collect()
}

fn step(because: Because, calls: &BTreeSet<&str>) -> String {
    let more = calls.len().checked_sub(CALLS).filter(|more| *more > 0);
    let more = more.map_or_else(String::new, |more| format!(" and {more} more"));
    let calls: Vec<String> = calls.iter().take(CALLS).map(|call| code(call, 80)).collect();
    let calls = format!("{}{more}", calls.join(", "));
    match because {
        Because::NotAllowed(provider) => {
            let provider = provider.map_or_else(String::new, |it| format!(" --provider {}", it.as_str()));
            format!(
                "Let the scanner’s identity call {calls} (`stacks-audit permissions{provider}` prints what \
                 allows it), then run the audit again."
            )
        }
        Because::Organisation => format!("{calls}: {BY_ORGANISATION}"),
        Because::Ended(advice) => format!("{calls}: {}", prose(advice, 300)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::run::Evidence;
    use crate::model::seen::Why;
    use crate::report::sample;

    #[test]
    fn each_unknown_has_a_next_step() {
        for (told, step) in [
            (
                "denied: AccessDenied: no policy allows it",
                "Let the scanner’s identity call `ec2:DescribeVpcs` (`stacks-audit permissions --provider aws`",
            ),
            (
                "denied: denied by an organisation's policy, AccessDenied: x",
                "`ec2:DescribeVpcs`: An organisation’s policy",
            ),
            (
                "throttled: Rate exceeded",
                "`ec2:DescribeVpcs`: The provider was too busy: run the audit again.",
            ),
            (Why::NotRecorded.as_str(), "`ec2:DescribeVpcs`: The recording does not hold it"),
        ] {
            let mut finding = sample::finding("node.a", "aws.vpc", "a", "");
            finding.evidence =
                vec![sample::evidence(Evidence::NOT_READ, json!(told), "", "ec2:DescribeVpcs")];
            let steps = steps(&[&finding]);
            assert!(steps.len() == 1 && steps[0].starts_with(step), "{steps:?}");
            finding.evidence.clear();
            let steps = super::steps(&[&finding]);
            assert!(steps[0].contains("stacks-audit explain "), "{steps:?}");
        }
    }
}
