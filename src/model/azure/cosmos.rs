//! Cosmos DB.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::authorization::LIST_PERMISSIONS;
use super::{get, inventory};
use crate::model::call::{Call, Source};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

const VERSIONS: &[&str] = &["2024-05-15", "2021-10-15"];

pub const LIST_DATABASE_ACCOUNTS: Call = inventory(
    "azure:ListDatabaseAccounts",
    &["Microsoft.Resources/subscriptions/resources/read", "Microsoft.DocumentDB/databaseAccounts/read"],
    "resourceType eq 'Microsoft.DocumentDB/databaseAccounts'",
);
pub const GET_DATABASE_ACCOUNT: Call = get(
    "azure:GetDatabaseAccount",
    &["Microsoft.DocumentDB/databaseAccounts/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.DocumentDB/databaseAccounts/*",
    VERSIONS,
);
pub const LIST_SQL_DATABASES: Call = get(
    "azure:ListSqlDatabases",
    &["Microsoft.DocumentDB/databaseAccounts/sqlDatabases/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.DocumentDB/databaseAccounts/*/sqlDatabases",
    VERSIONS,
);
pub const LIST_SQL_CONTAINERS: Call = get(
    "azure:ListSqlContainers",
    &["Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.DocumentDB/databaseAccounts/*/sqlDatabases/*/containers",
    VERSIONS,
);
pub const LIST_SQL_ROLE_ASSIGNMENTS: Call = get(
    "azure:ListSqlRoleAssignments",
    &["Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.DocumentDB/databaseAccounts/*/sqlRoleAssignments",
    VERSIONS,
);
pub const LIST_SQL_ROLE_DEFINITIONS: Call = get(
    "azure:ListSqlRoleDefinitions",
    &["Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.DocumentDB/databaseAccounts/*/sqlRoleDefinitions",
    VERSIONS,
);

pub const ACCOUNTS: Source = Source::of(&[&LIST_DATABASE_ACCOUNTS, &LIST_PERMISSIONS]);
pub const ACCOUNT: Source = Source::of(&[&GET_DATABASE_ACCOUNT]);
pub const DATABASES: Source = Source::of(&[&LIST_SQL_DATABASES]);
pub const CONTAINERS: Source = Source::of(&[&LIST_SQL_CONTAINERS]);
pub const GRANTS: Source = Source::of(&[&LIST_SQL_ROLE_ASSIGNMENTS, &LIST_SQL_ROLE_DEFINITIONS]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CosmosAccount {
    /// Name of its resource group, lower case.
    pub group: String,
    pub properties: Seen<CosmosProperties>,
    /// Who has a role over its data.
    pub grants: Seen<Vec<Grant>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CosmosProperties {
    pub state: Option<String>,
    /// `GlobalDocumentDB`, `MongoDB` or `Parse`.
    pub api: Option<String>,
    /// `Standard`
    pub offer: Option<String>,
    /// `BoundedStaleness`, `Session`, ….
    pub consistency: Option<String>,
    /// How many versions reads may lag behind.
    pub staleness_versions: Option<i64>,
    /// How many seconds reads may lag behind.
    pub staleness_seconds: Option<i64>,
    pub automatic_failover: Option<bool>,
    pub multiple_write_locations: Option<bool>,
    /// In the order of failover.
    pub locations: Vec<String>,
    /// `Enabled`, `Disabled` or `SecuredByPerimeter`.
    pub public_network: Option<String>,
    /// Addresses and networks that are let in, where not everybody is.
    pub address_rules: Vec<String>,
    pub network_rules: Vec<String>,
    /// Private endpoints that lead here, or want to; absent where that was not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_endpoints: Option<Vec<PrivateConnection>>,
    /// Keys log nobody in.
    pub local_auth_disabled: Option<bool>,
    /// `Periodic` or `Continuous`.
    pub backup: Option<String>,
    pub minimal_tls: Option<String>,
    /// Host of its endpoint, lower case.
    pub endpoint: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrivateConnection {
    /// Id of the private endpoint, lower case.
    pub endpoint: Option<String>,
    /// `Approved`, `Pending`, `Rejected` or `Disconnected`.
    pub status: Option<String>,
}

/// A role over an account's data, given to somebody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Object id, lower case.
    pub principal: String,
    /// Id of the account, or of a database or container in it; lower case.
    pub scope: String,
    /// What the role allows; may hold `*`.
    pub data_actions: Vec<String>,
}

impl Fact for CosmosAccount {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::CosmosAccount,
        name: "azure.cosmos_account",
        about: "A Cosmos DB account.",
        found: &[Found::Listed(&ACCOUNTS)],
        details: &[
            Detail { field: "properties", source: &ACCOUNT },
            Detail { field: "grants", source: &GRANTS },
        ],
        global: false,
    };
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CosmosDatabase {
    /// Id.
    pub database_account: String,
}

impl Fact for CosmosDatabase {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::CosmosDatabase,
        name: "azure.cosmos_database",
        about: "A SQL database of a Cosmos DB account.",
        found: &[Found::Within(Kind::CosmosAccount, &DATABASES)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.database_account]
    }
    fn owner(&self) -> Option<&str> {
        Some(&self.database_account)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CosmosContainer {
    /// Id.
    pub database: String,
    /// Paths of its partition key.
    pub partition_key: Vec<String>,
}

impl Fact for CosmosContainer {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::CosmosContainer,
        name: "azure.cosmos_container",
        about: "A container of a Cosmos DB SQL database.",
        found: &[Found::Within(Kind::CosmosDatabase, &CONTAINERS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.database]
    }
    fn owner(&self) -> Option<&str> {
        Some(&self.database)
    }
}
