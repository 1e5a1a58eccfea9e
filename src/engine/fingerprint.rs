//! What names a finding across runs, and what says that it changed.

use sha2::{Digest, Sha256};

use crate::model::run::{Evidence, Finding, Severity, Status};
use crate::model::snapshot::hex;

/// Part of every fingerprint; a change of what goes in needs another.
const FORMAT: &str = "stacks-audit/fingerprint/v1";

fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())
}

/// Stable as long as it is the same check about the same thing. `key` is the subject's natural key.
pub(super) fn fingerprint(check: &str, env: &str, account: &str, region: &str, key: &str) -> String {
    digest([FORMAT, check, env, account, region, key])
}

/// Over what may change while it stays the same finding. Times stay out of it.
pub(super) fn state(status: Status, severity: Severity, message: &str, evidence: &[Evidence]) -> String {
    let values: Vec<String> = evidence
        .iter()
        .map(|e| format!("{}\u{0}{}\u{0}{}\u{0}{}", e.fact, e.value, e.resource, e.call))
        .collect();
    let head = [FORMAT, status.as_str(), severity.as_str(), message];
    digest(head.into_iter().chain(values.iter().map(String::as_str)))
}

/// Sorts findings by check, then subject, and merges those with one fingerprint: the worst speaks, evidence adds up.
pub(super) fn merge(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| {
        let key = |f: &Finding| (f.check.clone(), f.subject.clone(), f.id.clone());
        key(a).cmp(&key(b)).then(b.status.cmp(&a.status)).then_with(|| a.message.cmp(&b.message))
    });
    let mut at = std::collections::HashMap::new();
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        match at.get(&finding.id) {
            None => {
                at.insert(finding.id.clone(), merged.len());
                merged.push(finding);
            }
            Some(first) => {
                let first = &mut merged[*first];
                if finding.status > first.status {
                    first.status = finding.status;
                    first.message = finding.message;
                    first.caused_by = finding.caused_by;
                }
                first.evidence.extend(finding.evidence);
                first.assumptions.extend(finding.assumptions);
                first.assumptions.sort();
                first.assumptions.dedup();
                first.state_hash = state(first.status, first.severity, &first.message, &first.evidence);
            }
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cannot_run_into_each_other() {
        assert_ne!(fingerprint("ab", "c", "", "", ""), fingerprint("a", "bc", "", "", ""));
        assert_eq!(fingerprint("a", "b", "c", "d", "e"), fingerprint("a", "b", "c", "d", "e"));
        assert_eq!(fingerprint("a", "b", "c", "d", "e").len(), 64);
    }
}
