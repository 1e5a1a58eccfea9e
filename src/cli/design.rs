//! `design`: for those who read and write reference designs.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::context::Context;
use super::exit::Exit;
use super::trouble::Trouble;

/// List, show, check and test reference designs
#[derive(Args, Debug)]
pub(super) struct Design {
    #[command(subcommand)]
    command: DesignCommand,
}

#[derive(Debug, Subcommand)]
enum DesignCommand {
    /// List the designs there are
    List,
    /// Show a design: its parameters, nodes, arrows and what it leaves unassessed
    Show {
        /// The design's id
        design: String,
    },
    /// Check policy files, and say what is wrong where
    Check {
        /// [default: every file of --policies, else the built-in designs]
        files: Vec<PathBuf>,
    },
    /// Run the policy tests
    Test {
        /// [default: every file in the tests folder of the policies]
        files: Vec<PathBuf>,
    },
    /// List the functions and relations that expressions can use
    Functions,
}

impl Design {
    pub(super) fn run(&self, _context: &Context) -> anyhow::Result<Exit> {
        let what = match &self.command {
            DesignCommand::List => "list".to_owned(),
            DesignCommand::Show { design } => format!("show {design}"),
            DesignCommand::Check { files } => format!("check of {} files", files.len()),
            DesignCommand::Test { files } => format!("test of {} files", files.len()),
            DesignCommand::Functions => "functions".to_owned(),
        };
        Err(Trouble::usage(format!("design {what} is not wired to the designs yet")).into())
    }
}
