use serde_json::Value;

use super::*;
use crate::model::aws::{ecr, eks};
use crate::rules::iam::testing::{Found, Lab, SERVER, SHOP, common, here, in_shop, policy};

const CONTAINER: &str = "arn:aws:ecs:us-west-1:111111111111:service/main/api/web";
const ROLE: &str = "arn:aws:iam::111111111111:role/execution";
const IMAGE: &str = "999999999999.dkr.ecr.us-west-1.amazonaws.com/app/backend:1.2";
const REPOSITORY: &str = "arn:aws:ecr:us-west-1:999999999999:repository/app/backend";

fn pulled(lab: Lab, image: &str, role: Option<&str>) -> Found {
    let facts = json!({
        "service": "s", "task_definition": "t", "image": image, "ports": [], "secrets": [],
        "execution_role": role,
    });
    lab.add(Kind::EcsContainer, CONTAINER, facts).edges(&PullsFrom, Kind::EcsContainer, CONTAINER)
}

fn puller() -> Lab {
    let actions = ["ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
    Lab::new().role(ROLE, &json!([{ "Effect": "Allow", "Action": actions, "Resource": "*" }]))
}

fn shared(account: &str) -> Value {
    let actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
    policy(&json!([{ "Effect": "Allow", "Action": actions, "Principal": { "AWS": account } }]))
}

#[test]
fn a_shared_repository_may_be_pulled_from() {
    let found = pulled(puller().repository(REPOSITORY, shared("111111111111")), IMAGE, Some(ROLE));
    assert_eq!(found.ends(), [REPOSITORY]);
    assert_eq!(found.attribute("repository_exists"), [true]);
    assert_eq!(found.attribute("allowed"), [true]);
    assert_eq!(found.attribute("tag"), ["1.2"]);
    assert!(found.gaps.is_empty());
}

#[test]
fn one_missing_permission_is_enough_to_fail() {
    let stranger = puller().repository(REPOSITORY, shared("222222222222"));
    assert_eq!(pulled(stranger, IMAGE, Some(ROLE)).attribute("allowed"), [false]);
    let no_role = puller().repository(REPOSITORY, shared("111111111111"));
    assert_eq!(pulled(no_role, IMAGE, None).attribute("allowed"), [false]);
    let statements = json!([{ "Effect": "Allow", "Action": "ecr:Batch*", "Resource": REPOSITORY }]);
    let no_log_in = Lab::new().role(ROLE, &statements).repository(REPOSITORY, shared("111111111111"));
    assert_eq!(pulled(no_log_in, IMAGE, Some(ROLE)).attribute("allowed"), [false]);
}

#[test]
fn an_unread_list_is_no_missing_repository() {
    let found = pulled(puller(), IMAGE, Some(ROLE));
    assert_eq!(found.ends(), [format!("? {REPOSITORY}")]);
    assert_eq!(found.attribute("repository_exists"), ["? ecr:DescribeRepositories"]);
    assert_eq!(found.attribute("allowed"), ["? ecr:DescribeRepositories"]);
    let found = pulled(puller().complete(&ecr::REPOSITORIES, &common(), ""), IMAGE, Some(ROLE));
    assert_eq!(found.ends(), [format!("! {REPOSITORY}: no such aws.ecr_repository")]);
    assert_eq!(found.attribute("repository_exists"), [false]);
    assert_eq!(found.attribute("allowed"), [false]);
}

#[test]
fn an_unscanned_account_keeps_its_repositories_to_itself() {
    let image = IMAGE.replace("999999999999", "222222222222");
    let found = pulled(puller(), &image, Some(ROLE));
    assert!(found.ends()[0].starts_with("? "), "{found:?}");
    let denied = json!([{ "Effect": "Deny", "Action": "ecr:*", "Resource": "*" }]);
    let found = pulled(Lab::new().role(ROLE, &denied), &image, Some(ROLE));
    assert_eq!(found.attribute("allowed"), [false], "the role's own Deny decides");
}

#[test]
fn an_unread_role_leaves_it_open() {
    let lab = Lab::new().repository(REPOSITORY, shared("111111111111"));
    assert_eq!(pulled(lab, IMAGE, Some(ROLE)).attribute("allowed"), ["? iam:GetRole"]);
}

#[test]
fn other_registries_are_outside() {
    let found = pulled(puller(), "docker.io/library/nginx:1", Some(ROLE));
    assert_eq!(found.ends(), ["! docker.io/library/nginx:1"]);
    assert_eq!(found.attribute("repository_exists"), [false]);
    assert!(found.gaps.is_empty());
}

const CLUSTER: &str = "arn:aws:eks:us-west-1:111111111111:cluster/main";
const NODES: &str = "arn:aws:iam::111111111111:role/nodes";

/// A cluster that is the API server's, with the shared repository.
fn cluster() -> Lab {
    let facts = json!({
        "status": "ACTIVE", "endpoint": SERVER, "certificate_authority": [], "subnets": [], "groups": [],
        "public_cidrs": [], "logging": [],
    });
    let server = json!({ "server": SERVER, "certificate_authority": [], "version": "v1.33.1" });
    puller()
        .add(Kind::EksCluster, CLUSTER, facts)
        .in_kubernetes(Kind::K8sCluster, SERVER, server)
        .repository(REPOSITORY, shared("111111111111"))
}

/// With these node groups' roles, and without Fargate profiles.
fn grouped(lab: Lab, roles: &[&str]) -> Lab {
    let lab =
        lab.complete(&eks::NODEGROUPS, &here(), CLUSTER).complete(&eks::FARGATE_PROFILES, &here(), CLUSTER);
    roles.iter().enumerate().fold(lab, |lab, (n, role)| {
        let group = format!("arn:aws:eks:us-west-1:111111111111:nodegroup/main/{n}/1");
        let facts = json!({
            "cluster": CLUSTER, "role": role, "subnets": [], "instance_types": [], "health_issues": [],
        });
        lab.add(Kind::EksNodegroup, &group, facts)
    })
}

fn profile(lab: Lab, role: &str, selector: &Value) -> Lab {
    let facts = json!({
        "cluster": CLUSTER, "status": "ACTIVE", "role": role, "subnets": [], "selectors": [selector],
    });
    let profile = "arn:aws:eks:us-west-1:111111111111:fargateprofile/main/web/1";
    lab.add(Kind::EksFargateProfile, profile, facts)
}

/// What a deployment of these images pulls.
fn deployed(lab: Lab, images: &[&str]) -> Found {
    let containers: Vec<Value> = images
        .iter()
        .map(|image| json!({ "name": "c", "image": image, "init": image.contains("init"), "ports": [] }))
        .collect();
    let facts = json!({
        "namespace": SHOP, "uid": "u", "updated": 1, "ready": 1, "available": 1, "paused": false,
        "selector": { "labels": {}, "expressions": [] }, "pod_labels": { "app": "api" },
        "containers": containers, "conditions": [],
    });
    let deployment = in_shop("deployment", "api");
    lab.in_kubernetes(Kind::K8sDeployment, &deployment, facts).edges(
        &PullsFrom,
        Kind::K8sDeployment,
        &deployment,
    )
}

fn allowed(lab: Lab) -> Value {
    deployed(lab, &[IMAGE]).attribute("allowed")[0].clone()
}

#[test]
fn each_image_of_a_deployment_is_pulled_once() {
    let images = [IMAGE, "docker.io/library/init:1", IMAGE];
    let found = deployed(grouped(cluster(), &[ROLE]), &images);
    assert_eq!(found.ends(), [REPOSITORY, "! docker.io/library/init:1"]);
    assert_eq!(found.attribute("tag"), ["1.2", "1"]);
    assert_eq!(found.attribute("allowed"), [true, true]);
    assert!(found.gaps.is_empty());
}

#[test]
fn every_node_groups_role_must_be_allowed() {
    let powerless = |lab: Lab| lab.role(NODES, &json!([]));
    assert_eq!(allowed(powerless(grouped(cluster(), &[NODES, NODES]))), false);
    let some = allowed(powerless(grouped(cluster(), &[ROLE, NODES])));
    assert_eq!(some, "? k8s:ListDeployments", "its pods may never lie on the others");
    assert_eq!(allowed(grouped(cluster(), &[ROLE, NODES])), "? iam:GetRole");
}

#[test]
fn where_a_profile_takes_the_pods_its_role_pulls() {
    let lab = || grouped(cluster(), &[ROLE]).role(NODES, &json!([]));
    let takes = |selector: &Value| allowed(profile(lab(), NODES, selector));
    assert_eq!(takes(&json!({ "namespace": "sh*", "labels": { "app": "api" } })), false);
    assert_eq!(takes(&json!({ "namespace": "shop", "labels": { "app": "web" } })), true);
    assert_eq!(takes(&json!({ "namespace": "other", "labels": {} })), true);
    let nodeless = profile(grouped(cluster(), &[]), ROLE, &json!({ "namespace": "shop", "labels": {} }));
    assert_eq!(allowed(nodeless), true, "it needs no nodes");
}

#[test]
fn whose_role_pulls_must_be_known() {
    assert_eq!(allowed(cluster()), "? eks:ListFargateProfiles");
    let profiles = cluster().complete(&eks::FARGATE_PROFILES, &here(), CLUSTER);
    assert_eq!(allowed(profiles), "? eks:ListNodegroups");
    let found = deployed(grouped(cluster(), &[]), &[IMAGE]);
    assert_eq!(found.ends(), [REPOSITORY], "nodes that it manages itself");
    assert!(found.attribute("allowed")[0].is_string());
    let unproven = puller().repository(REPOSITORY, shared("111111111111"));
    assert_eq!(allowed(unproven), "? eks:ListClusters");
}
