//! What only shows once the whole drawing is read: how nodes are bound, and that their checks can fail.

use std::collections::{BTreeMap, BTreeSet};

use super::table::Text;
use super::{Design, Node};
use crate::model::kind::Kind;

/// What Kubernetes can run in.
const RUN_KUBERNETES: [Kind; 2] = [Kind::EksCluster, Kind::AksCluster];

/// Where a node is named, and where its `via` and `within` are.
pub(super) struct Place<'a> {
    pub id: Text<'a>,
    pub via: Option<Text<'a>>,
    pub within: Option<Text<'a>>,
}

/// Looks at every node's way of being bound.
pub(super) fn binding(design: &Design, places: &BTreeMap<String, Place<'_>>) {
    for node in &design.nodes {
        let Some(Place { id, via, within }) = places.get(&node.id) else { continue };
        if let Some(within) = within {
            held_by(design, node, within, via.is_some());
        }
        match via {
            Some(via) => bound_by(design, node, via),
            None => {
                for kind in &node.kinds {
                    let meta = kind.meta();
                    if meta.listed().is_none() && meta.within().is_none() {
                        let help = "bind it by an arrow that leads to it: `via = \"…\"`".to_owned();
                        id.fault(format!("{kind} is never listed"), Some(help));
                    }
                }
            }
        }
    }
}

fn bound_by(design: &Design, node: &Node, via: &Text<'_>) {
    let Some(edge) = design.edge(via.text) else {
        let known: Vec<&str> = design.edges.iter().map(|edge| edge.id.as_str()).collect();
        return via.unknown("arrow", known);
    };
    if edge.from != node.id && edge.to != node.id {
        return via.fault(format!("the arrow `{}` does not touch `{}`", edge.id, node.id), None);
    }
    for (set, key) in [(edge.only, "only"), (edge.cover, "cover"), (edge.forbid, "forbid")] {
        if set {
            let message =
                format!("`{key}` of the arrow `{}` would be settled by this binding alone", edge.id);
            via.fault(message, Some(format!("bind `{}` by `select`, or drop `{key}`", node.id)));
        }
    }
    let mut others = design.edges.iter().filter(|other| other.id != edge.id);
    let touched = others.any(|other| other.from == node.id || other.to == node.id);
    let proven = design.paths.iter().any(|path| path.via.iter().any(|stop| stop.name() == node.id));
    if node.asserts.is_empty() && !touched && !proven {
        let help =
            "an arrow that binds a node proves nothing about it: add an assert, a path or another arrow"
                .to_owned();
        via.fault(format!("nothing is checked of `{}`", node.id), Some(help));
    }
    if circular(design, node) {
        via.fault(format!("`{}` is bound by way of itself", node.id), None);
    }
}

/// A node whose resources lie within another's.
fn held_by(design: &Design, node: &Node, within: &Text<'_>, also_via: bool) {
    let Some(parent) = design.node(within.text) else {
        return within.unknown("node", design.nodes.iter().map(|node| node.id.as_str()));
    };
    if also_via {
        return within
            .fault(format!("`{}` is bound by an arrow already: drop `via` or `within`", node.id), None);
    }
    let strays = node
        .kinds
        .iter()
        .find(|kind| !kind.meta().within().is_some_and(|(of, _)| parent.kinds.contains(&of)));
    if let Some(kind) = strays {
        within.fault(format!("{kind} does not lie within a {}", names(parent)), None);
    }
    // What belongs to the parent is what binds it: an arrow from the one to the other would hold by that alone.
    for edge in design.edges.iter().filter(|edge| edge.from == node.id && edge.to == parent.id) {
        within.fault(format!("the arrow `{}` would be settled by this binding alone", edge.id), None);
    }
    if circular(design, node) {
        within.fault(format!("`{}` is bound by way of itself", node.id), None);
    }
}

/// That what joins Kubernetes and the cloud around it can be proven to belong together.
pub(super) fn border(design: &Design, places: &BTreeMap<String, Place<'_>>, clusters: &[Text<'_>]) {
    for text in clusters {
        let Some(node) = design.node(text.text) else {
            text.unknown("node", design.nodes.iter().map(|node| node.id.as_str()));
            continue;
        };
        if let Some(kind) = node.kinds.iter().find(|kind| !RUN_KUBERNETES.contains(kind)) {
            text.fault(format!("{kind} is no cluster that Kubernetes runs in"), None);
        }
        if node.via.is_some() || node.within.is_some() {
            let help = Some("bind it by `select` alone: arrows are believed only after it".to_owned());
            text.fault(format!("`{}` is bound by way of another node", node.id), help);
        }
        if clusters[0].text != text.text {
            text.fault("a design's Kubernetes things run in one cluster".to_owned(), None);
        }
    }
    for node in design.nodes.iter().filter(|node| node.in_kubernetes()) {
        let Some(Place { id, .. }) = places.get(&node.id) else { continue };
        let scope = design.scopes.get(&node.scope);
        let crossing = || design.nodes.iter().any(|other| !other.in_kubernetes());
        if scope.is_some_and(|scope| scope.cluster.is_none()) && crossing() {
            let help = format!("say `cluster = \"…\"` in `[scope.{}]`: the node that binds it", node.scope);
            id.fault("nothing says which cluster this runs in".to_owned(), Some(help));
        }
        if scope.is_some_and(|scope| !scope.account.is_empty() || scope.region.is_some()) {
            id.fault("Kubernetes things lie in no account or region".to_owned(), None);
        }
    }
}

fn names(node: &Node) -> String {
    node.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" or ")
}

/// Whether following `via` and `within` from node to node leads back.
fn circular(design: &Design, start: &Node) -> bool {
    let mut seen = BTreeSet::new();
    let mut at = Some(start);
    while let Some(node) = at {
        if !seen.insert(&node.id) {
            return true;
        }
        let edge = node.via.as_deref().and_then(|via| design.edge(via));
        let other = edge.map(|edge| if edge.from == node.id { &edge.to } else { &edge.from });
        at = other.or(node.within.as_ref()).and_then(|id| design.node(id));
    }
    false
}
