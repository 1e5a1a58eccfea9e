//! Gateways that ask a load balancer, and those of their listeners that never do.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::azure;
use crate::model::azure::gateway::{ApplicationGateway, GatewayProperties};
use crate::model::azure::network::VirtualNetwork;
use crate::model::kind::Kind;
use crate::model::names::fits;
use crate::model::run::Evidence;
use crate::model::scope::Scope;
use crate::model::seen::Gap;
use crate::rules::dispatches_to::DispatchesTo;
use crate::rules::evidence::{hop, undecided};
use crate::rules::kleene::Verdict;
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::net::ports::Ports;
use crate::rules::path::headers::Protocols;
use crate::rules::path::leg::{Hop, Loss};
use crate::rules::path::places::Entrance;
use crate::rules::path::reason::Reason;
use crate::rules::world::NotFound;
use crate::rules::{Edge, End, Ref, Relation, World};

/// Where a rule of a gateway leads.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Backend<'s> {
    /// To a frontend of a load balancer, by its name.
    Frontend(Ref<'s>, String),
    /// To an address, or the id of an interface, that no load balancer has.
    Other(String),
    /// Perhaps to any that has this address, or any at all: the gaps say why that is not told.
    Untold(Option<Cidr>),
}

/// A rule of a gateway, and one of its backends.
#[derive(Debug)]
pub(super) struct Asked<'s> {
    pub(super) gateway: Ref<'s>,
    pub(super) backend: Backend<'s>,
    pub(super) ports: Ports,
    pub(super) backend_ports: Ports,
    pub(super) evidence: Vec<Evidence>,
    pub(super) lost: Option<Loss<'s>>,
    pub(super) gaps: Vec<Gap>,
}

/// What gateways ask, and why there may be more.
#[derive(Default)]
pub(super) struct Asking<'s> {
    pub(super) all: Vec<Asked<'s>>,
    pub(super) gaps: Vec<Gap>,
}

/// By rule, backend and ports: hosts and paths are the request's affair.
type Key = (String, String, Option<i64>, Option<i64>);

impl<'s> Asking<'s> {
    /// Every gateway's that may reach a network: Azure puts a gateway in a network of its own subscription.
    pub(super) fn of(network: Option<&str>, world: &World<'s>) -> Self {
        let mut asking = Self::default();
        for subscription in world.subscriptions() {
            let near = network.map_or(Ok(true), |network| may_reach(&subscription.account, network, world));
            let listing = world.list(Kind::ApplicationGateway, &subscription);
            match near {
                Ok(true) => asking.gaps.extend(listing.gaps),
                Ok(false) => continue,
                // The network tells whether it is worth asking there.
                Err(gap) => asking.gaps.push(gap),
            }
            for gateway in listing.items {
                asking.add(gateway, world);
            }
        }
        asking
    }

    fn add(&mut self, gateway: Ref<'s>, world: &World<'s>) {
        let edges = DispatchesTo.edges(gateway, &[Kind::AzureLoadBalancer], world);
        let open: Vec<Gap> = edges.open().cloned().collect();
        if !open.is_empty() {
            self.all.push(Asked::untold(gateway, None, Ports::ALL, open));
        }
        let mut rules: BTreeMap<Key, (Backend<'s>, Vec<Edge<'s>>)> = BTreeMap::new();
        for edge in edges.found {
            let text = |name| {
                let told = edge.told(name).ok().and_then(Value::as_str);
                told.unwrap_or_default().to_owned()
            };
            let port = |name| edge.told(name).ok().and_then(Value::as_i64);
            let backend = match &edge.to {
                End::Resource(balancer) => Backend::Frontend(balancer, text("frontend")),
                End::Outside(label) => Backend::Other(label.clone()),
                End::Unread { gap, .. } => {
                    let ports = port("port").map_or(Ports::ALL, Ports::one);
                    let address = Cidr::parse(&text("address"));
                    self.all.push(Asked::untold(gateway, address, ports, vec![gap.clone()]));
                    continue;
                }
            };
            let end = match &backend {
                Backend::Frontend(balancer, frontend) => format!("{}/{frontend}", balancer.id),
                Backend::Other(label) => label.clone(),
                Backend::Untold(_) => String::new(),
            };
            let key = (text("rule"), end, port("port"), port("backend_port"));
            rules.entry(key).or_insert_with(|| (backend, Vec::new())).1.push(edge);
        }
        for ((_, _, port, to), (backend, edges)) in rules {
            self.all.push(asked(gateway, backend, port, to, &edges));
        }
    }

    /// Ways that gateways may have to what has these addresses.
    pub(super) fn untold(&self, addresses: &Addresses) -> impl Iterator<Item = Entrance<'s>> {
        let untold = self.all.iter().filter(|asked| match &asked.backend {
            Backend::Untold(Some(block)) => {
                let mut own = Addresses::default();
                own.add(block);
                !own.within(addresses).is_empty()
            }
            Backend::Untold(None) => true,
            _ => false,
        });
        untold.map(|asked| asked.perhaps(asked.gaps.clone()))
    }

    /// Those that lead to a load balancer.
    pub(super) fn to<'a>(&'a self, balancer: Ref<'s>) -> Vec<(&'a Asked<'s>, &'a str)> {
        let leads = |asked: &'a Asked<'s>| match &asked.backend {
            Backend::Frontend(own, frontend) if own.id == balancer.id => Some((asked, frontend.as_str())),
            _ => None,
        };
        self.all.iter().filter_map(leads).collect()
    }
}

impl<'s> Asked<'s> {
    fn untold(gateway: Ref<'s>, address: Option<Cidr>, ports: Ports, gaps: Vec<Gap>) -> Self {
        let (backend, backend_ports) = (Backend::Untold(address), Ports::ALL);
        Self { gateway, backend, ports, backend_ports, evidence: Vec::new(), lost: None, gaps }
    }

    /// It may be a way in: the gaps would tell.
    pub(super) fn perhaps(&self, gaps: Vec<Gap>) -> Entrance<'s> {
        Entrance { gaps, ..Entrance::door(self.gateway, Protocols::TCP, self.ports) }
    }
}

/// Whether a network of this subscription may reach another: they are one, or peered.
fn may_reach(subscription: &str, network: &str, world: &World<'_>) -> Verdict {
    let is_here = |id: &str| azure::subscription(id).is_none_or(|own| own == subscription);
    if is_here(network) {
        return Ok(true);
    }
    let near = Scope::azure(azure::subscription(network).unwrap_or_default());
    match world.find(Kind::VirtualNetwork, network, &near) {
        Ok(found) => {
            let mut peers = World::facts::<VirtualNetwork>(found).peerings.iter();
            Ok(peers.any(|peering| is_here(&peering.network)))
        }
        Err(NotFound::Absent) => Ok(false),
        Err(NotFound::Unread(gap)) => Err(gap),
    }
}

fn asked<'s>(
    gateway: Ref<'s>,
    backend: Backend<'s>,
    port: Option<i64>,
    to: Option<i64>,
    edges: &[Edge<'s>],
) -> Asked<'s> {
    let all = |port: Option<i64>| port.map_or(Ports::ALL, Ports::one);
    let evidence = edges.first().map(|edge| edge.evidence.clone()).unwrap_or_default();
    let mut gaps: Vec<Gap> = Vec::new();
    let first = edges.first();
    for name in ["port", "backend_port", "frontend"] {
        gaps.extend(first.and_then(|edge| edge.told(name).err()).cloned());
    }
    let shadows: Vec<Result<bool, &Gap>> = edges.iter().map(shadowed).collect();
    let mut lost = None;
    if shadows.iter().all(|it| *it == Ok(true)) {
        let says = "rules that come first take all that its listener is for";
        lost = Some(loss(gateway, &evidence, Reason::RuleNeverMatches, says));
    } else if !shadows.contains(&Ok(false)) {
        gaps.extend(shadows.into_iter().filter_map(Result::err).cloned());
    }
    match first.map(|edge| edge.told("healthy")) {
        Some(Ok(healthy)) if lost.is_none() && healthy.as_i64().is_some_and(|healthy| healthy <= 0) => {
            let says = "nothing behind it answers its probe";
            lost = Some(loss(gateway, &evidence, Reason::TargetUnhealthy, says));
            gaps.push(undecided(gateway, "what stands behind it may answer its probe in a moment"));
        }
        Some(Err(gap)) => gaps.push(gap.clone()),
        _ => {}
    }
    Asked { gateway, backend, ports: all(port), backend_ports: all(to), evidence, lost, gaps }
}

/// Whether others take all requests for a host before the rule does.
fn shadowed<'e>(edge: &'e Edge<'_>) -> Result<bool, &'e Gap> {
    let preceding = edge.told("preceded_by")?;
    let host = edge.told("host")?.as_str().unwrap_or_default();
    let mut before = preceding.as_array().into_iter().flatten().filter_map(Value::as_str);
    Ok(before.any(|before| before == "*" || before == host || fits(before, host)))
}

fn loss<'s>(gateway: Ref<'s>, evidence: &[Evidence], reason: Reason, says: &str) -> Loss<'s> {
    Loss::told(Hop::of(gateway).by(evidence.iter().cloned()), reason, says)
}

/// Listeners of these gateways by whose ports nothing is sent on: their rules redirect, or there are none.
pub(super) fn idle<'s>(asking: &[&Asked<'s>]) -> Vec<Entrance<'s>> {
    let mut gateways: BTreeMap<&str, (Ref<'s>, Vec<Ports>)> = BTreeMap::new();
    for asked in asking {
        let entry = gateways.entry(&asked.gateway.id).or_insert((asked.gateway, Vec::new()));
        entry.1.push(asked.ports);
    }
    let mut idle = Vec::new();
    for (gateway, served) in gateways.into_values() {
        let Ok(properties) = World::facts::<ApplicationGateway>(gateway).properties.get() else { continue };
        let mut ports: Vec<i64> = properties.listeners.iter().filter_map(|listener| listener.port).collect();
        ports.sort_unstable();
        ports.dedup();
        for port in ports.into_iter().map(Ports::one) {
            if served.iter().any(|own| own.covers(port)) {
                continue;
            }
            let says = "no rule of its listeners there sends requests this way";
            let evidence = of_port(gateway, properties, port);
            idle.push(Entrance {
                lost: Some(loss(gateway, &evidence, Reason::RuleNeverMatches, says)),
                ..Entrance::door(gateway, Protocols::TCP, port)
            });
        }
    }
    idle
}

/// What a gateway does with what comes in at a port.
fn of_port(gateway: Ref<'_>, properties: &GatewayProperties, port: Ports) -> Vec<Evidence> {
    let here = properties.listeners.iter().filter(|listener| listener.port == Some(port.first));
    let mut evidence = Vec::new();
    for listener in here {
        let named = |rule: &&_| is_for(rule, &listener.name);
        match properties.rules.iter().find(named) {
            Some(rule) => evidence.push(hop(gateway, "properties.rules", json!(rule))),
            None => evidence.push(hop(gateway, "properties.listeners", json!(listener))),
        }
    }
    evidence
}

fn is_for(rule: &crate::model::azure::gateway::GatewayRule, listener: &str) -> bool {
    rule.listener.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(listener))
}
