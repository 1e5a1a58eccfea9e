//! What an AWS request says, whatever protocol it speaks.

use std::collections::BTreeMap;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::Value;

use crate::collect::transport::exchange::{Parameters, pairs};
use crate::model::call::{Call, Wire};

/// What a request asks with, free of what the protocol, the time or the order of members adds.
pub(super) fn parameters(call: &Call, request: &HttpRequest) -> Parameters {
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
        Wire::Get { .. } | Wire::Rest(_) | Wire::Arm { .. } => {
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

pub(super) fn path(request: &HttpRequest) -> &str {
    let uri = request.uri();
    let after_host = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path = after_host.find('/').map_or("/", |at| &after_host[at..]);
    path.split(['?', '#']).next().unwrap_or(path)
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
    fn the_order_of_members_does_not_count() {
        let one = serde_json::json!({"b": [{"y": 1, "x": 2}], "a": 1});
        let text = serde_json::to_string(&sorted(one)).expect("plain data");
        assert_eq!(text, r#"{"a":1,"b":[{"x":2,"y":1}]}"#);
    }
}
