//! The reports of recorded accounts, and the programs that read them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use tempfile::TempDir;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/consumers");

/// The folder that programs are installed in: what `tests/run` found, or what the set-up makes.
static INSTALLED: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::var("STACKS_AUDIT_CONSUMERS").unwrap_or_else(|_| {
        let made = Command::new("sh").arg(format!("{SCRIPTS}/setup.sh")).output().expect("the set-up starts");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let said = String::from_utf8(made.stdout).expect("text");
        said.lines().last().expect("the folder's path").to_owned()
    });
    folder.into()
});

/// The envs of the recorded accounts: conformant, with faults, with calls denied, of each design.
pub(crate) const ENVS: [&str; 9] =
    ["dev", "broken", "denied", "dev-eks", "broken-eks", "denied-eks", "dev-aks", "broken-aks", "denied-aks"];

/// `stacks-audit`, in the checkout, with nothing of this environment about it.
pub(crate) fn stacks_audit() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stacks-audit"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env_clear().stdin(Stdio::null());
    command
}

/// A report in a file of its own.
pub(crate) struct Written {
    // Removes the file when it goes.
    _folder: TempDir,
    pub(crate) path: PathBuf,
}

impl Written {
    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(&self.path).expect("the report")
    }
}

/// What `check --env ENV --level hardening --output FORMAT=FILE` writes.
#[track_caller]
pub(crate) fn report(env: &str, format: &str) -> Written {
    report_with(&["--env", env, "--level", "hardening"], format)
}

/// What `check ARGUMENTS --output FORMAT=FILE` writes.
#[track_caller]
pub(crate) fn report_with(arguments: &[&str], format: &str) -> Written {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join(format!("report.{format}"));
    let output = format!("{format}={}", path.display());
    let run =
        stacks_audit().arg("check").args(arguments).args(["--output", &output]).output().expect("it starts");
    assert!(path.is_file(), "{}", String::from_utf8_lossy(&run.stderr));
    Written { _folder: folder, path }
}

/// The report of an env as if it were older than all the others: they were recorded in no order of a history.
#[track_caller]
pub(crate) fn earlier(env: &str) -> Written {
    let written = report(env, "json");
    let mut run: serde_json::Value = serde_json::from_str(&written.text()).expect("JSON");
    run["captured_at"] = "2026-01-01T00:00:00Z".into();
    std::fs::write(&written.path, run.to_string()).expect("written");
    written
}

/// A script of `tests/consumers`, with what it needs installed.
pub(crate) fn python(script: &str) -> Command {
    let mut command = Command::new(INSTALLED.join("python/bin/python"));
    command.arg(Path::new(SCRIPTS).join(script)).stdin(Stdio::null());
    command
}

/// A script of `tests/consumers`, with what it needs installed.
pub(crate) fn node(script: &str) -> Command {
    let mut command = Command::new(INSTALLED.join("python/bin/node"));
    command
        .arg(Path::new(SCRIPTS).join(script))
        .env("NODE_PATH", INSTALLED.join("node_modules"))
        .stdin(Stdio::null());
    command
}

/// That a consumer was content; what it printed.
#[track_caller]
pub(crate) fn content(
    command: &mut Command,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> String {
    let Output { status, stdout, stderr } = command.args(arguments).output().expect("the consumer starts");
    let said = String::from_utf8_lossy(&stdout).into_owned();
    assert!(status.success(), "{said}\n{}", String::from_utf8_lossy(&stderr));
    said
}
