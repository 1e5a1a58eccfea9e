//! What can be typed. `stacks-audit --env dev` is `stacks-audit check --env dev`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgAction, Args, FromArgMatches, Parser, Subcommand, ValueEnum};

use super::bind::Bind;
use super::check::Check;
use super::collect::Collect;
use super::completions::Completions;
use super::context::Context;
use super::design::Design;
use super::exit::Exit;
use super::explain::Explain;
use super::path::PathCommand;
use super::permissions::Permissions;
use super::record::Record;
use super::render::Render;
use super::schema::Schema;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  stacks-audit --env dev                           show the drawing with its verdicts
  stacks-audit check --env dev --level hardening   ask for more than the document does
  stacks-audit check --env dev --output html=report.html --output json=report.json
  stacks-audit render report.json --output sarif   that run again, for code scanning
  stacks-audit collect --env prod -o prod.ndjson   read the account now …
  stacks-audit check --env prod --from prod.ndjson … and judge it anywhere, as often as you like
  stacks-audit bind --env dev                      why does this node bind that resource, or none?
  stacks-audit explain aws-ecs-fargate/node.nat    what a check asks, why, and where it is written
  stacks-audit path --env dev --from internet --to aws.ecs_service/backend --port 443
  stacks-audit permissions --provider aws          the least policy the scanner's role needs

Exit codes (the first that applies of 2, 4, 1, 3, 0):
  0  conformant: nothing fails, nothing is left open
  1  something fails, at or above --fail-on, and no waiver covers it
  2  wrong usage, configuration or policy
  3  nothing fails so, but something could not be told
  4  no verdict: no credentials, another account, too old, or nothing was judged";

/// Proves that what runs in the cloud is what the reference design drew.
///
/// For every box and every arrow of the drawing: which part of the account it is, whether it holds, and how that is
/// known. What could not be read is UNKNOWN, never PASS. Only declared read calls are made; nothing can be changed.
#[derive(Debug, Parser)]
#[command(
    name = "stacks-audit",
    version,
    after_help = EXAMPLES,
    subcommand_negates_reqs = true,
    arg_required_else_help = true,
    max_term_width = 110
)]
pub(super) struct Cli {
    #[command(flatten)]
    everywhere: Everywhere,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Args, Debug)]
struct Everywhere {
    /// The configuration [default: stacks-audit.toml, here or in a folder above]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    config: Option<PathBuf>,

    /// A folder of designs, custom rules and waivers, on top of the built-in designs
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    policies: Option<PathBuf>,

    /// Show what holds, too, and nothing cut short; log to stderr (-vv: more)
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Everywhere")]
    verbose: u8,

    /// No progress and no warnings
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Everywhere")]
    quiet: bool,

    /// When to colour; `NO_COLOR` means never unless this says otherwise
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t = Colour::Auto,
        value_name = "WHEN",
        help_heading = "Everywhere"
    )]
    color: Colour,
}

/// When to colour what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Check(Check),
    Bind(Bind),
    Collect(Collect),
    Record(Record),
    Design(Design),
    Explain(Explain),
    Path(PathCommand),
    Permissions(Permissions),
    Render(Render),
    Schema(Schema),
    Completions(Completions),
}

impl Command {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        match self {
            Self::Check(command) => command.run(context),
            Self::Bind(command) => command.run(context),
            Self::Collect(command) => command.run(context),
            Self::Record(command) => command.run(context),
            Self::Design(command) => command.run(context),
            Self::Explain(command) => command.run(context),
            Self::Path(command) => command.run(context),
            Self::Permissions(command) => command.run(context),
            Self::Render(command) => command.run(context),
            Self::Schema(command) => command.run(context),
            Self::Completions(command) => command.run(context),
        }
    }
}

impl Cli {
    pub(super) fn context(&self) -> Context {
        let everywhere = &self.everywhere;
        Context {
            config: everywhere.config.clone(),
            policies: everywhere.policies.clone(),
            verbosity: everywhere.verbose,
            quiet: everywhere.quiet,
            terminal: Terminal::detect(everywhere.color),
        }
    }
}

/// Reads the arguments. Those of `check` may stand alone, but not before another command: they would be lost there.
pub(super) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<(Cli, Command), clap::Error> {
    let mut definition = definition();
    let matches = definition.try_get_matches_from_mut(arguments)?;
    if let Some(name) = matches.subcommand_name() {
        let own = Check::augment_args(clap::Command::new("check"));
        let typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
        if let Some(lost) = own.get_arguments().find(|argument| typed(argument.get_id().as_str())) {
            let long = lost.get_long().unwrap_or_default();
            let message = format!("'--{long}' belongs behind '{name}': stacks-audit {name} --{long} …");
            return Err(definition.error(ErrorKind::ArgumentConflict, message));
        }
    }
    let read = Cli::from_arg_matches(&matches).and_then(|mut cli| {
        let command = match cli.command.take() {
            Some(command) => command,
            None => Command::Check(Check::from_arg_matches(&matches)?),
        };
        Ok((cli, command))
    });
    read.map_err(|error| error.format(&mut definition))
}

/// All there is to type: the commands, and the arguments of `check` on their own.
pub(super) fn definition() -> clap::Command {
    <Cli as Args>::augment_args(Check::augment_args(clap::Command::new("stacks-audit")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, clap::Error> {
        parse(line.split(' ').map(OsString::from)).map(|(_, command)| command)
    }

    #[test]
    fn the_definition_is_sound() {
        definition().debug_assert();
    }

    #[test]
    fn no_command_is_check() {
        for line in ["stacks-audit --env dev", "stacks-audit check --env dev", "stacks-audit -v --env dev"] {
            let Command::Check(check) = parsed(line).expect("good") else { panic!("{line} is no check") };
            assert_eq!(check.selection.env, "dev");
        }
    }

    #[test]
    fn what_stands_everywhere_stands_before_a_command_too() {
        for line in
            ["stacks-audit --config x.toml schema report", "stacks-audit schema report --config x.toml"]
        {
            let (cli, _) = parse(line.split(' ').map(OsString::from)).expect("good");
            assert_eq!(cli.context().config, Some(PathBuf::from("x.toml")));
        }
    }

    #[test]
    fn arguments_that_would_be_lost_are_refused() {
        let error = parsed("stacks-audit --env dev bind --env prod").expect_err("lost");
        assert!(error.to_string().contains("belongs behind 'bind'"), "{error}");
        assert!(parsed("stacks-audit --fail-on high collect --env dev -o x").is_err());
    }

    #[test]
    fn an_env_must_be_named() {
        for line in ["stacks-audit -v", "stacks-audit check", "stacks-audit bind"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn every_command_runs_what_it_says() {
        let commands = [
            "bind --env dev",
            "collect --env dev -o snapshot.ndjson",
            "record --env dev -o tape",
            "design list",
            "design show aws-ecs-fargate",
            "design check policies/a.toml",
            "design test",
            "design functions",
            "explain aws-ecs-fargate/node.nat",
            "explain aws-ecs-fargate/edge.private-nat --env dev",
            "path --env dev --from internet --to k8s.deployment/api --port 443 --protocol tcp --source 10.0.0.0/8 \
             --destination 192.0.2.0/24 --avoid aws.load_balancer/edge --output json",
            "permissions --provider aws",
            "permissions --provider azure --env dev",
            "permissions --design aws-ecs-fargate --provider aws",
            "render report.json --output table --baseline earlier.json",
            "schema report",
            "completions bash",
            "check --env dev --design a --design b --level hardening --from x --output table --output json=y \
             --fail-on high --as-of 2026-11-20 --baseline z.json --max-age 24h --require-live",
        ];
        for line in commands {
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            parsed(&format!("stacks-audit {line}")).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }
}
