//! Small worlds for tests: resources by their facts, and which listings were answered.

use std::collections::BTreeMap;

use chrono::DateTime;

use crate::model::aws::ec2::{
    AclEntry, GroupRef, NetworkAcl, PrefixList, Route, RouteTable, SecurityGroup, SgRule, Subnet, Vpc,
    VpcEndpoint,
};
use crate::model::aws::ecs::Service;
use crate::model::call::Source;
use crate::model::kind::{Facet, Head, Kind, Resource};
use crate::model::scope::Scope;
use crate::model::seen::{Gap, Seen, Why};
use crate::model::snapshot::{Entry, Header, Ledger, LedgerKey, Origin, Outcome, SCHEMA, Snapshot, Tool};

use super::{Edge, Edges, End, Relation, World};

pub(crate) mod azure;
pub(crate) mod kubernetes;

pub(crate) const MAIN: &str = "111111111111";
pub(crate) const COMMON: &str = "999999999999";
/// Known by the ids of its resources alone.
pub(crate) const STRANGER: &str = "222222222222";

/// Where resources of a scene live unless it says otherwise.
pub(crate) fn here() -> Scope {
    Scope::aws(MAIN, "us-west-1")
}

/// A snapshot in the making.
#[derive(Default)]
pub(crate) struct Scene {
    resources: Vec<Resource>,
    ledger: Ledger,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A resource of the main account, called by its id.
    pub(crate) fn with<T: Facet>(self, id: &str, facts: T) -> Self {
        let scope = if T::META.global { here().global() } else { here() };
        self.with_in(&scope, id, id, facts)
    }

    pub(crate) fn with_in(mut self, scope: &Scope, id: &str, name: &str, facts: impl Facet) -> Self {
        let head = Head {
            id: id.to_owned(),
            name: name.to_owned(),
            scope: scope.clone(),
            tags: Seen::Known(BTreeMap::default()),
            read_at: DateTime::UNIX_EPOCH,
        };
        self.resources.push(Resource::new(head, facts));
        self
    }

    /// The main account's lists of these kinds were answered in full.
    pub(crate) fn listed(self, kinds: &[Kind]) -> Self {
        kinds.iter().fold(self, |scene, kind| {
            let source = kind.meta().listed().expect("a kind that is listed over a scope");
            scene.answered(source, &here(), "", Outcome::Complete)
        })
    }

    /// The main account's list of this kind was denied.
    pub(crate) fn denied(self, kind: Kind) -> Self {
        let source = kind.meta().listed().expect("a kind that is listed over a scope");
        self.answered(source, &here(), "", Outcome::Denied)
    }

    pub(crate) fn answered(mut self, source: &Source, scope: &Scope, key: &str, outcome: Outcome) -> Self {
        let call = source.primary().to_owned();
        let key = LedgerKey { scope: scope.clone(), call, key: key.to_owned() };
        self.ledger.insert(key, Entry { outcome, pages: 1, items: 0, detail: String::new() });
        self
    }

    pub(crate) fn snapshot(mut self) -> Snapshot {
        self.resources.sort_by(|a, b| (a.kind(), &a.id).cmp(&(b.kind(), &b.id)));
        let accounts = [("", MAIN), ("common", COMMON)];
        let subscriptions = [("", azure::SUBSCRIPTION), ("dns", azure::SHARED)];
        Snapshot {
            header: Header {
                schema: SCHEMA.to_owned(),
                tool: Tool::this(),
                source: Origin::Snapshot,
                captured_at: DateTime::UNIX_EPOCH,
                finished_at: DateTime::UNIX_EPOCH,
                accounts: accounts.map(|(role, account)| (role.to_owned(), account.to_owned())).into(),
                regions: vec!["us-west-1".to_owned()],
                subscriptions: subscriptions.map(|(role, id)| (role.to_owned(), id.to_owned())).into(),
                cluster: None,
                identity: Vec::new(),
                needs: String::new(),
            },
            ledger: self.ledger,
            resources: self.resources,
        }
    }
}

/// The resource of a test, which is there.
pub(crate) fn the<'s>(snapshot: &'s Snapshot, kind: Kind, id: &str) -> &'s Resource {
    snapshot.find(kind, id).expect("the scene has it")
}

/// The edges from a resource to all kinds of end, each with exactly the attributes that the relation declares.
pub(crate) fn edges<'s>(relation: &dyn Relation, world: &World<'s>, kind: Kind, from: &str) -> Edges<'s> {
    let meta = relation.meta();
    let edges = relation.edges(the(world.snapshot(), kind, from), meta.to, world);
    let declared: Vec<&str> = meta.attributes.iter().map(|attribute| attribute.name).collect();
    for edge in &edges.found {
        let given: Vec<&str> = edge.attributes.iter().map(|(name, _)| *name).collect();
        assert_eq!(given, declared, "{}", meta.name);
        assert!(!edge.evidence.is_empty(), "{} without evidence", meta.name);
    }
    edges
}

/// The gap that asks for the main account's list of a kind.
pub(crate) fn unread_list(kind: Kind) -> Gap {
    let source = kind.meta().listed().expect("a kind that is listed over a scope");
    Gap::unread(source.primary(), &here(), "")
}

/// The gap where the main account's list of a kind was denied.
pub(crate) fn denied_list(kind: Kind) -> Gap {
    Gap { why: Why::Denied, ..unread_list(kind) }
}

impl Edge<'_> {
    pub(crate) fn attribute(&self, name: &str) -> &Result<serde_json::Value, Gap> {
        let found = self.attributes.iter().find(|(of, _)| *of == name);
        found.map(|(_, value)| value).expect("an attribute of the relation")
    }

    /// Where it ends: the id of what is there, `! …` outside, `? …` with what is told of the gap where that is open.
    pub(crate) fn end<T: std::fmt::Display>(&self, unread: impl Fn(&Gap) -> T) -> String {
        match &self.to {
            End::Resource(resource) => resource.id.clone(),
            End::Unread { gap, .. } => format!("? {}", unread(gap)),
            End::Outside(label) => format!("! {label}"),
        }
    }
}

pub(crate) fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|&one| one.to_owned()).collect()
}

pub(crate) fn vpc(cidr: &str) -> Vpc {
    Vpc { cidrs: texts(&[cidr]), is_default: false, state: "available".to_owned() }
}

pub(crate) fn subnet(vpc: &str, cidr: &str) -> Subnet {
    Subnet {
        vpc: vpc.to_owned(),
        zone: "us-west-1a".to_owned(),
        zone_id: None,
        cidr: cidr.to_owned(),
        ipv6_cidrs: Vec::new(),
        map_public_ip_on_launch: false,
        state: "available".to_owned(),
        owner_account: Some(MAIN.to_owned()),
    }
}

/// A route table with routes of (destination, target); the VPC's main one where it names no subnets.
pub(crate) fn route_table(vpc: &str, subnets: &[&str], routes: &[(&str, &str)]) -> RouteTable {
    let route = |(destination, target): &(&str, &str)| Route {
        destination: (*destination).to_owned(),
        target: (*target).to_owned(),
        state: "active".to_owned(),
    };
    RouteTable {
        vpc: vpc.to_owned(),
        main: subnets.is_empty(),
        subnets: texts(subnets),
        gateways: Vec::new(),
        routes: routes.iter().map(route).collect(),
    }
}

/// An endpoint of `vpc-1` for a service of the region, which lets everything through and lies nowhere yet.
pub(crate) fn endpoint(service: &str, r#type: &str) -> VpcEndpoint {
    VpcEndpoint {
        vpc: "vpc-1".to_owned(),
        r#type: r#type.to_owned(),
        service: format!("com.amazonaws.us-west-1.{service}"),
        state: "available".to_owned(),
        subnets: Vec::new(),
        route_tables: Vec::new(),
        groups: Vec::new(),
        private_dns: false,
        policy: None,
    }
}

pub(crate) fn group(ingress: Vec<SgRule>, egress: Vec<SgRule>) -> SecurityGroup {
    SecurityGroup { vpc: Some("vpc-1".to_owned()), ingress, egress }
}

/// A rule for ports of a protocol; its ends are read by their form: `sg-…`, `pl-…`, a CIDR.
pub(crate) fn rule(protocol: &str, from: i64, to: i64, ends: &[&str]) -> SgRule {
    let of =
        |wanted: fn(&str) -> bool| texts(&ends.iter().copied().filter(|end| wanted(end)).collect::<Vec<_>>());
    let groups = of(|end| end.starts_with("sg-"));
    SgRule {
        protocol: protocol.to_owned(),
        from: Some(from),
        to: Some(to),
        cidrs: of(|end| end.contains('.')),
        ipv6_cidrs: of(|end| end.contains(':')),
        prefix_lists: of(|end| end.starts_with("pl-")),
        groups: groups.into_iter().map(|id| GroupRef { id, account: None }).collect(),
    }
}

/// A rule for all protocols and ports.
pub(crate) fn everything(ends: &[&str]) -> SgRule {
    SgRule { from: None, to: None, ..rule("-1", 0, 0, ends) }
}

pub(crate) fn prefix_list(cidrs: &[&str]) -> PrefixList {
    PrefixList { owner_account: None, family: None, cidrs: Seen::Known(texts(cidrs)) }
}

/// A network ACL that lets everything through.
pub(crate) fn open_acl(subnets: &[&str]) -> NetworkAcl {
    let entries = vec![
        acl_entry(100, true, true, (0, 65535), "0.0.0.0/0"),
        acl_entry(100, false, true, (0, 65535), "0.0.0.0/0"),
    ];
    NetworkAcl { vpc: "vpc-1".to_owned(), is_default: true, subnets: texts(subnets), entries }
}

/// An entry for TCP.
pub(crate) fn acl_entry(number: i64, egress: bool, allow: bool, ports: (i64, i64), cidr: &str) -> AclEntry {
    AclEntry {
        number,
        egress,
        allow,
        protocol: "6".to_owned(),
        cidr: Some(cidr.to_owned()),
        ipv6_cidr: None,
        from: Some(ports.0),
        to: Some(ports.1),
    }
}

pub(crate) fn service(subnets: &[&str], groups: &[&str]) -> Service {
    Service {
        cluster: "arn:aws:ecs:us-west-1:111111111111:cluster/app".to_owned(),
        status: "ACTIVE".to_owned(),
        launch_type: Some("FARGATE".to_owned()),
        capacity_providers: Vec::new(),
        desired: 1,
        running: 1,
        pending: 0,
        rollout: Some("COMPLETED".to_owned()),
        controller: None,
        task_definition: None,
        subnets: texts(subnets),
        groups: texts(groups),
        assign_public_ip: Some("DISABLED".to_owned()),
        load_balancers: Vec::new(),
        others_in_progress: 0,
    }
}
