//! Whose the healthy targets behind a load balancer are: the cluster's, another load balancer's, or somebody else's.

use std::collections::BTreeSet;

use serde_json::json;

use crate::model::aws::ec2::Instance;
use crate::model::aws::eks::Cluster;
use crate::model::aws::elbv2::{TARGET_HEALTH, Target, TargetGroup};
use crate::model::kind::Kind;
use crate::model::kubernetes::cluster::Node;
use crate::model::kubernetes::network::Ingress;
use crate::model::kubernetes::workload::Pod;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::apiserver::instance_of;
use crate::rules::balancing::addresses;
use crate::rules::balancing::forwards::{forwards, is, on_the_move};
use crate::rules::evidence::{hop, undecided};
use crate::rules::kleene::{Verdict, any, foremost};
use crate::rules::world::{Listing, NotFound};
use crate::rules::{Ref, World};

/// The healthy targets of all groups that a load balancer sends requests to, each id once.
#[derive(Default)]
pub(super) struct Tally<'s> {
    own: BTreeSet<&'s str>,
    strange: BTreeSet<&'s str>,
    /// Behind each there may be more of either.
    open: Vec<Gap>,
    /// Why there may be more in a moment.
    moving: Option<Gap>,
    pub(super) evidence: Vec<Evidence>,
}

enum Owner {
    Cluster,
    /// What stands behind that one is its own affair.
    Balancer,
    Stranger,
}

impl<'s> Tally<'s> {
    pub(super) fn of(
        balancer: Ref<'s>,
        ingress: Ref<'s>,
        cluster: &Result<Option<Ref<'s>>, Gap>,
        world: &World<'s>,
    ) -> Self {
        let (forwards, gaps) = forwards(balancer, world);
        let mut tally = Self { open: gaps, ..Self::default() };
        let groups: BTreeSet<&str> =
            forwards.iter().filter(|forward| forward.weight > 0).map(|forward| forward.group).collect();
        for id in groups {
            match world.find(Kind::TargetGroup, id, &balancer.scope) {
                Ok(group) => tally.add(group, balancer, ingress, cluster, world),
                Err(NotFound::Unread(gap)) => tally.open.push(gap),
                Err(NotFound::Absent) => {}
            }
        }
        tally
    }

    fn add(
        &mut self,
        group: Ref<'s>,
        balancer: Ref<'s>,
        ingress: Ref<'s>,
        cluster: &Result<Option<Ref<'s>>, Gap>,
        world: &World<'s>,
    ) {
        let facts = World::facts::<TargetGroup>(group);
        let targets = match facts.targets.get() {
            Ok(targets) => targets,
            Err(gap) => return self.open.push(gap.clone()),
        };
        self.evidence.push(hop(group, "targets", json!(targets)));
        if let Some(why) = on_the_move(targets) {
            let gap = Gap::in_transition(TARGET_HEALTH.primary(), &group.scope, &group.id, &why);
            self.moving = Some(gap);
        }
        for target in targets.iter().filter(|target| is(target, "healthy")) {
            match owner(target, group, balancer, ingress, cluster, world) {
                Ok(Owner::Cluster) => {
                    self.own.insert(&target.id);
                }
                Ok(Owner::Stranger) => {
                    self.strange.insert(&target.id);
                }
                Ok(Owner::Balancer) => {}
                Err(gap) => self.open.push(gap),
            }
        }
    }

    /// How many are the cluster's, as far as is certain; what is open matters only where there would be none.
    pub(super) fn healthy(&self) -> Result<usize, Gap> {
        let open = || foremost(self.open.clone()).or_else(|| self.moving.clone());
        match self.own.len() {
            0 => open().map_or(Ok(0), Err),
            certain => Ok(certain),
        }
    }

    pub(super) fn foreign(&self) -> Result<usize, Gap> {
        foremost(self.open.clone()).map_or(Ok(self.strange.len()), Err)
    }
}

fn owner<'s>(
    target: &Target,
    group: Ref<'s>,
    balancer: Ref<'s>,
    ingress: Ref<'s>,
    cluster: &Result<Option<Ref<'s>>, Gap>,
    world: &World<'s>,
) -> Result<Owner, Gap> {
    let facts = World::facts::<TargetGroup>(group);
    let r#type = facts.target_type.as_deref();
    match r#type {
        Some("alb") => return Ok(Owner::Balancer),
        Some("lambda") => return Ok(Owner::Stranger),
        _ => {}
    }
    let cluster = cluster.as_ref().map_err(Gap::clone)?.ok_or_else(|| {
        undecided(
            ingress,
            "its API server is of no cluster that is scanned, so whose nodes it has is not known",
        )
    })?;
    if r#type == Some("instance") {
        let own = is_node(&target.id, ingress, cluster, world)?;
        return Ok(if own { Owner::Cluster } else { Owner::Stranger });
    }
    let vpc =
        facts.vpc.as_deref().filter(|vpc| World::facts::<Cluster>(cluster).vpc.as_deref() == Some(*vpc));
    let vpc = vpc.ok_or_else(|| {
        undecided(group, "it is not in the cluster's network, where its addresses would mean something")
    })?;
    let own = has_address(&target.id, ingress, cluster, world);
    if own == Ok(true) {
        return Ok(Owner::Cluster);
    }
    let mut others = addresses::internal(vpc, &balancer.scope, world);
    others.items.retain(|other| other.id != balancer.id);
    match addresses::holder(&target.id, &others, world) {
        Ok(Some(_)) => Ok(Owner::Balancer),
        other => {
            own?;
            other.map(|_| Owner::Stranger)
        }
    }
}

/// Whether an instance is a node of the cluster, as either side says.
fn is_node<'s>(id: &str, ingress: Ref<'s>, cluster: Ref<'s>, world: &World<'s>) -> Verdict {
    any([
        among(&world.children(Kind::Instance, cluster), |instance| instance.id == id),
        among(&world.list(Kind::K8sNode, &ingress.scope), |node| instance_of(World::facts(node)) == Some(id)),
    ])
}

/// Whether a node or a pod of the cluster has this address.
fn has_address<'s>(address: &str, ingress: Ref<'s>, cluster: Ref<'s>, world: &World<'s>) -> Verdict {
    let has = |addresses: &[String]| addresses.iter().any(|own| own == address);
    let pod = |pod: Ref<'s>| has(&World::facts::<Pod>(pod).addresses);
    let namespace = world.get(Kind::K8sNamespace, &World::facts::<Ingress>(ingress).namespace);
    // Where the answer most likely is comes first: what is missing there is asked for first.
    let near = namespace.map(|namespace| among(&world.children(Kind::K8sPod, namespace), pod));
    let others = [
        among(&world.children(Kind::Instance, cluster), |instance| {
            has(&World::facts::<Instance>(instance).private_ips)
        }),
        among(&world.list(Kind::K8sNode, &ingress.scope), |node| has(&World::facts::<Node>(node).addresses)),
        among(&world.list(Kind::K8sPod, &ingress.scope), pod),
    ];
    any(near.into_iter().chain(others))
}

fn among<'s>(listing: &Listing<'s>, wanted: impl Fn(Ref<'s>) -> bool) -> Verdict {
    if listing.items.iter().any(|item| wanted(item)) {
        return Ok(true);
    }
    foremost(listing.gaps.clone()).map_or(Ok(false), Err)
}
