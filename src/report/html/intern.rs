//! Texts of a run, each once, and by its number elsewhere: a run of many findings says the same things over and over.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::Hash;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::super::text::{clean, json_within};
use super::bounded;

/// Different things in the order they first came, each by its number.
pub(super) struct Table<K> {
    known: HashMap<K, u32>,
}

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self { known: HashMap::new() }
    }
}

impl<K: Hash + Eq> Table<K> {
    pub(super) fn number(&mut self, of: K) -> u32 {
        let next = u32::try_from(self.known.len()).expect("a run has fewer than four thousand million texts");
        *self.known.entry(of).or_insert(next)
    }

    pub(super) fn in_order(&self) -> Vec<&K> {
        let mut all: Vec<(&K, u32)> = self.known.iter().map(|(key, number)| (key, *number)).collect();
        all.sort_unstable_by_key(|(_, number)| *number);
        all.into_iter().map(|(key, _)| key).collect()
    }
}

impl<'r> Table<Cow<'r, str>> {
    /// Of a text that is cut where it is longer than this.
    pub(super) fn text(&mut self, of: &'r str, max: usize) -> u32 {
        self.number(bounded(of, max))
    }

    pub(super) fn value(&mut self, of: &'r Value, max: usize) -> u32 {
        self.number(shown(of, max))
    }
}

/// A value of evidence as it is read: text as it is, all else as JSON.
pub(super) fn shown(of: &Value, max: usize) -> Cow<'_, str> {
    if let Value::String(text) = of {
        return bounded(text, max);
    }
    Cow::Owned(match json_within(of, max * 4) {
        Ok(text) => bounded(&text, max).into_owned(),
        Err(start) => format!("{}… (cut here)", clean(&start, max).trim_end_matches('…')),
    })
}

/// JSON that ends no element of a page: what could begin a tag, a comment or a reference stands as an escape.
pub(super) fn inert(out: &mut dyn Write, of: &impl Serialize) -> io::Result<()> {
    of.serialize(&mut serde_json::Serializer::with_formatter(out, Inert)).map_err(io::Error::from)
}

struct Inert;

impl serde_json::ser::Formatter for Inert {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (plain, from) = rest.split_at(at);
            let c = from.chars().next().expect("it was found");
            write!(out, "{plain}\\u{:04x}", u32::from(c))?;
            rest = &from[c.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
}
