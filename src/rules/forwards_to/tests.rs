use serde_json::Value;

use super::*;
use crate::model::aws::{ecs, elbv2};
use crate::rules::iam::testing::{Found, Lab, here, unread};

const BALANCER: &str = "arn:aws:elasticloadbalancing:us-west-1:111111111111:loadbalancer/app/web/1";
const LISTENER: &str = "arn:aws:elasticloadbalancing:us-west-1:111111111111:listener/app/web/1/2";
const BLUE: &str = "arn:aws:elasticloadbalancing:us-west-1:111111111111:targetgroup/blue/1";
const GREEN: &str = "arn:aws:elasticloadbalancing:us-west-1:111111111111:targetgroup/green/2";
const CLUSTER: &str = "arn:aws:ecs:us-west-1:111111111111:cluster/main";
const SERVICE: &str = "arn:aws:ecs:us-west-1:111111111111:service/main/api";

fn to(group: &str, weight: Option<i64>) -> Value {
    json!({ "type": "forward", "targets": [{ "target_group": group, "weight": weight }] })
}

/// A load balancer with one listener, whose default action is this.
fn balancer(default: &Value) -> Lab {
    let listener = json!({
        "load_balancer": BALANCER, "port": 443, "protocol": "HTTPS", "certificates": [],
        "default_actions": [default],
    });
    Lab::new()
        .add(Kind::LoadBalancer, BALANCER, json!({ "type": "application", "subnets": [], "groups": [] }))
        .add(Kind::Listener, LISTENER, listener)
        .complete(&elbv2::LISTENERS, &here(), BALANCER)
}

/// A listener whose rules were read: the default one, and these.
fn ruled(default: &Value, rules: &[Value]) -> Lab {
    let rule = |priority: &str, action: &Value| {
        json!({
            "listener": LISTENER, "priority": priority, "is_default": priority == "default",
            "conditions": [], "actions": [action],
        })
    };
    let mut lab = balancer(default).complete(&elbv2::RULES, &here(), LISTENER);
    lab = lab.add(Kind::ListenerRule, "rule/default", rule("default", default));
    for (n, action) in rules.iter().enumerate() {
        lab = lab.add(Kind::ListenerRule, &format!("rule/{n}"), rule(&n.to_string(), action));
    }
    lab
}

trait Served {
    fn service(self, group: &str, rollout: &str) -> Self;
    fn task(self, ip: &str, status: &str) -> Self;
    fn group(self, arn: &str, targets: Value) -> Self;
}

impl Served for Lab {
    fn service(self, group: &str, rollout: &str) -> Self {
        let facts = json!({
            "cluster": CLUSTER, "status": "ACTIVE", "capacity_providers": [], "desired": 1, "running": 1,
            "pending": 0, "rollout": rollout, "subnets": [], "groups": [], "others_in_progress": 0,
            "load_balancers": [{ "target_group": group }],
        });
        self.add(Kind::EcsService, SERVICE, facts).complete(&ecs::CLUSTERS, &here(), "")
    }

    fn task(self, ip: &str, status: &str) -> Self {
        let facts = json!({
            "cluster": CLUSTER, "service": SERVICE, "task_definition": "t", "last_status": status,
            "private_ips": [ip],
        });
        self.add(Kind::EcsTask, &format!("task/{ip}"), facts).complete(&ecs::TASKS, &here(), SERVICE)
    }

    fn group(self, arn: &str, targets: Value) -> Self {
        self.add(
            Kind::TargetGroup,
            arn,
            json!({ "load_balancers": [BALANCER], "target_type": "ip", "targets": targets }),
        )
    }
}

fn forwarded(lab: Lab) -> Found {
    lab.edges(&ForwardsTo, Kind::LoadBalancer, BALANCER)
}

fn target(ip: &str, state: &str) -> Value {
    json!({ "id": ip, "port": 80, "state": state })
}

#[test]
fn healthy_targets_count_where_they_are_running_tasks() {
    let targets = json!([
        target("10.0.0.1", "healthy"),
        target("10.0.0.2", "healthy"),
        target("10.0.0.3", "unhealthy"),
        target("10.0.0.9", "healthy"),
    ]);
    let found = forwarded(
        ruled(&to(BLUE, None), &[])
            .service(BLUE, "COMPLETED")
            .group(BLUE, targets)
            .task("10.0.0.1", "RUNNING")
            .task("10.0.0.2", "STOPPED")
            .task("10.0.0.3", "RUNNING"),
    );
    assert_eq!(found.ends(), [SERVICE, "! target 10.0.0.9"], "that is somebody else");
    assert_eq!(found.attribute("healthy"), [1, 0]);
    assert_eq!(found.attribute("weight"), [1, 1]);
    assert_eq!(found.attribute("default"), [true, true]);
    assert!(found.gaps.is_empty());
}

#[test]
fn no_healthy_target_is_zero_unless_it_may_be_over_soon() {
    let with = |targets: Value, rollout: &str| {
        let lab = ruled(&to(BLUE, None), &[]).service(BLUE, rollout).group(BLUE, targets);
        forwarded(lab.task("10.0.0.1", "RUNNING")).attribute("healthy")[0].clone()
    };
    assert_eq!(with(json!([target("10.0.0.1", "unhealthy")]), "COMPLETED"), 0);
    assert_eq!(with(json!([target("10.0.0.1", "initial")]), "COMPLETED"), "? in transition");
    assert_eq!(with(json!([target("10.0.0.1", "draining")]), "COMPLETED"), "? in transition");
    assert_eq!(with(json!([]), "IN_PROGRESS"), "? in transition");
    assert_eq!(with(json!([]), "COMPLETED"), 0);
    assert_eq!(with(json!([target("10.0.0.9", "healthy")]), "STABILIZING"), "? in transition");
}

#[test]
fn each_missing_fact_is_named() {
    let lab = || ruled(&to(BLUE, None), &[]).service(BLUE, "COMPLETED");
    let healthy = |lab: Lab| forwarded(lab).attribute("healthy")[0].clone();
    assert_eq!(healthy(lab()), "? elasticloadbalancing:DescribeTargetGroups");
    let targets = unread(&elbv2::TARGET_HEALTH, &here(), BLUE);
    assert_eq!(healthy(lab().group(BLUE, targets)), "? elasticloadbalancing:DescribeTargetHealth");
    assert_eq!(healthy(lab().group(BLUE, json!([target("10.0.0.1", "healthy")]))), "? ecs:ListTasks");
}

#[test]
fn a_weight_of_zero_stays_zero_and_asks_for_nothing() {
    let blue_green = json!({ "type": "forward", "targets": [
        { "target_group": BLUE, "weight": 0 }, { "target_group": GREEN, "weight": 100 },
    ] });
    let targets = unread(&elbv2::TARGET_HEALTH, &here(), BLUE);
    let lab = ruled(&blue_green, &[]).service(BLUE, "COMPLETED").group(BLUE, targets);
    let lab = lab.complete(&ecs::CLUSTERS, &here(), "");
    let snapshot = lab.snapshot();
    let world = World::new(&snapshot);
    let edges = ForwardsTo.edges(world.get(Kind::LoadBalancer, BALANCER).expect("added"), &[], &world);
    let [idle, live] = edges.found.as_slice() else { panic!("two edges: {edges:?}") };
    assert_eq!(idle.attributes[3], ("weight", Ok(json!(0))));
    let gap = idle.attributes[4].1.clone().expect_err("not asked");
    assert!(crate::collect::Request::closing(&gap).is_none(), "{gap}");
    assert_eq!(live.to, End::Outside("target group green".into()));
    assert_eq!(live.attributes[4], ("healthy", Ok(json!(0))));
}

#[test]
fn an_unlinked_group_is_outside_only_where_all_services_are_read() {
    let unlinked = || ruled(&to(GREEN, None), &[]);
    let found = forwarded(unlinked().complete(&ecs::CLUSTERS, &here(), ""));
    assert_eq!(found.ends(), ["! target group green"]);
    let found = forwarded(unlinked());
    assert!(found.edges.is_empty());
    assert_eq!(found.calls(), ["ecs:ListClusters"]);
    let cluster = json!({ "status": "ACTIVE", "capacity_providers": [] });
    let lab = unlinked().add(Kind::EcsCluster, CLUSTER, cluster).complete(&ecs::CLUSTERS, &here(), "");
    assert_eq!(forwarded(lab.denied(&ecs::SERVICES, &here(), CLUSTER)).calls(), ["ecs:ListServices"]);
}

#[test]
fn a_service_that_is_not_read_may_stand_in_any_group() {
    let cluster = json!({ "status": "ACTIVE", "capacity_providers": [] });
    let lab = ruled(&to(BLUE, None), &[]).service(BLUE, "COMPLETED").group(BLUE, json!([]));
    let lab = lab.add(Kind::EcsCluster, CLUSTER, cluster).denied(&ecs::SERVICES, &here(), CLUSTER);
    let found = forwarded(lab);
    assert_eq!(found.ends(), [SERVICE]);
    assert_eq!(found.calls(), ["ecs:ListServices"]);
}

#[test]
fn a_stranger_among_the_targets_is_told_once_nothing_moves() {
    let strange = |rollout: &str| {
        let targets = json!([target("10.0.0.1", "healthy"), target("10.0.0.9", "healthy")]);
        let lab = ruled(&to(BLUE, None), &[]).service(BLUE, rollout).group(BLUE, targets);
        forwarded(lab.task("10.0.0.1", "RUNNING"))
    };
    assert_eq!(strange("COMPLETED").ends(), [SERVICE, "! target 10.0.0.9"]);
    let moving = strange("IN_PROGRESS");
    assert_eq!(moving.ends(), [SERVICE]);
    assert_eq!(moving.gaps[0].why, crate::model::seen::Why::InTransition);
}

#[test]
fn rules_forward_too_and_other_actions_do_not() {
    let redirect = json!({ "type": "redirect", "targets": [], "redirect": { "port": "443" } });
    let lab = ruled(&redirect, &[to(BLUE, Some(5)), redirect.clone()]).service(BLUE, "COMPLETED");
    let found = forwarded(lab);
    assert_eq!(found.ends(), [SERVICE]);
    assert_eq!(
        (found.attribute("default"), found.attribute("weight")),
        (vec![&json!(false)], vec![&json!(5)])
    );
}

#[test]
fn unread_rules_hide_no_default_action() {
    let found = forwarded(balancer(&to(BLUE, None)).service(BLUE, "COMPLETED"));
    assert_eq!(found.ends(), [SERVICE]);
    assert_eq!(found.attribute("default"), [true]);
    assert_eq!(found.calls(), ["elasticloadbalancing:DescribeRules"]);
}

#[test]
fn targets_that_are_no_addresses_are_matched_with_nothing() {
    let group =
        json!({ "load_balancers": [], "target_type": "instance", "targets": [target("i-1", "healthy")] });
    let lab = ruled(&to(BLUE, None), &[]).service(BLUE, "COMPLETED").add(Kind::TargetGroup, BLUE, group);
    let found = forwarded(lab.task("10.0.0.1", "RUNNING"));
    assert_eq!(found.attribute("healthy"), ["? elasticloadbalancing:DescribeTargetHealth"]);
}
