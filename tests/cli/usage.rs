//! Arguments, help, schemas, completions.

use std::io::Read as _;
use std::process::Stdio;

use crate::harness::{Place, program, run, stderr, stdout};

#[test]
fn help_teaches() {
    let output = run(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    for taught in ["Examples:", "Exit codes", "--env dev", "permissions"] {
        assert!(stdout(&output).contains(taught), "{taught}");
    }
}

#[test]
fn wrong_usage_is_2_and_leaves_stdout_alone() {
    for arguments in [
        &[][..],
        &["check"],
        &["check", "--env", "dev", "--level", "perfect"],
        &["check", "--env", "dev", "--output", "yaml"],
        &["check", "--env", "dev", "--output", "json", "--output", "table"],
        &["check", "--env", "dev", "--max-age", "soon"],
        &["--env", "dev", "bind", "--env", "dev"],
        &["permissions", "--provider", "gcp"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(stdout(&output), "", "{arguments:?}");
        assert!(!stderr(&output).is_empty(), "{arguments:?}");
    }
}

#[test]
fn an_unknown_format_is_answered_with_those_there_are() {
    let output = run(&["check", "--env", "dev", "--output", "yaml"]);
    let formats: Vec<&str> = stacks_audit::report::FORMATS.iter().map(|format| format.id).collect();
    let all = format!("there are {}", formats.join(", "));
    assert!(formats.len() > 1 && stderr(&output).contains(&all), "{}", stderr(&output));
}

#[test]
fn schemas_are_the_committed_ones() {
    for (which, committed) in [
        ("report", include_str!("../schema/report-v1.schema.json")),
        ("snapshot", include_str!("../schema/snapshot-v1.schema.json")),
    ] {
        let output = run(&["schema", which]);
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output) == committed, "{which}");
    }
}

#[test]
fn permissions_are_a_policy() {
    let output = run(&["permissions", "--provider", "aws"]);
    assert_eq!(output.status.code(), Some(0));
    let policy: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(policy["Version"], "2012-10-17");
    assert!(stdout(&output).contains("ec2:DescribeNatGateways"));
}

#[test]
fn permissions_in_azure_are_a_custom_role_that_nobody_can_assign_unread() {
    let output = run(&["permissions", "--design", "azure-aks-rest-api", "--provider", "azure"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let role: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON alone");
    assert_eq!(role["IsCustom"], true);
    let actions = role["Actions"].as_array().expect("actions");
    assert!(actions.iter().any(|action| action == "Microsoft.ContainerService/managedClusters/read"));
    assert_eq!(role["AssignableScopes"], serde_json::json!(["/subscriptions/<your subscription>"]));
    assert!(stderr(&output).contains("<your subscription>"), "{}", stderr(&output));
}

#[test]
fn a_policy_that_allows_nothing_says_so() {
    let output = run(&["permissions", "--design", "aws-ecs-fargate", "--provider", "azure"]);
    assert!(stderr(&output).contains("nothing is asked of azure"), "{}", stderr(&output));
    let output = run(&["permissions", "--design", "azure-aks-rest-api", "--provider", "azure"]);
    assert!(!stderr(&output).contains("nothing is asked"), "{}", stderr(&output));
}

#[test]
fn an_env_says_where_a_role_may_be_assigned() {
    let (main, shared) = ("11111111-1111-1111-1111-111111111111", "99999999-9999-9999-9999-999999999999");
    let config = format!("[env.dev.azure.subscription]\nid = {main:?}\ndns = {shared:?}\n[env.bare.azure]\n");
    let place = Place::with(&config);
    let told = place.run(&["permissions", "--provider", "azure", "--env", "dev"]);
    let role: serde_json::Value = serde_json::from_slice(&told.stdout).expect("JSON alone");
    let scopes = [main, shared].map(|id| format!("/subscriptions/{id}"));
    assert_eq!(role["AssignableScopes"], serde_json::json!(scopes));
    assert_eq!(stderr(&told), "");
    let bare = place.run(&["permissions", "--provider", "azure", "--env", "bare"]);
    assert!(stderr(&bare).contains("<your subscription>"), "{}", stderr(&bare));
    assert_eq!(place.run(&["permissions", "--provider", "azure", "--env", "dve"]).status.code(), Some(2));
}

#[test]
fn every_shell_gets_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert!(stdout(&output).contains("fail-on"), "{shell}");
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    // The schema is larger than a pipe holds, so that the program writes after the reader is gone.
    let mut child = program(&["schema", "snapshot"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut out = child.stdout.take().expect("piped");
    out.read_exact(&mut [0; 16]).expect("it writes something");
    drop(out);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
}

#[test]
fn nor_is_one_that_leaves_a_report() {
    let place = Place::new();
    // -v makes the report larger than a pipe holds.
    for output in ["json", "table"] {
        let mut command =
            place.program(&["check", "--env", "dev", "-v", "--level", "hardening", "--output", output]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        // Judging went on to its end: the exit code is the verdict.
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(
            !stderr(&output).contains("panicked") && !stderr(&output).contains("error"),
            "{}",
            stderr(&output)
        );
    }
}

#[test]
fn every_command_has_help() {
    for command in
        ["check", "bind", "collect", "record", "design", "explain", "permissions", "schema", "completions"]
    {
        let output = run(&[command, "--help"]);
        assert_eq!(output.status.code(), Some(0), "{command}");
        assert!(stdout(&output).contains("Usage: stacks-audit"), "{command}");
        assert!(stdout(&output).lines().all(|line| line.chars().count() <= 120), "{command}");
    }
}

#[test]
fn checks_are_explained_by_their_whole_name_and_as_the_table_names_them() {
    for name in ["aws-ecs-fargate/edge.private-nat", "edge.private-nat"] {
        let output = run(&["explain", name]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stdout(&output).starts_with("aws-ecs-fargate/edge.private-nat\n"), "{}", stdout(&output));
    }
    let output = run(&["explain", "aws-ecs-fargate/edge.privat-nat"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("did you mean aws-ecs-fargate/edge.private-nat?"),
        "{}",
        stderr(&output)
    );
}
