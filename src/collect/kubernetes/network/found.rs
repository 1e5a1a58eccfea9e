//! Of the API's objects, the members that are read.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::members::{Metadata, addresses};

#[derive(Deserialize)]
pub(super) struct Class {
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) spec: ClassSpec,
}

#[derive(Default, Deserialize)]
pub(super) struct ClassSpec {
    pub(super) controller: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Ingress {
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) spec: IngressSpec,
    #[serde(default)]
    pub(super) status: Status,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IngressSpec {
    pub(super) ingress_class_name: Option<String>,
    pub(super) default_backend: Option<Backend>,
    pub(super) rules: Option<Vec<Rule>>,
    pub(super) tls: Option<Vec<Tls>>,
}

#[derive(Deserialize)]
pub(super) struct Rule {
    pub(super) host: Option<String>,
    pub(super) http: Option<Http>,
}

#[derive(Deserialize)]
pub(super) struct Http {
    pub(super) paths: Option<Vec<Route>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Route {
    pub(super) path: Option<String>,
    pub(super) path_type: Option<String>,
    pub(super) backend: Option<Backend>,
}

#[derive(Deserialize)]
pub(super) struct Backend {
    pub(super) service: Option<BackendService>,
    pub(super) resource: Option<Reference>,
}

#[derive(Deserialize)]
pub(super) struct BackendService {
    pub(super) name: Option<String>,
    pub(super) port: Option<BackendPort>,
}

#[derive(Default, Deserialize)]
pub(super) struct BackendPort {
    pub(super) name: Option<String>,
    pub(super) number: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Reference {
    pub(super) kind: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tls {
    pub(super) hosts: Option<Vec<String>>,
    pub(super) secret_name: Option<String>,
}

/// Of an ingress and of a service alike.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    load_balancer: Option<LoadBalancer>,
}

#[derive(Deserialize)]
struct LoadBalancer {
    ingress: Option<Vec<Address>>,
}

#[derive(Deserialize)]
struct Address {
    hostname: Option<String>,
    ip: Option<String>,
}

impl Status {
    pub(super) fn addresses(self) -> Vec<String> {
        let all = self.load_balancer.and_then(|balancer| balancer.ingress).unwrap_or_default();
        addresses(all.into_iter().flat_map(|address| [address.hostname, address.ip]).flatten())
    }
}

#[derive(Deserialize)]
pub(super) struct Service {
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) spec: ServiceSpec,
    #[serde(default)]
    pub(super) status: Status,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServiceSpec {
    pub(super) r#type: Option<String>,
    pub(super) selector: Option<BTreeMap<String, String>>,
    pub(super) ports: Option<Vec<ServicePort>>,
    pub(super) external_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServicePort {
    pub(super) name: Option<String>,
    pub(super) port: Option<i64>,
    pub(super) protocol: Option<String>,
    pub(super) target_port: Option<Port>,
    pub(super) node_port: Option<i64>,
}

/// By number or by name.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Port {
    Number(i64),
    Name(String),
}

impl Port {
    pub(super) fn text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Name(name) => name,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Slice {
    pub(super) metadata: Metadata,
    pub(super) address_type: Option<String>,
    pub(super) ports: Option<Vec<SlicePort>>,
    pub(super) endpoints: Option<Vec<Endpoint>>,
}

#[derive(Deserialize)]
pub(super) struct SlicePort {
    pub(super) name: Option<String>,
    pub(super) port: Option<i64>,
    pub(super) protocol: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Endpoint {
    pub(super) addresses: Option<Vec<String>>,
    pub(super) conditions: Option<Conditions>,
    pub(super) target_ref: Option<Reference>,
}

#[derive(Default, Deserialize)]
pub(super) struct Conditions {
    pub(super) ready: Option<bool>,
    pub(super) terminating: Option<bool>,
}
