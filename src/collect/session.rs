//! One scan's way to the facts: live accounts, subscriptions and clusters, perhaps recorded, or a recording.

use std::collections::BTreeSet;
use std::future::Future;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::Request;
use super::runner::{self, Ask, Progress};
use super::target::{AccessError, Targets};
use crate::model::snapshot::{Header, Ledger, Snapshot};

/// Ready to be asked.
pub struct Session {
    asker: Box<dyn Ask + Send>,
    header: Header,
    #[cfg(any(feature = "aws", feature = "azure", feature = "kubernetes"))]
    recording: Option<Recording>,
}

#[cfg(any(feature = "aws", feature = "azure", feature = "kubernetes"))]
use entering::Recording;

impl Session {
    /// Enters the accounts, the subscriptions and the cluster of an env; with `record`, [`Session::finish`] writes the
    /// exchanges to that folder.
    #[cfg(any(feature = "aws", feature = "azure", feature = "kubernetes"))]
    pub async fn live(
        targets: Targets<'_>,
        record: Option<PathBuf>,
        started_at: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        entering::live(targets, record, started_at).await
    }

    /// Reads a recording. Nothing leaves the process.
    #[cfg(any(feature = "aws", feature = "azure", feature = "kubernetes"))]
    pub fn replay(tape: &Path) -> Result<Self, AccessError> {
        entering::replay(tape)
    }

    /// Enters the accounts, the subscriptions and the cluster of an env.
    #[cfg(not(any(feature = "aws", feature = "azure", feature = "kubernetes")))]
    #[expect(clippy::unused_async, reason = "the same signature in every build")]
    pub async fn live(
        targets: Targets<'_>,
        _: Option<PathBuf>,
        _: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        let feature = match targets {
            Targets { aws: Some(_), .. } => "aws",
            Targets { azure: Some(_), .. } => "azure",
            _ => "kubernetes",
        };
        Err(AccessError::NotBuilt { feature })
    }

    /// Reads a recording.
    #[cfg(not(any(feature = "aws", feature = "azure", feature = "kubernetes")))]
    pub fn replay(_: &Path) -> Result<Self, AccessError> {
        Err(AccessError::NotBuilt { feature: "aws" })
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
        mut next: impl FnMut(&Snapshot) -> Vec<Request>,
        progress: &dyn Progress,
        stop: impl Future<Output = ()>,
    ) -> Snapshot {
        let (known, now, later) = runner::forget(snapshot, requests);
        // What was asked while less was known may be wanted no more: it is read again all the same, as its like is.
        let next = |snapshot: &Snapshot| {
            let mut wanted = next(snapshot);
            if !later.is_empty() {
                let back: BTreeSet<&str> =
                    snapshot.resources.iter().map(|resource| resource.id.as_str()).collect();
                let again = later.iter().filter(|request| back.contains(request.key.as_str()));
                wanted.extend(again.cloned());
            }
            wanted
        };
        self.ask(known, now, next, progress, stop).await
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
            #[cfg(any(feature = "aws", feature = "azure", feature = "kubernetes"))]
            if let Some(recording) = &self.recording {
                recording.recorder.stop();
            }
        };
        runner::gather(known, first, &*self.asker, next, progress, stop).await
    }

    /// Writes the recording, where one was asked for: stand-ins for accounts need the whole of it.
    pub fn finish(self) -> Result<(), AccessError> {
        #[cfg(any(feature = "aws", feature = "azure", feature = "kubernetes"))]
        if let Some(recording) = self.recording {
            return recording.write();
        }
        Ok(())
    }
}

#[cfg(any(feature = "aws", feature = "azure", feature = "kubernetes"))]
mod entering {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use chrono::{DateTime, Utc};

    use super::Session;
    use crate::collect::entered::Entered;
    use crate::collect::target::{AccessError, Targets};
    use crate::collect::transport::record::{Recorder, TapeHeader};
    use crate::model::snapshot::{Header, Origin, SCHEMA, Tool};

    /// A recording in the making.
    pub(super) struct Recording {
        folder: PathBuf,
        pub(super) recorder: Arc<Recorder>,
        header: TapeHeader,
        literal: BTreeMap<String, String>,
    }

    impl Recording {
        pub(super) fn write(&self) -> Result<(), AccessError> {
            let written = self.recorder.write(&self.folder, &self.header, &self.literal);
            written.map_err(|source| AccessError::Tape {
                path: self.folder.display().to_string(),
                what: "written",
                source,
            })
        }
    }

    pub(super) async fn live(
        targets: Targets<'_>,
        record: Option<PathBuf>,
        started_at: DateTime<Utc>,
    ) -> Result<Session, AccessError> {
        let recorder: Option<Arc<Recorder>> = record.is_some().then(Arc::default);
        let entered = Entered::live(targets, recorder.as_ref(), started_at).await?;
        let literal = [
            targets.aws.map(|aws| &aws.scrub),
            targets.azure.map(|azure| &azure.scrub),
            targets.kubernetes.map(|kubernetes| &kubernetes.scrub),
        ];
        let recording = record.zip(recorder).map(|(folder, recorder)| Recording {
            folder,
            recorder,
            header: entered.header.clone(),
            literal: literal.into_iter().flatten().flatten().map(|(a, b)| (a.clone(), b.clone())).collect(),
        });
        Ok(Session { header: header(&entered.header, Origin::Live), asker: Box::new(entered), recording })
    }

    pub(super) fn replay(tape: &Path) -> Result<Session, AccessError> {
        let entered = Entered::replay(tape)?;
        Ok(Session {
            header: header(&entered.header, Origin::Tape),
            asker: Box::new(entered),
            recording: None,
        })
    }

    fn header(of: &TapeHeader, source: Origin) -> Header {
        let TapeHeader { captured_at, accounts, regions, subscriptions, identity, cluster, closed: _ } =
            of.clone();
        Header {
            schema: SCHEMA.to_owned(),
            tool: Tool::this(),
            source,
            captured_at,
            finished_at: captured_at,
            accounts,
            regions,
            subscriptions,
            cluster: cluster.map(|cluster| cluster.identity),
            identity,
            needs: String::new(),
        }
    }
}
