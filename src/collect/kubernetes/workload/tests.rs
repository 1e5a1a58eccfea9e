use super::super::canned::{CLUSTER, Canned, Found, NAMESPACE, list};
use super::*;
use crate::model::kind::Facet;
use crate::model::snapshot::Outcome;

async fn read(source: &'static Source, kind: &str, items: &str) -> Found {
    let found = Canned::new(&[(200, &list(kind, items))]).fetch(&Workload, source, NAMESPACE).await;
    let entry = found.entry(source.calls[0], NAMESPACE);
    assert_eq!(entry.outcome, Outcome::Complete, "{}", entry.detail);
    found
}

fn facts<T: Facet>(found: &Found, name: &str) -> T {
    let kind = T::META.name.trim_start_matches("k8s.");
    let id = format!("{CLUSTER}/dev-api/{kind}/{name}");
    found.resource(&id).as_kind::<T>().expect("of that kind").clone()
}

const DEPLOYMENT: &str = r#"{"metadata":{"name":"menu","namespace":"dev-api","uid":"d-1","generation":3,
        "labels":{"app":"menu"}},
    "spec":{"replicas":2,"paused":true,
        "selector":{"matchLabels":{"app":"menu"},"matchExpressions":[
            {"key":"tier","operator":"In","values":["api","web"]},{"key":"canary","operator":"DoesNotExist"}]},
        "template":{"metadata":{"labels":{"app":"menu","tier":"api"}},"spec":{
            "serviceAccountName":"menu",
            "initContainers":[{"name":"migrate","image":"app:1","args":["--password=hunter2"]},
                {"name":"mesh","image":"mesh:2","restartPolicy":"Always"}],
            "containers":[{"name":"api","image":"111111111111.dkr.ecr.eu-west-2.amazonaws.com/menu:1",
                "env":[{"name":"PASSWORD","value":"hunter2"}],"command":["run","hunter2"],
                "ports":[{"name":"http","containerPort":8080,"protocol":"TCP"},{"containerPort":9090}]},
                {"name":"odd"}],
            "volumes":[{"name":"v","secret":{"secretName":"hunter2"}}]}}},
    "status":{"observedGeneration":2,"updatedReplicas":1,"readyReplicas":2,"availableReplicas":2,
        "conditions":[{"type":"Progressing","status":"True","reason":"ReplicaSetUpdated","message":"long"},
            {"type":"Available","status":"Unknown"}]}}"#;

#[tokio::test]
async fn a_deployment_tells_what_it_asks_for_and_how_far_it_is() {
    let found = read(&DEPLOYMENTS, "DeploymentList", DEPLOYMENT).await;
    let it: Deployment = facts(&found, "menu");
    assert_eq!((&*it.namespace, &*it.uid), (NAMESPACE, "d-1"));
    assert_eq!((it.generation, it.observed_generation), (Some(3), Some(2)));
    assert_eq!((it.replicas, it.updated, it.ready, it.available), (Some(2), 1, 2, 2));
    assert!(it.paused);
    assert_eq!(it.selector.labels["app"], "menu");
    let expressions: Vec<_> = it.selector.expressions.iter().map(|it| (&*it.key, &*it.operator)).collect();
    assert_eq!(expressions, [("tier", "In"), ("canary", "DoesNotExist")]);
    assert_eq!(it.selector.expressions[0].values, ["api", "web"]);
    assert_eq!(it.pod_labels["tier"], "api");
    assert_eq!(it.service_account.as_deref(), Some("menu"));
    let conditions: Vec<_> =
        it.conditions.iter().map(|it| (&*it.r#type, &*it.status, it.reason.as_deref())).collect();
    assert_eq!(
        conditions,
        [("Progressing", "True", Some("ReplicaSetUpdated")), ("Available", "Unknown", None)]
    );
}

#[tokio::test]
async fn containers_tell_image_and_ports_and_a_sidecar_is_no_init_container() {
    let found = read(&DEPLOYMENTS, "DeploymentList", DEPLOYMENT).await;
    let it: Deployment = facts(&found, "menu");
    let containers: Vec<_> =
        it.containers.iter().map(|it| (&*it.name, it.image.as_deref(), it.init)).collect();
    let image = Some("111111111111.dkr.ecr.eu-west-2.amazonaws.com/menu:1");
    let expected = [
        ("migrate", Some("app:1"), true),
        ("mesh", Some("mesh:2"), false),
        ("api", image, false),
        ("odd", None, false),
    ];
    assert_eq!(containers, expected);
    let ports: Vec<_> = it.containers[2].ports.iter().map(|it| (it.name.as_deref(), it.port)).collect();
    assert_eq!(ports, [(Some("http"), 8080), (None, 9090)]);
}

#[tokio::test]
async fn neither_variables_nor_commands_nor_volumes_are_read() {
    let found = read(&DEPLOYMENTS, "DeploymentList", DEPLOYMENT).await;
    let resource = found.resource(&format!("{CLUSTER}/dev-api/deployment/menu")).to_json();
    assert!(!resource.to_string().contains("hunter2"), "{resource}");
}

#[tokio::test]
async fn counts_that_are_left_out_are_nought_and_replicas_stay_unsaid() {
    let bare = r#"{"metadata":{"name":"bare","namespace":"dev-api","uid":"d-2"},
        "spec":{"selector":{},"template":{}},"status":{}}"#;
    let it: Deployment = facts(&read(&DEPLOYMENTS, "DeploymentList", bare).await, "bare");
    assert_eq!((it.replicas, it.updated, it.ready, it.available), (None, 0, 0, 0));
    assert_eq!((it.generation, it.observed_generation, it.paused), (None, None, false));
    assert_eq!((it.selector, it.service_account), (Selector::default(), None));
    assert!(it.pod_labels.is_empty() && it.containers.is_empty() && it.conditions.is_empty());
}

#[tokio::test]
async fn a_deployment_without_its_selector_is_not_read_as_one_that_selects_everything() {
    let item = r#"{"metadata":{"name":"x","namespace":"dev-api","uid":"d"},"spec":{"template":{}}}"#;
    let service = Canned::new(&[(200, &list("DeploymentList", item))]);
    let found = service.fetch(&Workload, &DEPLOYMENTS, NAMESPACE).await;
    assert!(found.ids().is_empty());
    assert_eq!(found.entry(&LIST_DEPLOYMENTS, NAMESPACE).detail, "answered without `spec.selector`");
}

#[tokio::test]
async fn replica_sets_tell_whose_they_are_and_which_comes_last() {
    let items = r#"{"metadata":{"name":"menu-74d","namespace":"dev-api","uid":"rs-1",
            "annotations":{"deployment.kubernetes.io/revision":"12"},
            "ownerReferences":[{"kind":"Deployment","name":"menu","uid":"d-1","controller":true}]},
        "spec":{"replicas":2},"status":{"replicas":2,"readyReplicas":1}},
        {"metadata":{"name":"alone","namespace":"dev-api","uid":"rs-2",
            "annotations":{"deployment.kubernetes.io/revision":"x"}},"spec":{"replicas":0},"status":{"replicas":0}}"#;
    let found = read(&REPLICA_SETS, "ReplicaSetList", items).await;
    let set: ReplicaSet = facts(&found, "menu-74d");
    assert_eq!((&*set.namespace, &*set.uid, set.deployment.as_deref()), (NAMESPACE, "rs-1", Some("d-1")));
    assert_eq!((set.revision, set.replicas, set.ready), (Some(12), Some(2), 1));
    let alone: ReplicaSet = facts(&found, "alone");
    assert_eq!((alone.deployment, alone.revision, alone.replicas, alone.ready), (None, None, Some(0), 0));
}

#[tokio::test]
async fn pods_that_have_not_ended_are_asked_for_and_tell_what_runs_where() {
    let items = r#"{"metadata":{"name":"menu-74d-x","namespace":"dev-api","uid":"p-1",
            "deletionTimestamp":"2026-01-01T00:00:00Z",
            "ownerReferences":[{"kind":"ReplicaSet","name":"menu-74d","uid":"rs-1","controller":true}]},
        "spec":{"nodeName":"n-1","serviceAccountName":"menu","hostNetwork":true,
            "initContainers":[{"name":"migrate","image":"app:1"},
                {"name":"mesh","image":"mesh:2","restartPolicy":"Always"}],
            "containers":[{"name":"api","image":"app:1"},{"name":"new","image":"new:1"}]},
        "status":{"phase":"Running","hostIP":"10.0.1.7","hostIPs":[{"ip":"10.0.1.7"}],
            "podIP":"10.0.1.9","podIPs":[{"ip":"10.0.1.9"},{"ip":"FD00::9"}],
            "conditions":[{"type":"Ready","status":"False","lastProbeTime":null}],
            "initContainerStatuses":[{"name":"mesh","imageID":"docker.io/library/mesh@sha256:02"}],
            "containerStatuses":[{"name":"new","imageID":""},{"name":"api","imageID":"docker.io/library/app@sha256:01"}]}},
        {"metadata":{"name":"bare","namespace":"dev-api"},"spec":{},"status":{"phase":"Pending"}}"#;
    let service = Canned::new(&[(200, &list("PodList", items))]);
    let found = service.fetch(&Workload, &PODS, NAMESPACE).await;
    let selector = "status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed";
    assert_eq!(
        service.asked(),
        [format!("/api/v1/namespaces/dev-api/pods?limit=500&fieldSelector={selector}")]
    );
    let pod: Pod = facts(&found, "menu-74d-x");
    assert_eq!((&*pod.namespace, pod.owner.as_deref()), (NAMESPACE, Some("rs-1")));
    assert_eq!((pod.phase.as_deref(), pod.ready, pod.deleting), (Some("Running"), Some(false), true));
    assert_eq!(pod.addresses, ["10.0.1.9", "fd00::9"]);
    assert_eq!((&*pod.host_addresses, pod.host_network), (&["10.0.1.7".to_owned()][..], true));
    assert_eq!((pod.node.as_deref(), pod.service_account.as_deref()), (Some("n-1"), Some("menu")));
    let containers: Vec<_> =
        pod.containers.iter().map(|it| (&*it.name, it.image.as_deref(), it.image_id.as_deref())).collect();
    let expected = [
        ("api", Some("app:1"), Some("docker.io/library/app@sha256:01")),
        ("new", Some("new:1"), None),
        ("mesh", Some("mesh:2"), Some("docker.io/library/mesh@sha256:02")),
    ];
    assert_eq!(containers, expected);
    let bare: Pod = facts(&found, "bare");
    assert_eq!((bare.owner, bare.ready, bare.deleting, bare.host_network), (None, None, false, false));
    assert!(bare.addresses.is_empty() && bare.host_addresses.is_empty() && bare.containers.is_empty());
}

#[tokio::test]
async fn accounts_tell_whom_they_act_as() {
    let items = r#"{"metadata":{"name":"menu","namespace":"dev-api","annotations":{
            "eks.amazonaws.com/role-arn":"arn:aws:iam::111111111111:role/menu",
            "azure.workload.identity/client-id":"00000000-0000-0000-0000-000000000001"}},
            "secrets":[{"name":"menu-token"}]},
        {"metadata":{"name":"default","namespace":"dev-api"}}"#;
    let found = read(&SERVICE_ACCOUNTS, "ServiceAccountList", items).await;
    let account: ServiceAccount = facts(&found, "menu");
    assert_eq!(account.namespace, NAMESPACE);
    assert_eq!(account.aws_role.as_deref(), Some("arn:aws:iam::111111111111:role/menu"));
    assert_eq!(account.azure_client.as_deref(), Some("00000000-0000-0000-0000-000000000001"));
    let default: ServiceAccount = facts(&found, "default");
    assert_eq!((default.aws_role, default.azure_client), (None, None));
}
