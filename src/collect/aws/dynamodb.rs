//! `DynamoDB`: tables by name, what they are made of, never what is in them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{KeyType, TableDescription};
use futures::future::BoxFuture;

use super::members::{Unreadable, need, tags, text};
use super::{Api, Batch, Collector};
use crate::collect::facts::Facts;
use crate::model::aws::Arn;
use crate::model::aws::dynamodb::{
    BACKUPS, DESCRIBE_TABLE, Description, LIST_TABLES, LIST_TAGS_OF_RESOURCE, POLICY, TABLE, TABLES, TAGS,
    Table,
};
use crate::model::call::Source;
use crate::model::kind::{Kind, Resource};

const PAGE: i32 = 100;

pub(super) struct DynamoDb;

impl Collector for DynamoDb {
    fn id(&self) -> &'static str {
        "aws.dynamodb"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&TABLES, &TABLE, &TAGS]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_dynamodb, api);
            for item in &batch.items {
                match *batch.source.calls[0] {
                    LIST_TABLES => tables(api, &client, item.key, into).await,
                    DESCRIBE_TABLE => description(api, &client, item.key, into).await,
                    LIST_TAGS_OF_RESOURCE => tags_of(api, &client, item.key, into).await,
                    _ => debug_assert!(false, "{} is not asked here", batch.source.primary()),
                }
            }
        })
    }
}

async fn tables(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let page = |last| client.list_tables().limit(PAGE).set_exclusive_start_table_name(last).send();
    api.ask(&LIST_TABLES, key)
        .pages(page, |page| Ok((need(page.table_names, "TableNames")?, page.last_evaluated_table_name)))
        .await
        .add(into, |name| {
            let id = api.arn("dynamodb", &format!("table/{name}"));
            let table = Table {
                description: api.unread(&TABLE, &id),
                point_in_time_recovery: api.unread(&BACKUPS, &id),
                policy: api.unread(&POLICY, &id),
            };
            let tags = api.unread(&TAGS, &id);
            Ok(Resource::new(api.head(id, name, tags), table))
        });
}

async fn description(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let name = Arn::parse(key).map_or(key, |arn| arn.name());
    let found = client.describe_table().table_name(name).send().await;
    let description =
        api.ask(&DESCRIBE_TABLE, key).value(into, found, |output| facts(need(output.table, "Table")?));
    into.detail::<Table, _>(key, description, |table| &mut table.description);
}

fn facts(found: TableDescription) -> Result<Description, Unreadable> {
    let mut keys = need(found.key_schema, "KeySchema")?;
    keys.sort_by_key(|key| key.key_type != KeyType::Hash);
    Ok(Description {
        status: found.table_status.map(text),
        billing: found.billing_mode_summary.and_then(|summary| summary.billing_mode).map(text),
        keys: keys.into_iter().map(|key| key.attribute_name).collect(),
        kms_key: found.sse_description.and_then(|encryption| encryption.kms_master_key_arn),
        deletion_protection: found.deletion_protection_enabled,
    })
}

async fn tags_of(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let list = || client.list_tags_of_resource().resource_arn(key);
    let found = api
        .ask(&LIST_TAGS_OF_RESOURCE, key)
        .pages(
            |token| list().set_next_token(token).send(),
            |page| Ok((page.tags.unwrap_or_default(), page.next_token)),
        )
        .await
        .all(into)
        .map(|all| tags(all.into_iter().map(|tag| (tag.key, tag.value))));
    into.tags(Kind::DynamodbTable, key, found);
}
