//! From the internet.

use super::outward::{public, v6};
use super::*;
use crate::rules::testing::acl_entry;

const ANY: &[&str] = &["0.0.0.0/0"];

#[test]
fn in_by_the_internet_gateway() {
    let (all, _) = both(&net().with(public), Internet, Web, &Traffic::tcp(443));
    assert_eq!((all.answer.as_str(), all.hops), ("yes", texts(&["internet", "igw-1", "subnet-a", "web"])));
    check(
        Internet,
        Web,
        443,
        &[
            ("open", public, "yes", "yes"),
            (
                "no public address",
                |n| {
                    public(n);
                    n.web = |_| {};
                },
                "no-address",
                "no-address",
            ),
            (
                "an address that is not told",
                |n| {
                    public(n);
                    n.web =
                        |site| site.public = Public::Untold(undecided(site.of, "its address is not told"));
                },
                "open",
                "open",
            ),
            (
                "no gateway",
                |n| {
                    public(n);
                    n.gateways.clear();
                },
                "gateway-elsewhere",
                "gateway-elsewhere",
            ),
            (
                "answers go to the NAT gateway",
                |n| {
                    public(n);
                    n.routes(&[("0.0.0.0/0", "nat-1")]);
                },
                "no-route",
                "no-route",
            ),
            (
                "answers go to another network's gateway",
                |n| {
                    public(n);
                    n.routes(&[("0.0.0.0/0", "igw-9")]);
                },
                "no-route",
                "no-route",
            ),
            (
                "answers go to a transit gateway",
                |n| {
                    public(n);
                    n.routes(&[("0.0.0.0/0", "tgw-1")]);
                },
                "open",
                "open",
            ),
            (
                "an appliance behind the gateway",
                |n| {
                    public(n);
                    let mut edge = route_table("vpc-1", &[], &[("10.0.0.0/24", "vpce-1")]);
                    (edge.main, edge.gateways) = (false, texts(&["igw-1"]));
                    n.tables.insert("rtb-edge", edge);
                },
                "open",
                "open",
            ),
            (
                "the groups admit some of it",
                |n| {
                    public(n);
                    n.group("sg-web").ingress = vec![rule("tcp", 443, 443, &["203.0.113.0/24"])];
                },
                "group-ingress",
                "yes",
            ),
            (
                "the groups admit a group, which the internet is none of",
                |n| {
                    public(n);
                    n.group("sg-web").ingress = vec![rule("tcp", 443, 443, &["sg-web", "10.0.0.0/8"])];
                },
                "group-ingress",
                "group-ingress",
            ),
            (
                "the ACL",
                |n| {
                    public(n);
                    n.acl("acl-a").entries.retain(|entry| entry.egress);
                },
                "acl-ingress",
                "acl-ingress",
            ),
            (
                "the ACL, for answers to some clients",
                |n| {
                    public(n);
                    n.acl("acl-a").entries.retain(|entry| !entry.egress);
                    n.acl("acl-a").entries.push(acl_entry(100, true, true, (32768, 65535), "0.0.0.0/0"));
                },
                "acl-return",
                "yes",
            ),
            (
                "nothing listens",
                |n| {
                    public(n);
                    n.web = |site| {
                        site.public = Public::Yes(addresses(&["198.51.100.9"]));
                        site.listens = Some(vec![(Protocols::TCP, Ports::one(80))]);
                    };
                },
                "listener-missing",
                "listener-missing",
            ),
            (
                "IPv6 alone stands open",
                |n| {
                    v6(n);
                    n.table("rtb-a").routes.push(route("::/0", "igw-1"));
                    n.group("sg-web").ingress = vec![rule("tcp", 443, 443, &["::/0"])];
                },
                "group-ingress",
                "yes",
            ),
            (
                "IPv6 needs no address of IPv4",
                |n| {
                    v6(n);
                    n.table("rtb-a").routes.push(route("::/0", "igw-1"));
                    n.group("sg-web").ingress = vec![rule("tcp", 443, 443, &["::/0"])];
                    n.web = |site| site.addresses = addresses(&["2001:db8::a"]);
                },
                "yes",
                "yes",
            ),
        ],
    );
}

fn all_protocols(n: &mut Net) {
    for entry in &mut n.acl("acl-a").entries {
        "-1".clone_into(&mut entry.protocol);
    }
}

#[test]
fn connections_alone_need_a_way_back() {
    let net = net().with(|n| {
        public(n);
        n.routes(&[]);
        all_protocols(n);
        n.group("sg-web").ingress = vec![everything(ANY)];
    });
    assert_eq!(lets_in(&net, Internet, Web, 443), "no-route");
    let any = Traffic { protocols: Protocols::UDP, ..Traffic::tcp(53) };
    assert_eq!(both(&net, Internet, Web, &any).1.answer, "yes");
}

#[test]
fn messages_are_told_by_their_type() {
    let net = net().with(|n| {
        public(n);
        all_protocols(n);
        n.group("sg-web").ingress = vec![rule("icmp", 8, -1, ANY)];
    });
    let ping = Traffic { protocols: Protocols::One(1), ..Traffic::any() };
    let (all, any) = both(&net, Internet, Web, &ping);
    assert_eq!((all.answer.as_str(), any.answer.as_str()), ("group-ingress", "yes"));
    let by_entry = net.with(|n| n.acl("acl-a").entries[1].protocol = "1".to_owned());
    let any = both(&by_entry, Internet, Web, &ping).1;
    assert_eq!(any.answer, "open", "which messages an entry is for is not read");
}

#[test]
fn a_public_address_that_is_asked_for_is_the_sites_own() {
    let asked = |to: &str, change: Change| {
        let net = net().with(public).with(|n| n.web = change);
        let traffic = Traffic { destinations: Some(addresses(&[to])), ..Traffic::tcp(443) };
        let (all, any) = both(&net, Internet, Web, &traffic);
        (all.answer, any.answer)
    };
    let answers = |one: &str, two: &str| (one.to_owned(), two.to_owned());
    let told: Change = |site| site.public = Public::Yes(addresses(&["198.51.100.9"]));
    assert_eq!(asked("198.51.100.9", told), answers("yes", "yes"));
    assert_eq!(asked("198.51.100.8", told), answers("no-address", "no-address"));
    assert_eq!(asked("10.0.0.10", told), answers("yes", "yes"));
    let some: Change = |site| site.public = Public::Yes(Addresses::public_v4());
    assert_eq!(asked("198.51.100.9", some), answers("open", "open"), "it has one, and which is not told");
    let perhaps: Change = |site| site.public = Public::Untold(undecided(site.of, "not told"));
    assert_eq!(asked("198.51.100.9", perhaps), answers("open", "open"));
}
