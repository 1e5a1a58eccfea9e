use super::*;
use crate::model::azure::containers::AksCluster;
use crate::model::azure::network::{LoadBalancer, PublicIp};
use crate::model::kubernetes::network::{Ingress, Service};
use crate::rules::testing::azure::{
    SUBSCRIPTION, aks, arm, internal_balancer, network, node_pool, public_balancer, unlisted,
};
use crate::rules::testing::kubernetes::{ingress, object, service, with};
use crate::rules::testing::{Scene, edges};

const SERVER: &str = "core-0a1b2c3d.hcp.westeurope.azmk8s.io";
const EVERY: &[Kind] = &[Kind::AzureLoadBalancer, Kind::PublicIp, Kind::AksCluster];

fn subnet(of: &str) -> String {
    network(&format!("virtualnetworks/{of}/subnets/aks"))
}

fn lb() -> String {
    network("loadbalancers/kubernetes-internal")
}

/// An ingress and a service at this address, and the AKS cluster in network `core` that they are proven to lie in.
fn scene(address: &str) -> Scene {
    let properties = json!({ "fqdn": SERVER, "pools": [node_pool(Some(&subnet("core")))] });
    let id = arm(SUBSCRIPTION, "core", "microsoft.containerservice/managedclusters/core");
    let at = json!({ "addresses": [address] });
    Scene::new()
        .api_server(SERVER)
        .arm::<AksCluster>(&id, &aks(&properties))
        .object::<Ingress>("api", &with(&ingress(), &at))
        .object::<Service>("nginx", &with(&service(), &at))
}

fn balanced(scene: Scene, of: &str) -> Scene {
    scene.arm::<LoadBalancer>(&lb(), &internal_balancer(&subnet(of), "10.1.0.9"))
}

/// The end, the same for both kinds of object, and the frontend.
fn reached(scene: Scene) -> (String, Result<Value, Gap>) {
    let snapshot = scene.snapshot();
    let world = World::new(&snapshot);
    let told = |kind: Kind, id: &str| {
        let edges = edges(&AnswersAt, &world, kind, id);
        assert!(edges.gaps.is_empty() && edges.found.len() == 1);
        let edge = &edges.found[0];
        (edge.end(|gap| gap.call.clone()), edge.attribute("frontend").clone())
    };
    let found = told(Kind::K8sIngress, &object("ingress", "api"));
    assert_eq!(found, told(Kind::K8sService, &object("service", "nginx")));
    found
}

#[test]
fn the_internal_balancer_of_the_clusters_network_answers() {
    assert_eq!(reached(balanced(scene("10.1.0.9"), "core")), (lb(), Ok(json!("internal"))));
}

#[test]
fn the_same_address_in_another_network_is_somebody_elses() {
    let elsewhere = balanced(scene("10.1.0.9"), "other").inventoried(EVERY);
    assert_eq!(reached(elsewhere), ("! 10.1.0.9".to_owned(), Ok(Value::Null)));
}

#[test]
fn unread_balancers_may_answer() {
    let gap = unlisted(Kind::AzureLoadBalancer, SUBSCRIPTION);
    assert_eq!(reached(scene("10.1.0.9")), (format!("? {}", gap.call), Err(gap)));
}

#[test]
fn an_unproven_cluster_has_no_network() {
    let at = json!({ "addresses": ["10.1.0.9"] });
    let unproven = balanced(Scene::new(), "core")
        .api_server("api.example.com")
        .object::<Ingress>("api", &with(&ingress(), &at))
        .object::<Service>("nginx", &with(&service(), &at));
    let (end, frontend) = reached(unproven.inventoried(&[Kind::AzureLoadBalancer]));
    assert!(end.starts_with("? ") && frontend.is_err(), "{end}");
}

#[test]
fn a_public_address_is_its_balancers_whatever_the_network() {
    let ip = network("publicipaddresses/ip");
    let scene = scene("203.0.113.9").arm::<PublicIp>(&ip, &json!({ "address": "203.0.113.9" }));
    let public = scene.arm::<LoadBalancer>(&lb(), &public_balancer(&ip));
    assert_eq!(reached(public), (lb(), Ok(json!("public"))));
}

#[test]
fn a_network_may_have_a_public_range_for_its_own() {
    let own = internal_balancer(&subnet("core"), "203.0.113.9");
    let own = || scene("203.0.113.9").arm::<LoadBalancer>(&lb(), &own);
    assert_eq!(reached(own()), (lb(), Ok(json!("internal"))), "whatever public ones are unread");
    let nobody = scene("203.0.113.9").inventoried(EVERY);
    assert_eq!(reached(nobody), ("! 203.0.113.9".to_owned(), Ok(Value::Null)));
    let gap = unlisted(Kind::PublicIp, SUBSCRIPTION);
    assert_eq!(reached(scene("203.0.113.9")), (format!("? {}", gap.call), Err(gap)));
}

#[test]
fn a_name_may_lead_to_any_frontend() {
    let snapshot = balanced(scene("lb.example.com"), "core").inventoried(EVERY).snapshot();
    let edges = edges(&AnswersAt, &World::new(&snapshot), Kind::K8sIngress, &object("ingress", "api"));
    assert!(matches!(edges.found[..], [Edge { to: End::Unread { .. }, .. }]));
    assert!(edges.found[0].attribute("frontend").is_err());
}

#[test]
fn an_object_without_address_answers_nowhere_and_asks_nothing() {
    let snapshot = Scene::new().object::<Ingress>("api", &ingress()).snapshot();
    let edges = edges(&AnswersAt, &World::new(&snapshot), Kind::K8sIngress, &object("ingress", "api"));
    assert!(edges.found.is_empty() && edges.open().next().is_none());
}
