//! The providers of an env, entered one after the other: a cluster may be found through accounts or subscriptions.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;

#[cfg(feature = "aws")]
pub(super) use super::aws::access::Access as Accounts;
#[cfg(feature = "azure")]
pub(super) use super::azure::access::Access as Subscriptions;
use super::facts::Facts;
#[cfg(feature = "kubernetes")]
use super::kubernetes::access::Access as Cluster;
use super::runner::{Ask, Question};
use super::target::{AccessError, Targets};
use super::transport::record::{Recorder, TapeHeader};
use super::transport::replay::Tape;
#[cfg(not(feature = "aws"))]
pub(super) use super::unbuilt::Accounts;
#[cfg(not(feature = "kubernetes"))]
use super::unbuilt::Cluster;
#[cfg(not(feature = "azure"))]
pub(super) use super::unbuilt::Subscriptions;
use crate::model::scope::Provider;
use crate::model::seen::Why;

/// Who answers for each provider, and what a recording of it says first.
pub(super) struct Entered {
    askers: BTreeMap<Provider, Box<dyn Ask + Send>>,
    pub(super) header: TapeHeader,
}

/// What a cluster may be found through.
#[derive(Default)]
pub(crate) struct Clouds {
    pub(crate) accounts: Option<Accounts>,
    pub(crate) subscriptions: Option<Subscriptions>,
}

impl Entered {
    /// Enters what an env names. Accounts, subscriptions or a cluster that can't be entered keep nobody from the rest;
    /// where nothing at all can be entered, that is the error.
    pub(super) async fn live(
        targets: Targets<'_>,
        recorder: Option<&Arc<Recorder>>,
        started_at: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        let Targets { aws, azure, kubernetes } = targets;
        let (mut clouds, mut refused) = (Clouds::default(), Vec::new());
        if let Some(target) = aws {
            clouds.accounts = Some(match Accounts::live(target, recorder.cloned(), started_at).await {
                Ok(accounts) => accounts,
                // Nothing can look in regions that nobody names.
                Err(error) if !error.leaves_the_rest() || target.regions.is_empty() => return Err(error),
                Err(error) => {
                    let closed = Accounts::closed(target, &error, started_at);
                    refused.push(error);
                    closed
                }
            });
        }
        if let Some(target) = azure {
            clouds.subscriptions =
                Some(match Subscriptions::live(target, recorder.cloned(), started_at).await {
                    Ok(subscriptions) => subscriptions,
                    Err(error) if !error.leaves_the_rest() => return Err(error),
                    Err(error) => {
                        let closed = Subscriptions::closed(target, &error, started_at);
                        refused.push(error);
                        closed
                    }
                });
        }
        let cluster = match kubernetes {
            None => None,
            Some(target) => Some(Cluster::live(target, &clouds, recorder.cloned(), started_at).await),
        };
        Self::joined(clouds, refused, cluster, started_at)
    }

    fn joined(
        clouds: Clouds,
        refused: Vec<AccessError>,
        cluster: Option<Cluster>,
        started_at: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        let closed = cluster.as_ref().and_then(Cluster::closed);
        let tried = usize::from(clouds.accounts.is_some()) + usize::from(clouds.subscriptions.is_some());
        let entered = tried > refused.len() || cluster.is_some() && closed.is_none();
        if let Some(error) = refused.into_iter().chain(closed).next()
            && !entered
        {
            return Err(error);
        }
        let accounts = clouds.accounts.as_ref();
        let mut header = accounts.map_or_else(|| TapeHeader::at(started_at), |it| it.header().clone());
        if let Some(subscriptions) = &clouds.subscriptions {
            header = subscriptions.noted(header);
        }
        if let Some(cluster) = &cluster {
            header = cluster.noted(header);
        }
        Ok(Self::of(header, clouds, cluster))
    }

    /// What a recording was made of. Nothing leaves the process.
    pub(super) fn replay(folder: &Path) -> Result<Self, AccessError> {
        let tape = Tape::read(folder).map_err(|source| AccessError::Tape {
            path: folder.display().to_string(),
            what: "read",
            source,
        })?;
        let (header, tape) = (tape.header.clone(), Arc::new(tape));
        let clouds = Clouds {
            accounts: (!header.accounts.is_empty()).then(|| Accounts::replay(Arc::clone(&tape))),
            subscriptions: (!header.subscriptions.is_empty()).then(|| Subscriptions::replay(&tape)),
        };
        let cluster = header.cluster.clone().map(|cluster| Cluster::replay(&tape, cluster));
        Ok(Self::of(header, clouds, cluster))
    }

    fn of(header: TapeHeader, clouds: Clouds, cluster: Option<Cluster>) -> Self {
        let Clouds { accounts, subscriptions } = clouds;
        let accounts = accounts.map(|accounts| (Provider::Aws, accounts.asker()));
        let subscriptions = subscriptions.map(|subscriptions| (Provider::Azure, subscriptions.asker()));
        let cluster = cluster.map(|cluster| (Provider::Kubernetes, cluster.asker()));
        Self { askers: accounts.into_iter().chain(subscriptions).chain(cluster).collect(), header }
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

#[cfg(all(test, feature = "aws", feature = "azure", feature = "kubernetes"))]
mod tests {
    use super::*;
    use crate::collect::aws::access::tests::{MAIN, sts};
    use crate::collect::target::{AwsTarget, AzureTarget, KubernetesTarget, KubernetesWay};
    use crate::collect::transport::stub::Stub;
    use crate::model::aws::ec2::VPCS;
    use crate::model::azure::resources::RESOURCE_GROUPS;
    use crate::model::call::Source;
    use crate::model::kubernetes::cluster::VERSION;
    use crate::model::scope::Scope;
    use crate::model::snapshot::{Outcome, Snapshot};

    async fn nowhere() -> Cluster {
        let way = KubernetesWay::Aks {
            cluster: "app".into(),
            group: None,
            subscription: String::new(),
            certificate_authority: None,
        };
        let target = KubernetesTarget { way, ..KubernetesTarget::default() };
        Cluster::live(&target, &Clouds::default(), None, DateTime::UNIX_EPOCH).await
    }

    fn of(accounts: Accounts) -> Clouds {
        Clouds { accounts: Some(accounts), ..Clouds::default() }
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
        let entered = Entered::joined(of(accounts), vec![], Some(nowhere().await), DateTime::UNIX_EPOCH);
        let entered = entered.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(entered.header.accounts[""], MAIN);
        assert_eq!(entered.header.cluster.as_ref().expect("named").identity, "app");
        let (outcome, detail) = asked(&entered, &Scope::kubernetes("app"), &VERSION).await;
        assert_eq!(
            (outcome, detail.contains("Azure credentials, and it has none")),
            (Outcome::Failed, true),
            "{detail}"
        );
    }

    #[tokio::test]
    async fn where_nothing_can_be_entered_the_first_reason_is_the_error() {
        let alone =
            Entered::joined(Clouds::default(), vec![], Some(nowhere().await), DateTime::UNIX_EPOCH).err();
        assert!(matches!(alone, Some(AccessError::NoCluster { cluster, .. }) if cluster == "app"));
        let target = AwsTarget { regions: vec!["us-west-1".into()], ..AwsTarget::default() };
        let accounts = Accounts::closed(&target, &no_credentials(), DateTime::UNIX_EPOCH);
        let refused = vec![no_credentials()];
        let both = Entered::joined(of(accounts), refused, Some(nowhere().await), DateTime::UNIX_EPOCH);
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
        let entered = Entered::of(accounts.header().clone(), of(accounts), None);
        let (outcome, detail) = asked(&entered, &Scope::aws("111111111111", "us-west-1"), &VPCS).await;
        assert_eq!((outcome, detail.contains("expired")), (Outcome::Failed, true), "{detail}");
        let (outcome, detail) = asked(&entered, &Scope::kubernetes("app"), &VERSION).await;
        assert_eq!((outcome, detail.as_str()), (Outcome::Skipped, "this env has no kubernetes"));
    }

    #[tokio::test]
    async fn subscriptions_that_cannot_be_entered_are_gaps_beside_accounts() {
        let stub = Stub::start(sts).await;
        let accounts = Accounts::at(&stub.url, &AwsTarget::default(), None).await.expect("open");
        let subscription = "99999999-9999-9999-9999-999999999999";
        let target = AzureTarget { subscription: Some(subscription.into()), ..AzureTarget::default() };
        let no_login = || AccessError::NoAzureCredentials { tried: "azure_cli: not logged in".into() };
        let subscriptions = || Some(Subscriptions::closed(&target, &no_login(), DateTime::UNIX_EPOCH));
        let alone = Clouds { subscriptions: subscriptions(), ..Clouds::default() };
        let alone = Entered::joined(alone, vec![no_login()], None, DateTime::UNIX_EPOCH).err();
        assert!(matches!(alone, Some(AccessError::NoAzureCredentials { .. })));

        let clouds = Clouds { accounts: Some(accounts), subscriptions: subscriptions() };
        let entered = Entered::joined(clouds, vec![no_login()], None, DateTime::UNIX_EPOCH);
        let entered = entered.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(entered.header.subscriptions[""], subscription);
        let (outcome, detail) = asked(&entered, &Scope::azure(subscription), &RESOURCE_GROUPS).await;
        assert_eq!((outcome, detail.contains("not logged in")), (Outcome::Failed, true), "{detail}");
    }
}
