//! Parameters: what a design declares, and the values an env gives them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;
use toml::de::DeValue;

use super::diagnose::{Diagnostic, Diagnostics, Source};
use super::nearest::suggestion;
use super::table::{Item, Table, Text};
use super::{Design, Param, ParamType};

/// Values as an env gives them, with their places.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The table they stand in; absent where an env says nothing.
    pub at: Option<(Arc<Source>, Range<usize>)>,
    pub values: BTreeMap<String, GivenValue>,
}

#[derive(Clone, Debug)]
pub struct GivenValue {
    pub key: Range<usize>,
    pub span: Range<usize>,
    /// Null for what no parameter can be: a float, a date, a table.
    pub value: Value,
}

impl GivenValue {
    pub(crate) fn new(key: &Text<'_>, item: Item<'_>) -> Self {
        Self { key: key.span.clone(), span: item.value.span(), value: plain(item.value.get_ref()) }
    }
}

fn plain(written: &DeValue<'_>) -> Value {
    match written {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Null, Value::from)
        }
        DeValue::Array(items) => items.iter().map(|item| plain(item.get_ref())).collect(),
        _ => Value::Null,
    }
}

const TYPES: [(&str, ParamType); 4] = [
    ("string", ParamType::String),
    ("int", ParamType::Int),
    ("bool", ParamType::Bool),
    ("list<string>", ParamType::Strings),
];

impl ParamType {
    /// As a policy writes it.
    pub fn as_str(self) -> &'static str {
        TYPES.iter().find(|(_, known)| *known == self).map_or("string", |(name, _)| name)
    }
}

/// Keys that stand beside the parameters in an env.
const RESERVED: [&str; 2] = ["digest", "select"];

/// The parameters that a policy declares.
pub(super) fn declared(root: &Table<'_>) -> BTreeMap<String, Param> {
    let mut params = BTreeMap::new();
    for (id, item) in root.named("param") {
        if RESERVED.contains(&id.text) {
            id.fault(
                format!("no parameter can be called `{}`: envs say something else by it", id.text),
                None,
            );
        }
        let Some(table) = item.table() else { continue };
        let declared = table.required("type").and_then(|text| declared_type(&text));
        let default = table.get("default").zip(declared).map(|(item, declared)| {
            let value = plain(item.value.get_ref());
            if !fits(declared, &value) {
                item.fault(format!("the default of `{}` is no {}", id.text, declared.as_str()), None);
            }
            value
        });
        let about = table.owned("about").unwrap_or_default();
        table.finish();
        if let Some(declared) = declared {
            params.insert(id.text.to_owned(), Param { r#type: declared, default, about, place: id.place() });
        }
    }
    params
}

fn declared_type(text: &Text<'_>) -> Option<ParamType> {
    let found = TYPES.iter().find(|(name, _)| *name == text.text).map(|(_, declared)| *declared);
    if found.is_none() {
        text.unknown("type", TYPES.iter().map(|(name, _)| *name));
    }
    found
}

fn fits(declared: ParamType, value: &Value) -> bool {
    match declared {
        ParamType::String => value.is_string(),
        ParamType::Bool => value.is_boolean(),
        ParamType::Int => value.is_i64(),
        ParamType::Strings => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
    }
}

/// The value of every parameter: what the env gives, else the default. Unset, misspelt and wrong ones are errors.
pub fn resolve(design: &Design, given: &Given) -> Result<BTreeMap<String, Value>, Diagnostics> {
    let mut found = Vec::new();
    let mut values = BTreeMap::new();
    for (name, set) in &given.values {
        if !design.params.contains_key(name) {
            let help = suggestion(name, design.params.keys().map(String::as_str));
            let message = format!("`{}` has no parameter `{name}`", design.id);
            found.push(diagnostic(given, Some(set.key.clone()), message, help));
        }
    }
    for (id, param) in &design.params {
        match (given.values.get(id), &param.default) {
            (Some(set), _) if fits(param.r#type, &set.value) => {
                values.insert(id.clone(), set.value.clone());
            }
            (Some(set), _) => {
                let message = format!("`{id}` is declared as {}", param.r#type.as_str());
                found.push(diagnostic(given, Some(set.span.clone()), message, None));
            }
            (None, Some(default)) => _ = values.insert(id.clone(), default.clone()),
            (None, None) => {
                let about = if param.about.is_empty() { String::new() } else { format!(": {}", param.about) };
                let message = format!("`{}` wants a value for its parameter `{id}`{about}", design.id);
                let help =
                    format!("set `{id}` ({}) in `[env.NAME.design.{}]`", param.r#type.as_str(), design.id);
                found.push(diagnostic(given, None, message, Some(help)));
            }
        }
    }
    Diagnostics(found).or(values)
}

fn diagnostic(
    given: &Given,
    span: Option<Range<usize>>,
    message: String,
    help: Option<String>,
) -> Diagnostic {
    match &given.at {
        Some((source, table)) => {
            Diagnostic::new(source, span.unwrap_or_else(|| table.clone()), message, help)
        }
        None => Diagnostic::placeless(message, help),
    }
}
