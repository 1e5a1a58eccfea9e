//! What cases and suites say in words, as text of an XML file.

use std::fmt::{Arguments, Write as _};

use super::Case;
use crate::model::run::{Audit, Change, Disposition, Finding, Run, Status};
use crate::model::snapshot::Outcome;
use crate::report::text::{clean, entities};

/// How many columns of a text, findings of a case, facts of a finding and calls without an answer are told: CI servers
/// keep these reports in memory.
const TEXT: usize = 1000;
const FINDINGS: usize = 50;
const FACTS: usize = 20;
const CALLS: usize = 500;

/// All findings of a case that did not merely pass, and what the check asks for.
pub(super) fn told(case: &Case<'_>) -> String {
    let mut text = String::from("\n");
    let worth = case.findings.iter().filter(|f| f.status != Status::Pass || f.disposition.is_some());
    let mut left_out = 0;
    for (n, finding) in worth.enumerate() {
        if n >= FINDINGS {
            left_out += 1;
            continue;
        }
        line(
            &mut text,
            format_args!("{} {}  {}", finding.status.as_str(), finding.severity.as_str(), about(finding)),
        );
        line(&mut text, format_args!("  id: {}", xml(&finding.subject.id)));
        if !finding.caused_by.is_empty() {
            line(&mut text, format_args!("  caused by: {}", xml(&finding.caused_by.join(", "))));
        }
        if let Some(why) = &finding.disposition {
            line(&mut text, format_args!("  {}", waiver(why)));
        }
        if let Some(change) = finding.change {
            line(&mut text, format_args!("  since the baseline: {}", since(change)));
        }
    }
    if left_out > 0 {
        line(&mut text, format_args!("… and {left_out} more, which are left out here"));
    }
    let first = case.findings[0];
    for (name, said) in
        [("requirement", &first.says), ("why", &first.why), ("fix", &first.fix), ("source", &first.cite)]
    {
        if !said.is_empty() {
            line(&mut text, format_args!("{}: {}", name, xml(said)));
        }
    }
    line(&mut text, format_args!("policy: {}", xml(&format!("{}:{}", first.policy.file, first.policy.line))));
    text
}

/// What the findings of a case rest on.
pub(super) fn evidence(case: &Case<'_>) -> String {
    let mut text = String::from("\n");
    for finding in case.findings.iter().take(FINDINGS) {
        line(&mut text, format_args!("{}  {}", finding.status.as_str(), about(finding)));
        for fact in finding.evidence.iter().take(FACTS) {
            let value = fact.value.to_string();
            let from = if fact.resource.is_empty() { &fact.call } else { &fact.resource };
            line(
                &mut text,
                format_args!("  {}", xml(&format!("{}: {} (from {from})", fact.fact, clean(&value, 300)))),
            );
        }
        let more = finding.evidence.len().saturating_sub(FACTS);
        if more > 0 {
            line(&mut text, format_args!("  … and {more} more facts, which are left out here"));
        }
        for assumption in finding.assumptions.iter().take(FACTS) {
            line(&mut text, format_args!("  taken for granted: {}", xml(assumption)));
        }
    }
    let more = case.findings.len().saturating_sub(FINDINGS);
    if more > 0 {
        line(&mut text, format_args!("… and {more} more findings, which are left out here"));
    }
    text
}

/// What was wrong in the baseline and is no finding of this design any more.
pub(super) fn gone(run: &Run, audit: &Audit) -> String {
    let mut text = String::new();
    let absent = run.baseline.iter().flat_map(|baseline| &baseline.absent);
    for finding in absent.filter(|finding| audit.own(&finding.check).is_some()).take(FINDINGS) {
        let was = format!("gone since the baseline: {} {}", finding.status.as_str(), finding.check);
        line(&mut text, format_args!("{}  {}", &xml(&was), about(finding)));
    }
    text
}

/// The calls that were not answered in full, and the waivers that cover nothing (any more).
pub(super) fn unread(run: &Run) -> String {
    let mut text = String::new();
    let mut unread = run.coverage.iter().filter(|call| call.outcome != Outcome::Complete);
    for call in unread.by_ref().take(CALLS) {
        let why = call.outcome.why().map_or("", |why| why.as_str());
        let said = format!("{} {} in {} {}: {}", why, call.call, call.scope, call.key, call.detail);
        line(&mut text, format_args!("not read: {}", xml(&said)));
    }
    let more = unread.count();
    if more > 0 {
        line(&mut text, format_args!("… and {more} more calls, which are left out here"));
    }
    for expired in &run.waivers.expired {
        line(&mut text, format_args!("waiver that has expired: {}", xml(expired)));
    }
    for unused in &run.waivers.unused {
        line(&mut text, format_args!("waiver that covers nothing: {}", xml(unused)));
    }
    text
}

pub(super) fn about(finding: &Finding) -> String {
    let subject = &finding.subject;
    format!("{} ({}): {}", xml(&clean(subject.label(), 200)), xml(&subject.kind), xml(&finding.message))
}

pub(super) fn waiver(why: &Disposition) -> String {
    let Disposition::Waived { reason, owner, approved_by, expires } = why;
    xml(&format!("waived until {expires}: {reason} ({owner}, approved by {approved_by})"))
}

fn since(change: Change) -> &'static str {
    match change {
        Change::New => "new",
        Change::Updated => "it says something else",
        Change::Unchanged => "the same",
    }
}

fn line(text: &mut String, said: Arguments<'_>) {
    // Memory takes every byte.
    let _ = text.write_fmt(said);
    text.push('\n');
}

/// Text on one line, bounded, as XML.
pub(super) fn xml(text: &str) -> String {
    let mut out = String::new();
    entities(&clean(text, TEXT), &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_write_is_visible() {
        assert_eq!(xml("a<b>&\"\u{0}\u{1b}\n\u{fffe}"), r"a&lt;b&gt;&amp;&quot;\u{0}\u{1b}\n\u{fffe}");
        assert_eq!(xml("数 é ]]>"), "数 é ]]&gt;");
    }
}
