//! AKS: by the names it is served at, or by a node that lies in the group of the cluster's nodes. Azure does not tell the
//! certificates that clusters are trusted by.

use serde_json::json;

use super::{Proof, is_of_kind};
use crate::model::azure;
use crate::model::azure::containers::AksCluster;
use crate::model::kind::Kind;
use crate::model::kubernetes::cluster::{Cluster, Node};
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::kleene::foremost;
use crate::rules::{Ref, World};

/// Cheap proofs first: nodes are asked for only where the names leave it open.
pub(super) fn proof<'s>(
    server: Ref<'s>,
    cluster: Ref<'s>,
    told: &'s AksCluster,
    world: &World<'s>,
) -> Result<Proof, Gap> {
    let told = told.properties.get().map_err(Gap::clone)?;
    let own = World::facts::<Cluster>(server).server.as_str();
    let names = [("properties.fqdn", &told.fqdn), ("properties.private_fqdn", &told.private_fqdn)];
    let names: Vec<(&str, &str)> =
        names.into_iter().filter_map(|(fact, name)| Some((fact, name.as_deref()?))).collect();
    let asked = || hop(server, "server", own);
    if let Some((fact, name)) = names.iter().find(|(_, name)| name.eq_ignore_ascii_case(own)) {
        return Ok(Proof::same([asked(), hop(cluster, fact, *name)]));
    }
    let is_of_aks = |host: &str| is_of_kind(Kind::AksCluster, host);
    if is_of_aks(own) && !names.is_empty() && names.iter().all(|(_, name)| is_of_aks(name)) {
        let others = names.iter().map(|(fact, name)| hop(cluster, fact, *name));
        return Ok(Proof::other(std::iter::once(asked()).chain(others).collect::<Vec<_>>()));
    }
    by_nodes(server, cluster, told.node_group.as_deref(), world)
}

fn by_nodes<'s>(
    server: Ref<'s>,
    cluster: Ref<'s>,
    group: Option<&str>,
    world: &World<'s>,
) -> Result<Proof, Gap> {
    let nodes = world.list(Kind::K8sNode, &server.scope);
    for node in nodes.items {
        let facts = World::facts::<Node>(node);
        let Some(id) = facts.provider_id.as_deref().and_then(|id| id.strip_prefix("azure://")) else {
            continue;
        };
        let id = id.to_ascii_lowercase();
        let of_subscription = azure::subscription(&id) == Some(cluster.scope.account.as_str());
        if of_subscription && group.is_some() && azure::group(&id) == group {
            return Ok(Proof::same([
                hop(node, "provider_id", json!(facts.provider_id)),
                hop(cluster, "properties.node_group", json!(group)),
            ]));
        }
    }
    Err(foremost(nodes.gaps).unwrap_or_else(|| undecided(cluster, "neither its names nor nodes tell")))
}

#[cfg(test)]
mod tests;
