//! The network: one HTTP client, one pool and one pair of timeouts for the whole run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_smithy_runtime::client::defaults::default_http_client_plugin_v2;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpClient as _, HttpConnector as _, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin as _;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use super::allow;
use crate::collect::transport::{SeamError, root_cause};

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) connect: Duration,
    /// Until the first byte of an answer.
    pub(crate) read: Duration,
    /// One attempt, its whole body included. There is no limit over all attempts: it would say "timed out" of a call
    /// that was throttled. Attempts and the waits between them are bounded, and so is the call.
    pub(crate) attempt: Duration,
    /// The instance metadata service, which keeps silent where there is none.
    pub(crate) instance_metadata: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(4),
            read: Duration::from_secs(12),
            attempt: Duration::from_secs(15),
            instance_metadata: Duration::from_secs(1),
        }
    }
}

/// The SDK's default HTTP client, shared by all clients of the run.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    base: SharedHttpClient,
    limits: Limits,
    no_instance_metadata: Arc<AtomicBool>,
}

impl Line {
    /// `None` where the build has no HTTP client.
    pub(crate) fn new(limits: Limits) -> Option<Self> {
        let plugin = default_http_client_plugin_v2(BehaviorVersion::latest())?;
        let components = RuntimeComponentsBuilder::new("stacks-audit");
        let base = plugin.runtime_components(&components).http_client()?;
        Some(Self { base, limits, no_instance_metadata: Arc::default() })
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// The settings are the pool's key: always the same, whatever a client asks for.
    pub(super) fn connector(&self, components: &RuntimeComponents) -> SharedHttpConnector {
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(self.limits.connect)
            .read_timeout(self.limits.read)
            .build();
        self.base.http_connector(&settings, components)
    }

    /// A credential exchange. A silent metadata service is asked once in a run, and not for long.
    pub(super) async fn exchange(
        &self,
        request: HttpRequest,
        line: Option<&SharedHttpConnector>,
    ) -> Result<HttpResponse, ConnectorError> {
        if !allow::asks_instance_metadata(&request) {
            return send(request, line).await;
        }
        if self.no_instance_metadata.load(Ordering::Relaxed) {
            return Err(SeamError::TimedOut.into());
        }
        let answer = tokio::time::timeout(self.limits.instance_metadata, send(request, line)).await;
        match answer {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => {
                self.no_instance_metadata.store(true, Ordering::Relaxed);
                Err(SeamError::Unreachable(root_cause(&error)).into())
            }
            Err(_) => {
                self.no_instance_metadata.store(true, Ordering::Relaxed);
                Err(SeamError::TimedOut.into())
            }
        }
    }
}

/// Sends, and reads the answer to its end: who waits for it decides how long that may take.
pub(super) async fn send(
    request: HttpRequest,
    line: Option<&SharedHttpConnector>,
) -> Result<HttpResponse, ConnectorError> {
    let Some(line) = line else { return Err(SeamError::NotRecorded.into()) };
    let mut response = line.call(request).await?;
    let body = ByteStream::new(response.take_body()).collect().await;
    let body = body.map_err(|error| ConnectorError::io(error.into()))?;
    *response.body_mut() = SdkBody::from(body.to_vec());
    Ok(response)
}
