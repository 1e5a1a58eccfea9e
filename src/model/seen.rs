//! What was read, and what could not be: the difference between "no" and "don't know".

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::scope::Scope;

/// A fact that needs a call of its own: known, or a gap that names the call.
///
/// `Option` inside means *known to be absent*. Matching on a gap to mean "false" is a defect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen<T> {
    Known(T),
    Gap(Box<Gap>),
}

impl<T> Seen<T> {
    /// Not read yet: `call` would tell, for the resource (or parent) `key`.
    pub fn unread(call: &str, scope: &Scope, key: &str) -> Self {
        Self::Gap(Box::new(Gap::unread(call, scope, key)))
    }

    pub fn get(&self) -> Result<&T, &Gap> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Gap(gap) => Err(gap),
        }
    }

    pub fn gap(&self) -> Option<&Gap> {
        self.get().err()
    }
}

impl<T> From<Result<T, Gap>> for Seen<T> {
    fn from(result: Result<T, Gap>) -> Self {
        match result {
            Ok(value) => Self::Known(value),
            Err(gap) => Self::Gap(Box::new(gap)),
        }
    }
}

/// Something that was not read: which call, where, about what, and why not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// `service:Operation`, as the ledger names it.
    pub call: String,
    pub scope: Scope,
    /// The resource or parent the call is about; empty for a call that lists a whole scope.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    pub why: Why,
    /// What the service answered, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Gap {
    pub fn unread(call: &str, scope: &Scope, key: &str) -> Self {
        Self {
            call: call.to_owned(),
            scope: scope.asked(),
            key: key.to_owned(),
            why: Why::Skipped,
            detail: String::new(),
        }
    }

    /// Whether a call that nobody has made yet would tell.
    pub fn can_be_closed(&self) -> bool {
        self.why == Why::Skipped && self.detail.is_empty()
    }

    /// Facts that are changing while they are read.
    pub fn in_transition(call: &str, scope: &Scope, key: &str, detail: &str) -> Self {
        Self { why: Why::InTransition, detail: detail.to_owned(), ..Self::unread(call, scope, key) }
    }
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} in {}", self.call, self.why.as_str(), self.scope)?;
        if !self.key.is_empty() {
            write!(f, " for {}", self.key)?;
        }
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        Ok(())
    }
}

/// Why something was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    Denied,
    Throttled,
    Failed,
    /// Nobody asked: not needed, out of reach, or the scan was stopped.
    Skipped,
    NotRecorded,
    InTransition,
}

impl Why {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Throttled => "throttled",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::NotRecorded => "not_recorded",
            Self::InTransition => "in_transition",
        }
    }
}

/// The member that marks a gap in JSON. No kind has a field of this name.
pub const GAP_KEY: &str = "$gap";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Marked<G> {
    #[serde(rename = "$gap")]
    gap: G,
}

impl<T: Serialize> Serialize for Seen<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Gap(gap) => Marked { gap }.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Seen<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "neither a gap nor a value of the field's type")]
        enum Either<T> {
            Gap(Marked<Box<Gap>>),
            Known(T),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Gap(marked) => Self::Gap(marked.gap),
            Either::Known(value) => Self::Known(value),
        })
    }
}

impl<T: JsonSchema> JsonSchema for Seen<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Seen_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let gap = generator.subschema_for::<Gap>();
        let known = generator.subschema_for::<T>();
        json_schema!({
            "x-seen": true,
            "anyOf": [
                known,
                { "type": "object", "properties": { GAP_KEY: gap }, "required": [GAP_KEY], "additionalProperties": false },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn survives_json_both_ways() {
        let scope = Scope::aws("111111111111", "us-west-1");
        let known: Seen<Option<String>> = Seen::Known(None);
        let gap: Seen<Option<String>> = Seen::unread("ecr:GetRepositoryPolicy", &scope, "arn");
        for seen in [known, gap] {
            let json = serde_json::to_string(&seen).expect("plain data");
            assert_eq!(serde_json::from_str::<Seen<Option<String>>>(&json).expect("own output"), seen);
        }
    }

    #[test]
    fn a_hostile_tag_is_not_a_gap() {
        let tags: Seen<BTreeMap<String, String>> =
            serde_json::from_str(r#"{"$gap":"denied"}"#).expect("a tag");
        assert_eq!(tags.get().expect("known")["$gap"], "denied");
    }
}
