//! What a run looks like to somebody: one format a file. A report reads `Run` alone; it neither judges nor looks anything up.

mod advice;
mod asff;
mod calls;
mod causes;
mod csv;
mod diagram;
mod feed;
mod gfm;
mod html;
mod json;
mod junit;
mod layout;
mod markdown;
mod mermaid;
mod ocsf;
mod page;
mod picture;
mod prometheus;
mod sarif;
pub mod schema;
mod sheet;
mod svg;
mod table;
mod tally;
mod text;

pub use diagram::{Diagram, Frames, Shape};
pub use gfm::{cell, code, prose};
pub use json::text as json_text;
pub use mermaid::{Chart, flowchart};
pub use page::label;
pub use picture::Picture;
pub use sheet::Sheet;
pub use text::clean;

use std::io;

use crate::model::run::Run;

#[cfg(test)]
pub(crate) mod sample;

/// One way to write a run down.
pub trait Report: Sync {
    /// The format's name on the command line.
    fn id(&self) -> &'static str;

    /// Writes the whole run.
    fn write(&self, run: &Run, out: &mut dyn io::Write) -> io::Result<()>;
}

/// What the reader's terminal can do; asked by `cli`, as reports look at nothing but the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns.
    pub width: usize,
    pub colour: bool,
    /// Characters beyond ASCII can be shown.
    pub unicode: bool,
    /// Show what holds as well, and nothing cut short.
    pub verbose: bool,
}

/// A format that can be asked for.
#[derive(Debug)]
pub struct Format {
    pub id: &'static str,
    /// One sentence for `--help`.
    pub about: &'static str,
    pub with: fn(Style) -> Box<dyn Report>,
}

/// Sorted by id.
pub const FORMATS: &[Format] = &[
    Format {
        id: "asff",
        about: "findings for AWS Security Hub, as `batch-import-findings` takes them",
        with: |_| Box::new(asff::Asff),
    },
    Format {
        id: "csv",
        about: "a row a finding, for spreadsheets and databases; formulas guarded",
        with: |_| Box::new(csv::Csv),
    },
    Format {
        id: "html",
        about: "one page for people: the drawing, what is wrong and why, all findings to search",
        with: |_| Box::new(html::Html),
    },
    Format {
        id: "json",
        about: "the whole report, stacks-audit/report/v1, for machines",
        with: |_| Box::new(json::Json),
    },
    Format {
        id: "junit",
        about: "JUnit XML, a test case a check, for CI servers",
        with: |_| Box::new(junit::JUnit),
    },
    Format {
        id: "markdown",
        about: "a summary for a comment on a pull request or the page of a job, with the drawing in it",
        with: |_| Box::new(markdown::Markdown),
    },
    Format {
        id: "mermaid",
        about: "the drawing alone, as a flowchart that pages such as pull requests draw",
        with: |_| Box::new(mermaid::Mermaid),
    },
    Format {
        id: "ocsf",
        about: "an OCSF 1.6 Compliance Finding a line, for SIEMs and security lakes",
        with: |_| Box::new(ocsf::Ocsf),
    },
    Format {
        id: "prometheus",
        about: "gauges for Prometheus, in OpenMetrics text, to alert and to draw over time",
        with: |_| Box::new(prometheus::Prometheus),
    },
    Format {
        id: "sarif",
        about: "SARIF 2.1.0, for code scanning",
        with: |_| Box::new(sarif::Sarif::default()),
    },
    Format { id: "svg", about: "the drawing alone, in its verdicts", with: |_| Box::new(svg::Svg) },
    Format {
        id: "table",
        about: "the drawing, then what is wrong with it, for people",
        with: |style| Box::new(table::Table::new(style)),
    },
];

/// The format of this name.
pub fn format(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_sorted_and_know_their_names() {
        assert!(FORMATS.windows(2).all(|pair| pair[0].id < pair[1].id));
        let style = Style { width: 80, colour: false, unicode: true, verbose: false };
        for format in FORMATS {
            assert_eq!((format.with)(style).id(), format.id);
        }
    }
}
