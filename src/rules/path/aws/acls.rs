//! Network ACLs as gates: entries in the order of their numbers, the first that matches decides, none means no. They keep
//! nothing in mind, so that answers need entries of their own.

use serde_json::json;

use super::leg::connections;
use crate::model::aws::ec2::{AclEntry, NetworkAcl};
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::cidr::Addresses;
use crate::rules::net::ports::Ports;
use crate::rules::net::routes::network_acl;
use crate::rules::net::security_groups::Direction;
use crate::rules::path::headers::{Field, Headers, Protocols};
use crate::rules::path::leg::{At, Gate, Leg, Walk};
use crate::rules::path::reason::Reason;
use crate::rules::{Ref, World};

/// What entries say of some packets.
#[derive(Default)]
struct Judged {
    allowed: Vec<(Headers, Evidence)>,
    denied: Vec<(Headers, Evidence)>,
    open: Vec<(Headers, Gap)>,
}

/// The packets leave a subnet, or enter it.
pub(super) fn pass<'s>(
    walk: &mut Walk<'s>,
    subnet: Ref<'s>,
    direction: Direction,
    world: &World<'s>,
    leg: &mut Leg<'s>,
) {
    if walk.is_over() {
        return;
    }
    let reason = match direction {
        Direction::Ingress => Reason::AclIngress,
        Direction::Egress => Reason::AclEgress,
    };
    let gate = match network_acl(subnet, world) {
        Ok(acl) => {
            let Judged { allowed, denied, open } = judge(acl, direction, walk.possible().clone());
            let says = format!("the network ACL {} lets nothing else {}", acl.id, way(direction));
            Gate { sure: allowed, perhaps: open, denials: denied, ..Gate::new(reason, says) }
        }
        Err(gap) => Gate::unread(reason, gap),
    };
    walk.pass(At::Resource(subnet), &gate, leg);
}

/// The answers to connections leave a subnet, or enter it. Other packets have arrived without any.
pub(super) fn pass_answers<'s>(
    walk: &mut Walk<'s>,
    subnet: Ref<'s>,
    direction: Direction,
    world: &World<'s>,
    leg: &mut Leg<'s>,
) {
    let asked = walk.possible().within(&connections());
    answers(walk, &asked, subnet, direction, world, leg, |all| all);
}

/// The same where something took the packets and sends its own on from a port that it picks: answers to every one that it
/// may pick must come through.
pub(super) fn pass_all_answers<'s>(
    walk: &mut Walk<'s>,
    subnet: Ref<'s>,
    world: &World<'s>,
    leg: &mut Leg<'s>,
) {
    let everywhere = Addresses::everything();
    let picked = Headers::of(Protocols::TCP, &everywhere, &everywhere, Ports::EPHEMERAL, Ports::ALL);
    let asked = walk.possible().whatever(Field::SourcePort).within(&picked);
    answers(walk, &asked, subnet, Direction::Ingress, world, leg, |through| {
        through.for_every(Field::SourcePort, &asked)
    });
}

fn answers<'s>(
    walk: &mut Walk<'s>,
    asked: &Headers,
    subnet: Ref<'s>,
    direction: Direction,
    world: &World<'s>,
    leg: &mut Leg<'s>,
    needed: impl Fn(Headers) -> Headers,
) {
    if asked.is_empty() {
        return;
    }
    let gate = match network_acl(subnet, world) {
        Ok(acl) => {
            let Judged { allowed, denied, open } = judge(acl, direction, asked.answers());
            let says = format!("the network ACL {} does not let the answers {}", acl.id, way(direction));
            let mut gate = Gate::new(Reason::AclReturn, says);
            gate.denials = denied.into_iter().map(|(part, by)| (part.answers(), by)).collect();
            let mut through = Headers::none();
            for (part, _) in &allowed {
                through.add(&part.answers());
            }
            let whole = needed(through.clone());
            for (part, by) in allowed {
                // One entry of several that together let every answer through stands for its own part.
                gate.sure.push((whole.within(&part.answers().whatever(Field::SourcePort)), by));
            }
            for (part, gap) in open {
                through.add(&part.answers());
                gate.perhaps.push((needed(through.clone()), gap));
            }
            gate
        }
        Err(gap) => Gate::unread(Reason::AclReturn, gap),
    };
    walk.pass_some(&connections(), At::Resource(subnet), &gate, leg);
}

fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "in",
        Direction::Egress => "out",
    }
}

fn judge(acl: Ref<'_>, direction: Direction, packets: Headers) -> Judged {
    let egress = matches!(direction, Direction::Egress);
    let facts = World::facts::<NetworkAcl>(acl);
    let mut entries: Vec<&AclEntry> = facts.entries.iter().filter(|entry| entry.egress == egress).collect();
    entries.sort_by_key(|entry| entry.number);
    let (mut judged, mut left) = (Judged::default(), packets);
    for entry in entries {
        if left.is_empty() {
            break;
        }
        let matched = match headers(acl, entry, direction) {
            Ok(matched) => left.within(&matched),
            Err(gap) => {
                judged.open.push((left, gap));
                break;
            }
        };
        if matched.is_empty() {
            continue;
        }
        left = left.without(&matched);
        if matches!(entry.protocol.as_str(), "1" | "58") {
            let why = format!("which messages of ICMP entry {} is for is not read", entry.number);
            judged.open.push((matched, undecided(acl, why)));
        } else if entry.allow {
            judged.allowed.push((matched, hop(acl, "entries", said(entry))));
        } else {
            judged.denied.push((matched, hop(acl, "entries", said(entry))));
        }
    }
    judged
}

fn headers(acl: Ref<'_>, entry: &AclEntry, direction: Direction) -> Result<Headers, Gap> {
    let unreadable = || undecided(acl, format!("entry {} is for an unknown protocol", entry.number));
    let protocols = Protocols::parse(&entry.protocol).ok_or_else(unreadable)?;
    let ports = if protocols.has_ports() { Ports::of(entry.from, entry.to) } else { Ports::ALL };
    let mut peer = Addresses::default();
    peer.add_blocks(entry.cidr.iter().chain(&entry.ipv6_cidr), acl)?;
    let everywhere = Addresses::everything();
    Ok(match direction {
        Direction::Ingress => Headers::of(protocols, &peer, &everywhere, Ports::ALL, ports),
        Direction::Egress => Headers::of(protocols, &everywhere, &peer, Ports::ALL, ports),
    })
}

fn said(entry: &AclEntry) -> serde_json::Value {
    json!({
        "number": entry.number,
        "egress": entry.egress,
        "allow": entry.allow,
        "protocol": entry.protocol,
        "cidr": entry.cidr.as_ref().or(entry.ipv6_cidr.as_ref()),
        "from": entry.from,
        "to": entry.to,
    })
}

#[cfg(test)]
mod tests;
