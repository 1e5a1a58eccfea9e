//! The account's firewall.

use super::*;

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
fn an_account_without_public_access_may_have_private_endpoints() {
    let env = account_with(&json!({ "public_network": "Disabled" }));
    is_open(&reach(&env), "private endpoints");
    assert_eq!(shut(&env), "no: firewall at menu");
    for untold in [Value::Null, json!("SecuredByPerimeter")] {
        let env = account_with(&json!({ "public_network": untold }));
        assert!(reach(&env).starts_with("open") && shut(&env).starts_with("open"), "{untold}");
    }
}

#[test]
fn the_firewall_sees_the_addresses_that_nodes_leave_by() {
    let listing = |rules: &[&str]| account_with(&json!({ "address_rules": rules }));
    assert!(reach(&listing(&["203.0.113.77"])).starts_with("yes"));
    is_open(&reach(&listing(&["198.51.100.0/24"])), "private endpoints");
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
    is_open(&reach(&by_address), "private endpoints");
    let env = account_with(&json!({ "network_rules": [in_core("aks")] }));
    is_open(&reach(&env), "private endpoints");
    let closed =
        Env { node_rules: Some(vec![outbound(100, "Deny", "*", "443")]), ..with_endpoint(&json!({})) };
    is_open(&reach(&closed), "private endpoints");
}

#[test]
fn an_unread_account_leaves_it_open() {
    let gap = crate::rules::testing::azure::unasked(&crate::model::azure::cosmos::ACCOUNT, &account());
    let env = Env { account: json!({ "$gap": gap }), ..Env::default() };
    is_open(&reach(&env), "azure:GetDatabaseAccount menu");
    is_open(&shut(&env), "azure:GetDatabaseAccount menu");
}
