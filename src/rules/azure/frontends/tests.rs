use serde_json::json;

use super::*;
use crate::model::azure::network::{VIRTUAL_NETWORK, VirtualNetwork};
use crate::model::scope::Scope;
use crate::model::snapshot::Outcome;
use crate::rules::testing::Scene;
use crate::rules::testing::azure::{
    FOREIGN, SHARED, SUBSCRIPTION, arm, internal_balancer, network, public_balancer, unasked,
    unlisted as asks_for, virtual_network,
};

fn subnet(of: &str) -> String {
    network(&format!("virtualnetworks/{of}/subnets/aks"))
}

/// A balancer with the address 10.1.0.9 in a network.
fn scene(at: &str) -> Scene {
    Scene::new()
        .arm::<LoadBalancer>(&network("loadbalancers/lb"), &internal_balancer(&subnet(at), "10.1.0.9"))
}

fn peered(scene: Scene) -> Scene {
    let ids = [network("virtualnetworks/hub"), network("virtualnetworks/spoke")];
    let scene = scene.arm::<VirtualNetwork>(&ids[0], &virtual_network(&[&ids[1]]));
    scene.arm::<VirtualNetwork>(&ids[1], &virtual_network(&[&ids[0]]))
}

/// Who has the address, seen from the hub: within it, and from it.
fn holders(scene: Scene) -> [Result<bool, Gap>; 2] {
    let snapshot = scene.snapshot();
    let world = World::new(&snapshot);
    let subnets = [subnet("hub")];
    let hub = Networks::of(&subnets).expect("a network");
    let [within, reached] = [within("10.1.0.9", &hub, &world), reached_from("10.1.0.9", &hub, &world)];
    [within.map(|found| found.is_some()), reached.map(|found| found.is_some())]
}

#[test]
fn in_the_own_network_it_is_found_whatever_else_is_unread() {
    assert_eq!(holders(scene("hub")), [Ok(true), Ok(true)]);
}

#[test]
fn in_a_peered_network_it_is_reached_but_not_within() {
    let listed = peered(scene("spoke")).inventoried(&[Kind::AzureLoadBalancer]);
    assert_eq!(holders(listed), [Ok(false), Ok(true)]);
}

#[test]
fn the_same_address_in_an_unrelated_network_is_somebody_elses() {
    let alone = scene("stranger")
        .arm::<VirtualNetwork>(&network("virtualnetworks/hub"), &virtual_network(&[]))
        .inventoried(&[Kind::AzureLoadBalancer]);
    assert_eq!(holders(alone), [Ok(false), Ok(false)]);
}

#[test]
fn none_is_said_only_where_every_list_and_the_network_are_read() {
    let gap = asks_for(Kind::AzureLoadBalancer, SUBSCRIPTION);
    assert_eq!(holders(Scene::new()), [Err(gap.clone()), Err(gap)]);
    let source = Kind::AzureLoadBalancer.meta().listed().expect("listed");
    let half = Scene::new().answered(source, &Scope::azure(SUBSCRIPTION), "", Outcome::Complete);
    assert_eq!(holders(half)[0], Err(asks_for(Kind::AzureLoadBalancer, SHARED)));
    let listed = || Scene::new().inventoried(&[Kind::AzureLoadBalancer]);
    let hub = network("virtualnetworks/hub");
    assert_eq!(holders(listed()), [Ok(false), Err(unasked(&VIRTUAL_NETWORK, &hub))]);
    let far = arm(FOREIGN, "core", "microsoft.network/virtualnetworks/far");
    let beyond = listed().arm::<VirtualNetwork>(&hub, &virtual_network(&[&far]));
    assert!(holders(beyond)[1].is_err(), "a peered network that nobody scans may have it");
}

#[test]
fn whether_it_is_peered_must_be_read() {
    let unread = scene("spoke").inventoried(&[Kind::AzureLoadBalancer]);
    let gap = unasked(&VIRTUAL_NETWORK, &network("virtualnetworks/hub"));
    assert_eq!(holders(unread), [Ok(false), Err(gap)]);
}

#[test]
fn a_public_address_is_one_balancers_anywhere() {
    let ip = network("publicipaddresses/ip");
    let with_ip = || Scene::new().arm::<PublicIp>(&ip, &json!({ "address": "203.0.113.9" }));
    let found = |scene: Scene| {
        let snapshot = scene.snapshot();
        public("203.0.113.9", &World::new(&snapshot)).map(|found| found.is_some())
    };
    let balanced = with_ip().arm::<LoadBalancer>(&network("loadbalancers/lb"), &public_balancer(&ip));
    assert_eq!(found(balanced), Ok(true));
    assert_eq!(found(with_ip()), Err(asks_for(Kind::AzureLoadBalancer, SUBSCRIPTION)));
    assert_eq!(found(with_ip().inventoried(&[Kind::AzureLoadBalancer])), Ok(false));
    assert_eq!(found(Scene::new()), Err(asks_for(Kind::PublicIp, SUBSCRIPTION)));
    assert_eq!(found(Scene::new().inventoried(&[Kind::PublicIp])), Ok(false));
}
