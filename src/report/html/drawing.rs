//! Each design's drawing in its verdicts, and beside it what is judged and not drawn: ways of packets, rules of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::super::diagram::{Diagram, Verdict};
use super::super::svg;
use super::causes::short;
use super::{address, text};
use crate::model::path::Expect;
use crate::model::run::{Audit, Finding, Run, Status};

/// How many of what is not drawn are listed; the list of all findings has the rest.
const LISTED: usize = 300;

pub(super) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<div id=\"designs\">")?;
    for (at, audit) in run.audits.iter().enumerate() {
        let verdict = Verdict::of(audit.status, &audit.findings);
        let (class, mark, word) = (verdict.class(), verdict.mark(), verdict.word());
        let title = text(&audit.design.title, 200);
        let diagram = Diagram::of(audit);
        let name = format!("Drawing of {}", audit.design.title);
        let picture = svg::picture(&diagram, &format!("d{at}-"), &name);
        let form = picture.as_deref().map_or("", form);
        writeln!(
            out,
            "<section class=\"design{form}\" aria-labelledby=\"design-{at}\" data-audit=\"{at}\">\n\
             <h2 id=\"design-{at}\">{title} <span class=\"tag {class}\"><span aria-hidden=\"true\">{mark}</span> {word}</span></h2>\n\
             <p class=\"note scripted\" hidden>Choose a box or an arrow to see what was found there: with the mouse, or with Tab, the arrow keys and Enter.</p>\n\
             <div class=\"zoom scripted\" role=\"group\" aria-label=\"Size of the drawing\" hidden><button type=\"button\" data-zoom=\"fit\">Fit</button>\
             <button type=\"button\" data-zoom=\"one\">100 %</button><button type=\"button\" data-zoom=\"out\" aria-label=\"Smaller\">−</button>\
             <button type=\"button\" data-zoom=\"in\" aria-label=\"Larger\">+</button></div>\n<div class=\"drawn\">"
        )?;
        let drawn = match picture {
            _ if diagram.boxes.is_empty() => {
                "<p class=\"note\">The design draws nothing at this level.</p>".into()
            }
            Some(picture) => format!(
                "<div class=\"picture\" tabindex=\"0\" role=\"region\" aria-label=\"{title}: the drawing, can be scrolled\">{picture}</div>"
            ),
            None => "<p class=\"note\">This drawing can’t be laid out.</p>".to_owned(),
        };
        writeln!(out, "{drawn}")?;
        beside(audit, out)?;
        writeln!(out, "</div>\n</section>")?;
    }
    writeln!(out, "</div>")
}

/// How a picture lies on a page: higher than wide it takes another side of the paper, very wide all of a screen.
fn form(picture: &str) -> &'static str {
    let size = picture.split_once("viewBox=\"0 0 ").and_then(|(_, rest)| rest.split_once('"'));
    let sides = size.and_then(|(size, _)| size.split_once(' '));
    match sides.and_then(|(wide, high)| Some((wide.parse::<f64>().ok()?, high.parse::<f64>().ok()?))) {
        Some((wide, high)) if high > wide => " tall",
        Some((wide, _)) if wide > 1_300.0 => " broad",
        _ => "",
    }
}

fn beside(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &audit.findings {
        findings.entry(short(audit, &finding.check)).or_default().push(finding);
    }
    let of = |own: &str, status: Status| {
        Verdict::of(status, findings.get(own).map(Vec::as_slice).unwrap_or_default().iter().copied())
    };
    let paths: Vec<Entry> = audit
        .paths
        .iter()
        .map(|path| {
            let own = format!("path.{}", path.id);
            let way = path.via.join(" → ");
            let must = match path.expect {
                Expect::Reachable => "must arrive",
                Expect::Unreachable => "must not arrive",
            };
            let avoid = path.avoid.join(", ");
            let about = match path.expect {
                _ if avoid.is_empty() => format!("{way}: {}, {must}", path.packet),
                Expect::Unreachable => format!("never {way} but by {avoid}: {}", path.packet),
                Expect::Reachable => format!("{way}, not by {avoid}: {}, {must}", path.packet),
            };
            Entry { verdict: of(&own, path.status), about, own }
        })
        .collect();
    let nodes: BTreeSet<&str> = audit.nodes.iter().map(|node| node.id.as_str()).collect();
    let loose = audit
        .edges
        .iter()
        .filter(|edge| !nodes.contains(edge.from.as_str()) || !nodes.contains(edge.to.as_str()));
    let arrows: Vec<Entry> = loose
        .map(|edge| {
            let own = format!("edge.{}", edge.id);
            let never = if edge.forbid { "never " } else { "" };
            let about = format!("{} {never}{} {}", edge.from, edge.rel, edge.to);
            Entry { verdict: of(&own, edge.status), about, own }
        })
        .collect();
    let rules: Vec<Entry> = findings
        .iter()
        .filter(|(own, _)| !["node.", "edge.", "path."].iter().any(|drawn| own.starts_with(drawn)))
        .map(|(own, all)| Entry {
            own: (*own).to_owned(),
            verdict: Verdict::of(Status::roll_up(all.iter().map(|f| f.status)), all.iter().copied()),
            about: all[0].says.clone(),
        })
        .collect();
    if paths.is_empty() && arrows.is_empty() && rules.is_empty() {
        return Ok(());
    }
    writeln!(out, "<div class=\"beside\">")?;
    entries(
        "Ways of packets",
        "followed hop by hop through routes, firewalls and load balancers",
        audit,
        paths,
        out,
    )?;
    entries("Rules of the design", "", audit, rules, out)?;
    entries(
        "Arrows that are not drawn",
        "what they would join is not part of this level",
        audit,
        arrows,
        out,
    )?;
    writeln!(out, "</div>")
}

struct Entry {
    /// The check without its design.
    own: String,
    verdict: Verdict,
    about: String,
}

fn entries(
    title: &str,
    note: &str,
    audit: &Audit,
    mut all: Vec<Entry>,
    out: &mut dyn Write,
) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    all.sort_by_key(|entry| std::cmp::Reverse(entry.verdict));
    writeln!(out, "<h3>{title}</h3>")?;
    if !note.is_empty() {
        writeln!(out, "<p class=\"note\">{note}</p>")?;
    }
    writeln!(out, "<ul>")?;
    for Entry { own, verdict, about } in all.iter().take(LISTED) {
        let (class, mark, word) = (verdict.class(), verdict.mark(), verdict.word());
        writeln!(
            out,
            "<li><a class=\"entry\" href=\"#check={}\" data-check=\"{}\"><span class=\"tag {class}\"><span aria-hidden=\"true\">{mark}</span> {word}</span> \
             <b>{}</b> <span class=\"faint\">{}</span></a></li>",
            address(&format!("{}/{own}", audit.design.id)),
            text(own, 160),
            text(own.split_once('.').map_or(own, |(_, id)| id), 120),
            text(about, 400)
        )?;
    }
    if let Some(more) = all.len().checked_sub(LISTED).filter(|more| *more > 0) {
        writeln!(out, "<li class=\"faint\">and {more} more in the list of all findings</li>")?;
    }
    writeln!(out, "</ul>")
}
