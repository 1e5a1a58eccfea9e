//! S3: the buckets that something stores in; never what is in them.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Region;
use futures::future::BoxFuture;

use super::members::{Unreadable, need, tags, text};
use super::{Api, Batch, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::aws::Arn;
use crate::model::aws::s3::{
    BUCKET, Bucket, ENCRYPTION, GET_BUCKET_ENCRYPTION, GET_BUCKET_LOCATION, GET_BUCKET_TAGGING,
    GET_BUCKET_VERSIONING, GET_PUBLIC_ACCESS_BLOCK, PUBLIC_ACCESS_BLOCK, PublicAccessBlock, TAGS, VERSIONING,
};
use crate::model::call::Source;
use crate::model::kind::{Kind, Resource, Tags};

pub(super) struct S3;

impl Collector for S3 {
    fn id(&self) -> &'static str {
        "aws.s3"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&BUCKET, &VERSIONING, &PUBLIC_ACCESS_BLOCK, &ENCRYPTION, &TAGS]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            for item in &batch.items {
                let client = client(api, item);
                match *batch.source.calls[0] {
                    GET_BUCKET_LOCATION => bucket(api, &client, item.key, into).await,
                    GET_BUCKET_VERSIONING => versioning(api, &client, item.key, into).await,
                    GET_PUBLIC_ACCESS_BLOCK => public_access_block(api, &client, item.key, into).await,
                    GET_BUCKET_ENCRYPTION => encryption(api, &client, item.key, into).await,
                    GET_BUCKET_TAGGING => tags_of(api, &client, item.key, into).await,
                    _ => debug_assert!(false, "{} is not asked here", batch.source.primary()),
                }
            }
        })
    }
}

/// A bucket answers in its own region alone, save for where that is, which the partition's first region
/// knows.
fn client(api: &Api, item: &Item<'_>) -> Client {
    let bucket = item.subject.and_then(|resource| resource.as_kind::<Bucket>());
    let region = bucket.map_or_else(
        || match api.partition() {
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            _ => NO_CONSTRAINT,
        },
        |bucket| &bucket.location,
    );
    let config = aws_sdk_s3::config::Builder::from(&api.config);
    Client::from_conf(
        config
            .region(Region::new(region.to_owned()))
            .force_path_style(true)
            .retry_partition(api.retry_partition("aws_sdk_s3"))
            .build(),
    )
}

fn name_in(key: &str) -> &str {
    Arn::parse(key).map_or(key, |arn| arn.resource)
}

/// Where a bucket is that has no location constraint.
const NO_CONSTRAINT: &str = "us-east-1";

async fn bucket(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.get_bucket_location().bucket(name_in(key)).send().await;
    api.ask(&GET_BUCKET_LOCATION, key)
        .once_or_absent("NoSuchBucket", found, |output| {
            Ok(location(output.location_constraint.as_ref().map(AsRef::as_ref)))
        })
        .add(into, |location| {
            let bucket = Bucket {
                location,
                versioning: api.unread(&VERSIONING, key),
                public_access_block: api.unread(&PUBLIC_ACCESS_BLOCK, key),
                encryption: api.unread(&ENCRYPTION, key),
            };
            let head = api.head(key.to_owned(), name_in(key).to_owned(), api.unread(&TAGS, key));
            Ok(Resource::new(head, bucket))
        });
}

fn location(constraint: Option<&str>) -> String {
    match constraint {
        None | Some("") => NO_CONSTRAINT.to_owned(),
        // The first bucket locations were not named after regions.
        Some("EU") => "eu-west-1".to_owned(),
        Some(region) => region.to_owned(),
    }
}

async fn versioning(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.get_bucket_versioning().bucket(name_in(key)).send().await;
    let status =
        api.ask(&GET_BUCKET_VERSIONING, key).value(into, found, |output| Ok(output.status.map(text)));
    into.detail::<Bucket, _>(key, status, |bucket| &mut bucket.versioning);
}

async fn public_access_block(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.get_public_access_block().bucket(name_in(key)).send().await;
    let block = api
        .ask(&GET_PUBLIC_ACCESS_BLOCK, key)
        .once_or_absent("NoSuchPublicAccessBlockConfiguration", found, |output| {
            let block = need(output.public_access_block_configuration, "PublicAccessBlockConfiguration")?;
            Ok(PublicAccessBlock {
                block_public_acls: need(block.block_public_acls, "BlockPublicAcls")?,
                ignore_public_acls: need(block.ignore_public_acls, "IgnorePublicAcls")?,
                block_public_policy: need(block.block_public_policy, "BlockPublicPolicy")?,
                restrict_public_buckets: need(block.restrict_public_buckets, "RestrictPublicBuckets")?,
            })
        })
        .one(into);
    into.detail::<Bucket, _>(key, block, |bucket| &mut bucket.public_access_block);
}

async fn encryption(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.get_bucket_encryption().bucket(name_in(key)).send().await;
    let algorithm = api
        .ask(&GET_BUCKET_ENCRYPTION, key)
        .once_or_absent("ServerSideEncryptionConfigurationNotFoundError", found, |output| {
            let configuration =
                need(output.server_side_encryption_configuration, "ServerSideEncryptionConfiguration")?;
            let mut rules = configuration.rules.into_iter();
            let default = rules.find_map(|rule| rule.apply_server_side_encryption_by_default);
            Ok(text(need(default, "ApplyServerSideEncryptionByDefault")?.sse_algorithm))
        })
        .one(into);
    into.detail::<Bucket, _>(key, algorithm, |bucket| &mut bucket.encryption);
}

async fn tags_of(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.get_bucket_tagging().bucket(name_in(key)).send().await;
    let found: Result<Option<Tags>, _> = api
        .ask(&GET_BUCKET_TAGGING, key)
        .once_or_absent("NoSuchTagSet", found, |output| -> Result<_, Unreadable> {
            Ok(tags(output.tag_set.into_iter().map(|tag| (tag.key, tag.value))))
        })
        .one(into);
    into.tags(Kind::S3Bucket, key, found.map(Option::unwrap_or_default));
}

#[cfg(test)]
mod tests {
    use super::super::canned::Canned;
    use super::*;
    use crate::model::snapshot::Outcome;

    const ID: &str = "arn:aws:s3:::store";

    fn error(code: &str) -> String {
        format!("<Error><Code>{code}</Code></Error>")
    }

    async fn bucket() -> Resource {
        let answer = "<LocationConstraint>eu-west-1</LocationConstraint>";
        let found = Canned::new([(200, answer)]).fetch(&S3, &BUCKET, None, &[ID]).await;
        found.resource(ID).clone()
    }

    #[tokio::test]
    async fn a_bucket_that_does_not_exist_is_known_not_to() {
        let found = Canned::new([(404, &error("NoSuchBucket"))]).fetch(&S3, &BUCKET, None, &[ID]).await;
        assert!(found.ids().is_empty());
        let entry = found.entry(&GET_BUCKET_LOCATION, ID);
        assert_eq!((entry.outcome, entry.items), (Outcome::Complete, 0));
    }

    #[tokio::test]
    async fn details_are_asked_for_in_the_buckets_own_region() {
        let bucket = bucket().await;
        let service = Canned::new([(200, "<VersioningConfiguration/>")]);
        let found = service.fetch(&S3, &VERSIONING, Some(&bucket), &[ID]).await;
        let asked = &service.asked()[0];
        assert!(asked.starts_with("https://s3.eu-west-1.amazonaws.com/store/?versioning"), "{asked}");
        let bucket = found.resource(ID).as_kind::<Bucket>().expect("a bucket");
        assert_eq!(bucket.versioning.get(), Ok(&None));
    }

    #[tokio::test]
    async fn what_a_bucket_lacks_is_known_by_the_codes_that_say_so() {
        let subject = bucket().await;
        let answer = error("NoSuchPublicAccessBlockConfiguration");
        let found = Canned::new([(404, &answer)]);
        let found = found.fetch(&S3, &PUBLIC_ACCESS_BLOCK, Some(&subject), &[ID]).await;
        let block = &found.resource(ID).as_kind::<Bucket>().expect("a bucket").public_access_block;
        assert_eq!(block.get(), Ok(&None));

        let found = Canned::new([(404, &error("NoSuchTagSet"))]);
        let found = found.fetch(&S3, &TAGS, Some(&subject), &[ID]).await;
        assert_eq!(found.resource(ID).tags.get(), Ok(&Tags::new()));

        let found = Canned::new([(404, &error("NoSuchBucket"))]);
        let found = found.fetch(&S3, &TAGS, Some(&subject), &[ID]).await;
        assert!(found.resource(ID).tags.gap().is_some(), "a bucket that is gone is not untagged");
    }

    #[test]
    fn a_bucket_without_a_constraint_is_in_the_first_region() {
        assert_eq!(location(None), "us-east-1");
        assert_eq!(location(Some("EU")), "eu-west-1");
        assert_eq!(location(Some("us-west-1")), "us-west-1");
    }
}
