//! Where things lie in networks here, and what lies between them.

mod acls;
mod balancers;
mod clients;
mod endpoints;
mod entrances;
mod forwarding;
mod gateways;
mod groups;
mod leg;
mod listener_rules;
mod nodes;
mod routes;
mod sites;
mod targets;
#[cfg(test)]
pub(super) mod testing;

use super::headers::Protocols;
use super::places::{Entrances, Place, Places};
use super::traffic::Traffic;
use crate::model::kubernetes::network::Ingress;
use crate::model::seen::Gap;
use crate::rules::net::cidr::Addresses;
use crate::rules::net::ports::Ports;
use crate::rules::net::security_groups::Guard;
use crate::rules::{Ref, World};
pub(super) use entrances::entrances;
pub(super) use leg::leg;
use sites::Sites;
pub(super) use sites::{has_places, own_ports, places};
use targets::{Behind, OfCluster, Subject};

/// An interface in a subnet, or one of several that are alike.
#[derive(Clone, Debug)]
pub struct Site<'s> {
    /// Whose it is.
    pub of: Ref<'s>,
    pub subnet: Ref<'s>,
    /// The private IPv4 addresses, and the IPv6 ones, that it may have.
    pub(crate) addresses: Addresses,
    /// It has all of them. Otherwise it has one, and nobody knows which.
    pub exact: bool,
    /// Why it is not known whether it has the IPv6 addresses.
    pub ipv6: Option<Gap>,
    /// Ids of its security groups, and whose they are; `None` where it has none by nature.
    pub(crate) guard: Option<Guard<'s>>,
    pub(crate) public: Public,
    /// What it listens for, where all else is dropped whatever the groups say: a load balancer's listeners.
    pub(crate) listens: Option<Vec<(Protocols, Ports)>>,
}

/// The public IPv4 address of an interface.
#[derive(Clone, Debug)]
pub(crate) enum Public {
    No,
    /// Which one is not always told.
    Yes(Addresses),
    Untold(Gap),
}

/// What packets for an ingress of Kubernetes come in by: load balancers of its addresses, as far as the controller that
/// serves it. The last step ends there.
pub(super) fn ingress_entrances<'s>(
    ingress: Ref<'s>,
    cluster: Ref<'s>,
    _wanted: &Traffic,
    world: &World<'s>,
) -> Entrances<'s> {
    let own = OfCluster::new(cluster, ingress, world);
    let addresses = &World::facts::<Ingress>(ingress).addresses;
    entrances::at_addresses(addresses, ingress, cluster, &own, world)
}

/// What comes to pods by load balancers at the addresses of an object: straight, or by these ports of their nodes.
pub(super) fn direct_entrances<'s>(
    addresses: &[String],
    near: Ref<'s>,
    cluster: Ref<'s>,
    pods: &Places<'s>,
    node_ports: Vec<i64>,
    world: &World<'s>,
) -> Entrances<'s> {
    let own = Behind::new(subject(pods), OfCluster::new(cluster, near, world), node_ports);
    entrances::at_addresses(addresses, near, cluster, &own, world)
}

/// What comes straight to pods, by whatever load balancer of the cluster's network.
pub(super) fn pod_entrances<'s>(
    of: Ref<'s>,
    cluster: Ref<'s>,
    pods: &Places<'s>,
    wanted: &Traffic,
    world: &World<'s>,
) -> Entrances<'s> {
    entrances::of_subject(of, &subject(pods), &cluster.scope, wanted, world)
}

fn subject<'s>(pods: &Places<'s>) -> Subject<'s> {
    let sites = pods.known.iter().filter_map(|place| match place {
        Place::Aws(site) => Some(Site::clone(site)),
        _ => None,
    });
    Subject::of_pods(Sites { known: sites.collect(), gaps: pods.gaps.clone() })
}

/// Where a pod of a cluster lies.
pub(super) fn pod_places<'s>(pod: Ref<'s>, cluster: Ref<'s>, world: &World<'s>) -> Places<'s> {
    nodes::of_pod(pod, pod, cluster, world).into_places()
}

/// Places of one resource's parts as its own: those that differ in nothing but their addresses are one.
pub(super) fn alike<'s>(of: Ref<'s>, places: Vec<Place<'s>>) -> Vec<Place<'s>> {
    let sites = places.into_iter().filter_map(|place| match place {
        Place::Aws(site) => Some(Site { of, ..Site::clone(&site) }),
        _ => None,
    });
    sites::placed(nodes::alike(sites.collect()))
}

/// The nodes of a cluster, and why there may be more.
pub(super) fn nodes<'s>(cluster: Ref<'s>, world: &World<'s>) -> (Vec<Ref<'s>>, Vec<Gap>) {
    nodes::instances(cluster, world)
}
