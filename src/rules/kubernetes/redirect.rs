//! Whether an ingress' controller answers plain requests with a redirect to https: each has annotations of its own.

use crate::model::kubernetes::network::Ingress;
use crate::rules::evidence::undecided;
use crate::rules::kleene::Verdict;
use crate::rules::{Ref, World};

use super::class::{Controller, controller};

pub(crate) fn redirects_to_https(resource: Ref<'_>, world: &World<'_>) -> Verdict {
    let ingress = World::facts::<Ingress>(resource);
    match controller(resource, world)? {
        Controller::IngressNginx => nginx(ingress, resource),
        Controller::AwsLoadBalancer => load_balancer(ingress, resource),
        Controller::ApplicationGateway => Ok(application_gateway(ingress)),
    }
}

/// It redirects the hosts that have TLS: one that no secret is for gets the controller's own certificate. What the
/// annotations leave open its config map decides, which is never read.
fn nginx(ingress: &Ingress, resource: Ref<'_>) -> Verdict {
    let says = |name: &str| flag(ingress, &format!("nginx.ingress.kubernetes.io/{name}"));
    match (says("force-ssl-redirect"), says("ssl-redirect")) {
        (Some(true), _) => Ok(true),
        (_, Some(true)) => has_tls(ingress, resource),
        (_, Some(false)) => Ok(false),
        (_, None) => {
            Err(undecided(resource, "its annotations don't say, so its controller's settings decide"))
        }
    }
}

/// Whether every host has TLS. A secret's certificate may cover hosts that are not listed beside it.
fn has_tls(ingress: &Ingress, resource: Ref<'_>) -> Verdict {
    let above = |host: &str| host.split_once('.').map(|(_, rest)| format!("*.{rest}"));
    let listed = |host: &String| {
        ingress.tls.iter().any(|tls| {
            let by_wildcard = || above(host).is_some_and(|above| tls.hosts.contains(&above));
            tls.hosts.contains(host) || tls.secret.is_some() && by_wildcard()
        })
    };
    let uncovered = ingress.rules.iter().find(|rule| !rule.host.as_ref().is_some_and(listed));
    match uncovered {
        None if !ingress.tls.is_empty() => Ok(true),
        _ if ingress.tls.iter().any(|tls| tls.secret.is_some()) => {
            let host = uncovered.and_then(|rule| rule.host.as_deref()).unwrap_or("every host");
            Err(undecided(resource, format!("whether a certificate is for {host} only its secret tells")))
        }
        _ => Ok(false),
    }
}

/// It redirects to the port that the annotation says.
fn load_balancer(ingress: &Ingress, resource: Ref<'_>) -> Verdict {
    let annotation = |name: &str| ingress.annotations.get(&format!("alb.ingress.kubernetes.io/{name}"));
    if let Some(port) = annotation("ssl-redirect") {
        return Ok(port.parse::<u16>().is_ok());
    }
    if annotation("group.name").is_some() {
        return Err(undecided(resource, "another ingress of its group may say so for all of them"));
    }
    if ingress.class.is_some() {
        return Err(undecided(resource, "the parameters of its class may say so, and they are not read"));
    }
    let mut annotated = ingress.annotations.keys();
    if annotated.any(|name| name.starts_with("alb.ingress.kubernetes.io/actions.")) {
        return Err(undecided(resource, "an action of its own may redirect"));
    }
    Ok(false)
}

/// It redirects where it has a listener for https.
fn application_gateway(ingress: &Ingress) -> bool {
    let says = |name: &str| format!("appgw.ingress.kubernetes.io/{name}");
    let certificate = ingress.annotations.contains_key(&says("appgw-ssl-certificate"));
    (certificate || !ingress.tls.is_empty()) && flag(ingress, &says("ssl-redirect")) == Some(true)
}

/// A flag as controllers read it; what is none counts as not said.
fn flag(ingress: &Ingress, annotation: &str) -> Option<bool> {
    match ingress.annotations.get(annotation)?.as_str() {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::kind::Kind;
    use crate::model::kubernetes::network::{INGRESS_CLASSES, IngressClass};
    use crate::model::seen::Gap;
    use crate::model::snapshot::Outcome;
    use crate::rules::testing::kubernetes::{cluster, ingress, object, with};
    use crate::rules::testing::{Scene, the};

    fn judged(controller: &str, tls: bool, annotations: &Value) -> Verdict {
        let class = json!({ "controller": controller, "default": false });
        verdict(Scene::new().cluster_object::<IngressClass>("web", &class), tls, annotations)
    }

    fn verdict(scene: Scene, tls: bool, annotations: &Value) -> Verdict {
        let hosts = json!([{ "hosts": ["app.example.com"] }]);
        let tls = if tls { hosts } else { json!([]) };
        let facts = with(&ingress(), &json!({ "class": "web", "tls": tls, "annotations": annotations }));
        let snapshot = scene.object::<Ingress>("api", &facts).snapshot();
        redirects_to_https(
            the(&snapshot, Kind::K8sIngress, &object("ingress", "api")),
            &World::new(&snapshot),
        )
    }

    #[test]
    fn nginx_redirects_what_has_tls_unless_told_not_to() {
        let nginx = |tls, annotations: &Value| judged("k8s.io/ingress-nginx", tls, annotations);
        let says = |value: &str| json!({ "nginx.ingress.kubernetes.io/ssl-redirect": value });
        assert_eq!(nginx(true, &says("true")), Ok(true));
        assert!(nginx(true, &json!({})).is_err(), "the config map decides");
        assert_eq!(nginx(true, &says("false")), Ok(false));
        assert!(nginx(true, &says("yes")).is_err(), "no flag, so nothing is said");
        assert_eq!(nginx(false, &says("true")), Ok(false), "there is nothing to redirect to");
        let force = json!({ "nginx.ingress.kubernetes.io/force-ssl-redirect": "true" });
        assert_eq!(nginx(false, &force), Ok(true));
    }

    #[test]
    fn nginx_redirects_no_host_without_tls() {
        let class = json!({ "controller": "k8s.io/ingress-nginx", "default": false });
        let judged = |secret: Value| {
            let facts = json!({
                "class": "web", "rules": [{ "host": "other.example.com", "paths": [] }],
                "tls": [{ "hosts": ["app.example.com"], "secret": secret }],
                "annotations": { "nginx.ingress.kubernetes.io/ssl-redirect": "true" },
            });
            let scene = Scene::new().cluster_object::<IngressClass>("web", &class);
            let snapshot = scene.object::<Ingress>("api", &with(&ingress(), &facts)).snapshot();
            let ingress = the(&snapshot, Kind::K8sIngress, &object("ingress", "api"));
            redirects_to_https(ingress, &World::new(&snapshot))
        };
        assert_eq!(judged(Value::Null), Ok(false), "the TLS there is is another host's");
        assert!(judged(json!("shared")).is_err(), "its certificate may be for both");
    }

    #[test]
    fn a_load_balancer_redirects_where_a_port_is_said() {
        let alb = |annotations: &Value| judged("ingress.k8s.aws/alb", false, annotations);
        let by_annotation = |annotations: &Value| {
            let facts = json!({ "legacy_class": "alb", "annotations": annotations });
            let scene = Scene::new().answered(&INGRESS_CLASSES, &cluster(), "", Outcome::Complete);
            let snapshot = scene.object::<Ingress>("api", &with(&ingress(), &facts)).snapshot();
            let ingress = the(&snapshot, Kind::K8sIngress, &object("ingress", "api"));
            redirects_to_https(ingress, &World::new(&snapshot))
        };
        assert_eq!(alb(&json!({ "alb.ingress.kubernetes.io/ssl-redirect": "443" })), Ok(true));
        assert_eq!(alb(&json!({ "alb.ingress.kubernetes.io/ssl-redirect": "true" })), Ok(false));
        assert!(alb(&json!({})).is_err(), "the class' parameters may say so");
        assert_eq!(by_annotation(&json!({})), Ok(false), "such a class has none");
        assert!(by_annotation(&json!({ "alb.ingress.kubernetes.io/group.name": "shared" })).is_err());
        assert!(by_annotation(&json!({ "alb.ingress.kubernetes.io/actions.to-https": "{}" })).is_err());
    }

    #[test]
    fn an_application_gateway_redirects_where_it_has_tls_and_is_told_to() {
        let gateway = |tls, annotations: &Value| judged("azure/application-gateway", tls, annotations);
        let told = json!({ "appgw.ingress.kubernetes.io/ssl-redirect": "true" });
        assert_eq!(gateway(true, &told), Ok(true));
        assert_eq!(gateway(false, &told), Ok(false));
        assert_eq!(gateway(true, &json!({})), Ok(false));
        let certificate = json!({ "appgw.ingress.kubernetes.io/appgw-ssl-certificate": "app" });
        assert_eq!(gateway(false, &with(&told, &certificate)), Ok(true));
    }

    #[test]
    fn other_controllers_and_unread_classes_are_not_judged() {
        assert!(judged("example.com/other", true, &json!({})).is_err());
        let gap = Gap::unread(INGRESS_CLASSES.primary(), &cluster(), "");
        assert_eq!(verdict(Scene::new(), true, &json!({})), Err(gap));
    }
}
