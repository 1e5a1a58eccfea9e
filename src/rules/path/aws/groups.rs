//! Security groups as gates: rules add up, and what came through in one direction is answered in the other.

use serde_json::json;

use crate::model::aws::ec2::{SecurityGroup, SgRule};
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::cidr::Addresses;
use crate::rules::net::ports::Ports;
use crate::rules::net::prefix_lists::prefix_list;
use crate::rules::net::security_groups::{Direction, Guard};
use crate::rules::path::headers::{Headers, Protocols};
use crate::rules::path::leg::{At, Gate, Leg, Walk};
use crate::rules::path::reason::Reason;
use crate::rules::{Ref, World};

/// What lies on the other side, as rules may name it beside its addresses.
pub(super) enum Peer<'a, 's> {
    /// An interface with groups of its own.
    Guarded(Option<&'a Guard<'s>>),
    /// Nothing that has groups. Its addresses are public ones of a service which this list holds.
    Listed(Option<&'a str>),
}

/// The packets leave an interface, or enter it.
pub(super) fn pass<'s>(
    walk: &mut Walk<'s>,
    guard: Option<&Guard<'s>>,
    direction: Direction,
    peer: &Peer<'_, 's>,
    world: &World<'s>,
    leg: &mut Leg<'s>,
) {
    let Some(guard) = guard.filter(|guard| !guard.groups.is_empty() || guard.unnamed().is_some()) else {
        return;
    };
    if walk.is_over() {
        return;
    }
    let (reason, says) = match direction {
        Direction::Ingress => (Reason::GroupIngress, "its security groups admit nothing else"),
        Direction::Egress => (Reason::GroupEgress, "its security groups let nothing else out"),
    };
    let mut gate = Gate::new(reason, says);
    let (groups, unread) = guard.groups(world);
    gate.perhaps.extend(unread.into_iter().map(|gap| (Headers::everything(), gap)));
    for group in groups {
        let facts = World::facts::<SecurityGroup>(group);
        let (rules, field) = match direction {
            Direction::Ingress => (&facts.ingress, "ingress"),
            Direction::Egress => (&facts.egress, "egress"),
        };
        for rule in rules {
            add(&mut gate, group, field, rule, direction, peer, world);
        }
    }
    walk.pass(At::Resource(guard.of), &gate, leg);
}

fn add<'s>(
    gate: &mut Gate,
    group: Ref<'s>,
    field: &str,
    rule: &SgRule,
    direction: Direction,
    peer: &Peer<'_, 's>,
    world: &World<'s>,
) {
    let everywhere = Addresses::everything();
    let Some(protocols) = Protocols::parse(&rule.protocol) else {
        let gap = undecided(group, format!("a rule of it is for the unknown protocol {:?}", rule.protocol));
        return gate.perhaps.push((Headers::everything(), gap));
    };
    let ports = ports(protocols, rule);
    let of = |addresses: &Addresses| match direction {
        Direction::Ingress => Headers::of(protocols, addresses, &everywhere, Ports::ALL, ports),
        Direction::Egress => Headers::of(protocols, &everywhere, addresses, Ports::ALL, ports),
    };
    let by = || hop(group, field, json!(rule));
    let mut admitted = Addresses::default();
    if let Err(gap) = admitted.add_blocks(rule.cidrs.iter().chain(&rule.ipv6_cidrs), group) {
        gate.perhaps.push((of(&everywhere), gap));
    }
    let mut lists = Vec::new();
    for list in &rule.prefix_lists {
        if matches!(peer, Peer::Listed(Some(known)) if known == list) {
            gate.sure.push((of(&everywhere), by()));
            continue;
        }
        match prefix_list(list, &group.scope, world) {
            Ok(blocks) => blocks.iter().for_each(|block| admitted.add(block)),
            Err(gap) => lists.push((of(&everywhere), gap)),
        }
    }
    if !admitted.is_empty() {
        gate.sure.push((of(&admitted), by()));
    }
    gate.perhaps.extend(lists);
    if let Peer::Guarded(Some(guard)) = peer {
        if rule.groups.iter().any(|named| guard.groups.contains(&named.id)) {
            gate.sure.push((of(&everywhere), by()));
        } else if let Some(gap) = guard.unnamed().filter(|_| !rule.groups.is_empty()) {
            gate.perhaps.push((of(&everywhere), gap));
        }
    }
}

/// What a rule says of ports. A message of ICMP stands where a port would: its type before its code.
fn ports(protocols: Protocols, rule: &SgRule) -> Ports {
    let given = |number: Option<i64>| number.filter(|number| (0..256).contains(number));
    match (protocols, given(rule.from)) {
        (Protocols::One(1 | 58), Some(kind)) => match given(rule.to) {
            Some(code) => Ports::one(kind * 256 + code),
            None => Ports { first: kind * 256, last: kind * 256 + 255 },
        },
        _ if protocols.has_ports() => Ports::of(rule.from, rule.to),
        _ => Ports::ALL,
    }
}
