//! Facts that move while they are read: a FAIL is looked at twice.

use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::program::{Ended, Program};
use crate::report::Report;

use super::object;

const DEPLOYMENT: &str = "netcore-api";
const AVAILABLE: &str = "node.deployment/available";

/// The deployment as it is while one of its two pods does not get ready, and its rollout has been given up.
fn sick(deployment: &Value) -> Value {
    let mut sick = deployment.clone();
    let status = &mut sick["status"];
    status["readyReplicas"] = json!(1);
    status["availableReplicas"] = json!(1);
    status["unavailableReplicas"] = json!(1);
    status["conditions"] = json!([
        { "type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable" },
        { "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded" },
    ]);
    sick
}

/// The deployment as it is while it is rolled out.
fn rolling(deployment: &Value) -> Value {
    let mut rolling = sick(deployment);
    rolling["status"]["conditions"] =
        json!([{ "type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated" }]);
    rolling
}

fn started(program: &Program) -> Child {
    let mut command = program.command(&["check", "--env", "dev-eks", "--output", "json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

/// What a scan says that sees the first at its first look, and the other when it looks again.
fn looked_at_twice(emulator: &Emulator, program: &Program, first: &Value, then: &Value) -> Report {
    emulator.kubernetes("POST", "objects", &json!([first]));
    emulator.kubernetes(
        "POST",
        "faults",
        &json!([
            { "resource": "deployments", "fault": "pass", "times": 1 },
            { "resource": "deployments", "fault": "hold" },
        ]),
    );
    emulator.forget_calls();
    let scan = started(program);
    emulator.kubernetes("GET", "held", &Value::Null);
    emulator.kubernetes("POST", "objects", &json!([then]));
    emulator.kubernetes("POST", "faults", &json!([]));
    let report = Report::of(&Ended::from(scan.wait_with_output().expect("it ends")));
    let asked = emulator.asked();
    assert_eq!(asked.iter().filter(|it| it.path.contains("/deployments?")).count(), 2, "{asked:#?}");
    assert_eq!(asked.iter().filter(|it| it.path.contains("/ingresses?")).count(), 1, "{asked:#?}");
    report
}

#[test]
fn what_passes_at_the_second_look_is_no_fail() {
    let emulator = Emulator::with("eks");
    let program = Program::on_eks(&emulator);
    let before = program.check(&[]);
    assert_eq!(before.code, 0);
    let objects = emulator.kubernetes("GET", "objects", &Value::Null);
    let well = object(&objects, "Deployment", |name| name == DEPLOYMENT);

    let recovered = looked_at_twice(&emulator, &program, &sick(&well), &well);
    assert_eq!((recovered.code, recovered.verdicts()), (0, before.verdicts()));

    let moving = looked_at_twice(&emulator, &program, &sick(&well), &rolling(&well));
    assert_eq!(moving.code, 3);
    assert_eq!(moving.checks()[AVAILABLE], "UNKNOWN");
    let reasons =
        moving.findings().filter(|it| it["check"].as_str().is_some_and(|it| it.ends_with(AVAILABLE)));
    assert!(reasons.into_iter().any(|it| it.to_string().contains("in_transition")));

    let failed = looked_at_twice(&emulator, &program, &sick(&well), &sick(&well));
    assert_eq!(failed.code, 1);
    assert_eq!(failed.with("FAIL").into_iter().collect::<Vec<_>>(), [AVAILABLE]);
}
