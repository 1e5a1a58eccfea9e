//! Whoever can tag a resource writes into the report: that must harm neither terminal nor parser.

use crate::harness::{Place, stdout};
use crate::recorded::snapshot_with;

fn with(text: &str) -> Place {
    Place::new().write("account.ndjson", snapshot_with(text))
}

const SCREEN: &str =
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\r\n✓ PASS  everything\u{0}\u{202e}\u{2066}\u{200b}";

/// What a terminal would obey, or hide.
fn raw(text: &str) -> Option<char> {
    let hidden = |c| matches!(c, '\u{202e}' | '\u{2066}' | '\u{200b}');
    text.chars().find(|c| (c.is_control() && *c != '\n') || hidden(*c))
}

#[test]
fn escapes_and_newlines_reach_no_terminal() {
    let place = with(SCREEN);
    for arguments in
        [&["check", "--env", "dev"][..], &["check", "--env", "dev", "-v"], &["bind", "--env", "dev"]]
    {
        for columns in ["80", "160"] {
            let output = place.program(arguments).env("COLUMNS", columns).output().expect("it starts");
            let text = stdout(&output);
            assert!(text.contains("\\u{1b}[2J"), "what was hidden is shown:\n{text}");
            assert_eq!(raw(text), None);
            assert!(!text.lines().any(|line| line.starts_with("✓ PASS  everything")));
        }
    }
}

#[test]
fn json_keeps_them_as_they_are() {
    let (report, _) = with(SCREEN).report(&["--level", "hardening"]);
    let nodes = report["audits"][0]["findings"].as_array().expect("findings");
    assert!(nodes.iter().any(|finding| finding["subject"]["name"] == SCREEN));
    let output = with(SCREEN).check(&["--output", "json"]);
    assert_eq!(raw(stdout(&output)), None, "a terminal shows JSON too");
}

#[test]
fn a_megabyte_stays_out_of_the_table() {
    let place = with(&"A1".repeat(1 << 19));
    for arguments in
        [&["check", "--env", "dev"][..], &["check", "--env", "dev", "-v"], &["bind", "--env", "dev"]]
    {
        let output = place.run(arguments);
        assert!(output.status.code().is_some_and(|code| code < 2), "{:?}", output.status);
        assert!(output.stdout.len() < 200_000, "{arguments:?}: {}", output.stdout.len());
    }
    place.report(&[]);
}
