//! `markdown`: a summary for a comment on a pull request or the page of a CI job, the drawing as a Mermaid flowchart in
//! it. It always fits into a comment: what has no room is counted, and the whole is told of.

mod open;
mod todo;
mod wrong;

use std::fmt::Write as _;
use std::io;

use super::Report;
use super::diagram::{Diagram, Verdict, lines};
use super::gfm::{cell, code, prose};
use super::mermaid::{Chart, flowchart};
use super::tally::once;
use super::text::minute;
use crate::model::run::{Audit, Change, Finding, Run, Status, Summary};
use crate::model::snapshot::Origin;

pub(super) struct Markdown;

/// GitHub takes 65,536 characters of comment; some of what is around it is left.
const LARGEST: usize = 64_000;
/// What tells where the whole is.
const LAST: usize = 900;
/// Room for rows of designs.
const DESIGNS: usize = 6_000;

impl Report for Markdown {
    fn id(&self) -> &'static str {
        "markdown"
    }

    fn write(&self, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
        let head = head(run);
        let open = open::sections(run);
        // First what is wrong; the drawing gets what that leaves.
        let left = LARGEST.saturating_sub(head.len() + open.len() + LAST);
        let wrong = wrong::section(run, left);
        let drawn = drawings(run, left.saturating_sub(wrong.len()));
        for part in [&head, &drawn, &wrong, &open, LAST_WORDS] {
            out.write_all(part.as_bytes())?;
        }
        Ok(())
    }
}

const LAST_WORDS: &str = "\nEvery verdict with its evidence is in the whole report: add `--output json=FILE`, or \
                          `html=FILE` to look at. `stacks-audit explain CHECK` tells what a check asks and why.\n";

/// A list that takes so many bytes and no more; what has no room is counted.
struct List {
    text: String,
    room: usize,
    left_out: usize,
}

impl List {
    fn within(room: usize) -> Self {
        Self { text: String::new(), room, left_out: 0 }
    }

    /// Adds an entry. After one that had no room none has, or the list would not be in order.
    fn push(&mut self, entry: impl FnOnce() -> String) {
        if self.left_out == 0 {
            let entry = entry();
            if self.text.len() + entry.len() <= self.room {
                self.text.push_str(&entry);
                return;
            }
        }
        self.left_out += 1;
    }

    /// The list, and how many there are besides.
    fn finish(mut self, what: &str) -> String {
        if self.left_out > 0 {
            let _ = write!(
                self.text,
                "\n… and {} more {what}, for which there is no room here.\n",
                self.left_out
            );
        }
        self.text
    }
}

fn head(run: &Run) -> String {
    let verdict = Verdict::of_run(run);
    let (mark, word) = (verdict.mark(), verdict.word());
    let mut out = format!("## {mark} stacks-audit: {} is {word}\n\n", code(&run.env, 60));
    if let Some(why) = &run.no_verdict {
        let _ = writeln!(out, "**This is no verdict: {}.**\n", prose(why, 300));
    } else if !run.judged() {
        out.push_str("**Nothing was judged: this is no verdict.**\n\n");
    }
    let captured = minute(run.captured_at);
    let source = if run.source == Origin::Live { "live" } else { "recorded" };
    let mut accounts: Vec<&str> = run.identity.iter().map(|who| who.account.as_str()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let shown = accounts.iter().take(6).map(|account| code(account, 60)).collect::<Vec<_>>().join(", ");
    let more = if accounts.len() > 6 { format!(" and {} more", accounts.len() - 6) } else { String::new() };
    let level = run.level.as_str();
    let _ = writeln!(out, "Facts {source}, captured {captured}, of {shown}{more}. Level: {level}.\n");
    since(run, &mut out);
    out.push_str(
        "| Design | Verdict | Fail | Unknown | Pass | Not applicable | Waived | Root causes | Not assessed |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let mut rows = List::within(DESIGNS);
    for audit in &run.audits {
        let name = format!("{} {}", audit.design.id, audit.design.version);
        let verdict = Verdict::of_audit(run, audit);
        rows.push(|| row(&cell(&name, 80), verdict, &once(&audit.summary, &audit.findings)));
    }
    if run.audits.len() > 1 {
        let all = run.findings();
        rows.push(|| row("all", Verdict::of_run(run), &once(&run.summary, all)));
    }
    out.push_str(&rows.finish("rows"));
    out
}

fn row(name: &str, verdict: Verdict, summary: &Summary) -> String {
    let Summary { pass, fail, unknown, not_applicable, waived, unassessed, roots } = summary;
    let status = format!("{} {}", verdict.mark(), verdict.word());
    format!(
        "| {name} | {status} | {fail} | {unknown} | {pass} | {not_applicable} | {waived} | {roots} | {unassessed} |\n"
    )
}

/// What became of it since an earlier run.
fn since(run: &Run, out: &mut String) {
    let Some(baseline) = &run.baseline else { return };
    let at = minute(baseline.captured_at);
    let _ = writeln!(
        out,
        "Since {at}: **{} new**, {} changed and {} unchanged failures and unknowns; {} are gone.\n",
        run.changed(Change::New),
        run.changed(Change::Updated),
        run.changed(Change::Unchanged),
        baseline.absent.len()
    );
}

/// The drawings, as far as there is room.
fn drawings(run: &Run, room: usize) -> String {
    let mut out = String::new();
    let mut missing = 0;
    for audit in &run.audits {
        let mut part = heading(run, audit, "The drawing");
        let diagram = Diagram::of(audit);
        let beside = lines(&diagram.beside)
            .iter()
            .fold(String::new(), |all, (_, line)| format!("{all}\n{}\n", prose(line, 400)));
        let left = room.saturating_sub(out.len() + part.len() + LEGEND.len() + beside.len() + 300);
        let chart = Chart { title: String::new(), diagram };
        match flowchart(&[chart], left) {
            Some(chart) => {
                let _ = write!(part, "```mermaid\n{chart}```\n{LEGEND}{beside}");
                out.push_str(&part);
            }
            None => missing += 1,
        }
    }
    if missing > 0 && room >= 200 {
        let s = if missing == 1 { " is" } else { "s are" };
        let _ = writeln!(
            out,
            "\n{missing} drawing{s} left out: there is no room here. `--output svg=FILE` draws all."
        );
    }
    out
}

/// Tells the designs apart where there are several.
fn heading(run: &Run, audit: &Audit, what: &str) -> String {
    if run.audits.len() > 1 {
        format!("\n### {what} of {}\n\n", code(&audit.design.id, 80))
    } else {
        format!("\n### {what}\n\n")
    }
}

const LEGEND: &str = "\n✓ holds · ✗ does not (thick border) · ? can't be told (hexagon, dashed) · ~ waived (slanted, \
                      dashed) · – not applicable (round ends, dotted)\n";

fn mark(status: Status) -> &'static str {
    let verdict = match status {
        Status::Pass => Verdict::Pass,
        Status::Fail => Verdict::Fail,
        Status::Unknown => Verdict::Unknown,
        Status::NotApplicable => Verdict::NotApplicable,
    };
    verdict.mark()
}

/// What a finding is about, as its reader calls it.
fn about(finding: &Finding) -> String {
    cell(finding.subject.label(), 80)
}

/// What is asked, and where.
fn asked(says: &str, cite: &str) -> String {
    match (says, cite) {
        (says, "") => prose(says, 500),
        (says, cite) => format!("{} ({})", prose(says, 500), prose(cite, 200)),
    }
}

#[cfg(test)]
mod tests;
