//! A permission, and how two of them join: what is decided is never held back by a gap that could not change it.

use std::iter::{once, once_with};

use crate::model::seen::Gap;
use crate::rules::kleene::{all, any};

/// Yes, no, or the gap that keeps it open.
pub(crate) type Verdict = Result<bool, Gap>;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scope::Scope;

    #[test]
    fn the_second_is_asked_only_where_it_matters() {
        let never = || panic!("decided already");
        let open = || Err(Gap::unread("iam:GetPolicy", &Scope::aws("111111111111", "global"), "p"));
        assert_eq!(and(Ok(false), never), Ok(false));
        assert_eq!(or(Ok(true), never), Ok(true));
        assert_eq!(and(open(), || Ok(false)), Ok(false));
        assert_eq!(or(open(), || Ok(true)), Ok(true));
        assert_eq!(and(open(), || Ok(true)), open());
    }
}
