//! Pods, and what else has a place.

use super::*;
use crate::model::azure::network::SUBNET;
use crate::model::kubernetes::workload::Pod;
use crate::rules::path::azure::{Lies, Public, pod_places};
use crate::rules::path::places::Place;
use crate::rules::testing::azure::unasked;
use crate::rules::testing::kubernetes::object;

pub(super) fn pod(changes: &Value) -> Value {
    let facts = json!({
        "phase": "Running", "ready": true, "deleting": false, "addresses": ["10.1.0.20"],
        "host_addresses": ["10.1.0.4"], "host_network": false, "containers": [],
    });
    with(&facts, changes)
}

/// Where a pod of the cluster is, and with what addresses; what would tell.
fn place(env: &Env, changes: &Value) -> Result<String, String> {
    let mut snapshot = env.snapshot();
    snapshot.resources.extend(Scene::new().object::<Pod>("api", &pod(changes)).snapshot().resources);
    snapshot.resources.sort_by(|a, b| (a.kind(), &a.id).cmp(&(b.kind(), &b.id)));
    let world = World::new(&snapshot);
    let pod: Ref<'_> = the(&snapshot, Kind::K8sPod, &object("pod", "api"));
    let places = pod_places(pod, the(&snapshot, Kind::AksCluster, &cluster()), &world);
    match (places.known.as_slice(), places.gaps.as_slice()) {
        ([Place::Azure(site)], []) => {
            let Lies::In(subnet) = site.lies else { panic!("{:?}", site.lies) };
            assert!(matches!(site.public, Public::No));
            let here = |block: &str| site.addresses == addresses(&[block]);
            let address = ["10.1.0.20", "10.1.0.4"].into_iter().find(|block| here(block));
            Ok(format!("{} in {}", address.expect("one of its addresses"), subnet.name))
        }
        ([], gaps) => Err(gaps.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        found => panic!("{found:?}"),
    }
}

#[test]
fn a_pod_has_an_address_of_its_nodes_subnet_or_the_nodes() {
    let env = Env::default();
    assert_eq!(place(&env, &json!({})), Ok("10.1.0.20 in aks".to_owned()));
    assert_eq!(place(&env, &json!({ "host_network": true })), Ok("10.1.0.4 in aks".to_owned()));
    let kubenet =
        Env { cluster: with(&env.cluster, &json!({ "network_plugin": "kubenet" })), ..Env::default() };
    assert_eq!(place(&kubenet, &json!({ "addresses": ["10.244.0.9"] })), Ok("10.1.0.4 in aks".to_owned()));
    let overlay = place(&env, &json!({ "addresses": ["10.244.0.9"] })).expect_err("of which network?");
    assert!(overlay.contains("none of the subnets"), "{overlay}");
    assert!(place(&env, &json!({ "addresses": [] })).expect_err("starting").contains("no address"));
}

#[test]
fn an_unread_subnet_leaves_a_pods_place_open() {
    let gap = unasked(&SUBNET, &in_core("aks")).to_string();
    let told = place(&Env::default().unread(&in_core("aks")), &json!({})).expect_err("where?");
    assert!(told.contains(&gap), "{told}");
}

#[test]
fn facts_taken_away_open_an_answer_and_never_turn_it() {
    let all = [
        core(),
        in_core("aks"),
        in_core("gateway"),
        network("networksecuritygroups/nsg-aks"),
        network("networksecuritygroups/nsg-gateway"),
        network("routetables/rt-aks"),
        network("publicipaddresses/agw"),
        "azure.application_gateway".to_owned(),
        "azure.load_balancer".to_owned(),
        "azure.public_ip".to_owned(),
    ];
    let rules = [
        vec![],
        vec![inbound(100, "Allow", "*", "*"), outbound(100, "Allow", "*", "*")],
        vec![inbound(100, "Deny", "*", "443"), outbound(100, "Deny", "*", "443")],
        vec![inbound(100, "Allow", "Internet", "443"), inbound(110, "Deny", "VirtualNetwork", "*")],
    ];
    let questions = [
        (End::Internet, End::Gateway),
        (End::Internet, End::Internal),
        (End::Internet, End::Nodes),
        (End::Gateway, End::Nodes),
        (End::Nodes, End::Internet),
        (End::Nodes, End::Account),
        (End::Internet, End::Account),
    ];
    let mut judged = 0;
    for rules in &rules {
        let env = || Env {
            node_rules: Some(rules.clone()),
            gateway_rules: Some(rules.clone()),
            node_routes: Some(vec![route("198.51.100.0/24", "None")]),
            ..Env::default()
        };
        for (from, to) in questions {
            for expect in [Expect::Reachable, Expect::Unreachable] {
                let whole = env().told(from, to, &Traffic::tcp(443), expect);
                for missing in &all {
                    let less = env().unread(missing).told(from, to, &Traffic::tcp(443), expect);
                    let same = less[..2] == whole[..2] || less.starts_with("open");
                    assert!(same, "without {missing}: {whole} became {less}");
                    judged += usize::from(less.starts_with("open"));
                }
            }
        }
    }
    assert!(judged > 50, "{judged}: something is open at all");
}
