//! Scenes of a cluster: objects of one namespace by their facts, and which of its lists were answered.

use serde_json::{Value, json};

use super::Scene;
use crate::model::call::Source;
use crate::model::kind::Facet;
use crate::model::kubernetes::cluster::Cluster;
use crate::model::kubernetes::id;
use crate::model::scope::Scope;
use crate::model::seen::{Gap, Why};
use crate::model::snapshot::Outcome;

pub(crate) const CLUSTER: &str = "kubernetes.example.com";
/// Id of the namespace that objects live in.
pub(crate) const NAMESPACE: &str = "kubernetes.example.com/namespace/dev-api";

pub(crate) fn cluster() -> Scope {
    Scope::kubernetes(CLUSTER)
}

/// Id of an object of the namespace.
pub(crate) fn object(kind: &str, name: &str) -> String {
    id(CLUSTER, Some("dev-api"), kind, name)
}

impl Scene {
    /// An object of the namespace; its id by the last word of its kind's name, without underscores.
    pub(crate) fn object<T: Facet>(self, name: &str, facts: &Value) -> Self {
        let facts = with(&json!({ "namespace": NAMESPACE }), facts);
        let facts: T = serde_json::from_value(facts).expect("facts of that kind");
        self.with_in(&cluster(), &object(&segment::<T>(), name), name, facts)
    }

    /// An object that lies in no namespace.
    pub(crate) fn cluster_object<T: Facet>(self, name: &str, facts: &Value) -> Self {
        let facts: T = serde_json::from_value(facts.clone()).expect("facts of that kind");
        self.with_in(&cluster(), &id(CLUSTER, None, &segment::<T>(), name), name, facts)
    }

    /// The API server, asked at this host.
    pub(crate) fn api_server(self, host: &str) -> Self {
        let facts = json!({ "server": host, "certificate_authority": [], "version": "v1.33.1" });
        let facts: Cluster = serde_json::from_value(facts).expect("an API server");
        self.with_in(&cluster(), CLUSTER, CLUSTER, facts)
    }

    /// These lists of the namespace were answered in full.
    pub(crate) fn complete(self, sources: &[&Source]) -> Self {
        let complete =
            |scene: Self, source: &&Source| scene.answered(source, &cluster(), NAMESPACE, Outcome::Complete);
        sources.iter().fold(self, complete)
    }
}

fn segment<T: Facet>() -> String {
    T::META.name.trim_start_matches("k8s.").replace('_', "")
}

/// The gap that asks for a list of the namespace.
pub(crate) fn unread(source: &Source) -> Gap {
    Gap::unread(source.primary(), &cluster(), NAMESPACE)
}

/// The gap where a list of the namespace was denied.
pub(crate) fn denied(source: &Source) -> Gap {
    Gap { why: Why::Denied, ..unread(source) }
}

/// Facts with some of their members changed.
pub(crate) fn with(facts: &Value, changes: &Value) -> Value {
    let mut facts = facts.clone();
    for (name, value) in changes.as_object().expect("members") {
        facts[name] = value.clone();
    }
    facts
}

/// A deployment of one pod, which is there.
pub(crate) fn deployment() -> Value {
    json!({
        "namespace": NAMESPACE, "uid": "uid-api", "generation": 1, "observed_generation": 1,
        "replicas": 1, "pods": 1, "updated": 1, "ready": 1, "available": 1, "paused": false,
        "selector": { "labels": {}, "expressions": [] }, "pod_labels": { "app": "api" },
        "containers": [], "conditions": [],
    })
}

/// An ingress with neither class nor rules.
pub(crate) fn ingress() -> Value {
    json!({
        "namespace": NAMESPACE, "annotations": {}, "rules": [], "tls": [], "addresses": [],
    })
}

/// A service for the pods of `deployment`, on port 80.
pub(crate) fn service() -> Value {
    json!({
        "namespace": NAMESPACE, "type": "ClusterIP", "selector": { "app": "api" },
        "ports": [{ "name": "http", "port": 80 }], "addresses": [], "annotations": {},
    })
}
