//! Where things lie in networks here, and what lies between them.

use super::leg::Leg;
use super::places::{Entrances, Place, Places};
use super::traffic::Traffic;
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::net::ports::Ports;
use crate::rules::{Ref, World};

#[derive(Debug)]
pub struct Site<'s> {
    pub of: Ref<'s>,
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

pub(super) fn leg<'s>(_from: &Place<'s>, _to: &Place<'s>, _traffic: &Traffic, _world: &World<'s>) -> Leg<'s> {
    Leg::default()
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
