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
    sources.extend(design.edges.iter().flat_map(|arrow| arrow.relation.reads));
    sources.into_iter().flat_map(|source| source.calls).map(|call| (call.id, *call)).collect()
}

/// The calls among those that a check may rest on whose answers change by the second.
pub fn moving(design: &Design, check: &str) -> BTreeSet<&'static str> {
    let own = check.strip_prefix(&design.id).and_then(|rest| rest.strip_prefix('/')).unwrap_or(check);
    let id = own.split_once('.').map_or(own, |(_, id)| id.split('/').next().unwrap_or(id));
    let rule = design.rules.iter().find(|rule| own.strip_prefix("rule.") == Some(rule.id.as_str()));
    let id = rule.map_or(id, |rule| rule.node.as_str());
    let arrow = design.edge(id).filter(|_| own.starts_with("edge."));
    let ends = arrow.map_or_else(|| vec![id], |arrow| vec![arrow.from.as_str(), arrow.to.as_str()]);
    let mut sources: Vec<&'static Source> =
        arrow.map_or_else(Vec::new, |arrow| arrow.relation.reads.to_vec());
    for node in ends.into_iter().filter_map(|end| design.node(end)) {
        sources.extend(node.kinds.iter().flat_map(|kind| found(*kind, node.via.is_some())));
        let claims = node.asserts.iter().map(|assert| &assert.that).chain(rule.map(|rule| &rule.that));
        for claim in claims.filter(|_| arrow.is_none()) {
            sources.extend(node.kinds.iter().flat_map(|kind| told(*kind, claim)));
        }
    }
    sources.into_iter().filter(|source| source.volatile).map(Source::primary).collect()
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
    sources.extend(asked.flat_map(|relation| relation.reads));
    sources
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design;

    #[test]
    fn what_moves_is_told_by_the_checks_text_alone() {
        let designs = design::load(&design::builtin()).unwrap_or_else(|wrong| panic!("{wrong}")).designs;
        let eks = &designs["aws-eks-rest-api"];
        let of = |check: &str| moving(eks, &format!("aws-eks-rest-api/{check}"));
        assert!(of("edge.service-deployment").contains("k8s:ListEndpointSlices"), "no edge, no evidence");
        assert!(of("node.deployment/available").contains("k8s:ListDeployments"));
        assert_eq!(
            of("node.cluster/active"),
            BTreeSet::new(),
            "a cluster's status does not move by the second"
        );
    }
}
