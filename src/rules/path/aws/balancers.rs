//! Load balancers: where their nodes lie, and what they listen for.

use super::sites::{Sites, at, found, somewhere, unknown_public};
use super::{Public, Site};
use crate::model::aws::ec2::NetworkInterface;
use crate::model::aws::elbv2::{DESCRIBE_LOAD_BALANCERS, Listener, LoadBalancer};
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::balancing::addresses;
use crate::rules::evidence::undecided;
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::net::ports::Ports;
use crate::rules::net::security_groups::Guard;
use crate::rules::path::headers::Protocols;
use crate::rules::{Ref, World};

/// Its nodes as others see them. Without its listeners there is nothing that could be said of them.
pub(super) fn sites<'s>(of: Ref<'s>, world: &World<'s>) -> Sites<'s> {
    match listens(of, world) {
        Ok(listens) => {
            let mut sites = nodes(of, world);
            sites.known.iter_mut().for_each(|site| site.listens = Some(listens.clone()));
            sites
        }
        Err(gap) => Sites::unknown(gap),
    }
}

/// What its listeners take.
pub(super) fn listens<'s>(of: Ref<'s>, world: &World<'s>) -> Result<Vec<(Protocols, Ports)>, Gap> {
    let listeners = world.children(Kind::Listener, of);
    if let Some(gap) = listeners.gaps.into_iter().next() {
        return Err(gap);
    }
    let mut all = Vec::new();
    for listener in listeners.items {
        let port = World::facts::<Listener>(listener).port;
        let port = port.ok_or_else(|| undecided(listener, "its port is not told"))?;
        all.extend(protocols(listener)?.iter().map(|protocol| (*protocol, Ports::one(port))));
    }
    Ok(all)
}

/// The protocols that packets to a listener are of; what it sends on is of the same.
pub(super) fn protocols(listener: Ref<'_>) -> Result<&'static [Protocols], Gap> {
    match World::facts::<Listener>(listener).protocol.as_deref() {
        Some("HTTP" | "HTTPS" | "TCP" | "TLS") => Ok(&[Protocols::TCP]),
        Some("UDP" | "QUIC") => Ok(&[Protocols::UDP]),
        Some("TCP_UDP" | "TCP_QUIC") => Ok(&[Protocols::TCP, Protocols::UDP]),
        _ => Err(undecided(listener, "its protocol is not told, or none that is known")),
    }
}

/// One node for each of its subnets: by the addresses of its interfaces there, where they were read.
pub(super) fn nodes<'s>(of: Ref<'s>, world: &World<'s>) -> Sites<'s> {
    let facts = World::facts::<LoadBalancer>(of);
    match facts.state.as_deref() {
        Some("active" | "active_impaired") => {}
        Some("failed") => return Sites::default(),
        state => {
            let why = format!("load balancer {} is {}", of.name, state.unwrap_or("in no state that is told"));
            let gap = Gap::in_transition(DESCRIBE_LOAD_BALANCERS.id, &of.scope, "", &why);
            return Sites::unknown(gap);
        }
    }
    if facts.r#type == "gateway" {
        return Sites::unknown(undecided(of, "what a gateway load balancer does is not judged"));
    }
    let interfaces = addresses::interfaces(of, world);
    let interfaces = if interfaces.gaps.is_empty() { interfaces.items } else { Vec::new() };
    let mut sites = Sites::default();
    if facts.subnets.is_empty() {
        sites.gaps.push(undecided(of, "names no subnets"));
    }
    for id in &facts.subnets {
        let here = interfaces.iter().map(|interface| World::facts::<NetworkInterface>(interface));
        let here: Vec<_> = here.filter(|interface| interface.subnet == *id).collect();
        sites.add(found(of, Kind::Subnet, id, world).and_then(|subnet| node(of, facts, subnet, &here)));
    }
    sites
}

fn node<'s>(
    of: Ref<'s>,
    facts: &'s LoadBalancer,
    subnet: Ref<'s>,
    interfaces: &[&'s NetworkInterface],
) -> Result<Site<'s>, Gap> {
    let guard = (!facts.groups.is_empty()).then_some(Guard { of, groups: &facts.groups });
    let kind = facts.ip_address_type.as_deref();
    let dual = kind.is_some_and(|kind| kind.starts_with("dualstack"));
    let addresses: Option<Vec<&String>> = match interfaces {
        [] => None,
        _ if dual => {
            interfaces.iter().map(|it| it.ipv6_ips.as_ref()).collect::<Option<Vec<_>>>().map(|ipv6| {
                ipv6.into_iter().flatten().chain(interfaces.iter().flat_map(|it| &it.private_ips)).collect()
            })
        }
        _ => kind.map(|_| interfaces.iter().flat_map(|it| &it.private_ips).collect()),
    };
    let public = public(of, facts, interfaces);
    match addresses {
        Some(addresses) => at(of, subnet, addresses, guard, public),
        None => somewhere(of, subnet, guard, public, || match kind {
            Some(_) => Ok(dual),
            None => Err(undecided(of, "whether it has IPv6 addresses is not told")),
        }),
    }
}

fn public(of: Ref<'_>, facts: &LoadBalancer, interfaces: &[&NetworkInterface]) -> Public {
    match facts.scheme.as_deref() {
        Some("internal") => Public::No,
        Some("internet-facing")
            if facts.ip_address_type.as_deref() == Some("dualstack-without-public-ipv4") =>
        {
            Public::No
        }
        Some("internet-facing") => {
            let mut known = Addresses::default();
            for interface in interfaces {
                let Some(address) = interface.public_ip.as_deref().and_then(Cidr::parse) else {
                    return unknown_public();
                };
                known.add(&address);
            }
            if known.is_empty() { unknown_public() } else { Public::Yes(known) }
        }
        _ => Public::Untold(undecided(of, "whether it faces the internet is not told")),
    }
}
