//! The policies that resources have of their own.

use crate::model::aws::{dynamodb, ecr};
use crate::model::kind::Facts;
use crate::model::seen::Gap;
use crate::rules::Ref;
use crate::rules::evidence::undecided;

use super::evaluate::Held;

/// The resource's policy; `None` where it has none.
pub(super) fn of(resource: Ref<'_>) -> Result<Option<Held<'_>>, Gap> {
    let (policy, source) = match &resource.facts {
        Facts::EcrRepository(repository) => (&repository.policy, &ecr::REPOSITORY_POLICY),
        Facts::DynamodbTable(table) => (&table.policy, &dynamodb::POLICY),
        _ => return Err(undecided(resource, format!("the policies of {} are not read", resource.kind()))),
    };
    let document = policy.get().map_err(Clone::clone)?;
    let origin = || Gap::unread(source.primary(), &resource.scope, &resource.id);
    Ok(document.as_ref().map(|document| Held { document, origin: origin() }))
}
