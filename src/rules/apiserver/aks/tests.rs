use serde_json::{Value, json};

use crate::model::azure::containers::{AksCluster, CLUSTER as DETAILS};
use crate::model::kind::Kind;
use crate::model::kubernetes::cluster::{Cluster, NODES, Node, VERSION};
use crate::model::seen::{Gap, Seen};
use crate::model::snapshot::Outcome;
use crate::rules::World;
use crate::rules::apiserver::{cluster_of, evidence, is_of};
use crate::rules::kleene::Verdict;
use crate::rules::testing::Scene;
use crate::rules::testing::azure::{SUBSCRIPTION, aks, arm, unasked, unlisted};
use crate::rules::testing::kubernetes::{CLUSTER as SERVER, cluster};

const PUBLIC: &str = "menu-0a1b2c3d.hcp.westeurope.azmk8s.io";
const PRIVATE: &str = "menu-0a1b2c3d.0123.privatelink.westeurope.azmk8s.io";
const EKS: &str = "0123456789abcdef.gr7.us-west-1.eks.amazonaws.com";

fn menu() -> String {
    arm(SUBSCRIPTION, "core", "microsoft.containerservice/managedclusters/menu")
}

fn server(host: &str) -> Scene {
    let facts = json!({ "server": host, "certificate_authority": ["ours"], "version": "v1.33.1" });
    let facts: Cluster = serde_json::from_value(facts).expect("an API server");
    Scene::new().with_in(&cluster(), SERVER, SERVER, facts)
}

/// An API server of this address, and a cluster of these properties.
fn scene(host: &str, properties: &Value) -> Scene {
    server(host).arm::<AksCluster>(&menu(), &aks(properties))
}

fn judged(scene: Scene) -> Verdict {
    let snapshot = scene.snapshot();
    let world = World::new(&snapshot);
    let found = world.get(Kind::AksCluster, &menu()).expect("added");
    let verdict = is_of(&cluster(), found, &world);
    assert_eq!(verdict.is_ok(), !evidence(&cluster(), found, &world).is_empty(), "shown as far as known");
    verdict
}

#[test]
fn its_names_prove_it() {
    let both = json!({ "fqdn": PUBLIC, "private_fqdn": PRIVATE });
    for (host, told, expected) in [
        (PUBLIC, &both, true),
        (PRIVATE, &both, true),
        ("MENU-0a1b2c3d.hcp.westeurope.azmk8s.io", &both, true),
        ("other-0a1b.hcp.westeurope.azmk8s.io", &both, false),
        ("other-0a1b.hcp.chinaeast2.cx.prod.service.azk8s.cn", &both, false),
        ("other-0a1b.hcp.usgovvirginia.cx.aks.containerservice.azure.us", &both, false),
        (PRIVATE, &json!({ "fqdn": PUBLIC }), false),
        (EKS, &json!({}), false),
    ] {
        assert_eq!(judged(scene(host, told)), Ok(expected), "{host}");
    }
    for (host, told) in [("api.example.com", both), (PUBLIC, json!({}))] {
        let gap = judged(scene(host, &told)).expect_err("nodes would tell");
        assert_eq!(gap, Gap::unread(NODES.primary(), &cluster(), ""), "{host}");
    }
}

#[test]
fn nodes_prove_a_match_and_nothing_else() {
    let node = |provider: &str| {
        let told = json!({ "fqdn": PUBLIC, "node_group": "mc_core_menu_westeurope" });
        let facts = json!({ "provider_id": provider, "addresses": [] });
        let listed = scene("api.example.com", &told).cluster_object::<Node>("a", &facts);
        judged(listed.answered(&NODES, &cluster(), "", Outcome::Complete))
    };
    let set = "providers/Microsoft.Compute/virtualMachineScaleSets/aks-nodes/virtualMachines/0";
    let of = |subscription: &str, group: &str| {
        node(&format!("azure:///subscriptions/{subscription}/resourceGroups/{group}/{set}"))
    };
    assert_eq!(of(SUBSCRIPTION, "MC_core_menu_westeurope"), Ok(true));
    let foreign = "22222222-2222-2222-2222-222222222222";
    for open in [
        of(SUBSCRIPTION, "mc_core_other_westeurope"),
        of(foreign, "mc_core_menu_westeurope"),
        node("aws:///us-west-1a/i-0123456789abcdef0"),
    ] {
        assert!(!open.expect_err("no proof of the contrary").detail.is_empty());
    }
}

#[test]
fn unread_names_are_a_gap_but_not_for_a_server_of_eks() {
    let unread = |host: &str| {
        let properties = Seen::Gap(Box::new(unasked(&DETAILS, &menu())));
        let facts = json!(AksCluster { group: "core".to_owned(), properties });
        judged(server(host).arm::<AksCluster>(&menu(), &facts))
    };
    assert_eq!(unread(PUBLIC), Err(unasked(&DETAILS, &menu())));
    assert_eq!(unread(EKS), Ok(false));
    let told = aks(&json!({ "fqdn": PUBLIC }));
    let nameless = judged(Scene::new().arm::<AksCluster>(&menu(), &told));
    assert_eq!(nameless, Err(Gap::unread(VERSION.primary(), &cluster(), "")));
}

#[test]
fn a_name_of_one_provider_asks_nothing_of_the_other() {
    let found = |scene: Scene| {
        let snapshot = scene.snapshot();
        cluster_of(&cluster(), &World::new(&snapshot)).map(|found| found.map(|found| found.id.clone()))
    };
    let told = json!({ "fqdn": PUBLIC });
    assert_eq!(found(scene(PUBLIC, &told)), Ok(Some(menu())), "whatever else there may be");
    let other = || scene("other-0a1b.hcp.westeurope.azmk8s.io", &told);
    assert_eq!(found(other()), Err(unlisted(Kind::AksCluster, SUBSCRIPTION)));
    assert_eq!(found(other().inventoried(&[Kind::AksCluster])), Ok(None), "EKS need not be asked");
    let elsewhere = found(scene("api.example.com", &told).inventoried(&[Kind::AksCluster]));
    assert_eq!(elsewhere.expect_err("it may be either's").call, "eks:ListClusters");
}
