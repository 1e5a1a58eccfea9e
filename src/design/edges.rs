//! Arrows.

use super::expr::{Vocabulary, Want};
use super::nodes::Params;
use super::requirement::{blank, read};
use super::table::{Item, Table, Text};
use super::{Edge, Node};
use crate::model::kind::Kind;
use crate::model::relation::{RELATIONS, RelationMeta, relation};

/// Reads one arrow between nodes that are already known.
pub(super) fn edge(id: &Text<'_>, item: Item<'_>, nodes: &[Node], params: &Params) -> Option<Edge> {
    let table = item.table()?;
    let from = end(&table, "from", nodes);
    let to = end(&table, "to", nodes);
    let relation = table.required("rel").and_then(|name| {
        let found = relation(name.text);
        match found {
            Some(relation) => fits(&name, relation, from, to),
            None => name.unknown("relation", RELATIONS.iter().map(|known| known.name)),
        }
        found
    });
    let names =
        relation.map_or_else(|| Vocabulary::of_params(params), |known| Vocabulary::of_edge(known, params));
    let expr = |key| {
        let text = table.text(key);
        relation.and(text).and_then(|text| text.expr(Want::Condition, &names))
    };
    let (filter, that) = (expr("where"), expr("that"));
    let (only, cover, forbid) = (table.flag("only"), table.flag("cover"), table.flag("forbid"));
    if forbid && (only || cover || that.is_some()) {
        let help = "say with `where` which edges are meant".to_owned();
        id.fault("`forbid` stands alone: no edge may exist", Some(help));
    }
    let mut requirement = read(&table, &blank(&table), &names);
    requirement.place = id.place();
    if requirement.cite.trim().is_empty() {
        id.fault(format!("arrow `{}` has no `cite`", id.text), None);
    }
    let formerly = table.all_owned("formerly");
    table.finish();
    let (from, to, relation) = (from?.id.clone(), to?.id.clone(), relation?);
    if requirement.says.is_empty() {
        let none = if forbid { "Forbidden: " } else { "" };
        requirement.says = format!("{none}{} ({from} → {to})", relation.about.trim_end_matches('.'));
    }
    Some(Edge {
        id: id.text.to_owned(),
        from,
        relation,
        to,
        filter,
        that,
        only,
        cover,
        forbid,
        formerly,
        requirement,
    })
}

fn end<'n>(table: &Table<'_>, key: &'static str, nodes: &'n [Node]) -> Option<&'n Node> {
    let name = table.required(key)?;
    let found = nodes.iter().find(|node| node.id == name.text);
    if found.is_none() {
        name.unknown("node", nodes.iter().map(|node| node.id.as_str()));
    }
    found
}

fn fits(name: &Text<'_>, relation: &RelationMeta, from: Option<&Node>, to: Option<&Node>) {
    let ends = [("starts at", from, relation.from), ("ends in", to, relation.to)];
    for (verb, node, kinds) in ends {
        let strangers = node.into_iter().flat_map(|node| &node.kinds).filter(|kind| !kinds.contains(kind));
        for kind in strangers {
            let known: Vec<&str> = kinds.iter().map(|kind: &Kind| kind.name()).collect();
            let help = format!("it {verb} {}", known.join(", "));
            name.fault(format!("`{}` never {verb} {kind}", name.text), Some(help));
        }
    }
}
