//! Where an env scans: plain data that the configuration fills, and what can keep a scan out.

use std::collections::BTreeMap;

/// The AWS accounts and regions of an env. What is absent falls back to the SDK's default chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwsTarget {
    pub profile: Option<String>,
    /// The account it must be: any other is not judged.
    pub account: Option<String>,
    pub regions: Vec<String>,
    /// Further accounts by the role name that designs use for them.
    pub accounts: BTreeMap<String, AssumeRole>,
    /// What recordings show in another form: literal text to what stands for it.
    pub scrub: BTreeMap<String, String>,
}

/// The role to assume for a further account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssumeRole {
    pub role_arn: String,
    pub external_id: Option<String>,
    pub session_name: Option<String>,
}

/// The Kubernetes cluster of an env.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KubernetesTarget {
    pub way: KubernetesWay,
    /// What recordings show in another form, besides what the env's other providers say.
    pub scrub: BTreeMap<String, String>,
}

/// By what a cluster is found and entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KubernetesWay {
    /// A context of the kubeconfig, or its current one.
    Context(Option<String>),
    /// A cluster of EKS, with the AWS credentials of the env.
    Eks {
        cluster: String,
        /// The first of the env's where it is not said.
        region: Option<String>,
        /// The account role that the cluster is in; empty: the main account.
        role: String,
    },
    Aks {
        cluster: String,
    },
    /// The cluster that this process runs in.
    InCluster,
}

impl Default for KubernetesWay {
    fn default() -> Self {
        Self::Context(None)
    }
}

impl KubernetesWay {
    /// What the env calls the cluster: it goes by this where its address can't be known.
    pub fn name(&self) -> &str {
        match self {
            Self::Context(Some(name)) | Self::Eks { cluster: name, .. } | Self::Aks { cluster: name } => name,
            Self::Context(None) => "current-context",
            Self::InCluster => "in-cluster",
        }
    }
}

/// Why nothing could be scanned at all.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error("can't get into AWS with {tried}: {cause}; log in, or name a profile in the env")]
    NoCredentials { tried: String, cause: String },
    #[error("AWS does not say who is asking with {tried}: {cause}")]
    NoIdentity { tried: String, cause: String },
    #[error("this is account {found}, and the env asks for {expected}: nothing was judged")]
    WrongAccount { expected: String, found: String },
    #[error("no AWS region: name `regions` in the env, or set one where the SDK looks")]
    NoRegion,
    #[error("role_arn {arn:?} of account role {role:?} is no ARN of a role")]
    RoleArn { role: String, arn: String },
    #[error("no HTTP client: the build lacks one")]
    NoHttpClient,
    #[error("can't get into the Kubernetes cluster {cluster}: {cause}")]
    NoCluster { cluster: String, cause: String },
    #[error("the recording in {path} can't be {what}")]
    Tape { path: String, what: &'static str, source: TapeError },
    #[error("built without the {feature} feature")]
    NotBuilt { feature: &'static str },
}

impl AccessError {
    /// Whether it is about one provider alone. What the env says wrongly, and an account that it is not, are not judged
    /// in part.
    pub fn leaves_the_rest(&self) -> bool {
        !matches!(self, Self::WrongAccount { .. } | Self::RoleArn { .. })
    }
}

/// What is wrong with a recording.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("not what a recording holds")]
    Json(#[from] serde_json::Error),
    #[error("something that looks like a secret or an account id would have been written: {0}")]
    Leak(String),
}
