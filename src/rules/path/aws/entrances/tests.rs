use serde_json::{Value, json};

use super::*;
use crate::model::aws::ec2::NETWORK_INTERFACES;
use crate::model::aws::ecs::TASKS;
use crate::model::aws::elbv2::{LISTENERS, Listener, TARGET_GROUPS};
use crate::rules::path::aws::testing::{
    Rule, SERVICE, application, balancer, balancer_arn, complete, entrance, facts, group, group_arn,
    interface, listener, network, service, target, task, why,
};
use crate::rules::testing::{Scene, here, the};

/// The ways in, and what may hide further ones.
fn ways(scene: Scene, kind: Kind, id: &str) -> Vec<String> {
    let snapshot = scene.snapshot();
    let found = entrances(the(&snapshot, kind, id), &Traffic::any(), &World::new(&snapshot));
    assert!(!found.assumptions.is_empty());
    let gaps = found.gaps.iter().map(|gap| format!("? {}", why(gap)));
    found.found.iter().map(entrance).chain(gaps).collect()
}

fn to_service(scene: Scene) -> Vec<String> {
    ways(scene, Kind::EcsService, SERVICE)
}

/// The application with these rules, targets and changes of its target group.
fn application_of(rules: &[Rule<'_>], targets: &Value, changes: &Value) -> Scene {
    let scene = listener(balancer(service(network(), &json!({})), "web", &json!({})), "web", rules);
    let scene = group(scene, "web", targets, changes);
    complete(complete(scene, &TASKS, SERVICE), &TARGET_GROUPS, "")
}

fn by_targets(targets: &Value) -> Vec<String> {
    to_service(application_of(&[("default", json!([]), &[("web", 1)])], targets, &json!({})))
}

#[test]
fn a_listener_leads_to_the_tasks_that_are_healthy() {
    let way = "loadbalancer/app/web/1 443: listener/web, listener/web/default, targetgroup/web/1 > 1x1 in subnet-a 8080";
    assert_eq!(to_service(application()), [way]);
    assert_eq!(ways(application(), Kind::EcsTask, "task/one"), [way]);
    let more = complete(task(application(), "two", "subnet-a", "10.0.0.6"), &TASKS, SERVICE);
    assert_eq!(to_service(more), [way], "one that is not registered is no target");
}

/// What becomes of the one way in.
fn end(ways: &[String]) -> &str {
    assert_eq!(ways.len(), 1, "{ways:?}");
    ways[0].split_once("targetgroup/web/1").map_or(ways[0].as_str(), |(_, end)| end)
}

#[test]
fn targets_that_nothing_is_sent_to() {
    let lost = |targets: &Value| end(&by_targets(targets)).to_owned();
    let missing = lost(&json!([target("10.0.0.77", "healthy")]));
    assert_eq!(missing, " ! target-missing");
    let unwell = lost(&json!([target("10.0.0.5", "unhealthy")]));
    assert!(unwell.contains(" > 1x1 in subnet-a 8080 ! target-unhealthy ? "), "{unwell}");
    let starting = lost(&json!([target("10.0.0.5", "initial")]));
    assert!(starting.ends_with("? target 10.0.0.5 is initial"), "{starting}");
    let unchecked = lost(&json!([target("10.0.0.5", "unavailable")]));
    assert!(unchecked.contains("? the health") && !unchecked.contains('!'), "{unchecked}");
    let wrong = lost(&json!([{ "id": "10.0.0.5", "port": 9090, "state": "healthy" }]));
    assert!(wrong.contains("9090 ! target-port ? "), "{wrong}");
}

#[test]
fn a_group_of_another_network_leads_nowhere() {
    let targets = json!([target("10.0.0.5", "healthy")]);
    let elsewhere =
        application_of(&[("default", json!([]), &[("web", 1)])], &targets, &json!({ "vpc": "vpc-2" }));
    assert_eq!(end(&to_service(elsewhere)), " ! target-elsewhere");
}

#[test]
fn rules_that_never_match() {
    let path = |pattern: &str| json!([{ "field": "path-pattern", "values": [pattern] }]);
    let host = |name: &str| json!([{ "field": "host-header", "values": [name] }]);
    let from = |block: &str| json!([{ "field": "source-ip", "values": [block] }]);
    let cases: Vec<(Vec<Rule<'_>>, &str)> = vec![
        (vec![("default", json!([]), &[("web", 0), ("other", 1)])], "! rule-never-matches"),
        (
            vec![("1", path("/*"), &[("other", 1)]), ("2", path("/api"), &[("web", 1)])],
            "! rule-never-matches",
        ),
        (
            vec![("1", path("/api"), &[("other", 1)]), ("2", path("/api"), &[("web", 1)])],
            "! rule-never-matches",
        ),
        (
            vec![("2", path("/*"), &[("other", 1)]), ("1", path("/api"), &[("web", 1)])],
            "> 1x1 in subnet-a 8080",
        ),
        (
            vec![("1", path("/other"), &[("other", 1)]), ("2", path("/api"), &[("web", 1)])],
            "> 1x1 in subnet-a 8080",
        ),
        (vec![("1", host("https://example.com"), &[("web", 1)])], "! rule-never-matches"),
        (vec![("1", host("*.example.com"), &[("web", 1)])], "> 1x1 in subnet-a 8080"),
        (vec![("1", from("192.0.2.0/24"), &[("web", 1)])], "? it takes requests from some sources alone"),
    ];
    for (rules, expected) in cases {
        let found = to_service(application_of(&rules, &json!([target("10.0.0.5", "healthy")]), &json!({})));
        assert!(found.len() == 1 && found[0].contains(expected), "{rules:?}: {found:?}");
    }
}

#[test]
fn what_is_not_read_opens_and_never_closes() {
    let base = || balancer(service(network(), &json!({})), "web", &json!({}));
    let rules: &[Rule<'_>] = &[("default", json!([]), &[("web", 1)])];
    let targets = json!([target("10.0.0.5", "healthy")]);
    // The list of groups.
    let unlisted = group(listener(base(), "web", rules), "web", &targets, &json!({}));
    let found = to_service(complete(unlisted, &TASKS, SERVICE));
    assert!(
        found[0].contains("> 1x1") && found[1] == "? elasticloadbalancing:DescribeTargetGroups",
        "{found:?}"
    );
    // Its tasks.
    let anonymous =
        group(listener(base(), "web", rules), "web", &json!([target("10.0.0.9", "healthy")]), &json!({}));
    let found = to_service(complete(anonymous, &TARGET_GROUPS, ""));
    assert!(found[0].ends_with("? ecs:ListTasks") && !found[0].contains('!'), "{found:?}");
    // Its targets' health.
    let gap = json!({ "$gap": Gap::unread("elasticloadbalancing:DescribeTargetHealth", &here(), "web") });
    let found = by_targets(&gap);
    assert!(
        found[0].ends_with("? elasticloadbalancing:DescribeTargetHealth") && !found[0].contains('!'),
        "{found:?}"
    );
    // The listener's rules.
    let id = "listener/web";
    let plain = json!({
        "load_balancer": balancer_arn("web"), "port": 443, "protocol": "HTTPS", "certificates": [],
        "default_actions": [{ "type": "forward", "targets": [{ "target_group": group_arn("web") }] }],
    });
    let scene = base().with(id, facts::<Listener>(plain));
    let scene = complete(scene, &LISTENERS, &balancer_arn("web"));
    let scene = complete(group(scene, "web", &targets, &json!({})), &TARGET_GROUPS, "");
    let found = to_service(complete(scene, &TASKS, SERVICE));
    assert!(
        found[0].contains("> 1x1") && found[0].ends_with("? elasticloadbalancing:DescribeRules"),
        "{found:?}"
    );
    assert_eq!(found[1], "? elasticloadbalancing:DescribeRules", "one may be a way in of its own");
}

#[test]
fn any_load_balancer_of_the_network_may_have_it_as_a_target() {
    let bypass = |targets: &Value| {
        let scene = balancer(application(), "side", &json!({}));
        let scene = listener(scene, "side", &[("default", json!([]), &[("side", 1)])]);
        to_service(group(scene, "side", targets, &json!({})))
    };
    let found = bypass(&json!([target("10.0.0.5", "healthy")]));
    assert!(found.len() == 2 && found.iter().any(|way| way.contains("listener/side")), "{found:?}");
    assert_eq!(bypass(&json!([target("10.0.0.6", "healthy")])).len(), 1, "that is somebody else");
    let gap = Gap::unread("elasticloadbalancing:DescribeTargetHealth", &here(), "side");
    let found = bypass(&json!({ "$gap": gap }));
    assert_eq!(found[1], "? elasticloadbalancing:DescribeTargetHealth");
}

#[test]
fn a_load_balancer_stands_behind_another_by_its_addresses() {
    let chain = |address: &str| {
        let scene = balancer(network(), "inner", &json!({ "scheme": "internal" }));
        let scene = listener(scene, "inner", &[]);
        let scene = listener(
            balancer(scene, "outer", &json!({})),
            "outer",
            &[("default", json!([]), &[("outer", 1)])],
        );
        let target = json!([{ "id": address, "port": 443, "state": "healthy" }]);
        complete(group(scene, "outer", &target, &json!({})), &TARGET_GROUPS, "")
    };
    let own = json!({ "description": "ELB app/inner/1", "private_ips": ["10.0.0.7"] });
    let known = |address: &str| {
        complete(interface(chain(address), "eni-inner", &own), &NETWORK_INTERFACES, &balancer_arn("inner"))
    };
    let to = |scene| ways(scene, Kind::LoadBalancer, &balancer_arn("inner"));
    let found = to(known("10.0.0.7"));
    assert!(found.len() == 1 && found[0].ends_with("> 1x1 in subnet-a 443"), "{found:?}");
    assert_eq!(to(known("10.0.0.8")), [] as [&str; 0]);
    assert_eq!(to(chain("10.0.0.7")), ["? ec2:DescribeNetworkInterfaces"]);
    assert_eq!(to(chain("10.0.9.7")), [] as [&str; 0], "no address of its subnets: nothing to ask");
}

#[test]
fn listeners_without_a_rule_for_it_are_why_nothing_comes() {
    let targets = json!([target("10.0.0.5", "healthy")]);
    let elsewhere: &[Rule<'_>] = &[("default", json!([]), &[("other", 1)])];
    let silent = "loadbalancer/app/web/1 443:  ! rule-never-matches";
    assert_eq!(to_service(application_of(elsewhere, &targets, &json!({}))), [silent]);
    let alone = application_of(elsewhere, &targets, &json!({ "load_balancers": [] }));
    assert_eq!(to_service(alone), [silent]);
}

#[test]
fn nobody_asks_whom_a_group_holds_that_gets_nothing() {
    let gap = Gap::unread("elasticloadbalancing:DescribeTargetHealth", &here(), "green");
    let asked = |weight: i64| {
        let scene = balancer(application(), "green", &json!({}));
        let scene = listener(scene, "green", &[("default", json!([]), &[("web", 1), ("green", weight)])]);
        to_service(group(scene, "green", &json!({ "$gap": gap }), &json!({})))
    };
    assert_eq!(asked(0).len(), 1, "{:?}", asked(0));
    assert_eq!(asked(1)[1], "? elasticloadbalancing:DescribeTargetHealth");
}
