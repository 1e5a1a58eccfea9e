//! `selects`: which deployments' pods a service stands for, and how many of them can take requests.

use std::collections::BTreeMap;

use serde_json::json;

use super::evidence::hop;
use super::kleene::Verdict;
use super::kubernetes::endpoints::{Backer, Endpoints, Maker};
use super::kubernetes::in_namespace;
use super::kubernetes::rollout::{moving, stale};
use super::{Doubt, Edge, Edges, End, Ref, Relation, World};
use crate::model::kind::Kind;
use crate::model::kubernetes::network::{ENDPOINT_SLICES, Service};
use crate::model::kubernetes::workload::{DEPLOYMENTS, Deployment};
use crate::model::relation::{RelationMeta, relation};
use crate::model::run::Evidence;
use crate::model::seen::Gap;

pub(crate) struct Selects;

impl Relation for Selects {
    fn meta(&self) -> &'static RelationMeta {
        relation("selects").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let service = World::facts::<Service>(from);
        if service.r#type.as_deref() == Some("ExternalName") {
            let name = service.external_name.as_deref().unwrap_or_default();
            return Edges {
                found: vec![outside(name.to_owned(), hop(from, "external_name", name))],
                ..Edges::default()
            };
        }
        if service.selector.is_empty() {
            return Edges::default();
        }
        let endpoints = Endpoints::of(from, world);
        let all = in_namespace(Kind::K8sDeployment, &service.namespace, &from.scope, world);
        let (selected, others): (Vec<Ref<'s>>, Vec<Ref<'s>>) =
            all.items.into_iter().partition(|deployment| {
                matches(&service.selector, &World::facts::<Deployment>(deployment).pod_labels)
            });
        let mut edges = Edges { gaps: all.gaps, ..Edges::default() };
        for deployment in &selected {
            edges.found.push(lead(from, deployment, &endpoints, world));
        }
        let deployments = Deployments { complete: edges.gaps.is_empty(), selected, others };
        deployments.stray(from, &endpoints, world, &mut edges);
        edges
    }
}

fn matches(selector: &BTreeMap<String, String>, labels: &BTreeMap<String, String>) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

fn lead<'s>(from: Ref<'s>, deployment: Ref<'s>, endpoints: &Endpoints<'s>, world: &World<'s>) -> Edge<'s> {
    let ready = ready(deployment, endpoints, world);
    let ports = ports(deployment, endpoints);
    let mut evidence = vec![
        hop(from, "selector", json!(World::facts::<Service>(from).selector)),
        hop(deployment, "pod_labels", json!(World::facts::<Deployment>(deployment).pod_labels)),
    ];
    let told =
        |fact: &str, value| Evidence { call: ENDPOINT_SLICES.primary().to_owned(), ..hop(from, fact, value) };
    evidence.extend(ready.iter().map(|ready| told("ready endpoints of the newest template", json!(ready))));
    evidence.extend(ports.iter().map(|ports| told("every port has an endpoint port", json!(ports))));
    let attributes =
        vec![("ready", ready.map(|ready| json!(ready))), ("ports", ports.map(|ports| json!(ports)))];
    Edge { to: End::Resource(deployment), attributes, evidence, assumptions: Vec::new() }
}

/// None at all may be over in a moment.
fn ready<'s>(deployment: Ref<'s>, endpoints: &Endpoints<'s>, world: &World<'s>) -> Result<usize, Gap> {
    if let Some(gap) = stale(deployment) {
        return Err(gap);
    }
    match endpoints.ready(deployment, world)? {
        0 => moving(deployment).map_or(Ok(0), Err),
        ready => Ok(ready),
    }
}

fn ports(deployment: Ref<'_>, endpoints: &Endpoints<'_>) -> Verdict {
    if endpoints.ports()? { Ok(true) } else { moving(deployment).map_or(Ok(false), Err) }
}

/// The namespace's deployments, by whether the service selects them.
struct Deployments<'s> {
    complete: bool,
    selected: Vec<Ref<'s>>,
    others: Vec<Ref<'s>>,
}

impl<'s> Deployments<'s> {
    /// The edges to endpoints that are no pods of the selected deployments. What is not read for that is of no concern to
    /// those deployments' own edges.
    fn stray(&self, from: Ref<'s>, endpoints: &Endpoints<'s>, world: &World<'s>, edges: &mut Edges<'s>) {
        let unlisted = endpoints.gap.iter().cloned();
        edges.doubts.extend(unlisted.map(|gap| self.doubt(None, gap)));
        for address in &endpoints.loose {
            let evidence = Evidence {
                call: ENDPOINT_SLICES.primary().to_owned(),
                ..hop(from, "endpoint that is no pod", *address)
            };
            edges.found.push(outside(format!("endpoint {address}"), evidence));
        }
        for (id, pod) in &endpoints.pods {
            match self.is_other(from, pod, world.get(Kind::K8sPod, id)) {
                Ok(true) => {
                    let name = id.rsplit('/').next().unwrap_or(id);
                    edges.found.push(outside(format!("pod {name}"), hop(pod.slice, "endpoints", *id)));
                }
                Ok(false) => {}
                Err(doubt) => edges.doubts.push(doubt),
            }
        }
    }

    /// A pod may be of a deployment that came or went in between. Where the service selects none of those that are there,
    /// that one is all it may have; beside one that is there, nothing hangs on it.
    fn doubt(&self, pod: Option<Ref<'s>>, gap: Gap) -> Doubt<'s> {
        if self.selected.is_empty() {
            Doubt { kind: Kind::K8sDeployment, to: None, gap }
        } else {
            Doubt { kind: Kind::K8sPod, to: pod, gap }
        }
    }

    /// Whether a pod is of something else than the selected deployments.
    fn is_other(&self, from: Ref<'s>, backer: &Backer<'s>, pod: Option<Ref<'s>>) -> Result<bool, Doubt<'s>> {
        let doubt = |gap| self.doubt(pod, gap);
        let has = |all: &[Ref<'s>], uid: &str| {
            all.iter().any(|deployment| World::facts::<Deployment>(deployment).uid == uid)
        };
        match backer.maker.clone().map_err(doubt)? {
            Maker::Deployment { uid, .. } if has(&self.selected, uid) => Ok(false),
            Maker::Deployment { uid, .. } if has(&self.others, uid) => Ok(true),
            // That there may be deployments unread is a gap already.
            Maker::Deployment { .. } if !self.complete => Ok(false),
            Maker::Deployment { .. } => {
                let namespace = &World::facts::<Service>(from).namespace;
                let why = "a pod of the service is of a deployment that is not there";
                Err(doubt(Gap::in_transition(DEPLOYMENTS.primary(), &from.scope, namespace, why)))
            }
            // A replica set that was made in between looks like somebody else.
            Maker::Other => {
                let moving = self.selected.iter().find_map(|deployment| moving(deployment));
                moving.map_or(Ok(true), |gap| Err(doubt(gap)))
            }
        }
    }
}

fn outside<'s>(label: String, evidence: Evidence) -> Edge<'s> {
    let attributes = vec![("ready", Ok(json!(0))), ("ports", Ok(json!(false)))];
    Edge { to: End::Outside(label), attributes, evidence: vec![evidence], assumptions: Vec::new() }
}

#[cfg(test)]
mod tests;
