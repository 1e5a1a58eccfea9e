//! Where a policy asks for something.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::model::run::PolicyPlace;

/// What relative paths start at.
pub(super) const ROOT: &str = "%SRCROOT%";

/// The line of a policy. Readers that want a region in full get its first character: that is all of the line we know of.
pub(super) fn place(policy: &PolicyPlace) -> Value {
    let line = policy.line.max(1);
    let path = policy.file.strip_prefix("./").unwrap_or(&policy.file);
    let artifact = if path.starts_with('/') {
        json!({ "uri": format!("file://{}", encode(path)) })
    } else {
        json!({ "uri": encode(path), "uriBaseId": ROOT })
    };
    json!({ "physicalLocation": {
        "artifactLocation": artifact,
        "region": { "startLine": line, "startColumn": 1, "endLine": line, "endColumn": 2 },
    } })
}

fn encode(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_uri() {
        let uri = |file: &str| place(&PolicyPlace { file: file.into(), line: 0 })["physicalLocation"].take();
        let relative = uri("./designs/a b:c%.toml");
        assert_eq!(relative["artifactLocation"]["uri"], "designs/a%20b%3Ac%25.toml");
        assert_eq!(relative["artifactLocation"]["uriBaseId"], ROOT);
        assert_eq!(relative["region"]["startLine"], 1);
        let absolute = uri("/srv/é.toml");
        assert_eq!(absolute["artifactLocation"], json!({ "uri": "file:///srv/%C3%A9.toml" }));
    }
}
