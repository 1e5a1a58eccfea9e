//! An endpoint's interfaces, which lie in subnets like any other.

use super::{HTTPS, through};
use crate::model::aws::ec2::{Subnet, VpcEndpoint};
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::net::cidr::Addresses;
use crate::rules::net::ports::Ports;
use crate::rules::net::security_groups::Guard;
use crate::rules::path::aws::leg::between;
use crate::rules::path::aws::{Public, Site};
use crate::rules::path::headers::Protocols;
use crate::rules::path::leg::{Answer, Hop, Leg, Loss, Walk};
use crate::rules::path::traffic::Traffic;
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

/// What comes of packets to one interface.
enum Fate<'s> {
    Arrives(Vec<Hop<'s>>),
    Lost(Loss<'s>),
    Open(Vec<Gap>),
}

/// By the interfaces of an endpoint to a table. Names lead to any of them: what arrives at all of them arrives, and what
/// arrives at none is lost.
pub(super) fn by<'s>(
    mut walk: Walk<'s>,
    from: &Site<'s>,
    endpoint: Ref<'s>,
    to: Ref<'s>,
    traffic: &Traffic,
    world: &World<'s>,
    leg: &mut Leg<'s>,
) {
    let facts = World::facts::<VpcEndpoint>(endpoint);
    let inside = Traffic { destinations: None, ..traffic.clone() };
    let Some(inside) = inside.at(Protocols::TCP, &[Ports::one(HTTPS)]) else { return };
    if walk.is_over() {
        return;
    }
    if facts.r#type != "Interface" {
        leg.gaps.push(undecided(endpoint, format!("endpoints of type {} are not judged", facts.r#type)));
        return;
    }
    if !facts.private_dns {
        walk.doubt(undecided(endpoint, "without private DNS it serves those alone who name it"));
    }
    let (mut hops, mut losses, mut gaps) = (Vec::new(), Vec::new(), Vec::new());
    let mut arrives = false;
    for id in &facts.subnets {
        match fate(from, endpoint, id, &inside, world, leg) {
            Fate::Arrives(way) => {
                arrives = true;
                if hops.is_empty() {
                    hops = way;
                }
            }
            Fate::Open(more) => gaps.extend(more),
            Fate::Lost(loss) => losses.push(loss),
        }
    }
    let mut losses = losses.into_iter();
    match losses.next() {
        None if !arrives && gaps.is_empty() => {
            leg.gaps.push(undecided(endpoint, "where it lies is not told"));
            return;
        }
        Some(loss) if !arrives && gaps.is_empty() => {
            let Some((last, way)) = loss.hops.split_last() else { return };
            for hop in way {
                walk.visit(hop.clone());
            }
            return walk.lost_by(last.clone(), loss.reason, &loss.says, leg);
        }
        Some(_) => gaps.push(undecided(endpoint, "some of its interfaces are out of reach")),
        None => {}
    }
    for hop in hops {
        walk.visit(hop);
    }
    for gap in gaps {
        walk.doubt(gap);
    }
    through(walk, endpoint, to, leg);
}

fn fate<'s>(
    from: &Site<'s>,
    endpoint: Ref<'s>,
    subnet: &str,
    traffic: &Traffic,
    world: &World<'s>,
    leg: &mut Leg<'s>,
) -> Fate<'s> {
    let subnet = match world.find(Kind::Subnet, subnet, &endpoint.scope) {
        Ok(subnet) => subnet,
        Err(NotFound::Unread(gap)) => return Fate::Open(vec![gap]),
        Err(NotFound::Absent) => {
            return Fate::Open(vec![undecided(endpoint, format!("its subnet {subnet} is not listed"))]);
        }
    };
    let site = match interface(endpoint, subnet) {
        Ok(site) => site,
        Err(gap) => return Fate::Open(vec![gap]),
    };
    let stretch = between(from, &site, traffic, world);
    leg.assumptions.extend(stretch.assumptions.iter().cloned());
    match (stretch.reaches(&|_| Some(true)), stretch.lets_in(&|_| Some(true))) {
        (Answer::Yes(hops), _) => Fate::Arrives(hops),
        (Answer::No(loss), Answer::No(_)) => Fate::Lost(loss),
        (Answer::Open(mut gaps, _), _) => {
            gaps.push(undecided(endpoint, "whether all that is sent to its interfaces arrives is not known"));
            Fate::Open(gaps)
        }
        (Answer::No(_), _) => {
            Fate::Open(vec![undecided(endpoint, "a part of what is sent to its interfaces is lost")])
        }
    }
}

fn interface<'s>(endpoint: Ref<'s>, subnet: Ref<'s>) -> Result<Site<'s>, Gap> {
    let mut addresses = Addresses::default();
    addresses.add_blocks([&World::facts::<Subnet>(subnet).cidr], subnet)?;
    let groups = &World::facts::<VpcEndpoint>(endpoint).groups;
    Ok(Site {
        of: endpoint,
        subnet,
        addresses,
        exact: false,
        ipv6: None,
        guard: Some(Guard { of: endpoint, groups }),
        public: Public::No,
        listens: None,
    })
}
