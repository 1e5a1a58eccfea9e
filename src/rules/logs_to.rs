//! `logs-to`: the resource writes its logs to this workspace.

use super::{Edges, Ref, Relation, World};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct LogsTo;

impl Relation for LogsTo {
    fn meta(&self) -> &'static RelationMeta {
        relation("logs-to").expect("a relation of the model")
    }

    fn edges<'s>(&self, _from: Ref<'s>, _ends: &[Kind], _world: &World<'s>) -> Edges<'s> {
        Edges::default()
    }
}
