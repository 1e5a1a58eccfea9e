//! What the relations inside Kubernetes share, and the fields derived from its objects.

pub(crate) mod class;
pub(crate) mod conflicts;
pub(crate) mod endpoints;
pub(crate) mod redirect;
pub(crate) mod rollout;

use std::net::IpAddr;

use crate::model::kind::Kind;
use crate::model::scope::Scope;
use crate::model::seen::Gap;

use super::evidence::undecided;
use super::world::Listing;
use super::{Ref, World};

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

/// Why it is open who is reached at an address of an object's status: a name may lead to anybody.
pub(crate) fn unresolved(object: Ref<'_>, address: &str) -> Option<Gap> {
    let is_name = address.parse::<IpAddr>().is_err();
    is_name
        .then(|| undecided(object, format!("where the name {address} of its status leads is not looked up")))
}
