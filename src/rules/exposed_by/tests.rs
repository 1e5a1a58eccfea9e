use serde_json::Value;

use super::*;
use crate::model::aws::{ec2, eks, elbv2};
use crate::model::kubernetes::cluster::{NAMESPACES, NODES};
use crate::model::kubernetes::workload::PODS;
use crate::rules::balancing::testing::{arn, target};
use crate::rules::iam::testing::{Found, Lab, SERVER, SHOP, common, here, in_shop, kubernetes};

const CLUSTER: &str = "arn:aws:eks:us-west-1:111111111111:cluster/main";
const NAME: &str = "web-1.elb.us-west-1.amazonaws.com";
const NODE: &str = "i-0123456789abcdef0";
const SYSTEM: &str = "api.example.com/namespace/ingress";

/// The cluster with its API server, one node (10.0.0.1) and one pod of the shop (10.0.0.2), all lists read.
fn cluster() -> Lab {
    let provider = format!("aws:///us-west-1a/{NODE}");
    unread_pods()
        .in_kubernetes(
            Kind::K8sNode,
            &format!("{SERVER}/node/a"),
            json!({ "provider_id": provider, "addresses": ["10.0.0.1"] }),
        )
        .complete(&NODES, &kubernetes(), "")
        .complete(&ec2::INSTANCES, &here(), CLUSTER)
        .complete(&PODS, &kubernetes(), SYSTEM)
}

/// As `cluster`, without its nodes and the pods of the namespace `ingress`.
fn unread_pods() -> Lab {
    let facts = json!({
        "status": "ACTIVE", "endpoint": SERVER, "certificate_authority": [], "vpc": "vpc-1",
        "subnets": [], "groups": [], "public_cidrs": [], "logging": [],
    });
    let server = json!({ "server": SERVER, "certificate_authority": [], "version": "v1.33.1" });
    let pod = json!({
        "namespace": SHOP, "deleting": false, "addresses": ["10.0.0.2"], "host_addresses": [],
        "host_network": false, "containers": [],
    });
    Lab::new()
        .add(Kind::EksCluster, CLUSTER, facts)
        .in_kubernetes(Kind::K8sCluster, SERVER, server)
        .in_kubernetes(Kind::K8sNamespace, SHOP, json!({}))
        .in_kubernetes(Kind::K8sNamespace, SYSTEM, json!({}))
        .complete(&NAMESPACES, &kubernetes(), "")
        .in_kubernetes(Kind::K8sPod, &in_shop("pod", "api-1"), pod)
        .complete(&PODS, &kubernetes(), SHOP)
}

/// A load balancer that sends to one group of these.
fn web(lab: Lab, r#type: &str, targets: Value) -> Lab {
    let lab = lab.balancer("web", "internet-facing").forwarding("web", &[("in", 1)]);
    lab.targets("in", r#type, targets).complete(&elbv2::LOAD_BALANCERS, &here(), "")
}

fn exposed(lab: Lab, addresses: &[&str]) -> Found {
    let facts = json!({
        "namespace": SHOP, "annotations": {}, "rules": [], "tls": [], "addresses": addresses,
    });
    let ingress = in_shop("ingress", "api");
    lab.in_kubernetes(Kind::K8sIngress, &ingress, facts).edges(&ExposedBy, Kind::K8sIngress, &ingress)
}

/// Healthy and foreign targets behind the ingress' load balancer.
fn counts(lab: Lab) -> (Value, Value) {
    let found = exposed(lab, &[NAME]);
    assert_eq!(found.ends(), [arn("web")]);
    (found.attribute("healthy")[0].clone(), found.attribute("foreign")[0].clone())
}

#[test]
fn a_host_name_is_its_load_balancer() {
    let found =
        exposed(web(cluster(), "instance", json!([])), &[NAME, "other-1.elb.us-west-1.amazonaws.com"]);
    assert_eq!(found.ends()[0], arn("web"));
    assert_eq!(found.ends()[1], "? other-1.elb.us-west-1.amazonaws.com", "the common account may hold it");
    let lab = web(cluster(), "instance", json!([])).complete(&elbv2::LOAD_BALANCERS, &common(), "");
    let found = exposed(lab, &["other-1.elb.us-west-1.amazonaws.com"]);
    assert_eq!(found.ends(), ["! other-1.elb.us-west-1.amazonaws.com"]);
    assert_eq!(found.attribute("healthy"), [0]);
}

#[test]
fn a_name_of_ones_own_may_lead_to_a_load_balancer() {
    let lab = web(cluster(), "instance", json!([])).complete(&elbv2::LOAD_BALANCERS, &common(), "");
    let found = exposed(lab, &["ingress.example.com"]);
    assert_eq!(found.ends(), ["? ingress.example.com"]);
    assert_eq!(found.attribute("healthy"), ["? k8s:ListIngresses"]);
}

#[test]
fn an_address_is_a_balancers_only_in_the_clusters_network() {
    let at = |vpc: &str| {
        let lab = cluster().balancer_in(vpc, "web", "internal").interface("web", vpc, "10.0.0.7");
        lab.complete(&elbv2::LOAD_BALANCERS, &here(), "").complete(&elbv2::LISTENERS, &here(), &arn("web"))
    };
    assert_eq!(exposed(at("vpc-1"), &["10.0.0.7", "10.0.0.9"]).ends(), [arn("web").as_str(), "! 10.0.0.9"]);
    assert_eq!(exposed(at("vpc-2"), &["10.0.0.7"]).ends(), ["! 10.0.0.7"]);
    let unread = web(cluster(), "instance", json!([]));
    let found = exposed(unread, &["10.0.0.7"]);
    assert_eq!(found.ends(), ["? 10.0.0.7"]);
    assert_eq!(found.attribute("healthy"), ["? ec2:DescribeNetworkInterfaces"]);
}

#[test]
fn nodes_and_pods_are_told_from_strangers() {
    let instances = json!([
        target(NODE, "healthy"),
        target("i-0fedcba9876543210", "healthy"),
        target("i-3", "unhealthy"),
    ]);
    assert_eq!(counts(web(cluster(), "instance", instances)), (json!(1), json!(1)));
    let ips = ["10.0.0.1", "10.0.0.2", "10.0.0.9"].map(|ip| target(ip, "healthy"));
    assert_eq!(counts(web(cluster(), "ip", json!(ips))), (json!(2), json!(1)));
    let stopped = json!([target(NODE, "unhealthy")]);
    assert_eq!(counts(web(cluster(), "instance", stopped)), (json!(0), json!(0)));
    let lambda = json!([target("arn:aws:lambda:us-west-1:111111111111:function:x", "healthy")]);
    assert_eq!(counts(web(cluster(), "lambda", lambda)), (json!(0), json!(1)));
}

#[test]
fn each_listener_needs_targets_of_its_own() {
    let served = web(cluster(), "instance", json!([target(NODE, "healthy")]));
    let group = "arn:aws:elasticloadbalancing:us-west-1:111111111111:targetgroup/other/1";
    let plain = json!({
        "load_balancer": arn("web"), "port": 80, "protocol": "TCP", "certificates": [],
        "default_actions": [{ "type": "forward", "targets": [{ "target_group": group, "weight": 1 }] }],
    });
    let nobody = json!({
        "vpc": "vpc-1", "load_balancers": [], "target_type": "instance", "targets": [target(NODE, "unhealthy")],
    });
    let lab = served.add(Kind::Listener, "listener/plain", plain).add(Kind::TargetGroup, group, nobody);
    let lab = lab.complete(&elbv2::RULES, &here(), "listener/plain");
    assert_eq!(counts(lab), (json!(0), json!(0)), "port 80 leads to nobody");
}

#[test]
fn an_address_is_the_same_however_it_is_written() {
    let pod = json!({
        "namespace": SHOP, "deleting": false, "addresses": ["2001:db8::2"], "host_addresses": [],
        "host_network": false, "containers": [],
    });
    let lab = cluster().in_kubernetes(Kind::K8sPod, &in_shop("pod", "api-6"), pod);
    let targets = json!([target("2001:0db8:0:0:0:0:0:2", "healthy"), target("2001:db8::3", "healthy")]);
    assert_eq!(counts(web(lab, "ip", targets)), (json!(1), json!(1)));
}

#[test]
fn an_instance_of_the_cluster_needs_no_node_to_say_so() {
    let facts = json!({ "cluster": CLUSTER, "private_ips": ["10.0.0.1"] });
    let lab = unread_pods().add(Kind::Instance, NODE, facts);
    let lab = web(lab, "instance", json!([target(NODE, "healthy")]));
    assert_eq!(counts(lab), (json!(1), json!(0)));
}

#[test]
fn another_load_balancer_is_neither() {
    let between = |lab: Lab| lab.balancer("between", "internal").interface("between", "vpc-1", "10.0.0.9");
    let lab = web(between(cluster()), "ip", json!([target("10.0.0.9", "healthy")]));
    assert_eq!(counts(lab), (json!(0), json!(0)));
    let lab = web(between(cluster()), "alb", json!([target(&arn("between"), "healthy")]));
    assert_eq!(counts(lab), (json!(0), json!(0)));
}

#[test]
fn what_may_be_a_pod_of_an_unread_namespace_is_open() {
    let nodes =
        |lab: Lab| lab.complete(&NODES, &kubernetes(), "").complete(&ec2::INSTANCES, &here(), CLUSTER);
    let lone = web(nodes(unread_pods()), "ip", json!([target("10.0.0.9", "healthy")]));
    let gap = json!("? k8s:ListPods");
    assert_eq!(counts(lone), (gap.clone(), gap.clone()), "it may be the only one");
    let two = json!([target("10.0.0.2", "healthy"), target("10.0.0.9", "healthy")]);
    assert_eq!(counts(web(nodes(unread_pods()), "ip", two)), (json!(1), gap), "one is certain");
}

#[test]
fn each_missing_fact_is_named() {
    let gap = |call: &str| (json!(format!("? {call}")), json!(format!("? {call}")));
    let targets = || json!([target(NODE, "healthy")]);
    assert_eq!(counts(web(unread_pods(), "instance", targets())), gap("ec2:DescribeInstances"));
    let bare = || cluster().balancer("web", "internet-facing");
    assert_eq!(counts(bare()), gap("elasticloadbalancing:DescribeListeners"));
    let no_group = bare().forwarding("web", &[("in", 1)]);
    assert_eq!(counts(no_group), gap("elasticloadbalancing:DescribeTargetGroups"));
    let idle = bare().forwarding("web", &[("in", 0)]);
    assert_eq!(counts(idle), (json!(0), json!(0)), "no request is sent there");
    let nobody = web(Lab::new(), "instance", targets());
    assert_eq!(counts(nobody), gap(eks::CLUSTERS.primary()));
}

#[test]
fn none_yet_is_no_answer() {
    let starting = web(cluster(), "instance", json!([target(NODE, "initial")]));
    assert_eq!(counts(starting), (json!("? in transition"), json!(0)));
}

#[test]
fn addresses_of_another_network_mean_nothing_here() {
    let lab = web(cluster(), "ip", json!([]));
    let facts = json!({
        "vpc": "vpc-2", "load_balancers": [], "target_type": "ip", "targets": [target("10.0.0.2", "healthy")],
    });
    let lab = lab.add(Kind::TargetGroup, &crate::rules::balancing::testing::group_arn("in"), facts);
    let (healthy, foreign) = counts(lab);
    assert!(healthy.is_string() && foreign.is_string(), "{healthy} {foreign}");
}
