use serde_json::{Value, json};

use crate::model::azure::authorization::{ROLE_ASSIGNMENTS, ROLE_DEFINITION, RoleDefinition};
use crate::model::azure::containers::{AksCluster, ContainerRegistry, REGISTRY};
use crate::model::kind::Kind;
use crate::model::kubernetes::workload::Deployment;
use crate::rules::World;
use crate::rules::iam::testing::{Lab, SHOP, in_shop};
use crate::rules::pulls_from::PullsFrom;
use crate::rules::testing::azure::{SHARED, SUBSCRIPTION, aks, arm, unasked, unlisted};
use crate::rules::testing::kubernetes::{deployment, object, with};
use crate::rules::testing::{Scene, edges};

const IMAGE: &str = "menu.azurecr.io/api/menu:1.2";
const SERVER: &str = "menu-0a1b.hcp.westeurope.azmk8s.io";
/// Object id of what the nodes pull as.
const NODES: &str = "0000aaaa-0000-4000-8000-000000000001";
const OTHER: &str = "0000aaaa-0000-4000-8000-000000000002";
const PULL: &str = "Microsoft.ContainerRegistry/registries/pull/read";

fn registry_id() -> String {
    arm(SHARED, "shared", "microsoft.containerregistry/registries/menu")
}

fn role_id(name: &str) -> String {
    format!("/subscriptions/{SHARED}/providers/microsoft.authorization/roledefinitions/{name}")
}

/// An AKS cluster that is the API server's, and these roles: to pull, one of all actions but pulls, and one per repository.
fn cluster() -> Scene {
    let menu = arm(SUBSCRIPTION, "core", "microsoft.containerservice/managedclusters/menu");
    let told = aks(&json!({ "fqdn": SERVER, "kubelet": { "object": NODES } }));
    let content = "Microsoft.ContainerRegistry/registries/repositories/content/read";
    let roles = [
        (
            "acrpull",
            json!({ "actions": [PULL], "not_actions": [], "data_actions": [], "not_data_actions": [] }),
        ),
        (
            "but-pull",
            json!({ "actions": ["*"], "not_actions": [PULL], "data_actions": [], "not_data_actions": [] }),
        ),
        (
            "per-repository",
            json!({ "actions": [], "not_actions": [], "data_actions": [content], "not_data_actions": [] }),
        ),
    ];
    let scene = Scene::new().api_server(SERVER).arm::<AksCluster>(&menu, &told);
    roles.iter().fold(scene, |scene, (name, permission)| {
        let facts = json!({ "role_name": name, "type": "BuiltInRole", "permissions": [permission] });
        scene.arm::<RoleDefinition>(&role_id(name), &facts)
    })
}

fn registry(properties: &Value, assignments: &Value) -> Value {
    let served = json!({ "login_server": "menu.azurecr.io", "policies": {} });
    json!({ "properties": with(&served, properties), "assignments": assignments })
}

fn given(principal: &str, role: &str) -> Value {
    let r#type = if principal == NODES { "ServicePrincipal" } else { "Group" };
    json!({ "principal": principal, "principal_type": r#type, "role": role_id(role), "scope": registry_id() })
}

/// What a deployment of this image pulls: the end, whether it exists, and whether it may; gaps as what they miss.
fn pulled(scene: Scene, image: &str) -> (String, String, String) {
    let container = json!({ "name": "c", "image": image, "init": false, "ports": [] });
    let facts = with(&deployment(), &json!({ "containers": [container] }));
    let snapshot = scene.object::<Deployment>("api", &facts).snapshot();
    let edges = edges(&PullsFrom, &World::new(&snapshot), Kind::K8sDeployment, &object("deployment", "api"));
    assert_eq!((edges.found.len(), edges.open().count()), (1, 0));
    let edge = &edges.found[0];
    let told = |name| match edge.attribute(name) {
        Ok(value) => value.to_string(),
        Err(gap) if gap.can_be_closed() => format!("? {}", gap.call),
        Err(gap) => format!("? {}", gap.detail),
    };
    (edge.end(ToString::to_string), told("repository_exists"), told("allowed"))
}

/// Whether the nodes may pull from a registry of these properties and assignments.
fn allowed(properties: &Value, assignments: &[Value]) -> String {
    let scene =
        cluster().arm::<ContainerRegistry>(&registry_id(), &registry(properties, &json!(assignments)));
    let (end, exists, allowed) = pulled(scene, IMAGE);
    assert_eq!((end, exists.as_str()), (registry_id(), "true"));
    allowed
}

#[test]
fn a_role_of_the_nodes_identity_lets_them_pull() {
    let none = json!({});
    assert_eq!(allowed(&none, &[given(NODES, "acrpull")]), "true");
    assert_eq!(allowed(&none, &[]), "false");
    assert_eq!(allowed(&none, &[given(NODES, "but-pull")]), "false");
    assert_eq!(allowed(&none, &[given(NODES, "but-pull"), given(NODES, "acrpull")]), "true", "roles add up");
    assert_eq!(allowed(&none, &[given(NODES, "per-repository")]), "false", "nobody asks it here");
    let of_another = with(&given(OTHER, "acrpull"), &json!({ "principal_type": "ServicePrincipal" }));
    assert_eq!(allowed(&none, &[of_another]), "false");
    assert_eq!(allowed(&json!({ "anonymous_pull": true }), &[]), "true", "everybody may");
}

#[test]
fn a_role_counts_where_it_is_given_for_the_whole_registry() {
    let at = |scope: &str| allowed(&json!({}), &[with(&given(NODES, "acrpull"), &json!({ "scope": scope }))]);
    let group = format!("/subscriptions/{SHARED}/resourcegroups/shared");
    let above = "/providers/microsoft.management/managementgroups/all";
    for scope in ["/", above, &format!("/subscriptions/{SHARED}"), &group, &registry_id()] {
        assert_eq!(at(scope), "true", "{scope}");
    }
    let part = format!("{}/repositories/api", registry_id());
    for scope in [&part, &registry_id()[..registry_id().len() - 1], &format!("{group}-2")] {
        assert_eq!(at(scope), "false", "{scope}");
    }
}

#[test]
fn what_a_group_or_a_condition_gives_is_open_unless_a_role_gives_it_plainly() {
    let none = json!({});
    let group = allowed(&none, &[given(OTHER, "acrpull")]);
    assert!(group.contains("whether the nodes' identity is a member"), "{group}");
    assert_eq!(allowed(&none, &[given(OTHER, "but-pull")]), "false", "it gives its members nothing");
    let untold = with(&given(OTHER, "acrpull"), &json!({ "principal_type": null }));
    assert!(allowed(&none, &[untold]).starts_with('?'), "it may be a group");
    let condition = with(&given(NODES, "acrpull"), &json!({ "condition": "@Resource[…]" }));
    let under = allowed(&none, std::slice::from_ref(&condition));
    assert!(under.contains("under a condition"), "{under}");
    assert_eq!(allowed(&none, &[condition, given(OTHER, "acrpull"), given(NODES, "acrpull")]), "true");
}

#[test]
fn roles_per_repository_are_not_judged_but_their_absence_is() {
    let mode = json!({ "role_mode": "AbacRepositoryPermissions" });
    for role in ["acrpull", "per-repository"] {
        let found = allowed(&mode, &[given(NODES, role)]);
        assert!(found.contains("per repository"), "{found}");
    }
    assert_eq!(allowed(&mode, &[given(NODES, "but-pull")]), "false");
}

#[test]
fn what_is_unread_is_open() {
    let unread = json!({ "$gap": unasked(&ROLE_ASSIGNMENTS, &registry_id()) });
    let of = |facts: &Value| pulled(cluster().arm::<ContainerRegistry>(&registry_id(), facts), IMAGE);
    let (end, exists, allowed) = of(&registry(&json!({}), &unread));
    assert_eq!((end, exists.as_str()), (registry_id(), "true"));
    assert_eq!(allowed, format!("? {}", ROLE_ASSIGNMENTS.primary()));
    let (.., allowed) = of(&registry(&json!({}), &json!([given(NODES, "unread")])));
    assert_eq!(allowed, format!("? {}", ROLE_DEFINITION.primary()));
    let gap = unasked(&REGISTRY, &registry_id());
    let nameless = json!({ "properties": { "$gap": gap }, "assignments": [] });
    let scene = cluster().inventoried(&[Kind::ContainerRegistry]);
    let (end, ..) = pulled(scene.arm::<ContainerRegistry>(&registry_id(), &nameless), IMAGE);
    assert_eq!(end, format!("? {gap}"), "it may be this one");
    let unproven = Scene::new()
        .api_server("api.example.com")
        .arm::<ContainerRegistry>(&registry_id(), &registry(&json!({}), &json!([])));
    assert_eq!(pulled(unproven, IMAGE).2, "? eks:ListClusters", "whose nodes they are");
}

#[test]
fn a_registry_that_is_not_scanned_may_be_there() {
    let other = || {
        let id = arm(SUBSCRIPTION, "core", "microsoft.containerregistry/registries/other");
        let facts = registry(&json!({ "login_server": "other.azurecr.io" }), &json!([]));
        cluster().arm::<ContainerRegistry>(&id, &facts)
    };
    let unlisted = unlisted(Kind::ContainerRegistry, SUBSCRIPTION);
    assert_eq!(pulled(other(), IMAGE).0, format!("? {unlisted}"));
    let (end, exists, allowed) = pulled(other().inventoried(&[Kind::ContainerRegistry]), IMAGE);
    for told in [end, exists, allowed] {
        assert!(
            told.contains("no registry that is scanned in this env is served at menu.azurecr.io"),
            "{told}"
        );
    }
    let (end, exists, _) = pulled(other(), "docker.io/library/nginx:1");
    assert_eq!((end.as_str(), exists.as_str()), ("! docker.io/library/nginx:1", "false"));
}

#[test]
fn nodes_of_aks_have_no_role_at_ecr_and_an_env_without_azure_no_registries() {
    let ecr = "999999999999.dkr.ecr.us-west-1.amazonaws.com/app/backend:1.2";
    let (end, _, allowed) = pulled(cluster(), ecr);
    assert!(end.starts_with("? "), "{end}");
    assert!(allowed.contains("no role that ECR knows"), "{allowed}");
    let container = json!({ "name": "c", "image": IMAGE, "init": false, "ports": [] });
    let facts = with(&deployment(), &json!({ "namespace": SHOP, "containers": [container] }));
    let api = in_shop("deployment", "api");
    let lab = Lab::new().in_kubernetes(Kind::K8sDeployment, &api, facts);
    assert_eq!(lab.edges(&PullsFrom, Kind::K8sDeployment, &api).ends(), [format!("! {IMAGE}")]);
}
