use crate::model::aws::dynamodb::Table;
use crate::model::aws::ec2::{NatGateway, NetworkAcl, VpcEndpoint};
use crate::model::scope::Scope;
use crate::model::seen::Seen;
use crate::rules::testing::{
    self, Scene, acl_entry, denied_list, edges, everything, group, here, open_acl, prefix_list, route_table,
    rule, service, subnet, texts, the, unread_list,
};

use super::*;

const SERVICE: &str = "arn:aws:ecs:us-west-1:111111111111:service/app/web";
const CONTAINER: &str = "arn:aws:ecs:us-west-1:111111111111:service/app/web/web";
const INSTANCE: &str = "arn:aws:rds:us-west-1:111111111111:db:main";
const CLUSTER: &str = "arn:aws:rds:us-west-1:111111111111:cluster:main";
const TABLE: &str = "arn:aws:dynamodb:us-west-1:111111111111:table/main";
const LISTS: &[Kind] = &[
    Kind::RdsInstance,
    Kind::RdsCluster,
    Kind::DynamodbTable,
    Kind::Subnet,
    Kind::SecurityGroup,
    Kind::NetworkAcl,
    Kind::RouteTable,
    Kind::VpcEndpoint,
];

fn container(task_role: Option<&str>) -> Container {
    Container {
        service: SERVICE.to_owned(),
        task_definition: "web:1".to_owned(),
        image: "web".to_owned(),
        ports: vec![8080],
        task_role: task_role.map(str::to_owned),
        execution_role: None,
        secrets: Vec::new(),
    }
}

/// A container whose service runs in `subnet-a` and `subnet-b` with the group `sg-web`.
fn base() -> Scene {
    Scene::new()
        .with(CONTAINER, container(Some("arn:aws:iam::111111111111:role/web")))
        .with(SERVICE, service(&["subnet-a", "subnet-b"], &["sg-web"]))
}

fn apps() -> Scene {
    base()
        .with("subnet-a", subnet("vpc-1", "10.0.0.0/24"))
        .with("subnet-b", subnet("vpc-1", "10.0.1.0/24"))
        .with("sg-web", group(vec![], vec![everything(&["0.0.0.0/0"])]))
        .listed(LISTS)
}

fn instance() -> Instance {
    Instance {
        engine: Some("postgres".to_owned()),
        status: Some("available".to_owned()),
        port: Some(5432),
        vpc: Some("vpc-1".to_owned()),
        subnets: texts(&["subnet-c", "subnet-d"]),
        groups: texts(&["sg-db"]),
        publicly_accessible: false,
        encrypted: true,
        multi_az: false,
        deletion_protection: true,
        cluster: None,
    }
}

/// The subnets of a database with the group `sg-db`, which admits `from`.
fn data(scene: Scene, from: &[&str]) -> Scene {
    scene
        .with("subnet-c", subnet("vpc-1", "10.0.2.0/24"))
        .with("subnet-d", subnet("vpc-1", "10.0.3.0/24"))
        .with("sg-db", group(vec![rule("tcp", 5432, 5432, from)], vec![]))
}

const ALL_SUBNETS: &[&str] = &["subnet-a", "subnet-b", "subnet-c", "subnet-d"];

fn open(scene: Scene) -> Scene {
    scene.with("acl-1", open_acl(ALL_SUBNETS))
}

/// What `network` says of the only database.
fn network(scene: Scene) -> Result<Value, Gap> {
    let snapshot = scene.snapshot();
    let edges = edges(&Reaches, &World::new(&snapshot), Kind::EcsContainer, CONTAINER);
    assert_eq!(edges.found.len(), 1, "{:?}", edges.gaps);
    edges.found[0].attribute("network").clone()
}

#[expect(clippy::unnecessary_wraps, reason = "stands where a gap could")]
fn yes() -> Result<Value, Gap> {
    Ok(true.into())
}

#[expect(clippy::unnecessary_wraps, reason = "stands where a gap could")]
fn no() -> Result<Value, Gap> {
    Ok(false.into())
}

#[test]
fn a_group_that_admits_the_services_group_is_reached() {
    let scene = open(data(apps(), &["sg-web"])).with(INSTANCE, instance());
    let snapshot = scene.snapshot();
    let edges = edges(&Reaches, &World::new(&snapshot), Kind::EcsContainer, CONTAINER);
    assert_eq!(edges.gaps, []);
    assert_eq!(edges.found[0].to.label(), INSTANCE);
    assert_eq!(edges.found[0].attribute("network"), &yes());
    assert_eq!(edges.found[0].attribute("permission"), &Ok(Value::Null));
}

#[test]
fn rules_for_all_of_the_services_subnets_do_as_well() {
    for (from, network_is) in [
        (&["10.0.0.0/16"][..], Some(true)),
        (&["10.0.0.0/24", "10.0.1.0/24"], Some(true)),
        (&["10.0.0.0/24"], None),
        (&["10.9.0.0/16"], Some(false)),
        (&["sg-other"], Some(false)),
    ] {
        let scene = open(data(apps(), from)).with(INSTANCE, instance());
        assert_eq!(network(scene).ok(), network_is.map(Value::from), "{from:?}");
    }
}

#[test]
fn without_egress_nothing_is_reached() {
    let scene = base()
        .with("subnet-a", subnet("vpc-1", "10.0.0.0/24"))
        .with("subnet-b", subnet("vpc-1", "10.0.1.0/24"))
        .with("sg-web", group(vec![], vec![rule("tcp", 443, 443, &["0.0.0.0/0"])]))
        .listed(LISTS);
    assert_eq!(network(open(data(scene, &["sg-web"])).with(INSTANCE, instance())), no());
}

#[test]
fn another_port_is_not_reached() {
    let mysql = Instance { port: Some(3306), ..instance() };
    assert_eq!(network(open(data(apps(), &["sg-web"])).with(INSTANCE, mysql)), no());
}

#[test]
fn another_vpc_is_undecided_whatever_the_groups_say() {
    let elsewhere = |from| {
        let scene = apps()
            .with("subnet-c", subnet("vpc-2", "10.0.2.0/24"))
            .with("subnet-d", subnet("vpc-2", "10.0.3.0/24"))
            .with("sg-db", group(vec![rule("tcp", 5432, 5432, &[from])], vec![]))
            .with(INSTANCE, instance());
        network(open(scene))
    };
    for from in ["sg-web", "sg-other"] {
        assert!(elsewhere(from).is_err_and(|gap| gap.detail.contains("peerings are not read")));
    }
}

fn acl(subnets: &[&str], egress: &[(i64, i64)], ingress: &[(i64, i64)]) -> NetworkAcl {
    let entries = |egress, ports: &[(i64, i64)]| -> Vec<_> {
        ports.iter().map(|ports| acl_entry(100 + ports.0, egress, true, *ports, "10.0.0.0/16")).collect()
    };
    let entries = [entries(true, egress), entries(false, ingress)].concat();
    NetworkAcl { entries, ..open_acl(subnets) }
}

#[test]
fn acls_must_let_connections_out_in_and_answers_back() {
    const DB: (i64, i64) = (5432, 5432);
    const BACK: (i64, i64) = (1024, 65535);
    let with = |app_out, app_in, db_in, db_out| {
        let scene = data(apps(), &["sg-web"])
            .with("acl-app", acl(&["subnet-a", "subnet-b"], &[app_out], &[app_in]))
            .with("acl-db", acl(&["subnet-c", "subnet-d"], &[db_out], &[db_in]))
            .with(INSTANCE, instance());
        network(scene)
    };
    assert_eq!(with(DB, BACK, DB, BACK), yes());
    let web = (80, 443);
    assert_eq!(with(web, BACK, DB, BACK), no());
    assert_eq!(with(DB, web, DB, BACK), no());
    assert_eq!(with(DB, BACK, web, BACK), no());
    assert_eq!(with(DB, BACK, DB, web), no());
    assert!(with(DB, (32768, 65535), DB, BACK).is_err(), "which ports answers go to isn't known");
}

#[test]
fn acls_of_some_of_the_databases_subnets_leave_it_open() {
    let scene = data(apps(), &["sg-web"])
        .with("acl-1", open_acl(&["subnet-a", "subnet-b", "subnet-c"]))
        .with("acl-2", acl(&["subnet-d"], &[], &[]))
        .with(INSTANCE, instance());
    assert!(network(scene).is_err_and(|gap| gap.detail.contains("some of its subnets")));
}

#[test]
fn acls_of_one_of_the_services_subnets_cut_its_tasks_off() {
    let scene = data(apps(), &["sg-web"])
        .with("acl-1", open_acl(&["subnet-a", "subnet-c", "subnet-d"]))
        .with("acl-2", acl(&["subnet-b"], &[], &[]))
        .with(INSTANCE, instance());
    assert_eq!(network(scene), no());
}

#[test]
fn within_a_subnet_no_acl_counts() {
    let one = Scene::new()
        .with(CONTAINER, container(None))
        .with(SERVICE, service(&["subnet-a"], &["sg-web"]))
        .with("subnet-a", subnet("vpc-1", "10.0.0.0/24"))
        .with("sg-web", group(vec![], vec![everything(&["0.0.0.0/0"])]))
        .with("sg-db", group(vec![rule("tcp", 5432, 5432, &["sg-web"])], vec![]))
        .with("acl-1", acl(&["subnet-a"], &[], &[]))
        .with(INSTANCE, Instance { subnets: texts(&["subnet-a"]), ..instance() })
        .listed(LISTS);
    assert_eq!(network(one), yes());
}

#[test]
fn what_is_unread_leaves_the_network_open() {
    let scene = base().with(INSTANCE, instance()).listed(&[Kind::RdsInstance]);
    assert_eq!(network(scene), Err(unread_list(Kind::Subnet)), "another VPC would make the rest void");

    let foreign = Instance { groups: texts(&["sg-unread"]), ..instance() };
    let scene = open(data(apps(), &[])).with(INSTANCE, foreign).denied(Kind::SecurityGroup);
    assert_eq!(network(scene), Err(denied_list(Kind::SecurityGroup)));

    let scene = data(apps(), &["sg-web"]).with(INSTANCE, instance()).denied(Kind::NetworkAcl);
    assert_eq!(network(scene), Err(denied_list(Kind::NetworkAcl)));
}

#[test]
fn a_denied_acl_does_not_hide_that_groups_say_no() {
    let scene = data(apps(), &["sg-other"]).with(INSTANCE, instance()).denied(Kind::NetworkAcl);
    assert_eq!(network(scene), no());
}

#[test]
fn lists_of_databases_that_were_not_read_may_hide_more() {
    let snapshot = base().denied(Kind::RdsInstance).snapshot();
    let edges = edges(&Reaches, &World::new(&snapshot), Kind::EcsContainer, CONTAINER);
    assert!(edges.found.is_empty());
    let lists =
        [denied_list(Kind::RdsInstance), unread_list(Kind::RdsCluster), unread_list(Kind::DynamodbTable)];
    assert_eq!(edges.gaps, lists);
}

#[test]
fn only_the_kinds_asked_for_are_listed() {
    let snapshot = base().snapshot();
    let world = World::new(&snapshot);
    let from = the(&snapshot, Kind::EcsContainer, CONTAINER);
    let edges = Reaches.edges(from, &[Kind::DynamodbTable], &world);
    assert_eq!(edges.gaps, [unread_list(Kind::DynamodbTable)]);
}

fn cluster() -> Cluster {
    Cluster {
        engine: Some("aurora-postgresql".to_owned()),
        status: Some("available".to_owned()),
        port: Some(5432),
        groups: texts(&["sg-db"]),
        encrypted: true,
        deletion_protection: true,
        members: texts(&["main-1"]),
    }
}

/// What `network` says of a cluster `main`, with a member in a scope of its own.
fn cluster_network(scene: Scene, member_of: &Scope) -> Result<Value, Gap> {
    let member = Instance { cluster: Some("main".to_owned()), ..instance() };
    let snapshot = open(data(scene, &["sg-web"]))
        .with_in(&here(), CLUSTER, "main", cluster())
        .with_in(member_of, INSTANCE, "main-1", member)
        .snapshot();
    let edges = edges(&Reaches, &World::new(&snapshot), Kind::EcsContainer, CONTAINER);
    let of_cluster = edges.found.iter().find(|edge| edge.to.label() == CLUSTER).expect("listed");
    of_cluster.attribute("network").clone()
}

#[test]
fn a_cluster_lies_where_its_members_do() {
    assert_eq!(cluster_network(apps(), &here()), yes());
}

#[test]
fn a_namesakes_members_say_nothing() {
    let elsewhere = here().in_region("eu-west-2");
    assert!(cluster_network(apps(), &elsewhere).is_err_and(|gap| gap.detail.contains("no member")));
    let unread = cluster_network(apps().denied(Kind::RdsInstance), &elsewhere);
    assert_eq!(unread, Err(denied_list(Kind::RdsInstance)));
}

fn table() -> Table {
    Table {
        description: Seen::unread("dynamodb:DescribeTable", &here(), TABLE),
        point_in_time_recovery: Seen::unread("dynamodb:DescribeContinuousBackups", &here(), TABLE),
        policy: Seen::unread("dynamodb:GetResourcePolicy", &here(), TABLE),
    }
}

fn nat(connectivity: &str) -> NatGateway {
    NatGateway {
        vpc: "vpc-1".to_owned(),
        subnet: None,
        state: "available".to_owned(),
        connectivity: Some(connectivity.to_owned()),
        public_ips: Vec::new(),
        private_ips: Vec::new(),
    }
}

fn endpoint(r#type: &str) -> VpcEndpoint {
    testing::endpoint("dynamodb", r#type)
}

/// Both subnets with one table of these routes, and a DynamoDB table.
fn routed(scene: Scene, routes: &[(&str, &str)]) -> Scene {
    open(scene).with("rtb-1", route_table("vpc-1", &["subnet-a", "subnet-b"], routes)).with(TABLE, table())
}

#[test]
fn a_table_is_reached_through_a_nat_gateway_that_leads_out() {
    let through = |nat| network(routed(apps(), &[("0.0.0.0/0", "nat-1")]).with("nat-1", nat));
    assert_eq!(through(nat("public")), yes());
    assert_eq!(through(nat("private")), no());
    assert_eq!(through(NatGateway { state: "failed".to_owned(), ..nat("public") }), no());
}

#[test]
fn without_a_way_out_no_table_is_reached() {
    assert_eq!(network(routed(apps(), &[("10.0.0.0/16", "local")])), no());
    let public = [("0.0.0.0/0", "igw-1")];
    assert_eq!(network(routed(apps(), &public)), no(), "tasks without a public address");
}

#[test]
fn a_gateway_endpoint_takes_groups_that_admit_its_prefix_list() {
    let closed = |rules| {
        base()
            .with("subnet-a", subnet("vpc-1", "10.0.0.0/24"))
            .with("subnet-b", subnet("vpc-1", "10.0.1.0/24"))
            .with("sg-web", group(vec![], rules))
            .with("vpce-1", endpoint("Gateway"))
            .with("pl-ddb", prefix_list(&["52.94.8.0/24"]))
            .listed(LISTS)
    };
    let network = |rules| network(routed(closed(rules), &[("pl-ddb", "vpce-1")]));
    assert_eq!(network(vec![rule("tcp", 443, 443, &["pl-ddb"])]), yes());
    assert_eq!(network(vec![rule("tcp", 443, 443, &["52.94.0.0/16"])]), yes());
    assert_eq!(network(vec![rule("tcp", 443, 443, &["0.0.0.0/0"])]), yes());
    assert_eq!(network(vec![rule("tcp", 443, 443, &["10.0.0.0/8"])]), no());
}

#[test]
fn an_endpoint_of_another_table_is_no_way() {
    let scene = apps().with("vpce-1", endpoint("Gateway"));
    assert_eq!(network(routed(scene, &[("10.0.0.0/16", "local")])), no());
}

#[test]
fn an_interface_endpoint_is_a_way_where_names_lead_to_it() {
    let interface = |private_dns| VpcEndpoint {
        subnets: texts(&["subnet-c"]),
        groups: texts(&["sg-vpce"]),
        private_dns,
        ..endpoint("Interface")
    };
    let through = |private_dns, from| {
        let scene = apps()
            .with("subnet-c", subnet("vpc-1", "10.0.2.0/24"))
            .with("sg-vpce", group(vec![rule("tcp", 443, 443, &[from])], vec![]))
            .with("vpce-1", interface(private_dns));
        network(routed(scene, &[("10.0.0.0/16", "local")]))
    };
    assert_eq!(through(true, "sg-web"), yes());
    assert_eq!(through(true, "sg-other"), no());
    assert!(through(false, "sg-web").is_err_and(|gap| gap.detail.contains("private DNS")));
}

#[test]
fn unread_endpoints_may_be_a_way() {
    let scene = apps().denied(Kind::VpcEndpoint);
    assert_eq!(network(routed(scene, &[])), Err(denied_list(Kind::VpcEndpoint)));
    let scene = apps().with("nat-1", nat("public")).denied(Kind::VpcEndpoint);
    assert_eq!(network(routed(scene, &[("0.0.0.0/0", "nat-1")])), yes());
}

#[test]
fn without_a_task_role_nothing_is_permitted() {
    let snapshot = Scene::new()
        .with(CONTAINER, container(None))
        .with(SERVICE, service(&["subnet-a"], &["sg-web"]))
        .with(TABLE, table())
        .snapshot();
    let edges = edges(&Reaches, &World::new(&snapshot), Kind::EcsContainer, CONTAINER);
    assert_eq!(edges.found[0].attribute("permission"), &no());
}
