//! `served-by`: the ingress is reached at this service's address.

use super::{Edges, Ref, Relation, World};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct ServedBy;

impl Relation for ServedBy {
    fn meta(&self) -> &'static RelationMeta {
        relation("served-by").expect("a relation of the model")
    }

    fn edges<'s>(&self, _from: Ref<'s>, _ends: &[Kind], _world: &World<'s>) -> Edges<'s> {
        Edges::default()
    }
}
