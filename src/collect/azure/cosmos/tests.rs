use serde_json::{Value, json};

use super::super::canned::{Canned, Found, arm_id, list};
use super::*;
use crate::model::azure::cosmos::{Grant, LIST_SQL_ROLE_DEFINITIONS, PrivateConnection};
use crate::model::seen::{Gap, Why};
use crate::model::snapshot::Outcome;

fn account_id() -> String {
    arm_id("Microsoft.DocumentDB/databaseAccounts/Menu")
}

fn key() -> String {
    account_id().to_ascii_lowercase()
}

async fn listed() -> Resource {
    let body = json!({ "id": account_id(), "name": "menu", "location": "West Europe" }).to_string();
    let found = Canned::new(&[(200, &list(&body))]).fetch(&Cosmos, &ACCOUNTS, None, "").await;
    assert_eq!(found.entry(&LIST_DATABASE_ACCOUNTS, "").outcome, Outcome::Complete);
    found.resource(&account_id()).clone()
}

fn account_of(found: &Found) -> &CosmosAccount {
    found.resource(&account_id()).as_kind::<CosmosAccount>().expect("an account")
}

async fn properties_of(body: &Value) -> Result<CosmosProperties, Gap> {
    let canned = Canned::new(&[(200, &body.to_string())]);
    let found = canned.fetch(&Cosmos, &ACCOUNT, Some(&listed().await), &key()).await;
    account_of(&found).properties.get().cloned().map_err(Clone::clone)
}

#[tokio::test]
async fn an_account_tells_how_it_is_kept_and_who_is_let_in() {
    let subnet = arm_id("Microsoft.Network/virtualNetworks/Core/subnets/AKS");
    let body = json!({ "id": account_id(), "name": "menu", "kind": "GlobalDocumentDB", "properties": {
        "provisioningState": "Succeeded", "documentEndpoint": "https://Menu.documents.azure.com:443/",
        "publicNetworkAccess": "Enabled", "enableAutomaticFailover": true, "enableMultipleWriteLocations": false,
        "isVirtualNetworkFilterEnabled": true, "virtualNetworkRules": [{ "id": subnet }],
        "privateEndpointConnections": [{ "id": "/x", "properties": { "privateEndpoint": { "id": arm_id("Microsoft.Network/privateEndpoints/Menu") },
            "privateLinkServiceConnectionState": { "status": "Approved" }, "groupId": "Sql" } }],
        "ipRules": [{ "ipAddressOrRange": "198.51.100.0/24" }, { "ipAddressOrRange": "192.0.2.1" }],
        "databaseAccountOfferType": "Standard", "disableLocalAuth": true, "minimalTlsVersion": "Tls12",
        "consistencyPolicy": { "defaultConsistencyLevel": "BoundedStaleness", "maxIntervalInSeconds": 10, "maxStalenessPrefix": 200 },
        "failoverPolicies": [{ "locationName": "North Europe", "failoverPriority": 1 }, { "locationName": "West Europe", "failoverPriority": 0 }],
        "backupPolicy": { "type": "Continuous", "continuousModeProperties": { "tier": "Continuous7Days" } } } });
    let expected = CosmosProperties {
        state: Some("Succeeded".into()),
        api: Some("GlobalDocumentDB".into()),
        offer: Some("Standard".into()),
        consistency: Some("BoundedStaleness".into()),
        staleness_versions: Some(200),
        staleness_seconds: Some(10),
        automatic_failover: Some(true),
        multiple_write_locations: Some(false),
        locations: vec!["West Europe".into(), "North Europe".into()],
        public_network: Some("Enabled".into()),
        address_rules: vec!["192.0.2.1".into(), "198.51.100.0/24".into()],
        network_rules: vec![subnet.to_ascii_lowercase()],
        private_endpoints: Some(vec![PrivateConnection {
            endpoint: Some(arm_id("Microsoft.Network/privateEndpoints/Menu").to_ascii_lowercase()),
            status: Some("Approved".into()),
        }]),
        local_auth_disabled: Some(true),
        backup: Some("Continuous".into()),
        minimal_tls: Some("Tls12".into()),
        endpoint: Some("menu.documents.azure.com".into()),
    };
    assert_eq!(properties_of(&body).await, Ok(expected));
}

#[tokio::test]
async fn early_and_bare_accounts_are_read_too() {
    let bare = json!({ "id": account_id(), "properties": {} });
    let nothing = CosmosProperties { private_endpoints: Some(Vec::new()), ..CosmosProperties::default() };
    assert_eq!(properties_of(&bare).await, Ok(nothing));
    let silent = properties_of(&json!({ "id": account_id() })).await.expect_err("it tells nothing of itself");
    assert_eq!(silent.detail, "answered without `properties`");
    let early = json!({ "id": account_id(), "properties": { "ipRangeFilter": "192.0.2.1, 198.51.100.0/24",
        "isVirtualNetworkFilterEnabled": false, "virtualNetworkRules": [{ "id": "/x" }],
        "locations": [{ "locationName": "West Europe", "failoverPriority": 0 }] } });
    let early = properties_of(&early).await.expect("properties");
    assert_eq!(early.address_rules, ["192.0.2.1", "198.51.100.0/24"]);
    assert_eq!(early.network_rules, Vec::<String>::new(), "they are not heeded");
    assert_eq!(early.locations, ["West Europe"]);
    let odd =
        json!({ "id": account_id(), "properties": { "consistencyPolicy": { "maxStalenessPrefix": "200" } } });
    let gap = properties_of(&odd).await.expect_err("it can't be read");
    assert_eq!(
        gap.detail,
        "answered with a `properties.consistencyPolicy.maxStalenessPrefix` that can't be one"
    );
}

#[tokio::test]
async fn databases_and_containers_lie_where_their_account_does() {
    let database_id = format!("{}/sqlDatabases/Menu", account_id());
    let body = json!({ "id": database_id, "name": "Menu", "properties": { "resource": { "id": "Menu" } } })
        .to_string();
    let account = listed().await;
    let found = Canned::new(&[(200, &list(&body))]).fetch(&Cosmos, &DATABASES, Some(&account), &key()).await;
    let database = found.resource(&database_id).clone();
    assert_eq!(database.as_kind::<CosmosDatabase>(), Some(&CosmosDatabase { database_account: key() }));
    assert_eq!((&*database.name, &*database.scope.region), ("Menu", "westeurope"));

    let of = |name: &str, resource: Value| json!({ "id": format!("{database_id}/containers/{name}"), "name": name, "properties": { "resource": resource } });
    let items = [
        of("Menu", json!({ "partitionKey": { "paths": ["/id"], "kind": "Hash" } })),
        of("bare", json!({})),
        of("odd", json!({ "partitionKey": { "paths": "/id" } })),
    ];
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    let canned = Canned::new(&[(200, &list(&items.join(",")))]);
    let found = canned.fetch(&Cosmos, &CONTAINERS, Some(&database), &database.id).await;
    let container = |name: &str| found.resource(&format!("{database_id}/containers/{name}"));
    assert_eq!((container("menu").name.as_str(), &*container("menu").scope.region), ("Menu", "westeurope"));
    let expected = CosmosContainer { database: database.id.clone(), partition_key: vec!["/id".into()] };
    assert_eq!(container("menu").as_kind::<CosmosContainer>(), Some(&expected));
    assert!(container("bare").as_kind::<CosmosContainer>().is_some_and(|it| it.partition_key.is_empty()));
    let entry = found.entry(&LIST_SQL_CONTAINERS, &database.id);
    assert_eq!((entry.outcome, entry.items), (Outcome::Failed, 2));
    assert_eq!(entry.detail, "answered with a `properties.resource.partitionKey.paths` that can't be one");
}

const WRITER: &str = "00000000-0000-0000-0000-000000000002";

fn assignment(principal: &str, role: &str, scope: &str) -> Value {
    json!({ "id": format!("{}/sqlRoleAssignments/a", account_id()), "properties": { "principalId": principal,
        "roleDefinitionId": format!("{}/sqlRoleDefinitions/{role}", account_id()), "scope": scope } })
}

fn definition(role: &str, permissions: &Value) -> Value {
    json!({ "id": format!("{}/sqlRoleDefinitions/{role}", account_id()),
        "properties": { "roleName": "r", "type": "CustomRole", "permissions": permissions } })
}

async fn grants_of(assignments: &[Value], definitions: &[Value]) -> (Result<Vec<Grant>, Gap>, Found) {
    let page = |items: &[Value]| list(&items.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    let canned = Canned::new(&[(200, &page(assignments)), (200, &page(definitions))]);
    let found = canned.fetch(&Cosmos, &GRANTS, Some(&listed().await), &key()).await;
    (account_of(&found).grants.get().cloned().map_err(Clone::clone), found)
}

#[tokio::test]
async fn grants_join_assignments_with_what_their_roles_allow() {
    let within = format!("{}/dbs/colls/colls/Menu", account_id());
    let assignments = [
        assignment("B-2", WRITER, &account_id()),
        assignment("a-1", WRITER, &within),
        assignment("a-1", "READER", "/dbs/Menu"),
        assignment("c-3", "reader", "/"),
    ];
    let read = "Microsoft.DocumentDB/databaseAccounts/readMetadata";
    let all = "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/*";
    let definitions = [
        definition(WRITER, &json!([{ "dataActions": [read, all], "notDataActions": [] }])),
        definition("Reader", &json!([{ "dataActions": [read] }, { "dataActions": [read] }])),
        definition("unused", &json!([{ "dataActions": ["*"], "notDataActions": [all] }])),
    ];
    let (grants, found) = grants_of(&assignments, &definitions).await;
    let grant = |principal: &str, within: &str, actions: &[&str]| Grant {
        principal: principal.into(),
        scope: format!("{}{within}", key()),
        data_actions: actions.iter().map(ToString::to_string).collect(),
    };
    let expected = [
        grant("a-1", "/sqldatabases/colls/containers/menu", &[read, all]),
        grant("a-1", "/sqldatabases/menu", &[read]),
        grant("b-2", "", &[read, all]),
        grant("c-3", "", &[read]),
    ];
    assert_eq!(grants.expect("known"), expected);
    assert_eq!(found.entry(&LIST_SQL_ROLE_ASSIGNMENTS, &key()).items, 4);
    assert_eq!(found.entry(&LIST_SQL_ROLE_DEFINITIONS, &key()).items, 3);
}

#[tokio::test]
async fn a_role_that_is_not_told_in_full_is_a_gap() {
    let given = [assignment("a-1", WRITER, &account_id())];
    let taken = json!([{ "dataActions": ["*"], "notDataActions": ["x"] }]);
    for (definitions, why) in [
        (vec![definition("other", &json!([]))], "it is not listed"),
        (vec![definition(WRITER, &taken)], "it takes back some of what it allows"),
    ] {
        let (grants, _) = grants_of(&given, &definitions).await;
        let gap = grants.expect_err("it can't be told");
        assert_eq!((gap.why, gap.call.as_str()), (Why::Failed, LIST_SQL_ROLE_DEFINITIONS.id));
        assert_eq!(gap.detail, format!("the role {WRITER} is given, and {why}"));
    }
    let (grants, _) = grants_of(&[assignment("a-1", WRITER, "")], &[]).await;
    assert_eq!(grants.expect_err("it can't be told").detail, "answered without `properties.scope`");
    let (grants, _) = grants_of(&[], &[]).await;
    assert_eq!(grants, Ok(Vec::new()));
}

#[tokio::test]
async fn denied_roles_leave_a_gap_that_names_the_call() {
    let denied = r#"{"error":{"code":"AuthorizationFailed","message":"said"}}"#;
    let canned = Canned::new(&[(200, &list("")), (403, denied)]);
    let found = canned.fetch(&Cosmos, &GRANTS, Some(&listed().await), &key()).await;
    let gap = account_of(&found).grants.gap().expect("a gap");
    assert_eq!((gap.why, gap.call.as_str()), (Why::Denied, LIST_SQL_ROLE_DEFINITIONS.id));
    assert_eq!(found.entry(&LIST_SQL_ROLE_ASSIGNMENTS, &key()).outcome, Outcome::Complete);
}
