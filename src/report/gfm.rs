//! Text as GitHub's Markdown shows it: as it stands, and as nothing else. Neither markup nor HTML comes of it, and no
//! link, mention or reference, which GitHub makes of plain words too, but not of code.

use std::borrow::Cow;

use super::text::{clean, entities};

/// Text in a paragraph, a list or the cell of a table. What GitHub would make something of stands as code.
pub fn prose(text: &str, max: usize) -> String {
    words(text, max, escape, code_of)
}

/// The same for a place that Markdown takes for HTML.
pub(super) fn html(text: &str, max: usize) -> String {
    words(text, max, |word, _, out| entities(word, out), |word| format!("<code>{}</code>", html_of(word)))
}

/// A name, an id or an expression, in a paragraph or a list.
pub fn code(text: &str, max: usize) -> String {
    piece(&clean(text, max)).into_owned()
}

/// A name, an id or an expression in the cell of a table.
pub fn cell(text: &str, max: usize) -> String {
    code_of(&clean(text, max))
}

/// A name in a place that Markdown takes for HTML.
pub(super) fn html_code(text: &str, max: usize) -> String {
    format!("<code>{}</code>", html_of(&clean(text, max)))
}

type Escape = fn(&str, bool, &mut String);

fn words(text: &str, max: usize, escape: Escape, code: fn(&str) -> String) -> String {
    let text = clean(text, max);
    let text = text.trim();
    // What its author wrote as code is code.
    let written = text.matches('`').count().is_multiple_of(2) && !text.contains("``");
    let parts: Vec<&str> = if written { text.split('`').collect() } else { vec![text] };
    let mut out = String::with_capacity(text.len());
    for (at, part) in parts.into_iter().enumerate() {
        if at % 2 == 1 {
            push_code(&code(part), &mut out);
        } else {
            plain(part, escape, code, &mut out);
        }
    }
    out
}

/// Two pieces of code that touch would be one.
fn push_code(code: &str, out: &mut String) {
    if out.ends_with('`') {
        out.push(' ');
    }
    out.push_str(code);
}

fn plain(text: &str, escape: Escape, code: fn(&str) -> String, out: &mut String) {
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 && !out.ends_with(' ') {
            out.push(' ');
        }
        let first = out.is_empty();
        let lead = word.len() - word.trim_start_matches(['(', '"', '\'']).len();
        let inner = word[lead..].trim_end_matches([')', '"', '\'', ',', '.', ';', '?']);
        let inner = Some(inner.trim_end_matches(':')).filter(|inner| is_more(inner)).unwrap_or(inner);
        if is_more(inner) {
            escape(&word[..lead], first, out);
            push_code(&code(inner), out);
            escape(&word[lead + inner.len()..], false, out);
        } else {
            escape(word, first, out);
        }
    }
}

/// Whether GitHub takes a word for more than itself: a mention, an address, an issue, a commit, a formula, an emoji.
fn is_more(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let then_digit = |start: &str| {
        lower
            .match_indices(start)
            .any(|(at, _)| lower[at + start.len()..].starts_with(|c: char| c.is_ascii_digit()))
    };
    let commit = |part: &str| {
        part.len() >= 7
            && part.bytes().all(|byte| byte.is_ascii_hexdigit())
            && part.bytes().any(|byte| byte.is_ascii_digit())
    };
    word.contains(['@', '$'])
        || ["://", "www.", "mailto:", "xmpp:"].iter().any(|start| lower.contains(start))
        || word.matches(':').count() > 1
        || then_digit("#")
        || then_digit("gh-")
        || lower.split(|c: char| !c.is_ascii_alphanumeric()).any(commit)
}

/// Writes a word so that Markdown means nothing by it; the first of a line could begin a list or a heading, too.
fn escape(word: &str, first: bool, out: &mut String) {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let mut before = ' ';
    let mut rest = word.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let after = rest.peek().map_or(' ', |(_, c)| *c);
        let means = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' => true,
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            '&' => after == '#' || after.is_ascii_alphanumeric(),
            '#' | '+' | '-' | '=' => first && at == 0,
            '.' | ')' => first && at > 0 && at == digits && after == ' ',
            _ => false,
        };
        if means {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
}

/// Bars stand between pieces of code: in code, a table would take them for the end of its cell.
fn code_of(text: &str) -> String {
    let pieces: Vec<Cow<'_, str>> = text.split('|').map(piece).collect();
    pieces.join("\\|")
}

fn piece(text: &str) -> Cow<'_, str> {
    if text.is_empty() {
        return Cow::Borrowed("");
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let padded = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let pad = if padded && !text.trim().is_empty() { " " } else { "" };
    Cow::Owned(format!("{fence}{pad}{text}{pad}{fence}"))
}

fn html_of(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    entities(text, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_sentences_stay_as_they_are() {
        for text in [
            "Two public subnets, each in a zone of its own.",
            "private_subnet routes-to nat: 3 - 1 = 2",
            "AT&T",
        ] {
            assert_eq!(prose(text, 200).replace("AT\\&T", "AT&T"), text);
        }
    }

    #[test]
    fn markup_is_shown() {
        assert_eq!(
            prose("<b> [x](y) *a* __b__ ~~c~~ a|b \\", 200),
            "\\<b\\> \\[x\\](y) \\*a\\* \\_\\_b\\_\\_ \\~\\~c\\~\\~ a\\|b \\\\"
        );
        assert_eq!(prose("# a", 200), "\\# a");
        assert_eq!(prose("1. a", 200), "1\\. a");
        assert_eq!(prose("- a - b", 200), "\\- a - b");
        assert_eq!(prose("a\n# b", 200), "a\\\\n# b");
    }

    #[test]
    fn what_github_makes_links_of_is_code() {
        for (text, shown) in [
            ("ask @team, please", "ask `@team`, please"),
            ("(see #123)", "(see `#123`)"),
            ("GH-7", "`GH-7`"),
            ("https://example.com/a.", "`https://example.com/a`."),
            ("www.example.com", "`www.example.com`"),
            (":tada:", "`:tada:`"),
            ("vpc-0123456789abcdef0", "`vpc-0123456789abcdef0`"),
            ("a@b|c", "`a@b`\\|`c`"),
            ("correct `hosts`, or", "correct `hosts`, or"),
            ("set `a = 1`.", "set `a = 1`."),
            ("1.0.0 of @team: x", "1.0.0 of `@team`: x"),
            ("a@b`c`", "`a@b` `c`"),
            ("a ``b c", "a \\`\\`b c"),
        ] {
            assert_eq!(prose(text, 200), shown);
        }
        assert_eq!(html("ask <@team>", 200), "ask <code>&lt;@team&gt;</code>");
    }

    #[test]
    fn code_holds_backticks_and_bars() {
        assert_eq!(code("a", 80), "`a`");
        assert_eq!(code("a`b", 80), "``a`b``");
        assert_eq!(code("`", 80), "`` ` ``");
        assert_eq!(code("a || b", 80), "`a || b`");
        assert_eq!(cell("a || b", 80), "` a  `\\|\\|`  b `");
    }
}
