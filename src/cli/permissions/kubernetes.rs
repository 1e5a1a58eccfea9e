//! Kubernetes: a cluster role.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::model::call::Call;

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

#[cfg(test)]
mod tests {
    use super::super::all;
    use super::*;
    use crate::model::scope::Provider;

    #[test]
    fn a_cluster_role_lists_what_collectors_declare_and_never_secrets() {
        let role = cluster_role(all(Provider::Kubernetes));
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
}
