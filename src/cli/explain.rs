//! `explain`: what a check asks, why, and where it is written.

use clap::Args;

use super::context::Context;
use super::exit::Exit;
use super::trouble::Trouble;

/// Say what a check asks, where it comes from and what to do when it fails
#[derive(Args, Debug)]
pub(super) struct Explain {
    /// As reports name it: aws-ecs-fargate/node.nat/usable
    check: String,
}

impl Explain {
    pub(super) fn run(&self, _context: &Context) -> anyhow::Result<Exit> {
        Err(Trouble::usage(format!("explain is not wired to the designs yet ({})", self.check)).into())
    }
}
