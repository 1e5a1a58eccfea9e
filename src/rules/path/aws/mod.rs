//! Where things lie in networks here, and what lies between them.

mod acls;
mod endpoints;
mod gateways;
mod groups;
mod leg;
mod routes;

use super::headers::Protocols;
use super::places::{Entrances, Places};
use super::traffic::Traffic;
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::net::cidr::Addresses;
use crate::rules::net::ports::Ports;
use crate::rules::net::security_groups::Guard;
use crate::rules::{Ref, World};
pub(super) use leg::leg;

/// An interface in a subnet, or one of several that are alike.
#[derive(Debug)]
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

pub(super) fn has_places(_kind: Kind) -> bool {
    false
}

pub(super) fn places<'s>(_of: Ref<'s>, _world: &World<'s>) -> Places<'s> {
    Places::default()
}

pub(super) fn own_ports(_of: Ref<'_>, _world: &World<'_>) -> Result<Vec<Ports>, Gap> {
    Ok(Vec::new())
}

pub(super) fn entrances<'s>(_to: Ref<'s>, _wanted: &Traffic, _world: &World<'s>) -> Entrances<'s> {
    Entrances::default()
}

/// What packets for an ingress of Kubernetes come in by: load balancers of its addresses, as far as the controller that
/// serves it. The last step ends there.
pub(super) fn ingress_entrances<'s>(
    _ingress: Ref<'s>,
    _cluster: Ref<'s>,
    _wanted: &Traffic,
    _world: &World<'s>,
) -> Entrances<'s> {
    Entrances::default()
}

/// Where a pod of a cluster lies.
pub(super) fn pod_places<'s>(_pod: Ref<'s>, _cluster: Ref<'s>, _world: &World<'s>) -> Places<'s> {
    Places::default()
}
