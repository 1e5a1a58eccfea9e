//! The exchanges that get tokens: with the cloud's authority, and with services on the machine itself. They are never
//! recorded.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::Bytes;
use azure_core::error::ErrorKind;
use azure_core::http::headers::Headers;
use azure_core::http::{
    AsyncRawResponse, Body, ClientOptions, ExponentialRetryOptions, HttpClient, Method, Request,
    RetryOptions, StatusCode, Transport, Url,
};
use azure_core::{Error, Result};
use http_body_util::Full;
use tokio::sync::OnceCell;

use super::line::Line;
use crate::collect::transport::SeamError;

/// Where a virtual machine tells its own tokens. It keeps silent where there is none.
const INSTANCE_METADATA: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// What a file that logs in may hold at most, in bytes.
const LARGEST_FILE: u64 = 1 << 20;

/// The HTTP client of everything that gets tokens.
#[derive(Clone, Debug)]
pub(crate) struct Exchanges {
    line: Line,
    authority: Url,
    /// What the machine's own environment names, as App Service does.
    identity_endpoint: Option<Url>,
    instance_metadata: Arc<OnceCell<bool>>,
}

impl Exchanges {
    pub(crate) fn new(line: Line, authority: Url, identity_endpoint: Option<Url>) -> Self {
        Self { line, authority, identity_endpoint, instance_metadata: Arc::default() }
    }

    /// For a credential's pipeline: few attempts, for the next credential waits.
    pub(crate) fn options(&self) -> ClientOptions {
        let retry = ExponentialRetryOptions {
            max_retries: 2,
            max_total_elapsed: azure_core::time::Duration::seconds(15),
            ..ExponentialRetryOptions::default()
        };
        ClientOptions {
            retry: RetryOptions::exponential(retry),
            transport: Some(Transport::new(Arc::new(self.clone()))),
            ..ClientOptions::default()
        }
    }

    fn admit(&self, request: &Request) -> std::result::Result<(), SeamError> {
        let url = request.url();
        let permitted = match request.method() {
            Method::Post => is_token_request(url, &self.authority),
            Method::Get => {
                is_instance_metadata(url)
                    || self.identity_endpoint.as_ref().is_some_and(|own| same_place(url, own))
            }
            _ => false,
        };
        if permitted {
            return Ok(());
        }
        let place = format!("{}://{}{}", url.scheme(), url.authority(), url.path());
        Err(SeamError::Refused { what: format!("{} {place}", request.method()) })
    }

    /// Whether there is an instance metadata service: asked once in a run, and not for long. Asked without its header it
    /// calls the request a bad one; whoever answers otherwise is somebody else, a proxy say.
    async fn is_instance(&self) -> bool {
        let probe = || async {
            let Ok(request) = http::Request::get(INSTANCE_METADATA).body(Full::default()) else {
                return false;
            };
            let limit = self.line.limits().instance_metadata;
            let answer = tokio::time::timeout(limit, self.line.ask(request)).await;
            matches!(answer, Ok(Ok(answer)) if answer.status() == http::StatusCode::BAD_REQUEST)
        };
        *self.instance_metadata.get_or_init(probe).await
    }
}

#[async_trait]
impl HttpClient for Exchanges {
    async fn execute_request(&self, request: &Request) -> Result<AsyncRawResponse> {
        self.admit(request).map_err(super::carried)?;
        if is_instance_metadata(request.url()) && !self.is_instance().await {
            let cause = "there is no instance metadata service here".to_owned();
            return Err(super::carried(SeamError::Unreachable(cause)));
        }
        let mut asked = http::Request::builder()
            .method(if request.method() == Method::Post { "POST" } else { "GET" })
            .uri(request.url().as_str());
        for (name, value) in request.headers().iter() {
            asked = asked.header(name.as_str(), value.as_str());
        }
        let body = match request.body() {
            Body::Bytes(bytes) => bytes.clone(),
            Body::SeekableStream(_) => Bytes::new(),
        };
        let asked = asked.body(Full::new(body)).map_err(|error| Error::new(ErrorKind::Other, error))?;
        let answer = self.line.ask(asked).await.map_err(|error| match error {
            // Of this kind is what may be tried again.
            SeamError::Unreachable(_) => Error::new(ErrorKind::Io, error),
            other => super::carried(other),
        })?;
        let status = StatusCode::from(answer.status().as_u16());
        Ok(AsyncRawResponse::from_bytes(status, Headers::new(), answer.into_body()))
    }
}

/// `POST https://<authority>/<tenant>/oauth2/v2.0/token`
fn is_token_request(url: &Url, authority: &Url) -> bool {
    let segments: Vec<&str> = url.path().split('/').collect();
    let path = matches!(segments[..], ["", tenant, "oauth2", "v2.0", "token"] if is_tenant(tenant));
    path && url.scheme() == "https" && url.origin() == authority.origin() && url.query().is_none()
}

/// A GUID or a domain.
fn is_tenant(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.')
}

fn is_instance_metadata(url: &Url) -> bool {
    let (place, _) = url.as_str().split_once('?').unwrap_or((url.as_str(), ""));
    place == INSTANCE_METADATA
}

fn same_place(url: &Url, own: &Url) -> bool {
    url.origin() == own.origin() && url.path() == own.path()
}

/// What logs in may lie in a file that the environment names.
pub(crate) fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    let length = std::fs::metadata(path)?.len();
    if length > LARGEST_FILE {
        return Err(std::io::Error::other(format!("it holds {length} bytes, and is no certificate")));
    }
    std::fs::read(path)
}
