//! `explain`: what a check asks, why, and where it is written.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::check::Selection;
use super::context::Context;
use super::exit::Exit;
use super::opened::{Opened, configuration, library};
use super::output;
use super::trouble::Trouble;
use crate::design::{Design, Requirement};
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

/// One check of a design: what it is judged by, line by line, and the requirement behind it.
struct Check<'a> {
    id: String,
    judged: Vec<(&'static str, String)>,
    requirement: &'a Requirement,
}

impl Explain {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        // Shipped designs can be explained where there is no configuration; a broken one is still told.
        let config = configuration(context).ok();
        let library = library(context, config.as_ref())?;
        let checks: Vec<Check<'_>> = library.designs.values().flat_map(checks).collect();
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
        output::to_stdout(|out| explain(out, check))?;
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
        head: if finding.subject.name.is_empty() { &finding.subject.id } else { &finding.subject.name },
        evidence: &finding.evidence,
        status: finding.status,
        mark: label(finding.status),
        message: &finding.message,
        assumptions: &finding.assumptions,
    }
}

fn explain(out: &mut dyn Write, check: &Check<'_>) -> io::Result<()> {
    let asked = check.requirement;
    writeln!(out, "{}\n\n  {}\n", check.id, asked.says)?;
    for (what, text) in &check.judged {
        writeln!(out, "  {what:<9} {text}")?;
    }
    writeln!(out, "  {:<9} {}", "basis", asked.basis.as_str())?;
    writeln!(out, "  {:<9} {}", "severity", asked.severity.as_str())?;
    writeln!(out, "  {:<9} {}", "cite", asked.cite)?;
    if let Some(when) = &asked.when {
        writeln!(out, "  {:<9} {}", "when", when.source())?;
    }
    if !asked.fix.is_empty() {
        writeln!(out, "  {:<9} {}", "fix", asked.fix)?;
    }
    writeln!(out, "  {:<9} {}:{}", "written", asked.place.file, asked.place.line)
}

fn checks(design: &Design) -> Vec<Check<'_>> {
    let mut checks = Vec::new();
    for node in &design.nodes {
        let kinds: Vec<&str> = node.kinds.iter().map(|kind| kind.name()).collect();
        let scope = design.scopes.get(&node.scope);
        let filter = scope.and_then(|scope| scope.filter.as_ref()).filter(|_| node.via.is_none());
        let mut judged = vec![("kind", kinds.join(" or ")), ("count", node.count.text.clone())];
        judged.extend(filter.map(|filter| ("where", filter.source().to_owned())));
        judged.extend(node.select.as_ref().map(|select| ("select", select.source().to_owned())));
        judged.extend(node.via.as_ref().map(|via| ("via", via.clone())));
        judged.extend(node.within.as_ref().map(|within| ("within", within.clone())));
        checks.push(Check {
            id: format!("{}/node.{}", design.id, node.id),
            judged,
            requirement: &node.requirement,
        });
        checks.extend(node.asserts.iter().map(|assert| Check {
            id: format!("{}/node.{}/{}", design.id, node.id, assert.id),
            judged: vec![("asserts", assert.that.source().to_owned())],
            requirement: &assert.requirement,
        }));
    }
    for arrow in &design.edges {
        let never = if arrow.forbid { "never " } else { "" };
        let mut judged = vec![
            ("arrow", format!("{} —{never}{}→ {}", arrow.from, arrow.relation.name, arrow.to)),
            ("means", arrow.relation.about.to_owned()),
        ];
        judged.extend(arrow.filter.as_ref().map(|filter| ("where", filter.source().to_owned())));
        judged.extend(arrow.that.as_ref().map(|that| ("that", that.source().to_owned())));
        let flags = [(arrow.only, "only"), (arrow.cover, "cover")];
        judged.extend(flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| (flag, "yes".to_owned())));
        checks.push(Check {
            id: format!("{}/edge.{}", design.id, arrow.id),
            judged,
            requirement: &arrow.requirement,
        });
    }
    checks.extend(design.paths.iter().map(|path| {
        let mut judged = vec![("via", path.way()), ("packet", path.packet.text())];
        judged.push(("expect", path.expect.as_str().to_owned()));
        if !path.avoid.is_empty() {
            judged.push(("avoid", path.avoid.join(", ")));
        }
        Check { id: format!("{}/path.{}", design.id, path.id), judged, requirement: &path.requirement }
    }));
    checks.extend(design.rules.iter().map(|rule| Check {
        id: format!("{}/rule.{}", design.id, rule.id),
        judged: vec![("for", rule.node.clone()), ("asserts", rule.that.source().to_owned())],
        requirement: &rule.requirement,
    }));
    checks
}
