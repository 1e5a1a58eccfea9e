//! Brings each question of the runner to the collector that declared its source.

use futures::future::BoxFuture;

use super::access::Access;
use super::{Collector, Item};
use crate::collect::facts::Facts;
use crate::collect::runner::{Ask, Question};
use crate::model::call::Source;
use crate::model::kind::{Found, Kind, Resource};
use crate::model::seen::Why;
use crate::model::snapshot::Snapshot;

/// The collectors, and the subscriptions they may ask.
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
            let api = match self.access.api(question.scope) {
                Ok(api) => api,
                Err(closed) => {
                    into.unasked(question, closed.why, &closed.detail);
                    return;
                }
            };
            let Some(collector) = self.list.iter().find(|it| it.sources().contains(&question.source)) else {
                into.unasked(question, Why::Skipped, "this build has no collector for it");
                return;
            };
            for key in &question.keys {
                let item = Item { key, subject: subject(question.known, question.source, key) };
                collector.fetch(&api, question.source, item, into).await;
            }
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
