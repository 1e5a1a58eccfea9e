//! `DynamoDB`: tables by name, what they are made of, never what is in them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{KeyType, PointInTimeRecoveryStatus, TableDescription};
use futures::future::BoxFuture;

use super::members::{Unreadable, need, tags, text};
use super::{Api, Batch, Collector};
use crate::collect::facts::Facts;
use crate::model::aws::Arn;
use crate::model::aws::dynamodb::{
    BACKUPS, DESCRIBE_CONTINUOUS_BACKUPS, DESCRIBE_TABLE, Description, GET_RESOURCE_POLICY, LIST_TABLES,
    LIST_TAGS_OF_RESOURCE, POLICY, TABLE, TABLES, TAGS, Table,
};
use crate::model::aws::policy::PolicyDocument;
use crate::model::call::Source;
use crate::model::kind::{Kind, Resource};

const PAGE: i32 = 100;

pub(super) struct DynamoDb;

impl Collector for DynamoDb {
    fn id(&self) -> &'static str {
        "aws.dynamodb"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&TABLES, &TABLE, &BACKUPS, &POLICY, &TAGS]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_dynamodb, api);
            for item in &batch.items {
                match *batch.source.calls[0] {
                    LIST_TABLES => tables(api, &client, item.key, into).await,
                    DESCRIBE_TABLE => description(api, &client, item.key, into).await,
                    DESCRIBE_CONTINUOUS_BACKUPS => backups(api, &client, item.key, into).await,
                    GET_RESOURCE_POLICY => policy(api, &client, item.key, into).await,
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

/// Some calls take a table's name; ids are ARNs.
fn name_in(key: &str) -> &str {
    Arn::parse(key).map_or(key, |arn| arn.name())
}

async fn description(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.describe_table().table_name(name_in(key)).send().await;
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

async fn backups(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.describe_continuous_backups().table_name(name_in(key)).send().await;
    let on = api.ask(&DESCRIBE_CONTINUOUS_BACKUPS, key).value(into, found, |output| {
        let backups = need(output.continuous_backups_description, "ContinuousBackupsDescription")?;
        let recovery = need(backups.point_in_time_recovery_description, "PointInTimeRecoveryDescription")?;
        match need(recovery.point_in_time_recovery_status, "PointInTimeRecoveryStatus")? {
            PointInTimeRecoveryStatus::Enabled => Ok(true),
            PointInTimeRecoveryStatus::Disabled => Ok(false),
            _ => Err(Unreadable::Garbled("PointInTimeRecoveryStatus")),
        }
    });
    into.detail::<Table, _>(key, on, |table| &mut table.point_in_time_recovery);
}

async fn policy(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.get_resource_policy().resource_arn(key).send().await;
    let policy = api
        .ask(&GET_RESOURCE_POLICY, key)
        .once_or_absent("PolicyNotFoundException", found, |output| {
            Ok(PolicyDocument::parse(&need(output.policy, "Policy")?)?)
        })
        .one(into);
    into.detail::<Table, _>(key, policy, |table| &mut table.policy);
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

#[cfg(test)]
mod tests {
    use super::super::canned::Canned;
    use super::*;
    use crate::model::snapshot::Outcome;

    const ID: &str = "arn:aws:dynamodb:us-west-1:111111111111:table/menu";

    /// The table with one more detail, and how its call ended.
    async fn table_with(source: &'static Source, status: u16, body: &str) -> (Table, Outcome) {
        let listed = Canned::new([(200, r#"{"TableNames":["menu"]}"#)]);
        let listed = listed.fetch(&DynamoDb, &TABLES, None, &[""]).await;
        let subject = listed.resource(ID).clone();
        let found = Canned::new([(status, body)]).fetch(&DynamoDb, source, Some(&subject), &[ID]).await;
        let outcome = found.entry(source.calls[0], ID).outcome;
        (found.resource(ID).as_kind::<Table>().expect("a table").clone(), outcome)
    }

    async fn recovery_as(status: u16, body: &str) -> (Option<bool>, Outcome) {
        let (table, outcome) = table_with(&BACKUPS, status, body).await;
        (table.point_in_time_recovery.get().ok().copied(), outcome)
    }

    #[tokio::test]
    async fn recovery_is_on_or_off_or_not_known() {
        let told = |status: &str| {
            format!(
                r#"{{"ContinuousBackupsDescription":{{"ContinuousBackupsStatus":"ENABLED",
                "PointInTimeRecoveryDescription":{{"PointInTimeRecoveryStatus":"{status}"}}}}}}"#
            )
        };
        assert_eq!(recovery_as(200, &told("ENABLED")).await, (Some(true), Outcome::Complete));
        assert_eq!(recovery_as(200, &told("DISABLED")).await, (Some(false), Outcome::Complete));
        assert_eq!(recovery_as(200, &told("LATER")).await, (None, Outcome::Failed));
        let untold = r#"{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED"}}"#;
        for body in ["{}", untold] {
            assert_eq!(recovery_as(200, body).await, (None, Outcome::Failed), "{body}");
        }
        let denied = r#"{"__type":"AccessDeniedException"}"#;
        assert_eq!(recovery_as(400, denied).await, (None, Outcome::Denied));
    }

    #[tokio::test]
    async fn a_table_without_a_policy_is_known_to_have_none() {
        let (table, outcome) = table_with(&POLICY, 400, r#"{"__type":"PolicyNotFoundException"}"#).await;
        assert_eq!((table.policy.get().ok(), outcome), (Some(&None), Outcome::Complete));
        let (table, _) = table_with(&POLICY, 200, r#"{"Policy":"{\"Statement\":[]}"}"#).await;
        assert!(table.policy.get().expect("read").is_some());
    }

    #[tokio::test]
    async fn a_policy_that_was_not_told_is_a_gap() {
        let gone = r#"{"__type":"ResourceNotFoundException"}"#;
        for (status, body) in [(400, gone), (200, "{}"), (200, r#"{"Policy":"{"}"#)] {
            let (table, outcome) = table_with(&POLICY, status, body).await;
            assert!(table.policy.gap().is_some() && outcome == Outcome::Failed, "{body}");
        }
    }
}
