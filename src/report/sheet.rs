//! A sheet about one thing, for a terminal: what it is called, what is said of it, and labelled lines under headings.

use super::Style;
use super::page::{Page, Tone};
use super::text::{clean, width};

/// The widest label; what is longer pushes its text.
const LABEL: usize = 12;
/// Texts of designs are shown in full; what is longer is nobody's sentence.
const LONGEST: usize = 20_000;

pub struct Sheet {
    page: Page,
}

impl Sheet {
    pub fn new(style: Style, head: &str) -> Self {
        let mut page = Page::new(style);
        page.hanging("", Tone::Plain, &clean(head, LONGEST), Tone::Strong);
        Self { page }
    }

    /// A paragraph, set off by an empty line.
    pub fn says(&mut self, text: &str) {
        self.page.blank();
        self.page.hanging("  ", Tone::Plain, &clean(text, LONGEST), Tone::Plain);
    }

    pub fn heading(&mut self, title: &str) {
        self.page.heading(title, "");
    }

    /// Text under a heading; nothing where there is none.
    pub fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.page.hanging("  ", Tone::Plain, &clean(text, LONGEST), Tone::Plain);
        }
    }

    /// A labelled line under a heading; nothing where there is no text.
    pub fn line(&mut self, label: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let label = clean(label, LONGEST);
        let pad = " ".repeat(LABEL.saturating_sub(width(&label)));
        self.page.hanging(&format!("  {label}{pad}  "), Tone::Faint, &clean(text, LONGEST), Tone::Plain);
    }

    pub fn finish(self) -> String {
        self.page.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(columns: usize, unicode: bool) -> String {
        let mut sheet =
            Sheet::new(Style { width: columns, colour: false, unicode, verbose: false }, "design/node.a");
        sheet.says("Two public subnets, each in a zone of its own — says the document.");
        sheet.heading("How it is judged");
        sheet.line("kind", "aws.subnet");
        sheet.line("nothing", "");
        sheet.line("select", "r.tag(\"tier\") == \"public\" || r.name == \"public\"");
        sheet.finish()
    }

    #[test]
    fn labelled_lines_are_aligned_and_wrapped() {
        insta::assert_snapshot!(sheet(44, true));
    }

    #[test]
    fn nothing_is_wider_than_the_terminal_or_beyond_what_it_shows() {
        for columns in [40, 60, 80] {
            let text = sheet(columns, false);
            assert!(text.is_ascii(), "{text}");
            assert!(text.lines().all(|line| width(line) <= columns), "{columns}: {text}");
        }
    }
}
