//! What the report is made of: by what and of what, whose accounts, which designs, and what was taken for granted.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::super::svg::escaped;
use super::intern::shown;
use super::remainder::{ROWS, open, table};
use super::{link, text};
use crate::model::run::{Audit, DesignOrigin, Run};
use crate::model::snapshot::Origin;

pub(super) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    open("about", "About this report", "", out)?;
    granted(run, out)?;
    writeln!(out, "<dl class=\"facts\">")?;
    let mut fact = |name: &str, value: &str| writeln!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    let commit =
        if run.tool.commit.is_empty() { String::new() } else { format!(" ({})", text(&run.tool.commit, 80)) };
    fact("Made by", &format!("{} {}{commit}", text(&run.tool.name, 80), text(&run.tool.version, 80)))?;
    fact("Report", &text(&run.schema, 80))?;
    let source = match run.source {
        Origin::Live => "read live",
        Origin::Tape => "a recording of the cloud’s answers",
        Origin::Snapshot => "a recorded snapshot",
    };
    fact("Facts from", source)?;
    let time = "%Y-%m-%d %H:%M:%S UTC";
    fact("Captured", &format!("{}", run.captured_at.format(time)))?;
    fact("Judged", &format!("{} to {}", run.started_at.format(time), run.finished_at.format(time)))?;
    fact("Snapshot", &format!("<code>{}</code>", text(&run.snapshot_digest, 100)))?;
    if let Some(earlier) = &run.baseline {
        fact(
            "Compared with",
            &format!(
                "{}, {}, <code>{}</code>",
                text(&earlier.env, 80),
                earlier.captured_at.format(time),
                text(&earlier.snapshot_digest, 100)
            ),
        )?;
    }
    for identity in run.identity.iter().take(100) {
        fact(
            "Looked as",
            &format!(
                "<code>{}</code> in {} {}",
                text(&identity.principal, 300),
                identity.provider.account(),
                text(&identity.account, 120)
            ),
        )?;
    }
    for audit in &run.audits {
        design(audit, &mut fact)?;
    }
    writeln!(out, "</dl>\n</section>")
}

fn design(audit: &Audit, fact: &mut impl FnMut(&str, &str) -> io::Result<()>) -> io::Result<()> {
    let design = &audit.design;
    let origin = match design.origin {
        DesignOrigin::Builtin => "built in",
        DesignOrigin::File => "from a file",
    };
    fact(
        "Design",
        &format!(
            "{} {}, {origin}, <code>{}</code>",
            text(&design.id, 120),
            text(&design.version, 40),
            text(&design.digest, 100)
        ),
    )?;
    let set: Vec<String> = audit
        .params
        .iter()
        .take(100)
        .map(|(name, value)| format!("{} = <code>{}</code>", text(name, 80), escaped(&shown(value, 200))))
        .collect();
    if !set.is_empty() {
        fact("Its parameters", &set.join("<br>"))?;
    }
    let chosen: Vec<String> = audit
        .select_overrides
        .iter()
        .take(100)
        .map(|(node, by)| format!("{} by <code>{}</code>", text(node, 80), text(by, 400)))
        .collect();
    if chosen.is_empty() { Ok(()) } else { fact("Chosen otherwise", &chosen.join("<br>")) }
}

/// What no snapshot can show.
fn granted(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let mut taken: BTreeMap<&str, BTreeSet<(usize, &str)>> = BTreeMap::new();
    for (at, audit) in run.audits.iter().enumerate() {
        for finding in &audit.findings {
            for assumption in &finding.assumptions {
                taken.entry(assumption).or_default().insert((at, &finding.check));
            }
        }
    }
    if taken.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<h3>Taken for granted</h3>\n<p class=\"note\">what no reading of the cloud can show, and some verdicts rest on</p>"
    )?;
    let rows: Vec<Vec<String>> = taken
        .iter()
        .take(ROWS)
        .map(|(assumption, checks)| {
            let by: Vec<String> =
                checks.iter().take(8).map(|(at, check)| link(check, run.audits[*at].short(check))).collect();
            let rest =
                checks.len().checked_sub(8).filter(|rest| *rest > 0).map(|rest| format!(" and {rest} more"));
            vec![text(assumption, 600), format!("{}{}", by.join(", "), rest.unwrap_or_default())]
        })
        .collect();
    table("Taken for granted", &["What", "Verdicts that rest on it"], &rows, taken.len(), out)
}
