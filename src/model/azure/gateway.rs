//! Application gateways.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::authorization::LIST_PERMISSIONS;
use super::{get, inventory};
use crate::model::call::{Call, Source};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

pub const LIST_APPLICATION_GATEWAYS: Call = inventory(
    "azure:ListApplicationGateways",
    &["Microsoft.Resources/subscriptions/resources/read", "Microsoft.Network/applicationGateways/read"],
    "resourceType eq 'Microsoft.Network/applicationGateways'",
);
pub const GET_APPLICATION_GATEWAY: Call = get(
    "azure:GetApplicationGateway",
    &["Microsoft.Network/applicationGateways/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.Network/applicationGateways/*",
    &["2023-09-01", "2021-05-01"],
);
/// How many hosts behind each pool answered its probe in the last hour: what a GET tells of a backend's health.
pub const GET_GATEWAY_METRICS: Call = get(
    "azure:GetGatewayMetrics",
    &["Microsoft.Insights/metrics/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.Network/applicationGateways/*/providers/Microsoft.Insights/metrics",
    &["2018-01-01"],
);

pub const GATEWAYS: Source = Source::of(&[&LIST_APPLICATION_GATEWAYS, &LIST_PERMISSIONS]);
pub const GATEWAY: Source = Source::of(&[&GET_APPLICATION_GATEWAY]);
pub const GATEWAY_HEALTH: Source = Source::of(&[&GET_GATEWAY_METRICS]).volatile();

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationGateway {
    /// Name of its resource group, lower case.
    pub group: String,
    pub properties: Seen<GatewayProperties>,
    pub health: Seen<Vec<PoolHealth>>,
}

/// Parts of a gateway name each other; names are as Azure writes them, those that refer in the form of what they name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayProperties {
    /// `Succeeded`, ….
    pub state: Option<String>,
    /// `Running`, `Stopped`, ….
    pub operation: Option<String>,
    /// `Standard_v2`, `WAF_v2`, ….
    pub tier: Option<String>,
    /// Absent where it scales by itself.
    pub capacity: Option<i64>,
    pub min_capacity: Option<i64>,
    pub max_capacity: Option<i64>,
    /// Name of the predefined TLS policy, Azure's default where none was chosen; absent: one of the gateway's own.
    pub tls_policy: Option<String>,
    /// `Predefined`, `Custom` or `CustomV2`.
    pub tls_policy_type: Option<String>,
    /// `TLSv1_2`, …, where the policy is the gateway's own.
    pub tls_minimum: Option<String>,
    /// Ids of the subnets it lies in, lower case.
    pub subnets: Vec<String>,
    pub frontends: Vec<Frontend>,
    pub listeners: Vec<GatewayListener>,
    pub rules: Vec<GatewayRule>,
    pub path_maps: Vec<PathMap>,
    pub pools: Vec<Pool>,
    pub settings: Vec<BackendSettings>,
    pub probes: Vec<Probe>,
    pub redirects: Vec<Redirect>,
    pub certificates: Vec<GatewayCertificate>,
    /// Id of the firewall policy, lower case.
    pub firewall_policy: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Frontend {
    pub name: String,
    /// Id, lower case; absent where it is private.
    pub public_ip: Option<String>,
    pub private_address: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayListener {
    pub name: String,
    pub frontend: Option<String>,
    pub port: Option<i64>,
    /// `Http` or `Https`.
    pub protocol: Option<String>,
    /// Lower case, may hold wildcards; empty: every host.
    pub hosts: Vec<String>,
    pub certificate: Option<String>,
}

/// Where requests to a listener go: to a pool, by the paths of a map, or elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayRule {
    pub name: String,
    /// The least goes first; absent in what an early version of Azure made.
    pub priority: Option<i64>,
    pub listener: Option<String>,
    pub pool: Option<String>,
    pub settings: Option<String>,
    pub path_map: Option<String>,
    pub redirect: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PathMap {
    pub name: String,
    pub default_pool: Option<String>,
    pub default_settings: Option<String>,
    pub default_redirect: Option<String>,
    pub rules: Vec<PathRule>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PathRule {
    pub paths: Vec<String>,
    pub pool: Option<String>,
    pub settings: Option<String>,
    pub redirect: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    pub name: String,
    /// IP addresses.
    pub addresses: Vec<String>,
    /// Names that the gateway looks up, lower case.
    pub hosts: Vec<String>,
    /// Ids of what has put itself into the pool, lower case.
    pub members: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackendSettings {
    pub name: String,
    pub port: Option<i64>,
    /// `Http` or `Https`.
    pub protocol: Option<String>,
    /// What the backend is told as host instead of what was asked for, lower case.
    pub host: Option<String>,
    /// The backend is told its own name as host.
    pub host_of_backend: Option<bool>,
    pub probe: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    pub name: String,
    pub protocol: Option<String>,
    pub host: Option<String>,
    pub path: Option<String>,
    pub port: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redirect {
    pub name: String,
    /// Name of another listener.
    pub listener: Option<String>,
    pub url: Option<String>,
}

/// What a listener presents: what is public of it, and no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayCertificate {
    pub name: String,
    /// Comes from a key vault; its address is not kept.
    pub from_vault: bool,
    /// Base64 of the chain as Azure gives it (PKCS #7, or DER or PEM of one certificate); absent where ARM does not
    /// tell.
    pub public: Option<String>,
}

/// What the probes of a pool found, by the metric's latest value that is not absent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolHealth {
    /// Name of the pool, lower case.
    pub pool: String,
    /// Name of the settings, lower case.
    pub settings: Option<String>,
    /// Hosts that answer, rounded down.
    pub healthy: i64,
}

impl Fact for ApplicationGateway {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::ApplicationGateway,
        name: "azure.application_gateway",
        about: "An application gateway.",
        found: &[Found::Listed(&GATEWAYS)],
        details: &[
            Detail { field: "properties", source: &GATEWAY },
            Detail { field: "health", source: &GATEWAY_HEALTH },
        ],
        global: false,
    };
}
