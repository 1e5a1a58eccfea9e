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
                // Nothing can look in regions that nobody names.
                Err(error) if target.regions.is_empty() => return Err(error),
                Err(error) => (Some(Accounts::closed(target, &error, started_at)), Some(error)),
            },
        };
        let cluster = match kubernetes {
            None => None,
            Some(target) => {
                Some(Cluster::live(target, accounts.as_ref(), recorder.cloned(), started_at).await)
            }
        };
        Self::joined(accounts, refused, cluster, started_at)
    }

    fn joined(
        accounts: Option<Accounts>,
        refused: Option<AccessError>,
        cluster: Option<Cluster>,
        started_at: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        let closed = cluster.as_ref().and_then(Cluster::closed);
        let entered = accounts.is_some() && refused.is_none() || cluster.is_some() && closed.is_none();
        if let Some(error) = refused.or(closed)
            && !entered
        {
            return Err(error);
        }
        let header = accounts.as_ref().map_or_else(|| TapeHeader::at(started_at), |it| it.header().clone());
        let header = match &cluster {
            Some(cluster) => cluster.noted(header),
            None => header,
        };
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

#[cfg(all(test, feature = "aws", feature = "kubernetes"))]
mod tests {
    use super::*;
    use crate::collect::aws::access::tests::{MAIN, sts};
    use crate::collect::target::KubernetesWay;
    use crate::collect::transport::stub::Stub;
    use crate::model::aws::ec2::VPCS;
    use crate::model::call::Source;
    use crate::model::kubernetes::cluster::VERSION;
    use crate::model::scope::Scope;
    use crate::model::snapshot::{Outcome, Snapshot};

    async fn nowhere() -> Cluster {
        let way = KubernetesWay::Aks { cluster: "app".into() };
        let target = KubernetesTarget { way, ..KubernetesTarget::default() };
        Cluster::live(&target, None, None, DateTime::UNIX_EPOCH).await
    }

    fn no_credentials() -> AccessError {
        AccessError::NoCredentials { tried: "profile \"dev\"".into(), cause: "expired".into() }
    }

    /// How a question ended.
    async fn asked(entered: &Entered, scope: &Scope, source: &'static Source) -> (Outcome, String) {
        let known = Snapshot::empty();
        let question = Question { source, scope, keys: vec![""], known: &known };
        let mut gathered = super::super::facts::Gathered::default();
        let mut facts = Facts::default();
        entered.ask(&question, &mut facts).await;
        gathered.merge(facts);
        let (_, entry) = gathered.ledger.pop_first().expect("every question leaves an entry");
        (entry.outcome, entry.detail)
    }

    #[tokio::test]
    async fn a_closed_cluster_keeps_nobody_from_the_accounts() {
        let stub = Stub::start(sts).await;
        let accounts = Accounts::at(&stub.url, &AwsTarget::default(), None).await.expect("open");
        let entered = Entered::joined(Some(accounts), None, Some(nowhere().await), DateTime::UNIX_EPOCH);
        let entered = entered.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(entered.header.accounts[""], MAIN);
        assert_eq!(entered.header.cluster.as_ref().expect("named").identity, "app");
        let (outcome, detail) = asked(&entered, &Scope::kubernetes("app"), &VERSION).await;
        assert_eq!((outcome, detail.contains("does not enter AKS")), (Outcome::Failed, true), "{detail}");
    }

    #[tokio::test]
    async fn where_nothing_can_be_entered_the_first_reason_is_the_error() {
        let alone = Entered::joined(None, None, Some(nowhere().await), DateTime::UNIX_EPOCH).err();
        assert!(matches!(alone, Some(AccessError::NoCluster { cluster, .. }) if cluster == "app"));
        let target = AwsTarget { regions: vec!["us-west-1".into()], ..AwsTarget::default() };
        let accounts = Accounts::closed(&target, &no_credentials(), DateTime::UNIX_EPOCH);
        let both = Entered::joined(
            Some(accounts),
            Some(no_credentials()),
            Some(nowhere().await),
            DateTime::UNIX_EPOCH,
        );
        assert!(matches!(both.err(), Some(AccessError::NoCredentials { .. })));
    }

    #[tokio::test]
    async fn accounts_that_cannot_be_entered_are_gaps_beside_a_cluster() {
        let target = AwsTarget {
            account: Some("111111111111".into()),
            regions: vec!["us-west-1".into()],
            ..AwsTarget::default()
        };
        let accounts = Accounts::closed(&target, &no_credentials(), DateTime::UNIX_EPOCH);
        let entered = Entered::of(accounts.header().clone(), Some(accounts), None);
        let (outcome, detail) = asked(&entered, &Scope::aws("111111111111", "us-west-1"), &VPCS).await;
        assert_eq!((outcome, detail.contains("expired")), (Outcome::Failed, true), "{detail}");
        let (outcome, detail) = asked(&entered, &Scope::kubernetes("app"), &VERSION).await;
        assert_eq!((outcome, detail.as_str()), (Outcome::Skipped, "this env has no kubernetes"));
    }
}
