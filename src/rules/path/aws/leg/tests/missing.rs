//! A fact that is taken away leaves an answer as it is, or opens it.

use super::*;
use crate::rules::testing::{denied_list, prefix_list};

/// Nets whose answers are of all sorts.
fn nets() -> Vec<Net> {
    let public = |n: &mut Net| {
        n.routes(&[("0.0.0.0/0", "igw-1"), ("pl-1", "eni-1")]);
        n.lists.insert("pl-1", prefix_list(&["10.9.0.0/16"]));
        n.group("sg-web").ingress = vec![rule("tcp", 443, 443, &["0.0.0.0/0"])];
        n.group("sg-db").ingress.push(rule("tcp", 443, 443, &["pl-1"]));
        n.web = |site| site.public = Public::Yes(addresses(&["198.51.100.9"]));
    };
    let dynamodb = |n: &mut Net| {
        n.routes(&[("pl-1", "vpce-g")]);
        n.lists.insert("pl-1", prefix_list(&["52.94.8.0/24"]));
        n.endpoints.insert("vpce-g", super::endpoints::endpoint("Gateway"));
    };
    let mut nets = vec![net(), net().with(public), net().with(dynamodb)];
    let changes: &[fn(&mut Net)] = &[
        |n| n.group("sg-web").egress.clear(),
        |n| n.group("sg-db").ingress.clear(),
        |n| n.group("sg-web").ingress.clear(),
        |n| n.acl("acl-a").entries.clear(),
        |n| n.acl("acl-n").entries.clear(),
        |n| n.routes(&[]),
        |n| n.routes(&[("0.0.0.0/0", "tgw-1"), ("10.0.1.0/24", "eni-1")]),
        |n| n.gateways.clear(),
        |n| n.nats.clear(),
        |n| n.nat().subnet = None,
        |n| {
            n.subnets.insert("subnet-b", subnet("vpc-2", "10.0.1.0/24"));
        },
    ];
    for base in 0..nets.len() {
        nets.extend(changes.iter().map(|change| nets[base].clone().with(change)).collect::<Vec<_>>());
    }
    nets
}

#[test]
fn facts_taken_away_open_answers_and_turn_none_around() {
    let questions = [
        (Web, Db, 5432),
        (Web, Db, 443),
        (Db, Web, 443),
        (Web, Internet, 443),
        (Db, Internet, 443),
        (Internet, Web, 443),
        (Web, Who::Table, 443),
        (Web, Who::Table, 80),
    ];
    let mut opened = 0;
    for (number, net) in nets().iter().enumerate() {
        for (from, to, port) in questions {
            let before = (reaches(net, from, to, port), lets_in(net, from, to, port));
            for kind in LISTED.iter().copied().chain([Kind::PrefixList]) {
                if kind == Kind::Subnet {
                    continue;
                }
                let less = Net { unread: vec![kind], ..net.clone() };
                let after = (reaches(&less, from, to, port), lets_in(&less, from, to, port));
                for (before, after) in [(&before.0, &after.0), (&before.1, &after.1)] {
                    let is_no = |answer: &str| !matches!(answer, "yes" | "open");
                    let kept = before == after || (is_no(before) && is_no(after));
                    assert!(
                        kept || after == "open",
                        "net {number}, {from:?} to {to:?} {port}: {before}, and without {kind} {after}"
                    );
                    opened += usize::from(before != "open" && after == "open");
                }
            }
        }
    }
    assert!(opened > 50, "few facts mattered: {opened}");
}

#[test]
fn what_would_tell_is_named() {
    for (from, to, port, kind) in [
        (Web, Db, 5432, Kind::SecurityGroup),
        (Web, Db, 5432, Kind::NetworkAcl),
        (Web, Db, 5432, Kind::RouteTable),
        (Web, Internet, 443, Kind::RouteTable),
        (Web, Internet, 443, Kind::NatGateway),
        (Web, Internet, 443, Kind::InternetGateway),
        (Web, Who::Table, 443, Kind::VpcEndpoint),
    ] {
        let less = Net { unread: vec![kind], ..net() };
        let told = both(&less, from, to, &Traffic::tcp(port)).0;
        assert_eq!(told.answer, "open", "{kind}");
        assert!(told.gaps.contains(&denied_list(kind)), "{kind}: {:?}", told.gaps);
    }
}

#[test]
fn nothing_is_asked_for_packets_that_are_lost() {
    let closed = net().with(|n| {
        n.group("sg-web").egress.clear();
        n.unread = vec![Kind::NetworkAcl, Kind::RouteTable, Kind::NatGateway, Kind::InternetGateway];
    });
    assert_eq!(reaches(&closed, Web, Internet, 443), "group-egress");
    assert_eq!(lets_in(&closed, Web, Internet, 443), "group-egress");
    assert_eq!(reaches(&closed, Web, Db, 5432), "group-egress");
}
