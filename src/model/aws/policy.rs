//! Policy documents of IAM, in the form every service that has resource policies shares.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyDocument {
    pub statements: Vec<Statement>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    pub allow: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub principals: Vec<Principal>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_principals: Vec<Principal>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_actions: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_resources: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Principal {
    /// `AWS`, `Service`, `Federated`, `CanonicalUser`, or `*` for everyone.
    pub r#type: String,
    pub id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// `StringEquals`, `ForAnyValue:StringLike`, ….
    pub operator: String,
    pub key: String,
    pub values: Vec<String>,
}

impl PolicyDocument {
    /// Reads the JSON that AWS stores: one statement or several, one action or several.
    pub fn parse(json: &str) -> Result<Self, PolicyError> {
        let document: serde_json::Value = serde_json::from_str(json)?;
        let statements = match document.get("Statement") {
            Some(serde_json::Value::Array(all)) => {
                all.iter().map(Statement::parse).collect::<Result<_, _>>()?
            }
            Some(one @ serde_json::Value::Object(_)) => vec![Statement::parse(one)?],
            _ => return Err(PolicyError::Shape("Statement")),
        };
        Ok(Self { statements })
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error("the policy is no JSON")]
    Json(#[from] serde_json::Error),
    #[error("the policy's {0} has a form that policies don't have")]
    Shape(&'static str),
}

impl Statement {
    fn parse(json: &serde_json::Value) -> Result<Self, PolicyError> {
        let allow = match json.get("Effect").and_then(|effect| effect.as_str()) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err(PolicyError::Shape("Effect")),
        };
        Ok(Self {
            allow,
            principals: principals(json.get("Principal"))?,
            not_principals: principals(json.get("NotPrincipal"))?,
            actions: texts(json.get("Action"), "Action")?,
            not_actions: texts(json.get("NotAction"), "NotAction")?,
            resources: texts(json.get("Resource"), "Resource")?,
            not_resources: texts(json.get("NotResource"), "NotResource")?,
            conditions: conditions(json.get("Condition"))?,
        })
    }
}

/// A text, or a list of texts; numbers and booleans stand for their text, as they do in conditions.
fn texts(json: Option<&serde_json::Value>, what: &'static str) -> Result<Vec<String>, PolicyError> {
    use serde_json::Value;
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err(PolicyError::Shape(what)),
    };
    match json {
        None => Ok(Vec::new()),
        Some(Value::Array(all)) => all.iter().map(text).collect(),
        Some(one) => Ok(vec![text(one)?]),
    }
}

fn principals(json: Option<&serde_json::Value>) -> Result<Vec<Principal>, PolicyError> {
    use serde_json::Value;
    match json {
        None => Ok(Vec::new()),
        Some(Value::String(all)) if all == "*" => Ok(vec![Principal { r#type: "*".into(), id: "*".into() }]),
        Some(Value::Object(types)) => {
            let mut found = Vec::new();
            for (r#type, ids) in types {
                let ids = texts(Some(ids), "Principal")?;
                found.extend(ids.into_iter().map(|id| Principal { r#type: r#type.clone(), id }));
            }
            Ok(found)
        }
        Some(_) => Err(PolicyError::Shape("Principal")),
    }
}

fn conditions(json: Option<&serde_json::Value>) -> Result<Vec<Condition>, PolicyError> {
    let Some(json) = json else { return Ok(Vec::new()) };
    let operators = json.as_object().ok_or(PolicyError::Shape("Condition"))?;
    let mut found = Vec::new();
    for (operator, keys) in operators {
        for (key, values) in keys.as_object().ok_or(PolicyError::Shape("Condition"))? {
            let values = texts(Some(values), "Condition")?;
            found.push(Condition { operator: operator.clone(), key: key.clone(), values });
        }
    }
    Ok(found)
}
