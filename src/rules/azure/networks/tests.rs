use serde_json::json;

use super::*;
use crate::model::azure::containers::CLUSTER;
use crate::model::azure::network::VIRTUAL_NETWORK;
use crate::model::snapshot::Outcome;
use crate::rules::testing::azure::{
    FOREIGN, SUBSCRIPTION, aks, arm, network, node_pool, unasked, virtual_network,
};
use crate::rules::testing::{Scene, the};

fn hub() -> String {
    network("virtualnetworks/hub")
}

fn spoke() -> String {
    network("virtualnetworks/spoke")
}

fn reach(scene: Scene) -> Verdict {
    let snapshot = scene.snapshot();
    let world = World::new(&snapshot);
    let (there, back) = (joined(&hub(), &spoke(), &world), joined(&spoke(), &hub(), &world));
    assert_eq!(there.is_ok(), back.is_ok(), "it is the same from both sides");
    there
}

/// Two networks; the spoke's peering with the hub as told.
fn peered(changes: &serde_json::Value) -> Scene {
    let mut facts = virtual_network(&[&hub()]);
    for (name, value) in changes.as_object().expect("members") {
        facts["peerings"][0][name] = value.clone();
    }
    let scene = Scene::new().arm::<VirtualNetwork>(&spoke(), &facts);
    scene.arm::<VirtualNetwork>(&hub(), &virtual_network(&[&spoke()]))
}

#[test]
fn networks_reach_each_other_where_both_say_so() {
    assert_eq!(reach(peered(&json!({}))), Ok(true));
    assert!(reach(peered(&json!({ "access": null }))).is_err(), "neither yes nor no");
    assert_eq!(reach(peered(&json!({ "access": null, "state": "Initiated" }))), Ok(false));
    assert_eq!(reach(peered(&json!({ "access": false }))), Ok(false));
    assert_eq!(reach(peered(&json!({ "state": "Initiated" }))), Ok(false));
    assert_eq!(reach(peered(&json!({ "network": network("virtualnetworks/third") }))), Ok(false));
    assert!(reach(peered(&json!({ "state": null }))).is_err());
}

#[test]
fn a_network_reaches_itself_unread() {
    let snapshot = Scene::new().snapshot();
    assert_eq!(joined(&hub(), &hub(), &World::new(&snapshot)), Ok(true));
}

#[test]
fn an_unread_side_leaves_it_open_unless_the_other_says_no() {
    let one = || Scene::new().arm::<VirtualNetwork>(&hub(), &virtual_network(&[&spoke()]));
    assert_eq!(reach(one()), Err(unasked(&VIRTUAL_NETWORK, &spoke())));
    let gone = one().asked(&VIRTUAL_NETWORK, &spoke(), Outcome::Complete);
    assert_eq!(reach(gone), Ok(false), "asked for, and not there");
    let alone = Scene::new().arm::<VirtualNetwork>(&hub(), &virtual_network(&[]));
    assert_eq!(reach(alone), Ok(false));
}

#[test]
fn peers_that_nobody_scans_are_told() {
    let far = arm(FOREIGN, "core", "microsoft.network/virtualnetworks/far");
    let told = |facts: &serde_json::Value| {
        let snapshot = Scene::new().arm::<VirtualNetwork>(&hub(), facts).snapshot();
        unseen_peers(&hub(), &World::new(&snapshot)).is_some()
    };
    assert!(told(&virtual_network(&[&far])));
    assert!(!told(&virtual_network(&[&spoke()])));
    let mut apart = virtual_network(&[&far]);
    apart["peerings"][0]["state"] = json!("Disconnected");
    assert!(!told(&apart));
    let nothing = Scene::new().snapshot();
    assert_eq!(unseen_peers(&hub(), &World::new(&nothing)), Some(unasked(&VIRTUAL_NETWORK, &hub())));
}

#[test]
fn a_cluster_lies_in_its_pools_subnets_and_in_what_azure_made() {
    let id = arm(SUBSCRIPTION, "core", "microsoft.containerservice/managedclusters/core");
    let holds = |properties: &serde_json::Value, network: &str| {
        let snapshot = Scene::new().arm::<AksCluster>(&id, &aks(properties)).snapshot();
        Networks::of_cluster(the(&snapshot, Kind::AksCluster, &id)).map(|networks| networks.holds(network))
    };
    let own = json!({ "pools": [node_pool(Some(&format!("{}/subnets/aks", hub())))], "node_group": "nodes" });
    let made = json!({ "pools": [node_pool(None)], "node_group": "nodes" });
    let in_nodes = arm(SUBSCRIPTION, "nodes", "microsoft.network/virtualnetworks/aks-vnet");
    assert_eq!((holds(&own, &hub()), holds(&own, &in_nodes)), (Ok(true), Ok(false)));
    assert_eq!((holds(&made, &hub()), holds(&made, &in_nodes)), (Ok(false), Ok(true)));
    let elsewhere = arm(FOREIGN, "nodes", "microsoft.network/virtualnetworks/aks-vnet");
    assert_eq!(holds(&made, &elsewhere), Ok(false), "the same group of another subscription");
    assert!(holds(&json!({ "pools": [node_pool(None)] }), &hub()).is_err());
    assert!(holds(&json!({}), &hub()).is_err(), "no pools are told");
}

#[test]
fn an_unread_cluster_lies_nowhere_known() {
    let id = arm(SUBSCRIPTION, "core", "microsoft.containerservice/managedclusters/core");
    let gap = unasked(&CLUSTER, &id);
    let snapshot = Scene::new().arm::<AksCluster>(&id, &json!({ "properties": { "$gap": gap } })).snapshot();
    assert_eq!(Networks::of_cluster(the(&snapshot, Kind::AksCluster, &id)), Err(gap));
}

#[test]
fn no_subnet_is_no_network() {
    assert_eq!(Networks::of(&[]), None);
    assert_eq!(Networks::of(&["subnet".to_owned()]), None, "what is no id names none");
}
