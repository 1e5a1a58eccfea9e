//! The seam of the AWS SDKs: the HTTP client of all their clients.

pub(crate) mod allow;
pub(crate) mod live;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;

use super::SeamError;
use super::exchange::{Answer, Reply};
use super::record::Recorder;
use super::replay::Tape;
use super::root_cause;
use crate::model::scope::Scope;
use live::Line;

impl From<SeamError> for ConnectorError {
    fn from(error: SeamError) -> Self {
        Self::user(error.into())
    }
}

/// What a client is for decides which list it is held to.
#[derive(Clone, Debug)]
enum Purpose {
    Credentials,
    Reads(Scope),
}

/// Where requests go.
#[derive(Clone, Debug)]
enum Beyond {
    Live { line: Line, recorder: Option<Arc<Recorder>> },
    Tape(Arc<Tape>),
}

/// The HTTP client of all SDK clients of one scope.
#[derive(Clone, Debug)]
pub(crate) struct Seam {
    purpose: Purpose,
    beyond: Beyond,
}

impl Seam {
    /// For credential exchanges; they are never recorded.
    pub(crate) fn credentials(line: Line) -> Self {
        Self { purpose: Purpose::Credentials, beyond: Beyond::Live { line, recorder: None } }
    }

    /// For declared reads in a scope, recorded where there is a recorder.
    pub(crate) fn reads(line: Line, scope: Scope, recorder: Option<Arc<Recorder>>) -> Self {
        Self { purpose: Purpose::Reads(scope), beyond: Beyond::Live { line, recorder } }
    }

    /// For declared reads in a scope, answered from a recording.
    pub(crate) fn replays(tape: Arc<Tape>, scope: Scope) -> Self {
        Self { purpose: Purpose::Reads(scope), beyond: Beyond::Tape(tape) }
    }

    /// The first of two checks: by what the SDK calls the operation.
    fn admit(&self, operation: Option<&Metadata>) -> Result<(), SeamError> {
        let permitted = operation.is_some_and(|it| match self.purpose {
            Purpose::Credentials => allow::exchanges(it.service(), it.name()),
            Purpose::Reads(_) => allow::declared(it.service(), it.name()),
        });
        if permitted {
            return Ok(());
        }
        let what = operation.map_or_else(
            || "a request without a name".into(),
            |it| format!("{}:{}", it.service(), it.name()),
        );
        Err(SeamError::Refused { what })
    }

    /// The second check, by what stands in the request; then on to the service or the tape.
    async fn pass(
        &self,
        request: HttpRequest,
        line: Option<SharedHttpConnector>,
    ) -> Result<HttpResponse, ConnectorError> {
        let refused =
            || SeamError::Refused { what: format!("{} {}", request.method(), wire::path(&request)) };
        match (&self.purpose, &self.beyond) {
            (Purpose::Credentials, Beyond::Live { line: limits, .. }) => {
                if !allow::exchanges_on_the_wire(&request) {
                    return Err(refused().into());
                }
                limits.exchange(request, line.as_ref()).await
            }
            (Purpose::Credentials, Beyond::Tape(_)) => Err(refused().into()),
            (Purpose::Reads(scope), beyond) => {
                let call = allow::declared_on_the_wire(&request).ok_or_else(refused)?;
                let parameters = wire::parameters(call, &request);
                let attempt = Attempt::of(&request);
                let response = match beyond {
                    Beyond::Tape(tape) => replayed(tape.answer(scope, call, &parameters)?),
                    Beyond::Live { line: _, recorder } => {
                        let asking = recorder.as_ref().map(|it| it.asking(scope, call, parameters));
                        let answer = live::send(request, line.as_ref()).await;
                        if let Some(asking) = asking {
                            asking.answered(answered(&answer));
                        }
                        answer
                    }
                }?;
                attempt.readable(response)
            }
        }
    }
}

/// Response headers that the SDK reads. The rest differ from call to call, or tell what is nobody's business.
const KEPT_HEADERS: &[&str] = &["content-type", "x-amz-bucket-region", "x-amzn-errortype"];

/// What a recording keeps of an answer.
fn answered(answer: &Result<HttpResponse, ConnectorError>) -> Answer {
    match answer {
        Ok(response) => Answer::Response(Reply {
            status: response.status().as_u16(),
            headers: kept_headers(response),
            body: String::from_utf8_lossy(response.body().bytes().unwrap_or_default()).into_owned(),
        }),
        Err(error) if error.is_timeout() => Answer::TimedOut,
        Err(error) => Answer::Unreachable(root_cause(error)),
    }
}

fn kept_headers(response: &HttpResponse) -> BTreeMap<String, String> {
    let kept = KEPT_HEADERS.iter().filter_map(|name| Some((*name, response.headers().get(*name)?)));
    kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn replayed(reply: &Reply) -> Result<HttpResponse, ConnectorError> {
    let status = reply.status.try_into().map_err(|error| ConnectorError::user(Box::new(error)))?;
    let mut response = HttpResponse::new(status, SdkBody::from(reply.body.as_str()));
    for (name, value) in &reply.headers {
        response
            .headers_mut()
            .try_insert(name.clone(), value.clone())
            .map_err(|error| ConnectorError::user(Box::new(error)))?;
    }
    Ok(response)
}

impl HttpClient for Seam {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let line = match &self.beyond {
            Beyond::Live { line, .. } => Some(line.connector(components)),
            Beyond::Tape(_) => None,
        };
        SharedHttpConnector::new(Connector { seam: self.clone(), line })
    }

    fn validate_final_config(&self, _: &RuntimeComponents, cfg: &ConfigBag) -> Result<(), BoxError> {
        Ok(self.admit(cfg.load::<Metadata>())?)
    }
}

#[derive(Clone, Debug)]
struct Connector {
    seam: Seam,
    line: Option<SharedHttpConnector>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { seam, line } = self.clone();
        HttpConnectorFuture::new(async move { seam.pass(request, line).await })
    }
}

/// Which try of how many this is, as the SDK tells the service.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    number: u32,
    last: bool,
}

impl Attempt {
    fn of(request: &HttpRequest) -> Self {
        let header = request.headers().get("amz-sdk-request").unwrap_or_default();
        let value = |name: &str| {
            let mut parts = header.split(';').filter_map(|part| part.trim().split_once('='));
            parts.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse().ok())
        };
        let number = value("attempt").unwrap_or(1);
        Self { number, last: value("max").is_none_or(|max: u32| number >= max) }
    }

    /// An API that doesn't know an operation may answer with a web page and HTTP 500. That is tried twice,
    /// not five times.
    fn readable(self, response: HttpResponse) -> Result<HttpResponse, ConnectorError> {
        let status = response.status();
        let content_type = response.headers().get("content-type").unwrap_or("no content type");
        let body = response.body().bytes().unwrap_or_default().trim_ascii_start();
        let form = [b"{".as_slice(), b"<?xml"].iter().any(|opening| body.starts_with(opening));
        let html = content_type.starts_with("text/html") && !form && !body.is_empty();
        let page = html || starts_like_a_page(body);
        let nonsense = page || !(body.is_empty() || form || body.starts_with(b"<"));
        let again = status.is_server_error() && self.number < 2 && !self.last;
        if again || !(page || (nonsense && status.is_server_error())) {
            return Ok(response);
        }
        let content_type = content_type.chars().take(60).collect();
        Err(SeamError::Unreadable { status: status.as_u16(), content_type }.into())
    }
}

fn starts_like_a_page(body: &[u8]) -> bool {
    let opening = body.get(..9).unwrap_or(body).to_ascii_lowercase();
    opening.starts_with(b"<!doctype") || opening.starts_with(b"<html")
}
