//! Azure subscriptions, in a build without Azure.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Unbuilt;
use crate::collect::runner::Ask;
use crate::collect::target::{AccessError, AzureTarget};
use crate::collect::transport::record::{Recorder, TapeHeader};
use crate::collect::transport::replay::Tape;

pub(crate) struct Subscriptions(TapeHeader);

#[expect(clippy::unused_self, reason = "the same signatures in every build")]
impl Subscriptions {
    #[expect(clippy::unused_async, reason = "the same signature in every build")]
    pub(crate) async fn live(
        _: &AzureTarget,
        _: Option<Arc<Recorder>>,
        _: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        Err(Unbuilt("azure").error())
    }

    pub(crate) fn closed(target: &AzureTarget, _: &AccessError, started_at: DateTime<Utc>) -> Self {
        let main = target.subscription.iter().map(|id| (String::new(), id.clone()));
        let mut header = TapeHeader::at(started_at);
        header.subscriptions = target.subscriptions.clone().into_iter().chain(main).collect();
        Self(header)
    }

    pub(crate) fn replay(tape: &Arc<Tape>) -> Self {
        Self(tape.header.clone())
    }

    pub(crate) fn noted(&self, header: TapeHeader) -> TapeHeader {
        TapeHeader { subscriptions: self.0.subscriptions.clone(), ..header }
    }

    pub(crate) fn asker(self) -> Box<dyn Ask + Send> {
        Box::new(Unbuilt("azure"))
    }
}
