//! `answers-at`: the address in an object's status is a frontend of this load balancer.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::azure::frontends::{Holder, public, within};
use super::azure::networks::Networks;
use super::evidence::hop;
use super::kubernetes::unresolved;
use super::{Edge, Edges, End, Ref, Relation, World, apiserver};
use crate::model::kind::{Facts, Kind};
use crate::model::relation::{RelationMeta, relation};
use crate::model::seen::Gap;

pub(crate) struct AnswersAt;

impl Relation for AnswersAt {
    fn meta(&self) -> &'static RelationMeta {
        relation("answers-at").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let addresses = match &from.facts {
            Facts::K8sIngress(ingress) => ingress.addresses.as_slice(),
            Facts::K8sService(service) => service.addresses.as_slice(),
            _ => &[],
        };
        if addresses.is_empty() {
            return Edges::default();
        }
        let cluster = apiserver::of_kind(Kind::AksCluster, &from.scope, world);
        let found = addresses.iter().map(|address| edge(from, address, &cluster, world)).collect();
        Edges { found, ..Edges::default() }
    }
}

/// The AKS cluster that the object's API server is.
pub(super) type Proven<'s> = Result<Option<Ref<'s>>, Gap>;

fn edge<'s>(from: Ref<'s>, address: &str, cluster: &Proven<'s>, world: &World<'s>) -> Edge<'s> {
    let mut evidence = vec![hop(from, "addresses", address)];
    let held = unresolved(from, address).map_or_else(|| holder(address, cluster, world), Err);
    let (to, frontend) = match held {
        Ok(Some(holder)) => {
            if let Ok(Some(cluster)) = cluster {
                evidence.extend(apiserver::evidence(&from.scope, cluster, world));
            }
            evidence.extend(holder.evidence());
            (End::Resource(holder.balancer), Ok(json!(holder.frontend.name)))
        }
        Ok(None) => (End::Outside(address.to_owned()), Ok(Value::Null)),
        Err(gap) => {
            let id = address.to_owned();
            (End::Unread { kind: Kind::AzureLoadBalancer, id, gap: gap.clone() }, Err(gap))
        }
    };
    let attributes = vec![("address", Ok(json!(address))), ("frontend", frontend)];
    Edge { to, attributes, evidence, assumptions: Vec::new() }
}

/// Public addresses are one load balancer's in all the world, private ones in the cluster's network; a network may have
/// a public range for its own, too.
pub(super) fn holder<'s>(
    address: &str,
    cluster: &Proven<'s>,
    world: &World<'s>,
) -> Result<Option<Holder<'s>>, Gap> {
    let Ok(ip) = address.parse::<IpAddr>() else { return Ok(None) };
    if is_private(ip) {
        return in_network(address, cluster, world);
    }
    match public(address, world) {
        Ok(None) => in_network(address, cluster, world),
        Err(gap) => {
            in_network(address, cluster, world).ok().flatten().map_or(Err(gap), |found| Ok(Some(found)))
        }
        found => found,
    }
}

fn in_network<'s>(address: &str, cluster: &Proven<'s>, world: &World<'s>) -> Result<Option<Holder<'s>>, Gap> {
    let Some(cluster) = cluster.as_ref().map_err(Gap::clone)? else { return Ok(None) };
    within(address, &Networks::of_cluster(cluster)?, world)
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let shared = ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64;
            ip.is_private() || ip.is_link_local() || ip.is_loopback() || shared
        }
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_loopback(),
    }
}

#[cfg(test)]
mod tests;
