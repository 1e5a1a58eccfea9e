//! Between two interfaces that may have IPv6, or lie in two networks.

use super::*;
use crate::rules::testing::acl_entry;

const DB: i64 = 5432;

/// Both ends get IPv6, which the network carries and the groups do not name.
fn dual(net: &mut Net) {
    for table in net.tables.values_mut() {
        table.routes.push(route("2001:db8::/56", "local"));
    }
    for acl in net.acls.values_mut() {
        for egress in [true, false] {
            let entry = acl_entry(101, egress, true, (0, 65535), "::/0");
            let (cidr, ipv6_cidr) = (None, entry.cidr.clone());
            acl.entries.push(crate::model::aws::ec2::AclEntry { cidr, ipv6_cidr, ..entry });
        }
    }
    net.web = |site| site.addresses.add_all(&addresses(&["2001:db8::a"]));
    net.db = |site| site.addresses.add_all(&addresses(&["2001:db8:0:1::b"]));
}

#[test]
fn ipv6_is_asked_where_both_ends_have_it() {
    check(
        Web,
        Db,
        DB,
        &[
            ("named by no rule of egress", dual, "group-egress", "yes"),
            (
                "named by all",
                |n| {
                    dual(n);
                    n.group("sg-web").egress.push(everything(&["::/0"]));
                },
                "yes",
                "yes",
            ),
            (
                "one end has none",
                |n| {
                    dual(n);
                    n.db = |_| {};
                },
                "yes",
                "yes",
            ),
            (
                "one end has it perhaps, and it would be lost",
                |n| {
                    dual(n);
                    n.db = |site| {
                        site.addresses.add_all(&addresses(&["2001:db8:0:1::b"]));
                        site.ipv6 = Some(undecided(site.of, "its IPv6 address is not told"));
                    };
                },
                "open",
                "yes",
            ),
            (
                "one end has it perhaps, by which alone it would come",
                |n| {
                    dual(n);
                    n.group("sg-web").egress = vec![everything(&["::/0"])];
                    n.db = |site| {
                        site.addresses.add_all(&addresses(&["2001:db8:0:1::b"]));
                        site.ipv6 = Some(undecided(site.of, "its IPv6 address is not told"));
                    };
                },
                "group-egress",
                "open",
            ),
            (
                "one end has it perhaps, and it would arrive",
                |n| {
                    dual(n);
                    n.group("sg-web").egress.push(everything(&["::/0"]));
                    n.db = |site| {
                        site.addresses.add_all(&addresses(&["2001:db8:0:1::b"]));
                        site.ipv6 = Some(undecided(site.of, "its IPv6 address is not told"));
                    };
                },
                "yes",
                "yes",
            ),
        ],
    );
}

#[test]
fn to_another_network_there_is_a_way_if_routes_lead_to_one() {
    fn apart(n: &mut Net) {
        n.subnets.insert("subnet-b", subnet("vpc-2", "10.7.0.0/24"));
        n.db = |site| site.addresses = addresses(&["10.7.0.20"]);
    }
    check(
        Web,
        Db,
        DB,
        &[
            (
                "the internet does not lead to private addresses",
                |n| {
                    apart(n);
                    n.routes(&[("0.0.0.0/0", "igw-1")]);
                },
                "other-network",
                "other-network",
            ),
            ("nor does the NAT gateway", apart, "other-network", "other-network"),
            (
                "the NAT gateway leads on",
                |n| {
                    apart(n);
                    n.table("rtb-n").routes.push(route("10.7.0.0/16", "tgw-1"));
                },
                "open",
                "open",
            ),
            (
                "the NAT gateway is in no subnet",
                |n| {
                    apart(n);
                    n.nat().subnet = None;
                },
                "open",
                "open",
            ),
            (
                "no route",
                |n| {
                    apart(n);
                    n.routes(&[]);
                },
                "other-network",
                "other-network",
            ),
            (
                "a peering",
                |n| {
                    apart(n);
                    n.routes(&[("10.7.0.0/16", "pcx-1")]);
                },
                "open",
                "open",
            ),
            (
                "a transit gateway",
                |n| {
                    apart(n);
                    n.routes(&[("10.0.0.0/8", "tgw-1")]);
                },
                "open",
                "open",
            ),
            (
                "the same addresses here",
                |n| {
                    apart(n);
                    n.db = |site| site.addresses = addresses(&["10.0.0.20"]);
                },
                "other-network",
                "other-network",
            ),
            (
                "round by the internet",
                |n| {
                    apart(n);
                    n.gateways.insert("igw-2", attached("vpc-2", "available"));
                    n.tables.insert("rtb-b", route_table("vpc-2", &["subnet-b"], &[("0.0.0.0/0", "igw-2")]));
                    n.group("sg-db").ingress = vec![rule("tcp", DB, DB, &["0.0.0.0/0"])];
                    n.db = |site| {
                        site.addresses = addresses(&["10.7.0.20"]);
                        site.public = Public::Yes(addresses(&["198.51.100.7"]));
                    };
                },
                "open",
                "open",
            ),
        ],
    );
}
