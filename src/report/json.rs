//! `json`: the run as it is, `stacks-audit/report/v1`. The other formats are projections of this one.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use serde::Serialize;

use super::Report;
use super::text::hidden;
use crate::model::run::Run;

pub(super) struct Json;

impl Report for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn write(&self, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
        out.write_all(text(run)?.as_bytes())
    }
}

/// Anything as JSON that a terminal can be shown.
pub fn text(value: &impl Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string_pretty(value)?;
    Ok(format!("{}\n", visible(&text)))
}

/// The same JSON with what acts on a terminal instead of showing itself written as escapes: JSON asks that of the ASCII
/// controls alone. Nothing but its strings holds other characters.
pub(super) fn visible(json: &str) -> Cow<'_, str> {
    let acts = |c: char| c != '\n' && hidden(c);
    if !json.contains(acts) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn reads_back_as_the_same_run() {
        let run = sample::run();
        let mut bytes = Vec::new();
        Json.write(&run, &mut bytes).expect("memory takes every byte");
        assert_eq!(serde_json::from_slice::<Run>(&bytes).expect("own output"), run);
    }

    #[test]
    fn what_acts_on_a_terminal_is_escaped_and_reads_back() {
        let mut run = sample::run();
        run.env = "\u{1b}[2J\u{9b}31m\u{7f}\u{202e}\u{200b}\u{e0041}数 é\n".into();
        let mut bytes = Vec::new();
        Json.write(&run, &mut bytes).expect("memory takes every byte");
        let text = std::str::from_utf8(&bytes).expect("text");
        assert!(!text.contains(|c| c != '\n' && hidden(c)), "{text}");
        assert!(text.contains("数 é"));
        assert_eq!(serde_json::from_slice::<Run>(&bytes).expect("own output"), run);
    }

    #[test]
    fn same_run_same_bytes() {
        let written = || {
            let mut bytes = Vec::new();
            Json.write(&sample::run(), &mut bytes).expect("memory takes every byte");
            bytes
        };
        assert_eq!(written(), written());
    }
}
