//! Applies waivers: what somebody accepts, for a while, is marked, never made green.

use chrono::NaiveDate;

use super::Case;
use super::report::summarize;
use crate::design::Waiver;
use crate::design::expr::Inputs;
use crate::model::kind::Kind;
use crate::model::run::{Audit, Disposition, Finding, Waivers};

/// What became of each waiver, over all audits of a run.
pub struct Applied<'a> {
    waivers: Vec<(&'a Waiver, bool)>,
    expired: Vec<&'a Waiver>,
    as_of: NaiveDate,
}

impl<'a> Applied<'a> {
    /// The waivers of an env that hold on a day. One that is yet to begin covers nothing.
    pub fn new(waivers: &'a [Waiver], env: &str, as_of: NaiveDate) -> Self {
        let of_env = waivers.iter().filter(|waiver| waiver.env.is_empty() || waiver.env == env);
        let (holding, expired) = of_env.partition::<Vec<_>, _>(|waiver| as_of <= waiver.expires);
        Self { waivers: holding.into_iter().map(|waiver| (waiver, false)).collect(), expired, as_of }
    }

    /// Marks the findings that a waiver covers.
    pub fn apply(&mut self, case: &Case<'_, '_>, audit: &mut Audit) {
        for finding in &mut audit.findings {
            for (waiver, used) in &mut self.waivers {
                if waiver.created.is_none_or(|created| created <= self.as_of) && covers(case, waiver, finding)
                {
                    *used = true;
                    finding.disposition.get_or_insert_with(|| Disposition::Waived {
                        reason: waiver.reason.clone(),
                        owner: waiver.owner.clone(),
                        approved_by: waiver.approved_by.clone(),
                        expires: waiver.expires.to_string(),
                    });
                }
            }
        }
        audit.summary = summarize(&audit.findings, audit.unassessed.len() as u64);
    }

    /// For the report.
    pub fn summary(&self) -> Waivers {
        let text = |waiver: &Waiver| format!("{} ({})", waiver.check, waiver.owner);
        let with = |wanted: bool| {
            self.waivers
                .iter()
                .filter(move |(_, used)| *used == wanted)
                .map(|(waiver, _)| text(waiver))
                .collect()
        };
        Waivers {
            used: with(true),
            unused: with(false),
            expired: self.expired.iter().map(|w| text(w)).collect(),
        }
    }
}

fn covers(case: &Case<'_, '_>, waiver: &Waiver, finding: &Finding) -> bool {
    if waiver.check != finding.check || !waiver.covers.contains(&finding.status) {
        return false;
    }
    // A waiver that pins a state accepts that one; what has changed since resurfaces.
    if waiver.state.as_ref().is_some_and(|state| *state != finding.state_hash && *state != finding.id) {
        return false;
    }
    let Some(condition) = &waiver.matches else { return true };
    let subject =
        Kind::named(&finding.subject.kind).and_then(|kind| case.world.get(kind, &finding.subject.id));
    subject.is_some_and(|resource| {
        let view = case.view(resource, &[condition]);
        case.decide(condition, Inputs { r: Some(&view.prepared), ..Inputs::default() }) == Ok(true)
    })
}
