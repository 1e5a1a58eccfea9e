//! Load balancers by their addresses: private ones within networks that reach each other alone, public ones anywhere.

use serde_json::json;

use super::networks::{Networks, joined, unseen_peers};
use crate::model::azure;
use crate::model::azure::network::{BalancerFrontend, LoadBalancer, PublicIp};
use crate::model::kind::Kind;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::evidence::hop;
use crate::rules::kleene::{Verdict, any, foremost};
use crate::rules::{Ref, World};

/// A load balancer, and the frontend of it that has an address.
#[derive(Debug, PartialEq)]
pub(crate) struct Holder<'s> {
    pub(crate) balancer: Ref<'s>,
    pub(crate) frontend: &'s BalancerFrontend,
    /// Of a public address.
    public_ip: Option<Ref<'s>>,
}

impl Holder<'_> {
    pub(crate) fn evidence(&self) -> Vec<Evidence> {
        let public = self.public_ip.map(|ip| hop(ip, "address", json!(World::facts::<PublicIp>(ip).address)));
        public.into_iter().chain([hop(self.balancer, "frontends", json!(self.frontend))]).collect()
    }
}

/// Who has a private address in these networks.
pub(crate) fn within<'s>(
    address: &str,
    networks: &Networks<'s>,
    world: &World<'s>,
) -> Result<Option<Holder<'s>>, Gap> {
    let own = private(address, world).into_iter().find(|(_, network)| networks.holds(network));
    match (own, world.unlisted_in_azure(Kind::AzureLoadBalancer)) {
        (Some((holder, _)), _) => Ok(Some(holder)),
        (None, None) => Ok(None),
        (None, Some(gap)) => Err(gap),
    }
}

/// Who is asked by a private address from these networks. No two that reach a third have the same: Azure peers no
/// networks whose ranges overlap.
pub(crate) fn reached_from<'s>(
    address: &str,
    networks: &Networks<'s>,
    world: &World<'s>,
) -> Result<Option<Holder<'s>>, Gap> {
    let mut candidates = private(address, world);
    candidates.sort_by_key(|(_, network)| !networks.holds(network));
    let mut gaps = Vec::new();
    for (holder, network) in candidates {
        let reached = |own: &str| joined(own, network, world);
        let verdict: Verdict =
            if networks.holds(network) { Ok(true) } else { any(networks.ids.iter().map(|own| reached(own))) };
        match verdict {
            Ok(true) => return Ok(Some(holder)),
            Ok(false) => {}
            Err(gap) => gaps.push(gap),
        }
    }
    gaps.extend(world.unlisted_in_azure(Kind::AzureLoadBalancer));
    if gaps.is_empty() {
        gaps.extend(networks.ids.iter().filter_map(|network| unseen_peers(network, world)));
    }
    foremost(gaps).map_or(Ok(None), Err)
}

/// Who has a public address.
pub(crate) fn public<'s>(address: &str, world: &World<'s>) -> Result<Option<Holder<'s>>, Gap> {
    let Some(ip) = public_ip(address, world) else {
        return world.unlisted_in_azure(Kind::PublicIp).map_or(Ok(None), Err);
    };
    for balancer in world.snapshot().of_kind(Kind::AzureLoadBalancer) {
        let mut frontends = World::facts::<LoadBalancer>(balancer).frontends.iter();
        if let Some(frontend) = frontends.find(|frontend| frontend.public_ip.as_deref() == Some(&ip.id)) {
            return Ok(Some(Holder { balancer, frontend, public_ip: Some(ip) }));
        }
    }
    world.unlisted_in_azure(Kind::AzureLoadBalancer).map_or(Ok(None), Err)
}

/// The resource that a public address is, where it was read.
pub(crate) fn public_ip<'s>(address: &str, world: &World<'s>) -> Option<Ref<'s>> {
    let has = |ip: &Ref<'s>| World::facts::<PublicIp>(ip).address.as_deref() == Some(address);
    world.linked(Kind::PublicIp, address).into_iter().find(has)
}

/// Every private frontend of this address, with the network it lies in.
fn private<'s>(address: &str, world: &World<'s>) -> Vec<(Holder<'s>, &'s str)> {
    let balancers = world.linked(Kind::AzureLoadBalancer, address).into_iter();
    let frontends = balancers.flat_map(|balancer| {
        let frontends = World::facts::<LoadBalancer>(balancer).frontends.iter();
        frontends.map(move |frontend| Holder { balancer, frontend, public_ip: None })
    });
    let own = frontends.filter(|holder| holder.frontend.address.as_deref() == Some(address));
    own.filter_map(|holder| {
        let network = azure::parent(holder.frontend.subnet.as_deref()?)?;
        Some((holder, network))
    })
    .collect()
}

#[cfg(test)]
mod tests;
