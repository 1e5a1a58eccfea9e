//! The snapshot as rules see it: look-ups by id and by link that say what they could not see.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use chrono::{DateTime, Utc};

use crate::model::aws::Arn;
use crate::model::azure;
use crate::model::call::Source;
use crate::model::kind::{Facet, Kind};
use crate::model::scope::{GLOBAL, Scope};
use crate::model::seen::{Gap, Why};
use crate::model::snapshot::Snapshot;

use super::Ref;
use super::apiserver::Candidates;
use super::kleene::foremost;

type Links<'s> = HashMap<&'s str, Vec<u32>>;

pub struct World<'s> {
    snapshot: &'s Snapshot,
    /// Per kind, resources by the ids they link to; built at the first look-up.
    links: BTreeMap<Kind, OnceCell<Links<'s>>>,
    /// Per API server, the clusters that it may be; judged at the first look-up.
    api_servers: RefCell<BTreeMap<Scope, Rc<Candidates<'s>>>>,
}

/// Some resources, and the gaps behind which there may be more.
#[derive(Debug, Default)]
pub struct Listing<'s> {
    pub items: Vec<Ref<'s>>,
    pub gaps: Vec<Gap>,
}

/// What looking for one resource by its id can end in, besides finding it.
#[derive(Debug, PartialEq)]
pub enum NotFound {
    /// It is known not to exist.
    Absent,
    /// It may exist.
    Unread(Gap),
}

impl<'s> World<'s> {
    pub fn new(snapshot: &'s Snapshot) -> Self {
        let links = Kind::ALL.iter().map(|kind| (*kind, OnceCell::new())).collect();
        Self { snapshot, links, api_servers: RefCell::default() }
    }

    /// The clusters that an API server may be, judged once.
    pub(super) fn api_server(
        &self,
        kubernetes: &Scope,
        judge: impl FnOnce() -> Candidates<'s>,
    ) -> Rc<Candidates<'s>> {
        if let Some(known) = self.api_servers.borrow().get(kubernetes) {
            return Rc::clone(known);
        }
        let judged = Rc::new(judge());
        self.api_servers.borrow_mut().insert(kubernetes.clone(), Rc::clone(&judged));
        judged
    }

    pub fn snapshot(&self) -> &'s Snapshot {
        self.snapshot
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.snapshot.header.captured_at
    }

    /// Whether the env scans this account.
    pub fn scans(&self, account: &str) -> bool {
        let header = &self.snapshot.header;
        let accounts = header.accounts.values().chain(header.subscriptions.values());
        accounts.chain(&header.cluster).any(|known| known == account)
    }

    /// Every account and region of AWS that the env scans.
    pub fn places(&self) -> Vec<Scope> {
        let header = &self.snapshot.header;
        let accounts: BTreeSet<_> = header.accounts.values().collect();
        let regions = header.regions.iter();
        regions.flat_map(|region| accounts.iter().map(|account| Scope::aws(account, region))).collect()
    }

    /// Every subscription of Azure that the env scans.
    pub fn subscriptions(&self) -> Vec<Scope> {
        let subscriptions: BTreeSet<_> = self.snapshot.header.subscriptions.values().collect();
        subscriptions.into_iter().map(|subscription| Scope::azure(subscription)).collect()
    }

    /// The resource if it was read, whatever else is known.
    pub fn get(&self, kind: Kind, id: &str) -> Option<Ref<'s>> {
        self.snapshot.find(kind, id)
    }

    /// The resource of this kind and id. `near` is the scope that the reference was read in; an id that names its own
    /// account and region (an ARN) goes by those.
    pub fn find(&self, kind: Kind, id: &str, near: &Scope) -> Result<Ref<'s>, NotFound> {
        if let Some(found) = self.get(kind, id) {
            return Ok(found);
        }
        let meta = kind.meta();
        let scope = scope_of(kind, id, near);
        if !self.scans(&scope.account) {
            let call = meta.primary();
            return Err(NotFound::Unread(Gap {
                why: Why::Skipped,
                detail: format!("{} {} is not scanned in this env", scope.provider.account(), scope.account),
                ..Gap::unread(call, &scope, id)
            }));
        }
        let told = match (meta.by_id(), meta.listed()) {
            (Some(source), _) => self.snapshot.complete(source, &scope, id),
            (None, Some(source)) => self.snapshot.complete(source, &scope, ""),
            (None, None) => Err(Gap::unread(meta.primary(), &scope, id)),
        };
        Err(told.map_or_else(NotFound::Unread, |()| NotFound::Absent))
    }

    /// All resources of a kind in a scope. Kinds that are listed per parent: those of every parent in that scope.
    pub fn list(&self, kind: Kind, scope: &Scope) -> Listing<'s> {
        let scope = if kind.meta().global { scope.global() } else { scope.clone() };
        let mut listing = Listing::default();
        let all = self.snapshot.of_kind(kind).iter();
        listing.items.extend(all.filter(|resource| scope.holds(&resource.scope)));
        listing.gaps = self.list_gaps(kind, &scope);
        listing
    }

    /// Why there may be more resources of a kind in a scope than were read.
    fn list_gaps(&self, kind: Kind, scope: &Scope) -> Vec<Gap> {
        let meta = kind.meta();
        if let Some(source) = meta.listed() {
            return self.snapshot.complete(source, scope, "").err().into_iter().collect();
        }
        let Some((parent, source)) = meta.within() else {
            let call = meta.by_id().map_or("", Source::primary);
            return vec![Gap {
                detail: "read by id alone, never listed".into(),
                ..Gap::unread(call, scope, "")
            }];
        };
        let parents = self.list(parent, scope);
        let children =
            parents.items.iter().filter_map(|parent| self.snapshot.complete(source, scope, &parent.id).err());
        parents.gaps.into_iter().chain(children).collect()
    }

    /// Why a subscription of Azure that the env scans may hold more of a kind than was read.
    pub fn unlisted_in_azure(&self, kind: Kind) -> Option<Gap> {
        let subscriptions = self.subscriptions().into_iter();
        foremost(subscriptions.flat_map(|subscription| self.list_gaps(kind, &subscription)).collect())
    }

    /// The resources of `kind` that are listed per parent, of this parent.
    pub fn children(&self, kind: Kind, parent: Ref<'s>) -> Listing<'s> {
        let Some((_, source)) = kind.meta().within() else {
            debug_assert!(false, "{kind} is not listed per parent");
            return Listing::default();
        };
        Listing {
            items: self.linked(kind, &parent.id),
            gaps: self.snapshot.complete(source, &parent.scope, &parent.id).err().into_iter().collect(),
        }
    }

    /// The resources of `kind` that were read and link to `id`; whether there are more is not said.
    pub fn linked(&self, kind: Kind, id: &str) -> Vec<Ref<'s>> {
        let all = self.snapshot.of_kind(kind);
        let index = self.links[&kind].get_or_init(|| {
            let mut index = Links::new();
            for (at, resource) in all.iter().enumerate() {
                let at = u32::try_from(at).expect("fewer resources than 2^32");
                for link in resource.links() {
                    let entry = index.entry(link).or_default();
                    if entry.last() != Some(&at) {
                        entry.push(at);
                    }
                }
            }
            index
        });
        index.get(id).into_iter().flatten().map(|at| &all[*at as usize]).collect()
    }

    /// Those of `kind` in `scope` that link to `id`, and why there may be more. For kinds listed over a whole scope.
    pub fn linked_in(&self, kind: Kind, id: &str, scope: &Scope) -> Listing<'s> {
        Listing { items: self.linked(kind, id), gaps: self.list_gaps(kind, scope) }
    }

    /// The facts of a resource that was found as `T`'s kind.
    pub fn facts<T: Facet>(resource: Ref<'s>) -> &'s T {
        resource.as_kind::<T>().expect("look-ups are by kind")
    }

    /// Whose tags say where a resource belongs: its own, or its nearest owner's that has tags of its own. An owner is of
    /// the kind that its own are listed under, so that the way ends whatever ids the facts hold.
    pub fn tagged_as(&self, resource: Ref<'s>) -> Result<Ref<'s>, Gap> {
        let mut at = resource;
        while let (Some(owner), Some((kind, _))) = (at.owner(), at.kind().meta().within()) {
            at = self.get(kind, owner).ok_or_else(|| {
                let call = kind.meta().primary();
                Gap::unread(call, &at.scope, owner)
            })?;
        }
        Ok(at)
    }
}

/// Where a resource of this kind and id lives.
pub fn scope_of(kind: Kind, id: &str, near: &Scope) -> Scope {
    let mut scope = near.clone();
    if let Some(arn) = Arn::parse(id) {
        if !arn.account.is_empty() && arn.account != "aws" {
            arn.account.clone_into(&mut scope.account);
        }
        if !arn.region.is_empty() {
            arn.region.clone_into(&mut scope.region);
        }
    }
    if let Some(subscription) = azure::subscription(id) {
        return Scope::azure(subscription);
    }
    if kind.meta().global {
        GLOBAL.clone_into(&mut scope.region);
    }
    scope
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_subscription_holds_is_unread() {
        let (own, strange) = ("11111111-1111-1111-1111-111111111111", "99999999-9999-9999-9999-999999999999");
        let mut snapshot = Snapshot::empty();
        snapshot.header.subscriptions.insert(String::new(), own.to_owned());
        let world = World::new(&snapshot);
        let near = Scope::azure(own).in_region("westeurope");
        let registry = |subscription| {
            format!(
                "/subscriptions/{subscription}/resourcegroups/core/providers/microsoft.containerregistry/registries/r"
            )
        };
        let find = |subscription| match world.find(Kind::ContainerRegistry, &registry(subscription), &near) {
            Err(NotFound::Unread(gap)) => gap,
            found => panic!("{found:?}"),
        };
        let theirs = find(strange);
        assert_eq!(
            (theirs.why, theirs.detail),
            (Why::Skipped, format!("subscription {strange} is not scanned in this env"))
        );
        assert_eq!(theirs.scope, Scope::azure(strange), "asked over all its locations");
        assert_eq!(find(own), Gap::unread("azure:ListRegistries", &Scope::azure(own), ""));
    }

    #[test]
    fn an_arn_says_where_it_lives() {
        let near = Scope::aws("111111111111", "us-west-1");
        let role = scope_of(Kind::IamRole, "arn:aws:iam::999999999999:role/x", &near);
        assert_eq!(role, Scope::aws("999999999999", GLOBAL));
        let policy = scope_of(Kind::IamPolicy, "arn:aws:iam::aws:policy/AdministratorAccess", &near);
        assert_eq!(policy, Scope::aws("111111111111", GLOBAL));
        assert_eq!(scope_of(Kind::Subnet, "subnet-1", &near), near);
    }
}
