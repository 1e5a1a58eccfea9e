//! Services of a cluster of AKS.

use super::*;
use crate::model::kubernetes::network::{ENDPOINT_SLICES, EndpointSlice, INGRESSES, SERVICES, Service};
use crate::model::kubernetes::workload::{PODS, Pod, REPLICA_SETS};
use crate::rules::testing::kubernetes::{object, service};

const SERVER: &str = "aks-1a2b3c4d.hcp.westeurope.azmk8s.io";

/// A service with the internal load balancer's address, and the pod behind it.
fn served(scene: Scene, r#type: &str, addresses: &[&str]) -> Scene {
    let port =
        json!({ "name": "https", "port": 443, "protocol": "TCP", "target": "8443", "node_port": 31443 });
    let changes = json!({ "type": r#type, "addresses": addresses, "ports": [port] });
    let slice = json!({
        "service": object("service", "api"), "address_type": "IPv4", "ports": [{ "name": "https", "port": 8443 }],
        "endpoints": [{ "pod": object("pod", "api"), "addresses": ["10.1.0.20"], "ready": true, "terminating": false }],
    });
    let scene = scene.api_server(SERVER).object::<Service>("api", &with(&service(), &changes));
    let scene = scene.object::<EndpointSlice>("api-1", &slice).object::<Pod>("api", &pods::pod(&json!({})));
    scene.complete(&[&SERVICES, &INGRESSES, &ENDPOINT_SLICES, &PODS, &REPLICA_SETS])
}

fn reach(env: Env, more: fn(Scene) -> Scene, port: i64, expect: Expect) -> String {
    let snapshot = Env { cluster: with(&env.cluster, &json!({ "fqdn": SERVER })), more, ..env }.snapshot();
    let to = Endpoint::Resource(the(&snapshot, Kind::K8sService, &object("service", "api")));
    told(&prove(Endpoint::Internet, to, &Traffic::tcp(port), &Anyhow, expect, &World::new(&snapshot)))
}

#[test]
fn a_service_with_a_load_balancer_is_reached_by_the_gateway_that_asks_it() {
    let balanced: fn(Scene) -> Scene = |scene| served(scene, "LoadBalancer", &["10.1.15.250"]);
    let told = reach(Env::default(), balanced, 443, Expect::Reachable);
    assert!(told.starts_with("yes: internet > agw") && told.ends_with("> api"), "{told}");
    let denied = Env { node_rules: Some(vec![inbound(100, "Deny", "*", "443")]), ..Env::default() };
    assert_eq!(reach(denied, balanced, 443, Expect::Reachable), "no: nsg-inbound at nsg-aks");
    let inside = Env { node_rules: Some(vec![inbound(100, "Deny", "*", "8443")]), ..Env::default() };
    assert_eq!(
        reach(inside, balanced, 443, Expect::Reachable),
        "no: nsg-inbound at nsg-aks",
        "from node to pod"
    );
}

#[test]
fn a_port_of_the_nodes_is_a_way_in_where_they_have_public_addresses() {
    let on_nodes: fn(Scene) -> Scene = |scene| served(scene, "NodePort", &[]);
    let told = reach(Env::default(), on_nodes, 31443, Expect::Unreachable);
    assert_eq!(told, "no: no-address at api");
    let public = || {
        let env = Env::default();
        Env { pool: with(&env.pool, &json!({ "node_public_ip": true })), ..env }
    };
    let told = reach(public(), on_nodes, 31443, Expect::Unreachable);
    assert!(told.starts_with("yes: internet > aks"), "{told}");
    assert!(
        reach(public(), on_nodes, 31444, Expect::Unreachable).starts_with("no: "),
        "nobody listens there"
    );
}
