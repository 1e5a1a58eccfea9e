//! The whole way from the internet to pods, and what becomes of its answer where facts are taken away.

use std::collections::BTreeSet;

use super::*;
use crate::model::aws::ec2::{Attachment, InternetGateway};
use crate::model::aws::elbv2::LoadBalancer;
use crate::model::kind::Facet as _;
use crate::model::snapshot::Snapshot;
use crate::rules::path::leg::{Answer, At};
use crate::rules::path::prove::{Anyhow, Endpoint, Expect, Proof, prove};
use crate::rules::testing::{open_acl, route_table, vpc};

/// The application in a network that lets it be reached, read to the end.
fn whole(ingress: &Value, service: &Value, endpoint: &Value) -> Scene {
    let gateway = InternetGateway {
        attachments: vec![Attachment { vpc: "vpc-1".to_owned(), state: "available".to_owned() }],
    };
    let out = || vec![everything(&["0.0.0.0/0"])];
    by_node(read(application(ingress, service, endpoint)), "healthy")
        .with("vpc-1", vpc("10.0.0.0/16"))
        .with("rtb-1", route_table("vpc-1", &[], &[("10.0.0.0/16", "local"), ("0.0.0.0/0", "igw-1")]))
        .with("igw-1", gateway)
        .with("acl-1", open_acl(&["subnet-a", "subnet-b"]))
        .with("sg-pods", security_group(vec![rule("tcp", 8080, 8080, &["sg-node"])], out()))
        .listed(&[
            Kind::Vpc,
            Kind::Subnet,
            Kind::RouteTable,
            Kind::InternetGateway,
            Kind::NatGateway,
            Kind::NetworkAcl,
            Kind::SecurityGroup,
            Kind::LoadBalancer,
            Kind::VpcEndpoint,
            Kind::EksCluster,
            Kind::TargetGroup,
        ])
}

/// Whether the deployment is reached from the internet, as one expectation has it.
fn asked(snapshot: &Snapshot, expect: Expect) -> Option<Proof<'_>> {
    let world = World::new(snapshot);
    let to = world.get(Kind::K8sDeployment, &object("deployment", "api"))?;
    let traffic = if expect == Expect::Reachable { Traffic::tcp(443) } else { Traffic::any() };
    Some(prove(Endpoint::Internet, Endpoint::Resource(to), &traffic, &Anyhow, expect, &world))
}

fn holds(snapshot: &Snapshot, expect: Expect) -> Option<bool> {
    asked(snapshot, expect).and_then(|proof| proof.holds)
}

/// The snapshot without what a call told.
fn without(snapshot: &Snapshot, call: &str) -> Snapshot {
    let mut poorer = snapshot.clone();
    for (_, entry) in poorer.ledger.iter_mut().filter(|(key, _)| key.call == call) {
        entry.outcome = Outcome::Denied;
    }
    let tells = |kind: Kind| {
        let meta = kind.meta();
        let within = meta.within().map(|(_, source)| source);
        [meta.listed(), meta.by_id(), within].into_iter().flatten().any(|source| source.primary() == call)
    };
    poorer.resources.retain(|resource| !tells(resource.kind()));
    poorer
}

#[test]
fn the_way_from_the_internet_to_a_pod_is_told_hop_by_hop() {
    let snapshot = whole(&none(), &none(), &none()).snapshot();
    let proof = asked(&snapshot, Expect::Reachable).expect("it is there");
    let Answer::Yes(hops) = &proof.answer else { panic!("{:?}", proof.answer) };
    let visited: Vec<Kind> = hops
        .iter()
        .filter_map(|hop| match &hop.at {
            At::Resource(resource) => Some(resource.kind()),
            _ => None,
        })
        .collect();
    let mut rest = visited.iter();
    for kind in [
        Kind::LoadBalancer,
        Kind::Listener,
        Kind::ListenerRule,
        Kind::TargetGroup,
        Kind::K8sIngress,
        Kind::K8sService,
        Kind::K8sDeployment,
    ] {
        assert!(rest.any(|at| *at == kind), "{kind} in {visited:?}");
    }
    assert!(proof.assumptions.iter().any(|it| it.contains("network policies")));
    assert_eq!(holds(&snapshot, Expect::Unreachable), Some(false));
}

#[test]
fn every_port_that_is_asked_must_be_taken_and_where_none_is_any_door_will_do() {
    let snapshot = whole(&none(), &none(), &none()).snapshot();
    let world = World::new(&snapshot);
    let to = world.get(Kind::K8sDeployment, &object("deployment", "api")).expect("it is there");
    let asked = |ports: &[(i64, i64)]| {
        let ports = ports.iter().map(|(first, last)| Ports { first: *first, last: *last }).collect();
        let traffic = Traffic { ports, ..Traffic::tcp(0) };
        let to = Endpoint::Resource(to);
        prove(Endpoint::Internet, to, &traffic, &Anyhow, Expect::Reachable, &world).holds
    };
    assert_eq!(asked(&[(443, 443)]), Some(true));
    assert_eq!(asked(&[(443, 443), (22, 22)]), Some(false), "nothing listens for the other");
    assert_eq!(asked(&[(442, 443)]), Some(false));
    assert_eq!(asked(&[(1, 65535)]), Some(false));
    assert_eq!(asked(&[]), Some(true), "it is asked at the load balancer's port, not at its own");
}

/// Whether it is reached where its nodes admit these, by a load balancer of these facts.
fn admitting(ends: &[&str], balancer: &Value) -> Option<bool> {
    let nodes = security_group(vec![rule("tcp", 31443, 31443, ends)], vec![everything(&["0.0.0.0/0"])]);
    let mut snapshot = whole(&none(), &none(), &none()).snapshot();
    for resource in &mut snapshot.resources {
        match resource.kind() {
            Kind::SecurityGroup if resource.id == "sg-node" => resource.facts = nodes.clone().wrap(),
            Kind::LoadBalancer => {
                let told = serde_json::to_value(resource.as_kind::<LoadBalancer>()).expect("plain data");
                resource.facts = facts::<LoadBalancer>(with(&told, balancer)).wrap();
            }
            _ => {}
        }
    }
    holds(&snapshot, Expect::Reachable)
}

#[test]
fn nodes_that_admit_a_network_load_balancer_and_not_its_clients_keep_it_open() {
    assert_eq!(admitting(&["0.0.0.0/0"], &none()), Some(true));
    assert_eq!(admitting(&["10.0.0.0/16"], &none()), None, "they may see the internet's addresses");
    assert_eq!(admitting(&["192.0.2.0/24"], &none()), None, "or some of the internet's, and not its own");
    assert_eq!(admitting(&[], &none()), Some(false));
    assert_eq!(
        admitting(&["10.0.0.0/16"], &json!({ "scheme": "internal" })),
        Some(false),
        "it has no public address"
    );
    assert_eq!(admitting(&["10.0.0.0/16"], &json!({ "type": "application" })), Some(true), "its own alone");
}

#[test]
fn what_may_be_well_again_is_neither_reached_nor_shut_off() {
    let unready = whole(&none(), &none(), &json!({ "ready": false })).snapshot();
    assert_eq!(holds(&unready, Expect::Reachable), Some(false));
    assert_eq!(holds(&unready, Expect::Unreachable), None);
    let ports = json!({ "ports": [{ "name": "http", "port": 443, "node_port": 31443 }] });
    for r#type in ["LoadBalancer", "NodePort"] {
        let side = with(&ports, &json!({ "type": r#type, "addresses": [NAME] }));
        let unready = whole(&json!({ "rules": [] }), &side, &json!({ "ready": false })).snapshot();
        assert_eq!(holds(&unready, Expect::Reachable), Some(false), "{type}");
        assert_eq!(holds(&unready, Expect::Unreachable), None, "{type}");
    }
    let shut = whole(&json!({ "rules": [] }), &none(), &none()).snapshot();
    assert_eq!(holds(&shut, Expect::Reachable), Some(false));
    assert_eq!(holds(&shut, Expect::Unreachable), Some(true), "no ingress sends to it");
}

#[test]
fn a_port_that_no_service_has_leads_nowhere() {
    let other = json!({ "ports": [{ "name": "other", "port": 81 }] });
    let snapshot = whole(&none(), &other, &none()).snapshot();
    assert_eq!(holds(&snapshot, Expect::Reachable), Some(false));
    assert_eq!(holds(&snapshot, Expect::Unreachable), Some(true));
}

#[test]
fn facts_taken_away_open_an_answer_and_never_turn_it() {
    let alb = json!({ "class": "alb" });
    let side = json!({ "type": "LoadBalancer", "addresses": [NAME] });
    let ports = json!({ "ports": [{ "name": "http", "port": 443, "node_port": 31443 }] });
    let scenes = [
        whole(&none(), &none(), &none()),
        whole(&alb, &ports, &none()).cluster_object::<IngressClass>(
            "alb",
            &json!({ "controller": "ingress.k8s.aws/alb", "default": false }),
        ),
        whole(&json!({ "rules": [] }), &with(&ports, &side), &none()),
        whole(&json!({ "rules": [] }), &none(), &none()),
        whole(&none(), &none(), &json!({ "ready": false })),
    ];
    let mut opened = 0;
    for (number, scene) in scenes.into_iter().enumerate() {
        let snapshot = scene.snapshot();
        let calls: BTreeSet<String> = snapshot.ledger.keys().map(|key| key.call.clone()).collect();
        for expect in [Expect::Reachable, Expect::Unreachable] {
            let before = holds(&snapshot, expect);
            for call in &calls {
                let poorer = without(&snapshot, call);
                let after = holds(&poorer, expect);
                assert!(
                    after.is_none() || after == before,
                    "scene {number}, {expect:?}: {before:?} without {call} became {after:?}"
                );
                opened += usize::from(before.is_some() && after.is_none());
            }
        }
    }
    assert!(opened > 20, "{opened} answers hung on what was taken away");
}
