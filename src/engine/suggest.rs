//! What an env could say so that its nodes bind: the tag that tells it apart, and a `select` for a node that finds
//! nothing. Proposals, made from what the account holds; judging never uses them.

use std::collections::{BTreeMap, BTreeSet};

use super::Case;
use super::bind::{Bindings, counts};
use crate::design::{Count, CountEnd, Edge as Arrow, Node};
use crate::model::kind::Kind;
use crate::model::seen::Seen;
use crate::rules::{End, Ref};

/// Text for `stacks-audit.toml`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// The tag that marks the env's resources; absent where the env's own tag already does.
    pub tag: Option<TagProposal>,
    /// A `select` per node that binds nothing now.
    pub select: BTreeMap<String, String>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct TagProposal {
    /// The design's parameter that says which key is looked at.
    pub parameter: String,
    pub key: String,
    pub value: String,
}

impl Suggestions {
    pub fn is_empty(&self) -> bool {
        self.tag.is_none() && self.select.is_empty()
    }
}

pub fn suggest<'s>(case: &Case<'_, 's>, bound: &Bindings<'s>) -> Suggestions {
    let design = case.question.design;
    let lost: Vec<&Node> =
        design.nodes.iter().filter(|node| lacks(node, bound) && node.via.is_none()).collect();
    let filtered: Vec<&Node> = lost.iter().copied().filter(|node| is_filtered(case, node)).collect();
    // One box that finds nothing is a missing resource; most of them, another way to tag.
    let all_filtered =
        design.nodes.iter().filter(|node| node.via.is_none() && is_filtered(case, node)).count();
    let parameter = filtered.iter().find_map(|node| tag_parameter(case, node));
    let parameter = parameter.filter(|_| filtered.len() * 2 > all_filtered);
    let tag = parameter.as_ref().and_then(|_| common_tag(case, &filtered));
    let mut select = BTreeMap::new();
    for node in lost {
        let mine: Vec<Ref<'s>> =
            everything(case, node).into_iter().filter(|r| belongs(case, node, r, tag.as_ref())).collect();
        let fits = |r: &Ref<'s>| {
            node.select.as_ref().is_none_or(|select| {
                let view = case.view(r, &[select]);
                let inputs = crate::design::expr::Inputs { r: Some(&view.prepared), ..Default::default() };
                case.decide(select, inputs) != Ok(false)
            })
        };
        if mine.is_empty() || mine.iter().any(fits) {
            continue;
        }
        let likely = likeliest(case, node, mine, bound);
        if within(&node.count, likely.len()) {
            select.insert(node.id.clone(), by_name(&likely));
        }
    }
    let tag = parameter.zip(tag).map(|(parameter, (key, value))| TagProposal { parameter, key, value });
    Suggestions { tag, select }
}

fn lacks(node: &Node, bound: &Bindings<'_>) -> bool {
    bound.get(&node.id).is_some_and(|binding| binding.yes.is_empty() && binding.maybe.is_empty())
}

fn is_filtered(case: &Case<'_, '_>, node: &Node) -> bool {
    case.question.design.scopes.get(&node.scope).is_some_and(|scope| scope.filter.is_some())
}

/// The parameter that names the tag key, where the node's scope tells its resources apart by one.
fn tag_parameter(case: &Case<'_, '_>, node: &Node) -> Option<String> {
    let filter = case.question.design.scopes.get(&node.scope)?.filter.as_ref()?;
    let (_, rest) = filter.source().split_once("r.tag(param.")?;
    Some(rest.split_once(')')?.0.to_owned())
}

fn everything<'s>(case: &Case<'_, 's>, node: &Node) -> Vec<Ref<'s>> {
    let places = case.places(node);
    let kinds = node.kinds.iter().filter(|kind| kind.meta().by_id().is_none());
    kinds.flat_map(|kind| places.iter().flat_map(|place| case.world.list(*kind, place).items)).collect()
}

fn tags(case: &Case<'_, '_>, resource: Ref<'_>) -> Vec<(String, String)> {
    let Some(tagged) = case.world.get(resource.kind(), &resource.id) else { return Vec::new() };
    match case.world.tagged_as(tagged).map(|owner| &owner.tags) {
        Ok(Seen::Known(tags)) => tags.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        _ => Vec::new(),
    }
}

fn belongs(case: &Case<'_, '_>, node: &Node, resource: Ref<'_>, tag: Option<&(String, String)>) -> bool {
    match tag {
        Some(tag) if is_filtered(case, node) => tags(case, resource).contains(tag),
        _ => true,
    }
}

/// The tag that most of these nodes' kinds carry, in at most as many resources as their counts allow for.
fn common_tag(case: &Case<'_, '_>, nodes: &[&Node]) -> Option<(String, String)> {
    let mut carriers: BTreeMap<(String, String), BTreeSet<Kind>> = BTreeMap::new();
    for node in nodes {
        for resource in everything(case, node) {
            for (key, value) in tags(case, resource) {
                if key != "Name" && !key.starts_with("aws:") {
                    carriers.entry((key, value)).or_default().insert(resource.kind());
                }
            }
        }
    }
    // Of equally common ones, that whose value looks like the env's name, then the first by name.
    let env = case.question.env.to_lowercase();
    let rank = |(tag, kinds): &(&(String, String), &BTreeSet<Kind>)| {
        let alike = tag.1.to_lowercase().starts_with(&env) || env.starts_with(&tag.1.to_lowercase());
        (alike, kinds.len(), std::cmp::Reverse((*tag).clone()))
    };
    carriers.iter().filter(|(_, kinds)| kinds.len() > 1).max_by_key(rank).map(|(tag, _)| tag.clone())
}

/// Those that look most like the node by its arrows: a subnet that routes to an internet gateway looks like a public
/// one, and a cluster that a bound namespace runs in like the design's.
fn likeliest<'s>(
    case: &Case<'_, 's>,
    node: &Node,
    candidates: Vec<Ref<'s>>,
    bound: &Bindings<'s>,
) -> Vec<Ref<'s>> {
    let arrows = &case.question.design.edges;
    let score = |candidate| {
        let from = arrows.iter().filter(|arrow| arrow.from == node.id);
        let to = arrows.iter().filter(|arrow| arrow.to == node.id);
        let from: i64 = from.map(|arrow| likeness(case, arrow, candidate)).sum();
        from + to.map(|arrow| likeness_as_end(case, arrow, candidate, bound)).sum::<i64>()
    };
    let scored: Vec<(i64, Ref<'s>)> =
        candidates.into_iter().map(|candidate| (score(candidate), candidate)).collect();
    let best = scored.iter().map(|(score, _)| *score).max().unwrap_or(0);
    scored.into_iter().filter(|(score, _)| *score == best).map(|(_, candidate)| candidate).collect()
}

fn likeness<'s>(case: &Case<'_, 's>, arrow: &Arrow, from: Ref<'s>) -> i64 {
    let kinds = case.question.design.node(&arrow.to).map_or(&[][..], |node| &node.kinds);
    let edges = case.edges(arrow.relation, from, kinds);
    case.want(edges.open());
    let there = edges.found.iter().any(|edge| {
        counts(case, arrow, edge) == Some(true) && edge.to.kind().is_some_and(|kind| kinds.contains(&kind))
    });
    wished(arrow, there)
}

/// Whether anything that the arrow's other end binds leads here.
fn likeness_as_end<'s>(case: &Case<'_, 's>, arrow: &Arrow, to: Ref<'s>, bound: &Bindings<'s>) -> i64 {
    let from = bound.get(&arrow.from).map_or(&[][..], |binding| &binding.yes);
    let there = from.iter().any(|from| {
        let edges = case.edges(arrow.relation, from, &[to.kind()]);
        case.want(edges.open());
        edges.found.iter().any(|edge| {
            counts(case, arrow, edge) == Some(true)
                && matches!(edge.to, End::Resource(end) if (end.kind(), &end.id) == (to.kind(), &to.id))
        })
    });
    wished(arrow, there)
}

fn wished(arrow: &Arrow, there: bool) -> i64 {
    match (arrow.forbid, there) {
        (false, true) => 1,
        (true, true) => -1,
        _ => 0,
    }
}

fn within(count: &Count, found: usize) -> bool {
    let fixed = |end: &CountEnd| match end {
        CountEnd::Fixed(number) => usize::try_from(*number).ok(),
        CountEnd::Computed(_) => None,
    };
    found > 0
        && fixed(&count.least).is_none_or(|least| found >= least)
        && count.most.as_ref().and_then(fixed).is_none_or(|most| found <= most)
}

/// A condition that names them. Names are data of the account: quoted as CEL wants it.
fn by_name(resources: &[Ref<'_>]) -> String {
    let names: BTreeSet<&str> = resources.iter().map(|r| r.name.as_str()).collect();
    let quoted: Vec<String> =
        names.into_iter().map(|name| serde_json::Value::from(name).to_string()).collect();
    match &quoted[..] {
        [one] => format!("r.name == {one}"),
        _ => format!("r.name in [{}]", quoted.join(", ")),
    }
}
