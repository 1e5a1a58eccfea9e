//! Credentials, told by their form or by what stands before them.

use std::borrow::Cow;
use std::ops::Range;

use super::{SCRUBBED, splice};

/// The text without anything that looks like a credential.
pub(crate) fn without_secrets(text: &str) -> Cow<'_, str> {
    let found: Vec<_> = secrets(text).into_iter().map(|at| (at.clone(), stand_in(&text[at]))).collect();
    splice(text, &found)
}

/// Unique ids of principals keep their kind, so that policies that name one still read as such.
fn stand_in(secret: &str) -> String {
    let is_id = ID_PREFIXES.iter().any(|prefix| secret.starts_with(prefix)) && secret.len() >= 16;
    if is_id { format!("{}{ID_FILL}", &secret[..4]) } else { SCRUBBED.to_owned() }
}

const ID_PREFIXES: &[&str] = &["AIDA", "AROA", "AKIA", "ASIA"];
const ID_FILL: &str = "EXAMPLEEXAMPLE00";

/// Marks after which a secret stands, up to the next character that no token has.
const MARKS: &[&str] = &[
    "&sig=",
    "AccountKey=",
    "Bearer ",
    "InstrumentationKey=",
    "SharedAccessKey=",
    "Signature=",
    "X-Amz-Credential=",
    "X-Amz-Security-Token=",
    "X-Amz-Signature=",
    "Encoded authorization failure message: ",
];

/// Openings of tokens that are told by their form.
const TOKENS: &[&str] =
    &["ghp_", "gho_", "ghs_", "github_pat_", "xoxb-", "xoxp-", "glpat-", "eyJhbGciOi", "eyJ0eXAiOi"];

/// Where credentials and personal session names stand, in order.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let of_token = |c: char| c.is_ascii_alphanumeric() || "-_.~+/=%".contains(c);
    let end_of = |from: usize, member: &dyn Fn(char) -> bool| {
        text[from..].find(|c| !member(c)).map_or(text.len(), |length| from + length)
    };
    for mark in MARKS {
        for (at, _) in text.match_indices(mark) {
            let from = at + mark.len();
            let to = end_of(from, &of_token);
            if to > from && &text[from..to] != SCRUBBED {
                found.push(from..to);
            }
        }
    }
    for token in TOKENS {
        for (at, _) in text.match_indices(token) {
            let to = end_of(at, &of_token);
            if to - at >= token.len() + 16 {
                found.push(at..to);
            }
        }
    }
    for prefix in ID_PREFIXES {
        for (at, _) in text.match_indices(prefix) {
            let to = end_of(at, &|c| c.is_ascii_uppercase() || c.is_ascii_digit());
            let starts = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            if starts && (16..=128).contains(&(to - at)) && !text[at + 4..to].starts_with(ID_FILL) {
                found.push(at..to);
            }
        }
    }
    for (at, _) in text.match_indices("-----BEGIN ") {
        if text[at..].lines().next().is_some_and(|line| line.contains("PRIVATE KEY")) {
            let end = text[at..].find("-----END ").map_or(text.len(), |length| at + length);
            found.push(at..end);
        }
    }
    for (at, mark) in text.match_indices("://") {
        // `https://user:password@proxy.example.com`
        let from = at + mark.len();
        let authority = &text[from..end_of(from, &|c| !c.is_whitespace() && !"/?#\\\"'<>,".contains(c))];
        let Some((user, _)) = authority.rsplit_once('@') else { continue };
        let Some((name, password)) = user.split_once(':') else { continue };
        if !password.is_empty() && password != SCRUBBED {
            found.push(from + name.len() + 1..from + user.len());
        }
    }
    for (at, mark) in text.match_indices(":assumed-role/") {
        let role = at + mark.len();
        let Some(slash) = text[role..].find('/').map(|length| role + length) else { continue };
        let name = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
        let to = end_of(slash + 1, &name);
        if text[role..slash].chars().all(name) && to > slash + 1 && &text[slash + 1..to] != SCRUBBED {
            found.push(slash + 1..to);
        }
    }
    found.sort_by_key(|at| (at.start, usize::MAX - at.end));
    found.dedup_by(|next, kept| next.start < kept.end);
    found
}
