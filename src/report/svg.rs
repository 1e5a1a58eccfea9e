//! `svg`: the drawing alone, in its verdicts.

use std::fmt::Write as _;
use std::io;

use super::Report;
use super::diagram::{Arrow, Diagram, Frame, Shape, Verdict, lines};
use super::layout::{Layout, Rect, Route, lay_out, tenths};
use super::text::{self, clean, counted, entity, minute};
use crate::model::run::{Audit, GroupForm, Run};

/// How pictures look: in a file of their own, and within a page.
pub(super) const STYLE: &str = include_str!("svg/diagram.css");

pub(super) struct Svg;

impl Report for Svg {
    fn id(&self) -> &'static str {
        "svg"
    }

    fn write(&self, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
        let mut below = String::new();
        let (mut width, mut height) = (360.0_f64, 0.0);
        for (at, audit) in run.audits.iter().enumerate() {
            let diagram = Diagram::of(audit);
            let _ = writeln!(below, "<g transform=\"translate(0 {height})\">");
            let told = told(run, audit);
            let beside = lines(&diagram.beside);
            let high_head = HEAD + LINE * (told.len() - 2 + beside.len()) as f64;
            head(&mut below, &told, &beside);
            let drawn = lay_out(&diagram);
            let _ = writeln!(below, "<g transform=\"translate(0 {high_head})\">");
            match &drawn {
                Some(layout) => draw(&mut below, &diagram, layout, &format!("d{at}-")),
                None => below.push_str("<text x=\"16\" y=\"20\">This drawing can't be laid out.</text>\n"),
            }
            below.push_str("</g></g>\n");
            let (wide, high) = drawn.map_or((0.0, 40.0), |layout| (layout.width, layout.height));
            width = width.max(wide).max(head_width(&told, &beside));
            height = tenths(height + high_head + high);
        }
        legend(&mut below, height);
        height += LEGEND;
        writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"diagram\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\">\n<title>{}</title>\n<style>{STYLE}</style>\n\
             <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n{MARKERS}{below}</svg>",
            escaped(&clean(&format!("stacks-audit: {}: {}", run.env, Verdict::of_run(run).word()), 200))
        )
    }
}

/// Room above a drawing for what it is one of, and below all of them for what the marks mean.
const HEAD: f64 = 64.0;
const LINE: f64 = 18.0;
const LEGEND: f64 = 44.0;

/// The title, and what the drawing is one of.
fn told(run: &Run, audit: &Audit) -> Vec<String> {
    let verdict = Verdict::of_audit(run, audit);
    let title = format!("{}: {}", audit.design.title, verdict.word());
    let at = minute(run.captured_at);
    let open = counted(audit.unassessed.len(), "requirement");
    let about = format!("{} · env {} · as of {at} · {open} not assessed", audit.design.id, run.env);
    let source = &audit.design.source;
    let asked = (!source.is_empty()).then(|| format!("As asked for in: {source}"));
    let doubt = run.no_verdict.as_ref().map(|why| format!("This is no verdict: {why}."));
    let all = [title, about].into_iter().chain(doubt).chain(asked);
    all.map(|text| clean(&text, 120).into_owned()).collect()
}

fn head_width(told: &[String], beside: &[(Verdict, String)]) -> f64 {
    let widest = |lines: &mut dyn Iterator<Item = &String>| lines.map(|line| text::width(line)).max();
    let small = widest(&mut told[1..].iter()).unwrap_or(0) as f64;
    // What fails is bold.
    let bold = widest(&mut beside.iter().map(|(_, line)| line)).unwrap_or(0) as f64;
    (text::width(&told[0]) as f64 * 10.5).max(small * 7.0).max(bold * 8.5) + 40.0
}

fn head(out: &mut String, told: &[String], beside: &[(Verdict, String)]) {
    let title = escaped(&told[0]);
    let _ = writeln!(out, "<text class=\"title\" x=\"16\" y=\"32\">{title}</text>");
    let mut y = 52.0;
    for line in &told[1..] {
        let _ = writeln!(out, "<text class=\"about\" x=\"16\" y=\"{y}\">{}</text>", escaped(line));
        y += LINE;
    }
    for (verdict, line) in beside {
        let (class, line) = (verdict.class(), escaped(line));
        let _ = writeln!(out, "<text class=\"about beside {class}\" x=\"16\" y=\"{y}\">{line}</text>");
        y += LINE;
    }
}

/// A column of a frame's title.
const TITLE: f64 = 7.4;

/// What the marks mean, at this height.
fn legend(out: &mut String, y: f64) {
    let mut x = 16.0;
    for verdict in Verdict::ALL {
        let (class, word) = (verdict.class(), verdict.word());
        let _ = writeln!(out, "<g class=\"box {class}\" transform=\"translate({x} {})\">", y + 12.0);
        let _ = writeln!(out, "<rect class=\"face\" width=\"24\" height=\"18\" rx=\"4\"/>");
        let _ = writeln!(out, "<text class=\"mark\" x=\"12\" y=\"14\">{}</text>", verdict.mark());
        let _ = writeln!(out, "<text class=\"word\" x=\"32\" y=\"14\">{word}</text></g>");
        x += 60.0 + word.len() as f64 * 8.5;
    }
}

/// The heads of arrows, and the hatch of what is unknown. A document with pictures in it has these once.
pub(super) const MARKERS: &str = include_str!("svg/markers.svg");

/// A drawing to stand in a page: its ids begin with `prefix`. Absent where it can't be laid out.
pub(super) fn picture(diagram: &Diagram, prefix: &str, title: &str) -> Option<String> {
    let layout = lay_out(diagram)?;
    let mut out = format!(
        "<svg class=\"diagram\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"group\" aria-label=\"{}\">\n",
        escaped(&clean(title, 200)),
        w = layout.width,
        h = layout.height
    );
    draw(&mut out, diagram, &layout, prefix);
    out.push_str("</svg>\n");
    Some(out)
}

fn draw(out: &mut String, diagram: &Diagram, layout: &Layout, prefix: &str) {
    let frames = || diagram.frames.iter().zip(&layout.frames);
    for (frame, Rect { x, y, width, height }) in frames() {
        let form = frame.form.as_str();
        let _ = writeln!(
            out,
            "<rect class=\"frame {form}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>"
        );
    }
    let ends = |arrow: &Arrow| [arrow.from, arrow.to].map(|at| diagram.boxes[at].id.as_str());
    // What fails lies above what holds where arrows cross.
    let mut arrows: Vec<(&Arrow, &Route)> = diagram.arrows.iter().zip(&layout.arrows).collect();
    arrows.sort_by_key(|(arrow, _)| arrow.verdict);
    for (arrow, route) in arrows {
        draw_arrow(out, arrow, ends(arrow), route, prefix);
    }
    // Above the arrows, which may have to pass there.
    frames().for_each(|(frame, rect)| draw_title(out, frame, *rect));
    for (shape, rect) in diagram.boxes.iter().zip(&layout.boxes) {
        draw_box(out, shape, *rect, prefix);
    }
}

/// The title, and beside it what sort of thing the frame is, where there is room and the title doesn't say it.
fn draw_title(out: &mut String, frame: &Frame, Rect { x, y, width, .. }: Rect) {
    let room =
        (1..=60_u8).rev().find(|columns| f64::from(*columns) * TITLE <= width - 30.0).map_or(1, usize::from);
    let title = clean(&frame.title, room);
    let form = frame.form.as_str().replace('-', " ");
    let said = frame.form == GroupForm::Part || title.to_lowercase().contains(&form);
    let fits = text::width(&title) + text::width(&form) + 2 <= room;
    let form = if said || !fits { "" } else { &form };
    let _ = writeln!(
        out,
        "<text class=\"frame-title\" x=\"{}\" y=\"{}\">{}<tspan class=\"form\" dx=\"7\">{form}</tspan></text>",
        tenths(x + 12.0),
        tenths(y + 22.0),
        escaped(&title),
    );
}

fn draw_box(out: &mut String, shape: &Shape, Rect { x, y, width, height }: Rect, prefix: &str) {
    let (class, word, mark) = painted(shape.verdict);
    let (id, name) = (escaped(&shape.id), escaped(&shape.name));
    let about = escaped(&shape.about);
    let _ = writeln!(
        out,
        "<g class=\"box {class}\" id=\"{prefix}node.{id}\" data-check=\"node.{id}\" transform=\"translate({x} {y})\">\n\
         <title>{id}: {word} ({about})</title>\n\
         <rect class=\"face\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>\n\
         <text class=\"mark\" x=\"19\" y=\"{}\">{mark}</text>\n\
         <text class=\"id\" x=\"36\" y=\"21\">{name}</text>\n<text class=\"about\" x=\"36\" y=\"38\">{about}</text></g>",
        height / 2.0 + 6.0,
    );
}

fn draw_arrow(out: &mut String, arrow: &Arrow, [from, to]: [&str; 2], route: &Route, prefix: &str) {
    let (class, word, mark) = painted(arrow.verdict);
    let id = escaped(&arrow.id);
    let mut path = String::new();
    for (at, (x, y)) in route.corners.iter().enumerate() {
        let _ = write!(path, "{}{x} {y}", if at == 0 { 'M' } else { 'L' });
    }
    let Rect { x, y, width, height } = route.label;
    let label = format!("{mark} {}", escaped(&arrow.label));
    let _ = writeln!(
        out,
        "<g class=\"arrow {class}\" id=\"{prefix}edge.{id}\" data-check=\"edge.{id}\">\n\
         <title>{id}: {word} ({} {} {})</title>\n\
         <path class=\"reach\" d=\"{path}\"/><path class=\"casing\" d=\"{path}\"/><path class=\"line\" d=\"{path}\" marker-end=\"url(#head-{class})\"/>\n\
         <rect class=\"plate\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\"/>\
         <text x=\"{}\" y=\"{}\">{}</text></g>",
        escaped(from),
        escaped(&arrow.label),
        escaped(to),
        tenths(x + width / 2.0),
        tenths(y + height / 2.0 + 4.0),
        label.trim_start(),
    );
}

/// Class, word and mark of a verdict, and of a drawing that was not judged.
fn painted(verdict: Option<Verdict>) -> (&'static str, &'static str, &'static str) {
    verdict.map_or(("drawn", "drawn", ""), |verdict| (verdict.class(), verdict.word(), verdict.mark()))
}

/// Text that went through [`clean`], between tags or quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match entity(c) {
            Some(entity) => out.push_str(entity),
            None if c == '\'' => out.push_str("&#39;"),
            None => out.push(c),
        }
    }
    out
}
