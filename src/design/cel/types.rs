//! The types of expressions, read off the kinds' JSON Schemas.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use schemars::Schema;
use serde_json::Value;

use crate::design::ParamType;
use crate::model::kind::Kind;
use crate::model::relation::{AttributeType, DERIVED, RelationMeta};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Null,
    Bool,
    Int,
    Double,
    Text,
    Time,
    Duration,
    /// The type of an empty list's items: fits every other.
    Anything,
    List(Arc<Type>),
    /// Keys are texts.
    Map(Arc<Type>),
    Record(Arc<Record>),
    Nullable(Arc<Type>),
}

pub(crate) type Members = BTreeMap<String, Type>;

/// Something with members: a resource, an edge, or an object inside of one.
#[derive(Debug, PartialEq)]
pub(crate) struct Record {
    /// How messages call it.
    pub name: String,
    pub origin: Origin,
    pub members: Members,
}

/// What a record stands for, so that reading a member can be noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Resource,
    Bound,
    Edge,
    Param,
    Nested,
}

impl Type {
    pub(crate) fn list(of: Self) -> Self {
        Self::List(Arc::new(of))
    }

    pub(crate) fn nullable(of: Self) -> Self {
        match of {
            Self::Nullable(_) | Self::Null => of,
            other => Self::Nullable(Arc::new(other)),
        }
    }

    pub(crate) fn is_nullable(&self) -> bool {
        matches!(self, Self::Nullable(_) | Self::Null)
    }

    /// Without null.
    pub(crate) fn bare(&self) -> &Self {
        match self {
            Self::Nullable(of) => of,
            other => other,
        }
    }

    pub(crate) fn is_time(&self) -> bool {
        *self.bare() == Self::Time
    }

    /// Whether records are anywhere in it.
    pub(crate) fn holds_records(&self) -> bool {
        match self {
            Self::Record(_) => true,
            Self::List(of) | Self::Map(of) | Self::Nullable(of) => of.holds_records(),
            _ => false,
        }
    }

    /// One type for both, if values of the two may stand in one place.
    pub(crate) fn join(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (a, b) if a == b => a.clone(),
            (Self::Anything, other) | (other, Self::Anything) => other.clone(),
            (Self::Null, other) | (other, Self::Null) => Self::nullable(other.clone()),
            (Self::List(a), Self::List(b)) => Self::list(a.join(b)?),
            (Self::Map(a), Self::Map(b)) => Self::Map(Arc::new(a.join(b)?)),
            (Self::Nullable(a), b) | (b, Self::Nullable(a)) => Self::nullable(a.join(b.bare())?),
            _ => return None,
        })
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Double => f.write_str("double"),
            Self::Text => f.write_str("string"),
            Self::Time => f.write_str("timestamp"),
            Self::Duration => f.write_str("duration"),
            Self::Anything => f.write_str("anything"),
            Self::List(of) => write!(f, "list<{of}>"),
            Self::Map(of) => write!(f, "map<string, {of}>"),
            Self::Record(record) => f.write_str(&record.name),
            Self::Nullable(of) => write!(f, "{of} or null"),
        }
    }
}

impl From<ParamType> for Type {
    fn from(declared: ParamType) -> Self {
        match declared {
            ParamType::String => Self::Text,
            ParamType::Int => Self::Int,
            ParamType::Bool => Self::Bool,
            ParamType::Strings => Self::list(Self::Text),
        }
    }
}

impl From<AttributeType> for Type {
    fn from(declared: AttributeType) -> Self {
        match declared {
            AttributeType::Bool => Self::Bool,
            AttributeType::Int => Self::Int,
            AttributeType::String => Self::Text,
            AttributeType::OptionalString => Self::nullable(Self::Text),
            AttributeType::OptionalBool => Self::nullable(Self::Bool),
            AttributeType::Strings => Self::list(Self::Text),
        }
    }
}

/// A resource of one of these kinds: the members that all of them have, with one type.
pub(crate) fn resource(kinds: &[Kind], origin: Origin) -> Type {
    let mut kinds_members = kinds.iter().filter_map(|kind| KINDS.get(kind));
    let mut members = kinds_members.next().cloned().unwrap_or_default();
    for others in kinds_members {
        members = members
            .into_iter()
            .filter_map(|(name, r#type)| Some((name.clone(), r#type.join(others.get(&name)?)?)))
            .collect();
    }
    let name = kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" | ");
    Type::Record(Arc::new(Record { name, origin, members }))
}

/// The members of one kind.
pub(crate) fn members(kind: Kind) -> &'static Members {
    static NONE: Members = Members::new();
    KINDS.get(&kind).unwrap_or(&NONE)
}

/// An edge of a relation: its attributes, and what its end is.
pub(crate) fn edge(relation: &RelationMeta) -> Type {
    let attributes = relation.attributes.iter().map(|known| (known.name.to_owned(), known.r#type.into()));
    let mut members: Members = attributes.collect();
    for end in ["to", "kind"] {
        members.entry(end.to_owned()).or_insert(Type::Text);
    }
    members.entry("found".to_owned()).or_insert(Type::Bool);
    let name = format!("an edge of `{}`", relation.name);
    Type::Record(Arc::new(Record { name, origin: Origin::Edge, members }))
}

static KINDS: LazyLock<BTreeMap<Kind, Members>> =
    LazyLock::new(|| Kind::ALL.iter().map(|kind| (*kind, read_members(*kind))).collect());

fn read_members(kind: Kind) -> Members {
    let schema = kind.schema();
    let mut members = properties(schema.as_value(), schema.as_value());
    let derived = DERIVED.iter().filter(|field| field.kind == kind);
    members.extend(derived.map(|field| {
        let schema: Schema = (field.schema)();
        (field.name.to_owned(), of_schema(schema.as_value(), schema.as_value()))
    }));
    for text in ["id", "name", "kind", "account", "region"] {
        members.insert(text.to_owned(), Type::Text);
    }
    members.insert("tags".to_owned(), Type::Map(Arc::new(Type::Text)));
    members
}

fn properties(schema: &Value, root: &Value) -> Members {
    let known = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    known.map(|(name, schema)| (name.clone(), of_schema(schema, root))).collect()
}

/// The type a schema describes. A schema beyond what kinds use is `Anything`; a test keeps that from happening.
fn of_schema(schema: &Value, root: &Value) -> Type {
    if let Some(path) = schema.get("$ref").and_then(Value::as_str) {
        let target = path.strip_prefix('#').and_then(|path| root.pointer(path));
        let named = |r#type: Type| match r#type {
            Type::Record(record) => {
                let name = path.rsplit('/').next().unwrap_or(path).to_owned();
                Type::Record(Arc::new(Record {
                    name,
                    origin: record.origin,
                    members: record.members.clone(),
                }))
            }
            other => other,
        };
        return target.map_or(Type::Anything, |target| named(of_schema(target, root)));
    }
    if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
        let seen = schema.get("x-seen").is_some();
        let choices = if seen { &choices[..choices.len().min(1)] } else { choices };
        let types = choices.iter().map(|choice| of_schema(choice, root));
        return types.reduce(|a, b| a.join(&b).unwrap_or(Type::Anything)).unwrap_or(Type::Anything);
    }
    if schema.get("enum").is_some() || schema.get("oneOf").is_some() {
        return Type::Text;
    }
    match schema.get("type") {
        Some(Value::String(name)) => of_name(name, schema, root),
        Some(Value::Array(names)) => {
            let types = names.iter().filter_map(Value::as_str).map(|name| of_name(name, schema, root));
            types.reduce(|a, b| a.join(&b).unwrap_or(Type::Anything)).unwrap_or(Type::Anything)
        }
        _ => Type::Anything,
    }
}

fn of_name(name: &str, schema: &Value, root: &Value) -> Type {
    match name {
        "null" => Type::Null,
        "boolean" => Type::Bool,
        "integer" => Type::Int,
        "number" => Type::Double,
        "string" if schema.get("format").and_then(Value::as_str) == Some("date-time") => Type::Time,
        "string" => Type::Text,
        "array" => Type::list(schema.get("items").map_or(Type::Anything, |items| of_schema(items, root))),
        "object" if schema.get("properties").is_some() => {
            let name = schema.get("title").and_then(Value::as_str).unwrap_or("a record").to_owned();
            Type::Record(Arc::new(Record { name, origin: Origin::Nested, members: properties(schema, root) }))
        }
        "object" => {
            let values = schema.get("additionalProperties").filter(|values| values.is_object());
            Type::Map(Arc::new(values.map_or(Type::Anything, |values| of_schema(values, root))))
        }
        _ => Type::Anything,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds_anything(r#type: &Type) -> bool {
        match r#type {
            Type::Anything => true,
            Type::List(of) | Type::Map(of) | Type::Nullable(of) => holds_anything(of),
            Type::Record(record) => record.members.values().any(holds_anything),
            _ => false,
        }
    }

    #[test]
    fn every_member_of_every_kind_has_a_type() {
        for kind in Kind::ALL {
            for (name, r#type) in members(*kind) {
                assert!(!holds_anything(r#type), "{kind}: {name} is {type}");
            }
        }
    }

    #[test]
    fn schemas_become_types() {
        let of = |kind, name: &str| members(kind)[name].to_string();
        assert_eq!(of(Kind::LoadBalancer, "scheme"), "string or null");
        assert_eq!(of(Kind::AcmCertificate, "not_after"), "timestamp or null");
        assert_eq!(of(Kind::AcmCertificate, "tags"), "map<string, string>");
        assert_eq!(of(Kind::EcsService, "running"), "int");
        assert_eq!(of(Kind::PrefixList, "cidrs"), "list<string>");
        assert_eq!(of(Kind::S3Bucket, "public_access_blocked"), "bool");
        assert_eq!(of(Kind::Route53Record, "alias"), "Alias or null");
        assert!(of(Kind::SecurityGroup, "world_ports").starts_with("list<"));
    }

    #[test]
    fn several_kinds_share_what_all_have() {
        let Type::Record(record) = resource(&[Kind::RdsInstance, Kind::DynamodbTable], Origin::Resource)
        else {
            panic!("a resource is a record");
        };
        assert!(record.members.contains_key("name"));
        assert!(!record.members.contains_key("publicly_accessible"));
    }
}
