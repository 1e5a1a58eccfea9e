//! Members of answers on their way to facts: copied as the service says them, never filled in.

use aws_smithy_types::DateTime as Instant;
use chrono::{DateTime, Utc};

use crate::model::aws::policy::PolicyError;
use crate::model::kind::Tags;

/// An answer that doesn't say what it must.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("answered without `{0}`")]
    Lacks(&'static str),
    #[error("answered with a `{0}` that can't be decoded")]
    Garbled(&'static str),
    #[error(transparent)]
    Policy(#[from] PolicyError),
    #[error("answered: {0}")]
    Refused(String),
}

/// A member that every answer has.
pub(super) fn need<T>(member: Option<T>, name: &'static str) -> Result<T, Unreadable> {
    member.ok_or(Unreadable::Lacks(name))
}

/// The next page's marker, which a list that was cut off must have.
pub(super) fn marker(cut_off: bool, marker: Option<String>) -> Result<Option<String>, Unreadable> {
    if cut_off { need(marker, "Marker").map(Some) } else { Ok(None) }
}

/// A text, or an enumeration's word as the service spells it.
pub(super) fn text(word: impl AsRef<str>) -> String {
    word.as_ref().to_owned()
}

/// Ids whose order means nothing, each once and sorted.
pub(super) fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort();
    items.dedup();
    items
}

/// Tags of any service: some declare key and value optional, none means them to be.
pub(super) fn tags<K: Into<Option<String>>, V: Into<Option<String>>>(
    pairs: impl IntoIterator<Item = (K, V)>,
) -> Tags {
    let pair = |(key, value): (K, V)| Some((key.into()?, value.into().unwrap_or_default()));
    pairs.into_iter().filter_map(pair).collect()
}

pub(super) fn instant(time: Instant) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(time.secs(), time.subsec_nanos())
}

/// A DNS name in the one form in which names are compared: lower case, no trailing dot, no `dualstack.`
/// prefix.
pub(super) fn dns_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix('.').unwrap_or(&name);
    name.strip_prefix("dualstack.").unwrap_or(name).to_owned()
}

/// An identity provider's address: some services name it with its scheme, some without.
pub(super) fn without_scheme(url: &str) -> &str {
    url.strip_prefix("https://").unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_was_cut_off_needs_a_marker() {
        assert!(matches!(marker(true, None), Err(Unreadable::Lacks("Marker"))));
        assert!(matches!(marker(false, Some("left over".to_owned())), Ok(None)));
    }

    #[test]
    fn dns_names_have_one_form() {
        assert_eq!(
            dns_name("dualstack.Web-1.us-west-1.ELB.amazonaws.com."),
            "web-1.us-west-1.elb.amazonaws.com"
        );
        assert_eq!(dns_name("my.dualstack.example.com"), "my.dualstack.example.com");
        assert_eq!(dns_name("."), "");
    }

    #[test]
    fn a_tag_without_a_value_is_there_and_one_without_a_key_is_not() {
        let found = tags([(Some("env".to_owned()), None), (None, Some("lost".to_owned()))]);
        assert_eq!(found, Tags::from([("env".to_owned(), String::new())]));
    }

    #[test]
    fn times_keep_their_fraction_and_sign() {
        let at = |secs| instant(Instant::from_fractional_secs(secs, 0.5)).map(|time| time.to_rfc3339());
        assert_eq!(at(0).as_deref(), Some("1970-01-01T00:00:00.500+00:00"));
        assert_eq!(at(-1).as_deref(), Some("1969-12-31T23:59:59.500+00:00"));
    }
}
