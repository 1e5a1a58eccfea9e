//! Clusters. Members that an older version of the API does not know stay absent.

use super::super::Api;
use super::super::members::{Unreadable, group_of, issuer};
use super::super::part::{Part, Unfit};
use crate::model::azure::containers::{AgentPool, AksCluster, AksProperties, CLUSTER, KubeletIdentity};
use crate::model::kind::{Head, Resource};

/// The add-on that sends logs to a workspace, in any case.
const MONITORING: &str = "omsagent";
const WORKSPACE: &str = "logAnalyticsWorkspaceResourceId";

pub(super) fn listed(api: &Api, head: Head) -> Result<Resource, Unreadable> {
    let cluster = AksCluster { group: group_of(&head)?, properties: api.unread(&CLUSTER, &head.id) };
    Ok(Resource::new(head, cluster))
}

pub(super) fn properties(found: Part<'_>) -> Result<AksProperties, Unfit> {
    let it = found.part("properties")?;
    let mut pools = it.parts("agentPoolProfiles")?.into_iter().map(pool).collect::<Result<Vec<_>, _>>()?;
    pools.sort();
    let version = it.text("currentKubernetesVersion")?;
    Ok(AksProperties {
        state: it.text("provisioningState")?,
        power: it.text("powerState.code")?,
        version: version.map_or_else(|| it.text("kubernetesVersion"), |version| Ok(Some(version)))?,
        tier: found.text("sku.tier")?,
        fqdn: it.lower("fqdn")?,
        private_fqdn: it.lower("privateFQDN")?,
        node_group: it.lower("nodeResourceGroup")?,
        rbac: it.flag("enableRBAC")?,
        oidc_issuer_enabled: it.flag("oidcIssuerProfile.enabled")?,
        oidc_issuer: it.text("oidcIssuerProfile.issuerURL")?.map(|url| issuer(&url)),
        workload_identity: it.flag("securityProfile.workloadIdentity.enabled")?,
        network_plugin: it.text("networkProfile.networkPlugin")?,
        network_policy: it.text("networkProfile.networkPolicy")?.filter(|policy| policy != "none"),
        outbound: it.text("networkProfile.outboundType")?,
        identity_type: found.text("identity.type")?,
        identities: principals(found.part("identity")?)?,
        kubelet: kubelet(it.part("identityProfile.kubeletidentity")?)?,
        pools,
        addons: switched_on(it)?.into_iter().map(|(name, _)| name.to_owned()).collect(),
        workspace: workspace(it)?,
        private: it.flag("apiServerAccessProfile.enablePrivateCluster")?,
        authorized_ranges: sorted(it.texts("apiServerAccessProfile.authorizedIPRanges")?),
        local_accounts_disabled: it.flag("disableLocalAccounts")?,
        entra: it.part("aadProfile")?.is_there().then_some(true),
        azure_rbac: it.flag("aadProfile.enableAzureRBAC")?,
    })
}

/// The add-ons that are on, by name.
fn switched_on(cluster: Part<'_>) -> Result<Vec<(&str, Part<'_>)>, Unfit> {
    let mut on = Vec::new();
    for (name, addon) in cluster.part("addonProfiles")?.inner()? {
        if addon.flag("enabled")? == Some(true) {
            on.push((name, addon));
        }
    }
    on.sort_by_key(|(name, _)| *name);
    Ok(on)
}

/// Where logs are written to: by the add-on, by its successor, or else by what watches over security (which older
/// versions call otherwise).
fn workspace(cluster: Part<'_>) -> Result<Option<String>, Unfit> {
    let addon = switched_on(cluster)?.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(MONITORING));
    if let Some(id) = addon.map(|(_, addon)| addon.part("config")?.lower(WORKSPACE)).transpose()?.flatten() {
        return Ok(Some(id));
    }
    for (writer, switch) in [
        ("azureMonitorProfile.containerInsights", "enabled"),
        ("securityProfile.defender", "securityMonitoring.enabled"),
        ("securityProfile.azureDefender", "enabled"),
    ] {
        let writer = cluster.part(writer)?;
        let id = writer.lower(WORKSPACE)?;
        if id.is_some() && writer.flag(switch)? != Some(false) {
            return Ok(id);
        }
    }
    Ok(None)
}

/// Whom the control plane acts as.
fn principals(identity: Part<'_>) -> Result<Vec<String>, Unfit> {
    let mut all = Vec::from_iter(identity.lower("principalId")?);
    for (_, assigned) in identity.part("userAssignedIdentities")?.inner()? {
        all.extend(assigned.lower("principalId")?);
    }
    Ok(sorted(all))
}

fn kubelet(found: Part<'_>) -> Result<Option<KubeletIdentity>, Unfit> {
    let Some(object) = found.lower("objectId")? else { return Ok(None) };
    Ok(Some(KubeletIdentity { id: found.lower("resourceId")?, object, client: found.lower("clientId")? }))
}

fn pool(found: Part<'_>) -> Result<AgentPool, Unfit> {
    Ok(AgentPool {
        name: found.must("name")?,
        mode: found.text("mode")?,
        state: found.text("provisioningState")?,
        power: found.text("powerState.code")?,
        count: found.number("count")?,
        autoscaling: found.flag("enableAutoScaling")?,
        min: found.number("minCount")?,
        max: found.number("maxCount")?,
        size: found.text("vmSize")?,
        os: found.text("osType")?,
        zones: sorted(found.texts("availabilityZones")?),
        subnet: found.lower("vnetSubnetID")?,
        node_public_ip: found.flag("enableNodePublicIP")?,
    })
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words.dedup();
    words
}
