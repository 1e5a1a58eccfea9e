//! What a failure says of itself, as ledger and gaps show it.

use std::error::Error;

use super::transport::scrub::without_secrets;

/// The longest detail, in characters.
pub(crate) const LONGEST: usize = 300;

/// The first error of this type on the way from `error` to its cause.
pub(crate) fn find<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    let mut at = Some(error);
    while let Some(error) = at {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        at = error.source();
    }
    None
}

/// One bounded line without control characters or anything that looks like a secret.
pub(crate) fn one_line(text: &str) -> String {
    let text = without_secrets(text);
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches([':', ' ', ',']);
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    line.chars().take(LONGEST - 1).chain(['…']).collect()
}
