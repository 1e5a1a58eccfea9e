//! The GitHub Action: its schema, its lints, and its steps, run as a runner runs them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use stacks_audit::report;
use tempfile::TempDir;

use crate::consumers::content;
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

fn script<'a>(action: &'a Value, name: &str) -> &'a str {
    let steps = action["runs"]["steps"].as_array().expect("steps");
    let step = steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no step {name}"));
    step["run"].as_str().expect("a script")
}

/// The audit of one of the recorded envs, and how it is concluded.
fn audit(env: &str) -> Job {
    let action = action();
    let folder = TempDir::new().expect("a folder");
    let reports = folder.path().join("reports of a job");
    let formats = action["inputs"]["formats"]["default"].as_str().expect("formats");
    let variables = [
        ("BINARY", env!("CARGO_BIN_EXE_stacks-audit")),
        ("AUDITED", env),
        ("CONFIG", ""),
        ("LEVEL", "documented"),
        ("FAIL_ON", "low"),
        ("FORMATS", formats),
        ("BASELINE", ""),
        ("REPORTS", reports.to_str().expect("text")),
    ];
    let (code, outputs) = bash(script(&action, "Audit"), &variables, folder.path());
    assert_eq!(code, 0, "the steps after it are to run");
    let (concluded, _) = bash(script(&action, "Conclude"), &[("CODE", &outputs["exit-code"])], folder.path());
    Job { folder, outputs, concluded }
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

#[test]
fn an_audit_that_fails_still_reports_and_then_fails() {
    for (env, code) in [("dev", 0), ("broken", 1), ("denied", 3), ("no/where", 2)] {
        let job = audit(env);
        assert_eq!(job.outputs["exit-code"], code.to_string(), "{env}");
        assert_eq!(job.concluded, code, "{env}");
        assert_eq!(job.outputs["artifact"], format!("stacks-audit-{}", env.replace('/', "-")));
        let reports = job.folder.path().join("reports of a job");
        let there = |name: &str| reports.join(name).is_file();
        assert_eq!(there("report.json"), code != 2, "{env}");
        let wrote = |format: &str| code != 2 && report::format(format).is_some();
        assert_eq!(there("junit.xml"), wrote("junit"), "{env}");
        assert_eq!(!job.summary().is_empty(), wrote("markdown"), "{env}");
        let sarif = job.outputs.get("sarif").map(Path::new);
        assert_eq!(sarif.is_some_and(Path::is_file), wrote("sarif"), "{env}: code scanning gets it");
    }
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
