//! Where an env scans: plain data for the collectors.

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
