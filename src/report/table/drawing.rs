//! The boxes and arrows of the drawing, a row each.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::super::page::{Page, Row, Tone, label};
use super::super::text::{clean, short_id, short_kind, width};
use crate::model::path::Expect;
use crate::model::run::{Audit, CountResult, Finding, NodeResult, Status};

pub(super) fn write(page: &mut Page, audit: &Audit) {
    let drawing = Drawing::new(page, audit);
    let nodes: Vec<Row> = audit.nodes.iter().flat_map(|node| drawing.node(node)).collect();
    let arrows = drawing.arrows();
    let paths = drawing.paths();
    let rules = drawing.rules();
    for (title, names, rows) in [
        ("Nodes", &["STATUS", "NODE", "KIND", "FOUND", "BOUND TO"][..], nodes),
        ("Arrows", &["STATUS", "ARROW", "FROM —RELATION→ TO"], arrows),
        ("Paths", &["STATUS", "PATH", "PACKETS", "FROM → TO"], paths),
        ("Rules", &["STATUS", "RULE", "JUDGED"], rules),
    ] {
        if !rows.is_empty() {
            page.heading(title, "");
            page.columns(names, &rows);
        }
    }
    if audit.nodes.is_empty() && audit.edges.is_empty() && audit.paths.is_empty() {
        page.blank();
        page.line("No node or arrow of the design applies.");
    }
}

struct Drawing<'r> {
    audit: &'r Audit,
    /// Findings by check.
    findings: BTreeMap<&'r str, Vec<&'r Finding>>,
    /// What the resources are called, by id.
    names: BTreeMap<&'r str, &'r str>,
    wide: bool,
    verbose: bool,
}

impl<'r> Drawing<'r> {
    fn new(page: &Page, audit: &'r Audit) -> Self {
        let mut names = BTreeMap::new();
        for finding in &audit.findings {
            if !finding.subject.name.is_empty() {
                names.insert(finding.subject.id.as_str(), finding.subject.name.as_str());
            }
            // A node's own finding says what it binds, by name.
            for evidence in finding.evidence.iter().filter(|evidence| evidence.fact == "bound") {
                if let Some(name) = evidence.value.as_str() {
                    names.insert(&evidence.resource, name);
                }
            }
        }
        let style = page.style();
        Self { audit, findings: audit.by_check(), names, wide: style.width >= 120, verbose: style.verbose }
    }

    /// The node, and those of its asserts that don't hold (all of them where everything is shown).
    fn node(&self, node: &NodeResult) -> Vec<Row> {
        let own = format!("{}/node.{}", self.audit.design.id, node.id);
        let asserts = self.below(&format!("{own}/"));
        let all: Vec<&Finding> =
            self.of(&own).iter().chain(asserts.iter().flat_map(|(_, found)| found.iter())).copied().collect();
        let mut bound = self.list(node.bound.iter().map(String::as_str));
        if !node.maybe.is_empty() {
            let maybe = format!("maybe {}", self.list(node.maybe.iter().map(String::as_str)));
            bound = if bound.is_empty() { maybe } else { format!("{bound}; {maybe}") };
        }
        let mut rows = vec![Row {
            tone: Tone::of(node.status),
            cells: vec![
                marked(node.status, &all),
                clean(&node.id, 40).into_owned(),
                clean(&short_kind(&node.kind, self.wide), 120).into_owned(),
                found(&node.count),
                bound,
            ],
        }];
        for (name, findings) in asserts {
            let status = Status::roll_up(findings.iter().map(|finding| finding.status));
            // What merely follows from another verdict is told where that one is.
            let own =
                findings.iter().any(|finding| finding.status.is_wrong() && finding.caused_by.is_empty());
            if !self.verbose && !own {
                continue;
            }
            let about =
                findings.iter().filter(|finding| finding.status.is_wrong()).map(|f| f.subject.id.as_str());
            rows.push(Row {
                tone: Tone::of(status),
                cells: vec![
                    marked(status, &findings),
                    format!("└ {}", clean(name, 60)),
                    String::new(),
                    String::new(),
                    self.list(about.filter(|id| *id != node.id)),
                ],
            });
        }
        rows
    }

    fn arrows(&self) -> Vec<Row> {
        let edges = self.audit.edges.iter().map(|edge| {
            let never = if edge.forbid { "never " } else { "" };
            let arrow = format!("{} —{never}{}→ {}", edge.from, edge.rel, edge.to);
            let own = self.of(&format!("{}/edge.{}", self.audit.design.id, edge.id));
            let cells = vec![
                marked(edge.status, own),
                clean(&edge.id, 60).into_owned(),
                clean(&arrow, 160).into_owned(),
            ];
            Row { tone: Tone::of(edge.status), cells }
        });
        edges.collect()
    }

    fn paths(&self) -> Vec<Row> {
        let paths = self.audit.paths.iter().map(|path| {
            let never = if path.expect == Expect::Unreachable { "never " } else { "" };
            let mut way = format!("{never}{}", path.via.join(" → "));
            if !path.avoid.is_empty() {
                way = format!("{way} but by {}", path.avoid.join(", "));
            }
            let own = self.of(&format!("{}/path.{}", self.audit.design.id, path.id));
            let cells = vec![
                marked(path.status, own),
                clean(&path.id, 60).into_owned(),
                clean(&path.packet, 80).into_owned(),
                clean(&way, 240).into_owned(),
            ];
            Row { tone: Tone::of(path.status), cells }
        });
        paths.collect()
    }

    /// Checks of the user's own; a run has no list of them but their findings.
    fn rules(&self) -> Vec<Row> {
        let rules = self.below(&format!("{}/rule.", self.audit.design.id));
        let row = |(name, findings): (&str, Vec<&Finding>)| {
            let status = Status::roll_up(findings.iter().map(|finding| finding.status));
            let judged = self.list(findings.iter().map(|finding| finding.subject.id.as_str()));
            let cells = vec![marked(status, &findings), clean(name, 60).into_owned(), judged];
            Row { tone: Tone::of(status), cells }
        };
        rules.into_iter().map(row).collect()
    }

    fn of(&self, check: &str) -> &[&'r Finding] {
        self.findings.get(check).map_or(&[], Vec::as_slice)
    }

    /// Checks whose id starts so, by what follows.
    fn below(&self, prefix: &str) -> Vec<(&'r str, Vec<&'r Finding>)> {
        let on = self.findings.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        let checks = on.map_while(|(check, found)| Some((check.strip_prefix(prefix)?, found)));
        checks.map(|(name, found)| (name, found.clone())).collect()
    }

    /// The first few by name, and how many more there are.
    fn list<'i>(&self, ids: impl Iterator<Item = &'i str>) -> String {
        let ids: BTreeSet<&str> = ids.collect();
        let room = if self.wide { 72 } else { 32 };
        let (mut out, mut left) = (String::new(), ids.len());
        for id in ids {
            let name = clean(self.names.get(id).copied().unwrap_or(short_id(id)), 40);
            let full = width(&out) + 2 + width(&name) > room;
            if full && !out.is_empty() && !self.verbose {
                return format!("{out} +{left}");
            }
            if !out.is_empty() {
                out.push_str(", ");
            }
            out.push_str(&name);
            left -= 1;
        }
        out
    }
}

/// The status; `waived` where a waiver covers all that is wrong, `*` where it takes something for granted.
fn marked(status: Status, findings: &[&Finding]) -> String {
    let mut text = label(status).to_owned();
    let mut bad = findings.iter().filter(|finding| finding.status.is_wrong()).peekable();
    if bad.peek().is_some() && bad.all(|finding| finding.disposition.is_some()) {
        text.push_str(" waived");
    }
    if findings.iter().any(|finding| !finding.assumptions.is_empty()) {
        text.push_str(" *");
    }
    text
}

/// How many there are and how many there should be.
fn found(count: &CountResult) -> String {
    let least = count.at_least;
    let there = match count.at_most {
        Some(most) if most == least => format!("{least}"),
        Some(most) => format!("{least}-{most}"),
        None => format!("{least}+"),
    };
    let expected = match count.expected.strip_suffix("..") {
        Some(least) => format!("{least}+"),
        None => count.expected.clone(),
    };
    format!("{there} of {}", clean(&expected, 20))
}
