//! Azure Resource Manager itself: subscriptions and resource groups.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::get;
use crate::model::call::{Call, Source};
use crate::model::kind::{Fact, Found, Kind, KindMeta};

pub const VERSIONS: &[&str] = &["2021-04-01"];

pub const LIST_SUBSCRIPTIONS: Call = get("azure:ListSubscriptions", &[], "/subscriptions", &["2022-12-01"]);
pub const GET_SUBSCRIPTION: Call = get(
    "azure:GetSubscription",
    &["Microsoft.Resources/subscriptions/read"],
    "/subscriptions/*",
    &["2022-12-01"],
);
pub const LIST_RESOURCE_GROUPS: Call = get(
    "azure:ListResourceGroups",
    &["Microsoft.Resources/subscriptions/resourceGroups/read"],
    "/subscriptions/*/resourcegroups",
    VERSIONS,
);

/// What is asked before anything else: which subscriptions there are, and that one is there.
pub const SUBSCRIPTIONS: Source = Source::of(&[&LIST_SUBSCRIPTIONS, &GET_SUBSCRIPTION]);
pub const RESOURCE_GROUPS: Source =
    Source::of(&[&LIST_RESOURCE_GROUPS, &super::authorization::LIST_PERMISSIONS]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceGroup {
    /// `Succeeded`, `Deleting`, ….
    pub state: Option<String>,
    /// Id of what manages it, as a cluster its node group; lower case.
    pub managed_by: Option<String>,
}

impl Fact for ResourceGroup {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::ResourceGroup,
        name: "azure.resource_group",
        about: "A resource group.",
        found: &[Found::Listed(&RESOURCE_GROUPS)],
        details: &[],
        global: false,
    };
}
