//! What is wrong, by what it goes back to: each cause once, the worst first, with what only follows from it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::run::{Audit, Finding, Severity, Status};

/// Open findings of one check that came out alike.
pub(super) struct Cause<'r> {
    pub(super) audit: &'r Audit,
    /// One at least.
    pub(super) findings: Vec<&'r Finding>,
    /// What goes back to them in the end.
    pub(super) follow: Vec<&'r Finding>,
}

/// Open findings whose cause is none: it is waived, or they cause each other.
pub(super) struct Echo<'r> {
    pub(super) audit: &'r Audit,
    /// What they go back to.
    pub(super) check: &'r str,
    pub(super) findings: Vec<&'r Finding>,
}

pub(super) struct Causes<'r> {
    /// The worst first.
    pub(super) causes: Vec<Cause<'r>>,
    /// What goes back to none of those (as well).
    pub(super) rest: Vec<Echo<'r>>,
}

impl<'r> Causes<'r> {
    pub(super) fn of(audits: &'r [Audit]) -> Self {
        let (mut causes, mut rest) = (Vec::new(), Vec::new());
        for audit in audits {
            let open = audit.findings.iter().filter(|finding| finding.is_open());
            let (own, others): (Vec<_>, Vec<_>) = open.partition(|finding| finding.caused_by.is_empty());
            let mut echoes = echoes(&others);
            for mut cause in alike(audit, own) {
                cause.follow = echoes.remove(cause.check()).unwrap_or_default();
                causes.push(cause);
            }
            rest.extend(echoes.into_iter().map(|(check, findings)| Echo { audit, check, findings }));
        }
        causes.sort_by_key(Cause::weight);
        Self { causes, rest }
    }

    /// What follows from none of the causes, as if nothing had caused it.
    pub(super) fn others(&self) -> Vec<Cause<'r>> {
        // A finding has no other name that is its own in every report somebody hands in.
        let told = self.causes.iter().flat_map(|cause| &cause.follow).map(|it| std::ptr::from_ref(*it));
        let mut told: BTreeSet<*const Finding> = told.collect();
        let mut others = Vec::new();
        for audit in self.rest.chunk_by(|a, b| std::ptr::eq(a.audit, b.audit)) {
            let all = audit.iter().flat_map(|echo| &echo.findings).copied();
            let untold = all.filter(|finding| told.insert(std::ptr::from_ref(*finding))).collect();
            others.extend(alike(audit[0].audit, untold));
        }
        others.sort_by_key(Cause::weight);
        others
    }

    /// How many findings only follow from the causes.
    pub(super) fn folded(&self) -> usize {
        let all = self.causes.iter().flat_map(|cause| &cause.follow);
        all.map(|finding| std::ptr::from_ref(*finding)).collect::<BTreeSet<*const Finding>>().len()
    }
}

impl<'r> Cause<'r> {
    pub(super) fn check(&self) -> &'r str {
        &self.findings[0].check
    }

    fn weight(&self) -> (Reverse<Status>, Reverse<Severity>) {
        (Reverse(self.findings[0].status), Reverse(self.findings[0].severity))
    }
}

/// Findings by their check and how it came out, the worst first.
fn alike<'r>(audit: &'r Audit, findings: Vec<&'r Finding>) -> impl Iterator<Item = Cause<'r>> {
    let mut alike: BTreeMap<_, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        let key = (Reverse(finding.status), Reverse(finding.severity), finding.check.as_str());
        alike.entry(key).or_default().push(finding);
    }
    alike.into_values().map(move |findings| Cause { audit, findings, follow: Vec::new() })
}

/// Findings that another one caused, by what they go back to in the end.
fn echoes<'r>(findings: &[&'r Finding]) -> BTreeMap<&'r str, Vec<&'r Finding>> {
    let mut caused: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in findings {
        caused.entry(&finding.check).or_default().extend(finding.caused_by.iter().map(String::as_str));
    }
    let mut echoes: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        for origin in origins(finding, &caused) {
            echoes.entry(origin).or_default().push(finding);
        }
    }
    echoes
}

/// The ends of the chains of causes; all of them when they only lead in a circle.
fn origins<'r>(finding: &'r Finding, caused: &BTreeMap<&'r str, BTreeSet<&'r str>>) -> BTreeSet<&'r str> {
    let mut seen = BTreeSet::new();
    let mut ends = BTreeSet::new();
    let mut next: Vec<&str> = finding.caused_by.iter().map(String::as_str).collect();
    while let Some(check) = next.pop() {
        if !seen.insert(check) {
            continue;
        }
        match caused.get(check) {
            Some(further) if !further.is_empty() => next.extend(further),
            _ => {
                ends.insert(check);
            }
        }
    }
    if ends.is_empty() { seen } else { ends }
}
