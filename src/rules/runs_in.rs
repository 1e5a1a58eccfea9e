//! `runs-in`: the service runs in this cluster.

use crate::model::aws::ecs::Service;
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

use super::evidence::hop;
use super::{Edge, Edges, End, Ref, Relation, World};

pub(crate) struct RunsIn;

impl Relation for RunsIn {
    fn meta(&self) -> &'static RelationMeta {
        relation("runs-in").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let cluster = World::facts::<Service>(from).cluster.as_str();
        let edge = Edge {
            to: End::of(Kind::EcsCluster, cluster, &from.scope, world),
            attributes: Vec::new(),
            evidence: vec![hop(from, "cluster", cluster)],
            assumptions: Vec::new(),
        };
        Edges { found: vec![edge], gaps: Vec::new() }
    }
}
