//! AWS accounts, in a build without AWS.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Unbuilt;
use crate::collect::runner::Ask;
use crate::collect::target::{AccessError, AwsTarget};
use crate::collect::transport::record::{Recorder, TapeHeader};
use crate::collect::transport::replay::Tape;

pub(crate) struct Accounts(TapeHeader);

#[expect(clippy::unused_self, reason = "the same signatures in every build")]
impl Accounts {
    #[expect(clippy::unused_async, reason = "the same signature in every build")]
    pub(crate) async fn live(
        _: &AwsTarget,
        _: Option<Arc<Recorder>>,
        _: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        Err(Unbuilt("aws").error())
    }

    pub(crate) fn closed(target: &AwsTarget, _: &AccessError, started_at: DateTime<Utc>) -> Self {
        Self(TapeHeader { regions: target.regions.clone(), ..TapeHeader::at(started_at) })
    }

    #[expect(clippy::needless_pass_by_value, reason = "the same signature in every build")]
    pub(crate) fn replay(tape: Arc<Tape>) -> Self {
        Self(tape.header.clone())
    }

    pub(crate) fn header(&self) -> &TapeHeader {
        &self.0
    }

    pub(crate) fn asker(self) -> Box<dyn Ask + Send> {
        Box::new(Unbuilt("aws"))
    }
}
