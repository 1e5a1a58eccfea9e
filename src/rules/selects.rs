//! `selects`: which deployments' pods a service stands for.

use super::{Edges, Ref, Relation, World};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct Selects;

impl Relation for Selects {
    fn meta(&self) -> &'static RelationMeta {
        relation("selects").expect("a relation of the model")
    }

    fn edges<'s>(&self, _from: Ref<'s>, _ends: &[Kind], _world: &World<'s>) -> Edges<'s> {
        Edges::default()
    }
}
