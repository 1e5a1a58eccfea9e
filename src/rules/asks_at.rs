//! `asks-at`: a gateway asks at the address of a service. A load balancer has one for each service of its cluster: that
//! gateway and ingress lead to the same one does not say that they mean the same service.

use std::collections::BTreeMap;

use serde_json::Value;

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

/// A cluster's services that have load balancers.
struct Reached<'s> {
    /// With the address of each, by load balancer and frontend.
    services: BTreeMap<(&'s str, &'s str), Vec<(Ref<'s>, &'s str)>>,
    /// Behind this there may be others at any address.
    open: Option<Gap>,
}

impl<'s> Reached<'s> {
    fn of(cluster: &Scope, world: &World<'s>) -> Self {
        let own = apiserver::of_kind(Kind::AksCluster, cluster, world);
        let listing = world.list(Kind::K8sService, cluster);
        let (mut services, mut gaps) = (BTreeMap::<_, Vec<_>>::new(), listing.gaps);
        let balanced =
            |service: &Ref<'s>| World::facts::<Service>(service).r#type.as_deref() == Some("LoadBalancer");
        for service in listing.items.into_iter().filter(balanced) {
            for address in &World::facts::<Service>(service).addresses {
                match holder(address, &own, world) {
                    Ok(Some(Holder { balancer, frontend, .. })) => {
                        let key = (balancer.id.as_str(), frontend.name.as_str());
                        services.entry(key).or_default().push((service, address.as_str()));
                    }
                    Ok(None) => {}
                    Err(gap) => gaps.push(gap),
                }
            }
        }
        Self { services, open: foremost(gaps) }
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
        let unread = |gap: &Gap| {
            let end = End::Unread { kind: Kind::K8sService, id: String::new(), gap: gap.clone() };
            vec![made(end, Err(gap.clone()), Vec::new())]
        };
        let outside = |label: &str| vec![made(End::Outside(label.to_owned()), Ok(false), Vec::new())];
        let balancer = match &edge.to {
            End::Resource(balancer) => *balancer,
            End::Unread { gap, .. } => return unread(gap),
            End::Outside(label) => return outside(label),
        };
        let frontend = edge.told("frontend").ok().and_then(Value::as_str).unwrap_or_default();
        match (self.services.get(&(balancer.id.as_str(), frontend)), &self.open) {
            (Some(found), _) => {
                let one = |(service, address): &(Ref<'s>, &str)| {
                    made(End::Resource(service), Ok(true), vec![hop(service, "addresses", *address)])
                };
                found.iter().map(one).collect()
            }
            (None, Some(gap)) => unread(gap),
            (None, None) => outside(&balancer.id),
        }
    }
}

#[cfg(test)]
mod tests;
