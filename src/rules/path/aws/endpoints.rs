//! Tables of DynamoDB, which lie in no network: asked by public addresses, over the internet or by a gateway endpoint, or
//! by an interface endpoint inside.

mod interfaces;
mod policy;

use serde_json::json;

use super::groups::{self, Peer};
use super::leg::{End, asked as asked_between, out_of_subnet};
use super::routes::{block_of, evidence, is_blackhole, leads_to};
use super::{Site, acls};
use crate::model::aws::ec2::{Route, RouteTable, Subnet, VPC_ENDPOINTS, VpcEndpoint};
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::net::ports::Ports;
use crate::rules::net::prefix_lists::prefix_list;
use crate::rules::net::routes::{complete, route_table};
use crate::rules::net::security_groups::Direction;
use crate::rules::path::headers::{Headers, Protocols};
use crate::rules::path::leg::{At, Gate, Hop, Leg, Walk};
use crate::rules::path::reason::Reason;
use crate::rules::path::traffic::Traffic;
use crate::rules::{Ref, World};

const HTTPS: i64 = 443;
/// No block of a service is larger: a route for a larger one gives way to the service's own.
const LARGEST: u32 = 8;

/// The packets that a table takes.
fn https() -> Headers {
    let all = Addresses::everything();
    Headers::of(Protocols::TCP, &all, &all, Ports::ALL, Ports::one(HTTPS))
}

/// From the internet to a service: that is where it is.
pub(super) fn asked_publicly<'s>(to: Ref<'s>, traffic: &Traffic) -> Leg<'s> {
    if to.kind() != Kind::DynamodbTable {
        return unjudged(to);
    }
    let service = End::somewhere(to, Addresses::public_v4());
    let mut leg = asked_between(&End::public(Addresses::public()), &service, true, traffic);
    let walk = leg.start(Hop::at(At::Internet));
    let mut walk = listened(&walk, to, &mut leg);
    walk.visit(Hop::of(to));
    walk.arrive(&mut leg);
    leg
}

fn unjudged(to: Ref<'_>) -> Leg<'_> {
    Leg { gaps: vec![undecided(to, format!("ways to {} are not judged", to.kind()))], ..Leg::default() }
}

/// What is no HTTPS is lost.
fn listened<'s>(walk: &Walk<'s>, to: Ref<'s>, leg: &mut Leg<'s>) -> Walk<'s> {
    let other = walk.part(&Headers::everything().without(&https()));
    other.lost(At::Resource(to), Reason::ListenerMissing, "it takes HTTPS alone", leg);
    walk.part(&https())
}

/// A gateway endpoint of the service in the site's own table.
struct Door<'s> {
    table: Ref<'s>,
    route: &'s Route,
    endpoint: Ref<'s>,
    blocks: Result<Vec<Cidr>, Gap>,
}

/// From an interface to a table. Which of a service's addresses is used is not known, unless the list of its endpoint is
/// read: then it is any of those.
pub(super) fn asked<'s>(from: &Site<'s>, to: Ref<'s>, traffic: &Traffic, world: &World<'s>) -> Leg<'s> {
    if to.kind() != Kind::DynamodbTable {
        return unjudged(to);
    }
    let (endpoints, unlisted) = endpoints(from, to, world);
    let door = door(from, &endpoints, world);
    let blocks = door.as_ref().and_then(|door| door.blocks.as_ref().ok());
    let service = blocks.map_or_else(Addresses::public_v4, |blocks| {
        let mut all = Addresses::default();
        for block in blocks {
            all.add(block);
        }
        all
    });
    let end =
        if blocks.is_some() { End::public(service.clone()) } else { End::somewhere(to, service.clone()) };
    let mut leg = asked_between(&End::of(from), &end, false, traffic);
    if leg.asked.is_empty() && !from.addresses.v6.is_empty() {
        leg.gaps.push(undecided(to, "whether it is asked by IPv6 is not judged"));
    }
    let walk = leg.start(Hop::of(from.of));
    let mut walk = listened(&walk, to, &mut leg);
    for endpoint in &endpoints {
        let facts = World::facts::<VpcEndpoint>(endpoint);
        if facts.r#type == "Gateway" {
            continue;
        }
        interfaces::by(walk.clone(), from, endpoint, to, traffic, world, &mut leg);
        if facts.private_dns {
            walk.doubt(undecided(endpoint, "the service's names lead to this endpoint instead"));
        }
    }
    if let Some(gap) = unlisted.filter(|_| !walk.is_over()) {
        walk.doubt(gap.clone());
        leg.gaps.push(gap);
    }
    let list = door.as_ref().map(|door| door.route.destination.as_str());
    groups::pass(&mut walk, from.guard.as_ref(), Direction::Egress, &Peer::Listed(list), world, &mut leg);
    if let Some(door) = door {
        by_gateway(walk, from, &door, &service, to, world, &mut leg);
    } else {
        let before = leg.ways.len();
        out_of_subnet(walk, from, &service, world, &mut leg);
        for way in &mut leg.ways[before..] {
            way.hops.push(Hop::of(to));
        }
    }
    leg
}

/// The endpoints of the service in the site's network, and why there may be more.
fn endpoints<'s>(from: &Site<'s>, to: Ref<'s>, world: &World<'s>) -> (Vec<Ref<'s>>, Option<Gap>) {
    if to.scope.region != from.subnet.scope.region {
        return (Vec::new(), None);
    }
    let of_service = |endpoint: &Ref<'s>| {
        let service = &World::facts::<VpcEndpoint>(endpoint).service;
        service.rsplit('.').next() == Some("dynamodb")
    };
    let listed = world.linked(Kind::VpcEndpoint, &World::facts::<Subnet>(from.subnet).vpc);
    let found = listed.into_iter().filter(of_service).collect();
    (found, complete(from.subnet, &VPC_ENDPOINTS, world).err())
}

fn door<'s>(from: &Site<'s>, endpoints: &[Ref<'s>], world: &World<'s>) -> Option<Door<'s>> {
    let table = route_table(from.subnet, world).ok()?;
    let routes = &World::facts::<RouteTable>(table).routes;
    let gateways = || {
        endpoints.iter().copied().filter(|endpoint| World::facts::<VpcEndpoint>(endpoint).r#type == "Gateway")
    };
    let (route, endpoint) = routes.iter().find_map(|route| {
        let endpoint = gateways().find(|endpoint| endpoint.id == route.target)?;
        Some((route, endpoint))
    })?;
    Some(Door { table, route, endpoint, blocks: prefix_list(&route.destination, &table.scope, world) })
}

fn by_gateway<'s>(
    mut walk: Walk<'s>,
    from: &Site<'s>,
    door: &Door<'s>,
    service: &Addresses,
    to: Ref<'s>,
    world: &World<'s>,
    leg: &mut Leg<'s>,
) {
    acls::pass(&mut walk, from.subnet, Direction::Egress, world, leg);
    acls::pass_answers(&mut walk, from.subnet, Direction::Ingress, world, leg);
    let here = Hop::of(from.subnet).by(evidence(from.subnet, door.table, door.route));
    if is_blackhole(door.route) {
        let says = format!("its route to {} leads nowhere any more", door.endpoint.id);
        return walk.lost_by(here, Reason::Blackhole, &says, leg);
    }
    if walk.is_over() {
        return;
    }
    walk.visit(here);
    if let Some(route) = more_specific(door, service) {
        let gap = door.blocks.as_ref().err().cloned().unwrap_or_else(|| {
            let why = format!("its route for {} takes some of the service's addresses", route.destination);
            undecided(door.table, why)
        });
        walk.doubt(gap);
    }
    through(walk, door.endpoint, to, leg);
}

/// A route that takes, or where the service's blocks are not read may take, some of them before its endpoint does.
fn more_specific<'s>(door: &Door<'s>, service: &Addresses) -> Option<&'s Route> {
    let shortest = door.blocks.as_ref().ok().and_then(|blocks| blocks.iter().map(|block| block.prefix).min());
    let routes = World::facts::<RouteTable>(door.table).routes.iter();
    let mut nearer = routes.filter(|route| leads_to(route) != "vpce" || route.target != door.endpoint.id);
    nearer.find(|route| {
        block_of(route).is_some_and(|block| {
            let mut own = Addresses::default();
            own.add(&block);
            block.prefix > shortest.unwrap_or(LARGEST) && !own.within(service).is_empty()
        })
    })
}

/// Past an endpoint's state and policy to the table.
fn through<'s>(mut walk: Walk<'s>, endpoint: Ref<'s>, to: Ref<'s>, leg: &mut Leg<'s>) {
    let facts = World::facts::<VpcEndpoint>(endpoint);
    match facts.state.to_ascii_lowercase().as_str() {
        "available" => {}
        "pending" => walk.doubt(undecided(endpoint, "it is pending")),
        state => {
            let says = format!("the endpoint is {state}");
            return walk.lost(At::Resource(endpoint), Reason::Blackhole, &says, leg);
        }
    }
    let mut gate =
        Gate::new(Reason::EndpointPolicy, "the endpoint's policy lets nobody use the table through it");
    match policy::lets_someone(endpoint, to) {
        Ok(true) => gate.sure.push((Headers::everything(), hop(endpoint, "policy", json!(facts.policy)))),
        Ok(false) => gate.denials.push((Headers::everything(), hop(endpoint, "policy", json!(facts.policy)))),
        Err(gap) => gate.perhaps.push((Headers::everything(), gap)),
    }
    if walk.is_over() {
        return;
    }
    walk.pass(At::Resource(endpoint), &gate, leg);
    if !walk.is_over() {
        walk.visit(Hop::of(to));
        walk.arrive(leg);
    }
}
