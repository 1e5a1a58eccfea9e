//! What the verdicts leave open: what could not be read, is waived, is gone since an earlier run, or was not judged.

use std::collections::BTreeMap;

use super::super::calls::unread;
use super::super::gfm::{cell, code, prose};
use super::super::text::counted;
use super::{List, about, asked, mark};
use crate::model::run::{Disposition, Finding, Run};

/// Room for each.
const UNREAD: usize = 6_000;
const WAIVED: usize = 6_000;
const STALE: usize = 2_000;
const GONE: usize = 4_000;
const GRANTED: usize = 3_000;
const UNASSESSED: usize = 6_000;

pub(super) fn sections(run: &Run) -> String {
    [not_read(run), waived(run), stale(run), gone(run), granted(run), unassessed(run)].concat()
}

/// A table under a heading; nothing without rows.
fn table(title: &str, names: &[&str], rows: List, what: &str) -> String {
    if rows.text.is_empty() && rows.left_out == 0 {
        return String::new();
    }
    let line = format!("| {} |\n|{}\n", names.join(" | "), " --- |".repeat(names.len()));
    format!("\n### {title}\n\n{line}{}", rows.finish(what))
}

/// The same, folded up under what it is.
fn folded(title: &str, lines: List, what: &str) -> String {
    if lines.text.is_empty() && lines.left_out == 0 {
        return String::new();
    }
    format!("\n<details>\n<summary>{title}</summary>\n\n{}\n</details>\n", lines.finish(what))
}

/// Calls that were not answered in full, those alike in one row.
fn not_read(run: &Run) -> String {
    let mut rows = List::within(UNREAD);
    for call in unread(run) {
        rows.push(|| {
            let times = if call.times > 1 { format!(" ×{}", call.times) } else { String::new() };
            format!(
                "| {}{times} | {} | {} | {} | {} |\n",
                cell(call.name, 80),
                call.outcome.word(),
                cell(&call.place(), 80),
                call.unknown,
                prose(call.detail(), 200)
            )
        });
    }
    table(
        "Not read: what rests on it is UNKNOWN, not absent",
        &["Call", "Outcome", "Where", "Unknown by it", "Why"],
        rows,
        "calls",
    )
}

fn waived(run: &Run) -> String {
    let mut rows = List::within(WAIVED);
    for finding in run.findings() {
        let Some(Disposition::Waived { reason, owner, approved_by, expires }) = &finding.disposition else {
            continue;
        };
        rows.push(|| {
            let status = format!("{} {}", mark(finding.status), finding.status.as_str());
            let who = format!("until {expires}; {owner}, approved by {approved_by}");
            let (check, who) = (cell(&finding.check, 120), prose(&who, 240));
            format!("| {status} | {check} | {} | {} | {who} |\n", about(finding), prose(reason, 240))
        });
    }
    let names = ["Verdict", "Check", "About", "Reason", "Accepted"];
    table("Waived: still so, and accepted for a while", &names, rows, "findings")
}

fn stale(run: &Run) -> String {
    let mut lines = List::within(STALE);
    for (what, list) in [("has expired", &run.waivers.expired), ("covers nothing", &run.waivers.unused)] {
        for waiver in list {
            lines.push(|| format!("- {} {what}\n", code(waiver, 200)));
        }
    }
    folded("Waivers to look at", lines, "waivers")
}

fn gone(run: &Run) -> String {
    let mut lines = List::within(GONE);
    let absent = run.baseline.iter().flat_map(|baseline| &baseline.absent);
    for finding in absent.filter(|finding| finding.status.is_wrong()) {
        let told =
            |it: &Finding| format!("- {} {}: {}\n", it.status.as_str(), code(&it.check, 120), about(it));
        lines.push(|| told(finding));
    }
    folded("Gone since the earlier run", lines, "findings")
}

/// What no snapshot can show, and how many verdicts take it for granted.
fn granted(run: &Run) -> String {
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    let all = run.findings().flat_map(|finding| &finding.assumptions);
    for assumption in all {
        *taken.entry(assumption).or_default() += 1;
    }
    let mut lines = List::within(GRANTED);
    for (assumption, count) in taken {
        lines.push(|| format!("- {} (by {count} of the verdicts)\n", prose(assumption, 300)));
    }
    folded("Taken for granted: what no snapshot can show", lines, "assumptions")
}

fn unassessed(run: &Run) -> String {
    let mut lines = List::within(UNASSESSED);
    let all = run.audits.iter().flat_map(|audit| &audit.unassessed);
    let count = all.clone().count();
    for it in all {
        lines.push(|| {
            format!("- {} {}: {}\n", code(&it.id, 60), asked(&it.says, &it.cite), prose(&it.why, 400))
        });
    }
    let title = format!("Not assessed: {} that nobody judged", counted(count, "requirement"));
    folded(&title, lines, "requirements")
}
