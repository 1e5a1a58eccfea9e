//! A cluster, in a build without Kubernetes.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Unbuilt;
use crate::collect::runner::Ask;
use crate::collect::target::{AccessError, KubernetesTarget};
use crate::collect::transport::record::{self, Recorder, TapeHeader};
use crate::collect::transport::replay::Tape;

pub(crate) struct Cluster(record::Cluster);

#[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "the same signatures in every build")]
impl Cluster {
    #[expect(clippy::unused_async, reason = "the same signature in every build")]
    pub(crate) async fn live<C>(
        target: &KubernetesTarget,
        _: &C,
        _: Option<Arc<Recorder>>,
        _: DateTime<Utc>,
    ) -> Self {
        Self(record::Cluster::named(target.way.name()))
    }

    pub(crate) fn replay(_: &Arc<Tape>, cluster: record::Cluster) -> Self {
        Self(cluster)
    }

    pub(crate) fn closed(&self) -> Option<AccessError> {
        Some(Unbuilt("kubernetes").error())
    }

    pub(crate) fn noted(&self, header: TapeHeader) -> TapeHeader {
        TapeHeader { cluster: Some(self.0.clone()), ..header }
    }

    pub(crate) fn asker(self) -> Box<dyn Ask + Send> {
        Box::new(Unbuilt("kubernetes"))
    }
}
