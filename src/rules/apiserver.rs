//! Which cloud cluster an API server is: facts of the two join only where that is proven.

use super::kleene::Verdict;
use super::{Ref, World};

/// Whether the API server that is asked in `kubernetes` is this cluster's: by its endpoint, by the certificates it is
/// trusted by, or by a node that is an instance of the cluster. A gap where nothing proves either.
pub fn is_of(_kubernetes: &crate::model::scope::Scope, cluster: Ref<'_>, _world: &World<'_>) -> Verdict {
    Err(super::evidence::undecided(cluster, "not judged yet"))
}
