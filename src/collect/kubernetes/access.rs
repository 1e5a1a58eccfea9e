//! Into the cluster of an env. One that can't be entered ends no scan: every question to it is a gap that says why.

#[cfg(feature = "azure")]
mod aks;
#[cfg(feature = "aws")]
mod eks;
mod kubeconfig;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use http::{Request, StatusCode};
use kube::client::ClientBuilder;
use kube::{Client, Config};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tower::Layer;

use super::asked::Collectors;
use super::{Api, COLLECTORS, Server};
use crate::collect::detail::one_line;
use crate::collect::entered::Clouds;
use crate::collect::runner::Ask;
use crate::collect::target::{AccessError, KubernetesTarget, KubernetesWay};
use crate::collect::transport::SeamError;
use crate::collect::transport::kubernetes::{Bearer, Limits, Line, Seam, login};
use crate::collect::transport::network::is_loopback;
use crate::collect::transport::record::{Closed, Cluster, Recorder, TapeHeader};
use crate::collect::transport::replay::Tape;
use crate::model::names;
use crate::model::scope::{Provider, Scope};
use crate::model::seen::Why;
use crate::model::snapshot::Identity;

/// The cluster of an env, with its way in or why there is none.
pub(crate) struct Access {
    client: Result<Client, Closed>,
    cluster: Cluster,
    /// Whose the credentials are, where that is known without a call.
    principal: Option<String>,
    read_at: DateTime<Utc>,
}

/// How to get to an API server.
struct Way {
    config: Config,
    /// Logs in where the configuration does not.
    bearer: Option<Bearer>,
    principal: Option<String>,
    advice: Advice,
}

/// What to do where this way in does not lead in.
#[derive(Clone, Copy, Default)]
struct Advice {
    /// Where the API server shows a certificate that nothing vouches for.
    untrusted: Option<&'static str>,
    /// Where it does not accept the credentials.
    refused: Option<&'static str>,
}

impl Access {
    pub(crate) async fn live(
        target: &KubernetesTarget,
        clouds: &Clouds,
        recorder: Option<Arc<Recorder>>,
        started_at: DateTime<Utc>,
    ) -> Self {
        match way(&target.way, clouds).await {
            Ok(way) => Self::through(Limits::default(), way, recorder, started_at).await,
            Err(closed) => Self {
                client: Err(closed),
                cluster: Cluster::named(target.way.name()),
                principal: None,
                read_at: started_at,
            },
        }
    }

    async fn through(
        limits: Limits,
        way: Way,
        recorder: Option<Arc<Recorder>>,
        started_at: DateTime<Utc>,
    ) -> Self {
        let cluster = Cluster {
            identity: names::server(&way.config.cluster_url.to_string()),
            addressed: true,
            certificate_authority: certificates(&way.config),
        };
        let principal = way.principal.clone();
        let client = enter(limits, way, Scope::kubernetes(&cluster.identity), recorder).await;
        Self { client, cluster, principal, read_at: started_at }
    }

    /// The cluster of a recording. Nothing leaves the process.
    pub(crate) fn replay(tape: &Arc<Tape>, cluster: Cluster) -> Self {
        let seam = || Seam::replays(Arc::clone(tape), Scope::kubernetes(&cluster.identity));
        let closed = tape.header.closed.get(&cluster.identity);
        let client = closed.map_or_else(|| Ok(Client::new(seam(), "default")), |closed| Err(closed.clone()));
        Self { client, cluster, principal: None, read_at: tape.header.captured_at }
    }

    /// Why nothing can be asked, as the error it is where nothing else can be asked either.
    pub(crate) fn closed(&self) -> Option<AccessError> {
        let closed = self.client.as_ref().err()?;
        Some(AccessError::NoCluster { cluster: self.cluster.identity.clone(), cause: closed.detail.clone() })
    }

    /// A recording's header with this cluster in it.
    pub(crate) fn noted(&self, mut header: TapeHeader) -> TapeHeader {
        let account = self.cluster.identity.clone();
        if let Err(closed) = &self.client {
            header.closed.insert(account.clone(), closed.clone());
        }
        if let Some(principal) = self.principal.clone() {
            header.identity.push(Identity { provider: Provider::Kubernetes, account, principal });
        }
        TapeHeader { cluster: Some(self.cluster.clone()), ..header }
    }

    pub(crate) fn asker(self) -> Box<dyn Ask + Send> {
        Box::new(Collectors::new(self, COLLECTORS))
    }

    /// The way into the cluster, or why there is none.
    pub(super) fn api(&self, scope: &Scope) -> Result<Api, Closed> {
        if *scope != Scope::kubernetes(&self.cluster.identity) {
            let detail = format!("cluster {} is not this env's", scope.account);
            return Err(Closed { why: Why::Skipped, detail });
        }
        let client = self.client.clone()?;
        let server = Server {
            address: self.cluster.identity.clone(),
            certificate_authority: self.cluster.certificate_authority.clone(),
        };
        Ok(Api { client, scope: scope.clone(), read_at: self.read_at, server })
    }
}

async fn way(way: &KubernetesWay, clouds: &Clouds) -> Result<Way, Closed> {
    match way {
        KubernetesWay::Context(context) => kubeconfig::way(context.as_deref()).await,
        #[cfg(feature = "aws")]
        KubernetesWay::Eks { cluster, region, role } => {
            let Some(accounts) = &clouds.accounts else {
                return Err(failed(
                    "a cluster of EKS is entered with the env's AWS credentials, and it has none",
                ));
            };
            eks::way(accounts, cluster, region.as_deref(), role).await
        }
        #[cfg(not(feature = "aws"))]
        KubernetesWay::Eks { .. } => {
            let _ = clouds;
            Err(failed(&AccessError::NotBuilt { feature: "aws" }.to_string()))
        }
        #[cfg(feature = "azure")]
        KubernetesWay::Aks { cluster, group, subscription, certificate_authority } => {
            let Some(subscriptions) = &clouds.subscriptions else {
                return Err(failed(
                    "a cluster of AKS is entered with the env's Azure credentials, and it has none",
                ));
            };
            let asked = aks::Asked {
                cluster,
                group: group.as_deref(),
                subscription,
                certificate_authority: certificate_authority.as_deref(),
            };
            aks::way(subscriptions, asked).await
        }
        #[cfg(not(feature = "azure"))]
        KubernetesWay::Aks { .. } => {
            let _ = clouds;
            Err(failed(&AccessError::NotBuilt { feature: "azure" }.to_string()))
        }
        KubernetesWay::InCluster => {
            let config = Config::incluster();
            let config = config.map_err(|error| failed(&format!("this is no pod of a cluster: {error}")))?;
            Ok(Way { config, bearer: None, principal: None, advice: Advice::default() })
        }
    }
}

/// A client whose every request passes the seam, of an API server that answers and lets us in.
async fn enter(
    limits: Limits,
    way: Way,
    scope: Scope,
    recorder: Option<Arc<Recorder>>,
) -> Result<Client, Closed> {
    let Way { mut config, bearer, principal: _, advice } = way;
    config.connect_timeout = Some(limits.connect);
    config.read_timeout = Some(limits.idle);
    config.reset_reader_on_write = true;
    config.default_retry = false;
    if config.cluster_url.host().is_some_and(is_loopback) {
        config.proxy_url = None;
    }
    let client =
        client(config, SeamLayer { limits, bearer, untrusted: advice.untrusted, scope, recorder }).await?;
    knock(&client, advice.refused).await?;
    Ok(client)
}

/// kube runs the kubeconfig's plugin while it makes a client, and waits for it however long that takes. A thread of its
/// own keeps nobody: neither whoever waits for the client, nor the end of the process.
async fn client(config: Config, layer: SeamLayer) -> Result<Client, Closed> {
    let longest = layer.limits.login;
    let runtime = Handle::current();
    let (done, made) = oneshot::channel();
    std::thread::spawn(move || {
        let _within = runtime.enter();
        let made = ClientBuilder::try_from(config).map(|builder| builder.with_layer(&layer).build());
        // Nobody waits any more where it took too long.
        drop(done.send(made));
    });
    let made = tokio::time::timeout(longest, made).await.map_err(|_| {
        let cause = format!("the kubeconfig's plugin said nothing for {} s", longest.as_secs());
        failed(&SeamError::NoCredentials(cause).to_string())
    })?;
    let made = made.map_err(|_| failed("the kubeconfig asks for what can't be done"))?;
    made.map_err(|error| match &error {
        kube::Error::Auth(error) => failed(&SeamError::NoCredentials(login(error)).to_string()),
        other => failed(&other.to_string()),
    })
}

/// Whether anybody opens. Any answer will do but that it knows us not: who may not ask for this may ask for other things.
async fn knock(client: &Client, refused: Option<&str>) -> Result<(), Closed> {
    let request = Request::get("/version").body(Vec::new()).expect("a fixed request");
    match client.request_text(request).await {
        Err(kube::Error::Service(error)) => match error.downcast_ref::<SeamError>() {
            Some(SeamError::Unreadable { .. }) => Ok(()),
            _ => Err(failed(&error.to_string())),
        },
        Err(kube::Error::Api(status)) if status.code == StatusCode::UNAUTHORIZED => {
            let advice = refused.map(|advice| format!("; {advice}")).unwrap_or_default();
            let detail = format!("the API server does not accept the credentials (HTTP 401){advice}");
            Err(Closed { why: Why::Denied, detail })
        }
        _ => Ok(()),
    }
}

struct SeamLayer {
    limits: Limits,
    bearer: Option<Bearer>,
    untrusted: Option<&'static str>,
    scope: Scope,
    recorder: Option<Arc<Recorder>>,
}

impl<S, B> Layer<S> for SeamLayer
where
    S: tower::Service<Request<kube::client::Body>, Response = http::Response<B>> + Send + 'static,
    S::Future: Send,
    S::Error: Into<tower::BoxError>,
    B: http_body_util::BodyExt + Send,
    B::Data: Send,
    B::Error: Into<tower::BoxError>,
{
    type Service = Seam;

    fn layer(&self, service: S) -> Seam {
        let line = Line::new(service, self.bearer.clone(), self.limits).advised(self.untrusted);
        Seam::reads(line, self.scope.clone(), self.recorder.clone())
    }
}

fn failed(detail: &str) -> Closed {
    Closed { why: Why::Failed, detail: one_line(detail) }
}

/// What the API server is trusted by, where it is checked at all: base64 of DER, sorted.
fn certificates(config: &Config) -> Vec<String> {
    if config.accept_invalid_certs {
        return Vec::new();
    }
    let bundle = config.root_cert.iter().flatten();
    let mut certificates: Vec<String> = bundle.map(|der| STANDARD.encode(der)).collect();
    certificates.sort_unstable();
    certificates.dedup();
    certificates
}
