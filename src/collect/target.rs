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
    #[error("the recording in {path} can't be {what}")]
    Tape { path: String, what: &'static str, source: TapeError },
    #[error("built without the aws feature")]
    NotBuilt,
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
