//! Ctrl-C while a service keeps a call waiting: what was read is judged, and what was not is UNKNOWN.

#![cfg(unix)]

use std::process::{Command, Stdio};

use serde_json::json;

use crate::emulator::Emulator;
use crate::program::{Ended, Program};
use crate::report::{Report, only_unknown_is_new};

/// Among the last that a scan asks, so that there is something to keep.
const HELD: &str = "elasticloadbalancing:DescribeTargetHealth";

/// Starts the program, and interrupts it once a call waits for its answer.
fn interrupted(emulator: &Emulator, program: &Program, arguments: &[&str]) -> Ended {
    emulator.faults(&json!([{ "call": HELD, "fault": "hold" }]));
    let mut command = program.command(arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    emulator.await_held();
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("`kill` starts");
    assert!(sent.success());
    child.wait_with_output().expect("it ends").into()
}

#[test]
fn what_was_read_before_an_interrupt_is_kept_and_the_rest_is_unknown() {
    let emulator = Emulator::with("dev");
    let program = Program::on(&emulator);
    let before = program.check(&[]);

    let check = ["check", "--env", "dev", "--output", "json"];
    let live = Report::of(&interrupted(&emulator, &program, &check));
    let collected = interrupted(&emulator, &program, &["collect", "--env", "dev", "-o", "part.ndjson"]);
    assert_eq!(collected.code, 0, "{}", collected.stderr);
    for partial in [live, program.check(&["--from", "part.ndjson"])] {
        assert_eq!(partial.code, 3);
        assert_eq!(partial.gaps()[HELD], "skipped");
        assert!(partial.detail(HELD).contains("stopped"), "{}", partial.detail(HELD));
        assert!(partial.gaps().values().all(|outcome| *outcome == "skipped"), "{:?}", partial.gaps());
        let lost = only_unknown_is_new(&before, &partial);
        assert!(lost.contains("edge.alb-service"), "{lost:?}");
        assert!(partial.with("PASS").contains("node.vpc"), "what was read stands");
    }
}
