//! What a drawing has no place for, and is judged all the same: without it a picture would be greener than its verdict.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::super::text::{clean, width};
use super::{Verdict, WIDEST};
use crate::model::run::{Audit, Finding, Status};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) struct Beside {
    /// What sort of thing it is, in the plural.
    pub sort: &'static str,
    pub name: String,
    pub verdict: Verdict,
}

/// Columns of a line that tells of one sort.
const LINE: usize = 100;

/// The worst first, and of the same verdict as they stand in the run.
pub(super) fn of(audit: &Audit) -> Vec<Beside> {
    let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &audit.findings {
        findings.entry(audit.own(&finding.check).unwrap_or_default()).or_default().push(finding);
    }
    let beside = |sort, name: &str, own: &str, status: Option<Status>| {
        let own = findings.get(own).map(Vec::as_slice).unwrap_or_default();
        let status = status.unwrap_or_else(|| Status::roll_up(own.iter().map(|finding| finding.status)));
        let verdict = Verdict::of(status, own.iter().copied());
        Beside { sort, name: clean(name, WIDEST).into_owned(), verdict }
    };
    let paths = audit
        .paths
        .iter()
        .map(|path| beside("ways of packets", &path.id, &format!("path.{}", path.id), Some(path.status)));
    // A run has no list of rules but their findings.
    let rules = findings.keys().filter_map(|own| Some((own, own.strip_prefix("rule.")?)));
    let rules = rules.map(|(own, name)| beside("rules", name, own, None));
    let drawn = |id: &str| audit.nodes.iter().any(|node| node.id == id);
    let loose = audit.edges.iter().filter(|edge| !drawn(&edge.from) || !drawn(&edge.to));
    let loose = loose.map(|edge| beside("arrows", &edge.id, &format!("edge.{}", edge.id), Some(edge.status)));
    let mut all: Vec<Beside> = paths.chain(rules).chain(loose).collect();
    all.sort_by_key(|it| Reverse(it.verdict));
    all
}

/// A line for each sort, with its worst verdict: `Not drawn: rules ✗ acme/spread, ✓ acme/named`. What has no room is
/// counted by verdict.
pub(in crate::report) fn lines(beside: &[Beside]) -> Vec<(Verdict, String)> {
    let mut sorts: Vec<(&str, Vec<&Beside>)> = Vec::new();
    for it in beside {
        match sorts.iter_mut().find(|(sort, _)| *sort == it.sort) {
            Some((_, of)) => of.push(it),
            None => sorts.push((it.sort, vec![it])),
        }
    }
    sorts.into_iter().map(|(sort, of)| (of[0].verdict, line(sort, &of))).collect()
}

fn line(sort: &str, of: &[&Beside]) -> String {
    let mut out = format!("Not drawn: {sort}");
    for (at, it) in of.iter().enumerate() {
        let one = format!("{} {} {}", if at == 0 { "" } else { "," }, it.verdict.mark(), it.name);
        if width(&out) + width(&one) > LINE {
            let rest = &of[at..];
            let count = |verdict| rest.iter().filter(|it| it.verdict == verdict).count();
            let counts: Vec<String> = Verdict::ALL
                .into_iter()
                .filter(|verdict| count(*verdict) > 0)
                .map(|verdict| format!("{} {} {}", verdict.mark(), count(verdict), verdict.word()))
                .collect();
            return format!("{out} and {} more ({})", rest.len(), counts.join(", "));
        }
        out.push_str(&one.replacen("  ", " ", 1));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn what_has_no_box_is_told_the_worst_first() {
        let mut run = sample::run();
        let audit = &mut run.audits[0];
        let mut rule = sample::finding("rule.acme/spread", "aws.vpc", "main", "");
        rule.status = Status::Fail;
        audit.findings.push(rule);
        audit.edges.retain(|edge| edge.id == "task-registry");
        let told: Vec<String> = lines(&of(audit)).into_iter().map(|(_, line)| line).collect();
        assert_eq!(
            told,
            [
                "Not drawn: ways of packets ✗ egress, ✓ bypass",
                "Not drawn: rules ✗ acme/spread",
                "Not drawn: arrows – task-registry"
            ]
        );
    }

    #[test]
    fn a_line_stays_short_and_hides_no_verdict() {
        let beside = |at| Beside {
            sort: "rules",
            name: format!("acme/rule-{at}"),
            verdict: if at < 30 { Verdict::Fail } else { Verdict::Pass },
        };
        let all: Vec<Beside> = (0..40).map(beside).collect();
        let told = lines(&all);
        assert_eq!(told.len(), 1);
        assert!(width(&told[0].1) < LINE + 60, "{told:?}");
        assert!(told[0].1.ends_with("✓ 10 PASS)") && told[0].1.contains("acme/rule-0, ✗ "), "{told:?}");
    }
}
