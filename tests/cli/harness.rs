//! A user's folder, and the program run in it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

pub(crate) use crate::recorded::SNAPSHOT;

/// The shipped design.
pub(crate) const DESIGN: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/policies/aws-ecs-fargate.toml"));

/// What a user's configuration says; `dev` is the account in `account.ndjson`.
pub(crate) const CONFIG: &str = r#"[env.dev]
from = "account.ndjson"
[env.dev.design.aws-ecs-fargate]
hosts = ["app.dev.example.com"]
repositories = ["app/backend", "app/frontend"]
"#;

/// The program, with nothing of this environment about it.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stacks-audit"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    program(arguments).output().expect("it starts")
}

pub(crate) fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("text")
}

pub(crate) fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("text")
}

/// That the program refused: the exit code, nothing on stdout, and what stderr must say.
#[track_caller]
pub(crate) fn refused(output: &Output, code: i32, said: &[&str]) {
    let error = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert_eq!(stdout(output), "");
    assert!(error.starts_with("error: "), "{error}");
    assert!(!error.starts_with("error: error"), "{error}");
    for text in said {
        assert!(error.contains(text), "{text:?} is missing in:\n{error}");
    }
}

/// Where `word` stands in a file, as messages name it.
#[track_caller]
pub(crate) fn place_of(file: &str, text: &str, word: &str) -> String {
    let at = text.rfind(word).expect("the word is there");
    let line = text[..at].matches('\n').count() + 1;
    let column = text[..at].rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("{file}:{line}:{column}")
}

/// A folder with a configuration and the recorded account.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self::with(CONFIG)
    }

    pub(crate) fn with(config: &str) -> Self {
        Self::empty().write("stacks-audit.toml", config).write("account.ndjson", SNAPSHOT)
    }

    pub(crate) fn empty() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    /// Writes a file, and the folders it is in.
    pub(crate) fn write(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it is in the folder")).expect("folders");
        fs::write(path, content).expect("written");
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command.current_dir(self.0.path());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.program(arguments).output().expect("it starts")
    }

    /// `check --env dev` with further arguments.
    pub(crate) fn check(&self, arguments: &[&str]) -> Output {
        self.run(&[&["check", "--env", "dev"], arguments].concat())
    }

    /// The report of `check --env dev`, and the exit code.
    pub(crate) fn report(&self, arguments: &[&str]) -> (serde_json::Value, i32) {
        let output = self.check(&[&["--output", "json"], arguments].concat());
        let report = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("no report: {error}\n{}", stderr(&output)));
        (report, output.status.code().expect("it ended by itself"))
    }
}

/// The findings of a check, of this design's short name.
pub(crate) fn findings<'r>(report: &'r serde_json::Value, check: &str) -> Vec<&'r serde_json::Value> {
    let id = format!("aws-ecs-fargate/{check}");
    let audits = report["audits"].as_array().expect("audits");
    let all = audits.iter().flat_map(|audit| audit["findings"].as_array().expect("findings"));
    all.filter(|finding| finding["check"] == id.as_str()).collect()
}
