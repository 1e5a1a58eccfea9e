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
            let client = client!(aws_sdk_ecs, api);
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

/// What was described. One that went missing since it was listed is gone; any other failure makes the answer
/// incomplete.
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

#[cfg(test)]
mod tests {
    use super::super::canned::Canned;
    use super::*;
    use crate::model::snapshot::Outcome;

    const CLUSTER: &str = "arn:aws:ecs:us-west-1:111111111111:cluster/main";
    const SERVICE: &str = "arn:aws:ecs:us-west-1:111111111111:service/main/web";
    const LISTED: (u16, &str) =
        (200, r#"{"serviceArns":["arn:aws:ecs:us-west-1:111111111111:service/main/web"]}"#);

    async fn services_as(described: &str) -> super::super::canned::Found {
        Canned::new([LISTED, (200, described)]).fetch(&Ecs, &SERVICES, None, &[CLUSTER]).await
    }

    #[tokio::test]
    async fn the_primary_task_set_says_what_runs() {
        let found = services_as(
            r#"{"failures":[],"services":[{
                "serviceArn":"arn:aws:ecs:us-west-1:111111111111:service/main/web","serviceName":"web",
                "status":"ACTIVE","desiredCount":2,"runningCount":2,"pendingCount":0,
                "deploymentController":{"type":"CODE_DEPLOY"},"taskDefinition":"old","launchType":"EC2",
                "loadBalancers":[{"targetGroupArn":"blue","containerName":"app","containerPort":80}],
                "taskSets":[
                    {"status":"ACTIVE","taskDefinition":"next","loadBalancers":[{"targetGroupArn":"green"}]},
                    {"status":"PRIMARY","taskDefinition":"now","launchType":"FARGATE",
                     "stabilityStatus":"STEADY_STATE",
                     "networkConfiguration":{"awsvpcConfiguration":{"subnets":["b","a"],"securityGroups":["sg"]}},
                     "loadBalancers":[{"targetGroupArn":"blue","containerName":"app","containerPort":80}]}],
                "tags":[{"key":"env","value":"dev"}]}]}"#,
        )
        .await;
        let resource = found.resource(SERVICE);
        assert_eq!(resource.tags.get().expect("told with the service")["env"], "dev");
        let service = resource.as_kind::<Service>().expect("a service");
        assert_eq!(service.task_definition.as_deref(), Some("now"));
        assert_eq!(service.launch_type.as_deref(), Some("FARGATE"));
        assert_eq!(service.rollout.as_deref(), Some("STEADY_STATE"));
        assert_eq!(service.subnets, ["a", "b"]);
        assert_eq!(service.others_in_progress, 1);
        let groups: Vec<_> = service.load_balancers.iter().map(|at| &*at.target_group).collect();
        assert_eq!(groups, ["blue", "green"]);
    }

    #[tokio::test]
    async fn a_service_that_went_missing_is_gone_and_another_failure_is_a_gap() {
        let found = services_as(r#"{"services":[],"failures":[{"arn":"web","reason":"MISSING"}]}"#).await;
        assert_eq!(found.entry(&DESCRIBE_SERVICES, CLUSTER).outcome, Outcome::Complete);
        let found = services_as(r#"{"services":[],"failures":[{"arn":"web","reason":"ACCESS"}]}"#).await;
        assert_eq!(found.entry(&DESCRIBE_SERVICES, CLUSTER).outcome, Outcome::Failed);
        let found = services_as(r#"{"services":[],"failures":[]}"#).await;
        assert_eq!(found.entry(&DESCRIBE_SERVICES, CLUSTER).outcome, Outcome::Failed);
    }

    #[tokio::test]
    async fn services_are_described_ten_at_a_time_under_one_ledger_entry() {
        let arns: Vec<_> = (0..11).map(|n| format!("\"{SERVICE}{n}\"")).collect();
        let listed = format!(r#"{{"serviceArns":[{}]}}"#, arns.join(","));
        let missing = |n: usize| {
            format!(r#"{{"services":[],"failures":[{}]}}"#, ["{\"reason\":\"MISSING\"}"].repeat(n).join(","))
        };
        let service = Canned::new([(200, &listed), (200, &missing(10)), (200, &missing(1))]);
        let found = service.fetch(&Ecs, &SERVICES, None, &[CLUSTER]).await;
        let entry = found.entry(&DESCRIBE_SERVICES, CLUSTER);
        assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Complete, 2, 0));
    }

    fn service(task_definition: Option<&str>) -> Resource {
        let api = Canned::new([]).api("us-west-1");
        let found = sdk::Service::builder().service_arn(SERVICE).service_name("web").status("ACTIVE");
        let found = found.set_task_definition(task_definition.map(str::to_owned)).build();
        facts::service(&api, CLUSTER, found).expect("arn, name and status")
    }

    #[tokio::test]
    async fn only_essential_containers_become_resources() {
        let described = r#"{"tags":[],"taskDefinition":{
            "taskDefinitionArn":"arn:aws:ecs:us-west-1:111111111111:task-definition/web:7","family":"web","revision":7,
            "taskRoleArn":"arn:aws:iam::111111111111:role/web",
            "containerDefinitions":[
                {"name":"app","image":"app:1","essential":true,"portMappings":[{"containerPort":8080}]},
                {"name":"sidecar","image":"log:1","essential":false}]}}"#;
        let subject = service(Some("web:7"));
        let canned = Canned::new([(200, described)]);
        let found = canned.fetch(&Ecs, &TASK_DEFINITION, Some(&subject), &[SERVICE]).await;
        let container = format!("{SERVICE}/app");
        let definition = "arn:aws:ecs:us-west-1:111111111111:task-definition/web:7";
        assert_eq!(found.ids(), [SERVICE, &container, definition]);
        assert_eq!(found.entry(&DESCRIBE_TASK_DEFINITION, SERVICE).outcome, Outcome::Complete);
    }

    #[tokio::test]
    async fn a_service_without_a_task_definition_runs_nothing_and_one_unread_is_a_gap() {
        let subject = service(None);
        let canned = Canned::new([]);
        let found = canned.fetch(&Ecs, &TASK_DEFINITION, Some(&subject), &[SERVICE]).await;
        let entry = found.entry(&DESCRIBE_TASK_DEFINITION, SERVICE);
        assert_eq!((entry.outcome, entry.pages), (Outcome::Complete, 0));
        let found = canned.fetch(&Ecs, &TASK_DEFINITION, None, &[SERVICE]).await;
        assert_eq!(found.entry(&DESCRIBE_TASK_DEFINITION, SERVICE).outcome, Outcome::Failed);
        assert!(canned.asked().is_empty());
    }
}
