//! Judges the arrows: the edges there must be, and those there must not.

use std::collections::{BTreeMap, BTreeSet};

use self::says::{Says, lacking, names};
use super::bind::{Binding, Bindings, Member, attribute_gaps, counts};
use super::report::{Verdict, Verdicts};
use super::subjects::{edge_value, missing, subject};
use super::{Case, asserts};
use crate::design::expr::Inputs;
use crate::design::{Edge as Arrow, Node};
use crate::model::kind::Kind;
use crate::model::run::{Evidence, Status};
use crate::model::seen::Gap;
use crate::rules::{Edge, End, Ref};

mod says;

/// Whether an arrow is looked at: its own basis and those of both its ends.
pub(super) fn asked(case: &Case<'_, '_>, arrow: &Arrow) -> bool {
    let node = |id: &str| case.question.design.node(id).is_none_or(|node| case.asks(node.requirement.basis));
    case.asks(arrow.requirement.basis) && node(&arrow.from) && node(&arrow.to)
}

pub(super) fn judge<'s>(
    case: &Case<'_, 's>,
    arrow: &Arrow,
    bound: &Bindings<'s>,
    verdicts: &mut Verdicts<'_>,
) {
    let design = case.question.design;
    let (Some(from), Some(to)) = (design.node(&arrow.from), design.node(&arrow.to)) else { return };
    let check = format!("edge.{}", arrow.id);
    let whens = [&arrow.requirement.when, &from.requirement.when, &to.requirement.when];
    if !whens.into_iter().all(|when| case.applies(when.as_ref())) {
        verdicts.add(&check, &arrow.requirement, super::nodes::not_applicable(case, from));
        return;
    }
    let ends = Ends { node: to, binding: &bound[&to.id], caused_by: cause(verdicts, to, &bound[&to.id]) };
    let binding = &bound[&from.id];
    if !binding.closed() {
        verdicts.add(&check, &arrow.requirement, asserts::open(case, from, binding, verdicts));
    } else if binding.yes.is_empty() {
        verdicts.add(&check, &arrow.requirement, asserts::no_subject(case, from, verdicts));
    }
    let mut reached = Reached::default();
    let certain = binding.yes.iter().map(|r| (*r, true));
    for (resource, certain) in certain.chain(binding.maybe.iter().map(|(r, _)| (*r, false))) {
        let found = classify(case, arrow, resource, &ends, certain);
        reached.note(&found, certain);
        let verdict = judge_one(arrow, resource, &ends, &found, certain);
        verdicts.add(&check, &arrow.requirement, verdict);
    }
    if arrow.cover {
        cover(case, arrow, binding, &ends, &reached, verdicts);
    }
}

/// The node an arrow leads to.
struct Ends<'b, 's> {
    node: &'b Node,
    binding: &'b Binding<'s>,
    /// The node's check, where there is nothing it could lead to.
    caused_by: Vec<String>,
}

fn cause(verdicts: &Verdicts<'_>, to: &Node, binding: &Binding<'_>) -> Vec<String> {
    let check = format!("node.{}", to.id);
    let nothing = binding.yes.is_empty() && !binding.via;
    match verdicts.status(&check) {
        Status::Fail | Status::Unknown if nothing => vec![verdicts.check(&check)],
        _ => Vec::new(),
    }
}

/// What an edge means for its arrow. Three-valued: `None` can't be told.
#[derive(Clone, Copy)]
struct Meaning {
    counts: Option<bool>,
    ends_there: Option<bool>,
    holds: Option<bool>,
}

impl Meaning {
    /// The edge is what the arrow asks for.
    fn serves(self) -> Option<bool> {
        all([self.counts, self.ends_there, self.holds])
    }

    /// The edge counts, but is not what the arrow asks for.
    fn strays(self) -> Option<bool> {
        let serves = all([self.ends_there, self.holds]);
        all([self.counts, serves.map(|serves| !serves)])
    }
}

/// Kleene's conjunction.
fn all<const N: usize>(parts: [Option<bool>; N]) -> Option<bool> {
    if parts.contains(&Some(false)) {
        Some(false)
    } else if parts.contains(&None) {
        None
    } else {
        Some(true)
    }
}

/// The edges from one resource, and what they mean.
struct Found<'s> {
    edges: Vec<(Meaning, Shown<'s>)>,
    gaps: Vec<Gap>,
    /// They would cross into another cluster than the one that is bound.
    severed: bool,
    /// The check that says why they may not.
    stopped_by: Option<String>,
}

/// What is shown of an edge.
struct Shown<'s> {
    end: End<'s>,
    evidence: Vec<Evidence>,
    assumptions: Vec<String>,
    gaps: Vec<Gap>,
    /// Its end is of the kinds the arrow leads to.
    of_kind: bool,
    /// It may end where the arrow leads to, and lacks what must hold: what was found instead.
    lacks: Option<String>,
}

fn classify<'s>(
    case: &Case<'_, 's>,
    arrow: &Arrow,
    resource: Ref<'s>,
    ends: &Ends<'_, 's>,
    certain: bool,
) -> Found<'s> {
    let kinds = &ends.node.kinds;
    let edges = case.edges(arrow.relation, resource, kinds);
    let severed = case.severed(arrow.relation, resource.kind()).is_some();
    let stopped_by = case.stopped_by(arrow.relation, resource.kind());
    let mut found = Found { edges: Vec::new(), gaps: edges.gaps.clone(), severed, stopped_by };
    if certain {
        case.want(&edges.gaps);
    }
    for doubt in &edges.doubts {
        let end = match doubt.to {
            Some(resource) => End::Resource(resource),
            None => End::Unread { kind: doubt.kind, id: String::new(), gap: doubt.gap.clone() },
        };
        // What is not listed can't be bound where everything that is bound is known.
        let ends_there = match ends.binding.member(&end, kinds) {
            Member::Maybe if doubt.to.is_some() || !ends.binding.closed() => None,
            Member::Yes => Some(true),
            Member::Maybe | Member::No => Some(false),
        };
        let meaning = Meaning { counts: None, ends_there, holds: None };
        if certain && matters(arrow, meaning) {
            case.want([&doubt.gap]);
        }
        let of_kind = of_kind(&end, kinds);
        let gaps = vec![doubt.gap.clone()];
        let shown = Shown { end, evidence: Vec::new(), assumptions: Vec::new(), gaps, of_kind, lacks: None };
        found.edges.push((meaning, shown));
    }
    for edge in &edges.found {
        // Where each kind of end is a statement of its own, the other kinds' edges say nothing about this arrow.
        if arrow.relation.by_kind && edge.to.kind().is_some_and(|kind| !kinds.contains(&kind)) {
            continue;
        }
        let meaning = Meaning {
            counts: counts(case, arrow, edge),
            ends_there: match ends.binding.member(&edge.to, kinds) {
                Member::Yes => Some(true),
                Member::Maybe => None,
                Member::No => Some(false),
            },
            holds: holds(case, arrow, edge),
        };
        let mut gaps = attribute_gaps(arrow, edge);
        if let End::Unread { gap, .. } = &edge.to {
            gaps.push(gap.clone());
        }
        if certain && meaning.counts != Some(false) && matters(arrow, meaning) {
            case.want(&gaps);
        }
        found.edges.push((
            meaning,
            Shown {
                end: edge.to.clone(),
                evidence: edge.evidence.clone(),
                assumptions: edge.assumptions.clone(),
                gaps,
                of_kind: of_kind(&edge.to, kinds),
                lacks: lacks(case, arrow, edge, meaning),
            },
        ));
    }
    found
}

/// Whether what is not known of an edge can still change the verdict.
fn matters(arrow: &Arrow, meaning: Meaning) -> bool {
    arrow.forbid || arrow.only || meaning.serves().is_none()
}

fn of_kind(end: &End<'_>, kinds: &[Kind]) -> bool {
    end.kind().is_some_and(|kind| kinds.contains(&kind))
}

fn holds(case: &Case<'_, '_>, arrow: &Arrow, edge: &Edge<'_>) -> Option<bool> {
    let Some(that) = &arrow.that else { return Some(true) };
    let e = edge_value(edge);
    case.decide(that, Inputs { e: Some(&e), ..Inputs::default() }).ok()
}

/// Of an edge that may lead where the arrow does: what does not hold of it.
fn lacks(case: &Case<'_, '_>, arrow: &Arrow, edge: &Edge<'_>, meaning: Meaning) -> Option<String> {
    let that = match (meaning.ends_there, meaning.holds, meaning.counts) {
        (Some(false), ..) => None,
        (_, Some(false), _) => arrow.that.as_ref(),
        (_, _, Some(false)) => arrow.filter.as_ref(),
        _ => None,
    }?;
    let e = edge_value(edge);
    let why = case.why_false(that, Inputs { e: Some(&e), ..Inputs::default() });
    Some(why.unwrap_or_else(|| format!("{} does not hold", that.source())))
}

/// How the edges of one resource come out, and which of them say so.
fn outcome<'f, 's>(arrow: &Arrow, found: &'f Found<'s>) -> (Status, Vec<&'f Shown<'s>>, Says) {
    let pick = |wanted: &dyn Fn(&Meaning, &Shown<'s>) -> bool| -> Vec<&'f Shown<'s>> {
        found.edges.iter().filter(|(meaning, shown)| wanted(meaning, shown)).map(|(_, shown)| shown).collect()
    };
    if found.severed {
        return (Status::Fail, pick(&|_, _| true), Says::Only("that is in another cluster"));
    }
    if arrow.forbid {
        let there = pick(&|meaning, shown| meaning.counts == Some(true) && shown.of_kind);
        let perhaps = pick(&|meaning, shown| meaning.counts.is_none() && shown.of_kind);
        return match () {
            () if !there.is_empty() => {
                (Status::Fail, there, Says::Only("there is one, and there must be none"))
            }
            () if !perhaps.is_empty() || !found.gaps.is_empty() => {
                (Status::Unknown, perhaps, Says::Only("there may be one"))
            }
            () => (Status::Pass, Vec::new(), Says::Only("there is none, as it must be")),
        };
    }
    let serving = pick(&|meaning, _| meaning.serves() == Some(true));
    let perhaps = pick(&|meaning, _| meaning.serves().is_none());
    let straying = pick(&|meaning, _| meaning.strays() == Some(true));
    let may_stray = pick(&|meaning, _| meaning.strays().is_none());
    // They lead there, but are none of those that the arrow asks about.
    let near = pick(&|meaning, shown| meaning.counts == Some(false) && shown.lacks.is_some());
    if arrow.only && !straying.is_empty() {
        let elsewhere = names(straying.iter().copied().filter(|shown| shown.lacks.is_none()));
        let none = serving.is_empty() && perhaps.is_empty() && found.gaps.is_empty() && near.is_empty();
        let says = match lacking(&straying) {
            Some(lacks) if elsewhere.is_empty() => Says::ItLacks(lacks),
            Some(lacks) => Says::ItLacks(format!("{lacks}; and also {elsewhere}")),
            None if none => Says::NoneDoes,
            None if !serving.is_empty() && !elsewhere.is_empty() => Says::OthersToo,
            None => Says::Only("not only there"),
        };
        return (Status::Fail, straying, says);
    }
    if serving.is_empty() {
        return if perhaps.is_empty() && found.gaps.is_empty() {
            let lacks = lacking(&straying).or_else(|| lacking(&near));
            let shown = if straying.is_empty() { near } else { straying };
            let says = lacks.map_or(Says::NoneDoes, Says::ItLacks);
            (Status::Fail, shown, says)
        } else {
            (Status::Unknown, perhaps, Says::Only("can't be told"))
        };
    }
    if arrow.only && !(may_stray.is_empty() && found.gaps.is_empty()) {
        return (Status::Unknown, may_stray, Says::Only("there may be others"));
    }
    (Status::Pass, serving, Says::ItHolds)
}

fn judge_one<'s>(
    arrow: &Arrow,
    resource: Ref<'s>,
    ends: &Ends<'_, 's>,
    found: &Found<'s>,
    certain: bool,
) -> Verdict {
    let (status, shown, says) = outcome(arrow, found);
    let status = if status == Status::Fail && !certain { Status::Unknown } else { status };
    let named = names(shown.iter().copied());
    let message = says.text(&resource.name, arrow.relation.name, &ends.node.id, &named);
    let mut evidence: Vec<Evidence> = shown.iter().flat_map(|shown| shown.evidence.iter().cloned()).collect();
    let mut assumptions: Vec<String> =
        shown.iter().flat_map(|shown| shown.assumptions.iter().cloned()).collect();
    assumptions.sort();
    assumptions.dedup();
    if status == Status::Unknown {
        let mut gaps: Vec<&Gap> =
            found.gaps.iter().chain(shown.iter().flat_map(|shown| &shown.gaps)).collect();
        gaps.sort();
        gaps.dedup();
        evidence.extend(gaps.into_iter().map(missing));
    }
    let not_green = status.is_wrong();
    let nothing_there = ends.caused_by.iter().filter(|_| not_green && !arrow.forbid);
    let caused_by = nothing_there.chain(found.stopped_by.iter().filter(|_| not_green)).cloned().collect();
    Verdict {
        status,
        subject: subject(resource),
        key: resource.natural_key(),
        message,
        evidence,
        assumptions,
        caused_by,
    }
}

/// Which resources an arrow led to, over all it starts from.
#[derive(Default)]
struct Reached {
    surely: BTreeSet<(Kind, String)>,
    perhaps: BTreeSet<(Kind, String)>,
    /// What the edges lack that do not count.
    lacking: BTreeMap<(Kind, String), String>,
    gaps: Vec<Gap>,
}

impl Reached {
    fn note(&mut self, found: &Found<'_>, certain: bool) {
        self.gaps.extend(found.gaps.iter().cloned());
        for (meaning, shown) in &found.edges {
            let Some(kind) = shown.end.kind() else { continue };
            let end = (kind, shown.end.label().to_owned());
            match meaning.serves() {
                Some(true) if certain => {
                    self.surely.insert(end);
                }
                Some(false) => {
                    if let Some(lacks) = &shown.lacks {
                        self.lacking.entry(end).or_insert_with(|| lacks.clone());
                    }
                }
                _ => {
                    self.gaps.extend(shown.gaps.iter().cloned());
                    self.perhaps.insert(end);
                }
            }
        }
    }
}

/// Every resource the arrow ends in needs one that leads to it.
fn cover<'s>(
    case: &Case<'_, 's>,
    arrow: &Arrow,
    from: &Binding<'s>,
    ends: &Ends<'_, 's>,
    reached: &Reached,
    verdicts: &mut Verdicts<'_>,
) {
    let check = format!("edge.{}", arrow.id);
    if !ends.binding.closed() {
        verdicts.add(&check, &arrow.requirement, asserts::open(case, ends.node, ends.binding, verdicts));
    }
    for resource in &ends.binding.yes {
        let end = (resource.kind(), resource.id.clone());
        let open = !from.closed() || !reached.gaps.is_empty() || reached.perhaps.contains(&end);
        let sentence = format!("{} {} {}", arrow.from, arrow.relation.name, resource.name);
        let (status, message) = if reached.surely.contains(&end) {
            (Status::Pass, sentence)
        } else if open {
            (Status::Unknown, format!("{sentence}: can't be told"))
        } else {
            let lacks = reached.lacking.get(&end);
            (
                Status::Fail,
                lacks.map_or_else(|| format!("no {sentence}"), |why| format!("{sentence}, but {why}")),
            )
        };
        let gaps = if status == Status::Unknown { &reached.gaps[..] } else { &[] };
        verdicts.add(
            &check,
            &arrow.requirement,
            Verdict {
                status,
                subject: subject(resource),
                key: resource.natural_key(),
                message,
                evidence: gaps.iter().map(missing).collect(),
                assumptions: Vec::new(),
                caused_by: Vec::new(),
            },
        );
    }
}
