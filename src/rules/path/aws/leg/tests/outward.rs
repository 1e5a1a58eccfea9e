//! To the internet.

use super::*;
use crate::rules::testing::acl_entry;

#[test]
fn out_by_a_nat_gateway() {
    let (all, any) = both(&net(), Web, Internet, &Traffic::tcp(443));
    assert_eq!((all.answer.as_str(), any.answer.as_str()), ("yes", "yes"));
    assert_eq!(all.hops, ["web", "subnet-a", "nat-1", "subnet-n", "igw-1", "internet"]);
    for part in ["rtb-a routes", "nat-1 public_ips", "acl-n entries", "rtb-n routes", "igw-1 attachments"] {
        assert!(all.shown.contains(part), "{part} in {}", all.shown);
    }
}

#[test]
fn a_rule_that_is_asked_twice_is_shown_once() {
    let shown = both(&net(), Web, Internet, &Traffic::tcp(443)).0.shown;
    let lines: Vec<&str> = shown.lines().filter(|line| line.starts_with("acl-n")).collect();
    assert_eq!(lines.len(), 2, "{shown}");
    assert_ne!(lines[0], lines[1]);
}

#[test]
fn what_keeps_packets_from_leaving() {
    check(
        Web,
        Internet,
        443,
        &[
            ("no default route", |n| n.routes(&[]), "no-route", "no-route"),
            ("half of one", |n| n.routes(&[("0.0.0.0/1", "nat-1")]), "no-route", "yes"),
            (
                "a blackhole",
                |n| {
                    n.routes(&[]);
                    n.table("rtb-a")
                        .routes
                        .push(Route { state: "blackhole".to_owned(), ..route("0.0.0.0/0", "nat-1") });
                },
                "blackhole",
                "blackhole",
            ),
            ("a peering", |n| n.routes(&[("0.0.0.0/0", "pcx-1")]), "routed-elsewhere", "routed-elsewhere"),
            (
                "some of it to a peering",
                |n| n.routes(&[("0.0.0.0/0", "nat-1"), ("8.8.8.0/24", "pcx-1")]),
                "routed-elsewhere",
                "yes",
            ),
            ("a transit gateway", |n| n.routes(&[("0.0.0.0/0", "tgw-1")]), "open", "open"),
            ("an appliance", |n| n.routes(&[("0.0.0.0/0", "eni-1")]), "open", "open"),
            ("a firewall's endpoint", |n| n.routes(&[("0.0.0.0/0", "vpce-1")]), "open", "open"),
            (
                "private addresses elsewhere",
                |n| n.routes(&[("0.0.0.0/0", "nat-1"), ("10.0.0.0/8", "tgw-1")]),
                "yes",
                "yes",
            ),
            ("no egress", |n| n.group("sg-web").egress.clear(), "group-egress", "group-egress"),
            ("the ACL", |n| n.acl("acl-a").entries.retain(|entry| !entry.egress), "acl-egress", "acl-egress"),
            (
                "the ACL, for answers",
                |n| n.acl("acl-a").entries.retain(|entry| entry.egress),
                "acl-return",
                "acl-return",
            ),
            (
                "the gateway's ACL in",
                |n| {
                    n.acl("acl-n").entries.push(acl_entry(1, false, false, (443, 443), "10.0.0.0/8"));
                },
                "acl-ingress",
                "acl-ingress",
            ),
            (
                "the gateway's ACL out",
                |n| n.acl("acl-n").entries.push(acl_entry(1, true, false, (443, 443), "0.0.0.0/0")),
                "acl-egress",
                "acl-egress",
            ),
            (
                "the gateway's ACL, for answers to it",
                |n| {
                    n.acl("acl-n").entries.push(acl_entry(1, false, false, (1024, 32767), "0.0.0.0/0"));
                },
                "acl-return",
                "acl-return",
            ),
            (
                "the gateway's ACL, for answers from it",
                |n| {
                    n.acl("acl-n").entries.push(acl_entry(1, true, false, (1024, 65535), "10.0.0.0/24"));
                },
                "acl-return",
                "acl-return",
            ),
        ],
    );
}

#[test]
fn a_nat_gateway_must_lead_on() {
    check(
        Web,
        Internet,
        443,
        &[
            ("not there", |n| n.nats.clear(), "nat-unusable", "nat-unusable"),
            ("no address", |n| n.nat().public_ips.clear(), "nat-unusable", "nat-unusable"),
            (
                "private",
                |n| n.nat().connectivity = Some("private".to_owned()),
                "nat-unusable",
                "nat-unusable",
            ),
            ("failed", |n| n.nat().state = "failed".to_owned(), "nat-unusable", "nat-unusable"),
            ("pending", |n| n.nat().state = "pending".to_owned(), "open", "open"),
            (
                "behind another",
                |n| n.table("rtb-n").routes[1].target = "nat-2".to_owned(),
                "nat-private",
                "nat-private",
            ),
            ("without a route", |n| n.table("rtb-n").routes.truncate(1), "nat-private", "nat-private"),
            (
                "before a firewall",
                |n| n.table("rtb-n").routes[1].target = "vpce-1".to_owned(),
                "open",
                "open",
            ),
            (
                "before a gateway of another network",
                |n| {
                    n.gateways.insert("igw-1", attached("vpc-2", "available"));
                },
                "gateway-elsewhere",
                "gateway-elsewhere",
            ),
            ("before one that is gone", |n| n.gateways.clear(), "gateway-elsewhere", "gateway-elsewhere"),
            (
                "before one that is being attached",
                |n| {
                    n.gateways.insert("igw-1", attached("vpc-1", "attaching"));
                },
                "open",
                "open",
            ),
            ("regional", |n| n.nat().subnet = None, "yes", "yes"),
            (
                "regional, in a network without a gateway",
                |n| {
                    n.nat().subnet = None;
                    n.gateways.clear();
                },
                "nat-private",
                "nat-private",
            ),
            (
                "regional, its addresses yet to come",
                |n| {
                    n.nat().subnet = None;
                    n.nat().public_ips.clear();
                },
                "open",
                "open",
            ),
            (
                "in a subnet that is not listed",
                |n| n.nat().subnet = Some("subnet-x".to_owned()),
                "open",
                "open",
            ),
        ],
    );
    let regional = net().with(|n| n.nat().subnet = None);
    let hops = both(&regional, Web, Internet, &Traffic::tcp(443)).0.hops;
    assert_eq!(hops, ["web", "subnet-a", "nat-1", "igw-1", "internet"]);
}

/// `web` has a public address, and routes and groups that go with it.
pub(super) fn public(n: &mut Net) {
    n.routes(&[("0.0.0.0/0", "igw-1")]);
    n.group("sg-web").ingress = vec![rule("tcp", 443, 443, &["0.0.0.0/0"])];
    n.web = |site| site.public = Public::Yes(addresses(&["198.51.100.9"]));
}

#[test]
fn straight_out_takes_a_public_address() {
    check(
        Web,
        Internet,
        443,
        &[
            ("with one", public, "yes", "yes"),
            ("without", |n| n.routes(&[("0.0.0.0/0", "igw-1")]), "no-address", "no-address"),
            (
                "perhaps",
                |n| {
                    public(n);
                    n.web =
                        |site| site.public = Public::Untold(undecided(site.of, "its address is not told"));
                },
                "open",
                "open",
            ),
            (
                "the gateway of another network",
                |n| {
                    public(n);
                    n.gateways.insert("igw-1", attached("vpc-2", "available"));
                },
                "gateway-elsewhere",
                "gateway-elsewhere",
            ),
        ],
    );
}

#[test]
fn what_an_endpoint_takes_to_its_own_service_is_not_the_internet() {
    let net = net().with(|n| {
        n.routes(&[("0.0.0.0/0", "nat-1"), ("pl-s3", "vpce-s3")]);
        n.endpoints.insert("vpce-s3", super::endpoints::endpoint("Gateway"));
    });
    assert_eq!(reaches(&net, Web, Internet, 443), "yes");
    let unknown = Net { unread: vec![Kind::VpcEndpoint], ..net };
    assert_eq!(reaches(&unknown, Web, Internet, 443), "open", "it may be a firewall's");
}

/// And one of IPv6, for which there is no route yet.
pub(super) fn v6(n: &mut Net) {
    public(n);
    for acl in n.acls.values_mut() {
        for egress in [true, false] {
            let entry = acl_entry(101, egress, true, (0, 65535), "::/0");
            let (cidr, ipv6_cidr) = (None, entry.cidr.clone());
            acl.entries.push(crate::model::aws::ec2::AclEntry { cidr, ipv6_cidr, ..entry });
        }
    }
    n.group("sg-web").egress.push(everything(&["::/0"]));
    n.web = |site| {
        site.public = Public::Yes(addresses(&["198.51.100.9"]));
        site.addresses.add_all(&addresses(&["2001:db8::a"]));
    };
}

#[test]
fn ipv6_goes_out_beside_ipv4() {
    check(
        Web,
        Internet,
        443,
        &[
            ("no route for it", v6, "no-route", "yes"),
            (
                "by a gateway that lets nothing in",
                |n| {
                    v6(n);
                    n.table("rtb-a").routes.push(route("::/0", "eigw-1"));
                },
                "yes",
                "yes",
            ),
            (
                "a NAT gateway does not take it",
                |n| {
                    v6(n);
                    n.table("rtb-a").routes.push(route("::/0", "nat-1"));
                },
                "nat-unusable",
                "yes",
            ),
            (
                "it has none that the internet knows",
                |n| {
                    v6(n);
                    n.web = |site| {
                        site.public = Public::Yes(addresses(&["198.51.100.9"]));
                        site.addresses.add_all(&addresses(&["fd00::a"]));
                    };
                },
                "yes",
                "yes",
            ),
        ],
    );
}
