//! `render`: a report that was made earlier, in other formats.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use super::context::Context;
use super::exit::Exit;
use super::output::{self, Output};
use super::trouble::Trouble;
use crate::engine::baseline::{self, Incomparable};
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
            compare(&mut run, &read(earlier)?)?;
        }
        output::write(&run, &outputs, context)?;
        Ok(Exit::Conformant)
    }
}

/// Says of each finding of a run what became of it since an earlier report.
pub(super) fn compare(run: &mut Run, earlier: &Run) -> anyhow::Result<()> {
    baseline::compare(run, earlier).map_err(|error| {
        let help = match error {
            Incomparable::OtherEnv { .. } => "give --baseline a report of the env that is audited",
            Incomparable::Later { .. } => {
                "give --baseline the earlier of the two reports; with `render`, the later one comes first"
            }
        };
        Trouble::usage("can't compare with the baseline").because(error).help(help).into()
    })
}

/// What every report says of itself, whatever else its version holds.
#[derive(Deserialize)]
struct Head {
    schema: String,
}

/// A report in `stacks-audit/report/v1`.
pub(super) fn read(path: &Path) -> anyhow::Result<Run> {
    let unreadable = |error: anyhow::Error| {
        let what = format!("can't read the report {}", path.display());
        Trouble::usage(what)
            .because(error)
            .help("name a file that `stacks-audit check --output json=FILE` wrote")
    };
    // Kept, as it is read twice: a pipe can't be.
    let text = fs::read(path).map_err(|error| unreadable(error.into()))?;
    let Head { schema } = serde_json::from_slice(&text).map_err(|error| unreadable(error.into()))?;
    if schema != SCHEMA {
        let what = format!("{} is {schema:?}; this version reads {SCHEMA}", path.display());
        let help = "read it with the version that wrote it, or have `check --output json=FILE` write it anew";
        return Err(Trouble::usage(what).help(help).into());
    }
    Ok(serde_json::from_slice(&text).map_err(|error| unreadable(error.into()))?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::sample;

    #[test]
    fn a_report_is_read_by_what_it_says_it_is() {
        let run = sample::run();
        let mut torn = serde_json::to_value(&run).expect("JSON");
        torn.as_object_mut().expect("an object").remove("level");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        for (report, said) in [
            (json!({ "schema": "stacks-audit/report/v2" }), "this version reads stacks-audit/report/v1"),
            (json!({ "env": "dev" }), "missing field `schema`"),
            (torn, "missing field `level`"),
        ] {
            fs::write(&path, report.to_string()).expect("written");
            let error = format!("{:#}", read(&path).expect_err("no report of this version"));
            assert!(error.contains("report.json") && error.contains(said), "{error}");
        }
        fs::write(&path, serde_json::to_string(&run).expect("JSON")).expect("written");
        assert_eq!(read(&path).expect("a report"), run);
    }

    #[test]
    fn another_env_is_told_with_what_to_do() {
        let mut later = sample::run();
        later.captured_at += chrono::TimeDelta::seconds(1);
        let error = compare(&mut sample::run(), &later).expect_err("it is later");
        let error = format!("{error:#}");
        assert!(error.contains("can't compare") && error.contains("later than this run's"), "{error}");
    }
}
