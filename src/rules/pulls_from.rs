//! `pulls-from`: the repository that a container's image comes from, and whether it may be pulled.

use serde_json::json;

use super::evidence::hop;
use super::iam::{Identity, assumptions, role_arn};
use super::kleene::{Verdict, all, and};
use super::{Edge, Edges, End, Ref, Relation, World};
use crate::model::aws::ecs::Container;
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct PullsFrom;

const LOG_IN: &str = "ecr:GetAuthorizationToken";
const PULL: &[&str] = &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

impl Relation for PullsFrom {
    fn meta(&self) -> &'static RelationMeta {
        relation("pulls-from").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let Some(container) = from.as_kind::<Container>() else { return Edges::default() };
        let image = Image::parse(&container.image);
        let to = match image.repository_arn() {
            Some(arn) => End::of(Kind::EcrRepository, &arn, &from.scope, world),
            None => End::Outside(container.image.clone()),
        };
        // No role of ours stands in the way of an image from elsewhere.
        let allowed = if image.registry.is_none() { Ok(true) } else { may_pull(from, container, &to, world) };
        let mut evidence = vec![hop(from, "image", container.image.as_str())];
        if let Some(role) = &container.execution_role {
            evidence.push(hop(from, "execution_role", role.as_str()));
        }
        if let End::Resource(repository) = &to {
            evidence.push(hop(repository, "name", repository.name.as_str()));
        }
        let attributes = vec![
            ("image", Ok(json!(container.image))),
            ("tag", Ok(json!(image.tag))),
            ("digest", Ok(json!(image.digest))),
            ("allowed", allowed.map(|allowed| json!(allowed))),
        ];
        let edge = Edge { to, attributes, evidence, assumptions: assumptions() };
        Edges { found: vec![edge], ..Edges::default() }
    }
}

/// Whether the execution role may pull from this end, which is, or would be, a repository.
fn may_pull<'s>(from: Ref<'s>, container: &Container, to: &End<'s>, world: &World<'s>) -> Verdict {
    let (Some(role), false) = (&container.execution_role, matches!(to, End::Outside(_))) else {
        return Ok(false);
    };
    let identity = Identity::of(&role_arn(role, from), &from.scope, world)?;
    and(identity.may(LOG_IN, "*"), || match to {
        End::Resource(repository) => identity.may_use(PULL, repository),
        // An unread repository may have a policy that says more; only what the role lacks itself decides.
        End::Unread { id, gap, .. } => {
            let own = all(PULL.iter().map(|action| identity.leaves_room(action, id)));
            and(own, || Err(gap.clone()))
        }
        End::Outside(_) => Ok(false),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::model::aws::ecr;
    use crate::rules::iam::testing::{Found, Lab, common, policy};

    const CONTAINER: &str = "arn:aws:ecs:us-west-1:111111111111:service/main/api/web";
    const ROLE: &str = "arn:aws:iam::111111111111:role/execution";
    const IMAGE: &str = "999999999999.dkr.ecr.us-west-1.amazonaws.com/app/backend:1.2";
    const REPOSITORY: &str = "arn:aws:ecr:us-west-1:999999999999:repository/app/backend";

    fn pulled(lab: Lab, image: &str, role: Option<&str>) -> Found {
        let facts = json!({
            "service": "s", "task_definition": "t", "image": image, "ports": [], "secrets": [],
            "execution_role": role,
        });
        lab.add(Kind::EcsContainer, CONTAINER, facts).edges(&PullsFrom, Kind::EcsContainer, CONTAINER)
    }

    fn puller() -> Lab {
        let actions = ["ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
        Lab::new().role(ROLE, &json!([{ "Effect": "Allow", "Action": actions, "Resource": "*" }]))
    }

    fn shared(account: &str) -> Value {
        let actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
        policy(&json!([{ "Effect": "Allow", "Action": actions, "Principal": { "AWS": account } }]))
    }

    #[test]
    fn a_shared_repository_may_be_pulled_from() {
        let found = pulled(puller().repository(REPOSITORY, shared("111111111111")), IMAGE, Some(ROLE));
        assert_eq!(found.ends(), [REPOSITORY]);
        assert_eq!(found.attribute("allowed"), [true]);
        assert_eq!(found.attribute("tag"), ["1.2"]);
        assert!(found.gaps.is_empty());
    }

    #[test]
    fn one_missing_permission_is_enough_to_fail() {
        let stranger = puller().repository(REPOSITORY, shared("222222222222"));
        assert_eq!(pulled(stranger, IMAGE, Some(ROLE)).attribute("allowed"), [false]);
        let no_role = puller().repository(REPOSITORY, shared("111111111111"));
        assert_eq!(pulled(no_role, IMAGE, None).attribute("allowed"), [false]);
        let statements = json!([{ "Effect": "Allow", "Action": "ecr:Batch*", "Resource": REPOSITORY }]);
        let no_log_in = Lab::new().role(ROLE, &statements).repository(REPOSITORY, shared("111111111111"));
        assert_eq!(pulled(no_log_in, IMAGE, Some(ROLE)).attribute("allowed"), [false]);
    }

    #[test]
    fn an_unread_list_is_no_missing_repository() {
        let found = pulled(puller(), IMAGE, Some(ROLE));
        assert_eq!(found.ends(), [format!("? {REPOSITORY}")]);
        assert_eq!(found.attribute("allowed"), ["? ecr:DescribeRepositories"]);
        let found = pulled(puller().complete(&ecr::REPOSITORIES, &common(), ""), IMAGE, Some(ROLE));
        assert_eq!(found.ends(), [format!("! {REPOSITORY}: no such aws.ecr_repository")]);
        assert_eq!(found.attribute("allowed"), [false]);
    }

    #[test]
    fn an_unscanned_account_keeps_its_repositories_to_itself() {
        let image = IMAGE.replace("999999999999", "222222222222");
        let found = pulled(puller(), &image, Some(ROLE));
        assert!(found.ends()[0].starts_with("? "), "{found:?}");
        let denied = json!([{ "Effect": "Deny", "Action": "ecr:*", "Resource": "*" }]);
        let found = pulled(Lab::new().role(ROLE, &denied), &image, Some(ROLE));
        assert_eq!(found.attribute("allowed"), [false], "the role's own Deny decides");
    }

    #[test]
    fn an_unread_role_leaves_it_open() {
        let lab = Lab::new().repository(REPOSITORY, shared("111111111111"));
        assert_eq!(pulled(lab, IMAGE, Some(ROLE)).attribute("allowed"), ["? iam:GetRole"]);
    }

    #[test]
    fn other_registries_are_outside() {
        let found = pulled(puller(), "docker.io/library/nginx:1", Some(ROLE));
        assert_eq!(found.ends(), ["! docker.io/library/nginx:1"]);
        assert!(found.gaps.is_empty());
    }
}
