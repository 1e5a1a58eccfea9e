//! `deploys-to`: the ECS services that a deployment group deploys.

use super::evidence::hop;
use super::world::NotFound;
use super::{Edge, Edges, End, Ref, Relation, World};
use crate::model::aws::Arn;
use crate::model::aws::codedeploy::{Group, ServiceRef};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct DeploysTo;

impl Relation for DeploysTo {
    fn meta(&self) -> &'static RelationMeta {
        relation("deploys-to").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let services = from.as_kind::<Group>().map_or(&[][..], |group| &group.services);
        let found = services.iter().map(|service| Edge {
            to: service_named(service, from, world),
            attributes: Vec::new(),
            evidence: vec![hop(from, "services", format!("{}/{}", service.cluster, service.service))],
            assumptions: Vec::new(),
        });
        Edges { found: found.collect(), ..Edges::default() }
    }
}

/// The service that the group knows by the names of its cluster and its own.
fn service_named<'s>(named: &ServiceRef, from: Ref<'s>, world: &World<'s>) -> End<'s> {
    let ServiceRef { cluster, service } = named;
    let partition = Arn::parse(&from.id).map_or("aws", |arn| arn.partition);
    let place = format!("arn:{partition}:ecs:{}:{}", from.scope.region, from.scope.account);
    let cluster_arn = format!("{place}:cluster/{cluster}");
    let id = format!("{place}:service/{cluster}/{service}");
    let unread = |gap| End::Unread { kind: Kind::EcsService, id: id.clone(), gap };
    let known = world.linked(Kind::EcsService, &cluster_arn);
    if let Some(found) = known.into_iter().find(|resource| resource.name == *service) {
        return End::Resource(found);
    }
    match world.find(Kind::EcsCluster, &cluster_arn, &from.scope) {
        Err(NotFound::Unread(gap)) => unread(gap),
        Err(NotFound::Absent) => End::missing(Kind::EcsService, &id),
        Ok(cluster) => match world.children(Kind::EcsService, cluster).gaps.pop() {
            Some(gap) => unread(gap),
            None => End::missing(Kind::EcsService, &id),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::aws::ecs;
    use crate::rules::iam::testing::{Found, Lab, here};

    const GROUP: &str = "arn:aws:codedeploy:us-west-1:111111111111:deploymentgroup:app/api";
    const CLUSTER: &str = "arn:aws:ecs:us-west-1:111111111111:cluster/main";
    const SERVICE: &str = "arn:aws:ecs:us-west-1:111111111111:service/main/api";

    fn deployed(lab: Lab) -> Found {
        let facts = json!({
            "application": "a", "services": [{ "cluster": "main", "service": "api" }], "target_groups": [],
        });
        lab.add(Kind::CodedeployGroup, GROUP, facts).edges(&DeploysTo, Kind::CodedeployGroup, GROUP)
    }

    fn cluster() -> Lab {
        Lab::new().add(Kind::EcsCluster, CLUSTER, json!({ "status": "ACTIVE", "capacity_providers": [] }))
    }

    fn service(lab: Lab, arn: &str, cluster: &str) -> Lab {
        let facts = json!({
            "cluster": cluster, "status": "ACTIVE", "capacity_providers": [], "desired": 1, "running": 1,
            "pending": 0, "subnets": [], "groups": [], "load_balancers": [], "others_in_progress": 0,
        });
        lab.add(Kind::EcsService, arn, facts)
    }

    #[test]
    fn the_service_is_found_in_its_cluster() {
        assert_eq!(deployed(service(cluster(), SERVICE, CLUSTER)).ends(), [SERVICE]);
    }

    #[test]
    fn a_namesake_in_another_cluster_is_another_service() {
        let other = "arn:aws:ecs:us-west-1:111111111111:service/other/api";
        let lab = service(cluster(), other, "arn:aws:ecs:us-west-1:111111111111:cluster/other");
        let lab = lab.complete(&ecs::SERVICES, &here(), CLUSTER);
        assert_eq!(deployed(lab).ends(), [format!("! {SERVICE}: no such aws.ecs_service")]);
    }

    #[test]
    fn unread_clusters_and_services_are_open() {
        assert_eq!(deployed(Lab::new()).ends(), [format!("? {SERVICE}")]);
        assert_eq!(
            deployed(cluster().denied(&ecs::SERVICES, &here(), CLUSTER)).ends(),
            [format!("? {SERVICE}")]
        );
        let lab = Lab::new().complete(&ecs::CLUSTERS, &here(), "");
        assert_eq!(deployed(lab).ends(), [format!("! {SERVICE}: no such aws.ecs_service")]);
    }
}
