//! `forwards-to`: the services that a load balancer's listeners and rules send requests to, and how many of their
//! tasks can take them.

use std::collections::BTreeSet;

use serde_json::json;

use super::balancing::forwards::{Forward, forwards, is, on_the_move};
use super::evidence::hop;
use super::world::NotFound;
use super::{Edge, Edges, End, Ref, Relation, World};
use crate::model::aws::ecs::{Service, TASKS, Task};
use crate::model::aws::elbv2::{TARGET_HEALTH, Target, TargetGroup};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};
use crate::model::run::Evidence;
use crate::model::seen::Gap;

pub(crate) struct ForwardsTo;

impl Relation for ForwardsTo {
    fn meta(&self) -> &'static RelationMeta {
        relation("forwards-to").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let (forwards, gaps) = forwards(from, world);
        // A service that is not read may register with any of the groups, beside one that is.
        let unread = world.list(Kind::EcsService, &from.scope).gaps;
        let complete = unread.is_empty();
        let mut edges = Edges { found: Vec::new(), gaps, ..Edges::default() };
        for forward in &forwards {
            lead(forward, complete, world, &mut edges);
        }
        if !forwards.is_empty() {
            edges.gaps.extend(unread);
        }
        edges.gaps.sort_unstable();
        edges.gaps.dedup();
        edges
    }
}

/// The edges to the services whose tasks the group holds. `complete`: every service is known.
fn lead<'s>(forward: &Forward<'s>, complete: bool, world: &World<'s>, edges: &mut Edges<'s>) {
    let services = world.linked(Kind::EcsService, forward.group);
    if services.is_empty() && complete {
        let label = format!("target group {}", forward.name());
        edges.found.push(edge(forward, End::Outside(label), Ok(0)));
    }
    for service in &services {
        let healthy = healthy(forward, service, world);
        let mut edge = edge(forward, End::Resource(service), healthy.clone());
        edge.evidence.push(hop(service, "load_balancers", forward.group));
        if let Ok(healthy) = healthy {
            edge.evidence.extend(counted(forward, healthy, service, world));
        }
        edges.found.push(edge);
    }
    stray(forward, &services, world, edges);
}

/// The edges to targets that take requests and are no task of the group's services: registered by hand, say. What is
/// not read for that is not known of the services' own edges either.
fn stray<'s>(forward: &Forward<'s>, services: &[Ref<'s>], world: &World<'s>, edges: &mut Edges<'s>) {
    let group = world.get(Kind::TargetGroup, forward.group).map(World::facts::<TargetGroup>);
    let group = group.filter(|group| of_addresses(group));
    let Some(Ok(targets)) = group.map(|group| group.targets.get()) else { return };
    let tasks: Vec<_> = services.iter().map(|service| world.children(Kind::EcsTask, service)).collect();
    if forward.weight == 0 || services.is_empty() || tasks.iter().any(|listing| !listing.gaps.is_empty()) {
        return;
    }
    let own: BTreeSet<&str> = tasks
        .iter()
        .flat_map(|listing| &listing.items)
        .flat_map(|task| World::facts::<Task>(task).private_ips.iter().map(String::as_str))
        .collect();
    let moving = services.iter().find_map(|service| in_transition(targets, World::facts(service)));
    for target in targets.iter().filter(|target| is(target, "healthy") && !own.contains(target.id.as_str())) {
        match &moving {
            None => edges.found.push(edge(forward, End::Outside(format!("target {}", target.id)), Ok(0))),
            Some(why) => {
                let scope = &forward.listener.scope;
                edges.gaps.push(Gap::in_transition(TARGET_HEALTH.primary(), scope, forward.group, why));
            }
        }
    }
}

/// What the count of healthy tasks rests on.
fn counted<'s>(forward: &Forward<'s>, healthy: i64, service: Ref<'s>, world: &World<'s>) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    if let Some(group) = world.get(Kind::TargetGroup, forward.group) {
        evidence.push(hop(group, "targets", json!(World::facts::<TargetGroup>(group).targets)));
    }
    if world.children(Kind::EcsTask, service).gaps.is_empty() {
        let tasks = hop(service, "running tasks among the healthy targets", healthy);
        evidence.push(Evidence { call: TASKS.primary().to_owned(), ..tasks });
    }
    evidence
}

fn edge<'s>(forward: &Forward<'s>, to: End<'s>, healthy: Result<i64, Gap>) -> Edge<'s> {
    let mut attributes = forward.attributes();
    attributes.push(("healthy", healthy.map(|healthy| json!(healthy))));
    attributes.push(("default", Ok(json!(forward.default))));
    Edge { to, attributes, evidence: forward.evidence(), assumptions: Vec::new() }
}

/// How many healthy targets are running tasks of the service.
fn healthy<'s>(forward: &Forward<'s>, service: Ref<'s>, world: &World<'s>) -> Result<i64, Gap> {
    let scope = &forward.listener.scope;
    if forward.weight == 0 {
        // A detail makes this gap final: nobody needs the health of what gets no requests.
        return Err(Gap {
            detail: "not asked where no request is sent".into(),
            ..Gap::unread(TARGET_HEALTH.primary(), scope, forward.group)
        });
    }
    let group = match world.find(Kind::TargetGroup, forward.group, scope) {
        Ok(group) => World::facts::<TargetGroup>(group),
        Err(NotFound::Absent) => return Ok(0),
        Err(NotFound::Unread(gap)) => return Err(gap),
    };
    if !of_addresses(group) {
        return Err(Gap {
            detail: "its targets are no addresses, so which tasks they are is not known".into(),
            ..Gap::unread(TARGET_HEALTH.primary(), scope, forward.group)
        });
    }
    let targets = group.targets.get().map_err(Clone::clone)?;
    let healthy: BTreeSet<_> =
        targets.iter().filter(|target| is(target, "healthy")).map(|target| target.id.as_str()).collect();
    let count = if healthy.is_empty() { 0 } else { running(service, &healthy, world)? };
    match (count, in_transition(targets, World::facts::<Service>(service))) {
        (0, Some(why)) => Err(Gap::in_transition(TARGET_HEALTH.primary(), scope, forward.group, &why)),
        _ => Ok(count),
    }
}

fn of_addresses(group: &TargetGroup) -> bool {
    group.target_type.as_deref().is_none_or(|r#type| r#type == "ip")
}

/// How many of these addresses are running tasks of the service.
fn running<'s>(service: Ref<'s>, addresses: &BTreeSet<&str>, world: &World<'s>) -> Result<i64, Gap> {
    let tasks = world.children(Kind::EcsTask, service);
    if let Some(gap) = tasks.gaps.into_iter().next() {
        return Err(gap);
    }
    let running = tasks.items.iter().map(|task| World::facts::<Task>(task));
    let own: BTreeSet<_> = running
        .filter(|task| task.last_status.as_deref() == Some("RUNNING"))
        .flat_map(|task| task.private_ips.iter().map(String::as_str))
        .collect();
    Ok(i64::try_from(own.intersection(addresses).count()).expect("fewer tasks than 2^63"))
}

/// Why a count of zero may be over in a moment.
fn in_transition(targets: &[Target], service: &Service) -> Option<String> {
    if let Some(why) = on_the_move(targets) {
        return Some(why);
    }
    if matches!(service.rollout.as_deref(), Some("IN_PROGRESS" | "STABILIZING"))
        || service.others_in_progress > 0
    {
        return Some("a deployment of the service is in progress".to_owned());
    }
    None
}

#[cfg(test)]
mod tests;
