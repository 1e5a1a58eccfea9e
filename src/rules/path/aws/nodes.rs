//! Where the nodes of an EKS cluster lie, and the pods on them: these have addresses of their node's interfaces.

use std::collections::BTreeSet;

use super::sites::{Sites, at, found, public_address};
use super::{Public, Site};
use crate::model::aws::ec2::{Instance, InstanceInterface, Subnet};
use crate::model::aws::eks::{Cluster, Nodegroup};
use crate::model::kind::Kind;
use crate::model::kubernetes::workload::Pod;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::net::cidr::{Addresses, Cidr, Share};
use crate::rules::net::security_groups::Guard;
use crate::rules::{Ref, World};

/// The tag that every instance of a managed node group has.
const OF_GROUP: &str = "eks:nodegroup-name";

/// The instances of a cluster: the tag that tells them names it by its name alone, which other clusters may have too.
pub(super) fn instances<'s>(cluster: Ref<'s>, world: &World<'s>) -> (Vec<Ref<'s>>, Vec<Gap>) {
    let mut listed = world.children(Kind::Instance, cluster);
    let vpc = &World::facts::<Cluster>(cluster).vpc;
    listed.items.retain(|instance| World::facts::<Instance>(instance).vpc == *vpc);
    (listed.items, listed.gaps)
}

/// The nodes of a group. One that has none, being made or scaled to none, is not out of reach: it may have some in a
/// moment.
pub(super) fn of_group<'s>(of: Ref<'s>, world: &World<'s>) -> Sites<'s> {
    let (members, mut gaps) = members(of, world);
    if members.is_empty() && gaps.is_empty() {
        gaps.push(undecided(of, "has no node that is known, and how its next one will lie is not told"));
    }
    let mut sites = Sites { known: Vec::new(), gaps };
    for instance in members {
        sites.extend(of_instance(of, instance, world));
    }
    sites.known = alike(sites.known);
    sites
}

/// The instances of a node group.
pub(super) fn members<'s>(group: Ref<'s>, world: &World<'s>) -> (Vec<Ref<'s>>, Vec<Gap>) {
    let cluster = match found(group, Kind::EksCluster, &World::facts::<Nodegroup>(group).cluster, world) {
        Ok(cluster) => cluster,
        Err(gap) => return (Vec::new(), vec![gap]),
    };
    let (instances, mut gaps) = instances(cluster, world);
    let mut members = Vec::new();
    for instance in instances {
        match instance.tags.get() {
            Ok(tags) if tags.get(OF_GROUP) == Some(&group.name) => members.push(instance),
            Ok(_) => {}
            Err(gap) => gaps.push(gap.clone()),
        }
    }
    (members, gaps)
}

pub(super) fn of_instance<'s>(of: Ref<'s>, instance: Ref<'s>, world: &World<'s>) -> Sites<'s> {
    let interfaces = match interfaces(instance) {
        Ok(interfaces) => interfaces,
        Err(gap) => return Sites::unknown(gap),
    };
    let mut sites = Sites::default();
    for interface in interfaces {
        let addresses = interface.private_ips.iter().chain(&interface.ipv6_ips);
        sites.add(on(
            of,
            instance,
            interface,
            addresses,
            public_address(interface.public_ip.as_ref()),
            world,
        ));
    }
    sites
}

/// The primary one is the first.
fn interfaces(instance: Ref<'_>) -> Result<&[InstanceInterface], Gap> {
    let interfaces = World::facts::<Instance>(instance).interfaces.as_deref();
    let interfaces = interfaces.ok_or_else(|| {
        undecided(instance, "its interfaces and their security groups are not told by this snapshot")
    })?;
    if interfaces.is_empty() {
        return Err(undecided(instance, "has no interface that is told"));
    }
    Ok(interfaces)
}

/// These addresses at an interface of an instance.
fn on<'s, 'a>(
    of: Ref<'s>,
    instance: Ref<'s>,
    interface: &'s InstanceInterface,
    addresses: impl IntoIterator<Item = &'a String>,
    public: Public,
    world: &World<'s>,
) -> Result<Site<'s>, Gap> {
    let none =
        || undecided(instance, format!("which subnet its interface {} is in is not told", interface.id));
    let subnet = found(instance, Kind::Subnet, interface.subnet.as_deref().ok_or_else(none)?, world)?;
    let guard = Guard { of: instance, groups: &interface.groups };
    at(of, subnet, addresses, Some(guard), public)
}

/// Where a pod of a cluster lies. It has an address of one of its node's interfaces, or of a block that is delegated to
/// one, and that interface's groups. One that has neither, but an address of the node's subnet, is taken to be as its
/// node is.
pub(super) fn of_pod<'s>(of: Ref<'s>, pod: Ref<'s>, cluster: Ref<'s>, world: &World<'s>) -> Sites<'s> {
    let facts = World::facts::<Pod>(pod);
    let node = match node(pod, facts, cluster, world) {
        Ok(node) => node,
        Err(gap) => return Sites::unknown(gap),
    };
    let interfaces = match interfaces(node) {
        Ok(interfaces) => interfaces,
        Err(gap) => return Sites::unknown(gap),
    };
    let mut sites = Sites::default();
    for address in &facts.addresses {
        let interface = match holder(pod, node, address, interfaces, world) {
            Ok(interface) => interface,
            Err(gap) => {
                sites.gaps.push(gap);
                continue;
            }
        };
        sites.add(on(of, node, interface, [address], public(pod, facts, interfaces), world));
    }
    sites.known = alike(sites.known);
    sites
}

fn node<'s>(pod: Ref<'s>, facts: &Pod, cluster: Ref<'s>, world: &World<'s>) -> Result<Ref<'s>, Gap> {
    let (instances, gaps) = instances(cluster, world);
    let is_host = |instance: &&Ref<'s>| {
        let addresses = &World::facts::<Instance>(instance).private_ips;
        facts.host_addresses.iter().any(|address| addresses.contains(address))
    };
    instances.iter().find(is_host).copied().ok_or_else(|| {
        let none = || undecided(pod, "its node is no instance that is known of the cluster");
        gaps.into_iter().next().unwrap_or_else(none)
    })
}

fn holder<'s>(
    pod: Ref<'s>,
    node: Ref<'s>,
    address: &str,
    interfaces: &'s [InstanceInterface],
    world: &World<'s>,
) -> Result<&'s InstanceInterface, Gap> {
    let strange = || undecided(pod, format!("its address {address} is of no network that is read"));
    let asked = set([address]).ok_or_else(strange)?;
    let holds = |interface: &&InstanceInterface| {
        let own = interface.private_ips.iter().chain(&interface.ipv6_ips).chain(&interface.prefixes);
        set(own.map(String::as_str)).is_some_and(|own| own.share_of(&asked) == Share::All)
    };
    if let Some(interface) = interfaces.iter().find(holds) {
        return Ok(interface);
    }
    let primary = &interfaces[0];
    let subnet = primary.subnet.as_deref().ok_or_else(strange)?;
    let facts = World::facts::<Subnet>(found(node, Kind::Subnet, subnet, world)?);
    let blocks = std::iter::once(&facts.cidr).chain(&facts.ipv6_cidrs).filter(|block| !block.is_empty());
    let inside = set(blocks.map(String::as_str)).is_some_and(|own| own.share_of(&asked) == Share::All);
    if inside { Ok(primary) } else { Err(strange()) }
}

/// What a pod sends out of the network leaves by its node's public address, which leads to the node and not to the pod.
fn public(pod: Ref<'_>, facts: &Pod, interfaces: &[InstanceInterface]) -> Public {
    let primary = public_address(interfaces[0].public_ip.as_ref());
    match primary {
        Public::No => Public::No,
        public if facts.host_network => public,
        _ => Public::Untold(undecided(pod, "its node's public address is its own on the way out alone")),
    }
}

fn set<'a>(blocks: impl IntoIterator<Item = &'a str>) -> Option<Addresses> {
    let mut set = Addresses::default();
    for block in blocks {
        set.add(&Cidr::parse(block)?);
    }
    Some(set)
}

/// Sites that differ in nothing but their addresses are one that has all of these.
pub(super) fn alike(sites: Vec<Site<'_>>) -> Vec<Site<'_>> {
    let mut kept: Vec<Site<'_>> = Vec::new();
    for site in sites {
        let same = |known: &&mut Site<'_>| {
            let plain = |site: &Site<'_>| {
                site.exact
                    && site.ipv6.is_none()
                    && site.listens.is_none()
                    && matches!(site.public, Public::No)
            };
            plain(known)
                && plain(&site)
                && known.of.id == site.of.id
                && known.subnet.id == site.subnet.id
                && groups(known) == groups(&site)
        };
        match kept.iter_mut().find(same) {
            Some(known) => known.addresses.add_all(&site.addresses),
            None => kept.push(site),
        }
    }
    kept
}

fn groups<'s>(site: &Site<'s>) -> Option<BTreeSet<&'s str>> {
    site.guard.map(|guard| guard.groups.iter().map(String::as_str).collect())
}
