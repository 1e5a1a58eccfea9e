//! Credentials from the SDK's chain, roles assumed with them, and whose they are.

use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use super::{Api, errors};
use crate::collect::target::{AssumeRole, AwsTarget};
use crate::collect::transport::aws::Seam;
use crate::collect::transport::aws::live::Line;
use crate::collect::transport::record::Closed;
use crate::model::aws::{Arn, sts};
use crate::model::scope::{GLOBAL, Provider, Scope};
use crate::model::seen::Why;
use crate::model::snapshot::Identity;

/// Attempts at one call, the first included.
const ATTEMPTS: u32 = 5;

impl Api {
    /// The retry quota of one service in one account and region. The SDK's own is shared by all accounts of
    /// a region,
    /// so that one throttled account takes the others' retries.
    pub fn retry_partition(&self, service: &str) -> RetryPartition {
        RetryPartition::new(format!("{}/{service}/{}", self.scope.account, self.scope.region))
    }
}

/// The SDK's default chain through the seam, with one pair of timeouts and standard retries for everything.
pub(super) async fn load(target: &AwsTarget, line: &Line) -> SdkConfig {
    let limits = line.limits();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(Seam::credentials(line.clone()))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(limits.connect)
                .read_timeout(limits.read)
                .operation_attempt_timeout(limits.attempt)
                .build(),
        );
    if let Some(profile) = &target.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = target.regions.first() {
        loader = loader.region(Region::new(region.clone()));
    }
    loader.load().await
}

pub(super) async fn assuming(config: &SdkConfig, assume: &AssumeRole) -> SdkConfig {
    let session = assume.session_name.as_deref().unwrap_or("stacks-audit");
    let mut role = AssumeRoleProvider::builder(&assume.role_arn).session_name(session).configure(config);
    if let Some(external_id) = &assume.external_id {
        role = role.external_id(external_id);
    }
    let provider = SharedCredentialsProvider::new(role.build().await);
    config.to_builder().credentials_provider(provider).build()
}

/// Whose credentials these are.
pub(super) async fn identity(config: &SdkConfig, account: &str) -> Result<Identity, Closed> {
    let answer = aws_sdk_sts::Client::new(config).get_caller_identity().send().await;
    let answer = answer.map_err(|error| {
        let gap = errors::gap(&error, &sts::GET_CALLER_IDENTITY, &Scope::aws(account, GLOBAL), "");
        Closed { why: gap.why, detail: gap.detail }
    })?;
    match (answer.account, answer.arn) {
        (Some(account), Some(principal)) => Ok(Identity { provider: Provider::Aws, account, principal }),
        _ => Err(Closed { why: Why::Failed, detail: "answered without an account".into() }),
    }
}

pub(super) fn account_of(role_arn: &str) -> Option<&str> {
    let arn = Arn::parse(role_arn)?;
    let of_role = arn.service == "iam" && arn.resource.starts_with("role/");
    let digits = arn.account.len() == 12 && arn.account.bytes().all(|byte| byte.is_ascii_digit());
    (of_role && digits).then_some(arn.account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_roles_have_accounts() {
        assert_eq!(account_of("arn:aws:iam::999999999999:role/path/x"), Some("999999999999"));
        assert_eq!(account_of("arn:aws:iam::999999999999:user/x"), None);
        assert_eq!(account_of("stacks-audit"), None);
    }
}
