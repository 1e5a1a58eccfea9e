//! The GitHub Action: its schema, its lints, and its steps, run as a runner runs them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::consumers::{content, earlier};
use crate::{file, program, yaml};

fn action() -> Value {
    yaml(&file("action.yml")).remove(0)
}

/// What is left of a job that ran the action's own scripts.
struct Job {
    folder: TempDir,
    outputs: BTreeMap<String, String>,
    /// The exit code of the last step.
    concluded: i32,
}

impl Job {
    fn summary(&self) -> String {
        fs::read_to_string(self.folder.path().join("summary")).unwrap_or_default()
    }

    /// The names of the reports that are there.
    fn reports(&self) -> Vec<String> {
        let there = fs::read_dir(self.folder.path().join(REPORTS)).expect("a folder");
        let mut names: Vec<String> =
            there.map(|file| file.expect("a file").file_name().into_string().expect("text")).collect();
        names.sort();
        names
    }

    fn json(&self, name: &str) -> Value {
        let text = fs::read_to_string(self.folder.path().join(REPORTS).join(name)).expect("the report");
        serde_json::from_str(&text).expect("JSON")
    }
}

/// Runs a script as `shell: bash` does; what it appended to its outputs.
fn bash(script: &str, env: &[(&str, &str)], folder: &Path) -> (i32, BTreeMap<String, String>) {
    let (path, output) = (folder.join("script.sh"), folder.join("output"));
    fs::write(&path, script).expect("a file");
    fs::write(&output, "").expect("a file");
    let run = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail"])
        .arg(&path)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").expect("a path"))
        .env("GITHUB_OUTPUT", &output)
        .env("GITHUB_STEP_SUMMARY", folder.join("summary"))
        .envs(env.iter().copied())
        .output()
        .expect("bash starts");
    let outputs = fs::read_to_string(&output).expect("outputs");
    let outputs = outputs.lines().filter_map(|line| line.split_once('='));
    let outputs = outputs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    (run.status.code().expect("an exit code"), outputs)
}

fn step<'a>(action: &'a Value, name: &str) -> &'a Value {
    let steps = action["runs"]["steps"].as_array().expect("steps");
    steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no step {name}"))
}

fn script<'a>(action: &'a Value, name: &str) -> &'a str {
    step(action, name)["run"].as_str().expect("a script")
}

/// The folder that a job asks for its reports in.
const REPORTS: &str = "reports of a job";

/// Recorded envs are audited here.
const RECORDED: [(&str, &str); 2] = [("require-live", "false"), ("max-age", "")];

/// The audit of an env with these inputs and the others' defaults, and how it is concluded.
fn audit(folder: TempDir, env: &str, inputs: &[(&str, &str)]) -> Job {
    let action = action();
    let reports = folder.path().join(REPORTS);
    let inputs: BTreeMap<&str, &str> =
        [("env", env), ("reports", reports.to_str().expect("text"))].iter().chain(inputs).copied().collect();
    let variables = step(&action, "Audit")["env"].as_object().expect("variables").iter();
    let variables: Vec<(&str, &str)> = variables
        .map(|(variable, value)| {
            let value = value.as_str().expect("text").trim_matches(['$', '{', '}', ' ']);
            let value = value.strip_prefix("inputs.").map_or(env!("CARGO_BIN_EXE_stacks-audit"), |name| {
                let default = || action["inputs"][name]["default"].as_str().expect("a default");
                inputs.get(name).copied().unwrap_or_else(default)
            });
            (variable.as_str(), value)
        })
        .collect();
    let (code, outputs) = bash(script(&action, "Audit"), &variables, folder.path());
    assert_eq!(code, 0, "the steps after it are to run");
    let (concluded, _) = bash(script(&action, "Conclude"), &[("CODE", &outputs["exit-code"])], folder.path());
    Job { folder, outputs, concluded }
}

fn folder() -> TempDir {
    TempDir::new().expect("a folder")
}

#[test]
fn the_schema_of_actions_takes_it_and_so_does_a_security_linter() {
    let action = file("action.yml");
    content(program("check-jsonschema").args(["--builtin-schema", "vendor.github-actions"]), [&action]);
    content(program("zizmor").args(["--offline", "--no-progress"]), [&action]);
    let folder = TempDir::new().expect("a folder");
    let broken = folder.path().join("action.yml");
    let text = fs::read_to_string(&action).expect("the action");
    fs::write(&broken, text.replace(r#""$BINARY" "$"#, r#""${{ inputs.binary }}" "$"#)).expect("a file");
    let refused = program("zizmor").args(["--offline"]).arg(&broken).output().expect("it starts");
    assert!(!refused.status.success(), "an input in a script is code");
}

const WRITTEN: [&str; 5] = ["junit.xml", "report.html", "report.json", "report.sarif", "summary.md"];

#[test]
fn an_audit_that_fails_still_reports_and_then_fails() {
    for (env, code) in [("dev", 0), ("broken", 1), ("denied", 3), ("no/where", 2)] {
        let job = audit(folder(), env, &RECORDED);
        assert_eq!(job.outputs["exit-code"], code.to_string(), "{env}");
        assert_eq!(job.concluded, code, "{env}");
        assert_eq!(job.outputs["artifact"], format!("stacks-audit-{}", env.replace('/', "-")));
        let written = if code == 2 { &[][..] } else { &WRITTEN };
        assert_eq!(job.reports(), written, "{env}");
        assert_eq!(job.summary().is_empty(), code == 2, "{env}");
        let sarif = job.outputs.get("sarif").map(Path::new);
        assert_eq!(sarif.is_some_and(Path::is_file), code != 2, "{env}: code scanning gets it");
    }
}

#[test]
fn a_recording_or_old_facts_are_no_verdict() {
    for inputs in [&[][..], &RECORDED[1..], &[RECORDED[0], ("max-age", "1s")]] {
        let job = audit(folder(), "dev", inputs);
        assert_eq!(job.concluded, 4, "{inputs:?}");
        assert_eq!(job.reports(), WRITTEN, "{inputs:?}");
    }
}

#[test]
fn what_an_earlier_step_wrote_is_not_told_as_this_ones() {
    let first = audit(folder(), "dev", &RECORDED);
    fs::remove_file(first.folder.path().join("summary")).expect("the runner takes it");
    let second = audit(first.folder, "no-such-env", &RECORDED);
    assert_eq!((second.concluded, second.reports()), (2, vec![]));
    assert!(second.summary().is_empty() && !second.outputs.contains_key("sarif"));
}

#[test]
fn a_baseline_is_in_every_report_but_the_one_that_code_scanning_gets() {
    let earlier = earlier("broken");
    let baseline = ("baseline", earlier.path.to_str().expect("text"));
    let job = audit(folder(), "dev", &[&RECORDED[..], &[baseline]].concat());
    assert_eq!((job.concluded, job.reports()), (0, WRITTEN.map(str::to_owned).to_vec()));
    assert_eq!(job.json("report.json")["baseline"]["env"], "broken");
    let sarif = job.json("report.sarif").to_string();
    assert!(!sarif.contains("baselineState") && !sarif.contains("absent"));

    let nothing = audit(folder(), "dev", &[&RECORDED[..], &[("baseline", "no-such-report.json")]].concat());
    assert_eq!(nothing.concluded, 2, "what can't be compared is not passed over");
}

#[test]
fn it_installs_the_version_it_is_of() {
    let action = action();
    assert_eq!(action["inputs"]["version"]["default"], concat!("v", env!("CARGO_PKG_VERSION")));
}

/// A release in a folder, fetched by its `file:` address, with these bytes for its archive.
fn install(archive: impl Fn(Vec<u8>) -> Vec<u8>, listed: &str) -> (i32, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let release = folder.path().join("v0.1.0");
    fs::create_dir(&release).expect("a folder");
    let name = "stacks-audit-x86_64-unknown-linux-musl.tar.gz";
    let pack = "printf '#!/bin/sh\\necho it runs\\n' > stacks-audit && chmod +x stacks-audit && tar -czf \"$1\" stacks-audit \
                && sha256sum \"$1\" | sed \"s/$1/$2/\" > SHA256SUMS";
    let packed = Command::new("sh").args(["-c", pack, "sh", name, listed]).current_dir(&release).status();
    assert!(packed.expect("sh starts").success());
    let path = release.join(name);
    fs::write(&path, archive(fs::read(&path).expect("the archive"))).expect("a file");
    let to = folder.path().join("to");
    let variables = [
        ("BINARY", ""),
        ("RELEASES", &format!("file://{}", folder.path().display())),
        ("VERSION", "v0.1.0"),
        ("PLATFORM", "Linux-X64"),
        ("FOLDER", to.to_str().expect("text")),
    ];
    let (code, outputs) = bash(script(&action(), "Install"), &variables, folder.path());
    if code == 0 {
        let run = Command::new(&outputs["binary"]).output().expect("it starts");
        assert_eq!(run.stdout, b"it runs\n");
    }
    (code, folder)
}

#[test]
fn what_is_installed_has_the_sum_that_was_published() {
    let name = "stacks-audit-x86_64-unknown-linux-musl.tar.gz";
    assert_eq!(install(|archive| archive, name).0, 0);
    let changed = |mut archive: Vec<u8>| {
        archive[10] ^= 1;
        archive
    };
    for (code, folder) in [install(changed, name), install(|archive| archive, "another.tar.gz")] {
        assert_ne!(code, 0);
        assert!(!folder.path().join("to/stacks-audit").exists(), "nothing is unpacked");
    }
}
