//! `permissions`: the least policy the scanner needs, from what collectors declare.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::context::Context;
use super::exit::Exit;
use super::opened::{configuration, library};
use super::output;
use super::trouble::Trouble;
use crate::engine::needs;
use crate::model::call::Call;
use crate::model::kind::Kind;
use crate::model::scope;

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

impl Provider {
    fn of(self) -> scope::Provider {
        match self {
            Self::Aws => scope::Provider::Aws,
            Self::Azure => scope::Provider::Azure,
            Self::Kubernetes => scope::Provider::Kubernetes,
        }
    }
}

impl Permissions {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let write = match self.provider {
            Provider::Aws => policy,
            Provider::Kubernetes => cluster_role,
            Provider::Azure => {
                let trouble =
                    Trouble::usage("this version does not read Azure, and needs no permission there");
                return Err(trouble.help("stacks-audit permissions --provider aws|kubernetes").into());
            }
        };
        let of = self.provider.of();
        let policy = if self.designs.is_empty() {
            write(calls(Kind::ALL.iter().copied()).filter(|call| call.provider() == of).collect())
        } else {
            let library = library(context, configuration(context).ok().as_ref())?;
            let mut needed = BTreeMap::new();
            for id in &self.designs {
                let Some(design) = library.designs.get(id) else {
                    let there: Vec<&str> = library.designs.keys().map(String::as_str).collect();
                    let trouble = Trouble::usage(format!("there is no design {id:?}"));
                    return Err(trouble.help(format!("designs there: {}", there.join(", "))).into());
                };
                needed.extend(needs::calls(design));
            }
            write(needed.into_values().filter(|call| call.provider() == of).collect())
        };
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
pub(super) fn policy(calls: Vec<&'static Call>) -> Value {
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

/// A cluster role that allows these calls and nothing else: one rule for each API group, sorted. Their permissions are
/// `group/resource:verb`, or a path of the server's own and a verb.
pub(super) fn cluster_role(calls: Vec<&'static Call>) -> Value {
    let mut groups: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    let mut paths: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for permission in calls.into_iter().flat_map(|call| call.permissions) {
        let (what, verb) = permission.split_once(':').unwrap_or((permission, "list"));
        match what.split_once('/') {
            Some(("", _)) | None => paths.entry(verb).or_default().insert(what),
            Some((group, resource)) => groups.entry((group, verb)).or_default().insert(resource),
        };
    }
    let api = |group: &str| if group == "core" { String::new() } else { group.to_owned() };
    let rules = groups.into_iter().map(|((group, verb), resources)| {
        json!({ "apiGroups": [api(group)], "resources": resources, "verbs": [verb] })
    });
    let paths = paths.into_iter().map(|(verb, urls)| json!({ "nonResourceURLs": urls, "verbs": [verb] }));
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": { "name": "stacks-audit" },
        "rules": rules.chain(paths).collect::<Vec<_>>(),
    })
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

    fn all(provider: scope::Provider) -> Vec<&'static Call> {
        calls(Kind::ALL.iter().copied()).filter(|call| call.provider() == provider).collect()
    }

    #[test]
    fn every_declared_permission_is_there_once() {
        let calls = all(scope::Provider::Aws);
        let policy = policy(calls.clone());
        let actions = actions(&policy);
        let declared: BTreeSet<&str> = calls.iter().flat_map(|call| call.permissions).copied().collect();
        assert_eq!(actions.len(), declared.len());
        assert_eq!(actions.iter().copied().collect::<BTreeSet<_>>(), declared);
    }

    #[test]
    fn it_only_ever_reads() {
        for action in actions(&policy(all(scope::Provider::Aws))) {
            let (_, operation) = action.split_once(':').expect("service:Operation");
            let reads =
                ["Get", "List", "Describe", "BatchGet"].iter().any(|verb| operation.starts_with(verb));
            assert!(reads, "{action}");
            assert!(!action.contains('*'), "{action}");
            assert_ne!(operation, "GetSecretValue");
        }
    }

    #[test]
    fn a_cluster_role_lists_what_collectors_declare_and_never_secrets() {
        let role = cluster_role(all(scope::Provider::Kubernetes));
        let rules = role["rules"].as_array().expect("rules");
        let verbs = rules.iter().flat_map(|rule| rule["verbs"].as_array().expect("verbs"));
        assert!(verbs.clone().all(|verb| ["list", "get"].iter().any(|read| verb == read)), "{role}");
        let apps = rules.iter().find(|rule| rule["apiGroups"] == json!(["apps"])).expect("a rule");
        assert_eq!(apps["resources"], json!(["deployments", "replicasets"]));
        let core = rules.iter().find(|rule| rule["apiGroups"] == json!([""])).expect("a rule");
        let expected = json!(["namespaces", "nodes", "pods", "serviceaccounts", "services"]);
        assert_eq!(core["resources"], expected, "neither secrets nor config maps");
        let server = rules.last().expect("a rule");
        assert_eq!(*server, json!({ "nonResourceURLs": ["/version"], "verbs": ["get"] }));
    }

    #[test]
    fn statements_have_ids_that_iam_takes() {
        let policy = policy(calls([Kind::Vpc, Kind::EcsCluster]).collect());
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
