//! One question to a service and its answer, in a form that is the same at every recording.

use std::collections::BTreeMap;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::allow::path;
use crate::model::call::{Call, Wire};
use crate::model::scope::Scope;

/// What a call was asked with, by name.
pub(crate) type Parameters = BTreeMap<String, Value>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    pub(crate) call: String,
    pub(crate) scope: Scope,
    pub(crate) parameters: Parameters,
    pub(crate) answer: Answer,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Response {
        status: u16,
        headers: BTreeMap<String, String>,
        body: String,
    },
    TimedOut,
    /// The cause, as far as the network tells.
    Unreachable(String),
}

/// Response headers that the SDK reads. The rest differ from call to call, or tell what is nobody's business.
pub(crate) const KEPT_HEADERS: &[&str] = &["content-type", "x-amz-bucket-region", "x-amzn-errortype"];

/// What tells exchanges apart: where, which call, and asked with what.
pub(crate) fn key(scope: &Scope, call: &str, parameters: &Parameters) -> String {
    let parameters = serde_json::to_string(parameters).expect("plain data");
    format!("{}/{}/{call} {parameters}", scope.account, scope.region)
}

/// What a request asks with, free of what the protocol, the time or the order of members adds.
pub(crate) fn parameters(call: &Call, request: &HttpRequest) -> Parameters {
    match call.wire {
        Wire::Query => {
            let mut form = form(request).unwrap_or_default();
            form.retain(|name, _| name != "Action" && name != "Version");
            form.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
        }
        Wire::Target(_) => match serde_json::from_slice(request.body().bytes().unwrap_or_default()) {
            Ok(Value::Object(members)) => {
                members.into_iter().map(|(name, value)| (name, sorted(value))).collect()
            }
            _ => Parameters::new(),
        },
        Wire::Get { .. } | Wire::Rest(_) => {
            let query = query(request).into_iter().filter(|(name, _)| name != "x-id");
            let path = ("path".to_owned(), path(request).to_owned());
            query.chain([path]).map(|(name, value)| (name, Value::String(value))).collect()
        }
    }
}

/// The form in a request's body, where it is one.
pub(super) fn form(request: &HttpRequest) -> Option<BTreeMap<String, String>> {
    std::str::from_utf8(request.body().bytes()?).ok().map(pairs)
}

pub(super) fn query(request: &HttpRequest) -> BTreeMap<String, String> {
    request.uri().split_once('?').map(|(_, query)| pairs(query)).unwrap_or_default()
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(k, v)| (plain(k), plain(v))).collect()
}

/// Undoes percent and plus encoding.
fn plain(text: &str) -> String {
    let mut rest = text.as_bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let escaped = || u8::from_str_radix(std::str::from_utf8(after.get(..2)?).ok()?, 16).ok();
        match byte {
            b'+' => out.push(b' '),
            b'%' => match escaped() {
                Some(value) => {
                    out.push(value);
                    rest = &after[2..];
                }
                None => out.push(byte),
            },
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The same value with the members of every object in order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<String, Value> =
                members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_undone() {
        let pairs = pairs("Filter.1.Name=vpc-id&Name=a+b%2Fc%zz&flag&Z=%C3%A9");
        assert_eq!(pairs["Filter.1.Name"], "vpc-id");
        assert_eq!(pairs["Name"], "a b/c%zz");
        assert_eq!(pairs["flag"], "");
        assert_eq!(pairs["Z"], "é");
    }

    #[test]
    fn the_order_of_members_does_not_count() {
        let one = serde_json::json!({"b": [{"y": 1, "x": 2}], "a": 1});
        let text = serde_json::to_string(&sorted(one)).expect("plain data");
        assert_eq!(text, r#"{"a":1,"b":[{"x":2,"y":1}]}"#);
    }
}
