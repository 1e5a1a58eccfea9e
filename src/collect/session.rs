//! One scan's way to the facts: a live account, perhaps recorded, or a recording.

use std::future::Future;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::Request;
use super::runner::{self, Ask, Progress};
use super::target::{AccessError, AwsTarget};
use crate::model::snapshot::{Header, Ledger, Snapshot};

/// Ready to be asked.
pub struct Session {
    asker: Box<dyn Ask + Send>,
    header: Header,
    #[cfg(feature = "aws")]
    recording: Option<super::aws::access::Recording>,
}

impl Session {
    /// Enters the accounts of an env; with `record`, [`Session::finish`] writes the exchanges to that folder.
    #[cfg(feature = "aws")]
    pub async fn live(
        target: &AwsTarget,
        record: Option<PathBuf>,
        started_at: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        use super::aws::{COLLECTORS, access::Access, asked::Collectors};
        let access = Access::live(target, record, started_at).await?;
        let (header, recording) = (access.header(), access.recording());
        Ok(Self { asker: Box::new(Collectors::new(access, COLLECTORS)), header, recording })
    }

    /// Reads a recording. Nothing leaves the process.
    #[cfg(feature = "aws")]
    pub fn replay(tape: &Path) -> Result<Self, AccessError> {
        use super::aws::{COLLECTORS, access::Access, asked::Collectors};
        let access = Access::replay(tape)?;
        let header = access.header();
        Ok(Self { asker: Box::new(Collectors::new(access, COLLECTORS)), header, recording: None })
    }

    /// Enters the accounts of an env.
    #[cfg(not(feature = "aws"))]
    #[expect(clippy::unused_async, reason = "the same signature in every build")]
    pub async fn live(_: &AwsTarget, _: Option<PathBuf>, _: DateTime<Utc>) -> Result<Self, AccessError> {
        Err(AccessError::NotBuilt)
    }

    /// Reads a recording.
    #[cfg(not(feature = "aws"))]
    pub fn replay(_: &Path) -> Result<Self, AccessError> {
        Err(AccessError::NotBuilt)
    }

    /// The snapshot's header before anything was asked.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Asks whatever `next` wants, until it wants nothing more or `stop` ends.
    pub async fn gather(
        &self,
        next: impl FnMut(&Snapshot) -> Vec<Request>,
        progress: &dyn Progress,
        stop: impl Future<Output = ()>,
    ) -> Snapshot {
        let empty = Snapshot { header: self.header.clone(), ledger: Ledger::new(), resources: Vec::new() };
        self.ask(empty, Vec::new(), next, progress, stop).await
    }

    /// Reads once more what `requests` told, as where facts move fast, and what `next` then wants.
    pub async fn refresh(
        &self,
        snapshot: Snapshot,
        requests: Vec<Request>,
        next: impl FnMut(&Snapshot) -> Vec<Request>,
        progress: &dyn Progress,
        stop: impl Future<Output = ()>,
    ) -> Snapshot {
        self.ask(runner::forget(snapshot, &requests), requests, next, progress, stop).await
    }

    async fn ask(
        &self,
        known: Snapshot,
        first: Vec<Request>,
        next: impl FnMut(&Snapshot) -> Vec<Request>,
        progress: &dyn Progress,
        stop: impl Future<Output = ()>,
    ) -> Snapshot {
        let stop = async {
            stop.await;
            #[cfg(feature = "aws")]
            if let Some(recording) = &self.recording {
                recording.stop();
            }
        };
        runner::gather(known, first, &*self.asker, next, progress, stop).await
    }

    /// Writes the recording, where one was asked for: stand-ins for accounts need the whole of it.
    pub fn finish(self) -> Result<(), AccessError> {
        #[cfg(feature = "aws")]
        if let Some(recording) = self.recording {
            return recording.write();
        }
        Ok(())
    }
}
