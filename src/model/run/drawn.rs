//! What is drawn, and how each part of it was judged.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::path::Expect;
use super::{PolicyPlace, Status};

/// A frame around boxes of the drawing. A node's `groups` name those it lies in, the outermost first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupResult {
    pub id: String,
    pub title: String,
    pub form: GroupForm,
}

/// What sort of thing a group stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GroupForm {
    Account,
    Network,
    Subnet,
    ResourceGroup,
    Cluster,
    Namespace,
    /// Boxes that belong together for another reason.
    #[default]
    Part,
}

impl GroupForm {
    pub const ALL: [Self; 7] = [
        Self::Account,
        Self::Network,
        Self::Subnet,
        Self::ResourceGroup,
        Self::Cluster,
        Self::Namespace,
        Self::Part,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Network => "network",
            Self::Subnet => "subnet",
            Self::ResourceGroup => "resource-group",
            Self::Cluster => "cluster",
            Self::Namespace => "namespace",
            Self::Part => "part",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NodeResult {
    pub id: String,
    /// One kind, or several joined by `|`.
    pub kind: String,
    /// Of the node's own count and asserts.
    pub status: Status,
    pub count: CountResult,
    /// Ids of the bound resources, sorted.
    pub bound: Vec<String>,
    /// Ids of those that may belong, but could not be decided.
    pub maybe: Vec<String>,
    pub policy: PolicyPlace,
    pub groups: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CountResult {
    /// As the design writes it, parameters resolved: `2`, `1..`.
    pub expected: String,
    pub at_least: u64,
    /// Absent where the upper end is open.
    pub at_most: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EdgeResult {
    pub id: String,
    pub from: String,
    pub rel: String,
    pub to: String,
    /// The arrow says what must not be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forbid: bool,
    pub status: Status,
    pub policy: PolicyPlace,
    pub groups: Vec<String>,
}

/// A packet-level proof.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PathResult {
    pub id: String,
    /// Nodes, or `internet`: where packets start, what they pass, where they end.
    pub via: Vec<String>,
    /// Nodes; a way through them does not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub avoid: Vec<String>,
    /// The packets it is about, in words.
    pub packet: String,
    pub expect: Expect,
    pub status: Status,
    pub policy: PolicyPlace,
    pub groups: Vec<String>,
}
