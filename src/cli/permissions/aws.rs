//! AWS: an IAM policy.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::model::call::Call;

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

/// A statement's id takes letters and digits only.
fn sid(service: &str) -> String {
    let mut letters = service.chars().filter(char::is_ascii_alphanumeric);
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    "Read".chars().chain(first).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{all, calls};
    use super::*;
    use crate::model::kind::Kind;
    use crate::model::scope::Provider;

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
        let calls = all(Provider::Aws);
        let policy = policy(calls.clone());
        let actions = actions(&policy);
        let declared: BTreeSet<&str> = calls.iter().flat_map(|call| call.permissions).copied().collect();
        assert_eq!(actions.len(), declared.len());
        assert_eq!(actions.iter().copied().collect::<BTreeSet<_>>(), declared);
    }

    #[test]
    fn it_only_ever_reads() {
        for action in actions(&policy(all(Provider::Aws))) {
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
