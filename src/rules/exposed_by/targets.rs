//! Whose the healthy targets behind a load balancer are: the cluster's, another load balancer's, or somebody else's.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

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
use crate::rules::kleene::{Verdict, foremost};
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

/// The healthy targets of all groups that a load balancer sends requests to, each id once.
#[derive(Default)]
pub(super) struct Tally<'s> {
    /// Per listener that sends requests on: who comes by one that nobody answers is not served by another.
    own: BTreeMap<&'s str, BTreeSet<&'s str>>,
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
        let home = Home::of(ingress, cluster, world);
        let mut groups: BTreeMap<&str, BTreeSet<&'s str>> = BTreeMap::new();
        for forward in forwards.iter().filter(|forward| forward.weight > 0) {
            tally.own.entry(&forward.listener.id).or_default();
            groups.entry(forward.group).or_default().insert(&forward.listener.id);
        }
        for (id, listeners) in groups {
            match world.find(Kind::TargetGroup, id, &balancer.scope) {
                Ok(group) => tally.add(group, &listeners, balancer, &home, world),
                Err(NotFound::Unread(gap)) => tally.open.push(gap),
                Err(NotFound::Absent) => {}
            }
        }
        tally
    }

    fn add(
        &mut self,
        group: Ref<'s>,
        listeners: &BTreeSet<&'s str>,
        balancer: Ref<'s>,
        home: &Home<'s>,
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
            match home.owner(target, group, balancer, world) {
                Ok(Owner::Cluster) => {
                    for listener in listeners {
                        self.own.entry(listener).or_default().insert(&target.id);
                    }
                }
                Ok(Owner::Stranger) => {
                    self.strange.insert(&target.id);
                }
                Ok(Owner::Balancer) => {}
                Err(gap) => self.open.push(gap),
            }
        }
    }

    /// How many are the cluster's behind the listener that has the fewest, as far as is certain; what is open matters
    /// only where there would be none.
    pub(super) fn healthy(&self) -> Result<usize, Gap> {
        let open = || foremost(self.open.clone()).or_else(|| self.moving.clone());
        match self.own.values().map(BTreeSet::len).min().unwrap_or(0) {
            0 => open().map_or(Ok(0), Err),
            certain => Ok(certain),
        }
    }

    pub(super) fn foreign(&self) -> Result<usize, Gap> {
        foremost(self.open.clone()).map_or(Ok(self.strange.len()), Err)
    }
}

/// What is known of the cluster that a target may belong to.
enum Home<'s> {
    Known { cluster: Ref<'s>, own: Own<'s> },
    Unknown(Gap),
}

impl<'s> Home<'s> {
    fn of(ingress: Ref<'s>, cluster: &Result<Option<Ref<'s>>, Gap>, world: &World<'s>) -> Self {
        match cluster {
            Ok(Some(cluster)) => Self::Known { cluster, own: Own::of(ingress, cluster, world) },
            Ok(None) => Self::Unknown(undecided(
                ingress,
                "its API server is of no cluster that is scanned, so whose nodes it has is not known",
            )),
            Err(gap) => Self::Unknown(gap.clone()),
        }
    }

    fn owner(
        &self,
        target: &Target,
        group: Ref<'s>,
        balancer: Ref<'s>,
        world: &World<'s>,
    ) -> Result<Owner, Gap> {
        let facts = World::facts::<TargetGroup>(group);
        let r#type = facts.target_type.as_deref();
        match r#type {
            Some("alb") => return Ok(Owner::Balancer),
            Some("lambda") => return Ok(Owner::Stranger),
            _ => {}
        }
        let (cluster, own) = match self {
            Self::Known { cluster, own } => (cluster, own),
            Self::Unknown(gap) => return Err(gap.clone()),
        };
        if r#type == Some("instance") {
            let own = own.is_node(&target.id)?;
            return Ok(if own { Owner::Cluster } else { Owner::Stranger });
        }
        let network = World::facts::<Cluster>(cluster).vpc.as_deref();
        let vpc = facts.vpc.as_deref().filter(|vpc| network == Some(*vpc));
        let vpc = vpc.ok_or_else(|| {
            undecided(group, "it is not in the cluster's network, where its addresses would mean something")
        })?;
        let own = own.has_address(&target.id);
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
}

/// The cluster's nodes and pods, gathered once for all targets, and why there may be more.
struct Own<'s> {
    instances: BTreeSet<&'s str>,
    unread_nodes: Option<Gap>,
    /// One address may be written in several ways.
    addresses: BTreeSet<IpAddr>,
    unread_addresses: Option<Gap>,
}

impl<'s> Own<'s> {
    fn of(ingress: Ref<'s>, cluster: Ref<'s>, world: &World<'s>) -> Self {
        let instances = world.children(Kind::Instance, cluster);
        let nodes = world.list(Kind::K8sNode, &ingress.scope);
        let pods = world.list(Kind::K8sPod, &ingress.scope);
        let namespace = world.get(Kind::K8sNamespace, &World::facts::<Ingress>(ingress).namespace);
        // Where the answer most likely is comes first: what is missing there is asked for first.
        let near = namespace.map(|namespace| world.children(Kind::K8sPod, namespace).gaps);
        let sides = instances.gaps.iter().chain(&nodes.gaps);
        let everywhere = near.iter().flatten().chain(sides.clone()).chain(&pods.gaps);
        let private =
            |instance: &Ref<'s>| World::facts::<Instance>(instance).private_ips.iter().map(String::as_str);
        let of_node = |node: &Ref<'s>| World::facts::<Node>(node).addresses.iter().map(String::as_str);
        let of_pod = |pod: &Ref<'s>| World::facts::<Pod>(pod).addresses.iter().map(String::as_str);
        let addresses = instances.items.iter().flat_map(private);
        let addresses = addresses.chain(nodes.items.iter().flat_map(of_node));
        let addresses = addresses.chain(pods.items.iter().flat_map(of_pod));
        let named = nodes.items.iter().filter_map(|node| instance_of(World::facts(node)));
        Self {
            unread_nodes: foremost(sides.cloned().collect()),
            unread_addresses: foremost(everywhere.cloned().collect()),
            addresses: addresses.filter_map(|address| address.parse().ok()).collect(),
            instances: instances.items.iter().map(|instance| instance.id.as_str()).chain(named).collect(),
        }
    }

    /// Whether an instance is a node of the cluster, as either side says.
    fn is_node(&self, id: &str) -> Verdict {
        among(self.instances.contains(id), self.unread_nodes.as_ref())
    }

    /// Whether a node or a pod of the cluster has this address.
    fn has_address(&self, address: &str) -> Verdict {
        let known = address.parse().is_ok_and(|address| self.addresses.contains(&address));
        among(known, self.unread_addresses.as_ref())
    }
}

fn among(known: bool, unread: Option<&Gap>) -> Verdict {
    match unread {
        Some(gap) if !known => Err(gap.clone()),
        _ => Ok(known),
    }
}
