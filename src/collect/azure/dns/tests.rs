use serde_json::{Value, json};

use super::super::canned::{Canned, Found, arm_id, list};
use super::*;
use crate::model::kind::Facet;
use crate::model::seen::Why;
use crate::model::snapshot::Outcome;

fn id(path: &str) -> String {
    arm_id(&format!("Microsoft.Network/{path}"))
}

fn key(path: &str) -> String {
    id(path).to_ascii_lowercase()
}

/// Lists the one zone of this sort.
async fn zone(source: &'static Source, path: &str) -> Resource {
    let name = path.rsplit('/').next().expect("a name");
    let body =
        json!({ "id": id(path), "name": name, "location": "global", "tags": { "app": "menu" } }).to_string();
    let found = Canned::new(&[(200, &list(&body))]).fetch(&Dns, source, None, "").await;
    assert_eq!(found.entry(source.calls[0], "").outcome, Outcome::Complete);
    found.resource(&id(path)).clone()
}

const ZONE: &str = "dnszones/Dev.example.com";
const PRIVATE: &str = "privateDnsZones/Internal.example.com";

async fn records(source: &'static Source, of: &Resource, items: &[Value]) -> Found {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    Canned::new(&[(200, &list(&items.join(",")))]).fetch(&Dns, source, Some(of), &of.id).await
}

fn facts<T: Facet>(found: &Found, path: &str) -> T {
    found.resource(&id(path)).as_kind::<T>().expect("of that kind").clone()
}

fn record(of: &str, name: &str, properties: &Value) -> Value {
    json!({ "id": id(&format!("{ZONE}/{of}/{name}")), "name": name, "type": format!("Microsoft.Network/dnszones/{of}"),
        "properties": properties })
}

#[tokio::test]
async fn zones_are_known_by_their_names() {
    let public = zone(&ZONES, ZONE).await;
    let expected = DnsZone { group: "core".into(), domain: "dev.example.com".into() };
    assert_eq!(public.as_kind::<DnsZone>(), Some(&expected));
    assert_eq!((&*public.name, &*public.scope.region), ("Dev.example.com", "global"));
    let private = zone(&PRIVATE_ZONES, PRIVATE).await;
    let facts = private.as_kind::<PrivateDnsZone>().expect("a private zone");
    assert_eq!(facts.domain, "internal.example.com");
    assert!(facts.networks.gap().is_some_and(crate::model::seen::Gap::can_be_closed));
}

#[tokio::test]
async fn records_tell_whole_names_and_what_they_stand_for() {
    let zone = zone(&ZONES, ZONE).await;
    let alias = id("publicIPAddresses/Edge");
    let found = records(&RECORDS, &zone, &[
        record("A", "menu", &json!({ "TTL": 300, "fqdn": "Menu.dev.example.com.", "targetResource": { "id": alias },
            "ARecords": [{ "ipv4Address": "198.51.100.7" }], "provisioningState": "Succeeded" })),
        record("A", "www", &json!({ "TTL": 60, "targetResource": {}, "aRecords": [{ "ipv4Address": "192.0.2.1" }, { "ipv4Address": "192.0.2.2" }] })),
        record("AAAA", "@", &json!({ "TTL": 60, "AAAARecords": [{ "ipv6Address": "2001:DB8::1" }], "targetResource": null })),
        record("cname", "api", &json!({ "CNAMERecord": { "cname": "Menu.Dev.example.com." } })),
        record("TXT", "@", &json!({ "TXTRecords": [{ "value": ["v=spf1"] }] })),
        record("SOA", "@", &json!({})),
    ])
    .await;
    let entry = found.entry(&LIST_RECORD_SETS, &zone.id);
    assert_eq!((entry.outcome, entry.items), (Outcome::Complete, 6), "{}", entry.detail);
    let menu: DnsRecord = facts(&found, "dnszones/dev.example.com/a/menu");
    let expected = DnsRecord {
        zone: zone.id.clone(),
        domain: "menu.dev.example.com".into(),
        r#type: "A".into(),
        ttl: Some(300),
        addresses: vec!["198.51.100.7".into()],
        cname: None,
        alias: Some(alias.to_ascii_lowercase()),
    };
    assert_eq!(menu, expected);
    let www: DnsRecord = facts(&found, "dnszones/dev.example.com/a/www");
    assert_eq!((&*www.domain, www.alias, www.addresses.len()), ("www.dev.example.com", None, 2));
    let apex: DnsRecord = facts(&found, "dnszones/dev.example.com/aaaa/@");
    assert_eq!(
        (&*apex.domain, &*apex.addresses[0], &*apex.r#type),
        ("dev.example.com", "2001:db8::1", "AAAA")
    );
    let api: DnsRecord = facts(&found, "dnszones/dev.example.com/cname/api");
    assert_eq!((&*api.r#type, api.cname.as_deref(), api.ttl), ("CNAME", Some("menu.dev.example.com"), None));
    let txt: DnsRecord = facts(&found, "dnszones/dev.example.com/txt/@");
    assert_eq!((&*txt.domain, txt.addresses.len(), txt.cname), ("dev.example.com", 0, None));
    let resource = found.resource(&id("dnszones/dev.example.com/txt/@"));
    assert_eq!(resource.scope.region, "global");
}

#[tokio::test]
async fn a_record_that_cannot_be_read_makes_its_list_incomplete() {
    let zone = zone(&ZONES, ZONE).await;
    for (odd, member) in [
        (record("A", "odd", &json!({ "TTL": "300" })), "with a `properties.ttl` that can't be one"),
        (record("A", "odd", &json!({ "ARecords": [{}] })), "without `properties.aRecords.ipv4Address`"),
        (
            record("A", "odd", &json!({ "ARecords": ["192.0.2.1"] })),
            "with a `properties.aRecords` that can't be one",
        ),
        (json!({ "id": id(&format!("{ZONE}/A/odd")), "name": "odd" }), "without `type`"),
    ] {
        let found = records(&RECORDS, &zone, &[odd, record("A", "www", &json!({}))]).await;
        let entry = found.entry(&LIST_RECORD_SETS, &zone.id);
        assert_eq!((entry.outcome, entry.items), (Outcome::Failed, 1));
        assert_eq!(entry.detail, format!("answered {member}"));
        assert_eq!(facts::<DnsRecord>(&found, &format!("{ZONE}/A/www")).zone, zone.id);
    }
}

#[tokio::test]
async fn all_pages_of_records_are_read_and_a_page_that_fails_keeps_what_came() {
    let zone = zone(&ZONES, ZONE).await;
    let path = "recordsets?api-version=2018-05-01&$skipToken=2";
    let first = json!({ "value": [record("A", "a", &json!({}))],
        "nextLink": format!("https://management.example.com{}/{path}", zone.id) })
    .to_string();
    let second = list(&record("A", "b", &json!({})).to_string());
    let canned = Canned::new(&[(200, &first), (200, &second)]);
    let found = canned.fetch(&Dns, &RECORDS, Some(&zone), &zone.id).await;
    let entry = found.entry(&LIST_RECORD_SETS, &zone.id);
    assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Complete, 2, 2), "{}", entry.detail);
    let canned =
        Canned::new(&[(200, &first), (403, r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#)]);
    let found = canned.fetch(&Dns, &RECORDS, Some(&zone), &zone.id).await;
    let entry = found.entry(&LIST_RECORD_SETS, &zone.id);
    assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Denied, 1, 1), "{}", entry.detail);
}

#[tokio::test]
async fn private_records_are_read_alike() {
    let zone = zone(&PRIVATE_ZONES, PRIVATE).await;
    let body = json!({ "id": id(&format!("{PRIVATE}/A/db")), "name": "db", "type": "Microsoft.Network/privateDnsZones/A",
        "properties": { "ttl": 10, "fqdn": "db.internal.example.com.", "isAutoRegistered": false,
            "aRecords": [{ "ipv4Address": "10.1.40.4" }] } });
    let found = records(&PRIVATE_RECORDS, &zone, &[body]).await;
    let expected = PrivateDnsRecord {
        zone: zone.id.clone(),
        domain: "db.internal.example.com".into(),
        r#type: "A".into(),
        ttl: Some(10),
        addresses: vec!["10.1.40.4".into()],
        cname: None,
    };
    assert_eq!(facts::<PrivateDnsRecord>(&found, &format!("{PRIVATE}/A/db")), expected);
}

#[tokio::test]
async fn a_private_zone_tells_the_networks_that_ask_it() {
    let zone = zone(&PRIVATE_ZONES, PRIVATE).await;
    let link = |network: &str, state: &str| {
        json!({ "id": id(&format!("{PRIVATE}/virtualNetworkLinks/{network}")), "name": network, "location": "global",
            "properties": { "virtualNetwork": { "id": id(&format!("virtualNetworks/{network}")) },
                "registrationEnabled": false, "virtualNetworkLinkState": state } })
    };
    let links = [link("Core", "Completed"), link("App", "Completed"), link("new", "InProgress")];
    let found = records(&NETWORK_LINKS, &zone, &links).await;
    let networks = facts::<PrivateDnsZone>(&found, PRIVATE).networks;
    assert_eq!(networks.get().expect("known"), &[key("virtualNetworks/app"), key("virtualNetworks/core")]);

    let found = records(&NETWORK_LINKS, &zone, &[json!({ "properties": {} })]).await;
    let gap = facts::<PrivateDnsZone>(&found, PRIVATE).networks.gap().expect("a gap").clone();
    assert_eq!((gap.why, &*gap.detail), (Why::Failed, "answered without `properties.virtualNetwork.id`"));
}
