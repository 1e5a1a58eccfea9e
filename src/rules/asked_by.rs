//! `asked-by`: a gateway asks at the address of an ingress. A load balancer has one for each service of its cluster: that
//! gateway and ingress lead to the same one does not say that they mean the same service.

use serde_json::json;

use super::answers_at::holder;
use super::azure::frontends::Holder;
use super::dispatches_to::DispatchesTo;
use super::evidence::hop;
use super::kleene::Verdict;
use super::{Doubt, Edge, Edges, End, Ref, Relation, World, apiserver};
use crate::model::kind::Kind;
use crate::model::kubernetes::network::Ingress;
use crate::model::relation::{RelationMeta, relation};
use crate::model::seen::Gap;

pub(crate) struct AskedBy;

/// What is told of the gateway's rule as `dispatches-to` tells it.
const OF_RULE: &[&str] = &["host", "preceded_by", "public", "rule", "address"];

impl Relation for AskedBy {
    fn meta(&self) -> &'static RelationMeta {
        relation("asked-by").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let mut edges = Edges::default();
        let addresses = &World::facts::<Ingress>(from).addresses;
        if addresses.is_empty() {
            return edges;
        }
        let cluster = apiserver::of_kind(Kind::AksCluster, &from.scope, world);
        let mut held = Vec::new();
        for address in addresses {
            match holder(address, &cluster, world) {
                Ok(holder) => held.extend(holder.map(|holder| (address.as_str(), holder))),
                Err(gap) => edges.gaps.push(gap),
            }
        }
        if held.is_empty() {
            return edges;
        }
        for subscription in world.subscriptions() {
            let gateways = world.list(Kind::ApplicationGateway, &subscription);
            edges.doubts.extend(gateways.gaps.into_iter().map(|gap| doubt(None, gap)));
            for gateway in gateways.items {
                asks(from, &held, gateway, world, &mut edges);
            }
        }
        edges
    }
}

fn doubt(to: Option<Ref<'_>>, gap: Gap) -> Doubt<'_> {
    Doubt { kind: Kind::ApplicationGateway, to, gap }
}

/// The edges to one gateway, by the rules that lead to one of the frontends, or may.
fn asks<'s>(
    from: Ref<'s>,
    held: &[(&str, Holder<'s>)],
    gateway: Ref<'s>,
    world: &World<'s>,
    edges: &mut Edges<'s>,
) {
    let all = DispatchesTo.edges(gateway, &[Kind::AzureLoadBalancer], world);
    edges.doubts.extend(all.open().map(|gap| doubt(Some(gateway), gap.clone())));
    for edge in all.found {
        let here = match here(&edge, held) {
            Ok(false) => continue,
            here => here.map(|here| json!(here)),
        };
        let addresses: Vec<&str> = held.iter().map(|(address, _)| *address).collect();
        let mut attributes = vec![("here", here)];
        attributes.extend(edge.attributes.into_iter().filter(|(name, _)| OF_RULE.contains(name)));
        let mut evidence = vec![hop(from, "addresses", json!(addresses))];
        evidence.extend(edge.evidence);
        let (to, assumptions) = (End::Resource(gateway), edge.assumptions);
        edges.found.push(Edge { to, attributes, evidence, assumptions });
    }
}

/// Whether the backend's address is one of these. One that was not followed to its end may be.
fn here<'s>(edge: &Edge<'s>, held: &[(&str, Holder<'s>)]) -> Verdict {
    let balancer = match &edge.to {
        End::Resource(balancer) => balancer,
        End::Unread { gap, .. } => return Err(gap.clone()),
        End::Outside(_) => return Ok(false),
    };
    let frontend = edge.attributes.iter().find(|(name, _)| *name == "frontend").map(|(_, told)| told);
    Ok(held.iter().any(|(_, holder)| {
        holder.balancer.id == balancer.id && frontend == Some(&Ok(json!(holder.frontend.name)))
    }))
}

#[cfg(test)]
mod tests;
