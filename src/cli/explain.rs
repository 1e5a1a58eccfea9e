//! `explain`: what a check asks, why, where it is written, how it is judged, and what came of it.

mod judged;

use std::path::PathBuf;

use clap::Args;

use self::judged::Check;
pub(super) use self::judged::meaning;
use super::check::Selection;
use super::context::Context;
use super::exit::Exit;
use super::opened::{Opened, configuration, library};
use super::output;
use super::trouble::Trouble;
use crate::engine::Case;
use crate::model::run::{Basis, Finding};
use crate::report::{Picture, label};
use crate::rules::World;

/// Say what a check asks, where it comes from and what to do when it fails
#[derive(Args, Debug)]
pub(super) struct Explain {
    /// As reports name it: aws-ecs-fargate/node.nat/usable, or without the design where one alone has it
    check: String,

    /// Show what came of it in this env; of a path, every hop
    #[arg(long)]
    env: Option<String>,

    /// Facts that were collected (a file) or recorded (a folder) earlier, instead of the env's own
    #[arg(long, value_name = "PATH", requires = "env")]
    from: Option<PathBuf>,
}

impl Explain {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        // Shipped designs can be explained where there is no configuration; a broken one is still told.
        let config = configuration(context).ok();
        let library = library(context, config.as_ref())?;
        let checks: Vec<Check<'_>> = library.designs.values().flat_map(Check::of).collect();
        // The table leaves the design out of what it names.
        let short = |check: &Check<'_>| check.id.split_once('/').is_some_and(|(_, own)| own == self.check);
        let meant: Vec<_> = checks.iter().filter(|check| check.id == self.check || short(check)).collect();
        let [check] = meant[..] else {
            if !meant.is_empty() {
                let ids: Vec<&str> = meant.iter().map(|check| check.id.as_str()).collect();
                let trouble = Trouble::usage(format!("several designs have a check {:?}", self.check));
                return Err(trouble.help(format!("name one of {}", ids.join(", "))).into());
            }
            let ids = checks.iter().map(|check| check.id.as_str());
            let near = crate::design::nearest(&self.check, ids).map(|near| format!("did you mean {near}?"));
            let help = near.unwrap_or_else(|| "stacks-audit design show DESIGN lists its checks".to_owned());
            return Err(Trouble::usage(format!("there is no check {:?}", self.check)).help(help).into());
        };
        output::to_stdout(|out| out.write_all(check.sheet(context.style()).as_bytes()))?;
        if let Some(env) = &self.env {
            self.seen_in(env, &check.id, context)?;
        }
        Ok(Exit::Conformant)
    }

    /// What came of the check in an env, a picture each.
    fn seen_in(&self, env: &str, check: &str, context: &Context) -> anyhow::Result<()> {
        let design = check.split('/').next().unwrap_or_default().to_owned();
        let selection = Selection { env: env.to_owned(), designs: vec![design], from: self.from.clone() };
        let opened = Opened::open(context, &selection)?;
        let questions = opened.questions(Basis::Hardening);
        let snapshot = opened.facts(context, &questions, false, None)?;
        let world = World::new(&snapshot);
        let style = context.style();
        for question in &questions {
            let findings = Case::new(question, &world).audit().findings;
            let found: Vec<&Finding> = findings.iter().filter(|finding| finding.check == check).collect();
            let shown = if style.verbose { found.len() } else { PICTURES };
            output::to_stdout(|out| {
                for finding in found.iter().take(shown) {
                    write!(out, "\n{}", picture(finding).draw(style))?;
                }
                match found.len().saturating_sub(shown) {
                    0 => Ok(()),
                    more => writeln!(out, "\n… and {more} more (-v shows all)"),
                }
            })?;
        }
        Ok(())
    }
}

/// Pictures that are shown unless everything is.
const PICTURES: usize = 6;

fn picture(finding: &Finding) -> Picture<'_> {
    Picture {
        head: finding.subject.label(),
        evidence: &finding.evidence,
        status: finding.status,
        mark: label(finding.status),
        message: &finding.message,
        assumptions: &finding.assumptions,
    }
}
