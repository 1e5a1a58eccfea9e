//! What a drawing has no place for, and is judged all the same: without it a picture would be greener than its verdict.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::super::text::{clean, width};
use super::{Verdict, WIDEST};
use crate::model::path::Expect;
use crate::model::run::{Audit, EdgeResult, PathResult, Status};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) struct Beside {
    pub sort: Sort,
    /// The check, without its design where it is of this.
    pub check: String,
    pub name: String,
    /// What is asked, in a line.
    pub about: String,
    pub verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Sort {
    Path,
    Rule,
    Arrow,
}

impl Sort {
    pub(in crate::report) const ALL: [Self; 3] = [Self::Path, Self::Rule, Self::Arrow];

    fn plural(self) -> &'static str {
        match self {
            Self::Path => "ways of packets",
            Self::Rule => "rules",
            Self::Arrow => "arrows",
        }
    }
}

/// Columns of a line that tells of one sort, and of what one of it asks.
const LINE: usize = 100;
const ABOUT: usize = 400;

/// The worst first, and of the same verdict as they stand in the run.
pub(super) fn of(audit: &Audit) -> Vec<Beside> {
    let findings = audit.by_check();
    let beside = |sort, own: &str, status: Option<Status>, about: &str| {
        let check = format!("{}/{own}", audit.design.id);
        let findings = findings.get(check.as_str()).or_else(|| findings.get(own));
        let findings = findings.map(Vec::as_slice).unwrap_or_default();
        let status = status.unwrap_or_else(|| Status::roll_up(findings.iter().map(|finding| finding.status)));
        Beside {
            sort,
            check: own.to_owned(),
            name: clean(own.split_once('.').map_or(own, |(_, name)| name), WIDEST).into_owned(),
            about: clean(about, ABOUT).into_owned(),
            verdict: Verdict::of(status, findings.iter().copied()),
        }
    };
    let paths = audit.paths.iter();
    let paths =
        paths.map(|path| beside(Sort::Path, &format!("path.{}", path.id), Some(path.status), &way(path)));
    // A run has no list of rules but their findings.
    let drawn = |own: &str| ["node.", "edge.", "path."].iter().any(|drawn| own.starts_with(drawn));
    let rules = findings.iter().map(|(check, of)| (audit.short(check), of)).filter(|(own, _)| !drawn(own));
    let rules = rules.map(|(own, of)| beside(Sort::Rule, own, None, &of[0].says));
    let nodes: BTreeSet<&str> = audit.nodes.iter().map(|node| node.id.as_str()).collect();
    let loose = |edge: &&EdgeResult| [&edge.from, &edge.to].iter().any(|end| !nodes.contains(end.as_str()));
    let arrows = audit.edges.iter().filter(loose);
    let arrows =
        arrows.map(|edge| beside(Sort::Arrow, &format!("edge.{}", edge.id), Some(edge.status), &joins(edge)));
    let mut all: Vec<Beside> = paths.chain(rules).chain(arrows).collect();
    all.sort_by_key(|it| Reverse(it.verdict));
    all
}

fn way(path: &PathResult) -> String {
    let (way, avoid) = (path.via.join(" → "), path.avoid.join(", "));
    match path.expect {
        Expect::Unreachable if !avoid.is_empty() => format!("never {way} but by {avoid}: {}", path.packet),
        Expect::Unreachable => format!("{way}: {}, must not arrive", path.packet),
        Expect::Reachable if !avoid.is_empty() => {
            format!("{way}, not by {avoid}: {}, must arrive", path.packet)
        }
        Expect::Reachable => format!("{way}: {}, must arrive", path.packet),
    }
}

fn joins(edge: &EdgeResult) -> String {
    let never = if edge.forbid { "never " } else { "" };
    format!("{} {never}{} {}", edge.from, edge.rel, edge.to)
}

/// A line for each sort, with its worst verdict: `Not drawn: rules ✗ acme/spread, ✓ acme/named`. What has no room is
/// counted by verdict.
pub(in crate::report) fn lines(beside: &[Beside]) -> Vec<(Verdict, String)> {
    let of = |sort| beside.iter().filter(move |it| it.sort == sort).collect::<Vec<_>>();
    let mut sorts: Vec<(Sort, Vec<&Beside>)> = Sort::ALL.into_iter().map(|sort| (sort, of(sort))).collect();
    sorts.retain(|(_, of)| !of.is_empty());
    sorts.sort_by_key(|(_, of)| Reverse(of[0].verdict));
    sorts.into_iter().map(|(sort, of)| (of[0].verdict, line(sort.plural(), &of))).collect()
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
            sort: Sort::Rule,
            check: format!("rule.acme/rule-{at}"),
            about: String::new(),
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
