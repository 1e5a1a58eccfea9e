//! ECR: repositories, who else may use them, and what becomes of their images.

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types as sdk;
use futures::future::BoxFuture;

use super::members::{Unreadable, need, tags, text};
use super::{Api, Batch, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::aws::Arn;
use crate::model::aws::ecr::{
    BATCH_GET_REPOSITORY_SCANNING_CONFIGURATION, DESCRIBE_REPOSITORIES, GET_LIFECYCLE_POLICY,
    GET_REPOSITORY_POLICY, LIFECYCLE_POLICY, LIST_TAGS_FOR_RESOURCE, REPOSITORIES, REPOSITORY_POLICY,
    Repository, SCANNING, TAGS,
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
        &[&REPOSITORIES, &REPOSITORY_POLICY, &LIFECYCLE_POLICY, &SCANNING, &TAGS]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_ecr, api);
            if *batch.source == SCANNING {
                return scanning(api, &client, &batch.items, into).await;
            }
            for item in &batch.items {
                match *batch.source.calls[0] {
                    DESCRIBE_REPOSITORIES => repositories(api, &client, item.key, into).await,
                    GET_REPOSITORY_POLICY => policy(api, &client, item.key, into).await,
                    GET_LIFECYCLE_POLICY => lifecycle(api, &client, item.key, into).await,
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

/// Calls take a repository's name, which may have slashes of its own; ids are ARNs.
fn name_in(key: &str) -> &str {
    Arn::parse(key).and_then(|arn| arn.resource.strip_prefix("repository/")).unwrap_or(key)
}

fn registry_in(key: &str) -> Option<String> {
    Arn::parse(key).map(|arn| arn.account.to_owned())
}

async fn policy(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let (name, registry) = (name_in(key), registry_in(key));
    let policy = client.get_repository_policy().repository_name(name).set_registry_id(registry);
    let policy = api
        .ask(&GET_REPOSITORY_POLICY, key)
        .once_or_absent("RepositoryPolicyNotFoundException", policy.send().await, |output| {
            Ok(PolicyDocument::parse(&need(output.policy_text, "policyText")?)?)
        })
        .one(into);
    into.detail::<Repository, _>(key, policy, |repository| &mut repository.policy);
}

async fn lifecycle(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let policy = client.get_lifecycle_policy().repository_name(name_in(key));
    let policy = policy.set_registry_id(registry_in(key)).send().await;
    let policy = api
        .ask(&GET_LIFECYCLE_POLICY, key)
        .once_or_absent("LifecyclePolicyNotFoundException", policy, |output| {
            need(output.lifecycle_policy_text, "lifecyclePolicyText")
        })
        .one(into);
    into.detail::<Repository, _>(key, policy, |repository| &mut repository.lifecycle);
}

/// One call tells of many repositories, and fails for each by itself.
async fn scanning(api: &Api, client: &Client, items: &[Item<'_>], into: &mut Facts) {
    let names = items.iter().map(|item| name_in(item.key).to_owned()).collect();
    let ask = client.batch_get_repository_scanning_configuration();
    let answer = ask.set_repository_names(Some(names)).send().await;
    let mut failures = Vec::new();
    let answer = api.ask(&BATCH_GET_REPOSITORY_SCANNING_CONFIGURATION, "").once(answer, |output| {
        failures = output.failures.unwrap_or_default();
        let found = need(output.scanning_configurations, "scanningConfigurations")?.into_iter();
        found.map(|found| Ok((need(found.repository_arn, "repositoryArn")?, found.scan_frequency))).collect()
    });
    for (key, found) in answer.by_key(items, into, |(id, _)| id) {
        let found = match found {
            Ok(None) => {
                let of = |failure: &&sdk::RepositoryScanningConfigurationFailure| {
                    failure.repository_name.as_deref() == Some(name_in(key))
                };
                let failure = failures.iter().find(of).and_then(|failure| failure.failure_code.as_ref());
                let detail = failure.map_or("the answer tells nothing of it", |code| code.as_str());
                api.ask(&BATCH_GET_REPOSITORY_SCANNING_CONFIGURATION, key).refused(detail).one(into)
            }
            found => found,
        };
        let frequency = found.map(|found| found.and_then(|(_, frequency)| frequency).map(text));
        into.detail::<Repository, _>(key, frequency, |repository| &mut repository.scanning);
    }
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

    fn repository() -> Resource {
        let api = Canned::new([]).api("us-west-1");
        let found = sdk::Repository::builder().repository_arn(ID).repository_name("team/app");
        let found = found.registry_id("111111111111").repository_uri("uri").build();
        facts(&api, found).expect("all it needs")
    }

    async fn policy_as(status: u16, body: &str) -> Found {
        let subject = repository();
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

    async fn lifecycle_as(status: u16, body: &str) -> Seen<Option<String>> {
        let service = Canned::new([(status, body)]);
        let found = service.fetch(&Ecr, &LIFECYCLE_POLICY, Some(&repository()), &[ID]).await;
        assert!(service.asked()[0].contains(r#""repositoryName":"team/app""#), "{:?}", service.asked());
        found.resource(ID).as_kind::<Repository>().expect("a repository").lifecycle.clone()
    }

    #[tokio::test]
    async fn a_repository_without_a_lifecycle_keeps_everything_and_one_unread_is_a_gap() {
        let told = lifecycle_as(200, r#"{"lifecyclePolicyText":"{\"rules\":[]}"}"#).await;
        assert_eq!(told, Seen::Known(Some(r#"{"rules":[]}"#.to_owned())));
        let none = lifecycle_as(400, r#"{"__type":"LifecyclePolicyNotFoundException"}"#).await;
        assert_eq!(none, Seen::Known(None));
        for (status, body) in [(400, r#"{"__type":"RepositoryNotFoundException"}"#), (200, "{}")] {
            assert!(lifecycle_as(status, body).await.gap().is_some(), "{body}");
        }
    }

    const OTHER: &str = "arn:aws:ecr:us-west-1:111111111111:repository/other";

    /// What is noted of both repositories, and how the first is scanned.
    async fn scanning_as(status: u16, body: &str) -> ([(Outcome, u64); 2], Seen<Option<String>>) {
        let service = Canned::new([(status, body)]);
        let found = service.fetch(&Ecr, &SCANNING, Some(&repository()), &[ID, OTHER]).await;
        let asked = r#""repositoryNames":["team/app","other"]"#;
        assert!(service.asked()[0].contains(asked), "{:?}", service.asked());
        let note = |key| found.entry(&BATCH_GET_REPOSITORY_SCANNING_CONFIGURATION, key);
        let notes = [ID, OTHER].map(|key| (note(key).outcome, note(key).items));
        (notes, found.resource(ID).as_kind::<Repository>().expect("a repository").scanning.clone())
    }

    #[tokio::test]
    async fn a_repository_that_the_service_fails_for_is_a_gap_of_its_own() {
        let told = r#"{"repositoryArn":"arn:aws:ecr:us-west-1:111111111111:repository/team/app",
            "repositoryName":"team/app","scanFrequency":"CONTINUOUS_SCAN","scanOnPush":false}"#;
        let failed = r#"{"repositoryName":"other","failureCode":"REPOSITORY_NOT_FOUND"}"#;
        for failures in [failed, ""] {
            let body = format!(r#"{{"scanningConfigurations":[{told}],"failures":[{failures}]}}"#);
            let (notes, scanning) = scanning_as(200, &body).await;
            assert_eq!(notes, [(Outcome::Complete, 1), (Outcome::Failed, 0)], "{failures}");
            assert_eq!(scanning, Seen::Known(Some("CONTINUOUS_SCAN".to_owned())));
        }
        let failed = r#"{"repositoryName":"team/app","failureCode":"REPOSITORY_NOT_FOUND"}"#;
        let body = format!(r#"{{"scanningConfigurations":[],"failures":[{failed}]}}"#);
        let (_, scanning) = scanning_as(200, &body).await;
        assert_eq!(scanning.gap().expect("failed").detail, "REPOSITORY_NOT_FOUND");
    }

    #[tokio::test]
    async fn scanning_that_was_denied_or_not_told_is_a_gap_for_every_repository() {
        let denied = r#"{"__type":"AccessDeniedException"}"#;
        for (status, body, outcome) in [(400, denied, Outcome::Denied), (200, "{}", Outcome::Failed)] {
            let (notes, scanning) = scanning_as(status, body).await;
            assert_eq!(notes, [(outcome, 0); 2]);
            assert!(scanning.gap().is_some());
        }
    }
}
