//! The samples of one name, and how they are written.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use chrono::{DateTime, Utc};

use crate::model::run::Status;
use crate::report::text::clean;

/// A label's value is cut here: the env's name and the designs' come from files.
const LONGEST: usize = 200;

/// The samples of one name, by their labels: each once, whatever the run says twice.
pub(super) struct Family {
    name: &'static str,
    unit: &'static str,
    help: &'static str,
    samples: BTreeMap<String, f64>,
}

impl Family {
    pub(super) fn new(name: &'static str, help: &'static str) -> Self {
        Self { name, unit: "", help, samples: BTreeMap::new() }
    }

    pub(super) fn seconds(name: &'static str, help: &'static str) -> Self {
        Self { unit: "seconds", ..Self::new(name, help) }
    }

    pub(super) fn set(&mut self, pairs: &[(&str, &str)], value: f64) {
        self.samples.insert(labels(pairs), value);
    }

    pub(super) fn count(&mut self, pairs: &[(&str, &str)], count: u64) {
        *self.samples.entry(labels(pairs)).or_insert(0.0) += count as f64;
    }

    /// A series for each status, 1 for this one and 0 for the others.
    pub(super) fn one_hot(&mut self, pairs: &[(&str, &str)], status: Status) {
        for each in Status::ALL {
            let pairs: Vec<_> = pairs.iter().copied().chain([("status", each.as_str())]).collect();
            self.set(&pairs, if each == status { 1.0 } else { 0.0 });
        }
    }

    /// How many are of each status, 0 included.
    pub(super) fn by_status(&mut self, pairs: &[(&str, &str)], statuses: impl Iterator<Item = Status>) {
        let mut counts = Status::ALL.map(|status| (status, 0));
        for status in statuses {
            counts.iter_mut().filter(|(each, _)| *each == status).for_each(|(_, count)| *count += 1);
        }
        for (status, count) in counts {
            let pairs: Vec<_> = pairs.iter().copied().chain([("status", status.as_str())]).collect();
            self.count(&pairs, count);
        }
    }

    pub(super) fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let Self { name, unit, help, samples } = self;
        writeln!(out, "# HELP {name} {help}")?;
        writeln!(out, "# TYPE {name} gauge")?;
        if !unit.is_empty() {
            writeln!(out, "# UNIT {name} {unit}")?;
        }
        samples.iter().try_for_each(|(labels, value)| writeln!(out, "{name}{{{labels}}} {value}"))
    }
}

/// `a="x",b="y"`, visible, bounded and escaped.
fn labels(pairs: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (n, (name, value)) in pairs.iter().enumerate() {
        let comma = if n == 0 { "" } else { "," };
        let value = clean(value, LONGEST).replace('\\', r"\\").replace('"', "\\\"");
        let _ = write!(out, "{comma}{name}=\"{value}\"");
    }
    out
}

pub(super) fn unix(at: DateTime<Utc>) -> f64 {
    at.timestamp_micros() as f64 / 1e6
}
