//! CIDR blocks and sets of addresses, IPv4 and IPv6 side by side.

use std::net::IpAddr;

use crate::model::kind::Resource;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;

use super::ranges::Ranges;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cidr {
    v6: bool,
    first: u128,
    last: u128,
    pub(crate) prefix: u32,
}

impl Cidr {
    /// Reads `10.0.0.0/8`, `2001:db8::/32` or a lone address. Bits behind the prefix don't matter.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let (v6, width, address) = match address.parse().ok()? {
            IpAddr::V4(v4) => (false, 32, u128::from(u32::from(v4))),
            IpAddr::V6(v6) => (true, 128, u128::from(v6)),
        };
        let prefix = prefix.unwrap_or(width);
        let host = match width.checked_sub(prefix)? {
            128 => u128::MAX,
            bits => (1 << bits) - 1,
        };
        Some(Self { v6, first: address & !host, last: address | host, prefix })
    }
}

/// How much of what was asked for lies in a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    All,
    Part,
    None,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Addresses {
    pub(crate) v4: Ranges,
    pub(crate) v6: Ranges,
}

/// Not of the public internet. Blocks for documentation are left in: they are tiny, and so are the networks that use
/// them by mistake.
const NOT_PUBLIC_V4: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/3",
];
/// All that is handed out of the IPv6 space.
const PUBLIC_V6: &str = "2000::/3";

impl Addresses {
    pub(crate) fn add(&mut self, cidr: &Cidr) {
        let family = if cidr.v6 { &mut self.v6 } else { &mut self.v4 };
        family.add(cidr.first, cidr.last);
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        self.v4.add_all(&other.v4);
        self.v6.add_all(&other.v6);
    }

    /// Adds blocks that `told_by` names. One that can't be read is a gap: it may be any address.
    pub(crate) fn add_blocks<'a>(
        &mut self,
        blocks: impl IntoIterator<Item = &'a String>,
        told_by: &Resource,
    ) -> Result<(), Gap> {
        blocks.into_iter().try_for_each(|block| {
            let cidr = Cidr::parse(block)
                .ok_or_else(|| undecided(told_by, format!("{block:?} is no block of addresses")))?;
            self.add(&cidr);
            Ok(())
        })
    }

    #[must_use]
    pub(crate) fn without(&self, other: &Self) -> Self {
        Self { v4: self.v4.without(&other.v4), v6: self.v6.without(&other.v6) }
    }

    #[must_use]
    pub(crate) fn within(&self, other: &Self) -> Self {
        Self { v4: self.v4.within(&other.v4), v6: self.v6.within(&other.v6) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// How much of `asked` is in here. Nothing is never all of it.
    pub(crate) fn share_of(&self, asked: &Self) -> Share {
        let missing = asked.without(self);
        if missing == *asked {
            Share::None
        } else if missing.is_empty() {
            Share::All
        } else {
            Share::Part
        }
    }

    /// The public internet.
    pub(crate) fn public() -> Self {
        let mut public = Self::public_v4();
        public.add(&Cidr::parse(PUBLIC_V6).expect("a constant"));
        public
    }

    /// The public internet's IPv4 half.
    pub(crate) fn public_v4() -> Self {
        let mut all = Self::default();
        all.add(&Cidr::parse("0.0.0.0/0").expect("a constant"));
        let mut not_public = Self::default();
        for block in NOT_PUBLIC_V4 {
            not_public.add(&Cidr::parse(block).expect("a constant"));
        }
        all.without(&not_public)
    }

    pub(crate) fn everything() -> Self {
        let mut all = Self::default();
        for block in ["0.0.0.0/0", "::/0"] {
            all.add(&Cidr::parse(block).expect("a constant"));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(blocks: &[&str]) -> Addresses {
        let mut set = Addresses::default();
        for block in blocks {
            set.add(&Cidr::parse(block).expect("a block"));
        }
        set
    }

    #[test]
    fn blocks_have_the_size_their_prefix_says() {
        for prefix in 0..=32 {
            let block = set(&[&format!("203.0.113.77/{prefix}")]);
            assert_eq!(block.v4.size(), 1 << (32 - prefix));
        }
        for prefix in 1..=128 {
            let block = set(&[&format!("2001:db8::77/{prefix}")]);
            assert_eq!(block.v6.size(), 1 << (128 - prefix));
        }
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "pl-1", "10.0.0.0/", "10.0.0.0/-1"] {
            assert_eq!(Cidr::parse(text), None, "{text}");
        }
    }

    #[test]
    fn two_halves_make_a_whole_in_any_order() {
        assert_eq!(set(&["128.0.0.0/1", "0.0.0.0/1"]), set(&["0.0.0.0/0"]));
        assert_eq!(set(&["::/1", "8000::/1"]), set(&["::/0"]));
    }

    #[test]
    fn families_never_mix() {
        assert_eq!(set(&["0.0.0.0/0"]).share_of(&set(&["::a00:0/104"])), Share::None);
    }

    #[test]
    fn shares() {
        let ten = set(&["10.0.0.0/8"]);
        assert_eq!(ten.share_of(&set(&["10.1.0.0/16"])), Share::All);
        assert_eq!(ten.share_of(&set(&["10.1.0.0/16", "11.0.0.0/16"])), Share::Part);
        assert_eq!(ten.share_of(&set(&["11.0.0.0/16"])), Share::None);
        assert_eq!(ten.share_of(&Addresses::default()), Share::None);
    }

    #[test]
    fn private_blocks_are_not_public() {
        let public = Addresses::public();
        for block in NOT_PUBLIC_V4.iter().copied().chain(["fc00::/7", "fe80::/10", "::1"]) {
            assert_eq!(public.share_of(&set(&[block])), Share::None, "{block}");
        }
        assert_eq!(public.share_of(&set(&["8.8.8.8", "2600::/16"])), Share::All);
    }
}
