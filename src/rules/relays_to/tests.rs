use super::*;
use crate::model::aws::elbv2::LOAD_BALANCERS;
use crate::rules::balancing::testing::{arn, group_arn, target};
use crate::rules::iam::testing::{Found, Lab, here, unread};

/// A public load balancer that forwards to the group `in`.
fn public() -> Lab {
    Lab::new().balancer("public", "internet-facing").forwarding("public", &[("in", 1)])
}

/// One that knows of every other, with an internal one whose address is 10.0.0.7.
fn chain() -> Lab {
    listed(public().balancer("internal", "internal").interface("internal", "vpc-1", "10.0.0.7"))
}

fn listed(lab: Lab) -> Lab {
    lab.complete(&LOAD_BALANCERS, &here(), "")
}

fn relayed(lab: Lab) -> Found {
    lab.edges(&RelaysTo, Kind::LoadBalancer, &arn("public"))
}

#[test]
fn addresses_of_an_internal_balancer_are_it() {
    let targets = json!([target("10.0.0.7", "healthy"), target("10.0.0.9", "healthy")]);
    let found = relayed(chain().targets("in", "ip", targets));
    assert_eq!(found.ends(), [arn("internal").as_str(), "! 10.0.0.9"]);
    assert_eq!(found.attribute("healthy"), [1, 0]);
    assert_eq!(found.attribute("port"), [443, 443]);
    assert_eq!(found.attribute("target_group")[0], group_arn("in").as_str());
    assert!(found.gaps.is_empty());
}

#[test]
fn the_same_address_in_another_network_is_somebody_elses() {
    let targets = || json!([target("10.0.0.7", "healthy")]);
    let elsewhere = public().balancer_in("vpc-2", "internal", "internal");
    let elsewhere = elsewhere.interface("internal", "vpc-2", "10.0.0.7").targets("in", "ip", targets());
    assert_eq!(relayed(listed(elsewhere)).ends(), ["! 10.0.0.7"]);
    let facing = public().balancer("internal", "internet-facing").interface("internal", "vpc-1", "10.0.0.7");
    assert_eq!(relayed(listed(facing.targets("in", "ip", targets()))).ends(), ["! 10.0.0.7"]);
}

#[test]
fn a_target_may_be_a_balancer_by_name() {
    let named = |lab: Lab| lab.targets("in", "alb", json!([target(&arn("internal"), "healthy")]));
    let found = relayed(named(chain()));
    assert_eq!(found.ends(), [arn("internal")]);
    assert_eq!(found.attribute("healthy"), [1]);
    assert_eq!(relayed(named(public())).ends(), [format!("? {}", arn("internal"))]);
    let gone = format!("! {}: no such aws.load_balancer", arn("internal"));
    assert_eq!(relayed(named(listed(public()))).ends(), [gone]);
}

#[test]
fn no_healthy_target_is_zero_unless_it_may_be_over_soon() {
    let healthy = |state: &str| {
        let lab = chain().targets("in", "ip", json!([target("10.0.0.7", state)]));
        relayed(lab).attribute("healthy")[0].clone()
    };
    assert_eq!(healthy("unhealthy"), 0);
    assert_eq!(healthy("initial"), "? in transition");
}

#[test]
fn instances_and_functions_are_no_balancers() {
    let found = relayed(chain().targets("in", "instance", json!([target("i-1", "healthy")])));
    assert_eq!(found.ends(), ["! in: instances"]);
    assert_eq!(relayed(chain().targets("in", "lambda", json!([]))).ends(), ["! in: a function"]);
}

#[test]
fn each_missing_fact_is_named() {
    let missing = |lab: Lab| {
        let found = relayed(lab);
        (found.ends()[0].to_owned(), found.attribute("healthy")[0].clone())
    };
    let group = format!("? {}", group_arn("in"));
    assert_eq!(missing(chain()), (group.clone(), json!("? elasticloadbalancing:DescribeTargetGroups")));
    let health = unread(&TARGET_HEALTH, &here(), &group_arn("in"));
    let unhealthy = chain().targets("in", "ip", health);
    assert_eq!(missing(unhealthy), (group, json!("? elasticloadbalancing:DescribeTargetHealth")));
    let targets = || json!([target("10.0.0.7", "healthy")]);
    let unlisted = public().targets("in", "ip", targets());
    let address = "? 10.0.0.7".to_owned();
    let balancers = json!("? elasticloadbalancing:DescribeLoadBalancers");
    assert_eq!(missing(unlisted), (address.clone(), balancers));
    let faceless = listed(public().balancer("internal", "internal")).targets("in", "ip", targets());
    assert_eq!(missing(faceless), (address, json!("? ec2:DescribeNetworkInterfaces")));
}

#[test]
fn an_unread_listener_hides_no_other_edge() {
    let lab = listed(Lab::new().balancer("public", "internet-facing"));
    assert_eq!(relayed(lab).calls(), ["elasticloadbalancing:DescribeListeners"]);
}
