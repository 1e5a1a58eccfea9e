//! What an edge rests on, and what keeps one from being decided.

use serde_json::Value;

use crate::model::call::Source;
use crate::model::kind::Resource;
use crate::model::run::Evidence;
use crate::model::seen::Gap;

/// One hop: `value` was read from `resource`, by the call that tells this field, or else the one that finds its kind.
pub(crate) fn hop(resource: &Resource, fact: &str, value: impl Into<Value>) -> Evidence {
    let field = fact.split('.').next().unwrap_or(fact);
    let call = resource.kind().meta().detail(field).map_or_else(|| primary(resource), Source::primary);
    Evidence {
        fact: fact.to_owned(),
        value: value.into(),
        resource: resource.id.clone(),
        call: call.to_owned(),
        scope: Some(resource.scope.clone()),
        at: Some(resource.read_at),
    }
}

/// A gap that no further call closes: the facts about `resource` are there, but don't say.
pub(crate) fn undecided(resource: &Resource, why: impl Into<String>) -> Gap {
    Gap { detail: why.into(), ..Gap::unread(primary(resource), &resource.scope, &resource.id) }
}

fn primary(resource: &Resource) -> &'static str {
    resource.kind().meta().primary()
}
