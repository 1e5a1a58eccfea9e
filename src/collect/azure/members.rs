//! Members of answers on their way to facts: copied as Azure writes them, never filled in. Ids are put into lower case.

use serde_json::Value;

use super::Api;
use super::part::{Part, Unfit};
use crate::model::azure::{group, subscription};
use crate::model::call::Source;
use crate::model::kind::{Head, Resource, Tags};
use crate::model::seen::Seen;

/// An answer that doesn't say what it must.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("answered with a `{0}` that can't be one")]
    Garbled(&'static str),
    #[error("answered with {0}, which was not asked about")]
    Foreign(String),
    #[error(transparent)]
    Member(#[from] Unfit),
}

/// An id in the one form in which ids are compared.
pub(super) fn lower(text: impl AsRef<str>) -> String {
    text.as_ref().to_ascii_lowercase()
}

/// An issuer's address in the one form in which such are compared: without scheme and slash at the end.
pub(super) fn issuer(url: &str) -> String {
    let url = url.strip_prefix("https://").unwrap_or(url);
    url.strip_suffix('/').unwrap_or(url).to_owned()
}

/// A name of DNS in the one form in which such are compared.
pub(super) fn domain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Name of the group that a resource lies in.
pub(super) fn group_of(head: &Head) -> Result<String, Unreadable> {
    group(&head.id).map(str::to_owned).ok_or(Unreadable::Garbled("id"))
}

impl Api {
    /// The head of what lies in this subscription. Where it says no location, it is where its parent is.
    pub(super) fn head(&self, found: &Value, parent: Option<&Resource>) -> Result<Head, Unreadable> {
        let found = Part::of(found)?;
        let id = self.own(&found.must("id")?)?;
        let last = id.rsplit('/').next().unwrap_or(&id);
        let name = found.text("name")?.unwrap_or_else(|| last.to_owned());
        let region = match found.text("location")? {
            Some(location) => place(&location),
            None => parent.map(|parent| parent.scope.region.clone()).unwrap_or_default(),
        };
        Ok(Head {
            id,
            name,
            scope: self.scope.in_region(&region),
            tags: Seen::Known(tags(found)?),
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

/// Some services write an empty text for no tags.
fn tags(found: Part<'_>) -> Result<Tags, Unfit> {
    if matches!(found.text("tags"), Ok(None)) {
        return Ok(Tags::new());
    }
    let tags = found.part("tags")?.members().map(|(key, value)| match value {
        Value::String(text) => Ok((key.to_owned(), text.clone())),
        Value::Null => Ok((key.to_owned(), String::new())),
        _ => Err(found.garbled("tags")),
    });
    tags.collect()
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
        assert_eq!(error(json!({ "name": "x" })), Unfit::Lacks("id".to_owned()).into());
        for tags in [json!([]), json!("x"), json!({ "x": 1 })] {
            let found = json!({ "id": id(""), "tags": tags });
            assert_eq!(error(found), Unfit::Garbled("tags".to_owned()).into());
        }
        let none = api.head(&json!({ "id": id(""), "tags": "" }), None).expect("as some services write it");
        assert_eq!(none.tags, Seen::Known(Tags::new()));
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
