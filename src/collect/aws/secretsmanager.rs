//! Secrets Manager: which secrets exist. Nothing here can ask for what they are.

use aws_sdk_secretsmanager::types::SecretListEntry;
use futures::future::BoxFuture;

use super::members::{Unreadable, need, tags};
use super::{Api, Batch, Collector};
use crate::collect::facts::Facts;
use crate::model::aws::secretsmanager::{LIST_SECRETS, SECRETS, Secret};
use crate::model::call::Source;
use crate::model::kind::Resource;
use crate::model::seen::Seen;

const PAGE: i32 = 100;

pub(super) struct SecretsManager;

impl Collector for SecretsManager {
    fn id(&self) -> &'static str {
        "aws.secretsmanager"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&SECRETS]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_secretsmanager, api);
            for item in &batch.items {
                let page = |token| client.list_secrets().max_results(PAGE).set_next_token(token).send();
                api.ask(&LIST_SECRETS, item.key)
                    .pages(page, |page| Ok((need(page.secret_list, "SecretList")?, page.next_token)))
                    .await
                    .add(into, |found| facts(api, found));
            }
        })
    }
}

fn facts(api: &Api, found: SecretListEntry) -> Result<Resource, Unreadable> {
    let found_tags = found.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
    let head = api.head(need(found.arn, "ARN")?, need(found.name, "Name")?, Seen::Known(tags(found_tags)));
    let secret = Secret {
        kms_key: found.kms_key_id,
        rotation: found.rotation_enabled,
        owning_service: found.owning_service,
    };
    Ok(Resource::new(head, secret))
}
