//! Which pods take what comes to a service, and at which ports.

use std::collections::{BTreeMap, BTreeSet};

use super::pods::{Pods, is_there};
use crate::model::kind::Kind;
use crate::model::kubernetes::network::{EndpointSlice, Service, ServicePort};
use crate::model::kubernetes::workload::{PODS, Pod};
use crate::model::seen::Gap;
use crate::rules::kubernetes::endpoints::{Endpoints, name, staying};
use crate::rules::path::headers::Protocols;
use crate::rules::{Ref, World};

/// One port of a service, where it leads to one port of some pods.
pub(super) struct Port<'s> {
    pub(super) of: &'s ServicePort,
    pub(super) target: i64,
    pub(super) protocols: Protocols,
    /// Those that are ready, each once.
    pub(super) pods: Vec<Ref<'s>>,
}

/// What stands behind a service, as far as it is among some pods.
pub(super) struct Backing<'s> {
    pub(super) ports: Vec<Port<'s>>,
    /// Why there may be more.
    pub(super) gap: Option<Gap>,
    /// Whether any of those pods is an endpoint, ready or not.
    pub(super) any: bool,
}

impl<'s> Backing<'s> {
    pub(super) fn of(service: Ref<'s>, ours: &[Ref<'s>], world: &World<'s>) -> Self {
        let ours: BTreeMap<&str, Ref<'s>> = ours.iter().map(|pod| (pod.id.as_str(), *pod)).collect();
        let endpoints = Endpoints::of(service, world);
        let any = endpoints.pods.keys().any(|pod| ours.contains_key(pod));
        let mut ports = Vec::new();
        for port in &World::facts::<Service>(service).ports {
            let mut behind: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
            for slice in &endpoints.slices {
                let told = &World::facts::<EndpointSlice>(slice).ports;
                let same = told.iter().find(|told| name(told.name.as_ref()) == name(port.name.as_ref()));
                let Some(target) = same.and_then(|told| told.port) else { continue };
                let pods = staying(slice).filter_map(|endpoint| endpoint.pod.as_deref());
                let ready = pods.filter(|pod| endpoints.pods.get(pod).is_some_and(|backer| backer.ready));
                behind.entry(target).or_default().extend(ready.filter(|pod| ours.contains_key(pod)));
            }
            behind.retain(|_, pods| !pods.is_empty());
            ports.extend(behind.into_iter().map(|(target, pods)| Port {
                of: port,
                target,
                protocols: protocols(port),
                pods: pods.into_iter().filter_map(|pod| ours.get(pod).copied()).collect(),
            }));
        }
        Self { ports, gap: endpoints.gap, any }
    }

    /// The ports of the service where some of the pods are its endpoints and none is ready: one may be in a moment.
    pub(super) fn unready(&self, service: Ref<'s>) -> impl Iterator<Item = &'s ServicePort> {
        let unready = self.any && self.ports.is_empty();
        World::facts::<Service>(service).ports.iter().filter(move |_| unready)
    }
}

pub(super) fn protocols(port: &ServicePort) -> Protocols {
    Protocols::parse(port.protocol.as_deref().unwrap_or("TCP")).unwrap_or(Protocols::TCP)
}

/// The pods that are ready to take what comes to a service.
pub(super) fn pods<'s>(service: Ref<'s>, world: &World<'s>) -> Pods<'s> {
    let endpoints = Endpoints::of(service, world);
    let mut pods = Pods { known: Vec::new(), gaps: endpoints.gap.into_iter().collect() };
    for (id, _) in endpoints.pods.iter().filter(|(_, backer)| backer.ready) {
        match world.get(Kind::K8sPod, id) {
            Some(pod) if is_there(World::facts::<Pod>(pod)) => pods.known.push(pod),
            Some(_) => {}
            None => {
                let namespace = &World::facts::<Service>(service).namespace;
                let unread = world.snapshot().complete(&PODS, &service.scope, namespace).err();
                let why = format!("{id} is an endpoint of the service and not among the pods");
                let gone = || Gap::in_transition(PODS.primary(), &service.scope, namespace, &why);
                pods.gaps.push(unread.unwrap_or_else(gone));
            }
        }
    }
    pods
}
