//! Nodes and their asserts.

use std::collections::BTreeMap;

use super::expr::{Vocabulary, Want};
use super::requirement::{blank, count, read};
use super::table::{Item, Table, Text};
use super::{Assert, Node, ParamType, Requirement};
use crate::model::kind::Kind;

pub(super) type Params = BTreeMap<String, ParamType>;

/// What has to be known of all nodes before expressions can be checked.
pub(super) struct Sketch<'a> {
    pub id: Text<'a>,
    pub kinds: Vec<Kind>,
    pub scope: String,
    pub table: Table<'a>,
}

pub(super) fn sketch<'a>(id: Text<'a>, item: Item<'a>) -> Option<Sketch<'a>> {
    let table = item.table()?;
    let kinds = kinds(&table, "kind");
    if kinds.is_empty() && !table.has("kind") {
        id.fault("`kind` is missing", None);
    }
    let scope = table.owned("scope").unwrap_or_else(|| "app".to_owned());
    Some(Sketch { id, kinds, scope, table })
}

fn kinds(table: &Table<'_>, key: &'static str) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for text in table.texts(key) {
        match Kind::named(text.text) {
            Some(kind) if kinds.contains(&kind) => text.fault(format!("{kind} is named twice"), None),
            Some(kind) => kinds.push(kind),
            None => text.unknown("kind", Kind::ALL.iter().map(|kind| kind.name())),
        }
        if let [.., before, last] = &kinds[..]
            && before.provider() != last.provider()
        {
            text.fault("the kinds of a node belong to one provider".to_owned(), None);
        }
    }
    kinds
}

impl Sketch<'_> {
    pub(super) fn node(self, params: &Params) -> Node {
        let Self { id, kinds, scope, table } = self;
        let resource = Vocabulary::of_resource(&kinds, params);
        let select = table.text("select");
        // Without kinds no expression can be checked: the missing kind was complained about.
        let checked = !kinds.is_empty();
        let select = select.filter(|_| checked).and_then(|text| text.expr(Want::Condition, &resource));
        let mut requirement = read(&table, &blank(&table), &resource);
        requirement.place = id.place();
        for (key, said) in [("says", &requirement.says), ("cite", &requirement.cite)] {
            if said.trim().is_empty() {
                id.fault(format!("node `{}` has no `{key}`", id.text), None);
            }
        }
        let asserts = table.named("assert").into_iter();
        let asserts = asserts
            .filter(|_| checked)
            .filter_map(|(id, item)| assert(&id, item, &kinds, &requirement, params));
        let asserts = asserts.collect();
        let node = Node {
            id: id.text.to_owned(),
            scope,
            select,
            via: table.owned("via"),
            within: table.owned("within"),
            count: count(table.text("count").as_ref(), &resource),
            asserts,
            formerly: table.all_owned("formerly"),
            requirement,
            kinds,
        };
        table.finish();
        node
    }
}

/// `"expr"`, or a table with `that`.
fn assert(
    id: &Text<'_>,
    item: Item<'_>,
    kinds: &[Kind],
    inherited: &Requirement,
    params: &Params,
) -> Option<Assert> {
    let mut inherited = inherited.clone();
    inherited.place = id.place();
    if item.value.get_ref().is_str() {
        let that = item.text()?.expr(Want::Condition, &Vocabulary::of_node(kinds, kinds, params))?;
        return Some(Assert { id: id.text.to_owned(), that, kinds: Vec::new(), requirement: inherited });
    }
    let table = item.table()?;
    let narrowed = self::kinds(&table, "when_kind");
    for text in table.texts("when_kind") {
        if Kind::named(text.text).is_some_and(|kind| !kinds.contains(&kind)) {
            text.fault(format!("the node holds no {}", text.text), None);
        }
    }
    let of = if narrowed.is_empty() { kinds } else { &narrowed };
    let names = Vocabulary::of_node(of, kinds, params);
    let mut requirement = read(&table, &inherited, &names);
    requirement.place = id.place();
    let that = table.required("that").and_then(|text| text.expr(Want::Condition, &names));
    table.finish();
    Some(Assert { id: id.text.to_owned(), that: that?, kinds: narrowed, requirement })
}
