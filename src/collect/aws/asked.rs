//! Brings each question of the runner to the collector that declared its source.

use futures::future::BoxFuture;

use super::access::Access;
use super::{Batch, Collector, Item};
use crate::collect::facts::Facts;
use crate::collect::runner::{Ask, Question};
use crate::model::call::Source;
use crate::model::kind::{Found, Kind, Resource};
use crate::model::seen::{Gap, Why};
use crate::model::snapshot::Snapshot;

/// The collectors, and the accounts they may ask.
pub(crate) struct Collectors {
    access: Access,
    list: &'static [&'static dyn Collector],
}

impl Collectors {
    pub(crate) fn new(access: Access, list: &'static [&'static dyn Collector]) -> Self {
        Self { access, list }
    }
}

impl Ask for Collectors {
    fn ask<'a>(&'a self, question: &'a Question<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let mut unasked = |why, detail: &str| {
                for key in &question.keys {
                    let gap = Gap::unread(question.source.primary(), question.scope, key);
                    into.failed(&Gap { why, detail: detail.to_owned(), ..gap }, 0, 0);
                }
            };
            let Some(collector) = self.list.iter().find(|it| it.sources().contains(&question.source)) else {
                unasked(Why::Skipped, "this build has no collector for it");
                return;
            };
            let api = match self.access.api(question.scope) {
                Ok(api) => api,
                Err(closed) => {
                    unasked(closed.why, &closed.detail);
                    return;
                }
            };
            let items = question.keys.iter();
            let items = items.map(|key| Item { key, subject: subject(question.known, question.source, key) });
            let batch = Batch { source: question.source, items: items.collect() };
            collector.fetch(&api, &batch, into).await;
        })
    }
}

/// The resource that a key of this source names: the parent, or the resource itself.
fn subject<'a>(known: &'a Snapshot, source: &Source, key: &str) -> Option<&'a Resource> {
    if key.is_empty() {
        return None;
    }
    Kind::ALL.iter().find_map(|kind| {
        let meta = kind.meta();
        let parent = meta.found.iter().find_map(|found| match found {
            Found::Within(parent, of) if *of == source => Some(*parent),
            _ => None,
        });
        let own = meta.sources().any(|of| of == source).then_some(*kind);
        known.find(parent.or(own)?, key)
    })
}
