//! Which class an ingress is of, and so which controller serves it.

use crate::model::kind::Kind;
use crate::model::kubernetes::network::{Ingress, IngressClass};
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::kleene::Verdict;
use crate::rules::{Ref, World};

/// The controllers whose manners are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Controller {
    IngressNginx,
    AwsLoadBalancer,
    ApplicationGateway,
}

impl Controller {
    fn called(controller: &str) -> Option<Self> {
        match controller {
            "k8s.io/ingress-nginx" => Some(Self::IngressNginx),
            // The second is what EKS runs by itself in Auto Mode.
            "ingress.k8s.aws/alb" | "eks.amazonaws.com/alb" => Some(Self::AwsLoadBalancer),
            "azure/application-gateway" => Some(Self::ApplicationGateway),
            _ => None,
        }
    }

    /// By the class that its controller takes ingresses of where no class object says otherwise.
    fn of_annotation(class: &str) -> Option<Self> {
        match class {
            "nginx" => Some(Self::IngressNginx),
            "alb" => Some(Self::AwsLoadBalancer),
            "azure/application-gateway" => Some(Self::ApplicationGateway),
            _ => None,
        }
    }
}

/// Whether there is the class that the ingress names, or a default one where it names none.
pub(crate) fn class_exists(resource: Ref<'_>, world: &World<'_>) -> Verdict {
    let ingress = World::facts::<Ingress>(resource);
    let by_annotation = ingress.class.is_none() && ingress.legacy_class.is_some();
    if by_annotation && !ingress.addresses.is_empty() {
        return Ok(true);
    }
    let (classes, gap) = classes(resource, world);
    let unnamed = ingress.class.is_none() && !by_annotation;
    match (classes.is_empty(), gap, by_annotation) {
        (false, ..) => Ok(true),
        (true, Some(gap), _) => Err(gap),
        (true, None, false) if unnamed && !ingress.addresses.is_empty() => Err(undecided(
            resource,
            "it names no class and none is the default, but a controller that takes such ingresses gave it an address",
        )),
        (true, None, false) => Ok(false),
        (true, None, true) => Err(undecided(
            resource,
            "no controller has taken it so far, and its class is an annotation's alone",
        )),
    }
}

/// The controller that serves the ingress.
pub(crate) fn controller(resource: Ref<'_>, world: &World<'_>) -> Result<Controller, Gap> {
    let ingress = World::facts::<Ingress>(resource);
    let (classes, gap) = classes(resource, world);
    let named = ingress.class.is_some() || ingress.legacy_class.is_some();
    // One class is of a name, but there may be several default ones.
    if let Some(gap) = gap.filter(|_| classes.is_empty() || !named) {
        return Err(gap);
    }
    let controllers: Vec<_> = classes.iter().map(|class| class.controller.as_deref()).collect();
    let known = match (controllers[..].first(), &ingress.class, &ingress.legacy_class) {
        (Some(first), ..) if controllers.iter().all(|other| other == first) => {
            first.and_then(Controller::called)
        }
        (None, None, Some(name)) => Controller::of_annotation(name),
        _ => None,
    };
    known.ok_or_else(|| undecided(resource, "which controller serves it is not known"))
}

/// The class of the name that the ingress gives; where it gives none, the default ones. And why there may be more.
fn classes<'s>(resource: Ref<'_>, world: &World<'s>) -> (Vec<&'s IngressClass>, Option<Gap>) {
    let ingress = World::facts::<Ingress>(resource);
    let named = ingress.class.as_deref().or(ingress.legacy_class.as_deref());
    let all = world.list(Kind::K8sIngressClass, &resource.scope);
    let of = |class: &Ref<'s>| match named {
        Some(name) => class.name == name,
        None => World::facts::<IngressClass>(class).default,
    };
    let found = all.items.into_iter().filter(of).map(World::facts::<IngressClass>).collect();
    (found, all.gaps.into_iter().next())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::kubernetes::network::INGRESS_CLASSES;
    use crate::model::snapshot::Outcome;
    use crate::rules::testing::kubernetes::{cluster, ingress, object, with};
    use crate::rules::testing::{Scene, the};

    /// Classes by name: their controllers, and whether they are the default.
    fn classes(of: &[(&str, &str, bool)]) -> Scene {
        of.iter().fold(Scene::new(), |scene, (name, controller, default)| {
            let facts = json!({ "controller": controller, "default": default });
            scene.cluster_object::<IngressClass>(name, &facts)
        })
    }

    fn listed(scene: Scene) -> Scene {
        scene.answered(&INGRESS_CLASSES, &cluster(), "", Outcome::Complete)
    }

    fn asked<T>(scene: Scene, changes: &Value, ask: fn(Ref<'_>, &World<'_>) -> T) -> T {
        let snapshot = scene.object::<Ingress>("api", &with(&ingress(), changes)).snapshot();
        ask(the(&snapshot, Kind::K8sIngress, &object("ingress", "api")), &World::new(&snapshot))
    }

    const NGINX: (&str, &str, bool) = ("web", "k8s.io/ingress-nginx", false);

    #[test]
    fn a_class_by_name_must_be_there() {
        let named = json!({ "class": "web" });
        assert_eq!(asked(classes(&[NGINX]), &named, class_exists), Ok(true), "whatever else is unread");
        let other = [("other", "k8s.io/ingress-nginx", true)];
        assert_eq!(asked(listed(classes(&other)), &named, class_exists), Ok(false));
        let gap = Gap::unread(INGRESS_CLASSES.primary(), &cluster(), "");
        assert_eq!(asked(classes(&other), &named, class_exists), Err(gap));
    }

    #[test]
    fn without_a_name_the_default_is_meant() {
        let default = ("main", "k8s.io/ingress-nginx", true);
        assert_eq!(asked(listed(classes(&[NGINX, default])), &json!({}), class_exists), Ok(true));
        assert_eq!(asked(listed(classes(&[NGINX])), &json!({}), class_exists), Ok(false));
        assert!(asked(classes(&[NGINX]), &json!({}), class_exists).is_err());
        assert_eq!(asked(classes(&[default]), &json!({}), class_exists), Ok(true), "others change nothing");
        assert!(asked(classes(&[default]), &json!({}), controller).is_err(), "another may be default too");
    }

    #[test]
    fn some_controllers_take_what_names_no_class() {
        let reached = json!({ "addresses": ["192.0.2.1"] });
        assert!(asked(listed(classes(&[NGINX])), &reached, class_exists).is_err(), "one of those did");
        let named = with(&reached, &json!({ "class": "gone" }));
        assert_eq!(
            asked(listed(classes(&[NGINX])), &named, class_exists),
            Ok(false),
            "that is another matter"
        );
    }

    #[test]
    fn a_class_by_annotation_is_told_by_an_address() {
        let legacy = json!({ "legacy_class": "nginx" });
        let reached = with(&legacy, &json!({ "addresses": ["192.0.2.1"] }));
        assert_eq!(asked(Scene::new(), &reached, class_exists), Ok(true));
        assert!(asked(listed(Scene::new()), &legacy, class_exists).is_err());
        let named = [("nginx", "k8s.io/ingress-nginx", false)];
        assert_eq!(asked(listed(classes(&named)), &legacy, class_exists), Ok(true));
    }

    #[test]
    fn the_class_says_the_controller() {
        let of = |scene: Scene, changes: &Value| asked(listed(scene), changes, controller).ok();
        assert_eq!(of(classes(&[NGINX]), &json!({ "class": "web" })), Some(Controller::IngressNginx));
        let alb = ("nginx", "ingress.k8s.aws/alb", true);
        let legacy = json!({ "legacy_class": "nginx" });
        assert_eq!(of(classes(&[alb]), &legacy), Some(Controller::AwsLoadBalancer), "whatever its name");
        assert_eq!(of(Scene::new(), &legacy), Some(Controller::IngressNginx));
        assert_eq!(of(classes(&[alb]), &json!({})), Some(Controller::AwsLoadBalancer), "the default");
    }

    #[test]
    fn no_class_and_unknown_controllers_are_not_known() {
        let of = |scene: Scene, changes: &Value| asked(scene, changes, controller).is_err();
        assert!(of(listed(Scene::new()), &json!({ "class": "nginx" })), "named, and not there");
        assert!(of(listed(classes(&[("web", "example.com/other", false)])), &json!({ "class": "web" })));
        let two = [("a", "ingress.k8s.aws/alb", true), ("b", "k8s.io/ingress-nginx", true)];
        assert!(of(listed(classes(&two)), &json!({})));
        assert!(
            of(Scene::new(), &json!({ "legacy_class": "nginx" })),
            "a class of that name may say otherwise"
        );
    }
}
