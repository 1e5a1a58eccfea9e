//! Role assignments of registries, and what roles allow.

use futures::future::BoxFuture;
use serde::Deserialize;

use super::members::{Unreadable, lower, need, stated};
use super::{Api, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::azure::authorization::{
    GET_ROLE_DEFINITION, LIST_ROLE_ASSIGNMENTS, Permission, ROLE_ASSIGNMENTS, ROLE_DEFINITION,
    RoleAssignment, RoleDefinition,
};
use crate::model::azure::containers::ContainerRegistry;
use crate::model::call::Source;
use crate::model::kind::{Head, Resource};

pub(super) struct Authorization;

impl Collector for Authorization {
    fn id(&self) -> &'static str {
        "azure.authorization"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&ROLE_ASSIGNMENTS, &ROLE_DEFINITION]
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
                LIST_ROLE_ASSIGNMENTS => {
                    let listed = api.list(&LIST_ROLE_ASSIGNMENTS, item).await;
                    let assignments = listed.all(into, |found| assignment(&api.scope.account, found));
                    let assignments = assignments.map(|mut all| {
                        all.sort();
                        all
                    });
                    into.detail::<ContainerRegistry, _>(item.key, assignments, |registry| {
                        &mut registry.assignments
                    });
                }
                GET_ROLE_DEFINITION => api.get(&GET_ROLE_DEFINITION, item, &[]).await.add(into, definition),
                _ => debug_assert!(false, "{} is not asked here", source.primary()),
            }
        })
    }
}

#[derive(Deserialize)]
struct Assignment {
    properties: Option<AssignmentProperties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssignmentProperties {
    principal_id: Option<String>,
    principal_type: Option<String>,
    role_definition_id: Option<String>,
    scope: Option<String>,
    condition: Option<String>,
}

fn assignment(subscription: &str, found: Assignment) -> Result<RoleAssignment, Unreadable> {
    let found = need(found.properties, "properties")?;
    let role = need(stated(found.role_definition_id), "roleDefinitionId")?;
    Ok(RoleAssignment {
        principal: lower(need(stated(found.principal_id), "principalId")?),
        principal_type: stated(found.principal_type),
        role: role_in(subscription, &role)?,
        scope: lower(need(stated(found.scope), "scope")?),
        condition: stated(found.condition),
    })
}

/// A role has one id in every subscription that it can be assigned in, but for where it is seen from.
fn role_in(subscription: &str, id: &str) -> Result<String, Unreadable> {
    const ROLES: &str = "/providers/microsoft.authorization/roledefinitions/";
    let id = lower(id);
    let (_, name) = id.split_once(ROLES).ok_or(Unreadable::Garbled("roleDefinitionId"))?;
    Ok(format!("/subscriptions/{subscription}{ROLES}{name}"))
}

#[derive(Deserialize)]
struct Definition {
    properties: Option<DefinitionProperties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DefinitionProperties {
    role_name: Option<String>,
    r#type: Option<String>,
    permissions: Option<Vec<Entry>>,
}

/// What a role, or all roles of the caller, allow in one entry.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    actions: Option<Vec<String>>,
    not_actions: Option<Vec<String>>,
    data_actions: Option<Vec<String>>,
    not_data_actions: Option<Vec<String>>,
}

impl From<Entry> for Permission {
    fn from(found: Entry) -> Self {
        Self {
            actions: found.actions.unwrap_or_default(),
            not_actions: found.not_actions.unwrap_or_default(),
            data_actions: found.data_actions.unwrap_or_default(),
            not_data_actions: found.not_data_actions.unwrap_or_default(),
        }
    }
}

fn definition(head: Head, found: Definition) -> Result<Resource, Unreadable> {
    let found = need(found.properties, "properties")?;
    let permissions = need(found.permissions, "permissions")?.into_iter().map(Permission::from).collect();
    let role =
        RoleDefinition { role_name: stated(found.role_name), r#type: stated(found.r#type), permissions };
    Ok(Resource::new(head, role))
}
