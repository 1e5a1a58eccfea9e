//! What may not be read is UNKNOWN and names the call that is missing; everything else stands.

use std::collections::BTreeMap;

use serde_json::json;

use crate::emulator::Emulator;
use crate::program::Program;
use crate::report::{Report, only_unknown_is_new};

#[test]
fn what_may_not_be_read_is_unknown_and_the_rest_stands() {
    let emulator = Emulator::with("dev");
    let program = Program::on(&emulator);
    let before = program.check(&[]);
    assert_eq!((before.code, before.gaps()), (0, BTreeMap::new()));

    for (call, fault, loses) in [
        (
            "ec2:DescribeNatGateways",
            "deny",
            &["edge.nat-public", "edge.private-nat", "node.nat", "node.nat/usable", "path.egress"][..],
        ),
        (
            "acm:DescribeCertificate",
            "deny",
            &[
                "edge.alb-certificate",
                "node.alb/tls-every-host",
                "node.certificate",
                "node.certificate/issued",
            ],
        ),
        (
            "elasticloadbalancing:DescribeTargetHealth",
            "deny",
            &["edge.alb-service", "path.ingress", "path.no-bypass"],
        ),
        (
            "secretsmanager:ListSecrets",
            "deny_scp",
            &["edge.build-secret", "node.secret_github", "node.secret_images"],
        ),
        ("ecr:GetRepositoryPolicy", "deny", &["edge.build-registry", "edge.container-registry"]),
    ] {
        emulator.fault(call, fault);
        let after = program.check(&[]);
        assert_eq!(after.code, 3, "{call}");
        assert_eq!(after.gaps(), BTreeMap::from([(call, "denied")]));
        assert_eq!(
            after.detail(call).contains("organisation"),
            fault == "deny_scp",
            "{}",
            after.detail(call)
        );
        let lost = only_unknown_is_new(&before, &after);
        assert!(lost.iter().eq(loses), "{call}: {lost:?}");
        // At least one of them says itself what it misses; the others name what they follow from.
        assert!(loses.iter().any(|check| after.misses(check, call)), "{call} is named by none of {loses:?}");
    }

    emulator.faults(&json!([{ "call": "sts:AssumeRole", "fault": "deny" }]));
    closed_account(&before, &program.check(&[]));
}

/// The account that all projects share could not be entered.
fn closed_account(before: &Report, after: &Report) {
    assert_eq!(after.code, 3);
    let lost = only_unknown_is_new(before, after);
    assert!(lost.contains("node.registry") && lost.contains("edge.container-registry"), "{lost:?}");
    for entry in after.json["coverage"].as_array().expect("coverage") {
        let closed = entry["scope"]["account"] == "999999999999";
        assert_eq!(entry["outcome"], if closed { "denied" } else { "complete" }, "{entry}");
        assert_eq!(
            entry["detail"].as_str().is_some_and(|it| it.contains("can't be assumed")),
            closed,
            "{entry}"
        );
    }
    assert!(after.misses("node.registry", "ecr:DescribeRepositories"));
}
