//! Binding: which live resources each box of the drawing is.

use std::collections::{BTreeMap, BTreeSet};

use super::Case;
use super::subjects::edge_value;
use crate::design::expr::{Expr, Inputs};
use crate::design::{Edge as Arrow, Node};
use crate::model::aws::Arn;
use crate::model::azure;
use crate::model::kind::Kind;
use crate::model::scope::Scope;
use crate::model::seen::Gap;
use crate::rules::world::scope_of;
use crate::rules::{End, Ref};

/// What a node binds, as far as is known.
#[derive(Default)]
pub struct Binding<'s> {
    pub yes: Vec<Ref<'s>>,
    /// Could not be decided, with the gaps that kept it from being.
    pub maybe: Vec<(Ref<'s>, Vec<Gap>)>,
    /// Each may hide further members.
    pub gaps: Vec<Gap>,
    pub near_misses: Vec<NearMiss<'s>>,
    /// Bound by an arrow: whether something is a member can't be told from itself.
    pub via: bool,
    /// The only places its members can live in, where the node is looked for in accounts that the env names.
    places: Vec<Scope>,
    members: BTreeMap<(Kind, &'s str), bool>,
    conditions: Vec<String>,
    /// Resources with the set of conditions that rejected them, as bits; the closest are kept.
    rejected: Vec<(Ref<'s>, u64)>,
}

/// A resource that was rejected, and the conditions that rejected it.
pub struct NearMiss<'s> {
    pub resource: Ref<'s>,
    pub rejected_by: Vec<String>,
}

pub type Bindings<'s> = BTreeMap<String, Binding<'s>>;

/// Whether something is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member {
    Yes,
    Maybe,
    No,
}

/// How many near misses are kept, those closest first.
const NEAR_MISSES: usize = 5;

impl<'s> Binding<'s> {
    /// Nothing more can belong to it, and everything in it does.
    pub fn closed(&self) -> bool {
        self.maybe.is_empty() && self.gaps.is_empty()
    }

    pub(super) fn member(&self, end: &End<'s>, kinds: &[Kind]) -> Member {
        match end {
            End::Resource(resource) => match self.members.get(&(resource.kind(), resource.id.as_str())) {
                Some(true) => Member::Yes,
                Some(false) => Member::Maybe,
                None if self.via && !self.gaps.is_empty() && kinds.contains(&resource.kind()) => {
                    Member::Maybe
                }
                None => Member::No,
            },
            End::Unread { kind, id, .. } if kinds.contains(kind) && !self.elsewhere(*kind, id) => {
                Member::Maybe
            }
            End::Unread { .. } | End::Outside(_) => Member::No,
        }
    }

    /// Whether an id tells by itself that nothing of the node's is called so: an ARN of another account or region, or
    /// an id of another subscription.
    fn elsewhere(&self, kind: Kind, id: &str) -> bool {
        let Some(near) = self.places.first() else { return false };
        let told = scope_of(kind, id, near);
        let here = |place: &Scope| {
            if kind.meta().global { told.holds(&place.global()) } else { told.holds(place) }
        };
        let placed =
            Arn::parse(id).is_some_and(|arn| !arn.account.is_empty()) || azure::subscription(id).is_some();
        placed && !self.places.iter().any(here)
    }

    /// Kept short while it grows: an account may hold a million of them.
    fn reject(&mut self, resource: Ref<'s>, conditions: u64) {
        self.rejected.push((resource, conditions));
        if self.rejected.len() > 64 * NEAR_MISSES {
            self.rejected.sort_by_key(|(_, conditions)| conditions.count_ones());
            self.rejected.truncate(NEAR_MISSES);
        }
    }

    /// All gaps that keep the membership open.
    pub fn open_because(&self) -> BTreeSet<&Gap> {
        self.gaps.iter().chain(self.maybe.iter().flat_map(|(_, gaps)| gaps)).collect()
    }

    fn finish(mut self) -> Self {
        let by_id = |a: &Ref<'_>, b: &Ref<'_>| (a.kind(), &a.id).cmp(&(b.kind(), &b.id));
        self.yes.sort_by(by_id);
        self.yes.dedup_by(|a, b| std::ptr::eq(*a, *b));
        self.maybe.sort_by(|a, b| by_id(&a.0, &b.0));
        self.maybe.dedup_by(|a, b| std::ptr::eq(a.0, b.0));
        self.members = self.maybe.iter().map(|(r, _)| ((r.kind(), r.id.as_str()), false)).collect();
        self.members.extend(self.yes.iter().map(|r| ((r.kind(), r.id.as_str()), true)));
        let members = &self.members;
        self.maybe.retain(|(r, _)| members.get(&(r.kind(), r.id.as_str())) == Some(&false));
        self.gaps.sort();
        self.gaps.dedup();
        self.rejected.sort_by_key(|(r, conditions)| (conditions.count_ones(), r.kind(), r.id.as_str()));
        self.rejected.truncate(NEAR_MISSES);
        let name = |bits: u64| {
            let conditions = self.conditions.iter().enumerate();
            conditions
                .filter(|(at, _)| bits & (1 << at.min(&63)) != 0)
                .map(|(_, condition)| condition.clone())
                .collect()
        };
        let misses =
            self.rejected.drain(..).map(|(resource, bits)| NearMiss { resource, rejected_by: name(bits) });
        self.near_misses = misses.collect();
        self
    }
}

/// Binds every node that is asked for, those bound by an arrow after the arrow's other end.
pub(super) fn bindings<'s>(case: &Case<'_, 's>) -> Bindings<'s> {
    let design = case.question.design;
    let mut bound = Bindings::new();
    let mut open: Vec<&Node> = design.nodes.iter().collect();
    while !open.is_empty() {
        let before = open.len();
        open.retain(|node| {
            let ready = waits_for(case, node).all(|other| bound.contains_key(other));
            if ready {
                bound.insert(node.id.clone(), bind(case, node, &bound));
            }
            !ready
        });
        if open.len() == before {
            debug_assert!(false, "the loader refuses cycles of `via` and `within`");
            break;
        }
    }
    bound
}

/// What a node binds that is bound by nothing else.
pub(super) fn plainly<'s>(case: &Case<'_, 's>, node: &Node) -> Binding<'s> {
    bind(case, node, &Bindings::new())
}

/// The nodes that must be bound before this one.
fn waits_for<'a>(case: &Case<'a, '_>, node: &'a Node) -> impl Iterator<Item = &'a str> {
    let arrow = node.via.as_deref().and_then(|via| case.question.design.edge(via));
    let other = arrow.map(|arrow| if arrow.to == node.id { arrow.from.as_str() } else { arrow.to.as_str() });
    other.into_iter().chain(node.within.as_deref())
}

fn bind<'s>(case: &Case<'_, 's>, node: &Node, bound: &Bindings<'s>) -> Binding<'s> {
    if !case.asks(node.requirement.basis) || !case.applies(node.requirement.when.as_ref()) {
        return Binding::default();
    }
    let arrow = node.via.as_deref().and_then(|via| case.question.design.edge(via));
    let binding = match arrow {
        Some(arrow) if arrow.to == node.id => along(case, node, arrow, &bound[&arrow.from]),
        Some(arrow) => against(case, node, arrow, &bound[&arrow.to]),
        None => {
            let mut binding = Binding::default();
            candidates(case, node, bound, &mut binding);
            binding
        }
    };
    binding.finish()
}

/// Everything of the node's kinds where it is looked for, judged by filter and select.
fn candidates<'s>(case: &Case<'_, 's>, node: &Node, bound: &Bindings<'s>, binding: &mut Binding<'s>) {
    let filter = case.question.design.scopes.get(&node.scope).and_then(|scope| scope.filter.as_ref());
    let conditions: Vec<Expr> =
        filter.into_iter().chain(node.select.as_ref()).flat_map(Expr::conjuncts).collect();
    binding.conditions = conditions.iter().map(|condition| condition.source().to_owned()).collect();
    if let Some(parents) = node.within.as_ref().and_then(|within| bound.get(within)) {
        binding.gaps.extend(parents.gaps.iter().cloned());
        for parent in &parents.yes {
            for kind in &node.kinds {
                let children = case.world.children(*kind, parent);
                case.want(&children.gaps);
                binding.gaps.extend(children.gaps);
                children.items.into_iter().for_each(|child| consider(case, child, &conditions, binding));
            }
        }
        // What a parent holds that may not belong, may not belong either.
        for (parent, gaps) in &parents.maybe {
            for kind in &node.kinds {
                let children = case.world.children(*kind, parent);
                binding.gaps.extend(children.gaps);
                binding.maybe.extend(children.items.into_iter().map(|child| (child, gaps.clone())));
            }
        }
        return;
    }
    let places = case.places(node);
    if case.names_account(&node.scope) {
        binding.places.clone_from(&places);
    }
    for place in places {
        for kind in &node.kinds {
            let listing = case.world.list(*kind, &place);
            case.want(&listing.gaps);
            binding.gaps.extend(listing.gaps);
            listing.items.into_iter().for_each(|item| consider(case, item, &conditions, binding));
        }
    }
}

/// Files a resource under yes, maybe or near misses. `conditions` are conjuncts, all of which must hold.
fn consider<'s>(case: &Case<'_, 's>, resource: Ref<'s>, conditions: &[Expr], binding: &mut Binding<'s>) {
    let view = case.view(resource, &conditions.iter().collect::<Vec<_>>());
    let inputs = Inputs { r: Some(&view.prepared), ..Inputs::default() };
    let mut rejecting = 0_u64;
    let mut undecided = Vec::new();
    for (at, condition) in conditions.iter().enumerate() {
        match case.decide(condition, inputs) {
            Ok(true) => {}
            Ok(false) => rejecting |= 1 << at.min(63),
            Err(_) => undecided.push(condition),
        }
    }
    if rejecting != 0 {
        binding.reject(resource, rejecting);
    } else if undecided.is_empty() {
        binding.yes.push(resource);
    } else {
        let gaps: Vec<Gap> = undecided.into_iter().flat_map(|condition| view.gaps(condition)).collect();
        case.want(&gaps);
        binding.maybe.push((resource, gaps));
    }
}

/// Whether an edge counts for the arrow; `None`: can't be told.
pub(super) fn counts(case: &Case<'_, '_>, arrow: &Arrow, edge: &crate::rules::Edge<'_>) -> Option<bool> {
    let Some(filter) = &arrow.filter else { return Some(true) };
    let e = edge_value(edge);
    case.decide(filter, Inputs { e: Some(&e), ..Inputs::default() }).ok()
}

/// The gaps among the attributes that an arrow's expressions read.
pub(super) fn attribute_gaps(arrow: &Arrow, edge: &crate::rules::Edge<'_>) -> Vec<Gap> {
    let exprs = arrow.filter.iter().chain(&arrow.that);
    let read: BTreeSet<&String> = exprs.flat_map(|expr| &expr.reads().attributes).collect();
    let attributes = edge.attributes.iter().filter(|(name, _)| read.contains(&(*name).to_owned()));
    attributes.filter_map(|(_, value)| value.as_ref().err().cloned()).collect()
}

/// Follows an arrow from its bound end to the node.
fn along<'s>(case: &Case<'_, 's>, node: &Node, arrow: &Arrow, from: &Binding<'s>) -> Binding<'s> {
    let mut binding = Binding { via: true, gaps: from.gaps.clone(), ..Binding::default() };
    let certain = from.yes.iter().map(|r| (*r, None));
    let uncertain = from.maybe.iter().map(|(r, gaps)| (*r, Some(gaps)));
    for (resource, doubt) in certain.chain(uncertain) {
        let edges = case.edges(arrow.relation, resource, &node.kinds);
        let mut met: Vec<Gap> = edges.open_to(&node.kinds).cloned().collect();
        for edge in &edges.found {
            let counted = counts(case, arrow, edge);
            if counted == Some(false) {
                continue;
            }
            let mut gaps = if counted.is_none() { attribute_gaps(arrow, edge) } else { Vec::new() };
            gaps.extend(doubt.into_iter().flatten().cloned());
            met.extend(gaps.iter().cloned());
            match &edge.to {
                End::Resource(end) if !node.kinds.contains(&end.kind()) => {}
                End::Resource(end) => match (selected(case, node, end), counted.is_some() && doubt.is_none())
                {
                    (Ok(true), true) => binding.yes.push(*end),
                    (Ok(true), false) => binding.maybe.push((*end, gaps)),
                    (Ok(false), _) => {}
                    (Err(more), _) => {
                        met.extend(more.iter().cloned());
                        binding.maybe.push((*end, gaps.into_iter().chain(more).collect()));
                    }
                },
                End::Unread { kind, gap, .. } if node.kinds.contains(kind) => {
                    met.push(gap.clone());
                    binding.gaps.push(gap.clone());
                }
                End::Unread { .. } | End::Outside(_) => {}
            }
        }
        binding.gaps.extend(edges.open_to(&node.kinds).cloned());
        if doubt.is_none() {
            case.want(&met);
        }
    }
    binding
}

/// Finds the resources of the node's kinds from which the arrow leads to its bound end.
fn against<'s>(case: &Case<'_, 's>, node: &Node, arrow: &Arrow, to: &Binding<'s>) -> Binding<'s> {
    let mut all = Binding::default();
    candidates(case, node, &Bindings::new(), &mut all);
    let mut binding = Binding {
        via: true,
        gaps: all.gaps,
        conditions: all.conditions,
        rejected: all.rejected,
        ..Binding::default()
    };
    let ends = &case.question.design.node(&arrow.to).map_or(&[][..], |node| &node.kinds);
    let certain = all.yes.into_iter().map(|r| (r, Vec::new()));
    for (resource, mut gaps) in certain.chain(all.maybe) {
        let doubt = !gaps.is_empty();
        let edges = case.edges(arrow.relation, resource, ends);
        let mut best = if edges.open_to(ends).next().is_none() { Member::No } else { Member::Maybe };
        gaps.extend(edges.open_to(ends).cloned());
        for edge in &edges.found {
            match (counts(case, arrow, edge), to.member(&edge.to, ends)) {
                (Some(true), Member::Yes) => best = Member::Yes,
                (Some(false), _) | (_, Member::No) => {}
                (counted, _) => {
                    best = if best == Member::Yes { best } else { Member::Maybe };
                    gaps.extend(counted.is_none().then(|| attribute_gaps(arrow, edge)).into_iter().flatten());
                }
            }
        }
        match best {
            Member::Yes if !doubt => binding.yes.push(resource),
            Member::No => {}
            _ => {
                case.want(&gaps);
                binding.maybe.push((resource, gaps));
            }
        }
    }
    binding
}

/// The node's own `select`, for a resource that an arrow led to. The scope's filter is not asked: the arrow says what
/// belongs.
fn selected<'s>(case: &Case<'_, 's>, node: &Node, resource: Ref<'s>) -> Result<bool, Vec<Gap>> {
    let Some(select) = &node.select else { return Ok(true) };
    let view = case.view(resource, &[select]);
    let inputs = Inputs { r: Some(&view.prepared), ..Inputs::default() };
    case.decide(select, inputs).map_err(|_| view.gaps(select))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_subscription_is_no_member_and_locations_are_not_told_by_it() {
        let main = "11111111-1111-1111-1111-111111111111";
        let member = |subscription: &str, place: Scope| {
            let id = format!("/subscriptions/{subscription}/resourcegroups/core");
            let binding = Binding { places: vec![place], ..Binding::default() };
            let gap = Gap::unread("azure:ListResourceGroups", &Scope::azure(subscription), "");
            binding.member(&End::Unread { kind: Kind::ResourceGroup, id, gap }, &[Kind::ResourceGroup])
        };
        let strange = "22222222-2222-2222-2222-222222222222";
        for place in [Scope::azure(main), Scope::azure(main).in_region("westeurope")] {
            assert_eq!(member(main, place.clone()), Member::Maybe);
            assert_eq!(member(strange, place), Member::No);
        }
    }

    #[test]
    fn an_arn_of_another_account_is_no_member_wherever_members_must_live() {
        let member = |places: &[Scope], kind: Kind, id: &str| {
            let binding = Binding { places: places.to_vec(), ..Binding::default() };
            let gap = Gap::unread("ecr:DescribeRepositories", &Scope::aws("222222222222", "us-west-1"), "");
            binding.member(&End::Unread { kind, id: id.to_owned(), gap }, &[kind])
        };
        let common = Scope::aws("999999999999", "us-west-1");
        let repository = |account: &str| format!("arn:aws:ecr:us-west-1:{account}:repository/app");
        let strange = repository("222222222222");
        assert_eq!(member(std::slice::from_ref(&common), Kind::EcrRepository, &strange), Member::No);
        assert_eq!(member(&[], Kind::EcrRepository, &strange), Member::Maybe, "it may live anywhere");
        let own = repository("999999999999");
        assert_eq!(member(std::slice::from_ref(&common), Kind::EcrRepository, &own), Member::Maybe);
        let role = "arn:aws:iam::999999999999:role/x";
        assert_eq!(
            member(std::slice::from_ref(&common), Kind::IamRole, role),
            Member::Maybe,
            "roles are global"
        );
        assert_eq!(member(&[common], Kind::LoadBalancer, "web.example.com"), Member::Maybe, "no ARN");
    }
}
