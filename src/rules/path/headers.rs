//! Sets of packet headers, exact: protocol, source, destination and both ports, for IPv4 and IPv6 side by side.
//!
//! A set is a list of cubes that don't overlap; a cube is a product of one set of numbers for each dimension. Union,
//! intersection and difference of such are such again.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::rules::net::cidr::Addresses;
use crate::rules::net::ports::Ports;
use crate::rules::net::ranges::Ranges;

/// What a header says. Protocols without ports have all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Protocol,
    Source,
    Destination,
    SourcePort,
    DestinationPort,
}

const FIELDS: usize = 5;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Cube {
    v6: bool,
    /// In the order of `Field`; none is empty.
    sides: [Ranges; FIELDS],
}

impl Cube {
    fn meets(&self, other: &Self) -> bool {
        let mut fields = self.sides.iter().zip(&other.sides).rev();
        self.v6 == other.v6 && fields.all(|(one, two)| one.meets(two))
    }

    fn within(&self, other: &Self) -> Option<Self> {
        if !self.meets(other) {
            return None;
        }
        let mut sides = self.sides.clone();
        for (side, limit) in sides.iter_mut().zip(&other.sides) {
            *side = side.within(limit);
        }
        Some(Self { v6: self.v6, sides })
    }

    /// What is left without another: for each field in turn, what differs there and agreed before.
    fn without(&self, other: &Self) -> Vec<Self> {
        let Some(common) = self.within(other) else { return vec![self.clone()] };
        let mut left = Vec::new();
        let mut rest = self.clone();
        for field in 0..FIELDS {
            let outside = rest.sides[field].without(&common.sides[field]);
            if !outside.is_empty() {
                let mut piece = rest.clone();
                piece.sides[field] = outside;
                left.push(piece);
            }
            rest.sides[field].clone_from(&common.sides[field]);
        }
        left
    }

    /// Takes in another that differs in one field alone.
    fn join(&mut self, other: &Self) -> bool {
        if self.v6 != other.v6 {
            return false;
        }
        let mut differing = (0..FIELDS).filter(|field| self.sides[*field] != other.sides[*field]);
        match (differing.next(), differing.next()) {
            (Some(field), None) => {
                self.sides[field].add_all(&other.sides[field]);
                true
            }
            (None, _) => true,
            _ => false,
        }
    }
}

/// A set of packets.
#[derive(Clone, Debug, Default)]
pub struct Headers(Vec<Cube>);

impl Headers {
    pub fn none() -> Self {
        Self::default()
    }

    /// Every packet there can be.
    pub fn everything() -> Self {
        let all = Addresses::everything();
        Self::of(Protocols::All, &all, &all, Ports::ALL, Ports::ALL)
    }

    pub(crate) fn of(
        protocols: Protocols,
        sources: &Addresses,
        destinations: &Addresses,
        from: Ports,
        to: Ports,
    ) -> Self {
        let families =
            [(false, &sources.v4, &destinations.v4), (true, &sources.v6, &destinations.v6)].into_iter();
        let cubes = families.map(|(v6, source, destination)| Cube {
            v6,
            sides: [protocols.numbers(), source.clone(), destination.clone(), numbers(from), numbers(to)],
        });
        Self(cubes.filter(|cube| cube.sides.iter().all(|side| !side.is_empty())).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The cubes it is kept in: a measure of the work that it takes.
    pub fn pieces(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        let mut common = Self::none();
        for one in &self.0 {
            common.0.extend(other.0.iter().filter_map(|two| one.within(two)));
        }
        common
    }

    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut left = self.0.clone();
        for cut in &other.0 {
            // Most cuts meet few cubes: the others stay where they are.
            let mut pieces = Vec::new();
            left.retain(|cube| {
                let whole = !cube.meets(cut);
                if !whole {
                    pieces.extend(cube.without(cut));
                }
                whole
            });
            left.append(&mut pieces);
        }
        Self(left)
    }

    pub fn add(&mut self, other: &Self) {
        for new in other.without(self).0 {
            if !self.0.iter_mut().any(|known| known.join(&new)) {
                self.0.push(new);
            }
        }
    }

    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        self.add(other);
        self
    }

    pub fn covers(&self, other: &Self) -> bool {
        other.without(self).is_empty()
    }

    pub fn meets(&self, other: &Self) -> bool {
        self.0.iter().any(|one| other.0.iter().any(|two| one.meets(two)))
    }

    /// The answers to these packets: source and destination changed places.
    #[must_use]
    pub fn answers(&self) -> Self {
        let turned = self.0.iter().map(|cube| {
            let [protocol, source, destination, from, to] = cube.sides.clone();
            Cube { v6: cube.v6, sides: [protocol, destination, source, to, from] }
        });
        Self(turned.collect())
    }

    /// The packets for which there is one in the set that differs in this field at most.
    #[must_use]
    pub fn whatever(&self, field: Field) -> Self {
        let mut all = Self::none();
        for cube in &self.0 {
            let mut wide = cube.clone();
            wide.sides[field as usize] = span(field, cube.v6);
            all.add(&Self(vec![wide]));
        }
        all
    }

    /// The packets that are in the set with every one of these values in a field, whatever their own is.
    #[must_use]
    pub(crate) fn for_every(&self, field: Field, values: &Self) -> Self {
        Self::everything().without(&values.without(self).whatever(field))
    }

    /// One packet of the set, to be shown.
    pub fn sample(&self) -> Option<Packet> {
        let cube = self.0.first()?;
        let first = |field: Field| cube.sides[field as usize].first().unwrap_or_default();
        let address = |field| {
            let number = first(field);
            if cube.v6 {
                IpAddr::V6(Ipv6Addr::from(number))
            } else {
                IpAddr::V4(Ipv4Addr::from(u32::try_from(number).unwrap_or_default()))
            }
        };
        let small = |field| u16::try_from(first(field)).unwrap_or_default();
        Some(Packet {
            protocol: u8::try_from(first(Field::Protocol)).unwrap_or_default(),
            source: address(Field::Source),
            destination: address(Field::Destination),
            source_port: small(Field::SourcePort),
            destination_port: small(Field::DestinationPort),
        })
    }

    pub fn holds(&self, packet: &Packet) -> bool {
        let (v6, source, destination) = match (packet.source, packet.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                (false, u128::from(u32::from(source)), u128::from(u32::from(destination)))
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => (true, source.into(), destination.into()),
            _ => return false,
        };
        let values = [
            packet.protocol.into(),
            source,
            destination,
            packet.source_port.into(),
            packet.destination_port.into(),
        ];
        let inside = |cube: &Cube| cube.sides.iter().zip(values).all(|(side, value)| side.holds(value));
        self.0.iter().any(|cube| cube.v6 == v6 && inside(cube))
    }
}

impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.covers(other) && other.covers(self)
    }
}

fn numbers(ports: Ports) -> Ranges {
    let number = |port: i64| u128::from(u16::try_from(port.clamp(0, 65535)).unwrap_or_default());
    let mut ranges = Ranges::default();
    if ports.first <= ports.last {
        ranges.add(number(ports.first), number(ports.last));
    }
    ranges
}

/// All that a field can say.
fn span(field: Field, v6: bool) -> Ranges {
    let last = match field {
        Field::Protocol => 255,
        Field::Source | Field::Destination if v6 => u128::MAX,
        Field::Source | Field::Destination => u128::from(u32::MAX),
        Field::SourcePort | Field::DestinationPort => 65535,
    };
    let mut all = Ranges::default();
    all.add(0, last);
    all
}

/// Protocols as rules name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocols {
    All,
    One(u8),
}

impl Protocols {
    pub const TCP: Self = Self::One(6);
    pub const UDP: Self = Self::One(17);

    /// By name or number; `-1`, `*`, `any` and `all` are all of them.
    pub fn parse(said: &str) -> Option<Self> {
        let said = said.to_ascii_lowercase();
        if let Ok(number) = said.parse() {
            return Some(Self::One(number));
        }
        let known = NAMES.iter().find(|(_, name)| *name == said).map(|(number, _)| Self::One(*number));
        known.or_else(|| matches!(said.as_str(), "-1" | "*" | "any" | "all").then_some(Self::All))
    }

    /// Whether its packets have ports.
    pub fn has_ports(self) -> bool {
        matches!(self, Self::One(6 | 17 | 132))
    }

    fn numbers(self) -> Ranges {
        match self {
            Self::All => span(Field::Protocol, false),
            Self::One(number) => {
                let mut one = Ranges::default();
                one.add(number.into(), number.into());
                one
            }
        }
    }
}

const NAMES: &[(u8, &str)] =
    &[(1, "icmp"), (6, "tcp"), (17, "udp"), (50, "esp"), (51, "ah"), (58, "icmpv6"), (132, "sctp")];

/// One packet's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    pub protocol: u8,
    pub source: IpAddr,
    pub destination: IpAddr,
    pub source_port: u16,
    pub destination_port: u16,
}

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(number, _)| *number == self.protocol) {
            Some((_, name)) => f.write_str(name)?,
            None => write!(f, "protocol {}", self.protocol)?,
        }
        if !Protocols::One(self.protocol).has_ports() {
            return write!(f, " {} → {}", self.source, self.destination);
        }
        let end = |address: IpAddr, port: u16| match address {
            IpAddr::V4(address) => format!("{address}:{port}"),
            IpAddr::V6(address) => format!("[{address}]:{port}"),
        };
        let source = end(self.source, self.source_port);
        write!(f, " {source} → {}", end(self.destination, self.destination_port))
    }
}

#[cfg(test)]
mod tests;
