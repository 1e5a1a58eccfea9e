//! AWS collectors: one file a service. Each declares its sources and fetches them with the official SDK.

/// A client of one service, with a retry quota of its own for each account and region: the SDK's default one is
/// shared, so that one throttled account would take the others' retries.
macro_rules! client {
    ($sdk:ident, $api:expr) => {{
        let config = $sdk::config::Builder::from(&$api.config);
        $sdk::Client::from_conf(config.retry_partition($api.retry_partition(stringify!($sdk))).build())
    }};
}

pub(crate) mod access;
mod acm;
pub(crate) mod asked;
#[cfg(test)]
mod canned;
mod codebuild;
mod codedeploy;
mod codepipeline;
mod dynamodb;
mod ec2;
mod ecr;
mod ecs;
mod eks;
mod elbv2;
mod entry;
pub(crate) mod errors;
mod iam;
mod identity;
mod kms;
mod members;
mod pages;
mod rds;
mod route53;
mod s3;
mod secretsmanager;

use aws_types::SdkConfig;
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;

use super::facts::Facts;
use crate::model::call::Source;
use crate::model::kind::Resource;
use crate::model::scope::Scope;

pub trait Collector: Sync {
    /// `aws.ecr`
    fn id(&self) -> &'static str;

    /// What it can be asked for. The calls of its sources are all it may make.
    fn sources(&self) -> &'static [&'static Source];

    /// Asks for one batch, and notes for every key how it ended: a failure is a fact too, so there is no
    /// `Err`.
    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()>;
}

/// One account in one region, ready to be asked.
pub struct Api {
    /// Region, credentials, retries, timeouts and transport; a client of any service is made from it.
    pub config: SdkConfig,
    /// The scope that facts and ledger carry. Global services have the region `global` here and a real one in
    /// `config`.
    pub scope: Scope,
    pub read_at: DateTime<Utc>,
}

/// Requests to one source in one scope, at most `source.batch` of them.
pub struct Batch<'a> {
    pub source: &'static Source,
    pub items: Vec<Item<'a>>,
}

#[derive(Clone, Copy)]
pub struct Item<'a> {
    /// The parent or the resource asked about; empty where the source lists a whole scope.
    pub key: &'a str,
    /// That parent or resource, where it was read before.
    pub subject: Option<&'a Resource>,
}

/// Everything that can be asked, each source of one collector alone.
pub const COLLECTORS: &[&dyn Collector] = &[
    &acm::Acm,
    &codebuild::CodeBuild,
    &codedeploy::CodeDeploy,
    &codepipeline::CodePipeline,
    &dynamodb::DynamoDb,
    &ec2::Ec2,
    &ecr::Ecr,
    &ecs::Ecs,
    &eks::Eks,
    &elbv2::Elbv2,
    &iam::Iam,
    &kms::Kms,
    &rds::Rds,
    &route53::Route53,
    &s3::S3,
    &secretsmanager::SecretsManager,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kind::Kind;

    #[test]
    fn every_source_has_exactly_one_collector() {
        for kind in Kind::ALL.iter().filter(|kind| kind.name().starts_with("aws.")) {
            for source in kind.meta().sources() {
                let able = COLLECTORS.iter().filter(|collector| collector.sources().contains(&source));
                assert_eq!(able.count(), 1, "{kind}: {}", source.primary());
            }
        }
    }
}
