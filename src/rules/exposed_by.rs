//! `exposed-by`: which load balancers an ingress is reached at, and whether what stands behind those is the cluster.

mod targets;

use std::net::IpAddr;

use serde_json::json;

use super::balancing::{addresses, names};
use super::evidence::{hop, undecided};
use super::{Edge, Edges, End, Ref, Relation, World, apiserver};
use crate::model::aws::eks::Cluster;
use crate::model::aws::elbv2::LoadBalancer;
use crate::model::kind::Kind;
use crate::model::kubernetes::network::Ingress;
use crate::model::relation::{RelationMeta, relation};
use crate::model::seen::Gap;
use targets::Tally;

pub(crate) struct ExposedBy;

impl Relation for ExposedBy {
    fn meta(&self) -> &'static RelationMeta {
        relation("exposed-by").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let addresses = &World::facts::<Ingress>(from).addresses;
        let found = addresses.iter().map(|address| edge(from, address, world)).collect();
        Edges { found, ..Edges::default() }
    }
}

fn edge<'s>(from: Ref<'s>, address: &str, world: &World<'s>) -> Edge<'s> {
    let cluster = apiserver::of_kind(Kind::EksCluster, &from.scope, world);
    let to = match address.parse::<IpAddr>() {
        Ok(_) => by_address(address, &cluster, world),
        Err(_) => by_name(from, &names::normal(address), world),
    };
    let mut evidence = vec![hop(from, "addresses", address)];
    let (healthy, foreign) = match &to {
        End::Resource(balancer) => {
            let dns_name = &World::facts::<LoadBalancer>(balancer).dns_name;
            evidence.push(hop(balancer, "dns_name", json!(dns_name)));
            let tally = Tally::of(balancer, from, &cluster, world);
            if let Ok(Some(cluster)) = &cluster {
                evidence.extend(apiserver::evidence(&from.scope, cluster, world));
            }
            let counts = (tally.healthy(), tally.foreign());
            evidence.extend(tally.evidence);
            counts
        }
        End::Unread { gap, .. } => (Err(gap.clone()), Err(gap.clone())),
        End::Outside(_) => (Ok(0), Ok(0)),
    };
    let attributes = vec![
        ("address", Ok(json!(address))),
        ("healthy", healthy.map(|healthy| json!(healthy))),
        ("foreign", foreign.map(|foreign| json!(foreign))),
    ];
    Edge { to, attributes, evidence, assumptions: Vec::new() }
}

/// The load balancer of this name. A controller may publish a name of one's own, which only leads to a load balancer.
fn by_name<'s>(from: Ref<'s>, name: &str, world: &World<'s>) -> End<'s> {
    match names::balancer(name, None, world) {
        End::Outside(id) if !names::is_given(name) => {
            let why = format!("{name} is no load balancer's own name, and where it leads is not looked up");
            End::Unread { kind: Kind::LoadBalancer, id, gap: undecided(from, why) }
        }
        end => end,
    }
}

/// The load balancer of the cluster's network that has this address. Many networks have the same private ones.
fn by_address<'s>(address: &str, cluster: &Result<Option<Ref<'s>>, Gap>, world: &World<'s>) -> End<'s> {
    let outside = || End::Outside(address.to_owned());
    let unread = |gap: Gap| End::Unread { kind: Kind::LoadBalancer, id: address.to_owned(), gap };
    let cluster = match cluster {
        Ok(Some(cluster)) => cluster,
        Ok(None) => return outside(),
        Err(gap) => return unread(gap.clone()),
    };
    let Some(vpc) = &World::facts::<Cluster>(cluster).vpc else {
        return unread(undecided(cluster, "it does not name its VPC"));
    };
    let candidates = addresses::in_vpc(vpc, &cluster.scope, world);
    match addresses::holder(address, &candidates, world) {
        Ok(Some(balancer)) => End::Resource(balancer),
        Ok(None) => outside(),
        Err(gap) => unread(gap),
    }
}

#[cfg(test)]
mod tests;
