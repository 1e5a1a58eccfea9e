//! What a security group's ingress rules, taken together, admit from most of the internet.

use std::collections::BTreeSet;

use crate::model::aws::ec2::{PortRange, SecurityGroup, SgRule};
use crate::model::seen::Gap;
use crate::rules::kleene::foremost;
use crate::rules::{Ref, World};

use super::cidr::Addresses;
use super::ports::{Ports, protocol};
use super::prefix_lists::prefix_list;

/// Ports open to more than half of the public addresses of either family: sorted, merged, per protocol. Where all
/// protocols are open, that alone is said.
pub(crate) fn world_ports(group: Ref<'_>, world: &World<'_>) -> Result<Vec<PortRange>, Gap> {
    let rules = &World::facts::<SecurityGroup>(group).ingress;
    if is_open(rules.iter().filter(|rule| protocol(&rule.protocol) == "-1"), group, world)? {
        return Ok(vec![PortRange { protocol: "-1".into(), from: Ports::ALL.first, to: Ports::ALL.last }]);
    }
    let protocols: BTreeSet<&str> = rules.iter().map(|rule| protocol(&rule.protocol)).collect();
    let mut open = Vec::new();
    for name in protocols.into_iter().filter(|name| *name != "-1") {
        let of_protocol =
            || rules.iter().filter(|rule| matches!(protocol(&rule.protocol), p if p == name || p == "-1"));
        let mut pieces = Vec::new();
        for piece in Ports::ALL.pieces(of_protocol().map(ports)) {
            if is_open(of_protocol().filter(|rule| ports(rule).covers(piece)), group, world)? {
                pieces.push(piece);
            }
        }
        open.extend(merged(name, pieces));
    }
    Ok(open)
}

/// The ranges that these pieces, in order, make up.
pub(super) fn merged(protocol: &str, pieces: Vec<Ports>) -> Vec<PortRange> {
    let mut ranges: Vec<PortRange> = Vec::new();
    for Ports { first, last } in pieces {
        match ranges.last_mut() {
            Some(range) if range.to + 1 == first => range.to = last,
            _ => ranges.push(PortRange { protocol: protocol.to_owned(), from: first, to: last }),
        }
    }
    ranges
}

/// Only TCP and UDP have ports. What other protocols write in their place are types and codes: any makes the whole.
fn ports(rule: &SgRule) -> Ports {
    match protocol(&rule.protocol) {
        "tcp" | "udp" => Ports::of(rule.from, rule.to),
        _ => Ports::ALL,
    }
}

/// Whether these rules together admit most of the internet. What prefix lists hold is looked up where the rest leaves it
/// open.
fn is_open<'a>(
    rules: impl Iterator<Item = &'a SgRule>,
    group: Ref<'_>,
    world: &World<'_>,
) -> Result<bool, Gap> {
    let (mut admitted, mut lists) = (Addresses::default(), BTreeSet::new());
    for rule in rules {
        admitted.add_blocks(rule.cidrs.iter().chain(&rule.ipv6_cidrs), group)?;
        lists.extend(&rule.prefix_lists);
    }
    if is_most(&admitted) {
        return Ok(true);
    }
    let mut gaps = Vec::new();
    for list in lists {
        match prefix_list(list, &group.scope, world) {
            Ok(blocks) => blocks.iter().for_each(|block| admitted.add(block)),
            Err(gap) => gaps.push(gap),
        }
    }
    match foremost(gaps) {
        Some(gap) if !is_most(&admitted) => Err(gap),
        _ => Ok(is_most(&admitted)),
    }
}

pub(super) fn is_most(addresses: &Addresses) -> bool {
    let public = Addresses::public();
    let admitted = addresses.within(&public);
    admitted.v4.size() > public.v4.size() / 2 || admitted.v6.size() > public.v6.size() / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::aws::ec2::{PREFIX_LIST_ENTRIES, PREFIX_LISTS, PrefixList};
    use crate::model::kind::Kind;
    use crate::model::seen::Seen;
    use crate::rules::testing::{Scene, everything, group, here, prefix_list, rule, the};

    fn judge(scene: Scene, rules: Vec<SgRule>) -> Result<Vec<String>, Gap> {
        let snapshot = scene.with("sg-1", group(rules, vec![])).snapshot();
        let ports = world_ports(the(&snapshot, Kind::SecurityGroup, "sg-1"), &World::new(&snapshot))?;
        Ok(ports.into_iter().map(|range| format!("{} {}-{}", range.protocol, range.from, range.to)).collect())
    }

    fn open(rules: Vec<SgRule>) -> Vec<String> {
        judge(Scene::new(), rules).expect("nothing unread")
    }

    #[test]
    fn two_halves_are_the_world_even_in_two_rules() {
        assert_eq!(open(vec![rule("tcp", 22, 22, &["0.0.0.0/1", "128.0.0.0/1"])]), ["tcp 22-22"]);
        let rules = vec![rule("tcp", 20, 30, &["0.0.0.0/2"]), rule("tcp", 22, 22, &["64.0.0.0/2"])];
        assert_eq!(open(rules), ["tcp 22-22"]);
        assert_eq!(open(vec![rule("tcp", 443, 443, &["::/0"])]), ["tcp 443-443"]);
    }

    #[test]
    fn an_office_a_private_net_and_a_group_are_not_the_world() {
        let ends = ["203.0.113.0/24", "10.0.0.0/8", "172.16.0.0/12", "8.0.0.0/8", "sg-2", "2600:1f00::/24"];
        assert_eq!(open(vec![rule("tcp", 22, 22, &ends), everything(&["192.168.0.0/16"])]), [""; 0]);
        assert_eq!(open(vec![]), [""; 0]);
    }

    #[test]
    fn ranges_are_merged_and_sorted_per_protocol() {
        let rules = vec![
            rule("udp", 53, 53, &["0.0.0.0/0"]),
            rule("tcp", 443, 443, &["0.0.0.0/0"]),
            rule("tcp", 81, 90, &["0.0.0.0/0"]),
            rule("tcp", 80, 85, &["0.0.0.0/0"]),
        ];
        assert_eq!(open(rules), ["tcp 80-90", "tcp 443-443", "udp 53-53"]);
    }

    #[test]
    fn all_protocols_say_it_all() {
        let rules = vec![rule("tcp", 443, 443, &["0.0.0.0/0"]), everything(&["0.0.0.0/0"])];
        assert_eq!(open(rules), ["-1 0-65535"]);
    }

    #[test]
    fn a_rule_for_all_protocols_adds_to_one_for_some() {
        let rules = vec![rule("tcp", 22, 22, &["0.0.0.0/2"]), everything(&["64.0.0.0/2"])];
        assert_eq!(open(rules), ["tcp 22-22"]);
    }

    #[test]
    fn other_protocols_have_no_ports() {
        assert_eq!(open(vec![rule("icmp", 8, -1, &["0.0.0.0/0"])]), ["icmp 0-65535"]);
    }

    #[test]
    fn an_unread_prefix_list_is_a_gap_first_of_itself_then_of_its_entries() {
        let rules = || vec![rule("tcp", 443, 443, &["pl-x"])];
        let ask = Gap::unread(PREFIX_LISTS.primary(), &here(), "pl-x");
        assert_eq!(judge(Scene::new(), rules()), Err(ask));

        let call = PREFIX_LIST_ENTRIES.primary();
        let cidrs = Seen::unread(call, &here(), "pl-x");
        let found = Scene::new().with("pl-x", PrefixList { cidrs, ..prefix_list(&[]) });
        assert_eq!(judge(found, rules()), Err(Gap::unread(call, &here(), "pl-x")));

        let small = Scene::new().with("pl-x", prefix_list(&["203.0.113.0/24"]));
        assert_eq!(judge(small, rules()), Ok(vec![]));
        let all = Scene::new().with("pl-x", prefix_list(&["0.0.0.0/1", "128.0.0.0/1"]));
        assert_eq!(judge(all, rules()), Ok(vec!["tcp 443-443".to_owned()]));
    }

    #[test]
    fn a_prefix_list_that_changes_nothing_is_not_asked_for() {
        assert_eq!(open(vec![rule("tcp", 443, 443, &["pl-x", "0.0.0.0/0"])]), ["tcp 443-443"]);
    }
}
