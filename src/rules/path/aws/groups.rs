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
    let (groups, unread) = guard.groups(world);
    let mut rules = Rules { direction, peer, packets: walk.possible(), gate: Gate::new(reason, says) };
    rules.gate.perhaps.extend(unread.into_iter().map(|gap| (Headers::everything(), gap)));
    for group in groups {
        let facts = World::facts::<SecurityGroup>(group);
        let own = match direction {
            Direction::Ingress => &facts.ingress,
            Direction::Egress => &facts.egress,
        };
        for rule in own {
            rules.add(group, rule, world);
        }
    }
    let gate = rules.gate;
    walk.pass(At::Resource(guard.of), &gate, leg);
}

/// The rules of one direction, as far as they are for these packets.
struct Rules<'a, 's> {
    direction: Direction,
    peer: &'a Peer<'a, 's>,
    packets: &'a Headers,
    gate: Gate,
}

impl<'s> Rules<'_, 's> {
    fn add(&mut self, group: Ref<'s>, rule: &SgRule, world: &World<'s>) {
        let Some(protocols) = Protocols::parse(&rule.protocol) else {
            let why = format!("a rule of it is for the unknown protocol {:?}", rule.protocol);
            return self.gate.perhaps.push((Headers::everything(), undecided(group, why)));
        };
        let ports = ports(protocols, rule);
        let everywhere = Addresses::everything();
        let of = |addresses: &Addresses| match self.direction {
            Direction::Ingress => Headers::of(protocols, addresses, &everywhere, Ports::ALL, ports),
            Direction::Egress => Headers::of(protocols, &everywhere, addresses, Ports::ALL, ports),
        };
        let whole = of(&everywhere);
        if !self.packets.meets(&whole) {
            return;
        }
        let mut admitted = Addresses::default();
        let mut named = false;
        let blocks = admitted.add_blocks(rule.cidrs.iter().chain(&rule.ipv6_cidrs), group);
        let mut unread = Vec::from_iter(blocks.err());
        for list in &rule.prefix_lists {
            if matches!(self.peer, Peer::Listed(Some(known)) if known == list) {
                named = true;
                continue;
            }
            match prefix_list(list, &group.scope, world) {
                Ok(blocks) => blocks.iter().for_each(|block| admitted.add(block)),
                Err(gap) => unread.push(gap),
            }
        }
        if let Peer::Guarded(Some(guard)) = self.peer {
            named |= rule.groups.iter().any(|group| guard.groups.contains(&group.id));
            unread.extend(guard.unnamed().filter(|_| !rule.groups.is_empty()));
        }
        let admitted = if named { whole.clone() } else { of(&admitted) };
        if self.packets.meets(&admitted) {
            let field = match self.direction {
                Direction::Ingress => "ingress",
                Direction::Egress => "egress",
            };
            self.gate.sure.push((admitted, hop(group, field, json!(rule))));
        }
        self.gate.perhaps.extend(unread.into_iter().map(|gap| (whole.clone(), gap)));
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
