//! What can be asked of the ways that packets take: which packets, between which kinds, and what must come of it.

mod ends;

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::ends::{ENDS, End, end};

/// The name of everything outside, as designs and commands write it.
pub const INTERNET: &str = "internet";

/// What must come of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// Every packet that is meant arrives.
    Reachable,
    /// None does.
    Unreachable,
}

impl Expect {
    pub const ALL: [Self; 2] = [Self::Reachable, Self::Unreachable];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Unreachable => "unreachable",
        }
    }
}

/// The packets that are asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packets {
    pub protocol: Protocol,
    /// Of the end that is asked; empty: its own where they must arrive, all where none may.
    pub ports: Vec<PortRange>,
    /// Where they come from; empty: wherever the one end is.
    pub sources: Vec<Block>,
    /// Where they go to; empty: wherever the other end is.
    pub destinations: Vec<Block>,
}

/// A protocol by its number, or all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    #[default]
    Any,
    Number(u8),
}

/// From `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortRange {
    pub first: u16,
    pub last: u16,
}

/// A block of addresses: nothing stands behind its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    pub network: IpAddr,
    pub prefix: u8,
}

/// A part of what is said of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Port,
    Source,
    Destination,
}

const ICMP: Protocol = Protocol::Number(1);
const ICMP_V6: Protocol = Protocol::Number(58);

impl Protocol {
    pub const TCP: Self = Self::Number(6);
    pub const UDP: Self = Self::Number(17);
    /// Those that have names here.
    pub const NAMED: [(&'static str, Self); 5] =
        [("tcp", Self::TCP), ("udp", Self::UDP), ("icmp", ICMP), ("icmpv6", ICMP_V6), ("any", Self::Any)];

    pub fn has_ports(self) -> bool {
        matches!(self, Self::TCP | Self::UDP)
    }
}

impl FromStr for Protocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::NAMED.into_iter().find(|(name, _)| *name == text).map(|(_, protocol)| protocol);
        named.or_else(|| text.parse().ok().map(Self::Number)).ok_or_else(|| {
            format!("there is no protocol `{text}`: write tcp, udp, icmp, icmpv6, any or a number up to 255")
        })
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (Self::NAMED.iter().find(|(_, protocol)| protocol == self), self) {
            (Some((name, _)), _) => f.write_str(name),
            (None, Self::Number(number)) => write!(f, "protocol {number}"),
            (None, Self::Any) => f.write_str("any"),
        }
    }
}

impl PortRange {
    pub fn one(port: u16) -> Self {
        Self { first: port, last: port }
    }
}

impl FromStr for PortRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |said: &str| said.parse::<u16>().ok();
        let range = match text.split_once('-') {
            None => number(text).map(Self::one),
            Some((first, last)) => number(first).zip(number(last)).map(|(first, last)| Self { first, last }),
        };
        match range {
            Some(range) if range.first <= range.last => Ok(range),
            Some(_) => Err(format!("no port is in `{text}`")),
            None => Err(format!("`{text}` is no port: write 443 or 8000-8080, up to 65535")),
        }
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last } = self;
        if first == last { write!(f, "{first}") } else { write!(f, "{first}-{last}") }
    }
}

impl Block {
    /// Its bits from the left: how many there are, the first address and the last.
    fn bits(network: IpAddr) -> (u8, u128) {
        match network {
            IpAddr::V4(v4) => (32, u128::from(u32::from(v4))),
            IpAddr::V6(v6) => (128, u128::from(v6)),
        }
    }
}

impl FromStr for Block {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no block of addresses: write 10.0.0.0/8 or 2001:db8::/32");
        let (network, prefix) = match text.split_once('/') {
            Some((network, prefix)) => (network, Some(prefix.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let network: IpAddr = network.parse().map_err(|_| wrong())?;
        let (width, address) = Self::bits(network);
        let prefix = prefix.unwrap_or(width);
        let behind = width.checked_sub(prefix).ok_or_else(wrong)?;
        let host = if behind == 128 { u128::MAX } else { (1 << behind) - 1 };
        if address & host != 0 {
            let first = match network {
                IpAddr::V4(_) => {
                    let bits = u32::try_from(address & !host).expect("fewer bits than it had before");
                    IpAddr::from(bits.to_be_bytes())
                }
                IpAddr::V6(_) => IpAddr::from((address & !host).to_be_bytes()),
            };
            return Err(format!("`{text}` has bits behind its prefix: the block is {first}/{prefix}"));
        }
        Ok(Self { network, prefix })
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

/// Whether there is any packet like this, or what is wrong with it.
pub fn contradiction(
    protocol: Protocol,
    ports: bool,
    sources: &[Block],
    destinations: &[Block],
) -> Option<(Part, String)> {
    if ports && !protocol.has_ports() {
        return Some((Part::Port, format!("{protocol} has no ports: they take tcp or udp")));
    }
    let family = match protocol {
        ICMP => Some(false),
        ICMP_V6 => Some(true),
        _ => None,
    };
    for (part, blocks) in [(Part::Source, sources), (Part::Destination, destinations)] {
        if let Some(stranger) =
            blocks.iter().find(|block| family.is_some_and(|v6| block.network.is_ipv6() != v6))
        {
            return Some((part, format!("{protocol} never has an address like {stranger}")));
        }
    }
    let shared = |v6| {
        [sources, destinations]
            .iter()
            .all(|blocks| blocks.is_empty() || blocks.iter().any(|block| block.network.is_ipv6() == v6))
    };
    (!shared(false) && !shared(true)).then(|| {
        (Part::Destination, "no packet has a source of one family and a destination of the other".to_owned())
    })
}

impl fmt::Display for Packets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn list<T: fmt::Display>(all: &[T]) -> String {
            all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        write!(f, "{}", self.protocol)?;
        for (word, said) in
            [("to port", list(&self.ports)), ("from", list(&self.sources)), ("to", list(&self.destinations))]
        {
            if !said.is_empty() {
                write!(f, " {word} {said}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
