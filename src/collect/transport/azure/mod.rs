//! The seam of the Azure SDK: the transport of the one pipeline that all reads of Azure Resource Manager go through, and
//! what stands before the token in it.

mod allow;
pub(crate) mod exchanges;
pub(crate) mod line;
mod retries;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::Bytes;
use azure_core::credentials::TokenCredential;
use azure_core::http::headers::{HeaderName, Headers};
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{
    AsyncRawResponse, ClientOptions, Context, Pipeline, Request, RetryOptions, StatusCode, Transport, Url,
};
use http::header::CONTENT_TYPE;
use http_body_util::Full;
use serde_json::Value;

use super::SeamError;
use super::exchange::{Answer, Parameters, Reply};
use super::record::Recorder;
use super::replay::Tape;
use crate::model::call::Call;
use crate::model::scope::Scope;
use line::Line;
use retries::Retries;

/// The call that a request is sent for, in the request's context.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking(pub(crate) &'static Call);

/// Who may ask, and for what.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    pub(crate) credential: Arc<dyn TokenCredential>,
    /// `https://management.azure.com/.default`
    pub(crate) token_scope: String,
}

/// Where requests go.
#[derive(Clone, Debug)]
enum Beyond {
    Live { line: Line, bearer: Bearer, recorder: Option<Arc<Recorder>> },
    Tape(Arc<Tape>),
}

/// The transport of one subscription's reads.
#[derive(Clone, Debug)]
pub(crate) struct Seam {
    /// Of the cloud's Resource Manager.
    origin: Url,
    scope: Scope,
    beyond: Beyond,
}

impl Seam {
    /// For declared reads in a scope, recorded where there is a recorder.
    pub(crate) fn reads(
        line: Line,
        bearer: Bearer,
        origin: Url,
        scope: Scope,
        recorder: Option<Arc<Recorder>>,
    ) -> Self {
        Self { origin, scope, beyond: Beyond::Live { line, bearer, recorder } }
    }

    /// For declared reads in a scope, answered from a recording.
    pub(crate) fn replays(tape: Arc<Tape>, origin: Url, scope: Scope) -> Self {
        Self { origin, scope, beyond: Beyond::Tape(tape) }
    }

    pub(crate) fn origin(&self) -> &Url {
        &self.origin
    }

    /// What is refused never gets as far as the token; what is recorded or replayed is what the service says, not
    /// what comes of asking again.
    pub(crate) fn pipeline(self) -> Pipeline {
        let mut policies: Vec<Arc<dyn Policy>> =
            vec![Arc::new(Guard { origin: self.origin.clone(), scope: self.scope.clone() })];
        if let Beyond::Live { line, bearer, recorder: _ } = &self.beyond {
            let Bearer { credential, token_scope } = bearer.clone();
            policies.push(Arc::new(Retries(line.limits())));
            policies.push(Arc::new(BearerTokenAuthorizationPolicy::new(credential, [token_scope])));
        }
        let options = ClientOptions {
            retry: RetryOptions::none(),
            transport: Some(Transport::with_policy(Arc::new(self))),
            ..ClientOptions::default()
        };
        let (name, version) = (option_env!("CARGO_PKG_NAME"), option_env!("CARGO_PKG_VERSION"));
        Pipeline::new(name, version, options, Vec::new(), policies, None)
    }

    /// The second of two checks; then on to the service or the tape.
    async fn pass(&self, context: &Context<'_>, request: &Request) -> Result<Answered, SeamError> {
        let call = allow::admitted(context.value(), request, &self.origin, &self.scope)?;
        let parameters = parameters(request.url());
        match &self.beyond {
            Beyond::Tape(tape) => {
                let reply = tape.answer(&self.scope, call, &parameters)?;
                Ok(Answered { headers: Headers::new(), reply: readable(reply.clone())? })
            }
            Beyond::Live { line, bearer: _, recorder } => {
                let asking = recorder.as_ref().map(|it| it.asking(&self.scope, call, parameters));
                let answer = ask(line, request).await;
                if let Some(asking) = asking {
                    asking.answered(answered(&answer));
                }
                let Answered { headers, reply } = answer?;
                Ok(Answered { headers, reply: readable(reply)? })
            }
        }
    }
}

#[async_trait]
impl Policy for Seam {
    async fn send(&self, context: &Context, request: &mut Request, _: &[Arc<dyn Policy>]) -> PolicyResult {
        let Answered { mut headers, reply } = self.pass(context, request).await.map_err(carried)?;
        for (name, value) in reply.headers {
            headers.insert(name, value);
        }
        let status = StatusCode::from(reply.status);
        Ok(AsyncRawResponse::from_bytes(status, headers, Bytes::from(reply.body)))
    }
}

/// The first of two checks, before anything logs in.
#[derive(Debug)]
struct Guard {
    origin: Url,
    scope: Scope,
}

#[async_trait]
impl Policy for Guard {
    async fn send(&self, context: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        allow::admitted(context.value(), request, &self.origin, &self.scope).map_err(carried)?;
        next[0].send(context, request, &next[1..]).await
    }
}

/// As the SDK carries it; none of this kind is tried again.
pub(super) fn carried(error: SeamError) -> azure_core::Error {
    azure_core::Error::new(azure_core::error::ErrorKind::Other, error)
}

/// An answer, and headers that say when to come again: they are not recorded.
struct Answered {
    headers: Headers,
    reply: Reply,
}

async fn ask(line: &Line, request: &Request) -> Result<Answered, SeamError> {
    let mut asked = http::Request::get(request.url().as_str());
    for (name, value) in request.headers().iter() {
        asked = asked.header(name.as_str(), value.as_str());
    }
    let unsent = |error: http::Error| SeamError::Unreachable(error.to_string());
    let response = line.ask(asked.body(Full::default()).map_err(unsent)?).await?;
    let said = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let mut headers = Headers::new();
    for name in ["retry-after", "retry-after-ms", "x-ms-retry-after-ms", "www-authenticate"] {
        if let Some(value) = said(name) {
            headers.insert(HeaderName::from_static(name), value.to_owned());
        }
    }
    let content_type = said(CONTENT_TYPE.as_str()).map(|value| (CONTENT_TYPE.to_string(), value.to_owned()));
    let body = String::from_utf8_lossy(response.body());
    let reply = Reply {
        status: response.status().as_u16(),
        headers: BTreeMap::from_iter(content_type),
        body: body.trim_start_matches('\u{feff}').to_owned(),
    };
    Ok(Answered { headers, reply })
}

/// What a call is asked with: names without case are kept in lower case, and page tokens as the link has them.
fn parameters(url: &Url) -> Parameters {
    let path = ("path".to_owned(), url.path().to_ascii_lowercase());
    let tokens = url.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let tokens =
        tokens.map(|(name, value)| (name.to_ascii_lowercase().replace("%24", "$"), value.to_owned()));
    let tokens = tokens.filter(|(name, _)| name == SKIP_TOKEN);
    let plain = url.query_pairs().map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()));
    let all = plain.chain(tokens).chain([path]);
    all.map(|(name, value)| (name, Value::String(value))).collect()
}

const SKIP_TOKEN: &str = "$skiptoken";

/// What a recording keeps of an answer. Links to further pages are found in it by their text, so that it is written as
/// everybody writes it.
fn answered(answer: &Result<Answered, SeamError>) -> Answer {
    match answer {
        Ok(Answered { reply, .. }) => {
            let plain = serde_json::from_str::<Value>(&reply.body).ok();
            let body = plain.map_or_else(|| reply.body.clone(), |plain| plain.to_string());
            Answer::Response(Reply { body, ..reply.clone() })
        }
        Err(SeamError::TimedOut) => Answer::TimedOut,
        Err(SeamError::TooLarge(size)) => Answer::TooLarge(*size),
        Err(SeamError::NoCredentials(cause)) => Answer::NoCredentials(cause.clone()),
        Err(SeamError::Unreachable(cause)) => Answer::Unreachable(cause.clone()),
        Err(other) => Answer::Unreachable(other.to_string()),
    }
}

/// Resource Manager answers a read with an object; what a proxy shows instead of it is no empty list, and where it sends
/// somebody else nobody goes.
fn readable(reply: Reply) -> Result<Reply, SeamError> {
    if reply.status < 400 && !(reply.status < 300 && reply.body.trim_start().starts_with('{')) {
        let content_type = reply.headers.get(CONTENT_TYPE.as_str()).map_or("no content type", String::as_str);
        let content_type = content_type.chars().take(60).collect();
        return Err(SeamError::Unreadable { status: reply.status, content_type });
    }
    Ok(reply)
}
