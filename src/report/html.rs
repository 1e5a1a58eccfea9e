//! `html`: one page that explains itself, works from a mail attachment and without a network, and can be searched. What
//! matters stands in it as text; the script adds what takes a hand: the list of all findings, and details of what is chosen.

mod about;
mod causes;
mod data;
mod drawing;
mod intern;
mod remainder;
mod summary;

use std::borrow::Cow;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::Report;
use super::diagram::Verdict;
use super::svg::{self, escaped};
use super::text::clean;
use crate::model::run::Run;

pub(super) struct Html;

const STYLE: [&str; 4] = [
    svg::STYLE,
    include_str!("html/page.css"),
    include_str!("html/parts.css"),
    // After what it puts other colours in the place of.
    include_str!("html/media.css"),
];

const SCRIPT: [&str; 7] = [
    "(() => {\n\"use strict\";\n",
    include_str!("html/run.js"),
    include_str!("html/details.js"),
    include_str!("html/drawing.js"),
    include_str!("html/list.js"),
    include_str!("html/main.js"),
    "})();\n",
];

impl Report for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn write(&self, run: &Run, out: &mut dyn Write) -> io::Result<()> {
        let (style, script) = (STYLE.concat(), SCRIPT.concat());
        let verdict = Verdict::of_run(run);
        writeln!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src '{}'; \
             style-src '{}'; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"format-detection\" content=\"telephone=no\">\n\
             <title>{} {}: {} · stacks-audit</title>\n<style>{style}</style>\n</head>\n<body>",
            hash(&script),
            hash(&style),
            verdict.mark(),
            verdict.word(),
            text(&run.env, 80),
        )?;
        writeln!(
            out,
            "<svg class=\"diagram markers\" width=\"0\" height=\"0\" aria-hidden=\"true\">{}</svg>",
            svg::MARKERS
        )?;
        summary::write(run, verdict, out)?;
        writeln!(out, "<main id=\"main\">")?;
        drawing::write(run, out)?;
        causes::write(run, out)?;
        out.write_all(include_bytes!("html/list.html"))?;
        remainder::write(run, out)?;
        about::write(run, out)?;
        writeln!(out, "</main>")?;
        out.write_all(include_bytes!("html/details.html"))?;
        write!(out, "<script type=\"application/json\" id=\"run\">")?;
        data::write(run, out)?;
        writeln!(out, "</script>\n<script>{script}</script>\n</body>\n</html>")
    }
}

/// Text as it is shown: one line, visible, and no longer than this; what is cut says so.
fn bounded(of: &str, max: usize) -> Cow<'_, str> {
    let shown = clean(of, max);
    if shown.ends_with('…') && !of.ends_with('…') {
        return Cow::Owned(format!("{shown} (cut here: {} bytes in all)", of.len()));
    }
    shown
}

/// The same between tags or quotes.
fn text(of: &str, max: usize) -> String {
    escaped(&bounded(of, max))
}

/// `1 call`, `2 calls`.
fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A link that opens what is known of a check.
fn link(check: &str, shown: &str) -> String {
    format!("<a class=\"check\" href=\"#check={}\">{}</a>", address(check), text(shown, 160))
}

/// As it stands in an address.
fn address(of: &str) -> String {
    let mut out = String::new();
    for byte in of.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'/' => out.push(char::from(byte)),
            _ => {
                use std::fmt::Write as _;
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// What a content security policy names a piece of the page by.
fn hash(of: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(of)))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let bits =
            (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(group.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            out.push(if at <= group.len() { char::from(DIGITS[bits >> (18 - 6 * at) & 63]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests;
