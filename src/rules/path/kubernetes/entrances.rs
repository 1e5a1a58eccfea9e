//! How packets come to pods: by the services that stand for them, the ingresses that send to those, and the load
//! balancers in front.

use serde_json::{Value, json};

use super::backing::{Backing, Port, protocols};
use super::pods::{self, Pods};
use super::{backing, ingress_entrances};
use crate::model::kind::{Facts, Kind};
use crate::model::kubernetes::network::{Ingress, Service, ServicePort};
use crate::model::kubernetes::workload::{Deployment, Pod};
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::kubernetes::class::{Controller, controller};
use crate::rules::kubernetes::in_namespace;
use crate::rules::kubernetes::rollout::moving;
use crate::rules::net::ports::Ports;
use crate::rules::path::aws;
use crate::rules::path::headers::Protocols;
use crate::rules::path::leg::{Hop, Loss};
use crate::rules::path::places::{Entrance, Entrances, Place, Places, places};
use crate::rules::path::reason::Reason;
use crate::rules::path::traffic::Traffic;
use crate::rules::sends_to::SendsTo;
use crate::rules::served_by::ServedBy;
use crate::rules::{End, Ref, Relation, World};

/// What is taken for granted of a cluster.
const UNSEEN: &[&str] = &[
    "network policies, which are not read, let it through",
    "what comes to a node for a pod is handed to that pod, whichever node that runs on",
    "a pod whose address is of none of its node's interfaces has the security groups of its node",
    "no container takes a port of its node, and no Gateway, mesh or service of another namespace leads to it",
];

/// Pods that packets are to come to, and how they may.
struct Asked<'q, 's> {
    to: Ref<'s>,
    pods: Pods<'s>,
    cluster: Ref<'s>,
    world: &'q World<'s>,
}

pub(super) fn of_pods<'s>(
    to: Ref<'s>,
    cluster: Ref<'s>,
    wanted: &Traffic,
    world: &World<'s>,
) -> Entrances<'s> {
    let pods = match &to.facts {
        Facts::K8sDeployment(deployment) => pods::of_deployment(to, deployment, world),
        Facts::K8sService(_) => backing::pods(to, world),
        _ => Pods { known: vec![to], gaps: Vec::new() },
    };
    let asked = Asked { to, pods, cluster, world };
    let mut all = Entrances { gaps: asked.pods.gaps.clone(), ..Entrances::default() };
    all.assumptions.extend(UNSEEN.iter().map(|&it| it.to_owned()));
    let Some(namespace) = namespace(to) else { return all };
    let services = in_namespace(Kind::K8sService, namespace, &to.scope, world);
    let ingresses = in_namespace(Kind::K8sIngress, namespace, &to.scope, world);
    let services = if to.kind() == Kind::K8sService {
        vec![to]
    } else {
        all.gaps.extend(services.gaps);
        services.items
    };
    let mut ports = Vec::new();
    for service in services {
        match asked.stands(service) {
            Ok(Some(backing)) => {
                all.gaps.extend(backing.gap.clone().filter(|_| backing.ports.is_empty()));
                ports.push((service, backing));
            }
            Ok(None) => {}
            Err(gap) => all.gaps.push(gap),
        }
    }
    // A service that nothing is known to stand behind may have an ingress: no need to ask where there is none.
    if !ports.is_empty() {
        all.gaps.extend(ingresses.gaps);
        for ingress in ingresses.items {
            asked.by_ingress(ingress, &ports, wanted, &mut all);
        }
    }
    for (service, backing) in &ports {
        asked.by_service(service, backing, &mut all);
    }
    if cluster.kind() == Kind::EksCluster {
        let places = asked.pods.places(to, cluster, world);
        merge(&mut all, aws::pod_entrances(to, cluster, &places, wanted, world));
    }
    for (service, backing) in &ports {
        asked.by_nodes(service, backing, &mut all);
    }
    all.gaps.sort_unstable();
    all.gaps.dedup();
    all
}

fn merge<'s>(all: &mut Entrances<'s>, more: Entrances<'s>) {
    all.found.extend(more.found);
    all.gaps.extend(more.gaps);
    all.assumptions.extend(more.assumptions);
}

fn namespace(of: Ref<'_>) -> Option<&str> {
    match &of.facts {
        Facts::K8sDeployment(deployment) => Some(&deployment.namespace),
        Facts::K8sPod(pod) => Some(&pod.namespace),
        Facts::K8sService(service) => Some(&service.namespace),
        _ => None,
    }
}

impl<'s> Asked<'_, 's> {
    /// What of the pods stands behind a service; `None` where it is not for them.
    fn stands(&self, service: Ref<'s>) -> Result<Option<Backing<'s>>, Gap> {
        let facts = World::facts::<Service>(service);
        if facts.r#type.as_deref() == Some("ExternalName") {
            return Ok(None);
        }
        let labels = match &self.to.facts {
            Facts::K8sDeployment(deployment) => Some(&deployment.pod_labels),
            Facts::K8sPod(_) => Some(self.to.tags.get().map_err(Clone::clone)?),
            _ => None,
        };
        let selected = match labels {
            Some(labels) if !facts.selector.is_empty() => {
                facts.selector.iter().all(|(key, value)| labels.get(key) == Some(value))
            }
            Some(_) => false,
            None => true,
        };
        // Whoever has no selector may list any pods; whoever has one lists those that it selects.
        if !selected && !facts.selector.is_empty() {
            return Ok(None);
        }
        let backing = Backing::of(service, &self.pods.known, self.world);
        match &backing.gap {
            _ if selected || backing.any => Ok(Some(backing)),
            Some(gap) => Err(gap.clone()),
            None => Ok(None),
        }
    }

    /// In by an ingress that sends to one of the services.
    fn by_ingress(
        &self,
        ingress: Ref<'s>,
        services: &[(Ref<'s>, Backing<'s>)],
        wanted: &Traffic,
        all: &mut Entrances<'s>,
    ) {
        let edges = SendsTo.edges(ingress, &[Kind::K8sService], self.world);
        all.gaps.extend(edges.gaps);
        let mut seen = Vec::new();
        for edge in &edges.found {
            let End::Resource(service) = edge.to else {
                // One that is not read is among the gaps of the services.
                continue;
            };
            let Some((service, backing)) = services.iter().find(|(known, _)| known.id == service.id) else {
                continue;
            };
            let port = edge.told("port").ok().and_then(Value::as_str);
            if seen.contains(&(&service.id, port)) {
                continue;
            }
            seen.push((&service.id, port));
            let Some(wanted_port) = port.and_then(|port| service_port(service, port)) else {
                let says = format!("the service has no port {}", port.unwrap_or("that is named"));
                let told = hop(service, "ports", json!(World::facts::<Service>(service).ports));
                let lost = Loss::told(Hop::of(service).by([told]), Reason::TargetPort, says);
                self.doors(ingress, &[], Vec::new(), wanted, all, |entrance| {
                    entrance.hops.push(Hop::of(ingress).by(edge.evidence.clone()));
                    entrance.lost = entrance.lost.take().or_else(|| Some(lost.clone()));
                });
                continue;
            };
            let behind: Vec<&Port<'s>> =
                backing.ports.iter().filter(|port| std::ptr::eq(port.of, wanted_port)).collect();
            let hops = [Hop::of(ingress).by(edge.evidence.clone()), self.by(service, wanted_port)];
            if behind.is_empty() {
                self.doors(ingress, &[], Vec::new(), wanted, all, |entrance| {
                    entrance.hops.extend(hops.clone());
                    self.nobody(service, backing, entrance);
                });
            }
            for port in behind {
                let to = pods::places(self.to, &port.pods, self.cluster, self.world);
                self.doors(ingress, &port.pods, node_port(port.of), wanted, all, |entrance| {
                    entrance.hops.extend(hops.clone());
                    entrance.gaps.extend(backing.gap.iter().chain(&to.gaps).cloned());
                    hand_on(entrance, &to, port, self.world);
                });
                all.gaps.extend(backing.gap.iter().chain(&to.gaps).cloned());
            }
        }
    }

    /// The ways in to an ingress; where its controller is the load balancer itself, as far as these pods.
    fn doors(
        &self,
        ingress: Ref<'s>,
        pods: &[Ref<'s>],
        node_ports: Vec<i64>,
        wanted: &Traffic,
        all: &mut Entrances<'s>,
        complete: impl Fn(&mut Entrance<'s>),
    ) {
        let addresses = &World::facts::<Ingress>(ingress).addresses;
        if addresses.is_empty() {
            let why = "its status has no address, so where it is reached is not known";
            return all.gaps.push(undecided(ingress, why));
        }
        let by = controller(ingress, self.world);
        let mut ways = if by == Ok(Controller::AwsLoadBalancer) && self.cluster.kind() == Kind::EksCluster {
            let to = pods::places(self.to, pods, self.cluster, self.world);
            aws::direct_entrances(addresses, ingress, self.cluster, &to, node_ports, self.world)
        } else {
            let mut ways = ingress_entrances(ingress, self.cluster, wanted, self.world);
            merge(&mut ways, self.by_ports_of_controller(ingress));
            ways
        };
        for entrance in &mut ways.found {
            entrance.gaps.extend(by.as_ref().err().cloned());
            complete(entrance);
        }
        merge(all, ways);
    }

    /// In by ports that every node takes for the service that has the ingress' address. On EKS the address is a name, and
    /// whose that is only the load balancer tells.
    fn by_ports_of_controller(&self, ingress: Ref<'s>) -> Entrances<'s> {
        if self.cluster.kind() == Kind::EksCluster {
            return Entrances::default();
        }
        let edges = ServedBy.edges(ingress, &[Kind::K8sService], self.world);
        let mut ways = Entrances { gaps: edges.open().cloned().collect(), ..Entrances::default() };
        let services = edges.found.iter().filter_map(|edge| match edge.to {
            End::Resource(service) => Some(service),
            _ => None,
        });
        for service in services {
            let facts = World::facts::<Service>(service);
            for (port, number) in facts.ports.iter().filter_map(|port| Some((port, port.node_port?))) {
                let hop = Hop::of(service).by([hop(service, "ports", json!(port))]);
                let door = Entrance::door(self.cluster, Protocols::TCP, Ports::one(number));
                ways.found.push(Entrance { hops: vec![hop], ..door });
            }
        }
        ways
    }

    /// In by a load balancer that a service has of its own.
    fn by_service(&self, service: Ref<'s>, backing: &Backing<'s>, all: &mut Entrances<'s>) {
        let facts = World::facts::<Service>(service);
        if facts.r#type.as_deref() != Some("LoadBalancer") {
            return;
        }
        if facts.addresses.is_empty() {
            return all.gaps.push(undecided(service, "its load balancer has no address so far"));
        }
        for port in backing.unready(service) {
            let mut ways = self.by_balancer(service, port, &self.pods.known);
            for entrance in &mut ways.found {
                entrance.hops.push(self.by(service, port));
                self.nobody(service, backing, entrance);
            }
            merge(all, ways);
        }
        for port in &backing.ports {
            let to = pods::places(self.to, &port.pods, self.cluster, self.world);
            let mut ways = self.by_balancer(service, port.of, &port.pods);
            for entrance in &mut ways.found {
                entrance.hops.push(self.by(service, port.of));
                entrance.gaps.extend(backing.gap.iter().chain(&to.gaps).cloned());
                hand_on(entrance, &to, port, self.world);
            }
            all.gaps.extend(backing.gap.iter().chain(&to.gaps).cloned());
            merge(all, ways);
        }
    }

    /// The load balancer of a service, as far as these pods or their nodes.
    fn by_balancer(&self, service: Ref<'s>, port: &ServicePort, pods: &[Ref<'s>]) -> Entrances<'s> {
        let addresses = &World::facts::<Service>(service).addresses;
        if self.cluster.kind() == Kind::EksCluster {
            let to = pods::places(self.to, pods, self.cluster, self.world);
            return aws::direct_entrances(addresses, service, self.cluster, &to, node_port(port), self.world);
        }
        // AKS keeps the service's port as far as the nodes.
        let wanted = Traffic { protocols: protocols(port), ..Traffic::tcp(port.port) };
        ingress_entrances(service, self.cluster, &wanted, self.world)
    }

    /// In by a port that every node takes for a service.
    fn by_nodes(&self, service: Ref<'s>, backing: &Backing<'s>, all: &mut Entrances<'s>) {
        let ports: Vec<_> =
            backing.ports.iter().filter_map(|port| Some((port, port.of.node_port?))).collect();
        let unready = backing.unready(service).filter_map(|port| Some((port, port.node_port?)));
        let unready: Vec<_> = unready.collect();
        if ports.is_empty() && unready.is_empty() {
            return;
        }
        let (nodes, gaps) = if self.cluster.kind() == Kind::EksCluster {
            aws::nodes(self.cluster, self.world)
        } else {
            (vec![self.cluster], Vec::new())
        };
        all.gaps.extend(gaps);
        let door = |node: Ref<'s>, port: &ServicePort, number| Entrance {
            hops: vec![self.by(service, port)],
            gaps: backing.gap.iter().cloned().collect(),
            ..Entrance::door(node, protocols(port), Ports::one(number))
        };
        for (port, number) in unready {
            for node in &nodes {
                let mut entrance = door(node, port, number);
                self.nobody(service, backing, &mut entrance);
                all.found.push(entrance);
            }
        }
        for (port, number) in ports {
            let to = pods::places(self.to, &port.pods, self.cluster, self.world);
            for node in &nodes {
                let traffic = Traffic { protocols: port.protocols, ..Traffic::tcp(port.target) };
                let mut entrance = door(node, port.of, number);
                all.gaps.extend(entrance.sends(places(node, self.world), to.clone(), traffic));
                all.found.push(entrance);
            }
        }
    }

    fn by(&self, service: Ref<'s>, port: &ServicePort) -> Hop<'s> {
        let selector = json!(World::facts::<Service>(service).selector);
        let mut evidence: Vec<Evidence> =
            vec![hop(service, "ports", json!(port)), hop(service, "selector", selector)];
        evidence.extend(crate::rules::apiserver::evidence(&self.to.scope, self.cluster, self.world));
        Hop::of(service).by(evidence)
    }

    /// No pod of those is ready behind the service.
    fn nobody(&self, service: Ref<'s>, backing: &Backing<'s>, entrance: &mut Entrance<'s>) {
        let moving = self.to.as_kind::<Deployment>().and_then(|_| moving(self.to));
        if let Some(gap) = backing.gap.clone().or_else(|| self.pods.gaps.first().cloned()).or(moving) {
            return entrance.gaps.push(gap);
        }
        let told = self.pods.known.iter().map(|pod| {
            let facts = World::facts::<Pod>(pod);
            hop(pod, "ready", json!(facts.ready))
        });
        let says = "no pod behind it is ready";
        let lost = Loss::told(Hop::of(service).by(told), Reason::TargetUnhealthy, says);
        entrance.lost = entrance.lost.take().or(Some(lost));
        entrance.gaps.push(undecided(service, "its pods may be ready in a moment"));
    }
}

/// The port of a service by its name or number.
fn service_port<'s>(service: Ref<'s>, said: &str) -> Option<&'s ServicePort> {
    let ports = &World::facts::<Service>(service).ports;
    let named = ports.iter().find(|port| port.name.as_deref() == Some(said));
    named.or_else(|| ports.iter().find(|port| port.port.to_string() == said))
}

fn node_port(port: &ServicePort) -> Vec<i64> {
    port.node_port.into_iter().collect()
}

/// On from where an entrance ends so far, unless that is the pods already.
fn hand_on<'s>(entrance: &mut Entrance<'s>, pods: &Places<'s>, port: &Port<'s>, world: &World<'s>) {
    let from = match entrance.onward.last() {
        Some(last) if last.to.iter().all(|place| is_among(place, pods)) => return,
        Some(last) => Places { known: at_home(&last.to, world), gaps: Vec::new() },
        None if entrance.lost.is_some() || !entrance.gaps.is_empty() => return,
        None => places(entrance.by, world),
    };
    entrance.sends(from, pods.clone(), Traffic { protocols: port.protocols, ..Traffic::tcp(port.target) });
}

/// Nodes that were asked at another's address, such as a load balancer's, ask on from their own.
fn at_home<'s>(asked: &[Place<'s>], world: &World<'s>) -> Vec<Place<'s>> {
    let cluster = asked.iter().find_map(|place| match place {
        Place::Azure(site) => site.cluster.filter(|cluster| cluster.id == site.of.id),
        _ => None,
    });
    cluster.map_or_else(|| asked.to_vec(), |cluster| places(cluster, world).known)
}

fn is_among<'s>(place: &Place<'s>, pods: &Places<'s>) -> bool {
    let Place::Aws(site) = place else { return false };
    pods.known.iter().any(|pod| matches!(pod, Place::Aws(pod) if pod.of.id == site.of.id))
}
