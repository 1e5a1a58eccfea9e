use serde_json::{Value, json};

use super::*;
use crate::model::aws::ec2::{INSTANCES, Instance};
use crate::model::aws::eks::{Cluster, Nodegroup};
use crate::model::aws::elbv2::TARGET_GROUPS;
use crate::model::kubernetes::network::{
    ENDPOINT_SLICES, INGRESS_CLASSES, INGRESSES, Ingress, IngressClass, SERVICES, Service,
};
use crate::model::kubernetes::workload::{Deployment, PODS, Pod, REPLICA_SETS, ReplicaSet};
use crate::model::snapshot::Outcome;
use crate::rules::path::aws::testing::{
    balancer, complete, entrance, facts, group, group_arn, listener, network, target, told, why,
};
use crate::rules::testing::kubernetes::{self as k8s, cluster as cluster_scope, deployment, object, with};
use crate::rules::testing::{Scene, everything, group as security_group, rule, the};

const SERVER: &str = "main.example.com";
const EKS: &str = "arn:aws:eks:us-west-1:111111111111:cluster/main";
const NAME: &str = "in-1.elb.us-west-1.amazonaws.com";

fn eks() -> Cluster {
    facts(json!({
        "status": "ACTIVE", "endpoint": SERVER, "certificate_authority": [], "vpc": "vpc-1", "subnets": [],
        "groups": [], "public_cidrs": [], "logging": [],
    }))
}

fn primary() -> Value {
    json!({
        "id": "eni-1", "subnet": "subnet-a", "groups": ["sg-node"], "private_ips": ["10.0.0.9"], "ipv6_ips": [],
        "prefixes": [],
    })
}

fn secondary() -> Value {
    let own = json!({ "id": "eni-2", "groups": ["sg-pods"], "private_ips": ["10.0.0.20"], "prefixes": ["10.0.0.64/28"] });
    with(&primary(), &own)
}

fn instance(interfaces: &Value) -> Instance {
    facts(json!({
        "cluster": EKS, "state": "running", "vpc": "vpc-1", "private_ips": ["10.0.0.9"], "interfaces": interfaces,
    }))
}

fn pod(address: &str, changes: &Value) -> Value {
    let plain = json!({
        "owner": "uid-set", "phase": "Running", "ready": true, "deleting": false, "addresses": [address],
        "host_addresses": ["10.0.0.9"], "host_network": false, "containers": [],
    });
    with(&plain, changes)
}

/// A cluster of one node in `subnet-a`, with these interfaces.
fn node(interfaces: &Value) -> Scene {
    let scene = network().with(EKS, eks()).with("i-1", instance(interfaces)).api_server(SERVER);
    complete(scene, &INSTANCES, EKS)
}

/// Where the pod of a scene lies.
fn pod_lies(scene: Scene, address: &str, changes: &Value) -> Vec<String> {
    let snapshot = scene.object::<Pod>("api", &pod(address, changes)).snapshot();
    told(&places(the(&snapshot, Kind::K8sPod, &object("pod", "api")), &World::new(&snapshot)))
}

#[test]
fn a_pod_has_the_groups_of_the_interface_that_has_its_address() {
    let lies = |address: &str| pod_lies(node(&json!([primary(), secondary()])), address, &json!({}));
    assert_eq!(lies("10.0.0.20"), ["subnet-a 1 sg-pods"], "by an address");
    assert_eq!(lies("10.0.0.70"), ["subnet-a 1 sg-pods"], "by a block");
    assert_eq!(lies("10.0.0.200"), ["subnet-a 1 sg-node"], "as its node");
    assert!(lies("192.168.4.4")[0].starts_with("? its address 192.168.4.4"), "an overlay");
    let on_host = pod_lies(node(&json!([primary()])), "10.0.0.9", &json!({ "host_network": true }));
    assert_eq!(on_host, ["subnet-a 1 sg-node"]);
}

#[test]
fn a_nodes_public_address_is_its_pods_on_the_way_out_alone() {
    let public = with(&primary(), &json!({ "public_ip": "198.51.100.1" }));
    let lies = |changes: &Value| pod_lies(node(&json!([public])), "10.0.0.30", changes);
    assert_eq!(lies(&json!({})), ["subnet-a 1 sg-node public?"]);
    assert_eq!(lies(&json!({ "host_network": true })), ["subnet-a 1 sg-node public"]);
}

#[test]
fn where_a_pod_lies_is_open_until_its_cluster_its_node_and_the_nodes_interfaces_are_known() {
    let open = |scene: Scene, gap: &str| {
        let lies = pod_lies(scene, "10.0.0.20", &json!({}));
        assert_eq!(lies.len(), 1);
        assert!(lies[0].starts_with(&format!("? {gap}")), "{lies:?} for {gap}");
    };
    open(network().with(EKS, eks()), "eks:ListClusters");
    open(network().with(EKS, eks()).api_server(SERVER), "ec2:DescribeInstances");
    let other = Instance { vpc: Some("vpc-2".to_owned()), ..instance(&json!([primary()])) };
    let elsewhere = network().with(EKS, eks()).with("i-1", other).api_server(SERVER);
    open(complete(elsewhere, &INSTANCES, EKS), "its node is no instance");
    open(node(&json!(null)), "its interfaces and their security groups are not told");
}

#[test]
fn a_node_group_lies_where_its_instances_do() {
    let group = json!({ "cluster": EKS, "subnets": [], "instance_types": [], "health_issues": [] });
    let lies = |tag: &str| {
        let mut snapshot = node(&json!([primary(), secondary()]))
            .with("nodes", facts::<Nodegroup>(group.clone()))
            .snapshot();
        let tagged = snapshot.resources.iter_mut().find(|resource| resource.id == "i-1").expect("the node");
        let tags = [("eks:nodegroup-name".to_owned(), tag.to_owned())].into();
        tagged.head.tags = crate::model::seen::Seen::Known(tags);
        told(&crate::rules::path::places::places(
            the(&snapshot, Kind::EksNodegroup, "nodes"),
            &World::new(&snapshot),
        ))
    };
    assert_eq!(lies("nodes"), ["subnet-a 1 sg-node", "subnet-a 1 sg-pods"]);
    assert_eq!(lies("others"), ["? has no node that is known, and how its next one will lie is not told"]);
}

/// A deployment of one pod at 10.0.0.20, its service, and an ingress that nginx serves at the load balancer `in`.
fn application(ingress: &Value, service: &Value, endpoint: &Value) -> Scene {
    let slice = json!({
        "service": object("service", "api"), "address_type": "IPv4",
        "ports": [{ "name": "http", "port": 8080, "protocol": "TCP" }],
        "endpoints": [with(&json!({
            "addresses": ["10.0.0.20"], "ready": true, "terminating": false, "pod": object("pod", "api"),
        }), endpoint)],
    });
    let set = json!({ "uid": "uid-set", "deployment": "uid-api", "revision": 1, "replicas": 1, "ready": 1 });
    let backend = json!({ "service": "api", "port_name": "http" });
    let rules = json!([{ "host": "api.example.com", "paths": [{ "path": "/", "path_type": "Prefix", "backend": backend }] }]);
    let plain = with(&k8s::ingress(), &json!({ "class": "nginx", "addresses": [NAME], "rules": rules }));
    let class = json!({ "controller": "k8s.io/ingress-nginx", "default": false });
    let scene = node(&json!([primary(), secondary()]))
        .object::<Pod>("api", &pod("10.0.0.20", &json!({})))
        .object::<ReplicaSet>("api", &set)
        .object::<Deployment>("api", &deployment())
        .object::<Service>("api", &with(&k8s::service(), service))
        .object::<EndpointSlice>("api", &slice)
        .object::<Ingress>("api", &with(&plain, ingress))
        .cluster_object::<IngressClass>("nginx", &class)
        .answered(&INGRESS_CLASSES, &cluster_scope(), "", Outcome::Complete)
        .complete(&[&SERVICES, &INGRESSES, &REPLICA_SETS]);
    let nodes =
        security_group(vec![rule("tcp", 30000, 32767, &["0.0.0.0/0"])], vec![everything(&["0.0.0.0/0"])]);
    let scene = scene.with("sg-node", nodes);
    let scene = balancer(scene, "in", &json!({ "type": "network", "dns_name": NAME, "groups": [] }));
    let scene = listener(scene, "in", &[("default", json!([]), &[("in", 1)])]);
    complete(scene, &TARGET_GROUPS, "")
}

fn read(scene: Scene) -> Scene {
    scene.complete(&[&PODS, &ENDPOINT_SLICES])
}

/// The load balancer sends to the node's port.
fn by_node(scene: Scene, state: &str) -> Scene {
    let targets = json!([{ "id": "i-1", "port": 31443, "state": state }]);
    group(scene, "in", &targets, &json!({ "target_type": "instance" }))
}

fn ways(scene: Scene) -> Vec<String> {
    let snapshot = scene.snapshot();
    let to = the(&snapshot, Kind::K8sDeployment, &object("deployment", "api"));
    let found = entrances(to, &Traffic::any(), &World::new(&snapshot));
    assert!(found.assumptions.iter().any(|it| it.contains("network policies")));
    let gaps = found.gaps.iter().map(|gap| format!("? {}", why(gap)));
    found.found.iter().map(entrance).chain(gaps).collect()
}

fn none() -> Value {
    json!({})
}

#[test]
fn an_ingress_leads_from_its_load_balancer_by_its_controllers_nodes_to_the_pods() {
    let found = ways(by_node(read(application(&none(), &none(), &none())), "healthy"));
    let way = "loadbalancer/app/in/1 443: listener/in, listener/in/default, targetgroup/in/1, api, api \
               > 1x1 in subnet-a 31443 > 1x1 in subnet-a 8080";
    assert_eq!(found, [way]);
}

#[test]
fn what_is_lost_on_the_way_of_an_ingress() {
    let found = ways(by_node(read(application(&none(), &none(), &none())), "unhealthy"));
    assert!(found[0].contains("! target-unhealthy"), "{found:?}");
    let elsewhere = group(
        read(application(&none(), &none(), &none())),
        "in",
        &json!([target("10.0.0.77", "healthy")]),
        &none(),
    );
    let pods = ways(elsewhere.answered(
        &crate::model::kubernetes::cluster::NAMESPACES,
        &cluster_scope(),
        "",
        Outcome::Complete,
    ));
    assert!(pods[0].contains("! target-missing"), "{pods:?}");
    let unready = ways(by_node(read(application(&none(), &none(), &json!({ "ready": false }))), "healthy"));
    assert!(unready.len() == 1 && unready[0].contains("! target-unhealthy"), "{unready:?}");
    let ports = json!({ "ports": [{ "name": "other", "port": 81 }] });
    let portless = ways(by_node(read(application(&none(), &ports, &none())), "healthy"));
    assert!(portless.len() == 1 && portless[0].contains("! target-port"), "{portless:?}");
    let homeless = ways(by_node(read(application(&json!({ "addresses": [] }), &none(), &none())), "healthy"));
    assert!(homeless.len() == 1 && homeless[0].starts_with("? its status has no address"), "{homeless:?}");
}

#[test]
fn lists_of_the_namespace_that_are_not_read_keep_it_open() {
    let found = ways(by_node(application(&none(), &none(), &none()).complete(&[&PODS]), "healthy"));
    assert!(
        found[0].contains("> 1x1 in subnet-a 8080") && found[0].contains("? k8s:ListEndpointSlices"),
        "{found:?}"
    );
    assert!(found.contains(&"? k8s:ListEndpointSlices".to_owned()), "{found:?}");
    let found =
        ways(by_node(application(&none(), &none(), &none()).complete(&[&ENDPOINT_SLICES]), "healthy"));
    assert!(found.contains(&"? k8s:ListPods".to_owned()), "{found:?}");
}

#[test]
fn a_controller_that_is_the_load_balancer_sends_straight_to_the_pods() {
    let alb = |targets: &Value, r#type: &str| {
        let class = json!({ "controller": "ingress.k8s.aws/alb", "default": false });
        let service = json!({ "ports": [{ "name": "http", "port": 80, "node_port": 30080 }] });
        let scene = application(&json!({ "class": "alb" }), &service, &none())
            .cluster_object::<IngressClass>("alb", &class);
        ways(group(read(scene), "in", targets, &json!({ "target_type": r#type })))
    };
    let found = alb(&json!([target("10.0.0.20", "healthy")]), "ip");
    assert!(found[0].ends_with("api, api > 1x1 in subnet-a 8080"), "{found:?}");
    let by_port = |port: i64| alb(&json!([{ "id": "i-1", "port": port, "state": "healthy" }]), "instance");
    let found = by_port(30080);
    assert!(found[0].ends_with("> 1x1 in subnet-a 30080 > 1x1 in subnet-a 8080"), "{found:?}");
    let found = by_port(30081);
    assert!(found[0].ends_with("! target-missing"), "that is another service's: {found:?}");
}

#[test]
fn a_service_may_have_a_load_balancer_and_ports_of_nodes_of_its_own() {
    let service = json!({
        "type": "LoadBalancer", "addresses": [NAME], "ports": [{ "name": "http", "port": 443, "node_port": 31443 }],
    });
    let scene = by_node(read(application(&json!({ "rules": [] }), &service, &none())), "healthy");
    let found = ways(scene);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with("loadbalancer/app/in/1 443")
            && found[0].ends_with("31443 > 1x1 in subnet-a 8080"),
        "{found:?}"
    );
    assert_eq!(found[1], "i-1 31443: api > 2x1 in subnet-a 8080");
}

#[test]
fn any_load_balancer_of_the_network_may_send_straight_to_pods() {
    let scene = by_node(read(application(&json!({ "rules": [] }), &none(), &none())), "healthy");
    assert_eq!(ways(scene), [] as [&str; 0]);
    let scene = group(
        read(application(&json!({ "rules": [] }), &none(), &none())),
        "in",
        &json!([target("10.0.0.20", "healthy")]),
        &none(),
    );
    let found = ways(scene);
    assert!(found.len() == 1 && found[0].ends_with("> 1x1 in subnet-a 8080"), "{found:?}");
    assert!(found[0].contains(group_arn("in").rsplit(':').next().expect("a name")), "{found:?}");
}

mod whole;
