use std::collections::BTreeMap;

use chrono::DateTime;

use super::*;
use crate::model::azure::cosmos::{ACCOUNT, ACCOUNTS, CosmosAccount, CosmosDatabase, DATABASES};
use crate::model::kind::{Facet, Head};
use crate::model::seen::Seen;

const SUBSCRIPTION: &str = "11111111-1111-1111-1111-111111111111";
const OTHER: &str = "99999999-9999-9999-9999-999999999999";

fn account(name: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourcegroups/api/providers/microsoft.documentdb/databaseaccounts/{name}"
    )
}

fn database(of: &str) -> String {
    format!("{}/sqldatabases/{of}", account(of))
}

/// Two Cosmos accounts in two locations, each with a database; asked over the whole subscription.
fn subscription() -> Snapshot {
    let mut snapshot = Snapshot::empty();
    let asked = Scope::azure(SUBSCRIPTION);
    for (name, location) in [("menu", "westeurope"), ("other", "northeurope")] {
        let scope = asked.in_region(location);
        let mut put = |id: String, facts: crate::model::kind::Facts| {
            let head = Head {
                name: name.to_owned(),
                scope: scope.clone(),
                tags: Seen::Known(BTreeMap::new()),
                read_at: DateTime::UNIX_EPOCH,
                id,
            };
            insert(&mut snapshot, Resource { head, facts });
        };
        let id = account(name);
        let properties = Seen::Known(crate::model::azure::cosmos::CosmosProperties::default());
        let grants = Seen::unread("azure:ListSqlRoleAssignments", &scope, &id);
        put(id.clone(), CosmosAccount { group: "api".into(), properties, grants }.wrap());
        put(database(name), CosmosDatabase { database_account: id.clone() }.wrap());
        for (source, key) in [(&ACCOUNTS, ""), (&ACCOUNT, &*id), (&DATABASES, &*id)] {
            for call in source.calls {
                let key = LedgerKey { scope: asked.clone(), call: call.id.to_owned(), key: key.to_owned() };
                let entry = Entry { outcome: Outcome::Complete, pages: 1, items: 1, detail: String::new() };
                snapshot.ledger.insert(key, entry);
            }
        }
    }
    snapshot
}

fn ids(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.resources.iter().map(|resource| resource.id.as_str()).collect()
}

#[test]
fn a_list_over_a_subscription_is_lost_in_all_its_locations() {
    for call in ["azure:ListDatabaseAccounts", "azure:ListPermissions"] {
        let mut snapshot = subscription();
        deny(&mut snapshot, call).expect("it was asked");
        assert_eq!(ids(&snapshot), [""; 0], "{call}: the accounts, and what is listed under them");
        let told = snapshot.complete(&ACCOUNTS, &Scope::azure(SUBSCRIPTION).in_region("westeurope"), "");
        assert_eq!(told.expect_err("denied").why, Why::Denied, "{call}");
    }
}

#[test]
fn a_detail_is_lost_though_its_resource_has_a_location_and_the_answer_has_none() {
    let mut snapshot = subscription();
    deny(&mut snapshot, "azure:GetDatabaseAccount").expect("it was asked");
    assert_eq!(ids(&snapshot).len(), 4);
    for resource in snapshot.of_kind(Kind::CosmosAccount) {
        let facts = resource.as_kind::<CosmosAccount>().expect("by kind");
        let gap = facts.properties.gap().expect("lost");
        assert_eq!((gap.why, &gap.scope, &gap.key), (Why::Denied, &Scope::azure(SUBSCRIPTION), &resource.id));
    }
}

#[test]
fn one_answer_is_lost_alone() {
    let mut snapshot = subscription();
    forget(&mut snapshot, Why::Failed, |key| {
        key.call == "azure:ListSqlDatabases" && key.key == account("menu")
    });
    assert_eq!(ids(&snapshot), [account("menu"), account("other"), database("other")]);
}

#[test]
fn the_pages_of_a_subscription_hold_all_its_locations() {
    let mut snapshot = subscription();
    let listing = LedgerKey {
        scope: Scope::azure(SUBSCRIPTION),
        call: "azure:ListDatabaseAccounts".into(),
        key: String::new(),
    };
    cut_off(&mut snapshot, &listing, 1);
    assert_eq!(ids(&snapshot), [account("menu"), database("menu")]);
    assert_eq!(snapshot.ledger[&listing].outcome, Outcome::Failed);
}

#[test]
fn what_is_added_lies_where_its_like_does_with_its_lists_answered() {
    let mut snapshot = subscription();
    add(&mut snapshot, &account("menu"), &account("third"), &[]).expect("it is there");
    let third = locate(&snapshot, &account("third")).expect("added");
    assert_eq!(third.scope, Scope::azure(SUBSCRIPTION).in_region("westeurope"));
    assert_eq!(snapshot.complete(&DATABASES, &third.scope, &third.id), Ok(()));
    remove(&mut snapshot, &account("third")).expect("it is there");
    assert_eq!(snapshot, subscription());
}

#[test]
fn a_list_that_was_not_asked_for_is_whole_and_one_that_was_stays() {
    let mut snapshot = subscription();
    snapshot.header.subscriptions =
        BTreeMap::from([(String::new(), SUBSCRIPTION.into()), ("dns".into(), OTHER.into())]);
    let listed = |snapshot: &Snapshot, subscription: &str| {
        snapshot.complete(&ACCOUNTS, &Scope::azure(subscription), "").map_err(|gap| gap.why)
    };
    deny(&mut snapshot, "azure:ListDatabaseAccounts").expect("it was asked");
    assert_eq!(listed(&snapshot, OTHER), Err(Why::Skipped));
    ask(&mut snapshot, "azure:ListDatabaseAccounts").expect("it lists accounts");
    assert_eq!(listed(&snapshot, OTHER), Ok(()));
    assert_eq!(listed(&snapshot, SUBSCRIPTION), Err(Why::Denied));
    let detail = ask(&mut snapshot, "azure:GetDatabaseAccount");
    assert!(matches!(detail, Err(MutationError::NoList(_))), "{detail:?}");
}
