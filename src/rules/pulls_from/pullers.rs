//! Whose roles pull a deployment's images from ECR: those of the cluster's node groups, or, where a Fargate profile takes
//! its pods, that profile's.

use serde_json::json;

use crate::model::aws::eks::{FargateProfile, FargateSelector, Nodegroup};
use crate::model::kind::Kind;
use crate::model::kubernetes::workload::Deployment;
use crate::model::run::Evidence;
use crate::model::scope::Scope;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::iam::pattern::fits;
use crate::rules::kleene::{Verdict, all, any};
use crate::rules::{End, Ref, World, apiserver};

/// Every one of the roles has to be allowed to pull, or none: where the pods come to lie is not judged.
#[derive(Default)]
pub(super) struct Pullers<'s> {
    of: Option<Ref<'s>>,
    /// ARNs, and where each was looked for.
    roles: Vec<(&'s str, &'s Scope)>,
    /// What keeps others from being known.
    open: Vec<Gap>,
    pub(super) evidence: Vec<Evidence>,
}

impl<'s> Pullers<'s> {
    pub(super) fn of(from: Ref<'s>, deployment: &Deployment, world: &World<'s>) -> Self {
        let cluster = match apiserver::cluster_of(&from.scope, world) {
            Ok(Some(cluster)) if cluster.kind() == Kind::EksCluster => cluster,
            Ok(Some(cluster)) => {
                let why = "its nodes have no role that ECR knows, and pull secrets are not read";
                return Self::unknown(undecided(cluster, why));
            }
            Ok(None) => {
                return Self::unknown(undecided(from, "its API server is of no cluster that is scanned"));
            }
            Err(gap) => return Self::unknown(gap),
        };
        let mut pullers = Self {
            of: Some(from),
            evidence: apiserver::evidence(&from.scope, cluster, world),
            ..Self::default()
        };
        let profiles = world.children(Kind::EksFargateProfile, cluster);
        for profile in profiles.items {
            let facts = World::facts::<FargateProfile>(profile);
            if takes(facts, deployment) {
                pullers.add(profile, facts.role.as_deref());
            }
        }
        pullers.open.extend(profiles.gaps);
        // With a profile that is not read, or one that takes them, the nodes' roles say nothing for sure.
        if !pullers.roles.is_empty() || !pullers.open.is_empty() {
            return pullers;
        }
        let groups = world.children(Kind::EksNodegroup, cluster);
        for group in &groups.items {
            pullers.add(group, World::facts::<Nodegroup>(group).role.as_deref());
        }
        if groups.items.is_empty() && groups.gaps.is_empty() {
            let why = "it has no managed node groups, so whose role pulls is not read";
            pullers.open.push(undecided(cluster, why));
        }
        pullers.open.extend(groups.gaps);
        pullers
    }

    fn unknown(gap: Gap) -> Self {
        Self { open: vec![gap], ..Self::default() }
    }

    fn add(&mut self, of: Ref<'s>, role: Option<&'s str>) {
        self.evidence.push(hop(of, "role", json!(role)));
        match role {
            Some(role) => self.roles.push((role, &of.scope)),
            None => self.open.push(undecided(of, "it names no role")),
        }
    }

    pub(super) fn may_pull(&self, to: &End<'s>, world: &World<'s>) -> Verdict {
        let known = || self.roles.iter().map(|(role, near)| super::may_pull(role, to, near, world));
        let answers = || known().chain(self.open.iter().map(|gap| Err(gap.clone())));
        match (all(answers()), any(answers()), self.of) {
            (Ok(false), Ok(true), Some(from)) => {
                Err(undecided(from, "the role of some of its nodes may pull it and that of others may not"))
            }
            (Ok(false), Err(gap), _) => Err(gap),
            (all, ..) => all,
        }
    }
}

/// Whether the profile takes the deployment's pods.
fn takes(profile: &FargateProfile, deployment: &Deployment) -> bool {
    let namespace = deployment.namespace.rsplit('/').next().unwrap_or_default();
    let wanted = |selector: &FargateSelector| {
        let labels = |(key, value): (&String, &String)| {
            deployment.pod_labels.get(key).is_some_and(|own| fits(value, own))
        };
        fits(&selector.namespace, namespace) && selector.labels.iter().all(labels)
    };
    profile.status.as_deref().is_none_or(|status| status == "ACTIVE") && profile.selectors.iter().any(wanted)
}
