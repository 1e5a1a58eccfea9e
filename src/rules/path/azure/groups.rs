//! What a network security group lets through: of its rules for a direction the first by priority that is for a packet
//! decides. It keeps state: answers are let back.

use serde_json::json;

use super::Lies;
use super::tags::{Side, Tags};
use crate::model::azure::network::{SecurityGroup, SecurityRule, Subnet};
use crate::model::kind::Kind;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::cidr::Addresses;
use crate::rules::net::ports::Ports;
use crate::rules::path::headers::{Headers, Protocols};
use crate::rules::path::leg::{At, Gate, Hop, Leg, Walk};
use crate::rules::path::reason::Reason;
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Inbound,
    Outbound,
}

impl Direction {
    fn name(self) -> &'static str {
        match self {
            Self::Inbound => "Inbound",
            Self::Outbound => "Outbound",
        }
    }

    fn reason(self) -> Reason {
        match self {
            Self::Inbound => Reason::NsgInbound,
            Self::Outbound => Reason::NsgOutbound,
        }
    }
}

/// Packets enter a subnet, or leave it.
pub(super) fn pass<'s>(
    walk: &mut Walk<'s>,
    lies: &Lies<'s>,
    direction: Direction,
    leg: &mut Leg<'s>,
    world: &World<'s>,
) {
    let subnet = match lies {
        Lies::In(subnet) => *subnet,
        Lies::Unread(_, gap) => return walk.doubt(gap.clone()),
        Lies::Nowhere => return,
    };
    walk.visit(Hop::of(subnet));
    let facts = World::facts::<Subnet>(subnet);
    let Some(id) = facts.security_group.as_deref() else {
        return walk.visit(Hop::of(subnet).by([hop(subnet, "security_group", serde_json::Value::Null)]));
    };
    match world.find(Kind::NetworkSecurityGroup, id, &subnet.scope) {
        Ok(group) => {
            let gate = gate(group, subnet, direction, walk.possible(), world);
            walk.pass(At::Resource(group), &gate, leg);
        }
        Err(NotFound::Unread(gap)) => walk.doubt(gap),
        Err(NotFound::Absent) => walk.doubt(undecided(subnet, format!("{id} is not there to be read"))),
    }
}

/// What the group makes of these packets: of others it need not say anything.
fn gate<'s>(
    group: Ref<'s>,
    subnet: Ref<'s>,
    direction: Direction,
    packets: &Headers,
    world: &World<'s>,
) -> Gate {
    let all = &World::facts::<SecurityGroup>(group).rules;
    let mut rules: Vec<&SecurityRule> =
        all.iter().filter(|rule| rule.direction.eq_ignore_ascii_case(direction.name())).collect();
    rules.sort_by_key(|rule| rule.priority);
    let tags = Tags::of(group, subnet, world);
    let says = match direction {
        Direction::Inbound => "its rules don't let it in",
        Direction::Outbound => "its rules don't let it out",
    };
    let mut gate = Gate::new(direction.reason(), says);
    // What no rule has decided for sure; what none may have denied.
    let (mut left, mut fresh) = (packets.clone(), packets.clone());
    let mut doubts: Vec<(Headers, Gap)> = Vec::new();
    for rule in rules {
        if left.is_empty() {
            break;
        }
        let Matched { sure, may, gap } = matched(rule, group, &left, &tags);
        let shown = evidence(group, rule);
        if rule.access.eq_ignore_ascii_case("Allow") {
            let certain = sure.within(&fresh);
            left = left.without(&certain);
            gate.sure.push((certain, shown));
            for (doubted, gap) in &doubts {
                gate.perhaps.push((may.within(doubted), gap.clone()));
            }
            gate.perhaps.extend(gap.map(|gap| (may.without(&sure), gap)));
            continue;
        }
        left = left.without(&sure);
        fresh = fresh.without(&may);
        if let Some(gap) = gap {
            doubts.push((may.without(&sure), gap));
        }
        gate.denials.push((may, shown));
    }
    gate
}

fn evidence(group: Ref<'_>, rule: &SecurityRule) -> Evidence {
    hop(
        group,
        "rules",
        json!({ "name": rule.name, "priority": rule.priority, "direction": rule.direction, "access": rule.access }),
    )
}

/// The packets that a rule is for.
struct Matched {
    sure: Headers,
    may: Headers,
    /// Why it may be for more than it is for sure; `None` where it isn't.
    gap: Option<Gap>,
}

fn matched(rule: &SecurityRule, group: Ref<'_>, packets: &Headers, tags: &Tags<'_, '_>) -> Matched {
    // What leads nowhere need not be looked up.
    let destined = packets.within(&to_ports(rule));
    if destined.is_empty() {
        return Matched { sure: Headers::none(), may: Headers::none(), gap: None };
    }
    let (sources, destinations) = (tags.side(&rule.sources), tags.side(&rule.destinations));
    let between = |sources: &Addresses, destinations: &Addresses, from: Ports| {
        destined.within(&Headers::of(Protocols::All, sources, destinations, from, Ports::ALL))
    };
    let mut may = between(&sources.may, &destinations.may, Ports::ALL);
    let mut sure = between(&sources.sure, &destinations.sure, Ports::ALL);
    let Side { gap: from, .. } = sources;
    let mut gap = from.or(destinations.gap);
    if let Some(from) = from_ports(rule) {
        (sure, may) = (sure.within(&from), may.within(&from));
    } else {
        sure = Headers::none();
        let why = format!("not told for which source ports the rule {} is", rule.name);
        gap = gap.or_else(|| Some(undecided(group, why)));
    }
    if let Some(why) = unreadable(rule) {
        sure = Headers::none();
        gap = gap.or_else(|| Some(undecided(group, why)));
    }
    let gap = gap.filter(|_| !sure.covers(&may));
    Matched { sure, may, gap }
}

/// Why it can't be told what a rule is for.
fn unreadable(rule: &SecurityRule) -> Option<String> {
    let protocol = Protocols::parse(&rule.protocol).is_none().then_some(&rule.protocol);
    let port = || rule.destination_ports.iter().find(|said| ports(said).is_none());
    protocol.or_else(port).map(|said| format!("{said:?} of the rule {} says nothing", rule.name))
}

/// By protocol and ports; whatever can't be read is everything.
fn to_ports(rule: &SecurityRule) -> Headers {
    let all = Addresses::everything();
    let Some(protocol) = Protocols::parse(&rule.protocol) else { return Headers::everything() };
    let of = |protocol: Protocols, to: Ports| Headers::of(protocol, &all, &all, Ports::ALL, to);
    let mut packets = Headers::none();
    for said in &rule.destination_ports {
        match (ports(said), protocol) {
            (None | Some(Ports::ALL), protocol) => packets.add(&of(protocol, Ports::ALL)),
            (Some(ports), Protocols::All) => {
                // A rule for some ports of all protocols is for those that have ports.
                for number in [6, 17, 132] {
                    packets.add(&of(Protocols::One(number), ports));
                }
            }
            (Some(ports), one) if one.has_ports() => packets.add(&of(one, ports)),
            (Some(_), one) => packets.add(&of(one, Ports::ALL)),
        }
    }
    packets
}

/// `None` where the facts don't tell.
fn from_ports(rule: &SecurityRule) -> Option<Headers> {
    let all = Addresses::everything();
    let mut packets = Headers::none();
    for said in &rule.source_ports {
        packets.add(&Headers::of(Protocols::All, &all, &all, ports(said)?, Ports::ALL));
    }
    (!rule.source_ports.is_empty()).then_some(packets)
}

fn ports(said: &str) -> Option<Ports> {
    if said == "*" {
        return Some(Ports::ALL);
    }
    let (first, last) = said.split_once('-').unwrap_or((said, said));
    Some(Ports { first: first.trim().parse().ok()?, last: last.trim().parse().ok()? })
}
