//! Between two interfaces.

use super::*;
use crate::rules::testing::acl_entry;

const DB: i64 = 5432;

#[test]
fn what_is_drawn_arrives_by_these_hops_and_rules() {
    let (all, any) = both(&net(), Web, Db, &Traffic::tcp(DB));
    assert_eq!((all.answer.as_str(), any.answer.as_str()), ("yes", "yes"));
    assert_eq!(all.hops, ["web", "subnet-a", "subnet-b", "db"]);
    for part in ["sg-web egress", "acl-a entries", "rtb-a routes", "acl-b entries", "sg-db ingress"] {
        assert!(all.shown.contains(part), "{part} in {}", all.shown);
    }
    assert_eq!(reaches(&net(), Db, Web, 80), "group-egress", "the answers need no rule, the asking does");
}

#[test]
fn each_gate_keeps_out_what_its_rules_do_not_name() {
    check(
        Web,
        Db,
        DB,
        &[
            ("no egress", |n| n.group("sg-web").egress.clear(), "group-egress", "group-egress"),
            (
                "egress by prefix",
                |n| n.group("sg-web").egress = vec![rule("tcp", DB, DB, &["10.0.1.0/24"])],
                "yes",
                "yes",
            ),
            (
                "egress to others",
                |n| n.group("sg-web").egress = vec![rule("tcp", DB, DB, &["10.0.2.0/24", "sg-other"])],
                "group-egress",
                "group-egress",
            ),
            ("no ingress", |n| n.group("sg-db").ingress.clear(), "group-ingress", "group-ingress"),
            (
                "ingress for another group",
                |n| n.group("sg-db").ingress = vec![rule("tcp", DB, DB, &["sg-db"])],
                "group-ingress",
                "group-ingress",
            ),
            (
                "ingress for another protocol and port",
                |n| {
                    n.group("sg-db").ingress =
                        vec![rule("udp", DB, DB, &["sg-web"]), rule("tcp", 1, 9, &["sg-web"])];
                },
                "group-ingress",
                "group-ingress",
            ),
            (
                "ingress for what is no protocol",
                |n| n.group("sg-db").ingress = vec![rule("odd", DB, DB, &["sg-web"])],
                "open",
                "open",
            ),
            (
                "ingress by prefix list",
                |n| {
                    n.group("sg-db").ingress = vec![rule("tcp", DB, DB, &["pl-1"])];
                    n.lists.insert("pl-1", crate::rules::testing::prefix_list(&["10.0.0.0/24"]));
                },
                "yes",
                "yes",
            ),
            (
                "ingress by an unread prefix list",
                |n| n.group("sg-db").ingress = vec![rule("tcp", DB, DB, &["pl-1"])],
                "open",
                "open",
            ),
            ("ACL out", |n| n.acl("acl-a").entries.retain(|entry| !entry.egress), "acl-egress", "acl-egress"),
            ("ACL in", |n| n.acl("acl-b").entries.retain(|entry| entry.egress), "acl-ingress", "acl-ingress"),
            (
                "ACL denies before it allows",
                |n| n.acl("acl-b").entries.push(acl_entry(90, false, false, (DB, DB), "10.0.0.0/8")),
                "acl-ingress",
                "acl-ingress",
            ),
            (
                "ACL denies after it allows",
                |n| n.acl("acl-b").entries.push(acl_entry(110, false, false, (DB, DB), "10.0.0.0/8")),
                "yes",
                "yes",
            ),
            (
                "an ACL entry that can't be read",
                |n| n.acl("acl-b").entries.push(acl_entry(90, false, false, (DB, DB), "10.0.0/8")),
                "open",
                "open",
            ),
            (
                "no answers out",
                |n| n.acl("acl-b").entries.retain(|entry| !entry.egress),
                "acl-return",
                "acl-return",
            ),
            (
                "no answers in",
                |n| n.acl("acl-a").entries.retain(|entry| entry.egress),
                "acl-return",
                "acl-return",
            ),
            (
                "answers to some ports, of which the client's may be one",
                |n| {
                    n.acl("acl-b").entries.retain(|entry| !entry.egress);
                    n.acl("acl-b").entries.push(acl_entry(100, true, true, (32768, 60999), "0.0.0.0/0"));
                },
                "open",
                "open",
            ),
            (
                "it listens elsewhere",
                |n| n.db = |site| site.listens = Some(vec![(Protocols::TCP, Ports::one(80))]),
                "listener-missing",
                "listener-missing",
            ),
            (
                "it listens there",
                |n| n.db = |site| site.listens = Some(vec![(Protocols::TCP, Ports::one(DB))]),
                "yes",
                "yes",
            ),
            ("it has no groups by nature", |n| n.db = |site| site.guard = None, "yes", "yes"),
        ],
    );
}

#[test]
fn routes_of_both_subnets_lead_there_and_back() {
    check(
        Web,
        Db,
        DB,
        &[
            ("none", |n| n.table("rtb-a").routes.clear(), "no-route", "no-route"),
            ("none back", |n| n.table("rtb-b").routes.clear(), "no-route", "no-route"),
            (
                "the main table's",
                |n| {
                    n.table("rtb-a").subnets.clear();
                    n.table("rtb-a").main = true;
                },
                "yes",
                "yes",
            ),
            ("neither its own nor a main one", |n| n.table("rtb-a").subnets.clear(), "open", "open"),
            (
                "a blackhole nearer than local",
                |n| {
                    n.table("rtb-a")
                        .routes
                        .push(Route { state: "blackhole".to_owned(), ..route("10.0.1.0/24", "eni-1") });
                },
                "blackhole",
                "blackhole",
            ),
            ("an appliance in between", |n| n.routes(&[("10.0.1.0/24", "eni-1")]), "open", "open"),
            (
                "a peering nearer than local",
                |n| n.routes(&[("10.0.1.0/24", "pcx-1")]),
                "routed-elsewhere",
                "routed-elsewhere",
            ),
            (
                "a gateway's telling gives way to local",
                |n| n.routes(&[("10.0.1.0/24", "vgw-1")]),
                "yes",
                "yes",
            ),
            ("an unread list", |n| n.routes(&[("pl-1", "eni-1")]), "open", "open"),
            (
                "a list with other addresses",
                |n| {
                    n.routes(&[("pl-1", "eni-1")]);
                    n.lists.insert("pl-1", crate::rules::testing::prefix_list(&["10.9.0.0/24"]));
                },
                "yes",
                "yes",
            ),
            (
                "answers by an appliance",
                |n| n.table("rtb-b").routes.push(route("10.0.0.0/24", "eni-1")),
                "open",
                "open",
            ),
            ("a route without addresses", |n| n.routes(&[("nowhere", "eni-1")]), "open", "open"),
        ],
    );
}

#[test]
fn an_appliance_stands_before_groups_that_admit_nobody() {
    let net = net().with(|n| {
        n.routes(&[("10.0.1.0/24", "eni-1")]);
        n.group("sg-db").ingress.clear();
    });
    assert_eq!(lets_in(&net, Web, Db, DB), "group-ingress");
}

#[test]
fn within_one_subnet_there_is_neither_acl_nor_route() {
    let net = net().with(|n| {
        n.acl("acl-a").entries.clear();
        n.table("rtb-a").routes.clear();
        n.db = |_| {};
    });
    let snapshot = net.snapshot();
    let world = World::new(&snapshot);
    let web = site(&snapshot, "web", "subnet-a", "10.0.0.10", |_| {});
    let db = site(&snapshot, "db", "subnet-a", "10.0.0.20", |_| {});
    let leg = leg(&web, &db, &Traffic::tcp(DB), &world);
    let told = told(leg.reaches(&|_| Some(true)));
    assert_eq!((told.answer.as_str(), told.hops), ("yes", texts(&["web", "subnet-a", "db"])));
}

#[test]
fn an_address_that_nobody_knows_may_be_the_one() {
    check(
        Web,
        Db,
        DB,
        &[
            (
                "the client's",
                |n| {
                    n.group("sg-db").ingress = vec![rule("tcp", DB, DB, &["10.0.0.10/32"])];
                    n.web = |site| (site.addresses, site.exact) = (addresses(&["10.0.0.0/24"]), false);
                },
                "open",
                "open",
            ),
            (
                "all of which are admitted",
                |n| {
                    n.group("sg-db").ingress = vec![rule("tcp", DB, DB, &["10.0.0.0/24"])];
                    n.web = |site| (site.addresses, site.exact) = (addresses(&["10.0.0.0/24"]), false);
                },
                "yes",
                "yes",
            ),
            (
                "it has them all, and one is not admitted",
                |n| {
                    n.group("sg-db").ingress = vec![rule("tcp", DB, DB, &["10.0.0.10/32"])];
                    n.web = |site| site.addresses = addresses(&["10.0.0.10", "10.0.0.11"]);
                },
                "group-ingress",
                "yes",
            ),
        ],
    );
}

#[test]
fn what_nobody_knows_is_told_where_nothing_else_keeps_it_open() {
    let net = net().with(|n| {
        n.group("sg-db").ingress = vec![rule("tcp", DB, DB, &["10.0.0.10/32"])];
        n.web = |site| (site.addresses, site.exact) = (addresses(&["10.0.0.0/24"]), false);
    });
    let told = both(&net, Web, Db, &Traffic::tcp(DB)).0;
    assert_eq!(told.answer, "open");
    assert!(
        told.gaps.iter().any(|gap| gap.key == "web" && gap.detail.contains("is its own")),
        "{:?}",
        told.gaps
    );
}

#[test]
fn a_load_balancer_asks_from_every_port() {
    let some_answers = |net: &mut Net| {
        net.acl("acl-b").entries.retain(|entry| !entry.egress);
        net.acl("acl-b").entries.push(acl_entry(100, true, true, (32768, 65535), "0.0.0.0/0"));
        net.group("sg-db").ingress = vec![rule("tcp", DB, DB, &["10.0.0.0/24"])];
    };
    let snapshot = net().with(some_answers).snapshot();
    let world = World::new(&snapshot);
    let place = |kind, of: &str, subnet: &str, address: &str| {
        let site = Site {
            of: the(&snapshot, kind, of),
            subnet: the(&snapshot, Kind::Subnet, subnet),
            addresses: addresses(&[address]),
            exact: true,
            ipv6: None,
            guard: None,
            public: Public::No,
            listens: None,
        };
        Place::Aws(site.into())
    };
    let db = place(Kind::EcsService, "db", "subnet-b", "10.0.1.20");
    let from = |kind, of| {
        let leg = leg(&place(kind, of, "subnet-a", "10.0.0.10"), &db, &Traffic::tcp(DB), &world);
        told(leg.reaches(&|_| Some(true))).answer
    };
    assert_eq!(from(Kind::LoadBalancer, "alb"), "acl-return");
    assert_eq!(from(Kind::EcsService, "web"), "open", "its system may pick none but those");
}
