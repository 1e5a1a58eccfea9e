//! Into the accounts of an env: credentials first, then whose they are, then one way in for each account.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use chrono::{DateTime, Utc};

use super::asked::Collectors;
use super::entry::{account_of, assuming, identity, load};
use super::{Api, COLLECTORS, errors};
use crate::collect::detail::one_line;
use crate::collect::runner::Ask;
use crate::collect::target::{AccessError, AwsTarget};
use crate::collect::transport::aws::Seam;
use crate::collect::transport::aws::live::{Limits, Line};
use crate::collect::transport::record::{Closed, Recorder, TapeHeader};
use crate::collect::transport::replay::Tape;
use crate::model::scope::{GLOBAL, Scope};
use crate::model::seen::Why;

/// The accounts of an env, each with its way in or why there is none.
pub(crate) struct Access {
    way: Way,
    /// By account id; those that can't be entered are in the header's `closed`.
    doors: BTreeMap<String, SdkConfig>,
    header: TapeHeader,
}

enum Way {
    Live { line: Line, recorder: Option<Arc<Recorder>> },
    Tape(Arc<Tape>),
    Nowhere,
}

impl Access {
    pub(crate) async fn live(
        target: &AwsTarget,
        recorder: Option<Arc<Recorder>>,
        started_at: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        Self::through(Limits::default(), target, recorder, started_at).await
    }

    pub(crate) async fn through(
        limits: Limits,
        target: &AwsTarget,
        recorder: Option<Arc<Recorder>>,
        started_at: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        let line = Line::new(limits).ok_or(AccessError::NoHttpClient)?;
        let config = load(target, &line).await;
        Self::enter(line, &config, target, recorder, started_at).await
    }

    /// From a configuration that has everything but the ways into further accounts.
    async fn enter(
        line: Line,
        config: &SdkConfig,
        target: &AwsTarget,
        recorder: Option<Arc<Recorder>>,
        started_at: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        let tried = target.profile.as_ref().map_or_else(
            || "the SDK's default chain (environment, profile, container, instance)".to_owned(),
            |profile| format!("profile {profile:?}"),
        );
        let credentials = config.credentials_provider();
        let Some(credentials) = credentials else {
            return Err(AccessError::NoCredentials { tried, cause: "nothing is configured".into() });
        };
        if let Err(error) = credentials.provide_credentials().await {
            let (_, cause) = errors::of_credentials(&error);
            return Err(AccessError::NoCredentials { tried, cause: one_line(&cause) });
        }
        let regions = match (&target.regions[..], config.region()) {
            ([], None) => return Err(AccessError::NoRegion),
            ([], Some(region)) => vec![region.to_string()],
            (regions, _) => regions.to_vec(),
        };
        let main = match identity(config, "").await {
            Ok(identity) => identity,
            Err(closed) => {
                let at = config.endpoint_url().map(|url| format!(" (at {url})")).unwrap_or_default();
                return Err(AccessError::NoIdentity { tried, cause: format!("{}{at}", closed.detail) });
            }
        };
        if let Some(expected) = target.account.as_ref().filter(|expected| **expected != main.account) {
            return Err(AccessError::WrongAccount { expected: expected.clone(), found: main.account });
        }

        let mut header = TapeHeader {
            accounts: BTreeMap::from([(String::new(), main.account.clone())]),
            regions,
            identity: vec![main.clone()],
            ..TapeHeader::at(started_at)
        };
        let mut doors = BTreeMap::from([(main.account, config.clone())]);
        let roles = target.accounts.iter().map(async |(role, assume)| {
            let Some(account) = account_of(&assume.role_arn) else {
                return Err(AccessError::RoleArn { role: role.clone(), arn: assume.role_arn.clone() });
            };
            let config = assuming(config, assume).await;
            let identity = identity(&config, account).await;
            Ok((role.clone(), account.to_owned(), config, identity))
        });
        for entered in futures::future::join_all(roles).await {
            let (role, account, config, entered) = entered?;
            header.accounts.insert(role, account.clone());
            if doors.contains_key(&account) {
                continue;
            }
            match entered {
                Ok(identity) => {
                    header.closed.remove(&account);
                    header.identity.push(identity);
                    doors.insert(account, config);
                }
                Err(closed) => {
                    header.closed.insert(account, closed);
                }
            }
        }
        header.identity.sort_unstable();
        Ok(Self { way: Way::Live { line, recorder }, doors, header })
    }

    /// Accounts that nothing can be asked in, and why, as far as the env names them.
    pub(crate) fn closed(target: &AwsTarget, why: &AccessError, started_at: DateTime<Utc>) -> Self {
        let unnamed = || "unknown".to_owned();
        let main = target.account.clone().unwrap_or_else(unnamed);
        let further = target.accounts.iter().map(|(role, assume)| {
            (role.clone(), account_of(&assume.role_arn).map_or_else(unnamed, ToOwned::to_owned))
        });
        let mut header = TapeHeader::at(started_at);
        header.accounts = further.chain([(String::new(), main)]).collect();
        header.regions.clone_from(&target.regions);
        let closed = Closed { why: Why::Failed, detail: one_line(&why.to_string()) };
        header.closed = header.accounts.values().map(|account| (account.clone(), closed.clone())).collect();
        Self { way: Way::Nowhere, doors: BTreeMap::new(), header }
    }

    /// The accounts of a recording. Nothing leaves the process, and no files but the recording's are read.
    pub(crate) fn replay(tape: Arc<Tape>) -> Self {
        let header = tape.header.clone();
        let credentials = Credentials::new("recorded", "recorded", None, None, "recording");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .build();
        let open = header.accounts.values().filter(|account| !header.closed.contains_key(*account));
        let doors = open.map(|account| (account.clone(), config.clone())).collect();
        Self { way: Way::Tape(tape), doors, header }
    }

    /// The way into an account and region, or why there is none.
    pub(crate) fn api(&self, scope: &Scope) -> Result<Api, Closed> {
        let Some(config) = self.doors.get(&scope.account) else {
            return Err(self.header.closed.get(&scope.account).cloned().unwrap_or_else(|| Closed {
                why: Why::Skipped,
                detail: format!("account {} is not scanned in this env", scope.account),
            }));
        };
        let region = if scope.region == GLOBAL {
            global_endpoint(self.header.regions.first().map_or("", String::as_str))
        } else if self.header.regions.contains(&scope.region) {
            &scope.region
        } else {
            let detail = format!("region {} is not among this env's", scope.region);
            return Err(Closed { why: Why::Skipped, detail });
        };
        let seam = match &self.way {
            Way::Live { line, recorder } => Seam::reads(line.clone(), scope.clone(), recorder.clone()),
            Way::Tape(tape) => Seam::replays(Arc::clone(tape), scope.clone()),
            Way::Nowhere => unreachable!("there are no doors"),
        };
        let config = config.to_builder().region(Region::new(region.to_owned())).http_client(seam).build();
        Ok(Api { config, scope: scope.clone(), read_at: self.header.captured_at })
    }

    /// What a recording of it says first.
    pub(crate) fn header(&self) -> &TapeHeader {
        &self.header
    }

    pub(crate) fn asker(self) -> Box<dyn Ask + Send> {
        Box::new(Collectors::new(self, COLLECTORS))
    }
}

/// The region that a partition's global services are asked in.
fn global_endpoint(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "cn-northwest-1",
        _ if region.starts_with("us-gov-") => "us-gov-west-1",
        _ => "us-east-1",
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::collect::target::AssumeRole;
    use crate::collect::transport::stub::{Reply, Stub};

    pub(crate) const MAIN: &str = "123412341234";

    /// Says who is asking, and refuses every role.
    pub(crate) fn sts(request: &str, _: usize) -> Reply {
        if request.contains("Action=AssumeRole") {
            return Reply::xml(
                403,
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no trust</Message>\
                 </Error></ErrorResponse>",
            );
        }
        let arn = format!("arn:aws:sts::{MAIN}:assumed-role/auditor/jane");
        Reply::xml(
            200,
            &format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>x</UserId>\
                 <Account>{MAIN}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
            ),
        )
    }

    impl Access {
        /// Through a service of a test.
        pub(crate) async fn at(
            url: &str,
            target: &AwsTarget,
            recorder: Option<Arc<Recorder>>,
        ) -> Result<Self, AccessError> {
            let line = Line::new(Limits::default()).expect("a build with an HTTP client");
            let credentials = Credentials::new("test", "test", None, None, "test");
            let config = SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("us-west-1"))
                .endpoint_url(url)
                .credentials_provider(SharedCredentialsProvider::new(credentials))
                .retry_config(RetryConfig::disabled())
                .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
                .time_source(aws_smithy_async::time::SystemTimeSource::new())
                .http_client(Seam::credentials(line.clone()))
                .build();
            Self::enter(line, &config, target, recorder, DateTime::UNIX_EPOCH).await
        }
    }

    fn with_common() -> AwsTarget {
        let role_arn = "arn:aws:iam::999988887777:role/stacks-audit".to_owned();
        let common = AssumeRole { role_arn, ..AssumeRole::default() };
        AwsTarget { accounts: BTreeMap::from([("common".to_owned(), common)]), ..AwsTarget::default() }
    }

    #[tokio::test]
    async fn a_role_that_cannot_be_assumed_closes_its_account_alone() {
        let stub = Stub::start(sts).await;
        let tape = tempfile::tempdir().expect("a folder");
        let recorder: Arc<Recorder> = Arc::default();
        let access =
            Access::at(&stub.url, &with_common(), Some(Arc::clone(&recorder))).await.expect("main is open");
        let api = access.api(&Scope::aws(MAIN, "us-west-1")).map(|api| api.scope.region);
        assert_eq!(api.ok().as_deref(), Some("us-west-1"));
        let closed = access.api(&Scope::aws("999988887777", "us-west-1")).err().expect("closed");
        assert_eq!(closed.why, Why::Denied);
        assert!(closed.detail.contains("can't be assumed: AccessDenied"), "{}", closed.detail);
        assert_eq!(access.header().accounts["common"], "999988887777");

        recorder.write(tape.path(), access.header(), &BTreeMap::new()).expect("a folder to write to");
        let replayed = Access::replay(Arc::new(Tape::read(tape.path()).expect("a tape")));
        assert!(replayed.api(&Scope::aws("111111111111", GLOBAL)).is_ok());
        let still = replayed.api(&Scope::aws("999999999999", "us-west-1")).err().expect("closed");
        assert_eq!(still, closed);
        let principal = &replayed.header().identity[0].principal;
        assert_eq!(principal, "arn:aws:sts::111111111111:assumed-role/auditor/SCRUBBED");
    }

    #[tokio::test]
    async fn another_account_is_not_judged() {
        let stub = Stub::start(sts).await;
        let target = AwsTarget { account: Some("111111111111".into()), ..AwsTarget::default() };
        let error = Access::at(&stub.url, &target, None).await.err().expect("wrong account");
        assert!(
            matches!(&error, AccessError::WrongAccount { expected, found } if expected == "111111111111" && found == MAIN)
        );
    }

    #[tokio::test]
    async fn scopes_outside_the_env_are_not_asked() {
        let stub = Stub::start(sts).await;
        let access = Access::at(&stub.url, &AwsTarget::default(), None).await.expect("open");
        for scope in [Scope::aws(MAIN, "eu-west-1"), Scope::aws("222222222222", "us-west-1")] {
            let closed = access.api(&scope).err().expect("outside");
            assert_eq!(closed.why, Why::Skipped);
            assert!(!closed.detail.is_empty());
        }
    }

    #[test]
    fn global_services_stay_in_their_partition() {
        assert_eq!(global_endpoint("cn-north-1"), "cn-northwest-1");
        assert_eq!(global_endpoint("us-gov-east-1"), "us-gov-west-1");
        assert_eq!(global_endpoint("eu-west-1"), "us-east-1");
    }
}
