//! What is wrong: each cause once, with what was seen, what is asked for and what to do; what follows from it, folded.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::super::page::{Page, Tone, label};
use super::super::text::{clean, short_id, short_kind, width};
use super::{short_check, waived, wrong};
use crate::model::run::{Audit, Basis, Evidence, Finding, Status, Subject};

pub(super) fn write(page: &mut Page, audit: &Audit) {
    let open: Vec<&Finding> = audit.findings.iter().filter(|f| wrong(f) && !waived(f)).collect();
    if open.is_empty() {
        return;
    }
    let mut causes: BTreeMap<_, Vec<&Finding>> = BTreeMap::new();
    for finding in open.iter().filter(|finding| finding.caused_by.is_empty()) {
        let key = (Reverse(finding.status), Reverse(finding.severity), finding.check.as_str());
        causes.entry(key).or_default().push(finding);
    }
    let mut echoes = Echoes::among(&open);
    page.heading("What is wrong", "each cause once; what follows from it is folded below it");
    for (n, ((Reverse(status), _, check), findings)) in causes.into_iter().enumerate() {
        page.blank();
        Cause { audit, number: n + 1, status, findings: &findings }.write(page, &echoes.take(check));
    }
    let rest = echoes.rest();
    if !rest.is_empty() {
        page.blank();
    }
    for (cause, found) in rest {
        let lead = format!("   caused by {}: ", short_check(audit, cause));
        page.hanging(&lead, Tone::Plain, &checks(audit, &found), Tone::Plain);
    }
}

/// Findings that another one caused, by the cause they go back to in the end.
struct Echoes<'r> {
    by_cause: BTreeMap<&'r str, Vec<&'r Finding>>,
}

impl<'r> Echoes<'r> {
    fn among(open: &[&'r Finding]) -> Self {
        let mut caused: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for finding in open {
            caused.entry(&finding.check).or_default().extend(finding.caused_by.iter().map(String::as_str));
        }
        let mut by_cause: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in open.iter().filter(|finding| !finding.caused_by.is_empty()) {
            for cause in origins(finding, &caused) {
                by_cause.entry(cause).or_default().push(finding);
            }
        }
        Self { by_cause }
    }

    fn take(&mut self, cause: &str) -> Vec<&'r Finding> {
        self.by_cause.remove(cause).unwrap_or_default()
    }

    /// What goes back to no cause that was shown: to one that is waived, or in a circle.
    fn rest(self) -> BTreeMap<&'r str, Vec<&'r Finding>> {
        self.by_cause
    }
}

/// The ends of the chains of causes; all of them when they only lead in a circle.
fn origins<'r>(finding: &'r Finding, caused: &BTreeMap<&'r str, BTreeSet<&'r str>>) -> BTreeSet<&'r str> {
    let mut seen = BTreeSet::new();
    let mut ends = BTreeSet::new();
    let mut next: Vec<&str> = finding.caused_by.iter().map(String::as_str).collect();
    while let Some(check) = next.pop() {
        if !seen.insert(check) {
            continue;
        }
        match caused.get(check) {
            Some(further) if !further.is_empty() => next.extend(further),
            _ => {
                ends.insert(check);
            }
        }
    }
    if ends.is_empty() { seen } else { ends }
}

/// One check that failed or can't be told, with everything it failed on.
struct Cause<'r> {
    audit: &'r Audit,
    number: usize,
    status: Status,
    findings: &'r [&'r Finding],
}

impl Cause<'_> {
    fn write(&self, page: &mut Page, echoes: &[&Finding]) {
        let first = self.findings[0];
        let verbose = page.style().verbose;
        let number = format!("{:>2} ", self.number);
        let status = label(self.status);
        let mut weight = first.severity.as_str().to_owned();
        if first.basis != Basis::Documented {
            weight = format!("{weight}, {}", first.basis.as_str());
        }
        let check = short_check(self.audit, &first.check);
        let head = format!(
            "{number}{}  {}  {}",
            page.paint(Tone::of(self.status), status),
            page.paint(Tone::Strong, &check),
            page.paint(Tone::Faint, &weight)
        );
        if width(&number) + width(status) + width(&check) + width(&weight) + 4 <= page.style().width {
            page.line(&head);
        } else {
            page.hanging(&format!("{number}{status}  "), Tone::of(self.status), &check, Tone::Strong);
            field(page, "", &weight, Tone::Faint);
        }

        let shown = if verbose { self.findings.len() } else { 3 };
        for finding in self.findings.iter().take(shown) {
            if let Some(subject) = subject(finding) {
                field(page, "on", &subject, Tone::Plain);
            }
            field(page, "why", &clean(&finding.message, 2_000), Tone::Plain);
            evidence(page, finding);
        }
        if let Some(more) = self.findings.len().checked_sub(shown).filter(|more| *more > 0) {
            field(page, "", &format!("… and {more} more like it (-v shows all)"), Tone::Faint);
        }
        field(page, "asks", &asked(&first.says, &first.cite), Tone::Plain);
        // What can't be told may be as it should be: there is nothing to mend yet.
        if self.status == Status::Fail {
            field(page, "fix", &clean(&first.fix, 2_000), Tone::Plain);
        }
        if verbose {
            let place = format!("{}:{}", first.policy.file, first.policy.line);
            field(page, "policy", &clean(&place, 300), Tone::Faint);
        }
        if !echoes.is_empty() {
            field(page, "hence", &checks(self.audit, echoes), Tone::Plain);
        }
    }
}

/// The fact of evidence that is missing.
const NOT_READ: &str = "not read";

fn evidence(page: &mut Page, finding: &Finding) {
    let verbose = page.style().verbose;
    let (lines, columns) = if verbose { (usize::MAX, 4_000) } else { (6, 240) };
    let mut shown: Vec<String> = Vec::new();
    for evidence in &finding.evidence {
        let text = seen(evidence, verbose);
        if !shown.contains(&text) {
            shown.push(text);
        }
    }
    for text in shown.iter().take(lines) {
        field(page, "saw", &clean(text, columns), Tone::Plain);
    }
    if let Some(more) = shown.len().checked_sub(lines).filter(|more| *more > 0) {
        field(page, "", &format!("… and {more} more facts (-v shows all)"), Tone::Faint);
    }
}

fn seen(evidence: &Evidence, verbose: bool) -> String {
    let Evidence { fact, value, resource, call, .. } = evidence;
    let told = match value {
        // Why a call was not answered stands once, below.
        serde_json::Value::String(text) if fact == NOT_READ && !verbose => {
            format!("{fact}: {}", text.split(':').next().unwrap_or_default())
        }
        serde_json::Value::String(text) if fact == call => format!("{fact}: {text}"),
        value => format!("{fact} = {value}"),
    };
    let from: Vec<&str> =
        [short_id(resource), call].into_iter().filter(|s| !s.is_empty() && s != fact).collect();
    if from.is_empty() { told } else { format!("{told}  ({})", from.join(", ")) }
}

/// A labelled line below a cause's head; nothing for an empty one.
fn field(page: &mut Page, name: &str, text: &str, tone: Tone) {
    if !text.is_empty() {
        page.hanging(&format!("     {name:<7}"), Tone::Faint, text, tone);
    }
}

/// The resource as people and machines call it, and where it lives; none where the finding is about a node or arrow.
fn subject(finding: &Finding) -> Option<String> {
    let Subject { kind, id, name, account, region } = &finding.subject;
    let tail = finding.check.rsplit_once('.').map_or("", |(_, tail)| tail);
    if id.is_empty() || tail.split('/').next() == Some(id) {
        return None;
    }
    let mut text = short_kind(kind, true);
    if !name.is_empty() && name != id {
        text = format!("{text} {name}");
    }
    text = format!("{text} {id}");
    // An ARN names both, and an id of Azure its subscription.
    let account = Some(account.as_str()).filter(|_| !id.starts_with("/subscriptions/"));
    let place = account.into_iter().chain([region.as_str()]).filter(|part| !part.is_empty());
    let place = place.collect::<Vec<_>>().join("/");
    if !id.starts_with("arn:") && !place.is_empty() {
        text = format!("{text} in {place}");
    }
    Some(clean(&text, 400).into_owned())
}

pub(super) fn asked<'t>(says: &'t str, cite: &'t str) -> Cow<'t, str> {
    match (says, cite) {
        ("", cite) => clean(cite, 1_000),
        (says, "") => clean(says, 1_000),
        (says, cite) => Cow::Owned(clean(&format!("{says} ({cite})"), 1_000).into_owned()),
    }
}

/// Each check once, with its count where it stands for several findings.
fn checks(audit: &Audit, findings: &[&Finding]) -> String {
    let mut counts: BTreeMap<(Reverse<Status>, &str), usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry((Reverse(finding.status), &finding.check)).or_default() += 1;
    }
    let each = counts.iter().map(|((Reverse(status), check), count)| {
        let times = if *count > 1 { format!(" ×{count}") } else { String::new() };
        format!("{} {}{times}", status.as_str(), short_check(audit, check))
    });
    each.collect::<Vec<_>>().join(", ")
}
