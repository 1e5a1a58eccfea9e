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

/// An image reference, taken apart.
#[derive(Debug, PartialEq)]
struct Image<'a> {
    /// Only of ECR: the others are all the same to us.
    registry: Option<Registry<'a>>,
    repository: &'a str,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

#[derive(Debug, PartialEq)]
struct Registry<'a> {
    account: &'a str,
    region: &'a str,
}

impl<'a> Image<'a> {
    fn parse(reference: &'a str) -> Self {
        let (named, digest) = match reference.split_once('@') {
            Some((named, digest)) => (named, Some(digest)),
            None => (reference, None),
        };
        // A colon before the last slash is a registry's port.
        let (path, tag) = match named.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (named, None),
        };
        let registry = path.split_once('/').and_then(|(host, rest)| Some((Registry::parse(host)?, rest)));
        match registry {
            Some((registry, repository)) => Self { registry: Some(registry), repository, tag, digest },
            None => Self { registry: None, repository: path, tag, digest },
        }
    }

    fn repository_arn(&self) -> Option<String> {
        let Registry { account, region } = self.registry.as_ref()?;
        let partition = match region.split('-').collect::<Vec<_>>().as_slice() {
            ["cn", ..] => "aws-cn",
            ["us", "gov", ..] => "aws-us-gov",
            _ => "aws",
        };
        Some(format!("arn:{partition}:ecr:{region}:{account}:repository/{}", self.repository))
    }
}

impl<'a> Registry<'a> {
    /// `111111111111.dkr.ecr.us-west-1.amazonaws.com`, its FIPS form, and `111111111111.dkr-ecr.us-west-1.on.aws`.
    fn parse(host: &'a str) -> Option<Self> {
        let labels: Vec<&str> = host.split('.').collect();
        let (account, region) = match labels.as_slice() {
            [account, "dkr", "ecr" | "ecr-fips", region, "amazonaws", "com"]
            | [account, "dkr", "ecr", region, "amazonaws", "com", "cn"]
            | [account, "dkr-ecr" | "dkr-ecr-fips", region, "on", "aws"] => (*account, *region),
            _ => return None,
        };
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        is_account.then_some(Self { account, region })
    }
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
    fn references_are_taken_apart() {
        let digest = "sha256:0f";
        for (reference, arn, tag, has_digest) in [
            (IMAGE.to_owned(), Some(REPOSITORY), Some("1.2"), false),
            (format!("{IMAGE}@{digest}"), Some(REPOSITORY), Some("1.2"), true),
            (
                format!("111111111111.dkr.ecr-fips.us-gov-west-1.amazonaws.com/a@{digest}"),
                Some("arn:aws-us-gov:ecr:us-gov-west-1:111111111111:repository/a"),
                None,
                true,
            ),
            (
                "111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn/a".into(),
                Some("arn:aws-cn:ecr:cn-north-1:111111111111:repository/a"),
                None,
                false,
            ),
            (
                "111111111111.dkr-ecr.us-west-1.on.aws/a:x".into(),
                Some("arn:aws:ecr:us-west-1:111111111111:repository/a"),
                Some("x"),
                false,
            ),
            ("nginx".into(), None, None, false),
            ("docker.io/library/nginx:1".into(), None, Some("1"), false),
            ("localhost:5000/nginx".into(), None, None, false),
            ("public.ecr.aws/nginx/nginx:1".into(), None, Some("1"), false),
            ("111111111111.dkr.ecr.us-west-1.amazonaws.com.evil.example/a".into(), None, None, false),
        ] {
            let image = Image::parse(&reference);
            let found = (image.repository_arn(), image.tag, image.digest.is_some());
            assert_eq!(found, (arn.map(str::to_owned), tag, has_digest), "{reference}");
        }
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
