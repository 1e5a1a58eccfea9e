//! `completions`: what a shell needs to complete our arguments.

use clap::Args;
use clap_complete::Shell;

use super::arguments;
use super::context::Context;
use super::exit::Exit;
use super::output;

/// Print completions for a shell
#[derive(Args, Debug)]
pub(super) struct Completions {
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self, _context: &Context) -> anyhow::Result<Exit> {
        // The generator panics on a reader that went away: it writes to memory, and memory to stdout.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut arguments::definition(), "stacks-audit", &mut script);
        output::to_stdout(|out| out.write_all(&script))?;
        Ok(Exit::Conformant)
    }
}
