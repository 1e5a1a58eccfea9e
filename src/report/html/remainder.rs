//! What a verdict doesn't say: what is gone, waived, not judged or not read.
//! Silence is not conformance.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::super::advice::advised;
use super::super::calls::{Call, calls};
use super::super::diagram::Verdict;
use super::super::text::minute;
use super::{counted, link, text};
use crate::model::run::{Disposition, Finding, Run};
use crate::model::scope::Scope;
use crate::model::snapshot::Outcome;

/// Rows of a table; the page says how many more there are.
pub(super) const ROWS: usize = 300;

pub(super) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    gone(run, out)?;
    waived(run, out)?;
    unassessed(run, out)?;
    read(run, out)
}

pub(super) fn open(id: &str, title: &str, note: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{title}</h2>"
    )?;
    if note.is_empty() { Ok(()) } else { writeln!(out, "<p class=\"note\">{note}</p>") }
}

/// Columns of names; rows are made of tags already.
pub(super) fn table(
    about: &str,
    names: &[&str],
    rows: &[Vec<String>],
    all: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(
        out,
        "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{about}, a table\"><table><thead><tr>"
    )?;
    for name in names {
        write!(out, "<th scope=\"col\">{name}</th>")?;
    }
    writeln!(out, "</tr></thead><tbody>")?;
    for row in rows {
        writeln!(out, "<tr><td>{}</td></tr>", row.join("</td><td>"))?;
    }
    writeln!(out, "</tbody></table></div>")?;
    match all.checked_sub(rows.len()).filter(|more| *more > 0) {
        Some(more) => writeln!(out, "<p class=\"note\">and {more} more: the JSON report has them all.</p>"),
        None => Ok(()),
    }
}

fn tag(finding: &Finding) -> String {
    let verdict = Verdict::one(finding);
    let (class, mark) = (verdict.class(), verdict.mark());
    format!(
        "<span class=\"tag {class}\"><span aria-hidden=\"true\">{mark}</span> {}</span>",
        finding.status.as_str().replace('_', " ")
    )
}

fn named(finding: &Finding) -> String {
    text(finding.subject.label(), 200)
}

fn gone(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let Some(earlier) = &run.baseline else { return Ok(()) };
    let at = minute(earlier.captured_at);
    let note = format!("was wrong or unknown in the run of {at} and is no finding any more");
    open("gone", "Gone since then", &note, out)?;
    if earlier.absent.is_empty() {
        return writeln!(out, "<p>Nothing.</p></section>");
    }
    let rows: Vec<Vec<String>> = earlier
        .absent
        .iter()
        .take(ROWS)
        .map(|f| vec![tag(f), text(&f.check, 160), named(f), text(&f.message, 400)])
        .collect();
    table("Gone since then", &["Was", "Check", "About", "What it said"], &rows, earlier.absent.len(), out)?;
    writeln!(out, "</section>")
}

fn waived(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    open("waived", "Waived", "still so, and accepted for a while by somebody who answers for it", out)?;
    let all = || {
        let each = run.audits.iter().flat_map(|audit| audit.findings.iter().map(move |f| (audit, f)));
        each.filter_map(|(audit, f)| f.disposition.as_ref().map(|waiver| (audit, f, waiver)))
    };
    let rows: Vec<Vec<String>> = all()
        .take(ROWS)
        .map(|(audit, finding, Disposition::Waived { reason, owner, approved_by, expires })| {
            vec![
                tag(finding),
                link(&finding.check, audit.short(&finding.check)),
                named(finding),
                text(reason, 1_000),
                text(owner, 200),
                text(approved_by, 200),
                text(expires, 40),
            ]
        })
        .collect();
    if rows.is_empty() {
        writeln!(out, "<p>Nothing is waived.</p>")?;
    } else {
        table(
            "Waived",
            &["Status", "Check", "About", "Why", "Owner", "Approved by", "Until"],
            &rows,
            all().count(),
            out,
        )?;
    }
    for (title, of) in [
        ("Expired: these waive nothing any more", &run.waivers.expired),
        ("Unused: nothing is waived by these, they can go", &run.waivers.unused),
    ] {
        if !of.is_empty() {
            let all: Vec<String> =
                of.iter().take(ROWS).map(|it| format!("<li><code>{}</code></li>", text(it, 300))).collect();
            writeln!(out, "<h3>{title}</h3>\n<ul>{}</ul>", all.join("\n"))?;
        }
    }
    writeln!(out, "</section>")
}

fn unassessed(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let note =
        "the design asks for it and this tool does not judge it: no verdict above says anything about it";
    open("unassessed", "Not assessed", note, out)?;
    let all = || run.audits.iter().flat_map(|audit| &audit.unassessed);
    let rows: Vec<Vec<String>> = all()
        .take(ROWS)
        .map(|it| vec![text(&it.says, 2_000), text(&it.why, 2_000), text(&it.cite, 300), text(&it.id, 120)])
        .collect();
    if rows.is_empty() {
        writeln!(out, "<p>Everything the design asks for at this level was assessed.</p>")?;
    } else {
        table(
            "Not assessed",
            &["What is asked", "Why it was not judged", "Asked for in", "Id"],
            &rows,
            all().count(),
            out,
        )?;
    }
    writeln!(out, "</section>")
}

fn read(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let calls = calls(run);
    let (whole, lacking): (Vec<&Call>, Vec<&Call>) =
        calls.iter().partition(|call| call.outcome == Outcome::Complete);
    open("read", "What was read", "", out)?;
    let mut outcomes: BTreeMap<&str, u64> = BTreeMap::new();
    for call in &calls {
        *outcomes.entry(call.outcome.word()).or_default() += call.times;
    }
    let told: Vec<String> = outcomes.iter().map(|(word, number)| format!("<b>{number}</b> {word}")).collect();
    writeln!(
        out,
        "<p>Calls to the cloud: {}.</p>",
        if told.is_empty() { "none".into() } else { told.join(", ") }
    )?;
    if lacking.is_empty() {
        writeln!(out, "<p>Every call was answered in full.</p>")?;
    } else {
        writeln!(
            out,
            "<h3>Not read</h3>\n<p class=\"note\">what rests on it is UNKNOWN, not absent and not well</p>"
        )?;
        let rows: Vec<Vec<String>> = lacking
            .iter()
            .take(ROWS)
            .map(|call| {
                vec![
                    format!(
                        "<span class=\"tag unknown\"><span aria-hidden=\"true\">?</span> {}</span>",
                        call.outcome.word()
                    ),
                    format!("<code>{}</code> {}", text(call.name, 160), times(call.times)),
                    text(&made_in(call.scope), 200),
                    call.unknown.to_string(),
                    text(call.detail(), 600),
                    to_do(call),
                ]
            })
            .collect();
        table(
            "Not read",
            &["Outcome", "Call", "Where", "Unknown by it", "What it said", "What to do"],
            &rows,
            lacking.len(),
            out,
        )?;
    }
    if !whole.is_empty() {
        writeln!(
            out,
            "<details><summary>Answered in full <span class=\"faint\">{}</span></summary>",
            counted(whole.len() as u64, "kind of call", "kinds of calls")
        )?;
        let rows: Vec<Vec<String>> = whole
            .iter()
            .take(ROWS)
            .map(|call| {
                vec![
                    format!("<code>{}</code>", text(call.name, 160)),
                    text(&made_in(call.scope), 200),
                    call.times.to_string(),
                    call.items.to_string(),
                ]
            })
            .collect();
        table("Answered in full", &["Call", "Where", "Times", "Things told"], &rows, whole.len(), out)?;
        writeln!(out, "</details>")?;
    }
    writeln!(out, "</section>")
}

/// What helps each of them: one may be denied by other than who denies the next.
fn to_do(call: &Call) -> String {
    let all: BTreeSet<&str> = call.told.keys().map(|detail| advised(call.outcome, detail)).collect();
    all.into_iter().collect::<Vec<_>>().join(" ")
}

/// Where a call was made, in words. A cluster lies in no region, and a subscription is asked over all its locations.
pub(super) fn made_in(scope: &Scope) -> String {
    let Scope { provider, account, region } = scope;
    let place = format!("{} {account}", provider.account());
    if region.is_empty() { place } else { format!("{place}, {region}") }
}

fn times(number: u64) -> String {
    if number > 1 { format!("×{number}") } else { String::new() }
}
