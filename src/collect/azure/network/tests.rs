use serde_json::{Value, json};

use super::super::canned::{Canned, Found, arm_id, list};
use super::*;
use crate::model::call::Call;
use crate::model::kind::Facet;
use crate::model::snapshot::Outcome;

fn network(path: &str) -> String {
    arm_id(&format!("Microsoft.Network/{path}"))
}

fn lower(path: &str) -> String {
    network(path).to_ascii_lowercase()
}

/// Lets one resource be read by its id.
async fn by_id(source: &'static Source, path: &str, body: &Value) -> Found {
    let canned = Canned::new(&[(200, &body.to_string())]);
    canned.fetch(&Network, source, None, &lower(path)).await
}

fn facts<T: Facet>(found: &Found, path: &str) -> T {
    found.resource(&network(path)).as_kind::<T>().expect("of that kind").clone()
}

/// How the reading of one resource ended.
fn failed(found: &Found, call: &Call, path: &str) -> String {
    assert!(found.ids().is_empty());
    let entry = found.entry(call, &lower(path));
    assert_eq!(entry.outcome, Outcome::Failed);
    entry.detail.clone()
}

#[tokio::test]
async fn a_load_balancer_tells_its_frontends_rules_and_pools() {
    let of = |path: &str| network(&format!("loadBalancers/kubernetes-internal/{path}"));
    let first = json!({
        "id": network("loadBalancers/kubernetes-internal"), "name": "kubernetes-internal", "location": "westeurope",
        "sku": { "name": "Standard", "tier": "Regional" },
        "properties": {
            "provisioningState": "Succeeded",
            "frontendIPConfigurations": [
                { "name": "Menu", "properties": { "privateIPAddress": "10.1.32.10",
                    "subnet": { "id": network("virtualNetworks/Core/subnets/Backend") } } },
                { "name": "out", "properties": { "publicIPAddress": { "id": network("publicIPAddresses/Out") } } }],
            "backendAddressPools": [{ "name": "kubernetes" }],
            "loadBalancingRules": [{ "name": "Menu-80", "properties": {
                "frontendIPConfiguration": { "id": of("frontendIPConfigurations/menu") },
                "backendAddressPool": { "id": of("backendAddressPools/KUBERNETES") },
                "protocol": "Tcp", "frontendPort": 80, "backendPort": 30080 } },
                { "name": "gateway", "properties": { "frontendPort": 0,
                    "backendAddressPools": [{ "id": of("backendAddressPools/kubernetes") }] } }],
        },
    });
    let bare = json!({ "id": network("loadBalancers/bare"), "location": "West Europe", "properties": null });
    let next = format!(
        r#"{{"value":[{first}],"nextLink":"https://management.example.com{}?api-version=2023-09-01&$skiptoken=2"}}"#,
        format_args!(
            "/subscriptions/{}/providers/Microsoft.Network/loadBalancers",
            super::super::canned::SUBSCRIPTION
        )
    );
    let canned = Canned::new(&[(200, &next), (200, &list(&bare.to_string()))]);
    let found = canned.fetch(&Network, &LOAD_BALANCERS, None, "").await;
    let entry = found.entry(&LIST_LOAD_BALANCERS, "");
    assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Complete, 2, 2), "{}", entry.detail);
    let balancer: LoadBalancer = facts(&found, "loadBalancers/kubernetes-internal");
    assert_eq!((&*balancer.group, balancer.sku.as_deref()), ("core", Some("Standard")));
    let frontends = [
        BalancerFrontend {
            name: "Menu".into(),
            address: Some("10.1.32.10".into()),
            subnet: Some(lower("virtualNetworks/core/subnets/backend")),
            public_ip: None,
        },
        BalancerFrontend {
            name: "out".into(),
            address: None,
            subnet: None,
            public_ip: Some(lower("publicIPAddresses/out")),
        },
    ];
    assert_eq!(balancer.frontends, frontends);
    let rule = BalancingRule {
        name: "Menu-80".into(),
        frontend: Some("Menu".into()),
        protocol: Some("Tcp".into()),
        port: Some(80),
        backend_port: Some(30080),
        pool: Some("kubernetes".into()),
    };
    assert_eq!(balancer.rules[0], rule);
    assert_eq!((balancer.rules[1].port, balancer.rules[1].pool.as_deref()), (Some(0), Some("kubernetes")));
    let bare: LoadBalancer = facts(&found, "loadBalancers/bare");
    assert!(bare.frontends.is_empty() && bare.rules.is_empty() && bare.pools.is_empty());
    assert_eq!((bare.state, bare.sku), (None, None));
}

#[tokio::test]
async fn a_public_address_tells_who_uses_it() {
    let used = json!({ "id": network("publicIPAddresses/Edge"), "location": "westeurope", "sku": { "name": "Standard" },
        "properties": { "provisioningState": "Succeeded", "ipAddress": "198.51.100.7",
            "dnsSettings": { "domainNameLabel": "menu", "fqdn": "Menu.westeurope.cloudapp.azure.com." },
            "ipConfiguration": { "id": network("applicationGateways/Edge/frontendIPConfigurations/Public") } } });
    let idle = json!({ "id": network("publicIPAddresses/idle"),
        "properties": { "natGateway": { "id": network("natGateways/Out") } } });
    let garbled = json!({ "id": network("publicIPAddresses/odd"), "properties": { "ipAddress": 7 } });
    let canned = Canned::new(&[(200, &list(&format!("{used},{garbled},{idle}")))]);
    let found = canned.fetch(&Network, &PUBLIC_IPS, None, "").await;
    let expected = PublicIp {
        group: "core".into(),
        state: Some("Succeeded".into()),
        address: Some("198.51.100.7".into()),
        fqdn: Some("menu.westeurope.cloudapp.azure.com".into()),
        sku: Some("Standard".into()),
        used_by: Some(lower("applicationGateways/edge/frontendipconfigurations/public")),
    };
    assert_eq!(facts::<PublicIp>(&found, "publicIPAddresses/edge"), expected);
    let lent = facts::<PublicIp>(&found, "publicIPAddresses/idle");
    assert_eq!((lent.address, lent.used_by), (None, Some(lower("natGateways/out"))));
    // What can't be read is that one alone, and the list isn't whole without it.
    assert_eq!(found.ids().len(), 2);
    let entry = found.entry(&LIST_PUBLIC_IPS, "");
    assert_eq!((entry.outcome, entry.items), (Outcome::Failed, 2));
    assert_eq!(entry.detail, "answered with a `properties.ipAddress` that can't be one");
}

#[tokio::test]
async fn a_network_tells_its_prefixes_and_peerings() {
    let body = json!({ "id": network("virtualNetworks/Core"), "name": "Core", "location": "westeurope",
        "properties": { "addressSpace": { "addressPrefixes": ["10.1.0.0/16", "fd00::/48"] },
            "virtualNetworkPeerings": [
                { "name": "to-b", "properties": { "peeringState": "Disconnected",
                    "remoteVirtualNetwork": { "id": network("virtualNetworks/B") } } },
                { "name": "to-a", "properties": { "peeringState": "Connected", "allowVirtualNetworkAccess": true,
                    "remoteVirtualNetwork": { "id": network("virtualNetworks/A") } } }] } });
    let found = by_id(&VIRTUAL_NETWORK, "virtualNetworks/core", &body).await;
    let core: VirtualNetwork = facts(&found, "virtualNetworks/core");
    assert_eq!(core.prefixes, ["10.1.0.0/16", "fd00::/48"]);
    let peering = |name: &str, to: &str, state: &str, access| Peering {
        name: name.into(),
        network: lower(to),
        state: Some(state.into()),
        access,
    };
    let peerings = [
        peering("to-a", "virtualNetworks/a", "Connected", Some(true)),
        peering("to-b", "virtualNetworks/b", "Disconnected", None),
    ];
    assert_eq!(core.peerings, peerings);

    let nowhere = json!({ "id": network("virtualNetworks/Core"),
        "properties": { "virtualNetworkPeerings": [{ "name": "p", "properties": {} }] } });
    let found = by_id(&VIRTUAL_NETWORK, "virtualNetworks/core", &nowhere).await;
    let detail = failed(&found, &GET_VIRTUAL_NETWORK, "virtualNetworks/core");
    let lacks = "answered without `properties.virtualNetworkPeerings.properties.remoteVirtualNetwork.id`";
    assert_eq!(detail, lacks);
}

#[tokio::test]
async fn a_subnet_may_have_one_prefix_or_several() {
    let path = "virtualNetworks/Core/subnets/AKS";
    let properties = |prefixes: Value| {
        let mut all = json!({
            "networkSecurityGroup": { "id": network("networkSecurityGroups/AKS") },
            "routeTable": { "id": network("routeTables/AKS") }, "natGateway": { "id": network("natGateways/Out") },
            "serviceEndpoints": [{ "service": "Microsoft.AzureCosmosDB", "locations": ["*"] }],
            "privateEndpointNetworkPolicies": "NetworkSecurityGroupEnabled",
        });
        let all = all.as_object_mut().expect("an object");
        all.extend(prefixes.as_object().expect("an object").clone());
        json!({ "id": network(path), "name": "AKS", "properties": all })
    };
    for (prefixes, expected) in [
        (json!({ "addressPrefix": "10.1.0.0/20" }), vec!["10.1.0.0/20"]),
        (
            json!({ "addressPrefix": null, "addressPrefixes": ["10.1.0.0/20", "fd00::/64"] }),
            vec!["10.1.0.0/20", "fd00::/64"],
        ),
        (json!({ "addressPrefix": "10.1.0.0/20", "addressPrefixes": ["10.1.0.0/20"] }), vec!["10.1.0.0/20"]),
        (json!({}), vec![]),
    ] {
        let found = by_id(&SUBNET, path, &properties(prefixes)).await;
        let expected = Subnet {
            network: lower("virtualNetworks/core"),
            state: None,
            prefixes: expected.into_iter().map(str::to_owned).collect(),
            security_group: Some(lower("networkSecurityGroups/aks")),
            route_table: Some(lower("routeTables/aks")),
            nat_gateway: Some(lower("natGateways/out")),
            service_endpoints: vec!["Microsoft.AzureCosmosDB".into()],
            private_endpoint_policies: Some("NetworkSecurityGroupEnabled".into()),
        };
        assert_eq!(facts::<Subnet>(&found, path), expected);
    }
}

#[tokio::test]
async fn a_security_groups_rules_are_in_the_order_in_which_they_are_asked() {
    let rule = |name: &str, direction: &str, priority: i64, more: Value| {
        let mut properties =
            json!({ "direction": direction, "priority": priority, "access": "Allow", "protocol": "Tcp" });
        let members = properties.as_object_mut().expect("an object");
        members.extend(more.as_object().expect("an object").clone());
        json!({ "name": name, "properties": properties })
    };
    let ends = json!({ "sourceAddressPrefixes": ["192.0.2.0/24", "198.51.100.0/24"], "sourceAddressPrefix": "",
        "destinationAddressPrefix": "*", "sourcePortRange": "*", "destinationPortRange": "443", "destinationPortRanges": ["80-90"],
        "sourceApplicationSecurityGroups": [{ "id": network("applicationSecurityGroups/Web") }] });
    let body = json!({ "id": network("networkSecurityGroups/AKS"), "location": "westeurope", "properties": {
        "securityRules": [rule("late", "Inbound", 300, json!({})), rule("out", "Outbound", 100, json!({})),
            rule("first", "Inbound", 100, ends)],
        "defaultSecurityRules": [rule("DenyAllInBound", "Inbound", 65500, json!({ "sourceAddressPrefix": "*" }))] } });
    let found = by_id(&SECURITY_GROUP, "networkSecurityGroups/aks", &body).await;
    let group: SecurityGroup = facts(&found, "networkSecurityGroups/aks");
    let names: Vec<_> = group.rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["first", "late", "DenyAllInBound", "out"]);
    let first = &group.rules[0];
    assert_eq!(first.sources, ["192.0.2.0/24", "198.51.100.0/24"]);
    assert_eq!(
        (&*first.destinations, &*first.destination_ports),
        (&["*".into()][..], &["443".into(), "80-90".into()][..])
    );
    assert_eq!((&*first.source_ports, group.rules[1].source_ports.len()), (&["*".into()][..], 0));
    assert_eq!(first.application_groups, [lower("applicationSecurityGroups/web")]);
    assert_eq!(group.rules[2].sources, ["*"]);

    let unordered = json!({ "id": network("networkSecurityGroups/AKS"), "properties": {
        "securityRules": [rule("odd", "Inbound", 1, json!({ "priority": "100" }))] } });
    let found = by_id(&SECURITY_GROUP, "networkSecurityGroups/aks", &unordered).await;
    let detail = failed(&found, &GET_SECURITY_GROUP, "networkSecurityGroups/aks");
    assert_eq!(detail, "answered with a `properties.securityRules.properties.priority` that can't be one");
}

#[tokio::test]
async fn a_route_table_tells_where_each_prefix_goes() {
    let body = json!({ "id": network("routeTables/AKS"), "location": "westeurope", "properties": { "routes": [
        { "name": "out", "properties": { "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance",
            "nextHopIpAddress": "10.0.0.4" } },
        { "name": "internet", "properties": { "addressPrefix": "AzureMonitor", "nextHopType": "Internet",
            "nextHopIpAddress": "" } }] } });
    let found = by_id(&ROUTE_TABLE, "routeTables/aks", &body).await;
    let route = |name: &str, destination: &str, next_hop: &str, address: Option<&str>| Route {
        name: name.into(),
        destination: destination.into(),
        next_hop: next_hop.into(),
        next_hop_address: address.map(str::to_owned),
    };
    let routes = [
        route("internet", "AzureMonitor", "Internet", None),
        route("out", "0.0.0.0/0", "VirtualAppliance", Some("10.0.0.4")),
    ];
    assert_eq!(facts::<RouteTable>(&found, "routeTables/aks").routes, routes);
}

#[tokio::test]
async fn a_private_endpoint_tells_where_it_lies_and_leads() {
    let connection = |target: &str, status: &str| {
        json!({ "properties": { "privateLinkServiceId": network(target),
            "privateLinkServiceConnectionState": { "status": status } } })
    };
    let body = json!({ "id": network("privateEndpoints/Menu"), "location": "westeurope", "properties": {
        "provisioningState": "Succeeded", "subnet": { "id": network("virtualNetworks/Core/subnets/Back") },
        "privateLinkServiceConnections": [connection("services/Menu", "Approved")],
        "manualPrivateLinkServiceConnections": [connection("services/Asked", "Pending")] } });
    let found = by_id(&PRIVATE_ENDPOINT, "privateEndpoints/menu", &body).await;
    let endpoint: PrivateEndpoint = facts(&found, "privateEndpoints/menu");
    assert_eq!(endpoint.subnet, Some(lower("virtualNetworks/core/subnets/back")));
    let told: Vec<_> =
        endpoint.connections.iter().map(|it| (it.target.clone(), it.status.as_deref())).collect();
    let expected =
        [(Some(lower("services/asked")), Some("Pending")), (Some(lower("services/menu")), Some("Approved"))];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_is_not_there_is_known_to_be_absent_and_what_is_denied_is_not() {
    for (status, code, outcome) in
        [(404, "ResourceNotFound", Outcome::Complete), (403, "AuthorizationFailed", Outcome::Denied)]
    {
        let body = format!(r#"{{"error":{{"code":"{code}","message":"said"}}}}"#);
        let canned = Canned::new(&[(status, &body)]);
        let found = canned.fetch(&Network, &ROUTE_TABLE, None, &lower("routeTables/aks")).await;
        assert!(found.ids().is_empty());
        assert_eq!(found.entry(&GET_ROUTE_TABLE, &lower("routeTables/aks")).outcome, outcome);
    }
}

#[tokio::test]
async fn a_group_that_tells_nothing_of_itself_is_not_one_without_rules() {
    for body in [json!({}), json!({ "properties": null }), json!({ "properties": {} })] {
        let told = body["properties"].is_object();
        let path = "networkSecurityGroups/bare";
        let mut body = body;
        body["id"] = json!(network(path));
        let found = by_id(&SECURITY_GROUP, path, &body).await;
        if told {
            assert!(facts::<SecurityGroup>(&found, path).rules.is_empty());
        } else {
            assert_eq!(failed(&found, &GET_SECURITY_GROUP, path), "answered without `properties`");
        }
    }
}
