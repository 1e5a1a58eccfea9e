//! How requests come to pods: ingress classes, ingresses, services and their endpoints.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::list;
use crate::model::call::{Call, Source};
use crate::model::kind::{Fact, Found, Head, Kind, KindMeta};

pub const LIST_INGRESS_CLASSES: Call = list(
    "k8s:ListIngressClasses",
    &["networking.k8s.io/ingressclasses:list"],
    "/apis/networking.k8s.io/v1/ingressclasses",
);
pub const LIST_INGRESSES: Call = list(
    "k8s:ListIngresses",
    &["networking.k8s.io/ingresses:list"],
    "/apis/networking.k8s.io/v1/namespaces/*/ingresses",
);
pub const LIST_SERVICES: Call =
    list("k8s:ListServices", &["core/services:list"], "/api/v1/namespaces/*/services");
pub const LIST_ENDPOINT_SLICES: Call = list(
    "k8s:ListEndpointSlices",
    &["discovery.k8s.io/endpointslices:list"],
    "/apis/discovery.k8s.io/v1/namespaces/*/endpointslices",
);

pub const INGRESS_CLASSES: Source = Source::of(&[&LIST_INGRESS_CLASSES]);
pub const INGRESSES: Source = Source::of(&[&LIST_INGRESSES]);
pub const SERVICES: Source = Source::of(&[&LIST_SERVICES]);
pub const ENDPOINT_SLICES: Source = Source::of(&[&LIST_ENDPOINT_SLICES]).volatile();

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IngressClass {
    /// `k8s.io/ingress-nginx`
    pub controller: Option<String>,
    /// Taken by ingresses that name no class.
    pub default: bool,
}

impl Fact for IngressClass {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::K8sIngressClass,
        name: "k8s.ingress_class",
        about: "An ingress class: which controller serves the ingresses that name it.",
        found: &[Found::Listed(&INGRESS_CLASSES)],
        details: &[],
        global: false,
    };
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ingress {
    /// Id of the namespace.
    pub namespace: String,
    /// `spec.ingressClassName`
    pub class: Option<String>,
    /// The annotation `kubernetes.io/ingress.class`, which controllers still match by themselves.
    pub legacy_class: Option<String>,
    /// All but what tools keep their own copies in.
    pub annotations: BTreeMap<String, String>,
    pub rules: Vec<IngressRule>,
    pub default_backend: Option<Backend>,
    pub tls: Vec<IngressTls>,
    /// Where it is reached, as its status says: host names and addresses, lower case.
    pub addresses: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IngressRule {
    /// Lower case; absent: every host.
    pub host: Option<String>,
    pub paths: Vec<IngressPath>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IngressPath {
    pub path: Option<String>,
    /// `Exact`, `Prefix` or `ImplementationSpecific`.
    pub path_type: String,
    pub backend: Backend,
}

/// Where requests go: a service's port by name or number, or another resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backend {
    pub service: Option<String>,
    pub port_name: Option<String>,
    pub port_number: Option<i64>,
    /// `Kind/name`
    pub resource: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IngressTls {
    /// Lower case.
    pub hosts: Vec<String>,
    /// The name of the secret that holds the certificate; the secret itself is never read.
    pub secret: Option<String>,
}

impl Fact for Ingress {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::K8sIngress,
        name: "k8s.ingress",
        about: "An ingress: which requests go to which services.",
        found: &[Found::Within(Kind::K8sNamespace, &INGRESSES)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        std::iter::once(&self.namespace).chain(&self.addresses).map(String::as_str).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Id of the namespace.
    pub namespace: String,
    /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
    pub r#type: Option<String>,
    /// Empty: its endpoints are nobody's pods, or somebody else's affair.
    pub selector: BTreeMap<String, String>,
    pub ports: Vec<ServicePort>,
    pub external_name: Option<String>,
    /// Where its load balancer is reached: host names and addresses, lower case.
    pub addresses: Vec<String>,
    /// All but what tools keep their own copies in.
    pub annotations: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServicePort {
    pub name: Option<String>,
    pub port: i64,
    pub protocol: Option<String>,
    /// The pods' port by number or name.
    pub target: Option<String>,
    pub node_port: Option<i64>,
}

impl Fact for Service {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::K8sService,
        name: "k8s.service",
        about: "A service: a stable name for pods.",
        found: &[Found::Within(Kind::K8sNamespace, &SERVICES)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        std::iter::once(&self.namespace).chain(&self.addresses).map(String::as_str).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointSlice {
    /// Id of the namespace.
    pub namespace: String,
    /// Id of the service it belongs to, by its label.
    pub service: Option<String>,
    /// `IPv4`, `IPv6` or `FQDN`.
    pub address_type: String,
    pub ports: Vec<EndpointPort>,
    pub endpoints: Vec<Endpoint>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointPort {
    pub name: Option<String>,
    pub port: Option<i64>,
    pub protocol: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    pub addresses: Vec<String>,
    /// Absent means ready, says the API.
    pub ready: Option<bool>,
    pub terminating: Option<bool>,
    /// Id of the pod, where it is one.
    pub pod: Option<String>,
}

impl Fact for EndpointSlice {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::K8sEndpointSlice,
        name: "k8s.endpoint_slice",
        about: "Some of a service's endpoints.",
        found: &[Found::Within(Kind::K8sNamespace, &ENDPOINT_SLICES)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        std::iter::once(&self.namespace).chain(&self.service).map(String::as_str).collect()
    }
    fn key(&self, head: &Head) -> String {
        self.service.clone().unwrap_or_else(|| head.id.clone())
    }
}
