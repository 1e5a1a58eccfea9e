//! `mermaid`: the drawing in its verdicts as a Mermaid flowchart, for the pages that draw one: pull requests, wikis.

mod reduced;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use super::Report;
use super::diagram::{Diagram, Frame, Shape, Verdict, lines};
use super::text::{counted, minute};
use crate::model::run::{Audit, GroupForm, Run};

pub(super) struct Mermaid;

impl Report for Mermaid {
    fn id(&self) -> &'static str {
        "mermaid"
    }

    fn write(&self, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
        let charts: Vec<Chart> = run
            .audits
            .iter()
            .map(|audit| {
                let diagram = Diagram::of(audit);
                Chart { title: title(run, audit, &diagram), diagram }
            })
            .collect();
        let drawn = flowchart(&charts, LARGEST).unwrap_or_else(|| EMPTY.to_owned());
        out.write_all(drawn.as_bytes())
    }
}

/// What a run without an audit draws.
const EMPTY: &str = "flowchart TB\n  n0[\"Nothing was audited.\"]\n";

/// Lines: what it is a drawing of and how it came out, what that verdict is about, and what of it is not drawn.
fn title(run: &Run, audit: &Audit, diagram: &Diagram) -> String {
    let verdict = Verdict::of_audit(run, audit);
    let at = minute(run.captured_at);
    let [design, env] = [&audit.design.id, &run.env].map(|text| super::clean(text, 60));
    let mut out = format!(
        "{} {design}: {}\nenv {env} · as of {at} · {} not assessed",
        verdict.mark(),
        verdict.word(),
        counted(audit.unassessed.len(), "requirement")
    );
    for (_, line) in lines(&diagram.beside) {
        out.push('\n');
        out.push_str(&line);
    }
    out
}

/// A drawing, and what it is one of. Without a title it has no frame of its own.
#[derive(Clone, Debug)]
pub struct Chart {
    pub title: String,
    pub diagram: Diagram,
}

/// What pages draw at most, by Mermaid's own defaults: characters of text, and arrows.
pub(super) const LARGEST: usize = 50_000;
const ARROWS: usize = 500;

/// Makes less of a drawing; none where this makes nothing of it.
type Reduce = fn(&Diagram) -> Option<Diagram>;

/// From the whole drawing to the least of it; each but the first says what was left out.
const REDUCTIONS: [(Reduce, &str); 4] = [
    (|diagram| Some(diagram.clone()), ""),
    (
        reduced::wrong,
        "Too large to be drawn in full: this is what does not hold, and what it touches. What holds is left out.",
    ),
    (reduced::collapsed, "Too large to be drawn in full: each outer frame is one box."),
    (
        |diagram| Some(reduced::summed(diagram)),
        "Too large to be drawn: this says how many of what there are.",
    ),
];

/// The drawings as one flowchart of no more bytes than `room`: in full, or less of them where that is too much. None
/// where there is nothing to draw, or no room for any of it.
pub fn flowchart(charts: &[Chart], room: usize) -> Option<String> {
    let fits = |source: &Source| source.arrows <= ARROWS && source.length() <= room.min(LARGEST);
    REDUCTIONS.iter().find_map(|(reduce, note)| {
        let less: Option<Vec<Chart>> = charts
            .iter()
            .map(|chart| Some(Chart { title: chart.title.clone(), diagram: reduce(&chart.diagram)? }))
            .collect();
        let source = Source::of(&less?, note);
        (!charts.is_empty() && fits(&source)).then(|| source.finish())
    })
}

/// The class of what has no verdict.
const DRAWN: &str = "drawn";

/// How boxes and arrows of a class look. Dashes and widths tell what colours tell.
const CLASSES: [(&str, &str, &str); 6] = [
    (DRAWN, "fill:#ffffff,stroke:#4c5a6d,color:#1c2430", "stroke:#4c5a6d"),
    ("fail", "fill:#fde4e1,stroke:#b3261e,stroke-width:4px,color:#1c2430", "stroke:#b3261e,stroke-width:3px"),
    (
        "na",
        "fill:#f4f5f7,stroke:#98a1ad,stroke-dasharray:2 3,color:#56606e",
        "stroke:#98a1ad,stroke-dasharray:2 4",
    ),
    ("pass", "fill:#e9f6ee,stroke:#1a7f45,color:#1c2430", "stroke:#1a7f45"),
    (
        "unknown",
        "fill:#fff3cf,stroke:#8a5a00,stroke-width:2px,stroke-dasharray:6 3,color:#1c2430",
        "stroke:#8a5a00,stroke-width:2px,stroke-dasharray:7 4",
    ),
    (
        "waived",
        "fill:#f0eefb,stroke:#5a4fb0,stroke-width:2px,stroke-dasharray:12 3,color:#1c2430",
        "stroke:#5a4fb0,stroke-width:2px,stroke-dasharray:12 3",
    ),
];

/// A flowchart on its way.
#[derive(Default)]
struct Source {
    text: String,
    /// Boxes and arrows by their class.
    boxes: BTreeMap<&'static str, Vec<String>>,
    links: BTreeMap<&'static str, Vec<usize>>,
    frames: Vec<String>,
    arrows: usize,
}

impl Source {
    fn of(charts: &[Chart], note: &str) -> Self {
        let mut source = Self { text: "flowchart TB\n".to_owned(), ..Self::default() };
        if !note.is_empty() {
            let _ = writeln!(source.text, "  note[\"{}\"]", label(note));
            source.boxes.entry(DRAWN).or_default().push("note".to_owned());
        }
        for (at, chart) in charts.iter().enumerate() {
            let prefix = if charts.len() > 1 { format!("d{at}") } else { String::new() };
            source.chart(chart, &prefix);
        }
        source
    }

    fn chart(&mut self, Chart { title, diagram }: &Chart, prefix: &str) {
        if !title.is_empty() {
            let lines: Vec<String> = title.lines().map(label).collect();
            let _ = writeln!(self.text, "  subgraph {prefix}all[\"{}\"]", lines.join("<br/>"));
            self.frames.push(format!("{prefix}all"));
        }
        let mut inner: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        for (at, frame) in diagram.frames.iter().enumerate() {
            inner.entry(frame.within).or_default().push(at);
        }
        let mut boxes: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        for (at, shape) in diagram.boxes.iter().enumerate() {
            boxes.entry(shape.within).or_default().push(at);
        }
        // What is left to write, the next last: a frame to begin, or the end of one.
        let mut left = vec![Some(None)];
        while let Some(next) = left.pop() {
            let Some(frame) = next else {
                self.text.push_str("  end\n");
                continue;
            };
            if let Some(at) = frame {
                self.frame(&diagram.frames[at], &format!("{prefix}f{at}"));
                left.push(None);
            }
            for at in boxes.get(&frame).into_iter().flatten() {
                self.shape(&diagram.boxes[*at], &format!("{prefix}n{at}"));
            }
            left.extend(inner.get(&frame).into_iter().flatten().rev().map(|at| Some(Some(*at))));
        }
        if diagram.boxes.is_empty() {
            let _ = writeln!(self.text, "  {prefix}n0[\"No node of the design applies.\"]");
        }
        if !title.is_empty() {
            self.text.push_str("  end\n");
        }
        for arrow in &diagram.arrows {
            let (line, class) = match arrow.verdict {
                Some(Verdict::Fail) => ("==>", "fail"),
                Some(verdict @ Verdict::Unknown) => ("-.->", verdict.class()),
                Some(verdict) => ("-->", verdict.class()),
                None => ("-->", DRAWN),
            };
            let text = label(&marked(arrow.verdict, &arrow.label));
            let _ = writeln!(self.text, "  {prefix}n{} {line}|\"{text}\"| {prefix}n{}", arrow.from, arrow.to);
            self.links.entry(class).or_default().push(self.arrows);
            self.arrows += 1;
        }
    }

    fn frame(&mut self, frame: &Frame, id: &str) {
        let form =
            if frame.form == GroupForm::Part { String::new() } else { frame.form.as_str().replace('-', " ") };
        let told = frame.title.to_lowercase().contains(&form);
        let title = if told { frame.title.clone() } else { format!("{} · {form}", frame.title) };
        let _ = writeln!(self.text, "  subgraph {id}[\"{}\"]", label(&title));
        self.frames.push(id.to_owned());
    }

    fn shape(&mut self, shape: &Shape, id: &str) {
        // A shape each, as colours alone tell nothing to some.
        let (open, close) = match shape.verdict {
            Some(Verdict::Fail) | None => ("[\"", "\"]"),
            Some(Verdict::Unknown) => ("{{\"", "\"}}"),
            Some(Verdict::Waived) => ("[/\"", "\"/]"),
            Some(Verdict::Pass) => ("(\"", "\")"),
            Some(Verdict::NotApplicable) => ("([\"", "\"])"),
        };
        let name = label(&marked(shape.verdict, &shape.name));
        // A count stays with what it counts.
        let about = label(&shape.about.replace(" · ", "\u{a0}·\u{a0}"));
        let _ = writeln!(self.text, "  {id}{open}{name}<br/>{about}{close}");
        let class = shape.verdict.map_or(DRAWN, Verdict::class);
        self.boxes.entry(class).or_default().push(id.to_owned());
    }

    /// How long it will be at most, in bytes: Mermaid counts characters, of which there are no more.
    fn length(&self) -> usize {
        let ids: usize = self.boxes.values().flatten().chain(&self.frames).map(|id| id.len() + 1).sum();
        // At most four digits a link, and a comma; below them the classes.
        self.text.len() + ids + self.arrows * 5 + 2_000
    }

    fn finish(mut self) -> String {
        for (class, of_boxes, of_links) in CLASSES {
            if let Some(ids) = self.boxes.get(class) {
                let _ =
                    writeln!(self.text, "  classDef {class} {of_boxes}\n  class {} {class}", ids.join(","));
            }
            if let Some(links) = self.links.get(class) {
                let links: Vec<String> = links.iter().map(ToString::to_string).collect();
                let _ = writeln!(self.text, "  linkStyle {} {of_links}", links.join(","));
            }
        }
        if !self.frames.is_empty() {
            let _ = writeln!(self.text, "  classDef frame fill:none,stroke:#8b98ab");
            let _ = writeln!(self.text, "  class {} frame", self.frames.join(","));
        }
        self.text
    }
}

fn marked(verdict: Option<Verdict>, text: &str) -> Cow<'_, str> {
    verdict.map_or(Cow::Borrowed(text), |verdict| format!("{}\u{a0}{text}", verdict.mark()).into())
}

/// Text for a label. Mermaid reads HTML, Markdown and icons in those: what is neither a letter nor surely harmless is
/// written as its number. It reads numbers before it looks for line breaks (`\n`) and formulas (`$$`): their signs
/// become others that look alike.
fn label(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let plain = match c {
            ' ' => before != ' ' && after != ' ',
            '-' | '_' => before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric(),
            // Mermaid's own way to hide a number sign away.
            'ﬂ' | 'ß' => false,
            ',' | '·' | '…' | '→' | '✓' | '✗' | '–' | '?' => true,
            c => c.is_ascii_alphanumeric() || (c.is_alphabetic() && !c.is_ascii()),
        };
        if plain {
            out.push(c);
        } else if let Some(alike) = alike(c) {
            out.push(alike);
        } else {
            let _ = write!(out, "#{};", u32::from(c));
        }
        before = c;
    }
    out
}

fn alike(c: char) -> Option<char> {
    match c {
        '\\' => Some('∖'),
        '$' => Some('＄'),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
