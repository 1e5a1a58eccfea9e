//! CodePipeline.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

const fn call(id: &'static str, permissions: &'static [&'static str]) -> Call {
    Call { id, sdk_service: "CodePipeline", permissions, wire: Wire::Target("CodePipeline_20150709") }
}

pub const LIST_PIPELINES: Call = call("codepipeline:ListPipelines", &["codepipeline:ListPipelines"]);
pub const GET_PIPELINE: Call = call("codepipeline:GetPipeline", &["codepipeline:GetPipeline"]);
pub const LIST_TAGS_FOR_RESOURCE: Call =
    call("codepipeline:ListTagsForResource", &["codepipeline:ListTagsForResource"]);
pub const LIST_PIPELINE_EXECUTIONS: Call =
    call("codepipeline:ListPipelineExecutions", &["codepipeline:ListPipelineExecutions"]);

pub const PIPELINES: Source = Source::of(&[&LIST_PIPELINES]);
pub const PIPELINE: Source = Source::of(&[&GET_PIPELINE]);
pub const TAGS: Source = Source::of(&[&LIST_TAGS_FOR_RESOURCE]);
pub const LAST_EXECUTION: Source = Source::of(&[&LIST_PIPELINE_EXECUTIONS]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    pub definition: Seen<Definition>,
    /// The newest execution; absent where it never ran.
    pub last_execution: Seen<Option<Execution>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    pub role: String,
    pub stores: Vec<Store>,
    pub stages: Vec<Stage>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// `S3`
    pub r#type: String,
    /// The bucket's name.
    pub location: String,
    /// Set where the pipeline has one store a region.
    pub region: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub name: String,
    pub actions: Vec<Action>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    pub name: String,
    /// `Source`, `Build`, `Deploy`, ….
    pub category: String,
    /// `CodeBuild`, `CodeDeploy`, `CodeDeployToECS`, `ECS`, `S3`, `GitHub`, ….
    pub provider: String,
    pub region: Option<String>,
    pub role: Option<String>,
    /// Only the members that name resources; tokens and variables are never copied.
    pub configuration: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Execution {
    pub id: String,
    /// `Succeeded`, `Failed`, `InProgress`, ….
    pub status: String,
    pub started: Option<DateTime<Utc>>,
}

impl Fact for Pipeline {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::Codepipeline,
        name: "aws.codepipeline",
        about: "A delivery pipeline.",
        found: &[Found::Listed(&PIPELINES)],
        details: &[
            Detail { field: "definition", source: &PIPELINE },
            Detail { field: "last_execution", source: &LAST_EXECUTION },
            Detail { field: "tags", source: &TAGS },
        ],
        global: false,
    };
}
