//! From EKS's answers to facts.

use std::collections::HashMap;

use aws_sdk_eks::types as sdk;
use aws_smithy_types::base64;

use super::super::Api;
use super::super::members::{Unreadable, need, sorted, tags, text, without_scheme};
use crate::model::aws::eks::{
    ACCESS_POLICIES, AccessEntry, AccessPolicy, Addon, Cluster, FargateProfile, FargateSelector, Nodegroup,
    PodIdentity,
};
use crate::model::certificates::authorities;
use crate::model::kind::{Head, Resource};
use crate::model::names;
use crate::model::seen::Seen;

type Tags = Option<HashMap<String, String>>;

fn head(api: &Api, id: String, name: String, found: Tags) -> Head {
    api.head(id, name, Seen::Known(tags(found.unwrap_or_default())))
}

pub(super) fn cluster(api: &Api, found: sdk::Cluster) -> Result<Resource, Unreadable> {
    let head = head(api, need(found.arn, "arn")?, need(found.name, "name")?, found.tags);
    let network = need(found.resources_vpc_config, "resourcesVpcConfig")?;
    let logging = found.logging.and_then(|logging| logging.cluster_logging).unwrap_or_default().into_iter();
    let enabled = logging.filter(|setup| setup.enabled == Some(true));
    let encryption = found.encryption_config.unwrap_or_default().into_iter();
    let identity = found.identity.and_then(|identity| identity.oidc);
    let cluster = Cluster {
        status: text(need(found.status, "status")?),
        version: found.version,
        endpoint: found.endpoint.map(|endpoint| names::server(&endpoint)),
        certificate_authority: certificates(found.certificate_authority),
        role: found.role_arn,
        subnets: sorted(network.subnet_ids.unwrap_or_default()),
        groups: sorted(network.security_group_ids.unwrap_or_default()),
        cluster_group: network.cluster_security_group_id,
        // The SDK takes access that is not told for access that is off; an answer that tells of it names the network.
        endpoint_public: network.vpc_id.as_ref().map(|_| network.endpoint_public_access),
        endpoint_private: network.vpc_id.as_ref().map(|_| network.endpoint_private_access),
        vpc: network.vpc_id,
        public_cidrs: sorted(network.public_access_cidrs.unwrap_or_default()),
        logging: sorted(enabled.flat_map(|setup| setup.types.unwrap_or_default()).map(text)),
        // Secrets are among what each of these has always encrypted.
        secrets_key: encryption
            .filter_map(|encryption| encryption.provider)
            .find_map(|provider| provider.key_arn),
        oidc_issuer: identity.and_then(|oidc| oidc.issuer).map(|issuer| without_scheme(&issuer).to_owned()),
        authentication_mode: found.access_config.and_then(|access| access.authentication_mode).map(text),
    };
    Ok(Resource::new(head, cluster))
}

/// None while the cluster is being made, and of what is no certificate: then they prove nothing, neither way.
fn certificates(found: Option<sdk::Certificate>) -> Vec<String> {
    let data = found.and_then(|certificate| certificate.data).unwrap_or_default();
    let pem = base64::decode(&data).ok().and_then(|pem| String::from_utf8(pem).ok());
    pem.map(|pem| authorities(&pem)).unwrap_or_default()
}

pub(super) fn nodegroup(api: &Api, cluster: &str, found: sdk::Nodegroup) -> Result<Resource, Unreadable> {
    let name = need(found.nodegroup_name, "nodegroupName")?;
    let head = head(api, need(found.nodegroup_arn, "nodegroupArn")?, name, found.tags);
    let scaling = found.scaling_config.as_ref();
    let issues = found.health.and_then(|health| health.issues).unwrap_or_default();
    let group = Nodegroup {
        cluster: cluster.to_owned(),
        status: found.status.map(text),
        role: found.node_role,
        subnets: sorted(found.subnets.unwrap_or_default()),
        ami_type: found.ami_type.map(text),
        capacity_type: found.capacity_type.map(text),
        instance_types: sorted(found.instance_types.unwrap_or_default()),
        desired: scaling.and_then(|scaling| scaling.desired_size).map(i64::from),
        min: scaling.and_then(|scaling| scaling.min_size).map(i64::from),
        max: scaling.and_then(|scaling| scaling.max_size).map(i64::from),
        health_issues: sorted(issues.into_iter().filter_map(|issue| issue.code).map(text)),
    };
    Ok(Resource::new(head, group))
}

pub(super) fn fargate_profile(
    api: &Api,
    cluster: &str,
    found: sdk::FargateProfile,
) -> Result<Resource, Unreadable> {
    let name = need(found.fargate_profile_name, "fargateProfileName")?;
    let head = head(api, need(found.fargate_profile_arn, "fargateProfileArn")?, name, found.tags);
    let selector = |found: sdk::FargateProfileSelector| {
        let labels = found.labels.unwrap_or_default().into_iter().collect();
        Ok(FargateSelector { namespace: need(found.namespace, "namespace of a selector")?, labels })
    };
    let selectors = need(found.selectors, "selectors")?.into_iter().map(selector);
    let profile = FargateProfile {
        cluster: cluster.to_owned(),
        status: found.status.map(text),
        role: found.pod_execution_role_arn,
        subnets: sorted(found.subnets.unwrap_or_default()),
        selectors: selectors.collect::<Result<_, Unreadable>>()?,
    };
    Ok(Resource::new(head, profile))
}

pub(super) fn addon(api: &Api, cluster: &str, found: sdk::Addon) -> Result<Resource, Unreadable> {
    let name = need(found.addon_name, "addonName")?;
    let head = head(api, need(found.addon_arn, "addonArn")?, name, found.tags);
    let issues = found.health.and_then(|health| health.issues).unwrap_or_default();
    let addon = Addon {
        cluster: cluster.to_owned(),
        status: found.status.map(text),
        version: found.addon_version,
        service_account_role: found.service_account_role_arn,
        health_issues: sorted(issues.into_iter().filter_map(|issue| issue.code).map(text)),
    };
    Ok(Resource::new(head, addon))
}

/// Named by who gets in.
pub(super) fn access_entry(
    api: &Api,
    cluster: &str,
    found: sdk::AccessEntry,
) -> Result<Resource, Unreadable> {
    let id = need(found.access_entry_arn, "accessEntryArn")?;
    let policies = api.unread(&ACCESS_POLICIES, &id);
    let principal = need(found.principal_arn, "principalArn")?;
    let head = head(api, id, principal.clone(), found.tags);
    let entry = AccessEntry {
        cluster: cluster.to_owned(),
        principal,
        r#type: found.r#type,
        groups: sorted(found.kubernetes_groups.unwrap_or_default()),
        policies,
    };
    Ok(Resource::new(head, entry))
}

pub(super) fn access_policy(found: sdk::AssociatedAccessPolicy) -> Result<AccessPolicy, Unreadable> {
    let scope = need(found.access_scope, "accessScope")?;
    let namespaces = match need(scope.r#type, "type of an accessScope")? {
        sdk::AccessScopeType::Cluster => Vec::new(),
        // No namespaces at all would read as the whole cluster.
        sdk::AccessScopeType::Namespace => {
            let namespaces = scope.namespaces.filter(|namespaces| !namespaces.is_empty());
            sorted(need(namespaces, "namespaces of an accessScope")?)
        }
        _ => return Err(Unreadable::Garbled("type of an accessScope")),
    };
    Ok(AccessPolicy { policy: need(found.policy_arn, "policyArn")?, namespaces })
}

/// Named by whose it is: its own id says nothing to anybody.
pub(super) fn pod_identity(
    api: &Api,
    cluster: &str,
    found: sdk::PodIdentityAssociation,
) -> Result<Resource, Unreadable> {
    let namespace = need(found.namespace, "namespace")?;
    let service_account = need(found.service_account, "serviceAccount")?;
    let name = format!("{namespace}/{service_account}");
    let head = head(api, need(found.association_arn, "associationArn")?, name, found.tags);
    let association = PodIdentity {
        cluster: cluster.to_owned(),
        namespace,
        service_account,
        role: found.role_arn,
        target_role: found.target_role_arn,
    };
    Ok(Resource::new(head, association))
}
