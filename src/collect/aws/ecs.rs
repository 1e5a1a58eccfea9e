//! ECS: clusters, services, what they run and what runs.

mod facts;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types as sdk;
use futures::future::BoxFuture;

use super::members::{Unreadable, need, tags};
use super::{Api, Batch, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::aws::ecs::{
    CLUSTERS, DESCRIBE_CLUSTERS, DESCRIBE_SERVICES, DESCRIBE_TASK_DEFINITION, DESCRIBE_TASKS, LIST_CLUSTERS,
    LIST_SERVICES, LIST_TASKS, SERVICES, Service, TASK_DEFINITION, TASKS,
};
use crate::model::call::Source;
use crate::model::kind::{Resource, Tags};

/// The largest page of a list, and how many clusters or tasks one description takes.
const PAGE: i32 = 100;
const AT_ONCE: usize = 100;
const SERVICES_AT_ONCE: usize = 10;

pub(super) struct Ecs;

impl Collector for Ecs {
    fn id(&self) -> &'static str {
        "aws.ecs"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&CLUSTERS, &SERVICES, &TASKS, &TASK_DEFINITION]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = Client::new(&api.config);
            for item in &batch.items {
                match *batch.source.calls[0] {
                    LIST_CLUSTERS => clusters(api, &client, item.key, into).await,
                    LIST_SERVICES => services(api, &client, item.key, into).await,
                    LIST_TASKS => tasks(api, &client, item, into).await,
                    DESCRIBE_TASK_DEFINITION => task_definition(api, &client, item, into).await,
                    _ => debug_assert!(false, "{} is not asked here", batch.source.primary()),
                }
            }
        })
    }
}

async fn clusters(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let page = |token| client.list_clusters().max_results(PAGE).set_next_token(token).send();
    let listed = api
        .ask(&LIST_CLUSTERS, key)
        .pages(page, |page| Ok((need(page.cluster_arns, "clusterArns")?, page.next_token)));
    let (arns, _) = listed.await.noted(into);
    for some in arns.chunks(AT_ONCE) {
        let clusters = client.describe_clusters().set_clusters(Some(some.to_vec()));
        let with = [sdk::ClusterField::Tags, sdk::ClusterField::Settings];
        let described = clusters.set_include(Some(with.to_vec())).send().await;
        api.ask(&DESCRIBE_CLUSTERS, key)
            .once(described, |output| {
                let found = need(output.clusters, "clusters")?;
                all_or_missing(found, output.failures, some.len())
            })
            .add(into, |found| facts::cluster(api, found));
    }
}

async fn services(api: &Api, client: &Client, cluster: &str, into: &mut Facts) {
    let page = |token| {
        let services = client.list_services().cluster(cluster);
        services.max_results(PAGE).set_next_token(token).send()
    };
    let listed = api
        .ask(&LIST_SERVICES, cluster)
        .pages(page, |page| Ok((need(page.service_arns, "serviceArns")?, page.next_token)));
    let (arns, _) = listed.await.noted(into);
    for some in arns.chunks(SERVICES_AT_ONCE) {
        let services = client.describe_services().cluster(cluster).set_services(Some(some.to_vec()));
        let described = services.include(sdk::ServiceField::Tags).send().await;
        api.ask(&DESCRIBE_SERVICES, cluster)
            .once(described, |output| {
                let found = need(output.services, "services")?;
                all_or_missing(found, output.failures, some.len())
            })
            .add(into, |found| facts::service(api, cluster, found));
    }
}

async fn tasks(api: &Api, client: &Client, item: &Item<'_>, into: &mut Facts) {
    let listing = api.ask(&LIST_TASKS, item.key);
    let Some((service, head)) = service_of(item) else {
        return listing.impossible::<Resource>(UNREAD_SERVICE).add(into, Ok);
    };
    let page = |token| {
        let tasks = client.list_tasks().cluster(&service.cluster).service_name(&head.name);
        tasks.max_results(PAGE).set_next_token(token).send()
    };
    let listed = listing.pages(page, |page| Ok((need(page.task_arns, "taskArns")?, page.next_token)));
    let (arns, _) = listed.await.noted(into);
    for some in arns.chunks(AT_ONCE) {
        let tasks = client.describe_tasks().cluster(&service.cluster).set_tasks(Some(some.to_vec()));
        let described = tasks.send().await;
        api.ask(&DESCRIBE_TASKS, item.key)
            .once(described, |output| {
                all_or_missing(need(output.tasks, "tasks")?, output.failures, some.len())
            })
            .add(into, |found| facts::task(api, item.key, found));
    }
}

async fn task_definition(api: &Api, client: &Client, item: &Item<'_>, into: &mut Facts) {
    let asked = api.ask(&DESCRIBE_TASK_DEFINITION, item.key);
    let Some((service, _)) = service_of(item) else {
        return asked.impossible::<Resource>(UNREAD_SERVICE).add(into, Ok);
    };
    let Some(arn) = &service.task_definition else {
        return asked.nothing::<Resource>(0).add(into, Ok);
    };
    let definition = client.describe_task_definition().task_definition(arn);
    let described = definition.include(sdk::TaskDefinitionField::Tags).send().await;
    asked
        .once(described, |output| {
            let tags = tags_of(output.tags);
            facts::task_definition(api, item.key, need(output.task_definition, "taskDefinition")?, tags)
        })
        .add(into, Ok);
}

const UNREAD_SERVICE: &str = "the service it is about was not read";

fn service_of<'a>(item: &Item<'a>) -> Option<(&'a Service, &'a Resource)> {
    item.subject.and_then(|resource| Some((resource.as_kind::<Service>()?, resource)))
}

/// What was described. One that went missing since it was listed is gone; any other failure makes the answer incomplete.
fn all_or_missing<T>(
    found: Vec<T>,
    failures: Option<Vec<sdk::Failure>>,
    asked: usize,
) -> Result<Vec<T>, Unreadable> {
    let failures = failures.unwrap_or_default();
    let reason = |failure: &sdk::Failure| failure.reason.clone().unwrap_or_default();
    if let Some(other) = failures.iter().map(reason).find(|reason| reason != "MISSING") {
        return Err(Unreadable::Refused(other));
    }
    if found.len() + failures.len() < asked {
        return Err(Unreadable::Refused(format!("{} out of {asked} that were asked about", found.len())));
    }
    Ok(found)
}

fn tags_of(found: Option<Vec<sdk::Tag>>) -> Tags {
    tags(found.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)))
}
