//! Virtual networks, what guards and routes their subnets, public addresses and load balancers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::authorization::LIST_PERMISSIONS;
use super::get;
use crate::model::call::{Call, Source};
use crate::model::kind::{Fact, Found, Kind, KindMeta};

const VERSIONS: &[&str] = &["2023-09-01", "2021-05-01", "2020-08-01", "2019-11-01", "2018-12-01"];

pub const LIST_LOAD_BALANCERS: Call = get(
    "azure:ListLoadBalancers",
    &["Microsoft.Network/loadBalancers/read"],
    "/subscriptions/*/providers/Microsoft.Network/loadBalancers",
    VERSIONS,
);
pub const LIST_PUBLIC_IPS: Call = get(
    "azure:ListPublicIpAddresses",
    &["Microsoft.Network/publicIPAddresses/read"],
    "/subscriptions/*/providers/Microsoft.Network/publicIPAddresses",
    VERSIONS,
);
pub const GET_VIRTUAL_NETWORK: Call = get(
    "azure:GetVirtualNetwork",
    &["Microsoft.Network/virtualNetworks/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.Network/virtualNetworks/*",
    VERSIONS,
);
pub const GET_SUBNET: Call = get(
    "azure:GetSubnet",
    &["Microsoft.Network/virtualNetworks/subnets/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.Network/virtualNetworks/*/subnets/*",
    VERSIONS,
);
pub const GET_SECURITY_GROUP: Call = get(
    "azure:GetNetworkSecurityGroup",
    &["Microsoft.Network/networkSecurityGroups/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.Network/networkSecurityGroups/*",
    VERSIONS,
);
pub const GET_ROUTE_TABLE: Call = get(
    "azure:GetRouteTable",
    &["Microsoft.Network/routeTables/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.Network/routeTables/*",
    VERSIONS,
);
pub const GET_PRIVATE_ENDPOINT: Call = get(
    "azure:GetPrivateEndpoint",
    &["Microsoft.Network/privateEndpoints/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.Network/privateEndpoints/*",
    VERSIONS,
);

pub const LOAD_BALANCERS: Source = Source::of(&[&LIST_LOAD_BALANCERS, &LIST_PERMISSIONS]);
pub const PUBLIC_IPS: Source = Source::of(&[&LIST_PUBLIC_IPS, &LIST_PERMISSIONS]);
pub const VIRTUAL_NETWORK: Source = Source::of(&[&GET_VIRTUAL_NETWORK]);
pub const SUBNET: Source = Source::of(&[&GET_SUBNET]);
pub const SECURITY_GROUP: Source = Source::of(&[&GET_SECURITY_GROUP]);
pub const ROUTE_TABLE: Source = Source::of(&[&GET_ROUTE_TABLE]);
pub const PRIVATE_ENDPOINT: Source = Source::of(&[&GET_PRIVATE_ENDPOINT]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadBalancer {
    /// Name of its resource group, lower case.
    pub group: String,
    pub state: Option<String>,
    /// `Basic`, `Standard` or `Gateway`.
    pub sku: Option<String>,
    pub frontends: Vec<BalancerFrontend>,
    pub rules: Vec<BalancingRule>,
    /// Names of its pools.
    pub pools: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BalancerFrontend {
    pub name: String,
    /// Of a private one.
    pub address: Option<String>,
    /// Id of the subnet of a private one, lower case.
    pub subnet: Option<String>,
    /// Id, lower case.
    pub public_ip: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BalancingRule {
    pub name: String,
    pub frontend: Option<String>,
    pub protocol: Option<String>,
    /// 0: all of them.
    pub port: Option<i64>,
    pub backend_port: Option<i64>,
    pub pool: Option<String>,
}

impl Fact for LoadBalancer {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::AzureLoadBalancer,
        name: "azure.load_balancer",
        about: "A load balancer.",
        found: &[Found::Listed(&LOAD_BALANCERS)],
        details: &[],
        global: false,
    };
    /// By its private addresses.
    fn links(&self) -> Vec<&str> {
        self.frontends.iter().filter_map(|frontend| frontend.address.as_deref()).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicIp {
    /// Name of its resource group, lower case.
    pub group: String,
    pub state: Option<String>,
    /// Absent while nothing uses one that is dynamic.
    pub address: Option<String>,
    /// Its name at Azure, lower case.
    pub fqdn: Option<String>,
    pub sku: Option<String>,
    /// Id of the configuration that uses it (of a gateway's or load balancer's frontend), or of the NAT gateway; lower
    /// case.
    pub used_by: Option<String>,
}

impl Fact for PublicIp {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::PublicIp,
        name: "azure.public_ip",
        about: "A public IP address.",
        found: &[Found::Listed(&PUBLIC_IPS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        self.address.iter().chain(&self.fqdn).map(String::as_str).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VirtualNetwork {
    /// Name of its resource group, lower case.
    pub group: String,
    pub state: Option<String>,
    pub prefixes: Vec<String>,
    pub peerings: Vec<Peering>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Peering {
    pub name: String,
    /// Id of the other network, lower case.
    pub network: String,
    /// `Connected`, `Initiated` or `Disconnected`.
    pub state: Option<String>,
    /// Whether its addresses reach each other.
    pub access: Option<bool>,
}

impl Fact for VirtualNetwork {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::VirtualNetwork,
        name: "azure.virtual_network",
        about: "A virtual network.",
        found: &[Found::ById(&VIRTUAL_NETWORK)],
        details: &[],
        global: false,
    };
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    /// Id of the network, lower case.
    pub network: String,
    pub state: Option<String>,
    pub prefixes: Vec<String>,
    /// Id, lower case.
    pub security_group: Option<String>,
    /// Id, lower case.
    pub route_table: Option<String>,
    /// Id, lower case.
    pub nat_gateway: Option<String>,
    /// Services with an endpoint of their own here (`Microsoft.AzureCosmosDB`).
    pub service_endpoints: Vec<String>,
    /// Whether its group and routes hold for private endpoints: `Disabled`, `Enabled`, `NetworkSecurityGroupEnabled` or
    /// `RouteTableEnabled`; absent: not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_endpoint_policies: Option<String>,
}

impl Fact for Subnet {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::AzureSubnet,
        name: "azure.subnet",
        about: "A subnet of a virtual network.",
        found: &[Found::ById(&SUBNET)],
        details: &[],
        global: false,
    };
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroup {
    /// Name of its resource group, lower case.
    pub group: String,
    pub state: Option<String>,
    /// Its own rules and Azure's default ones, by direction and priority.
    pub rules: Vec<SecurityRule>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityRule {
    pub name: String,
    /// `Inbound` or `Outbound`.
    pub direction: String,
    /// The least goes first.
    pub priority: i64,
    /// `Allow` or `Deny`.
    pub access: String,
    /// `Tcp`, `Udp`, `Icmp`, … or `*`.
    pub protocol: String,
    /// Prefixes, addresses, service tags (`Internet`) or `*`.
    pub sources: Vec<String>,
    pub destinations: Vec<String>,
    /// Ports, ranges (`80-90`) or `*`; empty where that was not told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source_ports: Vec<String>,
    /// Ports, ranges (`80-90`) or `*`.
    pub destination_ports: Vec<String>,
    /// Ids of application security groups at either end, lower case: whom they hold is not read.
    pub application_groups: Vec<String>,
}

impl Fact for SecurityGroup {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::NetworkSecurityGroup,
        name: "azure.network_security_group",
        about: "A network security group.",
        found: &[Found::ById(&SECURITY_GROUP)],
        details: &[],
        global: false,
    };
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteTable {
    /// Name of its resource group, lower case.
    pub group: String,
    pub state: Option<String>,
    pub routes: Vec<Route>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub name: String,
    /// A prefix or a service tag.
    pub destination: String,
    /// `Internet`, `VirtualAppliance`, `VnetLocal`, `VirtualNetworkGateway` or `None`.
    pub next_hop: String,
    pub next_hop_address: Option<String>,
}

impl Fact for RouteTable {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::AzureRouteTable,
        name: "azure.route_table",
        about: "A route table.",
        found: &[Found::ById(&ROUTE_TABLE)],
        details: &[],
        global: false,
    };
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrivateEndpoint {
    /// Name of its resource group, lower case.
    pub group: String,
    pub state: Option<String>,
    /// Id of the subnet it has addresses in, lower case.
    pub subnet: Option<String>,
    /// What it leads to.
    pub connections: Vec<EndpointConnection>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointConnection {
    /// Id of the service's resource, lower case.
    pub target: Option<String>,
    /// `Approved`, `Pending`, `Rejected` or `Disconnected`.
    pub status: Option<String>,
}

impl Fact for PrivateEndpoint {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::PrivateEndpoint,
        name: "azure.private_endpoint",
        about: "A private endpoint: an address in a network for a service that has none there.",
        found: &[Found::ById(&PRIVATE_ENDPOINT)],
        details: &[],
        global: false,
    };
}
