//! Kubernetes Service and Container Registry.

mod clusters;
mod registries;

use futures::future::BoxFuture;

use super::part::whole;
use super::{Api, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::azure::containers::{
    AksCluster, CLUSTER, CLUSTERS, ContainerRegistry, GET_MANAGED_CLUSTER, GET_REGISTRY,
    LIST_MANAGED_CLUSTERS, LIST_REGISTRIES, REGISTRIES, REGISTRY,
};
use crate::model::call::Source;

pub(super) struct Containers;

impl Collector for Containers {
    fn id(&self) -> &'static str {
        "azure.containers"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&CLUSTERS, &CLUSTER, &REGISTRIES, &REGISTRY]
    }

    fn fetch<'a>(
        &'a self,
        api: &'a Api,
        source: &'static Source,
        item: Item<'a>,
        into: &'a mut Facts,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            match *source.calls[0] {
                LIST_MANAGED_CLUSTERS => {
                    let listed = api.list(&LIST_MANAGED_CLUSTERS, item).await;
                    listed.add(into, |head, _| clusters::listed(api, head));
                }
                GET_MANAGED_CLUSTER => {
                    let properties = api.get(&GET_MANAGED_CLUSTER, item, &[]).await;
                    let properties = properties.detail(into, whole(clusters::properties));
                    into.detail::<AksCluster, _>(item.key, properties, |cluster| &mut cluster.properties);
                }
                LIST_REGISTRIES => {
                    let listed = api.list(&LIST_REGISTRIES, item).await;
                    listed.add(into, |head, _| registries::listed(api, head));
                }
                GET_REGISTRY => {
                    let properties =
                        api.get(&GET_REGISTRY, item, &[]).await.detail(into, whole(registries::properties));
                    into.detail::<ContainerRegistry, _>(item.key, properties, |registry| {
                        &mut registry.properties
                    });
                }
                _ => debug_assert!(false, "{} is not asked here", source.primary()),
            }
        })
    }
}

#[cfg(test)]
mod tests;
