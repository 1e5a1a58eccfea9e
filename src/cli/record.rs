//! `record`: reads an env and keeps the exchanges themselves, scrubbed, for replay.

use std::path::PathBuf;

use clap::Args;

use super::check::Selection;
use super::context::Context;
use super::exit::Exit;
use super::trouble::Trouble;

/// Read an env and keep every exchange, scrubbed of accounts and secrets, to be replayed
#[derive(Args, Debug)]
pub(super) struct Record {
    #[command(flatten)]
    selection: Selection,

    /// The tape's folder
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
}

impl Record {
    pub(super) fn run(&self, _context: &Context) -> anyhow::Result<Exit> {
        let (env, folder) = (&self.selection.env, self.output.display());
        Err(Trouble::usage(format!("record is not wired to the transport yet ({env} to {folder})")).into())
    }
}
