//! `placed-in`: the resource lies in this network, subnet or VPC.

mod azure;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::aws::ec2::Subnet;
use crate::model::kind::{Facts, Kind};
use crate::model::relation::{RelationMeta, relation};

use super::evidence::hop;
use super::{Edge, Edges, End, Ref, Relation, World};

pub(crate) struct PlacedIn;

impl Relation for PlacedIn {
    fn meta(&self) -> &'static RelationMeta {
        relation("placed-in").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let mut edges = azure::edges(from, ends, world);
        let (subnets, vpc) = places(from);
        if ends.contains(&Kind::Subnet) {
            let edge = |id: &&str| in_subnet(from, id, world);
            edges.found.extend(subnets.iter().map(edge));
        }
        // Asked for both, the subnets are the answer: a VPC beside them would count as a place of its own, without a zone.
        let in_subnets = ends.contains(&Kind::Subnet) && !subnets.is_empty();
        if ends.contains(&Kind::Vpc) && !in_subnets {
            match vpc {
                Some(vpc) => edges.found.push(in_vpc(from, from, vpc, world)),
                None => through_subnets(from, &subnets, world, &mut edges),
            }
        }
        edges
    }
}

/// The ids of the subnets that the resource names, and of the VPC if it names one.
fn places(from: Ref<'_>) -> (Vec<&str>, Option<&str>) {
    match &from.facts {
        Facts::Subnet(subnet) => (Vec::new(), Some(&subnet.vpc)),
        Facts::NatGateway(gateway) => (gateway.subnet.as_deref().into_iter().collect(), Some(&gateway.vpc)),
        Facts::LoadBalancer(balancer) => (strs(&balancer.subnets), balancer.vpc.as_deref()),
        Facts::EcsService(service) => (strs(&service.subnets), None),
        Facts::EksCluster(cluster) => (strs(&cluster.subnets), cluster.vpc.as_deref()),
        Facts::EksNodegroup(group) => (strs(&group.subnets), None),
        Facts::RdsInstance(instance) => (strs(&instance.subnets), instance.vpc.as_deref()),
        _ => (Vec::new(), None),
    }
}

fn strs(ids: &[String]) -> Vec<&str> {
    ids.iter().map(String::as_str).collect()
}

fn in_subnet<'s>(from: Ref<'s>, id: &str, world: &World<'s>) -> Edge<'s> {
    let to = End::of(Kind::Subnet, id, &from.scope, world);
    let zone = match &to {
        End::Resource(subnet) => Ok(World::facts::<Subnet>(subnet).zone.clone().into()),
        End::Unread { gap, .. } => Err(gap.clone()),
        End::Outside(_) => Ok(Value::Null),
    };
    Edge {
        attributes: vec![("zone", zone)],
        evidence: vec![hop(from, "subnets", id)],
        assumptions: Vec::new(),
        to,
    }
}

/// `told_by` names the VPC: the resource itself, or its subnet.
fn in_vpc<'s>(from: Ref<'s>, told_by: Ref<'s>, vpc: &str, world: &World<'s>) -> Edge<'s> {
    let mut evidence = vec![hop(told_by, "vpc", vpc)];
    if told_by.id != from.id {
        evidence.insert(0, hop(from, "subnets", told_by.id.as_str()));
    }
    Edge {
        to: End::of(Kind::Vpc, vpc, &told_by.scope, world),
        attributes: vec![("zone", Ok(Value::Null))],
        evidence,
        assumptions: Vec::new(),
    }
}

fn through_subnets<'s>(from: Ref<'s>, subnets: &[&str], world: &World<'s>, edges: &mut Edges<'s>) {
    let mut seen = BTreeSet::new();
    for id in subnets {
        match End::of(Kind::Subnet, id, &from.scope, world) {
            End::Resource(subnet) => {
                let vpc = World::facts::<Subnet>(subnet).vpc.as_str();
                if seen.insert(vpc) {
                    edges.found.push(in_vpc(from, subnet, vpc, world));
                }
            }
            End::Unread { gap, .. } if !edges.gaps.contains(&gap) => edges.gaps.push(gap),
            End::Unread { .. } | End::Outside(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::snapshot::Snapshot;
    use crate::rules::testing::{Scene, denied_list, edges, service, subnet, the, unread_list, vpc};

    fn network() -> Scene {
        Scene::new()
            .with("vpc-1", vpc("10.0.0.0/16"))
            .with("subnet-a", subnet("vpc-1", "10.0.0.0/24"))
            .with("subnet-b", Subnet { zone: "us-west-1b".to_owned(), ..subnet("vpc-1", "10.0.1.0/24") })
    }

    fn ends<'e>(edges: &'e Edges<'_>) -> Vec<&'e str> {
        edges.found.iter().map(|edge| edge.to.label()).collect()
    }

    /// Where the service lies, asked for its VPC.
    fn in_vpc_alone(snapshot: &Snapshot) -> Edges<'_> {
        let service = the(snapshot, Kind::EcsService, "web");
        PlacedIn.edges(service, &[Kind::Vpc], &World::new(snapshot))
    }

    #[test]
    fn a_subnet_lies_in_its_vpc() {
        let snapshot = network().snapshot();
        let edges = edges(&PlacedIn, &World::new(&snapshot), Kind::Subnet, "subnet-a");
        assert_eq!(ends(&edges), ["vpc-1"]);
        assert_eq!(edges.found[0].attribute("zone"), &Ok(Value::Null));
    }

    #[test]
    fn a_service_lies_in_each_subnet_and_once_in_their_vpc() {
        let snapshot = network().with("web", service(&["subnet-a", "subnet-b"], &[])).snapshot();
        let edges = edges(&PlacedIn, &World::new(&snapshot), Kind::EcsService, "web");
        assert_eq!(ends(&edges), ["subnet-a", "subnet-b"], "their VPC is no third place");
        assert_eq!(edges.found[1].attribute("zone"), &Ok("us-west-1b".into()));
        let edges = in_vpc_alone(&snapshot);
        assert_eq!(ends(&edges), ["vpc-1"]);
        assert_eq!(edges.found[0].evidence.len(), 2, "by way of a subnet");
    }

    #[test]
    fn a_cluster_names_its_vpc_and_its_node_groups_by_their_subnets() {
        use crate::rules::iam::testing::Lab;
        let cluster = "arn:aws:eks:us-west-1:111111111111:cluster/main";
        let nodes = "arn:aws:eks:us-west-1:111111111111:nodegroup/main/nodes/1";
        let placed = |kind: Kind, ends: &[Kind]| {
            let facts = serde_json::json!({
                "status": "ACTIVE", "certificate_authority": [], "vpc": "vpc-1", "subnets": ["subnet-a"],
                "groups": [], "public_cidrs": [], "logging": [],
            });
            let group = serde_json::json!({
                "cluster": cluster, "subnets": ["subnet-a"], "instance_types": [], "health_issues": [],
            });
            let lab = Lab::new().add(Kind::EksCluster, cluster, facts).add(Kind::EksNodegroup, nodes, group);
            let mut snapshot = lab.snapshot();
            snapshot.resources.extend(network().snapshot().resources);
            snapshot.resources.sort_by(|a, b| (a.kind(), &a.id).cmp(&(b.kind(), &b.id)));
            let world = World::new(&snapshot);
            let edges = PlacedIn.edges(&snapshot.of_kind(kind)[0], ends, &world);
            edges.found.iter().map(|edge| edge.to.label().to_owned()).collect::<Vec<_>>()
        };
        for kind in [Kind::EksCluster, Kind::EksNodegroup] {
            assert_eq!(placed(kind, &[Kind::Subnet]), ["subnet-a"]);
            assert_eq!(placed(kind, &[Kind::Vpc]), ["vpc-1"]);
        }
    }

    #[test]
    fn only_the_kinds_asked_for_are_looked_at() {
        let snapshot = Scene::new().with("web", service(&["subnet-a"], &[])).snapshot();
        let world = World::new(&snapshot);
        let service = the(&snapshot, Kind::EcsService, "web");
        let edges = PlacedIn.edges(service, &[Kind::Subnet], &world);
        assert_eq!(ends(&edges), ["subnet-a"]);
        assert_eq!(edges.gaps, []);
    }

    #[test]
    fn a_subnet_that_is_not_listed_is_outside() {
        let scene = network().with("web", service(&["subnet-gone"], &[])).listed(&[Kind::Subnet]);
        let snapshot = scene.snapshot();
        let edges = edges(&PlacedIn, &World::new(&snapshot), Kind::EcsService, "web");
        assert_eq!(edges.found.len(), 1);
        assert_eq!(edges.found[0].to, End::Outside("subnet-gone: no such aws.subnet".to_owned()));
    }

    #[test]
    fn an_unread_subnet_leaves_end_zone_and_vpc_open() {
        for (scene, gap) in [
            (Scene::new(), unread_list(Kind::Subnet)),
            (Scene::new().denied(Kind::Subnet), denied_list(Kind::Subnet)),
        ] {
            let snapshot = scene.with("web", service(&["subnet-a", "subnet-b"], &[])).snapshot();
            let edges = edges(&PlacedIn, &World::new(&snapshot), Kind::EcsService, "web");
            assert_eq!(ends(&edges), ["subnet-a", "subnet-b"]);
            assert_eq!(edges.found[0].attribute("zone"), &Err(gap.clone()));
            let gaps = in_vpc_alone(&snapshot).gaps;
            assert_eq!(gaps, [gap], "one gap, however many subnets hide behind it");
        }
    }
}
