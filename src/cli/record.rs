//! `record`: reads an env and keeps the exchanges themselves, scrubbed, for replay.

use std::path::PathBuf;

use clap::Args;

use super::check::Selection;
use super::context::Context;
use super::exit::Exit;
use super::opened::Opened;
use super::output;
use super::trouble::Trouble;
use crate::model::run::Basis;

/// Read an env and keep every exchange, scrubbed of accounts and secrets, to be replayed
#[derive(Args, Debug)]
pub(super) struct Record {
    #[command(flatten)]
    selection: Selection,

    /// The scenario's folder: `tape/` with the exchanges, and the snapshot that their replay gives
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
}

impl Record {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        if self.selection.from.is_some() {
            return Err(Trouble::usage("a recording is made of a live account: leave --from out").into());
        }
        let tape = self.output.join("tape");
        let live = Opened::open(context, &self.selection)?.live();
        live.facts(context, &live.questions(Basis::Hardening), false, Some(&tape))?;
        // What was recorded is replayed at once: the snapshot is what the tape gives, not what passed by.
        let replay = Opened::open(context, &Selection { from: Some(tape), ..self.selection.clone() })?;
        let snapshot = replay.facts(context, &replay.questions(Basis::Hardening), false, None)?;
        output::to_file(&self.output.join("snapshot.ndjson"), |out| snapshot.write(out))?;
        Ok(Exit::Conformant)
    }
}
