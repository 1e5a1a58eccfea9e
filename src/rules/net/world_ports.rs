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
        let mut last: Option<PortRange> = None;
        for piece in Ports::ALL.pieces(of_protocol().map(ports)) {
            if !is_open(of_protocol().filter(|rule| ports(rule).covers(piece)), group, world)? {
                continue;
            }
            match &mut last {
                Some(last) if last.to + 1 == piece.first => last.to = piece.last,
                _ => open.extend(last.replace(PortRange {
                    protocol: name.to_owned(),
                    from: piece.first,
                    to: piece.last,
                })),
            }
        }
        open.extend(last);
    }
    Ok(open)
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

fn is_most(addresses: &Addresses) -> bool {
    let public = Addresses::public();
    let admitted = addresses.within(&public);
    admitted.v4.size() > public.v4.size() / 2 || admitted.v6.size() > public.v6.size() / 2
}
