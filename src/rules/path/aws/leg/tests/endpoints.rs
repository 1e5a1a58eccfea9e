//! To a table.

use serde_json::json;

use super::*;
use crate::model::aws::policy::PolicyDocument;
use crate::rules::path::prove::{Anyhow, Endpoint, Expect, prove};
use crate::rules::testing::{self, prefix_list};

pub(super) fn endpoint(r#type: &str) -> VpcEndpoint {
    testing::endpoint("dynamodb", r#type)
}

/// Without a way to the internet, and with one to the endpoint.
fn gateway(n: &mut Net) {
    n.routes(&[("pl-db", "vpce-g")]);
    n.endpoints.insert("vpce-g", endpoint("Gateway"));
}

fn policy(n: &mut Net, statement: &serde_json::Value) {
    let document = PolicyDocument::parse(&json!({ "Statement": statement }).to_string());
    let endpoint = n.endpoints.get_mut("vpce-g").expect("added before");
    endpoint.policy = Some(document.expect("a policy"));
}

#[test]
fn over_the_internet_or_by_a_gateway_endpoint() {
    let told = both(&net(), Web, Who::Table, &Traffic::tcp(443)).0;
    assert_eq!(told.answer, "yes");
    let to = told.hops.iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(to, ["web", "subnet-a", "nat-1", "subnet-n", "igw-1", "internet", TABLE]);
    let told = both(&net().with(gateway), Web, Who::Table, &Traffic::tcp(443)).0;
    assert_eq!((told.answer.as_str(), told.hops), ("yes", texts(&["web", "subnet-a", "vpce-g", TABLE])));
    assert!(told.shown.contains("vpce-g policy") && told.shown.contains("rtb-a routes"), "{}", told.shown);
}

#[test]
fn what_keeps_a_table_out_of_reach() {
    check(
        Web,
        Who::Table,
        443,
        &[
            ("neither endpoint nor route", |n| n.routes(&[]), "no-route", "no-route"),
            (
                "the endpoint of another table",
                |n| {
                    gateway(n);
                    n.routes(&[]);
                },
                "no-route",
                "no-route",
            ),
            (
                "the endpoint fails",
                |n| {
                    gateway(n);
                    n.endpoints.get_mut("vpce-g").expect("added").state = "failed".to_owned();
                },
                "blackhole",
                "blackhole",
            ),
            (
                "the endpoint is pending",
                |n| {
                    gateway(n);
                    n.endpoints.get_mut("vpce-g").expect("added").state = "pending".to_owned();
                },
                "open",
                "open",
            ),
            (
                "no egress",
                |n| {
                    gateway(n);
                    n.group("sg-web").egress.clear();
                },
                "group-egress",
                "group-egress",
            ),
            (
                "egress to the service's list",
                |n| {
                    gateway(n);
                    n.group("sg-web").egress = vec![rule("tcp", 443, 443, &["pl-db"])];
                },
                "yes",
                "yes",
            ),
            (
                "egress to private addresses",
                |n| {
                    gateway(n);
                    n.group("sg-web").egress = vec![everything(&["10.0.0.0/8"])];
                },
                "group-egress",
                "group-egress",
            ),
            (
                "egress to some addresses, which may be the service's",
                |n| {
                    gateway(n);
                    n.group("sg-web").egress = vec![everything(&["52.0.0.0/8"])];
                },
                "open",
                "open",
            ),
            (
                "egress to some addresses, which are the service's",
                |n| {
                    gateway(n);
                    n.group("sg-web").egress = vec![everything(&["52.0.0.0/8"])];
                    n.lists.insert("pl-db", prefix_list(&["52.94.8.0/24"]));
                },
                "yes",
                "yes",
            ),
            (
                "a nearer route, for what may be the service's",
                |n| {
                    gateway(n);
                    n.table("rtb-a").routes.push(route("52.94.0.0/16", "tgw-1"));
                },
                "open",
                "open",
            ),
            (
                "a route that the list is nearer than",
                |n| {
                    gateway(n);
                    n.table("rtb-a").routes.push(route("52.94.0.0/16", "tgw-1"));
                    n.lists.insert("pl-db", prefix_list(&["52.94.8.0/24"]));
                },
                "yes",
                "yes",
            ),
            (
                "a type that is not judged",
                |n| {
                    n.routes(&[]);
                    n.endpoints.insert("vpce-x", endpoint("Resource"));
                },
                "open",
                "open",
            ),
        ],
    );
    assert_eq!(reaches(&net(), Web, Who::Table, 5432), "listener-missing");
}

#[test]
fn an_endpoints_policy_must_let_somebody_through() {
    let judged = |statement: serde_json::Value| {
        let net = net().with(|n| {
            gateway(n);
            policy(n, &statement);
        });
        (reaches(&net, Web, Who::Table, 443), lets_in(&net, Web, Who::Table, 443))
    };
    let statement = |effect: &str, action: &str, resource: &str, principal: serde_json::Value| json!({ "Effect": effect, "Action": action, "Resource": resource, "Principal": principal });
    let allow = || statement("Allow", "*", "*", json!("*"));
    for (policy, expected) in [
        (json!([allow()]), "yes"),
        (json!([statement("Allow", "dynamodb:GetItem", TABLE, json!("*"))]), "yes"),
        (json!([]), "endpoint-policy"),
        (json!([statement("Allow", "s3:*", "*", json!("*"))]), "endpoint-policy"),
        (json!([statement("Allow", "dynamodb:*", "*other", json!("*"))]), "endpoint-policy"),
        (json!([allow(), statement("Deny", "dynamodb:*", "*", json!("*"))]), "endpoint-policy"),
        (json!([allow(), statement("Deny", "dynamodb:PutItem", "*", json!("*"))]), "yes"),
        (json!([statement("Allow", "*", "*", json!({ "AWS": "111111111111" }))]), "open"),
        (
            json!([{
                "Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*",
                "Condition": { "StringEquals": { "aws:PrincipalAccount": "111111111111" } },
            }]),
            "open",
        ),
    ] {
        let answers = judged(policy.clone());
        assert_eq!(answers, (expected.to_owned(), expected.to_owned()), "{policy}");
    }
}

/// An endpoint with interfaces in the database's subnet, which the names lead to.
pub(super) fn interface(n: &mut Net) {
    n.routes(&[]);
    let endpoint = VpcEndpoint {
        subnets: texts(&["subnet-b"]),
        groups: texts(&["sg-end"]),
        private_dns: true,
        ..endpoint("Interface")
    };
    n.endpoints.insert("vpce-i", endpoint);
    n.groups.insert("sg-end", group(vec![rule("tcp", 443, 443, &["sg-web"])], vec![]));
}

#[test]
fn by_an_interface_endpoint() {
    let told = both(&net().with(interface), Web, Who::Table, &Traffic::tcp(443)).0;
    assert_eq!(told.answer, "yes");
    assert_eq!(told.hops, ["web", "subnet-a", "subnet-b", "vpce-i", TABLE]);
    check(
        Web,
        Who::Table,
        443,
        &[
            (
                "its groups admit nobody",
                |n| {
                    interface(n);
                    n.group("sg-end").ingress.clear();
                },
                "group-ingress",
                "group-ingress",
            ),
            (
                "in two subnets, of which one is out of reach",
                |n| {
                    interface(n);
                    n.endpoints.get_mut("vpce-i").expect("added").subnets.push("subnet-n".to_owned());
                    n.acl("acl-n").entries.clear();
                },
                "open",
                "open",
            ),
            (
                "without private DNS",
                |n| {
                    interface(n);
                    n.endpoints.get_mut("vpce-i").expect("added").private_dns = false;
                },
                "open",
                "open",
            ),
            (
                "instead of another way",
                |n| {
                    interface(n);
                    n.routes(&[("0.0.0.0/0", "nat-1")]);
                    n.group("sg-end").ingress.clear();
                },
                "open",
                "open",
            ),
        ],
    );
}

#[test]
fn the_internet_asks_a_table_by_its_public_name() {
    assert_eq!(reaches(&net(), Internet, Who::Table, 443), "yes");
    assert_eq!(reaches(&net(), Internet, Who::Table, 80), "listener-missing");
}

#[test]
fn who_names_no_port_asks_by_connections_at_the_tables_own() {
    let snapshot = net().with(gateway).snapshot();
    let world = World::new(&snapshot);
    let to = Endpoint::Resource(the(&snapshot, Kind::DynamodbTable, TABLE));
    let asked = |traffic| prove(Endpoint::Internet, to, &traffic, &Anyhow, Expect::Reachable, &world).holds;
    assert_eq!(asked(Traffic::any()), Some(true));
    assert_eq!(asked(Traffic { protocols: Protocols::UDP, ..Traffic::any() }), Some(false));
}
