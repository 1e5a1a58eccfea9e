use serde_json::{Value, json};

use super::*;
use crate::model::azure::containers::AksCluster;
use crate::model::azure::gateway::{ApplicationGateway, GATEWAY};
use crate::model::azure::network::LoadBalancer;
use crate::model::kubernetes::cluster::Cluster;
use crate::rules::testing::azure::{SUBSCRIPTION, aks, arm, gateway, network, node_pool, unasked, unlisted};
use crate::rules::testing::kubernetes::{CLUSTER, cluster, ingress, object, with};
use crate::rules::testing::{Scene, edges};

const SERVER: &str = "core-0a1b2c3d.hcp.westeurope.azmk8s.io";

fn subnet() -> String {
    network("virtualnetworks/core/subnets/x")
}

fn agw() -> String {
    network("applicationgateways/agw")
}

/// An ingress at 10.1.0.9. The load balancer of its cluster has another service's address, 10.1.0.8, too.
fn scene() -> Scene {
    let server = json!({ "server": SERVER, "certificate_authority": [], "version": "v1.33.1" });
    let server: Cluster = serde_json::from_value(server).expect("an API server");
    let properties = json!({ "fqdn": SERVER, "pools": [node_pool(Some(&subnet()))] });
    let frontend =
        |name: &str, address: &str| json!({ "name": name, "address": address, "subnet": subnet() });
    let balancer = json!({
        "frontends": [frontend("other", "10.1.0.8"), frontend("nginx", "10.1.0.9")], "rules": [], "pools": [],
    });
    Scene::new()
        .with_in(&cluster(), CLUSTER, CLUSTER, server)
        .arm::<AksCluster>(
            &arm(SUBSCRIPTION, "core", "microsoft.containerservice/managedclusters/core"),
            &aks(&properties),
        )
        .arm::<LoadBalancer>(&network("loadbalancers/kubernetes-internal"), &balancer)
        .object::<Ingress>("api", &with(&ingress(), &json!({ "addresses": ["10.1.0.9"] })))
}

/// A public listener for one host, which leads to this address.
fn asking(scene: Scene, address: &str) -> Scene {
    let told = json!({
        "tier": "Standard_v2",
        "subnets": [subnet()],
        "frontends": [{ "name": "public", "public_ip": network("publicipaddresses/agw") }],
        "listeners": [{ "name": "app", "frontend": "public", "port": 80, "protocol": "Http", "hosts": ["app.example.com"] }],
        "rules": [{ "name": "app", "listener": "app", "priority": 10, "pool": "p" }],
        "pools": [{ "name": "p", "addresses": [address], "hosts": [], "members": [] }],
    });
    scene.arm::<ApplicationGateway>(&agw(), &gateway(&told))
}

/// Each edge's attributes, and the calls behind which there may be more edges to the gateway, or to another one.
fn asked(scene: Scene) -> (Vec<Value>, Vec<String>) {
    let snapshot = scene.snapshot();
    let edges = edges(&AskedBy, &World::new(&snapshot), Kind::K8sIngress, &object("ingress", "api"));
    let told = edges.found.iter().map(|edge| {
        assert!(edge.to.label() == agw() && !edge.evidence.is_empty());
        let values = edge.attributes.iter();
        values
            .map(|(name, value)| {
                ((*name).to_owned(), value.clone().unwrap_or_else(|gap| json!(format!("? {}", gap.call))))
            })
            .collect()
    });
    let open = edges.doubts.iter().map(|it| {
        let of = it.to.map_or("", |gateway| gateway.name.as_str());
        format!("{of}: {}", it.gap.call)
    });
    (told.collect(), open.chain(edges.gaps.iter().map(|gap| format!("?: {}", gap.call))).collect())
}

fn rule(here: &Value, address: &str) -> Value {
    json!({
        "here": here, "host": "app.example.com", "preceded_by": [], "public": true, "rule": "app", "address": address,
    })
}

const LISTED: &[Kind] = &[Kind::ApplicationGateway, Kind::AzureLoadBalancer];

#[test]
fn the_gateway_that_asks_at_the_ingress_address_is_an_end() {
    let (found, open) = asked(asking(scene(), "10.1.0.9").inventoried(LISTED));
    assert_eq!((found, open), (vec![rule(&json!(true), "10.1.0.9")], vec![]));
}

#[test]
fn another_frontend_of_the_same_balancer_is_another_services() {
    let (found, open) = asked(asking(scene(), "10.1.0.8").inventoried(LISTED));
    assert_eq!((found, open), (vec![], vec![]));
}

#[test]
fn a_gateway_that_is_not_read_may_ask_there() {
    let unread = json!({ "properties": { "$gap": unasked(&GATEWAY, &agw()) }, "health": [] });
    let unread = scene().arm::<ApplicationGateway>(&agw(), &unread).inventoried(LISTED);
    assert_eq!(asked(unread), (vec![], vec!["agw: azure:GetApplicationGateway".to_owned()]));
    let (_, open) = asked(asking(scene(), "10.1.0.9"));
    let others = format!(": {}", unlisted(Kind::ApplicationGateway, SUBSCRIPTION).call);
    assert_eq!(open, [others.clone(), others], "nor are the other ones of either subscription");
}

#[test]
fn a_backend_that_is_not_followed_to_its_end_may_be_here() {
    let (found, open) = asked(asking(scene(), "10.1.0.7").inventoried(&[Kind::ApplicationGateway]));
    let unread = unlisted(Kind::AzureLoadBalancer, SUBSCRIPTION).call;
    assert_eq!((found, open), (vec![rule(&json!(format!("? {unread}")), "10.1.0.7")], vec![]));
}
