//! Keeps the exchanges of a run, and writes them scrubbed: one file an exchange, the same bytes at every
//! recording.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::exchange::{Answer, Exchange, KEPT_HEADERS, Parameters, key};
use super::live::root_cause;
use super::page_tokens;
use super::scrub::Scrub;
use crate::collect::target::TapeError;
use crate::model::call::Call;
use crate::model::scope::Scope;
use crate::model::seen::Why;
use crate::model::snapshot::{Identity, hex};

pub(super) const HEADER: &str = "header.json";

/// When a recording was made, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TapeHeader {
    pub(crate) captured_at: DateTime<Utc>,
    /// By role, the main account under "".
    pub(crate) accounts: BTreeMap<String, String>,
    pub(crate) regions: Vec<String>,
    pub(crate) identity: Vec<Identity>,
    /// Accounts that could not be entered, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) closed: BTreeMap<String, Closed>,
}

/// Why an account can't be asked anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Closed {
    pub(crate) why: Why,
    pub(crate) detail: String,
}

/// The exchanges of a run so far; of several answers to one question the last.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    exchanges: Mutex<BTreeMap<String, Exchange>>,
    stopped: AtomicBool,
}

impl Recorder {
    /// Notes that a question is on its way. If it is dropped unanswered it was given up: it timed out.
    pub(super) fn asking(self: &Arc<Self>, scope: &Scope, call: &Call, parameters: Parameters) -> Asking {
        let exchange =
            Exchange { call: call.id.to_owned(), scope: scope.clone(), parameters, answer: Answer::TimedOut };
        Asking { recorder: Arc::clone(self), exchange: Some(exchange) }
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
    pub(crate) fn write(&self, folder: &Path, header: &TapeHeader, scrub: &Scrub) -> Result<(), TapeError> {
        let kept = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        let mut exchanges: Vec<Exchange> = kept.values().cloned().collect();
        drop(kept);
        page_tokens::number(&mut exchanges);
        let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
        for mut exchange in exchanges {
            scrub.exchange(&mut exchange);
            files.insert(place(&exchange), pretty(&exchange)?);
        }
        files.insert(PathBuf::from(HEADER), scrub.text(&pretty(header)?));
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
    let foreign = entries
        .iter()
        .map(std::fs::DirEntry::file_name)
        .find(|name| name.to_str().is_none_or(|name| name != HEADER && !of_account(name)));
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

/// `<account>/<region>/ec2.DescribeVpcs-3f2a9c1d.json`
fn place(exchange: &Exchange) -> PathBuf {
    let key = key(&exchange.scope, &exchange.call, &exchange.parameters);
    let digest = hex(&Sha256::digest(key));
    let call = exchange.call.replacen(':', ".", 1);
    PathBuf::from(&exchange.scope.account)
        .join(&exchange.scope.region)
        .join(format!("{call}-{}.json", &digest[..8]))
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
    pub(super) fn answered(mut self, answer: &Result<HttpResponse, ConnectorError>) {
        let Some(mut exchange) = self.exchange.take() else { return };
        exchange.answer = match answer {
            Ok(response) => Answer::Response {
                status: response.status().as_u16(),
                headers: kept_headers(response),
                body: String::from_utf8_lossy(response.body().bytes().unwrap_or_default()).into_owned(),
            },
            Err(error) if error.is_timeout() => Answer::TimedOut,
            Err(error) => Answer::Unreachable(root_cause(error)),
        };
        self.recorder.keep(exchange);
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

fn kept_headers(response: &HttpResponse) -> BTreeMap<String, String> {
    let kept = KEPT_HEADERS.iter().filter_map(|name| Some((*name, response.headers().get(name)?)));
    kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
