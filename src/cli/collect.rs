//! `collect`: reads an env and writes its snapshot, judging nothing.

use std::path::PathBuf;

use clap::Args;

use super::check::Selection;
use super::context::Context;
use super::exit::Exit;
use super::trouble::Trouble;

/// Read an env and write its snapshot, to be judged later or elsewhere
#[derive(Args, Debug)]
pub(super) struct Collect {
    #[command(flatten)]
    selection: Selection,

    /// The snapshot's file; `-` is stdout
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

impl Collect {
    pub(super) fn run(&self, _context: &Context) -> anyhow::Result<Exit> {
        let (env, file) = (&self.selection.env, self.output.display());
        Err(Trouble::usage(format!("collect is not wired to the runner yet ({env} to {file})")).into())
    }
}
