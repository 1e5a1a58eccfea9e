//! From a snapshot and a design to verdicts. Pure: no I/O, no clock; same facts and design, same bytes.
//!
//! It runs on whatever facts there are. What it misses comes back as gaps, and the ones nobody has asked for yet are
//! the next requests: judging and planning are one walk, so that nothing is collected that no verdict needs.

mod arrows;
mod asserts;
pub mod baseline;
mod bind;
mod border;
mod fingerprint;
pub mod mutation;
pub mod needs;
mod nodes;
pub mod paths;
mod report;
mod subjects;
pub mod suggest;
pub mod trial;
mod waive;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use serde_json::Value;

use crate::design::expr::Constants;
use crate::design::{Design, Node};
use crate::model::kind::Kind;
use crate::model::relation::RelationMeta;
use crate::model::run::{Audit, Basis};
use crate::model::scope::Scope;
use crate::model::seen::Gap;
use crate::rules::{Edges, Ref, World};

pub use bind::{Binding, Bindings, NearMiss};
pub use report::{Frame, run};
pub use waive::Applied;

/// One design, as one env asks for it.
pub struct Question<'a> {
    pub design: &'a Design,
    pub env: &'a str,
    pub params: BTreeMap<String, Value>,
    /// Texts of the env's overrides, for the report; the design carries them already.
    pub select_overrides: BTreeMap<String, String>,
    pub level: Basis,
}

/// Edges by the relation's name, and the kind and id of where they start.
type Known<'s> = HashMap<(&'static str, Kind, &'s str), Rc<Edges<'s>>>;

/// A question in front of the facts.
pub struct Case<'a, 's> {
    pub question: &'a Question<'a>,
    pub world: &'a World<'s>,
    constants: Constants,
    wanted: RefCell<BTreeSet<Gap>>,
    edges: RefCell<Known<'s>>,
    border: OnceCell<border::Border>,
}

impl<'a, 's> Case<'a, 's> {
    pub fn new(question: &'a Question<'a>, world: &'a World<'s>) -> Self {
        Self {
            question,
            world,
            constants: Constants::new(question.env, world.now(), &question.params),
            wanted: RefCell::default(),
            edges: RefCell::default(),
            border: OnceCell::new(),
        }
    }

    /// Judges everything the level asks for.
    pub fn audit(&self) -> Audit {
        report::audit(self)
    }

    /// What each node binds.
    pub fn bindings(&self) -> Bindings<'s> {
        bind::bindings(self)
    }

    /// The gaps that were met on the way.
    pub fn into_wanted(self) -> BTreeSet<Gap> {
        self.wanted.into_inner()
    }

    fn want<'g>(&self, gaps: impl IntoIterator<Item = &'g Gap>) {
        self.wanted.borrow_mut().extend(gaps.into_iter().cloned());
    }

    /// Whether a requirement of this basis is looked at.
    fn asks(&self, basis: Basis) -> bool {
        basis <= self.question.level
    }

    /// The edges of a relation that start at a resource, found once.
    fn known_edges(&self, relation: &'static RelationMeta, from: Ref<'s>, ends: &[Kind]) -> Rc<Edges<'s>> {
        let find = || Rc::new(crate::rules::implementation(relation.name).edges(from, ends, self.world));
        if relation.by_kind {
            return find();
        }
        let key = (relation.name, from.kind(), from.id.as_str());
        if let Some(found) = self.edges.borrow().get(&key) {
            return Rc::clone(found);
        }
        let found = find();
        self.edges.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    /// Every place in the cloud that the design's nodes are looked for in.
    pub fn all_places(&self) -> Vec<Scope> {
        let mut places: Vec<Scope> =
            self.question.design.nodes.iter().flat_map(|node| self.places(node)).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Whether the env says which account a scope's role is. One that it leaves out is looked for in the main account.
    fn names_account(&self, scope: &str) -> bool {
        let role = self.question.design.scopes.get(scope).map(|scope| &scope.account);
        let header = &self.world.snapshot().header;
        role.is_some_and(|role| header.accounts.contains_key(role) || header.subscriptions.contains_key(role))
    }

    /// The places in the cloud that a node is looked for in. Where the env has no such place, there is one all the
    /// same, of which nothing can be known.
    fn places(&self, node: &Node) -> Vec<Scope> {
        let header = &self.world.snapshot().header;
        if node.in_kubernetes() {
            return vec![Scope::kubernetes(header.cluster.as_deref().unwrap_or_default())];
        }
        let Some(scope) = self.question.design.scopes.get(&node.scope) else { return Vec::new() };
        let region = scope
            .region
            .as_ref()
            .and_then(|region| region.text(&self.constants, crate::design::expr::Inputs::default()).ok());
        if node.in_azure() {
            let subscriptions = &header.subscriptions;
            let subscription = subscriptions.get(&scope.account).or_else(|| subscriptions.get(""));
            let all = Scope::azure(subscription.map_or("", String::as_str));
            return vec![region.map_or(all.clone(), |region| all.in_region(&region))];
        }
        let account = header.accounts.get(&scope.account).or_else(|| header.accounts.get(""));
        let account = account.map_or("", String::as_str);
        match region {
            Some(region) => vec![Scope::aws(account, &region)],
            None if header.regions.is_empty() => vec![Scope::aws(account, "")],
            None => header.regions.iter().map(|region| Scope::aws(account, region)).collect(),
        }
    }
}
