//! Sets of numbers, kept as sorted ranges that neither overlap nor touch.

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ranges(Vec<(u128, u128)>);

impl Ranges {
    /// Adds `first..=last`.
    pub(crate) fn add(&mut self, first: u128, last: u128) {
        let start = self.0.partition_point(|(_, end)| end.saturating_add(1) < first);
        let end = self.0.partition_point(|(begin, _)| *begin <= last.saturating_add(1));
        let joined = self.0[start..end]
            .iter()
            .fold((first, last), |joined, range| (joined.0.min(range.0), joined.1.max(range.1)));
        self.0.splice(start..end, [joined]);
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        for (first, last) in &other.0 {
            self.add(*first, *last);
        }
    }

    /// What is in `self` but not in `other`.
    #[must_use]
    pub(crate) fn without(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for &(first, last) in &self.0 {
            let mut next = Some(first);
            let near = &other.0[other.0.partition_point(|(_, end)| *end < first)..];
            for &(cut, end) in near.iter().take_while(|(cut, _)| *cut <= last) {
                let from = next.expect("ranges are sorted: only the last one can end at the largest number");
                if cut > from {
                    left.push((from, cut - 1));
                }
                next = end.checked_add(1);
            }
            if let Some(from) = next.filter(|from| *from <= last) {
                left.push((from, last));
            }
        }
        Self(left)
    }

    /// What is in both.
    #[must_use]
    pub(crate) fn within(&self, other: &Self) -> Self {
        let mut both = Vec::new();
        self.common(other, |first, last| {
            both.push((first, last));
            true
        });
        Self(both)
    }

    pub(crate) fn meets(&self, other: &Self) -> bool {
        let mut met = false;
        self.common(other, |_, _| {
            met = true;
            false
        });
        met
    }

    /// The ranges that are in both, in order, as long as more of them are wanted.
    fn common(&self, other: &Self, mut wants_more: impl FnMut(u128, u128) -> bool) {
        let (mut one, mut two) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(&&(begin, end)), Some(&&(start, stop))) = (one.peek(), two.peek()) {
            let (first, last) = (begin.max(start), end.min(stop));
            if first <= last && !wants_more(first, last) {
                return;
            }
            if end < stop {
                one.next()
            } else {
                two.next()
            };
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn first(&self) -> Option<u128> {
        self.0.first().map(|(first, _)| *first)
    }

    pub(crate) fn holds(&self, number: u128) -> bool {
        self.0
            .get(self.0.partition_point(|(_, last)| *last < number))
            .is_some_and(|(first, _)| *first <= number)
    }

    /// How many numbers; the whole of `u128` counts one too few.
    pub(crate) fn size(&self) -> u128 {
        self.0.iter().fold(0, |sum: u128, (first, last)| sum.saturating_add(last - first).saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every set of numbers below 8 (as bits), built from its single numbers.
    fn set(bits: u32) -> Ranges {
        let mut ranges = Ranges::default();
        // Not in order: adding must sort and join by itself.
        for n in [5, 0, 3, 7, 1, 6, 2, 4].into_iter().filter(|n| bits >> n & 1 == 1) {
            ranges.add(n, n);
        }
        ranges
    }

    #[test]
    fn agrees_with_bit_sets_on_all_small_sets() {
        for a in 0..256_u32 {
            assert_eq!(set(a).size(), u128::from(a.count_ones()));
            for b in 0..256_u32 {
                let mut union = set(a);
                union.add_all(&set(b));
                assert_eq!(union, set(a | b));
                assert_eq!(set(a).without(&set(b)), set(a & !b));
                assert_eq!(set(a).within(&set(b)), set(a & b));
                assert_eq!(set(a).meets(&set(b)), a & b != 0);
            }
        }
    }

    #[test]
    fn every_range_joins_every_small_set() {
        for a in 0..256_u32 {
            for first in 0..8 {
                for last in first..8 {
                    let mut ranges = set(a);
                    ranges.add(first, last);
                    let bits = (first..=last).fold(a, |bits, n| bits | 1 << n);
                    assert_eq!(ranges, set(bits), "{a:08b} + {first}..={last}");
                }
            }
        }
    }

    #[test]
    fn the_ends_of_the_number_line_hold() {
        let mut all = Ranges::default();
        all.add(0, u128::MAX);
        let mut top = Ranges::default();
        top.add(u128::MAX - 1, u128::MAX);
        assert!(top.without(&all).is_empty());
        assert_eq!(all.without(&top).size(), u128::MAX - 1);
        assert_eq!(all.within(&top), top);
    }
}
