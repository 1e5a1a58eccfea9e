//! The rule modules: what an arrow means, one relation a file. Pure: a relation looks at facts and says which edges it
//! found and which facts it lacked. What is *expected* stands in policies, never here.

mod apiserver;
mod azure;
mod balancing;
mod customer_key;
pub mod derived;
mod end;
mod evidence;
mod iam;
mod image;
mod kleene;
mod kubernetes;
mod net;
pub mod path;
mod pod_role;
#[cfg(test)]
pub(crate) mod testing;
pub mod world;

// relations
mod admits;
mod answers_at;
mod asks_at;
mod assumes;
mod attached_to;
mod deploys_to;
mod dispatches_to;
mod exposed_by;
mod forwards_to;
mod guarded_by;
mod in_group;
mod logs_to;
mod may_use;
mod placed_in;
mod pulls_from;
mod pushes_to;
mod reaches;
mod reads;
mod receives_from;
mod relays_to;
mod resolves_to;
mod routes_to;
mod runs;
mod runs_in;
mod selects;
mod sends_to;
mod served_by;
mod stores_in;
mod terminates_tls_with;

use serde_json::Value;

use crate::model::kind::{Kind, Resource};
use crate::model::relation::RelationMeta;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
pub use apiserver::{cluster_of, is_of as same_cluster};
pub(crate) use kleene::foremost;
pub use world::World;

pub type Ref<'s> = &'s Resource;

pub trait Relation: Sync {
    fn meta(&self) -> &'static RelationMeta;

    /// Every edge that starts at `from`. `ends` are the kinds the arrow asks for: a relation whose kinds of end are
    /// statements of their own (`by_kind`) looks at no others; all the rest must find every edge, whatever it ends in.
    fn edges<'s>(&self, from: Ref<'s>, ends: &[Kind], world: &World<'s>) -> Edges<'s>;
}

/// Every relation, sorted by name.
static RELATIONS: &[&dyn Relation] = &[
    &admits::Admits,
    &answers_at::AnswersAt,
    &asks_at::AsksAt,
    &assumes::Assumes,
    &attached_to::AttachedTo,
    &deploys_to::DeploysTo,
    &dispatches_to::DispatchesTo,
    &exposed_by::ExposedBy,
    &forwards_to::ForwardsTo,
    &guarded_by::GuardedBy,
    &in_group::InGroup,
    &logs_to::LogsTo,
    &may_use::MayUse,
    &placed_in::PlacedIn,
    &pulls_from::PullsFrom,
    &pushes_to::PushesTo,
    &reaches::Reaches,
    &reads::Reads,
    &receives_from::ReceivesFrom,
    &relays_to::RelaysTo,
    &resolves_to::ResolvesTo,
    &routes_to::RoutesTo,
    &runs::Runs,
    &runs_in::RunsIn,
    &selects::Selects,
    &sends_to::SendsTo,
    &served_by::ServedBy,
    &stores_in::StoresIn,
    &terminates_tls_with::TerminatesTlsWith,
];

/// The relation of this name. The loader refuses names that have none.
pub fn implementation(name: &str) -> &'static dyn Relation {
    let found = RELATIONS.iter().find(|relation| relation.meta().name == name);
    *found.expect("every relation of the model is implemented: see the test below")
}

/// What a relation found, and what it could not look at. One gap never hides an edge that was found.
#[derive(Debug, Default)]
pub struct Edges<'s> {
    pub found: Vec<Edge<'s>>,
    /// Each may hide further edges, to whatever end.
    pub gaps: Vec<Gap>,
    /// Edges to ends of one kind that there may or may not be. An arrow that leads elsewhere need not care.
    pub doubts: Vec<Doubt<'s>>,
}

/// An edge that there may be: the gap would tell.
#[derive(Debug)]
pub struct Doubt<'s> {
    pub kind: Kind,
    /// The resource it would end in; `None` for one that is not even listed.
    pub to: Option<Ref<'s>>,
    pub gap: Gap,
}

impl Edges<'_> {
    /// Everything behind which there may be further edges.
    pub fn open(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.iter().chain(self.doubts.iter().map(|doubt| &doubt.gap))
    }

    /// Everything behind which there may be further edges to ends of these kinds.
    pub fn open_to(&self, kinds: &[Kind]) -> impl Iterator<Item = &Gap> {
        let near = self.doubts.iter().filter(|doubt| kinds.contains(&doubt.kind));
        self.gaps.iter().chain(near.map(|doubt| &doubt.gap))
    }
}

#[derive(Debug)]
pub struct Edge<'s> {
    pub to: End<'s>,
    /// In the order of the relation's attributes; a gap where the attribute can't be decided. An attribute that does
    /// not apply is `Value::Null`.
    pub attributes: Vec<(&'static str, Result<Value, Gap>)>,
    /// The hops, in order.
    pub evidence: Vec<Evidence>,
    /// What the edge takes for granted and no snapshot shows.
    pub assumptions: Vec<String>,
}

impl Edge<'_> {
    /// What it says by an attribute; nothing where the relation has no such one.
    pub(crate) fn told(&self, attribute: &str) -> Result<&Value, &Gap> {
        let found = self.attributes.iter().find(|(name, _)| *name == attribute);
        found.map_or(Ok(&Value::Null), |(_, value)| value.as_ref())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum End<'s> {
    Resource(Ref<'s>),
    /// A resource that exists by its id, but could not be read (or not yet).
    Unread {
        kind: Kind,
        id: String,
        gap: Gap,
    },
    /// Something that is no resource of the model, or lies out of reach: a CIDR, docker.io, another account's gateway.
    Outside(String),
}

impl End<'_> {
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Resource(resource) => Some(resource.kind()),
            Self::Unread { kind, .. } => Some(*kind),
            Self::Outside(_) => None,
        }
    }

    /// How the end is named in messages.
    pub fn label(&self) -> &str {
        match self {
            Self::Resource(resource) => &resource.id,
            Self::Unread { id, .. } | Self::Outside(id) => id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RELATIONS;

    #[test]
    fn every_relation_of_the_model_is_implemented() {
        let implemented: Vec<&str> = RELATIONS.iter().map(|relation| relation.meta().name).collect();
        let declared: Vec<&str> = crate::model::relation::RELATIONS.iter().map(|meta| meta.name).collect();
        assert_eq!(implemented, declared);
    }
}
