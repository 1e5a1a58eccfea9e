//! What a run found: `stacks-audit/report/v1` as types. Reports read this and nothing else.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scope::Scope;
use super::snapshot::{Identity, Origin, Outcome, Tool};

mod drawn;

pub use drawn::{CountResult, EdgeResult, GroupForm, GroupResult, NodeResult, PathResult};

pub const SCHEMA: &str = "stacks-audit/report/v1";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    pub schema: String,
    pub tool: Tool,
    pub env: String,
    pub source: Origin,
    pub captured_at: DateTime<Utc>,
    pub started_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    pub snapshot_digest: String,
    pub identity: Vec<Identity>,
    pub level: Basis,
    pub status: Status,
    pub summary: Summary,
    pub audits: Vec<Audit>,
    pub coverage: Vec<Coverage>,
    pub waivers: Waivers,
    /// Why there is nothing here to build on (exit code 4), whatever the status: facts that are too old, not live
    /// though that was asked for, or none that anything could be judged by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_verdict: Option<String>,
    /// The earlier run that this one was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
}

impl Run {
    /// The findings of all its audits.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.audits.iter().flat_map(|audit| &audit.findings)
    }

    /// Anything holds or does not.
    pub fn judged(&self) -> bool {
        self.findings().any(|finding| matches!(finding.status, Status::Pass | Status::Fail))
    }

    /// How many findings that are wrong, and no waiver covers, are so since the baseline.
    pub fn changed(&self, change: Change) -> usize {
        self.findings().filter(|finding| finding.is_open() && finding.change == Some(change)).count()
    }
}

/// How a verdict came out. Ordered for roll-up: the greatest of many is theirs together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    NotApplicable,
    Pass,
    Unknown,
    Fail,
}

impl Status {
    pub const ALL: [Self; 4] = [Self::NotApplicable, Self::Pass, Self::Unknown, Self::Fail];

    /// Neither holds nor stands aside.
    pub fn is_wrong(self) -> bool {
        matches!(self, Self::Fail | Self::Unknown)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotApplicable => "NOT_APPLICABLE",
            Self::Pass => "PASS",
            Self::Unknown => "UNKNOWN",
            Self::Fail => "FAIL",
        }
    }

    /// FAIL > UNKNOWN > PASS > NOT_APPLICABLE; of nothing: NOT_APPLICABLE.
    pub fn roll_up(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().max().unwrap_or(Self::NotApplicable)
    }
}

/// Where a requirement comes from; `--level` takes those up to one.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    #[default]
    Documented,
    Implementation,
    Hardening,
}

impl Basis {
    pub const ALL: [Self; 3] = [Self::Documented, Self::Implementation, Self::Hardening];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Implementation => "implementation",
            Self::Hardening => "hardening",
        }
    }
}

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Low,
    #[default]
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Counts of findings by status; `waived` of those that a waiver covers, whatever their status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    pub pass: u64,
    pub fail: u64,
    pub unknown: u64,
    pub not_applicable: u64,
    pub waived: u64,
    pub unassessed: u64,
    /// Failures and unknowns that no other one caused.
    pub roots: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Audit {
    pub design: DesignRef,
    pub params: BTreeMap<String, serde_json::Value>,
    pub select_overrides: BTreeMap<String, String>,
    /// What the boxes are drawn in, sorted by id.
    #[serde(default)]
    pub groups: Vec<GroupResult>,
    pub status: Status,
    pub summary: Summary,
    pub nodes: Vec<NodeResult>,
    pub edges: Vec<EdgeResult>,
    pub paths: Vec<PathResult>,
    /// Every verdict, passes included, sorted by check, then subject.
    pub findings: Vec<Finding>,
    pub unassessed: Vec<Unassessed>,
}

impl Audit {
    /// A check's id within the design; `None` where it is another design's.
    pub fn own<'c>(&self, check: &'c str) -> Option<&'c str> {
        check.strip_prefix(self.design.id.as_str())?.strip_prefix('/')
    }

    /// A check's id as it is told where the design is: within it, or whole where it is another's.
    pub fn short<'c>(&self, check: &'c str) -> &'c str {
        self.own(check).unwrap_or(check)
    }

    /// Its findings, by check.
    pub fn by_check(&self) -> BTreeMap<&str, Vec<&Finding>> {
        let mut checks: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &self.findings {
            checks.entry(&finding.check).or_default().push(finding);
        }
        checks
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DesignRef {
    pub id: String,
    pub title: String,
    pub version: String,
    pub digest: String,
    pub origin: DesignOrigin,
    /// The document that citations speak of.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DesignOrigin {
    Builtin,
    File,
}

/// The place in a policy that asks for something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyPlace {
    pub file: String,
    pub line: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The fingerprint: stable across runs as long as it is the same finding about the same thing.
    pub id: String,
    pub check: String,
    pub basis: Basis,
    pub severity: Severity,
    pub status: Status,
    /// Absent unless a waiver covers it; never overwrites the status.
    pub disposition: Option<Disposition>,
    pub subject: Subject,
    pub message: String,
    pub evidence: Vec<Evidence>,
    /// What no snapshot can show and the verdict takes for granted.
    pub assumptions: Vec<String>,
    pub says: String,
    pub cite: String,
    /// What goes wrong where it does not hold.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    pub fix: String,
    /// Checks whose failure (or doubt) is the cause of this one.
    pub caused_by: Vec<String>,
    /// Digest over what may change while it stays the same finding.
    pub state_hash: String,
    pub policy: PolicyPlace,
    pub groups: Vec<String>,
    /// Absent where there is no baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
}

impl Finding {
    /// It is wrong, and nobody has accepted it.
    pub fn is_open(&self) -> bool {
        self.status.is_wrong() && self.disposition.is_none()
    }

    /// The id of the design that asks for it.
    pub fn design(&self) -> &str {
        self.check.split_once('/').map_or("", |(design, _)| design)
    }
}

/// What became of a finding since the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    New,
    /// It was there, and says something else now, or is waived where it was not, or no longer.
    Updated,
    Unchanged,
}

impl Change {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
        }
    }
}

/// An earlier run, as far as it matters to a later one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    pub env: String,
    pub captured_at: DateTime<Utc>,
    pub snapshot_digest: String,
    /// Its failures and unknowns that were looked for again and are no finding any more, sorted by check, then subject.
    /// What this run did not look for (another design or level, an account or region that it did not read in full) is
    /// not among them: nobody knows what became of it.
    pub absent: Vec<Finding>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Disposition {
    Waived { reason: String, owner: String, approved_by: String, expires: String },
}

impl Disposition {
    /// How long, by whom and why, in a line.
    pub fn told(&self) -> String {
        let Self::Waived { reason, owner, approved_by, expires } = self;
        format!("until {expires} by {owner}, approved by {approved_by}: {reason}")
    }
}

/// What a finding is about: a resource, or, where there is none, the node or arrow itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    pub kind: String,
    pub id: String,
    pub name: String,
    pub account: String,
    pub region: String,
}

impl Subject {
    /// What people call it: its name, or else its id.
    pub fn label(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }

    /// A resource's kind names its provider; a node or arrow has none.
    pub fn is_resource(&self) -> bool {
        self.kind.contains('.')
    }
}

/// One fact a verdict rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What was looked at: a field, a hop, a missing call.
    pub fact: String,
    pub value: serde_json::Value,
    /// Id of the resource it was read from; empty where there is none.
    pub resource: String,
    /// The call that told it (or would have).
    pub call: String,
    pub scope: Option<Scope>,
    pub at: Option<DateTime<Utc>>,
}

impl Evidence {
    /// The fact of evidence that is not there.
    pub const NOT_READ: &str = "not read";

    /// Whether it is not there: earlier reports name the call itself as what was missing.
    pub fn is_missing(&self) -> bool {
        self.fact == Self::NOT_READ || self.fact == self.call
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unassessed {
    pub id: String,
    pub says: String,
    pub cite: String,
    pub why: String,
    pub policy: PolicyPlace,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    pub scope: Scope,
    pub call: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    pub outcome: Outcome,
    pub pages: u64,
    pub items: u64,
    pub detail: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waivers {
    /// Each as `check (owner)`.
    pub used: Vec<String>,
    pub unused: Vec<String>,
    pub expired: Vec<String>,
}
