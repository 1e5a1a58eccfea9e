//! Long lists come in pages: all of them, or the list counts as incomplete, and nobody FAILs by half a list.

use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::program::Program;
use crate::report::{Report, only_unknown_is_new};

const PODS: &str = "k8s:ListPods";
const LEVEL: [&str; 2] = ["--level", "hardening"];
/// What is judged by pods.
const BY_PODS: &str = "edge.service-deployment";
const CROWD: usize = 5_000;

/// Pods of others in the design's namespace, which come before and after its own.
fn crowd(emulator: &Emulator, pods: usize) {
    let node = "ip-10-0-0-1.eu-west-2.compute.internal";
    let pod = |number: usize| {
        let name = format!("{}-crowd-{number:05}", if number.is_multiple_of(2) { "a" } else { "z" });
        json!({
            "kind": "Pod", "apiVersion": "v1",
            "metadata": { "name": name, "namespace": "dev-api", "labels": { "app": "crowd" } },
            "spec": { "nodeName": node, "containers": [{ "name": "crowd", "image": "crowd:1" }] },
            "status": { "phase": "Running", "podIP": format!("10.9.{}.{}", number / 250, number % 250) },
        })
    };
    emulator.kubernetes("POST", "objects", &Value::Array((0..pods).map(pod).collect()));
}

/// How the list of pods ended: outcome, pages and items.
fn pods(report: &Report) -> (&str, u64, u64) {
    let [entry]: [&Value; 1] = report.coverage(PODS).try_into().expect("asked for once");
    let number = |name: &str| entry[name].as_u64().expect("a number");
    (entry["outcome"].as_str().expect("text"), number("pages"), number("items"))
}

/// How often pods were asked for.
fn asked(emulator: &Emulator) -> usize {
    emulator.asked().iter().filter(|it| it.path.contains("/pods?")).count()
}

#[test]
fn a_long_list_is_read_to_its_end_whatever_it_takes() {
    let emulator = Emulator::with("eks");
    let program = Program::on_eks(&emulator);
    let before = program.check(&LEVEL);
    let ("complete", 1, few) = pods(&before) else { panic!("{:?}", pods(&before)) };
    crowd(&emulator, CROWD);
    let all = few + CROWD as u64;

    let expire = json!([{ "resource": "pods", "fault": "expire", "times": 1 }]);
    let throttle =
        json!([{ "resource": "pods", "fault": "throttle", "seconds": 1, "times": 2, "continued": true }]);
    let reset = json!([{ "resource": "pods", "fault": "reset", "times": 1, "continued": true }]);
    // A list that has moved on is read again from its first page; a page that was refused is asked for again.
    for (what, faults, requests) in [
        ("nothing", json!([]), 11),
        ("moved on", expire, 13),
        ("asked to wait", throttle, 13),
        ("hung up on once", reset, 12),
    ] {
        emulator.kubernetes("POST", "faults", &faults);
        emulator.forget_calls();
        let crowded = program.check(&LEVEL);
        assert_eq!((crowded.code, crowded.verdicts()), (0, before.verdicts()), "{what}");
        assert_eq!((pods(&crowded).0, pods(&crowded).2), ("complete", all), "{what}");
        assert_eq!(asked(&emulator), requests, "{what}");
    }
}

#[test]
fn a_list_that_breaks_off_is_incomplete() {
    let emulator = Emulator::with("eks");
    let program = Program::on_eks(&emulator);
    let before = program.check(&LEVEL);
    assert_eq!(before.code, 0);
    emulator.kubernetes("POST", "paging", &json!({ "pods": 1 }));
    for (fault, outcome, says) in [
        ("expire", "failed", "changed faster than it could be read"),
        ("500", "failed", "Internal error occurred"),
        ("reset", "failed", "unreachable"),
        ("html", "failed", "unreadable answer"),
        ("empty", "failed", ""),
        ("deny", "denied", "forbidden"),
        ("unauthorized", "denied", "refused"),
        ("throttle", "throttled", "throttled after every retry"),
    ] {
        let rule = json!([{ "resource": "pods", "fault": fault, "continued": true, "seconds": 0 }]);
        emulator.kubernetes("POST", "faults", &rule);
        cut(&before, &program, fault, outcome, says);
    }
}

#[test]
fn a_page_that_never_comes_leaves_the_list_incomplete() {
    let emulator = Emulator::with("eks");
    let program = Program::on_eks(&emulator);
    let before = program.check(&LEVEL);
    emulator.kubernetes("POST", "paging", &json!({ "pods": 1 }));
    emulator.kubernetes(
        "POST",
        "faults",
        &json!([{ "resource": "pods", "fault": "hold", "continued": true }]),
    );
    cut(&before, &program, "hold", "failed", "timed out");
    emulator.kubernetes("POST", "faults", &json!([]));
}

fn cut(before: &Report, program: &Program, fault: &str, outcome: &str, says: &str) {
    let after = program.check(&LEVEL);
    assert_eq!(after.code, 3, "{fault}: {:?}", after.with("FAIL"));
    assert_eq!(pods(&after).0, outcome, "{fault}: {}", after.detail(PODS));
    assert!(after.detail(PODS).contains(says), "{fault}: {}", after.detail(PODS));
    let lost = only_unknown_is_new(before, &after);
    assert!(lost.contains(BY_PODS), "{fault}: {lost:?}");
    assert!(after.misses(BY_PODS, PODS), "{fault}");
}
