//! The `CronJob`: valid, closed, allowed what `permissions` prints and no more, and its command works.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::consumers::{content, stacks_audit};
use crate::{file, program, yaml};

const MANIFEST: &str = "integrations/kubernetes/cronjob.yaml";

fn manifest() -> Vec<Value> {
    yaml(&file(MANIFEST))
}

#[track_caller]
fn of_kind<'a>(documents: &'a [Value], kind: &str) -> &'a Value {
    documents.iter().find(|document| document["kind"] == kind).unwrap_or_else(|| panic!("no {kind}"))
}

fn pod(documents: &[Value]) -> &Value {
    &of_kind(documents, "CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
}

fn containers(documents: &[Value]) -> &Vec<Value> {
    pod(documents)["containers"].as_array().expect("containers")
}

#[test]
fn kubernetes_takes_the_manifest_and_nothing_it_does_not_know() {
    let arguments = ["--strict", "--no-warn", "--kubernetes-version"];
    for version in ["1.33", "1.37"] {
        let manifest = file(MANIFEST);
        content(program("kubernetes-validate").args(arguments).arg(version), [&manifest]);
    }
    let folder = TempDir::new().expect("a folder");
    let broken = folder.path().join("broken.yaml");
    let text = fs::read_to_string(file(MANIFEST)).expect("the manifest");
    fs::write(&broken, text.replace("concurrencyPolicy", "concurrency")).expect("a file");
    let refused = program("kubernetes-validate").arg("--strict").arg(&broken).output().expect("it starts");
    assert!(!refused.status.success());
}

#[test]
fn the_cluster_role_is_what_permissions_prints() {
    let documents = manifest();
    for design in ["aws-eks-rest-api", "azure-aks-rest-api"] {
        let printed = stacks_audit()
            .args(["permissions", "--provider", "kubernetes", "--design", design])
            .output()
            .expect("it starts");
        let role: Value = serde_json::from_slice(&printed.stdout).expect("a cluster role");
        assert_eq!(of_kind(&documents, "ClusterRole")["rules"], role["rules"], "{design}");
    }
    let binding = of_kind(&documents, "ClusterRoleBinding");
    let account = &of_kind(&documents, "ServiceAccount")["metadata"];
    assert_eq!(binding["roleRef"]["name"], of_kind(&documents, "ClusterRole")["metadata"]["name"]);
    let subject =
        json!([{ "kind": "ServiceAccount", "name": account["name"], "namespace": account["namespace"] }]);
    assert_eq!(binding["subjects"], subject);
    assert_eq!(pod(&documents)["serviceAccountName"], account["name"]);
}

#[test]
fn nothing_in_the_pod_can_change_anything() {
    let documents = manifest();
    let pod = pod(&documents);
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert!(pod["securityContext"]["runAsUser"].as_u64().expect("a number") > 0);
    assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    for container in containers(&documents) {
        let closed = json!({
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": { "drop": ["ALL"] },
        });
        assert_eq!(container["securityContext"], closed);
        assert!(container["resources"]["limits"]["memory"].is_string());
    }
    assert_eq!(of_kind(&documents, "CronJob")["spec"]["concurrencyPolicy"], "Forbid");
}

#[test]
fn its_command_writes_what_is_taken_from_it() {
    let documents = manifest();
    let folder = TempDir::new().expect("a folder");
    let audit = &containers(&documents)[0];
    for mount in audit["volumeMounts"].as_array().expect("mounts") {
        let path = mount["mountPath"].as_str().expect("a path").trim_start_matches('/');
        fs::create_dir_all(folder.path().join(path)).expect("a folder");
    }
    let config = of_kind(&documents, "ConfigMap")["data"]["stacks-audit.toml"].as_str().expect("text");
    assert!(config.contains("in_cluster = true"));
    fs::write(folder.path().join("etc/stacks-audit/stacks-audit.toml"), config).expect("a file");

    let arguments: Vec<&str> = audit["args"]
        .as_array()
        .expect("arguments")
        .iter()
        .map(|word| word.as_str().expect("text"))
        .collect();
    for demand in ["--require-live", "--max-age=1d"] {
        assert!(arguments.contains(&demand), "{demand}");
    }
    // Within the folder instead of the pod; a recorded account instead of the cluster.
    let inside = |word: &&str| match word.rsplit_once("=/") {
        Some((before, path)) => format!("{before}={}/{path}", folder.path().display()),
        None => (*word).to_owned(),
    };
    let run = stacks_audit()
        .args(arguments.iter().map(inside))
        .args(["--from", "fixtures/aws-eks-rest-api/snapshot.ndjson"])
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(4), "a recording is no verdict for a nightly job: {said}");
    let metrics = fs::read_to_string(folder.path().join("metrics/staging.prom")).expect("metrics");
    assert!(metrics.ends_with("# EOF\n"));
    assert!(folder.path().join("reports/staging.json").is_file());
    let pushed = containers(&documents)[1]["args"][0].as_str().expect("a script");
    assert!(pushed.contains("@/metrics/staging.prom"));
}

#[test]
fn the_image_is_linted_and_nobody_in_it_is_root() {
    let dockerfile = file("integrations/container/Dockerfile");
    content(program("hadolint").args(["--no-color", "--failure-threshold", "style"]), [&dockerfile]);
    let text = fs::read_to_string(&dockerfile).expect("the file");
    let user = text.lines().find_map(|line| line.strip_prefix("USER ")).expect("a user");
    let documents = manifest();
    assert_eq!(user, format!("{0}:{0}", pod(&documents)["securityContext"]["runAsUser"]));
    let folder = TempDir::new().expect("a folder");
    let broken = folder.path().join("Dockerfile");
    fs::write(&broken, text.replace("nonroot", "latest")).expect("a file");
    assert!(!lints(&broken), "an image of any version");
}

fn lints(dockerfile: &Path) -> bool {
    program("hadolint").arg(dockerfile).output().expect("it starts").status.success()
}
