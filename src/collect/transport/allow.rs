//! What collectors declared: the calls that may leave the process.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::model::aws::sts;
use crate::model::azure::resources;
use crate::model::call::Call;
use crate::model::kind::Kind;

/// Every call that collectors declared, by its id.
pub(super) static READS: LazyLock<BTreeMap<&'static str, &'static Call>> = LazyLock::new(|| {
    let sources = Kind::ALL
        .iter()
        .flat_map(|kind| kind.meta().sources())
        .chain([&sts::IDENTITY, &resources::SUBSCRIPTIONS]);
    sources.flat_map(|source| source.calls).map(|call| (call.id, *call)).collect()
});

/// Whether a path has a pattern's form: segment by segment, `*` any one that is not empty.
#[cfg(any(feature = "aws", feature = "kubernetes"))]
pub(super) fn is_path(path: &str, pattern: &str) -> bool {
    let fits = |(segment, wanted): (&str, &str)| wanted == segment || (wanted == "*" && !segment.is_empty());
    path.split('/').count() == pattern.split('/').count() && path.split('/').zip(pattern.split('/')).all(fits)
}
