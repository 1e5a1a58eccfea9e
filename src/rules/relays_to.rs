//! `relays-to`: which other load balancers a load balancer sends requests to.

use serde_json::json;

use super::balancing::addresses;
use super::balancing::forwards::{Forward, forwards, is, on_the_move};
use super::evidence::hop;
use super::world::{Listing, NotFound};
use super::{Edge, Edges, End, Ref, Relation, World};
use crate::model::aws::ec2::NetworkInterface;
use crate::model::aws::elbv2::{LoadBalancer, TARGET_HEALTH, Target, TargetGroup};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};
use crate::model::run::Evidence;
use crate::model::seen::Gap;

pub(crate) struct RelaysTo;

impl Relation for RelaysTo {
    fn meta(&self) -> &'static RelationMeta {
        relation("relays-to").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let (forwards, gaps) = forwards(from, world);
        let mut edges = Edges { gaps, ..Edges::default() };
        for forward in &forwards {
            edges.found.extend(lead(forward, from, world));
        }
        edges.gaps.sort_unstable();
        edges.gaps.dedup();
        edges
    }
}

/// The edges to what the group's targets are, one for each end.
fn lead<'s>(forward: &Forward<'s>, from: Ref<'s>, world: &World<'s>) -> Vec<Edge<'s>> {
    let alone = |to: End<'s>| vec![edge(forward, to, &[], Vec::new())];
    let unread = |gap: Gap| {
        let id = forward.group.to_owned();
        vec![edge(forward, End::Unread { kind: Kind::LoadBalancer, id, gap }, &[], Vec::new())]
    };
    let group = match world.find(Kind::TargetGroup, forward.group, &from.scope) {
        Ok(group) => group,
        Err(NotFound::Unread(gap)) => return unread(gap),
        Err(NotFound::Absent) => return alone(End::missing(Kind::TargetGroup, forward.group)),
    };
    let facts = World::facts::<TargetGroup>(group);
    let by_address = match facts.target_type.as_deref() {
        Some("instance") => return alone(End::Outside(format!("{}: instances", forward.name()))),
        Some("lambda") => return alone(End::Outside(format!("{}: a function", forward.name()))),
        Some("alb") => false,
        _ => true,
    };
    let targets = match facts.targets.get() {
        Ok(targets) => targets,
        Err(gap) => return unread(gap.clone()),
    };
    let candidates = if by_address { candidates(from, facts, world) } else { Listing::default() };
    let mut ends: Vec<(End<'s>, Vec<&Target>)> = Vec::new();
    for target in targets {
        let end = if by_address {
            behind(&target.id, &candidates, world)
        } else {
            End::of(Kind::LoadBalancer, &target.id, &from.scope, world)
        };
        match ends.iter_mut().find(|(known, _)| *known == end) {
            Some((_, its)) => its.push(target),
            None => ends.push((end, vec![target])),
        }
    }
    let edges = ends.into_iter().map(|(end, its)| {
        let mut evidence = vec![hop(group, "targets", json!(its))];
        if let (End::Resource(balancer), true) = (&end, by_address) {
            evidence.extend(own_addresses(balancer, world));
        }
        edge(forward, end, &its, evidence)
    });
    edges.collect()
}

/// Internal load balancers of the target group's VPC, other than the one that forwards: elsewhere the same addresses
/// are somebody else's.
fn candidates<'s>(from: Ref<'s>, group: &TargetGroup, world: &World<'s>) -> Listing<'s> {
    let Some(vpc) = group.vpc.as_deref().or(World::facts::<LoadBalancer>(from).vpc.as_deref()) else {
        return Listing::default();
    };
    let mut listing = addresses::internal(vpc, &from.scope, world);
    listing.items.retain(|candidate| candidate.id != from.id);
    listing
}

fn behind<'s>(address: &str, candidates: &Listing<'s>, world: &World<'s>) -> End<'s> {
    match addresses::holder(address, candidates, world) {
        Ok(Some(balancer)) => End::Resource(balancer),
        Ok(None) => End::Outside(address.to_owned()),
        Err(gap) => End::Unread { kind: Kind::LoadBalancer, id: address.to_owned(), gap },
    }
}

fn own_addresses<'s>(balancer: Ref<'s>, world: &World<'s>) -> Vec<Evidence> {
    let interfaces = addresses::interfaces(balancer, world).items.into_iter();
    interfaces
        .map(|interface| {
            hop(interface, "private_ips", json!(World::facts::<NetworkInterface>(interface).private_ips))
        })
        .collect()
}

fn edge<'s>(forward: &Forward<'s>, to: End<'s>, targets: &[&Target], more: Vec<Evidence>) -> Edge<'s> {
    let healthy = match &to {
        End::Resource(_) => healthy(forward, targets),
        End::Unread { gap, .. } => Err(gap.clone()),
        End::Outside(_) => Ok(0),
    };
    let mut attributes = forward.attributes();
    attributes.push(("healthy", healthy.map(|healthy| json!(healthy))));
    let mut evidence = forward.evidence();
    evidence.extend(more);
    Edge { to, attributes, evidence, assumptions: Vec::new() }
}

fn healthy(forward: &Forward<'_>, targets: &[&Target]) -> Result<usize, Gap> {
    let healthy = targets.iter().filter(|target| is(target, "healthy")).count();
    match on_the_move(targets.iter().copied()) {
        Some(why) if healthy == 0 => {
            let scope = &forward.listener.scope;
            Err(Gap::in_transition(TARGET_HEALTH.primary(), scope, forward.group, &why))
        }
        _ => Ok(healthy),
    }
}

#[cfg(test)]
mod tests;
