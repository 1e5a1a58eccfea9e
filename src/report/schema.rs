//! The JSON Schemas of what this program writes, made from the types that are written. Committed under `tests/schema`.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::model::kind::{Head, Kind};
use crate::model::run::{self, Run};
use crate::model::snapshot::{self, Entry, Header, LedgerKey};

/// Of a report: one JSON document.
pub fn report() -> Value {
    let mut schema = generator().into_root_schema_for::<Run>().to_value();
    entitle(&mut schema, "urn:stacks-audit:report:v1", run::SCHEMA, "What a run of stacks-audit found.");
    set(&mut schema, "/properties/schema", json!({ "const": run::SCHEMA }));
    schema
}

/// Of a snapshot: every line of the file is one such document.
pub fn snapshot() -> Value {
    const ID: &str = "urn:stacks-audit:snapshot:v1";
    let mut generator = generator();
    let header = generator.subschema_for::<Header>().to_value();
    let mut lines =
        vec![json!({ "allOf": [header, { "properties": { "schema": { "const": snapshot::SCHEMA } } }] })];

    let key = generator.subschema_for::<LedgerKey>().to_value();
    let mut entry = Entry::json_schema(&mut generator).to_value();
    set(&mut entry, "/properties/ledger", key);
    require(&mut entry, &["ledger"]);
    lines.push(entry);

    let head = Head::json_schema(&mut generator).to_value();
    lines.extend(Kind::ALL.iter().map(|kind| resource(&head, *kind, ID)));

    let count = json!({ "type": "integer", "minimum": 0 });
    lines.push(json!({
        "description": "The last line: how many entries and resources came before it.",
        "type": "object",
        "properties": { "end": {
            "type": "object",
            "properties": { "ledger": count, "resources": count },
            "required": ["ledger", "resources"],
        } },
        "required": ["end"],
    }));
    let mut schema = json!({ "anyOf": lines, "$defs": generator.take_definitions(true) });
    entitle(
        &mut schema,
        ID,
        snapshot::SCHEMA,
        "A line of a snapshot: header, ledger entry, resource or end.",
    );
    schema
}

/// The head's members, the kind, and the facts. Facts have an `$id` of their own, so that their `$defs` stay theirs.
fn resource(head: &Value, kind: Kind, id: &str) -> Value {
    let mut facts = kind.schema().to_value();
    set(&mut facts, "/$id", json!(format!("{id}:{kind}")));
    let mut line = head.clone();
    set(&mut line, "/title", json!(kind.name()));
    set(&mut line, "/description", json!(kind.meta().about));
    set(&mut line, "/properties/kind", json!({ "const": kind.name() }));
    set(&mut line, "/properties/facts", facts);
    set(&mut line, "/additionalProperties", json!(false));
    require(&mut line, &["kind", "facts"]);
    line
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_serialize().into_generator()
}

/// Puts identity and title first, where a reader looks for them.
fn entitle(schema: &mut Value, id: &str, title: &str, about: &str) {
    let mut named = Map::new();
    named.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    named.insert("$id".into(), json!(id));
    named.insert("title".into(), json!(title));
    named.insert("description".into(), json!(about));
    if let Value::Object(rest) = schema.take() {
        for (key, value) in rest {
            named.entry(key).or_insert(value);
        }
    }
    *schema = Value::Object(named);
}

/// Sets the member a pointer names; its parent is there.
fn set(schema: &mut Value, pointer: &str, value: Value) {
    let (parent, member) = pointer.rsplit_once('/').expect("a pointer starts with a slash");
    let parent = schema.pointer_mut(parent).and_then(Value::as_object_mut);
    parent.expect("schemas of structs are objects with properties").insert(member.into(), value);
}

fn require(schema: &mut Value, members: &[&str]) {
    let required = schema.get_mut("required").and_then(Value::as_array_mut);
    required
        .expect("every struct here has a member that must be there")
        .extend(members.iter().map(|m| json!(m)));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::model::scope::Scope;
    use crate::model::seen::Seen;
    use crate::model::snapshot::{Ledger, Origin, Outcome, Snapshot, Tool};
    use crate::report::sample;

    /// `UPDATE=1 cargo test schema` writes them anew.
    fn committed(name: &str, generated: &Value) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema").join(name);
        let text = format!("{generated:#}\n");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &text).expect("the folder is there");
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(there == text, "{name} is not what the types say: run `UPDATE=1 cargo test schema` and look");
    }

    fn errors(schema: &Value, instance: &Value) -> Vec<String> {
        let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        compiler.add_resource("schema.json", schema.clone()).expect("a schema");
        let schema = compiler.compile("schema.json", &mut schemas).expect("a schema");
        schemas.validate(instance, schema).err().iter().map(|error| format!("{error:#}")).collect()
    }

    #[test]
    fn the_committed_schemas_are_the_types() {
        committed("report-v1.schema.json", &report());
        committed("snapshot-v1.schema.json", &snapshot());
    }

    #[test]
    fn a_run_is_valid() {
        let schema = report();
        for run in [sample::run(), sample::empty()] {
            let json = serde_json::to_value(&run).expect("plain data");
            assert_eq!(errors(&schema, &json), Vec::<String>::new());
        }
    }

    #[test]
    fn another_major_or_a_missing_verdict_is_not() {
        let schema = report();
        let mut json = serde_json::to_value(sample::run()).expect("plain data");
        json["schema"] = json!("stacks-audit/report/v2");
        assert_eq!(errors(&schema, &json).len(), 1);
        let mut json = serde_json::to_value(sample::run()).expect("plain data");
        json["audits"][0]["findings"][0]["status"] = json!("GREEN");
        assert_eq!(errors(&schema, &json).len(), 1);
    }

    fn lines() -> Vec<Value> {
        let scope = Scope::aws("111111111111", "us-west-1");
        let key = LedgerKey { scope: scope.clone(), call: "ec2:DescribeVpcs".into(), key: String::new() };
        let entry = Entry { outcome: Outcome::Complete, pages: 1, items: 1, detail: String::new() };
        let vpc = json!({
            "kind": "aws.vpc", "id": "vpc-0a", "name": "main", "scope": scope, "tags": { "env": "dev" },
            "read_at": sample::time(),
            "facts": vpc_facts(),
        });
        let mut denied: crate::model::kind::Resource =
            serde_json::from_str(&vpc.to_string()).expect("a resource");
        denied.head.id = "vpc-0b".into();
        denied.head.tags = Seen::unread("ec2:DescribeTags", &scope, "vpc-0b");
        let snapshot = Snapshot {
            header: Header {
                schema: snapshot::SCHEMA.into(),
                tool: Tool::this(),
                source: Origin::Tape,
                captured_at: sample::time(),
                finished_at: sample::time(),
                accounts: BTreeMap::new(),
                regions: vec!["us-west-1".into()],
                subscriptions: BTreeMap::new(),
                cluster: None,
                identity: Vec::new(),
                needs: String::new(),
            },
            ledger: Ledger::from([(key, entry)]),
            resources: vec![serde_json::from_str(&vpc.to_string()).expect("a resource"), denied],
        };
        let mut bytes = Vec::new();
        snapshot.write(&mut bytes).expect("memory takes every byte");
        bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).expect("own output"))
            .collect()
    }

    fn vpc_facts() -> Value {
        json!({ "cidrs": ["10.0.0.0/16"], "is_default": false, "state": "available" })
    }

    #[test]
    fn every_line_of_a_snapshot_is_valid() {
        let schema = snapshot();
        let lines = lines();
        assert_eq!(lines.len(), 5);
        for line in &lines {
            assert_eq!(errors(&schema, line), Vec::<String>::new(), "{line}");
        }
    }

    #[test]
    fn a_line_of_no_kind_is_not() {
        let schema = snapshot();
        let mut line = lines().remove(2);
        line["kind"] = json!("aws.moon");
        assert!(!errors(&schema, &line).is_empty());
    }
}
