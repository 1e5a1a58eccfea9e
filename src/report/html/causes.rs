//! What is wrong, worst first: each requirement once, with everything it does not hold for, why that matters and what to do.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::Value;

use super::super::advice::{BY_ORGANISATION, Because, unread};
use super::super::causes::{Cause, Causes, subject};
use super::super::diagram::Verdict;
use super::super::svg::escaped;
use super::super::text::{short_id, short_kind};
use super::remainder::made_in;
use super::{bounded, counted, link, text};
use crate::model::run::{Audit, Basis, Evidence, Finding, Run, Status, Subject};
use crate::model::scope::Provider;

/// Requirements that are written out, things told of each, and facts of each of those. The list of findings has the rest.
const CAUSES: usize = 200;
const THINGS: usize = 5;
const FACTS: usize = 16;
/// How many calls an advice names.
const CALLS: usize = 6;

pub(super) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section id=\"wrong\" aria-labelledby=\"wrong-title\">\n<h2 id=\"wrong-title\">What is wrong or can’t be told</h2>"
    )?;
    let causes = Causes::of(&run.audits);
    let (requirements, folded) = (causes.causes.len(), causes.folded());
    let things: usize = causes.causes.iter().map(|cause| cause.findings.len()).sum();
    // What goes back to a cause that is waived, or in a circle, stands with nothing above.
    let others = causes.others();
    let alone: usize = others.iter().map(|cause| cause.findings.len()).sum();
    let all: Vec<Cause<'_>> = causes.causes.into_iter().chain(others).collect();
    if all.is_empty() {
        return writeln!(out, "<p>{}</p></section>", nothing(run));
    }
    let mut said = Vec::new();
    if requirements > 0 {
        said.push(format!(
            "{}, {}, worst first.",
            counted(requirements as u64, "requirement", "requirements"),
            counted(things as u64, "finding", "findings")
        ));
    }
    if folded > 0 {
        let one = "more finding only follows from these and is counted with them";
        let many = "more findings only follow from these and are counted with them";
        said.push(format!("{}.", counted(folded as u64, one, many)));
    }
    if alone > 0 {
        let one = "finding follows from others that are not open themselves";
        let many = "findings follow from others that are not open themselves";
        let last = if requirements > 0 { "; they stand last" } else { "" };
        said.push(format!("{}{last}.", counted(alone as u64, one, many)));
    }
    if let Some(more) = all.len().checked_sub(CAUSES).filter(|more| *more > 0) {
        said.push(format!(
            "<strong>The first {CAUSES} are written out here; {more} more are in the list of all findings.</strong>"
        ));
    }
    writeln!(out, "<p class=\"note\">{}</p>\n<ol class=\"causes\">", said.join(" "))?;
    for cause in all.iter().take(CAUSES) {
        self::cause(cause, out)?;
    }
    writeln!(out, "</ol>\n</section>")
}

/// What is waived is still so: it is neither well nor left unsaid.
fn nothing(run: &Run) -> String {
    let findings = run.findings();
    match findings.filter(|finding| Verdict::one(finding) == Verdict::Waived).count() {
        0 => "Nothing that was assessed is wrong or unknown.".into(),
        waived => format!(
            "Nothing that no waiver covers. {}: <a href=\"#waived\">see below</a>.",
            counted(waived as u64, "finding is waived", "findings are waived")
        ),
    }
}

fn cause(Cause { audit, findings, follow }: &Cause<'_>, out: &mut dyn Write) -> io::Result<()> {
    let first = findings[0];
    let unknown = first.status == Status::Unknown;
    let verdict = if unknown { Verdict::Unknown } else { Verdict::Fail };
    let (class, mark, word) = (verdict.class(), verdict.mark(), verdict.word());
    let asked = if first.says.is_empty() { audit.short(&first.check) } else { &first.says };
    let not = if unknown { "It can’t be told whether this holds:" } else { "This does not hold:" };
    writeln!(
        out,
        "<li class=\"cause {class}\">\n<h3><span class=\"not\">{not}</span> {}</h3>\n<p class=\"tags\">\
         <span class=\"tag {class}\"><span aria-hidden=\"true\">{mark}</span> {word}</span> \
         <span class=\"severity {sev}\">{sev}</span> <span class=\"faint\" title=\"basis: {}\">{}</span> {}</p>\n<dl>",
        text(asked, 1_000),
        first.basis.as_str(),
        asked_by(first.basis),
        link(&first.check, audit.short(&first.check)),
        sev = first.severity.as_str()
    )?;
    writeln!(out, "<dt>Found</dt><dd><ul class=\"found\">")?;
    for finding in findings.iter().take(THINGS) {
        writeln!(out, "<li><span class=\"message\">{}</span>", text(&finding.message, 1_000))?;
        if let Some(place) = place(finding) {
            writeln!(out, "<span class=\"where\">{place}</span>")?;
        }
        evidence(finding, out)?;
        writeln!(out, "</li>")?;
    }
    if let Some(more) = findings.len().checked_sub(THINGS).filter(|more| *more > 0) {
        writeln!(
            out,
            "<li class=\"faint\">and {more} more like it: {}</li>",
            link(&first.check, "all of them")
        )?;
    }
    writeln!(out, "</ul></dd>")?;
    if !first.why.is_empty() {
        writeln!(out, "<dt>Why it matters</dt><dd>{}</dd>", text(&first.why, 2_000))?;
    }
    to_do(findings, unknown, out)?;
    let causes: BTreeSet<&str> =
        findings.iter().flat_map(|finding| &finding.caused_by).map(String::as_str).collect();
    if !causes.is_empty() {
        writeln!(out, "<dt>Follows from</dt><dd>{}</dd>", checks(audit, &causes))?;
    }
    if !follow.is_empty() {
        let number = counted(follow.len() as u64, "more finding", "more findings");
        let follow = follow.iter().map(|finding| finding.check.as_str()).collect();
        writeln!(out, "<dt>What follows</dt><dd>{number}: {}</dd>", checks(audit, &follow))?;
    }
    let cited = [&audit.design.source, &first.cite].map(|part| text(part, 300));
    let cite: Vec<String> = cited.into_iter().filter(|part| !part.is_empty()).collect();
    writeln!(
        out,
        "<dt>Asked for in</dt><dd class=\"faint\">{}, {}:{}</dd>\n</dl></li>",
        cite.join(", "),
        text(&first.policy.file, 300),
        first.policy.line
    )
}

fn checks(audit: &Audit, all: &BTreeSet<&str>) -> String {
    let some: Vec<String> = all.iter().take(6).map(|check| link(check, audit.short(check))).collect();
    format!("{}{}", some.join(", "), if all.len() > some.len() { ", …" } else { "" })
}

/// What a requirement rests on.
fn asked_by(basis: Basis) -> &'static str {
    match basis {
        Basis::Documented => "asked by the document",
        Basis::Implementation => "set by the published templates",
        Basis::Hardening => "good practice beyond the design",
    }
}

/// What can't be told may be as it should be: what is missing has to be read first.
fn to_do(findings: &[&Finding], unknown: bool, out: &mut dyn Write) -> io::Result<()> {
    let fix = text(&findings[0].fix, 2_000);
    if !unknown {
        return if fix.is_empty() { Ok(()) } else { writeln!(out, "<dt>What to do</dt><dd>{fix}</dd>") };
    }
    writeln!(out, "<dt>What to do</dt><dd>")?;
    let unread = unread(findings);
    if unread.is_empty() {
        write!(out, "Find out what is missing, below, and run the audit again.")?;
    } else {
        writeln!(out, "Make readable what was not read:\n<ul class=\"found\">")?;
        for (because, calls) in unread {
            step(because, &calls, out)?;
        }
        write!(out, "</ul>")?;
    }
    if !fix.is_empty() {
        write!(out, " <span class=\"faint\">Should it turn out not to hold: {fix}</span>")?;
    }
    writeln!(out, "</dd>")
}

/// What to do about calls that were not answered for one reason.
fn step(because: Because, calls: &BTreeSet<&str>, out: &mut dyn Write) -> io::Result<()> {
    let some: Vec<String> =
        calls.iter().take(CALLS).map(|call| format!("<code>{}</code>", text(call, 160))).collect();
    let more = calls.len().checked_sub(CALLS).filter(|more| *more > 0);
    let more = more.map_or_else(String::new, |more| format!(" and {more} more"));
    let advice = match because {
        Because::NotAllowed(provider) => {
            let provider = provider.map_or_else(String::new, |it| format!(" --provider {}", it.as_str()));
            format!(
                "Let the scanner’s identity call this (<code>stacks-audit permissions{provider}</code> prints \
                 what allows it), then run the audit again."
            )
        }
        Because::Organisation => BY_ORGANISATION.to_owned(),
        Because::Ended(advice) => advice.to_owned(),
    };
    writeln!(out, "<li>{}{more}: {advice}</li>", some.join(", "))
}

/// The resource (or node) as people and machines call it, and where it lives.
fn place(finding: &Finding) -> Option<String> {
    let Subject { kind, id, name, account, region } = subject(finding)?;
    let mut told = escaped(&bounded(&short_kind(kind, true).replace('_', " "), 160));
    if !name.is_empty() && name != id {
        told = format!("{told} <b>{}</b>", text(name, 200));
    }
    told = format!("{told} <code>{}</code>", text(id, 400));
    for (part, of) in [(account, account_word(kind)), (region, "region")] {
        if !part.is_empty() {
            told = format!("{told} · {of} {}", text(part, 120));
        }
    }
    Some(told)
}

/// What people call an account there.
fn account_word(kind: &str) -> &'static str {
    let prefix = kind.split_once('.').map_or("", |(prefix, _)| prefix);
    Provider::of_prefix(prefix).map_or("account", Provider::account)
}

fn evidence(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let went: Vec<String> = finding
        .evidence
        .iter()
        .filter(|it| it.fact == "hop")
        .take(40)
        .map(|hop| text(hop.value["at"].as_str().unwrap_or_default(), 120))
        .collect();
    let mut facts: Vec<&Evidence> = finding.evidence.iter().filter(|it| it.fact != "hop").collect();
    if facts.is_empty() && went.is_empty() {
        return Ok(());
    }
    // What is missing is why it can't be told: it is not what is cut.
    facts.sort_by_key(|it| !it.is_missing());
    facts.dedup_by(|a, b| {
        let [a, b] = [a, b].map(|it| (&it.fact, &it.value, &it.resource, &it.call, &it.scope));
        a == b
    });
    writeln!(
        out,
        "<details><summary>How it is known <span class=\"faint\">{}</span></summary>",
        counted((went.len() + facts.len()) as u64, "fact", "facts")
    )?;
    if !went.is_empty() {
        writeln!(out, "<p class=\"went\">The packet went: {}</p>", went.join(" → "))?;
    }
    if !facts.is_empty() {
        writeln!(
            out,
            "<table><thead><tr><th scope=\"col\">Fact</th><th scope=\"col\">Value</th><th scope=\"col\">Told by</th></tr></thead><tbody>"
        )?;
        let scopes: BTreeSet<_> = facts.iter().map(|it| &it.scope).collect();
        for it in facts.iter().take(FACTS) {
            let of = if it.resource.is_empty() {
                String::new()
            } else {
                format!(" of {}", text(short_id(&it.resource), 120))
            };
            let place = match &it.scope {
                Some(scope) if scopes.len() > 1 => format!(", {}", text(&made_in(scope), 200)),
                _ => String::new(),
            };
            writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td><code>{}</code></td><td>{}{of}{place}</td></tr>",
                text(&it.fact, 120),
                value(&it.value, 400),
                text(&it.call, 120)
            )?;
        }
        writeln!(out, "</tbody></table>")?;
    }
    if let Some(more) = facts.len().checked_sub(FACTS).filter(|more| *more > 0) {
        writeln!(out, "<p class=\"faint\">and {more} more facts: the JSON report has them all.</p>")?;
    }
    writeln!(out, "</details>")
}

fn value(of: &Value, max: usize) -> String {
    escaped(&super::intern::shown(of, max))
}
