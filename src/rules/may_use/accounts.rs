//! The Cosmos DB accounts that pods of AKS may use, by the identity they act as.

use serde_json::json;

use super::workload_identity::{self, WorkloadIdentity};
use crate::model::azure::authorization::Permission;
use crate::model::azure::cosmos::{CosmosAccount, Grant};
use crate::model::azure::identity::ManagedIdentity;
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::kleene::{Verdict, all, and, any};
use crate::rules::{Doubt, Edge, Edges, End, Ref, World};

/// Whoever works with an account asks first what it has.
const METADATA: &str = "Microsoft.DocumentDB/databaseAccounts/readMetadata";
const READ: &[&str] = &[METADATA, "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/read"];
const WRITE: &[&str] = &[
    METADATA,
    "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/create",
    "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/upsert",
    "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/replace",
];

/// The edges from a deployment of this cluster.
pub(super) fn edges<'s>(from: Ref<'s>, cluster: Ref<'s>, world: &World<'s>) -> Edges<'s> {
    let mut edges = Edges::default();
    let doubt = |to, gap| Doubt { kind: Kind::CosmosAccount, to, gap };
    let identity = match workload_identity::of(from, cluster, world) {
        Ok(Some(identity)) => identity,
        Ok(None) => return edges,
        Err(gap) => {
            // It may lead to any account, to one that is listed too.
            edges.gaps.push(gap);
            return edges;
        }
    };
    for subscription in world.subscriptions() {
        let accounts = world.list(Kind::CosmosAccount, &subscription);
        for account in accounts.items {
            let (read, write) =
                (may(READ, identity.of, account, world), may(WRITE, identity.of, account, world));
            match any([read.clone(), write.clone()]) {
                Ok(true) => edges.found.push(edge(&identity, account, read, write)),
                Ok(false) => {}
                // Not known to be in reach: perhaps there is no edge at all.
                Err(gap) => edges.doubts.push(doubt(Some(account), gap)),
            }
        }
        edges.doubts.extend(accounts.gaps.into_iter().map(|gap| doubt(None, gap)));
    }
    edges
}

fn edge<'s>(identity: &WorkloadIdentity<'s>, account: Ref<'s>, read: Verdict, write: Verdict) -> Edge<'s> {
    let whole = |roles: Verdict| and(identity.usable.clone(), || roles).map(|may| json!(may));
    let principal = World::facts::<ManagedIdentity>(identity.of).principal.as_ref();
    let grants = World::facts::<CosmosAccount>(account).grants.get().into_iter().flatten();
    let own: Vec<&Grant> = grants.filter(|grant| Some(&grant.principal) == principal).collect();
    let mut evidence = identity.evidence.clone();
    evidence.push(hop(account, "grants", json!(own)));
    Edge {
        to: End::Resource(account),
        attributes: vec![
            ("by", Ok(json!("workload_identity"))),
            ("role", Ok(json!(identity.of.id))),
            ("read", whole(read)),
            ("write", whole(write)),
        ],
        evidence,
        assumptions: vec!["the pods get to the account: its firewall and the network let them".to_owned()],
    }
}

/// Whether roles over the whole account let the identity do all of this.
fn may(actions: &[&str], identity: Ref<'_>, account: Ref<'_>, world: &World<'_>) -> Verdict {
    let principal = World::facts::<ManagedIdentity>(identity).principal.as_deref();
    let principal = principal.ok_or_else(|| undecided(identity, "its principal is not told"))?;
    let grants = World::facts::<CosmosAccount>(account).grants.get().map_err(Gap::clone)?;
    let given =
        |action: &&str| any(grants.iter().map(|grant| gives(grant, action, principal, account, world)));
    all(actions.iter().map(given))
}

/// A role over a part of the account may be for the very part that the deployment works with, or not; and one that
/// somebody else has may be that of a group with the identity in it.
fn gives(grant: &Grant, action: &str, principal: &str, account: Ref<'_>, world: &World<'_>) -> Verdict {
    let role = Permission { data_actions: grant.data_actions.clone(), ..Permission::default() };
    if !role.allows_data(action) {
        return Ok(false);
    }
    if grant.principal != principal {
        let others = world.linked(Kind::ManagedIdentity, &grant.principal);
        let is_one =
            |it: &Ref<'_>| World::facts::<ManagedIdentity>(it).principal.as_ref() == Some(&grant.principal);
        if others.iter().any(is_one) {
            return Ok(false);
        }
        let why = format!("{} has a role, and whether that is a group with it is not read", grant.principal);
        return Err(undecided(account, why));
    }
    if grant.scope.trim_end_matches('/') == account.id {
        return Ok(true);
    }
    Err(undecided(account, format!("the role is for {} alone, and what is used is not judged", grant.scope)))
}

#[cfg(test)]
mod tests;
