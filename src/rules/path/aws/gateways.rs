//! The ways between a VPC and the internet: internet gateways, NAT gateways and gateways for IPv6 that let nothing in.

use serde_json::json;

use super::acls;
use super::leg::{asked_of_v4, to_addresses};
use super::routes::{Back, along, back, leads_to, split};
use super::{Public, Site};
use crate::model::aws::ec2::{
    INTERNET_GATEWAYS, InternetGateway, NatGateway, ROUTE_TABLES, Route, RouteTable, Subnet,
};
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::cidr::Addresses;
use crate::rules::net::routes::{complete, owner_scope};
use crate::rules::net::security_groups::Direction;
use crate::rules::path::headers::Headers;
use crate::rules::path::leg::{At, Gate, Hop, Leg, Walk};
use crate::rules::path::reason::Reason;
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

/// How a site's packets for the internet go on by a route of its subnet.
pub(super) fn out<'s>(
    walk: Walk<'s>,
    from: &Site<'s>,
    route: &'s Route,
    world: &World<'s>,
    leg: &mut Leg<'s>,
) {
    if walk.is_over() {
        return;
    }
    match leads_to(route) {
        "igw" => {
            let mut walk = walk;
            if let Some(gateway) = enter(&mut walk, from.subnet, &route.target, world, leg) {
                address(&mut walk, gateway, from, leg);
                arrive(walk, leg);
            }
        }
        "nat" => translated(walk, from, route, world, leg),
        "eigw" => {
            let mut walk = walk;
            walk.visit(Hop::at(At::Named(route.target.clone())));
            arrive(walk, leg);
        }
        "pcx" => away(walk, from.subnet, route, leg),
        _ => elsewhere(&walk, from.subnet, route, leg),
    }
}

fn arrive<'s>(mut walk: Walk<'s>, leg: &mut Leg<'s>) {
    walk.visit(Hop::at(At::Internet));
    walk.arrive(leg);
}

/// The route leads where packets never come back from.
pub(super) fn away<'s>(walk: Walk<'s>, subnet: Ref<'s>, route: &Route, leg: &mut Leg<'s>) {
    let says = format!("its route for {} leads to {}, and not there", route.destination, route.target);
    walk.lost(At::Resource(subnet), Reason::RoutedElsewhere, &says, leg);
}

/// The route leads to something that may send the packets on, by ways that are not read.
pub(super) fn elsewhere<'s>(walk: &Walk<'s>, subnet: Ref<'s>, route: &Route, leg: &mut Leg<'s>) {
    if !walk.is_over() {
        let why = format!("{} goes to {}, and where that leads is not read", route.destination, route.target);
        leg.gaps.push(undecided(subnet, why));
    }
}

/// Packets come to the internet gateway that a route names. Where they are then; nowhere where all are lost.
fn enter<'s>(
    walk: &mut Walk<'s>,
    subnet: Ref<'s>,
    id: &str,
    world: &World<'s>,
    leg: &mut Leg<'s>,
) -> Option<At<'s>> {
    let vpc = &World::facts::<Subnet>(subnet).vpc;
    let gone = |walk: &Walk<'s>, at, leg: &mut Leg<'s>| {
        let says = format!("{id} is not attached to {vpc}");
        walk.clone().lost(at, Reason::GatewayElsewhere, &says, leg);
        None
    };
    match world.find(Kind::InternetGateway, id, &owner_scope(subnet)) {
        Ok(gateway) => {
            let attachments = &World::facts::<InternetGateway>(gateway).attachments;
            let Some(attachment) = attachments.iter().find(|attachment| attachment.vpc == *vpc) else {
                return gone(walk, At::Resource(gateway), leg);
            };
            let said = json!({ "vpc": attachment.vpc, "state": attachment.state });
            walk.visit(Hop::of(gateway).by([hop(gateway, "attachments", said)]));
            if !matches!(attachment.state.as_str(), "available" | "attached") {
                walk.doubt(undecided(gateway, format!("its attachment is {}", attachment.state)));
            }
            Some(At::Resource(gateway))
        }
        Err(NotFound::Absent) => gone(walk, At::Named(id.to_owned()), leg),
        Err(NotFound::Unread(gap)) => {
            let at = At::Named(id.to_owned());
            walk.visit(Hop::at(at.clone()));
            walk.doubt(gap);
            Some(at)
        }
    }
}

/// An internet gateway takes IPv6 as it is, and IPv4 from and for those alone who have a public address.
fn address<'s>(walk: &mut Walk<'s>, gateway: At<'s>, site: &Site<'s>, leg: &mut Leg<'s>) {
    let gate = match &site.public {
        Public::Yes(_) => return,
        Public::No => Gate::new(Reason::NoAddress, "it has no public address"),
        Public::Untold(gap) => Gate::unread(Reason::NoAddress, gap.clone()),
    };
    walk.pass_some(&asked_of_v4(), gateway, &gate, leg);
}

/// By a NAT gateway, which sends packets of its own on: through the ACL of its subnet both ways, and by the routes of that
/// to an internet gateway. A regional one has no subnet: it needs an internet gateway at its VPC.
fn translated<'s>(mut walk: Walk<'s>, from: &Site<'s>, route: &Route, world: &World<'s>, leg: &mut Leg<'s>) {
    let id = &route.target;
    let gateway = match world.find(Kind::NatGateway, id, &owner_scope(from.subnet)) {
        Ok(gateway) => gateway,
        Err(NotFound::Unread(gap)) => return leg.gaps.push(gap),
        Err(NotFound::Absent) => {
            let says = format!("there is no NAT gateway {id}");
            return walk.lost(At::Named(id.clone()), Reason::NatUnusable, &says, leg);
        }
    };
    if let Some(why) = unusable(&mut walk, gateway) {
        return walk.lost(At::Resource(gateway), Reason::NatUnusable, &why, leg);
    }
    let facts = World::facts::<NatGateway>(gateway);
    let gate = Gate::new(Reason::NatUnusable, "it translates IPv4 alone");
    walk.pass_some(&Headers::everything().without(&asked_of_v4()), At::Resource(gateway), &gate, leg);
    walk.visit(Hop::of(gateway).by([
        hop(gateway, "state", facts.state.as_str()),
        hop(gateway, "public_ips", json!(facts.public_ips)),
    ]));
    let Some(subnet) = &facts.subnet else { return regional(walk, gateway, from.subnet, world, leg) };
    if walk.is_over() {
        return;
    }
    let subnet = match its_subnet(gateway, subnet, world) {
        Ok(subnet) => subnet,
        Err(gap) => return leg.gaps.push(gap),
    };
    let apart = subnet.id != from.subnet.id;
    if apart {
        acls::pass(&mut walk, subnet, Direction::Ingress, world, leg);
        acls::pass_answers(&mut walk, subnet, Direction::Egress, world, leg);
    }
    acls::pass(&mut walk, subnet, Direction::Egress, world, leg);
    acls::pass_all_answers(&mut walk, subnet, world, leg);
    along(&walk, subnet, &Addresses::public_v4(), Reason::NatPrivate, world, leg, |mut walk, route, leg| {
        match leads_to(route) {
            "igw" => {
                if enter(&mut walk, subnet, &route.target, world, leg).is_some() {
                    arrive(walk, leg);
                }
            }
            "local" | "nat" | "pcx" | "eigw" => {
                let says =
                    format!("the NAT gateway's own subnet sends {} to {}", route.destination, route.target);
                walk.lost(At::Resource(subnet), Reason::NatPrivate, &says, leg);
            }
            _ => elsewhere(&walk, subnet, route, leg),
        }
    });
}

fn its_subnet<'s>(gateway: Ref<'s>, subnet: &str, world: &World<'s>) -> Result<Ref<'s>, Gap> {
    world.find(Kind::Subnet, subnet, &gateway.scope).map_err(|not_found| match not_found {
        NotFound::Unread(gap) => gap,
        NotFound::Absent => undecided(gateway, format!("its subnet {subnet} is not listed")),
    })
}

/// The subnet whose routes lead on from a NAT gateway to other networks.
pub(super) fn behind<'s>(id: &str, subnet: Ref<'s>, world: &World<'s>) -> Result<Ref<'s>, Gap> {
    let gateway =
        world.find(Kind::NatGateway, id, &owner_scope(subnet)).map_err(|not_found| match not_found {
            NotFound::Unread(gap) => gap,
            NotFound::Absent => undecided(subnet, format!("{id} is not listed")),
        })?;
    match &World::facts::<NatGateway>(gateway).subnet {
        Some(subnet) => its_subnet(gateway, subnet, world),
        None => Err(undecided(gateway, "by which routes it leads to other networks is not read")),
    }
}

/// Why a NAT gateway takes nothing to the internet; where that is not known, the packets are in doubt.
fn unusable(walk: &mut Walk<'_>, gateway: Ref<'_>) -> Option<String> {
    let facts = World::facts::<NatGateway>(gateway);
    if facts.connectivity.as_deref() == Some("private") {
        return Some("it is private: it leads to other networks alone".to_owned());
    }
    match facts.state.as_str() {
        "available" => {}
        "pending" => walk.doubt(undecided(gateway, "it is pending")),
        state => return Some(format!("it is {state}")),
    }
    if facts.public_ips.is_empty() {
        if facts.subnet.is_some() {
            return Some("it has no public address".to_owned());
        }
        walk.doubt(undecided(gateway, "its public addresses are not told: it gets them zone by zone"));
    }
    None
}

fn regional<'s>(mut walk: Walk<'s>, gateway: Ref<'s>, subnet: Ref<'s>, world: &World<'s>, leg: &mut Leg<'s>) {
    if attached(&mut walk, subnet, world, leg, At::Resource(gateway), Reason::NatPrivate).is_some() {
        arrive(walk, leg);
    }
}

/// Packets pass the internet gateway that is attached to a subnet's VPC, whichever it is.
fn attached<'s>(
    walk: &mut Walk<'s>,
    subnet: Ref<'s>,
    world: &World<'s>,
    leg: &mut Leg<'s>,
    without: At<'s>,
    reason: Reason,
) -> Option<At<'s>> {
    let vpc = &World::facts::<Subnet>(subnet).vpc;
    let all = world.linked(Kind::InternetGateway, vpc);
    if let Some(gateway) = all.first() {
        return enter(walk, subnet, &gateway.id, world, leg);
    }
    match complete(subnet, &INTERNET_GATEWAYS, world) {
        Ok(()) => {
            let says = format!("no internet gateway is attached to {vpc}");
            walk.clone().lost(without, reason, &says, leg);
            None
        }
        Err(gap) => {
            let at = At::Named(format!("the internet gateway of {vpc}"));
            walk.visit(Hop::at(at.clone()));
            walk.doubt(gap);
            Some(at)
        }
    }
}

/// Packets of the internet come to a site's subnet. Whether there are any left to go on.
pub(super) fn come_in<'s>(walk: &mut Walk<'s>, to: &Site<'s>, world: &World<'s>, leg: &mut Leg<'s>) -> bool {
    let vpc = World::facts::<Subnet>(to.subnet).vpc.clone();
    let without = At::Named(vpc);
    let Some(gateway) = attached(walk, to.subnet, world, leg, without, Reason::GatewayElsewhere) else {
        return false;
    };
    address(walk, gateway, to, leg);
    if !walk.is_over() {
        diverted(walk, to, world, leg);
    }
    !walk.is_over()
}

/// A table that is associated with the gateway may send what comes in through an appliance first.
fn diverted<'s>(walk: &mut Walk<'s>, to: &Site<'s>, world: &World<'s>, leg: &mut Leg<'s>) {
    let vpc = &World::facts::<Subnet>(to.subnet).vpc;
    let tables = world.linked(Kind::RouteTable, vpc).into_iter();
    let mut of_gateway = tables.filter(|table| {
        World::facts::<RouteTable>(table).gateways.iter().any(|gateway| gateway.starts_with("igw-"))
    });
    let Some(table) = of_gateway.next() else {
        if let Err(gap) = complete(to.subnet, &ROUTE_TABLES, world) {
            walk.doubt(gap);
        }
        return;
    };
    let split = split(table, &to.addresses, world);
    for (addresses, route) in &split.taken {
        if leads_to(route) != "local" && walk.possible().meets(&to_addresses(addresses)) {
            leg.assumptions.push(TRANSPARENT.to_owned());
            let why = format!("what comes in goes by {} first, which is not read", route.target);
            walk.doubt(undecided(table, why));
        }
    }
    split.untold.into_iter().for_each(|(_, gap)| walk.doubt(gap));
}

pub(super) const TRANSPARENT: &str =
    "an appliance that routes send packets through leaves their headers as they are";

/// Answers to connections from these addresses leave by the internet gateway that the packets came in by.
pub(super) fn back_out<'s>(
    walk: &mut Walk<'s>,
    to: &Site<'s>,
    sources: &Addresses,
    world: &World<'s>,
    leg: &mut Leg<'s>,
) {
    let unread = |route: &Route| -> Gap {
        undecided(to.subnet, format!("answers go to {}, and where that leads is not read", route.target))
    };
    back(walk, to.subnet, sources, world, leg, |route| match leads_to(route) {
        "igw" => by_gateway(route, to.subnet, world),
        "local" | "nat" | "pcx" => Back::Elsewhere,
        _ => Back::Untold(unread(route)),
    });
}

/// A network has one internet gateway: answers leave by a route to that, and by one to another's they don't.
fn by_gateway(route: &Route, subnet: Ref<'_>, world: &World<'_>) -> Back {
    let vpc = &World::facts::<Subnet>(subnet).vpc;
    match world.find(Kind::InternetGateway, &route.target, &owner_scope(subnet)) {
        Ok(gateway) => {
            let attachments = &World::facts::<InternetGateway>(gateway).attachments;
            let here = attachments.iter().any(|attachment| attachment.vpc == *vpc);
            if here { Back::Leads } else { Back::Elsewhere }
        }
        Err(NotFound::Absent) => Back::Elsewhere,
        Err(NotFound::Unread(gap)) => Back::Untold(gap),
    }
}
