//! Which EKS cluster an API server is: facts of the two join only where that is proven.

use std::collections::BTreeMap;

use serde_json::json;

use super::evidence::{hop, undecided};
use super::kleene::{Verdict, foremost};
use super::{Ref, World};
use crate::model::aws::ec2::Instance;
use crate::model::aws::eks;
use crate::model::kind::Kind;
use crate::model::kubernetes::cluster::{Cluster, Node};
use crate::model::run::Evidence;
use crate::model::scope::Scope;
use crate::model::seen::Gap;

/// Where EKS serves the API of its clusters: each has a name of its own there.
const EKS: &[&str] = &[".eks.amazonaws.com", ".eks.amazonaws.com.cn"];

/// Whether the API server that is asked in `kubernetes` is this cluster's: by its endpoint, by the certificates it is
/// trusted by, or by a node that is an instance of the cluster. A gap where nothing proves either.
pub fn is_of<'s>(kubernetes: &Scope, cluster: Ref<'s>, world: &World<'s>) -> Verdict {
    proof(kubernetes, cluster, world).map(|proof| proof.joins())
}

/// What shows that the API server is, or is not, this cluster's; empty while nothing does.
pub(crate) fn evidence<'s>(kubernetes: &Scope, cluster: Ref<'s>, world: &World<'s>) -> Vec<Evidence> {
    let (Ok(proof), Ok(server)) = (proof(kubernetes, cluster, world), server(kubernetes, cluster, world))
    else {
        return Vec::new();
    };
    let (own, told) = (World::facts::<Cluster>(server), World::facts::<eks::Cluster>(cluster));
    match proof {
        Proof::SameEndpoint | Proof::OtherEndpoint => {
            vec![hop(server, "server", own.server.as_str()), hop(cluster, "endpoint", json!(told.endpoint))]
        }
        Proof::SharedCertificate | Proof::OtherCertificates => vec![
            hop(server, "certificate_authority", endings(&own.certificate_authority)),
            hop(cluster, "certificate_authority", endings(&told.certificate_authority)),
        ],
        Proof::Member { node, instance } => vec![
            hop(node, "provider_id", json!(World::facts::<Node>(node).provider_id)),
            hop(instance, "cluster", cluster.id.as_str()),
        ],
    }
}

/// A cluster that the API server may be, and whether it is.
pub(crate) struct Candidates<'s> {
    pub(crate) clusters: Vec<(Ref<'s>, Verdict)>,
    /// Behind each there may be further clusters.
    pub(crate) gaps: Vec<Gap>,
}

/// The EKS clusters of everywhere that is scanned, held against the API server.
pub(crate) fn candidates<'s>(kubernetes: &Scope, world: &World<'s>) -> Candidates<'s> {
    let mut candidates = Candidates { clusters: Vec::new(), gaps: Vec::new() };
    for place in world.places() {
        let listing = world.list(Kind::EksCluster, &place);
        candidates.gaps.extend(listing.gaps);
        let judged = listing.items.into_iter().map(|cluster| (cluster, is_of(kubernetes, cluster, world)));
        candidates.clusters.extend(judged);
    }
    candidates
}

/// The EKS cluster that the API server is; `None` where it is proven to be none of those that are scanned.
pub fn cluster_of<'s>(kubernetes: &Scope, world: &World<'s>) -> Result<Option<Ref<'s>>, Gap> {
    let Candidates { clusters, mut gaps } = candidates(kubernetes, world);
    for (cluster, verdict) in clusters {
        match verdict {
            Ok(true) => return Ok(Some(cluster)),
            Ok(false) => {}
            Err(gap) => gaps.push(gap),
        }
    }
    foremost(gaps).map_or(Ok(None), Err)
}

/// The instance that a node is.
pub(crate) fn instance_of(node: &Node) -> Option<&str> {
    let named = node.provider_id.as_deref()?.strip_prefix("aws://")?;
    named.rsplit('/').next().filter(|name| name.starts_with("i-"))
}

enum Proof<'s> {
    SameEndpoint,
    SharedCertificate,
    Member { node: Ref<'s>, instance: Ref<'s> },
    OtherEndpoint,
    OtherCertificates,
}

impl Proof<'_> {
    fn joins(&self) -> bool {
        matches!(self, Self::SameEndpoint | Self::SharedCertificate | Self::Member { .. })
    }
}

fn server<'s>(kubernetes: &Scope, cluster: Ref<'_>, world: &World<'s>) -> Result<Ref<'s>, Gap> {
    world.get(Kind::K8sCluster, &kubernetes.account).ok_or_else(|| {
        let unread = world.list(Kind::K8sCluster, kubernetes).gaps.into_iter().next();
        unread.unwrap_or_else(|| undecided(cluster, "the API server does not say which it is"))
    })
}

/// Cheap proofs first: nodes are asked for only where those leave it open.
fn proof<'s>(kubernetes: &Scope, cluster: Ref<'s>, world: &World<'s>) -> Result<Proof<'s>, Gap> {
    let own = World::facts::<Cluster>(server(kubernetes, cluster, world)?);
    let told = World::facts::<eks::Cluster>(cluster);
    let endpoint = told.endpoint.as_deref();
    if endpoint.is_some_and(|endpoint| endpoint.eq_ignore_ascii_case(&own.server)) {
        return Ok(Proof::SameEndpoint);
    }
    let (ours, theirs) = (&own.certificate_authority, &told.certificate_authority);
    if ours.iter().any(|certificate| theirs.contains(certificate)) {
        return Ok(Proof::SharedCertificate);
    }
    if !ours.is_empty() && !theirs.is_empty() {
        return Ok(Proof::OtherCertificates);
    }
    if endpoint.is_some_and(is_of_eks) && is_of_eks(&own.server) {
        return Ok(Proof::OtherEndpoint);
    }
    by_nodes(kubernetes, cluster, world)
}

fn by_nodes<'s>(kubernetes: &Scope, cluster: Ref<'s>, world: &World<'s>) -> Result<Proof<'s>, Gap> {
    let nodes = world.list(Kind::K8sNode, kubernetes);
    let instances = world.children(Kind::Instance, cluster);
    // The tag that tells a cluster's instances names it by its name alone, which clusters of others may have too.
    let vpc = World::facts::<eks::Cluster>(cluster).vpc.as_ref();
    let own =
        instances.items.iter().filter(|instance| World::facts::<Instance>(instance).vpc.as_ref() == vpc);
    let members: BTreeMap<&str, Ref<'s>> = own.map(|instance| (instance.id.as_str(), *instance)).collect();
    let mut gaps = nodes.gaps;
    let mut named = false;
    for node in nodes.items {
        let Some(id) = instance_of(World::facts(node)) else { continue };
        named = true;
        if let Some(&instance) = members.get(id) {
            return Ok(Proof::Member { node, instance });
        }
    }
    if named {
        gaps.extend(instances.gaps);
    }
    Err(foremost(gaps).unwrap_or_else(|| undecided(cluster, "neither endpoint, certificates nor nodes tell")))
}

fn is_of_eks(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    EKS.iter().any(|domain| host.ends_with(domain))
}

/// Enough of each certificate to tell it from others.
fn endings(certificates: &[String]) -> Vec<String> {
    let ending = |certificate: &String| {
        let skipped = certificate.chars().count().saturating_sub(24);
        format!("…{}", certificate.chars().skip(skipped).collect::<String>())
    };
    certificates.iter().map(ending).collect()
}

#[cfg(test)]
mod tests;
