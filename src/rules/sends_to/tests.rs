use super::*;
use crate::model::kubernetes::network::{IngressClass, SERVICES};
use crate::model::seen::Gap;
use crate::model::snapshot::Outcome;
use crate::rules::testing::kubernetes::{NAMESPACE, cluster, denied, ingress, object, service, unread, with};
use crate::rules::testing::{Scene, edges};

fn backend(service: &str, port: Value) -> Value {
    let port = if port.is_number() { ("port_number", port) } else { ("port_name", port) };
    json!({ "service": service, port.0: port.1 })
}

fn rule(host: &str, path: &str, backend: &Value) -> Value {
    let path = json!({ "path": path, "path_type": "Prefix", "backend": backend });
    json!({ "host": host, "paths": [path] })
}

/// A scene with this ingress, and the service `api`, which has the port 80 (`http`).
fn scene(ingress_changes: &Value) -> Scene {
    Scene::new()
        .object::<Ingress>("api", &with(&ingress(), ingress_changes))
        .object::<Service>("api", &service())
}

/// The edges' ends, and one attribute of each.
fn sent(scene: Scene, attribute: &str) -> Vec<(String, Result<Value, Gap>)> {
    let snapshot = scene.snapshot();
    let world = World::new(&snapshot);
    let edges = edges(&SendsTo, &world, Kind::K8sIngress, &object("ingress", "api"));
    assert!(edges.gaps.is_empty() && edges.doubts.is_empty());
    let told = edges.found.iter().map(|edge| (edge.to.label().to_owned(), edge.attribute(attribute).clone()));
    told.collect()
}

fn api() -> String {
    object("service", "api")
}

#[test]
fn every_host_and_path_and_the_default_lead_to_a_service() {
    let changes = json!({
        "rules": [
            rule("app.example.com", "/v1", &backend("api", json!(80))),
            rule("app.example.com", "/v2", &backend("api", json!("http"))),
            { "host": "old.example.com", "paths": [] },
        ],
        "default_backend": backend("api", json!(8080)),
    });
    let told = |attribute: &str| -> Vec<Value> {
        let sent = sent(scene(&changes).complete(&[&SERVICES]), attribute);
        assert!(sent.iter().all(|(end, _)| *end == api()));
        sent.into_iter().map(|(_, value)| value.expect("known")).collect()
    };
    let hosts = [json!("app.example.com"), json!("app.example.com"), json!("old.example.com"), json!(null)];
    assert_eq!(told("host"), hosts, "a rule without paths is the default's");
    assert_eq!(told("path"), [json!("/v1"), json!("/v2"), json!(null), json!(null)]);
    assert_eq!(told("port"), ["80", "http", "8080", "8080"]);
    assert_eq!(told("port_exists"), [true, true, false, false]);
}

#[test]
fn a_service_that_is_not_there_is_no_service() {
    let lost = json!({ "default_backend": backend("lost", json!(80)) });
    let missing = format!("{}: no such k8s.service", object("service", "lost"));
    assert_eq!(sent(scene(&lost).complete(&[&SERVICES]), "port_exists"), [(missing, Ok(false.into()))]);
}

#[test]
fn unread_services_are_unread_ends() {
    let lost = json!({ "default_backend": backend("lost", json!(80)) });
    let no = scene(&lost).answered(&SERVICES, &cluster(), NAMESPACE, Outcome::Denied);
    for (scene, gap) in [(scene(&lost), unread(&SERVICES)), (no, denied(&SERVICES))] {
        let snapshot = scene.snapshot();
        let edges = edges(&SendsTo, &World::new(&snapshot), Kind::K8sIngress, &object("ingress", "api"));
        let end = End::Unread { kind: Kind::K8sService, id: object("service", "lost"), gap: gap.clone() };
        assert_eq!(edges.found[0].to, end);
        assert_eq!(edges.found[0].attribute("port_exists"), &Err(gap));
    }
    let known = json!({ "default_backend": backend("api", json!(80)) });
    assert_eq!(sent(scene(&known), "port_exists"), [(api(), Ok(true.into()))], "what is known is found");
}

#[test]
fn the_service_is_the_one_beside_the_ingress() {
    let elsewhere = with(&service(), &json!({ "namespace": "kubernetes.example.com/namespace/other" }));
    let elsewhere = serde_json::from_value::<Service>(elsewhere).expect("a service");
    let changes = json!({ "default_backend": backend("web", json!(80)) });
    let scene = scene(&changes).complete(&[&SERVICES]);
    let scene = scene.with_in(&cluster(), "kubernetes.example.com/other/service/web", "web", elsewhere);
    let missing = format!("{}: no such k8s.service", object("service", "web"));
    assert_eq!(sent(scene, "host"), [(missing, Ok(json!(null)))]);
}

#[test]
fn an_external_name_has_every_port_number() {
    let external = json!({ "type": "ExternalName", "external_name": "api.example.com", "ports": [] });
    let has = |port: Value| {
        let changes = json!({ "default_backend": backend("far", port) });
        let far = with(&service(), &external);
        sent(scene(&changes).object::<Service>("far", &far), "port_exists")[0].1.clone()
    };
    assert_eq!(has(json!(8443)), Ok(true.into()));
    assert_eq!(has(json!("https")), Ok(false.into()));
}

#[test]
fn another_resource_is_outside() {
    let changes = json!({ "default_backend": { "resource": "StorageBucket/static" } });
    assert_eq!(sent(scene(&changes), "port"), [("StorageBucket/static".to_owned(), Ok(json!(null)))]);
}

#[test]
fn an_action_in_an_annotation_is_no_service() {
    let edges_by = |controller: Option<&str>, action: &str| {
        let changes = json!({
            "class": "web", "annotations": { "alb.ingress.kubernetes.io/actions.act": action },
            "default_backend": backend("act", json!("use-annotation")),
        });
        let scene = scene(&changes).complete(&[&SERVICES]);
        let class = |controller: &str| json!({ "controller": controller, "default": false });
        let scene = match controller {
            Some(controller) => scene.cluster_object::<IngressClass>("web", &class(controller)),
            None => scene,
        };
        let snapshot = scene.snapshot();
        let edges = edges(&SendsTo, &World::new(&snapshot), Kind::K8sIngress, &object("ingress", "api"));
        (edges.found.len(), edges.gaps.len())
    };
    let edges_of = |action: &str| edges_by(Some("ingress.k8s.aws/alb"), action);
    assert_eq!(edges_of(r#"{"type":"redirect"}"#), (0, 0));
    assert_eq!(edges_of(r#"{"Type":"fixed-response"}"#), (0, 0));
    assert_eq!(edges_of(r#"{"type":"forward"}"#), (0, 1));
    assert_eq!(edges_of("unreadable"), (0, 1));
    let redirect = r#"{"type":"redirect"}"#;
    assert_eq!(edges_by(Some("eks.amazonaws.com/alb"), redirect), (0, 0), "EKS runs it in Auto Mode");
    assert_eq!(edges_by(Some("k8s.io/ingress-nginx"), redirect), (1, 0), "it knows no such action");
    assert_eq!(edges_by(None, redirect), (0, 1), "whose ingress that is is not known");
}
