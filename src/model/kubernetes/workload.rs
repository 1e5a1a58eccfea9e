//! What runs: deployments, their replica sets and pods, and the accounts that pods act as.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::list;
use crate::model::call::{Call, Source};
use crate::model::kind::{Fact, Found, Head, Kind, KindMeta};

pub const LIST_DEPLOYMENTS: Call =
    list("k8s:ListDeployments", &["apps/deployments:list"], "/apis/apps/v1/namespaces/*/deployments");
pub const LIST_REPLICA_SETS: Call =
    list("k8s:ListReplicaSets", &["apps/replicasets:list"], "/apis/apps/v1/namespaces/*/replicasets");
pub const LIST_PODS: Call = list("k8s:ListPods", &["core/pods:list"], "/api/v1/namespaces/*/pods");
pub const LIST_SERVICE_ACCOUNTS: Call =
    list("k8s:ListServiceAccounts", &["core/serviceaccounts:list"], "/api/v1/namespaces/*/serviceaccounts");

pub const DEPLOYMENTS: Source = Source::of(&[&LIST_DEPLOYMENTS]).volatile();
pub const REPLICA_SETS: Source = Source::of(&[&LIST_REPLICA_SETS]).volatile();
/// Pods that have not ended.
pub const PODS: Source = Source::of(&[&LIST_PODS]).volatile();
pub const SERVICE_ACCOUNTS: Source = Source::of(&[&LIST_SERVICE_ACCOUNTS]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// Id of the namespace.
    pub namespace: String,
    pub uid: String,
    pub generation: Option<i64>,
    /// The generation that the counts below tell of.
    pub observed_generation: Option<i64>,
    /// How many pods are asked for.
    pub replicas: Option<i64>,
    /// Pods there are, of any template; the API leaves out a zero.
    pub pods: Option<i64>,
    /// Pods of the newest template.
    pub updated: i64,
    pub ready: i64,
    pub available: i64,
    pub paused: bool,
    /// Which pods are its own.
    pub selector: Selector,
    /// Labels that its pods get.
    pub pod_labels: BTreeMap<String, String>,
    pub containers: Vec<Container>,
    /// Absent: the namespace's `default`.
    pub service_account: Option<String>,
    pub conditions: Vec<Condition>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selector {
    pub labels: BTreeMap<String, String>,
    pub expressions: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    pub key: String,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    pub operator: String,
    pub values: Vec<String>,
}

/// A container as a template asks for it. Neither its variables nor its command are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Container {
    pub name: String,
    pub image: Option<String>,
    /// Runs before the others, to its end.
    pub init: bool,
    pub ports: Vec<ContainerPort>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContainerPort {
    pub name: Option<String>,
    pub port: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub r#type: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    pub reason: Option<String>,
}

impl Fact for Deployment {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::K8sDeployment,
        name: "k8s.deployment",
        about: "A deployment.",
        found: &[Found::Within(Kind::K8sNamespace, &DEPLOYMENTS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.namespace]
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplicaSet {
    /// Id of the namespace.
    pub namespace: String,
    pub uid: String,
    /// Uid of the deployment that made it.
    pub deployment: Option<String>,
    /// The deployment's count of its templates: the highest is the newest.
    pub revision: Option<i64>,
    pub replicas: Option<i64>,
    pub ready: i64,
}

impl Fact for ReplicaSet {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::K8sReplicaSet,
        name: "k8s.replica_set",
        about: "A replica set: the pods of one template of a deployment.",
        found: &[Found::Within(Kind::K8sNamespace, &REPLICA_SETS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        std::iter::once(&self.namespace).chain(&self.deployment).map(String::as_str).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pod {
    /// Id of the namespace.
    pub namespace: String,
    /// Uid of the replica set (or whatever else) that made it.
    pub owner: Option<String>,
    /// `Pending`, `Running` or `Unknown`: those that have ended are not read.
    pub phase: Option<String>,
    /// The Ready condition; absent where there is none yet.
    pub ready: Option<bool>,
    /// Told to end.
    pub deleting: bool,
    pub addresses: Vec<String>,
    /// Addresses of the node it runs on.
    pub host_addresses: Vec<String>,
    pub host_network: bool,
    pub node: Option<String>,
    pub service_account: Option<String>,
    pub containers: Vec<RunningContainer>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunningContainer {
    pub name: String,
    pub image: Option<String>,
    /// What was really pulled, with its digest.
    pub image_id: Option<String>,
}

impl Fact for Pod {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::K8sPod,
        name: "k8s.pod",
        about: "A pod that has not ended.",
        found: &[Found::Within(Kind::K8sNamespace, &PODS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        std::iter::once(&self.namespace)
            .chain(&self.owner)
            .chain(&self.addresses)
            .map(String::as_str)
            .collect()
    }
    /// A pod comes and goes: what made it stays longer.
    fn key(&self, head: &Head) -> String {
        self.owner.clone().unwrap_or_else(|| head.id.clone())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceAccount {
    /// Id of the namespace.
    pub namespace: String,
    /// The IAM role it acts as: the annotation `eks.amazonaws.com/role-arn`.
    pub aws_role: Option<String>,
    /// The Azure identity it acts as: the annotation `azure.workload.identity/client-id`.
    pub azure_client: Option<String>,
}

impl Fact for ServiceAccount {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::K8sServiceAccount,
        name: "k8s.service_account",
        about: "An account that pods act as.",
        found: &[Found::Within(Kind::K8sNamespace, &SERVICE_ACCOUNTS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.namespace]
    }
}
