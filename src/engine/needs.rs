//! What a design may have to ask, told from its text: the permissions it needs. What a scan really asks is decided
//! while it judges, and is never more than this.

use std::collections::{BTreeMap, BTreeSet};

use crate::design::expr::Expr;
use crate::design::{Assert, Design, Edge, Node, Path, Rule};
use crate::model;
use crate::model::call::{Call, Source};
use crate::model::kind::{Found, Kind};
use crate::model::relation::{DERIVED, RELATIONS};
use crate::model::scope::Provider;

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
    sources.extend(design.edges.iter().flat_map(|arrow| arrow.relation.reads_of(starts(design, arrow))));
    sources.extend(design.paths.iter().flat_map(|path| followed(design, path)));
    let drawn = providers(design);
    let calls = sources.into_iter().flat_map(|source| source.calls);
    calls.filter(|call| drawn.contains(&call.provider())).map(|call| (call.id, *call)).collect()
}

/// Something of a design that a check is about.
#[derive(Clone, Copy)]
pub enum Part<'d> {
    Node(&'d Node),
    Assert(&'d Node, &'d Assert),
    Arrow(&'d Edge),
    Path(&'d Path),
    Rule(&'d Rule),
}

/// The calls that the verdict of one check may rest on, by id.
pub fn of(design: &Design, part: Part<'_>) -> BTreeMap<&'static str, &'static Call> {
    let node = |id: &str| design.node(id).map_or_else(Vec::new, |node| binding(design, node));
    let claimed = |node: &Node, claims: &[&Expr]| -> Vec<&'static Source> {
        let kinds = node.kinds.iter();
        kinds.flat_map(|kind| claims.iter().flat_map(|claim| told(*kind, claim))).collect()
    };
    let mut sources = match part {
        Part::Node(node) | Part::Assert(node, _) => binding(design, node),
        Part::Arrow(arrow) => [node(&arrow.from), node(&arrow.to)].concat(),
        Part::Path(path) => path.nodes().flat_map(node).collect(),
        Part::Rule(rule) => node(&rule.node),
    };
    sources.extend(match part {
        Part::Node(_) => Vec::new(),
        Part::Assert(node, assert) => claimed(node, &[&assert.that]),
        Part::Arrow(arrow) => arrow.relation.reads_of(starts(design, arrow)),
        Part::Path(path) => followed(design, path),
        Part::Rule(rule) => {
            let claims: Vec<&Expr> = std::iter::once(&rule.that).chain(&rule.message).collect();
            design.node(&rule.node).map_or_else(Vec::new, |node| claimed(node, &claims))
        }
    });
    let drawn = providers(design);
    let calls = sources.into_iter().flat_map(|source| source.calls);
    calls.filter(|call| drawn.contains(&call.provider())).map(|call| (call.id, *call)).collect()
}

/// What it may take to find the resources of a node.
fn binding(design: &Design, node: &Node) -> Vec<&'static Source> {
    let filter = design.scopes.get(&node.scope).and_then(|scope| scope.filter.as_ref());
    let filter = filter.filter(|_| node.via.is_none());
    let exprs: Vec<&Expr> = filter.into_iter().chain(&node.select).collect();
    let mut sources: Vec<&'static Source> =
        node.kinds.iter().flat_map(|kind| found(*kind, node.via.is_some())).collect();
    sources.extend(node.kinds.iter().flat_map(|kind| exprs.iter().flat_map(|expr| told(*kind, expr))));
    if let Some(arrow) = node.via.as_ref().and_then(|via| design.edge(via)) {
        sources.extend(starts(design, arrow).iter().flat_map(|kind| found(*kind, false)));
        sources.extend(arrow.relation.reads_of(starts(design, arrow)));
    }
    sources
}

/// A relation reads of several providers; a design that draws nothing of one asks it nothing.
fn providers(design: &Design) -> BTreeSet<Provider> {
    design.nodes.iter().flat_map(|node| &node.kinds).map(|kind| kind.provider()).collect()
}

/// The calls among those that a check may rest on whose answers change by the second.
pub fn moving(design: &Design, check: &str) -> BTreeSet<&'static str> {
    let own = check.strip_prefix(&design.id).and_then(|rest| rest.strip_prefix('/')).unwrap_or(check);
    let id = own.split_once('.').map_or(own, |(_, id)| id.split('/').next().unwrap_or(id));
    let rule = design.rules.iter().find(|rule| own.strip_prefix("rule.") == Some(rule.id.as_str()));
    let id = rule.map_or(id, |rule| rule.node.as_str());
    let arrow = design.edge(id).filter(|_| own.starts_with("edge."));
    let path = design.path(id).filter(|_| own.starts_with("path."));
    let ends = match (arrow, path) {
        (Some(arrow), _) => vec![arrow.from.as_str(), arrow.to.as_str()],
        (None, Some(path)) => path.nodes().collect(),
        (None, None) => vec![id],
    };
    let mut sources: Vec<&'static Source> =
        arrow.map_or_else(Vec::new, |arrow| arrow.relation.reads_of(starts(design, arrow)));
    sources.extend(path.into_iter().flat_map(|path| followed(design, path)));
    for node in ends.into_iter().filter_map(|end| design.node(end)) {
        sources.extend(node.kinds.iter().flat_map(|kind| found(*kind, node.via.is_some())));
        let claims = node.asserts.iter().map(|assert| &assert.that).chain(rule.map(|rule| &rule.that));
        for claim in claims.filter(|_| arrow.is_none() && path.is_none()) {
            sources.extend(node.kinds.iter().flat_map(|kind| told(*kind, claim)));
        }
    }
    sources.into_iter().filter(|source| source.volatile).map(Source::primary).collect()
}

/// What following packets between a path's ends may take.
fn followed(design: &Design, path: &Path) -> Vec<&'static Source> {
    let ends = path.end_kinds(&design.nodes).filter_map(model::path::end);
    ends.flat_map(model::path::End::reads).collect()
}

/// The kinds that an arrow starts from.
fn starts<'d>(design: &'d Design, arrow: &Edge) -> &'d [Kind] {
    design.node(&arrow.from).map_or(&[], |node| &node.kinds)
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

    #[test]
    fn what_a_check_asks_is_of_what_its_design_asks_and_no_more() {
        let designs = load(&builtin()).unwrap_or_else(|wrong| panic!("{wrong}")).designs;
        for design in designs.values() {
            let all = calls(design);
            let nodes = design.nodes.iter().map(Part::Node);
            let asserts =
                design.nodes.iter().flat_map(|it| it.asserts.iter().map(|claim| Part::Assert(it, claim)));
            let parts = nodes.chain(asserts).chain(design.edges.iter().map(Part::Arrow));
            for part in parts.chain(design.paths.iter().map(Part::Path)) {
                let own = of(design, part);
                assert!(!own.is_empty(), "a verdict rests on something");
                assert!(own.keys().all(|call| all.contains_key(call)), "{own:?}");
            }
        }
        let ecs = &designs["aws-ecs-fargate"];
        let nat: Vec<&str> = of(ecs, Part::Node(ecs.node("nat").expect("drawn"))).into_keys().collect();
        assert_eq!(nat, ["ec2:DescribeNatGateways"]);
    }

    #[test]
    fn what_moves_is_told_by_the_checks_text_alone() {
        let designs = load(&builtin()).unwrap_or_else(|wrong| panic!("{wrong}")).designs;
        let eks = &designs["aws-eks-rest-api"];
        let of = |check: &str| moving(eks, &format!("aws-eks-rest-api/{check}"));
        assert!(of("edge.service-deployment").contains("k8s:ListEndpointSlices"), "no edge, no evidence");
        assert!(of("node.deployment/available").contains("k8s:ListDeployments"));
        assert!(
            of("path.ingress").contains("elasticloadbalancing:DescribeTargetHealth"),
            "by its ends' kinds"
        );
        assert_eq!(
            of("node.cluster/active"),
            BTreeSet::new(),
            "a cluster's status does not move by the second"
        );
    }
}
