use serde_json::Value;

use super::*;
use crate::model::azure::dns::{NETWORK_LINKS, PRIVATE_RECORDS};
use crate::model::snapshot::Outcome;
use crate::rules::testing::Scene;
use crate::rules::testing::azure::{SUBSCRIPTION, network, unasked, unlisted as asks_for};

fn hub() -> String {
    network("virtualnetworks/hub")
}

fn zone_id(domain: &str) -> String {
    network(&format!("privatednszones/{domain}"))
}

fn listed() -> Scene {
    Scene::new().inventoried(&[Kind::PrivateDnsZone])
}

trait Private {
    fn zone(self, domain: &str, networks: &[String]) -> Self;
    fn record(self, zone: &str, domain: &str, r#type: &str, more: &Value) -> Self;
}

impl Private for Scene {
    fn zone(self, domain: &str, networks: &[String]) -> Self {
        let facts = json!({ "domain": domain, "networks": networks });
        let scene = self.arm::<PrivateDnsZone>(&zone_id(domain), &facts);
        scene.asked(&PRIVATE_RECORDS, &zone_id(domain), Outcome::Complete)
    }

    fn record(self, zone: &str, domain: &str, r#type: &str, more: &Value) -> Self {
        let mut facts = json!({ "zone": zone_id(zone), "domain": domain, "type": r#type, "addresses": [] });
        for (name, value) in more.as_object().expect("members") {
            facts[name] = value.clone();
        }
        self.arm::<PrivateDnsRecord>(&format!("{}/{type}/{domain}", zone_id(zone)), &facts)
    }
}

fn address(address: &str) -> Value {
    json!({ "addresses": [address] })
}

/// What `api.example.com` is answered with in the hub: addresses, or the name that nobody here answers.
fn told(scene: Scene) -> Result<String, Gap> {
    let snapshot = scene.snapshot();
    let answer = look_up("api.example.com", &hub(), &World::new(&snapshot))?;
    Ok(if answer.addresses.is_empty() { answer.name } else { answer.addresses.join(" ") })
}

#[test]
fn the_linked_zone_answers() {
    let found = listed().zone("example.com", &[hub()]);
    let found = found.record("example.com", "api.example.com", "A", &address("10.1.0.9"));
    assert_eq!(told(found), Ok("10.1.0.9".to_owned()));
    let wild = listed().zone("example.com", &[hub()]);
    let wild = wild.record("example.com", "*.example.com", "A", &address("10.1.0.9"));
    assert_eq!(told(wild), Ok("10.1.0.9".to_owned()));
}

#[test]
fn a_zone_that_is_linked_to_another_network_answers_nobody_here() {
    let found = listed().zone("example.com", &[network("virtualnetworks/spoke")]);
    let found = found.record("example.com", "api.example.com", "A", &address("10.1.0.9"));
    assert_eq!(told(found), Ok("api.example.com".to_owned()));
}

#[test]
fn the_longest_zone_answers_even_with_nothing() {
    let found = listed().zone("example.com", &[hub()]).zone("api.example.com", &[hub()]);
    let found = found.record("example.com", "api.example.com", "A", &address("10.1.0.9"));
    assert_eq!(told(found), Ok("api.example.com".to_owned()));
}

#[test]
fn names_for_names_are_followed_and_circles_end() {
    let found = listed().zone("example.com", &[hub()]);
    let cname = json!({ "cname": "lb.internal.example.com" });
    let found = found.record("example.com", "api.example.com", "CNAME", &cname);
    let further = found.zone("internal.example.com", &[hub()]);
    let further =
        further.record("internal.example.com", "lb.internal.example.com", "A", &address("10.1.0.9"));
    assert_eq!(told(further), Ok("10.1.0.9".to_owned()));
    let circle = listed().zone("example.com", &[hub()]);
    let cname = json!({ "cname": "api.example.com" });
    let circle = circle.record("example.com", "api.example.com", "CNAME", &cname);
    assert_eq!(told(circle), Ok("api.example.com".to_owned()));
}

#[test]
fn what_is_unread_may_answer() {
    assert_eq!(told(Scene::new()), Err(asks_for(Kind::PrivateDnsZone, SUBSCRIPTION)));
    let gap = unasked(&NETWORK_LINKS, &zone_id("example.com"));
    let facts = json!({ "domain": "example.com", "networks": { "$gap": gap } });
    let unlinked = listed().arm::<PrivateDnsZone>(&zone_id("example.com"), &facts);
    assert_eq!(told(unlinked), Err(gap));
    let facts = json!({ "domain": "example.com", "networks": [hub()] });
    let unread = listed().arm::<PrivateDnsZone>(&zone_id("example.com"), &facts);
    assert_eq!(told(unread), Err(unasked(&PRIVATE_RECORDS, &zone_id("example.com"))));
}

#[test]
fn without_a_zone_a_name_is_public() {
    assert_eq!(told(listed().zone("example.net", &[hub()])), Ok("api.example.com".to_owned()));
}
