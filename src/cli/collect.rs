//! `collect`: reads an env and writes its snapshot, judging nothing.

use std::path::{Path, PathBuf};

use clap::Args;

use super::check::Selection;
use super::context::Context;
use super::exit::Exit;
use super::opened::Opened;
use super::output;
use crate::model::run::Basis;

/// Read an env and write its snapshot, to be judged later or elsewhere
#[derive(Args, Debug)]
pub(super) struct Collect {
    #[command(flatten)]
    selection: Selection,

    /// The snapshot's file; `-` is stdout; compressed where it ends in .zst
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

impl Collect {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let opened = Opened::open(context, &self.selection)?;
        // Every level's facts: a snapshot may be judged at any.
        let questions = opened.questions(Basis::Hardening);
        let snapshot = opened.facts(context, &questions, false, None)?;
        if self.output == Path::new("-") {
            output::to_stdout(|out| snapshot.write(out))?;
        } else if self.output.extension().is_some_and(|extension| extension == "zst") {
            output::to_file(&self.output, |out| {
                let mut packed = zstd::Encoder::new(out, 0)?;
                snapshot.write(&mut packed)?;
                packed.finish().map(drop)
            })?;
        } else {
            output::to_file(&self.output, |out| snapshot.write(out))?;
        }
        Ok(Exit::Conformant)
    }
}
