//! Resources and edges as expressions see them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Case;
use crate::design::expr::{Expr, Inputs, Prepared, Undecided};
use crate::model::kind::Kind;
use crate::model::relation::{DERIVED, RELATIONS};
use crate::model::run::{Evidence, Subject};
use crate::model::seen::{GAP_KEY, Gap, Seen};
use crate::rules::{Edge, Edges, End, Ref};

/// A resource made ready for some expressions: the members they read, and the gaps among those.
pub(super) struct View {
    pub(super) prepared: Prepared,
    pub(super) members: BTreeMap<String, Result<Value, Gap>>,
}

impl View {
    /// The gaps among the members an expression reads.
    pub(super) fn gaps(&self, expr: &Expr) -> Vec<Gap> {
        let read = expr.reads().fields.iter();
        read.filter_map(|field| self.members.get(field)?.as_ref().err().cloned()).collect()
    }
}

/// Whether an expression reads members of the kind's facts, or the head's alone.
fn needs_facts<'e>(fields: impl IntoIterator<Item = &'e String>) -> bool {
    fields
        .into_iter()
        .any(|field| !matches!(field.as_str(), "id" | "name" | "kind" | "account" | "region" | "tags"))
}

impl<'s> Case<'_, 's> {
    pub(super) fn view(&self, resource: Ref<'s>, exprs: &[&Expr]) -> View {
        let fields: BTreeSet<&String> = exprs.iter().flat_map(|expr| &expr.reads().fields).collect();
        self.view_of(resource, &fields)
    }

    pub(super) fn view_of(&self, resource: Ref<'s>, fields: &BTreeSet<&String>) -> View {
        let facts = needs_facts(fields.iter().copied()).then(|| resource.to_json());
        let mut members = BTreeMap::new();
        for field in fields {
            let member = match field.as_str() {
                "id" => Ok(Value::from(resource.id.as_str())),
                "name" => Ok(Value::from(resource.name.as_str())),
                "kind" => Ok(Value::from(resource.kind().name())),
                "account" => Ok(Value::from(resource.scope.account.as_str())),
                "region" => Ok(Value::from(resource.scope.region.as_str())),
                "tags" => self.tags(resource),
                field if derived(resource.kind(), field) => {
                    crate::rules::derived::derive(field, resource, self.world)
                }
                field => fact(facts.as_ref(), field),
            };
            members.insert((*field).clone(), member);
        }
        let known =
            members.iter().filter_map(|(field, value)| Some((field.clone(), value.as_ref().ok()?.clone())));
        View { prepared: Prepared::object(known), members }
    }

    /// The tags that say where the resource belongs.
    fn tags(&self, resource: Ref<'s>) -> Result<Value, Gap> {
        match &self.world.tagged_as(resource)?.tags {
            Seen::Known(tags) => Ok(tags.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))).collect()),
            Seen::Gap(gap) => Err((**gap).clone()),
        }
    }

    /// The lists that `out("…")` gives for a resource, and the gaps behind them.
    pub(super) fn out(&self, resource: Ref<'s>, expr: &Expr) -> (BTreeMap<String, Prepared>, Vec<Gap>) {
        let mut lists = BTreeMap::new();
        let mut gaps = Vec::new();
        for name in &expr.reads().out {
            let Some(relation) = RELATIONS.iter().find(|meta| meta.name == name) else { continue };
            let edges = self.edges(relation, resource, relation.to);
            gaps.extend(edges.open().cloned());
            for edge in &edges.found {
                gaps.extend(edge.attributes.iter().filter_map(|(_, value)| value.as_ref().err().cloned()));
                if let (End::Unread { gap, .. }, true) = (&edge.to, expr.reads().attributes.contains("found"))
                {
                    gaps.push(gap.clone());
                }
            }
            lists.insert(name.clone(), out_list(&edges));
        }
        (lists, gaps)
    }

    /// The edges that an expression looks at through `out("…")`, as evidence: where each leads, and what is read of it.
    pub(super) fn edges_seen(&self, resource: Ref<'s>, expr: &Expr) -> Vec<Evidence> {
        let mut seen = Vec::new();
        for relation in RELATIONS.iter().filter(|meta| expr.reads().out.contains(meta.name)) {
            for edge in &self.edges(relation, resource, relation.to).found {
                let read = |name: &str| expr.reads().attributes.contains(name);
                let known = edge.attributes.iter().filter(|(name, _)| read(name));
                let known = known.filter_map(|(name, value)| {
                    Some(format!("{name} {}", value.as_ref().ok()?.to_string().trim_matches('"')))
                });
                let told: Vec<String> = std::iter::once(edge.to.label().to_owned()).chain(known).collect();
                let by = edge.evidence.first();
                seen.push(Evidence {
                    fact: relation.name.to_owned(),
                    value: bounded(&Value::from(told.join(", "))),
                    resource: resource.id.clone(),
                    call: by
                        .map_or_else(|| resource.kind().meta().primary().to_owned(), |it| it.call.clone()),
                    scope: Some(resource.scope.clone()),
                    at: Some(resource.read_at),
                });
            }
        }
        seen
    }

    pub(super) fn decide(&self, expr: &Expr, inputs: Inputs<'_>) -> Result<bool, Undecided> {
        expr.boolean(&self.constants, inputs)
    }

    /// Why it is false.
    pub(super) fn why_false(&self, expr: &Expr, inputs: Inputs<'_>) -> Option<String> {
        expr.why_false(&self.constants, inputs)
    }

    pub(super) fn integer(&self, expr: &Expr) -> Result<i64, Undecided> {
        expr.integer(&self.constants, Inputs::default())
    }

    pub(super) fn text(&self, expr: &Expr, inputs: Inputs<'_>) -> Result<String, Undecided> {
        expr.text(&self.constants, inputs)
    }

    /// Whether a requirement applies: its `when` is over parameters, which are always known.
    pub(super) fn applies(&self, when: Option<&Expr>) -> bool {
        when.is_none_or(|when| self.decide(when, Inputs::default()).unwrap_or(true))
    }
}

fn derived(kind: Kind, field: &str) -> bool {
    DERIVED.iter().any(|known| known.kind == kind && known.name == field)
}

/// A member of the facts; a gap where it was not read.
fn fact(json: Option<&Value>, field: &str) -> Result<Value, Gap> {
    let value =
        json.and_then(|json| json.pointer(&format!("/facts/{field}"))).cloned().unwrap_or(Value::Null);
    if let Some(gap) = value.get(GAP_KEY)
        && let Ok(gap) = serde_json::from_value::<Gap>(gap.clone())
    {
        return Err(gap);
    }
    Ok(value)
}

/// An edge as `e`: its attributes where they are known, `to` and `kind` of its end, and whether that was `found`: where it
/// was not read, `kind` is what it would be.
pub(super) fn edge_value(edge: &Edge<'_>) -> Prepared {
    let end = [
        ("to".to_owned(), Value::from(edge.to.label())),
        ("kind".to_owned(), Value::from(edge.to.kind().map_or("", Kind::name))),
    ];
    let known = edge
        .attributes
        .iter()
        .filter_map(|(name, value)| Some(((*name).to_owned(), value.as_ref().ok()?.clone())));
    let found = match &edge.to {
        End::Resource(_) => Some(true),
        End::Outside(_) => Some(false),
        End::Unread { .. } => None,
    };
    let found = found.map(|found| ("found".to_owned(), Value::from(found)));
    Prepared::object(end.into_iter().chain(found).chain(known))
}

fn out_list(edges: &Edges<'_>) -> Prepared {
    Prepared::list(edges.found.iter().map(edge_value).collect(), edges.open().next().is_some())
}

/// The subject of a finding about a resource.
pub(super) fn subject(resource: Ref<'_>) -> Subject {
    Subject {
        kind: resource.kind().name().to_owned(),
        id: resource.id.clone(),
        name: resource.name.clone(),
        account: resource.scope.account.clone(),
        region: resource.scope.region.clone(),
    }
}

/// The values of the members an expression read, as evidence; of a record, what it read of it.
pub(super) fn evidence(resource: Ref<'_>, view: &View, expr: &Expr) -> Vec<Evidence> {
    let meta = resource.kind().meta();
    let fallback = meta.primary();
    let reads = expr.reads();
    let known =
        reads.fields.iter().filter_map(|field| Some((field, view.members.get(field)?.as_ref().ok()?)));
    known
        .flat_map(|(field, value)| {
            let parts = reads.parts.iter().filter_map(move |part| {
                let (of, member) = part.split_once('.')?;
                (of == field.as_str()).then_some((part, value.get(member)?))
            });
            let parts: Vec<(&String, &Value)> = parts.collect();
            let seen = if parts.is_empty() { vec![(field, value)] } else { parts };
            seen.into_iter().map(move |(fact, value)| (field, fact, value))
        })
        .map(|(field, fact, value)| Evidence {
            fact: fact.clone(),
            value: bounded(value),
            resource: resource.id.clone(),
            call: meta.detail(field).map_or(fallback, crate::model::call::Source::primary).to_owned(),
            scope: Some(resource.scope.clone()),
            at: Some(resource.read_at),
        })
        .collect()
}

/// A missing call, as evidence.
pub(super) fn missing(gap: &Gap) -> Evidence {
    let detail = if gap.detail.is_empty() { String::new() } else { format!(": {}", gap.detail) };
    Evidence {
        fact: Evidence::NOT_READ.to_owned(),
        value: bounded(&Value::from(format!("{}{detail}", gap.why.as_str()))),
        resource: gap.key.clone(),
        call: gap.call.clone(),
        scope: Some(gap.scope.clone()),
        at: None,
    }
}

/// What an account holds may be megabytes; evidence shows enough of it to act on.
const LONGEST: usize = 1024;

pub(super) fn bounded(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() > LONGEST => {
            let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            Value::from(format!("{}… ({} bytes)", &text[..end], text.len()))
        }
        Value::Array(items) => items.iter().map(bounded).collect(),
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), bounded(value))).collect(),
        other => other.clone(),
    }
}
