//! Scenes of Azure: resources by their ids, which say where they lie, and which lists were answered.

use serde_json::{Value, json};

use super::Scene;
use super::kubernetes::with;
use crate::model::azure;
use crate::model::call::Source;
use crate::model::kind::{Facet, Kind};
use crate::model::scope::Scope;
use crate::model::seen::Gap;
use crate::model::snapshot::Outcome;

/// The main subscription.
pub(crate) const SUBSCRIPTION: &str = "11111111-1111-1111-1111-111111111111";
/// Scanned too, in the role `dns`.
pub(crate) const SHARED: &str = "99999999-9999-9999-9999-999999999999";
/// Known by the ids of its resources alone.
pub(crate) const FOREIGN: &str = "22222222-2222-2222-2222-222222222222";

/// Id of a resource of the main subscription's group `core`: `network("loadbalancers/lb")`.
pub(crate) fn network(path: &str) -> String {
    arm(SUBSCRIPTION, "core", &format!("microsoft.network/{path}"))
}

pub(crate) fn arm(subscription: &str, group: &str, path: &str) -> String {
    format!("/subscriptions/{subscription}/resourcegroups/{group}/providers/{path}")
}

impl Scene {
    /// A resource of Azure, called by the end of its id; `group` need not be told.
    pub(crate) fn arm<T: Facet>(self, id: &str, facts: &Value) -> Self {
        let schema = T::META.kind.schema();
        let has_group = schema.get("properties").is_some_and(|fields| fields.get("group").is_some());
        let group = if has_group { json!({ "group": azure::group(id) }) } else { json!({}) };
        let facts: T = serde_json::from_value(with(&group, facts)).expect("facts of that kind");
        let scope = Scope::azure(azure::subscription(id).expect("the id of a resource"));
        let name = id.rsplit('/').next().unwrap_or(id);
        self.with_in(&scope.in_region("westeurope"), id, name, facts)
    }

    /// The lists of these kinds were answered in full, in all subscriptions that are scanned.
    pub(crate) fn inventoried(self, kinds: &[Kind]) -> Self {
        let complete = |scene: Self, (kind, subscription): (&Kind, &str)| {
            let source = kind.meta().listed().expect("a kind that is listed over a scope");
            scene.answered(source, &Scope::azure(subscription), "", Outcome::Complete)
        };
        let asked = kinds.iter().flat_map(|kind| [(kind, SUBSCRIPTION), (kind, SHARED)]);
        asked.fold(self, complete)
    }

    /// What is asked about one resource ended so.
    pub(crate) fn asked(self, source: &Source, id: &str, outcome: Outcome) -> Self {
        let scope = Scope::azure(azure::subscription(id).expect("the id of a resource"));
        self.answered(source, &scope, id, outcome)
    }
}

/// The gap that asks for a kind over a subscription.
pub(crate) fn unlisted(kind: Kind, subscription: &str) -> Gap {
    let source = kind.meta().listed().expect("a kind that is listed over a scope");
    Gap::unread(source.primary(), &Scope::azure(subscription), "")
}

/// The gap that asks about one resource.
pub(crate) fn unasked(source: &Source, id: &str) -> Gap {
    let scope = Scope::azure(azure::subscription(id).expect("the id of a resource"));
    Gap::unread(source.primary(), &scope, id)
}

/// A virtual network that is peered with others, by their ids, and reaches them.
pub(crate) fn virtual_network(peers: &[&str]) -> Value {
    let peering =
        |peer: &&str| json!({ "name": peer, "network": peer, "state": "Connected", "access": true });
    let peerings: Vec<Value> = peers.iter().map(peering).collect();
    json!({ "state": "Succeeded", "prefixes": ["10.1.0.0/16"], "peerings": peerings })
}

/// An internal load balancer with one frontend, `internal`.
pub(crate) fn internal_balancer(subnet: &str, address: &str) -> Value {
    balancer(&json!({ "name": "internal", "address": address, "subnet": subnet }))
}

/// A public load balancer with one frontend, `public`.
pub(crate) fn public_balancer(public_ip: &str) -> Value {
    balancer(&json!({ "name": "public", "public_ip": public_ip }))
}

fn balancer(frontend: &Value) -> Value {
    json!({ "state": "Succeeded", "sku": "Standard", "frontends": [frontend], "rules": [], "pools": [] })
}

/// A gateway with these properties; those that are not named are empty.
pub(crate) fn gateway(properties: &Value) -> Value {
    let empty = json!({
        "subnets": [], "frontends": [], "listeners": [], "rules": [], "path_maps": [], "pools": [],
        "settings": [], "probes": [], "redirects": [], "certificates": [],
    });
    json!({ "properties": with(&empty, properties), "health": [] })
}

/// A cluster with these properties; those that are not named are empty.
pub(crate) fn aks(properties: &Value) -> Value {
    let empty = json!({ "identities": [], "pools": [], "addons": [], "authorized_ranges": [] });
    json!({ "properties": with(&empty, properties) })
}

/// A node pool in a subnet, or in a network of Azure's making.
pub(crate) fn node_pool(subnet: Option<&str>) -> Value {
    json!({ "name": "nodes", "zones": [], "subnet": subnet })
}
