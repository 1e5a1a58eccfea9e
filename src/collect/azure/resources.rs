//! Resource groups.

use futures::future::BoxFuture;
use serde::Deserialize;

use super::members::{Unreadable, lowered};
use super::{Api, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::azure::resources::{LIST_RESOURCE_GROUPS, RESOURCE_GROUPS, ResourceGroup};
use crate::model::call::Source;
use crate::model::kind::{Head, Resource};

pub(super) struct Resources;

impl Collector for Resources {
    fn id(&self) -> &'static str {
        "azure.resources"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&RESOURCE_GROUPS]
    }

    fn fetch<'a>(
        &'a self,
        api: &'a Api,
        _: &'static Source,
        item: Item<'a>,
        into: &'a mut Facts,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move { api.list(&LIST_RESOURCE_GROUPS, item).await.add(into, group) })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    managed_by: Option<String>,
    properties: Option<Properties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    provisioning_state: Option<String>,
}

fn group(head: Head, found: Group) -> Result<Resource, Unreadable> {
    let state = found.properties.and_then(|properties| properties.provisioning_state);
    Ok(Resource::new(head, ResourceGroup { state, managed_by: lowered(found.managed_by) }))
}
