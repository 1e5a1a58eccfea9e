//! Which route of a subnet's table takes a packet: the longest prefix, and of equal ones a route that names the block
//! before one that names a list, before one that a virtual private gateway tells of. `local` gives way to no such telling.

use std::cmp::Reverse;

use serde_json::json;

use super::leg::{connections, to_addresses};
use crate::model::aws::ec2::{Route, RouteTable, Subnet, VpcEndpoint};
use crate::model::kind::Kind;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::net::prefix_lists::prefix_list;
use crate::rules::net::routes::route_table;
use crate::rules::path::headers::Headers;
use crate::rules::path::leg::{At, Gate, Hop, Leg, Walk};
use crate::rules::path::reason::Reason;
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

/// What the routes of one table do with packets to some addresses.
pub(super) struct Split<'s> {
    /// Each route with what it takes, in the order of the table.
    pub(super) taken: Vec<(Addresses, &'s Route)>,
    pub(super) rest: Addresses,
    /// Routes for addresses that are not told: each may take any packet.
    pub(super) untold: Vec<(&'s Route, Gap)>,
}

/// What the route leads to, by the form of its id: `igw`, `nat`, `local`, ….
pub(super) fn leads_to(route: &Route) -> &str {
    route.target.split_once('-').map_or(route.target.as_str(), |(form, _)| form)
}

pub(super) fn is_blackhole(route: &Route) -> bool {
    route.state == "blackhole"
}

/// The block that a route names; nothing for one that names a list.
pub(super) fn block_of(route: &Route) -> Option<Cidr> {
    Cidr::parse(&route.destination)
}

/// Gateway endpoints take packets to their own service alone, which are not those that a question about other ends means:
/// their routes are left out, whatever their lists hold.
pub(super) fn split<'s>(table: Ref<'s>, to: &Addresses, world: &World<'s>) -> Split<'s> {
    let routes = &World::facts::<RouteTable>(table).routes;
    let mut blocks: Vec<(Cidr, usize)> = Vec::new();
    let (mut untold, mut local) = (Vec::new(), Addresses::default());
    for (at, route) in routes.iter().enumerate() {
        match blocks_of(route, table, world) {
            Ok(found) => {
                if route.target == "local" {
                    for block in &found {
                        local.add(block);
                    }
                }
                blocks.extend(found.into_iter().map(|block| (block, at)));
            }
            Err(gap) => untold.push((route, gap)),
        }
    }
    blocks.sort_by_key(|(block, at)| (Reverse(block.prefix), rank(&routes[*at]), *at));
    let mut taken = vec![Addresses::default(); routes.len()];
    let mut rest = to.clone();
    for (block, at) in blocks {
        let mut own = Addresses::default();
        own.add(&block);
        if leads_to(&routes[at]) == "vgw" {
            own = own.without(&local);
        }
        let own = own.within(&rest);
        if !own.is_empty() {
            rest = rest.without(&own);
            taken[at].add_all(&own);
        }
    }
    let taken = taken.into_iter().zip(routes).filter(|(addresses, _)| !addresses.is_empty()).collect();
    Split { taken, rest, untold }
}

fn rank(route: &Route) -> u8 {
    match (route.destination.starts_with("pl-"), leads_to(route)) {
        (_, "vgw") => 2,
        (true, _) => 1,
        (false, _) => 0,
    }
}

fn blocks_of(route: &Route, table: Ref<'_>, world: &World<'_>) -> Result<Vec<Cidr>, Gap> {
    if !route.destination.starts_with("pl-") {
        let unreadable = || undecided(table, format!("{:?} is no block of addresses", route.destination));
        return Ok(vec![block_of(route).ok_or_else(unreadable)?]);
    }
    if route.target.starts_with("vpce-") {
        match world.find(Kind::VpcEndpoint, &route.target, &table.scope) {
            Ok(endpoint) if World::facts::<VpcEndpoint>(endpoint).r#type == "Gateway" => {
                return Ok(Vec::new());
            }
            // By its id it may as well be a load balancer's endpoint, which takes whatever it is given.
            Ok(_) | Err(NotFound::Absent) => {}
            Err(NotFound::Unread(gap)) => return Err(gap),
        }
    }
    prefix_list(&route.destination, &table.scope, world)
}

/// The route, and how its table is the subnet's.
pub(super) fn evidence(subnet: Ref<'_>, table: Ref<'_>, route: &Route) -> [Evidence; 2] {
    let association = if World::facts::<RouteTable>(table).subnets.contains(&subnet.id) {
        hop(table, "subnets", subnet.id.as_str())
    } else {
        hop(table, "main", World::facts::<Subnet>(subnet).vpc.as_str())
    };
    [association, one(table, route)]
}

fn one(table: Ref<'_>, route: &Route) -> Evidence {
    let said = json!({ "destination": route.destination, "target": route.target, "state": route.state });
    hop(table, "routes", said)
}

/// Packets for these addresses leave a subnet: each route takes its part on to `next`; what no route takes, and what one
/// takes that leads nowhere any more, is lost. Where the table is not read, so is every way on.
pub(super) fn along<'s>(
    walk: &Walk<'s>,
    subnet: Ref<'s>,
    to: &Addresses,
    reason: Reason,
    world: &World<'s>,
    leg: &mut Leg<'s>,
    mut next: impl FnMut(Walk<'s>, &'s Route, &mut Leg<'s>),
) {
    if walk.is_over() {
        return;
    }
    let table = match route_table(subnet, world) {
        Ok(table) => table,
        Err(gap) => return leg.gaps.push(gap),
    };
    let split = split(table, to, world);
    for (addresses, route) in &split.taken {
        let mut part = walk.part(&to_addresses(addresses));
        if part.is_over() {
            continue;
        }
        let here = Hop::of(subnet).by(evidence(subnet, table, route));
        split.untold.iter().for_each(|(_, gap)| part.doubt(gap.clone()));
        if is_blackhole(route) {
            let says = format!("its route for {} leads nowhere any more", route.destination);
            part.lost_by(here, Reason::Blackhole, &says, leg);
        } else {
            part.visit(here);
            next(part, route, leg);
        }
    }
    for (route, gap) in split.untold.iter().filter(|(route, _)| !is_blackhole(route)) {
        let mut part = walk.clone();
        part.doubt(gap.clone());
        part.visit(Hop::of(subnet).by(evidence(subnet, table, route)));
        next(part, route, leg);
    }
    let left = walk.part(&to_addresses(&split.rest));
    let says = format!("no route of {} leads there", table.id);
    left.lost_by(Hop::of(subnet), reason, &says, leg);
}

/// What a route of the way back is worth.
pub(super) enum Back {
    Leads,
    Elsewhere,
    Untold(Gap),
}

/// Connections need a way back: the subnet's routes for where they come from. Other packets have arrived without one.
pub(super) fn back<'s>(
    walk: &mut Walk<'s>,
    subnet: Ref<'s>,
    to: &Addresses,
    world: &World<'s>,
    leg: &mut Leg<'s>,
    judge: impl Fn(&Route) -> Back,
) {
    if walk.is_over() {
        return;
    }
    let mut gate = Gate::new(Reason::NoRoute, "no route leads the answers back");
    match route_table(subnet, world) {
        Ok(table) => {
            let split = split(table, to, world);
            for (addresses, route) in &split.taken {
                let part = to_addresses(addresses).answers();
                let judged = if is_blackhole(route) { Back::Elsewhere } else { judge(route) };
                match judged {
                    Back::Leads if split.untold.is_empty() => gate.sure.push((part, one(table, route))),
                    Back::Leads => {}
                    Back::Elsewhere => gate.denials.push((part, one(table, route))),
                    Back::Untold(gap) => gate.perhaps.push((part, gap)),
                }
            }
            gate.perhaps.extend(split.untold.into_iter().map(|(_, gap)| (Headers::everything(), gap)));
        }
        Err(gap) => gate.perhaps.push((Headers::everything(), gap)),
    }
    walk.pass_some(&connections(), At::Resource(subnet), &gate, leg);
}

/// What the subnet's network takes for its own, as far as its routes are read.
pub(super) fn local<'s>(subnet: Ref<'s>, world: &World<'s>) -> Addresses {
    let mut local = Addresses::default();
    if let Ok(table) = route_table(subnet, world) {
        let routes = World::facts::<RouteTable>(table).routes.iter();
        let own = routes.filter(|route| route.target == "local").filter_map(block_of);
        own.for_each(|block| local.add(&block));
    }
    local
}

#[cfg(test)]
mod tests;
