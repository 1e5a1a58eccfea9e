//! The API server, its nodes and its namespaces.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::list;
use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Fact, Found, Kind, KindMeta};

pub const GET_VERSION: Call = Call {
    id: "k8s:GetVersion",
    sdk_service: "Kubernetes",
    permissions: &["/version:get"],
    wire: Wire::Rest("/version"),
};
pub const LIST_NAMESPACES: Call = list("k8s:ListNamespaces", &["core/namespaces:list"], "/api/v1/namespaces");
pub const LIST_NODES: Call = list("k8s:ListNodes", &["core/nodes:list"], "/api/v1/nodes");

pub const VERSION: Source = Source::of(&[&GET_VERSION]);
pub const NAMESPACES: Source = Source::of(&[&LIST_NAMESPACES]);
pub const NODES: Source = Source::of(&[&LIST_NODES]).volatile();

/// The API server that was asked. Its id is the cluster's identity, which is the account of all that it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// Host, and port where it is not 443; lower case.
    pub server: String,
    /// The certificates it is trusted by, where the way in names them: base64 of DER, sorted.
    pub certificate_authority: Vec<String>,
    /// `v1.33.1`
    pub version: String,
}

impl Fact for Cluster {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::K8sCluster,
        name: "k8s.cluster",
        about: "A cluster's API server.",
        found: &[Found::Listed(&VERSION)],
        details: &[],
        global: false,
    };
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// `aws:///eu-west-2a/i-0123456789abcdef0`, `azure:///subscriptions/…`.
    pub provider_id: Option<String>,
    /// Its internal addresses.
    pub addresses: Vec<String>,
    /// The Ready condition; absent where it is unknown.
    pub ready: Option<bool>,
    pub zone: Option<String>,
}

impl Fact for Node {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::K8sNode,
        name: "k8s.node",
        about: "A node of a cluster.",
        found: &[Found::Listed(&NODES)],
        details: &[],
        global: false,
    };
    /// By its addresses, which load balancers' targets and pods name.
    fn links(&self) -> Vec<&str> {
        self.addresses.iter().map(String::as_str).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Namespace {
    /// `Active` or `Terminating`.
    pub phase: Option<String>,
}

impl Fact for Namespace {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::K8sNamespace,
        name: "k8s.namespace",
        about: "A namespace.",
        found: &[Found::Listed(&NAMESPACES)],
        details: &[],
        global: false,
    };
}
