//! `check`: judges an env against its designs.

use std::path::PathBuf;

use chrono::{NaiveDate, TimeDelta, Utc};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::context::Context;
use super::exit::{Demands, Exit};
use super::opened::Opened;
use super::output::{self, Output};
use super::render;
use super::trouble::Trouble;
use crate::engine::{self, Applied, Case, Frame};
use crate::model::run::{Basis, Severity};
use crate::rules::World;

/// Judge an env against its designs (the default command)
#[derive(Args, Debug)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) selection: Selection,

    /// How far to go beyond the document: what its published templates set, or good practice that it does not promise
    #[arg(long, default_value = "documented", value_parser = level(), hide_possible_values = false)]
    pub(super) level: Basis,

    #[arg(long, short, value_name = "FORMAT[=FILE]", help = output::HELP.as_str())]
    pub(super) output: Vec<Output>,

    /// An earlier report (of --output json=REPORT): says of each finding whether it is new since then
    #[arg(long, value_name = "REPORT")]
    pub(super) baseline: Option<PathBuf>,

    /// The least severity of a FAIL that makes the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "low", value_parser = severity())]
    pub(super) fail_on: Severity,

    /// The day on which waivers are taken for expired or not [default: today]
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<NaiveDate>,

    /// How old the facts may be, such as 24h or 7d; older ones are no verdict (exit code 4)
    #[arg(long, value_name = "AGE", value_parser = super::age::parse)]
    pub(super) max_age: Option<TimeDelta>,

    /// Recorded facts are no verdict (exit code 4): what a nightly job asks for
    #[arg(long)]
    pub(super) require_live: bool,
}

/// Which env, which designs, which facts.
#[derive(Args, Clone, Debug)]
pub(super) struct Selection {
    /// The env, as the configuration names it
    #[arg(long)]
    pub(super) env: String,

    /// Only this design; may be repeated [default: every design of the env]
    #[arg(long = "design", value_name = "DESIGN")]
    pub(super) designs: Vec<String>,

    /// Facts that were collected (a file) or recorded (a folder) earlier, instead of the env's own
    #[arg(long, value_name = "PATH")]
    pub(super) from: Option<PathBuf>,
}

fn level() -> impl TypedValueParser<Value = Basis> {
    words(&Basis::ALL, Basis::as_str)
}

fn severity() -> impl TypedValueParser<Value = Severity> {
    words(&Severity::ALL, Severity::as_str)
}

/// Reads one of a model's own words.
fn words<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    word: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.iter().map(|value| word(*value))).try_map(move |text| {
        all.iter().copied().find(|value| word(*value) == text).ok_or("a word that was possible a moment ago")
    })
}

impl Check {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let outputs = output::plan(&self.output)?;
        let earlier = self.baseline.as_deref().map(render::read).transpose()?;
        let opened = Opened::open(context, &self.selection)?;
        let questions = opened.questions(self.level);
        let snapshot = opened.facts(context, &questions, false, None)?;
        let world = World::new(&snapshot);
        let as_of = self.as_of.unwrap_or_else(|| Utc::now().date_naive());
        let mut waivers = Applied::new(&opened.waivers, &opened.name, as_of);
        let audits = questions.iter().map(|question| {
            let case = Case::new(question, &world);
            let mut audit = case.audit();
            waivers.apply(&case, &mut audit);
            audit
        });
        let audits = audits.collect();
        let frame = Frame { env: &self.selection.env, level: self.level, waivers: waivers.summary() };
        let mut run = engine::run(frame, &snapshot, audits);
        if let Some(earlier) = &earlier {
            render::compare(&mut run, earlier)?;
        }
        let demands = Demands {
            fail_on: self.fail_on,
            max_age: self.max_age,
            require_live: self.require_live,
            now: Utc::now(),
        };
        run.no_verdict = demands.no_verdict(&run);
        output::write(&run, &outputs, context)?;
        match &run.no_verdict {
            Some(why) => Err(Trouble::no_verdict(format!("there is no verdict: {why}")).into()),
            None => Ok(demands.judge(&run)),
        }
    }
}
