//! Ports and protocols of rules.

use std::collections::BTreeSet;

/// From `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ports {
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Ports {
    pub(crate) const ALL: Self = Self { first: 0, last: 65535 };
    /// Where answers go: whatever range a client's system picks from, it lies in here.
    pub(crate) const EPHEMERAL: Self = Self { first: 1024, last: 65535 };

    pub(crate) fn one(port: i64) -> Self {
        Self { first: port, last: port }
    }

    /// As rules write them: absent, or -1, where all are meant.
    pub(crate) fn of(from: Option<i64>, to: Option<i64>) -> Self {
        let given = |port: Option<i64>| port.filter(|port| *port >= 0);
        Self { first: given(from).unwrap_or(Self::ALL.first), last: given(to).unwrap_or(Self::ALL.last) }
    }

    pub(crate) fn covers(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// `self`, split wherever one of `ranges` begins or ends: within a piece every port fares alike.
    pub(crate) fn pieces(self, ranges: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut starts = BTreeSet::from([self.first]);
        for range in ranges {
            starts.extend([range.first, range.last + 1]);
        }
        let starts: Vec<i64> =
            starts.into_iter().filter(|at| (self.first..=self.last).contains(at)).collect();
        let ends = starts.iter().skip(1).map(|next| next - 1).chain([self.last]);
        starts.iter().zip(ends).map(|(first, last)| Self { first: *first, last }).collect()
    }
}

/// A protocol by its name, where it has one: rules say `6` as well as `tcp`.
pub(crate) fn protocol(said: &str) -> &str {
    match said {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        "all" => "-1",
        other => other,
    }
}

/// Whether a rule for the protocol `said` is one for TCP.
pub(crate) fn is_tcp(said: &str) -> bool {
    matches!(protocol(said), "tcp" | "-1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_tile_the_whole_and_straddle_no_border() {
        let whole = Ports { first: 0, last: 6 };
        let all: Vec<Ports> =
            (0..8).flat_map(|first| (first..8).map(move |last| Ports { first, last })).collect();
        for a in &all {
            for b in &all {
                let pieces = whole.pieces([*a, *b]);
                assert_eq!(pieces[0].first, whole.first);
                assert_eq!(pieces[pieces.len() - 1].last, whole.last);
                assert!(pieces.windows(2).all(|pair| pair[0].last + 1 == pair[1].first));
                for piece in pieces {
                    for range in [a, b] {
                        let apart = piece.last < range.first || range.last < piece.first;
                        assert!(apart || range.covers(piece), "{piece:?} {range:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn absent_means_all() {
        assert_eq!(Ports::of(None, None), Ports::ALL);
        assert_eq!(Ports::of(Some(-1), Some(-1)), Ports::ALL);
        assert_eq!(Ports::of(Some(443), Some(443)), Ports::one(443));
    }

    #[test]
    fn numbers_are_names() {
        assert!(is_tcp("6") && is_tcp("tcp") && is_tcp("-1"));
        assert!(!is_tcp("17") && !is_tcp("udp"));
    }
}
