//! EC2: networks and what guards them.

mod interfaces;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::interfaces::{Instance, InstanceInterface, NetworkInterface};
use super::policy::PolicyDocument;
use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

const fn call(id: &'static str, permissions: &'static [&'static str]) -> Call {
    Call { id, sdk_service: "EC2", permissions, wire: Wire::Query }
}

pub const DESCRIBE_VPCS: Call = call("ec2:DescribeVpcs", &["ec2:DescribeVpcs"]);
pub const DESCRIBE_SUBNETS: Call = call("ec2:DescribeSubnets", &["ec2:DescribeSubnets"]);
pub const DESCRIBE_ROUTE_TABLES: Call = call("ec2:DescribeRouteTables", &["ec2:DescribeRouteTables"]);
pub const DESCRIBE_NAT_GATEWAYS: Call = call("ec2:DescribeNatGateways", &["ec2:DescribeNatGateways"]);
pub const DESCRIBE_INTERNET_GATEWAYS: Call =
    call("ec2:DescribeInternetGateways", &["ec2:DescribeInternetGateways"]);
pub const DESCRIBE_SECURITY_GROUPS: Call =
    call("ec2:DescribeSecurityGroups", &["ec2:DescribeSecurityGroups"]);
pub const DESCRIBE_NETWORK_ACLS: Call = call("ec2:DescribeNetworkAcls", &["ec2:DescribeNetworkAcls"]);
pub const DESCRIBE_VPC_ENDPOINTS: Call = call("ec2:DescribeVpcEndpoints", &["ec2:DescribeVpcEndpoints"]);
pub const DESCRIBE_NETWORK_INTERFACES: Call =
    call("ec2:DescribeNetworkInterfaces", &["ec2:DescribeNetworkInterfaces"]);
pub const DESCRIBE_INSTANCES: Call = call("ec2:DescribeInstances", &["ec2:DescribeInstances"]);
pub const DESCRIBE_MANAGED_PREFIX_LISTS: Call =
    call("ec2:DescribeManagedPrefixLists", &["ec2:DescribeManagedPrefixLists"]);
pub const GET_MANAGED_PREFIX_LIST_ENTRIES: Call =
    call("ec2:GetManagedPrefixListEntries", &["ec2:GetManagedPrefixListEntries"]);

pub const VPCS: Source = Source::of(&[&DESCRIBE_VPCS]);
pub const SUBNETS: Source = Source::of(&[&DESCRIBE_SUBNETS]);
pub const ROUTE_TABLES: Source = Source::of(&[&DESCRIBE_ROUTE_TABLES]);
pub const NAT_GATEWAYS: Source = Source::of(&[&DESCRIBE_NAT_GATEWAYS]);
pub const INTERNET_GATEWAYS: Source = Source::of(&[&DESCRIBE_INTERNET_GATEWAYS]);
pub const SECURITY_GROUPS: Source = Source::of(&[&DESCRIBE_SECURITY_GROUPS]);
pub const NETWORK_ACLS: Source = Source::of(&[&DESCRIBE_NETWORK_ACLS]);
pub const VPC_ENDPOINTS: Source = Source::of(&[&DESCRIBE_VPC_ENDPOINTS]);
/// The instances that are nodes of an EKS cluster, by the tag that every node has.
pub const INSTANCES: Source = Source::of(&[&DESCRIBE_INSTANCES]).volatile();
/// Interfaces by their ids, or those of a load balancer by its ARN: never all of an account's.
pub const NETWORK_INTERFACES: Source = Source::batched(&[&DESCRIBE_NETWORK_INTERFACES], 100);
/// Prefix lists by their ids.
pub const PREFIX_LISTS: Source = Source::batched(&[&DESCRIBE_MANAGED_PREFIX_LISTS], 100);
pub const PREFIX_LIST_ENTRIES: Source = Source::of(&[&GET_MANAGED_PREFIX_LIST_ENTRIES]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    pub cidrs: Vec<String>,
    pub is_default: bool,
    pub state: String,
}

impl Fact for Vpc {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::Vpc,
        name: "aws.vpc",
        about: "A virtual private cloud.",
        found: &[Found::Listed(&VPCS)],
        details: &[],
        global: false,
    };
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    pub vpc: String,
    /// The zone's name, which is mapped per account ("us-west-1a").
    pub zone: String,
    /// The zone's id, the same in every account ("usw1-az1").
    pub zone_id: Option<String>,
    pub cidr: String,
    pub ipv6_cidrs: Vec<String>,
    pub map_public_ip_on_launch: bool,
    pub state: String,
    /// The account that owns the subnet; another's when it is shared.
    pub owner_account: Option<String>,
}

impl Fact for Subnet {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::Subnet,
        name: "aws.subnet",
        about: "A subnet of a VPC.",
        found: &[Found::Listed(&SUBNETS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.vpc]
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteTable {
    pub vpc: String,
    /// The table of every subnet of the VPC that has none of its own.
    pub main: bool,
    /// Subnets associated explicitly.
    pub subnets: Vec<String>,
    /// Gateways associated with the table (edge associations).
    pub gateways: Vec<String>,
    pub routes: Vec<Route>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// An IPv4 or IPv6 CIDR, or a prefix list's id.
    pub destination: String,
    /// The id of what the route leads to: `local`, `igw-…`, `nat-…`, `eni-…`, `pcx-…`, `tgw-…`, `vpce-…`, ….
    pub target: String,
    /// `active` or `blackhole`.
    pub state: String,
}

impl Fact for RouteTable {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::RouteTable,
        name: "aws.route_table",
        about: "A route table, with its routes and associations.",
        found: &[Found::Listed(&ROUTE_TABLES)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        std::iter::once(&self.vpc).chain(&self.subnets).map(String::as_str).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NatGateway {
    pub vpc: String,
    pub subnet: Option<String>,
    pub state: String,
    /// `public` or `private`; absent where the service doesn't say.
    pub connectivity: Option<String>,
    pub public_ips: Vec<String>,
    pub private_ips: Vec<String>,
}

impl Fact for NatGateway {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::NatGateway,
        name: "aws.nat_gateway",
        about: "A NAT gateway. Deleted ones, which AWS still lists for an hour, are left out.",
        found: &[Found::Listed(&NAT_GATEWAYS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.vpc]
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InternetGateway {
    pub attachments: Vec<Attachment>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    pub vpc: String,
    pub state: String,
}

impl Fact for InternetGateway {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::InternetGateway,
        name: "aws.internet_gateway",
        about: "An internet gateway and the VPC it is attached to.",
        found: &[Found::Listed(&INTERNET_GATEWAYS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        self.attachments.iter().map(|attachment| attachment.vpc.as_str()).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroup {
    pub vpc: Option<String>,
    pub ingress: Vec<SgRule>,
    pub egress: Vec<SgRule>,
}

/// One permission of a group: a protocol and port range, and every end it is open to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SgRule {
    /// `tcp`, `udp`, `icmp`, …, or `-1` for all.
    pub protocol: String,
    /// Absent where all ports are meant.
    pub from: Option<i64>,
    pub to: Option<i64>,
    pub cidrs: Vec<String>,
    pub ipv6_cidrs: Vec<String>,
    pub prefix_lists: Vec<String>,
    pub groups: Vec<GroupRef>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupRef {
    pub id: String,
    /// The account of a group of a peered VPC.
    pub account: Option<String>,
}

/// Ports that most of the internet may reach: what `world_ports` of a security group holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PortRange {
    pub protocol: String,
    pub from: i64,
    pub to: i64,
}

impl Fact for SecurityGroup {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::SecurityGroup,
        name: "aws.security_group",
        about: "A security group and its rules.",
        found: &[Found::Listed(&SECURITY_GROUPS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        self.vpc.as_deref().into_iter().collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkAcl {
    pub vpc: String,
    pub is_default: bool,
    pub subnets: Vec<String>,
    /// In the order they are judged: by direction, then number.
    pub entries: Vec<AclEntry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AclEntry {
    pub number: i64,
    pub egress: bool,
    pub allow: bool,
    /// The protocol's number, or `-1` for all.
    pub protocol: String,
    pub cidr: Option<String>,
    pub ipv6_cidr: Option<String>,
    pub from: Option<i64>,
    pub to: Option<i64>,
}

impl Fact for NetworkAcl {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::NetworkAcl,
        name: "aws.network_acl",
        about: "A network access-control list.",
        found: &[Found::Listed(&NETWORK_ACLS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        std::iter::once(&self.vpc).chain(&self.subnets).map(String::as_str).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VpcEndpoint {
    pub vpc: String,
    /// `Interface`, `Gateway`, ….
    pub r#type: String,
    /// `com.amazonaws.us-west-1.dynamodb`
    pub service: String,
    pub state: String,
    pub subnets: Vec<String>,
    pub route_tables: Vec<String>,
    pub groups: Vec<String>,
    pub private_dns: bool,
    /// What it lets through; absent: everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyDocument>,
}

impl Fact for VpcEndpoint {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::VpcEndpoint,
        name: "aws.vpc_endpoint",
        about: "A VPC endpoint, gateway or interface.",
        found: &[Found::Listed(&VPC_ENDPOINTS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.vpc]
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrefixList {
    pub owner_account: Option<String>,
    /// `IPv4` or `IPv6`.
    pub family: Option<String>,
    pub cidrs: Seen<Vec<String>>,
}

impl Fact for PrefixList {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::PrefixList,
        name: "aws.prefix_list",
        about: "A managed prefix list, read where a rule names it.",
        found: &[Found::ById(&PREFIX_LISTS)],
        details: &[Detail { field: "cidrs", source: &PREFIX_LIST_ENTRIES }],
        global: false,
    };
}
