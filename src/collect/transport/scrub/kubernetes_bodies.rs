//! What Kubernetes answers hold besides credentials: variables, commands and arguments, where people keep passwords, the
//! copies of all that which tools keep beside it, containers' last words, and what every touch of an object changes.

use serde_json::{Map, Value};

use super::SCRUBBED;

/// Members of metadata that say who wrote last, and how often.
const VOLATILE: &[&str] = &["managedFields", "resourceVersion"];

/// Annotations in which tools keep their own copies of the whole object, some of them packed.
pub(crate) const COPIES: &[&str] = &[
    "banzaicloud.com/last-applied",
    "kapp.k14s.io/original",
    "kubectl.kubernetes.io/last-applied-configuration",
    "objectset.rio.cattle.io/applied",
];

/// The body without them. One that is no JSON is kept: the seam lets none pass that is not an error.
pub(super) fn without_secrets(body: &str) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(mut value) => {
            clear(&mut value);
            value.to_string()
        }
        Err(_) => body.to_owned(),
    }
}

fn clear(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("lastHeartbeatTime");
            for (name, value) in members.iter_mut() {
                match (name.as_str(), &mut *value) {
                    // What a container left behind as it ended may be the end of its log.
                    ("terminated" | "waiting", Value::Object(state)) => _ = state.remove("message"),
                    ("metadata", Value::Object(metadata)) => clear_metadata(metadata),
                    ("env" | "httpHeaders", Value::Array(pairs)) => pairs.iter_mut().for_each(clear_pair),
                    ("command" | "args", Value::Array(words)) if !words.is_empty() => {
                        *words = vec![Value::from(SCRUBBED)];
                    }
                    _ => clear(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(clear),
        _ => {}
    }
}

fn clear_metadata(metadata: &mut Map<String, Value>) {
    for name in VOLATILE {
        metadata.remove(*name);
    }
    if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
        annotations.retain(|name, value| {
            !COPIES.contains(&name.as_str()) && !is_object(value.as_str().unwrap_or_default())
        });
        // A piece of a proxy's configuration may set a header that logs in.
        for (_, snippet) in annotations.iter_mut().filter(|(name, _)| name.ends_with("-snippet")) {
            *snippet = Value::from(SCRUBBED);
        }
    }
}

/// Whether an annotation holds a whole object, as further tools keep what they applied.
fn is_object(annotation: &str) -> bool {
    let value: Option<Map<String, Value>> = serde_json::from_str(annotation).ok();
    value.is_some_and(|it| it.contains_key("apiVersion") || it.contains_key("spec"))
}

fn clear_pair(pair: &mut Value) {
    if let Some(value) = pair.get_mut("value") {
        *value = Value::from(SCRUBBED);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn neither_variables_nor_commands_nor_their_copies_are_shown() {
        let container = json!({"name": "c", "image": "i", "command": ["sh", "-c", "hunter2"], "args": ["--key=hunter2"],
            "env": [{"name": "P", "value": "hunter2"}, {"name": "R", "valueFrom": {"secretKeyRef": {"name": "s"}}}],
            "livenessProbe": {"httpGet": {"httpHeaders": [{"name": "X", "value": "hunter2"}]}},
            "lifecycle": {"preStop": {"exec": {"command": ["hunter2"]}}}});
        let copy = json!({"apiVersion": "apps/v1", "spec": {"x": "hunter2"}}).to_string();
        let body = json!({"kind": "DeploymentList", "metadata": {"resourceVersion": "17", "continue": "abc"}, "items": [{
            "metadata": {"name": "d", "resourceVersion": "9", "uid": "u", "managedFields": [{"x": "hunter2"}],
                "labels": {"env": "dev"},
                "annotations": {"kubectl.kubernetes.io/last-applied-configuration": copy, "tool/copy": copy,
                    "objectset.rio.cattle.io/applied": "H4sIhunter2", "banzaicloud.com/last-applied": "UEsDhunter2", "deployment.kubernetes.io/revision": "3",
                    "nginx/configuration-snippet": "proxy_set_header Authorization \"Basic hunter2\";",
                    "alb/actions": "{\"type\":\"redirect\"}"}},
            "spec": {"template": {"spec": {"containers": [container], "initContainers": [container]}}},
            "status": {"conditions": [{"type": "Ready", "lastHeartbeatTime": "2026-01-01T00:00:00Z"}],
                "containerStatuses": [{"name": "c", "imageID": "i@sha256:0", "lastState": {"terminated":
                    {"reason": "Error", "message": "can't log in with hunter2"}}}]}}]});
        let shown: Value = serde_json::from_str(&without_secrets(&body.to_string())).expect("JSON");
        assert!(!shown.to_string().contains("hunter2"), "{shown}");
        let object = &shown["items"][0];
        assert_eq!(
            object["metadata"],
            json!({"name": "d", "uid": "u", "labels": {"env": "dev"}, "annotations":
                {"deployment.kubernetes.io/revision": "3", "nginx/configuration-snippet": SCRUBBED,
                    "alb/actions": "{\"type\":\"redirect\"}"}})
        );
        assert_eq!(shown["metadata"], json!({"continue": "abc"}));
        assert_eq!(object["status"]["conditions"], json!([{"type": "Ready"}]));
        let container = &object["status"]["containerStatuses"][0];
        assert_eq!(container["lastState"], json!({"terminated": {"reason": "Error"}}));
        let container = &object["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["env"][1]["valueFrom"]["secretKeyRef"]["name"], "s");
        assert_eq!((&container["image"], &container["command"]), (&json!("i"), &json!(["SCRUBBED"])));
    }

    #[test]
    fn an_error_page_stays_what_it_is() {
        assert_eq!(without_secrets("404 page not found"), "404 page not found");
    }
}
