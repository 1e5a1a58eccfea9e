//! Three-valued answers: what is decided is never held back by a gap that could not change it.

use crate::model::seen::{Gap, Why};

/// Yes, no, or the gap that keeps it open.
pub(crate) type Verdict = Result<bool, Gap>;

/// Both hold. The second is looked at only where the first leaves the answer open.
pub(crate) fn and(one: Verdict, other: impl FnOnce() -> Verdict) -> Verdict {
    match one {
        Ok(false) => Ok(false),
        Ok(true) => other(),
        Err(gap) => match other() {
            Ok(false) => Ok(false),
            Ok(true) => Err(gap),
            Err(second) => Err(askable_first(gap, second)),
        },
    }
}

/// At least one holds. The second is looked at only where the first leaves the answer open.
pub(crate) fn or(one: Verdict, other: impl FnOnce() -> Verdict) -> Verdict {
    not(and(not(one), || not(other())))
}

pub(crate) fn not(verdict: Verdict) -> Verdict {
    verdict.map(|holds| !holds)
}

/// Every one holds.
pub(crate) fn all(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    let mut so_far = Ok(true);
    for verdict in verdicts {
        so_far = and(so_far, || verdict);
        if so_far == Ok(false) {
            break;
        }
    }
    so_far
}

/// At least one holds.
pub(crate) fn any(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    not(all(verdicts.into_iter().map(not)))
}

/// Of two gaps the one that a call could still close: behind it the answer may be decided.
fn askable_first(one: Gap, other: Gap) -> Gap {
    let askable = |gap: &Gap| gap.why == Why::Skipped && gap.detail.is_empty();
    if askable(&one) || !askable(&other) { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scope::Scope;

    fn gap(why: Why) -> Gap {
        Gap { why, ..Gap::unread("iam:GetPolicy", &Scope::aws("111111111111", "global"), "p") }
    }

    #[test]
    fn a_decided_side_decides() {
        let open = || Err(gap(Why::Denied));
        assert_eq!(and(open(), || Ok(false)), Ok(false));
        assert_eq!(or(open(), || Ok(true)), Ok(true));
        assert_eq!(and(open(), || Ok(true)), open());
        assert_eq!(all([open(), Ok(true), Ok(false)]), Ok(false));
        assert_eq!(any([open(), Ok(false), Ok(true)]), Ok(true));
        assert_eq!(any([open(), Ok(false)]), open());
    }

    #[test]
    fn what_can_still_be_asked_is_told_first() {
        let found = and(Err(gap(Why::Denied)), || Err(gap(Why::Skipped)));
        assert_eq!(found, Err(gap(Why::Skipped)));
    }
}
