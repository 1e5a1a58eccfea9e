//! What is registered with target groups, and where that lies.

use std::collections::BTreeMap;

use super::sites::{Sites, at, found, service_of, task_ports};
use super::{Public, Site, balancers, nodes, sites};
use crate::model::aws::ec2::{Instance, NetworkInterface, Subnet};
use crate::model::aws::ecs::{Attachment, Service, Task};
use crate::model::aws::elbv2::Target;
use crate::model::kind::{Facts, Kind};
use crate::model::kubernetes::workload::Pod;
use crate::model::seen::Gap;
use crate::rules::balancing::addresses;
use crate::rules::evidence::undecided;
use crate::rules::net::cidr::{Addresses, Cidr, Share};
use crate::rules::net::security_groups::Guard;
use crate::rules::{Ref, World};

/// Something that targets may be.
pub(super) trait Registered<'s> {
    /// Where a target lies that is it; empty where it is something else; a gap where that is not known.
    fn sites(&self, target: &Target, r#type: &str, world: &World<'s>) -> Result<Vec<Site<'s>>, Gap>;

    /// Why what it is registered with may be other in a moment.
    fn moving(&self) -> Option<String> {
        None
    }
}

/// One resource, by all that it may be registered as.
#[derive(Default)]
pub(super) struct Subject<'s> {
    /// By what it is called: an instance, a load balancer.
    named: BTreeMap<String, Vec<Site<'s>>>,
    /// By its addresses.
    known: Vec<Site<'s>>,
    /// It may have any of these addresses too: the gap would tell.
    open: Vec<(Addresses, Gap)>,
    /// Where there may be more of it.
    pub(super) gaps: Vec<Gap>,
    /// The networks that it lies in.
    pub(super) networks: Vec<&'s str>,
    /// What it asks by itself to be registered with.
    pub(super) own: &'s [Attachment],
    pub(super) ports: Option<Result<Vec<i64>, Gap>>,
    moving: Option<String>,
}

impl<'s> Registered<'s> for Subject<'s> {
    fn sites(&self, target: &Target, _type: &str, world: &World<'s>) -> Result<Vec<Site<'s>>, Gap> {
        if let Some(sites) = self.named.get(&target.id) {
            return Ok(sites.clone());
        }
        let Some(asked) = block(&target.id) else { return Ok(Vec::new()) };
        let here = self.known.iter().find(|site| site.addresses.share_of(&asked) == Share::All);
        if let Some(site) = here {
            return Ok(vec![only(site, asked)]);
        }
        for (open, gap) in &self.open {
            if open.share_of(&asked) == Share::All && !is_a_tasks(&target.id, &self.networks, world) {
                return Err(gap.clone());
            }
        }
        Ok(Vec::new())
    }

    fn moving(&self) -> Option<String> {
        self.moving.clone()
    }
}

impl<'s> Subject<'s> {
    pub(super) fn of(to: Ref<'s>, world: &World<'s>) -> Self {
        match &to.facts {
            Facts::EcsService(_) | Facts::EcsContainer(_) | Facts::EcsTask(_) => Self::of_tasks(to, world),
            Facts::LoadBalancer(_) => Self::of_balancer(to, world),
            Facts::Instance(instance) => {
                let mut subject = Self::default();
                subject.add_instance(to, instance, sites::sites(to, world));
                subject
            }
            Facts::EksNodegroup(_) => Self::of_nodes(to, world),
            Facts::NetworkInterface(interface) => {
                let mut subject = Self::default();
                let sites = sites::sites(to, world);
                if let Some(instance) = &interface.instance {
                    subject.named.insert(instance.clone(), sites.known.clone());
                }
                subject.add(sites);
                subject
            }
            Facts::RdsInstance(_) | Facts::RdsCluster(_) => {
                let mut subject = Self::default();
                let sites = sites::sites(to, world);
                subject.networks(&sites);
                for site in &sites.known {
                    subject.open.push((site.addresses.clone(), undecided(to, "its addresses are not told")));
                }
                subject.gaps = sites.gaps;
                subject
            }
            _ => Self::default(),
        }
    }

    /// Pods, where they lie.
    pub(super) fn of_pods(sites: Sites<'s>) -> Self {
        let mut subject = Self::default();
        subject.add(sites);
        subject
    }

    fn networks(&mut self, sites: &Sites<'s>) {
        for site in &sites.known {
            let vpc = World::facts::<Subnet>(site.subnet).vpc.as_str();
            if !self.networks.contains(&vpc) {
                self.networks.push(vpc);
            }
        }
    }

    /// By the addresses of sites that have all of theirs.
    fn add(&mut self, sites: Sites<'s>) {
        self.networks(&sites);
        self.known.extend(sites.known);
        self.gaps.extend(sites.gaps);
    }

    /// Packets to an instance come in by its primary interface.
    fn add_instance(&mut self, instance: Ref<'s>, facts: &Instance, sites: Sites<'s>) {
        if let Some(primary) = sites.known.first() {
            self.named.insert(instance.id.clone(), vec![primary.clone()]);
        } else if let (Some(gap), false) = (sites.gaps.first(), facts.private_ips.is_empty()) {
            let mut own = Addresses::default();
            if own.add_blocks(&facts.private_ips, instance).is_ok() {
                self.open.push((own, gap.clone()));
            }
        }
        self.add(sites);
    }

    fn of_nodes(to: Ref<'s>, world: &World<'s>) -> Self {
        let mut subject = Self::default();
        let (members, gaps) = nodes::members(to, world);
        for instance in members {
            let sites = nodes::of_instance(to, instance, world);
            subject.add_instance(instance, World::facts(instance), sites);
        }
        subject.gaps.extend(gaps);
        subject
    }

    /// The tasks of a service, or one of them.
    fn of_tasks(to: Ref<'s>, world: &World<'s>) -> Self {
        let mut subject = Self::default();
        let service = match service_of(to, world) {
            Ok(service) => service,
            Err(gap) => return Self { gaps: vec![gap], ..subject },
        };
        let facts = World::facts::<Service>(service);
        subject.own = &facts.load_balancers;
        let moving = matches!(facts.rollout.as_deref(), Some("IN_PROGRESS" | "STABILIZING"));
        if moving || facts.others_in_progress > 0 {
            subject.moving = Some("a deployment of the service is in progress".to_owned());
        }
        subject.ports = match &to.facts {
            Facts::EcsContainer(container) => Some(Ok(container.ports.clone())),
            _ => Some(task_ports(service, world)),
        };
        let places = sites::sites(service, world);
        subject.networks(&places);
        subject.gaps.extend(places.gaps);
        let mut tasks = world.children(Kind::EcsTask, service);
        if to.kind() == Kind::EcsTask {
            tasks.items = vec![to];
            tasks.gaps.clear();
        }
        let guard = Guard { of: service, groups: &facts.groups };
        for task in tasks.items {
            let told = World::facts::<Task>(task);
            let Some(subnet) = &told.subnet else {
                if !told.private_ips.is_empty() {
                    subject.gaps.push(undecided(task, "which subnet it is in is not told"));
                }
                continue;
            };
            let site = found(task, Kind::Subnet, subnet, world);
            let site = site.and_then(|subnet| at(to, subnet, &told.private_ips, Some(guard), Public::No));
            let mut sites = Sites::default();
            sites.add(site);
            subject.add(sites);
        }
        subject.known = nodes::alike(subject.known);
        for gap in tasks.gaps {
            subject.open.extend(places.known.iter().map(|site| (site.addresses.clone(), gap.clone())));
        }
        subject
    }

    fn of_balancer(to: Ref<'s>, world: &World<'s>) -> Self {
        let mut subject = Self::default();
        let sites = balancers::sites(to, world);
        subject.networks(&sites);
        let interfaces = addresses::interfaces(to, world);
        for interface in &interfaces.items {
            let facts = World::facts::<NetworkInterface>(interface);
            let here = sites.known.iter().find(|site| site.subnet.id == facts.subnet);
            for address in facts.private_ips.iter().chain(facts.ipv6_ips.iter().flatten()) {
                if let (Some(site), Some(addresses)) = (here, block(address)) {
                    subject.known.push(only(site, addresses));
                }
            }
        }
        for gap in interfaces.gaps {
            subject.open.extend(sites.known.iter().map(|site| (site.addresses.clone(), gap.clone())));
        }
        subject.named.insert(to.id.clone(), sites.known);
        subject.gaps.extend(sites.gaps);
        subject
    }
}

/// The nodes and pods of a cluster, looked up as they are asked for.
pub(super) struct OfCluster<'s> {
    pub(super) cluster: Ref<'s>,
    /// An object of its API server.
    pub(super) near: Ref<'s>,
    instances: Vec<Ref<'s>>,
    gaps: Vec<Gap>,
}

impl<'s> OfCluster<'s> {
    pub(super) fn new(cluster: Ref<'s>, near: Ref<'s>, world: &World<'s>) -> Self {
        let (instances, gaps) = nodes::instances(cluster, world);
        Self { cluster, near, instances, gaps }
    }
}

impl<'s> Registered<'s> for OfCluster<'s> {
    fn sites(&self, target: &Target, r#type: &str, world: &World<'s>) -> Result<Vec<Site<'s>>, Gap> {
        let unread = |gaps: &[Gap]| gaps.first().cloned().map_or(Ok(Vec::new()), Err);
        if r#type == "instance" {
            let known = self.instances.iter().find(|instance| instance.id == target.id);
            return known.map_or_else(|| unread(&self.gaps), |instance| at_node(instance, world));
        }
        let pods = world.linked(Kind::K8sPod, &target.id).into_iter();
        let mut pods = pods.filter(|pod| {
            let facts = World::facts::<Pod>(pod);
            pod.scope == self.near.scope && !facts.host_network && facts.addresses.contains(&target.id)
        });
        if let Some(pod) = pods.next() {
            let mut sites = nodes::of_pod(pod, pod, self.cluster, world);
            return match sites.gaps.pop() {
                Some(gap) if sites.known.is_empty() => Err(gap),
                _ => Ok(sites.known),
            };
        }
        let has = |instance: &&Ref<'s>| World::facts::<Instance>(instance).private_ips.contains(&target.id);
        if let (Some(node), Some(asked)) = (self.instances.iter().find(has), block(&target.id)) {
            let sites = nodes::of_instance(node, node, world);
            let here = sites.known.iter().find(|site| site.addresses.share_of(&asked) == Share::All);
            let none = || undecided(node, format!("which of its interfaces has {} is not told", target.id));
            let gap = || sites.gaps.first().cloned().unwrap_or_else(none);
            return here.map(|site| vec![only(site, asked)]).ok_or_else(gap);
        }
        let pods = world.list(Kind::K8sPod, &self.near.scope);
        unread(&[self.gaps.clone(), pods.gaps].concat())
    }
}

/// Pods behind load balancers that send to them, or to ports of their nodes.
pub(super) struct Behind<'s> {
    pods: Subject<'s>,
    nodes: OfCluster<'s>,
    node_ports: Vec<i64>,
}

impl<'s> Behind<'s> {
    pub(super) fn new(pods: Subject<'s>, nodes: OfCluster<'s>, node_ports: Vec<i64>) -> Self {
        Self { pods, nodes, node_ports }
    }
}

impl<'s> Registered<'s> for Behind<'s> {
    fn sites(&self, target: &Target, r#type: &str, world: &World<'s>) -> Result<Vec<Site<'s>>, Gap> {
        let sites = self.pods.sites(target, r#type, world)?;
        if !sites.is_empty() {
            return Ok(sites);
        }
        match target.port {
            Some(port) if !self.node_ports.contains(&port) => {
                self.pods.gaps.first().cloned().map_or(Ok(sites), Err)
            }
            _ => self.nodes.sites(target, r#type, world),
        }
    }
}

/// Whether an address of these networks is known to be a task's.
fn is_a_tasks(address: &str, networks: &[&str], world: &World<'_>) -> bool {
    let tasks = world.snapshot().of_kind(Kind::EcsTask).iter();
    tasks.map(|task| (task, World::facts::<Task>(task))).any(|(task, facts)| {
        let here = |subnet: &String| {
            let subnet = found(task, Kind::Subnet, subnet, world);
            subnet.is_ok_and(|subnet| networks.contains(&World::facts::<Subnet>(subnet).vpc.as_str()))
        };
        facts.private_ips.iter().any(|own| own == address) && facts.subnet.as_ref().is_some_and(here)
    })
}

/// Packets to an instance come in by its primary interface.
fn at_node<'s>(instance: Ref<'s>, world: &World<'s>) -> Result<Vec<Site<'s>>, Gap> {
    let mut sites = nodes::of_instance(instance, instance, world);
    match sites.gaps.pop() {
        Some(gap) if sites.known.is_empty() => Err(gap),
        _ => Ok(sites.known.into_iter().take(1).collect()),
    }
}

/// The part of a site that has this address.
fn only<'s>(site: &Site<'s>, addresses: Addresses) -> Site<'s> {
    Site { addresses, exact: true, ipv6: None, ..site.clone() }
}

fn block(address: &str) -> Option<Addresses> {
    let mut one = Addresses::default();
    one.add(&Cidr::parse(address)?);
    Some(one)
}
