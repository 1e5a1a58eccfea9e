//! Security groups: what their rules, taken together, let through on a TCP port.

use std::collections::BTreeSet;

use crate::model::aws::ec2::{SecurityGroup, SgRule};
use crate::model::kind::{Facts, Kind, Resource};
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::kleene::foremost;
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

use super::cidr::{Addresses, Share};
use super::ports::{Ports, is_tcp};
use super::prefix_lists::prefix_list;

/// The groups on one side of a connection, and the resource that they are attached to.
#[derive(Clone, Copy, Debug)]
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
    /// The gap that stands for groups which count without being named: a service that names none gets its VPC's default
    /// one, or its instances'. A load balancer that names none has none.
    pub(crate) fn unnamed(&self) -> Option<Gap> {
        (self.groups.is_empty() && self.of.kind() != Kind::LoadBalancer)
            .then(|| undecided(self.of, "names no security groups; which ones it gets is not told"))
    }

    /// The attached groups that were read, and gaps for the others. One that is attached but not listed is a gap too:
    /// it may be another account's, and its rules count.
    pub(crate) fn groups(&self, world: &World<'s>) -> (Vec<Ref<'s>>, Vec<Gap>) {
        let (mut found, mut gaps) = (Vec::new(), Vec::from_iter(self.unnamed()));
        for id in self.groups {
            match world.find(Kind::SecurityGroup, id, &self.of.scope) {
                Ok(group) => found.push(group),
                Err(NotFound::Unread(gap)) if gaps.contains(&gap) => {}
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
    match &resource.facts {
        Facts::EcsService(service) => &service.groups,
        Facts::LoadBalancer(balancer) => &balancer.groups,
        Facts::RdsInstance(instance) => &instance.groups,
        Facts::RdsCluster(cluster) => &cluster.groups,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::aws::ec2::PREFIX_LISTS;
    use crate::rules::net::cidr::Cidr;
    use crate::rules::testing::{
        Scene, denied_list, everything, group, here, prefix_list, rule, service, texts, the, unread_list,
    };

    fn block(cidr: &str) -> Addresses {
        let mut addresses = Addresses::default();
        addresses.add(&Cidr::parse(cidr).expect("a block"));
        addresses
    }

    /// Whether `sg-1` (of these rules) and `sg-2` (as the scene has it) let port 5432 out to `sg-db` in 10.0.1.0/24.
    fn lets_out(scene: Scene, rules: Vec<SgRule>, addresses: Result<Addresses, Gap>) -> Result<bool, Gap> {
        let snapshot = scene
            .with("web", service(&[], &["sg-1", "sg-2"]))
            .with("sg-1", group(vec![everything(&["0.0.0.0/0"])], rules))
            .snapshot();
        let guard = Guard { of: the(&snapshot, Kind::EcsService, "web"), groups: &texts(&["sg-1", "sg-2"]) };
        let peer = Peer { groups: &texts(&["sg-db"]), prefix_lists: &[], addresses };
        guard.passes(Direction::Egress, 5432, &peer, &World::new(&snapshot))
    }

    fn empty_second() -> Scene {
        Scene::new().with("sg-2", group(vec![], vec![]))
    }

    #[expect(clippy::unnecessary_wraps, reason = "stands where a gap could")]
    fn there() -> Result<Addresses, Gap> {
        Ok(block("10.0.1.0/24"))
    }

    #[test]
    fn a_rule_that_names_the_group_decides_whatever_is_unread() {
        let rules = vec![rule("tcp", 5432, 5432, &["sg-db"])];
        let unread = Err(unread_list(Kind::Subnet));
        assert_eq!(lets_out(Scene::new().denied(Kind::SecurityGroup), rules, unread), Ok(true));
    }

    #[test]
    fn rules_add_up() {
        let rules =
            vec![rule("tcp", 5000, 6000, &["10.0.1.0/25"]), rule("6", 5432, 5432, &["10.0.1.128/25"])];
        assert_eq!(lets_out(empty_second(), rules, there()), Ok(true));
    }

    #[test]
    fn other_ports_protocols_and_addresses_do_not_count() {
        let rules = vec![
            rule("tcp", 443, 443, &["0.0.0.0/0", "sg-db"]),
            rule("udp", 5432, 5432, &["0.0.0.0/0"]),
            rule("tcp", 5432, 5432, &["10.9.0.0/16", "::/0", "sg-other"]),
        ];
        assert_eq!(lets_out(empty_second(), rules, there()), Ok(false));
        assert_eq!(lets_out(empty_second(), vec![], Err(unread_list(Kind::Subnet))), Ok(false));
    }

    #[test]
    fn some_of_the_addresses_do_not_decide() {
        let gap = lets_out(empty_second(), vec![rule("tcp", 5432, 5432, &["10.0.1.7/32"])], there());
        assert!(gap.is_err_and(|gap| gap.detail.contains("alone")));
    }

    #[test]
    fn an_unread_group_leaves_a_no_open() {
        let no = lets_out(Scene::new().denied(Kind::SecurityGroup), vec![], there());
        assert_eq!(no, Err(denied_list(Kind::SecurityGroup)));
        let no = lets_out(Scene::new().listed(&[Kind::SecurityGroup]), vec![], there());
        assert!(no.is_err_and(|gap| gap.detail.contains("sg-2")));
    }

    #[test]
    fn prefix_lists_are_asked_for_only_where_they_decide() {
        let ask = Gap::unread(PREFIX_LISTS.primary(), &here(), "pl-x");
        let listed = || vec![everything(&["pl-x"])];
        assert_eq!(lets_out(empty_second(), listed(), there()), Err(ask));
        let read = |cidr| empty_second().with("pl-x", prefix_list(&[cidr]));
        assert_eq!(lets_out(read("10.0.0.0/8"), listed(), there()), Ok(true));
        assert_eq!(lets_out(read("11.0.0.0/8"), listed(), there()), Ok(false));
        let anyway = vec![everything(&["pl-x", "10.0.0.0/8"])];
        assert_eq!(lets_out(empty_second(), anyway, there()), Ok(true));
    }

    #[test]
    fn unread_addresses_matter_where_rules_name_some() {
        let unread = || Err(unread_list(Kind::Subnet));
        let rules = vec![rule("tcp", 5432, 5432, &["10.0.0.0/8"])];
        assert_eq!(lets_out(empty_second(), rules, unread()), Err(unread_list(Kind::Subnet)));
        let rules = vec![everything(&["0.0.0.0/0", "::/0"])];
        assert_eq!(lets_out(empty_second(), rules, unread()), Ok(true));
    }
}
