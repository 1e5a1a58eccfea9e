//! CodeBuild.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Fact, Found, Kind, KindMeta};

const fn call(id: &'static str, permissions: &'static [&'static str]) -> Call {
    Call { id, sdk_service: "CodeBuild", permissions, wire: Wire::Target("CodeBuild_20161006") }
}

pub const LIST_PROJECTS: Call = call("codebuild:ListProjects", &["codebuild:ListProjects"]);
pub const BATCH_GET_PROJECTS: Call = call("codebuild:BatchGetProjects", &["codebuild:BatchGetProjects"]);

pub const PROJECTS: Source = Source::of(&[&LIST_PROJECTS, &BATCH_GET_PROJECTS]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    pub role: Option<String>,
    /// `GITHUB`, `CODEPIPELINE`, ….
    pub source: Option<String>,
    pub image: Option<String>,
    pub privileged: Option<bool>,
    /// Variables by reference; the values of plain ones are never copied.
    pub environment: Vec<Variable>,
    /// Whether a webhook starts it.
    pub webhook: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    pub name: String,
    /// `PLAINTEXT`, `PARAMETER_STORE` or `SECRETS_MANAGER`.
    pub r#type: String,
    /// What a reference points at (`name:json-key:stage:version`, or an ARN); absent for plain ones.
    pub reference: Option<String>,
}

impl Fact for Project {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::CodebuildProject,
        name: "aws.codebuild_project",
        about: "A build project.",
        found: &[Found::Listed(&PROJECTS)],
        details: &[],
        global: false,
    };
}
