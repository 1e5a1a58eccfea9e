//! `runs`: the builds and deployments that a pipeline's stages run.

use serde_json::json;

use super::evidence::{hop, undecided};
use super::world::NotFound;
use super::{Edge, Edges, End, Ref, Relation, World};
use crate::model::aws::Arn;
use crate::model::aws::codepipeline::{Action, Pipeline};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};
use crate::model::scope::Scope;
use crate::model::seen::Gap;

pub(crate) struct Runs;

impl Relation for Runs {
    fn meta(&self) -> &'static RelationMeta {
        relation("runs").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let mut edges = Edges::default();
        let Some(pipeline) = from.as_kind::<Pipeline>() else { return edges };
        let definition = match pipeline.definition.get() {
            Ok(definition) => definition,
            Err(gap) => {
                edges.gaps.push(gap.clone());
                return edges;
            }
        };
        for stage in &definition.stages {
            for action in &stage.actions {
                let Some(kind) = run_by(action).filter(|kind| ends.contains(kind)) else { continue };
                match run(kind, action, from, world) {
                    Ok(to) => edges.found.push(Edge {
                        attributes: vec![
                            ("stage", Ok(json!(stage.name))),
                            ("action", Ok(json!(action.name))),
                        ],
                        evidence: vec![hop(
                            from,
                            &format!("definition.stages.{}.{}", stage.name, action.name),
                            to.label(),
                        )],
                        to,
                        assumptions: Vec::new(),
                    }),
                    Err(gap) => edges.gaps.push(gap),
                }
            }
        }
        edges
    }
}

/// The kind that an action runs, if the model has it.
fn run_by(action: &Action) -> Option<Kind> {
    match action.provider.as_str() {
        "CodeBuild" => Some(Kind::CodebuildProject),
        "CodeDeploy" | "CodeDeployToECS" => Some(Kind::CodedeployGroup),
        _ => None,
    }
}

fn run<'s>(kind: Kind, action: &Action, from: Ref<'s>, world: &World<'s>) -> Result<End<'s>, Gap> {
    let named = |key: &str| {
        let name = action.configuration.get(key).map(String::as_str);
        name.filter(|name| !name.contains("#{"))
            .ok_or_else(|| undecided(from, format!("action {} has no fixed {key}", action.name)))
    };
    let scope = scope_of_action(action, &from.scope);
    let partition = Arn::parse(&from.id).map_or("aws", |arn| arn.partition);
    let arn = |service: &str, resource: &str| {
        format!("arn:{partition}:{service}:{}:{}:{resource}", scope.region, scope.account)
    };
    if kind == Kind::CodebuildProject {
        let id = arn("codebuild", &format!("project/{}", named("ProjectName")?));
        return Ok(End::of(kind, &id, &scope, world));
    }
    let (application, group) = (named("ApplicationName")?, named("DeploymentGroupName")?);
    let id = arn("codedeploy", &format!("deploymentgroup:{application}/{group}"));
    if let Some(found) = world.get(kind, &id) {
        return Ok(End::Resource(found));
    }
    let application = arn("codedeploy", &format!("application:{application}"));
    let gap = match world.find(Kind::CodedeployApplication, &application, &scope) {
        Ok(application) => world.children(kind, application).gaps.pop(),
        Err(NotFound::Unread(gap)) => Some(gap),
        Err(NotFound::Absent) => None,
    };
    Ok(match gap {
        Some(gap) => End::Unread { kind, id, gap },
        None => End::missing(kind, &id),
    })
}

/// Where an action runs: in its region, and in the account of the role that it takes on.
fn scope_of_action(action: &Action, pipeline: &Scope) -> Scope {
    let role = action.role.as_deref().and_then(Arn::parse);
    Scope {
        account: role.map_or(pipeline.account.as_str(), |role| role.account).to_owned(),
        region: action.region.clone().unwrap_or_else(|| pipeline.region.clone()),
        ..pipeline.clone()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::model::aws::{codebuild, codedeploy, codepipeline};
    use crate::rules::iam::testing::{Found, Lab, here, unread};

    const PIPELINE: &str = "arn:aws:codepipeline:us-west-1:111111111111:release";
    const PROJECT: &str = "arn:aws:codebuild:us-west-1:111111111111:project/build";
    const APPLICATION: &str = "arn:aws:codedeploy:us-west-1:111111111111:application:app";
    const GROUP: &str = "arn:aws:codedeploy:us-west-1:111111111111:deploymentgroup:app/api";

    fn pipeline(lab: Lab, actions: &Value) -> Lab {
        let stages = json!([{ "name": "Release", "actions": actions }]);
        let definition = json!({ "role": "r", "stores": [], "stages": stages });
        let facts = json!({ "definition": definition, "last_execution": null });
        lab.add(Kind::Codepipeline, PIPELINE, facts)
    }

    fn ran(lab: Lab, actions: &Value) -> Found {
        pipeline(lab, actions).edges(&Runs, Kind::Codepipeline, PIPELINE)
    }

    fn build() -> Value {
        json!({ "name": "Build", "category": "Build", "provider": "CodeBuild",
                "configuration": { "ProjectName": "build" } })
    }

    fn deploy() -> Value {
        json!({ "name": "Deploy", "category": "Deploy", "provider": "CodeDeployToECS",
                "configuration": { "ApplicationName": "app", "DeploymentGroupName": "api" } })
    }

    fn source() -> Value {
        json!({ "name": "Source", "category": "Source", "provider": "S3", "configuration": {} })
    }

    #[test]
    fn builds_and_deployments_are_edges_and_sources_are_not() {
        let lab = Lab::new()
            .add(Kind::CodebuildProject, PROJECT, json!({ "environment": [], "webhook": false }))
            .add(
                Kind::CodedeployGroup,
                GROUP,
                json!({ "application": APPLICATION, "services": [], "target_groups": [] }),
            );
        let found = ran(lab, &json!([source(), build(), deploy()]));
        assert_eq!(found.ends(), [PROJECT, GROUP]);
        assert_eq!(found.attribute("stage"), ["Release", "Release"]);
        assert_eq!(found.attribute("action"), ["Build", "Deploy"]);
    }

    #[test]
    fn what_an_action_names_may_not_exist() {
        let lab = Lab::new()
            .complete(&codebuild::PROJECTS, &here(), "")
            .complete(&codedeploy::APPLICATIONS, &here(), "")
            .add(Kind::CodedeployApplication, APPLICATION, json!({ "compute_platform": "ECS" }))
            .complete(&codedeploy::GROUPS, &here(), APPLICATION);
        let found = ran(lab, &json!([build(), deploy()]));
        assert_eq!(
            found.ends(),
            [
                format!("! {PROJECT}: no such aws.codebuild_project"),
                format!("! {GROUP}: no such aws.codedeploy_group"),
            ]
        );
    }

    #[test]
    fn unread_lists_leave_it_open() {
        let found = ran(Lab::new(), &json!([build(), deploy()]));
        assert_eq!(found.ends(), [format!("? {PROJECT}"), format!("? {GROUP}")]);
        let mut elsewhere = build();
        elsewhere["region"] = json!("eu-west-1");
        elsewhere["role"] = json!("arn:aws:iam::999999999999:role/build");
        let found = ran(Lab::new().complete(&codebuild::PROJECTS, &here(), ""), &json!([elsewhere]));
        assert_eq!(found.ends(), ["? arn:aws:codebuild:eu-west-1:999999999999:project/build"]);
    }

    #[test]
    fn a_name_that_is_a_variable_and_an_unread_definition_are_gaps() {
        let mut variable = build();
        variable["configuration"]["ProjectName"] = json!("#{vars.project}");
        assert!(ran(Lab::new(), &json!([variable])).gaps[0].detail.contains("ProjectName"));
        let facts = json!({
            "definition": unread(&codepipeline::PIPELINE, &here(), PIPELINE), "last_execution": null,
        });
        let lab = Lab::new().add(Kind::Codepipeline, PIPELINE, facts);
        assert_eq!(lab.edges(&Runs, Kind::Codepipeline, PIPELINE).calls(), ["codepipeline:GetPipeline"]);
    }

    #[test]
    fn only_the_kinds_that_are_asked_for_are_looked_at() {
        let snapshot = pipeline(Lab::new(), &json!([build(), deploy()])).snapshot();
        let world = World::new(&snapshot);
        let from = world.get(Kind::Codepipeline, PIPELINE).expect("added");
        let edges = Runs.edges(from, &[Kind::CodebuildProject], &world);
        assert_eq!(edges.found.len(), 1);
        assert_eq!(edges.found[0].to.label(), PROJECT);
    }
}
