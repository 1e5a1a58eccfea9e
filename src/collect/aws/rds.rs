//! RDS: database instances and clusters.

use aws_sdk_rds::Client;
use aws_sdk_rds::types as sdk;
use futures::future::BoxFuture;

use super::members::{Unreadable, need, sorted, tags};
use super::{Api, Batch, Collector};
use crate::collect::facts::Facts;
use crate::model::aws::rds::{
    CLUSTERS, Cluster, DESCRIBE_DB_CLUSTERS, DESCRIBE_DB_INSTANCES, INSTANCES, Instance,
};
use crate::model::call::Source;
use crate::model::kind::{Resource, Tags};
use crate::model::seen::Seen;

const PAGE: i32 = 100;

pub(super) struct Rds;

impl Collector for Rds {
    fn id(&self) -> &'static str {
        "aws.rds"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&INSTANCES, &CLUSTERS]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_rds, api);
            for item in &batch.items {
                match *batch.source.calls[0] {
                    DESCRIBE_DB_INSTANCES => instances(api, &client, item.key, into).await,
                    DESCRIBE_DB_CLUSTERS => clusters(api, &client, item.key, into).await,
                    _ => debug_assert!(false, "{} is not asked here", batch.source.primary()),
                }
            }
        })
    }
}

async fn instances(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let page = |marker| client.describe_db_instances().max_records(PAGE).set_marker(marker).send();
    api.ask(&DESCRIBE_DB_INSTANCES, key)
        .pages(page, |page| Ok((page.db_instances.unwrap_or_default(), page.marker)))
        .await
        .add(into, |found| instance(api, found));
}

async fn clusters(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let page = |marker| client.describe_db_clusters().max_records(PAGE).set_marker(marker).send();
    api.ask(&DESCRIBE_DB_CLUSTERS, key)
        .pages(page, |page| Ok((page.db_clusters.unwrap_or_default(), page.marker)))
        .await
        .add(into, |found| cluster(api, found));
}

fn instance(api: &Api, found: sdk::DbInstance) -> Result<Resource, Unreadable> {
    let id = need(found.db_instance_arn, "DBInstanceArn")?;
    let name = need(found.db_instance_identifier, "DBInstanceIdentifier")?;
    let head = api.head(id, name, Seen::Known(tags_of(found.tag_list)));
    let (vpc, subnets) = found
        .db_subnet_group
        .map(|group| (group.vpc_id, group.subnets.unwrap_or_default()))
        .unwrap_or_default();
    let instance = Instance {
        engine: found.engine,
        status: found.db_instance_status,
        port: found.endpoint.and_then(|endpoint| endpoint.port).map(i64::from),
        vpc,
        subnets: sorted(subnets.into_iter().filter_map(|subnet| subnet.subnet_identifier)),
        groups: groups(found.vpc_security_groups),
        publicly_accessible: need(found.publicly_accessible, "PubliclyAccessible")?,
        encrypted: need(found.storage_encrypted, "StorageEncrypted")?,
        multi_az: need(found.multi_az, "MultiAZ")?,
        deletion_protection: need(found.deletion_protection, "DeletionProtection")?,
        cluster: found.db_cluster_identifier,
    };
    Ok(Resource::new(head, instance))
}

fn cluster(api: &Api, found: sdk::DbCluster) -> Result<Resource, Unreadable> {
    let id = need(found.db_cluster_arn, "DBClusterArn")?;
    let name = need(found.db_cluster_identifier, "DBClusterIdentifier")?;
    let head = api.head(id, name, Seen::Known(tags_of(found.tag_list)));
    let members = found.db_cluster_members.unwrap_or_default().into_iter();
    let cluster = Cluster {
        engine: found.engine,
        status: found.status,
        port: found.port.map(i64::from),
        groups: groups(found.vpc_security_groups),
        encrypted: need(found.storage_encrypted, "StorageEncrypted")?,
        deletion_protection: need(found.deletion_protection, "DeletionProtection")?,
        members: sorted(members.filter_map(|member| member.db_instance_identifier)),
    };
    Ok(Resource::new(head, cluster))
}

fn groups(found: Option<Vec<sdk::VpcSecurityGroupMembership>>) -> Vec<String> {
    sorted(found.unwrap_or_default().into_iter().filter_map(|member| member.vpc_security_group_id))
}

fn tags_of(found: Option<Vec<sdk::Tag>>) -> Tags {
    tags(found.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)))
}
