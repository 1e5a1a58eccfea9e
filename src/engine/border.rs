//! Where the facts of two providers join: no verdict crosses from a cluster into the cloud around it until the API
//! server that was asked is proven to be that of the cluster that is bound.

use std::rc::Rc;

use super::{Case, bind};
use crate::design::{Edge as Arrow, Node};
use crate::model::kind::Kind;
use crate::model::relation::RelationMeta;
use crate::model::scope::{Provider, Scope};
use crate::model::seen::Gap;
use crate::rules::{Edge, Edges, End, Ref, cluster_of, foremost, same_cluster};

/// What is known of the API server.
pub(super) enum Border {
    /// It is the bound cluster's.
    Open,
    /// It is another one's, in words.
    Closed(String),
    Unproven(Gap),
}

impl<'s> Case<'_, 's> {
    /// The edges of a relation that start at a resource, as far as they may be told.
    pub(super) fn edges(
        &self,
        relation: &'static RelationMeta,
        from: Ref<'s>,
        ends: &[Kind],
    ) -> Rc<Edges<'s>> {
        match self.border_between(relation, from.kind()) {
            None | Some(Border::Open) => self.known_edges(relation, from, ends),
            Some(Border::Closed(other)) => Rc::new(severed(other)),
            Some(Border::Unproven(gap)) => Rc::new(Edges { gaps: vec![gap.clone()], ..Edges::default() }),
        }
    }

    /// The API server that was asked, in words, where it is proven to be another than the one an edge would start or
    /// end behind.
    pub(super) fn severed(&self, relation: &RelationMeta, from: Kind) -> Option<&str> {
        match self.border_between(relation, from)? {
            Border::Closed(other) => Some(other),
            Border::Open | Border::Unproven(_) => None,
        }
    }

    /// The check that says which cluster the API server is, where an edge would have to cross and may not: what can't
    /// hold, or can't be told, because of that is its echo.
    pub(super) fn stopped_by(&self, relation: &RelationMeta, from: Kind) -> Option<String> {
        if matches!(self.border_between(relation, from)?, Border::Open) {
            return None;
        }
        self.cluster_stated_by()
    }

    /// The check that says which cluster the API server is.
    pub(super) fn cluster_stated_by(&self) -> Option<String> {
        let design = self.question.design;
        let cluster = design.cluster()?;
        let states = |arrow: &&Arrow| {
            arrow.to == cluster.id && design.node(&arrow.from).is_some_and(Node::in_kubernetes)
        };
        design.edges.iter().find(states).map(|arrow| format!("{}/edge.{}", design.id, arrow.id))
    }

    /// What a path with these stops has to cross: packets of what runs in a cluster travel in the cloud around it.
    pub(super) fn crossed_by(&self, stops: &[&Node]) -> Option<&Border> {
        let cluster = self.question.design.cluster()?;
        stops
            .iter()
            .any(|node| node.in_kubernetes())
            .then(|| self.border.get_or_init(|| self.look_at(cluster)))
    }

    /// What the edges of a relation have to cross, where they start at this kind.
    pub(super) fn border_between(&self, relation: &RelationMeta, from: Kind) -> Option<&Border> {
        let inside = |kind: &Kind| kind.provider() == Provider::Kubernetes;
        let crosses = relation.to.iter().any(|to| inside(to) != inside(&from));
        let cluster = self.question.design.cluster().filter(|_| crosses)?;
        // The relation that states which cluster it is needs no other proof.
        let states = relation.to.iter().any(|to| cluster.kinds.contains(to));
        (!states).then(|| self.border.get_or_init(|| self.look_at(cluster)))
    }

    fn look_at(&self, cluster: &Node) -> Border {
        let identity = self.world.snapshot().header.cluster.as_deref().unwrap_or_default();
        let scope = Scope::kubernetes(identity);
        let bound = bind::plainly(self, cluster);
        let mut open: Vec<Gap> = bound.open_because().into_iter().cloned().collect();
        for candidate in &bound.yes {
            match same_cluster(&scope, candidate, self.world) {
                Ok(true) => return Border::Open,
                Ok(false) => {}
                Err(gap) => open.push(gap),
            }
        }
        let closed = || {
            let bound = super::nodes::names(&bound.yes);
            Border::Closed(format!("the API server {identity}, which is not that of {bound}"))
        };
        // What is proven to be another cluster's is nobody else's.
        if let Ok(Some(own)) = cluster_of(&scope, self.world)
            && !bound.yes.is_empty()
            && !bound.maybe.iter().any(|(candidate, _)| candidate.id == own.id)
        {
            return closed();
        }
        match foremost(open) {
            Some(gap) => Border::Unproven(gap),
            None if bound.yes.is_empty() => {
                let detail = format!("no {} is bound that it could be part of", cluster.id);
                let call = Kind::K8sCluster.meta().primary();
                Border::Unproven(Gap { detail, ..Gap::unread(call, &scope, "") })
            }
            None => closed(),
        }
    }
}

/// What an arrow finds across a border that is proven to be the wrong one: nothing of its kind.
fn severed<'s>(other: &str) -> Edges<'s> {
    let to = End::Outside(other.to_owned());
    let edge = Edge { to, attributes: Vec::new(), evidence: Vec::new(), assumptions: Vec::new() };
    Edges { found: vec![edge], ..Edges::default() }
}
