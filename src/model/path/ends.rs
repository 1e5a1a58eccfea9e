//! The kinds that paths start and end at, and what it may take to follow packets from there.

use crate::model::aws::{dynamodb, ec2, ecs, eks, elbv2, rds};
use crate::model::azure::{containers, cosmos, dns, gateway, network as azure_network};
use crate::model::call::Source;
use crate::model::kind::Kind;
use crate::model::kubernetes::{cluster, network as k8s_network, workload};

/// A kind that has a place in a network, or stands for some that have.
#[derive(Debug)]
pub struct End {
    pub kind: Kind,
    /// What may have to be asked, beside what finds the resource itself: for the permissions of a design.
    sets: &'static [&'static [&'static Source]],
}

impl End {
    pub fn reads(&self) -> impl Iterator<Item = &'static Source> {
        self.sets.iter().flat_map(|set| set.iter().copied())
    }
}

pub fn end(kind: Kind) -> Option<&'static End> {
    ENDS.iter().find(|end| end.kind == kind)
}

const VPC: &[&Source] = &[
    &ec2::VPCS,
    &ec2::SUBNETS,
    &ec2::ROUTE_TABLES,
    &ec2::NAT_GATEWAYS,
    &ec2::INTERNET_GATEWAYS,
    &ec2::SECURITY_GROUPS,
    &ec2::NETWORK_ACLS,
    &ec2::VPC_ENDPOINTS,
    &ec2::NETWORK_INTERFACES,
    &ec2::PREFIX_LISTS,
    &ec2::PREFIX_LIST_ENTRIES,
];
/// What stands before it.
const BALANCING: &[&Source] =
    &[&elbv2::LOAD_BALANCERS, &elbv2::LISTENERS, &elbv2::RULES, &elbv2::TARGET_GROUPS, &elbv2::TARGET_HEALTH];
const ECS: &[&Source] = &[&ecs::CLUSTERS, &ecs::SERVICES, &ecs::TASKS, &ecs::TASK_DEFINITION];
const RDS: &[&Source] = &[&rds::INSTANCES, &rds::CLUSTERS];
const DYNAMODB: &[&Source] = &[&dynamodb::TABLES];
const NODES: &[&Source] = &[&eks::CLUSTERS, &eks::NODEGROUPS, &ec2::INSTANCES];
const VNET: &[&Source] = &[
    &azure_network::VIRTUAL_NETWORK,
    &azure_network::SUBNET,
    &azure_network::SECURITY_GROUP,
    &azure_network::ROUTE_TABLE,
    &azure_network::PUBLIC_IPS,
    &azure_network::LOAD_BALANCERS,
    &gateway::GATEWAYS,
    &gateway::GATEWAY,
    &gateway::GATEWAY_HEALTH,
    &containers::CLUSTERS,
    &containers::CLUSTER,
];
/// The last four lead to its private endpoints.
const COSMOS: &[&Source] = &[
    &cosmos::ACCOUNTS,
    &cosmos::ACCOUNT,
    &azure_network::PRIVATE_ENDPOINT,
    &dns::PRIVATE_ZONES,
    &dns::PRIVATE_RECORDS,
    &dns::NETWORK_LINKS,
];
const IN_CLUSTER: &[&Source] = &[
    &cluster::VERSION,
    &cluster::NAMESPACES,
    &cluster::NODES,
    &workload::PODS,
    &workload::DEPLOYMENTS,
    &workload::REPLICA_SETS,
    &k8s_network::SERVICES,
    &k8s_network::ENDPOINT_SLICES,
    &k8s_network::INGRESSES,
    &k8s_network::INGRESS_CLASSES,
];

const OF_ECS: &[&[&Source]] = &[VPC, BALANCING, ECS];
const OF_INTERFACE: &[&[&Source]] = &[VPC, BALANCING, NODES];
/// Whichever cloud the cluster runs in: a design asks only those it draws.
const OF_KUBERNETES: &[&[&Source]] = &[IN_CLUSTER, VPC, BALANCING, NODES, VNET];

const fn of(kind: Kind, sets: &'static [&'static [&'static Source]]) -> End {
    End { kind, sets }
}

/// Sorted by the kind's name.
pub const ENDS: &[End] = &[
    of(Kind::DynamodbTable, &[VPC, DYNAMODB]),
    of(Kind::EcsContainer, OF_ECS),
    of(Kind::EcsService, OF_ECS),
    of(Kind::EcsTask, OF_ECS),
    of(Kind::EksNodegroup, OF_INTERFACE),
    of(Kind::Instance, OF_INTERFACE),
    of(Kind::LoadBalancer, &[VPC, BALANCING]),
    of(Kind::NetworkInterface, &[VPC, BALANCING]),
    of(Kind::RdsCluster, &[VPC, BALANCING, RDS]),
    of(Kind::RdsInstance, &[VPC, BALANCING, RDS]),
    of(Kind::Subnet, &[VPC]),
    of(Kind::AksCluster, &[VNET]),
    of(Kind::ApplicationGateway, &[VNET]),
    of(Kind::CosmosAccount, &[VNET, COSMOS]),
    of(Kind::AzureLoadBalancer, &[VNET]),
    of(Kind::PublicIp, &[VNET]),
    of(Kind::AzureSubnet, &[VNET]),
    of(Kind::K8sDeployment, OF_KUBERNETES),
    of(Kind::K8sIngress, OF_KUBERNETES),
    of(Kind::K8sPod, OF_KUBERNETES),
    of(Kind::K8sService, OF_KUBERNETES),
];
