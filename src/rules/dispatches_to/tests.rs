use serde_json::{Value, json};

use super::*;
use crate::model::azure::gateway::GATEWAY;
use crate::model::azure::network::{LoadBalancer, VirtualNetwork};
use crate::model::certificates::x509::testing::{CHAIN, LEAF, OLD};
use crate::rules::testing::azure::{
    SUBSCRIPTION, gateway, internal_balancer, network, unasked, unlisted, virtual_network,
};
use crate::rules::testing::kubernetes::with;
use crate::rules::testing::{Scene, edges};

mod names;
mod order;

fn id() -> String {
    network("applicationgateways/agw")
}

fn lb() -> String {
    network("loadbalancers/internal")
}

fn subnet(of: &str) -> String {
    network(&format!("virtualnetworks/{of}/subnets/x"))
}

fn listener(name: &str, hosts: &[&str]) -> Value {
    json!({ "name": name, "frontend": "public", "port": 443, "protocol": "Http", "hosts": hosts })
}

fn rule(name: &str, listener: &str, priority: Option<i64>) -> Value {
    json!({ "name": name, "listener": listener, "priority": priority, "pool": "nginx", "settings": "http" })
}

fn pool(addresses: &[&str], hosts: &[&str], members: &[&str]) -> Value {
    json!([{ "name": "nginx", "addresses": addresses, "hosts": hosts, "members": members }])
}

/// A gateway for `app.example.com`, which sends all to 10.1.0.9.
fn properties() -> Value {
    json!({
        "tier": "Standard_v2",
        "subnets": [subnet("core")],
        "frontends": [
            { "name": "public", "public_ip": network("publicipaddresses/agw") },
            { "name": "private", "private_address": "10.1.1.4" },
        ],
        "listeners": [listener("app", &["app.example.com"])],
        "rules": [rule("app", "app", Some(10))],
        "pools": pool(&["10.1.0.9"], &[], &[]),
        "settings": [{ "name": "http", "port": 80, "protocol": "Http", "probe": "healthz" }],
    })
}

fn scene(changes: &Value) -> Scene {
    let health = json!([{ "pool": "nginx", "settings": "http", "healthy": 1 }]);
    told_health(changes, &health)
}

/// The gateway, and the internal load balancer at 10.1.0.9.
fn told_health(changes: &Value, health: &Value) -> Scene {
    let facts = with(&gateway(&with(&properties(), changes)), &json!({ "health": health }));
    Scene::new()
        .arm::<ApplicationGateway>(&id(), &facts)
        .arm::<LoadBalancer>(&lb(), &internal_balancer(&subnet("core"), "10.1.0.9"))
}

/// Each edge's end, and its attributes as values; a gap is `? ` and what it says, or else its call.
fn dispatched(scene: Scene) -> Vec<(String, Value)> {
    let snapshot = scene.snapshot();
    let world = World::new(&snapshot);
    let edges = edges(&DispatchesTo, &world, Kind::ApplicationGateway, &id());
    assert!(edges.gaps.is_empty() && edges.doubts.is_empty(), "{:?}", edges.gaps);
    let told = |edge: &Edge<'_>| {
        let values = edge.attributes.iter().map(|(name, value)| {
            let gap = |gap: Gap| if gap.detail.is_empty() { gap.call } else { gap.detail };
            let value = value.clone().unwrap_or_else(|why| json!(format!("? {}", gap(why))));
            ((*name).to_owned(), value)
        });
        (edge.end(|gap| gap.call.clone()), Value::Object(values.collect()))
    };
    edges.found.iter().map(told).collect()
}

/// The ends alone.
fn ends(scene: Scene) -> Vec<String> {
    dispatched(scene).into_iter().map(|(end, _)| end).collect()
}

/// One attribute of every edge.
fn told(scene: Scene, attribute: &str) -> Vec<Value> {
    dispatched(scene).into_iter().map(|(_, attributes)| attributes[attribute].clone()).collect()
}

#[test]
fn a_rule_leads_to_the_balancer_with_its_backends_address() {
    let expected = json!({
        "host": "app.example.com", "preceded_by": [], "port": 443, "protocol": "Http", "public": true,
        "certificate": [], "current": null, "rule": "app", "path": null, "pool": "nginx",
        "address": "10.1.0.9", "backend_port": 80, "backend_protocol": "Http", "backend_host": null, "frontend": "internal",
        "healthy": 1,
    });
    assert_eq!(dispatched(scene(&json!({}))), [(lb(), expected)]);
}

#[test]
fn a_listener_without_hosts_takes_every_one_and_one_of_several_each() {
    let of = |hosts: &[&str]| told(scene(&json!({ "listeners": [listener("app", hosts)] })), "host");
    assert_eq!(of(&[]), ["*"]);
    assert_eq!(of(&["a.example.com", "*.b.example.com"]), ["a.example.com", "*.b.example.com"]);
}

#[test]
fn an_address_of_a_peered_network_is_reached_and_of_an_unrelated_one_is_not() {
    let hub = network("virtualnetworks/core");
    let spoke = network("virtualnetworks/spoke");
    let moved = |peers: &[&str]| {
        let lists = [Kind::AzureLoadBalancer];
        scene(&json!({ "subnets": [subnet("spoke")] }))
            .inventoried(&lists)
            .arm::<VirtualNetwork>(&spoke, &virtual_network(peers))
            .arm::<VirtualNetwork>(&hub, &virtual_network(&[&spoke]))
    };
    assert_eq!(ends(moved(&[&hub])), [lb()]);
    assert_eq!(ends(moved(&[])), ["! 10.1.0.9"]);
}

#[test]
fn unread_balancers_may_have_the_address() {
    let other = || scene(&json!({ "pools": pool(&["10.1.0.8"], &[], &[]) }));
    let gap = unlisted(Kind::AzureLoadBalancer, SUBSCRIPTION);
    assert_eq!(ends(other()), [format!("? {}", gap.call)]);
    let alone = other().arm::<VirtualNetwork>(&network("virtualnetworks/core"), &virtual_network(&[]));
    assert_eq!(ends(alone.inventoried(&[Kind::AzureLoadBalancer])), ["! 10.1.0.8"]);
}

#[test]
fn what_has_put_itself_into_the_pool_is_outside() {
    let nic = network("networkinterfaces/vm/ipconfigurations/x");
    assert_eq!(ends(scene(&json!({ "pools": pool(&[], &[], &[&nic]) }))), [format!("! {nic}")]);
}

#[test]
fn a_redirect_leads_nowhere() {
    let away = json!({ "name": "app", "listener": "app", "redirect": "to-https" });
    assert!(ends(scene(&json!({ "rules": [away] }))).is_empty());
}

#[test]
fn paths_lead_each_to_its_own_pool() {
    let by_path = json!({ "name": "app", "listener": "app", "priority": 10, "path_map": "Paths" });
    let path = |paths: &[&str], pool: Option<&str>, redirect: Option<&str>| json!({ "paths": paths, "pool": pool, "settings": "http", "redirect": redirect });
    let map = |default: &Value| {
        let mut map = json!({
            "name": "paths",
            "rules": [path(&["/v1/*", "/v2/*"], Some("NGINX"), None), path(&["/old/*"], None, Some("to-new"))],
        });
        for (name, value) in default.as_object().expect("members") {
            map[name] = value.clone();
        }
        told(scene(&json!({ "rules": [by_path], "path_maps": [map] })), "path")
    };
    let default = json!({ "default_pool": "nginx", "default_settings": "http" });
    assert_eq!(map(&default), [json!("/v1/*"), json!("/v2/*"), Value::Null]);
    assert_eq!(map(&json!({ "default_redirect": "to-https" })), [json!("/v1/*"), json!("/v2/*")]);
}

#[test]
fn a_private_frontend_is_not_public_and_one_that_is_not_told_is_neither() {
    let at = |frontend: &str| {
        let listener = with(&listener("app", &[]), &json!({ "frontend": frontend }));
        told(scene(&json!({ "listeners": [listener] })), "public")
    };
    assert_eq!((at("public"), at("private")), (vec![json!(true)], vec![json!(false)]));
    assert_eq!(at("lost"), ["? it does not tell the frontend of app"]);
}

#[test]
fn the_certificate_says_what_it_covers_and_until_when() {
    let https = with(&listener("app", &[]), &json!({ "protocol": "Https", "certificate": "Own" }));
    let with_certificate = |public: Option<&str>, vault: bool| {
        let certificate = json!({ "name": "own", "from_vault": vault, "public": public });
        let scene = || scene(&json!({ "listeners": [https], "certificates": [certificate] }));
        (told(scene(), "certificate")[0].clone(), told(scene(), "current")[0].clone())
    };
    // Scenes are of 1970: none of these is valid yet.
    let names = json!(["app.example.com", "*.dev.example.com"]);
    assert_eq!(with_certificate(Some(CHAIN), false), (names.clone(), json!(false)));
    assert_eq!(with_certificate(Some(LEAF), true), (names, json!(false)));
    assert_eq!(with_certificate(Some(OLD), false), (json!(["old.example.com"]), json!(false)));
    let hidden = json!("? it does not show the certificate own, which lies in a key vault");
    assert_eq!(with_certificate(None, true), (hidden.clone(), hidden));
    let broken = json!("? the certificate own can't be read");
    assert_eq!(with_certificate(Some("AAAA"), false), (broken.clone(), broken));
}

#[test]
fn now_is_when_facts_were_read() {
    let certificates = json!([{ "name": "own", "from_vault": false, "public": LEAF }]);
    let https = with(&listener("app", &[]), &json!({ "protocol": "Https", "certificate": "own" }));
    let facts = with(&properties(), &json!({ "listeners": [https], "certificates": certificates }));
    let mut snapshot = Scene::new().arm::<ApplicationGateway>(&id(), &gateway(&facts)).snapshot();
    snapshot.header.captured_at = "2026-11-21T00:00:00Z".parse().expect("a time");
    let edges = edges(&DispatchesTo, &World::new(&snapshot), Kind::ApplicationGateway, &id());
    assert_eq!(edges.found[0].attribute("current"), &Ok(json!(true)));
}

#[test]
fn the_backend_is_told_the_host_that_settings_name() {
    let host = |changes: &Value| {
        let settings = with(&json!({ "name": "http", "port": 80, "protocol": "Http" }), changes);
        told(scene(&json!({ "settings": [settings] })), "backend_host")
    };
    assert_eq!(host(&json!({ "host": "internal.example.com" })), ["internal.example.com"]);
    assert_eq!(host(&json!({ "host_of_backend": true })), ["10.1.0.9"]);
    assert_eq!(host(&json!({ "host_of_backend": false })), [Value::Null]);
    assert_eq!(
        told(scene(&json!({ "settings": [] })), "backend_host"),
        ["? it does not tell the backend host of nginx"]
    );
}

#[test]
fn health_is_of_the_pool_and_its_settings() {
    let of = |health: &Value| told(told_health(&json!({}), health), "healthy")[0].clone();
    assert_eq!(of(&json!([{ "pool": "NGINX", "settings": "HTTP", "healthy": 0 }])), 0);
    assert_eq!(of(&json!([{ "pool": "nginx", "settings": "http", "healthy": 2 }])), 2);
    let untold = json!("? the metric tells nothing of nginx");
    assert_eq!(of(&json!([{ "pool": "nginx", "settings": "other", "healthy": 1 }])), untold);
    assert_eq!(of(&json!([{ "pool": "other", "settings": "http", "healthy": 1 }])), untold);
    assert_eq!(of(&json!([{ "pool": "nginx", "healthy": 1 }])), untold);
}

#[test]
fn one_healthy_host_of_two_may_be_either() {
    let of = |healthy: i64| {
        let health = json!([{ "pool": "nginx", "settings": "http", "healthy": healthy }]);
        told(told_health(&json!({ "pools": pool(&["10.1.0.9", "10.1.0.9"], &[], &[]) }), &health), "healthy")
            [0]
        .clone()
    };
    assert_eq!((of(0), of(2)), (json!(0), json!(2)));
    assert_eq!(of(1), "? 1 of the hosts behind nginx answer, and the metric does not say which");
}

#[test]
fn an_unread_gateway_is_a_gap_and_one_that_tells_no_subnets_too() {
    let gap = unasked(&GATEWAY, &id());
    let facts = json!({ "properties": { "$gap": gap }, "health": [] });
    let snapshot = Scene::new().arm::<ApplicationGateway>(&id(), &facts).snapshot();
    let unread = edges(&DispatchesTo, &World::new(&snapshot), Kind::ApplicationGateway, &id());
    assert!(unread.found.is_empty() && unread.gaps == [gap]);
    let snapshot = scene(&json!({ "subnets": [] })).snapshot();
    let nowhere = edges(&DispatchesTo, &World::new(&snapshot), Kind::ApplicationGateway, &id());
    assert!(nowhere.found.is_empty() && nowhere.gaps.len() == 1);
}
