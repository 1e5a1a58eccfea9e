//! The seam of `kube`: the outermost layer of its client, which sees no host and no token.

mod line;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{Method, Request, Response};
use kube::client::Body;
use serde_json::Value;
use tower::{BoxError, Service};

use super::SeamError;
use super::allow::{READS, is_path};
use super::exchange::{Answer, Parameters, Reply, pairs};
use super::record::Recorder;
use super::replay::Tape;
use crate::model::call::{Call, Wire};
use crate::model::scope::Scope;
pub(crate) use line::{Bearer, Limits, Line, login};

/// What a list may be asked with. A watch never ends, and nothing that is read follows anything.
const ASKED_WITH: &[&str] = &["continue", "fieldSelector", "labelSelector", "limit"];

/// Where requests go.
#[derive(Clone)]
enum Beyond {
    Live { line: Line, recorder: Option<Arc<Recorder>> },
    Tape(Arc<Tape>),
}

/// The service behind the client of one cluster.
#[derive(Clone)]
pub(crate) struct Seam {
    scope: Scope,
    beyond: Beyond,
}

impl Seam {
    /// For declared reads of a cluster, recorded where there is a recorder.
    pub(crate) fn reads(line: Line, scope: Scope, recorder: Option<Arc<Recorder>>) -> Self {
        Self { scope, beyond: Beyond::Live { line, recorder } }
    }

    /// For declared reads of a cluster, answered from a recording.
    pub(crate) fn replays(tape: Arc<Tape>, scope: Scope) -> Self {
        Self { scope, beyond: Beyond::Tape(tape) }
    }

    async fn pass(self, request: Parts) -> Result<Response<Body>, SeamError> {
        let call = declared(&request).ok_or_else(|| {
            let asked = request.uri.path_and_query().map_or("/", |it| it.as_str());
            SeamError::Refused { what: format!("{} {asked}", request.method) }
        })?;
        let parameters = parameters(&request);
        let reply = match self.beyond {
            Beyond::Tape(tape) => tape.answer(&self.scope, call, &parameters)?.clone(),
            Beyond::Live { line, recorder } => {
                let asking = recorder.as_ref().map(|it| it.asking(&self.scope, call, parameters));
                let answer = line.ask(&request).await;
                if let Some(asking) = asking {
                    asking.answered(answer.clone());
                }
                // A large answer is moved on, not copied.
                match answer {
                    Answer::Response(reply) => reply,
                    other => other.reply()?.clone(),
                }
            }
        };
        readable(reply)
    }
}

impl Service<Request<Body>> for Seam {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let seam = self.clone();
        let (request, _) = request.into_parts();
        Box::pin(async move { Ok(seam.pass(request).await?) })
    }
}

/// The declared call that this request is. Names in paths have no character that needs encoding, so one that is encoded
/// is no name.
fn declared(request: &Parts) -> Option<&'static Call> {
    let uri = &request.uri;
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-.".contains(c);
    let path = Some(uri.path()).filter(|path| path.chars().all(plain) && !path.contains("/."))?;
    let narrows = query(request).keys().all(|name| ASKED_WITH.contains(&name.as_str()));
    if request.method != Method::GET || uri.host().is_some() || !narrows {
        return None;
    }
    let calls = READS.values().filter(|call| call.sdk_service == "Kubernetes").copied();
    calls.into_iter().find(|call| matches!(call.wire, Wire::Rest(pattern) if is_path(path, pattern)))
}

fn parameters(request: &Parts) -> Parameters {
    let path = ("path".to_owned(), request.uri.path().to_owned());
    let query = query(request).into_iter().chain([path]);
    query.map(|(name, value)| (name, Value::String(value))).collect()
}

fn query(request: &Parts) -> BTreeMap<String, String> {
    pairs(request.uri.query().unwrap_or_default())
}

/// An API server answers in JSON; what a proxy shows instead of it is no empty list.
fn readable(reply: Reply) -> Result<Response<Body>, SeamError> {
    let Reply { status, headers, body } = reply;
    let content_type = headers.get(CONTENT_TYPE.as_str()).map_or("no content type", String::as_str);
    let unreadable =
        || SeamError::Unreadable { status, content_type: content_type.chars().take(60).collect() };
    if status < 300 && !body.trim_start().starts_with('{') {
        return Err(unreadable());
    }
    let response = Response::builder().status(status).header(CONTENT_TYPE, content_type);
    response.body(Body::from(body.into_bytes())).map_err(|_| unreadable())
}

/// What a recording keeps of an answer.
fn answered(answer: Result<Reply, SeamError>) -> Answer {
    match answer {
        Ok(reply) => Answer::Response(reply),
        Err(SeamError::TimedOut) => Answer::TimedOut,
        Err(SeamError::TooLarge(size)) => Answer::TooLarge(size),
        Err(SeamError::NoCredentials(cause)) => Answer::NoCredentials(cause),
        Err(SeamError::Unreachable(cause)) => Answer::Unreachable(cause),
        Err(other) => Answer::Unreachable(other.to_string()),
    }
}
