//! A page of text for a terminal: lines, hanging paragraphs and columns, within a width. Colour is only ever an extra:
//! what it says is said in words too.

use std::borrow::Cow;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::Style;
use super::text::{width, wrap};
use crate::model::run::Status;

/// How a piece of text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Strong,
    Faint,
    Good,
    Bad,
    Doubtful,
}

impl Tone {
    pub(super) fn of(status: Status) -> Self {
        match status {
            Status::Pass => Self::Good,
            Status::Fail => Self::Bad,
            Status::Unknown => Self::Doubtful,
            Status::NotApplicable => Self::Faint,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Good => "32",
            Self::Bad => "1;31",
            Self::Doubtful => "1;33",
        }
    }
}

/// The status as a mark and a word.
pub fn label(status: Status) -> &'static str {
    match status {
        Status::Pass => "✓ PASS",
        Status::Fail => "✗ FAIL",
        Status::Unknown => "? UNKNOWN",
        Status::NotApplicable => "- N/A",
    }
}

/// A row of columns; `tone` paints its first cell, which is never empty.
pub(super) struct Row {
    pub(super) tone: Tone,
    pub(super) cells: Vec<String>,
}

pub(super) struct Page {
    style: Style,
    text: String,
}

impl Page {
    pub(super) fn new(style: Style) -> Self {
        Self { style, text: String::new() }
    }

    pub(super) fn style(&self) -> Style {
        self.style
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A heading, set off by an empty line; the aside goes where there is no room for it.
    pub(super) fn heading(&mut self, title: &str, aside: &str) {
        self.blank();
        let fits = width(title) + 2 + width(aside) <= self.style.width;
        let title = self.paint(Tone::Strong, title).into_owned();
        if aside.is_empty() || !fits {
            self.line(&title);
        } else {
            let aside = self.paint(Tone::Faint, aside).into_owned();
            self.line(&format!("{title}  {aside}"));
        }
    }

    /// A line as it is; what it holds is painted and fits already.
    pub(super) fn line(&mut self, painted: &str) {
        self.text.push_str(painted.trim_end());
        self.text.push('\n');
    }

    /// `lead`, then `body` wrapped, its further lines below its first.
    pub(super) fn hanging(&mut self, lead: &str, lead_tone: Tone, body: &str, body_tone: Tone) {
        let indent = width(lead);
        let lines = wrap(body, self.style.width.saturating_sub(indent).max(20));
        for (n, line) in lines.iter().enumerate() {
            let start = if n == 0 { self.paint(lead_tone, lead) } else { " ".repeat(indent).into() };
            let line = format!("{start}{}", self.paint(body_tone, line));
            self.line(&line);
        }
    }

    /// Rows of aligned cells below faint column names. Cells that don't fit are wrapped within their column.
    pub(super) fn columns(&mut self, names: &[&str], rows: &[Row]) {
        let Some(first) = rows.iter().map(|row| width(&row.cells[0])).max() else { return };
        let first = first.max(width(names[0]));
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(self.style.width).unwrap_or(u16::MAX))
            .set_header(names)
            .add_rows(rows.iter().map(|row| row.cells.clone()));
        for column in table.column_iter_mut() {
            column.set_padding((2, 0)).set_cell_alignment(CellAlignment::Left);
        }
        if let Some(column) = table.column_mut(0) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        // The second column names the row: it is broken last.
        let names_it =
            rows.iter().filter_map(|row| row.cells.get(1)).map(|cell| width(cell)).max().unwrap_or(0);
        if let (Some(column), Ok(least)) =
            (table.column_mut(1), u16::try_from(names_it.min(self.style.width / 3)))
        {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least + 2)));
        }
        let mut tones = rows.iter().map(|row| row.tone);
        for (n, line) in table.lines().enumerate() {
            let line = line.trim_end();
            if n == 0 {
                let line = self.paint(Tone::Faint, line).into_owned();
                self.line(&line);
                continue;
            }
            let (head, rest) = split_at_column(line, 2 + first);
            let tone = if head.trim().is_empty() { None } else { tones.next() };
            let line = match tone {
                Some(tone) => format!("{}{rest}", self.paint(tone, head)),
                None => line.to_owned(),
            };
            self.line(&line);
        }
    }

    pub(super) fn paint<'t>(&self, tone: Tone, text: &'t str) -> Cow<'t, str> {
        if !self.style.colour || tone == Tone::Plain || text.trim().is_empty() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(format!("\u{1b}[{}m{text}\u{1b}[0m", tone.code()))
    }

    /// The page, in ASCII alone where the terminal shows nothing else.
    pub(super) fn finish(self) -> String {
        if self.style.unicode { self.text } else { self.text.chars().map(ascii).collect() }
    }
}

/// The nearest ASCII character; one for one, so that columns stay columns.
fn ascii(c: char) -> char {
    match c {
        _ if c.is_ascii() => c,
        '✓' => '+',
        '✗' => 'x',
        '└' => '`',
        '—' | '–' | '─' => '-',
        '→' => '>',
        '↓' => 'v',
        '…' => '~',
        '·' => '|',
        '’' | '‘' => '\'',
        '“' | '”' => '"',
        _ => '?',
    }
}

fn split_at_column(line: &str, column: usize) -> (&str, &str) {
    let mut used = 0;
    let at = line.char_indices().find(|(_, c)| {
        used += width(c.encode_utf8(&mut [0; 4]));
        used > column
    });
    line.split_at(at.map_or(line.len(), |(at, _)| at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(colour: bool, unicode: bool) -> Style {
        Style { width: 40, colour, unicode, verbose: false }
    }

    fn sample(style: Style) -> String {
        let mut page = Page::new(style);
        let row = |tone, cells: [&str; 2]| Row { tone, cells: cells.map(str::to_owned).to_vec() };
        page.columns(
            &["STATUS", "NAME"],
            &[
                row(Tone::Good, [label(Status::Pass), "one"]),
                row(Tone::Bad, [label(Status::Fail), "a name that is too long to stand on one line"]),
                row(Tone::Good, [label(Status::Pass), "three"]),
            ],
        );
        page.finish()
    }

    #[test]
    fn columns_stay_within_the_width() {
        let text = sample(style(false, true));
        assert!(text.lines().all(|line| width(line) <= 40), "{text}");
        assert_eq!(text.lines().count(), 5, "{text}");
    }

    #[test]
    fn colour_paints_the_row_it_belongs_to() {
        let plain = sample(style(false, true));
        let painted = sample(style(true, true));
        assert!(painted.contains("\u{1b}[1;31m  ✗ FAIL\u{1b}[0m  a name"), "{painted:?}");
        assert!(painted.contains("\u{1b}[32m  ✓ PASS\u{1b}[0m  three"), "{painted:?}");
        let mut stripped = painted;
        for code in ["\u{1b}[0m", "\u{1b}[2m", "\u{1b}[32m", "\u{1b}[1;31m"] {
            stripped = stripped.replace(code, "");
        }
        assert_eq!(stripped, plain);
    }

    #[test]
    fn a_plain_terminal_gets_ascii_in_the_same_columns() {
        let text = sample(style(false, false));
        assert!(text.is_ascii());
        assert!(text.contains("x FAIL  a name"), "{text}");
    }
}
