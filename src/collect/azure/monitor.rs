//! Application Insights and Log Analytics. Keys and connection strings are not looked at.

use futures::future::BoxFuture;

use super::members::{Unreadable, group_of};
use super::part::{Part, Unfit, resource, whole};
use super::{Api, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::azure::monitor::{
    ApplicationInsights, COMPONENT, COMPONENTS, GET_COMPONENT, GET_WORKSPACE, InsightsProperties,
    LIST_COMPONENTS, LogAnalyticsWorkspace, WORKSPACE,
};
use crate::model::call::Source;
use crate::model::kind::{Head, Resource};

pub(super) struct Monitor;

impl Collector for Monitor {
    fn id(&self) -> &'static str {
        "azure.monitor"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&COMPONENTS, &COMPONENT, &WORKSPACE]
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
                LIST_COMPONENTS => {
                    let listed = |head, _: Part<'_>| component(api, head);
                    api.list(&LIST_COMPONENTS, item).await.add(into, resource(listed));
                }
                GET_COMPONENT => {
                    let found = api.get(&GET_COMPONENT, item, &[]).await.detail(into, whole(properties));
                    into.detail::<ApplicationInsights, _>(item.key, found, |it| &mut it.properties);
                }
                GET_WORKSPACE => api.get(&GET_WORKSPACE, item, &[]).await.add(into, resource(workspace)),
                _ => debug_assert!(false, "{} is not asked here", source.primary()),
            }
        })
    }
}

fn component(api: &Api, head: Head) -> Result<Resource, Unreadable> {
    let facts = ApplicationInsights { group: group_of(&head)?, properties: api.unread(&COMPONENT, &head.id) };
    Ok(Resource::new(head, facts))
}

fn properties(found: Part<'_>) -> Result<InsightsProperties, Unfit> {
    Ok(InsightsProperties {
        state: found.text("properties.provisioningState")?,
        application_type: found.text("properties.Application_Type")?,
        ingestion_mode: found.text("properties.IngestionMode")?,
        workspace: found.lower("properties.WorkspaceResourceId")?,
        retention_days: found.number("properties.RetentionInDays")?,
        local_auth_disabled: found.flag("properties.DisableLocalAuth")?,
    })
}

fn workspace(head: Head, found: Part<'_>) -> Result<Resource, Unreadable> {
    let facts = LogAnalyticsWorkspace {
        group: group_of(&head)?,
        state: found.text("properties.provisioningState")?,
        sku: found.text("properties.sku.name")?,
        retention_days: found.number("properties.retentionInDays")?,
    };
    Ok(Resource::new(head, facts))
}

#[cfg(test)]
mod tests;
