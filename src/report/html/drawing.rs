//! Each design's drawing in its verdicts, and beside it what is judged and not drawn: ways of packets, rules of its own.

use std::io::{self, Write};

use super::super::diagram::{Beside, Diagram, Sort, Verdict};
use super::super::svg;
use super::{address, escaped, text};
use crate::model::run::{Audit, Run};

/// How many of what is not drawn are listed; the list of all findings has the rest.
const LISTED: usize = 300;

pub(super) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<div id=\"designs\">")?;
    for (at, audit) in run.audits.iter().enumerate() {
        let verdict = Verdict::of_audit(run, audit);
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
        beside(audit, &diagram.beside, out)?;
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

fn beside(audit: &Audit, beside: &[Beside], out: &mut dyn Write) -> io::Result<()> {
    if beside.is_empty() {
        return Ok(());
    }
    writeln!(out, "<div class=\"beside\">")?;
    for sort in Sort::ALL {
        let all: Vec<&Beside> = beside.iter().filter(|it| it.sort == sort).collect();
        if all.is_empty() {
            continue;
        }
        let (title, note) = match sort {
            Sort::Path => {
                ("Ways of packets", "followed hop by hop through routes, firewalls and load balancers")
            }
            Sort::Rule => ("Rules of the design", ""),
            Sort::Arrow => ("Arrows that are not drawn", "what they would join is not part of this level"),
        };
        writeln!(out, "<h3>{title}</h3>")?;
        if !note.is_empty() {
            writeln!(out, "<p class=\"note\">{note}</p>")?;
        }
        list(audit, &all, out)?;
    }
    writeln!(out, "</div>")
}

fn list(audit: &Audit, all: &[&Beside], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<ul>")?;
    for Beside { check, verdict, about, .. } in all.iter().take(LISTED) {
        let (class, mark, word) = (verdict.class(), verdict.mark(), verdict.word());
        writeln!(
            out,
            "<li><a class=\"entry\" href=\"#check={}\" data-check=\"{}\"><span class=\"tag {class}\"><span aria-hidden=\"true\">{mark}</span> {word}</span> \
             <b>{}</b> <span class=\"faint\">{}</span></a></li>",
            address(&format!("{}/{check}", audit.design.id)),
            text(check, 160),
            text(check.split_once('.').map_or(check, |(_, name)| name), 120),
            escaped(about)
        )?;
    }
    if let Some(more) = all.len().checked_sub(LISTED).filter(|more| *more > 0) {
        writeln!(out, "<li class=\"faint\">and {more} more in the list of all findings</li>")?;
    }
    writeln!(out, "</ul>")
}
