//! KMS: the names of keys.

use aws_sdk_kms::types::AliasListEntry;
use futures::future::BoxFuture;

use super::members::{Unreadable, marker, need};
use super::{Api, Batch, Collector};
use crate::collect::facts::Facts;
use crate::model::aws::kms::{ALIASES, Alias, LIST_ALIASES};
use crate::model::call::Source;
use crate::model::kind::{Resource, Tags};
use crate::model::seen::Seen;

const PAGE: i32 = 100;

pub(super) struct Kms;

impl Collector for Kms {
    fn id(&self) -> &'static str {
        "aws.kms"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&ALIASES]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_kms, api);
            for item in &batch.items {
                let page = |token| client.list_aliases().limit(PAGE).set_marker(token).send();
                api.ask(&LIST_ALIASES, item.key)
                    .pages(page, |page| {
                        Ok((need(page.aliases, "Aliases")?, marker(page.truncated, page.next_marker)?))
                    })
                    .await
                    .add(into, |found| facts(api, found));
            }
        })
    }
}

fn facts(api: &Api, found: AliasListEntry) -> Result<Resource, Unreadable> {
    // Aliases have no tags.
    let tags = Seen::Known(Tags::new());
    let head = api.head(need(found.alias_arn, "AliasArn")?, need(found.alias_name, "AliasName")?, tags);
    Ok(Resource::new(head, Alias { key: found.target_key_id }))
}

#[cfg(test)]
mod tests {
    use super::super::canned::Canned;
    use super::*;
    use crate::model::snapshot::Outcome;

    const FIRST: &str = r#"{"Truncated":true,"NextMarker":"m","Aliases":[{"AliasName":"alias/app",
        "AliasArn":"arn:aws:kms:us-west-1:111111111111:alias/app","TargetKeyId":"key-1"}]}"#;
    const APP: &str = "arn:aws:kms:us-west-1:111111111111:alias/app";

    #[tokio::test]
    async fn an_alias_of_aws_may_name_no_key_yet() {
        let last = r#"{"Truncated":false,"Aliases":[{"AliasName":"alias/aws/ebs",
            "AliasArn":"arn:aws:kms:us-west-1:111111111111:alias/aws/ebs"}]}"#;
        let service = Canned::new([(200, FIRST), (200, last)]);
        let found = service.fetch(&Kms, &ALIASES, None, &[""]).await;
        assert!(service.asked()[1].contains(r#""Marker":"m""#), "{:?}", service.asked());
        let key = |id| found.resource(id).as_kind::<Alias>().expect("an alias").key.as_deref();
        assert_eq!(key(APP), Some("key-1"));
        assert_eq!(found.resource(APP).name, "alias/app");
        assert_eq!(key("arn:aws:kms:us-west-1:111111111111:alias/aws/ebs"), None);
        let entry = found.entry(&LIST_ALIASES, "");
        assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Complete, 2, 2));
    }

    #[tokio::test]
    async fn a_list_without_its_members_or_its_marker_is_incomplete() {
        for broken in ["{}", r#"{"Truncated":true,"Aliases":[]}"#] {
            let found = Canned::new([(200, broken)]).fetch(&Kms, &ALIASES, None, &[""]).await;
            assert_eq!(found.entry(&LIST_ALIASES, "").outcome, Outcome::Failed, "{broken}");
        }
    }
}
