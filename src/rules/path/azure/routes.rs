//! Where a subnet of Azure sends packets: by the longest prefix, and of equal ones by a route of its own before Azure's.
//!
//! Azure's own routes lead to the network and to those that are peered with it, and for all else to the internet. What
//! gateways to other places learn is not read; nor is it looked at whether a network has public addresses for its own.

use serde_json::json;

use super::Lies;
use crate::model::azure::network::{Route, RouteTable, Subnet, VirtualNetwork};
use crate::model::kind::Kind;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::net::ports::Ports;
use crate::rules::path::headers::{Headers, Protocols};
use crate::rules::path::leg::{At, Hop, Leg, Walk};
use crate::rules::path::reason::Reason;
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

/// Where packets are meant to go.
#[derive(Clone, Copy)]
pub(super) enum Toward<'s> {
    Internet,
    /// To a network by its id, the own one or one that is peered.
    Network(&'s str),
}

/// Whether the packets themselves are routed here, or the answers to them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    There,
    Back,
}

/// The packets that go on, by the route that they take; those that are dropped are lost.
pub(super) fn follow<'s>(
    mut walk: Walk<'s>,
    lies: &Lies<'s>,
    toward: Toward<'s>,
    course: Course,
    leg: &mut Leg<'s>,
    world: &World<'s>,
) -> Vec<Walk<'s>> {
    let subnet = match lies {
        Lies::In(subnet) => *subnet,
        Lies::Unread(_, gap) => {
            walk.doubt(gap.clone());
            return vec![walk];
        }
        Lies::Nowhere => return vec![walk],
    };
    let Some(id) = World::facts::<Subnet>(subnet).route_table.as_deref() else { return vec![walk] };
    let stretches = table(subnet, id, world)
        .and_then(|table| Ok((table, stretches(table, system(subnet, toward, world)?))));
    let (table, stretches) = match stretches {
        Ok(told) => told,
        Err(gap) => {
            walk.doubt(gap);
            return vec![walk];
        }
    };
    let mut on = Vec::new();
    for stretch in stretches {
        let part = walk.part(&stretch.packets(course));
        if !part.is_over() {
            on.extend(stretch.send(part, table, toward, course, leg));
        }
    }
    on
}

fn table<'s>(subnet: Ref<'s>, id: &str, world: &World<'s>) -> Result<Ref<'s>, Gap> {
    world.find(Kind::AzureRouteTable, id, &subnet.scope).map_err(|not| match not {
        NotFound::Unread(gap) => gap,
        NotFound::Absent => undecided(subnet, format!("{id} is not there to be read")),
    })
}

/// Azure's own routes, as far as they lead where the packets go.
fn system<'s>(subnet: Ref<'s>, toward: Toward<'s>, world: &World<'s>) -> Result<Vec<(Cidr, Next<'s>)>, Gap> {
    let mut routes = Vec::new();
    if let Toward::Network(there) = toward {
        let own = World::facts::<Subnet>(subnet).network.as_str();
        for id in [own, there].into_iter().take(if own == there { 1 } else { 2 }) {
            let network = world.find(Kind::VirtualNetwork, id, &subnet.scope).map_err(|not| match not {
                NotFound::Unread(gap) => gap,
                NotFound::Absent => undecided(subnet, format!("{id} is not there to be read")),
            })?;
            let prefixes = World::facts::<VirtualNetwork>(network).prefixes.iter();
            routes.extend(prefixes.filter_map(|block| Some((Cidr::parse(block)?, Next::Local))));
        }
    }
    let all = ["0.0.0.0/0", "::/0"].map(|all| (Cidr::parse(all).expect("a constant"), Next::Internet));
    routes.extend(all);
    Ok(routes)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next<'s> {
    Local,
    Internet,
    Dropped,
    /// To whatever has this address, or to a gateway of the network.
    Elsewhere(&'s Route),
}

impl<'s> Next<'s> {
    fn of(route: &'s Route) -> Self {
        match route.next_hop.to_ascii_lowercase().as_str() {
            "vnetlocal" => Self::Local,
            "internet" => Self::Internet,
            "none" => Self::Dropped,
            _ => Self::Elsewhere(route),
        }
    }
}

/// Some addresses that one route takes.
struct Stretch<'s> {
    addresses: Addresses,
    next: Next<'s>,
    /// `None`: Azure's own.
    route: Option<&'s Route>,
    /// Addresses of a service, which are not told, may be among them and go elsewhere.
    tagged: Option<&'s Route>,
}

fn stretches<'s>(table: Ref<'s>, system: Vec<(Cidr, Next<'s>)>) -> Vec<Stretch<'s>> {
    let own = &World::facts::<RouteTable>(table).routes;
    let blocks = own.iter().filter_map(|route| {
        let block = Cidr::parse(&route.destination)?;
        Some((block, Next::of(route), Some(route)))
    });
    let mut all: Vec<(Cidr, Next<'s>, Option<&'s Route>)> = blocks.collect();
    all.extend(system.into_iter().map(|(block, next)| (block, next, None)));
    // Stable: a route of one's own stands before Azure's.
    all.sort_by_key(|(block, ..)| std::cmp::Reverse(block.prefix));
    let tagged = || own.iter().filter(|route| Cidr::parse(&route.destination).is_none());
    let mut left = Addresses::everything();
    let mut stretches = Vec::new();
    for (block, next, route) in all {
        let mut own = Addresses::default();
        own.add(&block);
        let addresses = left.within(&own);
        left = left.without(&own);
        if !addresses.is_empty() {
            // Services have public addresses; what leads the same way makes no difference.
            let is_public = !addresses.within(&Addresses::public()).is_empty();
            let tagged = tagged().find(|route| is_public && Next::of(route) != next);
            stretches.push(Stretch { addresses, next, route, tagged });
        }
    }
    stretches
}

impl<'s> Stretch<'s> {
    fn packets(&self, course: Course) -> Headers {
        let all = Addresses::everything();
        let (from, to) = match course {
            Course::There => (&all, &self.addresses),
            Course::Back => (&self.addresses, &all),
        };
        Headers::of(Protocols::All, from, to, Ports::ALL, Ports::ALL)
    }

    fn evidence(&self, table: Ref<'s>) -> Vec<Evidence> {
        self.route.map(|route| hop(table, "routes", json!(route))).into_iter().collect()
    }

    fn send(
        &self,
        mut walk: Walk<'s>,
        table: Ref<'s>,
        toward: Toward<'s>,
        course: Course,
        leg: &mut Leg<'s>,
    ) -> Vec<Walk<'s>> {
        let here = Hop::of(table).by(self.evidence(table));
        if let (Toward::Internet, Some(route)) = (toward, self.tagged) {
            let why = format!(
                "which addresses the service tag {} of the route {} holds is not read",
                route.destination, route.name
            );
            walk.doubt(undecided(table, why));
        }
        let arrives = matches!(
            (self.next, toward),
            (Next::Internet, Toward::Internet) | (Next::Local, Toward::Network(_))
        );
        if arrives {
            if course == Course::There && self.route.is_some() {
                walk.visit(here);
            }
            return vec![walk];
        }
        if let Next::Elsewhere(route) = self.next {
            let to = route.next_hop_address.as_deref().unwrap_or(&route.next_hop);
            let what = if course == Course::There { "it" } else { "the answers" };
            let why =
                format!("the route {} sends {what} to {to}, and where that leads on is not read", route.name);
            if course == Course::There {
                walk.visit(here);
                walk.visit(Hop::at(At::Named(to.to_owned())));
            }
            walk.doubt(undecided(table, why));
            return vec![walk];
        }
        let reason = if self.next == Next::Dropped { Reason::Blackhole } else { Reason::RoutedElsewhere };
        let says = match (self.next, course) {
            (Next::Dropped, Course::There) => "its route leads nowhere",
            (Next::Dropped, Course::Back) => "the route of the answers leads nowhere",
            (_, Course::There) => "its route leads elsewhere",
            (_, Course::Back) => "the route of the answers leads elsewhere",
        };
        // What needs no answer has come through.
        let lost = match course {
            Course::There => walk.clone(),
            Course::Back => walk.part(&tcp()),
        };
        let rest = match course {
            Course::There => Vec::new(),
            Course::Back => vec![walk.part(&Headers::everything().without(&tcp()))],
        };
        lost.lost_by(here, reason, says, leg);
        rest
    }
}

fn tcp() -> Headers {
    let all = Addresses::everything();
    Headers::of(Protocols::TCP, &all, &all, Ports::ALL, Ports::ALL)
}
