//! Several reports of one run: each is there in full or not at all, whatever becomes of the disk or the process.

use std::fs;
use std::process::{Command, Output, Stdio};

use crate::harness::{Place, stderr};

/// The program where files can't grow beyond 32 KiB: what `json` takes is more, what `svg` takes is less.
fn cramped(place: &Place, trap: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new("/bin/sh");
    let script = format!("{trap} ulimit -f 64; exec \"$@\"");
    command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_stacks-audit"), "check", "--env", "dev"]);
    command.args(arguments).env_clear().current_dir(place.path("")).stdin(Stdio::null());
    command.output().expect("it starts")
}

fn files(place: &Place) -> Vec<String> {
    let all = fs::read_dir(place.path("")).expect("the folder");
    let mut names: Vec<String> =
        all.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

const BOTH: [&str; 4] = ["--output", "json=report.json", "--output", "svg=report.svg"];

#[test]
fn one_run_writes_as_many_reports_as_are_asked_for() {
    let place = Place::new();
    let output = place.check(&[&BOTH[..], &["--output", "markdown=report.md", "--output", "csv"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(output.stdout.starts_with(b"\"env\""), "stdout has the one without a file");
    let (json, svg) = (fs::read(place.path("report.json")), fs::read_to_string(place.path("report.svg")));
    serde_json::from_slice::<serde_json::Value>(&json.expect("there")).expect("whole");
    assert!(svg.expect("there").trim_end().ends_with("</svg>"));
    assert_eq!(
        files(&place),
        ["account.ndjson", "report.json", "report.md", "report.svg", "stacks-audit.toml"]
    );
}

#[test]
fn a_disk_without_room_leaves_the_earlier_report_and_no_half_one() {
    let place = Place::new().write("report.json", "earlier").write("report.svg", "earlier");
    let output = cramped(&place, "trap '' XFSZ;", &BOTH);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("can't write report.json"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(place.path("report.json")).expect("there"), "earlier");
    let svg = fs::read_to_string(place.path("report.svg")).expect("there");
    assert!(svg.trim_end().ends_with("</svg>"), "the one that fits is written");
    assert_eq!(files(&place), ["account.ndjson", "report.json", "report.svg", "stacks-audit.toml"]);
}

#[test]
fn a_process_that_dies_while_it_writes_leaves_the_earlier_report() {
    let place = Place::new().write("report.json", "earlier");
    let output = cramped(&place, "", &["--output", "json=report.json"]);
    assert_eq!(output.status.code(), None, "killed: {}", stderr(&output));
    assert_eq!(fs::read_to_string(place.path("report.json")).expect("there"), "earlier");
}

#[test]
fn all_that_can_t_be_written_is_told_at_once() {
    let place = Place::new();
    let output =
        place.check(&["--output", "json=no/a.json", "--output", "svg=no/b.svg", "--output", "csv=c.csv"]);
    assert_eq!(output.status.code(), Some(2));
    for told in ["2 reports can't be written", "no/a.json", "no/b.svg"] {
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
    }
    assert!(place.path("c.csv").is_file());
}

#[test]
fn a_log_that_stdout_is_appended_to_keeps_what_it_has() {
    for to in ["json=/dev/stdout", "json=/dev/fd/1", "json=/dev/fd/3"] {
        let place = Place::new().write("log", "before\n");
        let mut command = Command::new("/bin/sh");
        let script = "exec 3>>log; exec \"$@\" >>log";
        command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_stacks-audit"), "check", "--env", "dev"]);
        command.args(["--output", to]).env_clear().current_dir(place.path("")).stdin(Stdio::null());
        assert_eq!(command.status().expect("it starts").code(), Some(0));
        let log = fs::read_to_string(place.path("log")).expect("there");
        let report = log.strip_prefix("before\n").expect("what was there stays");
        serde_json::from_str::<serde_json::Value>(report).expect("whole");
    }
}
