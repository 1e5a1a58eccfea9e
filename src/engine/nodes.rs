//! Judges the boxes: how many there are, and what must hold of them.

use super::bind::{Binding, Bindings};
use super::report::{Verdict, Verdicts};
use super::subjects::missing;
use super::{Case, asserts};
use crate::design::{CountEnd, Node};
use crate::model::run::{CountResult, Evidence, Status, Subject};
use crate::rules::Ref;

/// Judges a node's count, asserts and custom rules.
pub(super) fn judge<'s>(
    case: &Case<'_, 's>,
    node: &Node,
    bound: &Bindings<'s>,
    verdicts: &mut Verdicts<'_>,
) -> CountResult {
    let binding = &bound[&node.id];
    let count = count(case, node, binding);
    let check = format!("node.{}", node.id);
    if case.applies(node.requirement.when.as_ref()) {
        verdicts.add(&check, &node.requirement, verdict(case, node, bound, &count));
    } else {
        verdicts.add(&check, &node.requirement, not_applicable(case, node));
    }
    asserts::judge(case, node, binding, verdicts);
    count.result
}

/// The expected and the known number.
struct Counted {
    result: CountResult,
    status: Status,
    /// Fewer than expected: then what was nearly bound matters.
    missing: bool,
}

fn count(case: &Case<'_, '_>, node: &Node, binding: &Binding<'_>) -> Counted {
    let end = |end: &CountEnd| match end {
        CountEnd::Fixed(number) => Some(*number),
        CountEnd::Computed(expr) => case.integer(expr).ok().and_then(|number| u64::try_from(number).ok()),
    };
    let at_least = binding.yes.len() as u64;
    let at_most = binding.gaps.is_empty().then(|| at_least + binding.maybe.len() as u64);
    let least = end(&node.count.least);
    let most = node.count.most.as_ref().map(end);
    let expected = match (least, most) {
        (Some(least), Some(Some(most))) if least == most => least.to_string(),
        (Some(least), Some(Some(most))) => format!("{least}..{most}"),
        (Some(least), None) => format!("{least}.."),
        _ => node.count.text.clone(),
    };
    let status = match (least, most) {
        (None, _) | (_, Some(None)) => Status::Unknown,
        (Some(least), most) => {
            let most = most.flatten().unwrap_or(u64::MAX);
            let highest = at_most.unwrap_or(u64::MAX);
            if highest < least || at_least > most {
                Status::Fail
            } else if at_least >= least && highest <= most && binding.closed() {
                // None where any number would do says nothing; none where there must be none does.
                if highest == 0 && most > 0 { Status::NotApplicable } else { Status::Pass }
            } else {
                Status::Unknown
            }
        }
    };
    let missing = status == Status::Fail && least.zip(at_most).is_some_and(|(least, most)| most < least);
    Counted { result: CountResult { expected, at_least, at_most }, status, missing }
}

/// A count as people say it: `1..` is at least one.
fn in_words(expected: &str) -> String {
    match expected.split_once("..") {
        Some((least, "")) => format!("at least {least}"),
        Some((least, most)) => format!("{least} to {most}"),
        None => expected.to_owned(),
    }
}

fn verdict(case: &Case<'_, '_>, node: &Node, bindings: &Bindings<'_>, count: &Counted) -> Verdict {
    let binding = &bindings[&node.id];
    let expected = in_words(&count.result.expected);
    let found = binding.yes.len();
    let names = names(&binding.yes);
    let message = match count.status {
        Status::Pass => format!("{found} found: {names}"),
        Status::NotApplicable => format!("none found, {expected} expected"),
        Status::Fail if found == 0 => format!("none found, {expected} expected{}", near(binding)),
        Status::Fail if count.missing => {
            format!("{found} found, {expected} expected: {names}{}", near(binding))
        }
        Status::Fail => format!("{found} found, {expected} expected: {names}"),
        Status::Unknown if binding.maybe.is_empty() => {
            format!("{found} found, {expected} expected, but the list is not complete")
        }
        Status::Unknown => format!(
            "{found} found, {expected} expected, and {} that may belong: {}",
            binding.maybe.len(),
            self::names(&binding.maybe.iter().map(|(r, _)| *r).collect::<Vec<_>>()),
        ),
    };
    let mut evidence: Vec<Evidence> = binding.yes.iter().map(|r| bound(r)).collect();
    evidence.extend(binding.open_because().into_iter().map(missing));
    if count.missing {
        evidence.extend(binding.near_misses.iter().map(|miss| Evidence {
            fact: "near miss, rejected by".to_owned(),
            value: miss.rejected_by.join(" && ").into(),
            ..bound(miss.resource)
        }));
    }
    // A node that an arrow binds, or that lies within another, lacks nothing of its own where that one has nothing.
    let caused_by =
        if found == 0 && count.status.is_wrong() { causes(case, node, bindings) } else { Vec::new() };
    Verdict {
        status: count.status,
        subject: subject(case, node),
        key: node.id.clone(),
        message,
        evidence,
        assumptions: Vec::new(),
        caused_by,
    }
}

/// The nodes this one is bound from, where they are themselves not as they should be.
fn causes(case: &Case<'_, '_>, node: &Node, bound: &Bindings<'_>) -> Vec<String> {
    let design = case.question.design;
    let via = node.via.as_deref().and_then(|via| design.edge(via));
    let from = via.map(|arrow| if arrow.to == node.id { &arrow.from } else { &arrow.to });
    let sources = from.into_iter().chain(node.within.as_ref());
    let empty = sources
        .filter(|source| bound[*source].yes.is_empty())
        .map(|source| format!("{}/node.{source}", design.id));
    let starts = via.and_then(|arrow| Some((arrow.relation, design.node(&arrow.from)?)));
    let stopped = starts.and_then(|(relation, from)| case.stopped_by(relation, *from.kinds.first()?));
    empty.chain(stopped).collect()
}

pub(super) fn not_applicable(case: &Case<'_, '_>, node: &Node) -> Verdict {
    Verdict {
        status: Status::NotApplicable,
        subject: subject(case, node),
        key: node.id.clone(),
        message: "does not apply with these parameters".to_owned(),
        evidence: Vec::new(),
        assumptions: Vec::new(),
        caused_by: Vec::new(),
    }
}

/// The node itself as the subject of a finding.
pub(super) fn subject(case: &Case<'_, '_>, node: &Node) -> Subject {
    let place = case.places(node).into_iter().next();
    Subject {
        kind: "node".to_owned(),
        id: node.id.clone(),
        name: node.id.clone(),
        account: place.as_ref().map_or_else(String::new, |place| place.account.clone()),
        region: place.map_or_else(String::new, |place| place.region),
    }
}

fn bound(resource: Ref<'_>) -> Evidence {
    let call = resource.kind().meta().primary();
    Evidence {
        fact: "bound".to_owned(),
        value: resource.name.as_str().into(),
        resource: resource.id.clone(),
        call: call.to_owned(),
        scope: Some(resource.scope.clone()),
        at: Some(resource.read_at),
    }
}

/// A few names, and how many more there are.
pub(super) fn names(resources: &[Ref<'_>]) -> String {
    const SHOWN: usize = 4;
    let mut text = resources.iter().take(SHOWN).map(|r| r.name.as_str()).collect::<Vec<_>>().join(", ");
    if resources.len() > SHOWN {
        text = format!("{text} and {} more", resources.len() - SHOWN);
    }
    text
}

fn near(binding: &Binding<'_>) -> String {
    match binding.near_misses.first() {
        Some(miss) => {
            format!("; nearest: {}, rejected by {}", miss.resource.name, miss.rejected_by.join(" && "))
        }
        None => String::new(),
    }
}
