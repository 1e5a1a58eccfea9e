//! `asks-at`: a gateway asks at the address of a service. A load balancer has one for each service of its cluster: that
//! gateway and ingress lead to the same one does not say that they mean the same service.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answers_at::holder;
use super::azure::frontends::Holder;
use super::dispatches_to::DispatchesTo;
use super::evidence::{hop, undecided};
use super::kleene::foremost;
use super::{Edge, Edges, End, Ref, Relation, World, apiserver};
use crate::model::kind::Kind;
use crate::model::kubernetes::network::Service;
use crate::model::relation::{RelationMeta, relation};
use crate::model::scope::Scope;
use crate::model::seen::Gap;

pub(crate) struct AsksAt;

/// What is told of the gateway's rule as `dispatches-to` tells it.
const OF_RULE: &[&str] = &["host", "preceded_by", "public", "rule", "address"];

impl Relation for AsksAt {
    fn meta(&self) -> &'static RelationMeta {
        relation("asks-at").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let Some(cluster) = &world.snapshot().header.cluster else {
            return Edges { gaps: vec![undecided(from, "no cluster is scanned")], ..Edges::default() };
        };
        let reached = Reached::of(&Scope::kubernetes(cluster), world);
        let all = DispatchesTo.edges(from, &[Kind::AzureLoadBalancer], world);
        let gaps = all.open().cloned().collect();
        let found = all.found.iter().flat_map(|edge| reached.edges(edge)).collect();
        Edges { found, gaps, ..Edges::default() }
    }
}

/// A cluster's services that have load balancers, by their addresses.
struct Reached<'s> {
    services: Vec<(Ref<'s>, &'s str)>,
    holders: BTreeMap<&'s str, Holder<'s>>,
    /// Behind these there may be others at any address.
    open: Vec<Gap>,
}

impl<'s> Reached<'s> {
    fn of(cluster: &Scope, world: &World<'s>) -> Self {
        let own = apiserver::of_kind(Kind::AksCluster, cluster, world);
        let listing = world.list(Kind::K8sService, cluster);
        let mut reached = Self { services: Vec::new(), holders: BTreeMap::new(), open: listing.gaps };
        let mut told = BTreeMap::new();
        let balanced =
            |service: &Ref<'s>| World::facts::<Service>(service).r#type.as_deref() == Some("LoadBalancer");
        for service in listing.items.into_iter().filter(balanced) {
            for address in &World::facts::<Service>(service).addresses {
                reached.services.push((service, address));
                told.entry(address.as_str()).or_insert_with(|| holder(address, &own, world));
            }
        }
        for (address, holder) in told {
            match holder {
                Ok(holder) => reached.holders.extend(holder.map(|holder| (address, holder))),
                Err(gap) => reached.open.push(gap),
            }
        }
        reached
    }

    /// What an edge of the gateway to a load balancer says of the services.
    fn edges(&self, edge: &Edge<'s>) -> Vec<Edge<'s>> {
        let of_rule = edge.attributes.iter().filter(|(name, _)| OF_RULE.contains(name)).cloned();
        let made = |to: End<'s>, here: Result<bool, Gap>, more: Vec<_>| {
            let mut attributes: Vec<(&str, Result<Value, Gap>)> = vec![("here", here.map(Value::from))];
            attributes.extend(of_rule.clone());
            let evidence = edge.evidence.iter().cloned().chain(more).collect();
            Edge { to, attributes, evidence, assumptions: edge.assumptions.clone() }
        };
        let unread = |gap: Gap| {
            let end = End::Unread { kind: Kind::K8sService, id: String::new(), gap: gap.clone() };
            vec![made(end, Err(gap), Vec::new())]
        };
        let balancer = match &edge.to {
            End::Resource(balancer) => *balancer,
            End::Unread { gap, .. } => return unread(gap.clone()),
            End::Outside(label) => return vec![made(End::Outside(label.clone()), Ok(false), Vec::new())],
        };
        let frontend = edge.attributes.iter().find(|(name, _)| *name == "frontend").map(|(_, told)| told);
        let is_it = |address: &str| {
            self.holders.get(address).is_some_and(|holder| {
                holder.balancer.id == balancer.id && frontend == Some(&Ok(json!(holder.frontend.name)))
            })
        };
        let found: Vec<Edge<'s>> = self
            .services
            .iter()
            .filter(|(_, address)| is_it(address))
            .map(|(service, address)| {
                made(End::Resource(service), Ok(true), vec![hop(service, "addresses", *address)])
            })
            .collect();
        match foremost(self.open.clone()) {
            _ if !found.is_empty() => found,
            Some(gap) => unread(gap),
            None => vec![made(End::Outside(balancer.id.clone()), Ok(false), Vec::new())],
        }
    }
}

#[cfg(test)]
mod tests;
