//! Runs policy tests: which verdicts does a change of the facts change?

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::mutation::{self, MutationError};
use super::{Case, Question};
use crate::design::trial;
use crate::model::run::{Audit, Status};
use crate::model::snapshot::Snapshot;
use crate::rules::World;

/// The roll-up of every check, by its id without the design's.
pub type Checks = BTreeMap<String, Status>;

/// What policy tests look at.
pub struct Judged {
    pub checks: Checks,
    /// Of paths that fail: the codes of why.
    reasons: BTreeMap<String, BTreeSet<String>>,
}

pub fn judge(question: &Question<'_>, snapshot: &Snapshot) -> Judged {
    let audit = Case::new(question, &World::new(snapshot)).audit();
    Judged { checks: checks(&audit), reasons: reasons(&audit) }
}

fn reasons(audit: &Audit) -> BTreeMap<String, BTreeSet<String>> {
    let mut reasons: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for finding in audit.findings.iter().filter(|finding| finding.status == Status::Fail) {
        let told = finding.evidence.iter().filter(|evidence| evidence.fact == "reason");
        let codes = told.filter_map(|evidence| evidence.value.get("code")?.as_str());
        let check = finding.check.rsplit('/').next().unwrap_or(&finding.check);
        for code in codes {
            reasons.entry(check.to_owned()).or_default().insert(code.to_owned());
        }
    }
    reasons
}

/// The roll-up of every check of an audit.
pub fn checks(audit: &Audit) -> Checks {
    let prefix = format!("{}/", audit.design.id);
    let mut checks = Checks::new();
    for finding in &audit.findings {
        let check = finding.check.strip_prefix(&prefix).unwrap_or(&finding.check);
        let status = checks.entry(check.to_owned()).or_insert(Status::NotApplicable);
        *status = (*status).max(finding.status);
    }
    checks
}

/// The snapshot as a policy test wants it.
pub fn change(snapshot: &Snapshot, case: &trial::Case) -> Result<Snapshot, MutationError> {
    let mut changed = snapshot.clone();
    for add in &case.add {
        let value = |(path, to): (&String, &Value)| Ok((path.clone(), meant(&changed, to)?));
        let with = add.with.iter().map(value).collect::<Result<Vec<_>, MutationError>>()?;
        match &add.kind {
            None => mutation::add(&mut changed, &add.like, &add.id, &with)?,
            Some(kind) => mutation::invent(&mut changed, kind, &add.like, &add.id, &with)?,
        }
    }
    for set in &case.set {
        let to = meant(&changed, &set.to)?;
        mutation::set(&mut changed, &set.id, &set.field, &to)?;
    }
    for id in &case.remove {
        mutation::remove(&mut changed, id)?;
    }
    for call in &case.ask {
        mutation::ask(&mut changed, call)?;
    }
    for call in &case.deny {
        mutation::deny(&mut changed, call)?;
    }
    Ok(changed)
}

/// The value with ids in place of `@kind:name`.
fn meant(snapshot: &Snapshot, value: &Value) -> Result<Value, MutationError> {
    Ok(match value {
        Value::String(text) => match text.strip_prefix('@') {
            Some(named) => Value::from(mutation::locate(snapshot, named)?.id.as_str()),
            None => value.clone(),
        },
        Value::Array(items) => {
            items.iter().map(|item| meant(snapshot, item)).collect::<Result<Vec<_>, _>>()?.into()
        }
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| Ok((key.clone(), meant(snapshot, value)?));
            Value::Object(members.iter().map(member).collect::<Result<_, MutationError>>()?)
        }
        other => other.clone(),
    })
}

/// What changed, and is not what was expected: empty where the test passes.
pub fn surprises(before: &Judged, after: &Judged, case: &trial::Case) -> Vec<String> {
    let mut surprises = verdicts(&before.checks, &after.checks, &case.expect);
    for (check, wanted) in &case.reason {
        let told = after.reasons.get(check).cloned().unwrap_or_default();
        if !told.contains(wanted) {
            surprises.push(format!("{check} fails by {told:?}, {wanted:?} expected"));
        }
    }
    surprises
}

fn verdicts(before: &Checks, after: &Checks, expect: &BTreeMap<Status, BTreeSet<String>>) -> Vec<String> {
    let wanted: BTreeMap<&str, Status> = expect
        .iter()
        .flat_map(|(status, checks)| checks.iter().map(|check| (check.as_str(), *status)))
        .collect();
    let mut surprises = Vec::new();
    for check in before
        .keys()
        .chain(after.keys())
        .map(String::as_str)
        .chain(wanted.keys().copied())
        .collect::<BTreeSet<_>>()
    {
        let was = before.get(check);
        let is = after.get(check);
        let text = |status: Option<&Status>| status.map_or("gone", |status| status.as_str());
        match wanted.get(check) {
            Some(status) if is != Some(status) => {
                surprises.push(format!("{check} is {}, {} expected", text(is), status.as_str()));
            }
            Some(_) if was == is => {
                surprises.push(format!("{check} is {} without the change, too", text(is)));
            }
            None if was != is => {
                surprises.push(format!("{check} went from {} to {}, unexpected", text(was), text(is)));
            }
            _ => {}
        }
    }
    surprises
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(all: &[(&str, Status)]) -> Checks {
        all.iter().map(|(check, status)| ((*check).to_owned(), *status)).collect()
    }

    #[test]
    fn a_test_is_exact() {
        let before = checks(&[("node.a", Status::Pass), ("edge.b", Status::Pass)]);
        let after = checks(&[("node.a", Status::Fail), ("edge.b", Status::Unknown)]);
        let expect = |all: &[(Status, &str)]| -> BTreeMap<Status, BTreeSet<String>> {
            all.iter().map(|(status, check)| (*status, BTreeSet::from([(*check).to_owned()]))).collect()
        };
        assert!(
            verdicts(&before, &after, &expect(&[(Status::Fail, "node.a"), (Status::Unknown, "edge.b")]))
                .is_empty()
        );
        assert_eq!(verdicts(&before, &after, &expect(&[(Status::Fail, "node.a")])).len(), 1, "collateral");
        assert_eq!(
            verdicts(&before, &before, &expect(&[(Status::Pass, "node.a")])).len(),
            1,
            "no change at all"
        );
    }
}
