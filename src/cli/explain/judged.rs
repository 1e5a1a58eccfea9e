//! How each check of a design is judged, from the design's text and what the model says of kinds and relations.

use std::collections::{BTreeMap, BTreeSet};

use crate::design::expr::Expr;
use crate::design::{Design, Edge, Node, Requirement};
use crate::engine::needs::{self, Part};
use crate::model::call::Call;
use crate::model::kind::Kind;
use crate::model::relation::{DERIVED, RelationMeta, relation};
use crate::model::run::Basis;
use crate::model::scope::Provider;
use crate::report::{Sheet, Style};

/// One check of a design.
pub(super) struct Check<'d> {
    pub(super) id: String,
    design: &'d Design,
    part: Part<'d>,
}

/// What a basis means to who reads it.
pub(in crate::cli) fn meaning(basis: Basis) -> &'static str {
    match basis {
        Basis::Documented => "the design's document says so itself",
        Basis::Implementation => "not in the document, but what its published templates set",
        Basis::Hardening => "good practice that the design itself does not promise",
    }
}

impl<'d> Check<'d> {
    /// Every check of a design.
    pub(super) fn of(design: &'d Design) -> Vec<Self> {
        let mut parts = Vec::new();
        for node in &design.nodes {
            parts.push(Part::Node(node));
            parts.extend(node.asserts.iter().map(|assert| Part::Assert(node, assert)));
        }
        parts.extend(design.edges.iter().map(Part::Arrow));
        parts.extend(design.paths.iter().map(Part::Path));
        parts.extend(design.rules.iter().map(Part::Rule));
        let check = |part| Self { id: format!("{}/{}", design.id, own(part)), design, part };
        parts.into_iter().map(check).collect()
    }

    fn requirement(&self) -> &'d Requirement {
        match self.part {
            Part::Node(node) => &node.requirement,
            Part::Assert(_, assert) => &assert.requirement,
            Part::Arrow(arrow) => &arrow.requirement,
            Part::Path(path) => &path.requirement,
            Part::Rule(rule) => &rule.requirement,
        }
    }

    /// All there is to say of it, for a terminal.
    pub(super) fn sheet(&self, style: Style) -> String {
        let asked = self.requirement();
        let mut sheet = Sheet::new(style, &self.id);
        sheet.says(&asked.says);
        if !asked.why.is_empty() {
            sheet.heading("Why it matters");
            sheet.text(&asked.why);
        }
        sheet.heading("Where it comes from");
        sheet.line("document", &self.design.source);
        sheet.line("place", &asked.cite);
        sheet.line("basis", &format!("{}: {}", asked.basis.as_str(), meaning(asked.basis)));
        sheet.line("severity", asked.severity.as_str());
        sheet.line("policy", &format!("{}:{}", asked.place.file, asked.place.line));
        sheet.heading("How it is judged");
        if let Some(when) = &asked.when {
            sheet.line("when", &format!("{}; otherwise it is not applicable", when.source()));
        }
        for (label, text) in self.judged() {
            sheet.line(&label, &text);
        }
        sheet.heading("What it looks at");
        for kind in self.kinds() {
            sheet.line("kind", &format!("{}: {}", kind.name(), kind.meta().about));
        }
        for (label, text) in calls(&needs::of(self.design, self.part)) {
            sheet.line(&label, &text);
        }
        sheet.text("What of this could not be read makes it UNKNOWN, never PASS.");
        if !asked.fix.is_empty() {
            sheet.heading("How to mend it");
            sheet.text(&asked.fix);
        }
        sheet.finish()
    }

    fn kinds(&self) -> BTreeSet<Kind> {
        let of = |id: &str| self.design.node(id).map_or(&[][..], |node| &node.kinds);
        match self.part {
            Part::Node(node) => node.kinds.iter().copied().collect(),
            Part::Assert(node, assert) => {
                let kinds = if assert.kinds.is_empty() { &node.kinds } else { &assert.kinds };
                kinds.iter().copied().collect()
            }
            Part::Arrow(arrow) => of(&arrow.from).iter().chain(of(&arrow.to)).copied().collect(),
            Part::Path(path) => path.nodes().flat_map(of).copied().collect(),
            Part::Rule(rule) => of(&rule.node).iter().copied().collect(),
        }
    }

    /// Labelled lines: the conditions as they are written, and what the names in them mean.
    fn judged(&self) -> Lines {
        let mut lines = Lines::default();
        match self.part {
            Part::Node(node) => self.bound(node, &mut lines),
            Part::Assert(node, assert) => {
                let each = if assert.per_resource() { "each resource of" } else { "all of" };
                lines.say("judges", format!("{each} the node {}", node.id));
                lines.say("holds if", assert.that.source());
                lines.names(&self.kinds(), &assert.that);
            }
            Part::Arrow(arrow) => lines.arrow(arrow),
            Part::Path(path) => {
                lines.say("via", path.way());
                lines.say("packet", path.packet.text());
                lines.say("expect", path.expect.as_str());
                lines.say("avoid", path.avoid.join(", "));
                let by = "packets are followed hop by hop, through routes, firewalls and listeners as they were read";
                lines.say("how", by);
            }
            Part::Rule(rule) => {
                lines.say("judges", format!("each resource of the node {}", rule.node));
                lines.say("holds if", rule.that.source());
                lines.names(&self.kinds(), &rule.that);
            }
        }
        lines
    }

    fn bound(&self, node: &Node, lines: &mut Lines) {
        lines.say("count", &node.count.text);
        let scope = self.design.scopes.get(&node.scope).filter(|_| node.via.is_none());
        if let Some(filter) = scope.and_then(|scope| scope.filter.as_ref()) {
            lines.say("where", filter.source());
            lines.names(&self.kinds(), filter);
        }
        if let Some(select) = &node.select {
            lines.say("select", select.source());
            lines.names(&self.kinds(), select);
        }
        if let Some(via) = &node.via {
            lines.say("via", format!("it is what the arrow {via} leads to"));
        }
        if let Some(within) = &node.within {
            lines.say("within", format!("only of what the node {within} binds"));
        }
    }
}

fn own(part: Part<'_>) -> String {
    match part {
        Part::Node(node) => format!("node.{}", node.id),
        Part::Assert(node, assert) => format!("node.{}/{}", node.id, assert.id),
        Part::Arrow(arrow) => format!("edge.{}", arrow.id),
        Part::Path(path) => format!("path.{}", path.id),
        Part::Rule(rule) => format!("rule.{}", rule.id),
    }
}

/// Labels, each with its text.
#[derive(Default)]
struct Lines(Vec<(String, String)>);

impl IntoIterator for Lines {
    type Item = (String, String);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Lines {
    fn say(&mut self, label: &str, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.0.push((label.to_owned(), text));
        }
    }

    fn arrow(&mut self, arrow: &Edge) {
        let never = if arrow.forbid { "never " } else { "" };
        self.say("arrow", format!("{} —{never}{}→ {}", arrow.from, arrow.relation.name, arrow.to));
        self.say("means", arrow.relation.about);
        for attribute in arrow.relation.attributes {
            self.say(&format!("e.{}", attribute.name), attribute.about);
        }
        for (label, expr) in [("counts if", &arrow.filter), ("holds if", &arrow.that)] {
            self.say(label, expr.as_ref().map_or("", Expr::source));
        }
        let (from, to) = (&arrow.from, &arrow.to);
        if arrow.forbid {
            self.say("never", format!("no such edge may lead from {from} to {to}"));
        } else {
            self.say("each", format!("every resource of {from} has such an edge to one of {to}"));
        }
        if arrow.only {
            self.say("only", format!("none of its edges leads anywhere but to {to}"));
        }
        if arrow.cover {
            self.say("cover", format!("every resource of {to} is led to"));
        }
    }

    /// What is worked out for an expression, and the relations it asks for. Plain facts say what they are by their names.
    fn names(&mut self, kinds: &BTreeSet<Kind>, expr: &Expr) {
        let reads = expr.reads();
        let of_bound = reads.bound.iter().flatten();
        let fields: BTreeSet<&String> = reads.fields.iter().chain(of_bound).collect();
        for derived in
            DERIVED.iter().filter(|it| kinds.contains(&it.kind) && fields.contains(&it.name.to_owned()))
        {
            self.say(&format!("r.{}", derived.name), derived.about);
        }
        for meta in reads.out.iter().filter_map(|name| relation(name)) {
            self.say("out", format!("{}: {}", meta.name, meta.about));
            self.attributes(meta, expr);
        }
    }

    fn attributes(&mut self, relation: &RelationMeta, expr: &Expr) {
        let known = expr.reads().attributes.iter().filter_map(|name| relation.attribute(name));
        for attribute in known {
            self.say(&format!("e.{}", attribute.name), attribute.about);
        }
    }
}

/// The calls by whose they are, and the permissions that go by other names.
fn calls(needed: &BTreeMap<&'static str, &'static Call>) -> Lines {
    let mut lines = Lines::default();
    for provider in Provider::ALL {
        let own: Vec<&Call> = needed.values().copied().filter(|call| call.provider() == provider).collect();
        if own.is_empty() {
            continue;
        }
        let ids: Vec<&str> = own.iter().map(|call| call.id).collect();
        lines.say("calls", ids.join(", "));
        let permissions: BTreeSet<&str> = own.iter().flat_map(|call| call.permissions).copied().collect();
        if permissions != ids.iter().copied().collect() {
            let all: Vec<&str> = permissions.into_iter().collect();
            lines.say("permissions", all.join(", "));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::{builtin, load};

    fn style(width: usize, unicode: bool) -> Style {
        Style { width, colour: false, unicode, verbose: false }
    }

    /// A sheet's words, one space between them.
    fn words(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_shipped_check_explains_itself() {
        let designs = load(&builtin()).expect("the shipped designs are sound").designs;
        for check in designs.values().flat_map(Check::of) {
            let asked = check.requirement();
            let text = words(&check.sheet(style(100_000, true)));
            let place = format!("{}:{}", asked.place.file, asked.place.line);
            for part in [&check.id, &asked.says, &asked.cite, &asked.why, &asked.fix, &place] {
                assert!(text.contains(&words(part)), "{}: {part} is missing: {text}", check.id);
            }
            let basis = format!("{}: {}", asked.basis.as_str(), meaning(asked.basis));
            assert!(text.contains(&basis), "{}: {text}", check.id);
            let judged = match check.part {
                Part::Node(node) => node.count.text.clone(),
                Part::Assert(_, assert) => assert.that.source().to_owned(),
                Part::Arrow(arrow) => arrow.relation.about.to_owned(),
                Part::Path(path) => path.way(),
                Part::Rule(rule) => rule.that.source().to_owned(),
            };
            assert!(text.contains(&words(&judged)), "{}: {judged}: {text}", check.id);
            for call in needs::of(check.design, check.part).values() {
                assert!(text.contains(call.id), "{}: {}", check.id, call.id);
                for permission in call.permissions {
                    assert!(text.contains(permission), "{}: {permission}", check.id);
                }
            }
        }
    }

    #[test]
    fn a_narrow_plain_terminal_is_enough() {
        let designs = load(&builtin()).expect("the shipped designs are sound").designs;
        for check in designs.values().flat_map(Check::of) {
            let text = check.sheet(style(60, false));
            assert!(text.is_ascii(), "{text}");
            let wide = text.lines().skip(1).find(|line| line.len() > 60);
            assert_eq!(wide, None, "{}", check.id);
        }
    }

    #[test]
    fn an_arrow() {
        let designs = load(&builtin()).expect("the shipped designs are sound").designs;
        let checks = Check::of(&designs["aws-ecs-fargate"]);
        let check =
            checks.iter().find(|check| check.id.ends_with("/edge.container-database")).expect("it is drawn");
        let text = check.sheet(style(90, true));
        for part in [
            "arrow         container —reaches→ database",
            "means         The container can use this database.",
            "e.network",
            "holds if",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
