//! `may-use`: which databases a deployment's pods may use, by the role or identity they act as.

mod accounts;
mod tables;
mod workload_identity;

use super::evidence::undecided;
use super::{Doubt, Edges, Ref, Relation, World, apiserver};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct MayUse;

impl Relation for MayUse {
    fn meta(&self) -> &'static RelationMeta {
        relation("may-use").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let open = |gap| Edges { gaps: vec![gap], ..Edges::default() };
        let cluster = match apiserver::cluster_of(&from.scope, world) {
            Ok(Some(cluster)) => cluster,
            Ok(None) => return open(undecided(from, "its API server is of no cluster that is scanned")),
            Err(gap) => return open(gap),
        };
        let (mut edges, other, is_scanned) = if cluster.kind() == Kind::AksCluster {
            (accounts::edges(from, cluster, world), Kind::DynamodbTable, !world.places().is_empty())
        } else {
            let is_scanned = !world.subscriptions().is_empty();
            (tables::edges(from, cluster, world), Kind::CosmosAccount, is_scanned)
        };
        if is_scanned {
            let gap = undecided(from, "whom its pods may act as in the other cloud is not judged");
            edges.doubts.push(Doubt { kind: other, to: None, gap });
        }
        edges
    }
}

#[cfg(test)]
mod tests;
