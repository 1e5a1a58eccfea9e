//! Reading TOML with places: each key is asked for by name, and what nobody asked for is a mistake.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnose::{Diagnostic, Source};
use super::expr::{Expr, Vocabulary, Want};
use super::nearest::suggestion;
use crate::model::run::PolicyPlace;

/// One file, and what was found wrong with it so far.
pub(crate) struct File {
    pub source: Arc<Source>,
    pub found: RefCell<Vec<Diagnostic>>,
}

impl File {
    pub(crate) fn new(source: Arc<Source>) -> Self {
        Self { source, found: RefCell::default() }
    }

    pub(crate) fn fault(&self, span: Range<usize>, message: impl Into<String>, help: Option<String>) {
        self.found.borrow_mut().push(Diagnostic::new(&self.source, span, message, help));
    }

    /// What is wrong with it, from top to bottom.
    pub(crate) fn into_found(self) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|one| one.at.as_ref().map(|(_, span)| span.start));
        found
    }

    /// The file's table, as far as it can be read.
    pub(crate) fn parse(&self) -> DeTable<'_> {
        let (table, errors) = DeTable::parse_recoverable(&self.source.text);
        for error in errors {
            let end = self.source.text.len();
            self.fault(error.span().unwrap_or(end..end), error.message(), None);
        }
        table.into_inner()
    }
}

/// A value of the file.
#[derive(Clone, Copy)]
pub(crate) struct Item<'a> {
    pub file: &'a File,
    pub value: &'a Spanned<DeValue<'a>>,
}

/// A text of the file.
#[derive(Clone)]
#[expect(clippy::struct_field_names, reason = "`id.text` reads as what it is")]
pub(crate) struct Text<'a> {
    pub file: &'a File,
    pub text: &'a str,
    pub span: Range<usize>,
}

/// A text and its place, for files that are read before what they speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub text: String,
    pub source: Arc<Source>,
    pub span: Range<usize>,
}

/// A table of the file. `finish` complains about keys that were not asked for.
pub(crate) struct Table<'a> {
    pub file: &'a File,
    pub span: Range<usize>,
    entries: &'a DeTable<'a>,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Item<'a> {
    pub(crate) fn fault(&self, message: impl Into<String>, help: Option<String>) {
        self.file.fault(self.value.span(), message, help);
    }

    fn wrong_type(&self, want: &str) {
        let found = self.value.get_ref().type_str();
        let article = if found.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        self.fault(format!("{want} is wanted here, this is {article} {found}"), None);
    }

    pub(crate) fn text(&self) -> Option<Text<'a>> {
        if let DeValue::String(text) = self.value.get_ref() {
            return Some(Text { file: self.file, text, span: self.value.span() });
        }
        self.wrong_type("a text");
        None
    }

    /// One text, or a list of them.
    pub(crate) fn texts(&self) -> Vec<Text<'a>> {
        match self.value.get_ref() {
            DeValue::Array(items) => {
                items.iter().filter_map(|value| Item { file: self.file, value }.text()).collect()
            }
            _ => self.text().into_iter().collect(),
        }
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        let flag = self.value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type("true or false");
        }
        flag
    }

    pub(crate) fn date(&self) -> Option<chrono::NaiveDate> {
        let date = self.value.get_ref().as_datetime().and_then(|found| found.date);
        let date = date.and_then(|day| {
            chrono::NaiveDate::from_ymd_opt(day.year.into(), day.month.into(), day.day.into())
        });
        if date.is_none() {
            self.wrong_type("a date (2027-01-31)");
        }
        date
    }

    pub(crate) fn table(&self) -> Option<Table<'a>> {
        if let DeValue::Table(table) = self.value.get_ref() {
            return Some(Table::new(self.file, table, self.value.span()));
        }
        self.wrong_type("a table");
        None
    }

    pub(crate) fn tables(&self) -> Vec<Table<'a>> {
        if let DeValue::Array(items) = self.value.get_ref() {
            return items.iter().filter_map(|value| Item { file: self.file, value }.table()).collect();
        }
        self.wrong_type("a list of tables");
        Vec::new()
    }
}

impl Text<'_> {
    pub(crate) fn fault(&self, message: impl Into<String>, help: Option<String>) {
        self.file.fault(self.span.clone(), message, help);
    }

    /// A name that stands for nothing known.
    pub(crate) fn unknown<'n>(&self, what: &str, known: impl IntoIterator<Item = &'n str> + Clone) {
        self.fault(format!("there is no {what} `{}`", self.text), suggestion(self.text, known));
    }

    pub(crate) fn place(&self) -> PolicyPlace {
        self.file.source.place(self.span.start)
    }

    pub(crate) fn written(&self) -> Written {
        Written { text: self.text.to_owned(), source: Arc::clone(&self.file.source), span: self.span.clone() }
    }

    pub(crate) fn expr(&self, want: Want, names: &Vocabulary<'_>) -> Option<Expr> {
        self.expr_in(0..self.text.len(), want, names)
    }

    /// The expression in a part of the text.
    pub(crate) fn expr_in(&self, part: Range<usize>, want: Want, names: &Vocabulary<'_>) -> Option<Expr> {
        match compile(&self.written(), part, want, names) {
            Ok(expr) => Some(expr),
            Err(diagnostics) => {
                self.file.found.borrow_mut().extend(diagnostics);
                None
            }
        }
    }
}

/// Compiles a part of a written text; faults point into the file.
pub(crate) fn compile(
    written: &Written,
    part: Range<usize>,
    want: Want,
    names: &Vocabulary<'_>,
) -> Result<Expr, Vec<Diagnostic>> {
    Expr::compile(&written.text[part.clone()], want, names).map_err(|faults| {
        let place = |span: Range<usize>| written.place_of(part.start + span.start..part.start + span.end);
        let one = |fault: super::expr::Fault| {
            Diagnostic::new(&written.source, place(fault.span), fault.message, fault.help)
        };
        faults.into_iter().map(one).collect()
    })
}

impl Written {
    /// Where a part of the text stands in the file: exactly, unless escapes or several lines make it differ from what
    /// was written; then the whole text.
    fn place_of(&self, part: Range<usize>) -> Range<usize> {
        let raw = &self.source.text[self.span.clone()];
        if raw.get(1..raw.len().saturating_sub(1)) == Some(self.text.as_str()) {
            self.span.start + 1 + part.start..self.span.start + 1 + part.end
        } else {
            self.span.clone()
        }
    }
}

impl<'a> Table<'a> {
    pub(crate) fn new(file: &'a File, entries: &'a DeTable<'a>, span: Range<usize>) -> Self {
        Self { file, span, entries, asked: RefCell::default() }
    }

    pub(crate) fn fault(&self, message: impl Into<String>, help: Option<String>) {
        self.file.fault(self.span.clone(), message, help);
    }

    pub(crate) fn place(&self) -> PolicyPlace {
        self.file.source.place(self.span.start)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    pub(crate) fn get(&self, key: &'static str) -> Option<Item<'a>> {
        self.asked.borrow_mut().insert(key);
        self.entries.get(key).map(|value| Item { file: self.file, value })
    }

    pub(crate) fn text(&self, key: &'static str) -> Option<Text<'a>> {
        self.get(key)?.text()
    }

    /// A text that has to be there and to say something.
    pub(crate) fn required(&self, key: &'static str) -> Option<Text<'a>> {
        let Some(item) = self.get(key) else {
            self.fault(format!("`{key}` is missing"), None);
            return None;
        };
        let text = item.text()?;
        if text.text.trim().is_empty() {
            text.fault(format!("`{key}` is empty"), None);
            return None;
        }
        Some(text)
    }

    pub(crate) fn owned(&self, key: &'static str) -> Option<String> {
        self.text(key).map(|text| text.text.to_owned())
    }

    pub(crate) fn texts(&self, key: &'static str) -> Vec<Text<'a>> {
        self.get(key).map(|item| item.texts()).unwrap_or_default()
    }

    pub(crate) fn all_owned(&self, key: &'static str) -> Vec<String> {
        self.texts(key).into_iter().map(|text| text.text.to_owned()).collect()
    }

    pub(crate) fn flag(&self, key: &'static str) -> bool {
        self.get(key).and_then(|item| item.flag()).unwrap_or(false)
    }

    pub(crate) fn table(&self, key: &'static str) -> Option<Table<'a>> {
        self.get(key)?.table()
    }

    /// What stands under a key that holds named things, in the order of the file.
    pub(crate) fn named(&self, key: &'static str) -> Vec<(Text<'a>, Item<'a>)> {
        self.table(key).map(|table| table.all()).unwrap_or_default()
    }

    /// Every entry, in the order of the file.
    pub(crate) fn all(&self) -> Vec<(Text<'a>, Item<'a>)> {
        let entry = |(key, value): (&'a Spanned<_>, &'a Spanned<DeValue<'a>>)| {
            let name: &'a std::borrow::Cow<'a, str> = key.get_ref();
            (Text { file: self.file, text: name, span: key.span() }, Item { file: self.file, value })
        };
        let mut entries: Vec<_> = self.entries.iter().map(entry).collect();
        entries.sort_by_key(|(key, _)| key.span.start);
        entries
    }

    /// Complains about keys that nobody asked for.
    pub(crate) fn finish(self) {
        self.finish_but(|_| false);
    }

    /// The same, but for keys that were complained about already.
    pub(crate) fn finish_but(self, known: impl Fn(&str) -> bool) {
        let asked = self.asked.borrow();
        let strangers =
            self.all().into_iter().filter(|(key, _)| !asked.contains(key.text) && !known(key.text));
        for (key, _) in strangers {
            key.unknown("key", asked.iter().copied());
        }
    }
}
