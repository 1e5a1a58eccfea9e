use serde_json::json;

use super::*;
use crate::model::kubernetes::cluster::Namespace;
use crate::model::kubernetes::network::SERVICES;
use crate::model::kubernetes::{cluster as of_cluster, id};
use crate::model::scope::Scope;
use crate::model::snapshot::Outcome;
use crate::rules::testing::kubernetes::{CLUSTER, NAMESPACE, cluster, ingress, object, service, with};
use crate::rules::testing::{Scene, edges};

const EDGE: &str = "kubernetes.example.com/namespace/edge";

fn controller() -> String {
    id(CLUSTER, Some("edge"), "service", "nginx")
}

/// An ingress at 10.1.0.9, two namespaces, and in the other one a service.
fn scene(changes: &serde_json::Value) -> Scene {
    scene_at("10.1.0.9", changes)
}

fn scene_at(address: &str, changes: &serde_json::Value) -> Scene {
    let facts =
        with(&service(), &json!({ "namespace": EDGE, "type": "LoadBalancer", "addresses": ["10.1.0.9"] }));
    let facts: Service = serde_json::from_value(with(&facts, changes)).expect("a service");
    let namespace = || Namespace { phase: Some("Active".to_owned()) };
    Scene::new()
        .with_in(&cluster(), NAMESPACE, "dev-api", namespace())
        .with_in(&cluster(), EDGE, "edge", namespace())
        .with_in(&cluster(), &controller(), "nginx", facts)
        .object::<Ingress>("api", &with(&ingress(), &json!({ "addresses": [address] })))
}

fn listed(scene: Scene) -> Scene {
    let all = scene.answered(&of_cluster::NAMESPACES, &cluster(), "", Outcome::Complete);
    all.complete(&[&SERVICES]).answered(&SERVICES, &cluster(), EDGE, Outcome::Complete)
}

/// The ends, and how many gaps may hide more.
fn served(scene: Scene) -> (Vec<String>, usize) {
    served_at("10.1.0.9", scene)
}

fn served_at(address: &str, scene: Scene) -> (Vec<String>, usize) {
    let snapshot = scene.snapshot();
    let world = World::new(&snapshot);
    let edges = edges(&ServedBy, &world, Kind::K8sIngress, &object("ingress", "api"));
    let told = |edge: &Edge<'_>| {
        assert_eq!(edge.attribute("address"), &Ok(json!(address)));
        edge.end(|gap| gap.call.clone())
    };
    (edges.found.iter().map(told).collect(), edges.open_to(&[Kind::K8sService]).count())
}

#[test]
fn the_service_of_another_namespace_that_has_the_address_serves() {
    assert_eq!(served(listed(scene(&json!({})))), (vec![controller()], 0));
}

#[test]
fn what_type_of_service_has_the_address_is_for_the_design_to_judge() {
    assert_eq!(served(listed(scene(&json!({ "type": "ClusterIP" })))), (vec![controller()], 0));
}

#[test]
fn others_do_not_serve() {
    let nobody = || (vec!["! 10.1.0.9".to_owned()], 0);
    assert_eq!(served(listed(scene(&json!({ "addresses": ["10.1.0.8"] })))), nobody());
    let facts = with(&service(), &json!({ "type": "LoadBalancer", "addresses": ["10.1.0.9"] }));
    let facts: Service = serde_json::from_value(facts).expect("a service");
    let far = scene(&json!({ "addresses": [] })).with_in(
        &Scope::kubernetes("other.example.com"),
        "far",
        "far",
        facts,
    );
    assert_eq!(served(listed(far)), nobody(), "another cluster has the same addresses");
}

#[test]
fn none_is_said_only_where_every_namespace_was_read() {
    let found = scene(&json!({}));
    assert_eq!(served(found), (vec![controller()], 3), "there may be more");
    let hidden = || scene(&json!({ "addresses": [] }));
    assert_eq!(served(hidden()).0, ["? k8s:ListNamespaces"]);
    let half = hidden().answered(&of_cluster::NAMESPACES, &cluster(), "", Outcome::Complete);
    let denied = half.complete(&[&SERVICES]).answered(&SERVICES, &cluster(), EDGE, Outcome::Denied);
    assert_eq!(served(denied), (vec!["? k8s:ListServices".to_owned()], 1));
}

#[test]
fn a_name_that_no_service_bears_may_lead_to_one() {
    let by_name = |own: &str| scene_at("api.example.com", &json!({ "addresses": [own] }));
    assert_eq!(served_at("api.example.com", listed(by_name("api.example.com"))).0, [controller()]);
    assert_eq!(served_at("api.example.com", listed(by_name("10.1.0.9"))).0, ["? k8s:ListIngresses"]);
}

#[test]
fn an_ingress_that_is_reached_nowhere_is_served_by_nobody_and_asks_nothing() {
    let scene = Scene::new().object::<Ingress>("api", &ingress());
    assert_eq!(served(scene), (vec![], 0));
}
