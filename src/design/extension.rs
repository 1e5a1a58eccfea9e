//! Rules of the user's own: a file that `extends` a design.

use std::collections::BTreeMap;

use super::expr::{Vocabulary, Want};
use super::load::digest;
use super::nodes::Params;
use super::requirement::{blank, read as requirement};
use super::table::{Item, Table, Text};
use super::{Design, Rule};

pub(super) fn read(root: &Table<'_>, designs: &mut BTreeMap<String, Design>) {
    let Some(extends) = root.text("extends") else { return };
    let rules = root.named("rule");
    let Some(design) = designs.get_mut(extends.text) else {
        return extends.unknown("design", designs.keys().map(String::as_str));
    };
    for (id, item) in rules {
        if design.rules.iter().any(|rule| rule.id == id.text) {
            id.fault(format!("a rule `{}` was already read", id.text), None);
        }
        if let Some(rule) = rule(&id, item, design) {
            design.rules.push(rule);
        }
    }
    design.digest = digest(&[&design.digest, &root.file.source.text]);
}

fn rule(id: &Text<'_>, item: Item<'_>, design: &Design) -> Option<Rule> {
    let has_org = id.text.split_once('/').is_some_and(|(org, name)| !org.is_empty() && !name.is_empty());
    if !has_org {
        id.fault("a rule is named `org/name`, so that it is never taken for one of the design's", None);
    }
    let table = item.table()?;
    let node = table.required("for").and_then(|name| {
        let node = design.node(name.text);
        if node.is_none() {
            name.unknown("node", design.nodes.iter().map(|node| node.id.as_str()));
        }
        node
    });
    let params: Params = design.params.iter().map(|(name, param)| (name.clone(), param.r#type)).collect();
    let names = node.map(|node| Vocabulary::of_node(&node.kinds, &node.kinds, &params));
    let expr = |text: Option<Text<'_>>, want| {
        text.zip(names.as_ref()).and_then(|(text, names)| text.expr(want, names))
    };
    let written = table.required("assert");
    let asserted = written.as_ref().map_or_else(String::new, |text| text.text.to_owned());
    let that = expr(written, Want::Condition);
    let message = expr(table.text("message"), Want::Text);
    let mut requirement = requirement(&table, &blank(&table), &Vocabulary::of_params(&params));
    requirement.place = id.place();
    if requirement.says.is_empty() {
        requirement.says = asserted;
    }
    if requirement.cite.is_empty() {
        requirement.cite.clone_from(&table.file.source.name);
    }
    table.finish();
    Some(Rule { id: id.text.to_owned(), node: node?.id.clone(), that: that?, message, requirement })
}
