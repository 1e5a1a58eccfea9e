//! `[env.NAME.azure]`: the subscriptions of an env, in which cloud they are, and how to log in.

use std::collections::BTreeMap;

use super::read::{finish, scrub};
use crate::collect::target::{AzureCloud, AzureCredential, AzureEnvironment, AzureTarget};
use crate::design::nearest::nearest;
use crate::design::table::{Item, Table, Text};
use crate::model::azure::is_guid;

/// An empty table is whatever Azure's own tools are logged in to.
pub(super) fn azure(table: Table<'_>) -> AzureTarget {
    let (subscription, subscriptions) = table.get("subscription").map(subscriptions).unwrap_or_default();
    let target = AzureTarget {
        subscription,
        subscriptions,
        tenant: table.get("tenant").and_then(|item| guid(&item, "a tenant id")),
        cloud: table.get("cloud").map(|item| cloud(&item)).unwrap_or_default(),
        credential: table.text("credential").and_then(|text| credential(&text)),
        client_id: table.get("client_id").and_then(|item| guid(&item, "a client id")),
        scrub: scrub(&table),
        environment: AzureEnvironment::default(),
    };
    finish(table);
    target
}

/// `subscription = "ID"`, or a table: `id`, and a further subscription per role name.
fn subscriptions(item: Item<'_>) -> (Option<String>, BTreeMap<String, String>) {
    const WHAT: &str = "a subscription id";
    if !item.value.get_ref().is_table() {
        return (guid(&item, WHAT), BTreeMap::new());
    }
    let Some(table) = item.table() else { return Default::default() };
    let id = table.get("id").and_then(|item| guid(&item, WHAT));
    let roles = table.all().into_iter().filter(|(role, _)| role.text != "id");
    (id, roles.filter_map(|(role, item)| Some((role.text.to_owned(), guid(&item, WHAT)?))).collect())
}

fn cloud(item: &Item<'_>) -> AzureCloud {
    if item.value.get_ref().is_table() {
        let Some(table) = item.table() else { return AzureCloud::default() };
        let address = |key| table.required(key).map(|text| address(&text)).unwrap_or_default();
        let custom = AzureCloud::Custom { arm: address("arm"), authority: address("authority") };
        finish(table);
        return custom;
    }
    let Some(text) = item.text() else { return AzureCloud::default() };
    match text.text {
        "public" => AzureCloud::Public,
        "usgov" => AzureCloud::UsGov,
        "china" => AzureCloud::China,
        other => {
            let help = "one of public, usgov, china, or a table with `arm` and `authority`".to_owned();
            text.fault(format!("there is no cloud `{other}`"), Some(help));
            AzureCloud::default()
        }
    }
}

/// Without the slash that many write behind it.
fn address(text: &Text<'_>) -> String {
    let address = text.text.trim_end_matches('/');
    let host = address.strip_prefix("https://").unwrap_or_default();
    if host.is_empty() || host.contains(['/', '?', '#', '@']) {
        text.fault("this is no address of a host", Some("as in https://management.example.com".to_owned()));
    }
    address.to_owned()
}

fn credential(text: &Text<'_>) -> Option<AzureCredential> {
    let found = AzureCredential::ALL.into_iter().find(|one| one.name() == text.text);
    if found.is_none() {
        let names = AzureCredential::ALL.map(AzureCredential::name);
        let near = nearest(text.text, names).map(|near| format!("did you mean `{near}`? "));
        let help = format!("{}ways to log in: {}", near.unwrap_or_default(), names.join(", "));
        text.fault(format!("there is no way to log in called `{}`", text.text), Some(help));
    }
    found
}

/// In lower case, as Azure compares them.
fn guid(item: &Item<'_>, what: &str) -> Option<String> {
    let id = item.text()?;
    if !is_guid(id.text) {
        let help = "as in 11111111-1111-1111-1111-111111111111".to_owned();
        id.fault(format!("{what} is a GUID"), Some(help));
    }
    Some(id.text.to_ascii_lowercase())
}
