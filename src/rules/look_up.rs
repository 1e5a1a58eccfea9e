//! The end of an edge that a resource names by id.

use crate::model::kind::Kind;
use crate::model::scope::Scope;

use super::world::NotFound;
use super::{End, World};

/// What `id` is: the resource, one that can't be read, or outside the model where it is known not to exist.
pub(crate) fn end_of<'s>(kind: Kind, id: &str, near: &Scope, world: &World<'s>) -> End<'s> {
    match world.find(kind, id, near) {
        Ok(resource) => End::Resource(resource),
        Err(NotFound::Unread(gap)) => End::Unread { kind, id: id.to_owned(), gap },
        Err(NotFound::Absent) => missing(kind, id),
    }
}

/// An end that is referred to and does not exist.
pub(crate) fn missing<'s>(kind: Kind, id: &str) -> End<'s> {
    End::Outside(format!("{id}: no such {kind}"))
}
