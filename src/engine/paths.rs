//! Judges the paths: whether packets come from everything that is bound to one end to everything bound to the other, by
//! what is drawn between them.

pub mod inquiry;
mod told;

use std::collections::BTreeSet;

use super::asserts;
use super::bind::{Binding, Bindings, Member};
use super::border::Border;
use super::report::{Verdict, Verdicts};
use super::subjects::{missing, subject};
use super::{Case, nodes};
use crate::design::{Node, Path, Ports, Stop};
use crate::model::path::{INTERNET, Packets, PortRange};
use crate::model::run::{Evidence, Status, Subject};
use crate::model::seen::Gap;
use crate::rules::End;
use crate::rules::path::leg::{Answer, At};
use crate::rules::path::prove::{Endpoint, Proof, Stops, prove};
use crate::rules::path::traffic::Traffic;

/// Whether a path is looked at: its own basis and those of all that it names. What is to be avoided counts, too: a way
/// through it must be known for one.
pub(super) fn asked(case: &Case<'_, '_>, path: &Path) -> bool {
    let node = |id: &str| case.question.design.node(id).is_none_or(|node| case.asks(node.requirement.basis));
    case.asks(path.requirement.basis) && path.nodes().all(node)
}

pub(super) fn judge<'s>(case: &Case<'_, 's>, path: &Path, bound: &Bindings<'s>, verdicts: &mut Verdicts<'_>) {
    let design = case.question.design;
    let stops: Vec<&Node> = path.via.iter().filter_map(|stop| design.node(stop.name())).collect();
    let Some(about) = design.node(path.subject()) else { return };
    let check = format!("path.{}", path.id);
    let whens = stops.iter().map(|node| &node.requirement.when).chain([&path.requirement.when]);
    if !whens.into_iter().all(|when| case.applies(when.as_ref())) {
        return verdicts.add(&check, &path.requirement, nodes::not_applicable(case, about));
    }
    let mut nothing = false;
    for node in &stops {
        let binding = &bound[&node.id];
        let end = [path.from(), path.to()].iter().any(|stop| stop.name() == node.id);
        if !binding.closed() && end {
            verdicts.add(&check, &path.requirement, asserts::open(case, node, binding, verdicts));
        } else if binding.closed() && binding.yes.is_empty() {
            nothing = true;
            verdicts.add(&check, &path.requirement, asserts::no_subject(case, node, verdicts));
        }
    }
    if nothing {
        return;
    }
    let packets = match packets(case, path) {
        Ok(packets) => Traffic::of(&packets),
        Err(why) => {
            let mut verdict = nodes::not_applicable(case, about);
            (verdict.status, verdict.message) = (Status::Unknown, format!("can't be told: {why}"));
            return verdicts.add(&check, &path.requirement, verdict);
        }
    };
    let drawn = Drawn::of(case, path, bound);
    for (from, from_sure) in ends(path.from(), bound) {
        for (to, to_sure) in ends(path.to(), bound) {
            let pair = Pair { from, to, certain: from_sure && to_sure };
            let verdict = match case.crossed_by(&stops) {
                None | Some(Border::Open) => {
                    let proof = prove(from, to, &packets, &drawn, path.expect, case.world);
                    let mut verdict = pair.proven(case, path, &proof);
                    if proof.holds.is_none() {
                        verdict.evidence.extend(drawn.open_because());
                    }
                    verdict
                }
                Some(Border::Closed(other)) => pair.severed(case, other),
                Some(Border::Unproven(gap)) => pair.unproven(case, gap),
            };
            verdicts.add(&check, &path.requirement, verdict);
        }
    }
}

/// The packets that the path is about, with what the parameters say.
fn packets(case: &Case<'_, '_>, path: &Path) -> Result<Packets, String> {
    let asked = &path.packet;
    let port = |port: &Ports| match port {
        Ports::Range(range) => Ok(*range),
        Ports::Computed(expr) => {
            let number = case.integer(expr).map_err(|why| why.to_string())?;
            let port =
                u16::try_from(number).map_err(|_| format!("{} is {number}: no port", expr.source()))?;
            Ok(PortRange::one(port))
        }
    };
    Ok(Packets {
        protocol: asked.protocol,
        ports: asked.ports.iter().map(port).collect::<Result<_, String>>()?,
        sources: asked.sources.clone(),
        destinations: asked.destinations.clone(),
    })
}

/// What is bound to an end, and whether that is certain.
fn ends<'s>(stop: &Stop, bound: &Bindings<'s>) -> Vec<(Endpoint<'s>, bool)> {
    match stop {
        Stop::Internet => vec![(Endpoint::Internet, true)],
        Stop::Node(node) => {
            let binding = &bound[node];
            let yes = binding.yes.iter().map(|resource| (Endpoint::Resource(resource), true));
            yes.chain(binding.maybe.iter().map(|(resource, _)| (Endpoint::Resource(resource), false)))
                .collect()
        }
    }
}

/// What is drawn between the ends, and what is to be avoided, by what is bound.
struct Drawn<'b, 's> {
    between: Vec<(&'b Node, &'b Binding<'s>)>,
    avoid: Vec<(&'b Node, &'b Binding<'s>)>,
}

impl<'b, 's> Drawn<'b, 's> {
    fn of(case: &'b Case<'_, 's>, path: &Path, bound: &'b Bindings<'s>) -> Self {
        let known = |id: &str| Some((case.question.design.node(id)?, &bound[id]));
        let between = &path.via[1..path.via.len() - 1];
        Self {
            between: between.iter().filter_map(|stop| known(stop.name())).collect(),
            avoid: path.avoid.iter().filter_map(|id| known(id)).collect(),
        }
    }
}

impl Drawn<'_, '_> {
    /// Why it is not known what belongs to the drawing.
    fn open_because(&self) -> Vec<Evidence> {
        let all = self.between.iter().chain(&self.avoid);
        let gaps: BTreeSet<&Gap> = all.flat_map(|(_, binding)| binding.open_because()).collect();
        gaps.into_iter().map(missing).collect()
    }
}

/// Whether packets that are here are at something that is bound.
fn is_at<'s>(at: &At<'s>, node: &Node, binding: &Binding<'s>) -> Option<bool> {
    match at {
        At::Internet => Some(false),
        At::Resource(resource) => match binding.member(&End::Resource(resource), &node.kinds) {
            Member::Yes => Some(true),
            Member::Maybe => None,
            Member::No => Some(false),
        },
        // Whatever it is: where all that is bound is known, it is none of it.
        At::Named(_) => binding.closed().then_some(false),
    }
}

impl<'s> Stops<'s> for Drawn<'_, 's> {
    fn count(&self) -> usize {
        self.between.len()
    }

    fn is(&self, stop: usize, at: &At<'s>) -> Option<bool> {
        let (node, binding) = self.between[stop];
        is_at(at, node, binding)
    }

    fn avoids(&self, at: &At<'s>) -> Option<bool> {
        let found: Vec<_> = self.avoid.iter().map(|(node, binding)| is_at(at, node, binding)).collect();
        if found.contains(&Some(true)) {
            return Some(true);
        }
        (!found.contains(&None)).then_some(false)
    }
}

/// One thing at either end.
struct Pair<'s> {
    from: Endpoint<'s>,
    to: Endpoint<'s>,
    certain: bool,
}

impl<'s> Pair<'s> {
    fn proven(&self, case: &Case<'_, 's>, path: &Path, proof: &Proof<'s>) -> Verdict {
        if let (true, Answer::Open(gaps, _)) = (self.certain, &proof.answer) {
            case.want(gaps);
        }
        let status = match proof.holds {
            Some(true) => Status::Pass,
            Some(false) if self.certain => Status::Fail,
            Some(false) | None => Status::Unknown,
        };
        Verdict {
            assumptions: proof.assumptions.clone(),
            ..self.verdict(status, &told::outcome(&proof.answer, path.expect), told::evidence(&proof.answer))
        }
    }

    /// Across a border that is proven to be the wrong one, nothing is shown.
    fn severed(&self, case: &Case<'_, 's>, other: &str) -> Verdict {
        let status = if self.certain { Status::Fail } else { Status::Unknown };
        let why = format!("not judged beyond {other}");
        Verdict {
            caused_by: case.cluster_stated_by().into_iter().collect(),
            ..self.verdict(status, &why, Vec::new())
        }
    }

    fn unproven(&self, case: &Case<'_, 's>, gap: &Gap) -> Verdict {
        if self.certain {
            case.want([gap]);
        }
        let evidence = vec![missing(gap)];
        let verdict = self.verdict(Status::Unknown, "can't be told", evidence);
        Verdict { caused_by: case.cluster_stated_by().into_iter().collect(), ..verdict }
    }

    fn verdict(&self, status: Status, outcome: &str, evidence: Vec<Evidence>) -> Verdict {
        let key = |end: &Endpoint<'s>| match end {
            Endpoint::Internet => INTERNET.to_owned(),
            Endpoint::Resource(resource) => resource.natural_key(),
        };
        Verdict {
            status,
            subject: self.subject(),
            key: format!("{}\n{}", key(&self.from), key(&self.to)),
            message: format!("{} → {}: {outcome}", told::name(self.from), told::name(self.to)),
            evidence,
            assumptions: Vec::new(),
            caused_by: Vec::new(),
        }
    }

    fn subject(&self) -> Subject {
        match (self.from, self.to) {
            (Endpoint::Resource(resource), _) | (Endpoint::Internet, Endpoint::Resource(resource)) => {
                subject(resource)
            }
            (Endpoint::Internet, Endpoint::Internet) => unreachable!("the loader refuses such a path"),
        }
    }
}

#[cfg(test)]
mod tests;
