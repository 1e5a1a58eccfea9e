//! `bind`: what each node binds, near misses and why they were rejected.

use clap::Args;

use super::check::Selection;
use super::context::Context;
use super::exit::Exit;
use super::trouble::Trouble;

/// Show what each node binds, what it nearly binds, and why not
#[derive(Args, Debug)]
pub(super) struct Bind {
    #[command(flatten)]
    selection: Selection,
}

impl Bind {
    pub(super) fn run(&self, _context: &Context) -> anyhow::Result<Exit> {
        Err(Trouble::usage(format!("bind is not wired to the engine yet ({})", self.selection.env)).into())
    }
}
