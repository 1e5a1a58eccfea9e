//! `attached-to`: the gateway is attached to this VPC.

use serde_json::json;

use crate::model::aws::ec2::InternetGateway;
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

use super::evidence::hop;
use super::{Edge, Edges, End, Ref, Relation, World};

pub(crate) struct AttachedTo;

impl Relation for AttachedTo {
    fn meta(&self) -> &'static RelationMeta {
        relation("attached-to").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let attachments = &World::facts::<InternetGateway>(from).attachments;
        let edge = |vpc: &str, state: &str| Edge {
            to: End::of(Kind::Vpc, vpc, &from.scope, world),
            attributes: vec![("state", Ok(state.into()))],
            evidence: vec![hop(from, "attachments", json!({ "vpc": vpc, "state": state }))],
            assumptions: Vec::new(),
        };
        let found = attachments.iter().map(|attachment| edge(&attachment.vpc, &attachment.state)).collect();
        Edges { found, gaps: Vec::new() }
    }
}
