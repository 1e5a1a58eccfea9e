//! What the relations inside Kubernetes share, and the fields derived from its objects.

pub(crate) mod class;
pub(crate) mod conflicts;
pub(crate) mod endpoints;
pub(crate) mod redirect;
pub(crate) mod rollout;

use crate::model::kind::Kind;
use crate::model::scope::Scope;

use super::World;
use super::world::Listing;

/// The objects of `kind` in the namespace of this id, and why there may be more.
pub(crate) fn in_namespace<'s>(kind: Kind, namespace: &str, scope: &Scope, world: &World<'s>) -> Listing<'s> {
    let Some((Kind::K8sNamespace, source)) = kind.meta().within() else {
        debug_assert!(false, "{kind} is not listed per namespace");
        return Listing::default();
    };
    Listing {
        items: world.linked(kind, namespace),
        gaps: world.snapshot().complete(source, scope, namespace).err().into_iter().collect(),
    }
}
