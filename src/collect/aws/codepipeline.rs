//! `CodePipeline`: pipelines, what they are made of and how they last went.

use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::types as sdk;
use futures::future::BoxFuture;

use super::members::{Unreadable, instant, need, tags, text};
use super::{Api, Batch, Collector};
use crate::collect::facts::Facts;
use crate::model::aws::Arn;
use crate::model::aws::codepipeline::{
    Action, Definition, Execution, GET_PIPELINE, LAST_EXECUTION, LIST_PIPELINE_EXECUTIONS, LIST_PIPELINES,
    LIST_TAGS_FOR_RESOURCE, PIPELINE, PIPELINES, Pipeline, Stage, Store, TAGS,
};
use crate::model::call::Source;
use crate::model::kind::{Kind, Resource};

const PAGE: i32 = 1000;

/// The members of an action's configuration that name resources. All others stay where they are: some hold
/// secrets.
const NAMES_RESOURCES: &[&str] = &[
    "ApplicationName",
    "Branch",
    "BranchName",
    "BucketName",
    "ClusterName",
    "ConnectionArn",
    "DeploymentGroupName",
    "FullRepositoryId",
    "Owner",
    "ProjectName",
    "Repo",
    "RepositoryName",
    "S3Bucket",
    "ServiceName",
];

pub(super) struct CodePipeline;

impl Collector for CodePipeline {
    fn id(&self) -> &'static str {
        "aws.codepipeline"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&PIPELINES, &PIPELINE, &TAGS, &LAST_EXECUTION]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_codepipeline, api);
            for item in &batch.items {
                match *batch.source.calls[0] {
                    LIST_PIPELINES => pipelines(api, &client, item.key, into).await,
                    GET_PIPELINE => definition(api, &client, item.key, into).await,
                    LIST_PIPELINE_EXECUTIONS => last_execution(api, &client, item.key, into).await,
                    LIST_TAGS_FOR_RESOURCE => tags_of(api, &client, item.key, into).await,
                    _ => debug_assert!(false, "{} is not asked here", batch.source.primary()),
                }
            }
        })
    }
}

async fn pipelines(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let page = |token| client.list_pipelines().max_results(PAGE).set_next_token(token).send();
    api.ask(&LIST_PIPELINES, key)
        .pages(page, |page| Ok((need(page.pipelines, "pipelines")?, page.next_token)))
        .await
        .add(into, |found| {
            let name = need(found.name, "name")?;
            let id = api.arn("codepipeline", &name);
            let pipeline = Pipeline {
                definition: api.unread(&PIPELINE, &id),
                last_execution: api.unread(&LAST_EXECUTION, &id),
            };
            let tags = api.unread(&TAGS, &id);
            Ok(Resource::new(api.head(id, name, tags), pipeline))
        });
}

fn name_in(key: &str) -> &str {
    Arn::parse(key).map_or(key, |arn| arn.resource)
}

async fn definition(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.get_pipeline().name(name_in(key)).send().await;
    let definition =
        api.ask(&GET_PIPELINE, key).value(into, found, |output| facts(need(output.pipeline, "pipeline")?));
    into.detail::<Pipeline, _>(key, definition, |pipeline| &mut pipeline.definition);
}

fn facts(found: sdk::PipelineDeclaration) -> Result<Definition, Unreadable> {
    let of_regions = found.artifact_stores.unwrap_or_default().into_iter();
    let of_regions = of_regions.map(|(region, store)| (Some(region), store));
    let stores = found.artifact_store.into_iter().map(|store| (None, store)).chain(of_regions);
    let mut stores: Vec<_> = stores
        .map(|(region, store)| Store { r#type: text(store.r#type), location: store.location, region })
        .collect();
    stores.sort_by(|a, b| a.region.cmp(&b.region));
    // The SDK takes stages that are absent for none; a pipeline has two at least.
    let stages = need((!found.stages.is_empty()).then_some(found.stages), "stages")?;
    let stage = |stage: sdk::StageDeclaration| {
        let actions = stage.actions.into_iter().map(action).collect::<Result<_, _>>()?;
        Ok(Stage { name: stage.name, actions })
    };
    let stages = stages.into_iter().map(stage).collect::<Result<_, Unreadable>>()?;
    Ok(Definition { role: found.role_arn, stores, stages })
}

fn action(found: sdk::ActionDeclaration) -> Result<Action, Unreadable> {
    let r#type = need(found.action_type_id, "actionTypeId")?;
    let configuration = found.configuration.unwrap_or_default().into_iter();
    Ok(Action {
        name: found.name,
        category: text(r#type.category),
        provider: r#type.provider,
        region: found.region,
        role: found.role_arn,
        configuration: configuration.filter(|(key, _)| NAMES_RESOURCES.contains(&key.as_str())).collect(),
    })
}

/// The newest execution is the first of the list: its other pages are of no use.
async fn last_execution(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.list_pipeline_executions().pipeline_name(name_in(key)).max_results(1).send().await;
    let newest = api
        .ask(&LIST_PIPELINE_EXECUTIONS, key)
        .once(found, |output| {
            let executions = need(output.pipeline_execution_summaries, "pipelineExecutionSummaries")?;
            let newest = executions.into_iter().next().map(|found| {
                Ok(Execution {
                    id: need(found.pipeline_execution_id, "pipelineExecutionId")?,
                    status: text(need(found.status, "status")?),
                    started: found.start_time.and_then(instant),
                })
            });
            newest.into_iter().collect()
        })
        .one(into);
    into.detail::<Pipeline, _>(key, newest, |pipeline| &mut pipeline.last_execution);
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
    into.tags(Kind::Codepipeline, key, found);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_keeps_names_and_drops_tokens() {
        let r#type = sdk::ActionTypeId::builder().category("Source".into()).owner("ThirdParty".into());
        let r#type = r#type.provider("GitHub").version("1").build().expect("all four");
        let found = sdk::ActionDeclaration::builder().name("source").action_type_id(r#type);
        let found = found.configuration("Repo", "emr").configuration("OAuthToken", "hush");
        let found = action(found.build().expect("a name")).expect("a type");
        assert_eq!(found.configuration.keys().collect::<Vec<_>>(), ["Repo"]);
    }
}
