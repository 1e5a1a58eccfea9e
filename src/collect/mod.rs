//! From requests to facts. Collectors copy what a service says: no judgement, no thresholds, no defaults for what is
//! missing. `transport` decides what may leave the process; `runner` asks, round by round, until nothing more is wanted.

#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "azure")]
pub mod azure;
#[cfg(any(feature = "aws", feature = "azure", feature = "kubernetes"))]
mod detail;
#[cfg(any(feature = "aws", feature = "azure", feature = "kubernetes"))]
mod entered;
pub mod facts;
#[cfg(feature = "kubernetes")]
pub mod kubernetes;
pub mod runner;
pub mod session;
pub mod target;
#[cfg(any(feature = "aws", feature = "azure", feature = "kubernetes"))]
mod transport;
#[cfg(all(
    any(feature = "aws", feature = "azure", feature = "kubernetes"),
    not(all(feature = "aws", feature = "azure", feature = "kubernetes"))
))]
mod unbuilt;

use crate::model::call::Source;
use crate::model::kind::Kind;
use crate::model::scope::Scope;
use crate::model::seen::Gap;

/// One thing to ask: a source, where, about what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub source: &'static Source,
    pub scope: Scope,
    /// The parent, or the resource; empty where the source lists a whole scope.
    pub key: String,
}

impl Request {
    /// What would close this gap; `None` where it was asked for already, or no source starts with its call.
    pub fn closing(gap: &Gap) -> Option<Self> {
        if !gap.can_be_closed() {
            return None;
        }
        let source =
            Kind::ALL.iter().flat_map(|kind| kind.meta().sources()).find(|s| s.primary() == gap.call)?;
        Some(Self { source, scope: gap.scope.clone(), key: gap.key.clone() })
    }
}

impl Ord for Request {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |r: &Self| (r.scope.clone(), r.source.primary(), r.key.clone());
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Request {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
