//! `design`: for those who read and write reference designs.

mod document;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};

use self::document::document;
use super::check::Selection;
use super::context::Context;
use super::exit::Exit;
use super::opened::{Opened, configuration, library, policy_file, policy_tests};
use super::output;
use super::trouble::Trouble;
use crate::design::trial::{Trials, design_of};
use crate::design::{self, FUNCTIONS};
use crate::engine::trial;
use crate::model::relation::RELATIONS;

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
    /// Print a design as a document in Markdown, its drawing in it
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
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        match &self.command {
            DesignCommand::List => list(context),
            DesignCommand::Show { design } => show(context, design),
            DesignCommand::Check { files } => check(context, files),
            DesignCommand::Test { files } => test(context, files),
            DesignCommand::Functions => functions(),
        }
    }
}

fn list(context: &Context) -> anyhow::Result<Exit> {
    let library = library(context, configuration(context).ok().as_ref())?;
    output::to_stdout(|out| {
        for design in library.designs.values() {
            writeln!(out, "{}  {}  {}", design.id, design.version, design.title)?;
        }
        Ok(())
    })?;
    Ok(Exit::Conformant)
}

fn show(context: &Context, id: &str) -> anyhow::Result<Exit> {
    let library = library(context, configuration(context).ok().as_ref())?;
    let Some(design) = library.designs.get(id) else {
        let there: Vec<&str> = library.designs.keys().map(String::as_str).collect();
        let trouble = Trouble::usage(format!("there is no design {id:?}"));
        return Err(trouble.help(format!("designs there: {}", there.join(", "))).into());
    };
    output::to_stdout(|out| out.write_all(document(design).as_bytes()))?;
    Ok(Exit::Conformant)
}

fn check(context: &Context, files: &[PathBuf]) -> anyhow::Result<Exit> {
    let library = if files.is_empty() {
        library(context, configuration(context).ok().as_ref())?
    } else {
        let mut policies = design::builtin();
        for file in files {
            policies.push(policy_file(file)?);
        }
        design::load(&policies)?
    };
    output::to_stdout(|out| {
        for design in library.designs.values() {
            writeln!(
                out,
                "{}: sound: {} nodes, {} arrows, {} paths, {} checks, {} not assessed",
                design.id,
                design.nodes.len(),
                design.edges.len(),
                design.paths.len(),
                design.checks().len(),
                design.unassessed.len(),
            )?;
        }
        Ok(())
    })?;
    Ok(Exit::Conformant)
}

/// Runs policy tests; the exit code is 1 where a verdict came out otherwise.
fn test(context: &Context, files: &[PathBuf]) -> anyhow::Result<Exit> {
    let config = configuration(context)?;
    let home = config.file.parent().unwrap_or(Path::new("")).to_owned();
    let files = if files.is_empty() { policy_tests(context, &config)? } else { files.to_vec() };
    if files.is_empty() {
        return Err(Trouble::usage("there are no policy tests")
            .help("they are files `policies/tests/DESIGN.test.toml` or `DESIGN.PART.test.toml`")
            .into());
    }
    let mut failed = 0;
    let mut passed = 0;
    for file in &files {
        for (case, surprises) in judged(context, &home, file)? {
            output::to_stdout(|out| {
                writeln!(out, "{} {case}", if surprises.is_empty() { "ok    " } else { "FAILED" })?;
                surprises.iter().try_for_each(|surprise| writeln!(out, "         {surprise}"))
            })?;
            if surprises.is_empty() { passed += 1 } else { failed += 1 }
        }
    }
    output::to_stdout(|out| writeln!(out, "{passed} passed, {failed} failed"))?;
    Ok(if failed == 0 { Exit::Conformant } else { Exit::Violated })
}

/// The cases of one file, each with what came out otherwise than expected.
fn judged(context: &Context, home: &Path, file: &Path) -> anyhow::Result<Vec<(String, Vec<String>)>> {
    let unreadable = || format!("can't read the policy tests {}", file.display());
    let text = fs::read_to_string(file).with_context(unreadable)?;
    let trials = Trials::parse(&text).with_context(unreadable)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let design = design_of(&name).unwrap_or(&name).to_owned();
    let from = Some(home.join(&trials.from));
    let selection = Selection { env: trials.env.clone(), designs: vec![design], from };
    let opened = Opened::open(context, &selection)?;
    let mut questions = opened.questions(trials.level);
    let snapshot = opened.facts(context, &questions, false, None)?;
    let question = questions.pop().context("one design was asked for")?;
    let before = trial::judge(&question, &snapshot);
    let mut judged = Vec::new();
    for case in &trials.cases {
        let in_case = || format!("{}: case {:?}", file.display(), case.name);
        let changed = trial::change(&snapshot, case).with_context(in_case)?;
        let mut params = question.params.clone();
        params.extend(case.params.clone());
        let asked = crate::engine::Question {
            params,
            select_overrides: question.select_overrides.clone(),
            ..question
        };
        let surprises = trial::surprises(&before, &trial::judge(&asked, &changed), case);
        judged.push((case.name.clone(), surprises));
    }
    Ok(judged)
}

fn functions() -> anyhow::Result<Exit> {
    output::to_stdout(|out| {
        writeln!(out, "Functions, beside those of CEL\n")?;
        for function in FUNCTIONS {
            writeln!(out, "  {}\n      {}", function.signature, function.about)?;
        }
        writeln!(out, "\nRelations, for arrows and out(\"…\")")?;
        for relation in RELATIONS {
            writeln!(out, "\n  {}\n      {}", relation.name, relation.about)?;
            for attribute in relation.attributes {
                writeln!(out, "      e.{}: {}", attribute.name, attribute.about)?;
            }
        }
        Ok(())
    })?;
    Ok(Exit::Conformant)
}
