//! The managed identity that a deployment's pods act as: the one that their service account names, where it takes that
//! account's tokens for its own.

use serde_json::json;

use crate::model::azure::containers::{AksCluster, AksProperties};
use crate::model::azure::identity::{FederatedCredential, ManagedIdentity};
use crate::model::kind::Kind;
use crate::model::kubernetes::workload::{Deployment, SERVICE_ACCOUNTS, ServiceAccount};
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::kleene::{Verdict, all};
use crate::rules::{Ref, World, apiserver};

/// The label of pods that are handed a token.
const USE: &str = "azure.workload.identity/use";
/// What tokens are for, in each of Azure's clouds.
const AUDIENCES: &[&str] =
    &["api://AzureADTokenExchange", "api://AzureADTokenExchangeChina", "api://AzureADTokenExchangeUSGov"];

pub(super) struct WorkloadIdentity<'s> {
    pub(super) of: Ref<'s>,
    /// Whether the pods really come by it.
    pub(super) usable: Verdict,
    pub(super) evidence: Vec<Evidence>,
}

/// The identity that the deployment's pods act as; `None` where it is known that they have none.
pub(super) fn of<'s>(
    from: Ref<'s>,
    cluster: Ref<'s>,
    world: &World<'s>,
) -> Result<Option<WorkloadIdentity<'s>>, Gap> {
    let facts = World::facts::<Deployment>(from);
    let name = facts.service_account.as_deref().unwrap_or("default");
    let accounts = world.linked(Kind::K8sServiceAccount, &facts.namespace);
    let Some(account) = accounts.into_iter().find(|account| account.name == name) else {
        return world.snapshot().complete(&SERVICE_ACCOUNTS, &from.scope, &facts.namespace).map(|()| None);
    };
    let handed = facts.pod_labels.get(USE).is_some_and(|used| used == "true");
    let client = match World::facts::<ServiceAccount>(account).azure_client.as_deref() {
        Some(client) => client,
        None if handed => {
            let why = "it names no identity, but the pods are handed a token, and their code may name one";
            return Err(undecided(account, why));
        }
        None => return Ok(None),
    };
    let identity = identity(client, account, world)?;
    let namespace = facts.namespace.rsplit('/').next().unwrap_or_default();
    let subject = format!("system:serviceaccount:{namespace}:{name}");
    let told = World::facts::<AksCluster>(cluster).properties.get().map_err(Gap::clone)?;
    let usable = all([Ok(handed), hands_out(told, cluster), lets_in(identity, told, cluster, &subject)]);
    let mut evidence =
        vec![hop(from, "service_account", name), hop(from, "pod_labels", json!(facts.pod_labels))];
    evidence.extend(apiserver::evidence(&from.scope, cluster, world));
    evidence.push(hop(account, "azure_client", client));
    evidence.push(hop(cluster, "properties.oidc_issuer", json!(told.oidc_issuer)));
    let trusts = World::facts::<ManagedIdentity>(identity).trusts.get().ok();
    evidence.extend(trusts.map(|trusts| hop(identity, "trusts", json!(trusts))));
    Ok(Some(WorkloadIdentity { of: identity, usable, evidence }))
}

/// The identity of this client id, in whichever subscription. An application of Entra ID has one as well, and lies in
/// none.
fn identity<'s>(client: &str, account: Ref<'_>, world: &World<'s>) -> Result<Ref<'s>, Gap> {
    let id = client.to_ascii_lowercase();
    let linked = world.linked(Kind::ManagedIdentity, &id).into_iter();
    let mut own = linked.filter(|it| World::facts::<ManagedIdentity>(it).client.as_ref() == Some(&id));
    if let Some(identity) = own.next() {
        return Ok(identity);
    }
    let why = format!("{client} is no managed identity that is scanned, but may be an application");
    Err(world.unlisted_in_azure(Kind::ManagedIdentity).unwrap_or_else(|| undecided(account, why)))
}

/// Whether the cluster hands out tokens. A chart of one's own does it as well as the cluster's feature.
fn hands_out(told: &AksProperties, cluster: Ref<'_>) -> Verdict {
    if told.workload_identity == Some(true) {
        return Ok(true);
    }
    Err(undecided(cluster, "its workload identity is off, but a chart of one's own may hand out tokens"))
}

/// Whether the identity takes tokens of this subject for its own.
fn lets_in(identity: Ref<'_>, told: &AksProperties, cluster: Ref<'_>, subject: &str) -> Verdict {
    let issuer = match told.oidc_issuer.as_deref() {
        Some(issuer) => issuer.trim_end_matches('/'),
        None if told.oidc_issuer_enabled == Some(false) => return Ok(false),
        None => return Err(undecided(cluster, "the issuer of its tokens is not told")),
    };
    let trusts = World::facts::<ManagedIdentity>(identity).trusts.get().map_err(Gap::clone)?;
    let fits = |trust: &FederatedCredential| {
        trust.issuer.trim_end_matches('/') == issuer
            && trust.subject == subject
            && trust.audiences.iter().any(|audience| AUDIENCES.contains(&audience.as_str()))
    };
    Ok(trusts.iter().any(fits))
}
