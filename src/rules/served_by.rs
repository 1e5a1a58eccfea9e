//! `served-by`: the ingress is reached at this service's address.

use serde_json::json;

use super::evidence::hop;
use super::kleene::foremost;
use super::kubernetes::unresolved;
use super::{Doubt, Edge, Edges, End, Ref, Relation, World};
use crate::model::kind::Kind;
use crate::model::kubernetes::network::{Ingress, Service};
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct ServedBy;

impl Relation for ServedBy {
    fn meta(&self) -> &'static RelationMeta {
        relation("served-by").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let mut edges = Edges::default();
        let addresses = &World::facts::<Ingress>(from).addresses;
        if addresses.is_empty() {
            return edges;
        }
        // The controller stands in a namespace of its own, which the ingress does not name.
        let unread = world.list(Kind::K8sService, &from.scope).gaps;
        for address in addresses {
            let services = services(from, address, world);
            if services.is_empty() {
                let to = match foremost(unread.clone()).or_else(|| unresolved(from, address)) {
                    Some(gap) => End::Unread { kind: Kind::K8sService, id: address.clone(), gap },
                    None => End::Outside(address.clone()),
                };
                edges.found.push(edge(from, address, to));
            }
            edges.found.extend(services.into_iter().map(|found| edge(from, address, End::Resource(found))));
        }
        let doubt = |gap| Doubt { kind: Kind::K8sService, to: None, gap };
        edges.doubts = unread.into_iter().map(doubt).collect();
        edges
    }
}

/// The cluster's services whose load balancer has this address.
fn services<'s>(from: Ref<'s>, address: &str, world: &World<'s>) -> Vec<Ref<'s>> {
    let linked = world.linked(Kind::K8sService, address).into_iter();
    let serves = |found: &Ref<'s>| {
        let facts = World::facts::<Service>(found);
        from.scope.holds(&found.scope) && facts.addresses.iter().any(|own| own == address)
    };
    linked.filter(serves).collect()
}

fn edge<'s>(from: Ref<'s>, address: &str, to: End<'s>) -> Edge<'s> {
    let mut evidence = vec![hop(from, "addresses", address)];
    if let End::Resource(service) = &to {
        evidence.push(hop(service, "addresses", json!(World::facts::<Service>(service).addresses)));
    }
    Edge { to, attributes: vec![("address", Ok(json!(address)))], evidence, assumptions: Vec::new() }
}

#[cfg(test)]
mod tests;
