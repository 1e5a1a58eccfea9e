//! The parts of an event that tell of a subject, of evidence, and of what the class has no place for.

use serde_json::{Value, json};

use super::{OTHER, TEXT};
use crate::model::run::{Disposition, Evidence, Finding, Run, Subject};
use crate::model::scope::{GLOBAL, Provider};
use crate::report::feed::{Bounds, Entry, Feed, is_region, object, subject_id};

/// The longest value of an evidence, in bytes; the most evidences of a finding.
const VALUE: usize = 8192;
pub(super) const LISTED: usize = 100;

/// The account's id and what sort it is.
fn account(feed: &Feed<'_>, finding: &Finding, to: &mut Bounds) -> Value {
    let (type_id, sort) = match feed.provider(&finding.subject) {
        Some(Provider::Aws) => (10, "AWS Account"),
        Some(Provider::Azure) => (13, "Azure Subscription"),
        Some(Provider::Kubernetes) => (OTHER, "Kubernetes Cluster"),
        None => (0, "Unknown"),
    };
    json!({ "uid": to.some(&finding.subject.account, TEXT), "type_id": type_id, "type": sort })
}

/// Regions are of the profile that events outside clouds do without.
fn region(feed: &Feed<'_>, subject: &Subject, to: &mut Bounds) -> Option<String> {
    let lies_in_one = match feed.provider(subject)? {
        Provider::Aws => is_region(&subject.region),
        Provider::Azure => !subject.region.is_empty() && subject.region != GLOBAL,
        Provider::Kubernetes => false,
    };
    lies_in_one.then(|| to.text(&subject.region, TEXT))
}

/// Nothing for what lies in no cloud.
pub(super) fn cloud(feed: &Feed<'_>, finding: &Finding, to: &mut Bounds) -> Value {
    let subject = &finding.subject;
    let (provider, partition) = match feed.provider(subject) {
        Some(Provider::Aws) => ("AWS", Some(feed.partition(subject))),
        Some(Provider::Azure) => ("Azure", None),
        Some(Provider::Kubernetes) | None => return Value::Null,
    };
    object([
        ("provider", provider.into()),
        ("cloud_partition", partition.into()),
        ("account", account(feed, finding, to)),
        ("region", region(feed, subject, to).into()),
    ])
}

pub(super) fn resource(feed: &Feed<'_>, entry: &Entry<'_>, to: &mut Bounds) -> Value {
    let subject = &entry.finding.subject;
    let provider = feed.provider(subject);
    object([
        ("uid", to.some(&subject_id(entry), TEXT).into()),
        ("name", to.text(&subject.name, TEXT).into()),
        ("type", to.text(&subject.kind, TEXT).into()),
        ("role_id", 1.into()),
        ("role", "Target".into()),
        ("cloud_partition", (provider == Some(Provider::Aws)).then(|| feed.partition(subject)).into()),
        ("region", region(feed, subject, to).into()),
        ("owner", json!({ "account": account(feed, entry.finding, to) })),
    ])
}

pub(super) fn evidences(all: &[Evidence], to: &mut Bounds) -> Vec<Value> {
    to.cut |= all.len() > LISTED;
    let each = |evidence: &Evidence| {
        let (service, operation) = evidence.call.split_once(':').unwrap_or(("", &evidence.call));
        let api = object([
            ("operation", to.text(operation, TEXT).into()),
            ("service", object([("name", to.text(service, TEXT).into())])),
        ]);
        let resource = to.text(&evidence.resource, TEXT);
        object([
            ("name", to.text(&evidence.fact, TEXT).into()),
            ("api", if operation.is_empty() { Value::Null } else { api }),
            ("resources", if resource.is_empty() { Value::Null } else { json!([{ "uid": resource }]) }),
            (
                "data",
                json!({
                    "value": to.value(&evidence.value, VALUE),
                    "scope": evidence.scope.as_ref().map(|scope| to.text(&scope.to_string(), TEXT)),
                    "at": evidence.at.map(|at| at.timestamp_millis()),
                }),
            ),
        ])
    };
    all.iter().take(LISTED).map(each).collect()
}

/// What the class has no place for.
pub(super) fn unmapped(run: &Run, entry: &Entry<'_>, to: &mut Bounds) -> Value {
    let Finding { severity, state_hash, caused_by, assumptions, groups, policy, change, .. } = entry.finding;
    let waiver = entry.finding.disposition.as_ref().map(
        |Disposition::Waived { reason, owner, approved_by, expires }| {
            json!({
                "reason": to.text(reason, TEXT),
                "owner": to.text(owner, TEXT),
                "approved_by": to.text(approved_by, TEXT),
                "expires": to.text(expires, TEXT),
            })
        },
    );
    let mut list = |texts: &[String]| Value::from(to.list(texts.iter().map(String::as_str), LISTED, TEXT));
    object([
        ("caused_by", list(caused_by)),
        ("assumptions", list(assumptions)),
        ("groups", list(groups)),
        ("env", to.text(&run.env, TEXT).into()),
        (
            "design",
            to.text(&format!("{} {}", entry.audit.design.id, entry.audit.design.version), TEXT).into(),
        ),
        ("basis", entry.finding.basis.as_str().into()),
        ("severity", severity.as_str().into()),
        ("state_hash", to.text(state_hash, TEXT).into()),
        ("policy", json!({ "file": to.text(&policy.file, TEXT), "line": policy.line })),
        ("change", json!(change)),
        ("waiver", waiver.into()),
    ])
}
