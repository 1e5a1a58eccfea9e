use serde_json::{Value, json};

use super::super::canned::{Canned, Found, arm_id, list};
use super::*;
use crate::model::azure::gateway::{
    BackendSettings, GatewayListener, GatewayProperties, GatewayRule, PoolHealth, Redirect,
};
use crate::model::seen::{Gap, Why};
use crate::model::snapshot::Outcome;

fn edge() -> String {
    arm_id("Microsoft.Network/applicationGateways/Edge")
}

fn id(part: &str) -> Value {
    json!({ "id": format!("{}/{part}", edge()) })
}

fn network(path: &str) -> String {
    arm_id(&format!("Microsoft.Network/{path}"))
}

fn key() -> String {
    edge().to_ascii_lowercase()
}

/// Lists the gateway, and then asks for a detail of it.
async fn detail(source: &'static Source, status: u16, body: &str) -> (ApplicationGateway, Found) {
    let listed = json!({ "id": edge(), "name": "Edge", "location": "westeurope" }).to_string();
    let canned = Canned::new(&[(200, &list(&listed)), (status, body)]);
    let found = canned.fetch(&Gateways, &GATEWAYS, None, "").await;
    let gateway = found.resource(&edge()).clone();
    let found = canned.fetch(&Gateways, source, Some(&gateway), &key()).await;
    (found.resource(&edge()).as_kind::<ApplicationGateway>().expect("a gateway").clone(), found)
}

async fn properties(properties: Value) -> Result<GatewayProperties, Gap> {
    let body = json!({ "id": edge(), "name": "Edge", "properties": properties });
    let (gateway, _) = detail(&GATEWAY, 200, &body.to_string()).await;
    gateway.properties.get().cloned().map_err(Clone::clone)
}

async fn health(body: &Value) -> Result<Vec<PoolHealth>, Gap> {
    let (gateway, _) = detail(&GATEWAY_HEALTH, 200, &body.to_string()).await;
    gateway.health.get().cloned().map_err(Clone::clone)
}

#[tokio::test]
async fn a_listed_gateway_waits_for_its_details() {
    let listed =
        json!({ "id": edge(), "name": "Edge", "location": "West Europe", "tags": { "app": "menu" } });
    let found = Canned::new(&[(200, &list(&listed.to_string()))]).fetch(&Gateways, &GATEWAYS, None, "").await;
    assert_eq!(found.entry(&LIST_APPLICATION_GATEWAYS, "").outcome, Outcome::Complete);
    let resource = found.resource(&edge());
    assert_eq!((&*resource.name, &*resource.scope.region), ("Edge", "westeurope"));
    let gateway = resource.as_kind::<ApplicationGateway>().expect("a gateway");
    assert_eq!(gateway.group, "core");
    assert!(gateway.properties.gap().is_some_and(Gap::can_be_closed));
    assert!(gateway.health.gap().is_some_and(Gap::can_be_closed));
}

#[tokio::test]
async fn parts_refer_to_each_other_by_the_names_that_the_parts_have() {
    let found = properties(json!({
        "provisioningState": "Succeeded", "operationalState": "Running",
        "sku": { "name": "Standard_v2", "tier": "Standard_v2", "capacity": 2 },
        "sslPolicy": { "policyType": "Predefined", "policyName": "AppGwSslPolicy20170401S" },
        "firewallPolicy": { "id": network("ApplicationGatewayWebApplicationFirewallPolicies/Edge") },
        "gatewayIPConfigurations": [
            { "name": "gw", "properties": { "subnet": { "id": network("virtualNetworks/Core/subnets/Gateway") } } }],
        "frontendIPConfigurations": [
            { "name": "Public", "properties": { "publicIPAddress": { "id": network("publicIPAddresses/Edge") } } },
            { "name": "private", "properties": { "privateIPAddress": "10.1.16.10" } }],
        "frontendPorts": [{ "name": "p80", "properties": { "port": 80 } }, { "name": "P443", "properties": { "port": 443 } }],
        "httpListeners": [
            { "name": "Https", "properties": { "protocol": "Https", "hostName": "Menu.Example.com", "hostNames": ["*.example.com"],
                "frontendIPConfiguration": id("frontendIPConfigurations/public"),
                "frontendPort": id("frontendPorts/p443"), "sslCertificate": id("sslCertificates/WILDCARD") } },
            { "name": "http", "properties": { "protocol": "Http", "hostNames": [], "frontendPort": id("frontendPorts/p80") } }],
        "sslCertificates": [
            { "name": "wildcard", "properties": { "publicCertData": "MIIB", "data": "PRIVATE", "password": "hunter2" } },
            { "name": "vault", "properties": { "keyVaultSecretId": "https://vault.example.com/secrets/tls" } }],
        "backendAddressPools": [{ "name": "Ingress", "properties": {
            "backendAddresses": [{ "ipAddress": "10.1.32.10" }, { "fqdn": "10.1.32.11" }, { "fqdn": "API.example.com." }],
            "backendIPConfigurations": [{ "id": network("networkInterfaces/N/ipConfigurations/I") }] } }],
        "backendHttpSettingsCollection": [{ "name": "Settings", "properties": { "port": 80, "protocol": "Http",
            "hostName": "Menu.example.com", "pickHostNameFromBackendAddress": false, "probe": id("probes/healthz") } }],
        "probes": [{ "name": "Healthz", "properties": { "protocol": "Http", "host": "Probe.example.com", "path": "/healthz" } }],
        "requestRoutingRules": [
            { "name": "menu", "properties": { "ruleType": "Basic", "priority": 10, "httpListener": id("httpListeners/https"),
                "backendAddressPool": id("backendAddressPools/INGRESS"), "backendHttpSettings": id("backendHttpSettingsCollection/settings") } },
            { "name": "rest", "properties": { "httpListener": id("httpListeners/http"), "urlPathMap": id("urlPathMaps/paths"),
                "redirectConfiguration": id("redirectConfigurations/up") } }],
        "redirectConfigurations": [
            { "name": "Up", "properties": { "redirectType": "Permanent", "targetListener": id("httpListeners/HTTPS") } },
            { "name": "away", "properties": { "targetUrl": "https://example.com" } }],
        "urlPathMaps": [{ "name": "Paths", "properties": {
            "defaultBackendAddressPool": id("backendAddressPools/ingress"),
            "defaultBackendHttpSettings": id("backendHttpSettingsCollection/settings"),
            "defaultRedirectConfiguration": id("redirectConfigurations/up"),
            "pathRules": [{ "name": "api", "properties": { "paths": ["/api/*"],
                "backendAddressPool": id("backendAddressPools/gone"), "redirectConfiguration": id("redirectConfigurations/away") } }] } }],
    }))
    .await
    .expect("properties");
    assert_eq!((found.operation.as_deref(), found.tier.as_deref()), (Some("Running"), Some("Standard_v2")));
    assert_eq!((found.capacity, found.min_capacity, found.max_capacity), (Some(2), None, None));
    assert_eq!(found.tls_policy.as_deref(), Some("AppGwSslPolicy20170401S"));
    assert_eq!(found.subnets, [network("virtualNetworks/core/subnets/gateway").to_ascii_lowercase()]);
    let firewall = network("applicationgatewaywebapplicationfirewallpolicies/edge").to_ascii_lowercase();
    assert_eq!(found.firewall_policy, Some(firewall));
    assert_eq!(found.frontends[0].public_ip, Some(network("publicIPAddresses/edge").to_ascii_lowercase()));
    assert_eq!(found.frontends[1].private_address.as_deref(), Some("10.1.16.10"));
    let https = GatewayListener {
        name: "Https".into(),
        frontend: Some("Public".into()),
        port: Some(443),
        protocol: Some("Https".into()),
        hosts: vec!["*.example.com".into(), "menu.example.com".into()],
        certificate: Some("wildcard".into()),
    };
    assert_eq!(found.listeners[0], https);
    assert_eq!((found.listeners[1].port, found.listeners[1].hosts.len()), (Some(80), 0));
    let menu = GatewayRule {
        name: "menu".into(),
        priority: Some(10),
        listener: Some("Https".into()),
        pool: Some("Ingress".into()),
        settings: Some("Settings".into()),
        path_map: None,
        redirect: None,
    };
    assert_eq!(found.rules[0], menu);
    let rest =
        (found.rules[1].priority, found.rules[1].path_map.as_deref(), found.rules[1].redirect.as_deref());
    assert_eq!(rest, (None, Some("Paths"), Some("Up")));
    assert_eq!(found.redirects[0], Redirect { name: "Up".into(), listener: Some("Https".into()), url: None });
    assert_eq!(found.redirects[1].url.as_deref(), Some("https://example.com"));
    let map = &found.path_maps[0];
    assert_eq!((map.default_pool.as_deref(), map.default_redirect.as_deref()), (Some("Ingress"), Some("Up")));
    // Of a part that isn't there, the id's own spelling is all there is.
    assert_eq!((map.rules[0].pool.as_deref(), &*map.rules[0].paths[0]), (Some("gone"), "/api/*"));
    let pool = &found.pools[0];
    assert_eq!(
        (&pool.addresses[..], &*pool.hosts[0]),
        (&["10.1.32.10".into(), "10.1.32.11".into()][..], "api.example.com")
    );
    assert_eq!(pool.members, [network("networkInterfaces/n/ipConfigurations/i").to_ascii_lowercase()]);
    let settings = BackendSettings {
        name: "Settings".into(),
        port: Some(80),
        protocol: Some("Http".into()),
        host: Some("menu.example.com".into()),
        host_of_backend: Some(false),
        probe: Some("Healthz".into()),
    };
    assert_eq!(found.settings, [settings]);
    assert_eq!(found.probes[0].host.as_deref(), Some("probe.example.com"));
    assert_eq!(
        (found.certificates[0].public.as_deref(), found.certificates[0].from_vault),
        (Some("MIIB"), false)
    );
    assert_eq!((&found.certificates[1].public, found.certificates[1].from_vault), (&None, true));
    let kept = format!("{found:?}");
    assert!(!kept.contains("PRIVATE") && !kept.contains("hunter2") && !kept.contains("vault.example.com"));
}

#[tokio::test]
async fn what_a_gateway_lacks_is_absent() {
    assert_eq!(properties(json!({})).await, Ok(GatewayProperties::default()));
    let silent = properties(Value::Null).await.expect_err("it tells nothing of itself");
    assert_eq!(silent.detail, "answered without `properties`");
    let scaling = properties(json!({
        "sku": { "capacity": 0 }, "autoscaleConfiguration": { "minCapacity": 1, "maxCapacity": 3 },
        "sslPolicy": { "policyType": "CustomV2", "minProtocolVersion": "TLSv1_2", "policyName": "" },
        "defaultPredefinedSslPolicy": "AppGwSslPolicy20220101",
        "backendAddressPools": [{ "name": "texts", "properties": { "backendAddresses": ["10.0.0.1", "a.example.com"] } }],
    }));
    let scaling = scaling.await.expect("properties");
    assert_eq!((scaling.capacity, scaling.min_capacity, scaling.max_capacity), (None, Some(1), Some(3)));
    assert_eq!((scaling.tls_policy.as_deref(), scaling.tls_minimum.as_deref()), (None, Some("TLSv1_2")));
    let chosen_by_azure = properties(json!({ "defaultPredefinedSslPolicy": "AppGwSslPolicy20220101" })).await;
    assert_eq!(chosen_by_azure.expect("properties").tls_policy.as_deref(), Some("AppGwSslPolicy20220101"));
    assert_eq!((&*scaling.pools[0].addresses[0], &*scaling.pools[0].hosts[0]), ("10.0.0.1", "a.example.com"));
}

#[tokio::test]
async fn a_member_of_another_form_is_named() {
    for (body, detail) in [
        (json!({ "httpListeners": {} }), "answered with a `properties.httpListeners` that can't be one"),
        (
            json!({ "requestRoutingRules": [{ "name": "r", "properties": { "priority": "high" } }] }),
            "answered with a `properties.requestRoutingRules.properties.priority` that can't be one",
        ),
        (
            json!({ "backendAddressPools": [{ "name": "p", "properties": { "backendAddresses": [7] } }] }),
            "answered with a `properties.backendAddressPools.properties.backendAddresses` that can't be one",
        ),
        (json!({ "probes": [{}] }), "answered without `properties.probes.name`"),
    ] {
        let gap = properties(body).await.expect_err("it can't be read");
        assert_eq!((gap.why, &*gap.detail, &*gap.key), (Why::Failed, detail, &*key()));
    }
}

#[tokio::test]
async fn details_that_are_denied_or_gone_are_gaps() {
    for (status, code, why) in
        [(403, "AuthorizationFailed", Why::Denied), (404, "ResourceNotFound", Why::Failed)]
    {
        let body = format!(r#"{{"error":{{"code":"{code}","message":"said"}}}}"#);
        for (source, call) in [(&GATEWAY, &GET_APPLICATION_GATEWAY), (&GATEWAY_HEALTH, &GET_GATEWAY_METRICS)]
        {
            let (gateway, found) = detail(source, status, &body).await;
            let gap = if source == &GATEWAY { gateway.properties.gap() } else { gateway.health.gap() };
            assert_eq!(gap.map(|gap| gap.why), Some(why));
            assert_eq!(found.entry(call, &key()).outcome, Outcome::of(why));
        }
    }
}

fn metric(series: &[(&str, Value)]) -> Value {
    let series = series.iter().map(|(pool, data)| {
        json!({ "metadatavalues": [{ "name": { "value": "backendsettingspool" }, "value": pool }], "data": data })
    });
    json!({ "cost": 59, "interval": "PT1M", "value": [{ "type": "Microsoft.Insights/metrics",
        "name": { "value": "HealthyHostCount", "localizedValue": "Healthy Host Count" }, "unit": "Count",
        "timeseries": series.collect::<Vec<_>>(), "errorCode": "Success" }],
        "namespace": "Microsoft.Network/applicationGateways" })
}

#[tokio::test]
async fn the_latest_value_of_each_pool_counts() {
    let body = metric(&[
        (
            "Ingress~Settings",
            json!([
            { "timeStamp": "2026-11-21T11:58:00Z", "average": 0.0 },
            { "timeStamp": "2026-11-21T12:00:00Z" },
            { "timeStamp": "2026-11-21T11:59:00Z", "average": 1.8 }]),
        ),
        ("silent~settings", json!([{ "timeStamp": "2026-11-21T11:59:00Z", "average": null }])),
        ("down~settings", json!([{ "timeStamp": "2026-11-21T11:59:00Z", "average": 0 }])),
        ("alone", json!([{ "timeStamp": "2026-11-21T11:59:00Z", "average": 3.0 }])),
    ]);
    let of = |pool: &str, settings: Option<&str>, healthy| PoolHealth {
        pool: pool.into(),
        settings: settings.map(str::to_owned),
        healthy,
    };
    let expected =
        [of("alone", None, 3), of("down", Some("settings"), 0), of("ingress", Some("settings"), 1)];
    assert_eq!(health(&body).await.expect("values"), expected);
}

#[tokio::test]
async fn a_metric_without_a_value_is_not_zero() {
    for body in [
        metric(&[]),
        metric(&[("ingress~settings", json!([{ "timeStamp": "2026-11-21T11:59:00Z" }]))]),
        json!({ "value": [] }),
    ] {
        let gap = health(&body).await.expect_err("nothing is known");
        assert_eq!((gap.why, &*gap.detail), (Why::Failed, "the metric has no value yet"));
    }
    let garbled =
        metric(&[("ingress~settings", json!([{ "timeStamp": "2026-11-21T11:59:00Z", "average": "1" }]))]);
    let detail = health(&garbled).await.expect_err("nothing is known").detail;
    assert_eq!(detail, "answered with a `data.average` that can't be one");
}

#[tokio::test]
async fn every_pool_is_asked_for_by_itself() {
    let canned = Canned::new(&[(200, &metric(&[]).to_string())]);
    canned.fetch(&Gateways, &GATEWAY_HEALTH, None, &key()).await;
    let asked = canned.asked().pop().expect("one question");
    let query = "metricnames=HealthyHostCount&aggregation=Average&interval=PT1M&%24filter=BackendSettingsPool+eq+%27*%27&top=1000";
    assert!(asked.ends_with(query), "{asked}");
    let path = "/applicationGateways/edge/providers/Microsoft.Insights/metrics?api-version=2018-01-01&";
    assert!(asked.contains(path), "{asked}");
}
