//! What lies between two places, one of them in Azure.

use std::rc::Rc;

use super::egress::{Egress, egress};
use super::groups::{Direction, pass};
use super::routes::{Course, Toward, follow};
use super::tags::internet;
use super::{Lies, Public, Role, Site, cosmos};
use crate::model::seen::Gap;
use crate::rules::azure::networks::joined;
use crate::rules::evidence::undecided;
use crate::rules::net::cidr::Addresses;
use crate::rules::net::ports::Ports;
use crate::rules::path::headers::{Field, Headers, Protocols};
use crate::rules::path::leg::{At, Gate, Hop, Leg, Walk};
use crate::rules::path::places::Place;
use crate::rules::path::reason::Reason;
use crate::rules::path::traffic::Traffic;
use crate::rules::{Ref, World};

pub(super) const OF_INTERFACES: &str = "security groups of single network interfaces, such as AKS keeps for its nodes, let through what \
     their subnet's lets through";
const OF_GATEWAYS: &str = "no gateway to other places teaches the network routes of its own";

pub(super) fn leg<'s>(from: &Place<'s>, to: &Place<'s>, traffic: &Traffic, world: &World<'s>) -> Leg<'s> {
    match (from, to) {
        (Place::Internet, Place::Azure(to)) => inward(to, traffic, world),
        (Place::Azure(from), Place::Internet) => outward(from, traffic, world),
        (Place::Azure(from), Place::Azure(to)) => between(from, to, traffic, world),
        (Place::Internet, Place::Service(account)) => cosmos::from_internet(account, traffic),
        (Place::Azure(from), Place::Service(account)) => cosmos::from_site(from, account, traffic, world),
        _ => Leg::default(),
    }
}

/// What both ends may have for addresses.
struct Ends {
    sources: Addresses,
    destinations: Addresses,
    /// IPv6 that one of them may not have.
    perhaps: Option<(Addresses, Addresses, Gap)>,
}

impl Ends {
    fn of(from: &Site<'_>, to: &Site<'_>) -> Self {
        let (sources, destinations) = (from.addresses.clone(), inside(to));
        let gap = from.ipv6.as_ref().or(to.ipv6.as_ref()).map(|(_, gap)| gap.clone());
        let perhaps = gap.map(|gap| (all_ipv6(from, &sources), all_ipv6(to, &destinations), gap));
        Self { sources, destinations, perhaps }
    }
}

/// Where it is asked by its neighbours.
fn inside(site: &Site<'_>) -> Addresses {
    let Some(doors) = site.doors.as_ref().filter(|_| site.role == Role::Interface) else {
        return site.addresses.clone();
    };
    let mut addresses = Addresses::default();
    doors.iter().filter(|door| !door.public).for_each(|door| addresses.add_all(&door.addresses));
    addresses
}

fn all_ipv6(site: &Site<'_>, sure: &Addresses) -> Addresses {
    let mut all = Addresses { v6: sure.v6.clone(), ..Addresses::default() };
    if let Some((perhaps, _)) = &site.ipv6 {
        all.v6.add_all(&perhaps.v6);
    }
    all
}

/// Judges the packets that surely can be meant, and beside them those that are meant only if an end has IPv6: that
/// these arrive is asked of nobody, and that they don't is not sure.
fn judged<'s>(
    ends: &Ends,
    from: Ports,
    traffic: &Traffic,
    unknown: &[Field],
    start: &Hop<'s>,
    course: &dyn Fn(Walk<'s>, &mut Leg<'s>),
) -> Leg<'s> {
    let run = |asked: Headers| {
        let mut leg = Leg { unknown: unknown.to_vec(), ..Leg::of(asked) };
        course(leg.start(start.clone()), &mut leg);
        leg
    };
    let asked = traffic.between(&ends.sources, &ends.destinations, from);
    let mut leg = run(asked);
    if let Some((sources, destinations, gap)) = &ends.perhaps {
        let beside = run(traffic.between(sources, destinations, from).without(&leg.asked));
        if !beside.ways.is_empty() || !beside.gaps.is_empty() {
            leg.gaps.push(gap.clone());
            leg.gaps.extend(beside.gaps);
            leg.gaps.extend(beside.ways.into_iter().flat_map(|way| way.gaps));
        }
    }
    leg
}

/// The fields of which one value is used. A gateway, or the internet, has many clients' connections.
fn unknown(from: Option<&Site<'_>>, to: Option<&Site<'_>>) -> Vec<Field> {
    let mut unknown = Vec::new();
    if let Some(from) = from {
        unknown.push(Field::SourcePort);
        if !from.exact {
            unknown.push(Field::Source);
        }
    }
    if to.is_some_and(|to| !to.exact) {
        unknown.push(Field::Destination);
    }
    unknown
}

/// From the internet. The packets are those that arrive once public addresses are translated: groups see these.
fn inward<'s>(to: &Rc<Site<'s>>, traffic: &Traffic, world: &World<'s>) -> Leg<'s> {
    let mut traffic = traffic.clone();
    let mut destinations = to.addresses.clone();
    let mut perhaps = to.ipv6.as_ref().map(|(addresses, gap)| {
        (internet(), Addresses { v6: addresses.v6.clone(), ..Addresses::default() }, gap.clone())
    });
    if let Public::Yes(public, _) = &to.public {
        // What is asked at an address of one family arrives at one of the same.
        if public.v4.is_empty() {
            destinations.v4 = Addresses::default().v4;
        }
        if public.v6.is_empty() {
            destinations.v6 = Addresses::default().v6;
            perhaps = None;
        }
        if traffic.destinations.take().is_some_and(|limit| public.within(&limit).is_empty()) {
            destinations = Addresses::default();
            perhaps = None;
        }
    }
    let ends = Ends { sources: internet(), destinations, perhaps };
    let unknown = unknown(None, Some(to));
    let mut leg =
        judged(&ends, Ports::EPHEMERAL, &traffic, &unknown, &Hop::at(At::Internet), &|mut walk, leg| {
            match &to.public {
                Public::No => {
                    let says = "it has no public address";
                    return walk.lost(At::Resource(to.of), Reason::NoAddress, says, leg);
                }
                Public::Untold(gap) => walk.doubt(gap.clone()),
                Public::Yes(_, hops) => hops.iter().for_each(|hop| walk.visit(hop.clone())),
            }
            enter(walk, to, Toward::Internet, leg, world);
        });
    assume(&mut leg, &[to]);
    leg
}

/// To the internet.
fn outward<'s>(from: &Rc<Site<'s>>, traffic: &Traffic, world: &World<'s>) -> Leg<'s> {
    if from.role != Role::Interface {
        return of_clients(from);
    }
    let public = Addresses::public();
    let perhaps =
        from.ipv6.as_ref().map(|(_, gap)| (all_ipv6(from, &from.addresses), public.clone(), gap.clone()));
    let ends = Ends { sources: from.addresses.clone(), destinations: public, perhaps };
    let unknown = unknown(Some(from), None);
    let mut leg = judged(&ends, Ports::EPHEMERAL, traffic, &unknown, &Hop::of(from.of), &|walk, leg| {
        for mut walk in leave(walk, from, leg, world) {
            walk.visit(Hop::at(At::Internet));
            walk.arrive(leg);
        }
    });
    assume(&mut leg, &[from]);
    leg
}

/// From one place to another in Azure.
fn between<'s>(from: &Rc<Site<'s>>, to: &Rc<Site<'s>>, traffic: &Traffic, world: &World<'s>) -> Leg<'s> {
    if from.role == Role::Frontend {
        return of_clients(from);
    }
    let unknown = unknown(Some(from), Some(to));
    let start = Hop::of(from.of);
    let ends = Ends::of(from, to);
    let mut leg = judged(&ends, Ports::EPHEMERAL, traffic, &unknown, &start, &|walk, leg| {
        if from.role == Role::Clients {
            let back = from.lies.network().map_or(Toward::Internet, Toward::Network);
            return enter(walk, to, back, leg, world);
        }
        if matches!(to.lies, Lies::Nowhere) {
            for walk in leave(walk, from, leg, world) {
                enter(walk, to, Toward::Internet, leg, world);
            }
            return;
        }
        let back = match (from.lies.network(), to.lies.network()) {
            (Some(here), Some(_)) => Toward::Network(here),
            _ => Toward::Internet,
        };
        for walk in reach(walk, from, &to.lies, to.of, leg, world) {
            enter(walk, to, back, leg, world);
        }
    });
    if from.role == Role::Interface && !matches!(to.lies, Lies::Nowhere) && !matches!(to.public, Public::No) {
        let inside_alone = leg.losses.is_empty() && !leg.asked.is_empty();
        if !inside_alone {
            leg.gaps.push(undecided(to.of, "ways over the internet between places of Azure are not judged"));
        }
    }
    assume(&mut leg, &[from, to]);
    leg
}

/// By private addresses, from network to network, as far as the other's edge.
pub(super) fn reach<'s>(
    mut walk: Walk<'s>,
    from: &Site<'s>,
    to: &Lies<'s>,
    of: Ref<'s>,
    leg: &mut Leg<'s>,
    world: &World<'s>,
) -> Vec<Walk<'s>> {
    pass(&mut walk, &from.lies, Direction::Outbound, leg, world);
    if walk.is_over() {
        return Vec::new();
    }
    let (Some(here), Some(there)) = (from.lies.network(), to.network()) else {
        walk.doubt(undecided(of, "which network it lies in is not read"));
        return vec![walk];
    };
    match joined(here, there, world) {
        Ok(true) => {}
        Ok(false) => {
            let says = "its network does not reach the one that the packets come from";
            walk.lost(At::Resource(of), Reason::OtherNetwork, says, leg);
            return Vec::new();
        }
        Err(gap) => walk.doubt(gap),
    }
    follow(walk, &from.lies, Toward::Network(there), Course::There, leg, world)
}

/// Out of a subnet and out of Azure, as far as to be on the internet.
pub(super) fn leave<'s>(
    mut walk: Walk<'s>,
    from: &Site<'s>,
    leg: &mut Leg<'s>,
    world: &World<'s>,
) -> Vec<Walk<'s>> {
    pass(&mut walk, &from.lies, Direction::Outbound, leg, world);
    if walk.is_over() {
        return Vec::new();
    }
    let routed = follow(walk, &from.lies, Toward::Internet, Course::There, leg, world);
    let mut gone = Vec::new();
    for mut walk in routed {
        match egress(from, world) {
            Egress::By(hops, addresses, more) => {
                for hop in hops {
                    walk.visit(hop);
                }
                if addresses.v6.is_empty() {
                    let mut sixes = walk.part(&of_ipv6());
                    walk = walk.part(&Headers::everything().without(&of_ipv6()));
                    if let Some(gap) = more {
                        sixes.doubt(gap);
                        gone.push(sixes);
                    } else {
                        let says = "nothing lends it an IPv6 address for the internet";
                        sixes.lost(At::Resource(from.of), Reason::NoAddress, says, leg);
                    }
                }
                gone.push(walk);
            }
            Egress::Perhaps(hops, gap) => {
                for hop in hops {
                    walk.visit(hop);
                }
                walk.doubt(gap);
                gone.push(walk);
            }
            Egress::No(hops, says) => {
                for hop in hops {
                    walk.visit(hop);
                }
                walk.lost(At::Resource(from.of), Reason::NatUnusable, says, leg);
            }
        }
    }
    gone
}

fn of_ipv6() -> Headers {
    let sixes = Addresses { v6: Addresses::everything().v6, ..Addresses::default() };
    Headers::of(Protocols::All, &sixes, &sixes, Ports::ALL, Ports::ALL)
}

/// Into a subnet, and to whatever listens there. `back`: where the answers go.
fn enter<'s>(mut walk: Walk<'s>, to: &Site<'s>, back: Toward<'s>, leg: &mut Leg<'s>, world: &World<'s>) {
    let mut here = vec![];
    if to.role == Role::Interface {
        pass(&mut walk, &to.lies, Direction::Inbound, leg, world);
        if !walk.is_over() {
            here = follow(walk, &to.lies, back, Course::Back, leg, world);
        }
    } else {
        here.push(walk);
    }
    for mut walk in here {
        if let Some(doors) = &to.doors {
            let public = matches!(back, Toward::Internet) || matches!(to.lies, Lies::Nowhere);
            walk.pass(At::Resource(to.of), &listeners(doors, public), leg);
        }
        walk.visit(Hop::of(to.of));
        walk.arrive(leg);
    }
}

fn listeners(doors: &[super::Door], public: bool) -> Gate {
    let mut gate = Gate::new(Reason::ListenerMissing, "it does not listen for this");
    let all = Addresses::everything();
    for door in doors.iter().filter(|door| door.public == public) {
        let taken = Headers::of(door.protocols, &all, &door.addresses, Ports::ALL, door.ports);
        match &door.told {
            Ok(evidence) => gate.sure.push((taken, evidence.clone())),
            Err(gap) => gate.perhaps.push((taken, gap.clone())),
        }
    }
    gate
}

/// A load balancer has no packets of its own.
fn of_clients<'s>(balancer: &Site<'s>) -> Leg<'s> {
    let why = "what it sends on depends on who asks it: ask for the way from there";
    Leg { gaps: vec![undecided(balancer.of, why)], ..Leg::default() }
}

pub(super) fn assume(leg: &mut Leg<'_>, sites: &[&Rc<Site<'_>>]) {
    if sites.iter().any(|site| site.role == Role::Interface) {
        leg.assumptions.push(OF_INTERFACES.to_owned());
        leg.assumptions.push(OF_GATEWAYS.to_owned());
    }
}
