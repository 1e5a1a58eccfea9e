//! The program in a folder of its own: its configuration, an empty home, and nothing of this environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::emulator::Emulator;
use crate::report::Report;

/// The envs of the emulated account and cluster.
pub(crate) const CONFIG: &str = include_str!("../emulator/stacks-audit.toml");

pub(crate) struct Program {
    folder: TempDir,
    url: String,
    /// Which env `check` judges.
    env: &'static str,
    kubeconfig: PathBuf,
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Self {
            code: output.status.code().expect("it ends by itself"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Program {
    pub(crate) fn on(emulator: &Emulator) -> Self {
        Self::at(&emulator.url)
    }

    /// For the env that follows the EKS design, by the emulator's kubeconfig.
    pub(crate) fn on_eks(emulator: &Emulator) -> Self {
        Self { env: "dev-eks", kubeconfig: emulator.kubeconfig(), ..Self::on(emulator) }
    }

    /// With this endpoint for every service.
    pub(crate) fn at(url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("home")).expect("an empty home");
        let kubeconfig = folder.path().join("no-kubeconfig");
        let program = Self { folder, url: url.to_owned(), env: "dev", kubeconfig };
        program.configure(CONFIG);
        program
    }

    pub(crate) fn configure(&self, text: &str) {
        fs::write(self.path("stacks-audit.toml"), text).expect("written");
    }

    /// Enters the cluster so: `context = "viewer"`.
    pub(crate) fn enter(&self, way: &str) {
        let table = format!("[env.{}.kubernetes]\n", self.env);
        let viewed = format!("{table}context = \"viewer\"\n");
        assert!(CONFIG.contains(&viewed), "{viewed}");
        self.configure(&CONFIG.replace(&viewed, &format!("{table}{way}\n")));
    }

    /// Finds the cluster by this kubeconfig from now on.
    pub(crate) fn kubeconfig(&mut self, kubeconfig: &Value) {
        self.kubeconfig = self.path("kubeconfig");
        fs::write(&self.kubeconfig, kubeconfig.to_string()).expect("written");
    }

    /// Finds no kubeconfig from now on.
    pub(crate) fn without_kubeconfig(&mut self) {
        self.kubeconfig = self.path("no-kubeconfig");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stacks-audit"));
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .env("HOME", self.path("home"))
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("KUBECONFIG", &self.kubeconfig)
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.command(arguments).output().expect("it starts").into()
    }

    /// A run that has to end well.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, 0, "{arguments:?}: {}", ended.stderr);
        ended.stdout
    }

    /// `check` of its env, with more.
    pub(crate) fn check(&self, more: &[&str]) -> Report {
        let arguments = [&["check", "--env", self.env, "--output", "json"], more].concat();
        Report::of(&self.run(&arguments))
    }
}

/// Every file below a folder by its path in it, with its text.
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(at).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let text = fs::read_to_string(&path).expect("text");
                found.push((path.strip_prefix(folder).expect("below").to_owned(), text));
            }
        }
    }
    found.sort();
    found
}
