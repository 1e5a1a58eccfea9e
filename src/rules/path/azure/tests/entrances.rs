//! What stands in front: gateways, and load balancers.

use super::*;
use crate::model::azure::gateway::GATEWAYS;
use crate::model::azure::network::LOAD_BALANCERS;
use crate::model::kubernetes::network::Service;
use crate::model::scope::Scope;
use crate::model::snapshot::Outcome;
use crate::rules::path::azure::ingress_entrances;
use crate::rules::path::places::{Entrance, Entrances};
use crate::rules::testing::azure::SHARED;
use crate::rules::testing::kubernetes::{object, service};

#[test]
fn a_gateway_leads_to_the_internal_load_balancer() {
    let way = "yes: internet > agw > gateway > agw > gateway > kubernetes-internal";
    assert_eq!(Env::default().reach(End::Internet, End::Internal, 443), way);
    let told = Env::default().reach(End::Internet, End::Internal, 80);
    assert_eq!(told, "no: rule-never-matches at agw", "it redirects");
    assert!(Env::default().reach(End::Internet, End::Internal, 22).starts_with("no: "));
    let env = Env::default();
    let elsewhere =
        json!({ "pools": [{ "name": "ingress", "addresses": ["10.1.15.9"], "hosts": [], "members": [] }] });
    let env = Env { gateway: with(&env.gateway, &elsewhere), ..env };
    assert!(env.reach(End::Internet, End::Internal, 443).starts_with("no: "));
}

#[test]
fn the_load_balancer_must_listen_where_the_gateway_asks() {
    let env = Env::default();
    let settings = json!({ "settings": [{ "name": "ingress", "port": 8443, "protocol": "Https" }] });
    let env = Env { gateway: with(&env.gateway, &settings), ..env };
    assert_eq!(env.reach(End::Internet, End::Internal, 443), "no: listener-missing at kubernetes-internal");
}

#[test]
fn a_rule_that_others_precede_never_matches() {
    let env = Env::default();
    let listener =
        json!({ "name": "all", "frontend": "public", "port": 443, "protocol": "Https", "hosts": [] });
    let mut gateway = env.gateway.clone();
    gateway["listeners"].as_array_mut().expect("listeners").push(listener);
    gateway["pools"]
        .as_array_mut()
        .expect("pools")
        .push(json!({ "name": "docs", "addresses": ["10.1.15.9"], "hosts": [], "members": [] }));
    gateway["rules"].as_array_mut().expect("rules").push(
        json!({ "name": "catch-all", "priority": 1, "listener": "all", "pool": "docs", "settings": "ingress" }),
    );
    let env = Env { gateway, ..env };
    assert_eq!(env.reach(End::Internet, End::Internal, 443), "no: rule-never-matches at agw");
}

#[test]
fn unread_gateways_leave_it_open() {
    let gone = || Env::default().unread(&agw());
    let listed = gone().shut(End::Internet, End::Internal, &Traffic::any());
    assert_eq!(listed, "no: no-address at kubernetes-internal");
    let unlisted = gone().unread("azure.application_gateway");
    is_open(&unlisted.shut(End::Internet, End::Internal, &Traffic::any()), "azure:ListApplicationGateways");
}

#[test]
fn a_load_balancer_keeps_the_clients_address() {
    let told = Env::default().reach(End::Internet, End::Nodes, 443);
    let way = "yes: internet > agw > gateway > agw > gateway > kubernetes-internal > aks";
    assert!(told.starts_with(way), "{told}");
    let rules = |rules: Vec<Value>| Env { node_rules: Some(rules), ..Env::default() };
    let only_gateway = vec![inbound(100, "Allow", "10.1.16.0/24", "443"), inbound(200, "Deny", "*", "*")];
    assert!(rules(only_gateway).reach(End::Internet, End::Nodes, 443).starts_with("yes"));
    let not_gateway = vec![inbound(100, "Deny", "10.1.16.0/24", "443")];
    assert_eq!(rules(not_gateway).reach(End::Internet, End::Nodes, 443), "no: nsg-inbound at nsg-aks");
    let public = vec![inbound(100, "Deny", "Internet", "*")];
    assert!(
        rules(public).reach(End::Internet, End::Nodes, 443).starts_with("yes"),
        "the gateway is none of it"
    );
}

#[test]
fn a_group_may_mean_the_frontends_address_or_the_nodes() {
    let mut deny = inbound(100, "Deny", "*", "443");
    deny["destinations"] = json!(["10.1.15.250"]);
    let env = Env { node_rules: Some(vec![deny]), ..Env::default() };
    assert!(
        env.reach(End::Internet, End::Nodes, 443).starts_with("open"),
        "it depends on a floating address"
    );
}

#[test]
fn a_public_load_balancer_with_rules_is_a_way_in() {
    let env = Env::default();
    let rule = json!({ "name": "web", "frontend": "out", "protocol": "Tcp", "port": 80, "backend_port": 80, "pool": "kubernetes" });
    let opened = || {
        let env = Env::default();
        Env { outbound: with(&env.outbound, &json!({ "rules": [rule] })), ..env }
    };
    let traffic = Traffic::tcp(80);
    let closed = env.shut(End::Internet, End::Nodes, &traffic);
    assert_eq!(closed, "no: rule-never-matches at agw", "and the other one lends addresses alone");
    let told = opened().shut(End::Internet, End::Nodes, &traffic);
    assert!(told.starts_with("yes: internet > out > kubernetes > aks"), "{told}");
    let guarded = Env { node_rules: Some(vec![]), ..opened() };
    assert!(guarded.shut(End::Internet, End::Nodes, &traffic).starts_with("no: "));
    let strange = with(&rule, &json!({ "pool": "mine" }));
    let env =
        Env { outbound: with(&Env::default().outbound, &json!({ "rules": [strange] })), ..Env::default() };
    is_open(&env.shut(End::Internet, End::Nodes, &traffic), "its pool mine");
}

#[test]
fn a_gateway_that_asks_nodes_by_their_own_addresses_may_be_a_way_in() {
    let member = format!("{}/ipconfigurations/one", kept("networkinterfaces/n1"));
    for pool in [
        json!({ "name": "ingress", "addresses": ["10.1.0.9"], "hosts": [], "members": [] }),
        json!({ "name": "ingress", "addresses": [], "hosts": [], "members": [member] }),
    ] {
        let env = Env::default();
        let env = Env { gateway: with(&env.gateway, &json!({ "pools": [pool] })), ..env };
        is_open(&env.shut(End::Internet, End::Nodes, &Traffic::tcp(443)), "is a node");
    }
}

/// Lists of this kind were answered in the main subscription alone.
fn here_alone(env: Env, kind: Kind, more: fn(Scene) -> Scene) -> Env {
    Env { more, ..env.unread(kind.name()) }
}

#[test]
fn a_backend_that_nobody_knows_matters_where_it_may_be_meant() {
    let with_docs = |address: &str| {
        let env = Env::default();
        let mut gateway = env.gateway.clone();
        let mut add = |what: &str, part: Value| gateway[what].as_array_mut().expect("parts").push(part);
        add(
            "listeners",
            json!({ "name": "docs", "frontend": "public", "port": 8443, "protocol": "Https", "hosts": [] }),
        );
        add("pools", json!({ "name": "docs", "addresses": [address], "hosts": [], "members": [] }));
        add(
            "rules",
            json!({ "name": "docs", "priority": 30, "listener": "docs", "pool": "docs", "settings": "ingress" }),
        );
        let env = here_alone(Env { gateway, ..env }, Kind::AzureLoadBalancer, |scene| {
            scene.answered(&LOAD_BALANCERS, &Scope::azure(SUBSCRIPTION), "", Outcome::Complete)
        });
        env.shut(End::Internet, End::Nodes, &Traffic::tcp(8443))
    };
    assert!(with_docs("10.1.200.9").starts_with("no: "), "{}", with_docs("10.1.200.9"));
    is_open(&with_docs("10.1.0.77"), "azure:ListLoadBalancers");
}

#[test]
fn gateways_of_another_subscription_matter_where_its_networks_are_peered() {
    let ask = |peers: &[&str]| {
        let env = Env { network: virtual_network(peers), ..Env::default() };
        let env = here_alone(env, Kind::ApplicationGateway, |scene| {
            scene.answered(&GATEWAYS, &Scope::azure(SUBSCRIPTION), "", Outcome::Complete)
        });
        env.shut(End::Internet, End::Nodes, &Traffic::tcp(22))
    };
    assert!(ask(&[]).starts_with("no: "), "{}", ask(&[]));
    let theirs = arm(SHARED, "hub", "microsoft.network/virtualnetworks/hub");
    is_open(&ask(&[&theirs]), "azure:ListApplicationGateways");
}

#[test]
fn nobody_reaches_the_nodes_around_the_gateway() {
    let avoiding = |env: &Env| env.shut(End::Internet, End::Nodes, &Traffic::tcp(22));
    assert!(avoiding(&Env::default()).starts_with("no: "));
    is_open(&avoiding(&Env::default().unread("azure.load_balancer")), "azure:ListLoadBalancers");
}

#[test]
fn a_service_is_entered_by_the_load_balancer_of_its_address() {
    let told = |address: &str, read: &dyn Fn(&Entrances<'_>)| {
        let env = Env::default();
        let mut snapshot = env.snapshot();
        let facts = with(&service(), &json!({ "type": "LoadBalancer", "addresses": [address] }));
        snapshot.resources.extend(Scene::new().object::<Service>("nginx", &facts).snapshot().resources);
        snapshot.resources.sort_by(|a, b| (a.kind(), &a.id).cmp(&(b.kind(), &b.id)));
        let world = World::new(&snapshot);
        let nginx = the(&snapshot, Kind::K8sService, &object("service", "nginx"));
        let own = the(&snapshot, Kind::AksCluster, &cluster());
        read(&ingress_entrances(nginx, own, &Traffic::any(), &world));
    };
    told("10.1.15.250", &|entrances| {
        let by: Vec<&str> = entrances.found.iter().map(|it: &Entrance<'_>| it.by.name.as_str()).collect();
        assert_eq!(by, ["agw", "agw", "kubernetes-internal"], "{:?}", entrances.gaps);
        let onward: Vec<usize> = entrances.found.iter().map(|it| it.onward.len()).collect();
        assert_eq!(onward, [2, 0, 1]);
    });
    told("10.1.15.9", &|entrances| {
        assert!(entrances.found.is_empty());
        assert!(entrances.gaps.iter().any(|gap| gap.detail.contains("10.1.15.9")), "somebody answers there");
    });
    told("ingress.example.com", &|entrances| assert_eq!(entrances.gaps.len(), 1));
}
