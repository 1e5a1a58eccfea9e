//! `permissions`: the least policy the scanner needs, from what collectors declare.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::context::Context;
use super::exit::Exit;
use super::output;
use super::trouble::Trouble;
use crate::model::call::Call;
use crate::model::kind::Kind;

/// Print the least-privilege policy that the scanner's role needs
#[derive(Args, Debug)]
pub(super) struct Permissions {
    /// Only what this design needs; may be repeated [default: everything this version can read]
    #[arg(long = "design", value_name = "DESIGN")]
    designs: Vec<String>,

    #[arg(long)]
    provider: Provider,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Provider {
    /// An IAM policy
    Aws,
    /// A custom role
    Azure,
    /// A cluster role
    Kubernetes,
}

impl Permissions {
    pub(super) fn run(&self, _context: &Context) -> anyhow::Result<Exit> {
        if self.provider != Provider::Aws {
            let trouble = Trouble::usage("this version reads AWS alone, and needs no permission elsewhere");
            return Err(trouble.help("stacks-audit permissions --provider aws").into());
        }
        if !self.designs.is_empty() {
            return Err(Trouble::usage("permissions of one design are not wired to the designs yet").into());
        }
        let policy = policy(calls(Kind::ALL.iter().copied()));
        output::to_stdout(|out| writeln!(out, "{policy:#}"))?;
        Ok(Exit::Conformant)
    }
}

/// Every call that tells something of these kinds.
pub(super) fn calls(kinds: impl IntoIterator<Item = Kind>) -> impl Iterator<Item = &'static Call> {
    let sources = kinds.into_iter().flat_map(|kind| kind.meta().sources());
    sources.flat_map(|source| source.calls.iter().copied())
}

/// An IAM policy that allows these calls and nothing else: one statement a service, sorted.
pub(super) fn policy(calls: impl IntoIterator<Item = &'static Call>) -> Value {
    let mut services: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for permission in calls.into_iter().flat_map(|call| call.permissions) {
        let service = permission.split_once(':').map_or(*permission, |(service, _)| service);
        services.entry(service).or_default().insert(permission);
    }
    let statements: Vec<Value> = services
        .into_iter()
        .map(|(service, actions)| json!({ "Sid": sid(service), "Effect": "Allow", "Action": actions, "Resource": "*" }))
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// A statement's id takes letters and digits only.
fn sid(service: &str) -> String {
    let mut letters = service.chars().filter(char::is_ascii_alphanumeric);
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    "Read".chars().chain(first).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(policy: &Value) -> Vec<&str> {
        let statements = policy["Statement"].as_array().expect("statements");
        statements
            .iter()
            .flat_map(|s| s["Action"].as_array().expect("actions"))
            .filter_map(Value::as_str)
            .collect()
    }

    #[test]
    fn every_declared_permission_is_there_once() {
        let policy = policy(calls(Kind::ALL.iter().copied()));
        let actions = actions(&policy);
        let declared: BTreeSet<&str> =
            calls(Kind::ALL.iter().copied()).flat_map(|call| call.permissions).copied().collect();
        assert_eq!(actions.len(), declared.len());
        assert_eq!(actions.iter().copied().collect::<BTreeSet<_>>(), declared);
    }

    #[test]
    fn it_only_ever_reads() {
        for action in actions(&policy(calls(Kind::ALL.iter().copied()))) {
            let (_, operation) = action.split_once(':').expect("service:Operation");
            let reads =
                ["Get", "List", "Describe", "BatchGet"].iter().any(|verb| operation.starts_with(verb));
            assert!(reads, "{action}");
            assert!(!action.contains('*'), "{action}");
            assert_ne!(operation, "GetSecretValue");
        }
    }

    #[test]
    fn statements_have_ids_that_iam_takes() {
        let policy = policy(calls([Kind::Vpc, Kind::EcsCluster]));
        let ids: Vec<&str> = policy["Statement"]
            .as_array()
            .expect("statements")
            .iter()
            .filter_map(|s| s["Sid"].as_str())
            .collect();
        assert_eq!(ids, ["ReadEc2", "ReadEcs"]);
        assert_eq!(sid("secretsmanager"), "ReadSecretsmanager");
    }
}
