//! Where resources lie in VPCs: at an interface that is known, or at one somewhere in each of their subnets.

use std::rc::Rc;

use super::{Public, Site, balancers, nodes};
use crate::model::aws::ec2::{NetworkInterface, Subnet};
use crate::model::aws::ecs::{Service, Task, TaskDefinition};
use crate::model::aws::rds;
use crate::model::kind::{Facts, Kind};
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::net::ports::Ports;
use crate::rules::net::security_groups::Guard;
use crate::rules::path::places::{Place, Places};
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

/// The sites of one resource, and the gaps behind which there may be more.
#[derive(Debug, Default)]
pub(super) struct Sites<'s> {
    pub(super) known: Vec<Site<'s>>,
    pub(super) gaps: Vec<Gap>,
}

impl<'s> Sites<'s> {
    pub(super) fn unknown(gap: Gap) -> Self {
        Self { known: Vec::new(), gaps: vec![gap] }
    }

    pub(super) fn add(&mut self, site: Result<Site<'s>, Gap>) {
        match site {
            Ok(site) => self.known.push(site),
            Err(gap) if self.gaps.contains(&gap) => {}
            Err(gap) => self.gaps.push(gap),
        }
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.known.extend(other.known);
        self.gaps.extend(other.gaps);
    }

    pub(super) fn into_places(self) -> Places<'s> {
        Places { known: placed(self.known), gaps: self.gaps }
    }
}

pub(super) fn placed(sites: Vec<Site<'_>>) -> Vec<Place<'_>> {
    sites.into_iter().map(|site| Place::Aws(Rc::new(site))).collect()
}

pub(in crate::rules::path) fn has_places(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::DynamodbTable
            | Kind::EcsContainer
            | Kind::EcsService
            | Kind::EcsTask
            | Kind::EksNodegroup
            | Kind::Instance
            | Kind::LoadBalancer
            | Kind::NetworkInterface
            | Kind::RdsCluster
            | Kind::RdsInstance
            | Kind::Subnet
    )
}

pub(in crate::rules::path) fn places<'s>(of: Ref<'s>, world: &World<'s>) -> Places<'s> {
    if of.kind() == Kind::DynamodbTable {
        return Places { known: vec![Place::Service(of)], gaps: Vec::new() };
    }
    sites(of, world).into_places()
}

pub(super) fn sites<'s>(of: Ref<'s>, world: &World<'s>) -> Sites<'s> {
    match &of.facts {
        Facts::EcsService(_) | Facts::EcsContainer(_) => match service_of(of, world) {
            Ok(service) => of_service(of, service, world),
            Err(gap) => Sites::unknown(gap),
        },
        Facts::EcsTask(task) => one(of_task(of, task, world)),
        Facts::RdsInstance(instance) => {
            let public = if instance.publicly_accessible { unknown_public() } else { Public::No };
            of_database(of, Guard { of, groups: &instance.groups }, &instance.subnets, &public, world)
        }
        Facts::RdsCluster(cluster) => of_cluster(of, cluster, world),
        Facts::LoadBalancer(_) => balancers::sites(of, world),
        Facts::NetworkInterface(interface) => one(of_interface(of, of, interface, world)),
        Facts::Instance(_) => nodes::of_instance(of, of, world),
        Facts::EksNodegroup(_) => nodes::of_group(of, world),
        Facts::Subnet(subnet) => one(of_subnet(of, subnet)),
        _ => Sites::default(),
    }
}

fn one(site: Result<Site<'_>, Gap>) -> Sites<'_> {
    let mut sites = Sites::default();
    sites.add(site);
    sites
}

/// The service that a container or a task is of, or that it is.
pub(super) fn service_of<'s>(of: Ref<'s>, world: &World<'s>) -> Result<Ref<'s>, Gap> {
    let id = match &of.facts {
        Facts::EcsContainer(container) => &container.service,
        Facts::EcsTask(task) => &task.service,
        _ => return Ok(of),
    };
    found(of, Kind::EcsService, id, world)
}

/// What a resource names by its id. That it is not there is no answer: it is named.
pub(super) fn found<'s>(of: Ref<'s>, kind: Kind, id: &str, world: &World<'s>) -> Result<Ref<'s>, Gap> {
    world.find(kind, id, &of.scope).map_err(|missing| match missing {
        NotFound::Unread(gap) => gap,
        NotFound::Absent => undecided(of, format!("{id} is not listed")),
    })
}

/// The public address of what has one that no fact names: any of them.
pub(super) fn unknown_public() -> Public {
    Public::Yes(Addresses::public_v4())
}

pub(super) fn public_address(address: Option<&String>) -> Public {
    let mut known = Addresses::default();
    match address.map(|address| Cidr::parse(address)) {
        None => Public::No,
        Some(None) => unknown_public(),
        Some(Some(address)) => {
            known.add(&address);
            Public::Yes(known)
        }
    }
}

/// An interface somewhere in a subnet. `ipv6`: whether it has an address of the subnet's IPv6 blocks, asked only where
/// there are such.
pub(super) fn somewhere<'s>(
    of: Ref<'s>,
    subnet: Ref<'s>,
    guard: Option<Guard<'s>>,
    public: Public,
    ipv6: impl FnOnce() -> Result<bool, Gap>,
) -> Result<Site<'s>, Gap> {
    let facts = World::facts::<Subnet>(subnet);
    let mut addresses = Addresses::default();
    addresses.add_blocks(Some(&facts.cidr).filter(|cidr| !cidr.is_empty()), subnet)?;
    let ipv6 = if facts.ipv6_cidrs.is_empty() { Ok(false) } else { ipv6() };
    if ipv6 != Ok(false) {
        addresses.add_blocks(&facts.ipv6_cidrs, subnet)?;
    }
    Ok(Site { of, subnet, addresses, exact: false, ipv6: ipv6.err(), guard, public, listens: None })
}

/// An interface whose addresses are known.
pub(super) fn at<'s, 'a>(
    of: Ref<'s>,
    subnet: Ref<'s>,
    addresses: impl IntoIterator<Item = &'a String>,
    guard: Option<Guard<'s>>,
    public: Public,
) -> Result<Site<'s>, Gap> {
    let mut known = Addresses::default();
    known.add_blocks(addresses, of)?;
    Ok(Site { of, subnet, addresses: known, exact: true, ipv6: None, guard, public, listens: None })
}

/// A task of a service may be in any of its subnets.
fn of_service<'s>(of: Ref<'s>, service: Ref<'s>, world: &World<'s>) -> Sites<'s> {
    let facts = World::facts::<Service>(service);
    if facts.subnets.is_empty() {
        return Sites::unknown(undecided(service, "names no subnets"));
    }
    let public = || {
        if facts.assign_public_ip.as_deref() == Some("ENABLED") { unknown_public() } else { Public::No }
    };
    let mut sites = Sites::default();
    for id in &facts.subnets {
        let guard = Guard { of: service, groups: &facts.groups };
        sites.add(found(service, Kind::Subnet, id, world).and_then(|subnet| {
            somewhere(of, subnet, Some(guard), public(), || tasks_have_ipv6(service, subnet, world))
        }));
    }
    sites
}

/// Whether a service's tasks in a subnet have IPv6 addresses: the account says it, so some tasks speak for all.
fn tasks_have_ipv6<'s>(service: Ref<'s>, subnet: Ref<'s>, world: &World<'s>) -> Result<bool, Gap> {
    let tasks = world.children(Kind::EcsTask, service);
    if let Some(gap) = tasks.gaps.into_iter().next() {
        return Err(gap);
    }
    let tasks = tasks.items.into_iter().map(World::facts::<Task>);
    let here: Vec<bool> = tasks
        .filter(|task| task.subnet.as_deref() == Some(&subnet.id))
        .map(|task| task.private_ips.iter().any(|address| address.contains(':')))
        .collect();
    match here.first() {
        Some(first) if here.iter().all(|other| other == first) => Ok(*first),
        _ => Err(undecided(
            service,
            format!("whether its tasks in {} have IPv6 addresses shows by none", subnet.id),
        )),
    }
}

fn of_task<'s>(of: Ref<'s>, task: &'s Task, world: &World<'s>) -> Result<Site<'s>, Gap> {
    let id = task.interface.as_deref().ok_or_else(|| undecided(of, "its interface is not told"))?;
    let interface = found(of, Kind::NetworkInterface, id, world)?;
    let facts = World::facts::<NetworkInterface>(interface);
    let subnet = found(interface, Kind::Subnet, &facts.subnet, world)?;
    let addresses = task.private_ips.iter().chain(&facts.private_ips);
    let guard = Guard { of: interface, groups: &facts.groups };
    at(of, subnet, addresses, Some(guard), public_address(facts.public_ip.as_ref()))
}

/// Some interfaces that services make for themselves have no groups by nature.
pub(super) fn of_interface<'s>(
    of: Ref<'s>,
    interface: Ref<'s>,
    facts: &'s NetworkInterface,
    world: &World<'s>,
) -> Result<Site<'s>, Gap> {
    let subnet = found(interface, Kind::Subnet, &facts.subnet, world)?;
    let guard = (!facts.groups.is_empty()).then_some(Guard { of: interface, groups: &facts.groups });
    let public = public_address(facts.public_ip.as_ref());
    let addresses = facts.private_ips.iter().chain(facts.ipv6_ips.iter().flatten());
    let mut site = at(of, subnet, addresses, guard, public)?;
    let blocks = &World::facts::<Subnet>(subnet).ipv6_cidrs;
    if facts.ipv6_ips.is_none() && !blocks.is_empty() {
        site.ipv6 = Some(undecided(interface, "its IPv6 addresses are not told"));
        site.addresses.add_blocks(blocks, subnet)?;
    }
    Ok(site)
}

fn of_database<'s>(
    of: Ref<'s>,
    guard: Guard<'s>,
    subnets: &'s [String],
    public: &Public,
    world: &World<'s>,
) -> Sites<'s> {
    let mut sites = Sites::default();
    if subnets.is_empty() {
        sites.gaps.push(undecided(of, "names no subnets"));
    }
    for id in subnets {
        sites.add(found(of, Kind::Subnet, id, world).and_then(|subnet| {
            let untold = || Err(undecided(of, "whether it has IPv6 addresses is not told"));
            somewhere(of, subnet, Some(guard), public.clone(), untold)
        }));
    }
    sites
}

/// A cluster doesn't name its subnets; its members do, all the same ones.
fn of_cluster<'s>(of: Ref<'s>, cluster: &'s rds::Cluster, world: &World<'s>) -> Sites<'s> {
    let listed = world.linked_in(Kind::RdsInstance, &of.name, &of.scope);
    let members: Vec<_> = listed.items.iter().filter(|member| member.scope == of.scope).collect();
    let facts = || members.iter().map(|member| World::facts::<rds::Instance>(member));
    let mut gaps = listed.gaps.into_iter();
    let Some(first) = facts().next() else {
        let none = || undecided(of, "has no member instance that tells its subnets");
        return Sites::unknown(gaps.next().unwrap_or_else(none));
    };
    let public = if facts().any(|member| member.publicly_accessible) {
        unknown_public()
    } else {
        gaps.next().map_or(Public::No, Public::Untold)
    };
    of_database(of, Guard { of, groups: &cluster.groups }, &first.subnets, &public, world)
}

/// Anything in the subnet: what stands in front of one interface alone is not in its way.
fn of_subnet<'s>(of: Ref<'s>, subnet: &Subnet) -> Result<Site<'s>, Gap> {
    let public = if subnet.map_public_ip_on_launch {
        unknown_public()
    } else {
        Public::Untold(undecided(of, "what lies in it may have public addresses of its own"))
    };
    let untold = || Err(undecided(of, "what lies in it may have no IPv6 addresses"));
    somewhere(of, of, None, public, untold)
}

/// The ports that a resource is asked at where a question names none.
pub(in crate::rules::path) fn own_ports<'s>(of: Ref<'s>, world: &World<'s>) -> Result<Vec<Ports>, Gap> {
    let one = |port: Option<i64>| {
        port.map(|port| vec![Ports::one(port)]).ok_or_else(|| undecided(of, "its port is not told"))
    };
    match &of.facts {
        Facts::DynamodbTable(_) => Ok(vec![Ports::one(443)]),
        Facts::RdsInstance(instance) => one(instance.port),
        Facts::RdsCluster(cluster) => one(cluster.port),
        Facts::EcsContainer(container) => Ok(container.ports.iter().map(|port| Ports::one(*port)).collect()),
        Facts::EcsService(_) | Facts::EcsTask(_) => {
            let ports = task_ports(service_of(of, world)?, world)?;
            Ok(ports.into_iter().map(Ports::one).collect())
        }
        Facts::LoadBalancer(_) => {
            let listens = balancers::listens(of, world)?;
            let mut ports: Vec<Ports> = listens.into_iter().map(|(_, ports)| ports).collect();
            ports.sort_unstable();
            ports.dedup();
            Ok(ports)
        }
        _ => Ok(Vec::new()),
    }
}

/// The ports that the task definition of a service names, of all its containers.
pub(super) fn task_ports<'s>(service: Ref<'s>, world: &World<'s>) -> Result<Vec<i64>, Gap> {
    let read = world.children(Kind::EcsTaskDefinition, service);
    let named = World::facts::<Service>(service).task_definition.as_deref();
    let definition = named.and_then(|id| world.get(Kind::EcsTaskDefinition, id));
    let Some(definition) = definition else {
        let none = || undecided(service, "its task definition is not told");
        return Err(read.gaps.into_iter().next().unwrap_or_else(none));
    };
    let containers = &World::facts::<TaskDefinition>(definition).containers;
    let mut ports: Vec<i64> = containers.iter().flat_map(|container| container.ports.clone()).collect();
    ports.sort_unstable();
    ports.dedup();
    Ok(ports)
}

#[cfg(test)]
mod tests;
