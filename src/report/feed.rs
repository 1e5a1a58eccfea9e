//! What formats for stores of findings have in common. Such a store keeps a finding by its id from one run to the next,
//! so it has to be told what is gone, too; and it bounds what a finding may hold.

use std::collections::BTreeMap;

use serde_json::Value;

use super::text::{clean, json_within};
use crate::model::aws;
use crate::model::run::{Audit, Finding, Run, Subject};
use crate::model::scope::{GLOBAL, Provider};

/// A finding to tell a store of.
pub(super) struct Entry<'r> {
    pub(super) finding: &'r Finding,
    /// The audit it is of.
    pub(super) audit: &'r Audit,
    /// It was one of the baseline's, was looked for again, and is no finding any more.
    pub(super) gone: bool,
}

/// A run, with what is asked of it for every finding.
pub(super) struct Feed<'r> {
    pub(super) run: &'r Run,
    providers: BTreeMap<&'r str, Provider>,
    /// Accounts of AWS to a region of theirs, for what lies in none.
    homes: BTreeMap<&'r str, &'r str>,
}

impl<'r> Feed<'r> {
    pub(super) fn of(run: &'r Run) -> Self {
        let asked = run.coverage.iter().map(|c| (c.scope.account.as_str(), c.scope.provider));
        let known = run.identity.iter().map(|i| (i.account.as_str(), i.provider));
        let subjects = run.findings().map(|f| (f.subject.account.as_str(), f.subject.region.as_str()));
        let regions = run.coverage.iter().map(|c| (c.scope.account.as_str(), c.scope.region.as_str()));
        let mut homes = BTreeMap::new();
        for (account, region) in regions.chain(subjects).filter(|(_, region)| is_region(region)) {
            let home = homes.entry(account).or_insert(region);
            *home = region.min(*home);
        }
        Self { run, providers: asked.chain(known).collect(), homes }
    }

    /// Every finding, then those of the baseline that are none any more.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'r>> {
        let here = |audit: &'r Audit| {
            audit.findings.iter().map(move |finding| Entry { finding, audit, gone: false })
        };
        let gone = self.run.baseline.iter().flat_map(|baseline| &baseline.absent).filter_map(|finding| {
            let audit = self.run.audits.iter().find(|audit| audit.design.id == finding.design())?;
            Some(Entry { finding, audit, gone: true })
        });
        self.run.audits.iter().flat_map(here).chain(gone)
    }

    /// Whose account a subject lies in, as far as the run knows.
    pub(super) fn provider(&self, subject: &Subject) -> Option<Provider> {
        self.providers.get(subject.account.as_str()).copied().or_else(|| {
            let (prefix, _) = subject.kind.split_once('.')?;
            Provider::of_prefix(prefix)
        })
    }

    /// The account of AWS that the run is first of all about.
    pub(super) fn account(&self) -> Option<&'r str> {
        let all = self.run.identity.iter().filter(|identity| identity.provider == Provider::Aws);
        all.map(|identity| identity.account.as_str()).find(|account| is_account(account))
    }

    /// The region of AWS that a subject lies in, or else one that this account was asked in.
    pub(super) fn region(&self, account: &str, subject: &'r Subject) -> &'r str {
        if is_region(&subject.region) && account == subject.account {
            return &subject.region;
        }
        self.homes.get(account).copied().unwrap_or("us-east-1")
    }

    /// The partition of AWS that a subject lies in.
    pub(super) fn partition(&self, subject: &'r Subject) -> &'static str {
        aws::partition(self.region(&subject.account, subject))
    }
}

/// Whether this can be an account of AWS.
pub(super) fn is_account(account: &str) -> bool {
    account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether this can be a region of AWS; nothing lies in the one called `global`.
pub(super) fn is_region(region: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (4..=16).contains(&region.len()) && region != GLOBAL && region.bytes().all(letters)
}

/// The subject's id; a part of a design is named with it, as others have parts of that name.
pub(super) fn subject_id(entry: &Entry<'_>) -> String {
    let subject = &entry.finding.subject;
    let id = &subject.id;
    if subject.is_resource() { id.clone() } else { format!("{}/{id}", entry.audit.design.id) }
}

/// An object of those fields that hold something.
pub(super) fn object<const N: usize>(fields: [(&'static str, Value); N]) -> Value {
    let holds = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(all) => !all.is_empty(),
        Value::Object(all) => !all.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    };
    fields.into_iter().filter(|(_, value)| holds(value)).collect()
}

/// Cuts what is too long, and knows whether it had to.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    pub(super) cut: bool,
}

impl Bounds {
    /// On one line, nothing in it hidden, at most `max` UTF-16 units: stores count characters one way or another.
    pub(super) fn text(&mut self, text: &str, max: usize) -> String {
        let mut shown = clean(text, max).into_owned();
        if shown.encode_utf16().count() > max {
            let mut units = 0;
            let end = shown.char_indices().find(|(_, c)| {
                units += c.len_utf16();
                units >= max
            });
            shown.truncate(end.map_or(0, |(at, _)| at));
            shown.push('…');
        }
        self.cut |= shown.ends_with('…') && !text.ends_with('…');
        shown
    }

    /// The same, with a dash for what is blank: for fields that must hold something.
    pub(super) fn some(&mut self, text: &str, max: usize) -> String {
        if text.trim().is_empty() { "-".to_owned() } else { self.text(text, max) }
    }

    /// At most `most` texts, each of at most `max`.
    pub(super) fn list<'t>(
        &mut self,
        texts: impl IntoIterator<Item = &'t str>,
        most: usize,
        max: usize,
    ) -> Vec<String> {
        let mut texts = texts.into_iter();
        let list = texts.by_ref().take(most).map(|text| self.some(text, max)).collect();
        self.cut |= texts.next().is_some();
        list
    }

    /// A value as it is, or, where its JSON takes more than `max` bytes, the start of that.
    pub(super) fn value(&mut self, value: &Value, max: usize) -> Value {
        let Err(start) = json_within(value, max) else { return value.clone() };
        self.cut = true;
        Value::String(self.text(&format!("{start}…"), max))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::engine::baseline;
    use crate::model::run::Status;
    use crate::model::snapshot::Outcome;
    use crate::report::sample;

    #[test]
    fn what_was_repaired_is_told_once() {
        let mut earlier = sample::run();
        let findings = &mut earlier.audits[0].findings;
        let failed = findings.iter_mut().find(|finding| finding.status == Status::Fail).expect("a failure");
        failed.id = "repaired".to_owned();
        let mut run = sample::run();
        run.coverage.retain(|coverage| coverage.outcome == Outcome::Complete);
        baseline::compare(&mut run, &earlier).expect("one env");
        let feed = Feed::of(&run);
        let gone = feed.entries().filter(|entry| entry.gone).map(|entry| entry.finding.id.as_str());
        assert_eq!(gone.collect::<Vec<_>>(), ["repaired"]);
    }

    #[test]
    fn what_lies_in_no_region_has_a_home() {
        let run = sample::run();
        let feed = Feed::of(&run);
        let mut subject = run.audits[0].findings[0].subject.clone();
        subject.region = GLOBAL.to_owned();
        assert_eq!(feed.region(&subject.account, &subject), "us-west-1");
        assert_eq!(feed.partition(&subject), "aws");
    }

    #[test]
    fn texts_end_where_they_must() {
        let mut bounds = Bounds::default();
        for (text, max) in [("abcd", 4), ("", 4), ("数据", 4), ("e\u{301}", 4)] {
            assert_eq!(bounds.text(text, max), text);
        }
        assert!(!bounds.cut);
        for text in ["abcde", "𝒳𝒳𝒳", &"e\u{301}\u{301}\u{301}".repeat(9), &"x".repeat(1 << 20)] {
            let mut bounds = Bounds::default();
            let cut = bounds.text(text, 4);
            assert!(cut.ends_with('…') && cut.encode_utf16().count() <= 4 && bounds.cut, "{cut}");
        }
        assert_eq!(bounds.some(" ", 4), "-");
    }

    #[test]
    fn values_stay_values_until_they_are_too_long() {
        let mut bounds = Bounds::default();
        assert_eq!(bounds.value(&json!({ "port": 80 }), 20), json!({ "port": 80 }));
        assert!(!bounds.cut);
        assert_eq!(bounds.value(&json!(["0123456789"]), 8), json!("[\"01234…"));
        assert!(bounds.cut);
    }
}
