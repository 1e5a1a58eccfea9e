//! Identity and Access Management.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::policy::PolicyDocument;
use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

const fn call(id: &'static str, permissions: &'static [&'static str]) -> Call {
    Call { id, sdk_service: "IAM", permissions, wire: Wire::Query }
}

pub const GET_ROLE: Call = call("iam:GetRole", &["iam:GetRole"]);
pub const LIST_ATTACHED_ROLE_POLICIES: Call =
    call("iam:ListAttachedRolePolicies", &["iam:ListAttachedRolePolicies"]);
pub const LIST_ROLE_POLICIES: Call = call("iam:ListRolePolicies", &["iam:ListRolePolicies"]);
pub const GET_ROLE_POLICY: Call = call("iam:GetRolePolicy", &["iam:GetRolePolicy"]);
pub const GET_POLICY: Call = call("iam:GetPolicy", &["iam:GetPolicy"]);
pub const GET_POLICY_VERSION: Call = call("iam:GetPolicyVersion", &["iam:GetPolicyVersion"]);

pub const LIST_OPEN_ID_CONNECT_PROVIDERS: Call =
    call("iam:ListOpenIDConnectProviders", &["iam:ListOpenIDConnectProviders"]);
pub const GET_OPEN_ID_CONNECT_PROVIDER: Call =
    call("iam:GetOpenIDConnectProvider", &["iam:GetOpenIDConnectProvider"]);

/// Those that tokens of clusters (and others) are trusted by.
pub const OIDC_PROVIDERS: Source =
    Source::of(&[&LIST_OPEN_ID_CONNECT_PROVIDERS, &GET_OPEN_ID_CONNECT_PROVIDER]);
pub const ROLE: Source = Source::of(&[&GET_ROLE]);
pub const ATTACHED_POLICIES: Source = Source::of(&[&LIST_ATTACHED_ROLE_POLICIES]);
pub const INLINE_POLICIES: Source = Source::of(&[&LIST_ROLE_POLICIES, &GET_ROLE_POLICY]);
pub const POLICY: Source = Source::of(&[&GET_POLICY, &GET_POLICY_VERSION]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Who may assume it.
    pub trust: PolicyDocument,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// ARNs.
    pub attached_policies: Seen<Vec<String>>,
    pub inline_policies: Seen<BTreeMap<String, PolicyDocument>>,
}

impl Fact for Role {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::IamRole,
        name: "aws.iam_role",
        about: "A role, read where something assumes it.",
        found: &[Found::ById(&ROLE)],
        details: &[
            Detail { field: "attached_policies", source: &ATTACHED_POLICIES },
            Detail { field: "inline_policies", source: &INLINE_POLICIES },
        ],
        global: true,
    };
}

/// A managed policy's default version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub version: String,
    pub document: PolicyDocument,
}

impl Fact for Policy {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::IamPolicy,
        name: "aws.iam_policy",
        about: "A managed policy, read where a role is attached to it or bounded by it.",
        found: &[Found::ById(&POLICY)],
        details: &[],
        global: true,
    };
}

/// An identity provider that roles may trust: a cluster's, where its pods act as roles by their own tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OidcProvider {
    /// Without its scheme.
    pub url: String,
    /// The audiences it is trusted for.
    pub clients: Vec<String>,
}

impl Fact for OidcProvider {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::IamOidcProvider,
        name: "aws.iam_oidc_provider",
        about: "An identity provider whose tokens roles may trust.",
        found: &[Found::Listed(&OIDC_PROVIDERS)],
        details: &[],
        global: true,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.url]
    }
}
