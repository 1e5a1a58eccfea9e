//! Where things lie in networks of Azure, and what lies between them.
//!
//! Azure guards subnets: what leaves one passes its security group outbound, what enters one inbound, within one subnet
//! both. Groups see private addresses: a public one is translated before them on the way in, and after them on the way
//! out. A load balancer is no interface: its frontend is guarded by nobody, and it hands packets on with the source they
//! came with, so that the group of the backend's subnet judges the client.

mod backends;
mod balancers;
mod cosmos;
mod egress;
mod entrances;
mod gateways;
mod groups;
mod leg;
mod private;
mod routes;
mod sites;
mod tags;
#[cfg(test)]
mod tests;

use super::headers::Protocols;
use super::leg::{Hop, Leg};
use super::places::{Entrances, Place, Places};
use super::traffic::Traffic;
use crate::model::azure;
use crate::model::azure::network::Subnet;
use crate::model::kind::Kind;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::net::cidr::Addresses;
use crate::rules::net::ports::Ports;
use crate::rules::{Ref, World};

/// An interface in a subnet, or one of several that are alike; or what has an address without an interface.
#[derive(Clone, Debug)]
pub struct Site<'s> {
    /// Whose it is.
    pub of: Ref<'s>,
    pub(crate) lies: Lies<'s>,
    /// What security groups see: the private addresses that it may have. Of what has no interface, those it answers at.
    pub(crate) addresses: Addresses,
    /// It has all of them. Otherwise it has one, and nobody knows which.
    pub exact: bool,
    /// IPv6 addresses that it may have, or not: a subnet of both families says nothing of what lies in it.
    pub(crate) ipv6: Option<(Addresses, Gap)>,
    pub(crate) public: Public<'s>,
    /// What it listens for, where all else is dropped; `None` where that is not told here.
    pub(crate) doors: Option<Vec<Door>>,
    pub(crate) role: Role,
    /// The cluster whose node, or pod, it is.
    pub(crate) cluster: Option<Ref<'s>>,
}

#[derive(Clone, Debug)]
pub(crate) enum Lies<'s> {
    In(Ref<'s>),
    /// In a subnet of this network, where that much is known; the gap would tell.
    Unread(Option<&'s str>, Gap),
    /// In no subnet: a frontend that has public addresses alone.
    Nowhere,
}

impl<'s> Lies<'s> {
    /// Id of the network.
    fn network(&self) -> Option<&'s str> {
        match self {
            Self::In(subnet) => Some(&World::facts::<Subnet>(subnet).network),
            Self::Unread(network, _) => *network,
            Self::Nowhere => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Interface,
    /// A load balancer's, where packets come in.
    Frontend,
    /// A load balancer where packets come out: from the addresses of those who asked it.
    Clients,
}

/// The public addresses of a site.
#[derive(Clone, Debug)]
pub(crate) enum Public<'s> {
    No,
    /// Which ones is not always told; the resources that they are, where there are such.
    Yes(Addresses, Vec<Hop<'s>>),
    Untold(Gap),
}

/// Where a gateway or a load balancer listens.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    /// It is one for the internet.
    pub(crate) public: bool,
    /// Where packets for it go by what security groups see.
    pub(crate) addresses: Addresses,
    pub(crate) protocols: Protocols,
    pub(crate) ports: Ports,
    pub(crate) told: Result<Evidence, Gap>,
}

const KINDS: &[Kind] = &[
    Kind::AksCluster,
    Kind::ApplicationGateway,
    Kind::AzureLoadBalancer,
    Kind::AzureSubnet,
    Kind::CosmosAccount,
    Kind::PublicIp,
];

pub(super) fn has_places(kind: Kind) -> bool {
    KINDS.contains(&kind)
}

pub(super) fn places<'s>(of: Ref<'s>, world: &World<'s>) -> Places<'s> {
    sites::places(of, world)
}

pub(super) fn own_ports(of: Ref<'_>, world: &World<'_>) -> Result<Vec<Ports>, Gap> {
    sites::own_ports(of, world)
}

pub(super) fn entrances<'s>(to: Ref<'s>, wanted: &Traffic, world: &World<'s>) -> Entrances<'s> {
    entrances::entrances(to, wanted, world)
}

pub(super) fn leg<'s>(from: &Place<'s>, to: &Place<'s>, traffic: &Traffic, world: &World<'s>) -> Leg<'s> {
    leg::leg(from, to, traffic, world)
}

/// What packets for an object of Kubernetes that has addresses (an ingress, a service) come in by: load balancers of
/// these addresses, and the gateways that ask there. The last step ends at the cluster's nodes.
pub(super) fn ingress_entrances<'s>(
    ingress: Ref<'s>,
    cluster: Ref<'s>,
    wanted: &Traffic,
    world: &World<'s>,
) -> Entrances<'s> {
    entrances::of_object(ingress, cluster, wanted, world)
}

/// Where a pod of a cluster lies.
pub(super) fn pod_places<'s>(pod: Ref<'s>, cluster: Ref<'s>, world: &World<'s>) -> Places<'s> {
    sites::pod(pod, cluster, world)
}

/// Whether the group of what a subnet is in, by ids: of a resource that Azure keeps for a cluster.
fn is_kept_for(resource: Ref<'_>, cluster: Ref<'_>, node_group: &str) -> bool {
    azure::group(&resource.id) == Some(node_group)
        && azure::subscription(&resource.id) == azure::subscription(&cluster.id)
}
