//! What leads from a cluster into an account holds only where the API server is proven to be that cluster's.

use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::program::Program;

use super::{CROSSING, changed, named};

const LEVEL: [&str; 2] = ["--level", "hardening"];

#[test]
fn another_cluster_fails_what_crosses_and_nothing_else() {
    let emulator = Emulator::with("eks");
    let program = Program::on_eks(&emulator);
    let before = program.check(&LEVEL);
    assert_eq!(before.code, 0);

    program.enter(r#"context = "elsewhere""#);
    let after = program.check(&LEVEL);
    assert_eq!(after.code, 1);
    assert_eq!(changed(&before, &after, "FAIL"), named(CROSSING));
    assert!(after.gaps().is_empty(), "{:?}", after.gaps());
    assert_eq!(after.json["summary"]["roots"], 1, "all of it follows from the one wrong context");
    let told = program.run(&["check", "--env", "dev-eks"]);
    assert_eq!(told.code, 1);
    assert!(
        told.stdout.contains("namespace-cluster") && told.stdout.contains("localhost"),
        "{}",
        told.stdout
    );
}

#[test]
fn what_nothing_proves_is_unknown_until_something_does() {
    let emulator = Emulator::with("eks");
    let mut program = Program::on_eks(&emulator);
    let before = program.check(&LEVEL);

    // By another name than EKS tells, whoever may stand there: nothing but its nodes can say whose it is.
    let text = std::fs::read_to_string(emulator.kubeconfig()).expect("a kubeconfig");
    let mut kubeconfig: Value = serde_json::from_str(&text).expect("JSON is YAML");
    let entry = &mut kubeconfig["clusters"][0]["cluster"];
    let (authority, server) =
        (entry["certificate-authority-data"].clone(), entry["server"].as_str().expect("a URL"));
    let server = server.replace("127.0.0.1", "localhost");
    *entry = json!({ "server": server, "insecure-skip-tls-verify": true });
    program.kubeconfig(&kubeconfig);
    emulator.kubernetes("POST", "faults", &json!([{ "resource": "nodes", "fault": "deny" }]));
    let unproven = program.check(&LEVEL);
    assert_eq!(unproven.code, 3);
    assert_eq!(changed(&before, &unproven, "UNKNOWN"), named(CROSSING));
    assert_eq!(unproven.gaps().into_iter().collect::<Vec<_>>(), [("k8s:ListNodes", "denied")]);
    assert!(unproven.misses("edge.namespace-cluster", "k8s:ListNodes"));

    emulator.kubernetes("POST", "faults", &json!([]));
    let by_nodes = program.check(&LEVEL);
    assert_eq!((by_nodes.code, by_nodes.checks()), (0, before.checks()), "the nodes are the cluster's");

    kubeconfig["clusters"][0]["cluster"] =
        json!({ "server": server, "certificate-authority-data": authority });
    program.kubeconfig(&kubeconfig);
    emulator.kubernetes("POST", "faults", &json!([{ "resource": "nodes", "fault": "deny" }]));
    let by_authority = program.check(&LEVEL);
    assert_eq!(
        (by_authority.code, by_authority.checks()),
        (0, before.checks()),
        "no other has that authority"
    );
}
