//! The way to one API server: kube's service, asked again for a while where it is busy or gone.
//!
//! kube's own retries wait up to a thousand seconds, and it waits for an answer for ever.

use std::collections::BTreeMap;
use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kube::client::{AuthError, Body};
use tokio::sync::Mutex;
use tower::{BoxError, Service};

use crate::collect::detail::{find, one_line};
use crate::collect::transport::exchange::{Answer, Reply};
use crate::collect::transport::network::{ATTEMPTS, attempts_without_answer};
use crate::collect::transport::scrub::people::SAID;
use crate::collect::transport::{SeamError, root_cause};

/// How long things may take, and how often they are tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Until a kubeconfig's plugin has logged in; it may ask somebody.
    pub(crate) login: Duration,
    pub(crate) connect: Duration,
    /// Without a byte on the connection.
    pub(crate) idle: Duration,
    /// One attempt, its whole body included.
    pub(crate) attempt: Duration,
    /// The largest answer that is read, in MiB: 500 objects of the largest size that etcd keeps would be more, real
    /// ones are a hundredth of it.
    pub(crate) largest: usize,
    /// Before the second attempt; it doubles from then on.
    pub(crate) backoff: Duration,
    /// The longest wait that a server can ask for.
    pub(crate) longest_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            login: Duration::from_mins(2),
            connect: Duration::from_secs(4),
            idle: Duration::from_secs(12),
            attempt: Duration::from_secs(15),
            largest: 64,
            backoff: Duration::from_millis(250),
            longest_wait: Duration::from_secs(10),
        }
    }
}

/// Who logs in where kube can't: the header's value, made anew where it grows old.
pub(crate) type Bearer = Arc<dyn Fn() -> BoxFuture<'static, Result<HeaderValue, SeamError>> + Send + Sync>;

/// Sends a request, and reads its answer to the end.
type Sender = Arc<dyn Fn(Request<Body>) -> Sent + Send + Sync>;
type Sent = BoxFuture<'static, Result<Response<Vec<u8>>, BoxError>>;

#[derive(Clone)]
pub(crate) struct Line {
    send: Sender,
    bearer: Option<Bearer>,
    limits: Limits,
    /// What to do about a certificate that nothing vouches for.
    untrusted: Option<&'static str>,
}

impl Line {
    pub(crate) fn new<S, B>(service: S, bearer: Option<Bearer>, limits: Limits) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Send + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: BodyExt + Send,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        let service = Arc::new(Mutex::new(service));
        let send = move |request| {
            let service = Arc::clone(&service);
            let answer: Sent = Box::pin(async move {
                let answer = {
                    let mut service = service.lock().await;
                    poll_fn(|context| service.poll_ready(context)).await.map_err(Into::into)?;
                    service.call(request)
                };
                let (head, body) = answer.await.map_err(Into::into)?.into_parts();
                let body = Limited::new(body, limits.largest << 20).collect().await?;
                Ok(Response::from_parts(head, body.to_bytes().to_vec()))
            });
            answer
        };
        Self { send: Arc::new(send), bearer, limits, untrusted: None }
    }

    /// With what to do where the API server shows a certificate that nothing vouches for.
    pub(crate) fn advised(self, untrusted: Option<&'static str>) -> Self {
        Self { untrusted, ..self }
    }

    /// The answer to a GET, after as many attempts as it takes and is worth.
    pub(super) async fn ask(&self, request: &Parts) -> Answer {
        let mut number = 1;
        loop {
            let attempt = tokio::time::timeout(self.limits.attempt, self.once(request)).await;
            let (answer, asked_to_wait) = match attempt {
                Ok(Ok((reply, wait))) => (Ok(reply), wait),
                Ok(Err(error)) => (Err(error), None),
                Err(_) => (Err(SeamError::TimedOut), None),
            };
            if number >= attempts(&answer) {
                return super::answered(answer);
            }
            let backoff = self.limits.backoff * 2_u32.pow(number - 1);
            let wait = asked_to_wait.map_or(backoff, |wait| wait.max(backoff));
            tokio::time::sleep(wait.min(self.limits.longest_wait)).await;
            number += 1;
        }
    }

    /// One attempt, and how long the server wants to be left alone.
    async fn once(&self, request: &Parts) -> Result<(Reply, Option<Duration>), SeamError> {
        let mut again = Request::new(Body::empty());
        *again.uri_mut() = request.uri.clone();
        *again.headers_mut() = request.headers.clone();
        if let Some(bearer) = &self.bearer {
            again.headers_mut().insert(AUTHORIZATION, bearer().await?);
        }
        let response = (self.send)(again).await.map_err(|error| self.reading(&*error))?;
        let wait = retry_after(response.headers());
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.map(|value| (CONTENT_TYPE.to_string(), value.to_owned()));
        let reply = Reply {
            status: response.status().as_u16(),
            headers: BTreeMap::from_iter(content_type),
            body: String::from_utf8_lossy(response.body()).into_owned(),
        };
        Ok((reply, wait))
    }

    /// What kept a request from being answered.
    fn reading(&self, error: &(dyn Error + 'static)) -> SeamError {
        if let Some(credentials) = find::<AuthError>(error) {
            return SeamError::NoCredentials(login(credentials));
        }
        if find::<LengthLimitError>(error).is_some() {
            return SeamError::TooLarge(self.limits.largest);
        }
        if find::<io::Error>(error).is_some_and(|own| own.kind() == io::ErrorKind::TimedOut) {
            return SeamError::TimedOut;
        }
        let advice = self.untrusted.filter(|_| is_untrusted(error)).map(|advice| format!("; {advice}"));
        SeamError::Unreachable(one_line(&(root_cause(error) + advice.as_deref().unwrap_or_default())))
    }
}

/// Whether it is the certificate of the other side. What the system's errors hold is no source of theirs.
fn is_untrusted(error: &(dyn Error + 'static)) -> bool {
    let untrusted =
        |error: Option<&rustls::Error>| matches!(error, Some(rustls::Error::InvalidCertificate(_)));
    let held = find::<io::Error>(error).and_then(io::Error::get_ref);
    untrusted(find(error)) || untrusted(held.and_then(|held| held.downcast_ref()))
}

/// How many attempts an outcome is worth.
fn attempts(answer: &Result<Reply, SeamError>) -> u32 {
    match answer {
        Ok(reply) => {
            let busy = reply.status == StatusCode::TOO_MANY_REQUESTS || reply.status >= 500;
            if busy { ATTEMPTS } else { 1 }
        }
        Err(error) => attempts_without_answer(error),
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

/// Why there is no token. What a plugin was given, or printed to stdout, may be one, and is never shown.
pub(crate) fn login(error: &AuthError) -> String {
    let text = match error {
        AuthError::AuthExecRun { cmd: _, out } => {
            let said = String::from_utf8_lossy(&out.stderr);
            let said = if said.trim().is_empty() { String::new() } else { format!("{SAID}{said}") };
            format!("the kubeconfig's plugin ended with {}{said}", out.status)
        }
        AuthError::AuthExecParse(_) => "what the plugin printed can't be read".to_owned(),
        other => other.to_string(),
    };
    one_line(&text)
}
