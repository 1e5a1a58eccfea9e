//! `answers-at`: the address in an object's status is a frontend of this load balancer.

use super::{Edges, Ref, Relation, World};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct AnswersAt;

impl Relation for AnswersAt {
    fn meta(&self) -> &'static RelationMeta {
        relation("answers-at").expect("a relation of the model")
    }

    fn edges<'s>(&self, _from: Ref<'s>, _ends: &[Kind], _world: &World<'s>) -> Edges<'s> {
        Edges::default()
    }
}
