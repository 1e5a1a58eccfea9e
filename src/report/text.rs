//! Text from an account, made fit to be shown: visible, bounded, one line. Whoever can name a resource can write
//! escape sequences, line breaks or a megabyte into a report; none of it may reach a terminal as such.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io;

use chrono::{DateTime, Utc};
use serde_json::Value;
use unicode_width::UnicodeWidthChar;

/// Combining marks that one character may carry; a pile of them paints over the lines around it.
const MARKS: usize = 3;

/// `text` on one line and at most `max` columns wide, with all that does not show (control characters, bidirectional
/// overrides, zero-width characters) written out as escapes.
pub fn clean(text: &str, max: usize) -> Cow<'_, str> {
    if text.len() <= max && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let (mut width, mut marks) = (0, 0);
    // Where to cut, should more come than fits: the last place that leaves a column for the ellipsis.
    let mut cut = 0;
    for c in text.chars() {
        if width < max {
            cut = out.len();
        }
        let before = out.len();
        let columns = if hidden(c) { 0 } else { c.width().unwrap_or(0) };
        marks = if columns == 0 { marks + 1 } else { 0 };
        let own = if columns == 0 && (hidden(c) || out.is_empty() || marks > MARKS) {
            escape(c, &mut out);
            out.len() - before
        } else {
            out.push(c);
            columns
        };
        width += own;
        if width > max {
            out.truncate(cut);
            if max > 0 {
                out.push('…');
            }
            return Cow::Owned(out);
        }
    }
    Cow::Owned(out)
}

fn escape(c: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

/// Characters that do something other than show themselves.
pub(super) fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xad | 0x34f | 0x61c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f
            | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff9..=0xfffb
            | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
        || no_character(c)
}

/// What is no character and never will be: XML and HTML forbid it.
fn no_character(c: char) -> bool {
    let code = u32::from(c);
    (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe
}

/// What HTML and XML write for a character that means something to them.
pub(super) fn entity(c: char) -> Option<&'static str> {
    Some(match c {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        _ => return None,
    })
}

pub(super) fn entities(text: &str, out: &mut String) {
    for c in text.chars() {
        match entity(c) {
            Some(entity) => out.push_str(entity),
            None => out.push(c),
        }
    }
}

/// How many columns `text` takes. Of text that went through [`clean`].
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Breaks `text` at its spaces into lines of at most `max` columns; a word that is longer is broken where it must be.
pub(super) fn wrap(text: &str, max: usize) -> Vec<String> {
    let max = max.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let wide = width(word);
        if used > 0 && used + 1 + wide <= max {
            line.push(' ');
            line.push_str(word);
            used += 1 + wide;
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        for c in word.chars() {
            let columns = c.width().unwrap_or(0);
            if used + columns > max {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += columns;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// A number and what it counts, of which there may be one.
pub(super) fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// What a reader calls the thing with this id: the last part of an ARN or path, without a random suffix.
pub(super) fn short_id(id: &str) -> &str {
    let mut parts = id.rsplit(['/', ':']).filter(|part| !part.is_empty());
    let Some(last) = parts.next() else { return id };
    let random = last.len() == 16 && last.bytes().all(|byte| byte.is_ascii_hexdigit());
    if random { parts.next().unwrap_or(last) } else { last }
}

/// The kind without its provider, several counted where there is no room for all.
pub(super) fn short_kind(kind: &str, all: bool) -> String {
    let names: Vec<&str> =
        kind.split('|').map(str::trim).map(|k| k.split_once('.').map_or(k, |(_, name)| name)).collect();
    match names.as_slice() {
        [first, rest @ ..] if !all && !rest.is_empty() => format!("{first} +{}", rest.len()),
        _ => names.join(" | "),
    }
}

/// A time as people read it.
pub(super) fn minute(at: DateTime<Utc>) -> impl Display {
    at.format("%Y-%m-%d %H:%M UTC")
}

/// A value's JSON; its start where it takes more than `max` bytes. The rest of that is not even written.
pub(super) fn json_within(value: &Value, max: usize) -> Result<String, String> {
    let mut start = Start { bytes: Vec::new(), max };
    let whole = serde_json::to_writer(&mut start, value).is_ok();
    let text = String::from_utf8_lossy(&start.bytes).into_owned();
    if whole { Ok(text) } else { Err(text) }
}

/// Takes the first bytes, then no more.
struct Start {
    bytes: Vec<u8>,
    max: usize,
}

impl io::Write for Start {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.max - self.bytes.len();
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if bytes.len() > room { Err(io::Error::other("full")) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(clean("app/backend: 10.0.0.0/16", 80), Cow::Borrowed("app/backend: 10.0.0.0/16")));
    }

    #[test]
    fn terminal_escapes_become_visible() {
        let hostile = "\u{1b}[2J\u{1b}]8;;https://evil.example\u{7}PASS\u{9b}31m\r\nFAIL\u{0}";
        let shown = clean(hostile, 200);
        assert_eq!(shown, "\\u{1b}[2J\\u{1b}]8;;https://evil.example\\u{7}PASS\\u{9b}31m\\r\\nFAIL\\u{0}");
        assert!(!shown.chars().any(char::is_control));
    }

    #[test]
    fn overrides_and_zero_widths_become_visible() {
        assert_eq!(clean("a\u{202e}gpj.exe", 80), "a\\u{202e}gpj.exe");
        assert_eq!(clean("pay\u{200b}pal\u{feff}\u{2066}", 80), "pay\\u{200b}pal\\u{feff}\\u{2066}");
        assert_eq!(clean("line\u{2028}break\u{e0041}", 80), "line\\u{2028}break\\u{e0041}");
    }

    #[test]
    fn a_megabyte_stays_short() {
        let shown = clean(&"x".repeat(1 << 20), 40).into_owned();
        assert_eq!(width(&shown), 40);
        assert!(shown.ends_with('…'));
        let pile = format!("a{}", "\u{301}".repeat(1 << 20));
        assert!(clean(&pile, 40).len() < 200);
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(clean("数据库服务", 10), "数据库服务");
        let cut = clean("数据库服务器", 10);
        assert_eq!(cut, "数据库服…");
        assert_eq!(width(&cut), 9);
    }

    #[test]
    fn accents_stay_and_piles_of_them_do_not() {
        assert_eq!(clean("cafe\u{301}", 80), "cafe\u{301}");
        assert!(clean(&format!("e{}", "\u{301}".repeat(9)), 80).contains("\\u{301}"));
        assert_eq!(clean("\u{301}e", 80), "\\u{301}e");
    }

    #[test]
    fn never_wider_than_allowed() {
        let texts = ["", "a", "\u{1b}", "数", "数数", "\n\n\n", "e\u{301}e\u{301}", "plain text"];
        for text in texts {
            for max in 0..12 {
                assert!(width(&clean(text, max)) <= max, "{text:?} at {max}");
            }
        }
    }

    #[test]
    fn what_is_no_character_becomes_visible() {
        assert_eq!(clean("a\u{fffe}b\u{1ffff}c\u{fdd0}", 80), "a\\u{fffe}b\\u{1ffff}c\\u{fdd0}");
        assert_eq!(clean("\u{fffd}\u{fdcf}", 80), "\u{fffd}\u{fdcf}");
    }

    #[test]
    fn wraps_at_spaces_and_breaks_what_is_too_long() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij kl", 4), ["abcd", "efgh", "ij", "kl"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("数据 库", 4), ["数据", "库"]);
    }

    #[test]
    fn ids_are_named_by_what_people_call_them() {
        let arn =
            "arn:aws:elasticloadbalancing:us-west-1:111111111111:loadbalancer/app/edge/50dc6c495c0c9188";
        assert_eq!(short_id(arn), "edge");
        assert_eq!(short_id("arn:aws:iam::111111111111:role/app"), "app");
        assert_eq!(short_id("vpc-0a1b"), "vpc-0a1b");
        assert_eq!(short_id(""), "");
    }

    #[test]
    fn kinds_lose_their_provider() {
        assert_eq!(short_kind("aws.rds_instance|aws.rds_cluster", false), "rds_instance +1");
        assert_eq!(short_kind("aws.rds_instance|aws.rds_cluster", true), "rds_instance | rds_cluster");
        assert_eq!(short_kind("aws.vpc", false), "vpc");
    }
}
