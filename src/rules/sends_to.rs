//! `sends-to`: which services an ingress sends requests to.

use super::{Edges, Ref, Relation, World};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct SendsTo;

impl Relation for SendsTo {
    fn meta(&self) -> &'static RelationMeta {
        relation("sends-to").expect("a relation of the model")
    }

    fn edges<'s>(&self, _from: Ref<'s>, _ends: &[Kind], _world: &World<'s>) -> Edges<'s> {
        Edges::default()
    }
}
