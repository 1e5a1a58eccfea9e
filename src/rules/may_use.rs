//! `may-use`: which tables a deployment's pods may use, by the role they act as.

use super::{Edges, Ref, Relation, World};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct MayUse;

impl Relation for MayUse {
    fn meta(&self) -> &'static RelationMeta {
        relation("may-use").expect("a relation of the model")
    }

    fn edges<'s>(&self, _from: Ref<'s>, _ends: &[Kind], _world: &World<'s>) -> Edges<'s> {
        Edges::default()
    }
}
