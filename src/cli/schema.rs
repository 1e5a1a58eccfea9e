//! `schema`: the JSON Schemas of what this program writes.

use clap::{Args, ValueEnum};

use super::context::Context;
use super::exit::Exit;
use super::output;
use crate::report::schema;

/// Print the JSON Schema of a report, or of a snapshot's lines
#[derive(Args, Debug)]
pub(super) struct Schema {
    of: Of,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// The report, one JSON document
    Report,
    /// A line of a snapshot, which is NDJSON
    Snapshot,
}

impl Schema {
    pub(super) fn run(&self, _context: &Context) -> anyhow::Result<Exit> {
        let schema = match self.of {
            Of::Report => schema::report(),
            Of::Snapshot => schema::snapshot(),
        };
        output::to_stdout(|out| writeln!(out, "{schema:#}"))?;
        Ok(Exit::Conformant)
    }
}
