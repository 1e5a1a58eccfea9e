//! `assumes`: which role a resource acts as, and whether the role lets it.

use serde_json::json;

use super::evidence::hop;
use super::iam::{role_arn, trusts_service};
use super::{Edge, Edges, End, Ref, Relation, World};
use crate::model::aws::codebuild::Project;
use crate::model::aws::codedeploy::Group;
use crate::model::aws::codepipeline::Pipeline;
use crate::model::aws::ecs::Container;
use crate::model::kind::{Facts, Kind};
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct Assumes;

impl Relation for Assumes {
    fn meta(&self) -> &'static RelationMeta {
        relation("assumes").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let mut edges = Edges::default();
        let mut acts_as = |role: Option<&str>, part: &str, service: &str| {
            edges.found.extend(role.map(|role| edge(from, role, part, service, world)));
        };
        match &from.facts {
            Facts::EcsContainer(Container { task_role, execution_role, .. }) => {
                acts_as(task_role.as_deref(), "task", "ecs-tasks.amazonaws.com");
                acts_as(execution_role.as_deref(), "execution", "ecs-tasks.amazonaws.com");
            }
            Facts::CodebuildProject(Project { role, .. }) => {
                acts_as(role.as_deref(), "service", "codebuild.amazonaws.com");
            }
            Facts::CodedeployGroup(Group { role, .. }) => {
                acts_as(role.as_deref(), "service", "codedeploy.amazonaws.com");
            }
            Facts::Codepipeline(Pipeline { definition, .. }) => match definition.get() {
                Ok(definition) => acts_as(Some(&definition.role), "service", "codepipeline.amazonaws.com"),
                Err(gap) => edges.gaps.push(gap.clone()),
            },
            _ => {}
        }
        edges
    }
}

fn edge<'s>(from: Ref<'s>, role: &str, part: &str, service: &str, world: &World<'s>) -> Edge<'s> {
    let to = End::of(Kind::IamRole, &role_arn(role, from), &from.scope, world);
    let trusted = match &to {
        End::Resource(role) => trusts_service(role, service, from),
        End::Unread { gap, .. } => Err(gap.clone()),
        End::Outside(_) => Ok(false),
    };
    let mut evidence = vec![hop(from, &format!("{part} role"), role)];
    if let End::Resource(role) = &to {
        let trust = &World::facts::<crate::model::aws::iam::Role>(role).trust;
        evidence.push(hop(role, "trust", json!(trust)));
    }
    let attributes = vec![("role", Ok(json!(part))), ("trusted", trusted.map(|trusted| json!(trusted)))];
    Edge { to, attributes, evidence, assumptions: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::aws::{codepipeline, iam};
    use crate::rules::iam::testing::{Found, Lab, here, unread};

    const TASK: &str = "arn:aws:iam::111111111111:role/task";
    const EXECUTION: &str = "arn:aws:iam::111111111111:role/execution";
    const CONTAINER: &str = "arn:aws:ecs:us-west-1:111111111111:service/main/api/web";

    fn roles_of_container(lab: Lab) -> Found {
        let facts = json!({
            "service": "s", "task_definition": "t", "image": "i", "ports": [], "secrets": [],
            "task_role": "task", "execution_role": EXECUTION,
        });
        lab.add(Kind::EcsContainer, CONTAINER, facts).edges(&Assumes, Kind::EcsContainer, CONTAINER)
    }

    #[test]
    fn a_container_acts_as_its_task_role_and_starts_with_its_execution_role() {
        let lab = Lab::new().role(TASK, &json!([])).role(EXECUTION, &json!([]));
        let found = roles_of_container(lab);
        assert_eq!(found.ends(), [TASK, EXECUTION], "a bare name is a role of the account");
        assert_eq!(found.attribute("role"), ["task", "execution"]);
        assert_eq!(found.attribute("trusted"), [&json!(true), &json!(true)]);
    }

    #[test]
    fn a_role_that_trusts_others_is_not_trusted_to() {
        let trust = crate::rules::iam::testing::policy(&json!([{
            "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "ec2.amazonaws.com" },
        }]));
        let role = json!({ "trust": trust, "attached_policies": [], "inline_policies": {} });
        let lab = Lab::new().add(Kind::IamRole, TASK, role).complete(&iam::ROLE, &here().global(), EXECUTION);
        let found = roles_of_container(lab);
        assert_eq!(found.attribute("trusted"), [&json!(false), &json!(false)]);
        assert!(found.ends()[1].starts_with("! "), "known not to exist");
    }

    #[test]
    fn a_trust_that_is_narrowed_to_where_the_tasks_run_holds() {
        let trusted = |operator: &str, source: &str| {
            let trust = crate::rules::iam::testing::policy(&json!([{
                "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "ecs-tasks.amazonaws.com" },
                "Condition": { operator: { "aws:SourceArn": source } },
            }]));
            let role = json!({ "trust": trust, "attached_policies": [], "inline_policies": {} });
            let found = roles_of_container(Lab::new().add(Kind::IamRole, TASK, role));
            found.attribute("trusted")[0].clone()
        };
        assert_eq!(trusted("ArnLike", "arn:aws:ecs:us-west-1:111111111111:*"), true);
        for (operator, source, why) in [
            ("ArnLike", "arn:aws:ecs:us-west-1:111111111111:task/x", "which task is not known"),
            ("ArnLike", "arn:aws:ecs:us-west-1:111111111111:?", "one character is no task"),
            ("StringEquals", "arn:aws:ecs:us-west-1:111111111111:*", "its asterisk is no wildcard"),
        ] {
            assert_eq!(trusted(operator, source), "? iam:GetRole", "{why}");
        }
    }

    #[test]
    fn an_unread_role_leaves_trust_open() {
        let found = roles_of_container(Lab::new().denied(&iam::ROLE, &here().global(), TASK));
        assert_eq!(found.ends(), [format!("? {TASK}"), format!("? {EXECUTION}")]);
        assert_eq!(found.attribute("trusted"), ["? iam:GetRole", "? iam:GetRole"]);
    }

    #[test]
    fn an_unread_pipeline_hides_its_role() {
        let pipeline = "arn:aws:codepipeline:us-west-1:111111111111:release";
        let facts = json!({
            "definition": unread(&codepipeline::PIPELINE, &here(), pipeline), "last_execution": null,
        });
        let found =
            Lab::new().add(Kind::Codepipeline, pipeline, facts).edges(&Assumes, Kind::Codepipeline, pipeline);
        assert!(found.edges.is_empty());
        assert_eq!(found.calls(), ["codepipeline:GetPipeline"]);
    }
}
