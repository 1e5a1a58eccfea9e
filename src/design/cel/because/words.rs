//! Values as people write them, each bounded.

use cel::common::types::{CelBool, CelDouble, CelDuration, CelInt, CelNull, CelString, CelTimestamp};
use cel::common::value::Val;

use crate::design::cel::values::Record;

/// Characters of a value, and how many items of a list are named.
const WIDTH: usize = 120;
pub(super) const ITEMS: usize = 3;

pub(super) fn together(told: impl IntoIterator<Item = String>) -> String {
    let mut told: Vec<String> = told.into_iter().filter(|part| !part.is_empty()).collect();
    told.dedup();
    told.join(" and ")
}

pub(super) fn none(what: &str) -> String {
    format!("no {what}")
}

pub(super) fn with(label: &str, why: &str) -> String {
    match (label, why) {
        (label, "") => label.to_owned(),
        ("", why) => why.to_owned(),
        (label, why) => format!("{label}: {why}"),
    }
}

pub(super) fn is_null(value: &dyn Val) -> bool {
    value.downcast_ref::<CelNull>().is_some()
}

pub(super) fn is_zero(value: &dyn Val) -> bool {
    value.downcast_ref::<CelInt>().is_some_and(|value| *value.inner() == 0)
}

/// What an item is called.
pub(super) fn label(value: &dyn Val) -> String {
    const NAMES: [&str; 6] = ["to", "name", "host", "id", "policy", "principal"];
    let Some(record) = value.downcast_ref::<Record>() else { return shown(value) };
    let texts = NAMES.iter().filter_map(|name| record.member(name)?.downcast_ref::<CelString>());
    let named = texts.map(CelString::inner).find(|text| !text.is_empty());
    named.unwrap_or_default().to_owned()
}

/// In the largest unit that it is whole in.
fn lasting(seconds: i64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let whole = units.into_iter().find(|(unit, _)| seconds != 0 && seconds % unit == 0);
    let (unit, name) = whole.unwrap_or((1, "second"));
    let number = seconds / unit;
    if number == 1 { format!("1 {name}") } else { format!("{number} {name}s") }
}

/// A value as people write it; an empty list or text is empty.
pub(super) fn shown(value: &dyn Val) -> String {
    if let Some(text) = value.downcast_ref::<CelString>() {
        return cut(text.inner());
    }
    if let Some(bool) = value.downcast_ref::<CelBool>() {
        return bool.inner().to_string();
    }
    if let Some(int) = value.downcast_ref::<CelInt>() {
        return int.inner().to_string();
    }
    if let Some(double) = value.downcast_ref::<CelDouble>() {
        return double.inner().to_string();
    }
    if let Some(time) = value.downcast_ref::<CelTimestamp>() {
        return time.inner().format("%Y-%m-%d %H:%M UTC").to_string();
    }
    if let Some(duration) = value.downcast_ref::<CelDuration>() {
        return lasting(duration.inner().num_seconds());
    }
    if value.downcast_ref::<Record>().is_some() {
        return tail(&label(value));
    }
    if is_null(value) {
        return String::new();
    }
    let Some(list) = value.as_iterable() else { return value.get_type().name().to_owned() };
    let (mut items, mut each, mut more) = (Vec::new(), list.iter(), 0);
    while let Some(item) = each.next() {
        let label = tail(&label(item));
        if items.len() == ITEMS || label.is_empty() {
            more += 1;
        } else {
            items.push(label);
        }
    }
    match (items.is_empty(), more) {
        (_, 0) => {}
        (true, more) => return format!("({more})"),
        (false, more) => items.push(format!("and {more} more")),
    }
    items.join(", ")
}

/// Of a long id its end: that is what tells it from others.
pub(super) fn tail(id: &str) -> String {
    let long = id.char_indices().rev().nth(WIDTH / 2).map(|(at, _)| at);
    let parts = long.and_then(|at| id[at..].find(['/', ':']).map(|part| at + part));
    let parts = parts.filter(|at| at + 1 < id.len());
    match parts.or(long) {
        Some(at) => format!("…{}", &id[at..]),
        None => id.to_owned(),
    }
}

pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_is_told_in_the_largest_whole_unit() {
        let told = [0, 1, 90, 1_800, 3_600, 5_400, 36 * 3_600, 86_400, 90 * 86_400].map(lasting);
        let expected = [
            "0 seconds",
            "1 second",
            "90 seconds",
            "30 minutes",
            "1 hour",
            "90 minutes",
            "36 hours",
            "1 day",
            "90 days",
        ];
        assert_eq!(told, expected);
    }
}
