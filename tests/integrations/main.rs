//! What fits the tool into others' systems, read by programs of those systems.

#[path = "../reports/consumers.rs"]
#[allow(dead_code, reason = "the tests of reports use the rest")]
mod consumers;
#[path = "../reports/scraped.rs"]
mod scraped;

mod action;
mod kubernetes;
mod monitoring;
mod pipelines;
mod set_up;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file of the checkout.
fn file(path: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    assert!(path.is_file(), "{}", path.display());
    path
}

/// The documents of a YAML file.
fn yaml(path: &Path) -> Vec<Value> {
    let said = consumers::content(&mut consumers::python("yaml_documents.py"), [path]);
    serde_json::from_str(&said).expect("documents")
}

/// A program of a Python package.
fn program(name: &str) -> std::process::Command {
    let mut command = consumers::python("run.py");
    command.arg(name);
    command
}
