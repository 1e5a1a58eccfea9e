//! Policies in tests: read from their text, and refused for what is wrong in it.

use super::diagnose::Diagnostics;
use super::{Design, PolicyFile, load};
use crate::model::run::DesignOrigin;

pub(crate) fn file(name: &str, text: &str) -> PolicyFile {
    PolicyFile { name: name.to_owned(), text: text.to_owned(), origin: DesignOrigin::File }
}

/// The design that a file draws.
pub(crate) fn drawn(text: &str) -> Result<Design, Diagnostics> {
    let designs = load(&[file("small.toml", text)])?.designs;
    Ok(designs.into_values().next().expect("the one design"))
}

/// The text with something else in the place of a part, which is there.
pub(crate) fn replaced(text: &str, part: &str, replacement: &str) -> String {
    assert!(text.contains(part), "{part}");
    text.replacen(part, replacement, 1)
}

/// That a text with this replacement was refused by a message that begins so, and all that is said says where.
pub(crate) fn assert_refused<T>(read: Result<T, Diagnostics>, replacement: &str, message: &str) {
    let wrong = read.err().unwrap_or_else(|| panic!("accepted: {replacement}"));
    assert!(wrong.0.iter().any(|one| one.message.starts_with(message)), "{replacement}: {message}\n{wrong}");
    assert!(wrong.0.iter().all(|one| one.at.is_some()), "{wrong}");
}
