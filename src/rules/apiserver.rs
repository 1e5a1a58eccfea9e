//! Which cluster of EKS or AKS an API server is: facts of the two sides join only where that is proven.

mod aks;
mod eks;

use std::rc::Rc;

use super::evidence::{hop, undecided};
use super::kleene::{Verdict, foremost};
use super::{Ref, World};
use crate::model::kind::{Facts, Kind};
use crate::model::kubernetes::cluster::Cluster;
use crate::model::run::Evidence;
use crate::model::scope::Scope;
use crate::model::seen::Gap;
pub(crate) use eks::instance_of;

/// The kinds of cluster there are, and where each is served: every cluster has a name of its own there, and nobody else
/// has one.
const DOMAINS: &[(Kind, &[&str])] = &[
    (Kind::EksCluster, &[".eks.amazonaws.com", ".eks.amazonaws.com.cn"]),
    (Kind::AksCluster, &[".azmk8s.io", ".azk8s.cn", ".containerservice.azure.us"]),
];

/// Whether the API server that is asked in `kubernetes` is this cluster's. A gap where nothing proves either.
pub fn is_of<'s>(kubernetes: &Scope, cluster: Ref<'s>, world: &World<'s>) -> Verdict {
    candidates(kubernetes, world).proof(kubernetes, cluster, world).map(|proof| proof.joins)
}

/// What shows that the API server is, or is not, this cluster's; empty while nothing does.
pub(crate) fn evidence<'s>(kubernetes: &Scope, cluster: Ref<'s>, world: &World<'s>) -> Vec<Evidence> {
    let proof = candidates(kubernetes, world).proof(kubernetes, cluster, world);
    proof.map(|proof| proof.evidence).unwrap_or_default()
}

/// The clusters that the API server may be, each with what proves whether it is.
pub(crate) struct Candidates<'s> {
    proven: Vec<(Ref<'s>, Result<Proof, Gap>)>,
    /// Behind each there may be further clusters of a kind.
    pub(crate) gaps: Vec<(Kind, Gap)>,
}

impl<'s> Candidates<'s> {
    pub(crate) fn clusters(&self) -> impl Iterator<Item = (Ref<'s>, Verdict)> {
        let joins = |proof: &Result<Proof, Gap>| proof.as_ref().map(|it| it.joins).map_err(Gap::clone);
        self.proven.iter().map(move |(cluster, proof)| (*cluster, joins(proof)))
    }

    fn proof(&self, kubernetes: &Scope, cluster: Ref<'s>, world: &World<'s>) -> Result<Proof, Gap> {
        let known = self.proven.iter().find(|(known, _)| known.id == cluster.id);
        known.map_or_else(|| proof(kubernetes, cluster, world), |(_, proof)| proof.clone())
    }
}

/// The clusters of everywhere that is scanned, held against the API server: once, for every object of it asks.
pub(crate) fn candidates<'s>(kubernetes: &Scope, world: &World<'s>) -> Rc<Candidates<'s>> {
    world.api_server(kubernetes, || {
        let server = world.get(Kind::K8sCluster, &kubernetes.account);
        let mut candidates = Candidates { proven: Vec::new(), gaps: Vec::new() };
        let aws = world.places().into_iter().map(|place| (Kind::EksCluster, place));
        let azure = world.subscriptions().into_iter().map(|place| (Kind::AksCluster, place));
        for (kind, place) in aws.chain(azure) {
            let listing = world.list(kind, &place);
            if !server.is_some_and(|server| is_elsewhere(kind, &World::facts::<Cluster>(server).server)) {
                candidates.gaps.extend(listing.gaps.into_iter().map(|gap| (kind, gap)));
            }
            let judged = listing.items.into_iter().map(|it| (it, proof(kubernetes, it, world)));
            candidates.proven.extend(judged);
        }
        candidates
    })
}

/// The cluster that the API server is; `None` where it is proven to be none of those that are scanned.
pub fn cluster_of<'s>(kubernetes: &Scope, world: &World<'s>) -> Result<Option<Ref<'s>>, Gap> {
    let candidates = candidates(kubernetes, world);
    let mut gaps: Vec<Gap> = candidates.gaps.iter().map(|(_, gap)| gap.clone()).collect();
    for (cluster, verdict) in candidates.clusters() {
        match verdict {
            Ok(true) => return Ok(Some(cluster)),
            Ok(false) => {}
            Err(gap) => gaps.push(gap),
        }
    }
    foremost(gaps).map_or(Ok(None), Err)
}

/// The cluster that the API server is, where it is one of this kind.
pub(crate) fn of_kind<'s>(kind: Kind, kubernetes: &Scope, world: &World<'s>) -> Result<Option<Ref<'s>>, Gap> {
    cluster_of(kubernetes, world).map(|found| found.filter(|cluster| cluster.kind() == kind))
}

/// That the API server is the cluster's, or is not, and what shows it.
#[derive(Clone)]
struct Proof {
    joins: bool,
    evidence: Vec<Evidence>,
}

impl Proof {
    fn same(evidence: impl Into<Vec<Evidence>>) -> Self {
        Self { joins: true, evidence: evidence.into() }
    }

    fn other(evidence: impl Into<Vec<Evidence>>) -> Self {
        Self { joins: false, evidence: evidence.into() }
    }
}

fn proof<'s>(kubernetes: &Scope, cluster: Ref<'s>, world: &World<'s>) -> Result<Proof, Gap> {
    let server = world.get(Kind::K8sCluster, &kubernetes.account).ok_or_else(|| {
        let unread = world.list(Kind::K8sCluster, kubernetes).gaps.into_iter().next();
        unread.unwrap_or_else(|| undecided(cluster, "the API server does not say which it is"))
    })?;
    let own = World::facts::<Cluster>(server);
    if is_elsewhere(cluster.kind(), &own.server) {
        return Ok(Proof::other([hop(server, "server", own.server.as_str())]));
    }
    match &cluster.facts {
        Facts::EksCluster(told) => eks::proof(server, cluster, told, world),
        Facts::AksCluster(told) => aks::proof(server, cluster, told, world),
        _ => Err(undecided(cluster, "it has no API server that is read")),
    }
}

/// Whether the host is one that clusters of this kind alone are served at.
fn is_of_kind(kind: Kind, host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    DOMAINS.iter().any(|(own, domains)| *own == kind && domains.iter().any(|domain| host.ends_with(domain)))
}

/// Whether the host is one that clusters of another kind alone are served at.
fn is_elsewhere(kind: Kind, host: &str) -> bool {
    DOMAINS.iter().any(|(other, _)| *other != kind && is_of_kind(*other, host))
}

#[cfg(test)]
mod tests;
