//! What came of a path, in words and as evidence. Reports draw paths from the evidence alone: a hop, the rules that let
//! packets through there, the next hop; and at the end what they are lost to, or what was not read.

use serde_json::{Value, json};

use super::super::subjects::{bounded, missing};
use crate::model::path::{Expect, INTERNET};
use crate::model::run::Evidence;
use crate::rules::path::leg::{Answer, At, Hop, Loss};
use crate::rules::path::prove::Endpoint;

/// Hops, rules of one hop and missing facts that are shown at most: a path is shorter, unless an account is odd.
const HOPS: usize = 32;
const RULES: usize = 8;
const MISSING: usize = 24;

/// Names of hops in a sentence.
const NAMED: usize = 6;

pub(super) fn name(end: Endpoint<'_>) -> &str {
    match end {
        Endpoint::Internet => INTERNET,
        Endpoint::Resource(resource) => &resource.name,
    }
}

pub(super) fn outcome(answer: &Answer<'_>, expect: Expect) -> String {
    match (answer, expect) {
        (Answer::Yes(hops), Expect::Reachable) => format!("reachable: {}", way(hops)),
        (Answer::Yes(hops), Expect::Unreachable) => format!("reachable, and must not be: {}", way(hops)),
        (Answer::No(loss), Expect::Reachable) => lost(loss),
        (Answer::No(loss), Expect::Unreachable) => format!("unreachable: {}", lost(loss)),
        (Answer::Open(_, hops), _) => match hops.last() {
            Some(last) => format!("can't be told beyond {}", last.at.label()),
            None => "can't be told".to_owned(),
        },
    }
}

/// `lost at acl-1 [acl-return]: …: tcp 10.0.1.4:1024 → 192.0.2.7:443`
fn lost(loss: &Loss<'_>) -> String {
    let at = loss.hops.last().map_or_else(String::new, |hop| format!(" at {}", hop.at.label()));
    let packet = loss.packet().map_or_else(String::new, |packet| format!(": {packet}"));
    format!("lost{at} [{}]: {}{packet}", loss.reason.code(), loss.says)
}

/// The hops by name; of many, the first and the last.
fn way(hops: &[Hop<'_>]) -> String {
    let names: Vec<&str> = hops.iter().map(|hop| hop.at.label()).collect();
    if names.len() <= NAMED {
        return names.join(" → ");
    }
    let (first, last) = (&names[..NAMED / 2], &names[names.len() - NAMED / 2..]);
    format!("{} → … → {}", first.join(" → "), last.join(" → "))
}

pub(super) fn evidence(answer: &Answer<'_>) -> Vec<Evidence> {
    let hops = match answer {
        Answer::Yes(hops) | Answer::Open(_, hops) => hops,
        Answer::No(loss) => &loss.hops,
    };
    let mut evidence: Vec<Evidence> = hops.iter().take(HOPS).flat_map(hop).collect();
    match answer {
        Answer::Yes(_) => {}
        Answer::No(loss) => evidence.push(reason(loss)),
        Answer::Open(gaps, _) => evidence.extend(gaps.iter().take(MISSING).map(missing)),
    }
    evidence
}

fn hop(hop: &Hop<'_>) -> Vec<Evidence> {
    let kind = match &hop.at {
        At::Internet => INTERNET,
        At::Resource(resource) => resource.kind().name(),
        At::Named(_) => "",
    };
    let value = json!({ "at": hop.at.label(), "kind": kind });
    let rules = hop.evidence.iter().take(RULES).cloned();
    std::iter::once(of(&hop.at, "hop", &value))
        .chain(rules.map(|rule| Evidence { value: bounded(&rule.value), ..rule }))
        .collect()
}

/// What packets are lost to, by a code that stays the same.
fn reason(loss: &Loss<'_>) -> Evidence {
    let packet = loss.packet().map(|packet| packet.to_string());
    let value = json!({ "code": loss.reason.code(), "packet": packet, "says": loss.says });
    let nowhere = At::Named(String::new());
    of(loss.hops.last().map_or(&nowhere, |hop| &hop.at), "reason", &value)
}

fn of(at: &At<'_>, fact: &str, value: &Value) -> Evidence {
    let (resource, call, scope, read_at) = match at {
        At::Resource(resource) => (
            resource.id.clone(),
            resource.kind().meta().primary().to_owned(),
            Some(resource.scope.clone()),
            Some(resource.read_at),
        ),
        At::Named(id) => (id.clone(), String::new(), None, None),
        At::Internet => (String::new(), String::new(), None, None),
    };
    Evidence { fact: fact.to_owned(), value: bounded(value), resource, call, scope, at: read_at }
}
