//! Registries: who they are for, and how they are set.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::Api;
use super::super::members::{Unreadable, group_of, lowered, need, stated};
use crate::model::azure::authorization::ROLE_ASSIGNMENTS;
use crate::model::azure::containers::{ContainerRegistry, REGISTRY, RegistryProperties};
use crate::model::kind::{Head, Resource};

pub(super) fn listed(api: &Api, head: Head, _: IgnoredAny) -> Result<Resource, Unreadable> {
    let registry = ContainerRegistry {
        group: group_of(&head)?,
        properties: api.unread(&REGISTRY, &head.id),
        assignments: api.unread(&ROLE_ASSIGNMENTS, &head.id),
    };
    Ok(Resource::new(head, registry))
}

#[derive(Deserialize)]
pub(super) struct Registry {
    sku: Option<Sku>,
    properties: Option<Properties>,
}

#[derive(Deserialize)]
struct Sku {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    provisioning_state: Option<String>,
    login_server: Option<String>,
    admin_user_enabled: Option<bool>,
    anonymous_pull_enabled: Option<bool>,
    public_network_access: Option<String>,
    role_assignment_mode: Option<String>,
    policies: Option<BTreeMap<String, Option<Policy>>>,
}

#[derive(Deserialize)]
struct Policy {
    status: Option<String>,
}

pub(super) fn properties(found: Registry) -> Result<RegistryProperties, Unreadable> {
    let properties = need(found.properties, "properties")?;
    let policies = properties.policies.unwrap_or_default().into_iter();
    let policies = policies.filter_map(|(name, policy)| {
        let on = policy?.status?.eq_ignore_ascii_case("enabled");
        Some((name, on))
    });
    Ok(RegistryProperties {
        state: stated(properties.provisioning_state),
        sku: found.sku.and_then(|sku| stated(sku.name)),
        login_server: lowered(properties.login_server),
        admin_enabled: properties.admin_user_enabled,
        anonymous_pull: properties.anonymous_pull_enabled,
        public_network: stated(properties.public_network_access),
        // The other mode is that of registries which know of none.
        role_mode: stated(properties.role_assignment_mode).filter(|mode| mode != "LegacyRegistryPermissions"),
        policies: policies.collect(),
    })
}
