//! `sends-to`: which services an ingress sends requests to.

use serde_json::{Value, json};

use super::evidence::{hop, undecided};
use super::kleene::Verdict;
use super::kubernetes::class::{Controller, controller};
use super::kubernetes::in_namespace;
use super::world::Listing;
use super::{Edge, Edges, End, Ref, Relation, World};
use crate::model::kind::Kind;
use crate::model::kubernetes::id;
use crate::model::kubernetes::network::{Backend, Ingress, Service};
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct SendsTo;

impl Relation for SendsTo {
    fn meta(&self) -> &'static RelationMeta {
        relation("sends-to").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let ingress = World::facts::<Ingress>(from);
        let services = in_namespace(Kind::K8sService, &ingress.namespace, &from.scope, world);
        let mut edges = Edges::default();
        for way in ways(ingress) {
            let action = action(ingress, way.backend).map(|action| (action, controller(from, world)));
            match action {
                Some((_, Err(gap))) => edges.gaps.push(gap),
                Some((Action::Answers, Ok(Controller::AwsLoadBalancer))) => {}
                Some((Action::Forwards(name), Ok(Controller::AwsLoadBalancer))) => {
                    let why = format!("where the action {name} of its annotations leads is not judged");
                    edges.gaps.push(undecided(from, why));
                }
                // To other controllers it is a service like any other.
                None | Some((_, Ok(_))) => edges.found.push(way.edge(from, ingress, &services)),
            }
        }
        edges
    }
}

/// What sends requests of a host and path to a backend.
struct Way<'s> {
    fact: &'static str,
    host: Option<&'s str>,
    path: Option<&'s str>,
    backend: &'s Backend,
}

/// Every rule's paths, then the default backend: that takes the hosts of rules without paths too.
fn ways(ingress: &Ingress) -> Vec<Way<'_>> {
    let mut ways = Vec::new();
    for rule in &ingress.rules {
        let host = rule.host.as_deref();
        ways.extend(rule.paths.iter().map(|path| Way {
            fact: "rules",
            host,
            path: path.path.as_deref(),
            backend: &path.backend,
        }));
        if let (true, Some(_), Some(backend)) = (rule.paths.is_empty(), host, &ingress.default_backend) {
            ways.push(Way { fact: "rules", host, path: None, backend });
        }
    }
    let default = ingress.default_backend.iter();
    ways.extend(default.map(|backend| Way { fact: "default_backend", host: None, path: None, backend }));
    ways
}

impl Way<'_> {
    fn edge<'s>(&self, from: Ref<'s>, ingress: &Ingress, services: &Listing<'s>) -> Edge<'s> {
        let port = port(self.backend);
        let (to, exists) = match (&self.backend.service, &self.backend.resource) {
            (Some(name), _) => self.service(name, from, ingress, services),
            (None, Some(resource)) => (End::Outside(resource.clone()), Ok(false)),
            (None, None) => (End::Outside("a backend that is not named".to_owned()), Ok(false)),
        };
        let said =
            json!({ "host": self.host, "path": self.path, "service": self.backend.service, "port": port });
        let mut evidence = vec![hop(from, self.fact, said)];
        if let End::Resource(service) = to {
            evidence.push(hop(service, "ports", json!(World::facts::<Service>(service).ports)));
        }
        let attributes = vec![
            ("host", Ok(json!(self.host))),
            ("path", Ok(json!(self.path))),
            ("port", Ok(json!(port))),
            ("port_exists", exists.map(Value::from)),
        ];
        Edge { to, attributes, evidence, assumptions: Vec::new() }
    }

    /// The service of this name beside the ingress, and whether it has the port.
    fn service<'s>(
        &self,
        name: &str,
        from: Ref<'s>,
        ingress: &Ingress,
        services: &Listing<'s>,
    ) -> (End<'s>, Verdict) {
        if let Some(service) = services.items.iter().find(|service| service.name == name) {
            return (End::Resource(service), Ok(has_port(World::facts(service), self.backend)));
        }
        let namespace = ingress.namespace.rsplit('/').next();
        let id = id(&from.scope.account, namespace, "service", name);
        match services.gaps.first() {
            Some(gap) => {
                let gap = gap.clone();
                (End::Unread { kind: Kind::K8sService, id, gap: gap.clone() }, Err(gap))
            }
            None => (End::missing(Kind::K8sService, &id), Ok(false)),
        }
    }
}

fn port(backend: &Backend) -> Option<String> {
    backend.port_name.clone().or_else(|| backend.port_number.map(|number| number.to_string()))
}

/// An external name takes any number: nothing stands between.
fn has_port(service: &Service, backend: &Backend) -> bool {
    let external = service.r#type.as_deref() == Some("ExternalName");
    match (&backend.port_name, backend.port_number) {
        (Some(name), _) => service.ports.iter().any(|port| port.name.as_ref() == Some(name)),
        (None, Some(number)) => external || service.ports.iter().any(|port| port.port == number),
        (None, None) => false,
    }
}

/// What the AWS load balancer controller does in place of sending requests to a service, where a backend says so.
enum Action<'s> {
    /// It answers by itself.
    Answers,
    Forwards(&'s str),
}

fn action<'s>(ingress: &Ingress, backend: &'s Backend) -> Option<Action<'s>> {
    let name =
        backend.service.as_deref().filter(|_| backend.port_name.as_deref() == Some("use-annotation"))?;
    let written = ingress.annotations.get(&format!("alb.ingress.kubernetes.io/actions.{name}"))?;
    let action: Value = serde_json::from_str(written).unwrap_or_default();
    let r#type = action.get("type").or_else(|| action.get("Type")).and_then(Value::as_str);
    Some(match r#type {
        Some("redirect" | "fixed-response") => Action::Answers,
        _ => Action::Forwards(name),
    })
}

#[cfg(test)]
mod tests;
