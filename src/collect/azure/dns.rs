//! DNS, public and private: zones, their record sets, and the networks that ask a private zone.

use futures::future::BoxFuture;

use super::members::{Unreadable, domain, group_of};
use super::part::{Part, Unfit, resource, whole};
use super::{Api, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::azure::dns::{
    DnsRecord, DnsZone, LIST_DNS_ZONES, LIST_PRIVATE_DNS_ZONES, LIST_PRIVATE_RECORD_SETS, LIST_RECORD_SETS,
    LIST_VIRTUAL_NETWORK_LINKS, NETWORK_LINKS, PRIVATE_RECORDS, PRIVATE_ZONES, PrivateDnsRecord,
    PrivateDnsZone, RECORDS, ZONES,
};
use crate::model::call::Source;
use crate::model::kind::{Head, Resource};

pub(super) struct Dns;

impl Collector for Dns {
    fn id(&self) -> &'static str {
        "azure.dns"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&ZONES, &RECORDS, &PRIVATE_ZONES, &PRIVATE_RECORDS, &NETWORK_LINKS]
    }

    fn fetch<'a>(
        &'a self,
        api: &'a Api,
        source: &'static Source,
        item: Item<'a>,
        into: &'a mut Facts,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            match *source.calls[0] {
                LIST_DNS_ZONES => api.list(&LIST_DNS_ZONES, item).await.add(into, resource(zone)),
                LIST_RECORD_SETS => {
                    let read = |head, found: Part<'_>| record(head, found, item.key);
                    api.list(&LIST_RECORD_SETS, item).await.add(into, resource(read));
                }
                LIST_PRIVATE_DNS_ZONES => {
                    let read = |head, _: Part<'_>| private_zone(api, head);
                    api.list(&LIST_PRIVATE_DNS_ZONES, item).await.add(into, resource(read));
                }
                LIST_PRIVATE_RECORD_SETS => {
                    let read = |head, found: Part<'_>| private_record(head, found, item.key);
                    api.list(&LIST_PRIVATE_RECORD_SETS, item).await.add(into, resource(read));
                }
                LIST_VIRTUAL_NETWORK_LINKS => {
                    let links = api.list(&LIST_VIRTUAL_NETWORK_LINKS, item).await.all(into, whole(link));
                    let networks = links.map(|links| {
                        let mut networks: Vec<String> = links.into_iter().flatten().collect();
                        networks.sort();
                        networks
                    });
                    into.detail::<PrivateDnsZone, _>(item.key, networks, |zone| &mut zone.networks);
                }
                _ => debug_assert!(false, "{} is not asked here", source.primary()),
            }
        })
    }
}

fn zone(head: Head, _: Part<'_>) -> Result<Resource, Unreadable> {
    let facts = DnsZone { group: group_of(&head)?, domain: domain(&head.name) };
    Ok(Resource::new(head, facts))
}

fn private_zone(api: &Api, head: Head) -> Result<Resource, Unreadable> {
    let facts = PrivateDnsZone {
        group: group_of(&head)?,
        domain: domain(&head.name),
        networks: api.unread(&NETWORK_LINKS, &head.id),
    };
    Ok(Resource::new(head, facts))
}

fn record(head: Head, found: Part<'_>, zone: &str) -> Result<Resource, Unreadable> {
    let Told { domain, r#type, ttl, addresses, cname } = told(&head, found, zone)?;
    let alias = found.lower("properties.targetResource.id")?;
    let facts = DnsRecord { zone: zone.to_owned(), domain, r#type, ttl, addresses, cname, alias };
    Ok(Resource::new(head, facts))
}

fn private_record(head: Head, found: Part<'_>, zone: &str) -> Result<Resource, Unreadable> {
    let Told { domain, r#type, ttl, addresses, cname } = told(&head, found, zone)?;
    let facts = PrivateDnsRecord { zone: zone.to_owned(), domain, r#type, ttl, addresses, cname };
    Ok(Resource::new(head, facts))
}

/// What record sets of both sorts of zones tell.
struct Told {
    domain: String,
    r#type: String,
    ttl: Option<i64>,
    addresses: Vec<String>,
    cname: Option<String>,
}

fn told(head: &Head, found: Part<'_>, zone: &str) -> Result<Told, Unfit> {
    let of = found.must("type")?;
    let own = head.name.as_str();
    // A zone's id ends with the zone's name.
    let apex = zone.rsplit('/').next().unwrap_or(zone);
    let whole = if own == "@" { apex.to_owned() } else { format!("{own}.{apex}") };
    let mut addresses = Vec::new();
    for (list, address) in [("properties.aRecords", "ipv4Address"), ("properties.aaaaRecords", "ipv6Address")]
    {
        for record in found.parts(list)? {
            addresses.push(record.need(address, record.lower(address)?)?);
        }
    }
    Ok(Told {
        domain: domain(&found.text("properties.fqdn")?.unwrap_or(whole)),
        r#type: of.rsplit('/').next().unwrap_or(&of).to_ascii_uppercase(),
        ttl: found.number("properties.ttl")?,
        addresses,
        cname: found.text("properties.cnameRecord.cname")?.map(|name| domain(&name)),
    })
}

/// The network that is linked; one whose link is not made yet doesn't ask the zone.
fn link(found: Part<'_>) -> Result<Option<String>, Unfit> {
    let network = "properties.virtualNetwork.id";
    let network = found.need(network, found.lower(network)?)?;
    let state = found.text("properties.virtualNetworkLinkState")?;
    let unmade = state.is_some_and(|state| state.eq_ignore_ascii_case("InProgress"));
    Ok((!unmade).then_some(network))
}

#[cfg(test)]
mod tests;
