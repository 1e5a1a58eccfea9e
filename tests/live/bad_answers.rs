//! Services that don't know an operation, proxies that answer in their place, servers that fail: each costs that call.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::program::Program;
use crate::report::only_unknown_is_new;

/// One call in each of the forms that AWS's services speak, none of which another waits for.
const CALLS: [&str; 4] = [
    "ec2:DescribeNatGateways",
    "secretsmanager:ListSecrets",
    "elasticloadbalancing:DescribeTargetHealth",
    "route53:ListResourceRecordSets",
];
/// What is asked of one thing, the first try included.
const ATTEMPTS: u64 = 5;

#[test]
fn an_answer_that_is_none_costs_that_call_alone() {
    let emulator = Emulator::with("dev");
    let program = Program::on(&emulator);
    let before = program.check(&[]);
    let wanted = |call: &str| emulator.count(call);
    let questions = CALLS.map(wanted);
    assert!(questions.iter().all(|count| *count > 0), "{questions:?}");

    for (fault, most, outcome, says) in [
        ("unknown", 1, "failed", "does not know this operation"),
        ("html", 2, "failed", "unreadable answer"),
        ("html_500", 2, "failed", "unreadable answer"),
        ("empty", 2, "failed", ""),
        ("500", ATTEMPTS, "failed", "Internal"),
        ("throttle", ATTEMPTS, "throttled", "throttled after every retry"),
        ("reset", ATTEMPTS, "failed", "unreachable"),
    ] {
        let rules: Vec<Value> = CALLS.iter().map(|call| json!({ "call": call, "fault": fault })).collect();
        emulator.faults(&json!(rules));
        emulator.forget_calls();
        let after = program.check(&[]);
        assert_eq!(after.code, 3, "{fault}");

        assert_eq!(after.gaps().into_keys().collect::<BTreeSet<_>>(), BTreeSet::from(CALLS), "{fault}");
        for (call, questions) in CALLS.iter().zip(questions) {
            assert_eq!(after.gaps()[call], outcome, "{fault}, {call}: {}", after.detail(call));
            assert!(after.detail(call).contains(says), "{fault}, {call}: {}", after.detail(call));
            let asked = emulator.count(call);
            assert!((questions..=questions * most).contains(&asked), "{fault}, {call}: asked {asked} times");
        }
        let lost = only_unknown_is_new(&before, &after);
        for check in ["node.nat", "node.secret_images", "edge.alb-service", "node.dns"] {
            assert!(lost.contains(check), "{fault}: {check} stands on nothing");
        }
        assert!(after.with("PASS").len() > before.with("PASS").len() / 2, "{fault}: the rest stands");
    }
}
