//! Policy files to designs and waivers. Everything that is wrong in any of them is reported at once.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use toml::de::DeTable;

use super::diagnose::{Diagnostics, Source};
use super::expr::{Vocabulary, Want};
use super::nodes::{Params, Sketch, sketch};
use super::table::{File, Table, Text};
use super::waivers::Waiver;
use super::{
    Design, Group, Node, Scope, Unassessed, check, edges, extension, nearest, params, paths, waivers,
};
use crate::model::kind::Kind;
use crate::model::run::{DesignOrigin, GroupForm};

/// The designs compiled into the binary: file name and text.
pub const BUILTIN: &[(&str, &str)] = &[
    ("policies/aws-ecs-fargate.toml", include_str!("../../policies/aws-ecs-fargate.toml")),
    ("policies/aws-eks-rest-api.toml", include_str!("../../policies/aws-eks-rest-api.toml")),
    ("policies/azure-aks-rest-api.toml", include_str!("../../policies/azure-aks-rest-api.toml")),
];

/// A policy file as it was read.
pub struct PolicyFile {
    pub name: String,
    pub text: String,
    pub origin: DesignOrigin,
}

/// Every design by its id, and every waiver.
#[derive(Default)]
pub struct Library {
    pub designs: BTreeMap<String, Design>,
    pub waivers: Vec<Waiver>,
}

/// The shipped designs as files.
pub fn builtin() -> Vec<PolicyFile> {
    let file = |(name, text): &(&str, &str)| PolicyFile {
        name: (*name).to_owned(),
        text: (*text).to_owned(),
        origin: DesignOrigin::Builtin,
    };
    BUILTIN.iter().map(file).collect()
}

/// Reads designs, then what extends them, then waivers. A design of the user's own replaces a shipped one of its id.
pub fn load(policies: &[PolicyFile]) -> Result<Library, Diagnostics> {
    let files: Vec<File> =
        policies.iter().map(|policy| File::new(Source::new(&policy.name, &policy.text))).collect();
    let tables: Vec<DeTable<'_>> = files.iter().map(File::parse).collect();
    // What seems not to be there may stand in a file that could not be read.
    let all_readable = files.iter().all(|file| file.found.borrow().is_empty());
    let mut library = Library::default();
    let mut later: Vec<(Form, Table<'_>)> = Vec::new();
    for ((policy, file), table) in policies.iter().zip(&files).zip(&tables) {
        if !file.found.borrow().is_empty() {
            continue;
        }
        let root = Table::new(file, table, 0..0);
        version(&root);
        match form(&root) {
            Some(Form::Design) => design(&root, policy, &mut library),
            Some(form) => {
                later.push((form, root));
                continue;
            }
            None => {
                let help = "a policy file has a `[design]`, `extends = \"…\"`, or `[[waiver]]`".to_owned();
                root.fault("this file holds neither a design nor rules nor waivers", Some(help));
                continue;
            }
        }
        root.finish();
    }
    let (extensions, waived): (Vec<_>, Vec<_>) =
        later.into_iter().filter(|_| all_readable).partition(|(form, _)| *form == Form::Extension);
    for (_, root) in extensions {
        extension::read(&root, &mut library.designs);
        root.finish();
    }
    for (_, root) in waived {
        library.waivers.extend(waivers::read(&root, &library.designs));
        root.finish();
    }
    Diagnostics(files.into_iter().flat_map(File::into_found).collect()).or(library)
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Design,
    Extension,
    Waivers,
}

fn form(root: &Table<'_>) -> Option<Form> {
    let forms = [("design", Form::Design), ("extends", Form::Extension), ("waiver", Form::Waivers)];
    forms.into_iter().find(|(key, _)| root.has(key)).map(|(_, form)| form)
}

/// `policy = 1`; waivers may go without.
fn version(root: &Table<'_>) {
    match root.get("policy") {
        Some(item) if item.value.get_ref().as_integer().map(toml::de::DeInteger::as_str) == Some("1") => {}
        Some(item) => item.fault("this version reads `policy = 1`", None),
        None if root.has("waiver") => {}
        None => root.fault("`policy = 1` is missing: it says which form of policy this is", None),
    }
}

fn design<'a>(root: &Table<'a>, policy: &PolicyFile, library: &mut Library) {
    let Some(head) = root.table("design") else { return };
    let owned = |key| head.required(key).map(|text| text.text.to_owned()).unwrap_or_default();
    let params = params::declared(root);
    let types: Params = params.iter().map(|(name, param)| (name.clone(), param.r#type)).collect();
    let sketches: Vec<_> = root.named("node").into_iter().filter_map(|(id, item)| sketch(id, item)).collect();
    let place = |sketch: &Sketch<'a>| check::Place {
        id: sketch.id.clone(),
        via: sketch.table.text("via"),
        within: sketch.table.text("within"),
    };
    let places = sketches.iter().map(|sketch| (sketch.id.text.to_owned(), place(sketch))).collect();
    let in_scope = |scope: &str| -> Vec<Kind> {
        let kinds = sketches.iter().filter(|sketch| sketch.scope == scope).flat_map(|sketch| &sketch.kinds);
        kinds.copied().collect()
    };
    let (scopes, clusters) = scopes(root, &types, in_scope);
    for sketch in sketches.iter().filter(|sketch| !scopes.contains_key(&sketch.scope)) {
        match sketch.table.text("scope") {
            Some(text) => text.unknown("scope", scopes.keys().map(String::as_str)),
            None => sketch.id.fault("there is no scope `app` for it to lie in", None),
        }
    }
    let nodes: Vec<_> = sketches.into_iter().map(|sketch| sketch.node(&types)).collect();
    let edges = root.named("edge").into_iter();
    let edges = edges.filter_map(|(id, item)| edges::edge(&id, item, &nodes, &types)).collect();
    let paths = root.named("path").into_iter();
    let paths = paths.filter_map(|(id, item)| paths::path(&id, item, &nodes, &types)).collect();
    let loaded = Design {
        id: owned("id"),
        version: owned("version"),
        title: owned("title"),
        source: owned("source"),
        digest: digest(&[&policy.text]),
        origin: policy.origin,
        params,
        scopes,
        groups: groups(root, &nodes),
        nodes,
        edges,
        paths,
        rules: Vec::new(),
        unassessed: unassessed(root),
    };
    // Of a drawing that could not be read in full, these would be echoes.
    if root.file.found.borrow().is_empty() {
        check::binding(&loaded, &places);
        check::border(&loaded, &places, &clusters);
    }
    let replaced = library.designs.get(&loaded.id).map(|known| known.origin);
    if replaced == Some(policy.origin)
        && let Some(id) = head.text("id")
    {
        id.fault(format!("a design `{}` was already read", loaded.id), None);
    }
    head.finish();
    if replaced != Some(DesignOrigin::File) {
        library.designs.insert(loaded.id.clone(), loaded);
    }
}

fn scopes<'a>(
    root: &Table<'a>,
    params: &Params,
    in_scope: impl Fn(&str) -> Vec<Kind>,
) -> (BTreeMap<String, Scope>, Vec<Text<'a>>) {
    let mut scopes = BTreeMap::new();
    let mut clusters = Vec::new();
    for (id, item) in root.named("scope") {
        let Some(table) = item.table() else { continue };
        let kinds = in_scope(id.text);
        let kinds = if kinds.is_empty() { Kind::ALL } else { &kinds };
        let scope = Scope {
            account: table.owned("account").unwrap_or_default(),
            region: table
                .text("region")
                .and_then(|text| text.expr(Want::Text, &Vocabulary::of_params(params))),
            filter: table
                .text("where")
                .and_then(|text| text.expr(Want::Condition, &Vocabulary::of_resource(kinds, params))),
            cluster: table.owned("cluster"),
        };
        clusters.extend(table.text("cluster"));
        table.finish();
        scopes.insert(id.text.to_owned(), scope);
    }
    (scopes, clusters)
}

/// What nodes are drawn in: as the policy describes it, else by its id alone.
fn groups(root: &Table<'_>, nodes: &[Node]) -> BTreeMap<String, Group> {
    let drawn = nodes.iter().flat_map(|node| &node.requirement.groups);
    let bare = |id: &String| (id.clone(), Group { title: id.clone(), form: GroupForm::default() });
    let mut groups: BTreeMap<String, Group> = drawn.map(bare).collect();
    for (id, item) in root.named("group") {
        let Some(table) = item.table() else { continue };
        let form = table.text("form").and_then(|text| {
            let found = GroupForm::ALL.into_iter().find(|form| form.as_str() == text.text);
            if found.is_none() {
                text.unknown("form", GroupForm::ALL.map(GroupForm::as_str));
            }
            found
        });
        if let Some(group) = groups.get_mut(id.text) {
            group.title = table.owned("title").unwrap_or_else(|| id.text.to_owned());
            group.form = form.unwrap_or_default();
        } else {
            let help = nearest::suggestion(id.text, groups.keys().map(String::as_str));
            id.fault(format!("no node is drawn in a group `{}`", id.text), help);
        }
        table.finish();
    }
    groups
}

fn unassessed(root: &Table<'_>) -> Vec<Unassessed> {
    let read = |(id, item): (Text<'_>, super::table::Item<'_>)| {
        let table = item.table()?;
        let owned = |key| table.required(key).map(|text| text.text.to_owned());
        let (says, cite, why) = (owned("says"), owned("cite"), owned("why"));
        table.finish();
        Some(Unassessed { id: id.text.to_owned(), says: says?, cite: cite?, why: why?, place: id.place() })
    };
    root.named("unassessed").into_iter().filter_map(read).collect()
}

/// SHA-256 over texts, each preceded by its length.
pub(super) fn digest(texts: &[&str]) -> String {
    use std::fmt::Write as _;
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests;
