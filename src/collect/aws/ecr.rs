//! ECR: repositories and who else may use them.

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types as sdk;
use futures::future::BoxFuture;

use super::members::{Unreadable, need, tags, text};
use super::{Api, Batch, Collector};
use crate::collect::facts::Facts;
use crate::model::aws::Arn;
use crate::model::aws::ecr::{
    DESCRIBE_REPOSITORIES, GET_REPOSITORY_POLICY, LIFECYCLE_POLICY, LIST_TAGS_FOR_RESOURCE, REPOSITORIES,
    REPOSITORY_POLICY, Repository, SCANNING, TAGS,
};
use crate::model::aws::policy::PolicyDocument;
use crate::model::call::Source;
use crate::model::kind::{Kind, Resource};

const PAGE: i32 = 1000;

pub(super) struct Ecr;

impl Collector for Ecr {
    fn id(&self) -> &'static str {
        "aws.ecr"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&REPOSITORIES, &REPOSITORY_POLICY, &TAGS]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_ecr, api);
            for item in &batch.items {
                match *batch.source.calls[0] {
                    DESCRIBE_REPOSITORIES => repositories(api, &client, item.key, into).await,
                    GET_REPOSITORY_POLICY => policy(api, &client, item.key, into).await,
                    LIST_TAGS_FOR_RESOURCE => tags_of(api, &client, item.key, into).await,
                    _ => debug_assert!(false, "{} is not asked here", batch.source.primary()),
                }
            }
        })
    }
}

async fn repositories(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let page = |token| client.describe_repositories().max_results(PAGE).set_next_token(token).send();
    api.ask(&DESCRIBE_REPOSITORIES, key)
        .pages(page, |page| Ok((need(page.repositories, "repositories")?, page.next_token)))
        .await
        .add(into, |found| facts(api, found));
}

fn facts(api: &Api, found: sdk::Repository) -> Result<Resource, Unreadable> {
    let id = need(found.repository_arn, "repositoryArn")?;
    let policy = api.unread(&REPOSITORY_POLICY, &id);
    let lifecycle = api.unread(&LIFECYCLE_POLICY, &id);
    let scanning = api.unread(&SCANNING, &id);
    let tags = api.unread(&TAGS, &id);
    let head = api.head(id, need(found.repository_name, "repositoryName")?, tags);
    let (encryption, kms_key) = found
        .encryption_configuration
        .map(|encryption| (text(encryption.encryption_type), encryption.kms_key))
        .unzip();
    let repository = Repository {
        registry: need(found.registry_id, "registryId")?,
        uri: need(found.repository_uri, "repositoryUri")?,
        scan_on_push: found.image_scanning_configuration.map(|scanning| scanning.scan_on_push),
        tag_mutability: found.image_tag_mutability.map(text),
        encryption,
        kms_key: kms_key.flatten(),
        policy,
        lifecycle,
        scanning,
    };
    Ok(Resource::new(head, repository))
}

async fn policy(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let arn = Arn::parse(key);
    // A repository's name may have slashes of its own.
    let name = arn.and_then(|arn| arn.resource.strip_prefix("repository/")).unwrap_or(key);
    let registry = arn.map(|arn| arn.account.to_owned());
    let policy = client.get_repository_policy().repository_name(name).set_registry_id(registry);
    let policy = api
        .ask(&GET_REPOSITORY_POLICY, key)
        .once_or_absent("RepositoryPolicyNotFoundException", policy.send().await, |output| {
            Ok(PolicyDocument::parse(&need(output.policy_text, "policyText")?)?)
        })
        .one(into);
    into.detail::<Repository, _>(key, policy, |repository| &mut repository.policy);
}

async fn tags_of(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.list_tags_for_resource().resource_arn(key).send().await;
    let found = api
        .ask(&LIST_TAGS_FOR_RESOURCE, key)
        .once(found, |output| need(output.tags, "tags"))
        .all(into)
        .map(|all| tags(all.into_iter().map(|tag| (tag.key, tag.value))));
    into.tags(Kind::EcrRepository, key, found);
}

#[cfg(test)]
mod tests {
    use super::super::canned::{Canned, Found};
    use super::*;
    use crate::model::scope::Scope;
    use crate::model::seen::Seen;
    use crate::model::snapshot::Outcome;

    const ID: &str = "arn:aws:ecr:us-west-1:111111111111:repository/team/app";

    async fn policy_as(status: u16, body: &str) -> Found {
        let api = Canned::new([]).api("us-west-1");
        let found = sdk::Repository::builder().repository_arn(ID).repository_name("team/app");
        let found = found.registry_id("111111111111").repository_uri("uri").build();
        let subject = facts(&api, found).expect("all it needs");
        let service = Canned::new([(status, body)]);
        let found = service.fetch(&Ecr, &REPOSITORY_POLICY, Some(&subject), &[ID]).await;
        assert!(service.asked()[0].contains(r#""repositoryName":"team/app""#), "{:?}", service.asked());
        found
    }

    fn policy(found: &Found) -> Seen<Option<PolicyDocument>> {
        found.resource(ID).as_kind::<Repository>().expect("a repository").policy.clone()
    }

    #[tokio::test]
    async fn a_repository_without_a_policy_is_known_to_have_none() {
        let found = policy_as(400, r#"{"__type":"RepositoryPolicyNotFoundException"}"#).await;
        assert_eq!(policy(&found), Seen::Known(None));
        let entry = found.entry(&GET_REPOSITORY_POLICY, ID);
        assert_eq!((entry.outcome, entry.items), (Outcome::Complete, 0));
    }

    #[tokio::test]
    async fn a_policy_that_was_denied_is_a_gap() {
        let found = policy_as(400, r#"{"__type":"AccessDeniedException"}"#).await;
        let policy = policy(&found);
        let gap = policy.gap().expect("denied");
        assert_eq!((&gap.scope, &*gap.key), (&Scope::aws("111111111111", "us-west-1"), ID));
        assert_eq!(found.entry(&GET_REPOSITORY_POLICY, ID).outcome, Outcome::Denied);
    }

    #[tokio::test]
    async fn a_policy_that_cannot_be_parsed_is_a_gap() {
        let found = policy_as(200, r#"{"policyText":"{\"Statement\":1}"}"#).await;
        assert!(policy(&found).gap().is_some());
        assert_eq!(found.entry(&GET_REPOSITORY_POLICY, ID).outcome, Outcome::Failed);
    }
}
