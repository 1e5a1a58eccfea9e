//! The networks that things lie in, and which of them reach each other's private addresses. Unrelated networks have the
//! same ones.

use crate::model::azure;
use crate::model::azure::containers::AksCluster;
use crate::model::azure::network::{Peering, VirtualNetwork};
use crate::model::kind::Kind;
use crate::model::scope::Scope;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::kleene::{Verdict, and};
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

/// Where something lies: networks by id, and those that Azure made in a group of its own.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Networks<'s> {
    pub(crate) ids: Vec<&'s str>,
    /// Subscription and resource group.
    made_in: Option<(&'s str, &'s str)>,
}

impl<'s> Networks<'s> {
    /// The networks of these subnets; `None` where there is none.
    pub(crate) fn of(subnets: impl IntoIterator<Item = &'s String>) -> Option<Self> {
        let mut ids: Vec<&str> = subnets.into_iter().filter_map(|subnet| azure::parent(subnet)).collect();
        ids.sort_unstable();
        ids.dedup();
        (!ids.is_empty()).then_some(Self { ids, made_in: None })
    }

    /// The networks of a cluster's nodes. A pool that names no subnet lies in a network of the node group.
    pub(crate) fn of_cluster(cluster: Ref<'s>) -> Result<Self, Gap> {
        let properties = World::facts::<AksCluster>(cluster).properties.get().map_err(Gap::clone)?;
        if properties.pools.is_empty() {
            return Err(undecided(cluster, "it names no node pools"));
        }
        let mut networks =
            Self::of(properties.pools.iter().filter_map(|pool| pool.subnet.as_ref())).unwrap_or_default();
        if properties.pools.iter().any(|pool| pool.subnet.is_none()) {
            let group = properties.node_group.as_deref();
            let group = group.ok_or_else(|| undecided(cluster, "it does not name its node group"))?;
            networks.made_in = azure::subscription(&cluster.id).map(|subscription| (subscription, group));
        }
        Ok(networks)
    }

    /// Whether a network is one of them.
    pub(crate) fn holds(&self, network: &str) -> bool {
        let place = azure::subscription(network).zip(azure::group(network));
        self.ids.contains(&network) || (self.made_in.is_some() && self.made_in == place)
    }
}

/// Whether two networks reach each other's private addresses: they are one, or each says that it is peered.
pub(crate) fn joined(one: &str, other: &str, world: &World<'_>) -> Verdict {
    if one == other {
        return Ok(true);
    }
    and(is_peered(one, other, world), || is_peered(other, one, world))
}

fn is_peered(network: &str, with: &str, world: &World<'_>) -> Verdict {
    let Some(found) = find(network, world)? else { return Ok(false) };
    let peerings = &World::facts::<VirtualNetwork>(found).peerings;
    let Some(peering) = peerings.iter().find(|peering| peering.network == with) else { return Ok(false) };
    let state = peering.state.as_deref();
    let untold = || undecided(found, format!("not told whether the peering {} works", peering.name));
    let state = state.map(|state| state == "Connected").ok_or_else(untold);
    and(state, || peering.access.ok_or_else(untold))
}

/// Why a network may reach others that the env does not scan.
pub(crate) fn unseen_peers(network: &str, world: &World<'_>) -> Option<Gap> {
    let found = match find(network, world) {
        Ok(found) => found?,
        Err(gap) => return Some(gap),
    };
    let peerings = &World::facts::<VirtualNetwork>(found).peerings;
    let connected = |peering: &&Peering| peering.state.as_deref().is_none_or(|state| state == "Connected");
    let mut reached = peerings.iter().filter(connected).filter(|peering| peering.access != Some(false));
    let far = |peering: &&Peering| {
        azure::subscription(&peering.network).is_none_or(|subscription| !world.scans(subscription))
    };
    let peering = reached.find(far)?;
    Some(undecided(found, format!("it is peered with {}, which is not scanned in this env", peering.network)))
}

fn find<'s>(network: &str, world: &World<'s>) -> Result<Option<Ref<'s>>, Gap> {
    let near = Scope::azure(azure::subscription(network).unwrap_or_default());
    match world.find(Kind::VirtualNetwork, network, &near) {
        Ok(found) => Ok(Some(found)),
        Err(NotFound::Absent) => Ok(None),
        Err(NotFound::Unread(gap)) => Err(gap),
    }
}

#[cfg(test)]
mod tests;
