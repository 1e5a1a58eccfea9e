//! Where an env scans: plain data that the configuration fills, and what can keep a scan out.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Everywhere that an env looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Targets<'t> {
    pub aws: Option<&'t AwsTarget>,
    pub azure: Option<&'t AzureTarget>,
    pub kubernetes: Option<&'t KubernetesTarget>,
}

impl Targets<'_> {
    pub fn is_empty(&self) -> bool {
        self.aws.is_none() && self.azure.is_none() && self.kubernetes.is_none()
    }
}

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

/// The subscriptions of an env. What is absent is looked for where Azure's own tools look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AzureTarget {
    /// The main one, by its id in lower case.
    pub subscription: Option<String>,
    /// Further ones by the role name that designs use for them.
    pub subscriptions: BTreeMap<String, String>,
    /// The tenant they must belong to.
    pub tenant: Option<String>,
    pub cloud: AzureCloud,
    /// The one way to log in; absent: the usual ones, one after the other.
    pub credential: Option<AzureCredential>,
    /// Of the identity that is meant, where a machine has several.
    pub client_id: Option<String>,
    /// What recordings show in another form: literal text to what stands for it.
    pub scrub: BTreeMap<String, String>,
    pub environment: AzureEnvironment,
}

/// Where Azure Resource Manager is, and who gives tokens for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AzureCloud {
    #[default]
    Public,
    UsGov,
    China,
    /// The addresses of both, by https.
    Custom {
        arm: String,
        authority: String,
    },
}

impl AzureCloud {
    pub fn arm(&self) -> &str {
        match self {
            Self::Public => "https://management.azure.com",
            Self::UsGov => "https://management.usgovcloudapi.net",
            Self::China => "https://management.chinacloudapi.cn",
            Self::Custom { arm, .. } => arm,
        }
    }

    pub fn authority(&self) -> &str {
        match self {
            Self::Public => "https://login.microsoftonline.com",
            Self::UsGov => "https://login.microsoftonline.us",
            Self::China => "https://login.chinacloudapi.cn",
            Self::Custom { authority, .. } => authority,
        }
    }
}

/// Ways to log in to Azure, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AzureCredential {
    Environment,
    WorkloadIdentity,
    ManagedIdentity,
    AzureCli,
    Azd,
}

impl AzureCredential {
    pub const ALL: [Self; 5] =
        [Self::Environment, Self::WorkloadIdentity, Self::ManagedIdentity, Self::AzureCli, Self::Azd];

    /// As the configuration calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::WorkloadIdentity => "workload_identity",
            Self::ManagedIdentity => "managed_identity",
            Self::AzureCli => "azure_cli",
            Self::Azd => "azd",
        }
    }
}

/// What the process's environment says of Azure. It may hold a secret, and shows none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AzureEnvironment(BTreeMap<String, String>);

impl AzureEnvironment {
    /// How the names of variables begin that anybody may need.
    const PREFIXES: [&str; 2] = ["AZURE_", "IDENTITY_"];

    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let named = |name: &str| Self::PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        Self(variables.into_iter().filter(|(name, value)| named(name) && !value.is_empty()).collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl std::fmt::Debug for AzureEnvironment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
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
    /// A cluster of AKS, with the Azure credentials of the env.
    Aks {
        cluster: String,
        /// The resource group that it is in; absent: the one of the subscription's that has a cluster of this name.
        group: Option<String>,
        /// The role of the subscription that it is in; empty: the main one.
        subscription: String,
        /// A file that the API server is trusted by, in the place of what the system trusts.
        certificate_authority: Option<PathBuf>,
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
            Self::Context(Some(name)) | Self::Eks { cluster: name, .. } | Self::Aks { cluster: name, .. } => {
                name
            }
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
    #[error("can't get into Azure: {tried}; log in with one of these, or name a `credential` in the env")]
    NoAzureCredentials { tried: String },
    #[error("nothing can be asked of Azure: {cause}")]
    NoAzure { cause: String },
    #[error("the credentials ({way}) do not get into subscription {subscription}: {cause}")]
    NoSubscription { subscription: String, way: &'static str, cause: String },
    #[error(
        "the env names no subscription, and the credentials ({way}) see {seen}: name `subscription` in the env"
    )]
    WhichSubscription { way: &'static str, seen: String },
    #[error(
        "subscription {subscription} is of tenant {found}, and the env asks for {expected}: nothing was judged"
    )]
    WrongTenant { subscription: String, expected: String, found: String },
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
        !matches!(self, Self::WrongAccount { .. } | Self::WrongTenant { .. } | Self::RoleArn { .. })
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
