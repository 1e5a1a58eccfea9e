//! How requests come to pods: ingress classes, ingresses, services and their endpoints.

mod found;

use futures::future::BoxFuture;

use super::members::{Place, Unreadable, addresses, need, stated};
use super::pages::Listing;
use super::{Api, Collector};
use crate::collect::facts::Facts;
use crate::model::call::Source;
use crate::model::kind::Resource;
use crate::model::kubernetes::network::{
    Backend, ENDPOINT_SLICES, Endpoint, EndpointPort, EndpointSlice, INGRESS_CLASSES, INGRESSES, Ingress,
    IngressClass, IngressPath, IngressRule, IngressTls, LIST_ENDPOINT_SLICES, LIST_INGRESS_CLASSES,
    LIST_INGRESSES, LIST_SERVICES, SERVICES, Service, ServicePort,
};
use crate::model::kubernetes::workload::Pod;

const DEFAULT_CLASS: &str = "ingressclass.kubernetes.io/is-default-class";
const LEGACY_CLASS: &str = "kubernetes.io/ingress.class";
const SERVICE_NAME: &str = "kubernetes.io/service-name";

pub(super) struct Network;

impl Collector for Network {
    fn id(&self) -> &'static str {
        "k8s.network"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&INGRESS_CLASSES, &INGRESSES, &SERVICES, &ENDPOINT_SLICES]
    }

    fn fetch<'a>(
        &'a self,
        api: &'a Api,
        source: &'static Source,
        key: &'a str,
        into: &'a mut Facts,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            match *source.calls[0] {
                LIST_INGRESS_CLASSES => {
                    let listing = Listing::of(&LIST_INGRESS_CLASSES, "IngressClassList");
                    api.list(&listing, key, into, class).await;
                }
                LIST_INGRESSES => {
                    api.list(&Listing::of(&LIST_INGRESSES, "IngressList"), key, into, ingress).await;
                }
                LIST_SERVICES => {
                    api.list(&Listing::of(&LIST_SERVICES, "ServiceList"), key, into, service).await;
                }
                LIST_ENDPOINT_SLICES => {
                    let listing = Listing::of(&LIST_ENDPOINT_SLICES, "EndpointSliceList");
                    api.list(&listing, key, into, slice).await;
                }
                _ => debug_assert!(false, "{} is not asked here", source.primary()),
            }
        })
    }
}

fn class(place: Place<'_>, mut found: found::Class) -> Result<Resource, Unreadable> {
    let class = IngressClass {
        controller: found.spec.controller.and_then(stated),
        default: found.metadata.annotation(DEFAULT_CLASS) == Some("true"),
    };
    Ok(Resource::new(place.head::<IngressClass>(&mut found.metadata)?, class))
}

fn ingress(place: Place<'_>, mut found: found::Ingress) -> Result<Resource, Unreadable> {
    let rules = found.spec.rules.unwrap_or_default().into_iter().map(rule);
    let tls = found.spec.tls.unwrap_or_default().into_iter();
    let ingress = Ingress {
        namespace: place.namespace(),
        class: found.spec.ingress_class_name.and_then(stated),
        legacy_class: found.metadata.annotation(LEGACY_CLASS).map(str::to_owned),
        rules: rules.collect::<Result<_, _>>()?,
        default_backend: found.spec.default_backend.map(backend).transpose()?,
        tls: tls
            .map(|tls| IngressTls {
                hosts: addresses(tls.hosts.unwrap_or_default()),
                secret: tls.secret_name.and_then(stated),
            })
            .collect(),
        addresses: found.status.addresses(),
        annotations: found.metadata.annotations(),
    };
    Ok(Resource::new(place.head::<Ingress>(&mut found.metadata)?, ingress))
}

fn rule(found: found::Rule) -> Result<IngressRule, Unreadable> {
    let paths = found.http.and_then(|http| http.paths).unwrap_or_default().into_iter();
    let path = |found: found::Route| {
        Ok(IngressPath {
            path: found.path.and_then(stated),
            path_type: need(found.path_type, "pathType")?,
            backend: backend(need(found.backend, "backend")?)?,
        })
    };
    Ok(IngressRule {
        host: found.host.and_then(stated).map(|host| host.to_ascii_lowercase()),
        paths: paths.map(path).collect::<Result<_, _>>()?,
    })
}

/// One that names neither a service nor a resource leads nowhere that could be told.
fn backend(found: found::Backend) -> Result<Backend, Unreadable> {
    let resource = found.resource.map(|resource| {
        let kind = need(resource.kind, "backend.resource.kind")?;
        Ok(format!("{kind}/{}", need(resource.name, "backend.resource.name")?))
    });
    let resource = resource.transpose()?;
    let Some(service) = found.service else {
        let resource = Some(need(resource, "backend.service")?);
        return Ok(Backend { service: None, port_name: None, port_number: None, resource });
    };
    let port = service.port.unwrap_or_default();
    Ok(Backend {
        service: Some(need(service.name, "backend.service.name")?),
        port_name: port.name.and_then(stated),
        port_number: port.number.filter(|number| *number != 0),
        resource,
    })
}

fn service(place: Place<'_>, mut found: found::Service) -> Result<Resource, Unreadable> {
    let port = |found: found::ServicePort| {
        Ok(ServicePort {
            name: found.name.and_then(stated),
            port: need(found.port, "port")?,
            protocol: found.protocol.and_then(stated),
            target: found.target_port.map(found::Port::text),
            node_port: found.node_port.filter(|port| *port != 0),
        })
    };
    let ports = found.spec.ports.unwrap_or_default().into_iter().map(port);
    let service = Service {
        namespace: place.namespace(),
        r#type: found.spec.r#type.and_then(stated),
        selector: found.spec.selector.unwrap_or_default(),
        ports: ports.collect::<Result<_, _>>()?,
        external_name: found.spec.external_name.and_then(stated).map(|name| name.to_ascii_lowercase()),
        addresses: found.status.addresses(),
        annotations: found.metadata.annotations(),
    };
    Ok(Resource::new(place.head::<Service>(&mut found.metadata)?, service))
}

fn slice(place: Place<'_>, mut found: found::Slice) -> Result<Resource, Unreadable> {
    let service = found.metadata.label(SERVICE_NAME).filter(|name| !name.is_empty());
    let service = service.map(|name| place.id::<Service>(name)).transpose()?;
    let ports = found.ports.unwrap_or_default().into_iter();
    let endpoint = |found: found::Endpoint| {
        let pod = found.target_ref.filter(|target| {
            target.kind.as_deref() == Some("Pod") && place.holds(target.namespace.as_deref())
        });
        let pod = pod.map(|pod| place.id::<Pod>(&need(pod.name, "targetRef.name")?)).transpose()?;
        let conditions = found.conditions.unwrap_or_default();
        let (ready, terminating) = (conditions.ready, conditions.terminating);
        let addresses = addresses(need(found.addresses, "addresses")?);
        Ok(Endpoint { addresses, ready, terminating, pod })
    };
    let endpoints = found.endpoints.unwrap_or_default().into_iter().map(endpoint);
    let slice = EndpointSlice {
        namespace: place.namespace(),
        service,
        address_type: need(found.address_type, "addressType")?,
        ports: ports
            .map(|it| EndpointPort { name: it.name.and_then(stated), port: it.port, protocol: it.protocol })
            .collect(),
        endpoints: endpoints.collect::<Result<_, _>>()?,
    };
    Ok(Resource::new(place.head::<EndpointSlice>(&mut found.metadata)?, slice))
}

#[cfg(test)]
mod tests;
