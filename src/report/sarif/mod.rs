//! `sarif`: SARIF 2.1.0, one run, for code scanning. A rule is a check, a result a finding that is FAIL or UNKNOWN, at the
//! line of the policy that asks for it.
//!
//! What passes or does not apply is no result: GitHub and most others make an alert of every result whatever its `kind`.
//! That it was judged stands in the run's properties (`verdicts`), and each check is a rule. Only beside a baseline is it
//! a result when it says something else than then: that is how something mended shows.
//!
//! * FAIL is `kind: fail`, its `level` by severity. UNKNOWN is `kind: open` **without a level**: the standard (3.27.10)
//!   then takes `none` and allows no other; GitHub, which looks at no `kind`, takes the rule's own, and shows it.
//! * GitHub knows results by `primaryLocationLineHash` alone, and makes it of the line where it is missing: all findings
//!   of a check have one line, and would be one alert. So it is the finding's id, as is `stacksAudit/v1`.
//! * GitHub refuses a file where one result has no location, and one with more than 25,000 results: the worst come first,
//!   those that are left out are counted in a notification.
//! * A waiver is a suppression, and in the message too, for readers that show suppressed results.
//! * In a plain message `[text](target)` is a link and `{0}` a place for an argument: both are broken up.

mod invocation;
mod place;
mod rules;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::sync::LazyLock;

use chrono::{DateTime, SecondsFormat, Utc};
use regex::Regex;
use serde_json::{Value, json};

use super::Report;
use super::json::visible;
use super::text::clean;
use crate::model::run::{Audit, Change, DesignRef, Disposition, Evidence, Finding, Run, Status};
use place::place;

/// GitHub's limits: results of a run, characters of a description.
const RESULTS: usize = 25_000;
const DESCRIPTION: usize = 1000;
/// Ours, so that no account makes a file too large to be taken: columns of a message, of a value that was seen, and
/// how many facts, assumptions and causes of a result there are.
const MESSAGE: usize = 2000;
const VALUE: usize = 300;
const FACTS: usize = 20;

pub(super) struct Sarif {
    /// How many results it holds.
    results: usize,
}

impl Default for Sarif {
    fn default() -> Self {
        Self { results: RESULTS }
    }
}

impl Report for Sarif {
    fn id(&self) -> &'static str {
        "sarif"
    }

    fn write(&self, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
        let rules = rules::of(run);
        let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(n, check)| (*check, n)).collect();
        let mut results = results(run);
        let left_out = results.len().saturating_sub(self.results);
        results.truncate(self.results);
        out.write_all(
            br#"{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"#,
        )?;
        for (name, value) in [
            ("tool", rules::tool(run, &rules)),
            ("invocations", json!([invocation::of(run, left_out)])),
            ("automationDetails", json!({ "id": format!("stacks-audit/{}/", clean(&run.env, VALUE)) })),
            (
                "originalUriBaseIds",
                json!({ place::ROOT: { "description": { "text":
                "The folder that the paths of policies start at: of the checkout that was audited, or, for a built-in \
                 design, of the sources of stacks-audit." } } }),
            ),
            ("columnKind", json!("unicodeCodePoints")),
            ("properties", properties(run)),
        ] {
            write!(out, "\n\"{name}\":{},", visible(&value.to_string()))?;
        }
        out.write_all(b"\n\"results\":[")?;
        for (n, result) in results.iter().enumerate() {
            let separator = if n == 0 { "\n" } else { ",\n" };
            write!(out, "{separator}{}", visible(&result.value(&index).to_string()))?;
        }
        out.write_all(b"\n]}]}\n")
    }
}

/// What was wrong in the baseline, and is no finding any more.
fn absent(run: &Run) -> impl Iterator<Item = &Finding> {
    run.baseline.iter().flat_map(|baseline| &baseline.absent)
}

/// A finding as a result.
struct Told<'r> {
    finding: &'r Finding,
    /// `None` without a baseline.
    state: Option<&'static str>,
}

/// The worst first, as some readers take the first of many; what is gone comes last.
fn results(run: &Run) -> Vec<Told<'_>> {
    let state = |finding: &Finding| match finding.change {
        None => run.baseline.as_ref().map(|_| "new"),
        Some(change) => Some(change.as_str()),
    };
    let told = run
        .findings()
        .filter(|f| f.status.is_wrong() || f.disposition.is_some() || f.change == Some(Change::Updated));
    let mut results: Vec<Told<'_>> = told.map(|finding| Told { finding, state: state(finding) }).collect();
    results.sort_by_key(|Told { finding, .. }| {
        Reverse((finding.status.is_wrong(), finding.disposition.is_none(), finding.severity, finding.status))
    });
    results.extend(absent(run).map(|finding| Told { finding, state: Some("absent") }));
    results
}

impl Told<'_> {
    fn value(&self, index: &BTreeMap<&str, usize>) -> Value {
        let Finding { check, status, severity, basis, policy, subject, disposition, id, .. } = self.finding;
        // A box of the drawing is not a resource.
        let kind = if subject.is_resource() { "resource" } else { subject.kind.as_str() };
        let mut location = place(policy);
        location["logicalLocations"] = json!([{
            "name": clean(subject.label(), VALUE),
            "fullyQualifiedName": clean(&subject.id, MESSAGE),
            "kind": kind,
            "properties": { "kind": subject.kind, "account": subject.account, "region": subject.region },
        }]);
        let mut result = json!({
            "ruleId": check,
            "ruleIndex": index.get(check.as_str()),
            "kind": match status {
                Status::Fail => "fail",
                Status::Unknown => "open",
                Status::Pass => "pass",
                Status::NotApplicable => "notApplicable",
            },
            "message": { "text": literal(&message(self.finding)) },
            "locations": [location],
            "partialFingerprints": { "primaryLocationLineHash": id, "stacksAudit/v1": id },
            "suppressions": disposition.iter().map(suppression).collect::<Vec<_>>(),
            "properties": {
                "status": status.as_str(),
                "severity": severity.as_str(),
                "basis": basis.as_str(),
                "causedBy": bounded(&self.finding.caused_by),
                "assumptions": bounded(&self.finding.assumptions),
                "evidence": self.finding.evidence.iter().take(FACTS).map(fact).collect::<Vec<_>>(),
                "evidenceLeftOut": self.finding.evidence.len().saturating_sub(FACTS),
            },
        });
        match status {
            Status::Fail => result["level"] = json!(rules::level(*severity)),
            Status::Unknown => {}
            Status::Pass | Status::NotApplicable => result["level"] = json!("none"),
        }
        if let Some(state) = self.state {
            result["baselineState"] = json!(state);
        }
        result
    }
}

fn message(finding: &Finding) -> String {
    let subject = &finding.subject;
    let status =
        if finding.status == Status::Fail { String::new() } else { format!("{}: ", finding.status.as_str()) };
    let said = clean(&finding.message, MESSAGE);
    let mut text = format!(
        "{status}{} ({}): {}.",
        clean(subject.label(), VALUE),
        subject.kind,
        said.trim_end_matches('.')
    );
    if !finding.caused_by.is_empty() {
        let _ = write!(text, " Caused by {}.", bounded(&finding.caused_by).join(", "));
    }
    if let Some(why) = &finding.disposition {
        let _ = write!(text, " Waived {}", waiver(why));
    }
    text
}

fn waiver(why: &Disposition) -> String {
    clean(&format!("{}.", why.told()), DESCRIPTION).into_owned()
}

fn suppression(why: &Disposition) -> Value {
    let Disposition::Waived { owner, approved_by, expires, .. } = why;
    json!({
        "kind": "external",
        "status": "accepted",
        "justification": waiver(why),
        "properties": { "owner": owner, "approvedBy": approved_by, "expires": expires },
    })
}

fn bounded(texts: &[String]) -> Vec<String> {
    let mut all: Vec<String> = texts.iter().take(FACTS).map(|text| clean(text, VALUE).into_owned()).collect();
    if texts.len() > FACTS {
        all.push(format!("… and {} more", texts.len() - FACTS));
    }
    all
}

fn fact(evidence: &Evidence) -> Value {
    json!({
        "fact": clean(&evidence.fact, VALUE),
        "value": clean(&evidence.value.to_string(), VALUE),
        "resource": clean(&evidence.resource, VALUE),
        "call": evidence.call,
    })
}

/// Texts of its author's, bounded.
fn design(audit: &Audit) -> Value {
    let DesignRef { id, title, version, digest, origin, source } = &audit.design;
    let [id, title, version, digest, source] =
        [id, title, version, digest, source].map(|text| clean(text, VALUE));
    json!({ "id": id, "title": title, "version": version, "digest": digest, "origin": origin, "source": source })
}

fn properties(run: &Run) -> Value {
    let mut verdicts: BTreeMap<&str, Status> = BTreeMap::new();
    for finding in run.findings() {
        let verdict = verdicts.entry(&finding.check).or_insert(finding.status);
        *verdict = (*verdict).max(finding.status);
    }
    let designs = run
        .audits
        .iter()
        .map(|audit| json!({ "design": design(audit), "status": audit.status, "summary": audit.summary }));
    let baseline = run.baseline.as_ref().map(|baseline| {
        json!({
            "env": baseline.env,
            "capturedAt": time(baseline.captured_at),
            "snapshotDigest": baseline.snapshot_digest,
        })
    });
    json!({
        "env": clean(&run.env, VALUE),
        "status": run.status,
        "noVerdict": run.no_verdict.as_ref().map(|why| clean(why, VALUE)),
        "level": run.level,
        "source": run.source,
        "capturedAt": time(run.captured_at),
        "snapshotDigest": run.snapshot_digest,
        "summary": run.summary,
        "designs": designs.collect::<Vec<_>>(),
        "verdicts": verdicts,
        "baseline": baseline,
    })
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The text of a plain message, none of it a link or a place for an argument.
fn literal(text: &str) -> String {
    static ARGUMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{(\d+)\}").expect("a pattern"));
    ARGUMENT.replace_all(&text.replace("](", "] ("), "{{${1}}}").into_owned()
}

/// The text, or something else where it says nothing: what GitHub requires must not be empty.
fn or<'t>(text: Cow<'t, str>, otherwise: &'t str) -> Cow<'t, str> {
    if text.trim().is_empty() { otherwise.into() } else { text }
}

#[cfg(test)]
mod tests;
