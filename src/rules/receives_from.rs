//! `receives-from`: the load balancers behind the target groups that a service registers with.

use std::collections::BTreeSet;

use serde_json::json;

use super::evidence::hop;
use super::world::NotFound;
use super::{Edge, Edges, End, Ref, Relation, World};
use crate::model::aws::ecs::Service;
use crate::model::aws::elbv2::TargetGroup;
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct ReceivesFrom;

impl Relation for ReceivesFrom {
    fn meta(&self) -> &'static RelationMeta {
        relation("receives-from").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let mut edges = Edges::default();
        let Some(service) = from.as_kind::<Service>() else { return edges };
        let attachments: BTreeSet<_> = service.load_balancers.iter().map(|a| &a.target_group).collect();
        for arn in attachments {
            let mut lead = |to: End<'s>, group: Option<Ref<'s>>| {
                let mut evidence = vec![hop(from, "load_balancers", arn.as_str())];
                evidence.extend(group.map(|group| hop(group, "load_balancers", to.label())));
                let attributes = vec![("target_group", Ok(json!(arn)))];
                edges.found.push(Edge { to, attributes, evidence, assumptions: Vec::new() });
            };
            let group = match world.find(Kind::TargetGroup, arn, &from.scope) {
                Ok(group) => group,
                Err(NotFound::Absent) => {
                    lead(End::missing(Kind::TargetGroup, arn), None);
                    continue;
                }
                Err(NotFound::Unread(gap)) => {
                    edges.gaps.push(gap);
                    continue;
                }
            };
            let balancers = &World::facts::<TargetGroup>(group).load_balancers;
            if balancers.is_empty() {
                lead(End::Outside(format!("target group {} without load balancer", group.name)), Some(group));
            }
            for balancer in balancers {
                lead(End::of(Kind::LoadBalancer, balancer, &from.scope, world), Some(group));
            }
        }
        edges
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::aws::elbv2;
    use crate::rules::iam::testing::{Found, Lab, here};

    const BALANCER: &str = "arn:aws:elasticloadbalancing:us-west-1:111111111111:loadbalancer/app/web/1";
    const GROUP: &str = "arn:aws:elasticloadbalancing:us-west-1:111111111111:targetgroup/blue/1";
    const SERVICE: &str = "arn:aws:ecs:us-west-1:111111111111:service/main/api";

    fn received(lab: Lab) -> Found {
        let attachments =
            json!([{ "target_group": GROUP, "port": 80 }, { "target_group": GROUP, "port": 81 }]);
        let facts = json!({
            "cluster": "c", "status": "ACTIVE", "capacity_providers": [], "desired": 1, "running": 1, "pending": 0,
            "subnets": [], "groups": [], "load_balancers": attachments, "others_in_progress": 0,
        });
        lab.add(Kind::EcsService, SERVICE, facts).edges(&ReceivesFrom, Kind::EcsService, SERVICE)
    }

    fn group(balancers: &[&str]) -> Lab {
        Lab::new().add(Kind::TargetGroup, GROUP, json!({ "load_balancers": balancers, "targets": [] }))
    }

    #[test]
    fn leads_to_the_balancer_of_each_group_once() {
        let balancer = json!({ "type": "application", "subnets": [], "groups": [] });
        let found = received(group(&[BALANCER]).add(Kind::LoadBalancer, BALANCER, balancer));
        assert_eq!(found.ends(), [BALANCER]);
        assert_eq!(found.attribute("target_group"), [GROUP]);
    }

    #[test]
    fn a_group_that_nothing_routes_to_is_told() {
        assert_eq!(received(group(&[])).ends(), ["! target group 1 without load balancer"]);
        let found = received(Lab::new().complete(&elbv2::TARGET_GROUPS, &here(), ""));
        assert_eq!(found.ends(), [format!("! {GROUP}: no such aws.target_group")]);
    }

    #[test]
    fn unread_groups_and_balancers_are_gaps() {
        let found = received(Lab::new().denied(&elbv2::TARGET_GROUPS, &here(), ""));
        assert!(found.edges.is_empty());
        assert_eq!(found.calls(), ["elasticloadbalancing:DescribeTargetGroups"]);
        assert_eq!(received(group(&[BALANCER])).ends(), [format!("? {BALANCER}")]);
    }
}
