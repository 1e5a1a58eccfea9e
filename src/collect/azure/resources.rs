//! Resource groups.

use futures::future::BoxFuture;

use super::members::Unreadable;
use super::part::{Part, resource};
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
        Box::pin(async move { api.list(&LIST_RESOURCE_GROUPS, item).await.add(into, resource(group)) })
    }
}

fn group(head: Head, found: Part<'_>) -> Result<Resource, Unreadable> {
    let state = found.text("properties.provisioningState")?;
    Ok(Resource::new(head, ResourceGroup { state, managed_by: found.lower("managedBy")? }))
}

#[cfg(test)]
mod tests {
    use super::super::canned::{Canned, SUBSCRIPTION, list};
    use super::*;

    #[tokio::test]
    async fn a_group_says_what_manages_it() {
        let id = |name: &str| format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}");
        let groups = format!(
            r#"{{"id":"{}","name":"MC_Core","type":"Microsoft.Resources/resourceGroups","location":"westeurope",
            "managedBy":"/Subscriptions/X/Core","tags":{{"env":"dev"}},"properties":{{"provisioningState":"Succeeded"}}}},
            {{"id":"{}","properties":null}}"#,
            id("MC_Core"),
            id("Bare")
        );
        let found = Canned::new(&[(200, &list(&groups))]).fetch(&Resources, &RESOURCE_GROUPS, None, "").await;
        let nodes = found.resource(&id("MC_Core"));
        assert_eq!((&*nodes.name, &*nodes.scope.region), ("MC_Core", "westeurope"));
        let managed = ResourceGroup {
            state: Some("Succeeded".to_owned()),
            managed_by: Some("/subscriptions/x/core".to_owned()),
        };
        assert_eq!(nodes.as_kind(), Some(&managed));
        let bare = found.resource(&id("Bare"));
        assert_eq!(bare.as_kind(), Some(&ResourceGroup { state: None, managed_by: None }));
    }
}
