//! What a scan asks: little, nothing twice, nothing that it doesn't say beforehand, and nothing that changes anything.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::emulator::{Count, Emulator};
use crate::program::Program;
use crate::report::Report;

/// Of the design's own things 60, of its neighbours' 4: whose services, pipelines and tables those are is told by calls
/// of their own.
const MOST: u64 = 64;
const SUBNETS: &str = "ec2:DescribeSubnets";
const BALANCERS: &str = "elasticloadbalancing:DescribeLoadBalancers";
const TAGS: &str = "elasticloadbalancing:DescribeTags";

/// How many different questions each call put: an emulator that is slow may be asked one again.
fn by_call(calls: &[Count]) -> BTreeMap<(&str, &str), u64> {
    calls.iter().map(|it| ((it.account.as_str(), it.call.as_str()), it.times - it.repeated)).collect()
}

/// How many things a call told of.
fn items(report: &Report, call: &str) -> u64 {
    report.coverage(call).into_iter().map(|it| it["items"].as_u64().expect("a number")).sum()
}

#[test]
fn a_scan_asks_little_and_a_crowd_of_others_costs_its_pages() {
    let emulator = Emulator::with("dev");
    let program = Program::on(&emulator);
    let before = program.check(&[]);
    let calm = emulator.calls();
    let total: u64 = calm.iter().map(|it| it.times).sum();
    assert!(total <= MOST, "{total} calls: {calm:#?}");
    let again: Vec<_> = calm.iter().filter(|it| it.repeated > 0).collect();
    assert!(again.is_empty(), "asked twice: {again:#?}");

    emulator.crowd(&json!({ "subnets": 2500, "load_balancers": 200 }));
    emulator.forget_calls();
    let crowded = program.check(&[]);
    assert_eq!((crowded.code, crowded.verdicts()), (0, before.verdicts()));
    let busy = emulator.calls();
    let mut expected = by_call(&calm);
    // The program asks for a thousand subnets at a time, and for the tags of twenty load balancers.
    let mut grows = |call, list, by: u64, size| {
        let had = items(&before, list);
        let asked = expected.get_mut(&("111111111111", call)).expect("asked before");
        *asked = *asked - had.div_ceil(size) + (had + by).div_ceil(size);
    };
    grows(SUBNETS, SUBNETS, 2500, 1000);
    grows(TAGS, BALANCERS, 200, 20);
    assert_eq!(by_call(&busy), expected);
}

#[test]
fn only_declared_reads_are_made() {
    let emulator = Emulator::with("broken");
    let program = Program::on(&emulator);
    let policy = program.done(&["permissions", "--design", "aws-ecs-fargate", "--provider", "aws"]);
    let policy: Value = serde_json::from_str(&policy).expect("a policy");
    let statements = policy["Statement"].as_array().expect("statements");
    let actions = statements.iter().flat_map(|it| it["Action"].as_array().expect("a list"));
    let allowed: BTreeSet<&str> = actions.map(|it| it.as_str().expect("text")).collect();

    program.check(&["--level", "hardening"]);
    program.done(&["bind", "--env", "dev"]);
    program.done(&["record", "--env", "dev", "-o", "recorded"]);
    let calls = emulator.calls();
    assert!(calls.len() > 40, "{calls:#?}");
    for Count { call, .. } in &calls {
        let (service, operation) = call.split_once(':').expect("service:Operation");
        if service == "sts" {
            assert!(["AssumeRole", "GetCallerIdentity"].contains(&operation), "{call}");
            continue;
        }
        assert!(
            ["Describe", "List", "Get", "BatchGet"].iter().any(|verb| operation.starts_with(verb)),
            "{call}"
        );
        assert!(allowed.contains(action(call)), "{call} is not among the permissions");
    }
}

/// The permission that a call takes, where it is called otherwise than the call.
fn action(call: &str) -> &str {
    match call {
        "s3:GetBucketEncryption" => "s3:GetEncryptionConfiguration",
        "s3:GetPublicAccessBlock" => "s3:GetBucketPublicAccessBlock",
        "s3:ListBuckets" => "s3:ListAllMyBuckets",
        call => call,
    }
}
