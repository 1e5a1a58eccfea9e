//! What is wrong, by what it goes back to: each cause once, the worst first, with what only follows from it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::run::{Audit, Finding, Severity, Status, Subject};

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

/// What a finding is about, unless its check says so: `node.nat` does of what there is to say about that node. An arrow or
/// path that begins at nothing is about its node, too, and names another thing.
pub(super) fn subject(finding: &Finding) -> Option<&Subject> {
    let subject = &finding.subject;
    let own = finding.check.split_once('/').map_or("", |(_, own)| own);
    let node = own.strip_prefix("node.").and_then(|node| node.split('/').next());
    let named = !subject.is_resource() && node == Some(&subject.id);
    (!named && !subject.id.is_empty()).then_some(subject)
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
    let mut caused: Chains<'r> = BTreeMap::new();
    for finding in findings {
        caused.entry(&finding.check).or_default().extend(finding.caused_by.iter().map(String::as_str));
    }
    let origins = origins(&caused);
    let mut echoes: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        let mut ends = BTreeSet::new();
        for cause in &finding.caused_by {
            match origins.get(cause.as_str()) {
                Some(further) => ends.extend(further),
                None => {
                    ends.insert(cause.as_str());
                }
            }
        }
        for end in ends {
            echoes.entry(end).or_default().push(finding);
        }
    }
    echoes
}

/// Checks by one that they follow from, or that follows from them.
type Chains<'r> = BTreeMap<&'r str, BTreeSet<&'r str>>;

/// A check goes back to so many at most: somebody's report must not take the square of its size to tell.
const ENDS: usize = 100;

/// The ends of the chains of causes, by each check on them. A circle ends in one of its checks.
fn origins<'r>(caused: &Chains<'r>) -> Chains<'r> {
    let mut follow = Chains::new();
    for (check, causes) in caused {
        for cause in causes {
            follow.entry(cause).or_default().insert(check);
        }
    }
    let mut origins = Chains::new();
    for end in follow.keys().filter(|check| !caused.contains_key(*check)) {
        trace(end, &follow, &mut origins);
    }
    for check in caused.keys() {
        // What leads to no end leads into a circle.
        if !origins.contains_key(check) {
            trace(circle(check, caused), &follow, &mut origins);
        }
    }
    origins
}

/// Notes the end with all that goes back to it. From the ends, each step is taken once and a circle is no trap.
fn trace<'r>(end: &'r str, follow: &Chains<'r>, origins: &mut Chains<'r>) {
    let mut next = vec![end];
    while let Some(check) = next.pop() {
        for further in follow.get(check).into_iter().flatten() {
            let ends = origins.entry(further).or_default();
            if ends.len() < ENDS && ends.insert(end) {
                next.push(further);
            }
        }
    }
}

/// A check of the circle that one leads into, the same wherever on it one begins.
fn circle<'r>(mut check: &'r str, caused: &Chains<'r>) -> &'r str {
    let mut way: Vec<&str> = Vec::new();
    let mut seen = BTreeMap::new();
    loop {
        if let Some(first) = seen.insert(check, way.len()) {
            return way[first..].iter().min().copied().unwrap_or(check);
        }
        way.push(check);
        // It has a cause, or would be an end.
        check = caused.get(check).and_then(|causes| causes.first()).copied().unwrap_or(check);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    /// One that fails because of these.
    fn caused(check: &str, by: &[&str]) -> Finding {
        let mut finding = sample::finding(check, "aws.vpc", "vpc-1", "main");
        finding.status = Status::Fail;
        finding.caused_by = by.iter().map(|by| format!("{}/{by}", sample::DESIGN)).collect();
        finding
    }

    fn audits(findings: Vec<Finding>) -> Vec<Audit> {
        let mut audits = sample::empty().audits;
        audits[0].findings = findings;
        audits
    }

    /// Causes with how many follow from each.
    type Told<'r> = Vec<(&'r str, usize)>;
    /// What else there is, with what goes back to it.
    type Rest<'r> = Vec<(&'r str, Vec<&'r str>)>;

    fn told(audits: &[Audit]) -> (Told<'_>, Rest<'_>) {
        let Causes { causes, rest } = Causes::of(audits);
        let causes = causes.iter().map(|it| (it.audit.short(it.check()), it.follow.len())).collect();
        let rest = rest.iter().map(|it| {
            (it.audit.short(it.check), it.findings.iter().map(|of| it.audit.short(&of.check)).collect())
        });
        (causes, rest.collect())
    }

    #[test]
    fn what_a_check_names_is_not_told_again() {
        for (check, kind, id, told) in [
            ("node.nat", "node", "nat", false),
            ("node.nat/tls-1.2", "node", "nat", false),
            ("node.nat/tls", "aws.nat_gateway", "nat-1", true),
            // It may be called as the node is.
            ("node.assets/private", "aws.s3_bucket", "assets", true),
            ("edge.private-nat", "node", "private", true),
            ("edge.nat", "node", "nat", true),
            ("path.node.nat", "node", "nat", true),
            ("node.nat", "node", "", false),
        ] {
            assert_eq!(subject(&sample::finding(check, kind, id, "")).is_some(), told, "{check} {kind} {id}");
        }
    }

    #[test]
    fn the_worst_stands_first_and_audits_in_their_order() {
        let mut high = caused("node.z", &[]);
        high.severity = Severity::High;
        let mut unknown = high.clone();
        unknown.status = Status::Unknown;
        unknown.check.push('z');
        let mut audits = audits(vec![caused("node.b", &[]), unknown, high, caused("node.a", &[])]);
        audits.push(audits[0].clone());
        let causes = Causes::of(&audits).causes;
        let checks: Vec<&str> = causes.iter().map(|cause| cause.audit.short(cause.check())).collect();
        let [a, b, z, zz] = ["node.a", "node.b", "node.z", "node.zz"];
        assert_eq!(checks, [z, z, a, b, a, b, zz, zz]);
    }

    #[test]
    fn a_chain_goes_back_to_its_end_however_long_it_is() {
        const LONG: usize = 20_000;
        let name = |at: usize| format!("edge.e{at}");
        let mut findings = vec![caused(&name(0), &[])];
        findings.extend((1..LONG).map(|at| caused(&name(at), &[&name(at - 1)])));
        // One whose cause is far away and one that is near.
        findings.push(caused("path.p", &[&name(LONG - 1), &name(0)]));
        let audits = audits(findings);
        assert_eq!(told(&audits), (vec![("edge.e0", LONG)], vec![]));
        assert_eq!(Causes::of(&audits).folded(), LONG);
        assert!(Causes::of(&audits).others().is_empty());
    }

    #[test]
    fn a_long_chain_into_a_circle_ends_and_loses_nothing() {
        const LONG: usize = 20_000;
        let name = |at: usize| format!("edge.e{at}");
        let mut findings = vec![caused("node.b", &["node.a"]), caused("node.a", &["node.b"])];
        findings.push(caused(&name(0), &["node.b"]));
        findings.extend((1..LONG).map(|at| caused(&name(at), &[&name(at - 1)])));
        findings.push(caused("node.itself", &["node.itself"]));
        let audits = audits(findings);
        let (causes, rest) = told(&audits);
        assert!(causes.is_empty());
        let counts: Vec<(&str, usize)> = rest.iter().map(|(check, all)| (*check, all.len())).collect();
        assert_eq!(counts, [("node.a", LONG + 2), ("node.itself", 1)]);
        let others = Causes::of(&audits).others();
        assert_eq!(others.iter().map(|cause| cause.findings.len()).sum::<usize>(), LONG + 3);
    }

    #[test]
    fn a_circle_that_something_else_caused_goes_back_to_that() {
        let audits = audits(vec![
            caused("node.root", &[]),
            caused("node.a", &["node.b"]),
            caused("node.b", &["node.a", "node.root"]),
            caused("edge.e", &["node.a", "node.accepted"]),
        ]);
        assert_eq!(told(&audits), (vec![("node.root", 3)], vec![("node.accepted", vec!["edge.e"])]));
        assert!(Causes::of(&audits).others().is_empty(), "it stands with the root");
    }

    #[test]
    fn a_ladder_of_causes_is_no_square() {
        const LONG: usize = 5_000;
        let name = |at: usize| format!("edge.e{at}");
        let own = |at: usize| format!("node.n{at}");
        let findings = (1..=LONG).map(|at| caused(&name(at), &[&name(at - 1), &own(at)])).collect();
        let audits = audits(findings);
        let (_, rest) = told(&audits);
        let all: usize = rest.iter().map(|(_, findings)| findings.len()).sum();
        assert!((LONG..=LONG * (ENDS + 1)).contains(&all), "{all}");
        let alone: usize = Causes::of(&audits).others().iter().map(|cause| cause.findings.len()).sum();
        assert_eq!(alone, LONG, "each is told once");
    }
}
