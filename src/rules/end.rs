//! What a reference by id leads to.

use crate::model::kind::Kind;
use crate::model::scope::Scope;

use super::world::NotFound;
use super::{End, World};

impl<'s> End<'s> {
    /// The end that an id names: the resource; unread where it may exist; outside where it is known not to.
    pub(crate) fn of(kind: Kind, id: &str, near: &Scope, world: &World<'s>) -> Self {
        match world.find(kind, id, near) {
            Ok(resource) => Self::Resource(resource),
            Err(NotFound::Unread(gap)) => Self::Unread { kind, id: id.to_owned(), gap },
            Err(NotFound::Absent) => Self::missing(kind, id),
        }
    }

    /// An end that is referred to and does not exist.
    pub(crate) fn missing(kind: Kind, id: &str) -> Self {
        Self::Outside(format!("{id}: no such {kind}"))
    }
}
