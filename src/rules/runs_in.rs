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
        Edges { found: vec![edge], ..Edges::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::aws::ecs::Cluster;
    use crate::rules::testing::{Scene, denied_list, edges, service};

    const CLUSTER: &str = "arn:aws:ecs:us-west-1:111111111111:cluster/app";

    fn ends_in(scene: Scene) -> String {
        let snapshot = scene.with("web", service(&[], &[])).snapshot();
        let edges = edges(&RunsIn, &World::new(&snapshot), Kind::EcsService, "web");
        match &edges.found[0].to {
            End::Resource(cluster) => format!("resource {}", cluster.id),
            End::Unread { gap, .. } => format!("unread, {gap}"),
            End::Outside(label) => format!("outside {label}"),
        }
    }

    #[test]
    fn a_service_ends_in_its_cluster() {
        let cluster =
            Cluster { status: "ACTIVE".to_owned(), capacity_providers: Vec::new(), container_insights: None };
        assert_eq!(ends_in(Scene::new().with(CLUSTER, cluster)), format!("resource {CLUSTER}"));
    }

    #[test]
    fn a_cluster_that_is_not_listed_is_outside() {
        let gone = format!("outside {CLUSTER}: no such aws.ecs_cluster");
        assert_eq!(ends_in(Scene::new().listed(&[Kind::EcsCluster])), gone);
    }

    #[test]
    fn a_denied_list_leaves_the_end_unread() {
        let gap = denied_list(Kind::EcsCluster);
        assert_eq!(ends_in(Scene::new().denied(Kind::EcsCluster)), format!("unread, {gap}"));
    }
}
