//! Changes to a snapshot, as policy tests and the monotonicity property need them: what would be judged if one fact
//! were another, or had not been read.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::call::Source;
use crate::model::kind::{Found, Kind, Resource};
use crate::model::scope::{Provider, Scope};
use crate::model::seen::{GAP_KEY, Gap, Why};
use crate::model::snapshot::{Entry, LedgerKey, Outcome, Snapshot};
use crate::rules::World;

#[derive(Debug, thiserror::Error)]
pub enum MutationError {
    #[error("no resource is named {0:?}: give an id, or `kind:name`")]
    NoResource(String),
    #[error("{0:?} is the name of {1} resources: give an id")]
    Ambiguous(String, usize),
    #[error("{resource} has no member at {path:?}")]
    NoMember { resource: String, path: String },
    #[error("{resource} with {path:?} changed is no {kind} any more")]
    Misfit { resource: String, path: String, kind: Kind, source: serde_json::Error },
    #[error("no kind is named {0:?}")]
    NoKind(String),
    #[error("no call is named {0:?} in the snapshot's ledger")]
    NoCall(String),
    #[error("{0:?} lists no kind over a whole scope")]
    NoList(String),
}

/// The one resource of this id, or `kind:name`.
pub fn locate<'s>(snapshot: &'s Snapshot, text: &str) -> Result<&'s Resource, MutationError> {
    if let Some(found) = snapshot.resources.iter().find(|r| r.id == text) {
        return Ok(found);
    }
    let named = text.split_once(':').and_then(|(kind, name)| Some((Kind::named(kind)?, name)));
    let Some((kind, name)) = named else { return Err(MutationError::NoResource(text.to_owned())) };
    let found: Vec<_> = snapshot.of_kind(kind).iter().filter(|r| r.name == name).collect();
    match found[..] {
        [] => Err(MutationError::NoResource(text.to_owned())),
        [one] => Ok(one),
        _ => Err(MutationError::Ambiguous(text.to_owned(), found.len())),
    }
}

/// Sets one member (`state`, `routes[1].target`, `tags.env`, `routes[+]` to append) of one resource.
pub fn set(snapshot: &mut Snapshot, id: &str, path: &str, to: &Value) -> Result<(), MutationError> {
    let resource = locate(snapshot, id)?;
    let changed = with(resource, path, to)?;
    let key = (resource.kind(), resource.id.clone());
    snapshot.resources.retain(|r| (r.kind(), &r.id) != (key.0, &key.1));
    insert(snapshot, changed);
    Ok(())
}

/// A copy of a resource with one member changed.
fn with(resource: &Resource, path: &str, to: &Value) -> Result<Resource, MutationError> {
    let mut json = resource.to_json();
    put(&mut json, &resource.id, path, to)?;
    parse(&json, &resource.id, path, resource.kind())
}

fn put(json: &mut Value, id: &str, path: &str, to: &Value) -> Result<(), MutationError> {
    let head = path.split(['.', '[']).next().unwrap_or(path);
    let of_head = matches!(head, "id" | "name" | "scope" | "tags" | "read_at");
    let base = if of_head { json } else { &mut json["facts"] };
    let no_member = || MutationError::NoMember { resource: id.to_owned(), path: path.to_owned() };
    *member(base, path).ok_or_else(no_member)? = to.clone();
    Ok(())
}

fn parse(json: &Value, id: &str, path: &str, kind: Kind) -> Result<Resource, MutationError> {
    serde_json::from_str(&json.to_string()).map_err(|source| MutationError::Misfit {
        resource: id.to_owned(),
        path: path.to_owned(),
        kind,
        source,
    })
}

/// The place a path leads to. The last step may add a member of a map, or append to a list.
fn member<'v>(base: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    let mut at = base;
    for step in path.replace('[', ".[").split('.').filter(|step| !step.is_empty()) {
        at = match step.strip_prefix('[').and_then(|step| step.strip_suffix(']')) {
            Some("+") => {
                let list = at.as_array_mut()?;
                list.push(Value::Null);
                list.last_mut()?
            }
            Some(index) => at.get_mut(index.parse::<usize>().ok()?)?,
            None => at.as_object_mut()?.entry(step).or_insert(Value::Null),
        };
    }
    Some(at)
}

fn insert(snapshot: &mut Snapshot, resource: Resource) {
    let at = snapshot.resources.partition_point(|r| (r.kind(), &r.id) < (resource.kind(), &resource.id));
    snapshot.resources.insert(at, resource);
}

/// Takes a resource out of the account, and what is part of it. Where it was asked for by its id, the answer is now
/// that there is none.
pub fn remove(snapshot: &mut Snapshot, id: &str) -> Result<(), MutationError> {
    let resource = locate(snapshot, id)?;
    let gone = BTreeSet::from([(resource.kind(), resource.id.clone())]);
    let asked = resource.kind().meta().by_id().into_iter().flat_map(|source| source.calls);
    let asked: BTreeSet<&str> = asked.map(|call| call.id).collect();
    let answers =
        snapshot.ledger.iter().filter(|(key, _)| key.key == resource.id && asked.contains(&*key.call));
    let none: Vec<(LedgerKey, Entry)> =
        answers.map(|(key, entry)| (key.clone(), Entry { items: 0, ..entry.clone() })).collect();
    snapshot.take_out(gone);
    snapshot.ledger.extend(none);
    Ok(())
}

/// Puts a copy of a resource beside it, under another id, with members changed. Its lists are copied as answered.
pub fn add(
    snapshot: &mut Snapshot,
    like: &str,
    id: &str,
    changes: &[(String, Value)],
) -> Result<(), MutationError> {
    let original = locate(snapshot, like)?.clone();
    let mut copy = with(&original, "id", &Value::from(id))?;
    for (path, to) in changes {
        copy = with(&copy, path, to)?;
    }
    let entries: Vec<(LedgerKey, Entry)> = snapshot
        .ledger
        .iter()
        .filter(|(key, _)| key.key == original.id)
        .map(|(key, entry)| (LedgerKey { key: id.to_owned(), ..key.clone() }, entry.clone()))
        .collect();
    snapshot.ledger.extend(entries);
    insert(snapshot, copy);
    Ok(())
}

/// Puts a resource of another kind beside one: it was read where that was, and has the members that are given alone.
pub fn invent(
    snapshot: &mut Snapshot,
    kind: &str,
    beside: &str,
    id: &str,
    members: &[(String, Value)],
) -> Result<(), MutationError> {
    let beside = locate(snapshot, beside)?;
    let found = Kind::named(kind).ok_or_else(|| MutationError::NoKind(kind.to_owned()))?;
    let mut json = serde_json::json!({
        "kind": kind, "id": id, "name": id, "scope": beside.scope, "tags": {}, "read_at": beside.read_at, "facts": {},
    });
    for (path, to) in members {
        put(&mut json, id, path, to)?;
    }
    let invented = parse(&json, id, "kind", found)?;
    insert(snapshot, invented);
    Ok(())
}

/// Makes a list whole in every scope that it was not asked in: there is nothing more on it.
pub fn ask(snapshot: &mut Snapshot, call: &str) -> Result<(), MutationError> {
    let lists = |kind: &&Kind| kind.meta().listed().is_some_and(|source| source.primary() == call);
    let kind = *Kind::ALL.iter().find(lists).ok_or_else(|| MutationError::NoList(call.to_owned()))?;
    let scopes = match kind.provider() {
        Provider::Aws => World::new(snapshot).places(),
        Provider::Azure => World::new(snapshot).subscriptions(),
        Provider::Kubernetes => snapshot.header.cluster.iter().map(|name| Scope::kubernetes(name)).collect(),
    };
    for scope in scopes {
        let scope = if kind.meta().global { scope.global() } else { scope };
        let key = LedgerKey { scope: scope.asked(), call: call.to_owned(), key: String::new() };
        snapshot.ledger.entry(key).or_insert(Entry {
            outcome: Outcome::Complete,
            pages: 1,
            items: 0,
            detail: String::new(),
        });
    }
    Ok(())
}

/// Makes a call denied everywhere, as if it had been from the start.
pub fn deny(snapshot: &mut Snapshot, call: &str) -> Result<(), MutationError> {
    if !snapshot.ledger.keys().any(|key| key.call == call) {
        return Err(MutationError::NoCall(call.to_owned()));
    }
    forget(snapshot, Why::Denied, |key| key.call == call);
    Ok(())
}

/// Makes every answer that `lost` picks a gap, with all that it told and all that followed from it.
pub fn forget(snapshot: &mut Snapshot, why: Why, lost: impl Fn(&LedgerKey) -> bool) {
    let keys: BTreeSet<LedgerKey> = snapshot.ledger.keys().filter(|key| lost(key)).cloned().collect();
    let ledger = &snapshot.ledger;
    let mut gone = BTreeSet::new();
    for resource in &mut snapshot.resources {
        let kind = resource.kind();
        let scope = resource.scope.asked();
        let key = |call: &str, about: &str| LedgerKey {
            scope: scope.clone(),
            call: call.to_owned(),
            key: about.to_owned(),
        };
        let asked = |call: &str, about: &str| keys.contains(&key(call, about));
        let parent = resource.parent().unwrap_or_default();
        let ways = || {
            kind.meta().found.iter().map(|found| match found {
                Found::Listed(source) => (source, ""),
                Found::Within(_, source) => (source, parent.as_str()),
                Found::ById(source) => (source, resource.id.as_str()),
            })
        };
        let cut = |(source, about): &(&&Source, &str)| source.calls.iter().any(|call| asked(call.id, about));
        let told = |(source, about): &(&&Source, &str)| {
            let entry = ledger.get(&key(source.primary(), about));
            entry.is_some_and(|entry| entry.outcome == Outcome::Complete)
        };
        // Gone where a way it may have come by is lost, and no other has told of it.
        if ways().any(|way| cut(&way)) && !ways().any(|way| told(&way) && !cut(&way)) {
            gone.insert((kind, resource.id.clone()));
            continue;
        }
        for detail in kind.meta().details {
            let call = detail.source.calls.iter().find(|call| asked(call.id, &resource.id));
            let Some(call) = call else { continue };
            let gap = Gap { why, ..Gap::unread(call.id, &resource.scope, &resource.id) };
            let gap = serde_json::json!({ GAP_KEY: gap });
            *resource = with(resource, detail.field, &gap).expect("every detail may be a gap");
        }
    }
    snapshot.take_out(gone);
    for key in keys {
        if let Some(entry) = snapshot.ledger.get_mut(&key) {
            entry.outcome = Outcome::of(why);
        }
    }
}

/// Loses the pages of one listing from the `keep`th resource on.
pub fn cut_off(snapshot: &mut Snapshot, listing: &LedgerKey, keep: usize) {
    let of_listing = snapshot.resources.iter().filter(|r| {
        listing.scope.holds(&r.scope)
            && r.kind().meta().found.iter().any(|found| match found {
                Found::Listed(source) => listing.key.is_empty() && source.primary() == listing.call,
                Found::Within(_, source) => {
                    source.primary() == listing.call && r.parent().as_ref() == Some(&listing.key)
                }
                Found::ById(_) => false,
            })
    });
    let gone = of_listing.skip(keep).map(|r| (r.kind(), r.id.clone())).collect();
    snapshot.take_out(gone);
    if let Some(entry) = snapshot.ledger.get_mut(listing) {
        entry.outcome = Outcome::Failed;
    }
}

#[cfg(test)]
mod tests;
