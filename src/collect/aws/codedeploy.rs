//! `CodeDeploy`: applications and their deployment groups.

use aws_sdk_codedeploy::Client;
use aws_sdk_codedeploy::types as sdk;
use futures::future::BoxFuture;

use super::members::{Unreadable, need, sorted, tags, text};
use super::{Api, Batch, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::aws::Arn;
use crate::model::aws::codedeploy::{
    APPLICATION, APPLICATIONS, Application, BATCH_GET_APPLICATIONS, BATCH_GET_DEPLOYMENT_GROUPS, GROUPS,
    Group, LIST_APPLICATIONS, LIST_DEPLOYMENT_GROUPS, LIST_TAGS_FOR_RESOURCE, ServiceRef, TAGS,
};
use crate::model::call::Source;
use crate::model::kind::{Kind, Resource};

const AT_ONCE: usize = 100;

pub(super) struct CodeDeploy;

impl Collector for CodeDeploy {
    fn id(&self) -> &'static str {
        "aws.codedeploy"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&APPLICATIONS, &APPLICATION, &GROUPS, &TAGS]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_codedeploy, api);
            if *batch.source == APPLICATION {
                return platforms(api, &client, &batch.items, into).await;
            }
            for item in &batch.items {
                match *batch.source.calls[0] {
                    LIST_APPLICATIONS => applications(api, &client, item.key, into).await,
                    LIST_DEPLOYMENT_GROUPS => groups(api, &client, item, into).await,
                    LIST_TAGS_FOR_RESOURCE => tags_of(api, &client, item.key, into).await,
                    _ => debug_assert!(false, "{} is not asked here", batch.source.primary()),
                }
            }
        })
    }
}

async fn applications(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let page = |token| client.list_applications().set_next_token(token).send();
    let listed = api
        .ask(&LIST_APPLICATIONS, key)
        .pages(page, |page| Ok((need(page.applications, "applications")?, page.next_token)));
    listed.await.add(into, |name| {
        let id = api.arn("codedeploy", &format!("application:{name}"));
        let application = Application { compute_platform: api.unread(&APPLICATION, &id) };
        let tags = api.unread(&TAGS, &id);
        Ok(Resource::new(api.head(id, name, tags), application))
    });
}

async fn platforms(api: &Api, client: &Client, items: &[Item<'_>], into: &mut Facts) {
    let names = items.iter().filter_map(|item| application_in(item.key)).map(str::to_owned).collect();
    let described = client.batch_get_applications().set_application_names(Some(names)).send().await;
    let answer = api.ask(&BATCH_GET_APPLICATIONS, "").once(described, |output| {
        let found = need(output.applications_info, "applicationsInfo")?.into_iter().map(|found| {
            let name = need(found.application_name, "applicationName")?;
            Ok((api.arn("codedeploy", &format!("application:{name}")), found.compute_platform.map(text)))
        });
        found.collect()
    });
    for (id, found) in answer.of_all(items.len(), "applicationsInfo").by_key(items, into, |(id, _)| id) {
        if let Some(found) = found.map(|found| found.map(|(_, platform)| platform)).transpose() {
            into.detail(id, found, |facts: &mut Application| &mut facts.compute_platform);
        }
    }
}

/// The name in an application's ARN.
fn application_in(key: &str) -> Option<&str> {
    Arn::parse(key)?.resource.strip_prefix("application:")
}

async fn groups(api: &Api, client: &Client, item: &Item<'_>, into: &mut Facts) {
    let listing = api.ask(&LIST_DEPLOYMENT_GROUPS, item.key);
    let Some(application) = application_in(item.key) else {
        return listing.impossible::<Resource>("the key is no application's ARN").add(into, Ok);
    };
    let groups = || client.list_deployment_groups().application_name(application);
    let page = |token| groups().set_next_token(token).send();
    let listed =
        listing.pages(page, |page| Ok((need(page.deployment_groups, "deploymentGroups")?, page.next_token)));
    let (names, _) = listed.await.noted(into);
    for some in names.chunks(AT_ONCE) {
        let described = client.batch_get_deployment_groups().application_name(application);
        let described = described.set_deployment_group_names(Some(some.to_vec())).send().await;
        api.ask(&BATCH_GET_DEPLOYMENT_GROUPS, item.key)
            .once(described, |output| {
                let found = need(output.deployment_groups_info, "deploymentGroupsInfo")?;
                let complaint = output.error_message.filter(|_| found.len() < some.len());
                complaint.map_or(Ok(found), |complaint| Err(Unreadable::Refused(complaint)))
            })
            .of_all(some.len(), "deploymentGroupsInfo")
            .add(into, |found| group(api, item.key, application, found));
    }
}

fn group(
    api: &Api,
    parent: &str,
    application: &str,
    found: sdk::DeploymentGroupInfo,
) -> Result<Resource, Unreadable> {
    let name = need(found.deployment_group_name, "deploymentGroupName")?;
    let id = api.arn("codedeploy", &format!("deploymentgroup:{application}/{name}"));
    let tags = api.unread(&TAGS, &id);
    let service = |service: sdk::EcsService| {
        Ok(ServiceRef {
            cluster: need(service.cluster_name, "clusterName")?,
            service: need(service.service_name, "serviceName")?,
        })
    };
    let services = found.ecs_services.unwrap_or_default().into_iter().map(service);
    let (alone, pairs) = found
        .load_balancer_info
        .map(|info| (info.target_group_info_list, info.target_group_pair_info_list))
        .unwrap_or_default();
    let pairs = pairs.unwrap_or_default().into_iter().flat_map(|pair| pair.target_groups.unwrap_or_default());
    let target_groups = alone.unwrap_or_default().into_iter().chain(pairs);
    let group = Group {
        application: parent.to_owned(),
        compute_platform: found.compute_platform.map(text),
        role: found.service_role_arn,
        services: services.collect::<Result<_, Unreadable>>()?,
        target_groups: sorted(target_groups.filter_map(|group| group.name)),
        last_status: found.last_attempted_deployment.and_then(|last| last.status).map(text),
    };
    Ok(Resource::new(api.head(id, name, tags), group))
}

async fn tags_of(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let list = || client.list_tags_for_resource().resource_arn(key);
    let found = api
        .ask(&LIST_TAGS_FOR_RESOURCE, key)
        .pages(
            |token| list().set_next_token(token).send(),
            |page| Ok((page.tags.unwrap_or_default(), page.next_token)),
        )
        .await
        .all(into)
        .map(|all| tags(all.into_iter().map(|tag| (tag.key, tag.value))));
    let resource = Arn::parse(key).map_or("", |arn| arn.resource);
    let kind = if resource.starts_with("deploymentgroup:") {
        Kind::CodedeployGroup
    } else {
        Kind::CodedeployApplication
    };
    into.tags(kind, key, found);
}
