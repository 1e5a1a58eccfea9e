//! `pulls-from`: the repositories or registries that images come from, and whether they may be pulled.

mod kubelet;
mod pullers;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::evidence::hop;
use super::iam::{Identity, assumptions, role_arn};
use super::image::{Image, Registry};
use super::kleene::{Verdict, all, and};
use super::{Edge, Edges, End, Ref, Relation, World};
use crate::model::aws::ecs;
use crate::model::kind::{Facts, Kind};
use crate::model::kubernetes::workload::Deployment;
use crate::model::relation::{RelationMeta, relation};
use crate::model::run::Evidence;
use crate::model::scope::Scope;
use crate::model::seen::Gap;
use kubelet::Kubelet;
use pullers::Pullers;

pub(crate) struct PullsFrom;

const LOG_IN: &str = "ecr:GetAuthorizationToken";
const PULL: &[&str] = &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

impl Relation for PullsFrom {
    fn meta(&self) -> &'static RelationMeta {
        relation("pulls-from").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let found = match &from.facts {
            Facts::EcsContainer(container) => vec![of_container(from, container, world)],
            Facts::K8sDeployment(deployment) => of_deployment(from, deployment, world),
            _ => Vec::new(),
        };
        Edges { found, ..Edges::default() }
    }
}

/// The execution role pulls.
fn of_container<'s>(from: Ref<'s>, container: &ecs::Container, world: &World<'s>) -> Edge<'s> {
    let mut evidence = vec![hop(from, "image", container.image.as_str())];
    let role = container.execution_role.as_deref();
    evidence.extend(role.map(|role| hop(from, "execution_role", role)));
    let allowed = |to: &End<'s>| match role {
        Some(role) => may_pull(&role_arn(role, from), to, &from.scope, world),
        None => Ok(false),
    };
    edge(&container.image, evidence, allowed, assumptions(), world)
}

/// The nodes pull, whichever a pod comes to lie on: each distinct image once.
fn of_deployment<'s>(from: Ref<'s>, deployment: &Deployment, world: &World<'s>) -> Vec<Edge<'s>> {
    let pullers = Pullers::of(from, deployment, world);
    let kubelet = Kubelet::of(from, world);
    let images: BTreeSet<&String> =
        deployment.containers.iter().filter_map(|container| container.image.as_ref()).collect();
    let azure = !world.subscriptions().is_empty();
    let edges = images.into_iter().map(|image| {
        if let (Some(Registry::Azure(host)), true) = (Image::parse(image).registry, azure) {
            return kubelet.edge(from, image, host, world);
        }
        let mut evidence = vec![hop(from, "containers", image.as_str())];
        evidence.extend(pullers.evidence.iter().cloned());
        let mut assumptions = assumptions();
        assumptions
            .push("no node but those of its node groups runs pods, and no pull secret is used".to_owned());
        edge(image, evidence, |to| pullers.may_pull(to, world), assumptions, world)
    });
    edges.collect()
}

fn edge<'s>(
    reference: &str,
    mut evidence: Vec<Evidence>,
    allowed: impl Fn(&End<'s>) -> Verdict,
    assumptions: Vec<String>,
    world: &World<'s>,
) -> Edge<'s> {
    let image = Image::parse(reference);
    let (to, allowed) = match (&image.registry, image.repository_arn()) {
        (Some(Registry::Ecr { account, region }), Some(arn)) => {
            let there = Scope::aws(account, region);
            let to = End::of(Kind::EcrRepository, &arn, &there, world);
            let allowed = if matches!(to, End::Outside(_)) { Ok(false) } else { allowed(&to) };
            (to, allowed)
        }
        // No role of ours stands in the way of an image from elsewhere.
        _ => (End::Outside(reference.to_owned()), Ok(true)),
    };
    let exists = match &to {
        End::Resource(repository) => {
            evidence.push(hop(repository, "name", repository.name.as_str()));
            Ok(true)
        }
        End::Unread { gap, .. } => Err(gap.clone()),
        End::Outside(_) => Ok(false),
    };
    Edge { to, attributes: attributes(reference, exists, allowed), evidence, assumptions }
}

fn attributes(reference: &str, exists: Verdict, allowed: Verdict) -> Vec<(&'static str, Result<Value, Gap>)> {
    let image = Image::parse(reference);
    vec![
        ("image", Ok(json!(reference))),
        ("tag", Ok(json!(image.tag))),
        ("digest", Ok(json!(image.digest))),
        ("repository_exists", exists.map(|exists| json!(exists))),
        ("allowed", allowed.map(|allowed| json!(allowed))),
    ]
}

/// Whether a role may pull from this end, which is, or may be, a repository.
fn may_pull<'s>(role: &str, to: &End<'s>, near: &Scope, world: &World<'s>) -> Verdict {
    let identity = Identity::of(role, near, world)?;
    and(identity.may(LOG_IN, "*"), || match to {
        End::Resource(repository) => identity.may_use(PULL, repository),
        // An unread repository may have a policy that says more; only what the role lacks itself decides.
        End::Unread { id, gap, .. } => {
            let own = all(PULL.iter().map(|action| identity.leaves_room(action, id)));
            and(own, || Err(gap.clone()))
        }
        End::Outside(_) => Ok(false),
    })
}

#[cfg(test)]
mod tests;
