//! Counts as people add them up: each finding once, a waived one as waived, whatever its status.

use crate::model::run::{Finding, Status, Summary};

pub(super) fn once<'f>(summary: &Summary, findings: impl IntoIterator<Item = &'f Finding>) -> Summary {
    let mut counts = *summary;
    for finding in findings.into_iter().filter(|finding| finding.disposition.is_some()) {
        let of = match finding.status {
            Status::Pass => &mut counts.pass,
            Status::Fail => &mut counts.fail,
            Status::Unknown => &mut counts.unknown,
            Status::NotApplicable => &mut counts.not_applicable,
        };
        *of = of.saturating_sub(1);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn they_add_up_to_all_there_are() {
        let run = sample::run();
        let findings = &run.audits[0].findings;
        let Summary { pass, fail, unknown, not_applicable, waived, .. } = once(&run.summary, findings);
        assert!(waived > 0);
        assert_eq!(pass + fail + unknown + not_applicable + waived, findings.len() as u64);
    }
}
