//! What stands behind a rule of a load balancer, and who may ask for it straight.

use std::rc::Rc;

use serde_json::json;

use super::balancers::{self, ports, protocols};
use super::entrances::{Front, of};
use super::sites::nodes;
use super::tags::internet;
use super::{Site, is_kept_for};
use crate::model::azure::containers::AksCluster;
use crate::model::azure::network::{BalancingRule, VirtualNetwork};
use crate::model::kind::Kind;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::World;
use crate::rules::azure::networks::joined;
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::net::ports::Ports;
use crate::rules::path::headers::Protocols;
use crate::rules::path::places::{Place, Places, Step};
use crate::rules::path::traffic::Traffic;
use crate::rules::world::NotFound;

/// The pool that AKS keeps all nodes in.
const POOL: &str = "kubernetes";

/// The nodes behind one rule of a load balancer.
pub(super) struct Backends<'s> {
    pub(super) protocols: Protocols,
    pub(super) rule_ports: Ports,
    pub(super) shown: Evidence,
    nodes: Vec<Place<'s>>,
    traffic: Traffic,
    pub(super) gaps: Vec<Gap>,
}

impl<'s> Backends<'s> {
    /// `None` where what comes out is not what is wanted.
    pub(super) fn of(
        front: &Front<'s>,
        rule: &'s BalancingRule,
        wanted: &Traffic,
        world: &World<'s>,
    ) -> Option<Self> {
        let Front { balancer, frontend, cluster } = *front;
        let told = protocols(rule);
        let protocols = told.unwrap_or(Protocols::All);
        let out = wanted.at(protocols, &[ports(rule.backend_port)])?;
        let mut gaps = Vec::new();
        let untold = |why: String| undecided(balancer, why);
        if told.is_none() || rule.port.is_none() || rule.backend_port.is_none() || rule.frontend.is_none() {
            gaps.push(untold(format!("it does not tell all of its rule {}", rule.name)));
        }
        let kept = World::facts::<AksCluster>(cluster).properties.get().ok();
        let kept = kept.and_then(|properties| properties.node_group.as_deref());
        let kept = kept.is_some_and(|group| is_kept_for(balancer, cluster, group));
        let pool = rule.pool.as_deref().unwrap_or_default();
        if !kept || !pool.eq_ignore_ascii_case(POOL) {
            gaps.push(untold(format!("whom its pool {pool} holds is not read")));
        }
        let Places { known, gaps: unread } = nodes(cluster, world);
        gaps.extend(unread);
        let door = balancers::site(balancer, Some(frontend), world);
        let nodes = known.into_iter().map(|place| match place {
            // A rule that keeps the frontend's address, as AKS makes them, keeps its port as well.
            Place::Azure(node) if rule.port == rule.backend_port => {
                let mut site = Site::clone(&node);
                site.addresses.add_all(&door.addresses);
                Place::Azure(Rc::new(site))
            }
            place => place,
        });
        Some(Self {
            protocols,
            rule_ports: ports(rule.port),
            shown: hop(balancer, "rules", json!(rule)),
            nodes: nodes.collect(),
            traffic: of(out.protocols, out.ports),
            gaps,
        })
    }

    pub(super) fn step(&self, from: Vec<Place<'s>>) -> Step<'s> {
        Step { from, to: self.nodes.clone(), traffic: self.traffic.clone() }
    }
}

/// The addresses of those who may ask a frontend straight: the internet, or its network and those that are peered.
pub(super) fn who_asks(site: &Site<'_>, world: &World<'_>, gaps: &mut Vec<Gap>) -> Addresses {
    let Some(id) = site.lies.network() else { return internet() };
    let (mut addresses, mut networks) = (Addresses::default(), vec![id]);
    let near = &site.of.scope;
    let mut at = 0;
    while let Some(network) = networks.get(at).copied() {
        let found = match world.find(Kind::VirtualNetwork, network, near) {
            Ok(found) => World::facts::<VirtualNetwork>(found),
            Err(not) => {
                gaps.extend(match not {
                    NotFound::Unread(gap) => Some(gap),
                    NotFound::Absent => None,
                });
                at += 1;
                continue;
            }
        };
        let blocks = found.prefixes.iter().filter_map(|block| Cidr::parse(block));
        blocks.for_each(|block| addresses.add(&block));
        // A network that is peered with one that is peered does not reach it.
        for peering in found.peerings.iter().filter(|_| at == 0) {
            match joined(id, &peering.network, world) {
                Ok(true) => networks.push(&peering.network),
                Ok(false) => {}
                Err(gap) => gaps.push(gap),
            }
        }
        at += 1;
    }
    addresses
}
