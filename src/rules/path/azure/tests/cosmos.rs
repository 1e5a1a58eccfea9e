//! The account's firewall.

use super::*;
use crate::model::azure::dns::{PRIVATE_RECORDS, PrivateDnsRecord, PrivateDnsZone};
use crate::model::azure::network::PrivateEndpoint;
use crate::model::snapshot::Outcome;

fn account_with(changes: &Value) -> Env {
    let env = Env::default();
    Env { account: with(&env.account, changes), ..env }
}

fn reach(env: &Env) -> String {
    env.told(End::Nodes, End::Account, &Traffic::any(), Expect::Reachable)
}

fn shut(env: &Env) -> String {
    env.shut(End::Internet, End::Account, &Traffic::any())
}

#[test]
fn an_account_without_rules_is_open_to_everybody() {
    let env = Env::default();
    assert_eq!(reach(&env), "yes: aks > aks > aks > kubernetes > menu");
    assert_eq!(shut(&env), "yes: internet > menu");
}

#[test]
fn an_account_without_public_access_lets_nobody_in() {
    let env = account_with(&json!({ "public_network": "Disabled" }));
    assert_eq!(reach(&env), "no: firewall at menu");
    assert_eq!(shut(&env), "no: firewall at menu");
    for untold in [Value::Null, json!("SecuredByPerimeter")] {
        let env = account_with(&json!({ "public_network": untold }));
        assert!(reach(&env).starts_with("open") && shut(&env).starts_with("open"), "{untold}");
    }
}

fn endpoint() -> String {
    network("privateendpoints/menu")
}

/// The account's private endpoint, in a subnet of its own.
fn endpoint_in(scene: Scene, group: Option<&str>) -> Scene {
    endpoint_where(scene, group, None)
}

/// The same in a subnet where this is chosen for private endpoints.
fn endpoint_where(scene: Scene, group: Option<&str>, chosen: Option<&str>) -> Scene {
    let mut subnet = json!({
        "network": core(), "prefixes": ["10.1.32.0/24"], "security_group": group, "route_table": null,
        "nat_gateway": null, "service_endpoints": [],
    });
    if let Some(chosen) = chosen {
        subnet["private_endpoint_policies"] = json!(chosen);
    }
    let told = json!({ "state": "Succeeded", "subnet": in_core("backend"), "connections": [] });
    scene.arm::<Subnet>(&in_core("backend"), &subnet).arm::<PrivateEndpoint>(&endpoint(), &told)
}

/// Its name in a private zone.
fn named(scene: Scene, address: &str) -> Scene {
    let zone = network("privatednszones/privatelink.documents.azure.com");
    let record = json!({
        "zone": zone, "domain": "menu.privatelink.documents.azure.com", "type": "A", "addresses": [address],
    });
    let facts = json!({ "domain": "privatelink.documents.azure.com", "networks": [core()] });
    let scene = scene
        .arm::<PrivateDnsZone>(&zone, &facts)
        .arm::<PrivateDnsRecord>(&format!("{zone}/a/menu"), &record);
    scene.asked(&PRIVATE_RECORDS, &zone, Outcome::Complete)
}

/// An account that is private, with an endpoint of this state.
fn private(status: &str, more: fn(Scene) -> Scene) -> Env {
    let connections = json!([{ "endpoint": endpoint(), "status": status }]);
    let told = json!({
        "public_network": "Disabled", "endpoint": "menu.documents.azure.com", "private_endpoints": connections,
    });
    Env { more, ..account_with(&told) }
}

#[test]
fn a_private_endpoint_is_a_way_where_the_accounts_name_leads_to_it() {
    let both: fn(Scene) -> Scene = |scene| named(endpoint_in(scene, None), "10.1.32.5");
    assert_eq!(reach(&private("Approved", both)), "yes: aks > aks > menu > menu");
    assert_eq!(shut(&private("Approved", both)), "no: firewall at menu", "the internet does not");
    assert_eq!(reach(&private("Pending", both)), "no: firewall at menu");
    let unnamed = private("Approved", |scene| endpoint_in(scene, None));
    assert_eq!(reach(&unnamed), "no: firewall at menu", "the network asks at public addresses");
    let elsewhere = private("Approved", |scene| named(endpoint_in(scene, None), "10.9.0.5"));
    is_open(&reach(&elsewhere), "none of its endpoints' subnets");
    is_open(&reach(&private("Approved", |scene| named(scene, "10.1.32.5"))), "azure:GetPrivateEndpoint menu");
    is_open(&reach(&private("Approved", both).unread("azure.private_dns_zone")), "azure:ListPrivateDnsZones");
    let closed = Env {
        node_rules: Some(vec![outbound(100, "Deny", "10.1.32.0/24", "443")]),
        ..private("Approved", both)
    };
    assert_eq!(reach(&closed), "no: nsg-outbound at nsg-aks");
    let dropped = Env { node_routes: Some(vec![route("10.1.32.0/24", "None")]), ..private("Approved", both) };
    is_open(&reach(&dropped), "routes of one's own");
    let guarded: fn(Scene) -> Scene = |scene| {
        let group = network("networksecuritygroups/backend");
        let rules = security_group(&[inbound(100, "Deny", "*", "*")]);
        named(endpoint_in(scene, Some(&group)), "10.1.32.5").arm::<SecurityGroup>(&group, &rules)
    };
    is_open(&reach(&private("Approved", guarded)), "heeded for private endpoints");
    let heeded: fn(Scene) -> Scene = |scene| chosen(scene, "NetworkSecurityGroupEnabled");
    assert_eq!(reach(&private("Approved", heeded)), "no: nsg-inbound at nsg-backend");
    let passed_by: fn(Scene) -> Scene = |scene| chosen(scene, "Disabled");
    assert!(reach(&private("Approved", passed_by)).starts_with("yes"));
}

/// A subnet whose group admits nobody, where this is chosen for private endpoints.
fn chosen(scene: Scene, chosen: &str) -> Scene {
    let group = network("networksecuritygroups/nsg-backend");
    let rules = security_group(&[inbound(100, "Deny", "*", "*")]);
    let scene = endpoint_where(scene, Some(&group), Some(chosen));
    named(scene, "10.1.32.5").arm::<SecurityGroup>(&group, &rules)
}

#[test]
fn endpoints_that_nobody_told_leave_it_open() {
    let untold = account_with(&json!({ "private_endpoints": null }));
    is_open(&reach(&untold), "private endpoints");
    assert!(shut(&untold).starts_with("yes"), "to the internet they make no difference");
}

#[test]
fn the_firewall_sees_the_addresses_that_nodes_leave_by() {
    let listing = |rules: &[&str]| account_with(&json!({ "address_rules": rules }));
    assert!(reach(&listing(&["203.0.113.77"])).starts_with("yes"));
    assert_eq!(reach(&listing(&["198.51.100.0/24"])), "no: firewall at menu");
    assert!(reach(&listing(&["0.0.0.0"])).starts_with("yes"), "it is one of Azure's");
    assert!(shut(&listing(&["203.0.113.77"])).starts_with("yes"), "some of the internet gets in");
    assert_eq!(shut(&listing(&["10.0.0.0/8"])), "no: firewall at menu");
    is_open(&shut(&listing(&["0.0.0.0"])), "Azure's");
    let from_office = Traffic { sources: Some(addresses(&["198.51.100.0/24"])), ..Traffic::any() };
    assert_eq!(
        listing(&["203.0.113.77"]).shut(End::Internet, End::Account, &from_office),
        "no: firewall at menu"
    );
    let unread = listing(&["203.0.113.77"]).unread(&kept("publicipaddresses/out")).unread("azure.public_ip");
    is_open(&reach(&unread), "azure:ListPublicIpAddresses");
}

#[test]
fn an_endpoint_of_the_service_shows_the_subnet_and_no_address() {
    let with_endpoint = |changes: &Value| {
        let env = account_with(changes);
        let endpoints = json!({ "service_endpoints": ["Microsoft.AzureCosmosDB"] });
        let node_routes = Some(vec![route("0.0.0.0/0", "VirtualAppliance")]);
        Env { node_subnet: with(&env.node_subnet, &endpoints), node_routes, ..env }
    };
    let listed = with_endpoint(&json!({ "network_rules": [in_core("aks")] }));
    assert_eq!(reach(&listed), "yes: aks > aks > menu", "past the appliance");
    let by_address = with_endpoint(&json!({ "address_rules": ["203.0.113.77"] }));
    assert_eq!(reach(&by_address), "no: firewall at menu");
    let env = account_with(&json!({ "network_rules": [in_core("aks")] }));
    assert_eq!(reach(&env), "no: firewall at menu", "without the endpoint it is an address");
    let closed =
        Env { node_rules: Some(vec![outbound(100, "Deny", "*", "443")]), ..with_endpoint(&json!({})) };
    assert_eq!(reach(&closed), "no: nsg-outbound at nsg-aks");
}

#[test]
fn an_unread_account_leaves_it_open() {
    let gap = crate::rules::testing::azure::unasked(&crate::model::azure::cosmos::ACCOUNT, &account());
    let env = Env { account: json!({ "$gap": gap }), ..Env::default() };
    is_open(&reach(&env), "azure:GetDatabaseAccount menu");
    is_open(&shut(&env), "azure:GetDatabaseAccount menu");
}
