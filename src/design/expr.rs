//! Expressions: CEL, checked at load and evaluated over prepared values. The one module that names the `cel` crate.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;

/// What an expression looks at, known from its text alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Members of `r` that it reads; `r.tag(…)` reads `tags`.
    pub fields: BTreeSet<String>,
    /// Members of the elements of `bound`; `None` where it does not look at `bound`.
    pub bound: Option<BTreeSet<String>>,
    /// Attributes of `e`.
    pub attributes: BTreeSet<String>,
    /// Relations asked for by `out("…")`.
    pub out: BTreeSet<String>,
    pub params: BTreeSet<String>,
}

impl Reads {
    pub fn resource(&self) -> bool {
        !self.fields.is_empty()
    }
}

/// A checked expression.
pub struct Expr {
    source: String,
    reads: Reads,
}

/// What is the same for every evaluation of a run: functions, `env`, `now`, `param`.
pub struct Constants {}

/// A value ready for evaluation: an object (a resource, an edge's attributes) or a list of them. Made once, used often.
#[derive(Clone)]
pub struct Prepared {}

/// What one evaluation may look at; what is absent is unknown to it.
#[derive(Clone, Copy, Default)]
pub struct Inputs<'a> {
    pub r: Option<&'a Prepared>,
    pub bound: Option<&'a Prepared>,
    pub e: Option<&'a Prepared>,
    /// Per relation name, the list of `r`'s edges.
    pub out: Option<&'a BTreeMap<String, Prepared>>,
}

/// Why an expression has no value: in CEL's words, for people. The gaps themselves are known from `Reads`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Undecided(pub String);

impl Expr {
    pub fn source(&self) -> &str {
        &self.source
    }

    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    pub fn boolean(&self, _constants: &Constants, _inputs: Inputs<'_>) -> Result<bool, Undecided> {
        Err(Undecided(String::new()))
    }

    pub fn integer(&self, _constants: &Constants, _inputs: Inputs<'_>) -> Result<i64, Undecided> {
        Err(Undecided(String::new()))
    }

    pub fn text(&self, _constants: &Constants, _inputs: Inputs<'_>) -> Result<String, Undecided> {
        Err(Undecided(String::new()))
    }

    /// The conjuncts of a condition (`a && b && c`), each an expression with its own text: for near misses.
    pub fn conjuncts(&self) -> Vec<Expr> {
        Vec::new()
    }
}

impl Constants {
    pub fn new(_env: &str, _now: DateTime<Utc>, _params: &BTreeMap<String, Value>) -> Self {
        Self {}
    }
}

impl Prepared {
    /// An object. Members that are gaps are left out by the caller; gaps nested deeper are dropped here.
    pub fn object(_members: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self {}
    }

    /// A list of objects. `open`: there may be more, so that nothing may be concluded from absence.
    pub fn list(_items: Vec<Self>, _open: bool) -> Self {
        Self {}
    }
}
