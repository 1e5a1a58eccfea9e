//! Registries: who they are for, and how they are set.

use std::collections::BTreeMap;

use super::super::Api;
use super::super::members::{Unreadable, group_of};
use super::super::part::{Part, Unfit};
use crate::model::azure::authorization::ROLE_ASSIGNMENTS;
use crate::model::azure::containers::{ContainerRegistry, REGISTRY, RegistryProperties};
use crate::model::kind::{Head, Resource};

/// The mode of registries that know of no modes.
const WHOLE: &str = "LegacyRegistryPermissions";

pub(super) fn listed(api: &Api, head: Head) -> Result<Resource, Unreadable> {
    let registry = ContainerRegistry {
        group: group_of(&head)?,
        properties: api.unread(&REGISTRY, &head.id),
        assignments: api.unread(&ROLE_ASSIGNMENTS, &head.id),
    };
    Ok(Resource::new(head, registry))
}

pub(super) fn properties(found: Part<'_>) -> Result<RegistryProperties, Unfit> {
    let it = found.part("properties")?;
    let mut policies = BTreeMap::new();
    for (name, policy) in it.part("policies")?.inner()? {
        if let Some(status) = policy.text("status")? {
            policies.insert(name.to_owned(), status.eq_ignore_ascii_case("enabled"));
        }
    }
    Ok(RegistryProperties {
        state: it.text("provisioningState")?,
        sku: found.text("sku.name")?,
        login_server: it.lower("loginServer")?,
        admin_enabled: it.flag("adminUserEnabled")?,
        anonymous_pull: it.flag("anonymousPullEnabled")?,
        public_network: it.text("publicNetworkAccess")?,
        role_mode: it.text("roleAssignmentMode")?.filter(|mode| mode != WHOLE),
        policies,
    })
}
