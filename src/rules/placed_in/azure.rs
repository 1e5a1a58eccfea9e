//! Azure's half: subnets lie in the network that their ids name, and in all zones.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::azure;
use crate::model::azure::containers::AksProperties;
use crate::model::kind::{Facts, Kind};
use crate::model::seen::Gap;
use crate::rules::evidence::hop;
use crate::rules::{Edge, Edges, End, Ref, World};

/// Where a resource of Azure lies; of anything else, nothing.
pub(super) fn edges<'s>(from: Ref<'s>, ends: &[Kind], world: &World<'s>) -> Edges<'s> {
    let mut edges = Edges::default();
    let wanted = |kind: Kind| ends.contains(&kind);
    if let (Facts::AzureSubnet(subnet), true) = (&from.facts, wanted(Kind::VirtualNetwork)) {
        edges.found.push(edge(from, "network", &subnet.network, Kind::VirtualNetwork, world));
    }
    if !wanted(Kind::AzureSubnet) && !wanted(Kind::VirtualNetwork) {
        return edges;
    }
    let (fact, subnets) = match subnets(from) {
        Ok(places) => places,
        Err(gap) => {
            edges.gaps.push(gap.clone());
            return edges;
        }
    };
    for place in subnets {
        match place {
            // Asked for both, the subnets are the answer, as they are at AWS.
            Place::Subnet(id) if wanted(Kind::AzureSubnet) => {
                edges.found.push(edge(from, fact, id, Kind::AzureSubnet, world));
            }
            Place::Subnet(id) => {
                let network = azure::parent(id).unwrap_or(id);
                if !edges.found.iter().any(|edge| edge.to.label() == network) {
                    let mut found = edge(from, fact, network, Kind::VirtualNetwork, world);
                    found.evidence = vec![hop(from, fact, id)];
                    edges.found.push(found);
                }
            }
            Place::OfAzure(group) => edges.found.push(Edge {
                to: End::Outside(format!("a network of Azure's own making in {group}")),
                attributes: vec![("zone", Ok(Value::Null))],
                evidence: vec![hop(from, "properties.node_group", group)],
                assumptions: Vec::new(),
            }),
        }
    }
    edges
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place<'s> {
    /// By its id.
    Subnet(&'s str),
    /// By the group that the network lies in.
    OfAzure(&'s str),
}

/// The places that a resource names, each once, and the fact that names its subnets.
fn subnets(from: Ref<'_>) -> Result<(&'static str, BTreeSet<Place<'_>>), &Gap> {
    Ok(match &from.facts {
        Facts::AksCluster(cluster) => ("properties.pools", of_pools(cluster.properties.get()?)),
        Facts::ApplicationGateway(gateway) => {
            let subnets = gateway.properties.get()?.subnets.iter();
            ("properties.subnets", subnets.map(|id| Place::Subnet(id)).collect())
        }
        _ => ("", BTreeSet::new()),
    })
}

fn of_pools(cluster: &AksProperties) -> BTreeSet<Place<'_>> {
    let own = || Place::OfAzure(cluster.node_group.as_deref().unwrap_or("the group of its nodes"));
    cluster.pools.iter().map(|pool| pool.subnet.as_deref().map_or_else(own, Place::Subnet)).collect()
}

/// An edge to what `from` names by this id.
fn edge<'s>(from: Ref<'s>, fact: &str, id: &str, kind: Kind, world: &World<'s>) -> Edge<'s> {
    Edge {
        to: End::of(kind, id, &from.scope, world),
        attributes: vec![("zone", Ok(Value::Null))],
        evidence: vec![hop(from, fact, id)],
        assumptions: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::azure::containers::{AksCluster, CLUSTER};
    use crate::model::azure::gateway::ApplicationGateway;
    use crate::model::azure::network::{SUBNET, Subnet, VirtualNetwork};
    use crate::model::snapshot::Outcome;
    use crate::rules::placed_in::PlacedIn;
    use crate::rules::testing::azure::{
        SUBSCRIPTION, aks, arm, gateway, network, node_pool, unasked, virtual_network,
    };
    use crate::rules::testing::{Scene, the};
    use crate::rules::{Relation, World};

    const SUBNETS: &[Kind] = &[Kind::AzureSubnet];
    const NETWORKS: &[Kind] = &[Kind::VirtualNetwork];
    const BOTH: &[Kind] = &[Kind::AzureSubnet, Kind::VirtualNetwork];

    fn menu() -> String {
        arm(SUBSCRIPTION, "core", "microsoft.containerservice/managedclusters/menu")
    }

    fn subnet(name: &str) -> String {
        network(&format!("virtualnetworks/v/subnets/{name}"))
    }

    /// A network with two subnets, and a cluster of pools in these.
    fn scene(pools: &[Option<&str>]) -> Scene {
        let v = network("virtualnetworks/v");
        let pools: Vec<Value> = pools.iter().map(|pool| node_pool(pool.map(subnet).as_deref())).collect();
        let told = aks(&json!({ "pools": pools, "node_group": "mc_core_menu" }));
        let scene =
            Scene::new().arm::<VirtualNetwork>(&v, &virtual_network(&[])).arm::<AksCluster>(&menu(), &told);
        ["aks", "agw"].iter().fold(scene, |scene, name| {
            let facts = json!({ "network": v, "prefixes": [], "service_endpoints": [] });
            scene.arm::<Subnet>(&subnet(name), &facts)
        })
    }

    fn placed(scene: Scene, kind: Kind, id: &str, ends: &[Kind]) -> Vec<String> {
        let snapshot = scene.snapshot();
        let edges = PlacedIn.edges(the(&snapshot, kind, id), ends, &World::new(&snapshot));
        let found = edges.found.iter().map(|edge| {
            assert_eq!(edge.attribute("zone"), &Ok(Value::Null));
            assert!(!edge.evidence.is_empty());
            edge.end(ToString::to_string)
        });
        found.chain(edges.open().map(|gap| format!("? {gap}"))).collect()
    }

    #[test]
    fn a_cluster_lies_where_its_pools_do() {
        let of = |pools: &[Option<&str>], ends| placed(scene(pools), Kind::AksCluster, &menu(), ends);
        let twice = [Some("aks"), Some("agw"), Some("aks")];
        assert_eq!(of(&twice, SUBNETS), [subnet("agw"), subnet("aks")]);
        assert_eq!(of(&twice, NETWORKS), [network("virtualnetworks/v")]);
        assert_eq!(of(&twice, BOTH), [subnet("agw"), subnet("aks")]);
        assert_eq!(of(&twice, &[Kind::Subnet, Kind::Vpc]), [""; 0]);
        let own = "! a network of Azure's own making in mc_core_menu".to_owned();
        assert_eq!(of(&[Some("aks"), None], SUBNETS), [subnet("aks"), own.clone()]);
        assert_eq!(of(&[None, None], NETWORKS), [own]);
    }

    #[test]
    fn a_gateway_and_a_subnet_name_their_places() {
        let agw = network("applicationgateways/agw");
        let facts = gateway(&json!({ "subnets": [subnet("agw")] }));
        let with = || scene(&[]).arm::<ApplicationGateway>(&agw, &facts);
        assert_eq!(placed(with(), Kind::ApplicationGateway, &agw, SUBNETS), [subnet("agw")]);
        assert_eq!(placed(with(), Kind::ApplicationGateway, &agw, NETWORKS), [network("virtualnetworks/v")]);
        assert_eq!(
            placed(with(), Kind::AzureSubnet, &subnet("agw"), NETWORKS),
            [network("virtualnetworks/v")]
        );
        assert_eq!(placed(with(), Kind::AzureSubnet, &subnet("agw"), SUBNETS), [""; 0]);
    }

    #[test]
    fn what_is_gone_is_outside_and_what_is_unread_is_open() {
        let of = |scene: Scene, ends| placed(scene, Kind::AksCluster, &menu(), ends);
        let gone = subnet("gone");
        let unread = format!("? {}", unasked(&SUBNET, &gone));
        assert_eq!(of(scene(&[Some("gone")]), SUBNETS), [unread]);
        let answered = scene(&[Some("gone")]).asked(&SUBNET, &gone, Outcome::Complete);
        assert_eq!(of(answered, SUBNETS), [format!("! {gone}: no such azure.subnet")]);
        let gap = unasked(&CLUSTER, &menu());
        let bare = || Scene::new().arm::<AksCluster>(&menu(), &json!({ "properties": { "$gap": gap } }));
        assert_eq!(of(bare(), SUBNETS), [format!("? {gap}")]);
        assert_eq!(of(bare(), &[Kind::Vpc]), [""; 0]);
    }
}
