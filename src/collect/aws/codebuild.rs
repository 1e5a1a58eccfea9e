//! `CodeBuild`: projects. The values of their plain variables stay where they are.

use aws_sdk_codebuild::Client;
use aws_sdk_codebuild::types as sdk;
use futures::future::BoxFuture;

use super::members::{Unreadable, need, tags, text};
use super::{Api, Batch, Collector};
use crate::collect::facts::Facts;
use crate::model::aws::codebuild::{BATCH_GET_PROJECTS, LIST_PROJECTS, PROJECTS, Project, Variable};
use crate::model::call::Source;
use crate::model::kind::Resource;
use crate::model::seen::Seen;

const AT_ONCE: usize = 100;

pub(super) struct CodeBuild;

impl Collector for CodeBuild {
    fn id(&self) -> &'static str {
        "aws.codebuild"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&PROJECTS]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_codebuild, api);
            for item in &batch.items {
                projects(api, &client, item.key, into).await;
            }
        })
    }
}

async fn projects(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let page = |token| client.list_projects().set_next_token(token).send();
    let listed = api
        .ask(&LIST_PROJECTS, key)
        .pages(page, |page| Ok((need(page.projects, "projects")?, page.next_token)));
    let (names, _) = listed.await.noted(into);
    for some in names.chunks(AT_ONCE) {
        let described = client.batch_get_projects().set_names(Some(some.to_vec())).send().await;
        let mut gone = 0;
        api.ask(&BATCH_GET_PROJECTS, key)
            .once(described, |output| {
                gone = output.projects_not_found.unwrap_or_default().len();
                need(output.projects, "projects")
            })
            .of_all(some.len() - gone.min(some.len()), "projects")
            .add(into, |found| facts(api, found));
    }
}

fn facts(api: &Api, found: sdk::Project) -> Result<Resource, Unreadable> {
    let found_tags = found.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
    let head = api.head(need(found.arn, "arn")?, need(found.name, "name")?, Seen::Known(tags(found_tags)));
    let environment = need(found.environment, "environment")?;
    let variables = environment.environment_variables.unwrap_or_default();
    let project = Project {
        role: found.service_role,
        source: found.source.map(|source| text(source.r#type)),
        image: Some(environment.image),
        privileged: environment.privileged_mode,
        environment: variables.into_iter().map(variable).collect(),
        webhook: found.webhook.is_some(),
    };
    Ok(Resource::new(head, project))
}

/// A type that is not known to hold a reference is taken for a plain one: its value is not copied.
fn variable(found: sdk::EnvironmentVariable) -> Variable {
    use sdk::EnvironmentVariableType::{ParameterStore, Plaintext, SecretsManager};
    let r#type = found.r#type.unwrap_or(Plaintext);
    let reference = matches!(r#type, ParameterStore | SecretsManager).then_some(found.value);
    Variable { name: found.name, r#type: text(r#type), reference }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_references_are_copied() {
        let variable = |r#type: Option<sdk::EnvironmentVariableType>| {
            let found = sdk::EnvironmentVariable::builder().name("TOKEN").value("hush").set_type(r#type);
            super::variable(found.build().expect("name and value"))
        };
        let plain = variable(None);
        assert_eq!((&*plain.r#type, plain.reference), ("PLAINTEXT", None));
        assert_eq!(variable(Some("SOMETHING_NEW".into())).reference, None);
        assert_eq!(variable(Some("SECRETS_MANAGER".into())).reference.as_deref(), Some("hush"));
        assert_eq!(variable(Some("PARAMETER_STORE".into())).reference.as_deref(), Some("hush"));
    }
}
