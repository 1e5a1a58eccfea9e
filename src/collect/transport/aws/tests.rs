use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use chrono::DateTime;

use super::live::Limits;
use super::*;
use crate::collect::aws::errors;
use crate::collect::transport::record::TapeHeader;
use crate::collect::transport::stub::{Reply, Stub};
use crate::model::aws::{ec2, ecs};
use crate::model::seen::{Gap, Why};

const ACCOUNT: &str = "123412341234";
const ATTEMPT: Duration = Duration::from_millis(250);

fn scope(account: &str) -> Scope {
    Scope::aws(account, "us-west-1")
}

fn line() -> Line {
    let limits = Limits { attempt: ATTEMPT, ..Limits::default() };
    Line::new(limits).expect("a build with an HTTP client")
}

fn config(url: &str, seam: Seam, attempts: u32) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let retries = RetryConfig::standard()
        .with_max_attempts(attempts)
        .with_initial_backoff(Duration::from_millis(1))
        .with_max_backoff(Duration::from_millis(2));
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-west-1"))
        .endpoint_url(url)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(retries)
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).build())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::new(SystemTimeSource::new()))
        .http_client(seam)
        .build()
}

/// How many VPCs a scope has, or why that is not known.
async fn vpcs(config: &SdkConfig, account: &str) -> Result<Vec<String>, Gap> {
    let answer = aws_sdk_ec2::Client::new(config).describe_vpcs().max_results(1000).send().await;
    let answer = answer.map_err(|error| errors::gap(&error, &ec2::DESCRIBE_VPCS, &scope(account), ""))?;
    Ok(answer.vpcs().iter().filter_map(|vpc| vpc.owner_id().map(ToOwned::to_owned)).collect())
}

async fn clusters(config: &SdkConfig, account: &str) -> Result<Vec<String>, Gap> {
    let answer = aws_sdk_ecs::Client::new(config).list_clusters().send().await;
    let answer = answer.map_err(|error| errors::gap(&error, &ecs::LIST_CLUSTERS, &scope(account), ""))?;
    Ok(answer.cluster_arns.unwrap_or_default())
}

type Answers = (Result<Vec<String>, Gap>, Result<Vec<String>, Gap>);

/// Asks twice what the tests ask, through a recorder, and writes the tape.
async fn record(url: &str, folder: &Path, attempts: u32) -> Answers {
    let recorder = Arc::new(Recorder::default());
    let seam = Seam::reads(line(), scope(ACCOUNT), Some(Arc::clone(&recorder)));
    let config = config(url, seam, attempts);
    let answers = (vpcs(&config, ACCOUNT).await, clusters(&config, ACCOUNT).await);
    let accounts = BTreeMap::from([(String::new(), ACCOUNT.to_owned())]);
    let header =
        TapeHeader { accounts, regions: vec!["us-west-1".into()], ..TapeHeader::at(DateTime::UNIX_EPOCH) };
    recorder.write(folder, &header, &BTreeMap::new()).expect("a folder to write to");
    answers
}

async fn replay(folder: &Path) -> Answers {
    let tape = Tape::read(folder).expect("a tape");
    let account = tape.header.accounts[""].clone();
    let seam = Seam::replays(Arc::new(tape), scope(&account));
    let config = config("http://127.0.0.1:1", seam, 1);
    (vpcs(&config, &account).await, clusters(&config, &account).await)
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)));
        } else {
            found.insert(name, std::fs::read_to_string(&path).expect("text"));
        }
    }
    found
}

/// Good answers, in another wrapping for each request.
fn good(request: &str, number: usize) -> Reply {
    if request.contains("ListClusters") {
        let body = format!(r#"{{"clusterArns":["arn:aws:ecs:us-west-1:{ACCOUNT}:cluster/app"]}}"#);
        return Reply { content_type: "application/x-amz-json-1.1", ..Reply::xml(200, &body) };
    }
    let body = format!(
        "<DescribeVpcsResponse><requestId>{number}</requestId><vpcSet><item><vpcId>vpc-1</vpcId>\
         <ownerId>{ACCOUNT}</ownerId></item></vpcSet></DescribeVpcsResponse>"
    );
    Reply::xml(200, &body)
}

fn ec2_error(status: u16, code: &str) -> Reply {
    let body = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>No.</Message></Error></Errors>\
         <RequestID>7</RequestID></Response>"
    );
    Reply::xml(status, &body)
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[tokio::test]
async fn writes_and_undeclared_reads_are_refused_by_name() {
    let stub = Stub::start(good).await;
    let config = config(&stub.url, Seam::reads(line(), scope(ACCOUNT), None), 3);
    let client = aws_sdk_ec2::Client::new(&config);
    let write = client.delete_vpc().vpc_id("vpc-1").send().await.expect_err("refused");
    let read = client.describe_key_pairs().send().await.expect_err("refused");
    let call = &ec2::DESCRIBE_VPCS;
    for gap in [errors::gap(&write, call, &scope(ACCOUNT), ""), errors::gap(&read, call, &scope(ACCOUNT), "")]
    {
        assert_eq!(gap.why, Why::Failed);
        assert!(gap.detail.contains("refused before it left"), "{}", gap.detail);
    }
    assert_eq!(stub.requests(), 0);
}

/// A seam whose first check is out of order.
#[derive(Debug)]
struct WireAlone(Seam);

impl HttpClient for WireAlone {
    fn http_connector(&self, with: &HttpConnectorSettings, of: &RuntimeComponents) -> SharedHttpConnector {
        self.0.http_connector(with, of)
    }
}

#[tokio::test]
async fn writes_and_undeclared_reads_are_refused_on_the_wire() {
    let stub = Stub::start(good).await;
    for seam in [Seam::reads(line(), scope(ACCOUNT), None), Seam::credentials(line())] {
        let config = config(&stub.url, seam.clone(), 3).to_builder().http_client(WireAlone(seam)).build();
        let ec2 = aws_sdk_ec2::Client::new(&config);
        let write = ec2.delete_vpc().vpc_id("vpc-1").send().await.expect_err("refused");
        let read = ec2.describe_key_pairs().send().await.expect_err("refused");
        let secrets = aws_sdk_secretsmanager::Client::new(&config);
        let secret = secrets.get_secret_value().secret_id("github").send().await.expect_err("refused");
        let bucket = aws_sdk_s3::Client::new(&config).delete_bucket().bucket("store").send().await;
        let (call, scope) = (&ec2::DESCRIBE_VPCS, scope(ACCOUNT));
        for gap in [
            errors::gap(&write, call, &scope, ""),
            errors::gap(&read, call, &scope, ""),
            errors::gap(&secret, call, &scope, ""),
            errors::gap(&bucket.expect_err("refused"), call, &scope, ""),
        ] {
            assert!(gap.detail.contains("refused before it left"), "{}", gap.detail);
        }
    }
    assert_eq!(stub.requests(), 0);
}

#[tokio::test]
async fn a_replay_needs_no_service_and_shows_no_account() {
    let stub = Stub::start(good).await;
    let (one, two) = (folder(), folder());
    let (vpcs, clusters) = record(&stub.url, one.path(), 1).await;
    assert_eq!(vpcs.expect("answered"), [ACCOUNT]);
    assert_eq!(clusters.expect("answered"), [format!("arn:aws:ecs:us-west-1:{ACCOUNT}:cluster/app")]);
    record(&stub.url, two.path(), 1).await.0.expect("answered");
    drop(stub);

    assert_eq!(files(one.path()), files(two.path()));
    assert_eq!(files(one.path()).len(), 3);
    assert!(!files(one.path()).iter().any(|(name, text)| name.contains(ACCOUNT) || text.contains(ACCOUNT)));
    let (vpcs, clusters) = replay(one.path()).await;
    assert_eq!(vpcs.expect("recorded"), ["111111111111"]);
    assert_eq!(clusters.expect("recorded"), ["arn:aws:ecs:us-west-1:111111111111:cluster/app"]);
}

#[tokio::test]
async fn what_was_not_recorded_is_a_gap() {
    let stub = Stub::start(good).await;
    let tape = folder();
    record(&stub.url, tape.path(), 1).await.0.expect("answered");
    let vpcs = files(tape.path()).into_keys().find(|name| name.contains("DescribeVpcs"));
    std::fs::remove_file(tape.path().join(vpcs.expect("recorded"))).expect("there");
    let (vpcs, clusters) = replay(tape.path()).await;
    assert_eq!(vpcs.expect_err("a miss").why, Why::NotRecorded);
    clusters.expect("still recorded");
}

#[tokio::test]
async fn a_retried_call_is_recorded_once_with_its_last_answer() {
    let stub =
        Stub::start(
            |request, number| {
                if number == 1 { ec2_error(503, "RequestLimitExceeded") } else { good(request, number) }
            },
        );
    let (stub, tape) = (stub.await, folder());
    record(&stub.url, tape.path(), 3).await.0.expect("answered at the second attempt");
    assert_eq!(stub.requests(), 3);
    assert_eq!(files(tape.path()).len(), 3);
    replay(tape.path()).await.0.expect("recorded");
}

#[tokio::test]
async fn throttled_to_the_end_says_so_and_replays_so() {
    let stub = Stub::start(|_, _| ec2_error(503, "RequestLimitExceeded")).await;
    let tape = folder();
    let live = record(&stub.url, tape.path(), 3).await.0.expect_err("throttled");
    assert_eq!(live.why, Why::Throttled);
    let replayed = replay(tape.path()).await.0.expect_err("throttled");
    assert_eq!((replayed.why, replayed.detail), (live.why, live.detail));
}

#[tokio::test]
async fn a_stalled_body_times_out_and_is_recorded() {
    let stub = Stub::start(|request, number| Reply { stalled: true, ..good(request, number) }).await;
    let tape = folder();
    let live = record(&stub.url, tape.path(), 1).await.0.expect_err("stalled");
    assert_eq!((live.why, live.detail.as_str()), (Why::Failed, "timed out"));
    let replayed = replay(tape.path()).await.0.expect_err("stalled");
    assert_eq!((replayed.why, replayed.detail), (live.why, live.detail));
}

#[tokio::test]
async fn a_web_page_is_tried_twice_and_is_no_answer() {
    let page = || Reply { content_type: "text/html", ..Reply::xml(500, "<!DOCTYPE html><html>Oops</html>") };
    let stub = Stub::start(move |_, _| page()).await;
    let tape = folder();
    let (live, clusters) = record(&stub.url, tape.path(), 5).await;
    assert_eq!(stub.requests(), 4, "two a call");
    let (live, clusters) = (live.expect_err("a page"), clusters.expect_err("a page"));
    assert!(live.detail.contains("unreadable") && clusters.detail.contains("unreadable"), "{live}");
    let replayed = replay(tape.path()).await.0.expect_err("a page");
    assert_eq!((replayed.why, replayed.detail), (live.why, live.detail));
}

#[tokio::test]
async fn a_login_page_with_status_200_is_no_empty_list() {
    let page = || Reply { content_type: "text/html", ..Reply::xml(200, "<html>Please log in</html>") };
    let stub = Stub::start(move |_, _| page()).await;
    let config = config(&stub.url, Seam::reads(line(), scope(ACCOUNT), None), 3);
    assert_eq!(clusters(&config, ACCOUNT).await.expect_err("a page").why, Why::Failed);
    assert_eq!(stub.requests(), 1);
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let stub = Stub::start(good).await;
    let url = stub.url.clone();
    drop(stub);
    let tape = folder();
    let live = record(&url, tape.path(), 1).await.0.expect_err("nobody there");
    let replayed = replay(tape.path()).await.0.expect_err("nobody there");
    assert!(live.detail.starts_with("unreachable"), "{live}");
    assert_eq!((replayed.why, replayed.detail), (live.why, live.detail));
}

#[test]
fn a_folder_of_something_else_is_left_alone() {
    let folder = folder();
    std::fs::write(folder.path().join("thesis.txt"), "years of work").expect("written");
    let header = TapeHeader::at(DateTime::UNIX_EPOCH);
    Recorder::default().write(folder.path(), &header, &BTreeMap::new()).expect_err("not a recording");
    assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), ["thesis.txt"]);
}
