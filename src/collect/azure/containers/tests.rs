use std::collections::BTreeMap;

use super::super::canned::{Canned, Found, SUBSCRIPTION, arm_id, list};
use super::*;
use crate::model::azure::containers::{AgentPool, AksProperties, KubeletIdentity, RegistryProperties};
use crate::model::seen::Gap;
use crate::model::snapshot::Outcome;

const AKS: &str = "Microsoft.ContainerService/managedClusters/Core";
const ACR: &str = "Microsoft.ContainerRegistry/registries/Acr";

fn key(path: &str) -> String {
    arm_id(path).to_ascii_lowercase()
}

/// Lists the one resource at this path, then asks for its details.
async fn read(path: &str, of: [&'static Source; 2], details: (u16, &str)) -> Found {
    let listed = list(&format!(r#"{{"id":"{}","name":"Core","location":"westeurope"}}"#, arm_id(path)));
    let listed = Canned::new(&[(200, &listed)]).fetch(&Containers, of[0], None, "").await;
    let subject = listed.resource(&arm_id(path)).clone();
    Canned::new(&[details]).fetch(&Containers, of[1], Some(&subject), &key(path)).await
}

/// What is read of a cluster of these members, or why nothing is.
async fn cluster(members: &str) -> Result<AksProperties, String> {
    let body = format!(r#"{{"id":"{}"{members}}}"#, arm_id(AKS));
    let found = read(AKS, [&CLUSTERS, &CLUSTER], (200, &body)).await;
    let cluster = found.resource(&arm_id(AKS)).as_kind::<AksCluster>().expect("a cluster");
    assert_eq!(cluster.group, "core");
    assert_eq!(cluster.properties.gap().is_none(), found.entry(&GET_MANAGED_CLUSTER, &key(AKS)).items == 1);
    cluster.properties.get().cloned().map_err(|gap| gap.detail.clone())
}

async fn registry(members: &str) -> Result<RegistryProperties, String> {
    let body = format!(r#"{{"id":"{}"{members}}}"#, arm_id(ACR));
    let found = read(ACR, [&REGISTRIES, &REGISTRY], (200, &body)).await;
    let registry = found.resource(&arm_id(ACR)).as_kind::<ContainerRegistry>().expect("a registry");
    assert!(registry.assignments.gap().is_some_and(Gap::can_be_closed));
    registry.properties.get().cloned().map_err(|gap| gap.detail.clone())
}

#[tokio::test]
async fn a_cluster_is_read_as_azure_writes_it() {
    let members = format!(
        r#","sku":{{"name":"Base","tier":"Standard"}},
        "identity":{{"type":"UserAssigned","userAssignedIdentities":{{"{identity}":{{"clientId":"C","principalId":"Aa-1"}}}}}},
        "properties":{{
            "provisioningState":"Succeeded","powerState":{{"code":"Running"}},
            "kubernetesVersion":"1.29","currentKubernetesVersion":"1.29.2",
            "fqdn":"Core-x1.hcp.westeurope.azmk8s.io","privateFQDN":"core-x1.p.privatelink.westeurope.azmk8s.io",
            "nodeResourceGroup":"MC_Core","enableRBAC":true,"disableLocalAccounts":true,
            "oidcIssuerProfile":{{"enabled":true,"issuerURL":"https://weu.oic.prod-aks.azure.com/t/c/"}},
            "securityProfile":{{"workloadIdentity":{{"enabled":true}},
                "defender":{{"logAnalyticsWorkspaceResourceId":"/other","securityMonitoring":{{"enabled":true}}}}}},
            "networkProfile":{{"networkPlugin":"azure","networkPolicy":"azure","outboundType":"loadBalancer"}},
            "identityProfile":{{"kubeletidentity":{{"resourceId":"{identity}","clientId":"CC","objectId":"DD"}}}},
            "apiServerAccessProfile":{{"authorizedIPRanges":["10.1.0.0/16","10.0.0.0/16"],"enablePrivateCluster":false}},
            "aadProfile":{{"managed":true,"enableAzureRBAC":true}},
            "addonProfiles":{{
                "omsAgent":{{"enabled":true,"config":{{"LogAnalyticsWorkspaceResourceId":"/Subscriptions/S/ws","useAADAuth":"true"}}}},
                "azurepolicy":{{"enabled":true,"config":null}},"httpApplicationRouting":{{"enabled":false}},"aciConnectorLinux":null}},
            "agentPoolProfiles":[
                {{"name":"user","mode":"User","count":2,"enableAutoScaling":false,"powerState":{{"code":"Stopped"}}}},
                {{"name":"system","mode":"System","provisioningState":"Succeeded","powerState":{{"code":"Running"}},"count":1,
                  "enableAutoScaling":true,"minCount":1,"maxCount":3,"vmSize":"Standard_DS2_v2","osType":"Linux",
                  "availabilityZones":["2","1"],"vnetSubnetID":"{subnet}","enableNodePublicIP":false}}],
            "windowsProfile":{{"adminUsername":"azureuser"}}}}"#,
        identity = arm_id("Microsoft.ManagedIdentity/userAssignedIdentities/Kubelet"),
        subnet = arm_id("Microsoft.Network/virtualNetworks/Core/subnets/Aks"),
    );
    let text = |text: &str| Some(text.to_owned());
    let system = AgentPool {
        name: "system".to_owned(),
        mode: text("System"),
        state: text("Succeeded"),
        power: text("Running"),
        count: Some(1),
        autoscaling: Some(true),
        min: Some(1),
        max: Some(3),
        size: text("Standard_DS2_v2"),
        os: text("Linux"),
        zones: vec!["1".to_owned(), "2".to_owned()],
        subnet: Some(key("Microsoft.Network/virtualNetworks/Core/subnets/Aks")),
        node_public_ip: Some(false),
    };
    let user = AgentPool {
        name: "user".to_owned(),
        mode: text("User"),
        power: text("Stopped"),
        count: Some(2),
        autoscaling: Some(false),
        state: None,
        min: None,
        max: None,
        size: None,
        os: None,
        zones: Vec::new(),
        subnet: None,
        node_public_ip: None,
    };
    let kubelet = KubeletIdentity {
        id: Some(key("Microsoft.ManagedIdentity/userAssignedIdentities/Kubelet")),
        object: "dd".to_owned(),
        client: text("cc"),
    };
    let expected = AksProperties {
        state: text("Succeeded"),
        power: text("Running"),
        version: text("1.29.2"),
        tier: text("Standard"),
        fqdn: text("core-x1.hcp.westeurope.azmk8s.io"),
        private_fqdn: text("core-x1.p.privatelink.westeurope.azmk8s.io"),
        node_group: text("mc_core"),
        rbac: Some(true),
        oidc_issuer_enabled: Some(true),
        oidc_issuer: text("weu.oic.prod-aks.azure.com/t/c"),
        workload_identity: Some(true),
        network_plugin: text("azure"),
        network_policy: text("azure"),
        outbound: text("loadBalancer"),
        identity_type: text("UserAssigned"),
        identities: vec!["aa-1".to_owned()],
        kubelet: Some(kubelet),
        pools: vec![system, user],
        addons: vec!["azurepolicy".to_owned(), "omsAgent".to_owned()],
        workspace: text("/subscriptions/s/ws"),
        private: Some(false),
        authorized_ranges: vec!["10.0.0.0/16".to_owned(), "10.1.0.0/16".to_owned()],
        local_accounts_disabled: Some(true),
        entra: Some(true),
        azure_rbac: Some(true),
    };
    assert_eq!(cluster(&members).await, Ok(expected));
}

#[tokio::test]
async fn what_a_cluster_does_not_say_is_not_made_up() {
    assert_eq!(cluster(r#","properties":{}"#).await, Ok(AksProperties::default()));
    let nulls = r#","sku":null,"identity":null,"properties":{"agentPoolProfiles":null,"addonProfiles":null,
        "apiServerAccessProfile":null,"aadProfile":null,"identityProfile":null,"networkProfile":{},"fqdn":""}"#;
    assert_eq!(cluster(nulls).await, Ok(AksProperties::default()));
    assert_eq!(cluster("").await, Err("answered without `properties`".to_owned()));
    let garbled = r#","properties":{"enableRBAC":"yes"}"#;
    assert_eq!(
        cluster(garbled).await,
        Err("answered with a `properties.enableRBAC` that can't be one".to_owned())
    );
    let unnamed = r#","properties":{"agentPoolProfiles":[{"count":1}]}"#;
    assert_eq!(cluster(unnamed).await, Err("answered without `agentPoolProfiles.name`".to_owned()));
}

#[tokio::test]
async fn a_workspace_is_that_of_the_add_on_or_of_what_else_writes_logs() {
    let workspace = async |members: &str| {
        let members = format!(r#","properties":{{{members}}}"#);
        cluster(&members).await.expect("a cluster").workspace
    };
    let off =
        r#""addonProfiles":{"omsagent":{"enabled":false,"config":{"logAnalyticsWorkspaceResourceID":"/A"}}}"#;
    assert_eq!(workspace(off).await, None, "what is off writes nowhere");
    let insights = r#""azureMonitorProfile":{"containerInsights":{"enabled":true,"logAnalyticsWorkspaceResourceId":"/B"}}"#;
    assert_eq!(workspace(insights).await.as_deref(), Some("/b"));
    let defender = r#""securityProfile":{"defender":{"logAnalyticsWorkspaceResourceId":"/C","securityMonitoring":{"enabled":true}}}"#;
    assert_eq!(workspace(&[off, insights, defender].join(",")).await.as_deref(), Some("/b"));
    assert_eq!(workspace(&[off, defender].join(",")).await.as_deref(), Some("/c"));
    assert_eq!(workspace(&defender.replace("true", "false")).await, None);
    let older =
        r#""securityProfile":{"azureDefender":{"enabled":true,"logAnalyticsWorkspaceResourceId":"/D"}}"#;
    assert_eq!(workspace(older).await.as_deref(), Some("/d"));
}

#[tokio::test]
async fn no_policy_between_pods_is_none_however_it_is_said() {
    let none =
        cluster(r#","properties":{"networkProfile":{"networkPlugin":"none","networkPolicy":"none"}}"#).await;
    let none = none.expect("a cluster");
    assert_eq!((none.network_plugin.as_deref(), none.network_policy), (Some("none"), None));
}

#[tokio::test]
async fn a_registry_is_read_as_azure_writes_it() {
    let found = registry(
        r#","sku":{"name":"Standard","tier":"Standard"},"properties":{"loginServer":"MyRegistry.azurecr.io",
        "provisioningState":"Succeeded","adminUserEnabled":false,"anonymousPullEnabled":true,
        "roleAssignmentMode":"AbacRepositoryPermissions","publicNetworkAccess":"Enabled","status":null,
        "policies":{"quarantinePolicy":{"status":"disabled"},"trustPolicy":{"type":"Notary","status":"Enabled"},
            "retentionPolicy":{"days":7},"exportPolicy":null}}"#,
    );
    let policies = [("quarantinePolicy".to_owned(), false), ("trustPolicy".to_owned(), true)];
    let expected = RegistryProperties {
        state: Some("Succeeded".to_owned()),
        sku: Some("Standard".to_owned()),
        login_server: Some("myregistry.azurecr.io".to_owned()),
        admin_enabled: Some(false),
        anonymous_pull: Some(true),
        public_network: Some("Enabled".to_owned()),
        role_mode: Some("AbacRepositoryPermissions".to_owned()),
        policies: BTreeMap::from(policies),
    };
    assert_eq!(found.await, Ok(expected));
    let plain = registry(r#","properties":{"roleAssignmentMode":"LegacyRegistryPermissions"}"#).await;
    assert_eq!(plain, Ok(RegistryProperties::default()));
    assert_eq!(registry("").await, Err("answered without `properties`".to_owned()));
}

#[tokio::test]
async fn a_cluster_that_answers_for_another_or_is_gone_is_not_known() {
    let other = format!(r#"{{"id":"{}","properties":{{}}}}"#, arm_id(&AKS.replace("/Core", "/Other")));
    let gone = r#"{"error":{"code":"ResourceNotFound","message":"no"}}"#;
    let denied = r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#;
    let not_asked =
        format!("answered with {}, which was not asked about", key(&AKS.replace("/Core", "/Other")));
    for (status, body, outcome, detail) in [
        (200, &*other, Outcome::Failed, &*not_asked),
        (404, gone, Outcome::Failed, "it is gone"),
        (403, denied, Outcome::Denied, "AuthorizationFailed: no"),
    ] {
        let found = read(AKS, [&CLUSTERS, &CLUSTER], (status, body)).await;
        let entry = found.entry(&GET_MANAGED_CLUSTER, &key(AKS));
        assert_eq!((entry.outcome, &*entry.detail), (outcome, detail));
        let cluster = found.resource(&arm_id(AKS)).as_kind::<AksCluster>().expect("a cluster");
        assert_eq!(cluster.properties.gap().expect("a gap").detail, detail);
    }
}

#[tokio::test]
async fn a_version_that_an_endpoint_does_not_know_is_followed_by_an_older_one() {
    let unknown = r#"{"error":{"code":"NoRegisteredProviderFound","message":"no"}}"#;
    let body = format!(r#"{{"id":"{}","properties":{{"provisioningState":"Succeeded"}}}}"#, arm_id(AKS));
    let service = Canned::new(&[(400, unknown), (200, &body)]);
    let found = service.fetch(&Containers, &CLUSTER, None, &key(AKS)).await;
    assert_eq!(found.entry(&GET_MANAGED_CLUSTER, &key(AKS)).outcome, Outcome::Complete);
    let asked = service.asked();
    let path = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/core/providers/Microsoft.ContainerService/managedClusters/core"
    );
    assert_eq!(asked, [format!("{path}?api-version=2024-02-01"), format!("{path}?api-version=2022-02-01")]);
}
