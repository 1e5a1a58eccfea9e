//! Against brute force: in a space of 2 protocols, 4 addresses and 4 ports of either side, every packet is looked at.

use super::*;
use crate::rules::net::cidr::Cidr;

const PROTOCOLS: [u8; 2] = [6, 17];
const ADDRESSES: u8 = 4;
const PORTS: u16 = 4;

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    /// A block of the small space, of 1, 2 or 4 addresses.
    fn block(&mut self, v6: bool) -> Addresses {
        let length = self.below(3);
        let first = self.below(4) >> length << length;
        let text = if v6 {
            format!("2001:db8::{first}/{}", 128 - length)
        } else {
            format!("192.0.2.{first}/{}", 32 - length)
        };
        let mut addresses = Addresses::default();
        addresses.add(&Cidr::parse(&text).expect("a block"));
        addresses
    }

    fn ports(&mut self) -> Ports {
        let (one, two) = (self.below(4), self.below(4));
        Ports {
            first: one.min(two).try_into().expect("small"),
            last: one.max(two).try_into().expect("small"),
        }
    }

    fn rule(&mut self) -> Headers {
        let v6 = self.below(2) == 1;
        let protocols =
            [Protocols::TCP, Protocols::UDP, Protocols::All][usize::try_from(self.below(3)).expect("small")];
        Headers::of(protocols, &self.block(v6), &self.block(v6), self.ports(), self.ports())
    }

    /// A set of up to four rules, some of them taken out again.
    fn set(&mut self) -> Headers {
        let mut set = Headers::none();
        for _ in 0..self.below(4) {
            set.add(&self.rule());
            if self.below(4) == 0 {
                set = set.without(&self.rule());
            }
        }
        set
    }
}

/// Every packet of the small space, of both families.
fn space() -> Vec<Packet> {
    let mut all = Vec::new();
    for v6 in [false, true] {
        let address = |at: u8| -> IpAddr {
            if v6 {
                Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, at.into()).into()
            } else {
                Ipv4Addr::new(192, 0, 2, at).into()
            }
        };
        for protocol in PROTOCOLS {
            for (from, to) in (0..ADDRESSES).flat_map(|from| (0..ADDRESSES).map(move |to| (from, to))) {
                for source_port in 0..PORTS {
                    all.extend((0..PORTS).map(|destination_port| Packet {
                        protocol,
                        source: address(from),
                        destination: address(to),
                        source_port,
                        destination_port,
                    }));
                }
            }
        }
    }
    all
}

fn disjoint(set: &Headers) -> bool {
    set.0.iter().enumerate().all(|(at, one)| set.0[at + 1..].iter().all(|two| one.within(two).is_none()))
}

#[test]
fn sets_agree_with_brute_force_packet_by_packet() {
    let (mut numbers, space) = (Numbers(1), space());
    for round in 0..400 {
        let (a, b) = (numbers.set(), numbers.set());
        let (union, common, left) = (a.clone().with(&b), a.within(&b), a.without(&b));
        assert!([&a, &union, &common, &left].into_iter().all(disjoint), "round {round}");
        let (mut meets, mut covers) = (false, true);
        for packet in &space {
            let (in_a, in_b) = (a.holds(packet), b.holds(packet));
            assert_eq!(union.holds(packet), in_a || in_b, "round {round}: {packet}");
            assert_eq!(common.holds(packet), in_a && in_b, "round {round}: {packet}");
            assert_eq!(left.holds(packet), in_a && !in_b, "round {round}: {packet}");
            meets |= in_a && in_b;
            covers &= in_a || !in_b;
            let answer = Packet {
                source: packet.destination,
                destination: packet.source,
                source_port: packet.destination_port,
                destination_port: packet.source_port,
                ..*packet
            };
            assert_eq!(a.answers().holds(&answer), in_a, "round {round}: {packet}");
        }
        // All rules lie within the small space but for their protocols: what is common shows there.
        assert_eq!(a.meets(&b), !common.is_empty(), "round {round}");
        assert!(!meets || a.meets(&b), "round {round}");
        assert!(covers || !a.covers(&b), "round {round}");
    }
}

/// The packet with another value in one field.
fn changed(packet: &Packet, field: Field, value: u16) -> Packet {
    let small = u8::try_from(value).unwrap_or_default();
    let address = |old: IpAddr| -> IpAddr {
        match old {
            IpAddr::V4(_) => Ipv4Addr::new(192, 0, 2, small).into(),
            IpAddr::V6(_) => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, value).into(),
        }
    };
    let mut new = *packet;
    match field {
        Field::Protocol => new.protocol = small,
        Field::Source => new.source = address(packet.source),
        Field::Destination => new.destination = address(packet.destination),
        Field::SourcePort => new.source_port = value,
        Field::DestinationPort => new.destination_port = value,
    }
    new
}

#[test]
fn quantified_fields_agree_with_brute_force() {
    let (mut numbers, space) = (Numbers(2), space());
    // Every packet of the small space, as a set.
    let mut whole = Headers::none();
    for v6 in [false, true] {
        let (mut block, all) = (Addresses::default(), Ports { first: 0, last: 3 });
        let text = if v6 { "2001:db8::/126" } else { "192.0.2.0/30" };
        block.add(&Cidr::parse(text).expect("a block"));
        for protocol in [Protocols::TCP, Protocols::UDP] {
            whole.add(&Headers::of(protocol, &block, &block, all, all));
        }
    }
    let fields: [(Field, &[u16]); 5] = [
        (Field::Protocol, &[6, 17]),
        (Field::Source, &[0, 1, 2, 3]),
        (Field::Destination, &[0, 1, 2, 3]),
        (Field::SourcePort, &[0, 1, 2, 3]),
        (Field::DestinationPort, &[0, 1, 2, 3]),
    ];
    for round in 0..150 {
        let set = numbers.set().within(&whole);
        for (field, values) in fields {
            let (some, every) = (set.whatever(field), set.for_every(field, &whole));
            for packet in &space {
                let variants = || values.iter().map(|value| set.holds(&changed(packet, field, *value)));
                assert_eq!(
                    some.holds(packet),
                    variants().any(|it| it),
                    "round {round}: {field:?} of {packet}"
                );
                assert_eq!(
                    every.holds(packet),
                    variants().all(|it| it),
                    "round {round}: {field:?} of {packet}"
                );
            }
        }
    }
}

#[test]
fn equal_sets_are_equal_however_they_are_cut() {
    let block = |text: &str| {
        let mut addresses = Addresses::default();
        addresses.add(&Cidr::parse(text).expect("a block"));
        addresses
    };
    let all = block("0.0.0.0/0");
    let set = |to: &str| Headers::of(Protocols::TCP, &all, &block(to), Ports::ALL, Ports::one(443));
    let halves = set("10.0.0.0/9").with(&set("10.128.0.0/9"));
    assert_eq!(halves, set("10.0.0.0/8"));
    assert_eq!(halves.pieces(), 1, "what fits together is joined");
    assert_ne!(halves, set("10.0.0.0/7"));
    assert_eq!(Headers::everything().without(&Headers::everything()), Headers::none());
}

#[test]
fn a_sample_lies_in_its_set_and_reads_well() {
    let mut numbers = Numbers(3);
    for _ in 0..200 {
        let set = numbers.set();
        assert!(set.sample().is_none_or(|packet| set.holds(&packet)));
        assert_eq!(set.sample().is_none(), set.is_empty());
    }
    let packet = Packet {
        protocol: 6,
        source: Ipv6Addr::LOCALHOST.into(),
        destination: Ipv6Addr::LOCALHOST.into(),
        source_port: 1024,
        destination_port: 443,
    };
    assert_eq!(packet.to_string(), "tcp [::1]:1024 → [::1]:443");
    assert_eq!(Packet { protocol: 58, ..packet }.to_string(), "icmpv6 ::1 → ::1");
}
