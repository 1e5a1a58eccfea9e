//! Members of answers on their way to facts: copied as Azure writes them, never filled in. Ids are put into lower case.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Api;
use super::part::Unfit;
use crate::model::azure::{group, subscription};
use crate::model::call::Source;
use crate::model::kind::{Head, Resource};
use crate::model::seen::Seen;

/// An answer that doesn't say what it must.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("answered without `{0}`")]
    Lacks(&'static str),
    #[error("answered with a `{0}` that can't be one")]
    Garbled(&'static str),
    #[error("answered with {0}, which was not asked about")]
    Foreign(String),
    #[error("answered with a resource of another form: {0}")]
    Form(&'static str),
    #[error(transparent)]
    Member(#[from] Unfit),
}

/// A member that every answer has.
pub(super) fn need<T>(member: Option<T>, name: &'static str) -> Result<T, Unreadable> {
    member.ok_or(Unreadable::Lacks(name))
}

/// An id in the one form in which ids are compared.
pub(super) fn lower(text: impl AsRef<str>) -> String {
    text.as_ref().to_ascii_lowercase()
}

/// A text that says something: Azure writes empty ones for what isn't there.
pub(super) fn stated(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// An id, or a name without case, where there is one.
pub(super) fn lowered(text: Option<String>) -> Option<String> {
    stated(text).map(lower)
}

/// An issuer's address in the one form in which such are compared: without scheme and slash at the end.
pub(super) fn issuer(url: &str) -> String {
    let url = url.strip_prefix("https://").unwrap_or(url);
    url.strip_suffix('/').unwrap_or(url).to_owned()
}

/// A reference to another resource: `{"id": …}`.
#[derive(Deserialize)]
pub(super) struct Reference {
    id: Option<String>,
}

impl Reference {
    /// The id that is referred to, where one is.
    pub(super) fn id_of(reference: Option<Self>) -> Option<String> {
        lowered(reference?.id)
    }
}

/// Name of the group that a resource lies in.
pub(super) fn group_of(head: &Head) -> Result<String, Unreadable> {
    group(&head.id).map(str::to_owned).ok_or(Unreadable::Garbled("id"))
}

/// A part of an answer in the form that it must have. What is wrong with it isn't repeated: it may hold anything.
pub(super) fn parsed<T: DeserializeOwned>(value: Value, what: &'static str) -> Result<T, Unreadable> {
    serde_json::from_value(value).map_err(|_| Unreadable::Form(what))
}

/// What every resource of Azure Resource Manager has.
#[derive(Deserialize)]
struct Envelope {
    id: Option<String>,
    name: Option<String>,
    location: Option<String>,
    tags: Option<BTreeMap<String, Option<String>>>,
}

impl Api {
    /// The head of what lies in this subscription. Where it says no location, it is where its parent is.
    pub(super) fn head(&self, found: &Value, parent: Option<&Resource>) -> Result<Head, Unreadable> {
        let envelope =
            Envelope::deserialize(found).map_err(|_| Unreadable::Form("id, name, place or tags"))?;
        let id = self.own(&need(stated(envelope.id), "id")?)?;
        let name = stated(envelope.name);
        let name = name.or_else(|| id.rsplit('/').next().map(str::to_owned));
        let region = match stated(envelope.location) {
            Some(location) => place(&location),
            None => parent.map(|parent| parent.scope.region.clone()).unwrap_or_default(),
        };
        let tags = envelope.tags.unwrap_or_default().into_iter();
        Ok(Head {
            id,
            name: need(name, "name")?,
            scope: self.scope.in_region(&region),
            tags: Seen::Known(tags.map(|(key, value)| (key, value.unwrap_or_default())).collect()),
            read_at: self.read_at,
        })
    }

    /// An id in this subscription; what lies above subscriptions is seen from this one.
    pub(super) fn own(&self, id: &str) -> Result<String, Unreadable> {
        let account = &self.scope.account;
        let id = lower(id);
        let id = if id.starts_with("/providers/") { format!("/subscriptions/{account}{id}") } else { id };
        match subscription(&id) {
            Some(found) if found == account => Ok(id),
            Some(_) => Err(Unreadable::Foreign(id)),
            None => Err(Unreadable::Garbled("id")),
        }
    }

    /// A detail of a resource that was listed, before it is asked for.
    pub(super) fn unread<T>(&self, source: &Source, id: &str) -> Seen<T> {
        Seen::unread(source.primary(), &self.scope, id)
    }
}

/// Some services write `West Europe` for `westeurope`.
fn place(location: &str) -> String {
    location.chars().filter(|letter| *letter != ' ').collect::<String>().to_ascii_lowercase()
}

/// The type of what has this id: `microsoft.network/virtualnetworks/subnets`.
pub(super) fn type_of(id: &str) -> Option<String> {
    let (_, of) = id.rsplit_once("/providers/")?;
    let mut segments = of.split('/');
    let mut all = vec![segments.next()?];
    all.extend(segments.step_by(2));
    Some(all.join("/"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::canned::{Canned, SUBSCRIPTION};
    use super::*;

    fn id(rest: &str) -> String {
        format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/Core{rest}")
    }

    #[test]
    fn a_head_has_one_form() {
        let api = Canned::new(&[]).api();
        let found = json!({
            "id": id("/providers/Microsoft.Network/publicIPAddresses/Edge"), "name": "Edge", "location": "West Europe",
            "tags": { "Env": "dev", "empty": null },
        });
        let head = api.head(&found, None).expect("a head");
        assert!(head.id.ends_with("/resourcegroups/core/providers/microsoft.network/publicipaddresses/edge"));
        assert_eq!((&*head.name, &*head.scope.region), ("Edge", "westeurope"));
        assert_eq!(head.tags.get().expect("tags")["Env"], "dev");
        assert_eq!(head.tags.get().expect("tags")["empty"], "");
        assert_eq!(group_of(&head).as_deref(), Ok("core"));
    }

    #[test]
    fn a_child_is_where_its_parent_is_and_is_named_by_its_id_where_nothing_else_names_it() {
        let api = Canned::new(&[]).api();
        let network = json!({ "id": id("/x/v"), "location": "global" });
        let group = crate::model::azure::resources::ResourceGroup { state: None, managed_by: None };
        let network = Resource::new(api.head(&network, None).expect("a head"), group);
        let head = api.head(&json!({ "id": id("/x/v/subnets/AKS") }), Some(&network)).expect("a head");
        assert_eq!((&*head.name, &*head.scope.region), ("aks", "global"));
    }

    #[test]
    fn what_is_not_of_this_subscription_is_not_taken_for_it() {
        let api = Canned::new(&[]).api();
        let error = |found: Value| api.head(&found, None).expect_err("it is not readable");
        let other = "/subscriptions/99999999-9999-9999-9999-999999999999/resourceGroups/x";
        assert_eq!(error(json!({ "id": other })), Unreadable::Foreign(lower(other)));
        assert_eq!(error(json!({ "id": "x" })), Unreadable::Garbled("id"));
        assert_eq!(error(json!({ "name": "x" })), Unreadable::Lacks("id"));
        assert_eq!(error(json!({ "id": id(""), "tags": [] })), Unreadable::Form("id, name, place or tags"));
        let above = "/providers/Microsoft.Authorization/roleDefinitions/R";
        let seen =
            format!("/subscriptions/{SUBSCRIPTION}/providers/microsoft.authorization/roledefinitions/r");
        assert_eq!(api.own(above), Ok(seen));
    }

    #[test]
    fn an_id_tells_its_type() {
        let of = |id: &str| type_of(id);
        assert_eq!(
            of("/subscriptions/s/resourcegroups/g/providers/microsoft.network/virtualnetworks/v/subnets/a")
                .as_deref(),
            Some("microsoft.network/virtualnetworks/subnets")
        );
        assert_eq!(of("/subscriptions/s/providers/microsoft.x/y/z").as_deref(), Some("microsoft.x/y"));
        assert_eq!(of("/subscriptions/s/resourcegroups/g"), None);
    }

    #[test]
    fn issuers_have_one_form() {
        assert_eq!(issuer("https://weu.oic.example.com/t/c/"), "weu.oic.example.com/t/c");
        assert_eq!(issuer("weu.oic.example.com/t/c"), "weu.oic.example.com/t/c");
    }
}
