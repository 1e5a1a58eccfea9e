//! `render`: a report that was made earlier, in other formats.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::Args;

use super::context::Context;
use super::exit::Exit;
use super::output::{self, Output};
use super::trouble::Trouble;
use crate::engine::baseline;
use crate::model::run::{Run, SCHEMA};

/// Write a report that was made earlier in other formats
#[derive(Args, Debug)]
pub(super) struct Render {
    /// What `check --output json=FILE` wrote
    report: PathBuf,

    #[arg(long, short, value_name = "FORMAT[=FILE]", help = output::HELP.as_str())]
    output: Vec<Output>,

    /// An earlier report: says of each finding whether it is new since then
    #[arg(long, value_name = "REPORT")]
    baseline: Option<PathBuf>,
}

impl Render {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let outputs = output::plan(&self.output)?;
        let mut run = read(&self.report)?;
        if let Some(earlier) = &self.baseline {
            baseline::compare(&mut run, &read(earlier)?);
        }
        output::write(&run, &outputs, context)?;
        Ok(Exit::Conformant)
    }
}

/// A report in `stacks-audit/report/v1`.
pub(super) fn read(path: &Path) -> anyhow::Result<Run> {
    let unreadable = || format!("can't read the report {}", path.display());
    let help = "name a file that `stacks-audit check --output json=FILE` wrote";
    let file = File::open(path).map_err(|error| Trouble::usage(unreadable()).because(error).help(help))?;
    let run: Run = serde_json::from_reader(BufReader::new(file))
        .map_err(|error| Trouble::usage(unreadable()).because(error).help(help))?;
    if run.schema != SCHEMA {
        let what = format!("{} is {:?}; this version reads {SCHEMA}", path.display(), run.schema);
        return Err(Trouble::usage(what).help(help).into());
    }
    Ok(run)
}
