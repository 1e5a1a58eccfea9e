//! `dispatches-to`: a rule of the gateway leads to the load balancer that has the backend's address.

use super::{Edges, Ref, Relation, World};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct DispatchesTo;

impl Relation for DispatchesTo {
    fn meta(&self) -> &'static RelationMeta {
        relation("dispatches-to").expect("a relation of the model")
    }

    fn edges<'s>(&self, _from: Ref<'s>, _ends: &[Kind], _world: &World<'s>) -> Edges<'s> {
        Edges::default()
    }
}
