//! Gateways that ask a load balancer, and those of their listeners that never do.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::azure::gateway::{ApplicationGateway, GatewayProperties};
use crate::model::kind::Kind;
use crate::model::names::fits;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::dispatches_to::DispatchesTo;
use crate::rules::evidence::hop;
use crate::rules::net::ports::Ports;
use crate::rules::path::headers::{Headers, Protocols};
use crate::rules::path::leg::{Hop, Loss};
use crate::rules::path::places::Entrance;
use crate::rules::path::reason::Reason;
use crate::rules::{Edge, End, Ref, Relation, World};

/// A rule of a gateway that leads to a frontend of a load balancer.
#[derive(Debug)]
pub(super) struct Asked<'s> {
    pub(super) gateway: Ref<'s>,
    /// Of the load balancer, by its name.
    pub(super) frontend: String,
    pub(super) ports: Ports,
    pub(super) backend_ports: Ports,
    pub(super) evidence: Vec<Evidence>,
    pub(super) lost: Option<Loss<'s>>,
    pub(super) gaps: Vec<Gap>,
}

/// Every gateway's rules that lead to a load balancer, and why there may be more.
pub(super) fn asking<'s>(balancer: Ref<'s>, world: &World<'s>) -> (Vec<Asked<'s>>, Vec<Gap>) {
    let (mut asking, mut gaps) = (Vec::new(), Vec::new());
    for subscription in world.subscriptions() {
        let listing = world.list(Kind::ApplicationGateway, &subscription);
        gaps.extend(listing.gaps);
        for gateway in listing.items {
            let edges = DispatchesTo.edges(gateway, &[Kind::AzureLoadBalancer], world);
            gaps.extend(edges.open().cloned());
            // By rule, frontend and ports: hosts and paths are the request's affair.
            let mut rules: BTreeMap<(String, String, Option<i64>, Option<i64>), Vec<Edge<'s>>> =
                BTreeMap::new();
            for edge in edges.found {
                match &edge.to {
                    End::Resource(to) if to.id == balancer.id => {}
                    End::Unread { gap, .. } => {
                        gaps.push(gap.clone());
                        continue;
                    }
                    _ => continue,
                }
                let text =
                    |name| told(&edge, name).ok().and_then(|it| it.as_str()).unwrap_or_default().to_owned();
                let port = |name| told(&edge, name).ok().and_then(Value::as_i64);
                let key = (text("rule"), text("frontend"), port("port"), port("backend_port"));
                rules.entry(key).or_default().push(edge);
            }
            for ((_, frontend, port, backend), edges) in rules {
                asking.push(asked(gateway, frontend, port, backend, &edges));
            }
        }
    }
    (asking, gaps)
}

fn told<'e>(edge: &'e Edge<'_>, name: &str) -> Result<&'e Value, &'e Gap> {
    let found = edge.attributes.iter().find(|(of, _)| *of == name);
    found.map_or(Ok(&Value::Null), |(_, value)| value.as_ref())
}

fn asked<'s>(
    gateway: Ref<'s>,
    frontend: String,
    port: Option<i64>,
    backend: Option<i64>,
    edges: &[Edge<'s>],
) -> Asked<'s> {
    let all = |port: Option<i64>| port.map_or(Ports::ALL, Ports::one);
    let evidence = edges.first().map(|edge| edge.evidence.clone()).unwrap_or_default();
    let mut gaps: Vec<Gap> = Vec::new();
    let first = edges.first();
    for name in ["port", "backend_port", "frontend"] {
        gaps.extend(first.and_then(|edge| told(edge, name).err()).cloned());
    }
    let shadows: Vec<Result<bool, &Gap>> = edges.iter().map(shadowed).collect();
    let mut lost = None;
    if shadows.iter().all(|it| *it == Ok(true)) {
        let says = "rules that come first take all that its listener is for";
        lost = Some(loss(gateway, &evidence, Reason::RuleNeverMatches, says));
    } else if !shadows.contains(&Ok(false)) {
        gaps.extend(shadows.into_iter().filter_map(Result::err).cloned());
    }
    match first.map(|edge| told(edge, "healthy")) {
        Some(Ok(healthy)) if healthy.as_i64().is_some_and(|healthy| healthy <= 0) => {
            let says = "nothing behind it answers its probe";
            lost = lost.or_else(|| Some(loss(gateway, &evidence, Reason::TargetUnhealthy, says)));
        }
        Some(Err(gap)) => gaps.push(gap.clone()),
        _ => {}
    }
    Asked { gateway, frontend, ports: all(port), backend_ports: all(backend), evidence, lost, gaps }
}

/// Whether others take all requests for a host before the rule does.
fn shadowed<'e>(edge: &'e Edge<'_>) -> Result<bool, &'e Gap> {
    let preceding = told(edge, "preceded_by")?;
    let host = told(edge, "host")?.as_str().unwrap_or_default();
    let mut before = preceding.as_array().into_iter().flatten().filter_map(Value::as_str);
    Ok(before.any(|before| before == "*" || before == host || fits(before, host)))
}

fn loss<'s>(gateway: Ref<'s>, evidence: &[Evidence], reason: Reason, says: &str) -> Loss<'s> {
    let hops = vec![Hop::of(gateway).by(evidence.iter().cloned())];
    Loss { hops, reason, says: says.to_owned(), packets: Headers::none() }
}

/// Listeners of these gateways by whose ports nothing is sent on: their rules redirect, or there are none.
pub(super) fn idle<'s>(asking: &[Asked<'s>]) -> Vec<Entrance<'s>> {
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
                by: gateway,
                protocols: Protocols::TCP,
                ports: vec![port],
                hops: Vec::new(),
                onward: Vec::new(),
                lost: Some(loss(gateway, &evidence, Reason::RuleNeverMatches, says)),
                gaps: Vec::new(),
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
