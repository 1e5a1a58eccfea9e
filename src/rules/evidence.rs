//! The hops of an edge, as evidence.

use serde_json::Value;

use crate::model::call::Source;
use crate::model::kind::Resource;
use crate::model::run::Evidence;

/// A fact that was read from a resource.
pub(crate) fn hop(resource: &Resource, fact: &str, value: impl Into<Value>) -> Evidence {
    let call = resource.kind().meta().sources().next().map_or("", Source::primary);
    Evidence {
        fact: fact.to_owned(),
        value: value.into(),
        resource: resource.id.clone(),
        call: call.to_owned(),
        scope: Some(resource.scope.clone()),
        at: Some(resource.read_at),
    }
}
