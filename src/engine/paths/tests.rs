use serde_json::{Value, json};

use super::*;
use crate::design::Design;
use crate::design::testing::{drawn, replaced};
use crate::engine::Question;
use crate::model::kind::Kind;
use crate::model::kubernetes::cluster::Namespace;
use crate::model::kubernetes::workload::{DEPLOYMENTS, Deployment};
use crate::model::path::Expect;
use crate::model::run::{Audit, Basis, Finding};
use crate::model::snapshot::{Outcome, Snapshot};
use crate::rules::World;
use crate::rules::path::headers::Headers;
use crate::rules::path::leg::{Hop, Loss};
use crate::rules::path::reason::Reason;
use crate::rules::testing::{Scene, kubernetes, service, subnet, the, vpc};

const DRAWING: &str = r#"policy = 1
[design]
id = "small"
version = "1"
title = "Small"
source = "A drawing"
[param]
port = { type = "int", default = 443 }
shut = { type = "bool", default = false }
[scope]
app = { where = 'r.id != "subnet-other"' }
[node.subnet]
kind = "aws.subnet"
count = "0.."
select = 'r.id.startsWith("subnet-")'
says = "Subnets."
cite = "1"
[node.table]
kind = "aws.dynamodb_table"
count = "0.."
says = "A table."
cite = "2"
[node.nat]
kind = "aws.nat_gateway"
count = "0.."
says = "A way out."
cite = "3"
[path.out]
via = ["subnet", "internet"]
packet = { protocol = "tcp", port = "=param.port" }
expect = "reachable"
cite = "4"
groups = ["egress"]
"#;

fn design(changes: &[(&str, &str)]) -> Design {
    let one = |text: String, (part, replacement): &(&str, &str)| replaced(&text, part, replacement);
    let text = changes.iter().fold(DRAWING.to_owned(), one);
    drawn(&text).unwrap_or_else(|wrong| panic!("{wrong}"))
}

fn question<'d>(design: &'d Design, params: &[(&str, Value)]) -> Question<'d> {
    let defaults = design.params.iter();
    let mut all: std::collections::BTreeMap<String, Value> =
        defaults.filter_map(|(name, param)| Some((name.clone(), param.default.clone()?))).collect();
    all.extend(params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let level = Basis::Documented;
    Question { design, env: "dev", params: all, select_overrides: std::collections::BTreeMap::new(), level }
}

fn audit(changes: &[(&str, &str)], params: &[(&str, Value)], snapshot: &Snapshot) -> Audit {
    let design = design(changes);
    Case::new(&question(&design, params), &World::new(snapshot)).audit()
}

/// The findings of the one path.
fn found(audit: &Audit) -> Vec<&Finding> {
    audit.findings.iter().filter(|finding| finding.check == "small/path.out").collect()
}

fn network() -> Scene {
    Scene::new()
        .with("vpc-1", vpc("10.0.0.0/16"))
        .with("subnet-a", subnet("vpc-1", "10.0.1.0/24"))
        .with("subnet-b", subnet("vpc-1", "10.0.2.0/24"))
        .listed(&[Kind::Vpc, Kind::Subnet, Kind::NatGateway, Kind::DynamodbTable])
}

#[test]
fn a_path_is_judged_for_everything_at_both_ends() {
    let snapshot = network().snapshot();
    let audit = audit(&[], &[], &snapshot);
    let subjects: Vec<&str> = found(&audit).iter().map(|finding| finding.subject.id.as_str()).collect();
    assert_eq!(subjects, ["subnet-a", "subnet-b"]);
    let [path] = &audit.paths[..] else { panic!("one path") };
    assert_eq!((&path.via.join(" "), path.expect), (&"subnet internet".to_owned(), Expect::Reachable));
    assert_eq!(
        (path.packet.as_str(), &path.groups[..]),
        ("tcp to port =param.port", &["egress".to_owned()][..])
    );
    assert_eq!(path.status, Status::roll_up(found(&audit).iter().map(|finding| finding.status)));
    assert_ne!(path.status, Status::Pass, "no route was read");
    for finding in found(&audit) {
        assert_eq!(finding.policy.line, path.policy.line);
        assert!(
            finding.message.starts_with(&format!("{} → internet: ", finding.subject.id)),
            "{}",
            finding.message
        );
    }
}

#[test]
fn what_comes_from_the_internet_is_about_its_target() {
    let snapshot = network().snapshot();
    let audit = audit(&[("[\"subnet\", \"internet\"]", "[\"internet\", \"subnet\"]")], &[], &snapshot);
    assert_eq!(found(&audit)[0].subject.id, "subnet-a");
    assert!(found(&audit)[0].message.starts_with("internet → subnet-a: "));
}

#[test]
fn an_end_that_binds_nothing_is_no_green() {
    let none =
        Scene::new().listed(&[Kind::Vpc, Kind::Subnet, Kind::NatGateway, Kind::DynamodbTable]).snapshot();
    for expect in ["reachable", "unreachable"] {
        let free = audit(&[("\"reachable\"", &format!("{expect:?}"))], &[], &none);
        assert_eq!(free.paths[0].status, Status::NotApplicable, "any number will do, none is fine");
        let wanted = [("\"reachable\"", &*format!("{expect:?}")), ("count = \"0..\"", "count = \"1..\"")];
        let missing = audit(&wanted, &[], &none);
        assert_eq!(missing.paths[0].status, Status::Fail);
        assert_eq!(found(&missing)[0].caused_by, ["small/node.subnet"]);
    }
    let between = [("\"subnet\", \"internet\"", "\"subnet\", \"nat\", \"internet\"")];
    let snapshot = network().snapshot();
    let no_gateway = audit(&between, &[], &snapshot);
    assert_eq!((found(&no_gateway).len(), no_gateway.paths[0].status), (1, Status::NotApplicable));
}

#[test]
fn what_may_belong_to_an_end_keeps_it_open() {
    let unlisted =
        Scene::new().with("subnet-a", subnet("vpc-1", "10.0.1.0/24")).denied(Kind::Subnet).snapshot();
    for expect in ["reachable", "unreachable"] {
        let audit = audit(&[("\"reachable\"", &format!("{expect:?}"))], &[], &unlisted);
        assert_eq!(audit.paths[0].status, Status::Unknown);
        let open = found(&audit)
            .into_iter()
            .find(|finding| finding.subject.kind == "node")
            .expect("told of the node");
        assert_eq!(open.caused_by, ["small/node.subnet"]);
        assert!(open.evidence.iter().any(|it| it.call == "ec2:DescribeSubnets" && it.fact == "not read"));
    }
}

#[test]
fn what_does_not_apply_or_was_not_asked_is_not_judged() {
    let snapshot = network().snapshot();
    let when = [("cite = \"4\"", "cite = \"4\"\nwhen = \"param.shut\"")];
    assert_eq!(audit(&when, &[], &snapshot).paths[0].status, Status::NotApplicable);
    let end = [("cite = \"1\"", "cite = \"1\"\nwhen = \"param.shut\"")];
    assert_eq!(audit(&end, &[], &snapshot).paths[0].status, Status::NotApplicable);
    for beyond in ["cite = \"4\"", "cite = \"1\""] {
        let deeper = [(beyond, &*format!("{beyond}\nbasis = \"hardening\""))];
        let audit = audit(&deeper, &[], &snapshot);
        assert!(audit.paths.is_empty() && found(&audit).is_empty(), "{beyond}");
    }
    let avoided = [
        ("expect = \"reachable\"", "expect = \"unreachable\"\navoid = [\"nat\"]"),
        ("cite = \"3\"", "cite = \"3\"\nbasis = \"hardening\""),
    ];
    assert!(audit(&avoided, &[], &snapshot).paths.is_empty(), "nobody knows what is to be avoided");
}

#[test]
fn a_parameter_that_is_no_port_is_told() {
    let audit = audit(&[], &[("port", Value::from(70_000))], &network().snapshot());
    assert_eq!(audit.paths[0].status, Status::Unknown);
    assert_eq!(found(&audit)[0].message, "can't be told: param.port is 70000: no port");
}

#[test]
fn what_a_path_may_ask_is_told_by_its_ends() {
    let asked = crate::engine::needs::calls(&design(&[]));
    for call in ["ec2:DescribeRouteTables", "ec2:DescribeNetworkAcls", "ec2:DescribeSecurityGroups"] {
        assert!(asked.contains_key(call), "{call}");
    }
    let strange: Vec<_> =
        asked.keys().filter(|call| call.starts_with("k8s:") || call.starts_with("azure:")).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

fn binding_of<'s>(case: &Case<'_, 's>) -> Bindings<'s> {
    case.bindings()
}

#[test]
fn stops_are_what_is_bound() {
    let snapshot = network().with("subnet-other", subnet("vpc-1", "10.0.3.0/24")).snapshot();
    let design = design(&[(
        "[path.out]",
        "[path.by]\nvia = [\"table\", \"subnet\", \"internet\"]\nexpect = \"unreachable\"\navoid = [\"nat\"]\ncite = \"5\"\n[path.out]",
    )]);
    let world = World::new(&snapshot);
    let question = question(&design, &[]);
    let case = Case::new(&question, &world);
    let bound = binding_of(&case);
    let drawn = Drawn::of(&case, design.path("by").expect("drawn"), &bound);
    let at = |id| At::Resource(the(&snapshot, Kind::Subnet, id));
    assert_eq!(drawn.count(), 1, "the ends are no stops");
    assert_eq!(drawn.is(0, &at("subnet-a")), Some(true));
    assert_eq!(drawn.is(0, &at("subnet-other")), Some(false));
    assert_eq!(drawn.is(0, &At::Named("subnet-z".to_owned())), Some(false), "all that is bound is known");
    assert_eq!(drawn.is(0, &At::Internet), Some(false));
    assert_eq!(drawn.avoids(&at("subnet-a")), Some(false));
}

#[test]
fn where_the_drawing_is_open_a_stop_that_was_not_read_may_be_meant() {
    let snapshot =
        Scene::new().listed(&[Kind::Subnet, Kind::DynamodbTable]).denied(Kind::NatGateway).snapshot();
    let design = design(&[("expect = \"reachable\"", "expect = \"unreachable\"\navoid = [\"nat\"]")]);
    let world = World::new(&snapshot);
    let question = question(&design, &[]);
    let case = Case::new(&question, &world);
    let bound = binding_of(&case);
    let drawn = Drawn::of(&case, design.path("out").expect("drawn"), &bound);
    assert_eq!(drawn.avoids(&At::Named("nat-1".to_owned())), None);
    let missing: Vec<String> = drawn.open_because().into_iter().map(|it| it.call).collect();
    assert_eq!(missing, ["ec2:DescribeNatGateways"]);
}

const IN_A_CLUSTER: &str = r#"policy = 1
[design]
id = "small"
version = "1"
title = "Small"
source = "A drawing"
[scope]
app = {}
k8s = { cluster = "cluster" }
[node.cluster]
kind = "aws.eks_cluster"
says = "A cluster."
cite = "1"
[node.namespace]
kind = "k8s.namespace"
scope = "k8s"
says = "A namespace."
cite = "2"
[node.deployment]
kind = "k8s.deployment"
scope = "k8s"
within = "namespace"
says = "Pods."
cite = "3"
[edge]
runs-in = { from = "namespace", rel = "runs-in", to = "cluster", cite = "4" }
[path.out]
via = ["internet", "deployment"]
expect = "EXPECT"
cite = "5"
"#;

/// What comes of a path to a deployment whose API server, asked at this host with this certificate, is held against
/// the bound cluster.
fn crossing(server: &str, certificate: &str, expect: &str) -> Audit {
    let ours = json!({
        "status": "ACTIVE", "endpoint": "ours.gr7.us-west-1.eks.amazonaws.com", "certificate_authority": ["b"],
        "subnets": [], "groups": [], "public_cidrs": [], "logging": [],
    });
    let ours: crate::model::aws::eks::Cluster = serde_json::from_value(ours).expect("a cluster");
    let certificates: Vec<&str> = Some(certificate).filter(|it| !it.is_empty()).into_iter().collect();
    let asked = json!({ "server": server, "certificate_authority": certificates, "version": "v1.33.1" });
    let asked: crate::model::kubernetes::cluster::Cluster = serde_json::from_value(asked).expect("a server");
    let namespaces = Kind::K8sNamespace.meta().listed().expect("they are listed");
    let mut snapshot = Scene::new()
        .with("arn:aws:eks:us-west-1:111111111111:cluster/main", ours)
        .listed(&[Kind::EksCluster])
        .with_in(&kubernetes::cluster(), kubernetes::CLUSTER, kubernetes::CLUSTER, asked)
        .with_in(
            &kubernetes::cluster(),
            kubernetes::NAMESPACE,
            "dev-api",
            Namespace { phase: Some("Active".to_owned()) },
        )
        .answered(namespaces, &kubernetes::cluster(), "", Outcome::Complete)
        .object::<Deployment>("api", &kubernetes::deployment())
        .complete(&[&DEPLOYMENTS])
        .snapshot();
    snapshot.header.cluster = Some(kubernetes::CLUSTER.to_owned());
    let text = IN_A_CLUSTER.replace("EXPECT", expect);
    let design = drawn(&text).unwrap_or_else(|wrong| panic!("{wrong}"));
    Case::new(&question(&design, &[]), &World::new(&snapshot)).audit()
}

#[test]
fn no_path_crosses_into_a_cluster_that_is_not_proven_to_be_the_bound_one() {
    for expect in ["reachable", "unreachable"] {
        let open = crossing("api.example.com", "", expect);
        let [finding] = &found(&open)[..] else { panic!("one deployment") };
        assert_eq!(finding.status, Status::Unknown, "{}", finding.message);
        assert_eq!(finding.caused_by, ["small/edge.runs-in"]);
        assert!(finding.evidence.iter().any(|it| it.fact == "not read"));

        let other = crossing("api.example.com", "a", expect);
        let [finding] = &found(&other)[..] else { panic!("one deployment") };
        assert_eq!(finding.status, Status::Fail, "{}", finding.message);
        assert!(finding.message.contains("not judged beyond the API server"), "{}", finding.message);
        assert_eq!(finding.caused_by, ["small/edge.runs-in"]);

        let ours = crossing("api.example.com", "b", expect);
        let [finding] = &found(&ours)[..] else { panic!("one deployment") };
        assert!(
            finding.caused_by.is_empty() && !finding.message.contains("API server"),
            "{}",
            finding.message
        );
    }
}

/// A snapshot with a service, and a packet of it that is lost.
fn lost(snapshot: &Snapshot) -> Loss<'_> {
    let (web, subnet) = (the(snapshot, Kind::EcsService, "web"), the(snapshot, Kind::Subnet, "subnet-a"));
    let rule = crate::rules::path::leg::Hop::of(subnet);
    Loss {
        hops: vec![Hop::of(web), rule.by([missing(&Gap::unread("x:Y", &subnet.scope, "acl-1"))])],
        reason: Reason::AclReturn,
        says: "acl-1 lets no answers in".to_owned(),
        packets: Headers::everything(),
    }
}

#[test]
fn a_loss_is_told_with_its_reason_and_packet() {
    let snapshot = network().with("web", service(&["subnet-a"], &[])).snapshot();
    let answer = Answer::No(lost(&snapshot));
    let packet = lost(&snapshot).packet().expect("some packet is lost").to_string();
    let message = format!("lost at subnet-a [acl-return]: acl-1 lets no answers in: {packet}");
    assert_eq!(told::outcome(&answer, Expect::Reachable), message);
    assert_eq!(told::outcome(&answer, Expect::Unreachable), format!("unreachable: {message}"));
    let evidence = told::evidence(&answer);
    let facts: Vec<(&str, &str)> =
        evidence.iter().map(|it| (it.fact.as_str(), it.resource.as_str())).collect();
    assert_eq!(facts, [("hop", "web"), ("hop", "subnet-a"), ("not read", "acl-1"), ("reason", "subnet-a")]);
    assert_eq!(evidence[1].value, serde_json::json!({ "at": "subnet-a", "kind": "aws.subnet" }));
    assert_eq!(evidence[3].value["code"], "acl-return");
    assert_eq!(evidence[3].value["packet"], packet);
}

#[test]
fn a_proof_is_a_verdict_only_as_far_as_its_ends_are_certain() {
    let snapshot = network().with("web", service(&["subnet-a"], &[])).snapshot();
    let design = design(&[]);
    let question = question(&design, &[]);
    let world = World::new(&snapshot);
    let path = design.path("out").expect("drawn");
    let gap = Gap::unread("ec2:DescribeRouteTables", &the(&snapshot, Kind::Subnet, "subnet-a").scope, "");
    for (holds, certain, expected) in [
        (Some(true), true, Status::Pass),
        (Some(true), false, Status::Pass),
        (Some(false), true, Status::Fail),
        (Some(false), false, Status::Unknown),
        (None, true, Status::Unknown),
        (None, false, Status::Unknown),
    ] {
        let case = Case::new(&question, &world);
        let web = Endpoint::Resource(the(&snapshot, Kind::EcsService, "web"));
        let answer = match holds {
            Some(true) => Answer::Yes(lost(&snapshot).hops),
            Some(false) => Answer::No(lost(&snapshot)),
            None => Answer::Open(vec![gap.clone()], lost(&snapshot).hops),
        };
        let proof = Proof { holds, answer, assumptions: vec!["Nobody relays.".to_owned()] };
        let verdict = Pair { from: web, to: Endpoint::Internet, certain }.proven(&case, path, &proof);
        assert_eq!(verdict.status, expected);
        assert_eq!(verdict.assumptions, ["Nobody relays."]);
        assert_eq!(verdict.key, "web\ninternet");
        let wanted = holds.is_none() && certain;
        assert_eq!(case.into_wanted().contains(&gap), wanted, "nothing is fetched for what may not belong");
    }
}
