//! What every requirement says of itself, and how many of a node there may be.

use std::ops::Range;

use super::expr::{Vocabulary, Want};
use super::table::{Table, Text};
use super::{Count, CountEnd, Requirement};
use crate::model::run::{Basis, Severity};

/// Reads the members that all requirements have; what is not said is inherited.
pub(super) fn read(table: &Table<'_>, inherited: &Requirement, names: &Vocabulary<'_>) -> Requirement {
    let owned = |key, inherited: &str| table.owned(key).unwrap_or_else(|| inherited.to_owned());
    let groups = table.all_owned("groups");
    Requirement {
        says: owned("says", &inherited.says),
        cite: owned("cite", &inherited.cite),
        basis: table.text("basis").and_then(|text| basis(&text)).unwrap_or(inherited.basis),
        severity: table.text("severity").and_then(|text| severity(&text)).unwrap_or(inherited.severity),
        why: owned("why", &inherited.why),
        fix: owned("fix", &inherited.fix),
        when: match table.text("when") {
            Some(text) => text.expr(Want::Condition, &Vocabulary::of_params(names.params)),
            None => inherited.when.clone(),
        },
        place: table.place(),
        groups: if groups.is_empty() { inherited.groups.clone() } else { groups },
    }
}

/// A requirement that says nothing yet.
pub(super) fn blank(table: &Table<'_>) -> Requirement {
    Requirement {
        says: String::new(),
        cite: String::new(),
        basis: Basis::default(),
        severity: Severity::default(),
        why: String::new(),
        fix: String::new(),
        when: None,
        place: table.place(),
        groups: Vec::new(),
    }
}

pub(super) fn basis(text: &Text<'_>) -> Option<Basis> {
    let found = Basis::ALL.into_iter().find(|basis| basis.as_str() == text.text);
    if found.is_none() {
        text.unknown("basis", Basis::ALL.map(Basis::as_str));
    }
    found
}

pub(super) fn severity(text: &Text<'_>) -> Option<Severity> {
    let found = Severity::ALL.into_iter().find(|severity| severity.as_str() == text.text);
    if found.is_none() {
        text.unknown("severity", Severity::ALL.map(Severity::as_str));
    }
    found
}

/// `1`, `1..`, `0..2`, `=param.n`, `=param.n..`; one where nothing is said.
pub(super) fn count(text: Option<&Text<'_>>, names: &Vocabulary<'_>) -> Count {
    let one = || Count { text: "1".to_owned(), least: CountEnd::Fixed(1), most: Some(CountEnd::Fixed(1)) };
    let Some(text) = text else { return one() };
    let Some(at) = text.text.find("..") else {
        let Some(exactly) = end(text, 0..text.text.len(), names) else { return one() };
        return Count { text: text.text.to_owned(), least: exactly.clone(), most: Some(exactly) };
    };
    let Some(least) = end(text, 0..at, names) else { return one() };
    let after = at + 2..text.text.len();
    let most = if after.is_empty() { None } else { end(text, after, names) };
    if let (CountEnd::Fixed(least), Some(CountEnd::Fixed(most))) = (&least, &most)
        && least > most
    {
        text.fault("no number is in this range", None);
    }
    Count { text: text.text.to_owned(), least, most }
}

fn end(text: &Text<'_>, part: Range<usize>, names: &Vocabulary<'_>) -> Option<CountEnd> {
    let written = &text.text[part.clone()];
    if written.starts_with('=') {
        let names = Vocabulary::of_params(names.params);
        return text
            .expr_in(part.start + 1..part.end, Want::Number, &names)
            .map(|expr| CountEnd::Computed(Box::new(expr)));
    }
    let number = written.parse().ok().map(CountEnd::Fixed);
    if number.is_none() {
        let help = "write `1`, `1..`, `0..2` or `=param.n`".to_owned();
        text.fault(format!("`{written}` is no number"), Some(help));
    }
    number
}
