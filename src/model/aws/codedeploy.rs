//! CodeDeploy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

const fn call(id: &'static str, permissions: &'static [&'static str]) -> Call {
    Call { id, sdk_service: "CodeDeploy", permissions, wire: Wire::Target("CodeDeploy_20141006") }
}

pub const LIST_APPLICATIONS: Call = call("codedeploy:ListApplications", &["codedeploy:ListApplications"]);
pub const BATCH_GET_APPLICATIONS: Call =
    call("codedeploy:BatchGetApplications", &["codedeploy:BatchGetApplications"]);
pub const LIST_DEPLOYMENT_GROUPS: Call =
    call("codedeploy:ListDeploymentGroups", &["codedeploy:ListDeploymentGroups"]);
pub const BATCH_GET_DEPLOYMENT_GROUPS: Call =
    call("codedeploy:BatchGetDeploymentGroups", &["codedeploy:BatchGetDeploymentGroups"]);
pub const LIST_TAGS_FOR_RESOURCE: Call =
    call("codedeploy:ListTagsForResource", &["codedeploy:ListTagsForResource"]);

pub const APPLICATIONS: Source = Source::of(&[&LIST_APPLICATIONS]);
pub const APPLICATION: Source = Source::batched(&[&BATCH_GET_APPLICATIONS], 100);
pub const GROUPS: Source = Source::of(&[&LIST_DEPLOYMENT_GROUPS, &BATCH_GET_DEPLOYMENT_GROUPS]);
pub const TAGS: Source = Source::of(&[&LIST_TAGS_FOR_RESOURCE]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// `ECS`, `Lambda` or `Server`.
    pub compute_platform: Seen<Option<String>>,
}

impl Fact for Application {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::CodedeployApplication,
        name: "aws.codedeploy_application",
        about: "A CodeDeploy application.",
        found: &[Found::Listed(&APPLICATIONS)],
        details: &[
            Detail { field: "compute_platform", source: &APPLICATION },
            Detail { field: "tags", source: &TAGS },
        ],
        global: false,
    };
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The application's id.
    pub application: String,
    pub compute_platform: Option<String>,
    pub role: Option<String>,
    pub services: Vec<ServiceRef>,
    /// Names of the target groups it shifts traffic between.
    pub target_groups: Vec<String>,
    /// Status of the last deployment that was attempted.
    pub last_status: Option<String>,
}

/// An ECS service by the names CodeDeploy knows it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceRef {
    pub cluster: String,
    pub service: String,
}

impl Fact for Group {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::CodedeployGroup,
        name: "aws.codedeploy_group",
        about: "A deployment group of a CodeDeploy application.",
        found: &[Found::Within(Kind::CodedeployApplication, &GROUPS)],
        details: &[Detail { field: "tags", source: &TAGS }],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.application]
    }
}
