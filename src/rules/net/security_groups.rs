//! Security groups: what their rules, taken together, let through on a TCP port.

use std::collections::BTreeSet;

use crate::model::aws::ec2::{SecurityGroup, SgRule};
use crate::model::kind::{Kind, Resource};
use crate::model::scope::Scope;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::kleene::foremost;
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

use super::cidr::{Addresses, Share};
use super::ports::{Ports, is_tcp};
use super::prefix_lists::prefix_list;

/// The groups on one side of a connection, and the resource that they are attached to.
#[derive(Clone, Copy)]
pub(crate) struct Guard<'s> {
    pub(crate) of: Ref<'s>,
    pub(crate) groups: &'s [String],
}

#[derive(Clone, Copy)]
pub(crate) enum Direction {
    Ingress,
    Egress,
}

/// What lies on the other side, as rules may name it.
pub(crate) struct Peer<'a> {
    pub(crate) groups: &'a [String],
    pub(crate) prefix_lists: &'a [String],
    /// Every address it may have.
    pub(crate) addresses: Result<Addresses, Gap>,
}

impl<'s> Guard<'s> {
    /// The attached groups that were read, and gaps for the others. One that is attached but not listed is a gap too:
    /// it may be another account's, and its rules count.
    pub(crate) fn groups(&self, world: &World<'s>) -> (Vec<Ref<'s>>, Vec<Gap>) {
        let (mut found, mut gaps) = (Vec::new(), Vec::new());
        for id in self.groups {
            match world.find(Kind::SecurityGroup, id, &self.of.scope) {
                Ok(group) => found.push(group),
                Err(NotFound::Unread(gap)) => gaps.push(gap),
                Err(NotFound::Absent) => {
                    gaps.push(undecided(
                        self.of,
                        format!("{id} is attached, but not among the groups listed"),
                    ));
                }
            }
        }
        (found, gaps)
    }

    /// Whether the rules let connections on this TCP port through, whichever of its addresses the peer uses. One rule
    /// that does decides, whatever else is unread; rules for some of the addresses alone don't decide.
    pub(crate) fn passes(
        &self,
        direction: Direction,
        port: i64,
        peer: &Peer<'_>,
        world: &World<'s>,
    ) -> Result<bool, Gap> {
        let (groups, mut gaps) = self.groups(world);
        let mut allowed = Addresses::default();
        let mut lists = BTreeSet::new();
        for group in groups {
            let facts = World::facts::<SecurityGroup>(group);
            let rules = match direction {
                Direction::Ingress => &facts.ingress,
                Direction::Egress => &facts.egress,
            };
            for rule in rules.iter().filter(|rule| is_for(rule, port)) {
                let named = rule.groups.iter().any(|group| peer.groups.contains(&group.id))
                    || rule.prefix_lists.iter().any(|list| peer.prefix_lists.contains(list));
                if named {
                    return Ok(true);
                }
                gaps.extend(allowed.add_blocks(rule.cidrs.iter().chain(&rule.ipv6_cidrs), group).err());
                lists.extend(rule.prefix_lists.iter().map(|list| (list.as_str(), &group.scope)));
            }
        }
        let asked = match &peer.addresses {
            Ok(asked) => asked.clone(),
            Err(_) if allowed.share_of(&Addresses::everything()) == Share::All => return Ok(true),
            Err(gap) => {
                if !allowed.is_empty() || !lists.is_empty() {
                    gaps.push(gap.clone());
                }
                return foremost(gaps).map_or(Ok(false), Err);
            }
        };
        if allowed.share_of(&asked) != Share::All {
            for (list, near) in lists {
                match prefix_list(list, near, world) {
                    Ok(blocks) => blocks.iter().for_each(|block| allowed.add(block)),
                    Err(gap) => gaps.push(gap),
                }
            }
        }
        match (allowed.share_of(&asked), foremost(gaps)) {
            (Share::All, _) => Ok(true),
            (_, Some(gap)) => Err(gap),
            (Share::Part, None) => Err(undecided(
                self.of,
                format!("its groups let port {port} through for some of the other side's addresses alone"),
            )),
            (Share::None, None) => Ok(false),
        }
    }
}

fn is_for(rule: &SgRule, port: i64) -> bool {
    is_tcp(&rule.protocol)
        && (rule.protocol == "-1" || Ports::of(rule.from, rule.to).covers(Ports::one(port)))
}

/// The ids that a resource names its security groups by; none for a kind that has none.
pub(crate) fn attached(resource: &Resource) -> &[String] {
    use crate::model::kind::Facts;
    match &resource.facts {
        Facts::EcsService(service) => &service.groups,
        Facts::LoadBalancer(balancer) => &balancer.groups,
        Facts::RdsInstance(instance) => &instance.groups,
        Facts::RdsCluster(cluster) => &cluster.groups,
        Facts::VpcEndpoint(endpoint) => &endpoint.groups,
        _ => &[],
    }
}
