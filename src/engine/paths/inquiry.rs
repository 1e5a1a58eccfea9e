//! A question of somebody's own, beside every design: do packets come from here to there?

use super::told;
use crate::model::path::{Expect, Packets};
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::path::leg::{Answer, At};
use crate::rules::path::prove::{Endpoint, Stops, prove};
use crate::rules::path::traffic::Traffic;
use crate::rules::{Ref, World};

/// Whether every packet that is meant comes from one end to the other.
pub struct Inquiry<'s> {
    pub from: Endpoint<'s>,
    pub to: Endpoint<'s>,
    pub packets: Packets,
    /// What does not count as a way.
    pub avoid: Vec<Ref<'s>>,
}

/// What came of it.
pub struct Told {
    /// `None` can't be told.
    pub reachable: Option<bool>,
    /// In one sentence.
    pub outcome: String,
    /// The hops, each followed by the rules that let packets through; then what they are lost to, or what was not read.
    pub evidence: Vec<Evidence>,
    pub assumptions: Vec<String>,
    /// What would tell more.
    pub wanted: Vec<Gap>,
}

struct Avoiding<'q, 's>(&'q [Ref<'s>]);

impl<'s> Stops<'s> for Avoiding<'_, 's> {
    fn count(&self) -> usize {
        0
    }

    fn is(&self, _stop: usize, _at: &At<'s>) -> Option<bool> {
        Some(false)
    }

    fn avoids(&self, at: &At<'s>) -> Option<bool> {
        Some(self.0.iter().any(|resource| *at == At::Resource(resource)))
    }
}

impl<'s> Inquiry<'s> {
    pub fn ask(&self, world: &World<'s>) -> Told {
        let traffic = Traffic::of(&self.packets);
        let proof = prove(self.from, self.to, &traffic, &Avoiding(&self.avoid), Expect::Reachable, world);
        Told {
            reachable: proof.holds,
            outcome: told::outcome(&proof.answer, Expect::Reachable),
            evidence: told::evidence(&proof.answer),
            assumptions: proof.assumptions,
            wanted: match proof.answer {
                Answer::Open(gaps, _) => gaps,
                Answer::Yes(_) | Answer::No(_) => Vec::new(),
            },
        }
    }
}
