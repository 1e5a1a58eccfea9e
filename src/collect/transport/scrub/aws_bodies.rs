//! What AWS answers hold besides credentials: plain variables, and what differs from answer to answer.

use std::borrow::Cow;

use serde_json::Value;

use super::{SCRUBBED, splice};

/// Elements whose content differs from answer to answer, and what they hold instead.
const VOLATILE: &[(&str, &str)] = &[
    ("HostId", "0"),
    ("LatestRestorableTime", "1970-01-01T00:00:00Z"),
    ("RequestID", "0"),
    ("RequestId", "0"),
    ("requestId", "0"),
];

pub(super) fn constant_elements(text: &str) -> Cow<'_, str> {
    let mut found = Vec::new();
    for (element, constant) in VOLATILE {
        let open = format!("<{element}>");
        for (at, _) in text.match_indices(&open) {
            let from = at + open.len();
            if let Some(length) = text[from..].find('<') {
                found.push((from..from + length, (*constant).to_owned()));
            }
        }
    }
    found.sort_by_key(|(at, _)| at.start);
    splice(text, &found)
}

/// Values of plain environment variables: people keep passwords there, and no collector copies them.
pub(super) fn without_plain_variables(body: &str) -> String {
    fn clear(value: &mut Value, variable: bool) {
        match value {
            Value::Object(members) => {
                let refers = members.get("type").and_then(Value::as_str).is_some_and(|it| it != "PLAINTEXT");
                for (name, value) in members.iter_mut() {
                    if variable && name == "value" && !refers {
                        *value = Value::String(SCRUBBED.to_owned());
                    } else {
                        clear(value, name == "environment" || name == "environmentVariables");
                    }
                }
                if let Some(token) = members.get_mut("OAuthToken") {
                    *token = Value::String(SCRUBBED.to_owned());
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| clear(item, variable)),
            _ => {}
        }
    }
    match serde_json::from_str::<Value>(body) {
        Ok(mut value) => {
            clear(&mut value, false);
            value.to_string()
        }
        Err(_) => body.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_variables_are_cleared_and_references_stay() {
        let body = r#"{"environment":[{"name":"P","value":"hunter2"}],"environmentVariables":[{"name":"S","value":"db:pw","type":"SECRETS_MANAGER"},{"name":"Q","value":"hunter3","type":"PLAINTEXT"}],"tags":[{"key":"k","value":"v"}]}"#;
        let shown = without_plain_variables(body);
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(shown.contains("db:pw") && shown.contains(r#""value":"v""#), "{shown}");
    }
}
