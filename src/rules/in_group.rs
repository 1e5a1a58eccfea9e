//! `in-group`: the resource lies in this resource group.

use super::{Edges, Ref, Relation, World};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct InGroup;

impl Relation for InGroup {
    fn meta(&self) -> &'static RelationMeta {
        relation("in-group").expect("a relation of the model")
    }

    fn edges<'s>(&self, _from: Ref<'s>, _ends: &[Kind], _world: &World<'s>) -> Edges<'s> {
        Edges::default()
    }
}
