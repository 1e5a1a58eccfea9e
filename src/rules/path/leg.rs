//! A leg: packets on their way between two places, with nothing between that sends its own instead of them.

use super::headers::{Field, Headers, Packet};
use super::reason::Reason;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::Ref;

/// Where a packet is.
#[derive(Clone, Debug, PartialEq)]
pub enum At<'s> {
    Internet,
    Resource(Ref<'s>),
    /// Something that is no resource of the model, or was not read: by its id.
    Named(String),
}

impl At<'_> {
    pub fn label(&self) -> &str {
        match self {
            Self::Internet => "internet",
            Self::Resource(resource) => &resource.name,
            Self::Named(id) => id,
        }
    }
}

/// One stop of a packet, and the rules that let it come this far.
#[derive(Clone, Debug)]
pub struct Hop<'s> {
    pub at: At<'s>,
    pub evidence: Vec<Evidence>,
}

impl<'s> Hop<'s> {
    pub fn at(at: At<'s>) -> Self {
        Self { at, evidence: Vec::new() }
    }

    pub fn of(resource: Ref<'s>) -> Self {
        Self::at(At::Resource(resource))
    }

    #[must_use]
    pub fn by(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }
}

/// The next hop; one at the same place adds to what let packets through there.
pub(super) fn push<'s>(hops: &mut Vec<Hop<'s>>, next: Hop<'s>) {
    match hops.last_mut() {
        Some(last) if last.at == next.at => last.evidence.extend(next.evidence),
        _ => hops.push(next),
    }
}

/// What a gate lets through: a security group, an ACL, a listener.
#[derive(Debug)]
pub struct Gate {
    /// Rules that let packets through for sure.
    pub sure: Vec<(Headers, Evidence)>,
    /// Packets that may come through: the gap would tell.
    pub perhaps: Vec<(Headers, Gap)>,
    /// What is said of packets that don't.
    pub reason: Reason,
    /// What it is that lets nothing else through, in words.
    pub says: String,
    /// Rules that name what they keep out, where there are such.
    pub denials: Vec<(Headers, Evidence)>,
}

impl Gate {
    pub fn new(reason: Reason, says: impl Into<String>) -> Self {
        let says = says.into();
        Self { sure: Vec::new(), perhaps: Vec::new(), reason, says, denials: Vec::new() }
    }

    /// A gate that the facts don't show: anything may come through.
    pub fn unread(reason: Reason, gap: Gap) -> Self {
        let mut gate = Self::new(reason, "");
        gate.perhaps.push((Headers::everything(), gap));
        gate
    }
}

/// Packets on their way.
#[derive(Clone, Debug)]
pub struct Walk<'s> {
    hops: Vec<Hop<'s>>,
    certain: Headers,
    possible: Headers,
    gaps: Vec<Gap>,
}

/// Rules shown of one gate, so that a set of many pieces does not drown the rest.
const SHOWN: usize = 4;

impl<'s> Walk<'s> {
    pub fn possible(&self) -> &Headers {
        &self.possible
    }

    pub fn is_over(&self) -> bool {
        self.possible.is_empty()
    }

    /// Whether all that may have come this far surely has.
    pub fn is_sure(&self) -> bool {
        self.certain.covers(&self.possible)
    }

    /// The same packets as far as they belong to a part.
    #[must_use]
    pub fn part(&self, part: &Headers) -> Self {
        Self { certain: self.certain.within(part), possible: self.possible.within(part), ..self.clone() }
    }

    /// They pass here, by these rules. One that is asked twice, as for answers, is shown once.
    pub fn visit(&mut self, hop: Hop<'s>) {
        match self.hops.last_mut() {
            Some(last) if last.at == hop.at => {
                for by in hop.evidence {
                    if !last.evidence.contains(&by) {
                        last.evidence.push(by);
                    }
                }
            }
            _ => self.hops.push(hop),
        }
    }

    /// Whether they come any further is not known.
    pub fn doubt(&mut self, gap: Gap) {
        self.certain = Headers::none();
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }

    /// They come to a gate; what it keeps out is lost.
    pub fn pass(&mut self, at: At<'s>, gate: &Gate, leg: &mut Leg<'s>) {
        let before = std::mem::take(&mut self.possible);
        let certain = std::mem::take(&mut self.certain);
        let mut shown = Vec::new();
        for (rule, evidence) in &gate.sure {
            let through = before.within(rule);
            if through.is_empty() {
                continue;
            }
            self.certain.add(&certain.within(&through));
            self.possible.add(&through);
            if shown.len() < SHOWN && !shown.contains(evidence) {
                shown.push(evidence.clone());
            }
        }
        for (part, gap) in &gate.perhaps {
            let through = before.within(part).without(&self.possible);
            let open = before.within(part).meets(&certain.without(&self.certain));
            if (open || !through.is_empty()) && !self.gaps.contains(gap) {
                self.gaps.push(gap.clone());
            }
            self.possible.add(&through);
        }
        let lost = before.without(&self.possible);
        if !lost.is_empty() {
            let denials = gate.denials.iter().filter(|(denied, _)| denied.meets(&lost));
            let denied = denials.take(SHOWN).map(|(_, evidence)| evidence.clone());
            leg.lose(self, Hop::at(at.clone()).by(denied), gate.reason, &gate.says, lost);
        }
        self.visit(Hop::at(at).by(shown));
    }

    /// The same for a gate that judges some of the packets alone; the others pass it by.
    pub fn pass_some(&mut self, judged: &Headers, at: At<'s>, gate: &Gate, leg: &mut Leg<'s>) {
        let (certain, possible) = (self.certain.without(judged), self.possible.without(judged));
        self.certain = self.certain.within(judged);
        self.possible = self.possible.within(judged);
        if !self.is_over() {
            self.pass(at, gate, leg);
        }
        self.certain.add(&certain);
        self.possible.add(&possible);
    }

    /// All of them end here.
    pub fn lost(self, at: At<'s>, reason: Reason, says: &str, leg: &mut Leg<'s>) {
        self.lost_by(Hop::at(at), reason, says, leg);
    }

    /// All of them end here, by these rules.
    pub fn lost_by(self, hop: Hop<'s>, reason: Reason, says: &str, leg: &mut Leg<'s>) {
        let packets = self.possible.clone();
        if !packets.is_empty() {
            leg.lose(&self, hop, reason, says, packets);
        }
    }

    /// What is left has arrived.
    pub fn arrive(self, leg: &mut Leg<'s>) {
        if !self.possible.is_empty() {
            let Self { hops, certain, possible, gaps } = self;
            leg.ways.push(Way { hops, certain, possible, gaps });
        }
    }
}

/// One way that packets may take.
#[derive(Debug)]
pub struct Way<'s> {
    pub hops: Vec<Hop<'s>>,
    pub certain: Headers,
    pub possible: Headers,
    /// What would make certain what is possible.
    pub gaps: Vec<Gap>,
}

/// Packets that end on the way.
#[derive(Clone, Debug)]
pub struct Loss<'s> {
    /// The last is where they end.
    pub hops: Vec<Hop<'s>>,
    pub reason: Reason,
    pub says: String,
    pub packets: Headers,
}

impl<'s> Loss<'s> {
    /// Where facts tell of it before any packet set out.
    pub fn told(at: Hop<'s>, reason: Reason, says: impl Into<String>) -> Self {
        Self { hops: vec![at], reason, says: says.into(), packets: Headers::none() }
    }

    pub fn packet(&self) -> Option<Packet> {
        self.packets.sample()
    }
}

#[derive(Debug, Default)]
pub struct Leg<'s> {
    /// All packets that are meant.
    pub asked: Headers,
    /// Those of them that are meant only if the facts that are missing say so: an end may have no such address. What is
    /// to arrive need not do so by them, and what is to be kept out may come by them.
    pub perhaps: Vec<(Headers, Gap)>,
    /// Fields of which one value is used and nobody knows which: an address somewhere in a subnet.
    pub unknown: Vec<Field>,
    /// Why nobody does: told where nothing else keeps an answer open.
    pub blind: Vec<Gap>,
    pub ways: Vec<Way<'s>>,
    pub losses: Vec<Loss<'s>>,
    /// Behind each there may be another way for any packet.
    pub gaps: Vec<Gap>,
    /// What the answer takes for granted and no snapshot shows.
    pub assumptions: Vec<String>,
}

/// What a question of a leg, or of a path, comes out as.
#[derive(Clone, Debug)]
pub enum Answer<'s> {
    Yes(Vec<Hop<'s>>),
    No(Loss<'s>),
    /// These facts would tell; the hops are as far as it is known.
    Open(Vec<Gap>, Vec<Hop<'s>>),
}

/// Whether a way is one that is asked for: it visits what is drawn, or avoids what is to be avoided. `None` can't be told.
pub type Admits<'a, 's> = &'a dyn Fn(&Way<'s>) -> Option<bool>;

impl<'s> Leg<'s> {
    pub fn of(asked: Headers) -> Self {
        Self { asked, ..Self::default() }
    }

    /// The packets set out.
    pub fn start(&self, from: Hop<'s>) -> Walk<'s> {
        Walk { hops: vec![from], certain: self.asked.clone(), possible: self.asked.clone(), gaps: Vec::new() }
    }

    fn lose(&mut self, walk: &Walk<'s>, hop: Hop<'s>, reason: Reason, says: &str, packets: Headers) {
        let mut hops = walk.hops.clone();
        push(&mut hops, hop);
        self.losses.push(Loss { hops, reason, says: says.to_owned(), packets });
    }

    /// Whether every packet that is meant arrives by a way that is asked for.
    pub fn reaches(&self, admits: Admits<'_, 's>) -> Answer<'s> {
        let (mut certain, mut possible) = (Headers::none(), Headers::none());
        let mut gaps = self.gaps.clone();
        let mut shown: Vec<Hop<'s>> = Vec::new();
        let mut strays: Option<&Way<'s>> = None;
        for way in &self.ways {
            match admits(way) {
                Some(false) => strays = strays.or(Some(way)),
                admitted => {
                    if admitted.is_some() {
                        certain.add(&way.certain);
                    }
                    possible.add(&way.possible);
                    gaps.extend(way.gaps.iter().cloned());
                    if shown.is_empty() {
                        shown.clone_from(&way.hops);
                    }
                }
            }
        }
        let sure = self.surely_meant();
        if !sure.is_empty() && certain.covers(&self.asked) {
            return Answer::Yes(shown);
        }
        let outside = sure.without(&self.spread(possible));
        gaps.extend(self.if_meant(&self.asked.without(&certain)));
        if !self.gaps.is_empty() || (outside.is_empty() && !self.asked.is_empty()) {
            return self.open(gaps, shown);
        }
        Answer::No(self.loss(&outside, strays))
    }

    /// Whether any packet that is meant arrives by a way that is asked for.
    pub fn lets_in(&self, admits: Admits<'_, 's>) -> Answer<'s> {
        let sure = self.surely_meant();
        let mut gaps = self.gaps.clone();
        let mut perhaps: Vec<Hop<'s>> = Vec::new();
        for way in &self.ways {
            let admitted = admits(way);
            if admitted == Some(false) {
                continue;
            }
            let missed = self.spread(self.asked.without(&way.certain));
            if admitted == Some(true) && !sure.without(&missed).is_empty() {
                return Answer::Yes(way.hops.clone());
            }
            gaps.extend(self.if_meant(&way.possible));
            gaps.extend(way.gaps.iter().cloned());
            if perhaps.is_empty() {
                perhaps.clone_from(&way.hops);
            }
        }
        if perhaps.is_empty() && self.gaps.is_empty() {
            return Answer::No(self.loss(&self.asked, None));
        }
        self.open(gaps, perhaps)
    }

    fn open(&self, mut gaps: Vec<Gap>, hops: Vec<Hop<'s>>) -> Answer<'s> {
        if gaps.is_empty() {
            gaps.clone_from(&self.blind);
        }
        gaps.sort_unstable();
        gaps.dedup();
        Answer::Open(gaps, hops)
    }

    fn surely_meant(&self) -> Headers {
        self.perhaps.iter().fold(self.asked.clone(), |sure, (part, _)| sure.without(part))
    }

    /// What would tell whether these packets are meant at all.
    fn if_meant(&self, packets: &Headers) -> impl Iterator<Item = Gap> {
        self.perhaps.iter().filter(|(part, _)| part.meets(packets)).map(|(_, gap)| gap.clone())
    }

    /// These packets and those that differ in nothing but what nobody knows.
    fn spread(&self, packets: Headers) -> Headers {
        self.unknown.iter().fold(packets, |packets, field| packets.whatever(*field).within(&self.asked))
    }

    /// Where some of these packets end: the loss that came furthest.
    fn loss(&self, packets: &Headers, strays: Option<&Way<'s>>) -> Loss<'s> {
        let here = self.losses.iter().filter(|loss| loss.packets.meets(packets));
        let furthest = here.reduce(|best, loss| if loss.hops.len() > best.hops.len() { loss } else { best });
        match (furthest, strays) {
            (Some(loss), None) => Loss { packets: loss.packets.within(packets), ..loss.clone() },
            (_, Some(way)) => Loss {
                hops: way.hops.clone(),
                reason: Reason::NotVia,
                says: "it arrives by another way than the one drawn".to_owned(),
                packets: way.possible.clone(),
            },
            (None, None) => Loss {
                hops: Vec::new(),
                reason: Reason::NoAddress,
                says: "there is no packet that could be meant: the two ends share no kind of address"
                    .to_owned(),
                packets: packets.clone(),
            },
        }
    }
}

#[cfg(test)]
mod tests;
