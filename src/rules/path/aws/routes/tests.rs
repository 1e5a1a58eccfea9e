//! Against a look at every address: sixteen of IPv4, sixteen of IPv6, and tables of random routes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::*;
use crate::rules::path::headers::Packet;
use crate::rules::testing::{Scene, prefix_list as list, route_table as table, the};

const TARGETS: &[&str] = &["local", "nat-1", "igw-1", "vgw-1", "eni-1"];

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn block(&mut self) -> String {
        let length = self.below(5);
        let first = self.below(16) >> length << length;
        if self.below(3) == 0 {
            format!("2001:db8::{first:x}/{}", 128 - length)
        } else {
            format!("192.0.2.{first}/{}", 32 - length)
        }
    }
}

fn address(v6: bool, number: u8) -> IpAddr {
    if v6 {
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, number.into()).into()
    } else {
        Ipv4Addr::new(192, 0, 2, number).into()
    }
}

fn holds(addresses: &Addresses, address: IpAddr) -> bool {
    let port = 1;
    let packet = Packet {
        protocol: 6,
        source: address,
        destination: address,
        source_port: port,
        destination_port: port,
    };
    to_addresses(addresses).holds(&packet)
}

fn block(text: &str) -> Addresses {
    let mut addresses = Addresses::default();
    addresses.add(&Cidr::parse(text).expect("a block"));
    addresses
}

/// What the packet's route is, looked up by the rules as they are written down.
fn looked_up<'r>(routes: &'r [(String, &'static str)], address: IpAddr) -> Option<&'r str> {
    let local = routes.iter().any(|(to, target)| *target == "local" && holds(&block(to), address));
    let mut best: Option<(u32, bool, &str)> = None;
    for (to, target) in routes {
        let told = *target == "vgw-1";
        if !holds(&block(to), address) || (told && local) {
            continue;
        }
        let prefix = Cidr::parse(to).expect("a block").prefix;
        let better = best.is_none_or(|(longest, by_telling, _)| {
            prefix > longest || (prefix == longest && by_telling && !told)
        });
        if better {
            best = Some((prefix, told, target));
        }
    }
    best.map(|(_, _, target)| target)
}

#[test]
fn every_address_goes_by_its_longest_prefix() {
    let mut numbers = Numbers(7);
    let mut all = block("192.0.2.0/28");
    all.add_all(&block("2001:db8::/124"));
    let mut taken = 0;
    for round in 0..300 {
        let count = numbers.below(7);
        let routes: Vec<(String, &'static str)> = (0..count)
            .map(|_| {
                let at = usize::try_from(numbers.below(TARGETS.len() as u64)).expect("small");
                (numbers.block(), TARGETS[at])
            })
            .collect();
        let named: Vec<(&str, &str)> = routes.iter().map(|(to, target)| (to.as_str(), *target)).collect();
        let snapshot = Scene::new().with("rtb-1", table("vpc-1", &[], &named)).snapshot();
        let world = World::new(&snapshot);
        let split = split(the(&snapshot, Kind::RouteTable, "rtb-1"), &all, &world);
        for number in 0..16 {
            for v6 in [false, true] {
                let address = address(v6, number);
                let by: Vec<&str> = split
                    .taken
                    .iter()
                    .filter(|(addresses, _)| holds(addresses, address))
                    .map(|(_, route)| route.target.as_str())
                    .collect();
                let expected: Vec<&str> = looked_up(&routes, address).into_iter().collect();
                assert_eq!(by, expected, "round {round}: {address} by {routes:?}");
                assert_eq!(holds(&split.rest, address), expected.is_empty(), "round {round}: {address}");
                taken += expected.len();
            }
        }
    }
    assert!(taken > 1_000, "few addresses had a route: {taken}");
}

#[test]
fn a_list_gives_way_to_a_block_of_the_same_length_alone() {
    let routes = [("192.0.2.0/29", "nat-1"), ("pl-1", "eni-1"), ("pl-2", "tgw-1")];
    let snapshot = Scene::new()
        .with("rtb-1", table("vpc-1", &[], &routes))
        .with("pl-1", list(&["192.0.2.0/29", "192.0.2.4/30"]))
        .snapshot();
    let world = World::new(&snapshot);
    let split = split(the(&snapshot, Kind::RouteTable, "rtb-1"), &block("192.0.2.0/28"), &world);
    let by = |number| {
        let found = split.taken.iter().find(|(addresses, _)| holds(addresses, address(false, number)));
        found.map(|(_, route)| route.target.as_str())
    };
    assert_eq!((by(0), by(4), by(8)), (Some("nat-1"), Some("eni-1"), None));
    let untold: Vec<&str> = split.untold.iter().map(|(route, _)| route.target.as_str()).collect();
    assert_eq!(untold, ["tgw-1"], "the list that is not read");
}
