//! An object of an answer, read member by member: what is absent or null is `None`, and what has another form than Azure
//! documents is an error that names the member. Names of members are found in any case, for services write them in
//! several.

use serde_json::{Map, Value};

use super::members::Unreadable;
use crate::model::kind::{Head, Resource};

/// A member that isn't what it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    #[error("answered without `{0}`")]
    Lacks(String),
    #[error("answered with a `{0}` that can't be one")]
    Garbled(String),
    /// Everything is there but what it is about.
    #[error("{0}")]
    Silent(&'static str),
}

/// An object, or nothing where it was absent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'v> {
    members: Option<&'v Map<String, Value>>,
    /// The list that it is one of.
    list: &'static str,
}

impl<'v> Part<'v> {
    pub(super) fn of(value: &'v Value) -> Result<Self, Unfit> {
        let members = value.as_object().ok_or_else(|| Unfit::Garbled("value".to_owned()))?;
        Ok(Self { members: Some(members), list: "" })
    }

    /// What stands at a path of members, dots between them. Nothing stands within what is absent.
    fn find(self, path: &'static str) -> Result<Option<&'v Value>, Unfit> {
        let Some(mut members) = self.members else { return Ok(None) };
        let mut names = path.split('.').peekable();
        while let Some(name) = names.next() {
            let exact = members.get(name);
            let any_case = || members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|it| it.1);
            match exact.or_else(any_case) {
                None | Some(Value::Null) => return Ok(None),
                Some(found) if names.peek().is_none() => return Ok(Some(found)),
                Some(Value::Object(inner)) => members = inner,
                Some(_) => return Err(self.garbled(path)),
            }
        }
        Ok(None)
    }

    /// A text; an empty one is none.
    pub(super) fn text(self, path: &'static str) -> Result<Option<String>, Unfit> {
        match self.find(path)? {
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(_) => Err(self.garbled(path)),
            None => Ok(None),
        }
    }

    /// A text that compares without its case: an id, a name of DNS.
    pub(super) fn lower(self, path: &'static str) -> Result<Option<String>, Unfit> {
        Ok(self.text(path)?.map(|text| text.to_ascii_lowercase()))
    }

    pub(super) fn number(self, path: &'static str) -> Result<Option<i64>, Unfit> {
        self.find(path)?.map(|found| found.as_i64().ok_or_else(|| self.garbled(path))).transpose()
    }

    pub(super) fn fraction(self, path: &'static str) -> Result<Option<f64>, Unfit> {
        self.find(path)?.map(|found| found.as_f64().ok_or_else(|| self.garbled(path))).transpose()
    }

    pub(super) fn flag(self, path: &'static str) -> Result<Option<bool>, Unfit> {
        self.find(path)?.map(|found| found.as_bool().ok_or_else(|| self.garbled(path))).transpose()
    }

    /// A list of texts; absent, it is empty.
    pub(super) fn texts(self, path: &'static str) -> Result<Vec<String>, Unfit> {
        let text = |found: &Value| found.as_str().map(str::to_owned).ok_or_else(|| self.garbled(path));
        let all: Vec<String> = self.list(path)?.iter().map(text).collect::<Result<_, _>>()?;
        Ok(all.into_iter().filter(|text| !text.is_empty()).collect())
    }

    /// A list of objects; absent, it is empty.
    pub(super) fn parts(self, path: &'static str) -> Result<Vec<Part<'v>>, Unfit> {
        let part = |found: &'v Value| {
            let members = found.as_object().ok_or_else(|| self.garbled(path))?;
            Ok(Part { members: Some(members), list: path })
        };
        self.list(path)?.iter().map(part).collect()
    }

    /// A list of whatever it holds; absent, it is empty.
    pub(super) fn list(self, path: &'static str) -> Result<&'v [Value], Unfit> {
        match self.find(path)? {
            Some(Value::Array(all)) => Ok(all),
            Some(_) => Err(self.garbled(path)),
            None => Ok(&[]),
        }
    }

    /// The object at a path, or nothing.
    pub(super) fn part(self, path: &'static str) -> Result<Part<'v>, Unfit> {
        let members = self.find(path)?.map(|found| found.as_object().ok_or_else(|| self.garbled(path)));
        Ok(Part { members: members.transpose()?, list: path })
    }

    /// Its members, by names that are no words of Azure's.
    pub(super) fn members(self) -> impl Iterator<Item = (&'v str, &'v Value)> {
        self.members.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
    }

    /// The objects in it, by such names; what is null is not there.
    pub(super) fn inner(self) -> Result<Vec<(&'v str, Part<'v>)>, Unfit> {
        let there = self.members().filter(|(_, value)| !value.is_null());
        there
            .map(|(name, value)| {
                let members = value.as_object().ok_or_else(|| Unfit::Garbled(self.list.to_owned()))?;
                Ok((name, Part { members: Some(members), list: self.list }))
            })
            .collect()
    }

    pub(super) fn is_there(self) -> bool {
        self.members.is_some()
    }

    /// A member that every such object has.
    pub(super) fn need<T>(self, path: &'static str, member: Option<T>) -> Result<T, Unfit> {
        member.ok_or_else(|| Unfit::Lacks(self.named(path)))
    }

    /// A text that every such object has.
    pub(super) fn must(self, path: &'static str) -> Result<String, Unfit> {
        self.need(path, self.text(path)?)
    }

    pub(super) fn garbled(self, path: &'static str) -> Unfit {
        Unfit::Garbled(self.named(path))
    }

    fn named(self, path: &'static str) -> String {
        if self.list.is_empty() { path.to_owned() } else { format!("{}.{path}", self.list) }
    }
}

/// Reads a whole answer, or an item of a list, as a resource.
pub(super) fn resource(
    read: impl Fn(Head, Part<'_>) -> Result<Resource, Unreadable>,
) -> impl Fn(Head, Value) -> Result<Resource, Unreadable> {
    move |head, found| read(head, Part::of(&found)?)
}

/// Reads a whole answer, or an item of a list.
pub(super) fn whole<V>(
    read: impl Fn(Part<'_>) -> Result<V, Unfit>,
) -> impl Fn(Value) -> Result<V, Unreadable> {
    move |found| Ok(read(Part::of(&found)?)?)
}

/// The names of parts that others refer to.
pub(super) fn names(parts: &[Part<'_>]) -> Result<Vec<String>, Unfit> {
    parts.iter().map(|part| part.must("name")).collect()
}

/// The name of the part that an id refers to, as that part itself writes it.
pub(super) fn spelt(id: &str, names: &[String]) -> String {
    let last = id.rsplit('/').next().unwrap_or(id);
    names.iter().find(|name| name.eq_ignore_ascii_case(last)).map_or(last, |name| name).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn garbled<T>(member: &str) -> Result<T, Unfit> {
        Err(Unfit::Garbled(member.into()))
    }

    #[test]
    fn absent_and_null_are_nothing_at_any_depth() {
        let value = json!({ "properties": null, "sku": { "name": "" } });
        let part = Part::of(&value).expect("an object");
        assert_eq!(part.text("properties.state"), Ok(None));
        assert_eq!(part.texts("properties.hosts"), Ok(Vec::new()));
        assert_eq!(part.text("sku.name"), Ok(None), "an empty text says nothing");
        assert_eq!(part.number("sku.capacity"), Ok(None));
        assert!(!part.part("properties").expect("nothing").is_there());
        assert_eq!(part.must("sku.name"), Err(Unfit::Lacks("sku.name".into())));
    }

    #[test]
    fn members_are_found_in_any_case_the_exact_one_first() {
        let value = json!({ "TTL": 60, "Id": "/A", "id": "/B" });
        let part = Part::of(&value).expect("an object");
        assert_eq!(part.number("ttl"), Ok(Some(60)));
        assert_eq!(part.lower("id"), Ok(Some("/b".into())));
    }

    #[test]
    fn another_form_is_an_error_that_names_the_member() {
        let value = json!({ "properties": { "ttl": "60", "rules": [{ "port": 1.5 }], "on": 1, "tags": "" } });
        let part = Part::of(&value).expect("an object");
        assert_eq!(part.number("properties.ttl"), garbled("properties.ttl"));
        assert_eq!(part.flag("properties.on"), garbled("properties.on"));
        assert_eq!(part.text("properties.tags.a"), garbled("properties.tags.a"));
        assert_eq!(part.texts("properties.rules"), garbled("properties.rules"));
        let rule = part.parts("properties.rules").expect("a list")[0];
        assert_eq!(rule.number("port"), garbled("properties.rules.port"));
        assert!(Part::of(&json!([])).is_err());
    }
}
