//! Subscriptions by their role, and networks that have nothing to do with each other.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::program::CONFIG;
use crate::report::Report;

use super::{Cloud, REGISTRY, STAND_INS, text};

const DESIGN: &str = "registry_group = \"example-stacks-shared-euw\"";

/// The emulated resources at an id, and below it.
fn below(cloud: &Cloud, id: &str) -> Vec<Value> {
    let all = cloud.emulator.azure("GET", "resources", &Value::Null);
    let of =
        |it: &&Value| format!("{}/", text(&it["id"]).to_ascii_lowercase()).starts_with(&format!("{id}/"));
    all.as_array().expect("a list").iter().filter(of).cloned().collect()
}

/// The ids of the emulated resources that end so.
fn ids(cloud: &Cloud, end: &str) -> Vec<String> {
    let all = cloud.emulator.azure("GET", "resources", &Value::Null);
    let ids = all.as_array().expect("a list").iter().map(|it| text(&it["id"]).to_ascii_lowercase());
    ids.filter(|id| id.ends_with(end)).collect()
}

/// What a node binds.
fn bound<'r>(report: &'r Report, node: &str) -> Vec<&'r str> {
    let nodes = report.json["audits"][0]["nodes"].as_array().expect("nodes");
    let node = nodes.iter().find(|it| it["id"] == node).expect("of the design");
    node["bound"].as_array().expect("ids").iter().map(text).collect()
}

#[test]
fn a_registry_is_looked_for_in_the_subscription_of_its_role() {
    let cloud = Cloud::with("aks");
    let by_role = cloud.check();
    assert_eq!(by_role.code, 0);
    let [_, other] = cloud.subscriptions();
    assert!(bound(&by_role, "registry")[0].contains(&other));

    // Without the role nobody looks beyond the main one, where another is.
    cloud.configure(&CONFIG.replace(REGISTRY, ""));
    cloud.emulator.forget_calls();
    let without = cloud.check();
    assert_ne!(without.code, 0);
    assert!(!without.with("PASS").contains("node.registry"), "{:?}", bound(&without, "registry"));
    assert_eq!(bound(&without, "registry"), Vec::<&str>::new());
    assert!(cloud.asked().iter().all(|it| !it.path.contains(&other)));
}

#[test]
fn a_zone_is_looked_for_in_the_subscription_of_its_role() {
    let cloud = Cloud::with("aks");
    let [main, other] = cloud.subscriptions();
    // It moves to what all environments share, and the other one of its name goes.
    let zones = ids(&cloud, "/dnszones/nonprod.example.com");
    let [ours]: [&String; 1] =
        zones.iter().filter(|id| id.contains(&main)).collect::<Vec<_>>().try_into().expect("one of ours");
    let told = Value::Array(below(&cloud, ours)).to_string();
    let group = format!(
        "/subscriptions/{main}/resourceGroups/example-stacks-nonprod-euw-core/providers/Microsoft.Network/dnszones"
    );
    let moved = told.replace(&group, &format!("/subscriptions/{other}/resourceGroups/example-stacks-shared-euw/providers/Microsoft.Network/dnszones"));
    assert_ne!(moved, told);
    cloud.emulator.azure("DELETE", "resources", &json!(zones));
    cloud.emulator.azure("POST", "resources", &serde_json::from_str(&moved).expect("JSON"));

    let lost = cloud.check();
    assert_eq!(lost.code, 1);
    assert!(lost.with("FAIL").contains("node.zone"), "{:?}", lost.with("FAIL"));

    let by_role = CONFIG.replace(REGISTRY, &format!("{REGISTRY}\ndns = {:?}", STAND_INS[1]));
    cloud
        .configure(&by_role.replace(DESIGN, &format!("{DESIGN}\ndns_group = \"example-stacks-shared-euw\"")));
    let found = cloud.check();
    assert_eq!(found.code, 0, "{:?} {:?}", found.with("FAIL"), found.gaps());
    assert!(bound(&found, "zone")[0].contains(&other));
}

#[test]
fn equal_addresses_in_unrelated_networks_join_nothing() {
    let cloud = Cloud::with("aks");
    let balancers = ids(&cloud, "/loadbalancers/kubernetes-internal");
    let before = cloud.check();
    assert_eq!(before.code, 0);
    let ours = bound(&before, "internal_lb");
    assert_eq!((balancers.len(), ours.len()), (3, 1), "three have the address");
    assert!(balancers.contains(&ours[0].to_owned()));

    cloud.emulator.azure("DELETE", "resources", &json!(ours));
    let after = cloud.check();
    assert_eq!((after.code, bound(&after, "internal_lb").len()), (1, 0), "the others stand for nobody");
    let lost: BTreeSet<&str> = [
        "edge.controller-lb",
        "edge.gateway-healthy",
        "edge.gateway-lb",
        "edge.ingress-lb",
        "node.internal_lb",
    ]
    .into();
    assert!(lost.iter().all(|check| after.with("FAIL").contains(*check)), "{:?}", after.with("FAIL"));

    // In the network of the others the gateway reaches the one there, which is nobody's that the ingress knows.
    let astray = Cloud::changed("aks", &["--fault", "gateway_in_another_network"]);
    let report = astray.check();
    assert_eq!(report.code, 1);
    let theirs = bound(&report, "internal_lb");
    assert!(theirs.iter().all(|id| id.contains("prod-euw-core") && *id != ours[0]), "{theirs:?}");
    let expected = [
        "edge.controller-lb",
        "edge.gateway-controller",
        "edge.gateway-network",
        "edge.ingress-lb",
        "node.gateway/arrives",
        "path.ingress",
    ];
    assert_eq!(report.with("FAIL"), expected.map(str::to_owned).into());
}
