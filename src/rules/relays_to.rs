//! `relays-to`: which other load balancers a load balancer sends requests to.

use super::{Edges, Ref, Relation, World};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct RelaysTo;

impl Relation for RelaysTo {
    fn meta(&self) -> &'static RelationMeta {
        relation("relays-to").expect("a relation of the model")
    }

    fn edges<'s>(&self, _from: Ref<'s>, _ends: &[Kind], _world: &World<'s>) -> Edges<'s> {
        Edges::default()
    }
}
