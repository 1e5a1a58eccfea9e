//! What Azure answers hold besides ids: keys and passwords, and who touched what.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::SCRUBBED;

/// Members that hold a secret, in lower case, besides those whose name ends as a key's does.
const SECRETS: &[&str] = &[
    "accesstoken",
    "adminpassword",
    "clientsecret",
    "connectionstring",
    "connectionstrings",
    "password",
    "sastoken",
    "secret",
    "sharedaccesssignature",
];

/// Names of keys that are none of a lock.
const NO_SECRETS: &[&str] = &["partitionkey", "publickey"];

/// Members in which people are named.
const PEOPLE: &[&str] = &["createdby", "lastmodifiedby", "updatedby"];

/// Lists of certificates whose data has the key in it; what others know of them stands beside it.
const CERTIFICATES: &[&str] = &["sslcertificates"];

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9._%+#-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+").expect("a fixed pattern")
});

/// The body without them. One that is no JSON holds an error, in somebody's words.
pub(super) fn without_secrets(body: &str) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(mut value) => {
            walk("", false, &mut value, &mut |text, shown| *text = shown);
            value.to_string()
        }
        Err(_) => without_people(body),
    }
}

/// What a body shows that it should not.
pub(super) fn leaks(body: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(mut value) = serde_json::from_str::<Value>(body) {
        walk("", false, &mut value, &mut |text, _| found.push(text.clone()));
    }
    found
}

/// A text without addresses of people.
pub(super) fn without_people(text: &str) -> String {
    ADDRESS.replace_all(text, SCRUBBED).into_owned()
}

/// Brings every text that may not be shown to `with`, beside what may be shown in its place.
fn walk(name: &str, certificate: bool, value: &mut Value, with: &mut dyn FnMut(&mut String, String)) {
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                let within = certificate || CERTIFICATES.contains(&name.to_ascii_lowercase().as_str());
                walk(name, within, value, with);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(name, certificate, item, with)),
        Value::String(text) => {
            let shown = shown(&name.to_ascii_lowercase(), certificate, text);
            if let Some(shown) = shown.filter(|shown| shown != text) {
                with(text, shown);
            }
        }
        _ => {}
    }
}

/// What may be shown of a member's text, where that is not all of it. `name` is in lower case.
fn shown(name: &str, certificate: bool, text: &str) -> Option<String> {
    if name == "message" {
        return Some(without_people(text));
    }
    let key = ["key", "keys"].iter().any(|end| name.ends_with(end) && name.len() > end.len());
    let secret = SECRETS.contains(&name) || key && !NO_SECRETS.contains(&name);
    let person = PEOPLE.contains(&name) && text.contains(['@', ' ']);
    let own = certificate && name == "data";
    ((secret || person || own) && !text.is_empty()).then(|| SCRUBBED.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_of_secret_is_found_and_cleared() {
        for (secret, path) in [
            (json!({"properties": {"InstrumentationKey": "hunter2"}}), "/properties/InstrumentationKey"),
            (json!({"ConnectionString": "hunter2"}), "/ConnectionString"),
            (json!({"primaryMasterKey": "hunter2"}), "/primaryMasterKey"),
            (json!({"keys": {"secondaryReadonlyMasterKey": "hunter2"}}), "/keys/secondaryReadonlyMasterKey"),
            (json!({"accessKeys": ["hunter2"]}), "/accessKeys/0"),
            (json!({"windowsProfile": {"adminPassword": "hunter2"}}), "/windowsProfile/adminPassword"),
            (json!({"servicePrincipalProfile": {"secret": "hunter2"}}), "/servicePrincipalProfile/secret"),
            (
                json!({"sslCertificates": [{"properties": {"data": "hunter2"}}]}),
                "/sslCertificates/0/properties/data",
            ),
            (json!({"systemData": {"createdBy": "jane@acme.io"}}), "/systemData/createdBy"),
            (json!({"systemData": {"lastModifiedBy": "Jane Roe"}}), "/systemData/lastModifiedBy"),
        ] {
            let body = secret.to_string();
            assert_eq!(leaks(&body).len(), 1, "{body}");
            let shown = without_secrets(&body);
            assert_eq!(leaks(&shown), Vec::<String>::new(), "{shown}");
            let shown: Value = serde_json::from_str(&shown).expect("JSON");
            assert_eq!(shown.pointer(path), Some(&json!(SCRUBBED)), "{shown}");
        }
    }

    #[test]
    fn who_was_refused_is_not_named() {
        let body = json!({"error": {"message": "The client 'jane@acme.io' with object id 'x' has no right"}});
        assert!(!leaks(&body.to_string()).is_empty());
        let shown = without_secrets(&body.to_string());
        assert!(shown.contains("The client 'SCRUBBED' with object id 'x' has no right"), "{shown}");
        assert_eq!(leaks(&shown), Vec::<String>::new());
    }

    #[test]
    fn what_collectors_read_stays() {
        let body = json!({
            "key": "v", "tags": {"env": "dev"}, "partitionKey": {"paths": ["/id"], "kind": "Hash"},
            "disableLocalAuth": true, "createdBy": "c0ffee00-1111-4222-8333-444455556666",
            "sslCertificates": [{"name": "c", "properties": {"publicCertData": "MII", "keyVaultSecretId": "https://v"}}],
        });
        assert_eq!(serde_json::from_str::<Value>(&without_secrets(&body.to_string())).expect("JSON"), body);
    }
}
