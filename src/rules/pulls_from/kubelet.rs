//! Images of Azure's registries: a cluster's nodes pull them as one identity, that of their kubelets.

use serde_json::json;

use super::attributes;
use crate::model::azure::authorization::{Permission, RoleAssignment, RoleDefinition};
use crate::model::azure::containers::{AksCluster, ContainerRegistry};
use crate::model::kind::Kind;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::kleene::{Verdict, any, foremost};
use crate::rules::world::NotFound;
use crate::rules::{Edge, End, Ref, World, apiserver};

const PULL: &str = "Microsoft.ContainerRegistry/registries/pull/read";
/// The pull where roles hold per repository.
const PULL_REPOSITORY: &str = "Microsoft.ContainerRegistry/registries/repositories/content/read";

pub(super) struct Kubelet<'s> {
    /// Object id, or what keeps it from being known.
    object: Result<&'s str, Gap>,
    evidence: Vec<Evidence>,
}

impl<'s> Kubelet<'s> {
    pub(super) fn of(from: Ref<'s>, world: &World<'s>) -> Self {
        let cluster = match apiserver::of_kind(Kind::AksCluster, &from.scope, world) {
            Ok(Some(cluster)) => cluster,
            Ok(None) => {
                let why = "its API server is of no AKS cluster that is scanned";
                return Self { object: Err(undecided(from, why)), evidence: Vec::new() };
            }
            Err(gap) => return Self { object: Err(gap), evidence: Vec::new() },
        };
        let mut evidence = apiserver::evidence(&from.scope, cluster, world);
        let object = World::facts::<AksCluster>(cluster).properties.get().map_err(Gap::clone);
        let object = object.and_then(|told| {
            let kubelet = told.kubelet.as_ref().map(|kubelet| kubelet.object.as_str());
            kubelet.ok_or_else(|| undecided(cluster, "it names no identity that its nodes pull as"))
        });
        evidence
            .extend(object.as_ref().ok().map(|object| hop(cluster, "properties.kubelet.object", *object)));
        Self { object, evidence }
    }

    /// The edge to the registry that is served at `host`.
    pub(super) fn edge(&self, from: Ref<'s>, reference: &str, host: &str, world: &World<'s>) -> Edge<'s> {
        let mut evidence = vec![hop(from, "containers", reference)];
        let (to, exists, allowed) = match registry(from, host, world) {
            Ok(registry) => {
                evidence.push(hop(registry, "properties.login_server", host));
                let (allowed, shown) = self.may_pull(registry, world);
                evidence.extend(shown);
                (End::Resource(registry), Ok(true), allowed)
            }
            Err(gap) => {
                let id = host.to_ascii_lowercase();
                let to = End::Unread { kind: Kind::ContainerRegistry, id, gap: gap.clone() };
                (to, Err(gap.clone()), Err(gap))
            }
        };
        let assumptions = [
            "the registry has the repository and the tag: Azure Resource Manager does not tell them",
            "no pull secret is used, be it the registry's admin user",
            "no deny assignment stands in the way, and the nodes reach the registry",
        ];
        Edge {
            to,
            attributes: attributes(reference, exists, allowed),
            evidence,
            assumptions: assumptions.map(str::to_owned).into(),
        }
    }

    fn may_pull(&self, registry: Ref<'s>, world: &World<'s>) -> (Verdict, Vec<Evidence>) {
        let facts = World::facts::<ContainerRegistry>(registry);
        let told = facts.properties.get().ok();
        if told.is_some_and(|told| told.anonymous_pull == Some(true)) {
            return (Ok(true), vec![hop(registry, "properties.anonymous_pull", true)]);
        }
        let mut evidence = self.evidence.clone();
        let known = self.object.clone().and_then(|object| {
            let assignments = facts.assignments.get().map_err(Gap::clone)?;
            Ok((object, assignments))
        });
        let (object, assignments) = match known {
            Ok(known) => known,
            Err(gap) => return (Err(gap), evidence),
        };
        let own: Vec<&RoleAssignment> = assignments.iter().filter(|it| it.principal == object).collect();
        evidence.push(hop(registry, "assignments", json!(own)));
        let mode = told.and_then(|told| told.role_mode.as_deref());
        let per_repository = mode == Some("AbacRepositoryPermissions");
        let pulls = |role: &RoleDefinition| {
            let whole = |it: &Permission| it.allows(PULL);
            let part = |it: &Permission| per_repository && it.allows_data(PULL_REPOSITORY);
            role.permissions.iter().any(|it| whole(it) || part(it))
        };
        let answers = assignments.iter().map(|assignment| gives(assignment, object, pulls, registry, world));
        let allowed = any(answers);
        if allowed == Ok(true) && per_repository {
            let why = "its roles hold per repository, and which of them they are for is not judged";
            return (Err(undecided(registry, why)), evidence);
        }
        (allowed, evidence)
    }
}

/// The registry of this login server, in whichever subscription: its name does not tell, so where none that is scanned
/// has it, another may.
fn registry<'s>(from: Ref<'s>, host: &str, world: &World<'s>) -> Result<Ref<'s>, Gap> {
    let mut gaps = Vec::new();
    for subscription in world.subscriptions() {
        let listing = world.list(Kind::ContainerRegistry, &subscription);
        gaps.extend(listing.gaps);
        for registry in listing.items {
            match World::facts::<ContainerRegistry>(registry).properties.get() {
                Ok(told) => {
                    if told.login_server.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(host)) {
                        return Ok(registry);
                    }
                }
                Err(gap) => gaps.push(gap.clone()),
            }
        }
    }
    let elsewhere =
        || undecided(from, format!("no registry that is scanned in this env is served at {host}"));
    Err(foremost(gaps).unwrap_or_else(elsewhere))
}

/// Whether the assignment lets this principal pull, by itself or as a member of a group.
fn gives(
    assignment: &RoleAssignment,
    principal: &str,
    pulls: impl Fn(&RoleDefinition) -> bool,
    registry: Ref<'_>,
    world: &World<'_>,
) -> Verdict {
    if !holds_at(&assignment.scope, &registry.id) {
        return Ok(false);
    }
    let own = assignment.principal == principal;
    let is_one = matches!(assignment.principal_type.as_deref(), Some("ServicePrincipal" | "User" | "Device"));
    if !own && is_one {
        return Ok(false);
    }
    let role = match world.find(Kind::RoleDefinition, &assignment.role, &registry.scope) {
        Ok(role) => World::facts::<RoleDefinition>(role),
        Err(NotFound::Absent) => return Ok(false),
        Err(NotFound::Unread(gap)) => return Err(gap),
    };
    if !pulls(role) {
        return Ok(false);
    }
    let role = role.role_name.as_deref().unwrap_or(&assignment.role);
    if !own {
        let group = &assignment.principal;
        let why = format!("{group} has the role {role}: whether the nodes' identity is a member is not read");
        return Err(undecided(registry, why));
    }
    match &assignment.condition {
        Some(_) => Err(undecided(registry, format!("the role {role} is given under a condition alone"))),
        None => Ok(true),
    }
}

/// Whether what holds in `scope` holds for the whole registry: there, or above it. No other management groups are told
/// of a registry than those above it.
fn holds_at(scope: &str, registry: &str) -> bool {
    let scope = scope.trim_end_matches('/');
    scope.starts_with("/providers/microsoft.management/managementgroups/")
        || registry.strip_prefix(scope).is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

#[cfg(test)]
mod tests;
