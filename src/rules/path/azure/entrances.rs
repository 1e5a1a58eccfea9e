//! What stands in front of load balancers and of a cluster's nodes.
//!
//! A load balancer keeps the source of packets, so that whether they get on depends on who asks it. So a gateway that asks
//! it is an entrance of what lies behind the load balancer, with the load balancer on its way; the load balancer itself
//! is one for those who ask it straight.

use std::rc::Rc;

use serde_json::json;

use super::backends::{Backends, who_asks};
use super::balancers::{self, clients, ports, rules};
use super::gateways::{Asked, Asking, Backend, idle};
use super::sites::{gateway, nodes};
use super::{Site, is_kept_for};
use crate::model::azure;
use crate::model::azure::containers::AksCluster;
use crate::model::azure::network::{BalancerFrontend, LoadBalancer};
use crate::model::kind::{Facts, Kind};
use crate::model::seen::Gap;
use crate::rules::answers_at::holder;
use crate::rules::azure::networks::joined;
use crate::rules::evidence::{hop, undecided};
use crate::rules::kubernetes::unresolved;
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::net::ports::Ports;
use crate::rules::path::headers::Protocols;
use crate::rules::path::leg::Hop;
use crate::rules::path::places::{Entrance, Entrances, Place, Places, Step};
use crate::rules::path::traffic::Traffic;
use crate::rules::{Ref, World};

const UNSEEN: &[&str] = &[
    "no proxy, virtual appliance or firewall in the network takes packets and sends them on",
    "no Front Door and no Private Link service leads here",
];
const OF_POOL: &str = "AKS keeps the nodes, and nothing else, in the pool `kubernetes` of its load balancers";

pub(super) fn entrances<'s>(to: Ref<'s>, wanted: &Traffic, world: &World<'s>) -> Entrances<'s> {
    let mut entrances = match &to.facts {
        Facts::AzureLoadBalancer(_) => of_balancer(to, wanted, world),
        Facts::AksCluster(_) => of_cluster(to, wanted, world),
        _ => Entrances::default(),
    };
    entrances.assumptions.extend(UNSEEN.iter().map(|&unseen| unseen.to_owned()));
    entrances
}

/// The gateways that ask a load balancer.
fn of_balancer<'s>(balancer: Ref<'s>, wanted: &Traffic, world: &World<'s>) -> Entrances<'s> {
    let door = balancers::site(balancer, None, world);
    let asking = Asking::of(door.lies.network(), world);
    let mut entrances = Entrances::default();
    let frontends = &World::facts::<LoadBalancer>(balancer).frontends;
    let here = asking.to(balancer);
    for (asked, frontend) in &here {
        if wanted.at(Protocols::TCP, &[asked.backend_ports]).is_none() {
            continue;
        }
        let frontend = frontends.iter().find(|own| own.name == *frontend);
        let step = to_frontend(asked, balancer, frontend, world, &mut entrances.gaps);
        entrances.found.push(of_gateway(asked, Vec::new(), vec![step]));
    }
    entrances.found.extend(idle(&here.iter().map(|(asked, _)| *asked).collect::<Vec<_>>()));
    entrances.found.extend(asking.untold(&door.addresses));
    entrances.gaps.extend(asking.gaps);
    entrances
}

/// From a gateway to the frontend that it asks.
fn to_frontend<'s>(
    asked: &Asked<'s>,
    balancer: Ref<'s>,
    frontend: Option<&'s BalancerFrontend>,
    world: &World<'s>,
    gaps: &mut Vec<Gap>,
) -> Step<'s> {
    let Places { known, gaps: unread } = gateway(asked.gateway, None, world);
    gaps.extend(unread);
    let door = balancers::site(balancer, frontend, world);
    let traffic = of(Protocols::TCP, vec![asked.backend_ports]);
    Step { from: known, to: vec![Place::Azure(Rc::new(door))], traffic }
}

fn of_gateway<'s>(asked: &Asked<'s>, more: Vec<Hop<'s>>, onward: Vec<Step<'s>>) -> Entrance<'s> {
    let mut hops = vec![Hop::of(asked.gateway).by(asked.evidence.iter().cloned())];
    hops.extend(more);
    Entrance {
        by: asked.gateway,
        protocols: Protocols::TCP,
        ports: vec![asked.ports],
        hops,
        onward,
        lost: asked.lost.clone(),
        gaps: asked.gaps.clone(),
    }
}

/// The load balancers that AKS keeps for a cluster, in the group of its nodes.
fn of_cluster<'s>(cluster: Ref<'s>, wanted: &Traffic, world: &World<'s>) -> Entrances<'s> {
    let mut entrances = Entrances::default();
    let group = match World::facts::<AksCluster>(cluster).properties.get() {
        Ok(properties) => properties.node_group.as_deref(),
        Err(gap) => return Entrances { gaps: vec![gap.clone()], ..entrances },
    };
    let Some(group) = group else {
        let gap = undecided(cluster, "it does not name its node group");
        return Entrances { gaps: vec![gap], ..entrances };
    };
    let listing = world.list(Kind::AzureLoadBalancer, &cluster.scope.asked());
    entrances.gaps.extend(listing.gaps);
    let asking = Asking::of(network(cluster, world), world);
    let mut addresses = Addresses::default();
    for place in nodes(cluster, world).known {
        if let Place::Azure(node) = place {
            addresses.add_all(&node.addresses);
        }
    }
    entrances.found.extend(strays(&asking, cluster, group, world));
    for balancer in listing.items.into_iter().filter(|balancer| is_kept_for(balancer, cluster, group)) {
        addresses.add_all(&balancers::site(balancer, None, world).addresses);
        for frontend in &World::facts::<LoadBalancer>(balancer).frontends {
            behind(&Front { balancer, frontend, cluster }, wanted, &asking, world, &mut entrances);
        }
    }
    entrances.found.extend(asking.untold(&addresses));
    entrances.gaps.extend(asking.gaps);
    entrances.assumptions.push("no load balancer but those of the node group holds its nodes".to_owned());
    entrances
}

/// The load balancers at the addresses of an ingress or a service.
pub(super) fn of_object<'s>(
    object: Ref<'s>,
    cluster: Ref<'s>,
    wanted: &Traffic,
    world: &World<'s>,
) -> Entrances<'s> {
    let mut entrances = Entrances::default();
    let addresses = match &object.facts {
        Facts::K8sIngress(ingress) => ingress.addresses.as_slice(),
        Facts::K8sService(service) => service.addresses.as_slice(),
        _ => &[],
    };
    let mut asking: Option<Asking<'s>> = None;
    for address in addresses {
        let held =
            unresolved(object, address).map_or_else(|| holder(address, &Ok(Some(cluster)), world), Err);
        match held {
            Ok(Some(held)) => {
                let front = Front { balancer: held.balancer, frontend: held.frontend, cluster };
                let asking = asking.get_or_insert_with(|| Asking::of(network(cluster, world), world));
                behind(&front, wanted, asking, world, &mut entrances);
            }
            Ok(None) => {
                let why = format!("who answers at its address {address} is not read");
                entrances.gaps.push(undecided(object, why));
            }
            Err(gap) => entrances.gaps.push(gap),
        }
    }
    if let Some(asking) = asking {
        let mut own = Addresses::default();
        addresses.iter().filter_map(|it| Cidr::parse(it)).for_each(|block| own.add(&block));
        entrances.found.extend(asking.untold(&own));
        entrances.gaps.extend(asking.gaps);
    }
    entrances.assumptions.extend(UNSEEN.iter().map(|&unseen| unseen.to_owned()));
    entrances
}

/// The one network that a cluster's nodes lie in; `None` where there are several, or it is not known.
fn network<'s>(cluster: Ref<'s>, world: &World<'s>) -> Option<&'s str> {
    let Places { known, gaps } = nodes(cluster, world);
    let mut networks = known.iter().map(|place| match place {
        Place::Azure(site) => site.lies.network(),
        _ => None,
    });
    let first = networks.next()??;
    (gaps.is_empty() && networks.all(|other| other == Some(first))).then_some(first)
}

/// Ways that gateways may have to nodes by their own addresses.
fn strays<'s>(asking: &Asking<'s>, cluster: Ref<'s>, group: &str, world: &World<'s>) -> Vec<Entrance<'s>> {
    let sites = || nodes(cluster, world).known.into_iter();
    let strays = asking.all.iter().filter_map(|asked| {
        let Backend::Other(label) = &asked.backend else { return None };
        let is_kept = azure::group(label) == Some(group);
        let address = Cidr::parse(label).map(|block| {
            let mut address = Addresses::default();
            address.add(&block);
            address
        });
        let is_there = |place: &Place<'s>| match place {
            Place::Azure(node) => {
                let within = |address: &Addresses| !address.within(&node.addresses).is_empty();
                address.as_ref().is_some_and(within) && may_reach(asked.gateway, node, world)
            }
            _ => false,
        };
        let why = || format!("whether {label} of its pools is a node is not read");
        let may = is_kept || sites().any(|place| is_there(&place));
        may.then(|| asked.perhaps(vec![undecided(asked.gateway, why())]))
    });
    strays.collect()
}

/// Whether a gateway's network reaches a node's, as far as is known.
fn may_reach<'s>(from: Ref<'s>, node: &Site<'s>, world: &World<'s>) -> bool {
    gateway(from, None, world).known.iter().any(|place| match place {
        Place::Azure(site) => {
            let networks = site.lies.network().zip(node.lies.network());
            networks.is_none_or(|(here, there)| joined(here, there, world) != Ok(false))
        }
        _ => false,
    })
}

/// A frontend, and the cluster whose nodes stand behind it.
pub(super) struct Front<'s> {
    pub(super) balancer: Ref<'s>,
    pub(super) frontend: &'s BalancerFrontend,
    pub(super) cluster: Ref<'s>,
}

/// In by one frontend, to the nodes: for those who ask it straight, and by way of each gateway that asks it.
fn behind<'s>(
    front: &Front<'s>,
    wanted: &Traffic,
    asking: &Asking<'s>,
    world: &World<'s>,
    entrances: &mut Entrances<'s>,
) {
    let Front { balancer, frontend, .. } = *front;
    let backends: Vec<Backends<'s>> =
        rules(balancer, frontend).filter_map(|rule| Backends::of(front, rule, wanted, world)).collect();
    let here = asking.to(balancer).into_iter().filter(|(_, own)| *own == frontend.name);
    let here: Vec<&Asked<'s>> = here.map(|(asked, _)| asked).collect();
    for asked in &here {
        by_gateway(asked, front, &backends, world, entrances);
    }
    entrances.found.extend(idle(&here));
    if backends.is_empty() {
        return;
    }
    let site = balancers::site(balancer, Some(frontend), world);
    for backends in &backends {
        let mut gaps = backends.gaps.clone();
        let addresses = who_asks(&site, world, &mut gaps);
        let from = clients(balancer, site.lies.clone(), addresses);
        entrances.found.push(Entrance {
            by: balancer,
            protocols: backends.protocols,
            ports: vec![backends.rule_ports],
            hops: vec![Hop::of(balancer).by([backends.shown.clone()])],
            onward: vec![backends.step(vec![Place::Azure(Rc::new(from))])],
            lost: None,
            gaps,
        });
        entrances.assumptions.push(OF_POOL.to_owned());
    }
}

fn by_gateway<'s>(
    asked: &Asked<'s>,
    front: &Front<'s>,
    backends: &[Backends<'s>],
    world: &World<'s>,
    entrances: &mut Entrances<'s>,
) {
    let Front { balancer, frontend, .. } = *front;
    let is_served = rules(balancer, frontend).any(|rule| ports(rule.port).covers(asked.backend_ports));
    let served: Vec<_> = backends.iter().filter(|it| it.rule_ports.covers(asked.backend_ports)).collect();
    if is_served && served.is_empty() {
        // Another port comes out.
        return;
    }
    let at = Hop::of(balancer).by([hop(balancer, "frontends", json!(frontend))]);
    let first = || to_frontend(asked, balancer, Some(frontend), world, &mut Vec::new());
    let Step { from, .. } = to_frontend(asked, balancer, Some(frontend), world, &mut entrances.gaps);
    if served.is_empty() {
        // The first stretch says that nothing listens.
        entrances.found.push(of_gateway(asked, vec![at.clone()], vec![first()]));
    }
    for backends in served {
        let out = from.iter().filter_map(|place| match place {
            Place::Azure(site) => Some(clients(balancer, site.lies.clone(), site.addresses.clone())),
            _ => None,
        });
        let out: Vec<_> = out.map(|site| Place::Azure(Rc::new(site))).collect();
        let hops = vec![at.clone().by([backends.shown.clone()])];
        let mut entrance = of_gateway(asked, hops, vec![first(), backends.step(out)]);
        entrance.gaps.extend(backends.gaps.iter().cloned());
        entrances.found.push(entrance);
    }
}

pub(super) fn of(protocols: Protocols, ports: Vec<Ports>) -> Traffic {
    Traffic { protocols, ports, ..Traffic::any() }
}
