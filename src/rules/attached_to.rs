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
        Edges { found, ..Edges::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::aws::ec2::Attachment;
    use crate::rules::testing::{Scene, denied_list, edges, unread_list, vpc};

    fn gateway(vpcs: &[&str]) -> InternetGateway {
        let attachment = |vpc: &&str| Attachment { vpc: (*vpc).to_owned(), state: "available".to_owned() };
        InternetGateway { attachments: vpcs.iter().map(attachment).collect() }
    }

    #[test]
    fn an_attached_gateway_ends_in_its_vpc() {
        let snapshot =
            Scene::new().with("igw-1", gateway(&["vpc-1"])).with("vpc-1", vpc("10.0.0.0/16")).snapshot();
        let edges = edges(&AttachedTo, &World::new(&snapshot), Kind::InternetGateway, "igw-1");
        assert_eq!(edges.found[0].to.label(), "vpc-1");
        assert_eq!(edges.found[0].to.kind(), Some(Kind::Vpc));
        assert_eq!(edges.found[0].attribute("state"), &Ok("available".into()));
    }

    #[test]
    fn a_detached_gateway_has_no_edge_and_no_gap() {
        let snapshot = Scene::new().with("igw-1", gateway(&[])).snapshot();
        let edges = edges(&AttachedTo, &World::new(&snapshot), Kind::InternetGateway, "igw-1");
        assert!(edges.found.is_empty() && edges.gaps.is_empty());
    }

    #[test]
    fn an_unread_vpc_is_an_unread_end() {
        for (scene, gap) in
            [(Scene::new(), unread_list(Kind::Vpc)), (Scene::new().denied(Kind::Vpc), denied_list(Kind::Vpc))]
        {
            let snapshot = scene.with("igw-1", gateway(&["vpc-1"])).snapshot();
            let edges = edges(&AttachedTo, &World::new(&snapshot), Kind::InternetGateway, "igw-1");
            assert_eq!(edges.found[0].to, End::Unread { kind: Kind::Vpc, id: "vpc-1".to_owned(), gap });
        }
    }
}
