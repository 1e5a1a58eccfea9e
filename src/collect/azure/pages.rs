//! How every call is made: all pages of a list are followed, and the ledger notes how it ended. A list over the whole
//! subscription is complete only where the caller may read all that it could show.

mod visible;

use std::collections::BTreeSet;

use serde_json::Value;

pub(super) use self::visible::Visible;

use super::errors::{ArmError, Meaning};
use super::members::{Unreadable, lower, type_of};
use super::part::{Part, Unfit};
use super::{Api, Item, legacy};
use crate::collect::detail::one_line;
use crate::collect::facts::Facts;
use crate::model::azure::resources::LIST_RESOURCE_GROUPS;
use crate::model::call::{Call, Wire};
use crate::model::kind::{Head, Resource};
use crate::model::seen::{Gap, Why};

/// What a resource says of itself.
const PROPERTIES: &str = "properties";

/// More pages than any real list has.
pub(super) const MOST_PAGES: usize = 2_000;

/// What a call answered, in full or up to where it failed. Not yet in the ledger.
pub(super) struct Answer<'a> {
    api: &'a Api,
    call: &'static Call,
    item: Item<'a>,
    /// It is asked for, and not what lies in it.
    itself: bool,
    items: Vec<Value>,
    pages: u64,
    end: Result<(), Gap>,
    /// What was asked to know whether this is all there is.
    shown: Option<visible::Noted>,
}

impl Api {
    /// Lists what lies in the item, or what the whole subscription has of a type.
    pub(super) async fn list<'a>(&'a self, call: &'static Call, item: Item<'a>) -> Answer<'a> {
        let mut answer = Answer::new(self, call, item);
        match self.path(call, item.key) {
            None => answer.fail(Why::Failed, "it can't be asked about that"),
            Some(_) if is_inventory(call) => answer.inventory().await,
            Some(path) => answer.follow(&path).await,
        }
        if item.key.is_empty() && answer.end.is_ok() {
            answer.prove().await;
        }
        answer
    }

    /// Asks for one thing; `query` is what the call takes besides. Nothing is answered where it is known to be absent.
    pub(super) async fn get<'a>(
        &'a self,
        call: &'static Call,
        item: Item<'a>,
        query: &[(&str, &str)],
    ) -> Answer<'a> {
        let mut answer = Answer { itself: true, ..Answer::new(self, call, item) };
        let Some(path) = self.path(call, item.key) else {
            answer.fail(Why::Failed, "it can't be asked about that");
            return answer;
        };
        match self.client.get(call, &path, query).await {
            Ok(found) => {
                answer.pages = 1;
                answer.items.push(found);
            }
            Err(error) if matches!(error.meaning(), Meaning::Absent | Meaning::Unused) => answer.pages = 1,
            Err(error) => answer.end = Err(answer.gap(&error)),
        }
        answer
    }

    /// Where a call looks that is about this id, or about the subscription where the id is empty: the call's own path,
    /// begun with the id's names.
    pub(super) fn path(&self, call: &Call, key: &str) -> Option<String> {
        let Wire::Arm { path, .. } = call.wire else { return None };
        let own = format!("/subscriptions/{}", self.scope.account);
        let mut names = if key.is_empty() { own.split('/') } else { key.split('/') };
        let mut whole = Vec::new();
        for wanted in path.split('/') {
            whole.push(match (names.next(), wanted) {
                (Some(name), "*") if !name.is_empty() => name,
                (Some(name), fixed) if name.eq_ignore_ascii_case(fixed) => fixed,
                (None, fixed) if fixed != "*" => fixed,
                _ => return None,
            });
        }
        let whole = whole.join("/");
        let within = format!("{}/", lower(&whole)).starts_with(&format!("{own}/"));
        (names.next().is_none() && within).then_some(whole)
    }
}

impl<'a> Answer<'a> {
    fn new(api: &'a Api, call: &'static Call, item: Item<'a>) -> Self {
        Self { api, call, item, itself: false, items: Vec::new(), pages: 0, end: Ok(()), shown: None }
    }

    /// Adds what was read as resources, and notes how the call ended. One that can't be read makes the list incomplete.
    pub(super) fn add(
        mut self,
        into: &mut Facts,
        read: impl Fn(Head, Value) -> Result<Resource, Unreadable>,
    ) {
        let mut added = 0;
        for item in std::mem::take(&mut self.items) {
            let head = self.head(&item);
            match head.and_then(|head| read(head, item)) {
                Ok(resource) => {
                    into.add(resource);
                    added += 1;
                }
                Err(unreadable) => self.fail(Why::Failed, &unreadable.to_string()),
            }
        }
        self.note(into, added);
    }

    /// Notes how the call ended: everything that was listed, or why not.
    pub(super) fn all<V>(
        mut self,
        into: &mut Facts,
        read: impl Fn(Value) -> Result<V, Unreadable>,
    ) -> Result<Vec<V>, Gap> {
        let mut values = Vec::new();
        for item in std::mem::take(&mut self.items) {
            match read(item) {
                Ok(value) => values.push(value),
                Err(unreadable) => self.fail(Why::Failed, &unreadable.to_string()),
            }
        }
        self.note(into, values.len() as u64);
        self.end.map(|()| values)
    }

    /// Notes how a call ended that asked for a detail of what is sure to be there: the detail, or why it wasn't read.
    pub(super) fn value<V>(
        mut self,
        into: &mut Facts,
        read: impl Fn(Value) -> Result<V, Unreadable>,
    ) -> Result<V, Gap> {
        let end = std::mem::replace(&mut self.end, Ok(()));
        let value = end.and_then(|()| {
            let found = self.items.pop().ok_or_else(|| self.failed("it is gone"))?;
            let value = read(found);
            value.map_err(|unreadable| self.failed(&unreadable.to_string()))
        });
        self.end = value.as_ref().map(|_| ()).map_err(Clone::clone);
        self.note(into, value.is_ok().into());
        value
    }

    /// As `value`, of a resource: what answers must be the one that was asked about.
    pub(super) fn detail<V>(
        mut self,
        into: &mut Facts,
        read: impl Fn(Value) -> Result<V, Unreadable>,
    ) -> Result<V, Gap> {
        if let Some(Err(unreadable)) = self.items.first().map(|item| self.head(item)) {
            self.items.clear();
            self.fail(Why::Failed, &unreadable.to_string());
        }
        self.value(into, read)
    }

    /// The head of what was answered, where it is what was asked for or lies in what was asked about. What was asked for
    /// says more of itself than an inventory does: without properties it would seem to have nothing of what they tell.
    fn head(&self, found: &Value) -> Result<Head, Unreadable> {
        let head = self.api.head(found, self.item.subject)?;
        let rest = head.id.strip_prefix(self.item.key);
        let meant =
            rest.is_some_and(|rest| if self.itself { rest.is_empty() } else { rest.starts_with('/') });
        if !meant {
            return Err(Unreadable::Foreign(head.id));
        }
        let found = Part::of(found)?;
        let told = !self.itself || found.part(PROPERTIES)?.is_there();
        Ok(found.need(PROPERTIES, told.then_some(head))?)
    }

    async fn follow(&mut self, path: &str) {
        let mut page = self.api.client.get(self.call, path, &[]).await;
        let mut links = BTreeSet::new();
        loop {
            let found = match page {
                Ok(found) => found,
                Err(error) => return self.ended(&error),
            };
            let Some(next) = self.take(found, &mut links) else { return };
            page = self.api.client.next(self.call, &next).await;
        }
    }

    /// As the older client reads it.
    async fn inventory(&mut self) {
        let Api { client, scope, .. } = self.api;
        let legacy::Pages { pages, end } = if *self.call == LIST_RESOURCE_GROUPS {
            legacy::resource_groups(client, self.call, &scope.account).await
        } else {
            legacy::resources(client, self.call, &scope.account).await
        };
        let mut links = BTreeSet::new();
        for page in pages {
            self.take(page, &mut links);
        }
        if let (Err(error), Ok(())) = (end, &self.end) {
            self.ended(&error);
        }
        // Some endpoints pay no heed to the filter.
        if let Some(wanted) = wanted(self.call) {
            let meant = |item: &Value| {
                let id = item.get("id").and_then(Value::as_str).map(lower);
                id.and_then(|id| type_of(&id)).is_none_or(|of| of.eq_ignore_ascii_case(wanted))
            };
            self.items.retain(meant);
        }
    }

    /// Keeps a page's items. The link to the next page, if there is one to follow.
    fn take(&mut self, mut page: Value, links: &mut BTreeSet<String>) -> Option<String> {
        match page.get_mut("value").map(Value::take) {
            Some(Value::Array(items)) => self.items.extend(items),
            Some(_) => {
                self.fail(Why::Failed, &Unfit::Garbled("value".to_owned()).to_string());
                return None;
            }
            None => {
                self.fail(Why::Failed, &Unfit::Lacks("value".to_owned()).to_string());
                return None;
            }
        }
        self.pages += 1;
        let next = match page.get_mut("nextLink").map(Value::take) {
            None | Some(Value::Null) => return None,
            Some(Value::String(next)) if next.is_empty() => return None,
            Some(Value::String(next)) => next,
            Some(_) => {
                self.fail(Why::Failed, &Unfit::Garbled("nextLink".to_owned()).to_string());
                return None;
            }
        };
        if !links.insert(next.clone()) {
            self.fail(Why::Failed, "gave the same link to the next page twice");
            return None;
        }
        if links.len() >= MOST_PAGES {
            self.fail(Why::Failed, "gave pages without end");
            return None;
        }
        Some(next)
    }

    /// How a list ended that broke off. A subscription that doesn't use a provider has nothing of its types.
    fn ended(&mut self, error: &ArmError) {
        if error.is_unused() && self.item.key.is_empty() && self.pages == 0 {
            return self.pages = 1;
        }
        let gap = self.gap(error);
        self.end = std::mem::replace(&mut self.end, Ok(())).and(Err(gap));
    }

    /// Whether what the list shows is all there is.
    async fn prove(&mut self) {
        let (noted, proof) = visible::proof(self.api, self.call).await;
        self.shown = Some(noted);
        if let Err((why, detail)) = proof {
            self.fail(why, &detail);
        }
    }

    fn gap(&self, error: &ArmError) -> Gap {
        error.gap(self.call, &self.api.scope, self.item.key)
    }

    /// What failed first is why.
    fn fail(&mut self, why: Why, detail: &str) {
        if self.end.is_ok() {
            self.end = Err(Gap { why, ..self.failed(detail) });
        }
    }

    fn failed(&self, detail: &str) -> Gap {
        let unread = Gap::unread(self.call.id, &self.api.scope, self.item.key);
        Gap { why: Why::Failed, detail: one_line(detail), ..unread }
    }

    fn note(&mut self, into: &mut Facts, items: u64) {
        if let Some(shown) = self.shown.take() {
            shown.note(self.api, into);
        }
        match &self.end {
            Ok(()) => into.complete(self.call, &self.api.scope, self.item.key, self.pages, items),
            Err(gap) => into.failed(gap, self.pages, items),
        }
    }
}

/// What the older client asks for: groups, and resources by their type.
fn is_inventory(call: &Call) -> bool {
    *call == LIST_RESOURCE_GROUPS || wanted(call).is_some()
}

/// The type that an inventory is of.
fn wanted(call: &Call) -> Option<&'static str> {
    let Wire::Arm { filter: Some(filter), .. } = call.wire else { return None };
    filter.strip_prefix("resourceType eq '")?.strip_suffix('\'')
}

#[cfg(test)]
mod tests;
