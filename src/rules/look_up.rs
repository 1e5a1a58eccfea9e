//! The end of an edge that a resource's configuration names by id.

use crate::model::kind::Kind;
use crate::model::scope::Scope;

use super::{End, World};

/// What `id` is; where it is known not to exist, the end says so.
pub(crate) fn end_of<'s>(kind: Kind, id: &str, near: &Scope, world: &World<'s>) -> End<'s> {
    match End::of(kind, id, near, world) {
        End::Outside(_) => missing(kind, id),
        end => end,
    }
}

/// An end that is referred to and does not exist.
pub(crate) fn missing<'s>(kind: Kind, id: &str) -> End<'s> {
    End::Outside(format!("{id}: no such {kind}"))
}
