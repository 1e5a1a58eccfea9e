//! Small worlds for the tests of relations that lead from entry to delivery.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::{Value, json};

use crate::model::aws::Arn;
use crate::model::aws::policy::PolicyDocument;
use crate::model::call::Source;
use crate::model::kind::{Kind, Resource};
use crate::model::scope::Scope;
use crate::model::seen::{Gap, Why};
use crate::model::snapshot::{Entry, Header, Ledger, LedgerKey, Origin, Outcome, SCHEMA, Snapshot, Tool};
use crate::rules::world::scope_of;
use crate::rules::{Edge, Edges, End, Relation, World};

pub(crate) const MAIN: &str = "111111111111";
pub(crate) const COMMON: &str = "999999999999";

/// Scope of the main account.
pub(crate) fn here() -> Scope {
    Scope::aws(MAIN, "us-west-1")
}

/// Scope of the common account.
pub(crate) fn common() -> Scope {
    Scope::aws(COMMON, "us-west-1")
}

/// Address of the cluster's API server.
pub(crate) const SERVER: &str = "api.example.com";

/// Scope of the cluster.
pub(crate) fn kubernetes() -> Scope {
    Scope::kubernetes(SERVER)
}

/// Id of an object in the cluster's namespace `shop`.
pub(crate) fn in_shop(kind: &str, name: &str) -> String {
    crate::model::kubernetes::id(SERVER, Some("shop"), kind, name)
}

/// Id of that namespace.
pub(crate) const SHOP: &str = "api.example.com/namespace/shop";

/// A snapshot in the making.
pub(crate) struct Lab {
    resources: BTreeMap<(Kind, String), Resource>,
    ledger: Ledger,
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self { resources: BTreeMap::new(), ledger: Ledger::new() }
    }

    /// Adds a resource; an ARN says where it lives, anything else lives in the main account.
    pub(crate) fn add(self, kind: Kind, id: &str, facts: Value) -> Self {
        let name = Arn::parse(id).map_or(id, |arn| arn.name());
        self.named(kind, id, name, facts)
    }

    /// Adds an object of the cluster, called by the end of its id.
    pub(crate) fn in_kubernetes(self, kind: Kind, id: &str, facts: Value) -> Self {
        let name = id.rsplit('/').next().unwrap_or(id);
        self.resource(kind, id, name, &kubernetes(), facts)
    }

    /// Adds a resource whose name is not the end of its ARN.
    pub(crate) fn named(self, kind: Kind, id: &str, name: &str, facts: Value) -> Self {
        self.resource(kind, id, name, &scope_of(kind, id, &here()), facts)
    }

    #[expect(clippy::needless_pass_by_value, reason = "the callers make it on the spot")]
    fn resource(mut self, kind: Kind, id: &str, name: &str, scope: &Scope, facts: Value) -> Self {
        let line = json!({
            "kind": kind.name(), "id": id, "name": name, "scope": scope,
            "tags": {}, "read_at": DateTime::UNIX_EPOCH, "facts": facts,
        });
        let resource = serde_json::from_str(&line.to_string()).expect("facts of that kind");
        self.resources.insert((kind, id.to_owned()), resource);
        self
    }

    /// A role with one inline policy; every service may assume it that a test asks about.
    pub(crate) fn role(self, arn: &str, statements: &Value) -> Self {
        let inline = json!({ "inline": policy(statements) });
        let services = ["ecs-tasks", "codebuild", "codepipeline", "codedeploy"];
        let services: Vec<_> = services.iter().map(|name| format!("{name}.amazonaws.com")).collect();
        let trust = policy(
            &json!([{ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": services } }]),
        );
        let facts = json!({ "trust": trust, "attached_policies": [], "inline_policies": inline });
        self.add(Kind::IamRole, arn, facts)
    }

    /// A repository and its policy.
    #[expect(clippy::needless_pass_by_value, reason = "the callers make it on the spot")]
    pub(crate) fn repository(self, arn: &str, policy: Value) -> Self {
        let arn_parts = Arn::parse(arn).expect("an ARN");
        let uri = format!("{}.dkr.ecr.{}.amazonaws.com/x", arn_parts.account, arn_parts.region);
        let facts = json!({
            "registry": arn_parts.account, "uri": uri, "policy": policy, "lifecycle": null, "scanning": null,
        });
        self.add(Kind::EcrRepository, arn, facts)
    }

    pub(crate) fn complete(self, source: &Source, scope: &Scope, key: &str) -> Self {
        self.ended(source, scope, key, Outcome::Complete)
    }

    pub(crate) fn denied(self, source: &Source, scope: &Scope, key: &str) -> Self {
        self.ended(source, scope, key, Outcome::Denied)
    }

    fn ended(mut self, source: &Source, scope: &Scope, key: &str, outcome: Outcome) -> Self {
        let key = LedgerKey { scope: scope.clone(), call: source.primary().to_owned(), key: key.to_owned() };
        self.ledger.insert(key, Entry { outcome, pages: 1, items: 0, detail: String::new() });
        self
    }

    pub(crate) fn snapshot(self) -> Snapshot {
        let account = |role: &str, id: &str| (role.to_owned(), id.to_owned());
        Snapshot {
            header: Header {
                schema: SCHEMA.into(),
                tool: Tool::this(),
                source: Origin::Snapshot,
                captured_at: DateTime::UNIX_EPOCH,
                finished_at: DateTime::UNIX_EPOCH,
                accounts: BTreeMap::from([account("", MAIN), account("common", COMMON)]),
                regions: vec!["us-west-1".into()],
                subscriptions: BTreeMap::new(),
                cluster: None,
                identity: Vec::new(),
                needs: String::new(),
            },
            ledger: self.ledger,
            resources: self.resources.into_values().collect(),
        }
    }

    /// What a relation finds from this resource, put so that it can be compared.
    pub(crate) fn edges(self, relation: &dyn Relation, kind: Kind, id: &str) -> Found {
        let snapshot = self.snapshot();
        let world = World::new(&snapshot);
        let from = world.get(kind, id).expect("the test added it");
        let edges = relation.edges(from, relation.meta().to, &world);
        for edge in &edges.found {
            let names: Vec<_> = edge.attributes.iter().map(|(name, _)| *name).collect();
            let expected: Vec<_> =
                relation.meta().attributes.iter().map(|attribute| attribute.name).collect();
            assert_eq!(names, expected, "the attributes of {}", relation.meta().name);
            assert!(!edge.evidence.is_empty(), "an edge without evidence");
        }
        Found::of(&edges)
    }
}

/// Edges as texts: `end`, and attributes by name with gaps as the call they miss.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) edges: Vec<(String, Value)>,
    pub(crate) gaps: Vec<Gap>,
}

impl Found {
    fn of(edges: &Edges<'_>) -> Self {
        Self { edges: edges.found.iter().map(told).collect(), gaps: edges.open().cloned().collect() }
    }

    /// The ends, in order: `id`, `? id` where it is unread, `! label` where it is outside.
    pub(crate) fn ends(&self) -> Vec<&str> {
        self.edges.iter().map(|(end, _)| end.as_str()).collect()
    }

    /// Each edge's attribute of this name.
    pub(crate) fn attribute(&self, name: &str) -> Vec<&Value> {
        self.edges.iter().map(|(_, attributes)| &attributes[name]).collect()
    }

    /// The calls behind the gaps.
    pub(crate) fn calls(&self) -> Vec<&str> {
        self.gaps.iter().map(|gap| gap.call.as_str()).collect()
    }
}

fn told(edge: &Edge<'_>) -> (String, Value) {
    let end = match &edge.to {
        End::Resource(resource) => resource.id.clone(),
        End::Unread { id, .. } => format!("? {id}"),
        End::Outside(label) => format!("! {label}"),
    };
    let attributes = edge.attributes.iter().map(|(name, value)| {
        let value = value.clone().unwrap_or_else(|gap| Value::String(format!("? {}", gap_told(&gap))));
        ((*name).to_owned(), value)
    });
    (end, Value::Object(attributes.collect()))
}

fn gap_told(gap: &Gap) -> &str {
    if gap.why == Why::InTransition { "in transition" } else { &gap.call }
}

/// A policy as the model has it, from the statements that AWS would store.
pub(crate) fn policy(statements: &Value) -> Value {
    let document = PolicyDocument::parse(&json!({ "Statement": statements }).to_string()).expect("a policy");
    serde_json::to_value(document).expect("plain data")
}

/// A field that `source` would tell.
pub(crate) fn unread(source: &Source, scope: &Scope, key: &str) -> Value {
    json!({ "$gap": Gap::unread(source.primary(), scope, key) })
}
