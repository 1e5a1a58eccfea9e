use serde_json::json;

use super::*;
use crate::model::azure::containers::AksCluster;
use crate::model::azure::gateway::{ApplicationGateway, GATEWAY};
use crate::model::azure::network::LoadBalancer;
use crate::model::kubernetes::cluster::NAMESPACES;
use crate::model::snapshot::Outcome;
use crate::rules::testing::azure::{SUBSCRIPTION, aks, arm, gateway, network, node_pool, unasked, unlisted};
use crate::rules::testing::kubernetes::{CLUSTER, cluster, object, service, with};
use crate::rules::testing::{Scene, edges};

const SERVER: &str = "core-0a1b2c3d.hcp.westeurope.azmk8s.io";

fn subnet() -> String {
    network("virtualnetworks/core/subnets/x")
}

fn agw() -> String {
    network("applicationgateways/agw")
}

/// A service at 10.1.0.9. The load balancer of its cluster has another service's address, 10.1.0.8, too.
fn scene() -> Scene {
    let properties = json!({ "fqdn": SERVER, "pools": [node_pool(Some(&subnet()))] });
    let frontend =
        |name: &str, address: &str| json!({ "name": name, "address": address, "subnet": subnet() });
    let balancer = json!({
        "frontends": [frontend("other", "10.1.0.8"), frontend("nginx", "10.1.0.9")], "rules": [], "pools": [],
    });
    Scene::new()
        .api_server(SERVER)
        .arm::<AksCluster>(
            &arm(SUBSCRIPTION, "core", "microsoft.containerservice/managedclusters/core"),
            &aks(&properties),
        )
        .arm::<LoadBalancer>(&network("loadbalancers/kubernetes-internal"), &balancer)
        .object::<Service>(
            "nginx",
            &with(&service(), &json!({ "type": "LoadBalancer", "addresses": ["10.1.0.9"] })),
        )
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

/// No namespace has other services.
fn read(scene: Scene) -> Scene {
    scene.answered(&NAMESPACES, &cluster(), "", Outcome::Complete)
}

/// Each edge's end, and whether it is here; gaps by their calls.
fn asked(scene: Scene) -> Vec<(String, String)> {
    let mut snapshot = scene.snapshot();
    snapshot.header.cluster = Some(CLUSTER.to_owned());
    let edges = edges(&AsksAt, &World::new(&snapshot), Kind::ApplicationGateway, &agw());
    let told = edges.found.iter().map(|edge| {
        assert_eq!(edge.attribute("host"), &Ok(json!("app.example.com")));
        let here = edge.attribute("here").as_ref().map_or_else(|gap| gap.call.clone(), ToString::to_string);
        (edge.to.label().to_owned(), here)
    });
    told.chain(edges.open().map(|gap| ("?".to_owned(), gap.call.clone()))).collect()
}

fn one(end: impl Into<String>, here: &str) -> Vec<(String, String)> {
    vec![(end.into(), here.to_owned())]
}

#[test]
fn the_service_at_the_address_that_is_asked_is_an_end() {
    assert_eq!(asked(asking(scene(), "10.1.0.9")), one(object("service", "nginx"), "true"));
}

#[test]
fn another_frontend_of_the_same_balancer_is_another_services() {
    let balancer = network("loadbalancers/kubernetes-internal");
    assert_eq!(asked(read(asking(scene(), "10.1.0.8"))), one(balancer, "false"));
    let may_be = asked(asking(scene(), "10.1.0.8"));
    assert!(may_be[0].1.starts_with("k8s:"), "a service that is not read: {may_be:?}");
}

#[test]
fn a_backend_that_is_not_followed_to_its_end_may_be_here() {
    let unread = unlisted(Kind::AzureLoadBalancer, SUBSCRIPTION).call;
    assert_eq!(asked(asking(scene(), "10.1.0.7")), one("", &unread));
    let listed = asking(scene(), "10.1.0.7").inventoried(&[Kind::AzureLoadBalancer]);
    let network = asked(listed)[0].1.clone();
    assert_eq!(network, "azure:GetVirtualNetwork", "it may be peered with others");
}

#[test]
fn an_unread_gateway_is_a_gap() {
    let unread = json!({ "properties": { "$gap": unasked(&GATEWAY, &agw()) }, "health": [] });
    let unread = scene().arm::<ApplicationGateway>(&agw(), &unread);
    assert_eq!(asked(unread), one("?", "azure:GetApplicationGateway"));
}
