//! `path`: whether packets come from one resource to another, beside every design.

mod named;

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use serde::Serialize;

use self::named::Name;
use super::check::Selection;
use super::context::Context;
use super::exit::Exit;
use super::opened::{Opened, Plan};
use super::output;
use super::trouble::Trouble;
use crate::collect::Request;
use crate::engine::paths::inquiry::{Inquiry, Told};
use crate::model::call::Source;
use crate::model::path::{self, Block, PortRange, Protocol};
use crate::model::run::{Evidence, Status};
use crate::model::seen::Gap;
use crate::model::snapshot::{Origin, Snapshot};
use crate::report::{self, Picture, clean};
use crate::rules::World;
use crate::rules::path::prove::Endpoint;

/// Tell whether packets come from one resource to another, hop by hop
///
/// Every packet that is meant must arrive, from every place of the one end to every place of the other.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub(super) struct PathCommand {
    /// The env, as the configuration names it
    #[arg(long)]
    env: String,

    /// Where packets start: internet, KIND/NAME or an id
    #[arg(long, value_name = "END")]
    from: Name,

    /// Where they are to arrive: internet, KIND/NAME or an id
    #[arg(long, value_name = "END")]
    to: Name,

    /// The port that is asked, or a range of ports; may be repeated [default: the target's own]
    #[arg(long, value_name = "PORT", value_delimiter = ',')]
    port: Vec<PortRange>,

    /// tcp, udp, icmp, icmpv6, any or a number [default: tcp where a port is named, else any]
    #[arg(long)]
    protocol: Option<Protocol>,

    /// Only packets from these addresses; may be repeated
    #[arg(long, value_name = "CIDR")]
    source: Vec<Block>,

    /// Only packets to these addresses; may be repeated
    #[arg(long, value_name = "CIDR")]
    destination: Vec<Block>,

    /// Ways through this resource don't count; may be repeated
    #[arg(long, value_name = "RESOURCE")]
    avoid: Vec<Name>,

    /// Facts that were collected (a file) or recorded (a folder) earlier, instead of the env's own
    #[arg(long = "facts", value_name = "PATH")]
    facts: Option<std::path::PathBuf>,

    /// How to answer
    #[arg(long, short, value_enum, default_value_t = Form::Picture, value_name = "FORMAT")]
    output: Form,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// The hops, for people
    Picture,
    /// The same for machines
    Json,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  every packet that is meant arrives
  1  some don't
  2  wrong usage, or no such resource
  3  it can't be told from what was read
  4  nothing was read";

/// The answer as machines read it.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    env: &'a str,
    source: Origin,
    captured_at: chrono::DateTime<chrono::Utc>,
    from: &'a str,
    to: &'a str,
    packets: String,
    avoid: Vec<&'a str>,
    answer: &'static str,
    message: &'a str,
    evidence: &'a [Evidence],
    assumptions: &'a [String],
}

impl PathCommand {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let packets = self.packets()?;
        let selection = Selection { env: self.env.clone(), designs: Vec::new(), from: self.facts.clone() };
        let opened = Opened::bare(context, &selection)?;
        let plan = Plan {
            reach: &|_| Ok(()),
            wanted: &|snapshot| self.wanted(&packets, snapshot),
            again: &|snapshot| self.moving(&packets, snapshot),
        };
        let snapshot = opened.gathered(context, &plan, None)?;
        if snapshot.resources.is_empty() {
            return Err(Trouble::no_verdict("nothing was read: there is no resource to ask about").into());
        }
        let world = World::new(&snapshot);
        let inquiry = self.inquiry(&packets, &world)?;
        let told = inquiry.ask(&world);
        match self.output {
            Form::Json => self.as_json(&inquiry, &told, &snapshot)?,
            Form::Picture => self.as_picture(&inquiry, &told, &snapshot, context)?,
        }
        Ok(match told.reachable {
            Some(true) => Exit::Conformant,
            Some(false) => Exit::Violated,
            None => Exit::Undecided,
        })
    }

    fn packets(&self) -> anyhow::Result<path::Packets> {
        if let (Name::Internet, Name::Internet) = (&self.from, &self.to) {
            return Err(
                Trouble::usage("from the internet to the internet is no matter of this account").into()
            );
        }
        let named = if self.port.is_empty() { Protocol::Any } else { Protocol::TCP };
        let protocol = self.protocol.unwrap_or(named);
        let wrong = path::contradiction(protocol, !self.port.is_empty(), &self.source, &self.destination);
        if let Some((_, message)) = wrong {
            return Err(Trouble::usage(message).into());
        }
        Ok(path::Packets {
            protocol,
            ports: self.port.clone(),
            sources: self.source.clone(),
            destinations: self.destination.clone(),
        })
    }

    fn inquiry<'s>(&self, packets: &path::Packets, world: &World<'s>) -> anyhow::Result<Inquiry<'s>> {
        let end = |name: &Name| match name {
            Name::Internet => Ok(Endpoint::Internet),
            name => name.end(world).map(Endpoint::Resource),
        };
        let avoid = self.avoid.iter().map(|name| match name {
            Name::Internet => Err(Trouble::usage("the internet can't be avoided: name a resource")),
            name => name.resource(world),
        });
        Ok(Inquiry {
            from: end(&self.from)?,
            to: end(&self.to)?,
            packets: packets.clone(),
            avoid: avoid.collect::<Result<_, Trouble>>()?,
        })
    }

    /// What is missed: first to know what is named, then what the question takes.
    fn wanted(&self, packets: &path::Packets, snapshot: &Snapshot) -> Vec<Request> {
        let world = World::new(snapshot);
        let names = [&self.from, &self.to].into_iter().chain(&self.avoid);
        let mut gaps: BTreeSet<Gap> = names.flat_map(|name| name.unread(&world)).collect();
        if let Ok(inquiry) = self.inquiry(packets, &world) {
            gaps.extend(inquiry.ask(&world).wanted);
        }
        gaps.iter().filter_map(Request::closing).collect()
    }

    /// What is lost may rest on facts that move by the second.
    fn moving(&self, packets: &path::Packets, snapshot: &Snapshot) -> Vec<Request> {
        let world = World::new(snapshot);
        let Ok(inquiry) = self.inquiry(packets, &world) else { return Vec::new() };
        if inquiry.ask(&world).reachable != Some(false) {
            return Vec::new();
        }
        let ends = [inquiry.from, inquiry.to].into_iter().filter_map(|end| match end {
            Endpoint::Internet => None,
            Endpoint::Resource(resource) => path::end(resource.kind()),
        });
        let volatile: BTreeSet<&str> =
            ends.flat_map(path::End::reads).filter(|source| source.volatile).map(Source::primary).collect();
        let asked = snapshot.ledger.keys().filter(|key| volatile.contains(key.call.as_str()));
        asked.filter_map(|key| Request::closing(&Gap::unread(&key.call, &key.scope, &key.key))).collect()
    }

    fn as_json(&self, inquiry: &Inquiry<'_>, told: &Told, snapshot: &Snapshot) -> anyhow::Result<()> {
        let document = Document {
            schema: "stacks-audit/path/v1",
            env: &self.env,
            source: snapshot.header.source,
            captured_at: snapshot.header.captured_at,
            from: id(inquiry.from),
            to: id(inquiry.to),
            packets: inquiry.packets.to_string(),
            avoid: inquiry.avoid.iter().map(|resource| resource.id.as_str()).collect(),
            answer: match told.reachable {
                Some(true) => "reachable",
                Some(false) => "unreachable",
                None => "unknown",
            },
            message: &told.outcome,
            evidence: &told.evidence,
            assumptions: &told.assumptions,
        };
        let text = report::json_text(&document)?;
        output::to_stdout(|out| out.write_all(text.as_bytes()))
    }

    fn as_picture(
        &self,
        inquiry: &Inquiry<'_>,
        told: &Told,
        snapshot: &Snapshot,
        context: &Context,
    ) -> anyhow::Result<()> {
        let (status, mark, message) = match told.reachable {
            Some(true) => (Status::Pass, "✓ reachable", "every packet that is meant arrives"),
            Some(false) => (Status::Fail, "✗ not reachable", told.outcome.as_str()),
            None => (Status::Unknown, "?", told.outcome.as_str()),
        };
        let live = snapshot.header.source == Origin::Live;
        let when = format!(
            "{} {}",
            if live { "live," } else { "recorded" },
            snapshot.header.captured_at.format("%Y-%m-%d %H:%M UTC")
        );
        let head = format!("{} · {} · {when}", inquiry.packets, clean(&self.env, 60));
        let assumptions = &told.assumptions;
        let picture = Picture { head: &head, evidence: &told.evidence, status, mark, message, assumptions };
        let text = picture.draw(context.style());
        output::to_stdout(|out| out.write_all(text.as_bytes()))
    }
}

fn id(end: Endpoint<'_>) -> &str {
    match end {
        Endpoint::Internet => path::INTERNET,
        Endpoint::Resource(resource) => &resource.id,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::model::snapshot::{Entry, LedgerKey, Outcome};
    use crate::rules::testing::{MAIN, here, subnet};

    #[derive(Parser)]
    struct Typed {
        #[command(flatten)]
        path: PathCommand,
    }

    fn typed(line: &str) -> PathCommand {
        let words = ["path", "--env", "dev"].into_iter().chain(line.split(' '));
        Typed::try_parse_from(words).unwrap_or_else(|error| panic!("{error}")).path
    }

    fn calls(command: &PathCommand, snapshot: &Snapshot) -> Vec<String> {
        let packets = command.packets().expect("packets");
        let wanted = command.wanted(&packets, snapshot);
        wanted.iter().map(|request| format!("{} {}", request.source.primary(), request.scope)).collect()
    }

    #[test]
    fn what_is_named_is_looked_for_first_and_only_then_what_the_question_takes() {
        let command = typed("--from aws.subnet/subnet-a --to internet --port 443");
        let mut snapshot = Snapshot::empty();
        snapshot.header.accounts.insert(String::new(), MAIN.to_owned());
        snapshot.header.regions.push("us-west-1".to_owned());
        let list = format!("ec2:DescribeSubnets {}", here());
        assert_eq!(calls(&command, &snapshot), std::slice::from_ref(&list));
        let key = LedgerKey { scope: here(), call: "ec2:DescribeSubnets".to_owned(), key: String::new() };
        let entry = Entry { outcome: Outcome::Complete, pages: 1, items: 1, detail: String::new() };
        snapshot.ledger.insert(key, entry);
        assert!(calls(&command, &snapshot).is_empty(), "there is none of this name");
        let scene = crate::rules::testing::Scene::new().with("subnet-a", subnet("vpc-1", "10.0.1.0/24"));
        snapshot.resources = scene.snapshot().resources;
        assert!(!calls(&command, &snapshot).contains(&list), "it is known");
    }

    #[test]
    fn a_port_is_one_of_tcp_unless_it_is_said() {
        for (line, packets) in [
            ("--port 443,8000-8080", "tcp to port 443, 8000-8080"),
            ("--port 53 --protocol udp", "udp to port 53"),
            ("--source 10.0.0.0/8", "any from 10.0.0.0/8"),
        ] {
            let command = typed(&format!("--from internet --to subnet-a {line}"));
            assert_eq!(command.packets().expect("packets").to_string(), packets);
        }
    }
}
