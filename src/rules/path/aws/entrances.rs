//! What stands in front of resources: load balancers whose listeners forward to a target group that holds them.

use std::collections::BTreeMap;

use serde_json::json;

use super::forwarding::{Held, Way};
use super::listener_rules::never;
use super::targets::{Registered, Subject};
use crate::model::aws::eks::Cluster;
use crate::model::aws::elbv2::{Listener, TargetGroup};
use crate::model::kind::Kind;
use crate::model::scope::Scope;
use crate::model::seen::Gap;
use crate::rules::balancing::forwards::{Forward, forwards};
use crate::rules::balancing::{addresses, names};
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::ports::Ports;
use crate::rules::path::leg::{Hop, Loss};
use crate::rules::path::places::{Entrance, Entrances};
use crate::rules::path::reason::Reason;
use crate::rules::path::traffic::Traffic;
use crate::rules::world::NotFound;
use crate::rules::{End, Ref, World};

/// What may carry packets to something in a network and is not read.
const UNSEEN: &[&str] = &[
    "no classic load balancer has it registered",
    "no load balancer of another account or of a peered network has it registered",
    "no VPC link, VPC Lattice service or VPC origin of CloudFront leads to it",
    "no accelerator of Global Accelerator leads to it",
    "nothing that runs in its network is a proxy to it, besides what is drawn",
];

type Forwards<'s> = (Vec<Forward<'s>>, Vec<Gap>);

pub(in crate::rules::path) fn entrances<'s>(
    to: Ref<'s>,
    wanted: &Traffic,
    world: &World<'s>,
) -> Entrances<'s> {
    match to.kind() {
        Kind::DynamodbTable => Entrances::default(),
        Kind::Subnet => {
            let why = "no load balancer sends to what lies in the subnet".to_owned();
            Entrances { assumptions: vec![why], ..unseen() }
        }
        _ => of_subject(to, &Subject::of(to, world), &to.scope, wanted, world),
    }
}

fn unseen<'s>() -> Entrances<'s> {
    let assumptions = UNSEEN.iter().map(|&it| it.to_owned()).collect();
    Entrances { assumptions, ..Entrances::default() }
}

/// The load balancers of its networks that have it as a target, by whatever group.
pub(super) fn of_subject<'s>(
    to: Ref<'s>,
    subject: &Subject<'s>,
    scope: &Scope,
    wanted: &Traffic,
    world: &World<'s>,
) -> Entrances<'s> {
    let mut all = unseen();
    all.gaps.extend(subject.gaps.iter().cloned());
    if subject.networks.is_empty() {
        return tidy(all);
    }
    let groups = world.list(Kind::TargetGroup, scope);
    all.gaps.extend(groups.gaps);
    let mut senders = Senders { to, known: BTreeMap::new(), world };
    for group in groups.items {
        let facts = World::facts::<TargetGroup>(group);
        let own = subject.own.iter().any(|attachment| attachment.target_group == group.id);
        let here = facts.vpc.as_deref().is_none_or(|vpc| subject.networks.contains(&vpc));
        let others = facts.load_balancers.iter().any(|balancer| *balancer != to.id);
        let fits = match facts.target_type.as_deref() {
            Some("lambda") => false,
            Some("alb") => to.kind() == Kind::LoadBalancer,
            _ => true,
        };
        if !fits || !(own || (here && others)) {
            continue;
        }
        let held = Held::of(group, subject, own, world);
        if !own && held.is_empty() {
            if !held.gaps.is_empty() && !senders.never_send(group) {
                all.gaps.extend(held.gaps);
            }
            continue;
        }
        let before = all.found.len();
        let (balancers, gaps) = senders.of(group);
        all.gaps.extend(gaps);
        for balancer in balancers {
            let (forwards, gaps) = senders.forwards(balancer);
            all.gaps.extend(gaps.iter().cloned());
            for forward in forwards.iter().filter(|forward| forward.group == group.id) {
                let way = Way { balancer, forward, held: &held, here, ports: subject.ports.as_ref() };
                way.lead(wanted, world, &mut all);
            }
        }
        if own && all.found.len() == before {
            all.found.extend(senders.silent(group, &subject.networks));
        }
    }
    tidy(all)
}

/// What sends to target groups.
struct Senders<'q, 's> {
    to: Ref<'s>,
    known: BTreeMap<&'s str, Forwards<'s>>,
    world: &'q World<'s>,
}

impl<'s> Senders<'_, 's> {
    /// The load balancers of a group, and why there may be more.
    fn of(&self, group: Ref<'s>) -> (Vec<Ref<'s>>, Vec<Gap>) {
        let (mut found, mut gaps) = (Vec::new(), Vec::new());
        for balancer in &World::facts::<TargetGroup>(group).load_balancers {
            match self.world.find(Kind::LoadBalancer, balancer, &group.scope) {
                Ok(balancer) if balancer.id != self.to.id => found.push(balancer),
                Ok(_) | Err(NotFound::Absent) => {}
                Err(NotFound::Unread(gap)) => gaps.push(gap),
            }
        }
        (found, gaps)
    }

    fn forwards(&mut self, balancer: Ref<'s>) -> &Forwards<'s> {
        self.known.entry(&balancer.id).or_insert_with(|| forwards(balancer, self.world))
    }

    /// Whether it is known that nothing is sent to a group, so that nobody need ask whom it holds: the other half of a
    /// deployment, say.
    fn never_send(&mut self, group: Ref<'s>) -> bool {
        let (balancers, gaps) = self.of(group);
        let world = self.world;
        gaps.is_empty()
            && balancers.into_iter().all(|balancer| {
                let (forwards, gaps) = self.forwards(balancer);
                let mut here = forwards.iter().filter(|forward| forward.group == group.id);
                gaps.is_empty() && here.all(|forward| never(forward, world).is_some())
            })
    }

    /// Listeners that could send to a group and have no rule for it: why its targets get nothing. What is not read is not
    /// asked for: it is a gap elsewhere, where it is one.
    fn silent(&mut self, group: Ref<'s>, networks: &[&str]) -> Vec<Entrance<'s>> {
        let (mut balancers, _) = self.of(group);
        if balancers.is_empty() {
            let near = networks.iter().flat_map(|vpc| self.world.linked(Kind::LoadBalancer, vpc));
            balancers.extend(near.filter(|balancer| balancer.id != self.to.id));
        }
        let mut found = Vec::new();
        for balancer in balancers {
            for listener in self.world.children(Kind::Listener, balancer).items {
                let port = World::facts::<Listener>(listener).port;
                let (Some(port), Ok(protocols)) = (port, super::balancers::protocols(listener)) else {
                    continue;
                };
                let says = format!("no rule of it sends to {}", group.name);
                let told = hop(listener, "port", json!(port));
                let lost = Loss::told(Hop::of(listener).by([told]), Reason::RuleNeverMatches, says);
                found.extend(protocols.iter().map(|protocol| Entrance {
                    lost: Some(lost.clone()),
                    ..Entrance::door(balancer, *protocol, Ports::one(port))
                }));
            }
        }
        found
    }
}

/// The load balancers that are reached at these addresses of an object of a cluster, as far as what is meant of that.
pub(super) fn at_addresses<'s>(
    addresses: &[String],
    near: Ref<'s>,
    cluster: Ref<'s>,
    own: &dyn Registered<'s>,
    world: &World<'s>,
) -> Entrances<'s> {
    let mut all = unseen();
    for address in addresses {
        let balancer = match balancer(address, near, cluster, world) {
            Ok(Some(balancer)) => balancer,
            Ok(None) => continue,
            Err(gap) => {
                all.gaps.push(gap);
                continue;
            }
        };
        let (forwards, gaps) = forwards(balancer, world);
        all.gaps.extend(gaps);
        for forward in &forwards {
            let group = match world.find(Kind::TargetGroup, forward.group, &balancer.scope) {
                Ok(group) => group,
                Err(NotFound::Unread(gap)) => {
                    all.gaps.push(gap);
                    continue;
                }
                Err(NotFound::Absent) => continue,
            };
            let facts = World::facts::<TargetGroup>(group);
            let vpc = World::facts::<Cluster>(cluster).vpc.as_deref();
            let here = facts.vpc.is_none() || vpc.is_none() || facts.vpc.as_deref() == vpc;
            let held = Held::of(group, own, true, world);
            let way = Way { balancer, forward, held: &held, here, ports: None };
            way.lead(&Traffic::any(), world, &mut all);
        }
    }
    tidy(all)
}

/// The load balancer at an address of an object's status. A name of one's own only leads to one.
fn balancer<'s>(
    address: &str,
    near: Ref<'s>,
    cluster: Ref<'s>,
    world: &World<'s>,
) -> Result<Option<Ref<'s>>, Gap> {
    if address.parse::<std::net::IpAddr>().is_err() {
        let name = names::normal(address);
        return match names::balancer(&name, None, world) {
            End::Resource(balancer) => Ok(Some(balancer)),
            End::Unread { gap, .. } => Err(gap),
            End::Outside(_) if names::is_given(&name) => Ok(None),
            End::Outside(_) => Err(undecided(
                near,
                format!("{name} is no load balancer's own name, and where it leads is not looked up"),
            )),
        };
    }
    let vpc = World::facts::<Cluster>(cluster).vpc.as_deref();
    let vpc = vpc.ok_or_else(|| undecided(cluster, "it does not name its VPC"))?;
    addresses::holder(address, &addresses::in_vpc(vpc, &cluster.scope, world), world)
}

fn tidy(mut all: Entrances<'_>) -> Entrances<'_> {
    all.gaps.sort_unstable();
    all.gaps.dedup();
    all.assumptions.sort_unstable();
    all.assumptions.dedup();
    all
}

#[cfg(test)]
mod tests;
