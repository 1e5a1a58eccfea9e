//! Where resources of Azure lie.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::json;

use super::egress::address;
use super::{Door, Lies, Public, Role, Site, balancers};
use crate::model::azure;
use crate::model::azure::containers::{AgentPool, AksCluster};
use crate::model::azure::gateway::{ApplicationGateway, GatewayProperties};
use crate::model::azure::network::{LoadBalancer, PublicIp, Subnet};
use crate::model::kind::{Facts, Kind};
use crate::model::kubernetes::workload::Pod;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::net::ports::Ports;
use crate::rules::path::headers::Protocols;
use crate::rules::path::leg::Hop;
use crate::rules::path::places::{Place, Places};
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

/// Where Cosmos DB is asked.
const COSMOS_PORT: i64 = 443;

pub(super) fn places<'s>(of: Ref<'s>, world: &World<'s>) -> Places<'s> {
    match &of.facts {
        Facts::AksCluster(_) => nodes(of, world),
        Facts::ApplicationGateway(_) => gateway(of, None, world),
        Facts::AzureLoadBalancer(_) => one(balancers::site(of, None, world)),
        Facts::AzureSubnet(_) => one(subnet(of)),
        Facts::CosmosAccount(_) => Places { known: vec![Place::Service(of)], gaps: Vec::new() },
        Facts::PublicIp(_) => public_ip(of, world),
        _ => Places::default(),
    }
}

/// Where it listens; a public address, where what uses it does.
pub(super) fn own_ports(of: Ref<'_>, world: &World<'_>) -> Result<Vec<Ports>, Gap> {
    let doors = match &of.facts {
        Facts::CosmosAccount(_) => return Ok(vec![Ports::one(COSMOS_PORT)]),
        Facts::ApplicationGateway(gateway) => {
            let properties = gateway.properties.get().map_err(Gap::clone)?;
            doors(of, properties, None, &Addresses::default())
        }
        Facts::AzureLoadBalancer(_) => balancers::doors(of, &balancers::asked(of, None)),
        Facts::PublicIp(ip) => {
            let owner = ip.used_by.as_deref().and_then(azure::parent).unwrap_or_default();
            let kinds = [Kind::ApplicationGateway, Kind::AzureLoadBalancer];
            let user = kinds.into_iter().find_map(|kind| world.get(kind, owner));
            return user.map_or(Ok(Vec::new()), |user| own_ports(user, world));
        }
        _ => return Ok(Vec::new()),
    };
    let mut ports =
        doors.into_iter().map(|door| door.told.map(|_| door.ports)).collect::<Result<Vec<_>, _>>()?;
    ports.sort_unstable();
    ports.dedup();
    Ok(ports)
}

fn one(site: Site<'_>) -> Places<'_> {
    Places { known: vec![Place::Azure(Rc::new(site))], gaps: Vec::new() }
}

fn open<'s>(gap: Gap) -> Places<'s> {
    Places { known: Vec::new(), gaps: vec![gap] }
}

/// The subnet of this id.
pub(super) fn lies<'s>(of: Ref<'s>, id: &'s str, world: &World<'s>) -> Lies<'s> {
    let network = azure::parent(id);
    match world.find(Kind::AzureSubnet, id, &of.scope) {
        Ok(found) => Lies::In(found),
        Err(NotFound::Unread(gap)) => Lies::Unread(network, gap),
        Err(NotFound::Absent) => {
            Lies::Unread(network, undecided(of, format!("{id} is not there to be read")))
        }
    }
}

/// The addresses of something in a subnet, of which nothing more is told: IPv4, and perhaps IPv6.
fn somewhere(lies: &Lies<'_>) -> (Addresses, Option<(Addresses, Gap)>) {
    let all = Addresses::everything();
    let split = |all: Addresses, gap: Gap| {
        let six = Addresses { v6: all.v6, ..Addresses::default() };
        let some = !six.is_empty();
        (Addresses { v4: all.v4, ..Addresses::default() }, some.then_some((six, gap)))
    };
    match lies {
        Lies::In(subnet) => {
            let mut blocks = Addresses::default();
            let gap = undecided(subnet, "whether what lies in it has IPv6 addresses is not told");
            match blocks.add_blocks(&World::facts::<Subnet>(subnet).prefixes, subnet) {
                Ok(()) => split(blocks, gap),
                Err(gap) => split(all, gap),
            }
        }
        Lies::Unread(_, gap) => split(all, gap.clone()),
        Lies::Nowhere => (Addresses::default(), None),
    }
}

/// An interface somewhere in a subnet.
fn interface<'s>(of: Ref<'s>, lies: Lies<'s>, public: Public<'s>) -> Site<'s> {
    let (addresses, ipv6) = somewhere(&lies);
    Site {
        of,
        lies,
        addresses,
        exact: false,
        ipv6,
        public,
        doors: None,
        role: Role::Interface,
        cluster: None,
    }
}

fn subnet(of: Ref<'_>) -> Site<'_> {
    let gap = undecided(of, "whether something in it has a public address is not read");
    interface(of, Lies::In(of), Public::Untold(gap))
}

/// The nodes of a cluster: for each subnet one, somewhere in it.
pub(super) fn nodes<'s>(cluster: Ref<'s>, world: &World<'s>) -> Places<'s> {
    let properties = match World::facts::<AksCluster>(cluster).properties.get() {
        Ok(properties) => properties,
        Err(gap) => return open(gap.clone()),
    };
    if properties.pools.is_empty() {
        return open(undecided(cluster, "it names no node pools"));
    }
    let mut by_subnet: BTreeMap<Option<&str>, Vec<&AgentPool>> = BTreeMap::new();
    for pool in &properties.pools {
        by_subnet.entry(pool.subnet.as_deref()).or_default().push(pool);
    }
    let sites = by_subnet.into_iter().map(|(subnet, pools)| {
        let lies = subnet.map_or_else(
            || Lies::Unread(None, undecided(cluster, "the network that Azure made for it is not read")),
            |subnet| lies(cluster, subnet, world),
        );
        let site = interface(cluster, lies, public_of(cluster, &pools));
        Place::Azure(Rc::new(Site { cluster: Some(cluster), ..site }))
    });
    Places { known: sites.collect(), gaps: Vec::new() }
}

/// Whether nodes have public addresses of their own.
fn public_of<'s>(cluster: Ref<'s>, pools: &[&AgentPool]) -> Public<'s> {
    if let Some(pool) = pools.iter().find(|pool| pool.node_public_ip == Some(true)) {
        let shown = hop(cluster, "properties.pools", json!({ "name": pool.name, "node_public_ip": true }));
        return Public::Yes(Addresses::public_v4(), vec![Hop::of(cluster).by([shown])]);
    }
    match pools.iter().find(|pool| pool.node_public_ip.is_none()) {
        None => Public::No,
        Some(pool) => {
            let why = format!("whether the nodes of {} have public addresses is not told", pool.name);
            Public::Untold(undecided(cluster, why))
        }
    }
}

/// A gateway, with all its frontends or the one that has a public address.
pub(super) fn gateway<'s>(of: Ref<'s>, only: Option<&str>, world: &World<'s>) -> Places<'s> {
    let properties = match World::facts::<ApplicationGateway>(of).properties.get() {
        Ok(properties) => properties,
        Err(gap) => return open(gap.clone()),
    };
    let public = public_frontends(of, properties, only, world);
    let known = properties.subnets.iter().map(|id| {
        let lies = lies(of, id, world);
        let site = interface(of, lies, public.clone());
        let doors = doors(of, properties, only, &site.addresses);
        Place::Azure(Rc::new(Site { doors: Some(doors), ..site }))
    });
    let known: Vec<Place<'s>> = known.collect();
    let gaps = known.is_empty().then(|| undecided(of, "it does not name its subnets"));
    Places { known, gaps: gaps.into_iter().collect() }
}

fn public_frontends<'s>(
    of: Ref<'s>,
    properties: &'s GatewayProperties,
    only: Option<&str>,
    world: &World<'s>,
) -> Public<'s> {
    let frontends = properties.frontends.iter();
    let ids = frontends.filter_map(|frontend| frontend.public_ip.as_deref());
    public(of, ids.filter(|id| only.is_none_or(|only| only == *id)), world)
}

/// What has these public addresses.
pub(super) fn public<'s>(of: Ref<'s>, ids: impl Iterator<Item = &'s str>, world: &World<'s>) -> Public<'s> {
    let (mut addresses, mut hops, mut gap) = (Addresses::default(), Vec::new(), None);
    for id in ids {
        match address(of, id, world) {
            Ok((found, own)) => {
                addresses.add_all(&own);
                let told = World::facts::<PublicIp>(found).address.as_deref();
                hops.push(Hop::of(found).by([hop(found, "address", json!(told))]));
            }
            Err(unread) => gap = gap.or(Some(unread)),
        }
    }
    match gap {
        Some(gap) => Public::Untold(gap),
        None if hops.is_empty() => Public::No,
        None => Public::Yes(addresses, hops),
    }
}

/// Where a gateway listens. One that is stopped does nowhere.
fn doors(of: Ref<'_>, properties: &GatewayProperties, only: Option<&str>, subnet: &Addresses) -> Vec<Door> {
    let mut doors = Vec::new();
    if properties.operation.as_deref().is_some_and(|operation| operation.eq_ignore_ascii_case("Stopped")) {
        return doors;
    }
    for listener in &properties.listeners {
        let named =
            |name: &str| listener.frontend.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name));
        let frontend = properties.frontends.iter().find(|frontend| named(&frontend.name));
        let untold = |what: &str| undecided(of, format!("it does not tell the {what} of {}", listener.name));
        let told = frontend.ok_or_else(|| untold("frontend"));
        let told = told.and_then(|_| listener.port.ok_or_else(|| untold("port")));
        let shown = json!({ "name": listener.name, "port": listener.port, "protocol": listener.protocol });
        let told = told.map(|_| hop(of, "properties.listeners", shown));
        let ports = listener.port.map_or(Ports::ALL, Ports::one);
        let door = |public: bool, addresses: Addresses| Door {
            public,
            addresses,
            protocols: Protocols::TCP,
            ports,
            told: told.clone(),
        };
        let public = frontend.is_none_or(|it| it.public_ip.is_some());
        let asked = frontend.is_none_or(|it| only.is_none() || it.public_ip.as_deref() == only);
        if public && asked {
            doors.push(door(true, Addresses::everything()));
        }
        let private = frontend.and_then(|frontend| frontend.private_address.as_deref());
        if only.is_none() && private.is_some() {
            let mut own = Addresses::default();
            private.and_then(Cidr::parse).iter().for_each(|block| own.add(block));
            doors.push(door(false, own));
        } else if frontend.is_none() && only.is_none() {
            doors.push(door(false, subnet.clone()));
        }
    }
    doors
}

/// A public address is where it is used, and nowhere else.
fn public_ip<'s>(of: Ref<'s>, world: &World<'s>) -> Places<'s> {
    let Some(by) = World::facts::<PublicIp>(of).used_by.as_deref() else {
        return open(undecided(of, "it does not tell what uses it"));
    };
    let owner = azure::parent(by).unwrap_or(by);
    let is = |of_type: &str| owner.contains(of_type);
    let kind = if is("/microsoft.network/applicationgateways/") {
        Kind::ApplicationGateway
    } else if is("/microsoft.network/loadbalancers/") {
        Kind::AzureLoadBalancer
    } else {
        return open(undecided(of, format!("what {by} lies in is not read")));
    };
    match world.find(kind, owner, &of.scope) {
        Ok(found) if kind == Kind::ApplicationGateway => gateway(found, Some(&of.id), world),
        Ok(found) => {
            let frontends = &World::facts::<LoadBalancer>(found).frontends;
            let own = frontends.iter().find(|frontend| frontend.public_ip.as_deref() == Some(&of.id));
            one(balancers::site(found, own, world))
        }
        Err(NotFound::Unread(gap)) => open(gap),
        Err(NotFound::Absent) => open(undecided(of, format!("{owner} is not there to be read"))),
    }
}

/// A pod has an address of its own in the subnet of its node; where the cluster's network gives it one that Azure does
/// not know, it goes out with its node's.
pub(super) fn pod<'s>(pod: Ref<'s>, cluster: Ref<'s>, world: &World<'s>) -> Places<'s> {
    let told = World::facts::<Pod>(pod);
    let properties = match World::facts::<AksCluster>(cluster).properties.get() {
        Ok(properties) => properties,
        Err(gap) => return open(gap.clone()),
    };
    let kubenet = properties.network_plugin.as_deref().is_some_and(|it| it.eq_ignore_ascii_case("kubenet"));
    let lent = told.host_network || kubenet;
    let own = if lent { &told.host_addresses } else { &told.addresses };
    let mut addresses = Addresses::default();
    if let Err(gap) = addresses.add_blocks(own, pod) {
        return open(gap);
    }
    if addresses.is_empty() {
        return open(undecided(pod, "it tells no address"));
    }
    let Places { known, mut gaps } = nodes(cluster, world);
    for place in known {
        let Place::Azure(node) = place else { continue };
        if let Lies::Unread(_, gap) = &node.lies {
            gaps.push(gap.clone());
            continue;
        }
        let mut all = node.addresses.clone();
        node.ipv6.iter().for_each(|(six, _)| all.add_all(six));
        if addresses.within(&all).is_empty() {
            continue;
        }
        let site = Site {
            of: pod,
            lies: node.lies.clone(),
            addresses,
            exact: true,
            ipv6: None,
            public: if lent { node.public.clone() } else { Public::No },
            doors: None,
            role: Role::Interface,
            cluster: Some(cluster),
        };
        return one(site);
    }
    gaps.push(undecided(pod, "its address lies in none of the subnets that its cluster's pools name"));
    Places { known: Vec::new(), gaps }
}
