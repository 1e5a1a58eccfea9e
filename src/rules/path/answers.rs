//! Answers of parts made into one of the whole, by Kleene's logic: what is open gives way to what decides alone.

use super::headers::Headers;
use super::leg::{Answer, At, Hop, Loss, push};
use super::prove::{Endpoint, Expect};
use super::reason::Reason;
use crate::model::seen::Gap;
use crate::rules::Ref;

/// A stretch starts where the one before it ended.
pub(super) fn continued(mut answer: Answer<'_>) -> Answer<'_> {
    let (Answer::Yes(hops) | Answer::Open(_, hops) | Answer::No(Loss { hops, .. })) = &mut answer;
    if hops.len() > 1 && hops[0].evidence.is_empty() {
        hops.remove(0);
    }
    answer
}

/// One that holds decides; else one that is open.
pub(super) fn any(answers: Vec<Answer<'_>>) -> Answer<'_> {
    let (mut gaps, mut shown, mut open) = (Vec::new(), Vec::new(), false);
    let mut furthest: Option<Loss<'_>> = None;
    for answer in answers {
        match answer {
            Answer::Yes(_) => return answer,
            Answer::Open(more, hops) => {
                open = true;
                gaps.extend(more);
                if hops.len() > shown.len() {
                    shown = hops;
                }
            }
            Answer::No(loss) => {
                if furthest.as_ref().is_none_or(|best| loss.hops.len() > best.hops.len()) {
                    furthest = Some(loss);
                }
            }
        }
    }
    match furthest {
        Some(loss) if !open => Answer::No(loss),
        None if !open => Answer::No(nowhere()),
        _ => opened(gaps, shown),
    }
}

/// One that does not hold decides; else one that is open. The hops shown are the first's.
pub(super) fn all(answers: Vec<Answer<'_>>) -> Answer<'_> {
    let (mut gaps, mut shown, mut open, mut held) = (Vec::new(), Vec::new(), false, None);
    for answer in answers {
        match answer {
            Answer::No(_) => return answer,
            Answer::Open(more, hops) => {
                open = true;
                gaps.extend(more);
                if shown.is_empty() {
                    shown = hops;
                }
            }
            Answer::Yes(hops) => held = held.or(Some(hops)),
        }
    }
    if open { opened(gaps, shown) } else { Answer::Yes(held.unwrap_or_default()) }
}

/// The same for parts that follow one another: their hops make one way.
pub(super) fn in_turn(parts: Vec<Answer<'_>>) -> Answer<'_> {
    let (mut gaps, mut hops, mut open, mut ended) = (Vec::new(), Vec::new(), false, false);
    for part in parts {
        match part {
            Answer::No(loss) => {
                let mut whole = hops;
                for hop in loss.hops {
                    push(&mut whole, hop);
                }
                return Answer::No(Loss { hops: whole, ..loss });
            }
            Answer::Open(more, next) => {
                open = true;
                gaps.extend(more);
                if !ended {
                    for hop in next {
                        push(&mut hops, hop);
                    }
                }
                ended = true;
            }
            Answer::Yes(next) if ended => drop(next),
            Answer::Yes(next) => {
                for hop in next {
                    push(&mut hops, hop);
                }
            }
        }
    }
    if open { opened(gaps, hops) } else { Answer::Yes(hops) }
}

/// A place without its resource's name (an address of a service's tasks) ends at the resource.
pub(super) fn ends_in<'s>(hops: &mut Vec<Hop<'s>>, to: Ref<'s>) {
    push(hops, Hop::of(to));
}

pub(super) fn opened(mut gaps: Vec<Gap>, hops: Vec<Hop<'_>>) -> Answer<'_> {
    gaps.sort_unstable();
    gaps.dedup();
    Answer::Open(gaps, hops)
}

/// There may be further places: that all are reached is open then, and that none is.
pub(super) fn and_gaps(answer: Answer<'_>, more: Vec<Gap>, expect: Expect) -> Answer<'_> {
    match (answer, expect) {
        (answer, _) if more.is_empty() => answer,
        (Answer::Yes(hops), Expect::Reachable) => opened(more, hops),
        (Answer::No(loss), Expect::Unreachable) => opened(more, loss.hops),
        (Answer::No(loss), Expect::Reachable) if loss.hops.is_empty() => opened(more, loss.hops),
        (Answer::Open(gaps, hops), _) => opened(gaps.into_iter().chain(more).collect(), hops),
        (answer, _) => answer,
    }
}

pub(super) fn nowhere<'s>() -> Loss<'s> {
    let says = "it has no place in a network".to_owned();
    Loss { hops: Vec::new(), reason: Reason::NoAddress, says, packets: Headers::none() }
}

pub(super) fn nothing_listens<'s>(from: Endpoint<'s>, at: Ref<'s>) -> Loss<'s> {
    let says = "it does not listen for this".to_owned();
    let start = match from {
        Endpoint::Internet => Hop::at(At::Internet),
        Endpoint::Resource(resource) => Hop::of(resource),
    };
    Loss { hops: vec![start, Hop::of(at)], reason: Reason::ListenerMissing, says, packets: Headers::none() }
}

pub(super) fn not_that_way(hops: Vec<Hop<'_>>) -> Loss<'_> {
    let says = "it arrives by another way than the one drawn".to_owned();
    Loss { hops, reason: Reason::NotVia, says, packets: Headers::none() }
}
