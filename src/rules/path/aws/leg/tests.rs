//! A small network, changed in one place at a time: `web` in `subnet-a` and `db` in `subnet-b`, a NAT gateway in
//! `subnet-n`, which has a route to the internet gateway.

use std::collections::BTreeMap;

use super::*;
use crate::model::aws::dynamodb::Table;
use crate::model::aws::ec2::{
    Attachment, InternetGateway, NatGateway, NetworkAcl, PrefixList, Route, RouteTable, SecurityGroup,
    VpcEndpoint,
};
use crate::model::aws::ecs::Service;
use crate::model::seen::Seen;
use crate::model::snapshot::Snapshot;
use crate::rules::net::security_groups::Guard;
use crate::rules::path;
use crate::rules::testing::{
    Scene, everything, group, here, open_acl, route_table, rule, service, subnet, texts, the,
};

mod endpoints;
mod internet;
mod missing;
mod within;

const TABLE: &str = "arn:aws:dynamodb:us-west-1:111111111111:table/main";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Internet,
    Web,
    Db,
    Table,
}
use Who::{Db, Internet, Web};

type Change = for<'s> fn(&mut Site<'s>);

#[derive(Clone)]
struct Net {
    subnets: BTreeMap<&'static str, Subnet>,
    tables: BTreeMap<&'static str, RouteTable>,
    acls: BTreeMap<&'static str, NetworkAcl>,
    groups: BTreeMap<&'static str, SecurityGroup>,
    gateways: BTreeMap<&'static str, InternetGateway>,
    nats: BTreeMap<&'static str, NatGateway>,
    endpoints: BTreeMap<&'static str, VpcEndpoint>,
    lists: BTreeMap<&'static str, PrefixList>,
    web: Change,
    db: Change,
    unread: Vec<Kind>,
}

const LISTED: &[Kind] = &[
    Kind::Subnet,
    Kind::RouteTable,
    Kind::NetworkAcl,
    Kind::SecurityGroup,
    Kind::InternetGateway,
    Kind::NatGateway,
    Kind::VpcEndpoint,
];

fn attached(vpc: &str, state: &str) -> InternetGateway {
    InternetGateway { attachments: vec![Attachment { vpc: vpc.to_owned(), state: state.to_owned() }] }
}

fn route(destination: &str, target: &str) -> Route {
    Route { destination: destination.to_owned(), target: target.to_owned(), state: "active".to_owned() }
}

/// One in which everything arrives that is drawn: `web` asks `db` and, by the NAT gateway, the internet.
fn net() -> Net {
    let local = ("10.0.0.0/16", "local");
    let nat = NatGateway {
        vpc: "vpc-1".to_owned(),
        subnet: Some("subnet-n".to_owned()),
        state: "available".to_owned(),
        connectivity: Some("public".to_owned()),
        public_ips: texts(&["198.51.100.1"]),
        private_ips: texts(&["10.0.9.5"]),
    };
    Net {
        subnets: BTreeMap::from([
            ("subnet-a", subnet("vpc-1", "10.0.0.0/24")),
            ("subnet-b", subnet("vpc-1", "10.0.1.0/24")),
            ("subnet-n", subnet("vpc-1", "10.0.9.0/24")),
        ]),
        tables: BTreeMap::from([
            ("rtb-a", route_table("vpc-1", &["subnet-a"], &[local, ("0.0.0.0/0", "nat-1")])),
            ("rtb-b", route_table("vpc-1", &["subnet-b"], &[local])),
            ("rtb-n", route_table("vpc-1", &["subnet-n"], &[local, ("0.0.0.0/0", "igw-1")])),
        ]),
        acls: BTreeMap::from([
            ("acl-a", open_acl(&["subnet-a"])),
            ("acl-b", open_acl(&["subnet-b"])),
            ("acl-n", open_acl(&["subnet-n"])),
        ]),
        groups: BTreeMap::from([
            ("sg-web", group(vec![], vec![everything(&["0.0.0.0/0"])])),
            ("sg-db", group(vec![rule("tcp", 5432, 5432, &["sg-web"])], vec![])),
        ]),
        gateways: BTreeMap::from([("igw-1", attached("vpc-1", "available"))]),
        nats: BTreeMap::from([("nat-1", nat)]),
        endpoints: BTreeMap::new(),
        lists: BTreeMap::new(),
        web: |_| {},
        db: |_| {},
        unread: Vec::new(),
    }
}

impl Net {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn table(&mut self, id: &str) -> &mut RouteTable {
        self.tables.get_mut(id).expect("a table of the net")
    }

    /// Of `subnet-a`, beside `local`.
    fn routes(&mut self, routes: &[(&str, &str)]) {
        self.table("rtb-a").routes.truncate(1);
        let more = routes.iter().map(|(destination, target)| route(destination, target));
        self.tables.get_mut("rtb-a").expect("a table of the net").routes.extend(more);
    }

    fn acl(&mut self, id: &str) -> &mut NetworkAcl {
        self.acls.get_mut(id).expect("an ACL of the net")
    }

    fn group(&mut self, id: &str) -> &mut SecurityGroup {
        self.groups.get_mut(id).expect("a group of the net")
    }

    fn nat(&mut self) -> &mut NatGateway {
        self.nats.get_mut("nat-1").expect("the gateway")
    }

    fn snapshot(&self) -> Snapshot {
        let unread = |call| Seen::unread(call, &here(), TABLE);
        let mut scene = Scene::new()
            .with("web", service(&["subnet-a"], &["sg-web"]))
            .with("db", service(&["subnet-b"], &["sg-db"]))
            .with(
                TABLE,
                Table {
                    description: Seen::unread("dynamodb:DescribeTable", &here(), TABLE),
                    point_in_time_recovery: Seen::unread(
                        "dynamodb:DescribeContinuousBackups",
                        &here(),
                        TABLE,
                    ),
                    policy: unread("dynamodb:GetResourcePolicy"),
                },
            );
        for kind in LISTED {
            scene = if self.unread.contains(kind) { scene.denied(*kind) } else { scene.listed(&[*kind]) };
        }
        macro_rules! add {
            ($($field:ident: $kind:ident),*) => {$(
                for (id, facts) in &self.$field {
                    if !self.unread.contains(&Kind::$kind) {
                        scene = scene.with(id, facts.clone());
                    }
                }
            )*};
        }
        add!(
            tables: RouteTable, acls: NetworkAcl, groups: SecurityGroup, gateways: InternetGateway,
            nats: NatGateway, endpoints: VpcEndpoint, lists: PrefixList
        );
        // Sites hold their subnets, which cannot be unread then.
        for (id, facts) in &self.subnets {
            scene = scene.with(id, facts.clone());
        }
        scene.snapshot()
    }
}

fn addresses(blocks: &[&str]) -> Addresses {
    let mut all = Addresses::default();
    blocks.iter().for_each(|block| all.add(&Cidr::parse(block).expect("a block")));
    all
}

fn site<'s>(snapshot: &'s Snapshot, of: &str, subnet: &str, address: &str, change: Change) -> Place<'s> {
    let of = the(snapshot, Kind::EcsService, of);
    let mut site = Site {
        of,
        subnet: the(snapshot, Kind::Subnet, subnet),
        addresses: addresses(&[address]),
        exact: true,
        ipv6: None,
        guard: Some(Guard { of, groups: &World::facts::<Service>(of).groups }),
        public: Public::No,
        listens: None,
    };
    change(&mut site);
    Place::Aws(site.into())
}

/// What became of a question, in one word: `yes`, `open`, or the code of the reason; and the hops, and what is missing.
struct Told {
    answer: String,
    hops: Vec<String>,
    gaps: Vec<Gap>,
    shown: String,
}

fn told(answer: path::leg::Answer<'_>) -> Told {
    let (word, hops, gaps) = match answer {
        Answer::Yes(hops) => ("yes", hops, Vec::new()),
        Answer::Open(gaps, hops) => ("open", hops, gaps),
        Answer::No(loss) => (loss.reason.code(), loss.hops, Vec::new()),
    };
    Told {
        answer: word.to_owned(),
        hops: hops.iter().map(|hop| hop.at.label().to_owned()).collect(),
        gaps,
        shown: hops
            .iter()
            .flat_map(|hop| &hop.evidence)
            .map(|by| format!("{} {} {}\n", by.resource, by.fact, by.value))
            .collect(),
    }
}

/// Whether all of it arrives, and whether any of it does.
fn both(net: &Net, from: Who, to: Who, traffic: &Traffic) -> (Told, Told) {
    let snapshot = net.snapshot();
    let world = World::new(&snapshot);
    let place = |who| match who {
        Who::Internet => Place::Internet,
        Who::Web => site(&snapshot, "web", "subnet-a", "10.0.0.10", net.web),
        Who::Db => site(&snapshot, "db", "subnet-b", "10.0.1.20", net.db),
        Who::Table => Place::Service(the(&snapshot, Kind::DynamodbTable, TABLE)),
    };
    let leg = leg(&place(from), &place(to), traffic, &world);
    for way in &leg.ways {
        assert!(way.possible.covers(&way.certain), "what is certain is possible");
        assert!(leg.asked.covers(&way.possible), "nothing comes up on the way");
    }
    (told(leg.reaches(&|_| Some(true))), told(leg.lets_in(&|_| Some(true))))
}

fn reaches(net: &Net, from: Who, to: Who, port: i64) -> String {
    both(net, from, to, &Traffic::tcp(port)).0.answer
}

fn lets_in(net: &Net, from: Who, to: Who, port: i64) -> String {
    both(net, from, to, &Traffic::tcp(port)).1.answer
}

/// One change of the net, and what becomes of what is drawn: that all arrives, and that any does.
type Case = (&'static str, fn(&mut Net), &'static str, &'static str);

fn check(from: Who, to: Who, port: i64, cases: &[Case]) {
    for (what, change, all, any) in cases {
        let net = net().with(change);
        let (every, some) = both(&net, from, to, &Traffic::tcp(port));
        assert_eq!((every.answer.as_str(), some.answer.as_str()), (*all, *any), "{what}: {:?}", every.gaps);
    }
}
