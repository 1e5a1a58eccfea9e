//! Kubernetes Service and Container Registry.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::authorization::{LIST_PERMISSIONS, ROLE_ASSIGNMENTS, RoleAssignment};
use super::{get, inventory};
use crate::model::call::{Call, Source};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

pub const LIST_MANAGED_CLUSTERS: Call = inventory(
    "azure:ListManagedClusters",
    &["Microsoft.Resources/subscriptions/resources/read", "Microsoft.ContainerService/managedClusters/read"],
    "resourceType eq 'Microsoft.ContainerService/managedClusters'",
);
pub const GET_MANAGED_CLUSTER: Call = get(
    "azure:GetManagedCluster",
    &["Microsoft.ContainerService/managedClusters/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.ContainerService/managedClusters/*",
    &["2024-02-01", "2022-02-01"],
);
pub const LIST_REGISTRIES: Call = inventory(
    "azure:ListRegistries",
    &["Microsoft.Resources/subscriptions/resources/read", "Microsoft.ContainerRegistry/registries/read"],
    "resourceType eq 'Microsoft.ContainerRegistry/registries'",
);
pub const GET_REGISTRY: Call = get(
    "azure:GetRegistry",
    &["Microsoft.ContainerRegistry/registries/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.ContainerRegistry/registries/*",
    // Those before the first tell no role mode: it was not there to be chosen.
    &["2025-11-01", "2023-07-01", "2021-09-01"],
);

pub const CLUSTERS: Source = Source::of(&[&LIST_MANAGED_CLUSTERS, &LIST_PERMISSIONS]);
pub const CLUSTER: Source = Source::of(&[&GET_MANAGED_CLUSTER]);
pub const REGISTRIES: Source = Source::of(&[&LIST_REGISTRIES, &LIST_PERMISSIONS]);
pub const REGISTRY: Source = Source::of(&[&GET_REGISTRY]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AksCluster {
    /// Name of its resource group, lower case.
    pub group: String,
    pub properties: Seen<AksProperties>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AksProperties {
    /// `Succeeded`, `Updating`, `Failed`, ….
    pub state: Option<String>,
    /// `Running` or `Stopped`.
    pub power: Option<String>,
    pub version: Option<String>,
    /// `Free`, `Standard` or `Premium`.
    pub tier: Option<String>,
    /// Host of the API server, lower case; absent where it is private alone.
    pub fqdn: Option<String>,
    /// Host of the private API server, lower case.
    pub private_fqdn: Option<String>,
    /// Name of the group that holds its nodes and load balancers, lower case.
    pub node_group: Option<String>,
    pub rbac: Option<bool>,
    /// Absent where ARM does not say.
    pub oidc_issuer_enabled: Option<bool>,
    /// Without its scheme.
    pub oidc_issuer: Option<String>,
    pub workload_identity: Option<bool>,
    /// `azure`, `kubenet` or `none`.
    pub network_plugin: Option<String>,
    /// `azure`, `calico`, `cilium`; absent: none.
    pub network_policy: Option<String>,
    /// `loadBalancer`, `userDefinedRouting`, ….
    pub outbound: Option<String>,
    /// `SystemAssigned` or `UserAssigned`.
    pub identity_type: Option<String>,
    /// Object ids of the identities that the control plane acts as, lower case.
    pub identities: Vec<String>,
    /// What nodes pull images as.
    pub kubelet: Option<KubeletIdentity>,
    pub pools: Vec<AgentPool>,
    /// Names of the add-ons that are on, as Azure writes them (`omsagent`).
    pub addons: Vec<String>,
    /// Id of the workspace that the monitoring add-on, or the security profile, writes to; lower case.
    pub workspace: Option<String>,
    pub private: Option<bool>,
    /// Who may reach the API server; empty: everybody.
    pub authorized_ranges: Vec<String>,
    pub local_accounts_disabled: Option<bool>,
    /// Entra ID logs people in.
    pub entra: Option<bool>,
    /// Azure's roles say what they may do.
    pub azure_rbac: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KubeletIdentity {
    /// Id of the managed identity, lower case.
    pub id: Option<String>,
    /// Lower case.
    pub object: String,
    /// Lower case.
    pub client: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentPool {
    pub name: String,
    /// `System` or `User`.
    pub mode: Option<String>,
    pub state: Option<String>,
    /// `Running` or `Stopped`.
    pub power: Option<String>,
    pub count: Option<i64>,
    pub autoscaling: Option<bool>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub size: Option<String>,
    pub os: Option<String>,
    pub zones: Vec<String>,
    /// Id, lower case; absent: a network that Azure made in the node group.
    pub subnet: Option<String>,
    /// Every node has a public address of its own; absent where that was not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_public_ip: Option<bool>,
}

impl Fact for AksCluster {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::AksCluster,
        name: "azure.aks_cluster",
        about: "An AKS cluster.",
        found: &[Found::Listed(&CLUSTERS)],
        details: &[Detail { field: "properties", source: &CLUSTER }],
        global: false,
    };
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContainerRegistry {
    /// Name of its resource group, lower case.
    pub group: String,
    pub properties: Seen<RegistryProperties>,
    /// Who has a role here or above.
    pub assignments: Seen<Vec<RoleAssignment>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistryProperties {
    pub state: Option<String>,
    /// `Basic`, `Standard` or `Premium`.
    pub sku: Option<String>,
    /// The host that image names begin with, lower case.
    pub login_server: Option<String>,
    pub admin_enabled: Option<bool>,
    /// Anybody may pull.
    pub anonymous_pull: Option<bool>,
    /// `Enabled` or `Disabled`.
    pub public_network: Option<String>,
    /// `AbacRepositoryPermissions` where roles hold per repository; absent: for the whole registry.
    pub role_mode: Option<String>,
    /// Policies that are on, by name (`quarantinePolicy`, `trustPolicy`, `retentionPolicy`, …).
    pub policies: BTreeMap<String, bool>,
}

impl Fact for ContainerRegistry {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::ContainerRegistry,
        name: "azure.container_registry",
        about: "A container registry (ACR).",
        found: &[Found::Listed(&REGISTRIES)],
        details: &[
            Detail { field: "properties", source: &REGISTRY },
            Detail { field: "assignments", source: &ROLE_ASSIGNMENTS },
        ],
        global: false,
    };
}
