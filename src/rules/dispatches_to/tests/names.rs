//! Backends that are told by name.

use super::*;
use crate::model::azure::dns::{PRIVATE_RECORDS, PrivateDnsRecord, PrivateDnsZone};
use crate::model::snapshot::Outcome;

fn by_name() -> Scene {
    scene(&json!({ "pools": pool(&[], &["nginx.internal.example.com"], &[]) }))
}

/// The name's zone, linked to this network.
fn zoned(scene: Scene, of: &str) -> Scene {
    let zone = network("privatednszones/internal.example.com");
    let linked = network(&format!("virtualnetworks/{of}"));
    let facts = json!({ "domain": "internal.example.com", "networks": [linked] });
    let record = json!({
        "zone": zone, "domain": "nginx.internal.example.com", "type": "A", "addresses": ["10.1.0.9"],
    });
    scene
        .arm::<PrivateDnsZone>(&zone, &facts)
        .arm::<PrivateDnsRecord>(&format!("{zone}/a/nginx"), &record)
        .asked(&PRIVATE_RECORDS, &zone, Outcome::Complete)
}

#[test]
fn a_name_is_looked_up_in_the_gateways_network() {
    let listed = || by_name().inventoried(&[Kind::PrivateDnsZone]);
    let found = dispatched(zoned(listed(), "core"));
    assert_eq!(found[0].0, lb());
    assert_eq!(found[0].1["address"], "nginx.internal.example.com");
    assert_eq!(ends(zoned(listed(), "other")), ["! nginx.internal.example.com"]);
    assert_eq!(ends(listed()), ["! nginx.internal.example.com"]);
    assert_eq!(ends(by_name()), ["? azure:ListPrivateDnsZones"]);
}

#[test]
fn it_is_taken_for_granted_that_azure_answers_names() {
    let snapshot = zoned(by_name().inventoried(&[Kind::PrivateDnsZone]), "core").snapshot();
    let edges = edges(&DispatchesTo, &World::new(&snapshot), Kind::ApplicationGateway, &id());
    assert_eq!(edges.found[0].assumptions.len(), 1);
}
