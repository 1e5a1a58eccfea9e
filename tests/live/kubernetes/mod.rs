//! The EKS design's environment: an account, and the API server of its cluster.

mod asking;
pub(crate) mod both;
mod closed;
mod commands;
mod crossing;
mod entering;
mod moving;
mod pages;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::report::Report;

/// What leads from the cluster into the account, or is found by that, at every level.
const CROSSING: [&str; 13] = [
    "edge.deployment-database",
    "edge.deployment-may-pull",
    "edge.deployment-registry",
    "edge.ingress-internal",
    "edge.namespace-cluster",
    "node.deployment/from-ecr",
    "node.registry",
    "node.registry/immutable",
    "node.registry/lifecycle",
    "node.registry/owned",
    "node.registry/scanned",
    "path.data",
    "path.ingress",
];
/// What only the API server tells.
const WITHIN: [&str; 17] = [
    "edge.ingress-service",
    "edge.service-deployment",
    "node.deployment",
    "node.deployment/app-owned",
    "node.deployment/available",
    "node.ingress",
    "node.ingress/app-owned",
    "node.ingress/backends",
    "node.ingress/class",
    "node.ingress/every-host",
    "node.ingress/redirects",
    "node.ingress/tls",
    "node.ingress/unique",
    "node.namespace",
    "node.namespace/active",
    "node.service",
    "node.service/app-owned",
];

/// The checks that are judged otherwise, all of them so.
fn changed(before: &Report, after: &Report, status: &str) -> BTreeSet<String> {
    let (before, after) = (before.checks(), after.checks());
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "no check comes or goes");
    let changed = before.into_iter().filter(|(check, was)| after[check] != *was);
    let changed = changed.map(|(check, was)| {
        assert_eq!(after[&check], status, "{check} was {was}");
        check
    });
    changed.collect()
}

fn named<const N: usize>(checks: [&str; N]) -> BTreeSet<String> {
    checks.into_iter().map(str::to_owned).collect()
}

/// The one object of a kind and name among the emulated ones.
fn object(objects: &Value, kind: &str, of: impl Fn(&str) -> bool) -> Value {
    let objects = objects.as_array().expect("a list").iter();
    let mut fitting = objects.filter(|it| it["kind"] == kind && it["metadata"]["namespace"] == "dev-api");
    let name = |it: &&Value| of(it["metadata"]["name"].as_str().expect("a name"));
    fitting.find(name).expect("it is there").clone()
}
