//! What stands for a provider that this build leaves out: every question to it is a gap that says so.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;

use super::facts::Facts;
use super::runner::{Ask, Question};
#[cfg(not(feature = "aws"))]
use super::target::AwsTarget;
use super::target::{AccessError, KubernetesTarget};
use super::transport::record::{self, Recorder, TapeHeader};
use super::transport::replay::Tape;
use crate::model::seen::Why;

struct Unbuilt(&'static str);

impl Unbuilt {
    fn error(&self) -> AccessError {
        AccessError::NotBuilt { feature: self.0 }
    }
}

impl Ask for Unbuilt {
    fn ask<'a>(&'a self, question: &'a Question<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        let detail = self.error().to_string();
        Box::pin(async move { into.unasked(question, Why::Skipped, &detail) })
    }
}

#[cfg(not(feature = "aws"))]
pub(super) struct Accounts(TapeHeader);

#[cfg(not(feature = "aws"))]
impl Accounts {
    #[expect(clippy::unused_async, reason = "the same signature in every build")]
    pub(super) async fn live(
        _: &AwsTarget,
        _: Option<Arc<Recorder>>,
        _: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        Err(Unbuilt("aws").error())
    }

    pub(super) fn closed(target: &AwsTarget, _: &AccessError, started_at: DateTime<Utc>) -> Self {
        Self(TapeHeader { regions: target.regions.clone(), ..TapeHeader::at(started_at) })
    }

    #[expect(clippy::needless_pass_by_value, reason = "the same signature in every build")]
    pub(super) fn replay(tape: Arc<Tape>) -> Self {
        Self(tape.header.clone())
    }

    pub(super) fn header(&self) -> &TapeHeader {
        &self.0
    }

    pub(super) fn asker(self) -> Box<dyn Ask + Send> {
        Box::new(Unbuilt("aws"))
    }
}

#[cfg(not(feature = "kubernetes"))]
pub(super) struct Cluster(record::Cluster);

#[cfg(not(feature = "kubernetes"))]
impl Cluster {
    #[expect(clippy::unused_async, reason = "the same signature in every build")]
    pub(super) async fn live<A>(
        target: &KubernetesTarget,
        _: Option<&A>,
        _: Option<Arc<Recorder>>,
        _: DateTime<Utc>,
    ) -> Self {
        Self(record::Cluster::named(target.way.name()))
    }

    pub(super) fn replay(_: &Arc<Tape>, cluster: record::Cluster) -> Self {
        Self(cluster)
    }

    #[expect(clippy::unused_self, reason = "the same signature in every build")]
    pub(super) fn closed(&self) -> Option<AccessError> {
        Some(Unbuilt("kubernetes").error())
    }

    pub(super) fn noted(&self, header: TapeHeader) -> TapeHeader {
        TapeHeader { cluster: Some(self.0.clone()), ..header }
    }

    pub(super) fn asker(self) -> Box<dyn Ask + Send> {
        Box::new(Unbuilt("kubernetes"))
    }
}
