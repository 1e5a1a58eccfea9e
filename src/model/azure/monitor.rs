//! Application Insights and Log Analytics.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::authorization::LIST_PERMISSIONS;
use super::{get, inventory};
use crate::model::call::{Call, Source};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

pub const LIST_COMPONENTS: Call = inventory(
    "azure:ListInsightsComponents",
    &["Microsoft.Resources/subscriptions/resources/read", "Microsoft.Insights/components/read"],
    "resourceType eq 'Microsoft.Insights/components'",
);
pub const GET_COMPONENT: Call = get(
    "azure:GetInsightsComponent",
    &["Microsoft.Insights/components/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.Insights/components/*",
    &["2020-02-02"],
);
pub const GET_WORKSPACE: Call = get(
    "azure:GetWorkspace",
    &["Microsoft.OperationalInsights/workspaces/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.OperationalInsights/workspaces/*",
    &["2022-10-01", "2021-06-01"],
);

pub const COMPONENTS: Source = Source::of(&[&LIST_COMPONENTS, &LIST_PERMISSIONS]);
pub const COMPONENT: Source = Source::of(&[&GET_COMPONENT]);
pub const WORKSPACE: Source = Source::of(&[&GET_WORKSPACE]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationInsights {
    /// Name of its resource group, lower case.
    pub group: String,
    pub properties: Seen<InsightsProperties>,
}

/// Its keys and connection string are never kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InsightsProperties {
    pub state: Option<String>,
    /// `web`, `other`, ….
    pub application_type: Option<String>,
    /// `LogAnalytics`, or `ApplicationInsights` where it keeps its data itself.
    pub ingestion_mode: Option<String>,
    /// Id of the workspace it writes to, lower case.
    pub workspace: Option<String>,
    pub retention_days: Option<i64>,
    pub local_auth_disabled: Option<bool>,
}

impl Fact for ApplicationInsights {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::ApplicationInsights,
        name: "azure.application_insights",
        about: "An Application Insights component.",
        found: &[Found::Listed(&COMPONENTS)],
        details: &[Detail { field: "properties", source: &COMPONENT }],
        global: false,
    };
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogAnalyticsWorkspace {
    /// Name of its resource group, lower case.
    pub group: String,
    pub state: Option<String>,
    pub sku: Option<String>,
    pub retention_days: Option<i64>,
}

impl Fact for LogAnalyticsWorkspace {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::LogAnalyticsWorkspace,
        name: "azure.log_analytics_workspace",
        about: "A Log Analytics workspace.",
        found: &[Found::ById(&WORKSPACE)],
        details: &[],
        global: false,
    };
}
