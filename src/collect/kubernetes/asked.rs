//! Brings each question of the runner to the collector that declared its source.

use futures::future::BoxFuture;

use super::Collector;
use super::access::Access;
use crate::collect::facts::Facts;
use crate::collect::runner::{Ask, Question};
use crate::model::seen::Why;

/// The collectors, and the cluster they may ask.
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
                collector.fetch(&api, question.source, key, into).await;
            }
        })
    }
}
