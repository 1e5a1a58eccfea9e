//! Managed identities that users make.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::authorization::LIST_PERMISSIONS;
use super::get;
use crate::model::call::{Call, Source};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

const VERSIONS: &[&str] = &["2023-01-31"];

pub const LIST_IDENTITIES: Call = get(
    "azure:ListUserAssignedIdentities",
    &["Microsoft.ManagedIdentity/userAssignedIdentities/read"],
    "/subscriptions/*/providers/Microsoft.ManagedIdentity/userAssignedIdentities",
    VERSIONS,
);
pub const LIST_FEDERATED_CREDENTIALS: Call = get(
    "azure:ListFederatedCredentials",
    &["Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.ManagedIdentity/userAssignedIdentities/*/federatedIdentityCredentials",
    VERSIONS,
);

pub const IDENTITIES: Source = Source::of(&[&LIST_IDENTITIES, &LIST_PERMISSIONS]);
pub const FEDERATED_CREDENTIALS: Source = Source::of(&[&LIST_FEDERATED_CREDENTIALS]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManagedIdentity {
    /// Name of its resource group, lower case.
    pub group: String,
    /// Object id, lower case.
    pub principal: Option<String>,
    /// Lower case.
    pub client: Option<String>,
    /// Whose tokens it takes for its own.
    pub trusts: Seen<Vec<FederatedCredential>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FederatedCredential {
    /// Without its scheme and a slash at the end.
    pub issuer: String,
    /// `system:serviceaccount:namespace:name`
    pub subject: String,
    pub audiences: Vec<String>,
}

impl Fact for ManagedIdentity {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::ManagedIdentity,
        name: "azure.managed_identity",
        about: "A managed identity that a user made.",
        found: &[Found::Listed(&IDENTITIES)],
        details: &[Detail { field: "trusts", source: &FEDERATED_CREDENTIALS }],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        self.client.iter().chain(&self.principal).map(String::as_str).collect()
    }
}
