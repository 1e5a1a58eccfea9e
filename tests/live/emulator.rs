//! An emulator of one test's own; it ends with the test, however that ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/emulator");

pub(crate) struct Emulator {
    process: Child,
    pub(crate) url: String,
    /// What callers of its API server and of its Azure need.
    served: TempDir,
}

/// How often a call was made.
#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) account: String,
    pub(crate) call: String,
    pub(crate) times: u64,
    /// Of these, how many said the same as one before.
    pub(crate) repeated: u64,
}

/// One request to the API server.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    /// Nobody, where the bearer is nobody's.
    pub(crate) user: Option<String>,
    /// None where no answer was given.
    pub(crate) code: Option<u64>,
}

impl Emulator {
    /// With nothing in it.
    pub(crate) fn empty() -> Self {
        let served = tempfile::tempdir().expect("a folder");
        let mut process = python()
            .args(["serve.py", "--port", "0"])
            .args([Path::new("--kubernetes-dir"), served.path(), Path::new("--azure-dir"), served.path()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the emulator starts");
        let mut line = String::new();
        let out = process.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let url = line.trim().strip_prefix("ready ").expect("`ready URL`").to_owned();
        Self { process, url, served }
    }

    /// With a variant of the environment that `build.py` knows.
    pub(crate) fn with(variant: &str) -> Self {
        Self::with_common(variant, "999999999999")
    }

    /// The same, where the account that all projects share is this one.
    pub(crate) fn with_common(variant: &str, common: &str) -> Self {
        let emulator = Self::empty();
        emulator.build(variant, common);
        emulator
    }

    /// Adds a variant to what is there, and forgets the calls that it took.
    pub(crate) fn build(&self, variant: &str, common: &str) {
        self.built(&["--variant", variant], common);
    }

    /// The same of a variant that has been changed: `--fault NAME`, `--variation NAME`.
    pub(crate) fn build_changed(&self, variant: &str, changes: &[&str]) {
        self.built(&[&["--variant", variant], changes].concat(), "999999999999");
    }

    fn built(&self, what: &[&str], common: &str) {
        let built = python()
            .args(["build.py", "--endpoint", &self.url])
            .args(what)
            .env("EMULATOR_COMMON_ACCOUNT", common)
            .output()
            .expect("the builder starts");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        self.forget_calls();
    }

    /// The kubeconfig with a context for each way into the API server.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.served.path().join("kubeconfig")
    }

    /// One control request about the API server: `kubernetes("POST", "objects", …)`.
    pub(crate) fn kubernetes(&self, method: &str, what: &str, body: &Value) -> Value {
        self.control(method, &format!("kubernetes/{what}"), body)
    }

    /// The requests to the API server since calls were last forgotten.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let listed = self.kubernetes("GET", "requests", &Value::Null);
        let asked = |it: &Value| Asked {
            method: it["method"].as_str().expect("a method").to_owned(),
            path: it["path"].as_str().expect("a path").to_owned(),
            user: it["user"].as_str().map(str::to_owned),
            code: it["code"].as_u64(),
        };
        listed.as_array().expect("a list").iter().map(asked).collect()
    }

    /// One control request about Azure: `azure("POST", "resources", …)`.
    pub(crate) fn azure(&self, method: &str, what: &str, body: &Value) -> Value {
        self.control(method, &format!("azure/{what}"), body)
    }

    /// Where its Azure is and how it is entered, and the files that are needed for that.
    pub(crate) fn azure_told(&self) -> Value {
        let text =
            std::fs::read_to_string(self.served.path().join("azure.json")).expect("it is written first");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Spoils answers from now on by these rules, and by no earlier ones.
    pub(crate) fn faults(&self, rules: &Value) {
        self.control("POST", "faults", rules);
    }

    /// Spoils every answer to one call.
    pub(crate) fn fault(&self, call: &str, fault: &str) {
        self.faults(&json!([{ "call": call, "fault": fault }]));
    }

    pub(crate) fn paging(&self, sizes: &Value) {
        self.control("POST", "paging", sizes);
    }

    /// Adds things of others.
    pub(crate) fn crowd(&self, wanted: &Value) {
        self.control("POST", "crowd", wanted);
    }

    /// Waits until a call is held by the fault `hold`.
    pub(crate) fn await_held(&self) {
        self.control("GET", "held", &Value::Null);
    }

    pub(crate) fn forget_calls(&self) {
        self.control("DELETE", "calls", &Value::Null);
        self.kubernetes("DELETE", "requests", &Value::Null);
        self.azure("DELETE", "asked", &Value::Null);
    }

    /// The calls since they were last forgotten.
    pub(crate) fn calls(&self) -> Vec<Count> {
        let listed = self.control("GET", "calls", &Value::Null);
        let count = |it: &Value| Count {
            account: it["account"].as_str().expect("an account").to_owned(),
            call: it["call"].as_str().expect("a call").to_owned(),
            times: it["count"].as_u64().expect("a number"),
            repeated: it["repeated"].as_u64().expect("a number"),
        };
        listed.as_array().expect("a list").iter().map(count).collect()
    }

    /// How often one call was made, by whomever.
    pub(crate) fn count(&self, call: &str) -> u64 {
        self.calls().iter().filter(|it| it.call == call).map(|it| it.times).sum()
    }

    fn control(&self, method: &str, what: &str, body: &Value) -> Value {
        let what = what.trim_end_matches('/');
        let host = self.url.strip_prefix("http://").expect("plain HTTP");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(host).expect("it listens");
        let length = body.len();
        write!(
            stream,
            "{method} /emulator/{what} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (head, said) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.lines().next().is_some_and(|status| status.contains(" 200 ")), "{answer}");
        serde_json::from_str(said).expect("JSON")
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It ends when its standard input does.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// The emulator's Python, in its folder: what `tests/run` found, or what the set-up makes.
fn python() -> Command {
    let interpreter = std::env::var("STACKS_AUDIT_PYTHON").unwrap_or_else(|_| {
        let made = Command::new("sh").arg(format!("{FOLDER}/setup.sh")).output().expect("the set-up starts");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let said = String::from_utf8(made.stdout).expect("text");
        said.lines().last().expect("the interpreter's path").to_owned()
    });
    let mut python = Command::new(interpreter);
    python.current_dir(FOLDER).stdin(Stdio::null());
    python
}
