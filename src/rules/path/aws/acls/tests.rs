//! Against a look at every packet of a small space.

use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::model::kind::Kind;
use crate::rules::net::cidr::Cidr;
use crate::rules::path::headers::Packet;
use crate::rules::testing::{Scene, open_acl, the};

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % end).expect("small")
    }

    fn entry(&mut self) -> AclEntry {
        let (one, two) = (self.below(4), self.below(4));
        let length = self.below(3);
        let protocol = ["6", "17", "-1"][usize::try_from(self.below(3)).expect("small")];
        AclEntry {
            number: self.below(50),
            egress: self.below(2) == 0,
            allow: self.below(2) == 0,
            protocol: protocol.to_owned(),
            cidr: Some(format!("192.0.2.{}/{}", self.below(4) >> length << length, 32 - length)),
            ipv6_cidr: None,
            from: Some(one.min(two)),
            to: Some(one.max(two)),
        }
    }
}

fn packets() -> Vec<Packet> {
    let address = |number| IpAddr::from(Ipv4Addr::new(192, 0, 2, number));
    let mut all = Vec::new();
    for protocol in [6, 17] {
        for (source, destination) in (0..4).flat_map(|one| (0..4).map(move |two| (one, two))) {
            for destination_port in 0..4 {
                let (source, destination) = (address(source), address(destination));
                all.push(Packet { protocol, source, destination, source_port: 2, destination_port });
            }
        }
    }
    all
}

/// What the first of the entries that meets the packet says.
fn allowed(entries: &[AclEntry], egress: bool, packet: &Packet) -> bool {
    let peer = if egress { packet.destination } else { packet.source };
    let IpAddr::V4(peer) = peer else { return false };
    let mut met: Vec<&AclEntry> = entries
        .iter()
        .filter(|entry| {
            let block = Cidr::parse(entry.cidr.as_deref().unwrap_or_default()).expect("a block");
            let mut addresses = Addresses::default();
            addresses.add(&block);
            let all = entry.protocol == "-1";
            let port = i64::from(packet.destination_port);
            let ports = entry.from.unwrap_or_default()..=entry.to.unwrap_or_default();
            entry.egress == egress
                && addresses.v4.holds(u32::from(peer).into())
                && (all || entry.protocol == packet.protocol.to_string())
                && (all || ports.contains(&port))
        })
        .collect();
    met.sort_by_key(|entry| entry.number);
    met.first().is_some_and(|entry| entry.allow)
}

#[test]
fn every_packet_fares_as_the_first_entry_that_meets_it_says() {
    let (mut numbers, packets) = (Numbers(11), packets());
    let mut through = 0;
    for round in 0..100 {
        let entries: Vec<AclEntry> = (0..numbers.below(7)).map(|_| numbers.entry()).collect();
        let facts = NetworkAcl { entries: entries.clone(), ..open_acl(&["subnet-a"]) };
        let snapshot = Scene::new().with("acl-1", facts).snapshot();
        let acl = the(&snapshot, Kind::NetworkAcl, "acl-1");
        for direction in [Direction::Egress, Direction::Ingress] {
            let judged = judge(acl, direction, Headers::everything());
            assert!(judged.open.is_empty(), "all of it is told");
            let egress = matches!(direction, Direction::Egress);
            for packet in &packets {
                let holds = |parts: &[(Headers, Evidence)]| parts.iter().any(|(part, _)| part.holds(packet));
                let expected = allowed(&entries, egress, packet);
                assert_eq!(holds(&judged.allowed), expected, "round {round}: {packet} by {entries:?}");
                assert!(!(expected && holds(&judged.denied)), "round {round}: {packet} by {entries:?}");
                through += usize::from(expected);
            }
        }
    }
    assert!(through > 1_000, "few packets came through: {through}");
}
