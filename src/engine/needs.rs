//! What a design may have to ask, told from its text: the permissions it needs. What a scan really asks is decided
//! while it judges, and is never more than this.

use std::collections::{BTreeMap, BTreeSet};

use crate::design::Design;
use crate::design::expr::Expr;
use crate::model::call::{Call, Source};
use crate::model::kind::{Found, Kind};
use crate::model::relation::{DERIVED, RELATIONS};

/// Every call that a design's verdicts, of every level, may rest on, by id.
pub fn calls(design: &Design) -> BTreeMap<&'static str, &'static Call> {
    let mut sources: Vec<&'static Source> = Vec::new();
    for node in &design.nodes {
        let filter = design.scopes.get(&node.scope).and_then(|scope| scope.filter.as_ref());
        let filter = filter.filter(|_| node.via.is_none());
        let asserts = node.asserts.iter().map(|assert| &assert.that);
        let rules = design.rules.iter().filter(|rule| rule.node == node.id);
        let rules = rules.flat_map(|rule| std::iter::once(&rule.that).chain(&rule.message));
        let exprs: Vec<&Expr> = filter.into_iter().chain(&node.select).chain(asserts).chain(rules).collect();
        for kind in &node.kinds {
            sources.extend(found(*kind, node.via.is_some()));
            sources.extend(exprs.iter().flat_map(|expr| told(*kind, expr)));
        }
    }
    for arrow in &design.edges {
        let from = design.node(&arrow.from).map_or(&[][..], |node| &node.kinds);
        sources.extend(arrow.relation.reads_of(from));
    }
    sources.into_iter().flat_map(|source| source.calls).map(|call| (call.id, *call)).collect()
}

/// How resources of a kind are come by: their own listing, and those of the parents they are listed under.
fn found(kind: Kind, by_arrow: bool) -> Vec<&'static Source> {
    let meta = kind.meta();
    let mut sources = Vec::new();
    for found in meta.found {
        match found {
            Found::Listed(source) => sources.push(*source),
            Found::Within(parent, source) => {
                sources.push(source);
                sources.extend(self::found(*parent, false));
            }
            Found::ById(source) if by_arrow => sources.push(source),
            Found::ById(_) => {}
        }
    }
    sources
}

/// What the members that an expression reads of a kind take.
fn told(kind: Kind, expr: &Expr) -> Vec<&'static Source> {
    let reads = expr.reads();
    let fields: BTreeSet<&String> = reads.fields.iter().chain(reads.bound.iter().flatten()).collect();
    let mut sources = Vec::new();
    for field in fields {
        sources.extend(kind.meta().detail(field));
        let derived = DERIVED.iter().filter(|derived| derived.kind == kind && derived.name == field);
        sources.extend(derived.flat_map(|derived| derived.reads));
    }
    let asked = RELATIONS.iter().filter(|relation| reads.out.contains(relation.name));
    sources.extend(asked.flat_map(|relation| relation.reads_of(&[kind])));
    sources
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::{builtin, load};
    use crate::model::scope::Provider;

    fn asked(design: &str) -> BTreeMap<&'static str, &'static Call> {
        let library = load(&builtin()).expect("the shipped designs are sound");
        calls(&library.designs[design])
    }

    #[test]
    fn a_relation_asks_what_its_beginning_takes_and_nothing_else() {
        let ecs = asked("aws-ecs-fargate");
        assert!(ecs.contains_key("ecs:DescribeClusters"), "its services run in one");
        let of_clusters = |call: &&Call| {
            call.provider() == Provider::Kubernetes
                || call.id.starts_with("eks:")
                || call.id == "ec2:DescribeInstances"
        };
        let strange: Vec<_> = ecs.into_values().filter(of_clusters).map(|call| call.id).collect();
        assert!(strange.is_empty(), "no arrow starts in Kubernetes: {strange:?}");
        let eks = asked("aws-eks-rest-api");
        assert!(eks.contains_key("eks:DescribeNodegroup") && eks.contains_key("k8s:ListNodes"));
        let strange: Vec<_> = eks.keys().filter(|call| call.starts_with("ecs:")).collect();
        assert!(strange.is_empty(), "no arrow starts in ECS: {strange:?}");
    }
}
