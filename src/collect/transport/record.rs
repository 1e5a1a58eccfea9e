//! Keeps the exchanges of a run, and writes them scrubbed: one file an exchange, the same bytes at every
//! recording.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::exchange::{Answer, Exchange, Parameters, key};
use super::page_tokens;
use super::scrub::azure_ids::Known;
use super::scrub::{Scrub, people};
use crate::collect::target::TapeError;
use crate::model::call::Call;
use crate::model::scope::{Provider, Scope};
use crate::model::seen::Why;
use crate::model::snapshot::{Identity, hex};

pub(super) const HEADER: &str = "header.json";

/// The folders of what clusters answered, and of what Azure did.
const KUBERNETES: &str = "kubernetes";
const AZURE: &str = "azure";

/// When a recording was made, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TapeHeader {
    pub(crate) captured_at: DateTime<Utc>,
    /// By role, the main account under "".
    pub(crate) accounts: BTreeMap<String, String>,
    pub(crate) regions: Vec<String>,
    /// Of Azure, by role as well.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) subscriptions: BTreeMap<String, String>,
    pub(crate) identity: Vec<Identity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cluster: Option<Cluster>,
    /// Accounts, subscriptions and clusters that could not be entered, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) closed: BTreeMap<String, Closed>,
}

impl TapeHeader {
    /// Of a run that has entered nothing yet.
    pub(crate) fn at(captured_at: DateTime<Utc>) -> Self {
        Self {
            captured_at,
            accounts: BTreeMap::new(),
            regions: Vec::new(),
            subscriptions: BTreeMap::new(),
            identity: Vec::new(),
            cluster: None,
            closed: BTreeMap::new(),
        }
    }
}

/// The cluster of a run, as the way in names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cluster {
    /// The account of all its scopes.
    pub(crate) identity: String,
    /// Whether that is its API server's address, or only what the env calls it.
    pub(crate) addressed: bool,
    /// Base64 of DER, sorted.
    pub(crate) certificate_authority: Vec<String>,
}

impl Cluster {
    /// One of which nothing but its name in the env is known.
    pub(crate) fn named(name: &str) -> Self {
        Self { identity: name.to_owned(), addressed: false, certificate_authority: Vec::new() }
    }
}

/// Why an account or a cluster can't be asked anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Closed {
    pub(crate) why: Why,
    pub(crate) detail: String,
}

/// The exchanges of a run so far; of several answers to one question the last.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    exchanges: Mutex<BTreeMap<String, Exchange>>,
    /// What the run has met of Azure outside of any exchange.
    azure: Mutex<Known>,
    stopped: AtomicBool,
}

impl Recorder {
    /// Notes that a question is on its way. If it is dropped unanswered it was given up: it timed out.
    pub(super) fn asking(self: &Arc<Self>, scope: &Scope, call: &Call, parameters: Parameters) -> Asking {
        let exchange =
            Exchange { call: call.id.to_owned(), scope: scope.clone(), parameters, answer: Answer::TimedOut };
        Asking { recorder: Arc::clone(self), exchange: Some(exchange) }
    }

    /// A tenant of the run, and where its Resource Manager is, for no recording to show.
    #[cfg(feature = "azure")]
    pub(crate) fn know_azure(&self, tenant: &str, endpoint: &str) {
        let mut known = self.azure.lock().unwrap_or_else(PoisonError::into_inner);
        known.tenants.insert(tenant.to_owned());
        known.endpoints.insert(endpoint.to_owned());
    }

    /// From now on what is given up was stopped, and says nothing about the service.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn keep(&self, exchange: Exchange) {
        let key = key(&exchange.scope, &exchange.call, &exchange.parameters);
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).insert(key, exchange);
    }

    /// Writes everything below `folder`, which then holds this recording and no other.
    /// `literal` is what the env wants replaced besides what always is.
    pub(crate) fn write(
        &self,
        folder: &Path,
        header: &TapeHeader,
        literal: &BTreeMap<String, String>,
    ) -> Result<(), TapeError> {
        let kept = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        let mut exchanges: Vec<Exchange> = kept.values().cloned().collect();
        drop(kept);
        page_tokens::number(&mut exchanges);
        let bodies =
            || exchanges.iter().filter_map(|exchange| Some(exchange.answer.reply().ok()?.body.as_str()));
        let mut scrub = Scrub::new(&header.accounts, literal).servers(header.cluster.as_ref(), bodies());
        if !header.subscriptions.is_empty() {
            let mut known = self.azure.lock().unwrap_or_else(PoisonError::into_inner).clone();
            known.subscriptions.clone_from(&header.subscriptions);
            let closed = header.closed.values().map(|closed| closed.detail.as_str());
            let lost = exchanges.iter().filter_map(|exchange| exchange.answer.cause());
            scrub = scrub.azure(&known, bodies().chain(lost).chain(closed));
        }
        let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
        for mut exchange in exchanges {
            scrub.exchange(&mut exchange);
            if !Scrub::leaks_of(&exchange).is_empty() {
                return Err(TapeError::Leak(place(&exchange).display().to_string()));
            }
            files.insert(place(&exchange), pretty(&exchange)?);
        }
        files.insert(PathBuf::from(HEADER), scrub.text(&pretty(&people::unnamed(header))?));
        for (path, text) in &files {
            if !scrub.leaks(text).is_empty() {
                return Err(TapeError::Leak(path.display().to_string()));
            }
        }
        clear(folder)?;
        for (path, text) in files {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(path, text)?;
        }
        Ok(())
    }
}

/// Removes an older recording; a folder that holds anything else is left alone.
fn clear(folder: &Path) -> Result<(), TapeError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries.collect::<Result<Vec<_>, _>>()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let of_account = |name: &str| name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit());
    let ours = |name: &str| [HEADER, KUBERNETES, AZURE].contains(&name) || of_account(name);
    let foreign = entries
        .iter()
        .map(std::fs::DirEntry::file_name)
        .find(|name| name.to_str().is_none_or(|name| !ours(name)));
    if let Some(name) = foreign {
        let message = format!("the folder holds {}, which is no recording's", name.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, message).into());
    }
    for entry in entries {
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// `<account>/<region>/ec2.DescribeVpcs-3f2a9c1d.json`, `kubernetes/<server>/k8s.ListPods-3f2a9c1d.json`,
/// `azure/<subscription>/azure.ListVirtualNetworks-3f2a9c1d.json`
fn place(exchange: &Exchange) -> PathBuf {
    let key = key(&exchange.scope, &exchange.call, &exchange.parameters);
    let digest = hex(&Sha256::digest(key));
    let call = exchange.call.replacen(':', ".", 1);
    let scope = &exchange.scope;
    let folder = match scope.provider {
        Provider::Kubernetes => Path::new(KUBERNETES).join(file_name(&scope.account)),
        Provider::Azure => Path::new(AZURE).join(file_name(&scope.account)),
        Provider::Aws => Path::new(&scope.account).join(&scope.region),
    };
    folder.join(format!("{call}-{}.json", &digest[..8]))
}

/// A name that any file system takes: what some don't is percent-encoded.
fn file_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (at, byte) in name.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || byte == b'-' || (byte == b'.' && at > 0) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn pretty(value: &impl Serialize) -> Result<String, TapeError> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

/// A question on its way.
pub(super) struct Asking {
    recorder: Arc<Recorder>,
    exchange: Option<Exchange>,
}

impl Asking {
    pub(super) fn answered(mut self, answer: Answer) {
        if let Some(exchange) = self.exchange.take() {
            self.recorder.keep(Exchange { answer, ..exchange });
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if let Some(exchange) = self.exchange.take()
            && !self.recorder.stopped.load(Ordering::Relaxed)
        {
            self.recorder.keep(exchange);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::replay::Tape;
    use super::*;

    #[test]
    fn a_recording_names_no_user_and_is_replaced_whole() {
        let principal = "arn:aws:sts::222222222222:assumed-role/auditor/jane";
        let identity = |provider, principal: &str| Identity {
            provider,
            account: "k8s.example.com".into(),
            principal: principal.into(),
        };
        let header = TapeHeader {
            identity: vec![
                identity(Provider::Aws, principal),
                identity(Provider::Kubernetes, principal),
                identity(Provider::Kubernetes, "jane"),
                identity(Provider::Kubernetes, "arn:aws:eks:eu-west-2:123412341234:cluster/app"),
            ],
            cluster: Some(Cluster::named("jane@prod")),
            closed: BTreeMap::from([(
                "jane@prod".to_owned(),
                Closed {
                    why: Why::Failed,
                    detail: "the kubeconfig has no context \"jane@prod\", and said: ask jane".into(),
                },
            )]),
            ..TapeHeader::at(DateTime::UNIX_EPOCH)
        };
        let folder = tempfile::tempdir().expect("a folder");
        let old = folder.path().join("kubernetes/old.example.com");
        std::fs::create_dir_all(&old).expect("a folder");
        std::fs::write(old.join("k8s.ListPods-0.json"), "{}").expect("written");
        Recorder::default().write(folder.path(), &header, &BTreeMap::new()).expect("a recording's folder");
        assert!(!old.exists());
        let text = std::fs::read_to_string(folder.path().join(HEADER)).expect("a header");
        assert!(!text.contains("jane") && !text.contains("123412341234"), "{text}");
        assert_eq!(text.matches("assumed-role/auditor/SCRUBBED").count(), 2, "{text}");
        let tape = Tape::read(folder.path()).expect("a tape");
        let closed = &tape.header.closed[&tape.header.cluster.expect("a cluster").identity];
        assert_eq!(closed.detail, "the kubeconfig has no context \"cluster\"");
    }

    #[test]
    fn whom_a_cloud_refused_is_not_named_by_a_cluster() {
        const CLIENT: &str = "c0ffee00-1111-4222-8333-444455556666";
        let recorder: Arc<Recorder> = Arc::default();
        let refused = format!("AADSTS700016: jane@acme.io and application {CLIENT} are not known");
        let scope = Scope::kubernetes("k8s.example.com");
        recorder
            .asking(&scope, crate::model::kubernetes::cluster::VERSION.calls[0], Parameters::new())
            .answered(Answer::NoCredentials(refused));
        let header = TapeHeader {
            subscriptions: BTreeMap::from([(String::new(), "11111111-1111-1111-1111-111111111111".into())]),
            ..TapeHeader::at(DateTime::UNIX_EPOCH)
        };
        let folder = tempfile::tempdir().expect("a folder");
        recorder.write(folder.path(), &header, &BTreeMap::new()).expect("a recording's folder");
        let own =
            std::fs::read_dir(folder.path().join("kubernetes/k8s.example.com")).expect("a cluster's folder");
        let texts: Vec<String> =
            own.map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("text")).collect();
        assert!(texts.len() == 1 && texts[0].contains("AADSTS700016"), "{texts:?}");
        assert!(!texts[0].contains(CLIENT) && !texts[0].contains("jane"), "{texts:?}");
    }

    #[test]
    fn a_tape_from_before_there_were_clusters_is_read() {
        let text = r#"{"captured_at":"2026-01-01T00:00:00Z","accounts":{"":"111111111111"},"regions":["us-west-1"],
            "identity":[]}"#;
        let header: TapeHeader = serde_json::from_str(text).expect("a header");
        assert_eq!(header.cluster, None);
    }

    #[test]
    fn a_clusters_folder_is_named_after_its_server() {
        assert_eq!(file_name("cluster.example.com:6443"), "cluster.example.com%3A6443");
        assert_eq!(file_name("[::1]"), "%5B%3A%3A1%5D");
        assert_eq!(file_name("../etc"), "%2E.%2Fetc");
    }
}
