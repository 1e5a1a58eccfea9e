//! `exposed-by`: which load balancers an ingress is reached at.

use super::{Edges, Ref, Relation, World};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct ExposedBy;

impl Relation for ExposedBy {
    fn meta(&self) -> &'static RelationMeta {
        relation("exposed-by").expect("a relation of the model")
    }

    fn edges<'s>(&self, _from: Ref<'s>, _ends: &[Kind], _world: &World<'s>) -> Edges<'s> {
        Edges::default()
    }
}
