//! A cluster that can't be entered: the account's half is judged, the cluster's is UNKNOWN and says why.

use crate::emulator::Emulator;
use crate::program::Program;
use crate::report::Report;

use super::{CROSSING, WITHIN, changed};

const NAMESPACES: &str = "k8s:ListNamespaces";

/// The account's half stands as before; the cluster's is open, and everybody is told why.
fn open_for(why: &str, outcome: &str, before: &Report, program: &Program) {
    let after = program.check(&["--level", "hardening"]);
    assert_eq!(after.code, 3, "{why}");
    let closed = CROSSING.iter().chain(&WITHIN).map(|it| (*it).to_owned()).collect();
    assert_eq!(changed(before, &after, "UNKNOWN"), closed, "{why}");
    assert_eq!(after.gaps().into_iter().collect::<Vec<_>>(), [(NAMESPACES, outcome)], "{why}");
    assert!(after.detail(NAMESPACES).contains(why), "{why}: {}", after.detail(NAMESPACES));

    let told = program.run(&["check", "--env", "dev-eks", "-v"]);
    assert_eq!(told.code, 3, "{why}");
    let words = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(why), "{why}: {}", told.stdout);
    assert!(words.contains(NAMESPACES), "{}", told.stdout);
    let helped = words.contains("stacks-audit permissions --provider kubernetes");
    assert_eq!(helped, outcome == "denied", "{}", told.stdout);
    assert!(!words.contains("permissions --provider aws"), "{}", told.stdout);
}

#[test]
fn a_cluster_that_lets_nobody_in_leaves_its_half_open() {
    let emulator = Emulator::with("eks");
    let mut program = Program::on_eks(&emulator);
    let before = program.check(&["--level", "hardening"]);
    assert_eq!(before.code, 0);
    for (way, outcome, why) in [
        (r#"context = "unreachable""#, "failed", "unreachable: Connection refused"),
        (r#"context = "nobody""#, "denied", "does not accept the credentials (HTTP 401)"),
        (r#"context = "namespace-viewer""#, "denied", r#"User "namespace-viewer" cannot list"#),
        (r#"context = "broken-exec""#, "failed", "no credentials: sign in first"),
        (r#"context = "lacking""#, "failed", r#"the kubeconfig has no context "lacking""#),
        (r#"eks = "another""#, "failed", "eks:DescribeCluster does not tell of another"),
        ("in_cluster = true", "failed", "this is no pod of a cluster"),
    ] {
        program.enter(way);
        open_for(why, outcome, &before, &program);
    }

    program.enter(r#"context = "viewer""#);
    program.without_kubeconfig();
    open_for("no-kubeconfig can't be read: No such file", "failed", &before, &program);
    program.kubeconfig(&serde_json::json!("no kubeconfig at all: emulated-viewer"));
    open_for("no valid YAML, or no kubeconfig", "failed", &before, &program);
}

#[test]
fn no_more_is_asked_than_may_help() {
    let emulator = Emulator::with("eks");
    let program = Program::on_eks(&emulator);
    for (way, most) in
        [("nobody", 1), ("broken-exec", 0), ("lacking", 0), ("unreachable", 0), ("namespace-viewer", 2)]
    {
        emulator.forget_calls();
        program.enter(&format!("context = {way:?}"));
        assert_eq!(program.check(&[]).code, 3);
        let asked = emulator.asked();
        assert!(asked.len() <= most, "{way}: {asked:?}");
    }
}
