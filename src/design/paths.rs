//! Packet-level proofs: from where to where, by which stops, with which packets, and what must come of it.

use std::ops::Range;

use toml::de::DeValue;

use super::expr::{Vocabulary, Want};
use super::nodes::Params;
use super::requirement::{blank, read};
use super::table::{Item, Table, Text};
use super::{Asked, Node, Path, Ports, Stop};
use crate::model::kind::Kind;
use crate::model::path::{self, Block, Expect, INTERNET, Part, Protocol};

/// Reads one path between nodes that are already known.
pub(super) fn path(id: &Text<'_>, item: Item<'_>, nodes: &[Node], params: &Params) -> Option<Path> {
    let table = item.table()?;
    let via = via(id, &table, nodes);
    let expect = table.required("expect").and_then(|text| {
        let found = Expect::ALL.into_iter().find(|expect| expect.as_str() == text.text);
        if found.is_none() {
            text.unknown("expectation", Expect::ALL.map(Expect::as_str));
        }
        found
    });
    let avoid = avoid(&table, via.as_deref(), expect, nodes);
    let packet = table.table("packet").map(|packet| asked(packet, params)).unwrap_or_default();
    let names = Vocabulary::of_params(params);
    let mut requirement = read(&table, &blank(&table), &names);
    requirement.place = id.place();
    if requirement.cite.trim().is_empty() {
        id.fault(format!("path `{}` has no `cite`", id.text), None);
    }
    let formerly = table.all_owned("formerly");
    table.finish();
    let (via, expect) = (via?, expect?);
    let path = Path { id: id.text.to_owned(), via, avoid, packet, expect, formerly, requirement };
    Some(if path.requirement.says.is_empty() { said(path) } else { path })
}

/// What it asks in words, where the design has none of its own.
fn said(mut path: Path) -> Path {
    let (from, to) = (path.from().name().to_owned(), path.to().name().to_owned());
    path.requirement.says = match path.expect {
        Expect::Reachable => format!("Packets from {from} reach {to}"),
        Expect::Unreachable if path.avoid.is_empty() => format!("No packet from {from} reaches {to}"),
        Expect::Unreachable => {
            format!("No packet from {from} reaches {to} but by way of {}", path.avoid.join(", "))
        }
    };
    path
}

fn named<'n>(text: &Text<'_>, nodes: &'n [Node]) -> Option<&'n Node> {
    let found = nodes.iter().find(|node| node.id == text.text);
    if found.is_none() {
        text.unknown("node", nodes.iter().map(|node| node.id.as_str()));
    }
    found
}

/// The stops; both ends must be of kinds that have places.
fn via(id: &Text<'_>, table: &Table<'_>, nodes: &[Node]) -> Option<Vec<Stop>> {
    let Some(item) = table.get("via") else {
        id.fault(format!("path `{}` has no `via`", id.text), Some(HOW.to_owned()));
        return None;
    };
    let texts = item.texts();
    let ([first, .., last], true) = (&texts[..], matches!(item.value.get_ref(), DeValue::Array(_))) else {
        item.fault("a path has two ends", Some(HOW.to_owned()));
        return None;
    };
    let mut stops = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let end = at == 0 || at + 1 == texts.len();
        if text.text == INTERNET {
            if nodes.iter().any(|node| node.id == INTERNET) {
                text.fault("`internet` is everything outside, and a node has that name", None);
            }
            if !end {
                text.fault("the internet is where a path starts or ends, never a stop on it", None);
            }
            stops.push(Stop::Internet);
            continue;
        }
        let Some(node) = named(text, nodes) else { continue };
        if end && let Some(kind) = node.kinds.iter().find(|kind| path::end(**kind).is_none()) {
            let all: Vec<&str> = path::ENDS.iter().map(|end| end.kind.name()).collect();
            let help = format!("paths start and end at {}, or at `{INTERNET}`", all.join(", "));
            text.fault(format!("no path starts or ends at {kind}"), Some(help));
        }
        if texts[..at].iter().any(|earlier| earlier.text == text.text) {
            text.fault(format!("`{}` is a stop already", text.text), None);
        }
        stops.push(Stop::Node(node.id.clone()));
    }
    if first.text == INTERNET && last.text == INTERNET {
        last.fault("a path from the internet to the internet is no matter of this account", None);
    }
    (stops.len() == texts.len()).then_some(stops)
}

const HOW: &str = "write `via = [\"from\", …, \"to\"]`: nodes, or `internet` at one end";

fn avoid(table: &Table<'_>, via: Option<&[Stop]>, expect: Option<Expect>, nodes: &[Node]) -> Vec<String> {
    let texts = table.texts("avoid");
    if let (Some(first), Some(Expect::Reachable)) = (texts.first(), expect) {
        let help = "name what packets must pass in `via`".to_owned();
        first.fault("`avoid` goes with `expect = \"unreachable\"` alone", Some(help));
    }
    let mut avoid = Vec::new();
    for text in &texts {
        let Some(node) = named(text, nodes) else { continue };
        if via.is_some_and(|stops| stops.iter().any(|stop| stop.name() == node.id)) {
            text.fault(format!("`{}` can't be avoided: it is a stop", node.id), None);
        }
        avoid.push(node.id.clone());
    }
    avoid
}

/// `packet = { protocol, port, source, destination }`
fn asked(table: Table<'_>, params: &Params) -> Asked {
    let protocol = table.get("protocol").map(|item| protocol(&item)).unwrap_or_default();
    let ports = table.get("port");
    let (source, destination) = (table.get("source"), table.get("destination"));
    let asked = Asked {
        protocol: protocol.unwrap_or_default(),
        ports: ports
            .map(|item| each(item).filter_map(|item| port(&item, params)).collect())
            .unwrap_or_default(),
        sources: blocks(source),
        destinations: blocks(destination),
    };
    let wrong = path::contradiction(asked.protocol, ports.is_some(), &asked.sources, &asked.destinations);
    // Of a protocol that could not be read, this would be an echo.
    if let Some((part, message)) = wrong.filter(|_| protocol.is_some() || !table.has("protocol")) {
        let at = match part {
            Part::Port => ports,
            Part::Source => source,
            Part::Destination => destination,
        };
        if let Some(item) = at {
            item.fault(message, None);
        }
    }
    table.finish();
    asked
}

/// A value, or those of a list.
fn each(item: Item<'_>) -> impl Iterator<Item = Item<'_>> {
    let all = match item.value.get_ref() {
        DeValue::Array(items) => items.iter().map(|value| Item { file: item.file, value }).collect(),
        _ => vec![item],
    };
    all.into_iter()
}

/// The digits of a whole number, or the text.
fn written(item: &Item<'_>) -> Option<String> {
    if let DeValue::Integer(number) = item.value.get_ref() {
        let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
        return Some(number.map_or_else(String::new, |number| number.to_string()));
    }
    item.text().map(|text| text.text.to_owned())
}

fn protocol(item: &Item<'_>) -> Option<Protocol> {
    let said = written(item)?;
    match said.parse() {
        Ok(protocol) => Some(protocol),
        Err(message) => {
            let near = super::nearest(&said, Protocol::NAMED.map(|(name, _)| name));
            item.fault(message, near.map(|near| format!("did you mean `{near}`?")));
            None
        }
    }
}

fn port(item: &Item<'_>, params: &Params) -> Option<Ports> {
    let said = written(item)?;
    if said.starts_with('=') {
        let text = item.text()?;
        let behind: Range<usize> = 1..text.text.len();
        let expr = text.expr_in(behind, Want::Number, &Vocabulary::of_params(params))?;
        return Some(Ports::Computed(Box::new(expr)));
    }
    match said.parse() {
        Ok(range) => Some(Ports::Range(range)),
        Err(message) => {
            item.fault(message, None);
            None
        }
    }
}

fn blocks(item: Option<Item<'_>>) -> Vec<Block> {
    let read = |item: Item<'_>| match item.text()?.text.parse() {
        Ok(block) => Some(block),
        Err(message) => {
            item.fault(message, None::<String>);
            None
        }
    };
    item.into_iter().flat_map(each).filter_map(read).collect()
}

impl Path {
    pub fn from(&self) -> &Stop {
        self.via.first().expect("the loader reads paths with two ends")
    }

    pub fn to(&self) -> &Stop {
        self.via.last().expect("the loader reads paths with two ends")
    }

    /// The node whose resources its verdicts are about: where packets start, or where they end if that is outside.
    pub fn subject(&self) -> &str {
        if *self.from() == Stop::Internet { self.to().name() } else { self.from().name() }
    }

    /// The nodes that it names: its stops, and what it avoids.
    pub fn nodes(&self) -> impl Iterator<Item = &str> {
        let stops = self.via.iter().filter_map(|stop| match stop {
            Stop::Internet => None,
            Stop::Node(node) => Some(node.as_str()),
        });
        stops.chain(self.avoid.iter().map(String::as_str))
    }

    /// The kinds of both its ends.
    pub fn end_kinds<'d>(&self, nodes: &'d [Node]) -> impl Iterator<Item = Kind> + 'd {
        let ends = [self.from().name().to_owned(), self.to().name().to_owned()];
        let ends = nodes.iter().filter(move |node| ends.contains(&node.id));
        ends.flat_map(|node| node.kinds.iter().copied())
    }

    /// `a → b → c`
    pub fn way(&self) -> String {
        self.via.iter().map(Stop::name).collect::<Vec<_>>().join(" → ")
    }
}

impl Stop {
    pub fn name(&self) -> &str {
        match self {
            Self::Internet => INTERNET,
            Self::Node(node) => node,
        }
    }
}

impl Asked {
    /// As it is written, parameters by name.
    pub fn text(&self) -> String {
        let fixed = path::Packets {
            protocol: self.protocol,
            ports: Vec::new(),
            sources: self.sources.clone(),
            destinations: self.destinations.clone(),
        };
        let port = |port: &Ports| match port {
            Ports::Range(range) => range.to_string(),
            Ports::Computed(expr) => format!("={}", expr.source()),
        };
        let ports: Vec<String> = self.ports.iter().map(port).collect();
        let of = fixed.protocol.to_string();
        let rest = fixed.to_string();
        let rest = rest.strip_prefix(&of).unwrap_or_default();
        if ports.is_empty() {
            format!("{of}{rest}")
        } else {
            format!("{of} to port {}{rest}", ports.join(", "))
        }
    }
}

#[cfg(test)]
mod tests;
