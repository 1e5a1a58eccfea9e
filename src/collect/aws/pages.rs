//! How every call is made: all its pages are followed, and the ledger notes how it ended.

use std::collections::BTreeSet;
use std::fmt::Debug;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::members::Unreadable;
use super::{Api, Item, errors};
use crate::collect::facts::Facts;
use crate::model::call::Call;
use crate::model::kind::Resource;
use crate::model::seen::{Gap, Why};

/// One call about one key.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    api: &'a Api,
    call: &'static Call,
    key: &'a str,
}

/// What a call answered, in full or up to where it failed. Not yet in the ledger.
pub(super) struct Answer<'a, T> {
    asked: Asked<'a>,
    items: Vec<T>,
    pages: u64,
    end: Result<(), Gap>,
}

impl Api {
    pub(super) fn ask<'a>(&'a self, call: &'static Call, key: &'a str) -> Asked<'a> {
        Asked { api: self, call, key }
    }
}

impl<'a> Asked<'a> {
    /// Follows the pages to the last. `read` takes a page apart into items and the next page's token.
    pub(super) async fn pages<T, Token, O, E, R, Pending>(
        self,
        ask: impl Fn(Option<Token>) -> Pending,
        read: impl Fn(O) -> Result<(Vec<T>, Option<Token>), Unreadable>,
    ) -> Answer<'a, T>
    where
        Token: Clone + Default + Ord,
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: Debug + 'static,
        Pending: Future<Output = Result<O, SdkError<E, R>>>,
    {
        let mut answer = Answer { asked: self, items: Vec::new(), pages: 0, end: Ok(()) };
        let mut tokens = BTreeSet::new();
        let mut token = None;
        loop {
            let page = self.read(ask(token).await, &read);
            let next = match page {
                Ok((items, next)) => {
                    answer.pages += 1;
                    answer.items.extend(items);
                    next.filter(|next| *next != Token::default())
                }
                Err(gap) => {
                    answer.end = Err(gap);
                    return answer;
                }
            };
            let Some(next) = next else { return answer };
            if !tokens.insert(next.clone()) {
                answer.end = Err(self.failed("gave the same page token twice".to_owned()));
                return answer;
            }
            token = Some(next);
        }
    }

    /// A call that answers in one page.
    pub(super) fn once<T, O, E, R>(
        self,
        result: Result<O, SdkError<E, R>>,
        read: impl FnOnce(O) -> Result<Vec<T>, Unreadable>,
    ) -> Answer<'a, T>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: Debug + 'static,
    {
        match self.read(result, read) {
            Ok(items) => Answer { asked: self, items, pages: 1, end: Ok(()) },
            Err(gap) => Answer { asked: self, items: Vec::new(), pages: 0, end: Err(gap) },
        }
    }

    /// A call about one thing that is sure to be there: the thing, or why it wasn't read, as the ledger notes
    /// it.
    pub(super) fn value<T, O, E, R>(
        self,
        into: &mut Facts,
        result: Result<O, SdkError<E, R>>,
        read: impl FnOnce(O) -> Result<T, Unreadable>,
    ) -> Result<T, Gap>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: Debug + 'static,
    {
        let value = self.read(result, read);
        let answered = value.is_ok().into();
        self.note(into, value.as_ref().err(), answered, answered);
        value
    }

    /// As `once`, of something that the service reports as known to be absent by the error code `absent`.
    pub(super) fn once_or_absent<T, O, E, R>(
        self,
        absent: &str,
        result: Result<O, SdkError<E, R>>,
        read: impl FnOnce(O) -> Result<T, Unreadable>,
    ) -> Answer<'a, T>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: Debug + 'static,
    {
        match result {
            Err(error) if errors::code(&error) == Some(absent) => self.nothing(1),
            result => self.once(result, |output| read(output).map(|item| vec![item])),
        }
    }

    /// An answer without items: nothing was there after so many pages.
    pub(super) fn nothing<T>(self, pages: u64) -> Answer<'a, T> {
        Answer { asked: self, items: Vec::new(), pages, end: Ok(()) }
    }

    /// A call that could not even be made, and why.
    pub(super) fn impossible<T>(self, detail: &str) -> Answer<'a, T> {
        Answer { asked: self, items: Vec::new(), pages: 0, end: Err(self.failed(detail.to_owned())) }
    }

    /// A call that the service answered, but not for this key.
    pub(super) fn refused<T>(self, detail: &str) -> Answer<'a, T> {
        self.impossible(detail)
    }

    fn read<T, O, E, R>(
        self,
        result: Result<O, SdkError<E, R>>,
        read: impl FnOnce(O) -> Result<T, Unreadable>,
    ) -> Result<T, Gap>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: Debug + 'static,
    {
        let output = result.map_err(|error| errors::gap(&error, self.call, &self.api.scope, self.key))?;
        read(output).map_err(|unreadable| self.failed(unreadable.to_string()))
    }

    fn failed(self, detail: String) -> Gap {
        let unread = Gap::unread(self.call.id, &self.api.scope, self.key);
        Gap { why: Why::Failed, detail, ..unread }
    }
}

impl<T> Answer<'_, T> {
    /// Fails an answer that tells of fewer things than were asked about.
    pub(super) fn of_all(mut self, asked: usize, member: &'static str) -> Self {
        if self.end.is_ok() && self.items.len() < asked {
            let detail = format!("`{member}` tells of {} out of {asked}", self.items.len());
            self.end = Err(self.asked.failed(detail));
        }
        self
    }

    /// Leaves out what isn't meant, before it is counted.
    pub(super) fn only(mut self, meant: impl Fn(&T) -> bool) -> Self {
        self.items.retain(meant);
        self
    }

    /// Adds what was read as resources, and notes how the call ended. One that can't be read makes the list
    /// incomplete.
    pub(super) fn add(self, into: &mut Facts, resource: impl Fn(T) -> Result<Resource, Unreadable>) {
        let Self { asked, items, pages, mut end } = self;
        let mut added = 0;
        for item in items {
            match resource(item) {
                Ok(resource) => {
                    into.add(resource);
                    added += 1;
                }
                Err(unreadable) => end = end.and_then(|()| Err(asked.failed(unreadable.to_string()))),
            }
        }
        asked.note(into, end.as_ref().err(), pages, added);
    }

    /// Notes how the call ended, and hands on what was read, be it all or not.
    pub(super) fn noted(self, into: &mut Facts) -> (Vec<T>, Result<(), Gap>) {
        self.asked.note(into, self.end.as_ref().err(), self.pages, self.items.len() as u64);
        (self.items, self.end)
    }

    /// Notes how the call ended: everything, or why not.
    pub(super) fn all(self, into: &mut Facts) -> Result<Vec<T>, Gap> {
        let (items, end) = self.noted(into);
        end.map(|()| items)
    }

    /// Notes how the call ended: the one thing asked for, `None` where it is known to be absent, or why it
    /// wasn't read.
    pub(super) fn one(self, into: &mut Facts) -> Result<Option<T>, Gap> {
        self.all(into).map(|items| items.into_iter().next())
    }

    /// Notes for every key of a batch how the one call about all of them ended, the pages at the first. For
    /// each: what was found, `None` where the service knows of nothing, or why it wasn't read.
    pub(super) fn by_key<'k>(
        mut self,
        keys: &[Item<'k>],
        into: &mut Facts,
        key_of: impl Fn(&T) -> &str,
    ) -> Vec<(&'k str, Result<Option<T>, Gap>)> {
        let mut answers = Vec::new();
        for &Item { key, .. } in keys {
            let found = self.items.iter().position(|item| key_of(item) == key);
            let found = found.map(|at| self.items.swap_remove(at));
            let end = self.end.clone().map_err(|gap| Gap { key: key.to_owned(), ..gap });
            let asked = Asked { key, ..self.asked };
            asked.note(into, end.as_ref().err(), std::mem::take(&mut self.pages), found.is_some().into());
            answers.push((key, end.map(|()| found)));
        }
        answers
    }
}

impl Asked<'_> {
    fn note(self, into: &mut Facts, failed: Option<&Gap>, pages: u64, items: u64) {
        match failed {
            None => into.complete(self.call, &self.api.scope, self.key, pages, items),
            Some(gap) => into.failed(gap, pages, items),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::canned::Canned;
    use super::super::dynamodb::DynamoDb;
    use crate::model::aws::dynamodb::{LIST_TABLES, TABLES};
    use crate::model::snapshot::Outcome;

    const FIRST: &str = r#"{"TableNames":["a"],"LastEvaluatedTableName":"a"}"#;
    const A: &str = "arn:aws:dynamodb:us-west-1:111111111111:table/a";
    const B: &str = "arn:aws:dynamodb:us-west-1:111111111111:table/b";

    #[tokio::test]
    async fn every_page_is_followed() {
        let service = Canned::new([(200, FIRST), (200, r#"{"TableNames":["b"]}"#)]);
        let found = service.fetch(&DynamoDb, &TABLES, None, &[""]).await;
        assert_eq!(found.ids(), [A, B]);
        let entry = found.entry(&LIST_TABLES, "");
        assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Complete, 2, 2));
        assert!(service.asked()[1].contains(r#""ExclusiveStartTableName":"a""#), "{:?}", service.asked());
    }

    #[tokio::test]
    async fn what_was_read_before_a_failure_stays_and_the_list_is_incomplete() {
        let denied = (400, r#"{"__type":"AccessDeniedException","message":"no"}"#);
        let found = Canned::new([(200, FIRST), denied]).fetch(&DynamoDb, &TABLES, None, &[""]).await;
        assert_eq!(found.ids(), [A]);
        let entry = found.entry(&LIST_TABLES, "");
        assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Denied, 1, 1));
    }

    #[tokio::test]
    async fn a_list_that_is_absent_is_not_empty() {
        let found = Canned::new([(200, "{}")]).fetch(&DynamoDb, &TABLES, None, &[""]).await;
        let entry = found.entry(&LIST_TABLES, "");
        assert_eq!((entry.outcome, entry.pages), (Outcome::Failed, 0));
        assert_eq!(entry.detail, "answered without `TableNames`");
    }

    #[tokio::test]
    async fn a_list_that_is_empty_is_complete() {
        let found = Canned::new([(200, r#"{"TableNames":[]}"#)]).fetch(&DynamoDb, &TABLES, None, &[""]).await;
        let entry = found.entry(&LIST_TABLES, "");
        assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Complete, 1, 0));
    }

    #[tokio::test]
    async fn a_token_that_comes_back_ends_the_list_as_failed() {
        let second = (200, r#"{"TableNames":["b"],"LastEvaluatedTableName":"b"}"#);
        let service = Canned::new([(200, FIRST), second, (200, FIRST), second]);
        let found = service.fetch(&DynamoDb, &TABLES, None, &[""]).await;
        assert_eq!(service.asked().len(), 3, "the third page leads back to the second");
        assert_eq!(found.entry(&LIST_TABLES, "").outcome, Outcome::Failed);
        assert_eq!(found.ids(), [A, B]);
    }

    #[tokio::test]
    async fn an_empty_token_is_the_end() {
        let last = (200, r#"{"TableNames":["a"],"LastEvaluatedTableName":""}"#);
        let found = Canned::new([last]).fetch(&DynamoDb, &TABLES, None, &[""]).await;
        assert_eq!(found.entry(&LIST_TABLES, "").outcome, Outcome::Complete);
    }
}
