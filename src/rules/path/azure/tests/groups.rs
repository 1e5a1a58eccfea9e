//! Security groups, and doors.

use super::*;

#[test]
fn without_groups_the_listeners_decide() {
    let env = Env::default();
    assert_eq!(env.reach(End::Internet, End::Gateway, 443), "yes: internet > agw > gateway > agw");
    assert_eq!(env.reach(End::Internet, End::Address, 80), "yes: internet > agw > gateway > agw");
    assert_eq!(env.reach(End::Internet, End::Gateway, 22), "no: listener-missing at agw");
    let stopped = Env { gateway: with(&env.gateway, &json!({ "operation": "Stopped" })), ..Env::default() };
    assert_eq!(stopped.reach(End::Internet, End::Gateway, 443), "no: listener-missing at agw");
}

#[test]
fn the_first_rule_by_priority_decides() {
    let with = |rules: Vec<Value>| Env { gateway_rules: Some(rules), ..Env::default() };
    let yes = inbound(200, "Allow", "Internet", "443");
    let ask = |rules: Vec<Value>| with(rules).reach(End::Internet, End::Gateway, 443);
    assert_eq!(ask(vec![]), "no: nsg-inbound at nsg-gateway");
    assert!(ask(vec![yes.clone()]).starts_with("yes"));
    assert_eq!(ask(vec![inbound(100, "Deny", "*", "443"), yes.clone()]), "no: nsg-inbound at nsg-gateway");
    assert!(ask(vec![inbound(300, "Deny", "*", "443"), yes.clone()]).starts_with("yes"));
    let office = inbound(100, "Deny", "203.0.113.0/24", "*");
    assert_eq!(ask(vec![office, yes]), "no: nsg-inbound at nsg-gateway", "some of the internet is kept out");
}

#[test]
fn a_loss_shows_the_rule_and_a_packet() {
    let deny = inbound(100, "Deny", "203.0.113.0/24", "443");
    let env = Env { gateway_rules: Some(vec![deny, inbound(200, "Allow", "*", "443")]), ..Env::default() };
    let snapshot = env.snapshot();
    let world = World::new(&snapshot);
    let to = Endpoint::Resource(the(&snapshot, Kind::ApplicationGateway, &agw()));
    let proof = prove(Endpoint::Internet, to, &Traffic::tcp(443), &Anyhow, Expect::Reachable, &world);
    let Answer::No(loss) = proof.answer else { panic!("{:?}", proof.answer) };
    let shown = &loss.hops.last().expect("where it ends").evidence;
    let names: Vec<_> = shown.iter().map(|it| (&it.value["name"], &it.value["priority"])).collect();
    assert_eq!(names, [(&json!("in-100"), &json!(100))]);
    assert_eq!(loss.packet().expect("one").to_string(), "tcp 203.0.113.0:1024 → 10.1.16.0:443");
    assert!(proof.assumptions.iter().any(|it| it.contains("single network interfaces")));
}

#[test]
fn a_question_about_some_sources_is_not_answered_for_all() {
    let env =
        Env { gateway_rules: Some(vec![inbound(100, "Allow", "203.0.113.0/24", "443")]), ..Env::default() };
    let from = |block: &str, expect| {
        let traffic = Traffic { sources: Some(addresses(&[block])), ..Traffic::tcp(443) };
        env.told(End::Internet, End::Gateway, &traffic, expect)
    };
    assert!(from("203.0.113.8/29", Expect::Reachable).starts_with("yes"));
    assert_eq!(from("198.51.100.0/24", Expect::Reachable), "no: nsg-inbound at nsg-gateway");
    assert_eq!(from("198.51.100.0/24", Expect::Unreachable), "no: nsg-inbound at nsg-gateway");
    assert!(env.shut(End::Internet, End::Gateway, &Traffic::any()).starts_with("yes"), "somebody gets in");
}

#[test]
fn names_stand_for_addresses() {
    let nodes = |rules: Vec<Value>| {
        let env = Env { node_rules: Some(rules), ..Env::default() };
        env.reach(End::Gateway, End::Nodes, 8080)
    };
    assert!(nodes(vec![]).starts_with("yes: agw > gateway > aks > nsg-aks"), "{}", nodes(vec![]));
    let not_here = nodes(vec![inbound(100, "Deny", "VirtualNetwork", "8080")]);
    assert_eq!(not_here, "no: nsg-inbound at nsg-aks");
    assert!(
        nodes(vec![inbound(100, "Deny", "Internet", "*")]).starts_with("yes"),
        "the gateway is no stranger"
    );
    assert!(nodes(vec![inbound(100, "Deny", "AzureLoadBalancer", "*")]).starts_with("yes"), "probes are");
    assert!(nodes(vec![inbound(100, "Deny", "GatewayManager", "*")]).starts_with("yes"), "public addresses");
}

#[test]
fn what_names_hold_is_open_where_it_decides() {
    let gateway = |rules: Vec<Value>| {
        let env = Env { gateway_rules: Some(rules), ..Env::default() };
        env.reach(End::Internet, End::Gateway, 443)
    };
    let all = || inbound(200, "Allow", "*", "443");
    is_open(&gateway(vec![inbound(100, "Allow", "AzureFrontDoor.Backend", "443")]), "AzureFrontDoor.Backend");
    is_open(&gateway(vec![inbound(100, "Deny", "AzureCloud", "443"), all()]), "AzureCloud");
    assert!(
        gateway(vec![inbound(100, "Deny", "AzureCloud", "22"), all()]).starts_with("yes"),
        "another port"
    );
    assert!(
        gateway(vec![inbound(50, "Allow", "*", "443"), inbound(100, "Deny", "AzureCloud", "443")])
            .starts_with("yes")
    );
    let mut members = inbound(100, "Deny", "*", "443");
    members["destinations"] = json!([]);
    members["application_groups"] = json!([network("applicationsecuritygroups/web")]);
    is_open(&gateway(vec![members, all()]), "application groups");
    let mut untold = inbound(100, "Allow", "*", "443");
    untold["source_ports"] = json!([]);
    is_open(&gateway(vec![untold.clone()]), "source ports");
    untold["source_ports"] = json!(["53"]);
    assert_eq!(gateway(vec![untold]), "no: nsg-inbound at nsg-gateway");
    let mut odd = inbound(100, "Allow", "*", "http");
    is_open(&gateway(vec![odd.clone()]), "\"http\"");
    odd["destination_ports"] = json!(["443"]);
    odd["protocol"] = json!("Quic");
    is_open(&gateway(vec![odd]), "\"Quic\"");
}

#[test]
fn what_leaves_a_subnet_passes_its_group() {
    let env =
        Env { gateway_rules: Some(vec![outbound(100, "Deny", "10.1.0.0/20", "443")]), ..Env::default() };
    assert_eq!(env.reach(End::Gateway, End::Internal, 443), "no: nsg-outbound at nsg-gateway");
    assert!(env.reach(End::Gateway, End::Nodes, 8080).starts_with("yes"));
    let within =
        Env { node_rules: Some(vec![outbound(100, "Deny", "VirtualNetwork", "*")]), ..Env::default() };
    assert_eq!(
        within.reach(End::Nodes, End::Nodes, 8080),
        "no: nsg-outbound at nsg-aks",
        "in one subnet, too"
    );
    assert!(within.reach(End::Nodes, End::Internet, 443).starts_with("yes"));
    let shut = Env { node_rules: Some(vec![outbound(100, "Deny", "Internet", "*")]), ..Env::default() };
    assert_eq!(shut.reach(End::Nodes, End::Internet, 443), "no: nsg-outbound at nsg-aks");
}

#[test]
fn protocols_and_ports_go_together() {
    let of = |protocol: &str, ports: &str| {
        let allow = rule("one", "Inbound", 100, "Allow", protocol, "*", "*", ports);
        Env { gateway_rules: Some(vec![allow]), ..Env::default() }
    };
    assert!(of("Tcp", "80-90,443").reach(End::Internet, End::Gateway, 443).starts_with("yes"));
    assert!(of("*", "443").reach(End::Internet, End::Gateway, 443).starts_with("yes"));
    assert_eq!(of("Udp", "443").reach(End::Internet, End::Gateway, 443), "no: nsg-inbound at nsg-gateway");
    assert_eq!(of("Icmp", "*").reach(End::Internet, End::Gateway, 443), "no: nsg-inbound at nsg-gateway");
}

#[test]
fn an_unread_group_leaves_it_open_and_is_asked_for_only_where_it_matters() {
    let env = || {
        Env { gateway_rules: Some(vec![]), ..Env::default() }
            .unread(&network("networksecuritygroups/nsg-gateway"))
    };
    is_open(&env().reach(End::Internet, End::Gateway, 443), "azure:GetNetworkSecurityGroup nsg-gateway");
    let no_network = Env { gateway_rules: Some(vec![]), ..Env::default() }.unread(&core());
    is_open(&no_network.reach(End::Internet, End::Gateway, 443), "azure:GetVirtualNetwork core");
    let both = Env { gateway_rules: Some(vec![inbound(100, "Allow", "*", "*")]), ..Env::default() };
    let told = both.unread(&core()).reach(End::Internet, End::Gateway, 443);
    assert!(told.starts_with("yes"), "the first rule says it all: {told}");
}
