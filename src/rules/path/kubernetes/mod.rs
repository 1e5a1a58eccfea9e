//! Where pods lie, by the cluster that their API server is, and how packets come to them.

mod backing;
mod entrances;
mod pods;

use super::places::{Entrances, Places};
use super::traffic::Traffic;
use super::{aws, azure};
use crate::model::kind::{Facts, Kind};
use crate::model::kubernetes::network::EndpointSlice;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::kubernetes::in_namespace;
use crate::rules::net::ports::Ports;
use crate::rules::{Ref, World, cluster_of};

pub(super) fn has_places(kind: Kind) -> bool {
    matches!(kind, Kind::K8sDeployment | Kind::K8sIngress | Kind::K8sPod | Kind::K8sService)
}

pub(super) fn places<'s>(of: Ref<'s>, world: &World<'s>) -> Places<'s> {
    let cluster = match cluster(of, world) {
        Ok(cluster) => cluster,
        Err(gap) => return Places { known: Vec::new(), gaps: vec![gap] },
    };
    match &of.facts {
        Facts::K8sPod(_) => pods::places(of, &[of], cluster, world),
        Facts::K8sDeployment(deployment) => {
            pods::of_deployment(of, deployment, world).places(of, cluster, world)
        }
        Facts::K8sService(_) => backing::pods(of, world).places(of, cluster, world),
        Facts::K8sIngress(_) => controller_places(of, cluster, world),
        _ => Places::default(),
    }
}

/// The controller that serves an ingress lies where what comes in for it ends.
fn controller_places<'s>(of: Ref<'s>, cluster: Ref<'s>, world: &World<'s>) -> Places<'s> {
    let Entrances { found, gaps, .. } = ingress_entrances(of, cluster, &Traffic::any(), world);
    let mut places = Places { known: Vec::new(), gaps };
    for entrance in found {
        places.gaps.extend(entrance.gaps);
        places.known.extend(entrance.onward.into_iter().next_back().into_iter().flat_map(|step| step.to));
    }
    if places.known.is_empty() && places.gaps.is_empty() {
        places.gaps.push(undecided(of, "where the controller that serves it runs is not known"));
    }
    places
}

/// The cluster that the API server of an object is proven to be.
fn cluster<'s>(of: Ref<'s>, world: &World<'s>) -> Result<Ref<'s>, Gap> {
    cluster_of(&of.scope, world)?.ok_or_else(|| {
        undecided(of, "its API server is of no cluster that is scanned, so where its pods lie is not known")
    })
}

fn ingress_entrances<'s>(
    ingress: Ref<'s>,
    cluster: Ref<'s>,
    wanted: &Traffic,
    world: &World<'s>,
) -> Entrances<'s> {
    if cluster.kind() == Kind::EksCluster {
        aws::ingress_entrances(ingress, cluster, wanted, world)
    } else {
        azure::ingress_entrances(ingress, cluster, wanted, world)
    }
}

pub(super) fn own_ports<'s>(of: Ref<'s>, world: &World<'s>) -> Result<Vec<Ports>, Gap> {
    let ports: Vec<i64> = match &of.facts {
        Facts::K8sDeployment(deployment) => {
            let lasting = deployment.containers.iter().filter(|container| !container.init);
            lasting.flat_map(|container| &container.ports).map(|port| port.port).collect()
        }
        Facts::K8sService(service) => {
            let listed = in_namespace(Kind::K8sEndpointSlice, &service.namespace, &of.scope, world);
            if let Some(gap) = listed.gaps.into_iter().next() {
                return Err(gap);
            }
            let slices = world.linked(Kind::K8sEndpointSlice, &of.id).into_iter();
            slices
                .flat_map(|slice| &World::facts::<EndpointSlice>(slice).ports)
                .filter_map(|port| port.port)
                .collect()
        }
        _ => Vec::new(),
    };
    let mut ports: Vec<Ports> = ports.into_iter().map(Ports::one).collect();
    ports.sort_unstable();
    ports.dedup();
    Ok(ports)
}

pub(super) fn entrances<'s>(to: Ref<'s>, wanted: &Traffic, world: &World<'s>) -> Entrances<'s> {
    let cluster = match cluster(to, world) {
        Ok(cluster) => cluster,
        Err(gap) => return Entrances { gaps: vec![gap], ..Entrances::default() },
    };
    match to.kind() {
        Kind::K8sIngress => ingress_entrances(to, cluster, wanted, world),
        _ => entrances::of_pods(to, cluster, wanted, world),
    }
}

#[cfg(test)]
mod tests;
