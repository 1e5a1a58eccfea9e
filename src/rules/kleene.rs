//! Three-valued logic: a gap is neither yes nor no, and gives way to an answer that it can't change.

use std::iter::{once, once_with};

use crate::model::seen::Gap;

/// Yes, no, or the gap that keeps it open.
pub(crate) type Verdict = Result<bool, Gap>;

/// True where one is; a gap where one might be.
pub(crate) fn any(answers: impl IntoIterator<Item = Verdict>) -> Verdict {
    decide(answers, true)
}

/// False where one is; a gap where one might be.
pub(crate) fn all(answers: impl IntoIterator<Item = Verdict>) -> Verdict {
    decide(answers, false)
}

/// Both hold. The second is looked at only where the first leaves the answer open.
pub(crate) fn and(one: Verdict, other: impl FnOnce() -> Verdict) -> Verdict {
    all(once(one).chain(once_with(other)))
}

/// At least one holds. The second is looked at only where the first leaves the answer open.
pub(crate) fn or(one: Verdict, other: impl FnOnce() -> Verdict) -> Verdict {
    any(once(one).chain(once_with(other)))
}

pub(crate) fn not(verdict: Verdict) -> Verdict {
    verdict.map(|holds| !holds)
}

fn decide(answers: impl IntoIterator<Item = Verdict>, decisive: bool) -> Verdict {
    let mut gaps = Vec::new();
    for answer in answers {
        match answer {
            Ok(answer) if answer == decisive => return Ok(decisive),
            Ok(_) => {}
            Err(gap) => gaps.push(gap),
        }
    }
    foremost(gaps).map_or(Ok(!decisive), Err)
}

/// The gap to report where several stand in the way: one that a call can still close, else the first. Another's denial
/// must not keep a question from being asked that may decide alone.
pub(crate) fn foremost(gaps: Vec<Gap>) -> Option<Gap> {
    let open = gaps.iter().position(Gap::can_be_closed);
    gaps.into_iter().nth(open.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scope::Scope;
    use crate::model::seen::Why;

    fn gap(why: Why) -> Gap {
        Gap { why, ..Gap::unread("ec2:DescribeVpcs", &Scope::aws("111111111111", "us-west-1"), "") }
    }

    #[test]
    fn an_answer_beats_a_gap() {
        assert_eq!(any([Err(gap(Why::Denied)), Ok(true)]), Ok(true));
        assert_eq!(all([Err(gap(Why::Denied)), Ok(false)]), Ok(false));
    }

    #[test]
    fn a_gap_beats_what_does_not_decide() {
        assert_eq!(any([Ok(false), Err(gap(Why::Denied))]), Err(gap(Why::Denied)));
        assert_eq!(all([Ok(true), Err(gap(Why::Denied))]), Err(gap(Why::Denied)));
    }

    #[test]
    fn nothing_is_all_and_not_any() {
        assert_eq!((any([]), all([])), (Ok(false), Ok(true)));
    }

    #[test]
    fn what_can_still_be_asked_comes_first() {
        assert_eq!(any([Err(gap(Why::Denied)), Err(gap(Why::Skipped))]), Err(gap(Why::Skipped)));
    }
    #[test]
    fn the_second_is_asked_only_where_it_matters() {
        let never = || panic!("decided already");
        let open = || Err(gap(Why::Skipped));
        assert_eq!(and(Ok(false), never), Ok(false));
        assert_eq!(or(Ok(true), never), Ok(true));
        assert_eq!(and(open(), || Ok(false)), Ok(false));
        assert_eq!(or(open(), || Ok(true)), Ok(true));
        assert_eq!(and(open(), || Ok(true)), open());
    }
}
