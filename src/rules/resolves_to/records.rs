//! What a record set of Azure answers with: through aliases, addresses and names to a public IP address, and to the
//! gateway that uses it.

use serde_json::json;

use crate::model::azure::dns::{DnsRecord, DnsZone};
use crate::model::azure::gateway::ApplicationGateway;
use crate::model::azure::network::PublicIp;
use crate::model::azure::parent;
use crate::model::kind::Kind;
use crate::model::names::{answers_beside, holds};
use crate::model::run::Evidence;
use crate::model::scope::Scope;
use crate::model::seen::Gap;
use crate::rules::azure::frontends::public_ip;
use crate::rules::evidence::hop;
use crate::rules::kleene::foremost;
use crate::rules::world::NotFound;
use crate::rules::{Edge, Edges, End, Ref, World};

use super::MOST_HOPS;

/// The way from the first record to where we are.
#[derive(Clone, Default)]
pub(super) struct Trail {
    /// Something on the way is an address or a CNAME.
    plain: bool,
    hops: Vec<Evidence>,
}

impl Trail {
    fn through(&self, record: Ref<'_>, facts: &DnsRecord) -> Self {
        let mut trail = self.clone();
        trail.plain |= facts.alias.is_none();
        trail.hops.push(match (&facts.alias, &facts.cname) {
            (Some(alias), _) => hop(record, "alias", alias.as_str()),
            (None, Some(name)) => hop(record, "cname", name.as_str()),
            (None, None) => hop(record, "addresses", json!(facts.addresses)),
        });
        trail
    }

    fn edge<'s>(&self, to: End<'s>, more: impl IntoIterator<Item = Evidence>) -> Edge<'s> {
        let evidence = self.hops.iter().cloned().chain(more).collect();
        let attributes = vec![("alias", Ok(json!(!self.plain))), ("weight", Ok(json!(1)))];
        Edge { to, attributes, evidence, assumptions: Vec::new() }
    }

    fn outside<'s>(&self, label: impl Into<String>) -> Edge<'s> {
        self.edge(End::Outside(label.into()), [])
    }

    fn unread<'s>(&self, id: &str, gap: Gap) -> Edge<'s> {
        self.edge(End::Unread { kind: Kind::ApplicationGateway, id: id.to_owned(), gap }, [])
    }
}

pub(super) fn follow<'s>(record: Ref<'s>, trail: &Trail, world: &World<'s>, edges: &mut Edges<'s>) {
    let facts = World::facts::<DnsRecord>(record);
    if !leads(facts) {
        return;
    }
    let seen = trail.hops.iter().any(|hop| hop.resource == record.id);
    if seen || trail.hops.len() >= MOST_HOPS {
        edges.found.push(trail.outside(facts.domain.as_str()));
        return;
    }
    let trail = trail.through(record, facts);
    // Records that were not read may hand the name to other name servers.
    edges.gaps.extend(unread_records(&facts.zone, world));
    if let Some(cut) = delegation(&facts.domain, &facts.zone, world) {
        edges.found.push(trail.outside(format!("the name servers of {cut}")));
        return;
    }
    match (&facts.alias, &facts.cname) {
        (Some(alias), _) => follow_alias(alias, &trail, world, edges),
        (None, Some(name)) => follow_name(name, &facts.zone, &trail, world, edges),
        (None, None) => {
            let addresses = facts.addresses.iter();
            edges.found.extend(addresses.map(|address| by_address(address, &trail, world)));
        }
    }
}

fn follow_alias<'s>(alias: &str, trail: &Trail, world: &World<'s>, edges: &mut Edges<'s>) {
    let kind = alias.split_once("/providers/").map_or(alias, |(_, path)| path);
    if kind.starts_with("microsoft.network/publicipaddresses/") {
        edges.found.push(by_id(alias, trail, world));
        return;
    }
    let zone = parent(alias).filter(|_| kind.starts_with("microsoft.network/dnszones/"));
    match (world.get(Kind::AzureDnsRecord, alias), zone) {
        (Some(next), Some(_)) => follow(next, trail, world, edges),
        (None, Some(zone)) => match foremost(unread_records(zone, world)) {
            Some(gap) => edges.found.push(trail.unread(alias, gap)),
            None => edges.found.push(trail.edge(End::missing(Kind::AzureDnsRecord, alias), [])),
        },
        (_, None) => edges.found.push(trail.outside(kind)),
    }
}

/// Follows a name to the public IP address that has it, or to the records that answer it in a zone of the env.
fn follow_name<'s>(name: &str, near: &str, trail: &Trail, world: &World<'s>, edges: &mut Edges<'s>) {
    let named = |ip: &Ref<'s>| World::facts::<PublicIp>(ip).fqdn.as_deref() == Some(name);
    if let Some(ip) = world.linked(Kind::PublicIp, name).into_iter().find(named) {
        edges.found.push(by_ip(ip, trail, world));
        return;
    }
    let zones = zones_of(name, near, world);
    if zones.is_empty() {
        let unread = [Kind::AzureDnsZone, Kind::PublicIp].map(|kind| world.unlisted_in_azure(kind));
        edges.found.push(match foremost(unread.into_iter().flatten().collect()) {
            Some(gap) => trail.unread(name, gap),
            None => trail.outside(name),
        });
    }
    for zone in zones {
        let unread = unread_records(&zone.id, world);
        let next = answering(name, zone, world);
        if next.is_empty() {
            let handed = delegation(name, &zone.id, world).map(|cut| format!("the name servers of {cut}"));
            edges.found.push(match foremost(unread) {
                Some(gap) => trail.unread(name, gap),
                None => trail.outside(handed.unwrap_or_else(|| name.to_owned())),
            });
        }
        for record in next {
            follow(record, trail, world, edges);
        }
    }
}

/// The records that answer a name in a zone, for addresses.
fn answering<'s>(name: &str, zone: Ref<'s>, world: &World<'s>) -> Vec<Ref<'s>> {
    let all = world.linked(Kind::AzureDnsRecord, &zone.id);
    let facts = |record: &Ref<'s>| World::facts::<DnsRecord>(record);
    let others = || all.iter().map(|record| facts(record).domain.as_str());
    let answers =
        |record: &&Ref<'s>| leads(facts(record)) && answers_beside(&facts(record).domain, others(), name);
    all.iter().filter(answers).copied().collect()
}

/// Whether it answers for addresses, by its own or by a name that it stands for.
fn leads(record: &DnsRecord) -> bool {
    matches!(record.r#type.as_str(), "A" | "AAAA" | "CNAME")
}

/// The zones that a name is looked up in: the one that names it where that holds it; else those of the env that share
/// most of it.
fn zones_of<'s>(name: &str, near: &str, world: &World<'s>) -> Vec<Ref<'s>> {
    let domain = |zone: &Ref<'s>| World::facts::<DnsZone>(zone).domain.as_str();
    let all = world.snapshot().of_kind(Kind::AzureDnsZone).iter();
    let mut zones: Vec<Ref<'s>> = all.filter(|zone| holds(domain(zone), name)).collect();
    let delegated = |zone: &Ref<'s>| delegation(name, &zone.id, world).is_some();
    if let Some(own) = zones.iter().find(|zone| zone.id == near && !delegated(zone)) {
        return vec![own];
    }
    let longest = zones.iter().map(|zone| domain(zone).len()).max();
    zones.retain(|zone| Some(domain(zone).len()) == longest);
    zones
}

fn by_id<'s>(id: &str, trail: &Trail, world: &World<'s>) -> Edge<'s> {
    match world.get(Kind::PublicIp, id) {
        Some(ip) => by_ip(ip, trail, world),
        None => match End::of(Kind::PublicIp, id, &Scope::azure(""), world) {
            End::Unread { gap, .. } => trail.unread(id, gap),
            end => trail.edge(end, []),
        },
    }
}

fn by_address<'s>(address: &str, trail: &Trail, world: &World<'s>) -> Edge<'s> {
    match public_ip(address, world) {
        Some(ip) => by_ip(ip, trail, world),
        None => match world.unlisted_in_azure(Kind::PublicIp) {
            Some(gap) => trail.unread(address, gap),
            None => trail.outside(address),
        },
    }
}

/// The gateway that uses a public IP address. Both say so, where the gateway was read.
fn by_ip<'s>(ip: Ref<'s>, trail: &Trail, world: &World<'s>) -> Edge<'s> {
    let facts = World::facts::<PublicIp>(ip);
    let seen = hop(ip, "used_by", json!(facts.used_by));
    let Some(frontend) = &facts.used_by else {
        return trail.edge(End::Outside(format!("{}: used by nothing", ip.name)), [seen]);
    };
    let gateway = parent(frontend).filter(|id| is_gateway(id));
    let Some(gateway) = gateway else { return trail.edge(End::Outside(frontend.clone()), [seen]) };
    match world.find(Kind::ApplicationGateway, gateway, &ip.scope) {
        Ok(found) => {
            let Ok(properties) = World::facts::<ApplicationGateway>(found).properties.get() else {
                return trail.edge(End::Resource(found), [seen]);
            };
            let own = properties.frontends.iter().find(|own| own.public_ip.as_deref() == Some(&ip.id));
            let Some(own) = own else {
                let words = format!("{}: not an address of {}, which it names", ip.name, found.name);
                return trail.edge(End::Outside(words), [seen]);
            };
            let own = hop(found, "properties.frontends", json!(own));
            trail.edge(End::Resource(found), [seen, own])
        }
        Err(NotFound::Unread(gap)) => {
            let end = End::Unread { kind: Kind::ApplicationGateway, id: gateway.to_owned(), gap };
            trail.edge(end, [seen])
        }
        Err(NotFound::Absent) => trail.edge(End::missing(Kind::ApplicationGateway, gateway), [seen]),
    }
}

fn is_gateway(id: &str) -> bool {
    id.contains("/providers/microsoft.network/applicationgateways/")
}

/// Why a zone may have other records.
fn unread_records(zone: &str, world: &World<'_>) -> Vec<Gap> {
    match world.find(Kind::AzureDnsZone, zone, &Scope::azure("")) {
        Ok(zone) => world.children(Kind::AzureDnsRecord, zone).gaps,
        Err(NotFound::Unread(gap)) => vec![gap],
        Err(NotFound::Absent) => Vec::new(),
    }
}

/// The name, this one or one above it, that the zone hands to other name servers: those answer then.
fn delegation<'s>(name: &str, zone: &str, world: &World<'s>) -> Option<&'s str> {
    let domain = World::facts::<DnsZone>(world.get(Kind::AzureDnsZone, zone)?).domain.as_str();
    let names = std::iter::successors(Some(name), |name| Some(name.split_once('.')?.1));
    let below = names.take_while(|name| *name != domain && holds(domain, name));
    let linked = below.flat_map(|name| world.linked(Kind::AzureDnsRecord, name));
    let mut records = linked.map(World::facts::<DnsRecord>);
    let cut = records.find(|other| other.r#type == "NS" && other.zone == zone)?;
    Some(&cut.domain)
}

#[cfg(test)]
mod tests;
