//! Members of answers on their way to facts: copied as the API server says them, never filled in.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Api;
use crate::collect::transport::scrub::kubernetes_bodies::COPIES;
use crate::model::kind::{Fact, Head};
use crate::model::kubernetes::id;
use crate::model::seen::Seen;

/// The longest name the API server accepts.
const LONGEST_NAME: usize = 253;

/// An answer that doesn't say what it must.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("answered without `{0}`")]
    Lacks(&'static str),
    #[error("answered with a `{0}` that can't be one")]
    Garbled(&'static str),
    #[error("answered with a {told:?} instead of a {asked}")]
    Foreign { told: String, asked: &'static str },
    #[error("answered with what is no {what} (line {line}, column {column})")]
    Form { what: &'static str, line: usize, column: usize },
}

impl Unreadable {
    /// Where a body stops to be what was asked for; what stands there isn't repeated.
    pub(super) fn form(what: &'static str, error: &serde_json::Error) -> Self {
        Self::Form { what, line: error.line(), column: error.column() }
    }
}

/// A member that every answer has.
pub(super) fn need<T>(member: Option<T>, name: &'static str) -> Result<T, Unreadable> {
    member.ok_or(Unreadable::Lacks(name))
}

/// Host names or addresses in the one form in which they are compared, each once and sorted.
pub(super) fn addresses(found: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> =
        found.into_iter().filter_map(stated).map(|it| it.to_ascii_lowercase()).collect();
    all.sort();
    all.dedup();
    all
}

/// The API writes an empty text for what isn't there.
pub(super) fn stated(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// A DNS name or label, as all objects read here are called: nothing in it is special in an address.
pub(super) fn is_name(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let may = |byte: u8| inside(byte) || byte == b'-' || byte == b'.';
    let ends = text.bytes().next().is_some_and(inside) && text.bytes().last().is_some_and(inside);
    ends && text.len() <= LONGEST_NAME && text.bytes().all(may) && !text.contains("..")
}

/// Where objects lie: in a namespace, or in none.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    api: &'a Api,
    /// Id of the namespace; empty where there is none.
    pub(super) key: &'a str,
    namespace: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// The namespace of this id, or the whole cluster where the id is empty.
    pub(super) fn of(api: &'a Api, key: &'a str) -> Option<Self> {
        if key.is_empty() {
            return Some(Self { api, key, namespace: None });
        }
        let name = key.strip_prefix(&api.scope.account)?.strip_prefix("/namespace/")?;
        is_name(name).then_some(Self { api, key, namespace: Some(name) })
    }

    /// The path of a call about this place; `None` where the call is about namespaces and this is none, or the other
    /// way round.
    pub(super) fn path(&self, pattern: &str) -> Option<String> {
        match (self.namespace, pattern.contains('*')) {
            (Some(namespace), true) => Some(pattern.replace('*', namespace)),
            (None, false) => Some(pattern.to_owned()),
            _ => None,
        }
    }

    /// Of the namespace, by which its objects name it.
    pub(super) fn namespace(&self) -> String {
        self.key.to_owned()
    }

    /// Whether a reference from here to an object of this namespace stays here; one without a namespace does.
    pub(super) fn holds(&self, namespace: Option<&str>) -> bool {
        namespace.is_none_or(|namespace| Some(namespace) == self.namespace)
    }

    /// The id of an object of this kind in this place.
    pub(super) fn id<T: Fact>(&self, name: &str) -> Result<String, Unreadable> {
        if !is_name(name) {
            return Err(Unreadable::Garbled("name"));
        }
        let kind = T::META.name.rsplit('.').next().unwrap_or(T::META.name);
        Ok(id(&self.api.scope.account, self.namespace, kind, name))
    }

    /// The head of an object of this kind. Labels come with the object.
    pub(super) fn head<T: Fact>(&self, found: &mut Metadata) -> Result<Head, Unreadable> {
        let name = need(found.name.take(), "metadata.name")?;
        if found.namespace.as_deref() != self.namespace {
            return Err(Unreadable::Garbled("metadata.namespace"));
        }
        Ok(Head {
            id: self.id::<T>(&name)?,
            name,
            scope: self.api.scope.clone(),
            tags: Seen::Known(found.labels.take().unwrap_or_default()),
            read_at: self.api.read_at,
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    name: Option<String>,
    namespace: Option<String>,
    uid: Option<String>,
    pub(super) generation: Option<i64>,
    labels: Option<BTreeMap<String, String>>,
    annotations: Option<BTreeMap<String, String>>,
    owner_references: Option<Vec<Owner>>,
    deletion_timestamp: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Owner {
    kind: Option<String>,
    uid: Option<String>,
    controller: Option<bool>,
}

impl Metadata {
    pub(super) fn uid(&mut self) -> Result<String, Unreadable> {
        need(self.uid.take(), "metadata.uid")
    }

    pub(super) fn label(&self, name: &str) -> Option<&str> {
        self.labels.as_ref()?.get(name).map(String::as_str)
    }

    pub(super) fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(name).map(String::as_str)
    }

    /// All but what tools keep their own copies in.
    pub(super) fn annotations(&mut self) -> BTreeMap<String, String> {
        let mut all = self.annotations.take().unwrap_or_default();
        all.retain(|name, _| !COPIES.contains(&name.as_str()));
        all
    }

    /// Uid of what made it; where a kind is given, only if it is of that kind.
    pub(super) fn owner(&self, kind: Option<&str>) -> Option<String> {
        let owner = self.owner_references.as_ref()?.iter().find(|owner| owner.controller == Some(true))?;
        let meant = kind.is_none() || owner.kind.as_deref() == kind;
        owner.uid.clone().filter(|_| meant)
    }

    pub(super) fn deleting(&self) -> bool {
        self.deletion_timestamp.is_some()
    }
}

#[derive(Deserialize)]
pub(super) struct Condition {
    pub(super) r#type: Option<String>,
    pub(super) status: Option<String>,
    pub(super) reason: Option<String>,
}

/// The condition `Ready`; absent where it isn't told or unknown.
pub(super) fn ready(conditions: &[Condition]) -> Option<bool> {
    let ready = conditions.iter().find(|condition| condition.r#type.as_deref() == Some("Ready"))?;
    match ready.status.as_deref() {
        Some("True") => Some(true),
        Some("False") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_nothing_that_an_address_gives_a_meaning() {
        for name in ["a", "dev-api", "kube-root-ca.crt", "0a"] {
            assert!(is_name(name), "{name}");
        }
        let long = "a".repeat(LONGEST_NAME + 1);
        for name in ["", ".", "..", "a..b", "a/b", "a?watch=1", "a%2fb", "A", "-a", "a-", "ä", &long] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn only_the_owner_in_charge_counts() {
        let owners = r#"{"ownerReferences":[{"kind":"Job","uid":"1"},{"kind":"ReplicaSet","uid":"2","controller":true}]}"#;
        let metadata: Metadata = serde_json::from_str(owners).expect("own JSON");
        assert_eq!(metadata.owner(None).as_deref(), Some("2"));
        assert_eq!(metadata.owner(Some("ReplicaSet")).as_deref(), Some("2"));
        assert_eq!(metadata.owner(Some("Deployment")), None);
    }

    #[test]
    fn addresses_have_one_form() {
        let found = ["B.example.com", "", "a.example.com", "b.example.com"].map(str::to_owned);
        assert_eq!(addresses(found), ["a.example.com", "b.example.com"]);
    }
}
