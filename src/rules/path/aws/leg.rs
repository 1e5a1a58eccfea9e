//! What lies between two places of AWS, or between one and the internet.
//!
//! Addresses inside a VPC are private ones: an internet gateway gives a packet the public one on its way out and takes it
//! away on its way in, which no rule inside sees.
//!
//! IPv6 is asked beside IPv4 where both ends have it. Where it is not known whether an end has any, its packets are meant
//! perhaps: an answer that holds with and without them is one, any other is open. An end without any is asked by IPv4
//! alone. The internet has both.

use super::groups::{self, Peer};
use super::routes::{Back, along, back, leads_to, local};
use super::{Public, Site, acls, endpoints, gateways};
use crate::model::aws::ec2::Subnet;
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::net::ports::Ports;
use crate::rules::net::security_groups::Direction;
use crate::rules::path::headers::{Field, Headers, Protocols};
use crate::rules::path::leg::{Answer, At, Gate, Hop, Leg, Walk};
use crate::rules::path::places::Place;
use crate::rules::path::reason::Reason;
use crate::rules::path::traffic::Traffic;
use crate::rules::{Ref, World};

pub(in crate::rules::path) fn leg<'s>(
    from: &Place<'s>,
    to: &Place<'s>,
    traffic: &Traffic,
    world: &World<'s>,
) -> Leg<'s> {
    match (from, to) {
        (Place::Aws(from), Place::Aws(to)) => between(from, to, traffic, world),
        (Place::Aws(from), Place::Internet) => out(from, traffic, world),
        (Place::Internet, Place::Aws(to)) => come_in(to, traffic, world),
        (Place::Aws(from), Place::Service(to)) => endpoints::asked(from, to, traffic, world),
        (Place::Internet, Place::Service(to)) => endpoints::asked_publicly(to, traffic),
        _ => Leg::default(),
    }
}

/// One end's addresses, and what is not known of them.
pub(super) struct End<'a> {
    /// Whose they are; nobody's where that is the internet or a service.
    of: Option<Ref<'a>>,
    addresses: Addresses,
    exact: bool,
    ipv6: Option<&'a Gap>,
}

impl<'a> End<'a> {
    pub(super) fn of(site: &'a Site<'_>) -> Self {
        Self {
            of: Some(site.of),
            addresses: site.addresses.clone(),
            exact: site.exact,
            ipv6: site.ipv6.as_ref(),
        }
    }

    /// As far as the internet can be reached with them: all of IPv4, by translation, and what is public of IPv6.
    fn abroad(mut self) -> Self {
        self.addresses.v6 = self.addresses.v6.within(&Addresses::public().v6);
        self
    }

    pub(super) fn public(addresses: Addresses) -> Self {
        Self { of: None, addresses, exact: true, ipv6: None }
    }

    /// What is asked at one of these addresses, and at which is not told.
    pub(super) fn somewhere(of: Ref<'a>, addresses: Addresses) -> Self {
        Self { of: Some(of), exact: false, ..Self::public(addresses) }
    }
}

/// A load balancer, and the many clients of the internet, use every port that a client can; of any other client it is not
/// known which.
fn uses_every_port(from: &Site<'_>) -> bool {
    from.of.kind() == Kind::LoadBalancer
}

pub(super) fn asked<'s>(from: &End<'_>, to: &End<'_>, every_port: bool, traffic: &Traffic) -> Leg<'s> {
    let mut leg = Leg::of(traffic.between(&from.addresses, &to.addresses, Ports::EPHEMERAL));
    let addresses = "which of the addresses that it may have is its own is not told";
    let ports = "from which port it asks is not told";
    for (field, known, end, why) in [
        (Field::Source, from.exact, from, addresses),
        (Field::Destination, to.exact, to, addresses),
        (Field::SourcePort, every_port, from, ports),
    ] {
        if !known {
            leg.unknown.push(field);
            leg.blind.extend(end.of.map(|of| undecided(of, why)));
        }
    }
    let v6 = leg.asked.without(&asked_of_v4());
    if !v6.is_empty() {
        leg.perhaps = from.ipv6.into_iter().chain(to.ipv6).map(|gap| (v6.clone(), gap.clone())).collect();
    }
    leg
}

/// All packets of IPv4.
pub(super) fn asked_of_v4() -> Headers {
    let mut v4 = Addresses::default();
    v4.add(&Cidr::parse("0.0.0.0/0").expect("a constant"));
    Headers::of(Protocols::All, &v4, &v4, Ports::ALL, Ports::ALL)
}

/// The packets that are answered, or nothing is reached: those of connections.
pub(super) fn connections() -> Headers {
    let all = Addresses::everything();
    Headers::of(Protocols::TCP, &all, &all, Ports::ALL, Ports::ALL)
}

pub(super) fn to_addresses(addresses: &Addresses) -> Headers {
    Headers::of(Protocols::All, &Addresses::everything(), addresses, Ports::ALL, Ports::ALL)
}

fn vpc<'s>(site: &Site<'s>) -> &'s str {
    &World::facts::<Subnet>(site.subnet).vpc
}

/// From an interface to another.
pub(super) fn between<'s>(from: &Site<'s>, to: &Site<'s>, traffic: &Traffic, world: &World<'s>) -> Leg<'s> {
    let mut leg = asked(&End::of(from), &End::of(to), uses_every_port(from), traffic);
    let mut walk = leg.start(Hop::of(from.of));
    let peer = Peer::Guarded(to.guard.as_ref());
    groups::pass(&mut walk, from.guard.as_ref(), Direction::Egress, &peer, world, &mut leg);
    if from.subnet.id == to.subnet.id {
        if !walk.is_over() {
            walk.visit(Hop::of(from.subnet));
        }
        into(walk, from, to, world, &mut leg);
    } else if vpc(from) == vpc(to) {
        within(walk, from, to, world, &mut leg);
    } else {
        across(walk, from, to, world, &mut leg);
    }
    by_public_address(from, to, traffic, world, &mut leg);
    leg
}

/// From subnet to subnet of one VPC.
fn within<'s>(mut walk: Walk<'s>, from: &Site<'s>, to: &Site<'s>, world: &World<'s>, leg: &mut Leg<'s>) {
    acls::pass(&mut walk, from.subnet, Direction::Egress, world, leg);
    acls::pass_answers(&mut walk, from.subnet, Direction::Ingress, world, leg);
    along(&walk, from.subnet, &to.addresses, Reason::NoRoute, world, leg, |mut walk, route, leg| {
        match leads_to(route) {
            "local" => {}
            "igw" | "eigw" | "pcx" | "vgw" => return gateways::away(walk, from.subnet, route, leg),
            "eni" | "vpce" => {
                leg.assumptions.push(gateways::TRANSPARENT.to_owned());
                walk.visit(Hop::at(At::Named(route.target.clone())));
                let why = format!(
                    "{} goes to {} first, and whether that sends it on is not read",
                    route.destination, route.target
                );
                walk.doubt(undecided(from.subnet, why));
            }
            _ => return gateways::elsewhere(&walk, from.subnet, route, leg),
        }
        acls::pass(&mut walk, to.subnet, Direction::Ingress, world, leg);
        acls::pass_answers(&mut walk, to.subnet, Direction::Egress, world, leg);
        back(&mut walk, to.subnet, &from.addresses, world, leg, |route| match leads_to(route) {
            "local" => Back::Leads,
            "igw" | "eigw" | "pcx" => Back::Elsewhere,
            _ => {
                let why = format!("answers go to {}, and where that leads is not read", route.target);
                Back::Untold(undecided(to.subnet, why))
            }
        });
        into(walk, from, to, world, leg);
    });
}

/// In at an interface, past its groups, to what it listens for.
fn into<'s>(mut walk: Walk<'s>, from: &Site<'s>, to: &Site<'s>, world: &World<'s>, leg: &mut Leg<'s>) {
    let peer = Peer::Guarded(from.guard.as_ref());
    groups::pass(&mut walk, to.guard.as_ref(), Direction::Ingress, &peer, world, leg);
    listened(walk, to, leg);
}

fn listened<'s>(mut walk: Walk<'s>, to: &Site<'s>, leg: &mut Leg<'s>) {
    if walk.is_over() {
        return;
    }
    if let Some(listens) = &to.listens {
        let all = Addresses::everything();
        let mut open = Headers::none();
        for (protocols, ports) in listens {
            open.add(&Headers::of(*protocols, &all, &all, Ports::ALL, *ports));
        }
        let gate = Gate::new(Reason::ListenerMissing, "it does not listen for this");
        walk.pass_some(&Headers::everything().without(&open), At::Resource(to.of), &gate, leg);
    }
    walk.visit(Hop::of(to.of));
    walk.arrive(leg);
}

/// To another VPC. What leads there is not read.
fn across<'s>(mut walk: Walk<'s>, from: &Site<'s>, to: &Site<'s>, world: &World<'s>, leg: &mut Leg<'s>) {
    acls::pass(&mut walk, from.subnet, Direction::Egress, world, leg);
    away_from(&walk, from.subnet, to, false, world, leg);
}

/// By the routes of one subnet, and where one leads to a NAT gateway, by those of its subnet.
fn away_from<'s>(
    walk: &Walk<'s>,
    subnet: Ref<'s>,
    to: &Site<'s>,
    translated: bool,
    world: &World<'s>,
    leg: &mut Leg<'s>,
) {
    along(walk, subnet, &to.addresses, Reason::OtherNetwork, world, leg, |mut walk, route, leg| {
        let v4 = walk.possible().without(&asked_of_v4()).is_empty();
        match leads_to(route) {
            _ if walk.is_over() => {}
            "local" => {
                let says = "its own network takes these addresses for its own";
                walk.lost(At::Resource(subnet), Reason::OtherNetwork, says, leg);
            }
            "igw" | "eigw" if v4 => {
                let says = format!("the internet has no way to private addresses of {}", vpc(to));
                walk.lost(At::Resource(subnet), Reason::OtherNetwork, &says, leg);
            }
            "igw" | "eigw" => leg.gaps.push(undecided(to.of, "by IPv6 it may be reached over the internet")),
            "nat" if !translated => match gateways::behind(&route.target, subnet, world) {
                Ok(next) => {
                    walk.visit(Hop::at(At::Named(route.target.clone())));
                    away_from(&walk, next, to, true, world, leg);
                }
                Err(gap) => leg.gaps.push(gap),
            },
            _ => {
                let why =
                    format!("{} goes to {}, and peerings are not read", route.destination, route.target);
                leg.gaps.push(undecided(subnet, why));
            }
        }
    });
}

/// Who has a public address may be asked by it from inside as well, round by the internet: where that comes through, what
/// does not come by the private one is not known to be lost.
fn by_public_address<'s>(
    from: &Site<'s>,
    to: &Site<'s>,
    traffic: &Traffic,
    world: &World<'s>,
    leg: &mut Leg<'s>,
) {
    let destinations = match &to.public {
        Public::No => return,
        Public::Yes(told) if !told.is_empty() => Some(told.clone()),
        Public::Yes(_) | Public::Untold(_) => None,
    };
    if leg.ways.iter().any(|way| way.certain.covers(&leg.asked)) {
        return;
    }
    let there = Traffic { destinations, ..traffic.clone() };
    let here = Traffic { sources: None, destinations: None, ..traffic.clone() };
    let legs = [out(from, &there, world), come_in(to, &here, world)];
    if legs.iter().all(|leg| !matches!(leg.lets_in(&|_| Some(true)), Answer::No(_))) {
        let why = "it has, or may have, a public address: whether it is asked by that is not told";
        leg.gaps.push(undecided(to.of, why));
    }
}

/// From an interface to the internet. Addresses that the VPC takes for its own are no part of it.
pub(super) fn out<'s>(from: &Site<'s>, traffic: &Traffic, world: &World<'s>) -> Leg<'s> {
    let internet = Addresses::public().without(&local(from.subnet, world));
    let ends = (End::of(from).abroad(), End::public(internet.clone()));
    let mut leg = asked(&ends.0, &ends.1, uses_every_port(from), traffic);
    leg.assumptions.push(UNBLOCKED.to_owned());
    let mut walk = leg.start(Hop::of(from.of));
    groups::pass(&mut walk, from.guard.as_ref(), Direction::Egress, &Peer::Listed(None), world, &mut leg);
    out_of_subnet(walk, from, &internet, world, &mut leg);
    leg
}

pub(super) fn out_of_subnet<'s>(
    mut walk: Walk<'s>,
    from: &Site<'s>,
    internet: &Addresses,
    world: &World<'s>,
    leg: &mut Leg<'s>,
) {
    acls::pass(&mut walk, from.subnet, Direction::Egress, world, leg);
    acls::pass_answers(&mut walk, from.subnet, Direction::Ingress, world, leg);
    along(&walk, from.subnet, internet, Reason::NoRoute, world, leg, |walk, route, leg| {
        gateways::out(walk, from, route, world, leg);
    });
}

const UNBLOCKED: &str = "VPC block public access, which is not read, is off";

/// From the internet to an interface.
fn come_in<'s>(to: &Site<'s>, traffic: &Traffic, world: &World<'s>) -> Leg<'s> {
    let internet = Addresses::public();
    let (traffic, which) = inside(traffic, to);
    let mut leg = asked(&End::public(internet.clone()), &End::of(to).abroad(), true, &traffic);
    leg.perhaps.extend(which.map(|gap| (asked_of_v4(), gap)));
    leg.assumptions.push(UNBLOCKED.to_owned());
    let mut walk = leg.start(Hop::at(At::Internet));
    if walk.is_over() || !gateways::come_in(&mut walk, to, world, &mut leg) {
        return leg;
    }
    acls::pass(&mut walk, to.subnet, Direction::Ingress, world, &mut leg);
    acls::pass_answers(&mut walk, to.subnet, Direction::Egress, world, &mut leg);
    let sources = traffic.sources.as_ref().map_or_else(|| internet.clone(), |only| internet.within(only));
    gateways::back_out(&mut walk, to, &sources, world, &mut leg);
    groups::pass(&mut walk, to.guard.as_ref(), Direction::Ingress, &Peer::Listed(None), world, &mut leg);
    listened(walk, to, &mut leg);
    leg
}

/// Who asks for packets to a public address means those that an internet gateway makes of them. A gap where it is not
/// told whether the address is this one's.
fn inside(traffic: &Traffic, to: &Site<'_>) -> (Traffic, Option<Gap>) {
    let Some(asked) = &traffic.destinations else { return (traffic.clone(), None) };
    let gap = match &to.public {
        Public::No => return (traffic.clone(), None),
        Public::Yes(told) if asked.within(told).is_empty() => return (traffic.clone(), None),
        Public::Yes(told) if told.without(asked).is_empty() => None,
        Public::Yes(_) => Some(undecided(to.of, "which public address it has is not told")),
        Public::Untold(_) if asked.within(&Addresses::public_v4()).is_empty() => {
            return (traffic.clone(), None);
        }
        Public::Untold(gap) => Some(gap.clone()),
    };
    let mut destinations = asked.clone();
    destinations.v4.add_all(&to.addresses.v4);
    (Traffic { destinations: Some(destinations), ..traffic.clone() }, gap)
}

#[cfg(test)]
mod tests;
