use serde_json::json;

use crate::model::aws::dynamodb::Table;
use crate::model::aws::ec2::NETWORK_INTERFACES;
use crate::model::aws::ecs::TASKS;
use crate::model::aws::rds;
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::World;
use crate::rules::path::aws::testing::{
    SERVICE, balancer, balancer_arn, complete, facts, interface, listener, network, service, task, told,
};
use crate::rules::path::places::{has_places, places};
use crate::rules::testing::{Scene, here, the};

fn lies(scene: Scene, kind: Kind, id: &str) -> Vec<String> {
    let snapshot = scene.snapshot();
    assert!(has_places(kind));
    told(&places(the(&snapshot, kind, id), &World::new(&snapshot)))
}

fn service_lies(scene: Scene) -> Vec<String> {
    lies(scene, Kind::EcsService, SERVICE)
}

#[test]
fn a_service_lies_somewhere_in_each_of_its_subnets() {
    assert_eq!(service_lies(service(network(), &json!({}))), ["subnet-a of 256 sg-web"]);
    let public = service(network(), &json!({ "assign_public_ip": "ENABLED" }));
    assert_eq!(service_lies(public), ["subnet-a of 256 sg-web some-public"]);
    let gone = service(network(), &json!({ "subnets": ["subnet-a", "subnet-z"] }));
    assert_eq!(service_lies(gone), ["subnet-a of 256 sg-web", "? ec2:DescribeSubnets"]);
    let none = service(network(), &json!({ "subnets": [] }));
    assert_eq!(service_lies(none), ["? names no subnets"]);
}

#[test]
fn ipv6_shows_by_the_tasks_and_only_a_subnet_with_ipv6_asks() {
    let dual = || service(network(), &json!({ "subnets": ["subnet-b"] }));
    assert_eq!(service_lies(dual()), ["subnet-b of 256 v6? sg-web"], "its tasks would tell");
    let read = |scene| complete(scene, &TASKS, SERVICE);
    assert_eq!(service_lies(read(dual())), ["subnet-b of 256 v6? sg-web"], "no task is in that subnet");
    let old = task(dual(), "two", "subnet-b", "10.0.1.5");
    assert_eq!(service_lies(read(old)), ["subnet-b of 256 sg-web"]);
    let new = task(dual(), "two", "subnet-b", "2001:db8::5");
    assert_eq!(service_lies(read(new)), ["subnet-b of 256 v6 sg-web"]);
}

#[test]
fn a_task_is_where_its_interface_is() {
    let lies = |scene| lies(scene, Kind::EcsTask, "task/one");
    let scene = || service(network(), &json!({}));
    assert_eq!(lies(scene()), ["? ec2:DescribeNetworkInterfaces"]);
    let with = |changes| interface(scene(), "eni-one", &changes);
    assert_eq!(lies(with(json!({ "groups": ["sg-other"] }))), ["subnet-a 1 sg-other"]);
    assert_eq!(lies(with(json!({ "public_ip": "198.51.100.7" }))), ["subnet-a 1 sg-web public"]);
}

#[test]
fn an_interface_without_groups_is_unguarded_and_unread_ipv6_stays_open() {
    let lies = |changes| lies(interface(network(), "eni-x", &changes), Kind::NetworkInterface, "eni-x");
    assert_eq!(lies(json!({ "groups": [] })), ["subnet-a 1 unguarded"]);
    let untold = json!({ "subnet": "subnet-b", "ipv6_ips": null });
    assert_eq!(lies(untold), ["subnet-b 1 v6? sg-web"]);
    assert_eq!(lies(json!({ "subnet": "subnet-b" })), ["subnet-b 1 sg-web"]);
}

#[test]
fn databases_lie_in_each_subnet_and_a_clusters_where_its_members_do() {
    let instance = |public: bool| {
        facts::<rds::Instance>(json!({
            "port": 5432, "subnets": ["subnet-a"], "groups": ["sg-db"], "publicly_accessible": public,
            "encrypted": true, "multi_az": false, "deletion_protection": false, "cluster": "main",
        }))
    };
    let cluster = || {
        facts::<rds::Cluster>(json!({
            "port": 5432, "groups": ["sg-cluster"], "encrypted": true, "deletion_protection": false, "members": ["db"],
        }))
    };
    let scene = |public| network().with("db", instance(public)).with("main", cluster());
    assert_eq!(lies(scene(false), Kind::RdsInstance, "db"), ["subnet-a of 256 sg-db"]);
    assert_eq!(lies(scene(true), Kind::RdsInstance, "db"), ["subnet-a of 256 sg-db some-public"]);
    let read = |public| scene(public).listed(&[Kind::RdsInstance]);
    assert_eq!(lies(read(false), Kind::RdsCluster, "main"), ["subnet-a of 256 sg-cluster"]);
    assert_eq!(lies(scene(false), Kind::RdsCluster, "main"), ["subnet-a of 256 sg-cluster public?"]);
    assert_eq!(lies(scene(true), Kind::RdsCluster, "main"), ["subnet-a of 256 sg-cluster some-public"]);
    let alone = network().with("main", cluster()).listed(&[Kind::RdsInstance]);
    assert_eq!(lies(alone, Kind::RdsCluster, "main"), ["? has no member instance that tells its subnets"]);
}

#[test]
fn a_load_balancer_has_a_node_in_each_subnet_and_nothing_is_said_of_one_without_its_listeners() {
    let arn = balancer_arn("web");
    let lies = |scene| lies(scene, Kind::LoadBalancer, &arn);
    let plain = |changes| listener(balancer(network(), "web", &changes), "web", &[]);
    assert_eq!(lies(plain(json!({}))), ["subnet-a of 256 sg-lb some-public"]);
    assert_eq!(lies(plain(json!({ "scheme": "internal" }))), ["subnet-a of 256 sg-lb"]);
    assert_eq!(lies(plain(json!({ "scheme": null }))), ["subnet-a of 256 sg-lb public?"]);
    assert_eq!(lies(plain(json!({ "groups": [] }))), ["subnet-a of 256 unguarded some-public"]);
    let both = json!({ "subnets": ["subnet-a", "subnet-b"], "ip_address_type": "dualstack" });
    assert_eq!(
        lies(plain(both)),
        ["subnet-a of 256 sg-lb some-public", "subnet-b of 256 v6 sg-lb some-public"]
    );
    let unread = balancer(network(), "web", &json!({}));
    assert_eq!(lies(unread), ["? elasticloadbalancing:DescribeListeners"]);
    assert_eq!(lies(plain(json!({ "state": "failed" }))), [] as [&str; 0]);
    let starting = lies(plain(json!({ "state": "provisioning" })));
    assert!(starting[0].starts_with('?') && starting[0].ends_with("is provisioning"), "{starting:?}");
}

#[test]
fn a_load_balancers_interfaces_say_its_addresses_where_they_were_read() {
    let arn = balancer_arn("web");
    let own = json!({
        "description": "ELB app/web/1", "private_ips": ["10.0.0.9"], "public_ip": "198.51.100.9",
    });
    let scene = || interface(listener(balancer(network(), "web", &json!({})), "web", &[]), "eni-lb", &own);
    assert_eq!(
        lies(scene(), Kind::LoadBalancer, &arn),
        ["subnet-a of 256 sg-lb some-public"],
        "maybe not all"
    );
    let read = complete(scene(), &NETWORK_INTERFACES, &arn);
    assert_eq!(lies(read, Kind::LoadBalancer, &arn), ["subnet-a 1 sg-lb public"]);
}

#[test]
fn a_subnet_is_whatever_lies_in_it() {
    assert_eq!(lies(network(), Kind::Subnet, "subnet-a"), ["subnet-a of 256 unguarded public?"]);
    assert_eq!(lies(network(), Kind::Subnet, "subnet-b"), ["subnet-b of 256 v6? unguarded public?"]);
}

#[test]
fn a_table_is_a_service() {
    let gap = Gap::unread("dynamodb:DescribeTable", &here(), "t");
    let table = facts::<Table>(json!({
        "description": { "$gap": gap }, "policy": { "$gap": gap }, "point_in_time_recovery": true,
    }));
    assert_eq!(lies(Scene::new().with("t", table), Kind::DynamodbTable, "t"), ["service t"]);
}
