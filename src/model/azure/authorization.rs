//! Role assignments and what roles allow; and what the caller may read, by which a list is known to be whole.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SERVICE, get};
use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Fact, Found, Kind, KindMeta};

const VERSIONS: &[&str] = &["2022-04-01", "2018-09-01-preview", "2018-01-01-preview"];

/// Asked once a subscription; a list over it is complete only where this shows the right to read all of it.
pub const LIST_PERMISSIONS: Call = get(
    "azure:ListPermissions",
    &["Microsoft.Authorization/permissions/read"],
    "/subscriptions/*/providers/Microsoft.Authorization/permissions",
    VERSIONS,
);
/// Those at a registry and above it.
pub const LIST_ROLE_ASSIGNMENTS: Call = Call {
    id: "azure:ListRegistryRoleAssignments",
    sdk_service: SERVICE,
    permissions: &["Microsoft.Authorization/roleAssignments/read"],
    wire: Wire::Arm {
        path: "/subscriptions/*/resourceGroups/*/providers/Microsoft.ContainerRegistry/registries/*/providers/Microsoft.Authorization/roleAssignments",
        versions: VERSIONS,
        filter: Some("atScope()"),
    },
};
pub const GET_ROLE_DEFINITION: Call = get(
    "azure:GetRoleDefinition",
    &["Microsoft.Authorization/roleDefinitions/read"],
    "/subscriptions/*/providers/Microsoft.Authorization/roleDefinitions/*",
    VERSIONS,
);

pub const ROLE_ASSIGNMENTS: Source = Source::of(&[&LIST_ROLE_ASSIGNMENTS]);
pub const ROLE_DEFINITION: Source = Source::of(&[&GET_ROLE_DEFINITION]);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleAssignment {
    /// Object id, lower case.
    pub principal: String,
    /// `User`, `Group`, `ServicePrincipal`, …; managed identities are service principals.
    pub principal_type: Option<String>,
    /// Id of the role's definition, lower case, under the subscription it was asked in.
    pub role: String,
    /// Where it holds: the id of a resource, a group, a subscription, `/` or a management group; lower case.
    pub scope: String,
    /// When it holds, in Azure's own language; absent: always.
    pub condition: Option<String>,
}

/// What a role allows: what any of its entries allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleDefinition {
    /// `AcrPull`
    pub role_name: Option<String>,
    /// `BuiltInRole` or `CustomRole`.
    pub r#type: Option<String>,
    pub permissions: Vec<Permission>,
}

/// Actions less those that are not; both may hold `*`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    pub actions: Vec<String>,
    pub not_actions: Vec<String>,
    pub data_actions: Vec<String>,
    pub not_data_actions: Vec<String>,
}

impl Permission {
    /// Whether it allows an action of the control plane.
    pub fn allows(&self, action: &str) -> bool {
        covers(&self.actions, action) && !covers(&self.not_actions, action)
    }

    /// Whether it allows an action on data.
    pub fn allows_data(&self, action: &str) -> bool {
        covers(&self.data_actions, action) && !covers(&self.not_data_actions, action)
    }
}

fn covers(patterns: &[String], action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    patterns.iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), &action))
}

/// A `*` stands for any run of characters, slashes too.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let Some(end) = parts.pop() else { return false };
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(end)
}

impl Fact for RoleDefinition {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::RoleDefinition,
        name: "azure.role_definition",
        about: "A role of Azure: what it allows.",
        found: &[Found::ById(&ROLE_DEFINITION)],
        details: &[],
        global: false,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(actions: &[&str], not_actions: &[&str]) -> Permission {
        let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        Permission { actions: owned(actions), not_actions: owned(not_actions), ..Permission::default() }
    }

    #[test]
    fn a_role_allows_its_actions_less_those_that_are_not() {
        const PULL: &str = "Microsoft.ContainerRegistry/registries/pull/read";
        assert!(role(&["*"], &[]).allows(PULL));
        assert!(role(&["*/read"], &[]).allows(PULL));
        assert!(role(&["microsoft.containerregistry/registries/*"], &[]).allows(PULL));
        assert!(role(&["Microsoft.ContainerRegistry/*/read"], &[]).allows(PULL));
        assert!(!role(&["*/write"], &[]).allows(PULL));
        assert!(!role(&["Microsoft.ContainerRegistry/registries/read"], &[]).allows(PULL));
        assert!(!role(&["*"], &["Microsoft.ContainerRegistry/registries/pull/*"]).allows(PULL));
        assert!(!role(&["*"], &[]).allows_data(PULL), "actions are not data actions");
        assert!(!role(&[], &[]).allows(PULL));
    }
}
