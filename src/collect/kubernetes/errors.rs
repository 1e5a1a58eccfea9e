//! What a failed call means. Codes and reasons are matched, never message text.

use std::error::Error;
use std::io;

use kube::client::AuthError;
use serde::Deserialize;

use crate::collect::detail::find;
use crate::collect::transport::kubernetes::login;
use crate::collect::transport::{SeamError, root_cause};
use crate::model::seen::Why;

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) why: Why,
    pub(super) detail: String,
    /// The list has moved on since its first page: its page tokens are worth nothing.
    pub(super) expired: bool,
}

impl Refusal {
    pub(super) fn failed(detail: String) -> Self {
        Self::of(Why::Failed, detail)
    }

    fn of(why: Why, detail: String) -> Self {
        Self { why, detail, expired: false }
    }
}

/// What the API server says of a failure.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    kind: Option<String>,
    message: Option<String>,
    reason: Option<String>,
    details: Option<Details>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    name: Option<String>,
}

impl Status {
    fn read(body: &[u8]) -> Option<Self> {
        let status: Self = serde_json::from_slice(body).ok()?;
        (status.kind.as_deref() == Some("Status")).then_some(status)
    }

    fn names_an_object(&self) -> bool {
        self.details.as_ref().is_some_and(|details| details.name.as_ref().is_some_and(|it| !it.is_empty()))
    }
}

/// The meaning of an answer that is no success.
pub(super) fn of_status(head: &http::response::Parts, body: &[u8], pattern: &str) -> Refusal {
    let code = head.status.as_u16();
    let content_type = head.headers.get(http::header::CONTENT_TYPE);
    let content_type = content_type.and_then(|it| it.to_str().ok()).unwrap_or("no content type");
    let status = Status::read(body);
    let reason = status.as_ref().and_then(|status| status.reason.clone()).unwrap_or_default();
    let message = match &status {
        Some(Status { message: Some(message), .. }) if !message.is_empty() => message.clone(),
        Some(_) => format!("HTTP {code} {reason}"),
        None => {
            let content_type = content_type.chars().take(60).collect();
            SeamError::Unreadable { status: code, content_type }.to_string()
        }
    };
    let unknown_path = match &status {
        Some(status) => !status.names_an_object(),
        None => content_type.starts_with("text/plain"),
    };
    match code {
        401 => Refusal::of(Why::Denied, "the credentials were refused".to_owned()),
        403 => Refusal::of(Why::Denied, message),
        404 if unknown_path => {
            Refusal::failed(format!("the API server does not serve {}", resource(pattern)))
        }
        410 => Refusal {
            expired: true,
            ..Refusal::failed(format!("the list changed faster than it could be read: {message}"))
        },
        429 | 503 => Refusal::of(Why::Throttled, format!("still throttled after every retry, {message}")),
        _ if reason == "Expired" => Refusal { expired: true, ..Refusal::failed(message) },
        _ => Refusal::failed(message),
    }
}

/// `/apis/apps/v1/namespaces/*/deployments` as people call it: `apps/v1 deployments`.
fn resource(pattern: &str) -> String {
    let path = pattern.trim_start_matches("/apis/").trim_start_matches("/api/");
    let path = path.replace("namespaces/*/", "");
    path.rsplit_once('/').map_or(path.clone(), |(group, name)| format!("{group} {name}").trim().to_owned())
}

/// The meaning of a request without an answer.
pub(super) fn of_client(error: &(dyn Error + 'static)) -> Refusal {
    if let Some(own) = find::<SeamError>(error) {
        let why = if matches!(own, SeamError::NotRecorded) { Why::NotRecorded } else { Why::Failed };
        return Refusal::of(why, own.to_string());
    }
    if let Some(credentials) = find::<AuthError>(error) {
        return Refusal::failed(format!("no credentials: {}", login(credentials)));
    }
    let timed_out = find::<io::Error>(error).is_some_and(|it| it.kind() == io::ErrorKind::TimedOut);
    let own = if timed_out { SeamError::TimedOut } else { SeamError::Unreachable(root_cause(error)) };
    Refusal::failed(own.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::canned::{Canned, NAMESPACE, fetch};
    use super::super::network::Network;
    use super::*;
    use crate::model::kubernetes::network::{INGRESSES, LIST_INGRESSES};
    use crate::model::snapshot::{Entry, Outcome};

    /// What the ledger notes of ingresses where the server answers so.
    async fn told(status: u16, body: &str) -> Entry {
        let service = Canned::new(&[(status, body)]);
        service.fetch(&Network, &INGRESSES, NAMESPACE).await.entry(&LIST_INGRESSES, NAMESPACE).clone()
    }

    fn status(reason: &str, message: &str, details: &str) -> String {
        format!(
            r#"{{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{reason}","message":"{message}","details":{details}}}"#
        )
    }

    #[tokio::test]
    async fn refused_credentials_and_a_denied_list_are_denials() {
        let entry = told(401, &status("Unauthorized", "Unauthorized", "null")).await;
        assert_eq!((entry.outcome, &*entry.detail), (Outcome::Denied, "the credentials were refused"));
        let message = "ingresses is forbidden:\\n User cannot list resource";
        let entry = told(403, &status("Forbidden", message, r#"{"kind":"ingresses"}"#)).await;
        let detail = "ingresses is forbidden: User cannot list resource";
        assert_eq!((entry.outcome, &*entry.detail), (Outcome::Denied, detail));
        let entry = told(403, &status("Forbidden", &"no ".repeat(10_000), "null")).await;
        assert_eq!((entry.outcome, entry.detail.chars().count()), (Outcome::Denied, 300));
        let entry = told(403, "<html>").await;
        let detail = "an unreadable answer (HTTP 403, text/plain; charset=utf-8)";
        assert_eq!((entry.outcome, &*entry.detail), (Outcome::Denied, detail));
    }

    #[tokio::test]
    async fn an_api_that_is_not_served_is_told_from_an_object_that_is_not_there() {
        let unserved = "the API server does not serve networking.k8s.io/v1 ingresses";
        for body in ["404 page not found\n", &status("NotFound", "the server could not find it", "{}")] {
            let entry = told(404, body).await;
            assert_eq!((entry.outcome, &*entry.detail), (Outcome::Failed, unserved), "{body}");
        }
        let named = status("NotFound", "namespaces \\\"dev-api\\\" not found", r#"{"name":"dev-api"}"#);
        let entry = told(404, &named).await;
        assert_eq!((entry.outcome, &*entry.detail), (Outcome::Failed, "namespaces \"dev-api\" not found"));
        let foreign = told(404, r#"{"error":"no such page"}"#).await;
        assert_eq!(foreign.detail, "an unreadable answer (HTTP 404, application/json)");
    }

    #[test]
    fn resources_are_called_by_their_group() {
        let patterns = ["/version", "/api/v1/nodes", "/api/v1/namespaces", "/api/v1/namespaces/*/pods"];
        let names = ["version", "v1 nodes", "v1 namespaces", "v1 pods"];
        assert_eq!(patterns.map(resource), names);
        assert_eq!(resource("/apis/apps/v1/namespaces/*/deployments"), "apps/v1 deployments");
    }

    #[tokio::test]
    async fn an_overloaded_server_is_told_from_a_broken_one() {
        for code in [429, 503] {
            let entry = told(code, &status("TooManyRequests", "slow down", "null")).await;
            let detail = "still throttled after every retry, slow down";
            assert_eq!((entry.outcome, &*entry.detail), (Outcome::Throttled, detail));
        }
        let entry = told(500, &status("InternalError", "", "null")).await;
        assert_eq!((entry.outcome, &*entry.detail), (Outcome::Failed, "HTTP 500 InternalError"));
        for code in [302, 502, 504] {
            assert_eq!(told(code, "").await.outcome, Outcome::Failed, "{code}");
        }
    }

    /// What the ledger notes where no answer comes for this reason.
    async fn unanswered(make: fn() -> tower::BoxError) -> Entry {
        let service = tower::util::service_fn(move |_: http::Request<kube::client::Body>| {
            std::future::ready(Err::<http::Response<kube::client::Body>, _>(make()))
        });
        let client = kube::Client::new(service, "default");
        fetch(client, &Network, &INGRESSES, NAMESPACE).await.entry(&LIST_INGRESSES, NAMESPACE).clone()
    }

    #[tokio::test]
    async fn own_and_network_errors_are_told_apart() {
        assert_eq!(unanswered(|| SeamError::NotRecorded.into()).await.outcome, Outcome::NotRecorded);
        let entry = unanswered(|| SeamError::Refused { what: "GET /api/v1/secrets".into() }.into()).await;
        assert_eq!(entry.outcome, Outcome::Failed);
        assert!(entry.detail.contains("refused before it left"), "{}", entry.detail);
        let entry = unanswered(|| io::Error::from(io::ErrorKind::TimedOut).into()).await;
        assert_eq!((entry.outcome, &*entry.detail), (Outcome::Failed, "timed out"));
        let entry = unanswered(|| io::Error::other("connection refused").into()).await;
        assert_eq!((entry.outcome, &*entry.detail), (Outcome::Failed, "unreachable: connection refused"));
    }

    #[tokio::test]
    async fn what_a_credential_plugin_printed_is_not_repeated() {
        let entry = unanswered(|| {
            let out = std::process::Output {
                status: std::process::ExitStatus::default(),
                stdout: b"hunter2".to_vec(),
                stderr: Vec::new(),
            };
            let error = AuthError::AuthExecRun { cmd: "aws".into(), out: Box::new(out) };
            kube::Error::Auth(error).into()
        });
        let entry = entry.await;
        assert_eq!(entry.outcome, Outcome::Failed);
        assert!(
            entry.detail.starts_with("no credentials: the kubeconfig's plugin ended with"),
            "{}",
            entry.detail
        );
        assert!(!entry.detail.contains("hunter2"), "{}", entry.detail);
    }
}
