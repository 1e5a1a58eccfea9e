//! A service's endpoints, and whose pods they are.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::kind::Kind;
use crate::model::kubernetes::network::{Endpoint, EndpointSlice, Service};
use crate::model::kubernetes::workload::{Deployment, PODS, Pod, REPLICA_SETS, ReplicaSet};
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::kleene::{Verdict, foremost};
use crate::rules::{Ref, World};

use super::in_namespace;

pub(crate) struct Endpoints<'s> {
    service: Ref<'s>,
    pub(crate) slices: Vec<Ref<'s>>,
    /// Pods by their ids. One that has addresses of both families is in two slices.
    pub(crate) pods: BTreeMap<&'s str, Backer<'s>>,
    /// Addresses that are no pods'.
    pub(crate) loose: BTreeSet<&'s str>,
    /// Why there may be more.
    pub(crate) gap: Option<Gap>,
}

/// A pod behind a service.
pub(crate) struct Backer<'s> {
    pub(crate) slice: Ref<'s>,
    pub(crate) ready: bool,
    pub(crate) maker: Result<Maker<'s>, Gap>,
}

/// What made a pod.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Maker<'s> {
    Deployment {
        uid: &'s str,
        replica_set: &'s str,
    },
    /// Anything else, or nobody.
    Other,
}

impl<'s> Endpoints<'s> {
    pub(crate) fn of(service: Ref<'s>, world: &World<'s>) -> Self {
        let namespace = &World::facts::<Service>(service).namespace;
        let all = in_namespace(Kind::K8sEndpointSlice, namespace, &service.scope, world);
        let slices = world.linked(Kind::K8sEndpointSlice, &service.id);
        let gap = all.gaps.into_iter().next();
        let sets = ReplicaSets::of(namespace, service, world);
        let (mut pods, mut loose) = (BTreeMap::new(), BTreeSet::new());
        for slice in &slices {
            for endpoint in staying(slice) {
                let Some(pod) = endpoint.pod.as_deref() else {
                    loose.extend(endpoint.addresses.iter().map(String::as_str));
                    continue;
                };
                let backer = pods.entry(pod).or_insert_with(|| Backer {
                    slice,
                    ready: false,
                    maker: maker(pod, service, &sets, world),
                });
                backer.ready |= endpoint.ready.unwrap_or(true) && !unwell(pod, world);
            }
        }
        Self { service, slices, pods, loose, gap }
    }

    /// How many are ready and pods of the deployment's newest template.
    pub(crate) fn ready(&self, deployment: Ref<'s>, world: &World<'s>) -> Result<usize, Gap> {
        if let Some(gap) = &self.gap {
            return Err(gap.clone());
        }
        let facts = World::facts::<Deployment>(deployment);
        let (mut sets, mut gaps) = (Vec::new(), Vec::new());
        for backer in self.pods.values().filter(|backer| backer.ready) {
            match &backer.maker {
                Ok(Maker::Deployment { uid, replica_set }) if *uid == facts.uid => sets.push(*replica_set),
                Ok(_) => {}
                Err(gap) => gaps.push(gap.clone()),
            }
        }
        if let Some(gap) = foremost(gaps) {
            return Err(gap);
        }
        // While a deployment is paused, its newest template has no replica set yet.
        if sets.is_empty() || facts.updated == 0 {
            return Ok(0);
        }
        let newest = newest(deployment, facts, world)?;
        Ok(sets.into_iter().filter(|set| *set == newest).count())
    }

    /// Whether each port of the service has one of that name wherever there are endpoints.
    pub(crate) fn ports(&self) -> Verdict {
        let service = World::facts::<Service>(self.service);
        let mut filled = self.slices.iter().filter(|slice| staying(slice).next().is_some()).peekable();
        let empty = filled.peek().is_none();
        let has_all = |slice: &Ref<'_>| {
            let there: BTreeSet<&str> = World::facts::<EndpointSlice>(slice)
                .ports
                .iter()
                .map(|port| name(port.name.as_ref()))
                .collect();
            service.ports.iter().all(|port| there.contains(name(port.name.as_ref())))
        };
        if !filled.all(has_all) {
            return Ok(false);
        }
        match &self.gap {
            Some(gap) => Err(gap.clone()),
            None => Ok(!empty || service.ports.is_empty()),
        }
    }
}

/// A service may publish pods before they are ready: its endpoints all say so then, and the pod itself does not.
fn unwell(pod: &str, world: &World<'_>) -> bool {
    world.get(Kind::K8sPod, pod).is_some_and(|pod| World::facts::<Pod>(pod).ready == Some(false))
}

/// The endpoints of a slice that are not about to go.
pub(crate) fn staying(slice: Ref<'_>) -> impl Iterator<Item = &Endpoint> {
    let endpoints = &World::facts::<EndpointSlice>(slice).endpoints;
    endpoints.iter().filter(|endpoint| endpoint.terminating != Some(true))
}

/// No name and an empty one are the same.
pub(crate) fn name(name: Option<&String>) -> &str {
    name.map(String::as_str).unwrap_or_default()
}

/// The namespace's replica sets by uid.
struct ReplicaSets<'s> {
    read: BTreeMap<&'s str, &'s ReplicaSet>,
    gap: Option<Gap>,
}

impl<'s> ReplicaSets<'s> {
    fn of(namespace: &str, near: Ref<'s>, world: &World<'s>) -> Self {
        let all = in_namespace(Kind::K8sReplicaSet, namespace, &near.scope, world);
        let read = all.items.into_iter().map(World::facts::<ReplicaSet>);
        Self { read: read.map(|set| (set.uid.as_str(), set)).collect(), gap: all.gaps.into_iter().next() }
    }
}

fn maker<'s>(
    id: &str,
    service: Ref<'s>,
    sets: &ReplicaSets<'s>,
    world: &World<'s>,
) -> Result<Maker<'s>, Gap> {
    let Some(pod) = world.get(Kind::K8sPod, id) else {
        let namespace = &World::facts::<Service>(service).namespace;
        world.snapshot().complete(&PODS, &service.scope, namespace)?;
        let why = format!("{id} is an endpoint of the service and not among the pods");
        return Err(Gap::in_transition(PODS.primary(), &service.scope, namespace, &why));
    };
    let Some(owner) = &World::facts::<Pod>(pod).owner else { return Ok(Maker::Other) };
    match (sets.read.get(owner.as_str()), &sets.gap) {
        (Some(set), _) => Ok(set
            .deployment
            .as_deref()
            .map_or(Maker::Other, |deployment| Maker::Deployment { uid: deployment, replica_set: &set.uid })),
        (None, Some(gap)) => Err(gap.clone()),
        (None, None) => Ok(Maker::Other),
    }
}

/// Uid of the replica set of the deployment's newest template.
fn newest<'s>(deployment: Ref<'s>, facts: &Deployment, world: &World<'s>) -> Result<&'s str, Gap> {
    world.snapshot().complete(&REPLICA_SETS, &deployment.scope, &facts.namespace)?;
    let own: Vec<&ReplicaSet> = world
        .linked(Kind::K8sReplicaSet, &facts.uid)
        .into_iter()
        .map(World::facts::<ReplicaSet>)
        .filter(|set| set.deployment.as_deref() == Some(&facts.uid))
        .collect();
    let unnumbered = own.len() > 1 && own.iter().any(|set| set.revision.is_none());
    let newest = own.into_iter().max_by_key(|set| set.revision).filter(|_| !unnumbered);
    let why = "which of its replica sets is the newest is not known";
    newest.map(|set| set.uid.as_str()).ok_or_else(|| undecided(deployment, why))
}
