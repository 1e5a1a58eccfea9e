//! Elastic Kubernetes Service.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Detail, Fact, Found, Head, Kind, KindMeta};
use crate::model::seen::Seen;

const fn call(id: &'static str, permissions: &'static [&'static str], path: &'static str) -> Call {
    Call { id, sdk_service: "EKS", permissions, wire: Wire::Rest(path) }
}

pub const LIST_CLUSTERS: Call = call("eks:ListClusters", &["eks:ListClusters"], "/clusters");
pub const DESCRIBE_CLUSTER: Call = call("eks:DescribeCluster", &["eks:DescribeCluster"], "/clusters/*");
pub const LIST_NODEGROUPS: Call =
    call("eks:ListNodegroups", &["eks:ListNodegroups"], "/clusters/*/node-groups");
pub const DESCRIBE_NODEGROUP: Call =
    call("eks:DescribeNodegroup", &["eks:DescribeNodegroup"], "/clusters/*/node-groups/*");
pub const LIST_FARGATE_PROFILES: Call =
    call("eks:ListFargateProfiles", &["eks:ListFargateProfiles"], "/clusters/*/fargate-profiles");
pub const DESCRIBE_FARGATE_PROFILE: Call =
    call("eks:DescribeFargateProfile", &["eks:DescribeFargateProfile"], "/clusters/*/fargate-profiles/*");
pub const LIST_ADDONS: Call = call("eks:ListAddons", &["eks:ListAddons"], "/clusters/*/addons");
pub const DESCRIBE_ADDON: Call = call("eks:DescribeAddon", &["eks:DescribeAddon"], "/clusters/*/addons/*");
pub const LIST_ACCESS_ENTRIES: Call =
    call("eks:ListAccessEntries", &["eks:ListAccessEntries"], "/clusters/*/access-entries");
pub const DESCRIBE_ACCESS_ENTRY: Call =
    call("eks:DescribeAccessEntry", &["eks:DescribeAccessEntry"], "/clusters/*/access-entries/*");
pub const LIST_ASSOCIATED_ACCESS_POLICIES: Call = call(
    "eks:ListAssociatedAccessPolicies",
    &["eks:ListAssociatedAccessPolicies"],
    "/clusters/*/access-entries/*/access-policies",
);
pub const LIST_POD_IDENTITY_ASSOCIATIONS: Call = call(
    "eks:ListPodIdentityAssociations",
    &["eks:ListPodIdentityAssociations"],
    "/clusters/*/pod-identity-associations",
);
pub const DESCRIBE_POD_IDENTITY_ASSOCIATION: Call = call(
    "eks:DescribePodIdentityAssociation",
    &["eks:DescribePodIdentityAssociation"],
    "/clusters/*/pod-identity-associations/*",
);

pub const CLUSTERS: Source = Source::of(&[&LIST_CLUSTERS, &DESCRIBE_CLUSTER]);
pub const NODEGROUPS: Source = Source::of(&[&LIST_NODEGROUPS, &DESCRIBE_NODEGROUP]);
pub const FARGATE_PROFILES: Source = Source::of(&[&LIST_FARGATE_PROFILES, &DESCRIBE_FARGATE_PROFILE]);
pub const ADDONS: Source = Source::of(&[&LIST_ADDONS, &DESCRIBE_ADDON]);
pub const ACCESS_ENTRIES: Source = Source::of(&[&LIST_ACCESS_ENTRIES, &DESCRIBE_ACCESS_ENTRY]);
pub const ACCESS_POLICIES: Source = Source::of(&[&LIST_ASSOCIATED_ACCESS_POLICIES]);
pub const POD_IDENTITIES: Source =
    Source::of(&[&LIST_POD_IDENTITY_ASSOCIATIONS, &DESCRIBE_POD_IDENTITY_ASSOCIATION]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    pub status: String,
    pub version: Option<String>,
    /// Host of the API server, and port where it is not 443; lower case.
    pub endpoint: Option<String>,
    /// The certificates that the API server is trusted by: base64 of DER, sorted.
    pub certificate_authority: Vec<String>,
    pub role: Option<String>,
    pub vpc: Option<String>,
    pub subnets: Vec<String>,
    pub groups: Vec<String>,
    /// The group that EKS made for control plane and nodes.
    pub cluster_group: Option<String>,
    pub endpoint_public: Option<bool>,
    pub endpoint_private: Option<bool>,
    pub public_cidrs: Vec<String>,
    /// The control plane's log types that are on.
    pub logging: Vec<String>,
    /// ARN of the key that encrypts secrets; absent where they are not encrypted by a key of one's own.
    pub secrets_key: Option<String>,
    /// Without its scheme.
    pub oidc_issuer: Option<String>,
    /// `API`, `API_AND_CONFIG_MAP` or `CONFIG_MAP`.
    pub authentication_mode: Option<String>,
}

impl Fact for Cluster {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::EksCluster,
        name: "aws.eks_cluster",
        about: "An EKS cluster.",
        found: &[Found::Listed(&CLUSTERS)],
        details: &[],
        global: false,
    };
    /// By its endpoint too: that is what kubeconfigs point at.
    fn links(&self) -> Vec<&str> {
        self.vpc.iter().chain(&self.endpoint).map(String::as_str).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nodegroup {
    /// ARN.
    pub cluster: String,
    pub status: Option<String>,
    /// ARN of the role that its nodes act as.
    pub role: Option<String>,
    pub subnets: Vec<String>,
    pub ami_type: Option<String>,
    pub capacity_type: Option<String>,
    pub instance_types: Vec<String>,
    pub desired: Option<i64>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    /// Codes of what EKS finds wrong with it.
    pub health_issues: Vec<String>,
}

impl Fact for Nodegroup {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::EksNodegroup,
        name: "aws.eks_nodegroup",
        about: "A managed node group of an EKS cluster.",
        found: &[Found::Within(Kind::EksCluster, &NODEGROUPS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.cluster]
    }
    /// Its ARN changes when it is made anew.
    fn key(&self, head: &Head) -> String {
        format!("{}/{}", self.cluster, head.name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FargateProfile {
    /// ARN.
    pub cluster: String,
    pub status: Option<String>,
    /// ARN of the role that pulls images for its pods.
    pub role: Option<String>,
    pub subnets: Vec<String>,
    pub selectors: Vec<FargateSelector>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FargateSelector {
    /// May hold the wildcards `*` and `?`.
    pub namespace: String,
    pub labels: BTreeMap<String, String>,
}

impl Fact for FargateProfile {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::EksFargateProfile,
        name: "aws.eks_fargate_profile",
        about: "A Fargate profile of an EKS cluster: which pods run without nodes.",
        found: &[Found::Within(Kind::EksCluster, &FARGATE_PROFILES)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.cluster]
    }
    fn key(&self, head: &Head) -> String {
        format!("{}/{}", self.cluster, head.name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Addon {
    /// ARN.
    pub cluster: String,
    pub status: Option<String>,
    pub version: Option<String>,
    /// ARN.
    pub service_account_role: Option<String>,
    /// Codes of what EKS finds wrong with it.
    pub health_issues: Vec<String>,
}

impl Fact for Addon {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::EksAddon,
        name: "aws.eks_addon",
        about: "An add-on of an EKS cluster.",
        found: &[Found::Within(Kind::EksCluster, &ADDONS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.cluster]
    }
    fn key(&self, head: &Head) -> String {
        format!("{}/{}", self.cluster, head.name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessEntry {
    /// ARN.
    pub cluster: String,
    /// ARN of who gets in.
    pub principal: String,
    /// `STANDARD`, `EC2_LINUX`, ….
    pub r#type: Option<String>,
    pub groups: Vec<String>,
    pub policies: Seen<Vec<AccessPolicy>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessPolicy {
    /// ARN.
    pub policy: String,
    /// Empty: the whole cluster.
    pub namespaces: Vec<String>,
}

impl Fact for AccessEntry {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::EksAccessEntry,
        name: "aws.eks_access_entry",
        about: "Who is let into an EKS cluster's API.",
        found: &[Found::Within(Kind::EksCluster, &ACCESS_ENTRIES)],
        details: &[Detail { field: "policies", source: &ACCESS_POLICIES }],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.cluster]
    }
    fn key(&self, _head: &Head) -> String {
        format!("{}/{}", self.cluster, self.principal)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PodIdentity {
    /// ARN.
    pub cluster: String,
    pub namespace: String,
    pub service_account: String,
    /// ARN.
    pub role: Option<String>,
    /// ARN of a role in another account that the first one assumes.
    pub target_role: Option<String>,
}

impl Fact for PodIdentity {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::EksPodIdentity,
        name: "aws.eks_pod_identity",
        about: "A pod identity association: the role that a service account's pods act as.",
        found: &[Found::Within(Kind::EksCluster, &POD_IDENTITIES)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.cluster]
    }
    fn key(&self, _head: &Head) -> String {
        format!("{}/{}/{}", self.cluster, self.namespace, self.service_account)
    }
}
