//! What runs: deployments, their replica sets and pods, and the accounts that pods act as.

mod found;

use futures::future::BoxFuture;

use super::members::{Place, Unreadable, need, ready, stated};
use super::pages::Listing;
use super::{Api, Collector};
use crate::collect::facts::Facts;
use crate::model::call::Source;
use crate::model::kind::Resource;
use crate::model::kubernetes::workload::{
    Condition, Container, ContainerPort, DEPLOYMENTS, Deployment, LIST_DEPLOYMENTS, LIST_PODS,
    LIST_REPLICA_SETS, LIST_SERVICE_ACCOUNTS, PODS, Pod, REPLICA_SETS, ReplicaSet, Requirement,
    RunningContainer, SERVICE_ACCOUNTS, Selector, ServiceAccount,
};

/// A pod that has ended runs nothing and keeps its address from nobody.
const NOT_ENDED: &str = "status.phase!=Succeeded,status.phase!=Failed";

const REVISION: &str = "deployment.kubernetes.io/revision";
const AWS_ROLE: &str = "eks.amazonaws.com/role-arn";
const AZURE_CLIENT: &str = "azure.workload.identity/client-id";

pub(super) struct Workload;

impl Collector for Workload {
    fn id(&self) -> &'static str {
        "k8s.workload"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&DEPLOYMENTS, &REPLICA_SETS, &PODS, &SERVICE_ACCOUNTS]
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
                LIST_DEPLOYMENTS => {
                    api.list(&Listing::of(&LIST_DEPLOYMENTS, "DeploymentList"), key, into, deployment).await;
                }
                LIST_REPLICA_SETS => {
                    api.list(&Listing::of(&LIST_REPLICA_SETS, "ReplicaSetList"), key, into, replica_set)
                        .await;
                }
                LIST_PODS => {
                    let listing = Listing { fields: Some(NOT_ENDED), ..Listing::of(&LIST_PODS, "PodList") };
                    api.list(&listing, key, into, pod).await;
                }
                LIST_SERVICE_ACCOUNTS => {
                    let listing = Listing::of(&LIST_SERVICE_ACCOUNTS, "ServiceAccountList");
                    api.list(&listing, key, into, account).await;
                }
                _ => debug_assert!(false, "{} is not asked here", source.primary()),
            }
        })
    }
}

fn deployment(place: Place<'_>, mut found: found::Deployment) -> Result<Resource, Unreadable> {
    let (spec, status) = (found.spec, found.status);
    let template = need(spec.template, "spec.template")?;
    let pod = template.spec.unwrap_or_default();
    let init = pod.init_containers.unwrap_or_default().into_iter();
    let init = init.map(|found| (!found.stays(), found));
    let containers = pod.containers.unwrap_or_default().into_iter().map(|found| (false, found));
    let deployment = Deployment {
        namespace: place.namespace(),
        uid: found.metadata.uid()?,
        generation: found.metadata.generation,
        observed_generation: status.observed_generation,
        replicas: spec.replicas,
        pods: status.replicas,
        updated: status.updated_replicas.unwrap_or_default(),
        ready: status.ready_replicas.unwrap_or_default(),
        available: status.available_replicas.unwrap_or_default(),
        paused: spec.paused.unwrap_or_default(),
        selector: selector(need(spec.selector, "spec.selector")?)?,
        pod_labels: template.metadata.and_then(|metadata| metadata.labels).unwrap_or_default(),
        containers: init.chain(containers).map(container).collect::<Result<_, _>>()?,
        service_account: pod.service_account_name.and_then(stated),
        conditions: status
            .conditions
            .unwrap_or_default()
            .into_iter()
            .map(condition)
            .collect::<Result<_, _>>()?,
    };
    Ok(Resource::new(place.head::<Deployment>(&mut found.metadata)?, deployment))
}

fn selector(found: found::Selector) -> Result<Selector, Unreadable> {
    let requirement = |found: found::Requirement| {
        Ok(Requirement {
            key: need(found.key, "matchExpressions.key")?,
            operator: need(found.operator, "matchExpressions.operator")?,
            values: found.values.unwrap_or_default(),
        })
    };
    let expressions = found.match_expressions.unwrap_or_default().into_iter().map(requirement);
    Ok(Selector {
        labels: found.match_labels.unwrap_or_default(),
        expressions: expressions.collect::<Result<_, _>>()?,
    })
}

fn container((init, found): (bool, found::Container)) -> Result<Container, Unreadable> {
    let port = |found: found::ContainerPort| {
        let port = need(found.container_port, "containerPort")?;
        Ok(ContainerPort { name: found.name.and_then(stated), port })
    };
    let ports = found.ports.unwrap_or_default().into_iter().map(port);
    Ok(Container {
        name: need(found.name, "container.name")?,
        image: found.image.and_then(stated),
        init,
        ports: ports.collect::<Result<_, _>>()?,
    })
}

fn condition(found: super::members::Condition) -> Result<Condition, Unreadable> {
    Ok(Condition {
        r#type: need(found.r#type, "condition.type")?,
        status: need(found.status, "condition.status")?,
        reason: found.reason.and_then(stated),
    })
}

fn replica_set(place: Place<'_>, mut found: found::ReplicaSet) -> Result<Resource, Unreadable> {
    let set = ReplicaSet {
        namespace: place.namespace(),
        uid: found.metadata.uid()?,
        deployment: found.metadata.owner(Some("Deployment")),
        revision: found.metadata.annotation(REVISION).and_then(|revision| revision.parse().ok()),
        replicas: found.spec.replicas,
        ready: found.status.ready_replicas.unwrap_or_default(),
    };
    Ok(Resource::new(place.head::<ReplicaSet>(&mut found.metadata)?, set))
}

fn pod(place: Place<'_>, mut found: found::Pod) -> Result<Resource, Unreadable> {
    let (spec, status) = (found.spec, found.status);
    let statuses = status.container_statuses.into_iter().chain(status.init_container_statuses).flatten();
    let statuses: Vec<_> = statuses.collect();
    let container = |found: found::Container| {
        let name = need(found.name, "container.name")?;
        let of_it = statuses.iter().find(|status| status.name.as_ref() == Some(&name));
        let image_id = of_it.and_then(|status| status.image_id.clone()).and_then(stated);
        Ok(RunningContainer { name, image: found.image.and_then(stated), image_id })
    };
    let staying = spec.init_containers.unwrap_or_default().into_iter().filter(found::Container::stays);
    let containers = spec.containers.unwrap_or_default().into_iter().chain(staying);
    let pod = Pod {
        namespace: place.namespace(),
        owner: found.metadata.owner(None),
        phase: status.phase.and_then(stated),
        ready: ready(&status.conditions.unwrap_or_default()),
        deleting: found.metadata.deleting(),
        addresses: found::ips(status.pod_ip, status.pod_ips),
        host_addresses: found::ips(status.host_ip, status.host_ips),
        host_network: spec.host_network.unwrap_or_default(),
        node: spec.node_name.and_then(stated),
        service_account: spec.service_account_name.and_then(stated),
        containers: containers.map(container).collect::<Result<_, _>>()?,
    };
    Ok(Resource::new(place.head::<Pod>(&mut found.metadata)?, pod))
}

fn account(place: Place<'_>, mut found: found::ServiceAccount) -> Result<Resource, Unreadable> {
    let annotation = |name| found.metadata.annotation(name).map(str::to_owned).and_then(stated);
    let account = ServiceAccount {
        namespace: place.namespace(),
        aws_role: annotation(AWS_ROLE),
        azure_client: annotation(AZURE_CLIENT),
    };
    Ok(Resource::new(place.head::<ServiceAccount>(&mut found.metadata)?, account))
}

#[cfg(test)]
mod tests;
