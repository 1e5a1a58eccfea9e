//! The providers of an env, entered one after the other: a cluster may be found through the accounts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;

#[cfg(feature = "aws")]
pub(super) use super::aws::access::Access as Accounts;
use super::facts::Facts;
#[cfg(feature = "kubernetes")]
use super::kubernetes::access::Access as Cluster;
use super::runner::{Ask, Question};
use super::target::{AccessError, AwsTarget, KubernetesTarget};
use super::transport::record::{Recorder, TapeHeader};
use super::transport::replay::Tape;
#[cfg(not(feature = "aws"))]
pub(super) use super::unbuilt::Accounts;
#[cfg(not(feature = "kubernetes"))]
use super::unbuilt::Cluster;
use crate::model::scope::Provider;
use crate::model::seen::Why;

/// Who answers for each provider, and what a recording of it says first.
pub(super) struct Entered {
    askers: BTreeMap<Provider, Box<dyn Ask + Send>>,
    pub(super) header: TapeHeader,
}

impl Entered {
    /// Enters what an env names. Accounts or a cluster that can't be entered keep nobody from the other; where nothing
    /// at all can be entered, that is the error.
    pub(super) async fn live(
        aws: Option<&AwsTarget>,
        kubernetes: Option<&KubernetesTarget>,
        recorder: Option<&Arc<Recorder>>,
        started_at: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        let (accounts, refused) = match aws {
            None => (None, None),
            Some(target) => match Accounts::live(target, recorder.cloned(), started_at).await {
                Ok(accounts) => (Some(accounts), None),
                Err(error) if kubernetes.is_none() || !error.leaves_the_rest() => return Err(error),
                Err(error) => (Some(Accounts::closed(target, &error, started_at)), Some(error)),
            },
        };
        let cluster = match kubernetes {
            None => None,
            Some(target) => {
                Some(Cluster::live(target, accounts.as_ref(), recorder.cloned(), started_at).await)
            }
        };
        let closed = cluster.as_ref().and_then(Cluster::closed);
        if let Some(closed) = closed
            && (aws.is_none() || refused.is_some())
        {
            return Err(refused.unwrap_or(closed));
        }
        let header = accounts.as_ref().map_or_else(|| TapeHeader::at(started_at), |it| it.header().clone());
        let header = cluster.as_ref().map_or_else(|| header.clone(), |it| it.noted(header.clone()));
        Ok(Self::of(header, accounts, cluster))
    }

    /// What a recording was made of. Nothing leaves the process.
    pub(super) fn replay(folder: &Path) -> Result<Self, AccessError> {
        let tape = Tape::read(folder).map_err(|source| AccessError::Tape {
            path: folder.display().to_string(),
            what: "read",
            source,
        })?;
        let (header, tape) = (tape.header.clone(), Arc::new(tape));
        let accounts = (!header.accounts.is_empty()).then(|| Accounts::replay(Arc::clone(&tape)));
        let cluster = header.cluster.clone().map(|cluster| Cluster::replay(&tape, cluster));
        Ok(Self::of(header, accounts, cluster))
    }

    fn of(header: TapeHeader, accounts: Option<Accounts>, cluster: Option<Cluster>) -> Self {
        let accounts = accounts.map(|accounts| (Provider::Aws, accounts.asker()));
        let cluster = cluster.map(|cluster| (Provider::Kubernetes, cluster.asker()));
        Self { askers: accounts.into_iter().chain(cluster).collect(), header }
    }
}

impl Ask for Entered {
    fn ask<'a>(&'a self, question: &'a Question<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        let provider = question.scope.provider;
        if let Some(asker) = self.askers.get(&provider) {
            return asker.ask(question, into);
        }
        let detail = format!("this env has no {}", provider.as_str());
        Box::pin(async move { into.unasked(question, Why::Skipped, &detail) })
    }
}
