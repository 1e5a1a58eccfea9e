//! `stacks-audit/snapshot/v1`: one header line, the ledger, then the resources, as NDJSON.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Write};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::kind::{Kind, Resource};
use super::scope::Scope;
use super::seen::{Gap, Why};

pub const SCHEMA: &str = "stacks-audit/snapshot/v1";

/// Everything that was read, and what was asked for in vain.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    pub header: Header,
    pub ledger: Ledger,
    /// Sorted by kind, then id; one entry each.
    pub resources: Vec<Resource>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    pub schema: String,
    pub tool: Tool,
    pub source: Origin,
    /// When collection started: the `now` of every expression.
    pub captured_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    /// Account roles of the env ("" is its main account) to the accounts they turned out to be.
    pub accounts: BTreeMap<String, String>,
    pub regions: Vec<String>,
    /// Account roles of the env ("" is the main one) to the subscriptions of Azure they turned out to be.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub subscriptions: BTreeMap<String, String>,
    /// The Kubernetes cluster of the env, where it has one: the address of its API server, or else what the env calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    pub identity: Vec<Identity>,
    /// Digest over the sorted (call, permission) pairs that collection could make.
    pub needs: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    pub name: String,
    pub version: String,
    pub commit: String,
}

impl Tool {
    pub fn this() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: option_env!("STACKS_AUDIT_COMMIT").unwrap_or("").to_owned(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    Live,
    Tape,
    Snapshot,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    pub provider: super::scope::Provider,
    pub account: String,
    pub principal: String,
}

/// Which calls were made, per scope and parent, and how each ended.
pub type Ledger = BTreeMap<LedgerKey, Entry>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct LedgerKey {
    pub scope: Scope,
    /// `service:Operation`
    pub call: String,
    /// The parent or resource asked about; empty for a listing of the whole scope.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    pub outcome: Outcome,
    pub pages: u64,
    pub items: u64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Complete,
    Denied,
    Throttled,
    Failed,
    Skipped,
    NotRecorded,
}

impl Outcome {
    pub const ALL: [Self; 6] =
        [Self::Complete, Self::Denied, Self::Throttled, Self::Failed, Self::Skipped, Self::NotRecorded];

    /// As gaps and reports for machines name it.
    pub fn as_str(self) -> &'static str {
        self.why().map_or("complete", Why::as_str)
    }

    /// As people read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotRecorded => "not recorded",
            other => other.as_str(),
        }
    }

    /// Why what the call would have told is a gap; `None` where the call was answered in full.
    pub fn why(self) -> Option<Why> {
        Some(match self {
            Self::Complete => return None,
            Self::Denied => Why::Denied,
            Self::Throttled => Why::Throttled,
            Self::Failed => Why::Failed,
            Self::Skipped => Why::Skipped,
            Self::NotRecorded => Why::NotRecorded,
        })
    }

    pub fn of(why: Why) -> Self {
        match why {
            Why::Denied => Self::Denied,
            Why::Throttled => Self::Throttled,
            Why::Failed | Why::InTransition => Self::Failed,
            Why::Skipped => Self::Skipped,
            Why::NotRecorded => Self::NotRecorded,
        }
    }
}

impl Snapshot {
    /// Of a scan that has read nothing yet, for tests.
    #[cfg(test)]
    pub(crate) fn empty() -> Self {
        let header = Header {
            schema: SCHEMA.to_owned(),
            tool: Tool::this(),
            source: Origin::Live,
            captured_at: DateTime::UNIX_EPOCH,
            finished_at: DateTime::UNIX_EPOCH,
            accounts: BTreeMap::new(),
            regions: Vec::new(),
            subscriptions: BTreeMap::new(),
            cluster: None,
            identity: Vec::new(),
            needs: String::new(),
        };
        Self { header, ledger: Ledger::new(), resources: Vec::new() }
    }

    /// `Ok` where `source` was answered in full for (scope, key); else the gap that stands for it.
    pub fn complete(&self, source: &super::call::Source, scope: &Scope, key: &str) -> Result<(), Gap> {
        let entry = |call: &str| {
            self.ledger.get(&LedgerKey { scope: scope.asked(), call: call.to_owned(), key: key.to_owned() })
        };
        let mut asked = false;
        for (n, call) in source.calls.iter().enumerate() {
            let Some(found) = entry(call.id) else { continue };
            asked |= n == 0;
            if let Some(why) = found.outcome.why() {
                return Err(Gap { why, detail: found.detail.clone(), ..Gap::unread(call.id, scope, key) });
            }
        }
        if asked { Ok(()) } else { Err(Gap::unread(source.primary(), scope, key)) }
    }

    /// All resources of a kind, sorted by id.
    pub fn of_kind(&self, kind: Kind) -> &[Resource] {
        let start = self.resources.partition_point(|r| r.kind() < kind);
        let end = self.resources.partition_point(|r| r.kind() <= kind);
        &self.resources[start..end]
    }

    pub fn find(&self, kind: Kind, id: &str) -> Option<&Resource> {
        let all = self.of_kind(kind);
        all.binary_search_by(|r| r.id.as_str().cmp(id)).ok().map(|at| &all[at])
    }

    /// Removes resources, what is listed under them, and the answers that were about them.
    pub fn take_out(&mut self, mut gone: BTreeSet<(Kind, String)>) {
        loop {
            let children = self.resources.iter().filter(|r| {
                let parent = r.kind().meta().within().map(|(parent, _)| parent);
                let of = parent.zip(r.parent());
                of.is_some_and(|of| gone.contains(&of)) && !gone.contains(&(r.kind(), r.id.clone()))
            });
            let children: BTreeSet<_> = children.map(|r| (r.kind(), r.id.clone())).collect();
            if children.is_empty() {
                break;
            }
            gone.extend(children);
        }
        self.resources.retain(|r| !gone.contains(&(r.kind(), r.id.clone())));
        let ids: BTreeSet<&str> = gone.iter().map(|(_, id)| id.as_str()).collect();
        self.ledger.retain(|key, _| !ids.contains(key.key.as_str()));
    }

    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut line = |value: &dyn erased::Line| -> io::Result<()> {
            value.write(out)?;
            out.write_all(b"\n")
        };
        line(&self.header)?;
        for (key, entry) in &self.ledger {
            line(&LedgerLine { ledger: key.clone(), entry: entry.clone() })?;
        }
        for resource in &self.resources {
            line(resource)?;
        }
        line(&EndLine { end: End { ledger: self.ledger.len(), resources: self.resources.len() } })
    }

    /// SHA-256 over the snapshot as it is written.
    pub fn digest(&self) -> String {
        #[derive(Debug)]
        struct Sink(Sha256);
        impl Write for Sink {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.update(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut sink = io::BufWriter::with_capacity(1 << 16, Sink(Sha256::new()));
        self.write(&mut sink).expect("a hash takes every byte");
        let sink = sink.into_inner().expect("a hash takes every byte");
        hex(&sink.0.finalize())
    }

    /// Reads what [`Snapshot::write`] wrote. Order and line numbers are checked: a truncated or hand-edited file is told.
    pub fn read(input: &mut dyn BufRead) -> Result<Self, SnapshotError> {
        let mut lines = Lines { input, number: 0, buffer: Vec::new() };
        let Some(first) = lines.next()? else { return Err(SnapshotError::Empty) };
        let schema: SchemaOnly =
            serde_json::from_slice(first).map_err(|source| SnapshotError::Header { source })?;
        if schema.schema != SCHEMA {
            return Err(SnapshotError::Schema { found: schema.schema });
        }
        let header: Header =
            serde_json::from_slice(first).map_err(|source| SnapshotError::Header { source })?;
        let mut ledger = Ledger::new();
        let mut resources: Vec<Resource> = Vec::new();
        loop {
            let Some(bytes) = lines.next()? else {
                return Err(SnapshotError::NoEnd { line: lines.number - 1 });
            };
            if bytes.starts_with(br#"{"end":"#) {
                let EndLine { end } = serde_json::from_slice(bytes).map_err(|source| lines.bad(&source))?;
                if (end.ledger, end.resources) != (ledger.len(), resources.len()) || lines.next()?.is_some() {
                    return Err(SnapshotError::Count { line: lines.number });
                }
                break;
            }
            if bytes.starts_with(br#"{"ledger":"#) {
                let line: LedgerLine = serde_json::from_slice(bytes).map_err(|source| lines.bad(&source))?;
                ledger.insert(line.ledger, line.entry);
                continue;
            }
            let resource: Resource = serde_json::from_slice(bytes).map_err(|source| lines.bad(&source))?;
            if resources.last().is_some_and(|last| (last.kind(), &last.id) >= (resource.kind(), &resource.id))
            {
                return Err(SnapshotError::Order { line: lines.number, id: resource.id.clone() });
            }
            resources.push(resource);
        }
        Ok(Self { header, ledger, resources })
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[derive(Serialize, Deserialize)]
struct LedgerLine {
    ledger: LedgerKey,
    #[serde(flatten)]
    entry: Entry,
}

/// The last line. A file that lacks it, or lines, must not be read as an account that lacks resources.
#[derive(Serialize, Deserialize)]
struct EndLine {
    end: End,
}

#[derive(Serialize, Deserialize)]
struct End {
    ledger: usize,
    resources: usize,
}

#[derive(Deserialize)]
struct SchemaOnly {
    schema: String,
}

struct Lines<'a> {
    input: &'a mut dyn BufRead,
    number: usize,
    buffer: Vec<u8>,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<&[u8]>, SnapshotError> {
        self.buffer.clear();
        self.number += 1;
        let read = self
            .input
            .read_until(b'\n', &mut self.buffer)
            .map_err(|source| SnapshotError::Io { line: self.number, source })?;
        if read == 0 {
            return Ok(None);
        }
        if self.buffer.pop() != Some(b'\n') {
            return Err(SnapshotError::Truncated { line: self.number });
        }
        Ok(Some(&self.buffer))
    }

    /// The parser saw one line alone, and says so: only its column means anything in the file.
    fn bad(&self, source: &serde_json::Error) -> SnapshotError {
        let text = source.to_string();
        let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
        let what = what.chars().take(200).collect();
        SnapshotError::Line { line: self.number, column: source.column(), what }
    }
}

mod erased {
    use std::io::{self, Write};

    pub(super) trait Line {
        fn write(&self, out: &mut dyn Write) -> io::Result<()>;
    }
    impl<T: serde::Serialize> Line for T {
        fn write(&self, out: &mut dyn Write) -> io::Result<()> {
            serde_json::to_writer(out, self).map_err(io::Error::from)
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("the snapshot is empty")]
    Empty,
    #[error("line 1 is no snapshot header; a snapshot starts with {{\"schema\":\"{SCHEMA}\", …}}")]
    Header { source: serde_json::Error },
    #[error("this is {found:?}, and this version reads {SCHEMA:?}: collect again")]
    Schema { found: String },
    #[error("line {line} is neither a ledger entry nor a resource: {what}, at column {column}")]
    Line { line: usize, column: usize, what: String },
    #[error("line {line} ends in the middle: the file was cut off; collect again")]
    Truncated { line: usize },
    #[error("the snapshot stops after line {line}, before its end: the file was cut off; collect again")]
    NoEnd { line: usize },
    #[error(
        "line {line}: {id} is out of order or there twice: the file was changed by hand or put together; collect again"
    )]
    Order { line: usize, id: String },
    #[error(
        "the snapshot ends at line {line} with other counts than it holds: lines are missing or were added; collect again"
    )]
    Count { line: usize },
    #[error("line {line} can't be read")]
    Io { line: usize, source: io::Error },
}
