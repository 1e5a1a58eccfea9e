//! What a verdict doesn't say: what was waived, taken for granted, not judged or not read. Silence is not conformance.

use std::collections::{BTreeMap, BTreeSet};

use super::super::advice::{BY_ORGANISATION, by_organisation};
use super::super::calls::{self, unread};
use super::super::page::{Page, Row, Tone, label};
use super::super::text::{clean, short_id};
use super::short_check;
use super::wrong::asked;
use crate::model::call::Call;
use crate::model::run::{Audit, Disposition, Finding, Run, Status};
use crate::model::scope::Provider;
use crate::model::snapshot::Outcome;

/// How many lines of a list are shown unless all are asked for.
const LINES: usize = 12;

pub(super) fn of_audit(page: &mut Page, audit: &Audit) {
    waivers(page, audit);
    assumptions(page, audit);
    unassessed(page, audit);
}

pub(super) fn of_run(page: &mut Page, run: &Run) {
    gone(page, run);
    coverage(page, run);
    stale_waivers(page, run);
    closing(page, run);
}

fn waivers(page: &mut Page, audit: &Audit) {
    let row = |finding: &Finding| {
        let Disposition::Waived { reason, owner, approved_by, expires } = finding.disposition.as_ref()?;
        let name = if finding.subject.name.is_empty() {
            short_id(&finding.subject.id)
        } else {
            &finding.subject.name
        };
        let why = format!("{reason} (until {expires}; {owner}, approved by {approved_by})");
        let cells = vec![
            label(finding.status).to_owned(),
            short_check(audit, &finding.check).into_owned(),
            clean(name, 40).into_owned(),
            clean(&why, 300).into_owned(),
        ];
        Some(Row { tone: Tone::of(finding.status), cells })
    };
    let rows: Vec<Row> = audit.findings.iter().filter_map(row).collect();
    if !rows.is_empty() {
        page.heading("Waived", "still so, and accepted for a while");
        page.columns(&["STATUS", "CHECK", "ABOUT", "WHY"], &rows);
    }
}

fn assumptions(page: &mut Page, audit: &Audit) {
    let mut taken: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in &audit.findings {
        for assumption in &finding.assumptions {
            taken.entry(assumption).or_default().insert(&finding.check);
        }
    }
    if taken.is_empty() {
        return;
    }
    page.heading("Taken for granted *", "what no snapshot can show");
    for (assumption, by) in taken {
        let by: Vec<_> = by.into_iter().map(|check| short_check(audit, check)).collect();
        let text = format!("{} ({})", clean(assumption, 400), clean(&by.join(", "), 400));
        page.hanging("  ", Tone::Plain, &text, Tone::Plain);
    }
}

fn unassessed(page: &mut Page, audit: &Audit) {
    if audit.unassessed.is_empty() {
        return;
    }
    page.heading("Not assessed", "the design asks for it, and this version does not judge it");
    for entry in &audit.unassessed {
        let id = clean(&entry.id, 60);
        page.hanging(&format!("  {id}  "), Tone::Strong, &asked(&entry.says, &entry.cite), Tone::Plain);
        page.hanging("    ", Tone::Plain, &clean(&entry.why, 1_000), Tone::Faint);
    }
}

/// What was wrong in the baseline, was judged again, and is so no more.
fn gone(page: &mut Page, run: &Run) {
    let absent: Vec<&Finding> = run.baseline.iter().flat_map(|baseline| &baseline.absent).collect();
    if absent.is_empty() {
        return;
    }
    page.heading("Gone", "wrong or unknown in the baseline, judged again and found no more");
    let shown = if page.style().verbose { absent.len() } else { LINES };
    let row = |finding: &&Finding| Row {
        tone: Tone::Plain,
        cells: vec![
            label(finding.status).to_owned(),
            clean(&finding.check, 80).into_owned(),
            clean(finding.subject.label(), 40).into_owned(),
        ],
    };
    let rows: Vec<Row> = absent.iter().take(shown).map(row).collect();
    page.columns(&["WAS", "CHECK", "ABOUT"], &rows);
    more(page, absent.len(), shown);
}

/// What of a list is shown only where all is asked for.
fn more(page: &mut Page, all: usize, shown: usize) {
    if let Some(more) = all.checked_sub(shown).filter(|more| *more > 0) {
        page.hanging("  ", Tone::Plain, &format!("… and {more} more (-v shows all)"), Tone::Faint);
    }
}

/// A reason that is longer is told once where the same follows.
const BRIEF: usize = 40;

/// Calls that were not answered in full, and how many verdicts they leave open.
fn coverage(page: &mut Page, run: &Run) {
    let unread = unread(run);
    // A row for each thing that was said: beside it stands what it is about.
    let missing: Vec<(&calls::Call<'_>, &str, u64)> = unread
        .iter()
        .flat_map(|call| call.told.iter().map(move |(detail, times)| (call, *detail, *times)))
        .collect();
    if missing.is_empty() {
        return;
    }
    page.heading("Not read", "what rests on it is UNKNOWN, not absent");
    let shown = if page.style().verbose { missing.len() } else { LINES };
    let mut above = String::new();
    let rows: Vec<Row> = missing
        .iter()
        .take(shown)
        .map(|(call, detail, times)| {
            let times = if *times > 1 { format!(" ×{times}") } else { String::new() };
            let outcome = call.outcome.word();
            let why = why(call.name, outcome, detail, page.style().verbose);
            let repeated = why.len() > BRIEF && why == above;
            let cells = vec![
                outcome.to_owned(),
                clean(&format!("{}{times}", call.name), 80).into_owned(),
                clean(&call.place(), 80).into_owned(),
                call.unknown.to_string(),
                if repeated { "as above".to_owned() } else { clean(&why, 300).into_owned() },
            ];
            above = why;
            Row { tone: Tone::Doubtful, cells }
        })
        .collect();
    page.columns(&["OUTCOME", "CALL", "WHERE", "OPEN", "WHY"], &rows);
    more(page, missing.len(), shown);
    let denied = run.coverage.iter().filter(|entry| entry.outcome == Outcome::Denied);
    let (by_others, denied): (Vec<_>, Vec<_>) = denied.partition(|entry| by_organisation(&entry.detail));
    let providers: BTreeSet<Provider> = denied.iter().map(|entry| entry.scope.provider).collect();
    for provider in providers {
        let policy = match provider {
            Provider::Kubernetes => "cluster role",
            Provider::Azure => "custom role",
            Provider::Aws => "policy",
        };
        let provider = provider.as_str();
        let help = format!(
            "stacks-audit permissions --provider {provider} prints the {policy} that allows these calls"
        );
        page.hanging("  ", Tone::Plain, &help, Tone::Faint);
    }
    let calls: BTreeSet<&str> = by_others.iter().map(|entry| entry.call.as_str()).collect();
    if !calls.is_empty() {
        let calls: Vec<&str> = calls.into_iter().collect();
        let help = format!("{}: {BY_ORGANISATION}", clean(&calls.join(", "), 400));
        page.hanging("  ", Tone::Plain, &help, Tone::Faint);
    }
}

/// Why it was not answered. Azure's calls go by other names than the actions that allow them.
fn why(call: &str, outcome_told: &str, detail: &str, verbose: bool) -> String {
    let detail = brief(outcome_told, detail, verbose);
    let denied = outcome_told == Outcome::Denied.word();
    let call = Call::named(call).filter(|call| denied && call.provider() == Provider::Azure);
    match call.map(|call| call.permissions.join(", ")) {
        Some(actions) if detail.is_empty() => format!("takes {actions}"),
        Some(actions) => format!("{detail}; takes {actions}"),
        None => detail.to_owned(),
    }
}

/// A refusal's code says it all to most; the sentence that follows repeats who was refused what.
fn brief<'t>(outcome_told: &str, detail: &'t str, verbose: bool) -> &'t str {
    let refused = [Outcome::Denied.word(), Outcome::Throttled.word()].contains(&outcome_told);
    if refused && !verbose { detail.split_once(": ").map_or(detail, |(code, _)| code) } else { detail }
}

fn stale_waivers(page: &mut Page, run: &Run) {
    let stale = [("expired", &run.waivers.expired), ("match nothing", &run.waivers.unused)];
    if stale.iter().all(|(_, list)| list.is_empty()) {
        return;
    }
    page.heading("Waivers to look at", "");
    for (what, list) in stale.iter().filter(|(_, list)| !list.is_empty()) {
        let lead = format!("  {what:<15}");
        page.hanging(&lead, Tone::Doubtful, &clean(&list.join(", "), 2_000), Tone::Plain);
    }
}

/// A node is short of resources.
fn audits_lack(run: &Run) -> bool {
    let nodes = run.audits.iter().flat_map(|audit| &audit.nodes);
    nodes.filter(|node| node.bound.is_empty()).any(|node| node.status == Status::Fail)
}

fn closing(page: &mut Page, run: &Run) {
    page.blank();
    let open = run.findings();
    let first = open
        .filter(|f| f.is_open() && f.caused_by.is_empty())
        .max_by_key(|f| (f.status, f.severity, std::cmp::Reverse(&f.check)));
    let mut more = Vec::new();
    if let Some(finding) = first {
        more.push(format!("stacks-audit explain {}", clean(&finding.check, 160)));
    }
    if audits_lack(run) {
        let env = clean(&run.env, 60);
        more.push(format!("stacks-audit bind --env {env} shows what nearly matches"));
    }
    if !page.style().verbose {
        more.push("-v shows what holds, too".to_owned());
    }
    more.push("--output json=FILE has every verdict with its evidence".to_owned());
    page.hanging("More: ", Tone::Faint, &more.join(" · "), Tone::Faint);
}
