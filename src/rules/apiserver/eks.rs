//! EKS: by the endpoint, by the certificates it is trusted by, or by a node that is an instance of the cluster.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Proof, is_of_kind};
use crate::model::aws::ec2::Instance;
use crate::model::aws::eks;
use crate::model::kind::Kind;
use crate::model::kubernetes::cluster::{Cluster, Node};
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::kleene::foremost;
use crate::rules::{Ref, World};

/// The instance that a node is.
pub(crate) fn instance_of(node: &Node) -> Option<&str> {
    let named = node.provider_id.as_deref()?.strip_prefix("aws://")?;
    named.rsplit('/').next().filter(|name| name.starts_with("i-"))
}

/// Cheap proofs first: nodes are asked for only where those leave it open.
pub(super) fn proof<'s>(
    server: Ref<'s>,
    cluster: Ref<'s>,
    told: &'s eks::Cluster,
    world: &World<'s>,
) -> Result<Proof, Gap> {
    let own = World::facts::<Cluster>(server);
    let endpoint = told.endpoint.as_deref();
    let endpoints =
        || [hop(server, "server", own.server.as_str()), hop(cluster, "endpoint", json!(told.endpoint))];
    if endpoint.is_some_and(|endpoint| endpoint.eq_ignore_ascii_case(&own.server)) {
        return Ok(Proof::same(endpoints()));
    }
    let (ours, theirs) = (&own.certificate_authority, &told.certificate_authority);
    let certificates = || {
        [
            hop(server, "certificate_authority", endings(ours)),
            hop(cluster, "certificate_authority", endings(theirs)),
        ]
    };
    if ours.iter().any(|certificate| theirs.contains(certificate)) {
        return Ok(Proof::same(certificates()));
    }
    if !ours.is_empty() && !theirs.is_empty() {
        return Ok(Proof::other(certificates()));
    }
    let is_of_eks = |host: &str| is_of_kind(Kind::EksCluster, host);
    if endpoint.is_some_and(is_of_eks) && is_of_eks(&own.server) {
        return Ok(Proof::other(endpoints()));
    }
    by_nodes(server, cluster, told, world)
}

fn by_nodes<'s>(
    server: Ref<'s>,
    cluster: Ref<'s>,
    told: &'s eks::Cluster,
    world: &World<'s>,
) -> Result<Proof, Gap> {
    let nodes = world.list(Kind::K8sNode, &server.scope);
    let instances = world.children(Kind::Instance, cluster);
    // The tag that tells a cluster's instances names it by its name alone, which clusters of others may have too.
    let of_network = |instance: &&Ref<'s>| World::facts::<Instance>(instance).vpc == told.vpc;
    let own = instances.items.iter().filter(of_network);
    let members: BTreeMap<&str, Ref<'s>> = own.map(|instance| (instance.id.as_str(), *instance)).collect();
    let mut gaps = nodes.gaps;
    let mut named = false;
    for node in nodes.items {
        let facts = World::facts::<Node>(node);
        let Some(id) = instance_of(facts) else { continue };
        named = true;
        if let Some(&instance) = members.get(id) {
            return Ok(Proof::same([
                hop(node, "provider_id", json!(facts.provider_id)),
                hop(instance, "cluster", cluster.id.as_str()),
            ]));
        }
    }
    if named {
        gaps.extend(instances.gaps);
    }
    Err(foremost(gaps).unwrap_or_else(|| undecided(cluster, "neither endpoint, certificates nor nodes tell")))
}

/// Enough of each certificate to tell it from others.
fn endings(certificates: &[String]) -> Vec<String> {
    let ending = |certificate: &String| {
        let skipped = certificate.chars().count().saturating_sub(24);
        format!("…{}", certificate.chars().skip(skipped).collect::<String>())
    };
    certificates.iter().map(ending).collect()
}
