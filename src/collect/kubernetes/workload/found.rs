//! Of the API's objects, the members that are read: no variables, commands or volumes.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::members::{Condition, Metadata, addresses};

#[derive(Deserialize)]
pub(super) struct Deployment {
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) spec: DeploymentSpec,
    #[serde(default)]
    pub(super) status: DeploymentStatus,
}

#[derive(Default, Deserialize)]
pub(super) struct DeploymentSpec {
    pub(super) replicas: Option<i64>,
    pub(super) paused: Option<bool>,
    pub(super) selector: Option<Selector>,
    pub(super) template: Option<Template>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeploymentStatus {
    pub(super) observed_generation: Option<i64>,
    pub(super) replicas: Option<i64>,
    pub(super) updated_replicas: Option<i64>,
    pub(super) ready_replicas: Option<i64>,
    pub(super) available_replicas: Option<i64>,
    pub(super) conditions: Option<Vec<Condition>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Selector {
    pub(super) match_labels: Option<BTreeMap<String, String>>,
    pub(super) match_expressions: Option<Vec<Requirement>>,
}

#[derive(Deserialize)]
pub(super) struct Requirement {
    pub(super) key: Option<String>,
    pub(super) operator: Option<String>,
    pub(super) values: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct Template {
    pub(super) metadata: Option<TemplateMetadata>,
    pub(super) spec: Option<PodSpec>,
}

#[derive(Deserialize)]
pub(super) struct TemplateMetadata {
    pub(super) labels: Option<BTreeMap<String, String>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodSpec {
    pub(super) containers: Option<Vec<Container>>,
    pub(super) init_containers: Option<Vec<Container>>,
    pub(super) service_account_name: Option<String>,
    pub(super) node_name: Option<String>,
    pub(super) host_network: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Container {
    pub(super) name: Option<String>,
    pub(super) image: Option<String>,
    pub(super) ports: Option<Vec<ContainerPort>>,
    restart_policy: Option<String>,
}

impl Container {
    /// An init container that is restarted is a sidecar: it runs beside the others, for as long as they do.
    pub(super) fn stays(&self) -> bool {
        self.restart_policy.as_deref() == Some("Always")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContainerPort {
    pub(super) name: Option<String>,
    pub(super) container_port: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct ReplicaSet {
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) spec: ReplicaSetSpec,
    #[serde(default)]
    pub(super) status: ReplicaSetStatus,
}

#[derive(Default, Deserialize)]
pub(super) struct ReplicaSetSpec {
    pub(super) replicas: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReplicaSetStatus {
    pub(super) ready_replicas: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Pod {
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) spec: PodSpec,
    #[serde(default)]
    pub(super) status: PodStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodStatus {
    pub(super) phase: Option<String>,
    pub(super) conditions: Option<Vec<Condition>>,
    #[serde(rename = "podIP")]
    pub(super) pod_ip: Option<String>,
    #[serde(rename = "podIPs")]
    pub(super) pod_ips: Option<Vec<Ip>>,
    #[serde(rename = "hostIP")]
    pub(super) host_ip: Option<String>,
    #[serde(rename = "hostIPs")]
    pub(super) host_ips: Option<Vec<Ip>>,
    pub(super) container_statuses: Option<Vec<ContainerStatus>>,
    pub(super) init_container_statuses: Option<Vec<ContainerStatus>>,
}

#[derive(Deserialize)]
pub(super) struct Ip {
    ip: Option<String>,
}

/// The one address that was there from the first, and all of them, as newer servers tell.
pub(super) fn ips(one: Option<String>, all: Option<Vec<Ip>>) -> Vec<String> {
    addresses(all.into_iter().flatten().filter_map(|it| it.ip).chain(one))
}

#[derive(Deserialize)]
pub(super) struct ContainerStatus {
    pub(super) name: Option<String>,
    #[serde(rename = "imageID")]
    pub(super) image_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ServiceAccount {
    pub(super) metadata: Metadata,
}
