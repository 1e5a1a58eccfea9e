//! Kubernetes: what runs in a cluster. Types only; collectors fill them. Config maps and secrets have none: they are
//! never read. An object's labels stand where other providers' tags do.

pub mod cluster;
pub mod network;
pub mod workload;

use super::call::{Call, Wire};

/// A list of one resource, in a namespace or over the whole cluster. The permission is `group/resource:verb`, the core
/// group called `core`.
const fn list(id: &'static str, permissions: &'static [&'static str], path: &'static str) -> Call {
    Call { id, sdk_service: "Kubernetes", permissions, wire: Wire::Rest(path) }
}

/// `cluster/namespace/kind/name`, or `cluster/kind/name` of what lies in no namespace. No part but the cluster holds a
/// slash.
pub fn id(cluster: &str, namespace: Option<&str>, kind: &str, name: &str) -> String {
    match namespace {
        Some(namespace) => format!("{cluster}/{namespace}/{kind}/{name}"),
        None => format!("{cluster}/{kind}/{name}"),
    }
}
