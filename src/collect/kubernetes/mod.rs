//! Kubernetes collectors: one file for each part of the API. Each declares its sources and reads them by plain GETs.

pub(crate) mod access;
pub(crate) mod asked;
#[cfg(test)]
mod canned;
mod cluster;
#[cfg(feature = "aws")]
mod eks_token;
mod errors;
mod members;
mod network;
mod pages;
mod workload;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;

use super::facts::Facts;
use crate::model::call::Source;
use crate::model::scope::Scope;

pub trait Collector: Sync {
    /// `k8s.workload`
    fn id(&self) -> &'static str;

    /// What it can be asked for. The calls of its sources are all it may make.
    fn sources(&self) -> &'static [&'static Source];

    /// Asks one source about one key (a namespace's id; empty where the source lists the whole cluster), and notes how
    /// it ended: a failure is a fact too, so there is no `Err`.
    fn fetch<'a>(
        &'a self,
        api: &'a Api,
        source: &'static Source,
        key: &'a str,
        into: &'a mut Facts,
    ) -> BoxFuture<'a, ()>;
}

/// A cluster, ready to be asked.
pub struct Api {
    /// Credentials, timeouts and transport.
    pub client: kube::Client,
    /// The scope that facts and ledger carry.
    pub scope: Scope,
    pub read_at: DateTime<Utc>,
    pub server: Server,
}

/// What the way in says of the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Host, and port where it is not 443; lower case.
    pub address: String,
    /// Base64 of DER, sorted; empty where the way in names none.
    pub certificate_authority: Vec<String>,
}

/// Everything that can be asked, each source of one collector alone.
pub const COLLECTORS: &[&dyn Collector] = &[&cluster::Cluster, &network::Network, &workload::Workload];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kind::Kind;
    use crate::model::scope::Provider;

    #[test]
    fn every_source_has_exactly_one_collector() {
        for kind in Kind::ALL.iter().filter(|kind| kind.provider() == Provider::Kubernetes) {
            for source in kind.meta().sources() {
                let able = COLLECTORS.iter().filter(|collector| collector.sources().contains(&source));
                assert_eq!(able.count(), 1, "{kind}: {}", source.primary());
            }
        }
    }
}
