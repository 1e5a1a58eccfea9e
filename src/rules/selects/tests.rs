use serde_json::Value;

use super::*;
use crate::model::call::Source;
use crate::model::kubernetes::network::EndpointSlice;
use crate::model::kubernetes::workload::{PODS, Pod, REPLICA_SETS, ReplicaSet};
use crate::model::seen::Why;
use crate::model::snapshot::Outcome;
use crate::rules::testing::kubernetes::{
    NAMESPACE, cluster, denied, deployment, object, service, unread, with,
};
use crate::rules::testing::{Scene, edges, the};

const ALL: [&Source; 4] = [&DEPLOYMENTS, &REPLICA_SETS, &PODS, &ENDPOINT_SLICES];

fn replica_set(uid: &str, deployment: Option<&str>, revision: Option<i64>) -> Value {
    json!({ "uid": uid, "deployment": deployment, "revision": revision, "ready": 1 })
}

fn pod(owner: Option<&str>) -> Value {
    json!({
        "owner": owner, "deleting": false, "addresses": [], "host_addresses": [], "host_network": false,
        "containers": [],
    })
}

/// A slice of the service with a port of this name and endpoints of these pods.
fn slice(port: &str, endpoints: &[Value]) -> Value {
    json!({
        "service": object("service", "api"), "address_type": "IPv4",
        "ports": [{ "name": port, "port": 8080 }], "endpoints": endpoints,
    })
}

fn endpoint(pod: &str) -> Value {
    json!({ "addresses": ["10.0.0.1"], "pod": object("pod", pod) })
}

/// The deployment `api` with two replica sets, of which `new` is the newest; each with a pod of its name, and a slice.
fn scene(service_changes: &Value, deployment_changes: &Value, slices: &[Value]) -> Scene {
    let scene = Scene::new()
        .object::<Service>("api", &with(&service(), service_changes))
        .object::<Deployment>("api", &with(&deployment(), deployment_changes))
        .object::<ReplicaSet>("old", &replica_set("uid-old", Some("uid-api"), Some(9)))
        .object::<ReplicaSet>("new", &replica_set("uid-new", Some("uid-api"), Some(10)))
        .object::<Pod>("old", &pod(Some("uid-old")))
        .object::<Pod>("new", &pod(Some("uid-new")))
        .object::<Pod>("newer", &pod(Some("uid-new")));
    slices
        .iter()
        .enumerate()
        .fold(scene, |scene, (n, facts)| scene.object::<EndpointSlice>(&format!("api-{n}"), facts))
}

fn plain(endpoints: &[Value]) -> Scene {
    scene(&json!({}), &json!({}), &[slice("http", endpoints)])
}

/// The one edge's `ready` and `ports`, where the deployment is the only end there is or may be.
fn judged(scene: Scene) -> (Result<Value, Gap>, Result<Value, Gap>) {
    let snapshot = scene.snapshot();
    let edges = edges(&Selects, &World::new(&snapshot), Kind::K8sService, &object("service", "api"));
    assert_eq!(edges.found.len(), 1);
    assert_eq!(edges.found[0].to.label(), object("deployment", "api"));
    assert!(edges.gaps.is_empty());
    (edges.found[0].attribute("ready").clone(), edges.found[0].attribute("ports").clone())
}

/// The ends, then what may be ends.
fn ends(scene: Scene) -> (Vec<String>, Vec<Gap>) {
    let snapshot = scene.snapshot();
    let edges = edges(&Selects, &World::new(&snapshot), Kind::K8sService, &object("service", "api"));
    let found = edges.found.iter().map(|edge| edge.to.label().to_owned()).collect();
    (found, edges.open().cloned().collect())
}

#[test]
fn ready_pods_of_the_newest_template_count() {
    let with_flag = |pod: &str, flag: &str, value: bool| with(&endpoint(pod), &json!({ flag: value }));
    let ready = |endpoints: &[Value]| judged(plain(endpoints).complete(&ALL)).0;
    assert_eq!(ready(&[endpoint("new"), endpoint("newer"), endpoint("old")]), Ok(json!(2)));
    assert_eq!(ready(&[with_flag("new", "ready", false), endpoint("old")]), Ok(json!(0)));
    assert_eq!(ready(&[with_flag("new", "terminating", true)]), Ok(json!(0)));
    assert_eq!(ready(&[]), Ok(json!(0)));
    let both = [slice("http", &[endpoint("new")]), slice("http", &[endpoint("new")])];
    let families = scene(&json!({}), &json!({}), &both).complete(&ALL);
    assert_eq!(judged(families).0, Ok(json!(1)), "two addresses of one pod");
}

#[test]
fn a_pod_that_is_published_before_it_is_ready_is_not_ready() {
    let unready = with(&pod(Some("uid-new")), &json!({ "ready": false }));
    let scene = plain(&[endpoint("new"), endpoint("early")]).object::<Pod>("early", &unready);
    assert_eq!(judged(scene.complete(&ALL)).0, Ok(json!(1)));
}

#[test]
fn a_template_that_no_replica_set_has_yet_has_no_pods() {
    let paused = json!({ "paused": true, "updated": 0 });
    let scene = scene(&json!({}), &paused, &[slice("http", &[endpoint("new")])]);
    assert_eq!(judged(scene.complete(&ALL)).0, Ok(json!(0)));
}

#[test]
fn every_slice_with_endpoints_has_every_port() {
    let ports = |slices: &[Value]| judged(scene(&json!({}), &json!({}), slices).complete(&ALL)).1;
    let good = slice("http", &[endpoint("new")]);
    assert_eq!(ports(std::slice::from_ref(&good)), Ok(json!(true)));
    assert_eq!(ports(&[good.clone(), slice("admin", &[])]), Ok(json!(true)), "empty ones do not matter");
    assert_eq!(ports(&[good.clone(), slice("admin", &[endpoint("newer")])]), Ok(json!(false)));
    assert_eq!(ports(&[slice("http", &[])]), Ok(json!(false)), "there is none at all");
    let unnamed = json!({ "ports": [{ "port": 80 }] });
    let unnamed = scene(&unnamed, &json!({}), &[slice("", &[endpoint("new")])]);
    assert_eq!(judged(unnamed.complete(&ALL)).1, Ok(json!(true)), "the one port without a name");
    let wrong = scene(&json!({}), &json!({}), &[slice("admin", &[endpoint("new")])]);
    assert_eq!(judged(wrong.complete(&[&DEPLOYMENTS])).1, Ok(json!(false)), "whatever else is unread");
}

#[test]
fn a_status_that_is_behind_and_a_rollout_under_way_can_not_be_told() {
    let stale = scene(&json!({}), &json!({ "generation": 2 }), &[slice("http", &[endpoint("new")])]);
    let gap = judged(stale.complete(&ALL)).0.expect_err("stale");
    assert_eq!((gap.call.as_str(), gap.key.as_str()), (DEPLOYMENTS.primary(), NAMESPACE));
    assert_eq!(gap.why, Why::InTransition);

    let rolling = json!({
        "conditions": [{ "type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated" }],
    });
    let with_pods =
        |endpoints: &[Value]| judged(scene(&json!({}), &rolling, &[slice("http", endpoints)]).complete(&ALL));
    assert_eq!(with_pods(&[endpoint("old"), endpoint("new")]).0, Ok(json!(1)));
    assert_eq!(with_pods(&[endpoint("old")]).0.map_err(|gap| gap.why), Err(Why::InTransition));
    let (ready, ports) = with_pods(&[]);
    assert!(ready.is_err() && ports.is_err(), "there may be endpoints in a moment");
}

#[test]
fn what_is_unread_is_asked_for() {
    for (n, source) in [(1, &REPLICA_SETS), (3, &ENDPOINT_SLICES)] {
        let rest = ALL.iter().enumerate().filter(|(at, _)| *at != n).map(|(_, source)| *source);
        let scene = plain(&[endpoint("new")]).complete(&rest.collect::<Vec<_>>());
        assert_eq!(judged(scene).0, Err(unread(source)));
    }
    let unlisted = plain(&[endpoint("unlisted")]).complete(&[&DEPLOYMENTS, &REPLICA_SETS, &ENDPOINT_SLICES]);
    assert_eq!(judged(unlisted).0, Err(unread(&PODS)));
    let ended = judged(plain(&[endpoint("ended")]).complete(&ALL)).0.expect_err("not among the pods");
    assert_eq!((ended.call.as_str(), ended.why), (PODS.primary(), Why::InTransition));
    let no = plain(&[endpoint("new")]).complete(&ALL[..3]);
    let no = no.answered(&ENDPOINT_SLICES, &cluster(), NAMESPACE, Outcome::Denied);
    assert_eq!(judged(no), (Err(denied(&ENDPOINT_SLICES)), Err(denied(&ENDPOINT_SLICES))));
}

#[test]
fn replica_sets_without_numbers_have_no_newest() {
    let scene = plain(&[endpoint("new")]).complete(&ALL);
    let scene = scene.object::<ReplicaSet>("other", &replica_set("uid-other", Some("uid-api"), None));
    assert!(judged(scene).0.is_err());
}

#[test]
fn the_selector_chooses_by_the_template_labels() {
    let other = with(&deployment(), &json!({ "uid": "uid-web", "pod_labels": { "app": "web" } }));
    let both = plain(&[]).object::<Deployment>("web", &other).complete(&ALL);
    assert_eq!(ends(both), (vec![object("deployment", "api")], vec![]));
    let narrow = json!({ "selector": { "app": "api", "tier": "back" } });
    assert_eq!(ends(scene(&narrow, &json!({}), &[]).complete(&ALL)), (vec![], vec![]));
    let none = json!({ "selector": {} });
    assert_eq!(ends(scene(&none, &json!({}), &[])), (vec![], vec![]), "somebody else's affair");
    let unlisted = ends(plain(&[]).complete(&ALL[1..]));
    assert_eq!(unlisted, (vec![object("deployment", "api")], vec![unread(&DEPLOYMENTS)]));
}

#[test]
fn an_external_name_is_outside() {
    let external = json!({ "type": "ExternalName", "external_name": "api.example.com" });
    assert_eq!(ends(scene(&external, &json!({}), &[])), (vec!["api.example.com".to_owned()], vec![]));
}

#[test]
fn endpoints_of_anything_else_are_outside() {
    let api = || object("deployment", "api");
    let outside = |maker: &str, label: &str| {
        let set = replica_set("uid-set", Some("uid-web"), Some(1));
        let web = with(&deployment(), &json!({ "uid": "uid-web", "pod_labels": { "app": "web" } }));
        let scene = plain(&[endpoint("new"), endpoint("stray")])
            .object::<Pod>("stray", &pod(Some(maker).filter(|maker| !maker.is_empty())))
            .object::<ReplicaSet>("bare", &replica_set("uid-bare", None, None))
            .object::<ReplicaSet>("set", &set)
            .object::<Deployment>("web", &web);
        assert_eq!(ends(scene.complete(&ALL)), (vec![api(), "pod stray".to_owned()], vec![]), "{label}");
    };
    outside("", "a pod that nobody made");
    outside("uid-stateful", "a stateful set's");
    outside("uid-bare", "a replica set's without a deployment");
    outside("uid-set", "another deployment's");
    let loose = plain(&[json!({ "addresses": ["192.0.2.9"] })]).complete(&ALL);
    assert_eq!(ends(loose), (vec![api(), "endpoint 192.0.2.9".to_owned()], vec![]));
}

#[test]
fn whose_pods_they_are_may_be_open() {
    let stray = |scene: Scene| scene.object::<Pod>("stray", &pod(Some("uid-unknown")));
    let at = [endpoint("new"), endpoint("stray")];
    let (found, open) = ends(stray(plain(&at)).complete(&[&DEPLOYMENTS, &PODS, &ENDPOINT_SLICES]));
    assert_eq!((found.len(), open), (1, vec![unread(&REPLICA_SETS)]));

    let rolling = json!({ "generation": 2 });
    let (found, open) = ends(stray(scene(&json!({}), &rolling, &[slice("http", &at)])).complete(&ALL));
    assert_eq!((found.len(), open[0].why), (1, Why::InTransition), "perhaps the deployment's next ones");

    let set = replica_set("uid-unknown", Some("uid-gone"), Some(1));
    let gone = || stray(plain(&at)).object::<ReplicaSet>("gone", &set);
    let unlisted = ends(gone().complete(&ALL[1..]));
    assert_eq!(unlisted, (vec![object("deployment", "api")], vec![unread(&DEPLOYMENTS)]), "it may be there");
    let (found, open) = ends(gone().complete(&ALL));
    assert_eq!((found.len(), open[0].call.as_str()), (1, DEPLOYMENTS.primary()));
    assert_eq!(open[0].why, Why::InTransition);
}

fn doubts(scene: Scene) -> Vec<(Kind, Gap)> {
    let snapshot = scene.snapshot();
    let world = World::new(&snapshot);
    let found = Selects.edges(the(&snapshot, Kind::K8sService, &object("service", "api")), &[], &world);
    assert!(found.gaps.is_empty());
    found.doubts.iter().map(|doubt| (doubt.kind, doubt.gap.clone())).collect()
}

#[test]
fn what_may_be_elsewhere_is_a_doubt_about_pods_alone() {
    assert_eq!(doubts(plain(&[]).complete(&ALL[..3])), [(Kind::K8sPod, unread(&ENDPOINT_SLICES))]);
}

#[test]
fn a_pod_of_an_unlisted_deployment_is_a_doubt_about_deployments_where_none_is_selected() {
    let set = replica_set("uid-unknown", Some("uid-gone"), Some(1));
    let judged = |labels: &Value, read: &[&Source]| {
        let stray =
            scene(&json!({}), &json!({ "pod_labels": labels }), &[slice("http", &[endpoint("stray")])])
                .object::<Pod>("stray", &pod(Some("uid-unknown")))
                .object::<ReplicaSet>("gone", &set);
        doubts(stray.complete(read)).into_iter().map(|(kind, gap)| (kind, gap.why)).collect::<Vec<_>>()
    };
    let (own, other) = (json!({ "app": "api" }), json!({ "app": "other" }));
    assert_eq!(judged(&own, &ALL), [(Kind::K8sPod, Why::InTransition)], "that one is there");
    assert_eq!(judged(&other, &ALL), [(Kind::K8sDeployment, Why::InTransition)]);
    let found = judged(&other, &ALL[..3]);
    assert!(found.len() == 2 && found.iter().all(|(kind, _)| *kind == Kind::K8sDeployment), "{found:?}");
}
