//! `dispatches-to`: a rule of the gateway leads to the load balancer that has the backend's address.

mod backends;
mod precedence;
mod presented;

use serde_json::{Value, json};

use self::backends::{Backend, Lead, Reached, ends, leads};
use super::azure::networks::Networks;
use super::evidence::{hop, undecided};
use super::{Edge, Edges, Ref, Relation, World};
use crate::model::azure::gateway::{
    ApplicationGateway, BackendSettings, GATEWAY_HEALTH, GatewayListener, GatewayProperties, GatewayRule,
    Pool,
};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};
use crate::model::seen::Gap;

pub(crate) struct DispatchesTo;

impl Relation for DispatchesTo {
    fn meta(&self) -> &'static RelationMeta {
        relation("dispatches-to").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let mut edges = Edges::default();
        let properties = match World::facts::<ApplicationGateway>(from).properties.get() {
            Ok(properties) => properties,
            Err(gap) => return Edges { gaps: vec![gap.clone()], ..edges },
        };
        let Some(networks) = Networks::of(&properties.subnets) else {
            edges.gaps.push(undecided(from, "it does not name its subnets"));
            return edges;
        };
        for rule in &properties.rules {
            let Some(listener) = named(&properties.listeners, rule.listener.as_deref(), |it| &it.name) else {
                edges.gaps.push(undecided(from, format!("it does not tell the listener of {}", rule.name)));
                continue;
            };
            let leads = leads(rule, properties);
            if leads.is_empty() {
                continue;
            }
            let taken = taken(from, rule, listener, properties, world);
            for lead in &leads {
                edges.found.extend(lead_edges(from, &taken, lead, properties, &networks, world));
            }
        }
        edges
    }
}

/// One of the gateway's parts, by the name that another one refers to it by.
fn named<'s, T>(parts: &'s [T], name: Option<&str>, of: impl Fn(&T) -> &String) -> Option<&'s T> {
    let name = name?;
    parts.iter().find(|part| of(part).eq_ignore_ascii_case(name))
}

type Attributes = Vec<(&'static str, Result<Value, Gap>)>;

/// What a rule's listener takes: once for each host, the attributes from `host` to `rule`.
struct Taken<'s> {
    rule: &'s GatewayRule,
    listener: &'s GatewayListener,
    hosts: Vec<Attributes>,
}

fn taken<'s>(
    from: Ref<'s>,
    rule: &'s GatewayRule,
    listener: &'s GatewayListener,
    properties: &'s GatewayProperties,
    world: &World<'s>,
) -> Taken<'s> {
    let told = |value: Option<Value>, what: &str| {
        value.ok_or_else(|| undecided(from, format!("it does not tell the {what} of {}", listener.name)))
    };
    let frontend = named(&properties.frontends, listener.frontend.as_deref(), |it| &it.name);
    let public = frontend.map(|frontend| json!(frontend.public_ip.is_some()));
    let (certificate, current) = presented::attributes(from, listener, properties, world.now());
    let attributes = |host: &str| {
        vec![
            ("host", Ok(json!(host))),
            ("preceded_by", precedence::preceding(from, rule, listener, host, properties)),
            ("port", told(listener.port.map(Value::from), "port")),
            ("protocol", told(listener.protocol.clone().map(Value::from), "protocol")),
            ("public", told(public.clone(), "frontend")),
            ("certificate", certificate.clone()),
            ("current", current.clone()),
            ("rule", Ok(json!(rule.name))),
        ]
    };
    let hosts = precedence::hosts(listener).into_iter().map(attributes).collect();
    Taken { rule, listener, hosts }
}

/// The edges of a pool's backends, one for each host that the listener takes and each end.
fn lead_edges<'s>(
    from: Ref<'s>,
    taken: &Taken<'s>,
    lead: &Lead<'s>,
    properties: &'s GatewayProperties,
    networks: &Networks<'s>,
    world: &World<'s>,
) -> Vec<Edge<'s>> {
    let settings = named(&properties.settings, lead.settings, |it| &it.name);
    let mut edges = Vec::new();
    for backend in Backend::all(lead.pool) {
        for reached in ends(&backend, networks, world) {
            let asked = asked(from, lead, settings, &backend, &reached);
            let mut evidence = vec![
                hop(from, "properties.listeners", json!(taken.listener)),
                hop(from, "properties.rules", json!(taken.rule)),
                hop(from, "properties.pools", json!(lead.pool)),
            ];
            evidence.extend(settings.map(|settings| hop(from, "properties.settings", json!(settings))));
            evidence.extend(reached.evidence);
            edges.extend(taken.hosts.iter().map(|taken_by| Edge {
                to: reached.to.clone(),
                attributes: taken_by.iter().chain(&asked).cloned().collect(),
                evidence: evidence.clone(),
                assumptions: backend.assumptions(),
            }));
        }
    }
    edges
}

/// How a backend is asked, and what has its address: the attributes from `path` on.
fn asked(
    from: Ref<'_>,
    lead: &Lead<'_>,
    settings: Option<&BackendSettings>,
    backend: &Backend<'_>,
    reached: &Reached<'_>,
) -> Attributes {
    let untold = |what: &str| undecided(from, format!("it does not tell the {what} of {}", lead.pool.name));
    let own = |settings: &BackendSettings| {
        let of_backend = settings.host_of_backend == Some(true);
        settings.host.as_deref().or(of_backend.then_some(backend.label())).map(str::to_owned)
    };
    let port = settings.and_then(|settings| settings.port);
    let protocol = settings.and_then(|settings| settings.protocol.clone());
    vec![
        ("path", Ok(json!(lead.path))),
        ("pool", Ok(json!(lead.pool.name))),
        ("address", Ok(json!(backend.label()))),
        ("backend_port", port.map(Value::from).ok_or_else(|| untold("backend port"))),
        ("backend_protocol", protocol.map(Value::from).ok_or_else(|| untold("backend protocol"))),
        ("backend_host", settings.map(|settings| json!(own(settings))).ok_or_else(|| untold("backend host"))),
        ("frontend", reached.frontend.clone().map(|name| json!(name))),
        ("healthy", healthy(from, lead.pool, settings).map(Value::from)),
    ]
}

/// How many hosts behind the pool answer the settings' probe. Where some do and some don't, the metric does not say
/// which.
fn healthy(from: Ref<'_>, pool: &Pool, settings: Option<&BackendSettings>) -> Result<i64, Gap> {
    let untold =
        |detail: String| Gap { detail, ..Gap::unread(GATEWAY_HEALTH.primary(), &from.scope, &from.id) };
    let health = World::facts::<ApplicationGateway>(from).health.get().map_err(Gap::clone)?;
    let is = |told: Option<&str>, name: &str| told.is_some_and(|told| told.eq_ignore_ascii_case(name));
    let of = settings.and_then(|settings| {
        health
            .iter()
            .find(|told| is(Some(&told.pool), &pool.name) && is(told.settings.as_deref(), &settings.name))
    });
    let healthy = of.ok_or_else(|| untold(format!("the metric tells nothing of {}", pool.name)))?.healthy;
    let (known, others) = (pool.addresses.len(), pool.hosts.len() + pool.members.len());
    let all = i64::try_from(known).is_ok_and(|known| healthy >= known) && others == 0;
    if healthy <= 0 || all || known + others == 1 {
        return Ok(healthy);
    }
    Err(untold(format!(
        "{healthy} of the hosts behind {} answer, and the metric does not say which",
        pool.name
    )))
}

#[cfg(test)]
mod tests;
