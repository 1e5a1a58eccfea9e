use serde_json::{Value, json};

use crate::model::azure::containers::AksCluster;
use crate::model::azure::cosmos::{CosmosAccount, GRANTS};
use crate::model::azure::identity::{FEDERATED_CREDENTIALS, ManagedIdentity};
use crate::model::kind::Kind;
use crate::model::kubernetes::workload::{Deployment, SERVICE_ACCOUNTS, ServiceAccount};
use crate::rules::may_use::MayUse;
use crate::rules::testing::azure::{SHARED, SUBSCRIPTION, aks, arm, unasked};
use crate::rules::testing::kubernetes::{self, NAMESPACE, deployment, object, with};
use crate::rules::testing::{Scene, edges};
use crate::rules::{Edges, World};

const SERVER: &str = "menu-0a1b.hcp.westeurope.azmk8s.io";
const ISSUER: &str = "westeurope.oic.prod-aks.azure.com/tenant/issuer";
const SUBJECT: &str = "system:serviceaccount:dev-api:api";
const CLIENT: &str = "0000aaaa-0000-4000-8000-00000000000c";
const PRINCIPAL: &str = "0000aaaa-0000-4000-8000-00000000000d";
const OTHER: &str = "0000aaaa-0000-4000-8000-00000000000e";
const ALL: &str = "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/*";
const METADATA: &str = "Microsoft.DocumentDB/databaseAccounts/readMetadata";

fn account() -> String {
    arm(SUBSCRIPTION, "api", "microsoft.documentdb/databaseaccounts/menu")
}

fn identity_id() -> String {
    arm(SHARED, "api", "microsoft.managedidentity/userassignedidentities/api")
}

/// The cluster that is the API server's.
fn cluster(properties: &Value) -> Scene {
    let menu = arm(SUBSCRIPTION, "core", "microsoft.containerservice/managedclusters/menu");
    let told = json!({ "fqdn": SERVER, "workload_identity": true, "oidc_issuer": ISSUER });
    Scene::new()
        .api_server(SERVER)
        .arm::<AksCluster>(&menu, &aks(&with(&told, properties)))
        .inventoried(&[Kind::CosmosAccount, Kind::ManagedIdentity])
}

fn identity(scene: Scene, trusts: &Value) -> Scene {
    let facts = json!({ "principal": PRINCIPAL, "client": CLIENT, "trusts": trusts });
    scene.arm::<ManagedIdentity>(&identity_id(), &facts)
}

fn trust(subject: &str, audience: &str) -> Value {
    json!([{ "issuer": ISSUER, "subject": subject, "audiences": [audience] }])
}

fn trusting() -> Value {
    trust(SUBJECT, "api://AzureADTokenExchange")
}

/// Who has which role over the account.
fn granted(scene: Scene, grants: &Value) -> Scene {
    let facts = json!({ "properties": { "$gap": unasked(&GRANTS, &account()) }, "grants": grants });
    scene.arm::<CosmosAccount>(&account(), &facts)
}

fn grant(principal: &str, below: &str, actions: &[&str]) -> Value {
    json!({ "principal": principal, "scope": format!("{}{below}", account()), "data_actions": actions })
}

fn contributor() -> Value {
    json!([grant(PRINCIPAL, "", &[METADATA, ALL])])
}

fn service_account(scene: Scene, client: Option<&str>) -> Scene {
    scene.object::<ServiceAccount>("api", &json!({ "azure_client": client }))
}

/// All in order but for what the account says.
fn identified(grants: &Value) -> Scene {
    granted(service_account(identity(cluster(&json!({})), &trusting()), Some(CLIENT)), grants)
}

/// What the pods may use, by pods with or without the label: `read` and `write` of the one edge there is, or what keeps
/// it from being known whether there is one.
fn used_by(scene: Scene, labels: &Value) -> Vec<String> {
    let facts = with(&deployment(), &json!({ "service_account": "api", "pod_labels": labels }));
    let snapshot = scene.object::<Deployment>("api", &facts).snapshot();
    let edges = edges(&MayUse, &World::new(&snapshot), Kind::K8sDeployment, &object("deployment", "api"));
    told(&edges)
}

fn told(edges: &Edges<'_>) -> Vec<String> {
    let mut told = Vec::new();
    for edge in &edges.found {
        assert_eq!(edge.to.label(), account());
        assert_eq!(edge.attribute("by"), &Ok(json!("workload_identity")));
        assert_eq!(edge.attribute("role"), &Ok(json!(identity_id())));
        told.extend(["read", "write"].map(|name| match edge.attribute(name) {
            Ok(value) => value.to_string(),
            Err(gap) => format!("? {}", gap.call),
        }));
    }
    let open = edges.open_to(&[Kind::CosmosAccount]);
    told.extend(
        open.map(|gap| format!("open: {}", if gap.detail.is_empty() { &gap.call } else { &gap.detail })),
    );
    told
}

fn used(scene: Scene) -> Vec<String> {
    used_by(scene, &json!({ "azure.workload.identity/use": "true" }))
}

#[test]
fn a_role_over_the_account_lets_the_identity_use_it() {
    assert_eq!(used(identified(&contributor())), ["true", "true"]);
    let reads = ["Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/read", METADATA];
    let reader = json!([grant(PRINCIPAL, "", &reads)]);
    assert_eq!(used(identified(&reader)), ["true", "false"]);
    let blind = json!([grant(PRINCIPAL, "", &[ALL])]);
    assert_eq!(used(identified(&blind)), [""; 0], "it can't even ask what there is");
    let two = json!([grant(PRINCIPAL, "", &[ALL]), grant(PRINCIPAL, "/", &[METADATA])]);
    assert_eq!(used(identified(&two)), ["true", "true"], "roles add up");
    assert_eq!(used(identified(&json!([]))), [""; 0]);
}

#[test]
fn a_part_of_the_account_and_somebody_elses_role_are_open() {
    let part = used(identified(&json!([grant(PRINCIPAL, "/dbs/menu", &[METADATA, ALL])])));
    assert!(part[0].contains("/dbs/menu alone"), "{part:?}");
    let others = || identified(&json!([grant(OTHER, "", &[METADATA, ALL])]));
    let group = used(others());
    assert!(group[0].contains("whether that is a group"), "{group:?}");
    let known = json!({ "principal": OTHER, "client": "x", "trusts": [] });
    let of_another = arm(SHARED, "api", "microsoft.managedidentity/userassignedidentities/other");
    assert_eq!(
        used(others().arm::<ManagedIdentity>(&of_another, &known)),
        [""; 0],
        "no group is an identity"
    );
}

#[test]
fn an_identity_that_pods_cannot_come_by_is_of_no_use() {
    let all = contributor();
    assert_eq!(used_by(identified(&all), &json!({})), ["false", "false"], "no label, no token");
    let with_trust = |trusts: &Value| {
        used(granted(service_account(identity(cluster(&json!({})), trusts), Some(CLIENT)), &all))
    };
    let subject = trust("system:serviceaccount:dev-api:other", "api://AzureADTokenExchange");
    assert_eq!(with_trust(&subject), ["false", "false"]);
    assert_eq!(with_trust(&trust(SUBJECT, "elsewhere")), ["false", "false"]);
    assert_eq!(with_trust(&trust(SUBJECT, "api://AzureADTokenExchangeChina")), ["true", "true"]);
    let unread = json!({ "$gap": unasked(&FEDERATED_CREDENTIALS, &identity_id()) });
    assert_eq!(with_trust(&unread), ["? azure:ListFederatedCredentials"; 2]);
    let of_cluster = |properties: &Value| {
        used(granted(service_account(identity(cluster(properties), &trusting()), Some(CLIENT)), &all))
    };
    let no_feature = of_cluster(&json!({ "workload_identity": false }));
    assert_eq!(no_feature, ["? azure:ListManagedClusters"; 2], "a chart may hand out tokens");
    let no_issuer = json!({ "oidc_issuer": null, "oidc_issuer_enabled": false });
    assert_eq!(of_cluster(&no_issuer), ["false", "false"]);
    assert_eq!(of_cluster(&json!({ "oidc_issuer": "elsewhere.example.com" })), ["false", "false"]);
}

#[test]
fn no_identity_is_no_edge_only_where_that_is_read() {
    let bare = || granted(cluster(&json!({})), &contributor());
    let named = |client: Option<&str>, labels: &Value| used_by(service_account(bare(), client), labels);
    assert_eq!(named(None, &json!({})), [""; 0]);
    let handed = named(None, &json!({ "azure.workload.identity/use": "true" }));
    assert!(handed[0].contains("their code may name one"), "{handed:?}");
    let application = named(Some(CLIENT), &json!({}));
    assert!(application[0].contains("may be an application"), "{application:?}");
    assert_eq!(used(bare()), [format!("open: {}", SERVICE_ACCOUNTS.primary())]);
    let none = bare().answered(
        &SERVICE_ACCOUNTS,
        &kubernetes::cluster(),
        NAMESPACE,
        crate::model::snapshot::Outcome::Complete,
    );
    assert_eq!(used(none), [""; 0]);
}

#[test]
fn unread_grants_and_accounts_are_doubts() {
    let unread = identified(&json!({ "$gap": unasked(&GRANTS, &account()) }));
    assert_eq!(used(unread), [format!("open: {}", GRANTS.primary())]);
}
