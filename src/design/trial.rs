//! Policy tests: `policies/tests/<design>[.<part>].test.toml` takes a recorded snapshot, changes or denies one fact, and
//! names the verdicts that must change, all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use crate::model::run::{Basis, Status};

/// One file of policy tests.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trials {
    /// The snapshot, relative to the folder of the configuration.
    pub from: PathBuf,
    /// The env whose name and parameters are used.
    pub env: String,
    /// Up to which basis checks are judged; all, unless it says otherwise.
    #[serde(default = "everything")]
    pub level: Basis,
    #[serde(rename = "case")]
    pub cases: Vec<Case>,
}

fn everything() -> Basis {
    Basis::Hardening
}

/// One change of the facts, and what must come of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    #[serde(default)]
    pub set: Vec<Set>,
    #[serde(default)]
    pub add: Vec<Add>,
    /// Ids (or `kind:name`) of resources that are not there.
    #[serde(default)]
    pub remove: Vec<String>,
    /// Lists that the change makes a scan ask for: whole wherever the recorded one did not ask, and nothing more on them.
    #[serde(default)]
    pub ask: Vec<String>,
    /// Calls that are denied everywhere.
    #[serde(default)]
    pub deny: Vec<String>,
    /// Parameters that differ from the env's.
    #[serde(default)]
    pub params: BTreeMap<String, Value>,
    /// Checks by the status they change to. Exactly these change.
    pub expect: BTreeMap<Status, BTreeSet<String>>,
    /// Of paths among these: the code of why their packets are lost.
    #[serde(default)]
    pub reason: BTreeMap<String, String>,
}

/// Sets one member of one resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    /// An id, or `kind:name`.
    pub id: String,
    /// `state`, `routes[1].target`, `tags.env`, `routes[+]` to append.
    pub field: String,
    /// The value; absent for null, which TOML can't write. `@kind:name` in it is that resource's id.
    #[serde(default)]
    pub to: Value,
}

/// Puts a copy of a resource beside it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Add {
    pub like: String,
    /// Of this kind, where there is none to copy: read where `like` was, and all that it is stands in `with`.
    pub kind: Option<String>,
    pub id: String,
    /// Members that differ from the original's, as in `Set`.
    #[serde(default)]
    pub with: BTreeMap<String, Value>,
}

/// The design that a file tests, by the file's name.
pub fn design_of(file_name: &str) -> Option<&str> {
    file_name.strip_suffix(".test.toml")?.split('.').next()
}

impl Trials {
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
