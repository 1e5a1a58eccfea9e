//! Where a resource lives and where a call was made.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Global services live in this region.
pub const GLOBAL: &str = "global";

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    pub provider: Provider,
    pub account: String,
    pub region: String,
}

impl Scope {
    pub fn aws(account: &str, region: &str) -> Self {
        Self { provider: Provider::Aws, account: account.to_owned(), region: region.to_owned() }
    }

    /// A cluster; what it holds lies in no region.
    pub fn kubernetes(cluster: &str) -> Self {
        Self { provider: Provider::Kubernetes, account: cluster.to_owned(), region: String::new() }
    }

    /// A subscription, over all its locations: how Azure is asked. Its resources each lie in one of them.
    pub fn azure(subscription: &str) -> Self {
        Self { provider: Provider::Azure, account: subscription.to_ascii_lowercase(), region: String::new() }
    }

    /// Where what is told of a resource in this scope was asked for: Azure knows no calls to one location.
    #[must_use]
    pub fn asked(&self) -> Self {
        if self.provider == Provider::Azure { self.in_region("") } else { self.clone() }
    }

    /// Whether a resource of `other` scope lies in this one: a subscription's scope holds all its locations.
    pub fn holds(&self, other: &Self) -> bool {
        let anywhere = self.provider == Provider::Azure && self.region.is_empty();
        self.provider == other.provider
            && self.account == other.account
            && (anywhere || self.region == other.region)
    }

    /// The same account, another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }

    /// The same account, where its global services live.
    #[must_use]
    pub fn global(&self) -> Self {
        self.in_region(GLOBAL)
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.provider.as_str(), self.account)?;
        if self.region.is_empty() { Ok(()) } else { write!(f, "/{}", self.region) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    Aws,
    Azure,
    Kubernetes,
}

impl Provider {
    pub const ALL: [Self; 3] = [Self::Aws, Self::Azure, Self::Kubernetes];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Azure => "azure",
            Self::Kubernetes => "kubernetes",
        }
    }

    /// The one whose kinds and calls begin with this.
    pub fn of_prefix(prefix: &str) -> Option<Self> {
        match prefix {
            "aws" => Some(Self::Aws),
            "azure" => Some(Self::Azure),
            "k8s" => Some(Self::Kubernetes),
            _ => None,
        }
    }

    /// What people call a scope's account there.
    pub fn account(self) -> &'static str {
        match self {
            Self::Aws => "account",
            Self::Azure => "subscription",
            Self::Kubernetes => "cluster",
        }
    }
}
