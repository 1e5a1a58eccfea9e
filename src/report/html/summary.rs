//! What it comes to: the verdict in words, what was looked at and when, and how to read the rest.

use std::io::{self, Write};

use super::super::diagram::Verdict;
use super::super::text::minute;
use super::{counted, text};
use crate::model::run::{Basis, Change, Run, Status};
use crate::model::snapshot::Origin;

pub(super) fn write(run: &Run, verdict: Verdict, out: &mut dyn Write) -> io::Result<()> {
    let (class, mark, word) = (verdict.class(), verdict.mark(), verdict.word());
    writeln!(
        out,
        "<header class=\"top {class}\">\n<a class=\"skip\" href=\"#wrong\">Skip to what is wrong</a>\n\
         <p class=\"kicker\">Reference design audit of <b>{}</b></p>\n\
         <h1><span class=\"seal {class}\"><span aria-hidden=\"true\">{mark}</span> {word}</span> {}</h1>\n\
         <p class=\"lead\">{}</p>",
        text(&run.env, 80),
        sentence(run, verdict),
        lead(run, verdict)
    )?;
    counts(run, out)?;
    facts(run, out)?;
    out.write_all(include_bytes!("legend.html"))?;
    writeln!(
        out,
        "<nav aria-label=\"On this page\"><a href=\"#designs\">Drawing</a> <a href=\"#wrong\">What is wrong or can’t be told</a> \
         <a href=\"#all\">All findings</a> <a href=\"#waived\">Waived</a> <a href=\"#unassessed\">Not assessed</a> \
         <a href=\"#read\">What was read</a> <a href=\"#about\">About</a></nav>\n</header>"
    )
}

fn sentence(run: &Run, verdict: Verdict) -> String {
    // A short name stays on one line.
    let short = if run.env.chars().count() <= 24 { " class=\"short\"" } else { "" };
    let env = format!("<em{short}>{}</em>", text(&run.env, 80));
    let (design, asks) = if run.audits.len() == 1 {
        ("its reference design", "asks")
    } else {
        ("its reference designs", "ask")
    };
    match verdict {
        Verdict::Fail => format!("{env} is not built as {design} {asks}."),
        Verdict::Unknown => format!("It can’t be told whether {env} is built as {design} {asks}."),
        Verdict::Waived => format!("{env} departs from {design}; every departure is waived for now."),
        Verdict::Pass => format!("{env} is built as {design} {asks}, as far as that was assessed."),
        Verdict::NotApplicable => "Nothing was judged: this is no verdict.".into(),
    }
}

/// The numbers behind the verdict, in a sentence or two.
fn lead(run: &Run, verdict: Verdict) -> String {
    let all = || run.findings();
    let count = |status| all().filter(|f| f.is_open() && f.status == status).count() as u64;
    let (fail, unknown) = (count(Status::Fail), count(Status::Unknown));
    let roots = all().filter(|f| f.is_open() && f.caused_by.is_empty()).count() as u64;
    let mut said = Vec::new();
    if fail > 0 {
        said.push(format!("{} proven wrong", counted(fail, "finding is", "findings are")));
    }
    if unknown > 0 {
        let why = "because what they rest on could not be read: none of that counts as good";
        said.push(format!("{} be told, {why}", counted(unknown, "finding can’t", "findings can’t")));
    }
    let mut sentences: Vec<String> = Vec::new();
    if let Some(why) = &run.no_verdict {
        sentences.push(format!("This is no verdict: {}.", text(why, 300)));
    } else if !run.judged() && verdict != Verdict::NotApplicable {
        sentences.push("Nothing was judged: this is no verdict.".into());
    }
    if !said.is_empty() {
        sentences.push(format!("{}.", said.join("; ")));
    }
    let rest = fail + unknown - roots;
    if rest > 0 {
        let follow = counted(rest, "of these only follows", "of these only follow");
        let start = if roots > 0 { format!(", so start with the {roots} below") } else { String::new() };
        sentences.push(format!("{follow} from others{start}."));
    }
    let waived = all().filter(|finding| Verdict::one(finding) == Verdict::Waived).count() as u64;
    if waived > 0 {
        let more = if fail + unknown > 0 { " more" } else { "" };
        let (one, many) = (format!("finding{more} is"), format!("findings{more} are"));
        sentences.push(format!("{} waived.", counted(waived, &one, &many)));
    }
    if run.summary.unassessed > 0 {
        let one = "requirement of the design is";
        let left = counted(run.summary.unassessed, one, "requirements of the design are");
        sentences.push(format!("{left} not assessed by this tool and must be looked at by a person."));
    }
    if verdict == Verdict::Pass && run.level != Basis::Hardening {
        sentences.push("Requirements above the level asked for were left out.".into());
    }
    sentences.join(" ")
}

/// Each finding counts once: a waived one as waived, whatever its status.
fn counts(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let all = || run.findings();
    writeln!(out, "<ul class=\"counts\">")?;
    for verdict in Verdict::ALL {
        let number = all().filter(|finding| Verdict::one(finding) == verdict).count();
        let (class, mark) = (verdict.class(), verdict.mark());
        let word = match verdict {
            Verdict::Fail => "fail",
            Verdict::Unknown => "unknown",
            Verdict::Waived => "waived",
            Verdict::Pass => "pass",
            Verdict::NotApplicable => "not applicable",
        };
        writeln!(
            out,
            "<li class=\"{class}{}\"><span class=\"mark\" aria-hidden=\"true\">{mark}</span> <b>{number}</b> {word}</li>",
            if number == 0 { " none" } else { "" }
        )?;
    }
    let open = run.summary.unassessed;
    let none = if open == 0 { " none" } else { "" };
    writeln!(
        out,
        "<li class=\"open{none}\"><span class=\"mark\" aria-hidden=\"true\">○</span> <b>{open}</b> not assessed</li>\n</ul>"
    )
}

fn facts(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<dl class=\"facts\">")?;
    for audit in &run.audits {
        let design = &audit.design;
        fact(
            out,
            "Design",
            &format!(
                "{} <span class=\"faint\">{} {}</span>",
                text(&design.title, 200),
                text(&design.id, 120),
                text(&design.version, 40)
            ),
        )?;
    }
    let at = minute(run.captured_at);
    fact(
        out,
        "As of",
        &match run.source {
            Origin::Live => format!("{at}, read live"),
            Origin::Tape | Origin::Snapshot => {
                format!("{at}, <strong>recorded</strong>: the cloud was not asked again for this report")
            }
        },
    )?;
    let mut known: Vec<String> = Vec::new();
    for identity in &run.identity {
        let told = format!("{} {}", identity.provider.account(), text(&identity.account, 120));
        if !known.contains(&told) {
            known.push(told);
        }
    }
    if !known.is_empty() {
        fact(out, "Looked at", &known.join(", "))?;
    }
    fact(
        out,
        "Level",
        match run.level {
            Basis::Documented => "documented: only what the design’s document asks",
            Basis::Implementation => "implementation: what the document asks and what its templates do",
            Basis::Hardening => {
                "hardening: what the document asks, what its templates do, and good practice beyond"
            }
        },
    )?;
    if let Some(earlier) = &run.baseline {
        fact(
            out,
            "Compared",
            &format!(
                "{} new, {} changed, {} as before, {} gone <span class=\"faint\">since {} of {}</span>",
                run.changed(Change::New),
                run.changed(Change::Updated),
                run.changed(Change::Unchanged),
                earlier.absent.len(),
                text(&earlier.env, 80),
                minute(earlier.captured_at)
            ),
        )?;
    }
    writeln!(out, "</dl>")
}

/// A row of facts; its value is made of tags already.
fn fact(out: &mut dyn Write, name: &str, value: &str) -> io::Result<()> {
    writeln!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>")
}
