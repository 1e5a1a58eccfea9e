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
            select.insert(node.id.clone(), naming(&likely, &everything(case, node)));
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

/// How keys of tags start that people did not choose.
const MADE_BY_CLOUDS: [&str; 5] = ["aws:", "hidden-", "aks-managed-", "k8s-azure-", "ms-resource-usage"];

/// The tag that most of these nodes' kinds carry, in at most as many resources as their counts allow for.
fn common_tag(case: &Case<'_, '_>, nodes: &[&Node]) -> Option<(String, String)> {
    let mut carriers: BTreeMap<(String, String), BTreeSet<Kind>> = BTreeMap::new();
    for node in nodes {
        for resource in everything(case, node) {
            for (key, value) in tags(case, resource) {
                if key != "Name" && !MADE_BY_CLOUDS.iter().any(|start| key.starts_with(start)) {
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

/// A condition that names them, by their ids where others go by the same names: in another resource group, as every
/// network's subnet called `default`. Names are data of the account: quoted as CEL wants it.
fn naming(resources: &[Ref<'_>], among: &[Ref<'_>]) -> String {
    let all = |member: fn(&Ref<'_>) -> String| resources.iter().map(member).collect::<BTreeSet<String>>();
    let (names, ids) = (all(|r| r.name.clone()), all(|r| r.id.clone()));
    let others = among.iter().filter(|other| !ids.contains(&other.id));
    let (member, told) = if others.into_iter().any(|other| names.contains(&other.name)) {
        ("id", ids)
    } else {
        ("name", names)
    };
    let quoted: Vec<String> =
        told.into_iter().map(|text| serde_json::Value::from(text).to_string()).collect();
    match &quoted[..] {
        [one] => format!("r.{member} == {one}"),
        _ => format!("r.{member} in [{}]", quoted.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::{Value, json};

    use super::*;
    use crate::design::{builtin, load};
    use crate::engine::Question;
    use crate::model::azure::containers::{AksCluster, CLUSTERS};
    use crate::model::kind::{Head, Resource};
    use crate::model::run::Basis;
    use crate::model::scope::Scope;
    use crate::model::snapshot::{Entry, LedgerKey, Outcome, Snapshot};
    use crate::rules::World;

    const SUBSCRIPTION: &str = "11111111-1111-1111-1111-111111111111";

    /// A subscription with these clusters, by group and name, none of them tagged.
    fn subscription(clusters: &[(&str, &str)]) -> Snapshot {
        let mut snapshot = Snapshot::empty();
        snapshot.header.subscriptions.insert(String::new(), SUBSCRIPTION.to_owned());
        let scope = Scope::azure(SUBSCRIPTION);
        for call in CLUSTERS.calls {
            let key = LedgerKey { scope: scope.clone(), call: call.id.to_owned(), key: String::new() };
            let entry = Entry { outcome: Outcome::Complete, pages: 1, items: 1, detail: String::new() };
            snapshot.ledger.insert(key, entry);
        }
        for (group, name) in clusters {
            let id = id(group, name);
            let properties = Seen::unread("azure:GetManagedCluster", &scope, &id);
            let head = Head {
                id,
                name: (*name).to_owned(),
                scope: scope.in_region("westeurope"),
                tags: Seen::Known(BTreeMap::new()),
                read_at: DateTime::UNIX_EPOCH,
            };
            let facts = AksCluster { group: (*group).to_owned(), properties };
            snapshot.resources.push(Resource::new(head, facts));
        }
        snapshot
    }

    fn id(group: &str, name: &str) -> String {
        let kind = "providers/microsoft.containerservice/managedclusters";
        format!("/subscriptions/{SUBSCRIPTION}/resourcegroups/{group}/{kind}/{}", name.to_lowercase())
    }

    /// What is proposed for the cluster's node, where the env names another group.
    fn proposed(clusters: &[(&str, &str)]) -> Option<String> {
        let designs = load(&builtin()).unwrap_or_else(|wrong| panic!("{wrong}")).designs;
        let design = &designs["azure-aks-rest-api"];
        let defaults = design.params.iter();
        let mut params: BTreeMap<String, Value> =
            defaults.filter_map(|(name, param)| Some((name.clone(), param.default.clone()?))).collect();
        params.insert("hosts".into(), json!(["api.example.com"]));
        params.insert("core_group".into(), json!("elsewhere"));
        params.insert("api_group".into(), json!("nowhere"));
        let level = Basis::Documented;
        let question = Question { design, env: "dev", params, select_overrides: BTreeMap::new(), level };
        let snapshot = subscription(clusters);
        let world = World::new(&snapshot);
        let case = Case::new(&question, &world);
        let suggestions = suggest(&case, &case.bindings());
        assert_eq!(suggestions.tag, None, "nothing is tagged");
        suggestions.select.get("cluster").cloned()
    }

    #[test]
    fn what_has_no_tags_is_proposed_by_name() {
        assert_eq!(proposed(&[("core", "Shop")]), Some("r.name == \"Shop\"".into()));
        assert_eq!(proposed(&[("core", "Shop"), ("lab", "Trial")]), None, "nothing tells which is meant");
        assert_eq!(proposed(&[]), None);
    }

    #[test]
    fn where_a_name_is_not_enough_it_is_the_id() {
        let snapshot = subscription(&[("core", "shop"), ("lab", "shop"), ("lab", "trial")]);
        let all: Vec<Ref<'_>> = snapshot.resources.iter().collect();
        assert_eq!(naming(&all[..1], &all), format!("r.id == {:?}", id("core", "shop")));
        assert_eq!(naming(&all[2..], &all), "r.name == \"trial\"");
        assert_eq!(naming(&all[..2], &all), "r.name == \"shop\"", "both are meant");
    }
}
