//! Clusters. Members that an older version of the API does not know stay absent.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::super::Api;
use super::super::members::{Unreadable, group_of, issuer, lower, lowered, need, stated};
use crate::model::azure::containers::{AgentPool, AksCluster, AksProperties, CLUSTER, KubeletIdentity};
use crate::model::kind::{Head, Resource};

/// The add-on that sends logs to a workspace, and the setting that names it; in any case.
const MONITORING: &str = "omsagent";
const WORKSPACE: &str = "logAnalyticsWorkspaceResourceID";

pub(super) fn listed(api: &Api, head: Head, _: IgnoredAny) -> Result<Resource, Unreadable> {
    let cluster = AksCluster { group: group_of(&head)?, properties: api.unread(&CLUSTER, &head.id) };
    Ok(Resource::new(head, cluster))
}

#[derive(Deserialize)]
pub(super) struct ManagedCluster {
    sku: Option<Sku>,
    identity: Option<Identity>,
    properties: Option<Properties>,
}

#[derive(Deserialize)]
struct Sku {
    tier: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    r#type: Option<String>,
    principal_id: Option<String>,
    user_assigned_identities: Option<BTreeMap<String, Option<Principal>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Principal {
    principal_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    provisioning_state: Option<String>,
    power_state: Option<Power>,
    kubernetes_version: Option<String>,
    current_kubernetes_version: Option<String>,
    fqdn: Option<String>,
    #[serde(rename = "privateFQDN")]
    private_fqdn: Option<String>,
    node_resource_group: Option<String>,
    #[serde(rename = "enableRBAC")]
    enable_rbac: Option<bool>,
    oidc_issuer_profile: Option<OidcIssuer>,
    security_profile: Option<Security>,
    network_profile: Option<Network>,
    identity_profile: Option<BTreeMap<String, Option<Kubelet>>>,
    agent_pool_profiles: Option<Vec<Pool>>,
    addon_profiles: Option<BTreeMap<String, Option<Addon>>>,
    azure_monitor_profile: Option<Monitor>,
    api_server_access_profile: Option<ApiServer>,
    disable_local_accounts: Option<bool>,
    aad_profile: Option<Entra>,
}

#[derive(Deserialize)]
struct Power {
    code: Option<String>,
}

#[derive(Deserialize)]
struct OidcIssuer {
    enabled: Option<bool>,
    #[serde(rename = "issuerURL")]
    url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Security {
    workload_identity: Option<Switch>,
    defender: Option<Writer>,
    /// What older versions call it.
    azure_defender: Option<Writer>,
}

#[derive(Deserialize)]
struct Switch {
    enabled: Option<bool>,
}

/// What may write to a workspace.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Writer {
    enabled: Option<bool>,
    security_monitoring: Option<Switch>,
    log_analytics_workspace_resource_id: Option<String>,
}

impl Writer {
    fn workspace(self) -> Option<String> {
        let enabled = self.enabled.or_else(|| self.security_monitoring?.enabled);
        lowered(self.log_analytics_workspace_resource_id).filter(|_| enabled != Some(false))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Monitor {
    container_insights: Option<Writer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Network {
    network_plugin: Option<String>,
    network_policy: Option<String>,
    outbound_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kubelet {
    resource_id: Option<String>,
    client_id: Option<String>,
    object_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pool {
    name: Option<String>,
    mode: Option<String>,
    provisioning_state: Option<String>,
    power_state: Option<Power>,
    count: Option<i64>,
    enable_auto_scaling: Option<bool>,
    min_count: Option<i64>,
    max_count: Option<i64>,
    vm_size: Option<String>,
    os_type: Option<String>,
    availability_zones: Option<Vec<String>>,
    #[serde(rename = "vnetSubnetID")]
    subnet: Option<String>,
}

#[derive(Deserialize)]
struct Addon {
    enabled: Option<bool>,
    config: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiServer {
    enable_private_cluster: Option<bool>,
    #[serde(rename = "authorizedIPRanges")]
    authorized_ranges: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Entra {
    #[serde(rename = "enableAzureRBAC")]
    azure_rbac: Option<bool>,
}

pub(super) fn properties(found: ManagedCluster) -> Result<AksProperties, Unreadable> {
    let ManagedCluster { sku, identity, properties } = found;
    let it = need(properties, "properties")?;
    let (oidc_enabled, oidc_issuer) = it.oidc_issuer_profile.map_or((None, None), |it| (it.enabled, it.url));
    let (workload, defender) = it.security_profile.map_or((None, None), |it| {
        (it.workload_identity.and_then(|it| it.enabled), it.defender.or(it.azure_defender))
    });
    let insights = it.azure_monitor_profile.and_then(|it| it.container_insights);
    let on = switched_on(it.addon_profiles.unwrap_or_default());
    let workspace = on.iter().find_map(|(name, addon)| workspace(name, addon));
    let (plugin, policy, outbound) = it
        .network_profile
        .map_or((None, None, None), |it| (it.network_plugin, it.network_policy, it.outbound_type));
    let (private, ranges) = it
        .api_server_access_profile
        .map_or((None, None), |it| (it.enable_private_cluster, it.authorized_ranges));
    let mut pools =
        it.agent_pool_profiles.unwrap_or_default().into_iter().map(pool).collect::<Result<Vec<_>, _>>()?;
    pools.sort();
    Ok(AksProperties {
        state: stated(it.provisioning_state),
        power: it.power_state.and_then(|power| stated(power.code)),
        version: stated(it.current_kubernetes_version).or_else(|| stated(it.kubernetes_version)),
        tier: sku.and_then(|sku| stated(sku.tier)),
        fqdn: lowered(it.fqdn),
        private_fqdn: lowered(it.private_fqdn),
        node_group: lowered(it.node_resource_group),
        rbac: it.enable_rbac,
        oidc_issuer_enabled: oidc_enabled,
        oidc_issuer: stated(oidc_issuer).map(|url| issuer(&url)),
        workload_identity: workload,
        network_plugin: stated(plugin),
        network_policy: stated(policy).filter(|policy| policy != "none"),
        outbound: stated(outbound),
        identity_type: identity.as_ref().and_then(|identity| stated(identity.r#type.clone())),
        identities: identity.map(principals).unwrap_or_default(),
        kubelet: it.identity_profile.and_then(kubelet),
        pools,
        workspace: workspace
            .or_else(|| insights.and_then(Writer::workspace))
            .or_else(|| defender.and_then(Writer::workspace)),
        addons: on.into_keys().collect(),
        private,
        authorized_ranges: sorted(ranges),
        local_accounts_disabled: it.disable_local_accounts,
        entra: it.aad_profile.is_some().then_some(true),
        azure_rbac: it.aad_profile.and_then(|it| it.azure_rbac),
    })
}

fn switched_on(addons: BTreeMap<String, Option<Addon>>) -> BTreeMap<String, Addon> {
    let all = addons.into_iter().filter_map(|(name, addon)| Some((name, addon?)));
    all.filter(|(_, addon)| addon.enabled == Some(true)).collect()
}

/// The workspace that an add-on writes to.
fn workspace(name: &str, addon: &Addon) -> Option<String> {
    let config = addon.config.as_ref().filter(|_| name.eq_ignore_ascii_case(MONITORING))?;
    let (_, id) = config.iter().find(|(name, _)| name.eq_ignore_ascii_case(WORKSPACE))?;
    lowered(id.as_str().map(str::to_owned))
}

/// Whom the control plane acts as.
fn principals(identity: Identity) -> Vec<String> {
    let assigned = identity.user_assigned_identities.unwrap_or_default().into_values().flatten();
    let all = assigned.map(|principal| principal.principal_id).chain([identity.principal_id]);
    sorted(Some(all.filter_map(lowered).collect()))
}

fn kubelet(profiles: BTreeMap<String, Option<Kubelet>>) -> Option<KubeletIdentity> {
    let mut profiles = profiles.into_iter();
    let (_, found) = profiles.find(|(name, _)| name.eq_ignore_ascii_case("kubeletidentity"))?;
    let found = found?;
    Some(KubeletIdentity {
        id: lowered(found.resource_id),
        object: lowered(found.object_id)?,
        client: lowered(found.client_id),
    })
}

fn pool(found: Pool) -> Result<AgentPool, Unreadable> {
    Ok(AgentPool {
        name: need(stated(found.name), "name")?,
        mode: stated(found.mode),
        state: stated(found.provisioning_state),
        power: found.power_state.and_then(|power| stated(power.code)),
        count: found.count,
        autoscaling: found.enable_auto_scaling,
        min: found.min_count,
        max: found.max_count,
        size: stated(found.vm_size),
        os: stated(found.os_type),
        zones: sorted(found.availability_zones),
        subnet: stated(found.subnet).map(lower),
    })
}

fn sorted(words: Option<Vec<String>>) -> Vec<String> {
    let mut words = words.unwrap_or_default();
    words.sort();
    words.dedup();
    words
}
