//! A design as a document in Markdown, for whoever wants to learn what it draws.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::cli::explain::meaning;
use crate::design::{Assert, Design, Edge, Node, Param, Path, Requirement};
use crate::model::run::{Basis, GroupResult, Severity};
use crate::report::{Chart, Diagram, Frames, Shape, cell, code, flowchart, prose};

/// Texts of a design are its author's: long ones are shown in full.
const ALL: usize = 10_000;

pub(in crate::cli) fn document(design: &Design) -> String {
    let mut out = format!("# {}\n\n", prose(&design.title, ALL));
    let (id, version) = (code(&design.id, ALL), prose(&design.version, ALL));
    let source = prose(&design.source, ALL);
    let _ = writeln!(out, "The reference design {id}, version {version}, drawn after: {source}\n");
    let _ = writeln!(out, "Digest: {}\n", code(&design.digest, ALL));
    let _ = writeln!(
        out,
        "Its {} nodes are the boxes of the drawing: resources that must be there. Its {} arrows are what must hold \
         between them, its {} paths what must be true of packets. A requirement's basis says where it comes from:\n",
        design.nodes.len(),
        design.edges.len(),
        design.paths.len(),
    );
    for basis in Basis::ALL {
        item(&mut out, basis.as_str(), meaning(basis));
    }
    let _ = writeln!(
        out,
        "\nWhere nothing else is said, it is {}, and of {} severity.",
        Basis::default().as_str(),
        Severity::default().as_str()
    );
    drawing(&mut out, design);
    parameters(&mut out, design);
    if !design.nodes.is_empty() {
        out.push_str("\n## Nodes\n");
    }
    for node in &design.nodes {
        self::node(&mut out, design, node);
    }
    if !design.edges.is_empty() {
        out.push_str("\n## Arrows\n");
    }
    for edge in &design.edges {
        arrow(&mut out, edge);
    }
    if !design.paths.is_empty() {
        out.push_str("\n## Paths\n");
    }
    for path in &design.paths {
        self::path(&mut out, path);
    }
    rules(&mut out, design);
    unassessed(&mut out, design);
    out
}

/// The drawing, without verdicts: nobody was asked.
fn drawing(out: &mut String, design: &Design) {
    let chart = Chart { title: String::new(), diagram: diagram(design) };
    if let Some(chart) = flowchart(&[chart], usize::MAX) {
        let _ = writeln!(out, "\n## The drawing\n\n```mermaid\n{chart}```");
    }
}

fn diagram(design: &Design) -> Diagram {
    let groups: Vec<GroupResult> = design
        .groups
        .iter()
        .map(|(id, group)| GroupResult { id: id.clone(), title: group.title.clone(), form: group.form })
        .collect();
    let mut diagram = Diagram::default();
    let mut frames = Frames::new(&groups);
    for node in &design.nodes {
        let within = frames.of(&node.requirement.groups, &mut diagram.frames);
        let names = node.kinds.iter().map(|kind| kind.name());
        let kinds: Vec<&str> = names.map(|name| name.split_once('.').map_or(name, |(_, own)| own)).collect();
        let count = counted(&node.count.text.replace("=param.", ""));
        let about = format!("{} · {count}", kinds.join(" or ").replace('_', " "));
        diagram.boxes.push(Shape::new(&node.id, &about, within));
    }
    let places: BTreeMap<&str, usize> =
        design.nodes.iter().enumerate().map(|(at, node)| (node.id.as_str(), at)).collect();
    for edge in &design.edges {
        if let (Some(from), Some(to)) = (places.get(edge.from.as_str()), places.get(edge.to.as_str())) {
            diagram.arrow(&edge.id, (*from, *to), (edge.relation.name, edge.forbid), None);
        }
    }
    diagram
}

/// How many there are to be, as people say it.
fn counted(count: &str) -> String {
    match count.split_once("..") {
        None => count.to_owned(),
        Some(("0", "")) => "any number".to_owned(),
        Some((least, "")) => format!("{least} or more"),
        Some((least, most)) => format!("{least} to {most}"),
    }
}

fn parameters(out: &mut String, design: &Design) {
    if design.params.is_empty() {
        return;
    }
    out.push_str("\n## Parameters\n\nWhat an env says of itself.\n\n");
    out.push_str("| Parameter | Type | Default | What it is |\n| --- | --- | --- | --- |\n");
    for (name, Param { r#type, default, about, .. }) in &design.params {
        let default =
            default.as_ref().map_or("required".to_owned(), |default| cell(&default.to_string(), ALL));
        let (name, r#type) = (cell(name, ALL), prose(r#type.as_str(), ALL));
        let _ = writeln!(out, "| {name} | {type} | {default} | {} |", prose(about, ALL));
    }
}

fn node(out: &mut String, design: &Design, node: &Node) {
    let asked = &node.requirement;
    let _ = writeln!(out, "\n### {}\n\n{}\n", code(&node.id, ALL), said(asked));
    let kinds: Vec<String> = node.kinds.iter().map(|kind| code(kind.name(), ALL)).collect();
    item(out, "Is", &kinds.join(" or "));
    match node.count.text.strip_prefix('=') {
        Some(expression) => item(out, "How many", &code(expression, ALL)),
        None => item(out, "How many", &counted(&node.count.text)),
    }
    let scope = design.scopes.get(&node.scope).filter(|_| node.via.is_none());
    if let Some(filter) = scope.and_then(|scope| scope.filter.as_ref()) {
        item(out, "Belongs to the env where", &code(filter.source(), ALL));
    }
    if let Some(select) = &node.select {
        item(out, "Chosen by", &code(select.source(), ALL));
    }
    if let Some(via) = &node.via {
        item(out, "Is what this arrow leads to", &code(via, ALL));
    }
    if let Some(within) = &node.within {
        item(out, "Lies within", &code(within, ALL));
    }
    if let Some(cluster) = scope.and_then(|scope| scope.cluster.as_ref()) {
        item(out, "Lies in the cluster", &code(cluster, ALL));
    }
    reasons(out, asked, "");
    for Assert { id, that, kinds, requirement } in &node.asserts {
        let _ = writeln!(out, "- {}: {}", code(&format!("{}/{id}", node.id), ALL), said(requirement));
        nested(out, "Holds where", &code(that.source(), ALL));
        if !kinds.is_empty() {
            let kinds: Vec<String> = kinds.iter().map(|kind| code(kind.name(), ALL)).collect();
            nested(out, "Asked of", &kinds.join(" or "));
        }
        reasons(out, requirement, "  ");
    }
}

fn arrow(out: &mut String, edge: &Edge) {
    let never = if edge.forbid { "never " } else { "" };
    let [from, to] = [&edge.from, &edge.to].map(|end| code(end, ALL));
    let relation = code(edge.relation.name, ALL);
    let _ = writeln!(out, "\n### {}\n\n{from} —{never}{relation}→ {to}\n", code(&edge.id, ALL));
    let _ = writeln!(out, "{}\n", said(&edge.requirement));
    item(out, "Means", &prose(edge.relation.about, ALL));
    for (name, expr) in [("Counts where", &edge.filter), ("Holds where", &edge.that)] {
        let Some(expr) = expr else { continue };
        item(out, name, &code(expr.source(), ALL));
        for name in &expr.reads().attributes {
            if let Some(known) = edge.relation.attribute(name) {
                let _ = writeln!(out, "  - {}: {}", code(&format!("e.{name}"), ALL), prose(known.about, ALL));
            }
        }
    }
    if edge.only {
        item(out, "Only", &format!("it leads to {to} and nowhere else"));
    }
    if edge.cover {
        item(out, "Cover", &format!("one leads to every {to}"));
    }
    reasons(out, &edge.requirement, "");
}

fn path(out: &mut String, path: &Path) {
    let _ = writeln!(out, "\n### {}\n\n{}\n", code(&path.id, ALL), said(&path.requirement));
    item(out, "Way", &prose(&path.way(), ALL));
    item(out, "Packets", &prose(&path.packet.text(), ALL));
    item(out, "Expected", path.expect.as_str());
    if !path.avoid.is_empty() {
        let avoid: Vec<String> = path.avoid.iter().map(|node| code(node, ALL)).collect();
        item(out, "A way through these does not count", &avoid.join(", "));
    }
    reasons(out, &path.requirement, "");
}

fn rules(out: &mut String, design: &Design) {
    if !design.rules.is_empty() {
        out.push_str("\n## Rules\n\nWhat was added to the design.\n");
    }
    for rule in &design.rules {
        let _ = writeln!(out, "\n### {}\n\n{}\n", code(&rule.id, ALL), said(&rule.requirement));
        item(out, "Judges", &code(&rule.node, ALL));
        item(out, "Holds where", &code(rule.that.source(), ALL));
        reasons(out, &rule.requirement, "");
    }
}

fn unassessed(out: &mut String, design: &Design) {
    if design.unassessed.is_empty() {
        return;
    }
    out.push_str("\n## Not assessed\n\nThe document asks for it, and this version does not judge it.\n\n");
    for open in &design.unassessed {
        let [says, cite, why] = [&open.says, &open.cite, &open.why].map(|text| prose(text, ALL));
        let _ = writeln!(out, "- {}: {says} ({cite}) {why}", code(&open.id, ALL));
    }
}

/// What is asked and where that is written, as the document's own words are cited.
fn said(asked: &Requirement) -> String {
    let says = prose(&asked.says, ALL);
    if asked.cite.is_empty() { says } else { format!("{says} ({})", prose(&asked.cite, ALL)) }
}

fn item(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "- **{name}:** {text}");
}

fn nested(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "  - **{name}:** {text}");
}

/// Why it is asked, how much it weighs, and what to do.
fn reasons(out: &mut String, asked: &Requirement, indent: &str) {
    let Requirement { basis, severity, why, fix, when, .. } = asked;
    let weight = [
        (*basis != Basis::default()).then(|| basis.as_str()),
        (*severity != Severity::default()).then(|| severity.as_str()),
    ];
    let weight: Vec<&str> = weight.into_iter().flatten().collect();
    for (name, text) in [
        ("Asked where", when.as_ref().map_or_else(String::new, |when| code(when.source(), ALL))),
        ("Why it matters", prose(why, ALL)),
        ("To mend it", prose(fix, ALL)),
        ("Weight", weight.join(", ")),
    ] {
        if !text.is_empty() {
            let _ = writeln!(out, "{indent}- **{name}:** {text}");
        }
    }
}
