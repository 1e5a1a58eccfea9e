use serde_json::Value;

use super::*;
use crate::model::azure::dns::RECORDS;
use crate::model::azure::gateway::GATEWAY;
use crate::model::snapshot::Outcome;
use crate::rules::resolves_to::ResolvesTo;
use crate::rules::testing::azure::{
    FOREIGN, SUBSCRIPTION, arm, gateway, network, unasked, unlisted as asks_for,
};
use crate::rules::testing::{Scene, edges};

const ADDRESS: &str = "203.0.113.9";
const FQDN: &str = "core.westeurope.cloudapp.azure.com";

fn zone(domain: &str) -> String {
    network(&format!("dnszones/{domain}"))
}

fn record_id(r#type: &str, name: &str) -> String {
    format!("{}/{type}/{name}", zone("example.com"))
}

fn ip() -> String {
    network("publicipaddresses/agw")
}

fn gateway_id() -> String {
    network("applicationgateways/agw")
}

trait Dns {
    fn zone(self, domain: &str) -> Self;
    fn record(self, r#type: &str, name: &str, more: &Value) -> Self;
    fn gateway(self, public_ip: &str) -> Self;
    fn all_listed(self) -> Self;
}

impl Dns for Scene {
    fn zone(self, domain: &str) -> Self {
        let scene = self.arm::<DnsZone>(&zone(domain), &json!({ "domain": domain }));
        scene.asked(&RECORDS, &zone(domain), Outcome::Complete)
    }

    /// In `example.com`.
    fn record(self, r#type: &str, name: &str, more: &Value) -> Self {
        let domain = format!("{name}.example.com");
        let mut facts =
            json!({ "zone": zone("example.com"), "domain": domain, "type": r#type, "addresses": [] });
        for (name, value) in more.as_object().expect("members") {
            facts[name] = value.clone();
        }
        self.arm::<DnsRecord>(&record_id(&r#type.to_lowercase(), name), &facts)
    }

    /// A gateway whose frontend has this public IP, and the public IP that the gateway uses.
    fn gateway(self, public_ip: &str) -> Self {
        let used_by = format!("{}/frontendipconfigurations/public", gateway_id());
        let facts = json!({ "address": ADDRESS, "fqdn": FQDN, "used_by": used_by });
        let frontends = json!({ "frontends": [{ "name": "public", "public_ip": public_ip }] });
        self.arm::<PublicIp>(&ip(), &facts).arm::<ApplicationGateway>(&gateway_id(), &gateway(&frontends))
    }

    fn all_listed(self) -> Self {
        self.inventoried(&[Kind::PublicIp, Kind::AzureDnsZone, Kind::ApplicationGateway])
    }
}

fn scene() -> Scene {
    Scene::new().zone("example.com")
}

fn alias(id: &str) -> Value {
    json!({ "alias": id, "addresses": [ADDRESS] })
}

/// The ends of `app.example.com`, as texts, and whether they are reached by aliases alone.
fn resolved(scene: Scene, r#type: &str) -> Vec<(String, bool)> {
    let snapshot = scene.snapshot();
    let world = World::new(&snapshot);
    let edges = edges(&ResolvesTo, &world, Kind::AzureDnsRecord, &record_id(r#type, "app"));
    let unread = |gap: &Gap| {
        edges.found.iter().any(|edge| matches!(&edge.to, End::Unread { gap: own, .. } if own == gap))
    };
    assert!(edges.gaps.iter().all(unread), "{:?}", edges.gaps);
    let ends = edges.found.iter().filter(|edge| matches!(edge.to, End::Unread { .. })).count();
    assert_eq!(edges.gaps.is_empty(), ends == 0, "what is not read may lead anywhere");
    let told = |edge: &Edge<'_>| {
        assert_eq!(edge.attribute("weight"), &Ok(json!(1)));
        let kind = edge.to.kind().map_or("", Kind::name);
        (edge.end(|gap| format!("{kind} {}", gap.call)), edge.attribute("alias") == &Ok(json!(true)))
    };
    edges.found.iter().map(told).collect()
}

fn one(end: impl Into<String>, alias: bool) -> Vec<(String, bool)> {
    vec![(end.into(), alias)]
}

#[test]
fn alias_address_and_name_lead_to_the_gateway_that_uses_the_public_ip() {
    let with = |r#type: &str, more: &Value| {
        resolved(scene().gateway(&ip()).record(r#type, "app", more), &r#type.to_lowercase())
    };
    assert_eq!(with("A", &alias(&ip())), one(gateway_id(), true));
    assert_eq!(with("A", &json!({ "addresses": [ADDRESS] })), one(gateway_id(), false));
    assert_eq!(with("AAAA", &alias(&ip())), one(gateway_id(), true));
    assert_eq!(with("CNAME", &json!({ "cname": FQDN })), one(gateway_id(), false));
    assert_eq!(with("TXT", &json!({})), []);
}

#[test]
fn each_of_several_addresses_is_an_edge() {
    let both = json!({ "addresses": [ADDRESS, "198.51.100.1"] });
    let found = resolved(scene().gateway(&ip()).all_listed().record("A", "app", &both), "a");
    assert_eq!(found, [(gateway_id(), false), ("! 198.51.100.1".to_owned(), false)]);
}

#[test]
fn an_address_that_the_gateway_does_not_have_is_not_its() {
    let other = network("publicipaddresses/other");
    let found = resolved(scene().gateway(&other).record("A", "app", &alias(&ip())), "a");
    assert_eq!(found, one("! agw: not an address of agw, which it names", true));
}

#[test]
fn who_uses_the_address_is_told_where_it_is_no_gateway() {
    let used = |used_by: Value| {
        let scene = scene().arm::<PublicIp>(&ip(), &json!({ "address": ADDRESS, "used_by": used_by }));
        resolved(scene.record("A", "app", &alias(&ip())), "a")
    };
    let balancer = network("loadbalancers/lb/frontendipconfigurations/public");
    assert_eq!(used(json!(balancer)), one(format!("! {balancer}"), true));
    assert_eq!(used(Value::Null), one("! agw: used by nothing", true));
}

#[test]
fn an_unread_public_ip_or_gateway_is_no_absent_one() {
    let aliased = || scene().record("A", "app", &alias(&ip()));
    let unread = |kind: Kind| format!("? azure.application_gateway {}", asks_for(kind, SUBSCRIPTION).call);
    assert_eq!(resolved(aliased(), "a"), one(unread(Kind::PublicIp), true));
    let gone = format!("! {}: no such azure.public_ip", ip());
    assert_eq!(resolved(aliased().all_listed(), "a"), one(gone, true));
    let plain = || scene().record("A", "app", &json!({ "addresses": [ADDRESS] }));
    assert_eq!(resolved(plain(), "a"), one(unread(Kind::PublicIp), false));
    assert_eq!(resolved(plain().all_listed(), "a"), one(format!("! {ADDRESS}"), false));
    let far = arm(FOREIGN, "core", "microsoft.network/publicipaddresses/agw");
    let foreign = scene().all_listed().record("A", "app", &alias(&far));
    assert_eq!(resolved(foreign, "a"), one(unread(Kind::PublicIp), true), "nobody scans that subscription");
    let used_by = format!("{}/frontendipconfigurations/public", gateway_id());
    let used = || aliased().arm::<PublicIp>(&ip(), &json!({ "address": ADDRESS, "used_by": used_by }));
    assert_eq!(resolved(used(), "a"), one(unread(Kind::ApplicationGateway), true));
    let gone = format!("! {}: no such azure.application_gateway", gateway_id());
    assert_eq!(resolved(used().all_listed(), "a"), one(gone, true));
    let gap = unasked(&GATEWAY, &gateway_id());
    let listed_alone = json!({ "properties": { "$gap": gap }, "health": [] });
    let by_its_name = used().arm::<ApplicationGateway>(&gateway_id(), &listed_alone);
    assert_eq!(resolved(by_its_name, "a"), one(gateway_id(), true), "the address says whose it is");
}

#[test]
fn names_are_followed_through_the_zones_of_the_env() {
    let edge = scene().gateway(&ip()).record("A", "edge", &alias(&ip()));
    let named = edge.record("CNAME", "app", &json!({ "cname": "edge.example.com" }));
    assert_eq!(resolved(named, "cname"), one(gateway_id(), false));
    let aliased = scene().gateway(&ip()).record("A", "edge", &alias(&ip()));
    let aliased = aliased.record("A", "app", &alias(&record_id("a", "edge")));
    assert_eq!(resolved(aliased, "a"), one(gateway_id(), true));
    let wild = scene().gateway(&ip()).record("A", "*", &alias(&ip()));
    let wild = wild.record("CNAME", "app", &json!({ "cname": "edge.example.com" }));
    assert_eq!(resolved(wild, "cname"), one(gateway_id(), false), "a wildcard answers for it");
}

#[test]
fn what_leads_out_of_the_env_is_outside_once_all_is_read() {
    let profile = network("trafficmanagerprofiles/tm");
    let managed = scene().record("A", "app", &alias(&profile));
    assert_eq!(resolved(managed, "a"), one("! microsoft.network/trafficmanagerprofiles/tm", true));
    let named = || scene().record("CNAME", "app", &json!({ "cname": "app.azurefd.net" }));
    let gap = asks_for(Kind::AzureDnsZone, SUBSCRIPTION).call;
    assert_eq!(resolved(named(), "cname"), one(format!("? azure.application_gateway {gap}"), false));
    assert_eq!(resolved(named().all_listed(), "cname"), one("! app.azurefd.net", false));
    let lost = scene().record("CNAME", "app", &json!({ "cname": "edge.example.com" }));
    assert_eq!(resolved(lost, "cname"), one("! edge.example.com", false));
    let gone = format!("! {}: no such azure.dns_record", record_id("a", "edge"));
    assert_eq!(resolved(scene().record("A", "app", &alias(&record_id("a", "edge"))), "a"), one(gone, true));
}

#[test]
fn circles_and_long_chains_end() {
    let circle = scene().record("CNAME", "b", &json!({ "cname": "app.example.com" }));
    let circle = circle.record("CNAME", "app", &json!({ "cname": "b.example.com" }));
    assert_eq!(resolved(circle, "cname"), one("! app.example.com", false));
    let mut long = scene().gateway(&ip()).record("CNAME", "app", &json!({ "cname": "h1.example.com" }));
    for n in 1..=MOST_HOPS {
        long = long.record("CNAME", &format!("h{n}"), &json!({ "cname": format!("h{}.example.com", n + 1) }));
    }
    let long = long.record("A", &format!("h{}", MOST_HOPS + 1), &alias(&ip()));
    assert_eq!(resolved(long, "cname"), one(format!("! h{MOST_HOPS}.example.com"), false));
}

#[test]
fn what_is_delegated_is_answered_elsewhere() {
    let handed = scene().gateway(&ip()).record("A", "app", &alias(&ip())).record("NS", "app", &json!({}));
    assert_eq!(resolved(handed, "a"), one("! the name servers of app.example.com", true));
    let child = |scene: Scene| {
        let facts = json!({
            "zone": zone("dev.example.com"), "domain": "api.dev.example.com", "type": "A", "addresses": [ADDRESS],
        });
        let scene = scene.zone("dev.example.com").gateway(&ip());
        let scene = scene.arm::<DnsRecord>(&format!("{}/a/api", zone("dev.example.com")), &facts);
        resolved(scene.record("CNAME", "app", &json!({ "cname": "api.dev.example.com" })), "cname")
    };
    assert_eq!(child(scene()), one("! api.dev.example.com", false), "nobody is led to that zone");
    assert_eq!(child(scene().record("NS", "dev", &json!({}))), one(gateway_id(), false));
}

#[test]
fn unread_records_may_hand_the_name_on() {
    let scene = Scene::new().arm::<DnsZone>(&zone("example.com"), &json!({ "domain": "example.com" }));
    let snapshot = scene.gateway(&ip()).record("A", "app", &alias(&ip())).snapshot();
    let world = World::new(&snapshot);
    let edges = edges(&ResolvesTo, &world, Kind::AzureDnsRecord, &record_id("a", "app"));
    assert_eq!(edges.found.len(), 1);
    assert_eq!(edges.gaps, [unasked(&RECORDS, &zone("example.com"))]);
}
