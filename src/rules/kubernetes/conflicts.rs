//! Ingresses that claim what another one claims: which of them gets the requests is their controller's whim.

use std::collections::BTreeSet;

use crate::model::kind::Kind;
use crate::model::kubernetes::network::{Ingress, IngressClass, IngressPath};
use crate::model::seen::Gap;
use crate::rules::kleene::{Verdict, foremost};
use crate::rules::{Ref, World};

use super::in_namespace;

/// The names of other ingresses of the same class and namespace that have a host and path of this one, sorted.
pub(crate) fn conflicts(resource: Ref<'_>, world: &World<'_>) -> Result<Vec<String>, Gap> {
    let ingress = World::facts::<Ingress>(resource);
    let claimed: BTreeSet<_> = claims(ingress).collect();
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    let all = in_namespace(Kind::K8sIngress, &ingress.namespace, &resource.scope, world);
    if let Some(gap) = all.gaps.into_iter().next() {
        return Err(gap);
    }
    let mut names = BTreeSet::new();
    for other in all.items.into_iter().filter(|other| other.id != resource.id) {
        let facts = World::facts::<Ingress>(other);
        if claims(facts).any(|claim| claimed.contains(&claim)) && same_class(ingress, facts, resource, world)?
        {
            names.insert(other.name.clone());
        }
    }
    Ok(names.into_iter().collect())
}

/// One that names no class is of the default one.
fn same_class(one: &Ingress, other: &Ingress, near: Ref<'_>, world: &World<'_>) -> Verdict {
    let ((Some(name), None) | (None, Some(name))) = (class(one), class(other)) else {
        return Ok(class(one) == class(other));
    };
    let classes = world.list(Kind::K8sIngressClass, &near.scope);
    let is_default = |found: &&Ref<'_>| found.name == name && World::facts::<IngressClass>(found).default;
    match (classes.items.iter().find(is_default), foremost(classes.gaps)) {
        (None, Some(gap)) => Err(gap),
        (found, _) => Ok(found.is_some()),
    }
}

fn class(ingress: &Ingress) -> Option<&str> {
    ingress.class.as_deref().or(ingress.legacy_class.as_deref())
}

/// Each host and path that the ingress takes for itself. A canary takes its share of another's.
fn claims(ingress: &Ingress) -> impl Iterator<Item = (Option<&str>, &str, &str)> {
    let canary = ingress.annotations.get("nginx.ingress.kubernetes.io/canary");
    let rules = if canary.is_some_and(|canary| canary == "true") { &[] } else { &ingress.rules[..] };
    rules.iter().flat_map(|rule| {
        rule.paths.iter().map(|path| (rule.host.as_deref(), path.path_type.as_str(), claimed_path(path)))
    })
}

/// No path is all paths; the last slash of a prefix says nothing.
fn claimed_path(path: &IngressPath) -> &str {
    let written = path.path.as_deref().unwrap_or_default();
    let written = if path.path_type == "Prefix" { written.trim_end_matches('/') } else { written };
    if written.is_empty() { "/" } else { written }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::kubernetes::network::{INGRESS_CLASSES, INGRESSES};
    use crate::model::snapshot::Outcome;
    use crate::rules::testing::kubernetes::{cluster, ingress, object, unread, with};
    use crate::rules::testing::{Scene, the};

    fn claiming(host: &str, path_type: &str, path: &str) -> Value {
        let backend = json!({ "service": "api", "port_number": 80 });
        let path = json!({ "path": path, "path_type": path_type, "backend": backend });
        with(&ingress(), &json!({ "class": "nginx", "rules": [{ "host": host, "paths": [path] }] }))
    }

    fn with_other(other: &Value) -> Scene {
        let api = claiming("app.example.com", "Prefix", "/api");
        Scene::new().object::<Ingress>("api", &api).object::<Ingress>("other", other)
    }

    fn found(scene: Scene) -> Result<Vec<String>, Gap> {
        let snapshot = scene.snapshot();
        conflicts(the(&snapshot, Kind::K8sIngress, &object("ingress", "api")), &World::new(&snapshot))
    }

    #[test]
    fn the_same_host_and_path_is_a_conflict() {
        let third = claiming("app.example.com", "Prefix", "/api");
        let scene = with_other(&claiming("app.example.com", "Prefix", "/api/"));
        let scene = scene.object::<Ingress>("a-third", &third).complete(&[&INGRESSES]);
        assert_eq!(found(scene), Ok(vec!["a-third".to_owned(), "other".to_owned()]));
    }

    #[test]
    fn another_host_path_type_or_class_is_none() {
        let same = claiming("app.example.com", "Prefix", "/api");
        for other in [
            claiming("other.example.com", "Prefix", "/api"),
            claiming("app.example.com", "Prefix", "/apis"),
            claiming("app.example.com", "Exact", "/api"),
            with(&same, &json!({ "class": "internal" })),
            with(&same, &json!({ "annotations": { "nginx.ingress.kubernetes.io/canary": "true" } })),
        ] {
            assert_eq!(found(with_other(&other).complete(&[&INGRESSES])), Ok(vec![]), "{other}");
        }
        let same = with(&same, &json!({ "class": null, "legacy_class": "nginx" }));
        let told = found(with_other(&same).complete(&[&INGRESSES]));
        assert_eq!(told, Ok(vec!["other".to_owned()]), "the class by annotation");
    }

    #[test]
    fn no_class_is_the_default_one() {
        let classless = with(&claiming("app.example.com", "Prefix", "/api"), &json!({ "class": null }));
        let scene = || with_other(&classless).complete(&[&INGRESSES]);
        let class = |default: bool| {
            let facts = json!({ "controller": "k8s.io/ingress-nginx", "default": default });
            scene().cluster_object::<IngressClass>("nginx", &facts)
        };
        assert_eq!(found(class(true)), Ok(vec!["other".to_owned()]));
        let listed = class(false).answered(&INGRESS_CLASSES, &cluster(), "", Outcome::Complete);
        assert_eq!(found(listed), Ok(vec![]));
        let gap = Gap::unread(INGRESS_CLASSES.primary(), &cluster(), "");
        assert_eq!(found(scene()), Err(gap), "it may be the default");
    }

    #[test]
    fn unread_ingresses_leave_it_open() {
        let scene = with_other(&claiming("app.example.com", "Prefix", "/api"));
        assert_eq!(found(scene), Err(unread(&INGRESSES)));
    }
}
