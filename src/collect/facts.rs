//! Where collectors put what they read: resources, details of resources, and how each call ended.

use std::collections::BTreeMap;

use super::runner::Question;
use crate::model::call::Call;
use crate::model::kind::{Facet, Kind, Resource, Tags};
use crate::model::scope::Scope;
use crate::model::seen::{Gap, Seen, Why};
use crate::model::snapshot::{Entry, Ledger, LedgerKey, Outcome};

/// What one fetch found. Fetches run side by side, each into facts of its own; `Gathered` merges them.
#[derive(Default)]
pub struct Facts {
    resources: Vec<Resource>,
    patches: Vec<Patch>,
    ledger: Ledger,
}

struct Patch {
    kind: Kind,
    id: String,
    apply: Box<dyn FnOnce(&mut Resource) + Send>,
}

impl Facts {
    pub fn add(&mut self, resource: Resource) {
        self.resources.push(resource);
    }

    /// Fills a detail of a resource that is there already (or comes with this fetch).
    pub fn detail<T: Facet + 'static, V: Send + 'static>(
        &mut self,
        id: &str,
        value: Result<V, Gap>,
        field: fn(&mut T) -> &mut Seen<V>,
    ) {
        let apply = move |resource: &mut Resource| {
            if let Some(facts) = resource.as_kind_mut::<T>() {
                *field(facts) = value.into();
            }
        };
        self.patches.push(Patch { kind: T::META.kind, id: id.to_owned(), apply: Box::new(apply) });
    }

    /// Fills a resource's tags.
    pub fn tags(&mut self, kind: Kind, id: &str, tags: Result<Tags, Gap>) {
        let apply = move |resource: &mut Resource| resource.head.tags = tags.into();
        self.patches.push(Patch { kind, id: id.to_owned(), apply: Box::new(apply) });
    }

    /// Notes that a call was answered in full.
    pub fn complete(&mut self, call: &Call, scope: &Scope, key: &str, pages: u64, items: u64) {
        self.note(
            call,
            scope,
            key,
            Entry { outcome: Outcome::Complete, pages, items, detail: String::new() },
        );
    }

    /// Notes that a call was not answered, or not to its end.
    pub fn failed(&mut self, gap: &Gap, pages: u64, items: u64) {
        let key = LedgerKey { scope: gap.scope.clone(), call: gap.call.clone(), key: gap.key.clone() };
        let entry = Entry { outcome: Outcome::of(gap.why), pages, items, detail: gap.detail.clone() };
        merge(&mut self.ledger, key, entry);
    }

    /// Notes of every key of a question that nobody was asked about it.
    pub fn unasked(&mut self, question: &Question<'_>, why: Why, detail: &str) {
        for key in &question.keys {
            let gap = Gap::unread(question.source.primary(), question.scope, key);
            self.failed(&Gap { why, detail: detail.to_owned(), ..gap }, 0, 0);
        }
    }

    fn note(&mut self, call: &Call, scope: &Scope, key: &str, entry: Entry) {
        let key = LedgerKey { scope: scope.clone(), call: call.id.to_owned(), key: key.to_owned() };
        merge(&mut self.ledger, key, entry);
    }
}

/// Two notes of one (scope, call, key), as where a call is batched: pages and items add up, the worse outcome stays.
fn merge(ledger: &mut Ledger, key: LedgerKey, entry: Entry) {
    match ledger.entry(key) {
        std::collections::btree_map::Entry::Vacant(vacant) => {
            vacant.insert(entry);
        }
        std::collections::btree_map::Entry::Occupied(mut there) => {
            let there = there.get_mut();
            there.pages += entry.pages;
            there.items += entry.items;
            if there.outcome == Outcome::Complete {
                there.outcome = entry.outcome;
                there.detail = entry.detail;
            }
        }
    }
}

/// Everything gathered so far, in the snapshot's order.
#[derive(Default)]
pub struct Gathered {
    pub resources: BTreeMap<(Kind, String), Resource>,
    pub ledger: Ledger,
}

impl Gathered {
    /// Adds what a fetch found. A resource that is there already keeps the details that were filled since.
    pub fn merge(&mut self, facts: Facts) {
        for resource in facts.resources {
            self.resources.entry((resource.kind(), resource.id.clone())).or_insert(resource);
        }
        for patch in facts.patches {
            if let Some(resource) = self.resources.get_mut(&(patch.kind, patch.id)) {
                (patch.apply)(resource);
            }
        }
        for (key, entry) in facts.ledger {
            merge(&mut self.ledger, key, entry);
        }
    }
}
