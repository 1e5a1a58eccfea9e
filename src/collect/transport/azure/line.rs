//! The network: one HTTP client and one pool for Azure Resource Manager and for the exchanges that get tokens. It follows
//! no redirect, and trusts what the system trusts (`SSL_CERT_FILE` says otherwise).

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use azure_core::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::aws_lc_rs;
use tower::{BoxError, Service};

use crate::collect::detail::{find, one_line};
use crate::collect::transport::network::is_loopback;
use crate::collect::transport::{SeamError, root_cause};

/// How long things may take, and how much is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) connect: Duration,
    /// Until an answer begins, and without a byte of it from then on.
    pub(crate) idle: Duration,
    /// One attempt, its whole body included.
    pub(crate) attempt: Duration,
    /// The largest answer that is read, in MiB.
    pub(crate) largest: usize,
    /// Before the second attempt; it doubles from then on.
    pub(crate) backoff: Duration,
    /// The longest wait that a service can ask for.
    pub(crate) longest_wait: Duration,
    /// All waits of one call together.
    pub(crate) waits: Duration,
    /// The instance metadata service, which keeps silent where there is none.
    pub(crate) instance_metadata: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(4),
            idle: Duration::from_secs(15),
            attempt: Duration::from_secs(30),
            largest: 64,
            backoff: Duration::from_millis(250),
            longest_wait: Duration::from_secs(30),
            waits: Duration::from_mins(1),
            instance_metadata: Duration::from_secs(1),
        }
    }
}

pub(crate) type Asked = Request<Full<Bytes>>;
type Sent = BoxFuture<'static, Result<Response<Bytes>, SeamError>>;

/// Sends a request, and reads its answer to the end.
#[derive(Clone)]
pub(crate) struct Line {
    send: Arc<dyn Fn(Asked) -> Sent + Send + Sync>,
    limits: Limits,
}

impl Line {
    /// The network; the error is what keeps the trusted certificates from being read.
    pub(crate) fn new(limits: Limits) -> io::Result<Self> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(limits.connect));
        http.set_nodelay(true);
        let proxied = Proxied { http, environment: Arc::new(Matcher::from_env()) };
        let tls =
            HttpsConnectorBuilder::new().with_provider_and_native_roots(aws_lc_rs::default_provider())?;
        let client = Client::builder(TokioExecutor::new())
            .build(tls.https_or_http().enable_http1().wrap_connector(proxied));
        let send = move |request: Asked| {
            let asked = client.request(request);
            let sent: Sent = Box::pin(async move {
                let waited = tokio::time::timeout(limits.idle, asked).await;
                let response = waited.map_err(|_| SeamError::TimedOut)?.map_err(|error| lost(&error))?;
                let (head, mut body) = response.into_parts();
                let mut read = Vec::new();
                loop {
                    let frame = tokio::time::timeout(limits.idle, body.frame()).await;
                    let Some(frame) = frame.map_err(|_| SeamError::TimedOut)? else { break };
                    let Ok(data) = frame.map_err(|error| lost(&error))?.into_data() else { continue };
                    if read.len() + data.len() > limits.largest << 20 {
                        return Err(SeamError::TooLarge(limits.largest));
                    }
                    read.extend_from_slice(&data);
                }
                Ok(Response::from_parts(head, read.into()))
            });
            sent
        };
        Ok(Self { send: Arc::new(send), limits })
    }

    /// What a test answers in the network's stead.
    #[cfg(test)]
    pub(crate) fn stub(
        limits: Limits,
        answer: impl Fn(Asked) -> Result<Response<Bytes>, SeamError> + Send + Sync + 'static,
    ) -> Self {
        let send = move |request| {
            let answer = answer(request);
            let sent: Sent = Box::pin(async move { answer });
            sent
        };
        Self { send: Arc::new(send), limits }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// One attempt.
    pub(super) async fn ask(&self, request: Asked) -> Result<Response<Bytes>, SeamError> {
        let attempt = tokio::time::timeout(self.limits.attempt, (self.send)(request)).await;
        attempt.unwrap_or(Err(SeamError::TimedOut))
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// What kept a request from being answered.
fn lost(error: &(dyn Error + 'static)) -> SeamError {
    if find::<io::Error>(error).is_some_and(|own| own.kind() == io::ErrorKind::TimedOut) {
        return SeamError::TimedOut;
    }
    SeamError::Unreachable(one_line(&root_cause(error)))
}

/// Connects through the environment's proxy where it has one for the host. What is not encrypted stays on the machine.
#[derive(Clone)]
struct Proxied {
    http: HttpConnector,
    environment: Arc<Matcher>,
}

impl Service<Uri> for Proxied {
    type Response = <HttpConnector as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let mut http = self.http.clone();
        let encrypted = to.scheme_str() == Some("https");
        let proxy =
            self.environment.intercept(&to).filter(|_| encrypted && !to.host().is_some_and(is_loopback));
        let Some(proxy) = proxy else { return Box::pin(async move { Ok(http.call(to).await?) }) };
        if proxy.uri().scheme_str() != Some("http") {
            let cause = "the environment's proxy is not reached by http, and that is the one way known here";
            return Box::pin(async move { Err(cause.into()) });
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), http);
        if let Some(auth) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(auth.clone());
        }
        Box::pin(async move { Ok(tunnel.call(to).await?) })
    }
}
