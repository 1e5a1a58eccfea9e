//! DynamoDB.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::policy::PolicyDocument;
use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

const fn call(id: &'static str, permissions: &'static [&'static str]) -> Call {
    Call { id, sdk_service: "DynamoDB", permissions, wire: Wire::Target("DynamoDB_20120810") }
}

pub const LIST_TABLES: Call = call("dynamodb:ListTables", &["dynamodb:ListTables"]);
pub const DESCRIBE_TABLE: Call = call("dynamodb:DescribeTable", &["dynamodb:DescribeTable"]);
pub const LIST_TAGS_OF_RESOURCE: Call = call("dynamodb:ListTagsOfResource", &["dynamodb:ListTagsOfResource"]);

pub const DESCRIBE_CONTINUOUS_BACKUPS: Call =
    call("dynamodb:DescribeContinuousBackups", &["dynamodb:DescribeContinuousBackups"]);
pub const GET_RESOURCE_POLICY: Call = call("dynamodb:GetResourcePolicy", &["dynamodb:GetResourcePolicy"]);

pub const TABLES: Source = Source::of(&[&LIST_TABLES]);
pub const TABLE: Source = Source::of(&[&DESCRIBE_TABLE]);
pub const BACKUPS: Source = Source::of(&[&DESCRIBE_CONTINUOUS_BACKUPS]);
pub const POLICY: Source = Source::of(&[&GET_RESOURCE_POLICY]);
pub const TAGS: Source = Source::of(&[&LIST_TAGS_OF_RESOURCE]);

/// A table. The list tells its name alone; its ARN is put together from that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub description: Seen<Description>,
    pub point_in_time_recovery: Seen<bool>,
    /// Who else may use it; absent where it has none.
    pub policy: Seen<Option<PolicyDocument>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Description {
    pub status: Option<String>,
    /// `PROVISIONED` or `PAY_PER_REQUEST`; absent means `PROVISIONED`.
    pub billing: Option<String>,
    /// Key attributes, the hash key first.
    pub keys: Vec<String>,
    pub kms_key: Option<String>,
    pub deletion_protection: Option<bool>,
}

impl Fact for Table {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::DynamodbTable,
        name: "aws.dynamodb_table",
        about: "A DynamoDB table.",
        found: &[Found::Listed(&TABLES)],
        details: &[
            Detail { field: "description", source: &TABLE },
            Detail { field: "point_in_time_recovery", source: &BACKUPS },
            Detail { field: "policy", source: &POLICY },
            Detail { field: "tags", source: &TAGS },
        ],
        global: false,
    };
}
