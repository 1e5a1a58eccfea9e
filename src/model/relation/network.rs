//! Where things lie in networks, and what gets there.

use super::AttributeType::{Bool, Int, OptionalBool, OptionalString, String as Text};
use super::{RelationMeta, attribute};
use crate::model::aws::{dynamodb, ec2, ecs, eks, elbv2, iam, rds};
use crate::model::azure::{containers, gateway, network as azure_network};
use crate::model::kind::Kind;
use crate::model::kubernetes::{cluster, workload};

pub(super) const ADMITS: RelationMeta = RelationMeta {
    name: "admits",
    about: "A rule of one of the resource's security groups lets this end in.",
    from: &[Kind::EcsService, Kind::LoadBalancer, Kind::RdsInstance, Kind::RdsCluster],
    to: &[Kind::SecurityGroup, Kind::PrefixList],
    attributes: &[
        attribute("protocol", Text, "`tcp`, `udp`, …, or `-1` for all"),
        attribute("from", Int, "first port; 0 where all are meant"),
        attribute("to", Int, "last port; 65535 where all are meant"),
        attribute("via", Text, "the security group whose rule it is"),
    ],
    reads: &[&ec2::SECURITY_GROUPS],
    reads_from: &[],
    by_kind: false,
};

pub(super) const ATTACHED_TO: RelationMeta = RelationMeta {
    name: "attached-to",
    about: "The gateway is attached to this VPC.",
    from: &[Kind::InternetGateway],
    to: &[Kind::Vpc],
    attributes: &[attribute(
        "state",
        Text,
        "state of the attachment, `available` or `attached` when it works",
    )],
    reads: &[&ec2::VPCS],
    reads_from: &[],
    by_kind: false,
};

pub(super) const EXPOSED_BY: RelationMeta = RelationMeta {
    name: "exposed-by",
    about: "The ingress is reached at this load balancer's address.",
    from: &[Kind::K8sIngress],
    to: &[Kind::LoadBalancer],
    attributes: &[
        attribute("address", Text, "the address in the ingress' status"),
        attribute(
            "healthy",
            Int,
            "healthy targets that are nodes or pods of the cluster, behind the listener that has the fewest",
        ),
        attribute("foreign", Int, "healthy targets that are neither"),
    ],
    reads: &[
        &elbv2::LOAD_BALANCERS,
        &elbv2::LISTENERS,
        &elbv2::RULES,
        &elbv2::TARGET_GROUPS,
        &elbv2::TARGET_HEALTH,
        &ec2::INSTANCES,
        &ec2::NETWORK_INTERFACES,
        &eks::CLUSTERS,
        &cluster::VERSION,
        &cluster::NODES,
        &cluster::NAMESPACES,
        &workload::PODS,
    ],
    reads_from: &[],
    by_kind: false,
};

pub(super) const GUARDED_BY: RelationMeta = RelationMeta {
    name: "guarded-by",
    about: "This security group is attached to the resource.",
    from: &[Kind::LoadBalancer, Kind::EcsService, Kind::RdsInstance, Kind::RdsCluster, Kind::AzureSubnet],
    to: &[Kind::SecurityGroup, Kind::NetworkSecurityGroup],
    attributes: &[],
    reads: &[&ec2::SECURITY_GROUPS],
    reads_from: &[(Kind::AzureSubnet, &[&azure_network::SECURITY_GROUP])],
    by_kind: false,
};

pub(super) const PLACED_IN: RelationMeta = RelationMeta {
    name: "placed-in",
    about: "The resource lies in this network, subnet or VPC.",
    from: &[
        Kind::Subnet,
        Kind::NatGateway,
        Kind::LoadBalancer,
        Kind::EcsService,
        Kind::EksCluster,
        Kind::EksNodegroup,
        Kind::RdsInstance,
        Kind::AksCluster,
        Kind::ApplicationGateway,
        Kind::AzureSubnet,
    ],
    to: &[Kind::Vpc, Kind::Subnet, Kind::AzureSubnet, Kind::VirtualNetwork],
    attributes: &[attribute(
        "zone",
        OptionalString,
        "the subnet's zone; absent where the end is a network, or a subnet of all zones",
    )],
    reads: &[&ec2::VPCS, &ec2::SUBNETS],
    reads_from: &[
        (Kind::AksCluster, &[&containers::CLUSTER, &azure_network::SUBNET, &azure_network::VIRTUAL_NETWORK]),
        (
            Kind::ApplicationGateway,
            &[&gateway::GATEWAY, &azure_network::SUBNET, &azure_network::VIRTUAL_NETWORK],
        ),
        (Kind::AzureSubnet, &[&azure_network::VIRTUAL_NETWORK]),
    ],
    by_kind: true,
};

pub(super) const REACHES: RelationMeta = RelationMeta {
    name: "reaches",
    about: "The container can use this database.",
    from: &[Kind::EcsContainer],
    to: &[Kind::RdsInstance, Kind::RdsCluster, Kind::DynamodbTable],
    attributes: &[
        attribute(
            "network",
            Bool,
            "security groups on both sides, network ACLs and routes let its connections through",
        ),
        attribute("permission", OptionalBool, "the task role may use it; absent where no role is asked"),
    ],
    reads: &[
        &ecs::CLUSTERS,
        &ecs::SERVICES,
        &ec2::SUBNETS,
        &ec2::SECURITY_GROUPS,
        &ec2::NETWORK_ACLS,
        &ec2::ROUTE_TABLES,
        &ec2::VPC_ENDPOINTS,
        &ec2::PREFIX_LISTS,
        &ec2::PREFIX_LIST_ENTRIES,
        &rds::INSTANCES,
        &rds::CLUSTERS,
        &dynamodb::TABLES,
        &iam::ROLE,
        &iam::ATTACHED_POLICIES,
        &iam::INLINE_POLICIES,
        &iam::POLICY,
    ],
    reads_from: &[],
    by_kind: true,
};

pub(super) const ROUTES_TO: RelationMeta = RelationMeta {
    name: "routes-to",
    about: "A route of the subnet's route table leads here.",
    from: &[Kind::Subnet],
    to: &[Kind::NatGateway, Kind::InternetGateway, Kind::VpcEndpoint, Kind::NetworkInterface],
    attributes: &[
        attribute("destination", Text, "the route's CIDR or prefix list"),
        attribute("internet", Bool, "the route takes public addresses that no longer prefix takes elsewhere"),
        attribute("blackhole", Bool, "the route leads nowhere"),
        attribute("table", Text, "the route table"),
    ],
    reads: &[&ec2::ROUTE_TABLES, &ec2::NAT_GATEWAYS, &ec2::INTERNET_GATEWAYS],
    reads_from: &[],
    by_kind: false,
};
