//! Runs built by hand, for the tests of the formats.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::model::path::Expect;
use crate::model::run::{
    Audit, Baseline, Basis, CountResult, Coverage, DesignOrigin, DesignRef, Disposition, EdgeResult,
    Evidence, Finding, NodeResult, PathResult, PolicyPlace, Run, SCHEMA, Severity, Status, Subject, Summary,
    Unassessed, Waivers,
};
use crate::model::scope::{Provider, Scope};
use crate::model::snapshot::{Identity, Origin, Outcome, Tool};

pub(crate) const DESIGN: &str = "aws-ecs-fargate";
const ACCOUNT: &str = "111111111111";
const REGION: &str = "us-west-1";

pub(crate) fn time() -> DateTime<Utc> {
    "2026-11-20T09:30:00Z".parse().expect("a date")
}

pub(crate) fn place(line: u64) -> PolicyPlace {
    PolicyPlace { file: "policies/aws-ecs-fargate.toml".into(), line }
}

/// A passing finding of this check (without the design's id) about one resource; tests change what they are about.
pub(crate) fn finding(check: &str, kind: &str, id: &str, name: &str) -> Finding {
    Finding {
        id: format!("{check}:{id}"),
        check: format!("{DESIGN}/{check}"),
        basis: Basis::Documented,
        severity: Severity::Medium,
        status: Status::Pass,
        disposition: None,
        subject: Subject {
            kind: kind.into(),
            id: id.into(),
            name: name.into(),
            account: ACCOUNT.into(),
            region: REGION.into(),
        },
        message: "holds".into(),
        evidence: Vec::new(),
        assumptions: Vec::new(),
        says: "The document says so.".into(),
        cite: "bullet 4".into(),
        fix: String::new(),
        caused_by: Vec::new(),
        state_hash: String::new(),
        policy: place(40),
        groups: Vec::new(),
        why: String::new(),
        change: None,
    }
}

pub(crate) fn evidence(fact: &str, value: serde_json::Value, resource: &str, call: &str) -> Evidence {
    Evidence {
        fact: fact.into(),
        value,
        resource: resource.into(),
        call: call.into(),
        scope: Some(Scope::aws(ACCOUNT, REGION)),
        at: Some(time()),
    }
}

pub(crate) fn node(id: &str, kind: &str, status: Status, expected: &str, bound: &[&str]) -> NodeResult {
    let count = u64::try_from(bound.len()).expect("few");
    NodeResult {
        id: id.into(),
        kind: kind.into(),
        status,
        count: CountResult { expected: expected.into(), at_least: count, at_most: Some(count) },
        bound: bound.iter().map(ToString::to_string).collect(),
        maybe: Vec::new(),
        policy: place(40),
        groups: Vec::new(),
    }
}

pub(crate) fn edge(id: &str, [from, rel, to]: [&str; 3], status: Status) -> EdgeResult {
    EdgeResult {
        id: id.into(),
        from: from.into(),
        rel: rel.into(),
        forbid: false,
        to: to.into(),
        status,
        policy: place(90),
        groups: Vec::new(),
    }
}

pub(crate) fn path(id: &str, via: &[&str], expect: Expect, status: Status) -> PathResult {
    PathResult {
        id: id.into(),
        via: via.iter().map(ToString::to_string).collect(),
        avoid: Vec::new(),
        packet: "tcp to port 443".into(),
        expect,
        status,
        policy: place(120),
        groups: Vec::new(),
    }
}

/// A run of one audit without nodes, arrows or findings.
pub(crate) fn empty() -> Run {
    Run {
        schema: SCHEMA.into(),
        tool: Tool { name: "stacks-audit".into(), version: "0.1.0".into(), commit: String::new() },
        env: "dev".into(),
        source: Origin::Snapshot,
        captured_at: time(),
        started_at: time(),
        finished_at: time(),
        snapshot_digest: "0".repeat(64),
        identity: vec![Identity {
            provider: Provider::Aws,
            account: ACCOUNT.into(),
            principal: format!("arn:aws:sts::{ACCOUNT}:assumed-role/stacks-audit/scan"),
        }],
        level: Basis::Hardening,
        status: Status::NotApplicable,
        summary: Summary::default(),
        no_verdict: None,
        baseline: None,
        audits: vec![Audit {
            groups: Vec::new(),
            design: DesignRef {
                id: DESIGN.into(),
                title: "Infrastructure of ECS Fargate".into(),
                version: "1.0.0".into(),
                digest: "1".repeat(64),
                origin: DesignOrigin::Builtin,
                source: "aws-ecs-fargate: Explanation of infrastructure and how it works".into(),
            },
            params: BTreeMap::from([("zones".to_owned(), json!(2))]),
            select_overrides: BTreeMap::new(),
            status: Status::NotApplicable,
            summary: Summary::default(),
            nodes: Vec::new(),
            edges: Vec::new(),
            paths: Vec::new(),
            findings: Vec::new(),
            unassessed: Vec::new(),
        }],
        coverage: Vec::new(),
        waivers: Waivers::default(),
    }
}

/// Counts and statuses as the engine would set them.
pub(crate) fn tally(mut run: Run) -> Run {
    for audit in &mut run.audits {
        let count = |status| {
            u64::try_from(audit.findings.iter().filter(|f| f.status == status).count()).expect("few")
        };
        let roots = audit.findings.iter().filter(|f| f.is_open() && f.caused_by.is_empty());
        audit.summary = Summary {
            pass: count(Status::Pass),
            fail: count(Status::Fail),
            unknown: count(Status::Unknown),
            not_applicable: count(Status::NotApplicable),
            waived: u64::try_from(audit.findings.iter().filter(|f| f.disposition.is_some()).count())
                .expect("few"),
            unassessed: u64::try_from(audit.unassessed.len()).expect("few"),
            roots: u64::try_from(roots.count()).expect("few"),
        };
        audit.status = Status::roll_up(audit.findings.iter().map(|f| f.status));
        run.summary = audit.summary;
    }
    run.status = Status::roll_up(run.audits.iter().map(|audit| audit.status));
    run
}

/// Something of everything: what holds, fails, can't be told, follows from another, is waived or not judged.
pub(crate) fn run() -> Run {
    let mut run = empty();
    let alb = "arn:aws:elasticloadbalancing:us-west-1:111111111111:loadbalancer/app/edge/50dc6c495c0c9188";
    let service = "arn:aws:ecs:us-west-1:111111111111:service/app/backend";
    let audit = &mut run.audits[0];
    audit.nodes = vec![
        node("vpc", "aws.vpc", Status::Pass, "1", &["vpc-0a1b2c3d"]),
        node("private_subnet", "aws.subnet", Status::Pass, "2", &["subnet-0a", "subnet-0b"]),
        node("nat", "aws.nat_gateway", Status::Fail, "1..", &[]),
        node("alb", "aws.load_balancer", Status::Fail, "1", &[alb]),
        node("service", "aws.ecs_service", Status::Pass, "1..", &[service]),
        node(
            "database",
            "aws.rds_instance|aws.rds_cluster|aws.dynamodb_table",
            Status::Unknown,
            "1..",
            &["legacy"],
        ),
    ];
    audit.nodes[5].count.at_most = None;
    audit.edges = vec![
        edge("dns-alb", ["dns_record", "resolves-to", "alb"], Status::Pass),
        edge("private-nat", ["private_subnet", "routes-to", "nat"], Status::Fail),
        edge("service-database", ["service", "reaches", "database"], Status::Unknown),
        edge("task-registry", ["container", "pulls-from", "registry"], Status::NotApplicable),
    ];
    audit.paths = vec![
        path("egress", &["service", "private_subnet", "internet"], Expect::Reachable, Status::Fail),
        path("bypass", &["internet", "service"], Expect::Unreachable, Status::Pass),
    ];
    audit.paths[1].avoid = vec!["alb".into()];
    let mut vpc = finding("node.vpc", "aws.vpc", "vpc-0a1b2c3d", "main");
    vpc.message = "1 of 1".into();
    let mut dns =
        finding("edge.dns-alb", "aws.route53_record", "Z1/app.dev.example.com/A", "app.dev.example.com");
    dns.assumptions = vec!["Resolvers outside the account answer as Route 53 does.".into()];

    let mut nat = finding("node.nat", "node", "nat", "nat");
    nat.status = Status::Fail;
    nat.severity = Severity::High;
    nat.message = "none found where at least 1 is expected; 1 near miss".into();
    nat.evidence = vec![
        evidence("list", json!({ "items": 1, "complete": true }), "", "ec2:DescribeNatGateways"),
        evidence("near miss: r.tag(\"env\") == env", json!(""), "nat-0ff1ce", "ec2:DescribeNatGateways"),
    ];
    nat.says = "The application reaches the internet through a NAT gateway.".into();
    nat.cite = "bullet 6".into();
    nat.fix = "Create a NAT gateway in a public subnet and tag it env=dev, or correct the tag of nat-0ff1ce."
        .into();

    let mut route = finding("edge.private-nat", "aws.subnet", "subnet-0a", "private-a");
    route.status = Status::Fail;
    route.caused_by = vec![format!("{DESIGN}/node.nat")];
    route.message = "no route leads to a NAT gateway".into();
    let mut other = route.clone();
    other.id = "edge.private-nat:subnet-0b".into();
    other.subject.id = "subnet-0b".into();
    other.subject.name = "private-b".into();

    let mut listener = finding("node.alb/tls-every-host", "aws.load_balancer", alb, "edge");
    listener.status = Status::Fail;
    listener.severity = Severity::High;
    listener.message = "no listener on 443 presents a certificate that covers app.dev.example.com".into();
    listener.evidence = vec![evidence(
        "listeners",
        json!([{ "port": 80, "protocol": "HTTP" }]),
        alb,
        "elasticloadbalancing:DescribeListeners",
    )];
    listener.fix = "Add an HTTPS listener with a certificate that names every host.".into();

    let mut placed = finding("node.alb/deletion-protection", "aws.load_balancer", alb, "edge");
    placed.status = Status::Fail;
    placed.severity = Severity::Low;
    placed.basis = Basis::Hardening;
    placed.message = "r.deletion_protection is false".into();

    let mut egress = finding("path.egress", "aws.ecs_service", service, "backend");
    egress.status = Status::Fail;
    egress.message = "backend → internet: lost at private-a [acl-return]: acl-1 lets no answers in: \
                      tcp 10.0.1.4:1024 → 192.0.2.7:443"
        .into();
    let hop =
        |at: &str, kind: &str| evidence("hop", json!({ "at": at, "kind": kind }), at, "ec2:DescribeSubnets");
    egress.evidence = vec![
        hop("backend", "aws.ecs_service"),
        evidence(
            "egress",
            json!({ "protocol": "-1", "cidrs": ["0.0.0.0/0"] }),
            "sg-1",
            "ec2:DescribeSecurityGroups",
        ),
        hop("private-a", "aws.subnet"),
        evidence(
            "reason",
            json!({ "code": "acl-return", "packet": "tcp 10.0.1.4:1024 → 192.0.2.7:443", "says": "acl-1 lets no answers in" }),
            "private-a",
            "ec2:DescribeSubnets",
        ),
    ];

    let mut steady = finding("node.service", "aws.ecs_service", service, "backend");
    steady.message = "1 found where at least 1 is expected".into();

    let mut database = finding("node.database", "node", "database", "database");
    database.status = Status::Unknown;
    database.message = "at least 1 found; a list that may hold more was denied".into();
    database.evidence = vec![evidence(
        "dynamodb:ListTables",
        json!("denied: not authorized to perform dynamodb:ListTables"),
        "",
        "dynamodb:ListTables",
    )];
    database.says = "Containers are connected with databases.".into();
    database.fix = "Allow dynamodb:ListTables to the scanner's role.".into();

    let mut reaches = finding("edge.service-database", "aws.ecs_service", service, "backend");
    reaches.status = Status::Unknown;
    reaches.caused_by = vec![format!("{DESIGN}/node.database")];

    let mut waived = finding("node.database/private", "aws.rds_instance", "legacy", "legacy-reports");
    waived.status = Status::Fail;
    waived.severity = Severity::Critical;
    waived.message = "the instance is publicly accessible".into();
    waived.disposition = Some(Disposition::Waived {
        reason: "Moves to an encrypted copy in OPS-412".into(),
        owner: "data@example.com".into(),
        approved_by: "secops@example.com".into(),
        expires: "2027-01-31".into(),
    });

    let mut unused = finding("edge.task-registry", "aws.ecs_container", "container", "");
    unused.status = Status::NotApplicable;
    unused.message = "no container is bound".into();

    audit.findings = vec![
        vpc, dns, nat, route, other, listener, placed, egress, steady, database, reaches, waived, unused,
    ];
    audit.findings.sort_by(|a, b| (&a.check, &a.subject).cmp(&(&b.check, &b.subject)));
    audit.unassessed = vec![Unassessed {
        id: "release-tags".into(),
        says: "Releases are tagged like `backend .0.0.1_dev1`.".into(),
        cite: "CI/CD: bullet 2".into(),
        why: "Releases live on GitHub, which this version does not read.".into(),
        policy: place(200),
    }];
    let coverage = |call: &str, outcome, detail: &str| Coverage {
        scope: Scope::aws(ACCOUNT, REGION),
        call: call.into(),
        key: String::new(),
        outcome,
        pages: 1,
        items: 1,
        detail: detail.into(),
    };
    run.coverage = vec![
        coverage("dynamodb:ListTables", Outcome::Denied, "not authorized to perform dynamodb:ListTables"),
        coverage("ec2:DescribeNatGateways", Outcome::Complete, ""),
    ];
    run.waivers = Waivers {
        used: vec![format!("{DESIGN}/node.database/private (data@example.com)")],
        unused: Vec::new(),
        expired: vec![format!("{DESIGN}/node.secret_github (ops@example.com)")],
    };
    tally(run)
}

/// The sample beside itself, with this in every field that takes text, and how many those are.
pub(crate) fn saying(text: &str) -> (Run, usize) {
    let mut earlier = run();
    earlier.audits[0].findings[0].id = "gone".into();
    let mut run = run();
    run.waivers.unused.clone_from(&run.waivers.used);
    run.baseline = Some(Baseline {
        env: earlier.env.clone(),
        captured_at: earlier.captured_at,
        snapshot_digest: earlier.snapshot_digest.clone(),
        absent: earlier.audits[0].findings[..1].to_vec(),
    });
    let mut value = serde_json::to_value(&run).expect("a run is JSON");
    let mut paths = Vec::new();
    strings(&value, String::new(), &mut paths);
    let mut fields = 0;
    for path in paths {
        let told = value.pointer(&path).and_then(|told| told.as_str()).expect("a string").to_owned();
        *value.pointer_mut(&path).expect("it is there") = format!("{told}{text}").into();
        if let Ok(taken) = serde_json::from_value(value.clone()) {
            (run, fields) = (taken, fields + 1);
        } else {
            *value.pointer_mut(&path).expect("it is there") = told.into();
        }
    }
    (run, fields)
}

/// Where a value has strings.
fn strings(value: &serde_json::Value, path: String, paths: &mut Vec<String>) {
    match value {
        serde_json::Value::String(_) => paths.push(path),
        serde_json::Value::Array(all) => {
            all.iter().enumerate().for_each(|(n, one)| strings(one, format!("{path}/{n}"), paths));
        }
        serde_json::Value::Object(all) => all.iter().for_each(|(key, one)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            strings(one, format!("{path}/{key}"), paths);
        }),
        _ => {}
    }
}
