//! Joins legs to paths: straight from place to place, or by way of whatever takes packets and sends them on.

use std::collections::BTreeSet;
use std::ops::Range;

use super::answers::{
    all, and_gaps, any, continued, ends_in, in_turn, not_that_way, nothing_listens, nowhere, opened,
};
use super::headers::Protocols;
use super::leg::{Answer, At, Hop, Leg, Loss, Way};
use super::places::{Entrance, Place, Places, Step, entrances, leg, own_ports, passes_on, places};
use super::reason::Reason;
use super::traffic::Traffic;
pub use crate::model::path::Expect;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::{Ref, World};

/// Entrances behind one another that are followed; drawings have three.
const DEEPEST: usize = 6;

/// One end of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Endpoint<'s> {
    Internet,
    Resource(Ref<'s>),
}

/// What the way must visit, in this order, and what it must not.
pub trait Stops<'s> {
    fn count(&self) -> usize;
    /// Whether this is the stop; `None` can't be told.
    fn is(&self, stop: usize, at: &At<'s>) -> Option<bool>;
    fn avoids(&self, at: &At<'s>) -> Option<bool>;
}

/// Any way will do.
pub struct Anyhow;

impl<'s> Stops<'s> for Anyhow {
    fn count(&self) -> usize {
        0
    }
    fn is(&self, _stop: usize, _at: &At<'s>) -> Option<bool> {
        Some(true)
    }
    fn avoids(&self, _at: &At<'s>) -> Option<bool> {
        Some(false)
    }
}

#[derive(Debug)]
pub struct Proof<'s> {
    /// Whether what is expected holds; `None` can't be told.
    pub holds: Option<bool>,
    pub answer: Answer<'s>,
    /// Sorted, each once.
    pub assumptions: Vec<String>,
}

/// Proves one path between two ends.
pub fn prove<'s>(
    from: Endpoint<'s>,
    to: Endpoint<'s>,
    traffic: &Traffic,
    stops: &dyn Stops<'s>,
    expect: Expect,
    world: &World<'s>,
) -> Proof<'s> {
    let mut prover = Prover { world, stops, expect, assumptions: BTreeSet::new() };
    let answer = match to {
        Endpoint::Internet => prover.direct(from, vec![Place::Internet], traffic, 0..stops.count()),
        Endpoint::Resource(resource) => match own(resource, traffic, expect, world) {
            Ok(own) => {
                let each = if expect == Expect::Reachable { traffic.each() } else { vec![traffic.clone()] };
                let path = |traffic: &Traffic| {
                    prover.path(from, resource, traffic, own.as_ref(), 0..stops.count(), &[])
                };
                all(each.iter().map(path).collect())
            }
            Err(gap) => Answer::Open(vec![gap], Vec::new()),
        },
    };
    let holds = match (&answer, expect) {
        (Answer::Yes(_), Expect::Reachable) | (Answer::No(_), Expect::Unreachable) => Some(true),
        (Answer::No(_), Expect::Reachable) | (Answer::Yes(_), Expect::Unreachable) => Some(false),
        (Answer::Open(..), _) => None,
    };
    Proof { holds, answer, assumptions: prover.assumptions.into_iter().collect() }
}

/// Where nothing else is meant, what must arrive is asked at the resource's own ports by TCP; whatever stands before it,
/// at the ports of that.
fn own<'s>(
    resource: Ref<'s>,
    traffic: &Traffic,
    expect: Expect,
    world: &World<'s>,
) -> Result<Option<Traffic>, Gap> {
    if expect == Expect::Unreachable || !traffic.ports.is_empty() {
        return Ok(None);
    }
    let ports = own_ports(resource, world)?;
    let protocols = if traffic.protocols == Protocols::All { Protocols::TCP } else { traffic.protocols };
    Ok((!ports.is_empty()).then(|| Traffic { protocols, ports, ..traffic.clone() }))
}

struct Prover<'q, 's> {
    world: &'q World<'s>,
    stops: &'q dyn Stops<'s>,
    expect: Expect,
    assumptions: BTreeSet<String>,
}

impl<'s> Prover<'_, 's> {
    /// By any way to a resource: straight to it, or in by something that stands before it. `wanted`: what it is asked for
    /// by itself, where that is not what sets out; of what is a door to something else, what must come out at its side.
    fn path(
        &mut self,
        from: Endpoint<'s>,
        to: Ref<'s>,
        traffic: &Traffic,
        wanted: Option<&Traffic>,
        stops: Range<usize>,
        behind: &[Ref<'s>],
    ) -> Answer<'s> {
        let straight = match wanted {
            Some(wanted) if !wanted.ports.is_empty() => traffic.at(wanted.protocols, &wanted.ports),
            _ => Some(traffic.clone()),
        };
        let mut answers = Vec::new();
        // Of what must arrive, a door takes all or does not count.
        let whole = |taken: &Traffic| {
            self.expect == Expect::Unreachable
                || traffic.ports.iter().all(|asked| taken.ports.contains(asked))
        };
        match straight.filter(whole) {
            Some(traffic) => {
                let Places { known, gaps } = places(to, self.world);
                answers.push(and_gaps(self.direct(from, known, &traffic, stops.clone()), gaps, self.expect));
            }
            None => answers.push(Answer::No(nothing_listens(from, to))),
        }
        let done = matches!(answers[0], Answer::Yes(_));
        let door = !behind.is_empty();
        if !done && behind.len() == DEEPEST {
            answers.push(Answer::Open(
                vec![undecided(to, "what stands before it is not followed any further")],
                Vec::new(),
            ));
        } else if !(done || door && passes_on(to.kind())) {
            let any = Traffic::any();
            let found = entrances(to, wanted.filter(|_| door).unwrap_or(&any), self.world);
            self.assumptions.extend(found.assumptions);
            let mut passed = behind.to_vec();
            passed.push(to);
            for entrance in found.found {
                let again = passed.iter().any(|known| known.id == entrance.by.id);
                if again || self.stops.avoids(&At::Resource(entrance.by)) == Some(true) {
                    continue;
                }
                answers.push(self.through(from, &entrance, to, traffic, stops.clone(), &passed));
                if matches!(answers.last(), Some(Answer::Yes(_))) {
                    break;
                }
            }
            if !found.gaps.is_empty() {
                answers.push(Answer::Open(found.gaps, Vec::new()));
            }
        }
        // Where others are drawn before it, that it can't be asked straight is not what is wrong.
        let unaddressed =
            |answer: &Answer<'s>| matches!(answer, Answer::No(it) if it.reason == Reason::NoAddress);
        if answers.len() > 1 && !stops.is_empty() && unaddressed(&answers[0]) {
            answers.remove(0);
        }
        any(answers)
    }

    /// In by one entrance, and on from there.
    fn through(
        &mut self,
        from: Endpoint<'s>,
        entrance: &Entrance<'s>,
        to: Ref<'s>,
        traffic: &Traffic,
        stops: Range<usize>,
        behind: &[Ref<'s>],
    ) -> Answer<'s> {
        let door = Hop::of(entrance.by);
        let fixed: Vec<&Hop<'s>> = std::iter::once(&door).chain(&entrance.hops).collect();
        let split = self.split(&fixed, stops);
        let takes =
            Traffic { protocols: entrance.protocols, ports: entrance.ports.clone(), ..Traffic::any() };
        let front = self.path(from, entrance.by, traffic, Some(&takes), split.before.clone(), behind);
        let mut inside: Vec<Hop<'s>> = fixed.iter().map(|hop| (*hop).clone()).collect();
        // What is known to answer nobody may still be reached where its gaps say so.
        let for_good = |end: &&Loss<'s>| {
            self.expect == Expect::Reachable || end.reason.is_for_good() || entrance.gaps.is_empty()
        };
        let end = entrance.lost.as_ref().filter(for_good);
        let mut ended: Vec<Answer<'s>> = end.cloned().map(Answer::No).into_iter().collect();
        if !entrance.gaps.is_empty() {
            ended.push(Answer::Open(entrance.gaps.clone(), Vec::new()));
        }
        if !split.sure || fixed.iter().any(|hop| self.stops.avoids(&hop.at).is_none()) {
            ended.push(Answer::Open(Vec::new(), Vec::new()));
        }
        if fixed.iter().any(|hop| self.stops.avoids(&hop.at) == Some(true)) {
            ended.push(Answer::No(not_that_way(inside.clone())));
        }
        let mut after = split.after;
        // Where gaps say why it is not known how it goes on, it may go on by what is left.
        if entrance.onward.is_empty() && entrance.gaps.is_empty() && !after.is_empty() {
            ended.push(Answer::No(not_that_way(inside.clone())));
        }
        let mut parts = vec![front];
        if !ended.is_empty() {
            parts.push(Answer::Yes(std::mem::take(&mut inside)));
            parts.extend(ended);
        }
        for (at, step) in entrance.onward.iter().enumerate() {
            let ends = at + 1 == entrance.onward.len();
            // What is left to visit is visited on the way out, or never.
            let here = if ends { after.clone() } else { after.start..after.start };
            after.start = here.end;
            // What stands inside is passed where a stretch starts from it; the rest on the last one.
            let passed = if ends { inside.len() } else { step.passed(&inside) };
            parts.push(Answer::Yes(inside.drain(..passed).collect()));
            parts.push(continued(self.step(step, here)));
        }
        parts.push(Answer::Yes(inside));
        match in_turn(parts) {
            Answer::Yes(mut hops) => {
                ends_in(&mut hops, to);
                Answer::Yes(hops)
            }
            // Something here may be another of the stops than it was taken for.
            Answer::No(loss) if !split.sure => opened(Vec::new(), loss.hops),
            joined => joined,
        }
    }

    fn step(&mut self, step: &Step<'s>, stops: Range<usize>) -> Answer<'s> {
        let mut answers = Vec::new();
        for from in &step.from {
            for to in &step.to {
                answers.push(self.one(from, to, &step.traffic, stops.clone()));
            }
        }
        self.quantified(answers)
    }

    /// Straight from one end to these places.
    fn direct(
        &mut self,
        from: Endpoint<'s>,
        to: Vec<Place<'s>>,
        traffic: &Traffic,
        stops: Range<usize>,
    ) -> Answer<'s> {
        let (sources, gaps) = match from {
            Endpoint::Internet => (vec![Place::Internet], Vec::new()),
            Endpoint::Resource(resource) => {
                let Places { known, gaps } = places(resource, self.world);
                (known, gaps)
            }
        };
        let step = Step { from: sources, to, traffic: traffic.clone() };
        and_gaps(self.step(&step, stops), gaps, self.expect)
    }

    fn one(
        &mut self,
        from: &Place<'s>,
        to: &Place<'s>,
        traffic: &Traffic,
        stops: Range<usize>,
    ) -> Answer<'s> {
        let leg: Leg<'s> = leg(from, to, traffic, self.world);
        self.assumptions.extend(leg.assumptions.iter().cloned());
        let admits = |way: &Way<'s>| self.admits(way, stops.clone());
        match self.expect {
            Expect::Reachable => leg.reaches(&admits),
            Expect::Unreachable => leg.lets_in(&admits),
        }
    }

    /// Whether a way visits all of these stops in their order, and nothing that is to be avoided.
    fn admits(&self, way: &Way<'s>, stops: Range<usize>) -> Option<bool> {
        let mut sure = true;
        let mut next = stops.start;
        for hop in &way.hops {
            match self.stops.avoids(&hop.at) {
                Some(true) => return Some(false),
                Some(false) => {}
                None => sure = false,
            }
            while next < stops.end {
                match self.stops.is(next, &hop.at) {
                    Some(false) => break,
                    Some(true) => {}
                    None => sure = false,
                }
                next += 1;
            }
        }
        if next < stops.end {
            return Some(false);
        }
        sure.then_some(true)
    }

    /// Which of the stops lie before these hops and which behind; what the hops themselves are is done.
    fn split(&self, fixed: &[&Hop<'s>], stops: Range<usize>) -> Split {
        let mut first = None;
        let mut next = stops.start;
        for hop in fixed {
            let found = (next..stops.end).find(|stop| self.stops.is(*stop, &hop.at) != Some(false));
            if let Some(stop) = found {
                if self.stops.is(stop, &hop.at).is_none() {
                    // Which side of it a stop belongs to is not known then: none is asked for, and nothing is sure.
                    let none = stops.end..stops.end;
                    return Split { before: none.clone(), after: none, sure: false };
                }
                // Between two of them there is nothing else that could be visited.
                if first.is_some() && stop > next {
                    continue;
                }
                first = first.or(Some(stop));
                next = stop + 1;
            }
        }
        match first {
            Some(first) => Split { before: stops.start..first, after: next..stops.end, sure: true },
            None => Split { before: stops.clone(), after: stops.end..stops.end, sure: true },
        }
    }

    /// Every place for what must arrive, any for what must not.
    fn quantified(&self, answers: Vec<Answer<'s>>) -> Answer<'s> {
        if answers.is_empty() {
            return Answer::No(nowhere());
        }
        match self.expect {
            Expect::Reachable => all(answers),
            Expect::Unreachable => any(answers),
        }
    }
}

struct Split {
    before: Range<usize>,
    after: Range<usize>,
    sure: bool,
}
