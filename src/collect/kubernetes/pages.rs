//! How every call is made: all pages of a list are followed, each turned into facts before the next is asked for, and
//! the ledger notes how it ended.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Api;
use super::errors::{self, Refusal};
use super::members::{Place, Unreadable};
use crate::collect::detail::one_line;
use crate::collect::facts::Facts;
use crate::model::call::{Call, Wire};
use crate::model::kind::Resource;
use crate::model::seen::{Gap, Why};

/// Objects a page.
const LIMIT: usize = 500;

/// More pages than any real list has.
const MOST_PAGES: u64 = 2_000;

/// A call that lists objects.
pub(super) struct Listing {
    pub(super) call: &'static Call,
    /// What the answer must be: `PodList`.
    pub(super) kind: &'static str,
    /// Which of them, by a field selector.
    pub(super) fields: Option<&'static str>,
}

impl Listing {
    pub(super) const fn of(call: &'static Call, kind: &'static str) -> Self {
        Self { call, kind, fields: None }
    }
}

/// What was read, in full or up to where it failed.
#[derive(Default)]
struct Answer {
    resources: Vec<Resource>,
    pages: u64,
    failed: Option<(Why, String)>,
}

#[derive(Deserialize)]
struct Page<'a> {
    kind: Option<String>,
    metadata: Option<PageMetadata>,
    #[serde(borrow, default, deserialize_with = "items")]
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct PageMetadata {
    r#continue: Option<String>,
}

/// `null` is an empty list; absent is none.
fn items<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<&'de RawValue>>, D::Error> {
    Option::deserialize(deserializer).map(|items| Some(items.unwrap_or_default()))
}

impl Api {
    /// Lists what lies in the namespace of this id, or in the whole cluster. `read` turns an object into a resource;
    /// one that can't be read makes the list incomplete.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        listing: &Listing,
        key: &str,
        into: &mut Facts,
        read: impl Fn(Place<'_>, T) -> Result<Resource, Unreadable>,
    ) {
        let mut answer = self.pages(listing, key, &read).await;
        let items = answer.resources.len() as u64;
        answer.resources.drain(..).for_each(|resource| into.add(resource));
        self.note(listing.call, key, into, answer.failed, answer.pages, items);
    }

    /// Asks about the cluster as a whole, for one thing.
    pub(super) async fn one<T: DeserializeOwned>(
        &self,
        call: &'static Call,
        key: &str,
        into: &mut Facts,
        read: impl Fn(Place<'_>, T) -> Result<Resource, Unreadable>,
    ) {
        let Some((place, path)) = self.place(call, key) else {
            return self.note(call, key, into, Some(no_place()), 0, 0);
        };
        let found = self.get(call, &path).await.map_err(|refusal| (refusal.why, refusal.detail));
        let found = found.and_then(|body| {
            let found = serde_json::from_slice(body.as_ref())
                .map_err(|error| Unreadable::form("such answer", &error));
            found.and_then(|found| read(place, found)).map_err(|unreadable| failed(&unreadable))
        });
        let (failed, count) = match found {
            Ok(resource) => {
                into.add(resource);
                (None, 1)
            }
            Err(failed) => (Some(failed), 0),
        };
        self.note(call, key, into, failed, count, count);
    }

    async fn pages<T: DeserializeOwned>(
        &self,
        listing: &Listing,
        key: &str,
        read: &impl Fn(Place<'_>, T) -> Result<Resource, Unreadable>,
    ) -> Answer {
        let mut answer = Answer::default();
        let Some((place, path)) = self.place(listing.call, key) else {
            answer.failed = Some(no_place());
            return answer;
        };
        let mut tokens = BTreeSet::new();
        let mut token: Option<String> = None;
        let mut again = false;
        loop {
            let body = match self.get(listing.call, &address(&path, listing, token.as_deref())).await {
                Ok(body) => body,
                // What was listed before may be gone by now: the list starts anew with nothing.
                Err(refusal) if refusal.expired && token.is_some() && !again => {
                    again = true;
                    answer = Answer::default();
                    tokens.clear();
                    token = None;
                    continue;
                }
                Err(refusal) => {
                    answer.failed = Some((refusal.why, refusal.detail));
                    return answer;
                }
            };
            match answer.take(place, listing.kind, &body, read) {
                Ok(next) => token = next,
                Err(unreadable) => {
                    answer.failed = Some(failed(&unreadable));
                    return answer;
                }
            }
            let Some(next) = &token else { return answer };
            let repeated = !tokens.insert(next.clone());
            if repeated || answer.pages >= MOST_PAGES {
                let detail =
                    if repeated { "gave the same page token twice" } else { "gave pages without end" };
                answer.failed = Some((Why::Failed, detail.to_owned()));
                return answer;
            }
        }
    }

    /// Where the call looks, and its path there.
    fn place<'a>(&'a self, call: &Call, key: &'a str) -> Option<(Place<'a>, String)> {
        let place = Place::of(self, key)?;
        Some((place, place.path(pattern(call))?))
    }

    /// The body of a successful answer.
    async fn get(&self, call: &Call, address: &str) -> Result<impl AsRef<[u8]> + use<>, Refusal> {
        let request = http::Request::get(address).header(http::header::ACCEPT, "application/json");
        let request = request.body(kube::client::Body::empty());
        let request = request.map_err(|error| Refusal::failed(format!("no such address: {error}")))?;
        let response = self.client.send(request).await.map_err(|error| errors::of_client(&error))?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| errors::of_client(&error))?.to_bytes();
        if head.status.is_success() {
            return Ok(body);
        }
        Err(errors::of_status(&head, &body, pattern(call)))
    }

    fn note(
        &self,
        call: &Call,
        key: &str,
        into: &mut Facts,
        failed: Option<(Why, String)>,
        pages: u64,
        items: u64,
    ) {
        let Some((why, detail)) = failed else {
            return into.complete(call, &self.scope, key, pages, items);
        };
        let detail = one_line(&detail);
        into.failed(&Gap { why, detail, ..Gap::unread(call.id, &self.scope, key) }, pages, items);
    }
}

impl Answer {
    /// Turns a page into facts. The token of the next page, if there is one.
    fn take<T: DeserializeOwned>(
        &mut self,
        place: Place<'_>,
        kind: &'static str,
        body: &impl AsRef<[u8]>,
        read: &impl Fn(Place<'_>, T) -> Result<Resource, Unreadable>,
    ) -> Result<Option<String>, Unreadable> {
        let page: Page<'_> =
            serde_json::from_slice(body.as_ref()).map_err(|error| Unreadable::form(kind, &error))?;
        let told = page.kind.ok_or(Unreadable::Lacks("kind"))?;
        if told != kind {
            return Err(Unreadable::Foreign { told, asked: kind });
        }
        let items = page.items.ok_or(Unreadable::Lacks("items"))?;
        self.pages += 1;
        for item in items {
            let object =
                serde_json::from_str(item.get()).map_err(|error| Unreadable::form("such object", &error));
            match object.and_then(|object| read(place, object)) {
                Ok(resource) => self.resources.push(resource),
                Err(unreadable) => {
                    self.failed.get_or_insert_with(|| failed(&unreadable));
                }
            }
        }
        Ok(page.metadata.and_then(|metadata| metadata.r#continue).filter(|token| !token.is_empty()))
    }
}

fn failed(unreadable: &Unreadable) -> (Why, String) {
    (Why::Failed, unreadable.to_string())
}

fn no_place() -> (Why, String) {
    (Why::Failed, "it can't be asked about that".to_owned())
}

fn pattern(call: &Call) -> &'static str {
    match call.wire {
        Wire::Rest(path) => path,
        _ => "",
    }
}

fn address(path: &str, listing: &Listing, token: Option<&str>) -> String {
    let mut address = format!("{path}?limit={LIMIT}");
    for (name, value) in [("fieldSelector", listing.fields), ("continue", token)] {
        if let Some(value) = value {
            address.extend(["&", name, "="]);
            encode(value, &mut address);
        }
    }
    address
}

fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests;
