//! `guarded-by`: this security group is attached to the resource.

use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

use super::evidence::hop;
use super::net::security_groups::attached;
use super::{Edge, Edges, End, Ref, Relation, World};

pub(crate) struct GuardedBy;

impl Relation for GuardedBy {
    fn meta(&self) -> &'static RelationMeta {
        relation("guarded-by").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let edge = |group: &String| Edge {
            to: End::of(Kind::SecurityGroup, group, &from.scope, world),
            attributes: Vec::new(),
            evidence: vec![hop(from, "groups", group.as_str())],
            assumptions: Vec::new(),
        };
        Edges { found: attached(from).iter().map(edge).collect(), gaps: Vec::new() }
    }
}
