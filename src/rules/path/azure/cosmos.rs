//! The way to an account of Cosmos DB: by public addresses, past its firewall, or by those of a private endpoint, where the
//! account's name leads there.

use std::rc::Rc;

use serde_json::json;

use super::egress::{Egress, egress};
use super::groups::{Direction, pass};
use super::leg::{assume, leave, reach};
use super::private::{self, Asked, Endpoint};
use super::{Lies, Role, Site};
use crate::model::azure::cosmos::{CosmosAccount, CosmosProperties};
use crate::model::azure::network::Subnet;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::net::ports::Ports;
use crate::rules::path::headers::{Field, Headers, Protocols};
use crate::rules::path::leg::{At, Gate, Hop, Leg, Loss, Walk};
use crate::rules::path::reason::Reason;
use crate::rules::path::traffic::Traffic;
use crate::rules::{Ref, World};

const ENDPOINT: &str = "Microsoft.AzureCosmosDB";
/// Stands in the firewall for whatever has a public address of Azure's.
const ANYONE_IN_AZURE: &str = "0.0.0.0";

/// Whom the firewall lets in by public names.
enum Firewall<'s> {
    Nobody(Evidence),
    Everybody(Vec<Evidence>),
    Some { addresses: &'s [String], subnets: &'s [String] },
}

fn firewall<'s>(account: Ref<'s>) -> Result<Firewall<'s>, Gap> {
    let properties: &'s CosmosProperties =
        World::facts::<CosmosAccount>(account).properties.get().map_err(Gap::clone)?;
    let shown = || hop(account, "properties.public_network", json!(properties.public_network));
    match properties.public_network.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("disabled") => return Ok(Firewall::Nobody(shown())),
        Some("enabled") => {}
        Some("securedbyperimeter") => {
            return Err(undecided(account, "whom its network security perimeter lets in is not read"));
        }
        _ => return Err(undecided(account, "whether it has public access is not told")),
    }
    let (addresses, subnets) = (properties.address_rules.as_slice(), properties.network_rules.as_slice());
    if addresses.is_empty() && subnets.is_empty() {
        let rules = hop(account, "properties.address_rules", json!(addresses));
        return Ok(Firewall::Everybody(vec![shown(), rules]));
    }
    Ok(Firewall::Some { addresses, subnets })
}

/// By its address rules, of sources as the account sees them.
fn gate(account: Ref<'_>, rules: &[String]) -> Gate {
    let mut gate = Gate::new(Reason::Firewall, "its firewall does not list the caller");
    let to = Addresses::everything();
    let from = |sources: &Addresses| Headers::of(Protocols::All, sources, &to, Ports::ALL, Ports::ALL);
    for rule in rules {
        if rule == ANYONE_IN_AZURE {
            let why = "it lets in whatever has an address of Azure's, and which those are is not read";
            gate.perhaps.push((from(&Addresses::public()), undecided(account, why)));
            continue;
        }
        let Some(block) = Cidr::parse(rule) else {
            let why = format!("{rule:?} of its firewall is no block of addresses");
            gate.perhaps.push((Headers::everything(), undecided(account, why)));
            continue;
        };
        let mut sources = Addresses::default();
        sources.add(&block);
        gate.sure.push((from(&sources), hop(account, "properties.address_rules", json!([rule]))));
    }
    gate
}

/// It is asked by TCP alone. Its own public addresses are not read.
fn asked(traffic: &Traffic, sources: &Addresses, destinations: &Addresses) -> Headers {
    let tcp = traffic.at(Protocols::TCP, &[Ports::ALL]);
    tcp.map_or_else(Headers::none, |tcp| tcp.between(sources, destinations, Ports::EPHEMERAL))
}

pub(super) fn from_internet<'s>(account: Ref<'s>, traffic: &Traffic) -> Leg<'s> {
    let public = Addresses::public_v4();
    let mut leg = Leg::of(asked(traffic, &public, &public));
    leg.unknown = vec![Field::Destination];
    let mut walk = leg.start(Hop::at(At::Internet));
    match firewall(account) {
        Err(gap) => walk.doubt(gap),
        Ok(Firewall::Nobody(shown)) => {
            shut(walk, account, shown, &mut leg);
            return leg;
        }
        Ok(Firewall::Everybody(shown)) => walk.visit(Hop::of(account).by(shown)),
        Ok(Firewall::Some { addresses, .. }) => {
            walk.pass(At::Resource(account), &gate(account, addresses), &mut leg);
        }
    }
    walk.visit(Hop::of(account));
    walk.arrive(&mut leg);
    leg
}

fn shut<'s>(walk: Walk<'s>, account: Ref<'s>, shown: Evidence, leg: &mut Leg<'s>) {
    walk.lost_by(Hop::of(account).by([shown]), Reason::Firewall, "it has no public access", leg);
}

pub(super) fn from_site<'s>(
    from: &Rc<Site<'s>>,
    account: Ref<'s>,
    traffic: &Traffic,
    world: &World<'s>,
) -> Leg<'s> {
    if from.role != Role::Interface {
        let why = "what a load balancer sends on depends on who asks it";
        return Leg { gaps: vec![undecided(from.of, why)], ..Leg::default() };
    }
    let named = private::asked(account, from.lies.network(), world);
    let mut leg = match &named {
        Ok(Asked::Privately(endpoint)) => privately(from, account, endpoint, traffic, world),
        Ok(Asked::Publicly) => publicly(from, account, traffic, None, world),
        Ok(Asked::Untold(gap)) | Err(gap) => {
            let mut leg = publicly(from, account, traffic, Some(gap), world);
            leg.gaps.push(gap.clone());
            leg
        }
    };
    if let Ok(Asked::Privately(_)) = &named {
        // Whoever looks the name up elsewhere asks at public addresses.
        let beside = publicly(from, account, traffic, None, world);
        if !beside.ways.is_empty() {
            leg.gaps.push(undecided(account, "it may be asked at its public addresses, too"));
        }
        leg.assumptions.push(private::OF_ADDRESSES.to_owned());
    }
    leg.assumptions.push(private::OF_NAMES.to_owned());
    assume(&mut leg, &[from]);
    leg
}

fn unknown(from: &Site<'_>) -> Vec<Field> {
    let mut unknown = vec![Field::Destination, Field::SourcePort];
    if !from.exact {
        unknown.push(Field::Source);
    }
    unknown
}

/// By the address of a private endpoint: its own subnet's group is not heeded unless that is chosen.
fn privately<'s>(
    from: &Rc<Site<'s>>,
    account: Ref<'s>,
    endpoint: &Endpoint<'s>,
    traffic: &Traffic,
    world: &World<'s>,
) -> Leg<'s> {
    let asked = asked(traffic, &from.addresses, &endpoint.addresses);
    let mut leg = Leg { unknown: unknown(from), ..Leg::of(asked) };
    let walk = leg.start(Hop::of(from.of));
    for mut walk in reach(walk, from, &endpoint.lies, account, &mut leg, world) {
        if let Lies::In(subnet) = &endpoint.lies
            && World::facts::<Subnet>(subnet).security_group.is_some()
        {
            let chosen = World::facts::<Subnet>(subnet).private_endpoint_policies.as_deref();
            match chosen.map(str::to_ascii_lowercase).as_deref() {
                Some("disabled" | "routetableenabled") => {}
                Some("enabled" | "networksecuritygroupenabled") => {
                    pass(&mut walk, &endpoint.lies, Direction::Inbound, &mut leg, world);
                }
                _ => {
                    let why = "whether the group of its subnet is heeded for private endpoints is not told";
                    let (mut through, mut aside) = (walk.clone(), Leg::default());
                    pass(&mut through, &endpoint.lies, Direction::Inbound, &mut aside, world);
                    if !aside.losses.is_empty() || !through.is_sure() {
                        walk.doubt(undecided(subnet, why));
                    }
                }
            }
        }
        walk.visit(endpoint.hop.clone());
        walk.visit(Hop::of(account));
        walk.arrive(&mut leg);
    }
    let routed = |loss: &Loss<'_>| matches!(loss.reason, Reason::Blackhole | Reason::RoutedElsewhere);
    if leg.losses.iter().any(routed) {
        let why = "whether routes of one's own are heeded for private endpoints is not read";
        leg.gaps.push(undecided(account, why));
    }
    leg
}

/// By public names. `doubt`: why they may lead elsewhere.
fn publicly<'s>(
    from: &Rc<Site<'s>>,
    account: Ref<'s>,
    traffic: &Traffic,
    doubt: Option<&Gap>,
    world: &World<'s>,
) -> Leg<'s> {
    let asked = asked(traffic, &from.addresses, &Addresses::public_v4());
    let mut leg = Leg { unknown: unknown(from), ..Leg::of(asked) };
    let start = leg.start(Hop::of(from.of));
    let told = firewall(account);
    let subnet = match &from.lies {
        Lies::In(subnet) => Some(*subnet),
        _ => None,
    };
    let endpoint = subnet.filter(|subnet| {
        let endpoints = &World::facts::<Subnet>(subnet).service_endpoints;
        endpoints.iter().any(|service| service.eq_ignore_ascii_case(ENDPOINT))
    });
    let arrived = match endpoint {
        Some(subnet) => by_endpoint(start, from, subnet, account, &told, &mut leg, world),
        None => by_internet(start, from, account, &told, &mut leg, world),
    };
    for mut walk in arrived {
        if let Some(gap) = doubt {
            walk.doubt(gap.clone());
        }
        walk.visit(Hop::of(account));
        walk.arrive(&mut leg);
    }
    leg
}

/// By the service's own endpoint in the subnet: past all routes and NAT, and seen as the subnet and not by an address.
fn by_endpoint<'s>(
    mut walk: Walk<'s>,
    from: &Site<'s>,
    subnet: Ref<'s>,
    account: Ref<'s>,
    told: &Result<Firewall<'s>, Gap>,
    leg: &mut Leg<'s>,
    world: &World<'s>,
) -> Vec<Walk<'s>> {
    pass(&mut walk, &from.lies, Direction::Outbound, leg, world);
    walk.visit(Hop::of(subnet).by([hop(subnet, "service_endpoints", json!([ENDPOINT]))]));
    match told {
        Err(gap) => walk.doubt(gap.clone()),
        Ok(Firewall::Nobody(shown)) => {
            shut(walk, account, shown.clone(), leg);
            return Vec::new();
        }
        Ok(Firewall::Everybody(shown)) => walk.visit(Hop::of(account).by(shown.iter().cloned())),
        Ok(Firewall::Some { subnets, .. }) => {
            let shown = hop(account, "properties.network_rules", json!(subnets));
            if !subnets.iter().any(|own| own.eq_ignore_ascii_case(&subnet.id)) {
                let says = "its firewall does not list the subnet, which asks by an endpoint";
                walk.lost_by(Hop::of(account).by([shown]), Reason::Firewall, says, leg);
                return Vec::new();
            }
            walk.visit(Hop::of(account).by([shown]));
        }
    }
    vec![walk]
}

/// Over the internet, seen by the addresses that are lent for it.
fn by_internet<'s>(
    walk: Walk<'s>,
    from: &Site<'s>,
    account: Ref<'s>,
    told: &Result<Firewall<'s>, Gap>,
    leg: &mut Leg<'s>,
    world: &World<'s>,
) -> Vec<Walk<'s>> {
    if let Ok(Firewall::Nobody(shown)) = told {
        shut(walk, account, shown.clone(), leg);
        return Vec::new();
    }
    let mut arrived = Vec::new();
    for mut walk in leave(walk, from, leg, world) {
        match told {
            Err(gap) => walk.doubt(gap.clone()),
            Ok(Firewall::Nobody(_)) => continue,
            Ok(Firewall::Everybody(shown)) => walk.visit(Hop::of(account).by(shown.iter().cloned())),
            Ok(Firewall::Some { addresses, .. }) => match seen(from, account, addresses, world) {
                Seen::Listed(shown) => walk.visit(Hop::of(account).by(shown)),
                Seen::Perhaps(gap) => walk.doubt(gap),
                Seen::Unlisted(shown) => {
                    let says = "its firewall does not list the addresses that the caller leaves by";
                    walk.lost_by(Hop::of(account).by([shown]), Reason::Firewall, says, leg);
                    continue;
                }
            },
        }
        arrived.push(walk);
    }
    arrived
}

enum Seen {
    Listed(Vec<Evidence>),
    Perhaps(Gap),
    Unlisted(Evidence),
}

/// Whether the firewall lists whatever address the caller is seen with.
fn seen<'s>(from: &Site<'s>, account: Ref<'s>, rules: &[String], world: &World<'s>) -> Seen {
    let shown = hop(account, "properties.address_rules", json!(rules));
    // Whatever Azure lends for the way out is an address of Azure's.
    if rules.iter().any(|rule| rule == ANYONE_IN_AZURE) {
        return Seen::Listed(vec![hop(account, "properties.address_rules", json!([ANYONE_IN_AZURE]))]);
    }
    let (own, more) = match egress(from, world) {
        Egress::By(_, addresses, more) => (addresses, more),
        Egress::Perhaps(_, gap) => return Seen::Perhaps(gap),
        Egress::No(..) => return Seen::Unlisted(shown),
    };
    let mut listed = Addresses::default();
    if let Err(gap) = listed.add_blocks(rules, account) {
        return Seen::Perhaps(gap);
    }
    match (own.without(&listed).is_empty(), own.within(&listed).is_empty(), more) {
        (true, _, None) => Seen::Listed(vec![shown]),
        (_, true, None) => Seen::Unlisted(shown),
        (_, _, Some(gap)) => Seen::Perhaps(gap),
        (false, false, None) => {
            let why = "its firewall lists some of the addresses that the caller leaves by, and not all";
            Seen::Perhaps(undecided(account, why))
        }
    }
}
