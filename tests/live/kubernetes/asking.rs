//! What a scan asks an API server: the lists that the cluster role permits, each once, and nothing of other namespaces.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::emulator::{Asked, Emulator};
use crate::program::Program;

/// What the cluster role that the program prints lets list: group and resource.
fn permitted(program: &Program) -> BTreeSet<(String, String)> {
    let role = program.done(&["permissions", "--design", "aws-eks-rest-api", "--provider", "kubernetes"]);
    let role: Value = serde_json::from_str(&role).expect("JSON is YAML");
    let texts = |it: &Value| -> Vec<String> {
        it.as_array().expect("a list").iter().map(|it| it.as_str().expect("text").to_owned()).collect()
    };
    let mut permitted = BTreeSet::new();
    for rule in role["rules"].as_array().expect("rules") {
        for verb in texts(&rule["verbs"]) {
            assert!(["get", "list"].contains(&verb.as_str()), "{rule}");
        }
        if rule["resources"].is_null() {
            continue;
        }
        for group in texts(&rule["apiGroups"]) {
            permitted.extend(texts(&rule["resources"]).into_iter().map(|it| (group.clone(), it)));
        }
    }
    permitted
}

/// Group, resource and namespace of a list's path.
fn list(path: &str) -> (String, String, Option<&str>) {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (group, rest) = match parts.as_slice() {
        ["api", "v1", rest @ ..] => ("", rest),
        ["apis", group, _version, rest @ ..] => (*group, rest),
        _ => panic!("{path} is no list"),
    };
    match rest {
        [resource] => (group.to_owned(), (*resource).to_owned(), None),
        ["namespaces", namespace, resource] => (group.to_owned(), (*resource).to_owned(), Some(*namespace)),
        _ => panic!("{path} is no list"),
    }
}

fn only_declared_lists(asked: &[Asked], permitted: &BTreeSet<(String, String)>) {
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    for request in asked {
        assert_eq!((request.method.as_str(), request.code), ("GET", Some(200)), "{request:?}");
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        if path == "/version" {
            continue;
        }
        *times.entry(&request.path).or_default() += 1;
        assert!(!query.contains("watch"), "{request:?}");
        let (group, resource, namespace) = list(path);
        assert!(permitted.contains(&(group, resource.clone())), "{request:?} is not declared");
        let whole = ["namespaces", "ingressclasses", "nodes"].contains(&resource.as_str());
        assert_eq!(namespace, (!whole).then_some("dev-api"), "{request:?}");
    }
    assert!(times.len() >= 8, "{times:?}");
    assert!(times.values().all(|times| *times == 1), "asked more than once: {times:?}");
}

#[test]
fn only_declared_lists_are_asked_for_each_once_and_of_one_namespace() {
    let emulator = Emulator::with("eks");
    let program = Program::on_eks(&emulator);
    let permitted = permitted(&program);
    for never in ["secrets", "configmaps"] {
        assert!(!permitted.iter().any(|(_, resource)| resource == never), "{never}");
    }
    for level in crate::recordings::LEVELS {
        emulator.forget_calls();
        assert_eq!(program.check(&["--level", level]).code, 0);
        only_declared_lists(&emulator.asked(), &permitted);
    }
    for command in [&["bind"][..], &["record", "-o", "recorded"], &["collect", "-o", "facts.ndjson"]] {
        emulator.forget_calls();
        program.done(&[command, &["--env", "dev-eks"]].concat());
        only_declared_lists(&emulator.asked(), &permitted);
    }
}
