//! One env that follows all designs: one scan, one report, and nothing asked twice.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stacks_audit::model::kind::Kind;

use crate::emulator::Emulator;
use crate::kubernetes::both::BOTH;

use super::{Cloud, text};

/// Beside both designs of AWS, in the same env.
const AZURE: &str = r#"
[env.dev-aks.azure]
cloud = { arm = "https://arm.example.com", authority = "https://login.example.com" }
credential = "environment"
[env.dev-aks.azure.subscription]
id = "11111111-1111-1111-1111-111111111111"
registry = "99999999-9999-9999-9999-999999999999"
[env.dev-aks.design.azure-aks-rest-api]
hosts = ["dev-api.nonprod.example.com", "dev-menu.nonprod.example.com"]
core_group = "example-stacks-nonprod-euw-core"
api_group = "example-stacks-dev-euw-menu"
registry_group = "example-stacks-shared-euw"
"#;

/// All three environments; the API server is that of the cluster of EKS, and nothing of the other is in it.
fn all() -> Cloud {
    let emulator = Emulator::with("dev");
    emulator.build_changed("aks", &["--variation", "api_by_azure_name"]);
    let objects = emulator.kubernetes("GET", "objects", &Value::Null);
    let gone = |it: &Value| {
        json!({
            "kind": it["kind"], "name": it["metadata"]["name"], "namespace": it["metadata"]["namespace"],
        })
    };
    let gone: Value = objects.as_array().expect("a list").iter().map(gone).collect();
    emulator.kubernetes("DELETE", "objects", &gone);
    emulator.build("eks", "999999999999");
    let cloud = Cloud::on(emulator);
    cloud.configure(&format!("{}{AZURE}", BOTH.replace("env.dev-eks", "env.dev-aks")));
    cloud
}

/// What leads from a cluster into its subscription: not from this one, which is another's.
const CROSSING: [&str; 17] = [
    "edge.controller-lb",
    "edge.deployment-database",
    "edge.deployment-may-pull",
    "edge.deployment-registry",
    "edge.gateway-controller",
    "edge.ingress-lb",
    "edge.namespace-cluster",
    "node.deployment/from-acr",
    "node.gateway/arrives",
    "node.registry",
    "node.registry/in-group",
    "node.registry/no-admin",
    "node.registry/no-anonymous",
    "node.registry/ready",
    "path.data",
    "path.ingress",
    "path.no-bypass",
];

/// The calls that are made once more, to see whether what fails still does.
fn made_again() -> BTreeSet<&'static str> {
    let sources = Kind::ALL.iter().flat_map(|kind| kind.meta().sources()).filter(|source| source.volatile);
    sources.flat_map(|source| source.calls).map(|call| call.id).collect()
}

#[test]
fn three_designs_in_one_env_share_what_they_ask() {
    let cloud = all();
    let mut alone = 0;
    for design in ["aws-ecs-fargate", "aws-eks-rest-api", "azure-aks-rest-api"] {
        cloud.emulator.forget_calls();
        cloud.program.check(&["--level", "hardening", "--design", design]);
        alone += once(&cloud);
    }

    cloud.emulator.forget_calls();
    let together = cloud.check();
    assert!(once(&cloud) < alone, "they share what all need");
    let audits = together.json["audits"].as_array().expect("audits");
    let told: Vec<_> = audits.iter().map(|it| (text(&it["design"]["id"]), text(&it["status"]))).collect();
    let expected =
        [("aws-ecs-fargate", "PASS"), ("aws-eks-rest-api", "PASS"), ("azure-aks-rest-api", "FAIL")];
    assert_eq!((together.code, told.as_slice()), (1, expected.as_slice()));
    assert!(together.gaps().is_empty(), "{:?}", together.gaps());

    let failing = together.findings().filter(|it| it["status"] == "FAIL").map(|it| text(&it["check"]));
    let failing: BTreeSet<&str> =
        failing.filter_map(|check| check.strip_prefix("azure-aks-rest-api/")).collect();
    assert_eq!(failing, CROSSING.into(), "the one cluster is of EKS");
    assert_eq!(together.json["summary"]["roots"], 1, "all of it follows from that");
}

/// How much was asked, of everybody; each thing once.
fn once(cloud: &Cloud) -> u64 {
    let again = made_again();
    let calls = cloud.emulator.calls();
    let repeated: Vec<_> =
        calls.iter().filter(|it| it.repeated > 0 && !again.contains(it.call.as_str())).collect();
    assert!(repeated.is_empty(), "asked twice: {repeated:#?}");

    let arm = cloud.asked_at("arm").into_iter().filter(|it| !it.path.ends_with("/metrics"));
    let reads: Vec<String> = arm.map(|it| format!("{} {:?}", it.path, it.query)).collect();
    assert_eq!(reads.iter().collect::<BTreeSet<_>>().len(), reads.len(), "{reads:#?}");

    // Of the cluster, these alone last.
    let lasting = ["/namespaces?", "/ingresses?", "/ingressclasses?", "/services?", "/serviceaccounts?"];
    let lists = cloud.emulator.asked().into_iter().map(|it| it.path);
    let lists: Vec<String> = lists.filter(|path| lasting.iter().any(|it| path.contains(it))).collect();
    assert_eq!(lists.iter().collect::<BTreeSet<_>>().len(), lists.len(), "{lists:#?}");
    calls.iter().map(|it| it.times).sum::<u64>() + (reads.len() + lists.len()) as u64
}
