//! Routes, networks, and ways out.

use super::*;

fn nodes_with(routes: &[(&str, &str)]) -> Env {
    Env { node_routes: Some(routes.iter().map(|(to, by)| route(to, by)).collect()), ..Env::default() }
}

fn gateway_with(routes: &[(&str, &str)]) -> Env {
    Env { gateway_routes: Some(routes.iter().map(|(to, by)| route(to, by)).collect()), ..Env::default() }
}

#[test]
fn nodes_leave_by_their_load_balancer() {
    let way = "yes: aks > aks > aks > kubernetes > internet";
    assert_eq!(Env::default().reach(End::Nodes, End::Internet, 443), way);
    assert_eq!(nodes_with(&[]).reach(End::Nodes, End::Internet, 443), way);
    let by_hand = "yes: aks > aks > rt-aks > aks > kubernetes > internet";
    assert_eq!(nodes_with(&[("0.0.0.0/0", "Internet")]).reach(End::Nodes, End::Internet, 443), by_hand);
}

#[test]
fn the_longest_prefix_takes_it_and_an_own_route_goes_before_azures() {
    let out = |routes: &[(&str, &str)]| nodes_with(routes).reach(End::Nodes, End::Internet, 443);
    assert_eq!(out(&[("0.0.0.0/0", "None")]), "no: blackhole at rt-aks");
    assert_eq!(out(&[("203.0.113.0/24", "None")]), "no: blackhole at rt-aks", "some of it is dropped");
    assert!(
        out(&[("0.0.0.0/0", "None"), ("0.0.0.0/1", "Internet"), ("128.0.0.0/1", "Internet")])
            .starts_with("yes")
    );
    assert!(out(&[("10.0.0.0/8", "None")]).starts_with("yes"), "not where it goes");
    assert_eq!(out(&[("0.0.0.0/0", "VnetLocal")]), "no: routed-elsewhere at rt-aks");
    is_open(&out(&[("0.0.0.0/0", "VirtualAppliance")]), "10.1.200.4");
    is_open(&out(&[("0.0.0.0/0", "VirtualNetworkGateway")]), "VirtualNetworkGateway");
    is_open(&out(&[("AzureCloud", "VirtualAppliance")]), "AzureCloud");
    assert!(out(&[("AzureCloud", "Internet")]).starts_with("yes"), "it goes there either way");
    is_open(&out(&[("AzureCloud", "Internet"), ("Storage", "VirtualAppliance")]), "Storage");
}

#[test]
fn a_route_between_two_subnets_counts() {
    let to = |routes: &[(&str, &str)]| gateway_with(routes).reach(End::Gateway, End::Nodes, 8080);
    assert!(to(&[]).starts_with("yes"));
    assert!(to(&[("0.0.0.0/0", "None"), ("10.0.0.0/8", "None")]).starts_with("yes"), "Azure's own is longer");
    assert_eq!(to(&[("10.1.0.0/16", "None")]), "no: blackhole at rt-gateway", "an own one is first");
    assert_eq!(to(&[("10.1.0.0/20", "Internet")]), "no: routed-elsewhere at rt-gateway");
    is_open(&to(&[("10.1.0.0/20", "VirtualAppliance")]), "10.1.200.4");
    assert!(
        to(&[
            ("10.1.0.0/20", "VirtualAppliance"),
            ("10.1.0.0/21", "VnetLocal"),
            ("10.1.8.0/21", "VnetLocal")
        ])
        .starts_with("yes")
    );
}

#[test]
fn answers_need_a_route_too() {
    let back = |routes: &[(&str, &str)]| nodes_with(routes).reach(End::Gateway, End::Nodes, 8080);
    assert_eq!(back(&[("10.1.16.0/24", "None")]), "no: blackhole at rt-aks");
    is_open(&back(&[("10.1.16.0/24", "VirtualAppliance")]), "the answers");
    assert!(back(&[("0.0.0.0/0", "VirtualAppliance")]).starts_with("yes"), "the gateway lies in the network");
    let env = gateway_with(&[("0.0.0.0/0", "None")]);
    assert_eq!(env.reach(End::Internet, End::Gateway, 443), "no: blackhole at rt-gateway");
}

#[test]
fn unread_routes_leave_it_open() {
    let table = network("routetables/rt-aks");
    let out = nodes_with(&[("0.0.0.0/0", "None")]).unread(&table).reach(End::Nodes, End::Internet, 443);
    is_open(&out, "azure:GetRouteTable rt-aks");
    let network = gateway_with(&[]).unread(&core()).reach(End::Gateway, End::Nodes, 8080);
    is_open(&network, "azure:GetVirtualNetwork core");
    let subnet = Env::default().unread(&in_core("aks")).reach(End::Nodes, End::Internet, 443);
    is_open(&subnet, "azure:GetSubnet aks");
}

#[test]
fn how_nodes_leave_is_the_clusters_choice() {
    let by = |outbound: &str| {
        let env = Env::default();
        let cluster = with(&env.cluster, &json!({ "outbound": outbound }));
        Env { cluster, ..env }.reach(End::Nodes, End::Internet, 443)
    };
    is_open(&by("managedNATGateway"), "NAT gateway");
    is_open(&by("userDefinedRouting"), "routes of its own");
    is_open(&by("none"), "not told");
    let env = Env::default();
    let natted = Env {
        node_subnet: with(&env.node_subnet, &json!({ "nat_gateway": network("natgateways/n") })),
        ..env
    };
    is_open(&natted.reach(End::Nodes, End::Internet, 443), "NAT gateway");
    let lent: fn(Scene) -> Scene = |scene| {
        let facts = json!({ "address": "203.0.113.99", "used_by": network("natgateways/n") });
        scene.arm::<PublicIp>(&network("publicipaddresses/nat"), &facts)
    };
    let lent = Env { more: lent, ..natted };
    let told = lent.reach(End::Nodes, End::Internet, 443);
    assert!(told.starts_with("yes: aks > aks") && told.ends_with("natgateways/n > nat > internet"), "{told}");
    let env = Env::default();
    let nothing = Env { outbound: with(&env.outbound, &json!({ "frontends": [] })), ..env };
    assert_eq!(nothing.reach(End::Nodes, End::Internet, 443), "no: nat-unusable at aks");
    let unlisted = Env::default().unread(&kept("loadbalancers/kubernetes")).unread("azure.load_balancer");
    is_open(&unlisted.reach(End::Nodes, End::Internet, 443), "azure:ListLoadBalancers");
    let env = Env::default();
    let own = Env { pool: with(&env.pool, &json!({ "node_public_ip": true })), ..env };
    assert_eq!(own.reach(End::Nodes, End::Internet, 443), "yes: aks > aks > aks > internet");
}

#[test]
fn nodes_have_a_public_address_where_their_pool_says_so() {
    let of = |told: Value| {
        let env = Env::default();
        Env { pool: with(&env.pool, &json!({ "node_public_ip": told })), ..env }
    };
    let any = Traffic::tcp(22);
    assert_eq!(of(json!(false)).shut(End::Internet, End::Nodes, &any), "no: no-address at aks");
    is_open(&of(Value::Null).shut(End::Internet, End::Nodes, &any), "public addresses");
    assert!(of(json!(true)).shut(End::Internet, End::Nodes, &any).starts_with("yes: internet > aks"));
    let guarded = Env { node_rules: Some(vec![]), ..of(json!(true)) };
    assert_eq!(guarded.shut(End::Internet, End::Nodes, &any), "no: nsg-inbound at nsg-aks");
    let unread = of(json!(false)).unread(&in_core("aks"));
    assert_eq!(
        unread.shut(End::Internet, End::Nodes, &any),
        "no: no-address at aks",
        "nothing else can matter"
    );
}

#[test]
fn networks_that_are_not_peered_are_apart() {
    let spoke = network("virtualnetworks/spoke");
    let there = format!("{spoke}/subnets/gateway");
    let with_peering = |back: &[&str], on: &[&str]| {
        let env = Env { network: virtual_network(on), ..Env::default() };
        let mut facts = virtual_network(back);
        facts["prefixes"] = json!(["10.2.0.0/16"]);
        let subnet = with(&env.gateway_subnet, &json!({ "network": spoke, "prefixes": ["10.2.1.0/24"] }));
        let gateway = with(&env.gateway, &json!({ "subnets": [there] }));
        (Env { gateway, ..env }, facts, subnet)
    };
    let ask = |(env, facts, subnet): (Env, Value, Value)| {
        let mut snapshot = env.snapshot();
        let more =
            Scene::new().arm::<VirtualNetwork>(&spoke, &facts).arm::<Subnet>(&there, &subnet).snapshot();
        snapshot.resources.extend(more.resources);
        snapshot.resources.sort_by(|a, b| (a.kind(), &a.id).cmp(&(b.kind(), &b.id)));
        let world = World::new(&snapshot);
        let (from, to) =
            (the(&snapshot, Kind::ApplicationGateway, &agw()), the(&snapshot, Kind::AksCluster, &cluster()));
        let (from, to) = (Endpoint::Resource(from), Endpoint::Resource(to));
        told(&prove(from, to, &Traffic::tcp(8080), &Anyhow, Expect::Reachable, &world))
    };
    assert!(ask(with_peering(&[&core()], &[&spoke])).starts_with("yes"));
    assert_eq!(ask(with_peering(&[], &[&spoke])), "no: other-network at aks");
    assert_eq!(ask(with_peering(&[], &[])), "no: other-network at aks");
}
