use super::super::authorization::Authorization;
use super::super::canned::{Canned, Found, SUBSCRIPTION, arm_id, list};
use super::super::resources::Resources;
use super::*;
use crate::model::azure::authorization::{
    GET_ROLE_DEFINITION, LIST_PERMISSIONS, LIST_ROLE_ASSIGNMENTS, ROLE_ASSIGNMENTS, ROLE_DEFINITION,
};
use crate::model::azure::containers::{LIST_REGISTRIES, REGISTRIES};
use crate::model::azure::resources::RESOURCE_GROUPS;
use crate::model::snapshot::Outcome;

const DENIED: (u16, &str) = (403, r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#);

fn group(name: &str) -> String {
    format!(r#"{{"id":"/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}","name":"{name}"}}"#)
}

fn id(name: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourcegroups/{name}")
}

/// A page of groups, and where the next is.
fn page(items: &str, next: &str) -> String {
    let next = format!("https://management.example.com{}?api-version=2021-04-01&%24skiptoken={next}", id(""));
    let next = next.replace("resourcegroups/?", "resourcegroups?");
    format!(r#"{{"value":[{items}],"nextLink":"{next}"}}"#)
}

async fn groups(service: &Canned) -> Found {
    service.fetch(&Resources, &RESOURCE_GROUPS, None, "").await
}

fn told(found: &Found) -> (Outcome, u64, u64, &str) {
    let entry = found.entry(&LIST_RESOURCE_GROUPS, "");
    (entry.outcome, entry.pages, entry.items, &entry.detail)
}

#[tokio::test]
async fn every_page_is_followed() {
    let service = Canned::new(&[(200, &page(&group("A"), "2")), (200, &list(&group("b")))]);
    let found = groups(&service).await;
    assert_eq!(found.ids(), [id("a"), id("b")]);
    assert_eq!(found.resource(&id("a")).name, "A");
    assert_eq!(told(&found), (Outcome::Complete, 2, 2, ""));
    let asked = service.asked();
    assert!(asked[1].ends_with("skiptoken=2"), "{asked:?}");
    assert!(asked[2].contains("/Microsoft.Authorization/permissions?api-version="), "{asked:?}");
    let rights = found.entry(&LIST_PERMISSIONS, "");
    assert_eq!((rights.outcome, rights.pages, rights.items), (Outcome::Complete, 1, 1));
}

#[tokio::test]
async fn what_came_before_a_failure_stays_and_the_list_is_incomplete() {
    let found = groups(&Canned::new(&[(200, &page(&group("a"), "2")), DENIED])).await;
    assert_eq!(found.ids(), [id("a")]);
    assert_eq!(told(&found), (Outcome::Denied, 1, 1, "AuthorizationFailed: no"));
}

#[tokio::test]
async fn a_list_that_is_absent_or_no_list_is_not_empty() {
    let without = groups(&Canned::new(&[(200, "{}")])).await;
    assert_eq!(told(&without), (Outcome::Failed, 0, 0, "answered without `value`"));
    let garbled = groups(&Canned::new(&[(200, r#"{"value":{}}"#)])).await;
    assert_eq!(told(&garbled), (Outcome::Failed, 0, 0, "answered with a `value` that can't be one"));
    let empty = groups(&Canned::new(&[(200, r#"{"value":[],"nextLink":null}"#)])).await;
    assert_eq!(told(&empty), (Outcome::Complete, 1, 0, ""));
}

#[tokio::test]
async fn a_link_that_comes_back_ends_the_list_as_failed() {
    let (a, b) = (page(&group("a"), "2"), page(&group("b"), "2"));
    let service = Canned::new(&[(200, &a), (200, &b), (200, &b), (200, &b)]);
    let found = groups(&service).await;
    assert_eq!(service.asked().len(), 2, "{:?}", service.asked());
    assert_eq!(told(&found), (Outcome::Failed, 2, 2, "gave the same link to the next page twice"));
}

#[tokio::test]
async fn an_item_that_cannot_be_read_makes_the_list_incomplete() {
    let other = r#"{"id":"/subscriptions/99999999-9999-9999-9999-999999999999/resourceGroups/x"}"#;
    for (unreadable, said) in [
        ("{}", "answered without `id`"),
        ("7", "answered with a `value` that can't be one"),
        (
            other,
            "answered with /subscriptions/99999999-9999-9999-9999-999999999999/resourcegroups/x, which was not asked about",
        ),
    ] {
        let found = groups(&Canned::new(&[(200, &list(&[&group("a"), unreadable].join(",")))])).await;
        assert_eq!(found.ids(), [id("a")]);
        assert_eq!(told(&found), (Outcome::Failed, 1, 1, said));
    }
}

#[tokio::test]
async fn a_list_is_complete_only_where_the_right_to_read_all_of_it_is_proven() {
    let one = list(&group("a"));
    for rights in [
        r#"{"value":[{"actions":["Microsoft.Resources/subscriptions/RESOURCEGROUPS/*"]}]}"#,
        r#"{"value":[{"actions":["x/read"]},{"actions":["*"],"notActions":["*/write"]}]}"#,
    ] {
        let found = groups(&Canned::new(&[(200, &one)]).rights(200, rights)).await;
        assert_eq!(told(&found), (Outcome::Complete, 1, 1, ""), "{rights}");
    }
    for rights in [
        r#"{"value":[]}"#,
        r#"{"value":[{"actions":["Microsoft.Network/*"]}]}"#,
        r#"{"value":[{"actions":["*"],"notActions":["Microsoft.Resources/*/read"]}]}"#,
    ] {
        let found = groups(&Canned::new(&[(200, &one)]).rights(200, rights)).await;
        assert_eq!(found.ids(), [id("a")], "what is seen is there");
        assert_eq!(found.entry(&LIST_RESOURCE_GROUPS, "").outcome, Outcome::Denied, "{rights}");
        assert_eq!(found.entry(&LIST_PERMISSIONS, "").outcome, Outcome::Complete);
    }
    for (status, rights, why) in [(403, DENIED.1, Outcome::Denied), (200, "{}", Outcome::Failed)] {
        let found = groups(&Canned::new(&[(200, &one)]).rights(status, rights)).await;
        assert_eq!(found.entry(&LIST_RESOURCE_GROUPS, "").outcome, why);
        assert_eq!(found.entry(&LIST_PERMISSIONS, "").outcome, why);
    }
}

#[tokio::test]
async fn an_inventory_is_complete_where_the_right_to_list_and_to_read_are_proven() {
    let (list_all, read) =
        ("Microsoft.Resources/subscriptions/resources/read", "Microsoft.ContainerRegistry/registries/read");
    for (actions, outcome, lacking) in [
        (format!(r#""{list_all}","{read}""#), Outcome::Complete, ""),
        (format!(r#""{read}""#), Outcome::Denied, list_all),
        (format!(r#""{list_all}""#), Outcome::Denied, read),
    ] {
        let rights = format!(r#"{{"value":[{{"actions":[{actions}]}}]}}"#);
        let service = Canned::new(&[(200, &list(""))]).rights(200, &rights);
        let found = service.fetch(&super::super::containers::Containers, &REGISTRIES, None, "").await;
        let entry = found.entry(&LIST_REGISTRIES, "");
        assert_eq!((entry.outcome, entry.detail.contains(lacking)), (outcome, true), "{}", entry.detail);
    }
}

#[tokio::test]
async fn rights_are_asked_for_once_and_noted_by_whoever_leans_on_them() {
    let service = Canned::new(&[(200, &list("")), (200, &list(""))]);
    let api = service.api();
    let pages = async || {
        let found = service.fetch_by(&api, &Resources, &RESOURCE_GROUPS, None, "").await;
        found.entry(&LIST_PERMISSIONS, "").pages
    };
    assert_eq!((pages().await, pages().await), (1, 0));
    assert_eq!(service.asked().len(), 3);
}

#[tokio::test]
async fn a_provider_that_is_not_used_has_nothing_of_its_types() {
    let unused = (409, r#"{"error":{"code":"MissingSubscriptionRegistration","message":"no"}}"#);
    assert_eq!(told(&groups(&Canned::new(&[unused])).await), (Outcome::Complete, 1, 0, ""));
}

#[tokio::test]
async fn what_an_endpoint_lists_besides_the_type_is_left_out() {
    let item = |of: &str| format!(r#"{{"id":"{}"}}"#, arm_id(of));
    let all =
        ["Microsoft.ContainerRegistry/Registries/acr", "Microsoft.Network/dnsZones/x"].map(item).join(",");
    let service = Canned::new(&[(200, &list(&all))]);
    let api = service.api();
    let item = Item { key: "", subject: None };
    let listed = api.list(&LIST_REGISTRIES, item).await.all(&mut Facts::default(), Ok::<Value, Unreadable>);
    assert_eq!(listed.expect("a list").len(), 1);
    let filter = "%24filter=resourceType+eq+%27Microsoft.ContainerRegistry%2Fregistries%27";
    assert!(service.asked()[0].contains(filter), "{:?}", service.asked());
}

#[tokio::test]
async fn a_call_about_an_id_looks_there_and_nowhere_else() {
    let api = Canned::new(&[]).api();
    let registry = lower(arm_id("Microsoft.ContainerRegistry/registries/acr"));
    let path = api.path(&LIST_ROLE_ASSIGNMENTS, &registry).expect("a path");
    let core = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/core/providers/");
    let of = "Microsoft.ContainerRegistry/registries/acr/providers/Microsoft.Authorization/roleAssignments";
    assert_eq!(path, [&*core, of].concat());
    let zone = lower(arm_id("Microsoft.Network/dnsZones/example.com"));
    let elsewhere = registry.replace(SUBSCRIPTION, "99999999-9999-9999-9999-999999999999");
    for key in ["", &zone, &elsewhere, &registry.replace("/acr", ""), &[&*registry, "/x"].concat()] {
        assert_eq!(api.path(&LIST_ROLE_ASSIGNMENTS, key), None, "{key}");
    }
    let found = Canned::new(&[]).fetch(&Authorization, &ROLE_ASSIGNMENTS, None, &zone).await;
    assert_eq!(found.entry(&LIST_ROLE_ASSIGNMENTS, &zone).detail, "it can't be asked about that");
}

#[tokio::test]
async fn what_is_asked_for_by_its_id_is_there_or_absent_or_not_known() {
    let role = format!("/subscriptions/{SUBSCRIPTION}/providers/microsoft.authorization/roledefinitions/r");
    let body = |id: &str| format!(r#"{{"id":"{id}","properties":{{"permissions":[]}}}}"#);
    let gone = r#"{"error":{"code":"ResourceNotFound","message":"no"}}"#;
    for (status, body, outcome, items) in [
        (200, body(&role), Outcome::Complete, 1),
        (200, body("/providers/Microsoft.Authorization/roleDefinitions/R"), Outcome::Complete, 1),
        (200, body(&role.replace("/r", "/s")), Outcome::Failed, 0),
        (200, body(&[&*role, "/x"].concat()), Outcome::Failed, 0),
        (200, r#"{"value":[]}"#.to_owned(), Outcome::Failed, 0),
        (404, gone.to_owned(), Outcome::Complete, 0),
        (404, "<html>".to_owned(), Outcome::Failed, 0),
    ] {
        let found =
            Canned::new(&[(status, &body)]).fetch(&Authorization, &ROLE_DEFINITION, None, &role).await;
        let entry = found.entry(&GET_ROLE_DEFINITION, &role);
        assert_eq!((entry.outcome, entry.items), (outcome, items), "{body}");
        assert_eq!(found.ids().len() as u64, items);
    }
}
