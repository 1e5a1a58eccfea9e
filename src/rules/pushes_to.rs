//! `pushes-to`: the repositories that a build's role lets it push images to.

use std::collections::BTreeSet;

use serde_json::json;

use super::evidence::hop;
use super::iam::{Identity, assumptions, role_arn};
use super::{Doubt, Edge, Edges, End, Ref, Relation, World};
use crate::model::aws::codebuild::Project;
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};
use crate::model::scope::Scope;
use crate::model::seen::Gap;

pub(crate) struct PushesTo;

const LOG_IN: &str = "ecr:GetAuthorizationToken";
const PUSH: &[&str] = &[
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
];

impl Relation for PushesTo {
    fn meta(&self) -> &'static RelationMeta {
        relation("pushes-to").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let role = from.as_kind::<Project>().and_then(|project| project.role.as_deref());
        let Some(role) = role.map(|role| role_arn(role, from)) else { return Edges::default() };
        let open = |gap: Gap| Edges { gaps: vec![gap], ..Edges::default() };
        let identity = match Identity::of(&role, &from.scope, world) {
            Ok(identity) => identity,
            Err(gap) => return open(gap),
        };
        match identity.may(LOG_IN, "*") {
            Ok(true) => {}
            Ok(false) => return Edges::default(),
            Err(gap) => return open(gap),
        }
        let mut edges = Edges::default();
        let accounts: BTreeSet<_> = world.snapshot().header.accounts.values().collect();
        for account in accounts {
            let listing = world.list(Kind::EcrRepository, &Scope::aws(account, &from.scope.region));
            let doubt = |to, gap| Doubt { kind: Kind::EcrRepository, to, gap };
            edges.doubts.extend(listing.gaps.into_iter().map(|gap| doubt(None, gap)));
            for repository in listing.items {
                match identity.may_use(PUSH, repository) {
                    Ok(true) => edges.found.push(edge(from, &role, repository)),
                    Ok(false) => {}
                    Err(gap) => edges.doubts.push(doubt(Some(repository), gap)),
                }
            }
        }
        edges
    }
}

fn edge<'s>(from: Ref<'s>, role: &str, repository: Ref<'s>) -> Edge<'s> {
    Edge {
        to: End::Resource(repository),
        attributes: Vec::new(),
        evidence: vec![hop(from, "role", role), hop(repository, "may be pushed to by", json!(role))],
        assumptions: assumptions(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::model::aws::ecr;
    use crate::rules::iam::testing::{Found, Lab, common, here, policy, unread};

    const PROJECT: &str = "arn:aws:codebuild:us-west-1:111111111111:project/build";
    const ROLE: &str = "arn:aws:iam::111111111111:role/build";
    const OWN: &str = "arn:aws:ecr:us-west-1:111111111111:repository/app";
    const SHARED: &str = "arn:aws:ecr:us-west-1:999999999999:repository/app";

    fn pushed(lab: Lab) -> Found {
        let facts = json!({ "role": ROLE, "environment": [], "webhook": false });
        lab.add(Kind::CodebuildProject, PROJECT, facts).edges(&PushesTo, Kind::CodebuildProject, PROJECT)
    }

    fn role(statements: &Value) -> Lab {
        let lab = Lab::new().role(ROLE, statements);
        lab.complete(&ecr::REPOSITORIES, &here(), "").complete(&ecr::REPOSITORIES, &common(), "")
    }

    fn pusher() -> Lab {
        role(&json!([{ "Effect": "Allow", "Action": "ecr:*", "Resource": "*" }]))
    }

    fn open_to(account: &str) -> Value {
        policy(&json!([{ "Effect": "Allow", "Action": "ecr:*", "Principal": { "AWS": account } }]))
    }

    #[test]
    fn pushes_to_its_own_account_and_where_it_is_let_in() {
        let lab = pusher().repository(OWN, Value::Null).repository(SHARED, open_to("111111111111"));
        let found = pushed(lab);
        assert_eq!(found.ends(), [OWN, SHARED]);
        assert!(found.gaps.is_empty());
    }

    #[test]
    fn a_closed_repository_and_a_missing_action_are_no_edge() {
        assert!(pushed(pusher().repository(SHARED, open_to("222222222222"))).edges.is_empty());
        let all_but_put = json!([
            { "Effect": "Allow", "Action": "ecr:*", "Resource": "*" },
            { "Effect": "Deny", "Action": "ecr:PutImage", "Resource": "*" },
        ]);
        let found = pushed(role(&all_but_put).repository(SHARED, open_to("111111111111")));
        assert!(found.edges.is_empty() && found.gaps.is_empty());
    }

    #[test]
    fn who_cannot_log_in_is_asked_nothing_more() {
        let statements = json!([{ "Effect": "Allow", "Action": "ecr:*", "Resource": OWN }]);
        let found = pushed(Lab::new().role(ROLE, &statements));
        assert!(found.edges.is_empty() && found.gaps.is_empty(), "{found:?}");
    }

    #[test]
    fn unread_policies_and_lists_may_hide_edges() {
        let theirs = unread(&ecr::REPOSITORY_POLICY, &common(), SHARED);
        let found = pushed(pusher().repository(OWN, Value::Null).repository(SHARED, theirs));
        assert_eq!(found.ends(), [OWN]);
        assert_eq!(found.calls(), ["ecr:GetRepositoryPolicy"]);
        let found = pushed(pusher().denied(&ecr::REPOSITORIES, &common(), ""));
        assert_eq!(found.calls(), ["ecr:DescribeRepositories"]);
        assert_eq!(pushed(Lab::new()).calls(), ["iam:GetRole"]);
    }
}
