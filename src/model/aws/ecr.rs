//! Elastic Container Registry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::policy::PolicyDocument;
use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

const fn call(id: &'static str, permissions: &'static [&'static str]) -> Call {
    Call { id, sdk_service: "ECR", permissions, wire: Wire::Target("AmazonEC2ContainerRegistry_V20150921") }
}

pub const DESCRIBE_REPOSITORIES: Call = call("ecr:DescribeRepositories", &["ecr:DescribeRepositories"]);
pub const GET_REPOSITORY_POLICY: Call = call("ecr:GetRepositoryPolicy", &["ecr:GetRepositoryPolicy"]);
pub const LIST_TAGS_FOR_RESOURCE: Call = call("ecr:ListTagsForResource", &["ecr:ListTagsForResource"]);

pub const GET_LIFECYCLE_POLICY: Call = call("ecr:GetLifecyclePolicy", &["ecr:GetLifecyclePolicy"]);
pub const BATCH_GET_REPOSITORY_SCANNING_CONFIGURATION: Call =
    call("ecr:BatchGetRepositoryScanningConfiguration", &["ecr:BatchGetRepositoryScanningConfiguration"]);

pub const REPOSITORIES: Source = Source::of(&[&DESCRIBE_REPOSITORIES]);
pub const REPOSITORY_POLICY: Source = Source::of(&[&GET_REPOSITORY_POLICY]);
pub const LIFECYCLE_POLICY: Source = Source::of(&[&GET_LIFECYCLE_POLICY]);
/// How a repository's images are really scanned, the registry's own settings taken in.
pub const SCANNING: Source = Source::batched(&[&BATCH_GET_REPOSITORY_SCANNING_CONFIGURATION], 25);
pub const TAGS: Source = Source::of(&[&LIST_TAGS_FOR_RESOURCE]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repository {
    /// The registry's account.
    pub registry: String,
    /// What images are named by: `<account>.dkr.ecr.<region>.amazonaws.com/<name>`.
    pub uri: String,
    pub scan_on_push: Option<bool>,
    /// `MUTABLE`, `IMMUTABLE`, ….
    pub tag_mutability: Option<String>,
    pub encryption: Option<String>,
    pub kms_key: Option<String>,
    /// Who else may use it; absent where it has none.
    pub policy: Seen<Option<PolicyDocument>>,
    /// The text of what says which images go; absent where none go.
    pub lifecycle: Seen<Option<String>>,
    /// `SCAN_ON_PUSH`, `CONTINUOUS_SCAN` or `MANUAL`.
    pub scanning: Seen<Option<String>>,
}

impl Fact for Repository {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::EcrRepository,
        name: "aws.ecr_repository",
        about: "An image repository.",
        found: &[Found::Listed(&REPOSITORIES)],
        details: &[
            Detail { field: "lifecycle", source: &LIFECYCLE_POLICY },
            Detail { field: "policy", source: &REPOSITORY_POLICY },
            Detail { field: "scanning", source: &SCANNING },
            Detail { field: "tags", source: &TAGS },
        ],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.uri]
    }
}
