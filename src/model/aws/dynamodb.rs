//! DynamoDB.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

const fn call(id: &'static str, permissions: &'static [&'static str]) -> Call {
    Call { id, sdk_service: "DynamoDB", permissions, wire: Wire::Target("DynamoDB_20120810") }
}

pub const LIST_TABLES: Call = call("dynamodb:ListTables", &["dynamodb:ListTables"]);
pub const DESCRIBE_TABLE: Call = call("dynamodb:DescribeTable", &["dynamodb:DescribeTable"]);
pub const LIST_TAGS_OF_RESOURCE: Call = call("dynamodb:ListTagsOfResource", &["dynamodb:ListTagsOfResource"]);

pub const TABLES: Source = Source::of(&[&LIST_TABLES]);
pub const TABLE: Source = Source::of(&[&DESCRIBE_TABLE]);
pub const TAGS: Source = Source::of(&[&LIST_TAGS_OF_RESOURCE]);

/// A table. The list tells its name alone; its ARN is put together from that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub description: Seen<Description>,
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
        details: &[Detail { field: "description", source: &TABLE }, Detail { field: "tags", source: &TAGS }],
        global: false,
    };
}
