use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use azure_core::credentials::{AccessToken, TokenRequestOptions};
use azure_core::http::Method;
use azure_core::time::OffsetDateTime;
use http::Response;

use super::line::{Asked, Limits};
use super::*;
use crate::collect::azure::client::ArmClient;
use crate::collect::transport::record::TapeHeader;
use crate::model::azure::containers::GET_MANAGED_CLUSTER;
use crate::model::azure::resources::{GET_SUBSCRIPTION, LIST_RESOURCE_GROUPS};
use crate::model::call::Wire;

pub(crate) const SUBSCRIPTION: &str = "0c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f";
const CLUSTER: &str = "/subscriptions/0C1D2E3F-4a5b-4c6d-8e7f-9a0b1c2d3e4f/resourceGroups/core/providers/\
                       Microsoft.ContainerService/managedClusters/app";

pub(crate) fn quick() -> Limits {
    Limits {
        backoff: Duration::from_millis(1),
        longest_wait: Duration::from_millis(5),
        attempt: Duration::from_secs(5),
        ..Limits::default()
    }
}

/// Gives a token away, and counts how often.
#[derive(Debug, Default)]
struct Tokens(AtomicUsize);

#[async_trait]
impl TokenCredential for Tokens {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(AccessToken::new("token", OffsetDateTime::now_utc() + azure_core::time::Duration::hours(1)))
    }
}

/// A subscription's client, and what it takes out of the process: tokens and requests.
pub(crate) struct Stub {
    pub(crate) client: ArmClient,
    tokens: Arc<Tokens>,
    asked: Arc<AtomicUsize>,
}

pub(crate) type Answers = Result<Response<Bytes>, SeamError>;

impl Stub {
    pub(crate) fn new(
        recorder: Option<Arc<Recorder>>,
        answer: impl Fn(Asked, usize) -> Answers + Send + Sync + 'static,
    ) -> Self {
        let (tokens, asked): (Arc<Tokens>, Arc<AtomicUsize>) = Default::default();
        let count = Arc::clone(&asked);
        let line =
            Line::stub(quick(), move |request| answer(request, count.fetch_add(1, Ordering::SeqCst) + 1));
        let bearer = Bearer { credential: Arc::clone(&tokens) as _, token_scope: "scope/.default".into() };
        let seam = Seam::reads(line, bearer, origin(), Scope::azure(SUBSCRIPTION), recorder);
        Self { client: ArmClient::new(seam), tokens, asked }
    }

    /// Nothing left, and nobody even logged in.
    pub(crate) fn untouched(&self) -> bool {
        self.asked() == 0 && self.tokens.0.load(Ordering::SeqCst) == 0
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn origin() -> Url {
    Url::parse("https://management.azure.com").expect("an address")
}

#[expect(clippy::unnecessary_wraps, reason = "what a stub answers may be nothing")]
pub(crate) fn said(status: u16, body: &str) -> Answers {
    let response = Response::builder().status(status).header(CONTENT_TYPE, "application/json");
    Ok(response.body(Bytes::from(body.to_owned())).expect("a response"))
}

fn groups_path() -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourcegroups")
}

fn refused(answer: Result<Value, impl std::fmt::Display>) -> bool {
    answer.err().is_some_and(|error| error.to_string().ends_with("refused before it left"))
}

#[tokio::test]
async fn only_declared_reads_of_the_scope_leave() {
    let stub = Stub::new(None, |_, _| said(200, "{}"));
    let version = "api-version=2021-04-01";
    let link = |link: &str| link.replace("SUB", SUBSCRIPTION);
    for elsewhere in [
        "https://evil.example.com/subscriptions/SUB/resourcegroups?api-version=2021-04-01",
        "http://management.azure.com/subscriptions/SUB/resourcegroups?api-version=2021-04-01",
        "https://management.azure.com:8443/subscriptions/SUB/resourcegroups?api-version=2021-04-01",
        "https://management.azure.com@evil.example.com/subscriptions/SUB/resourcegroups?api-version=2021-04-01",
        "https://user:pass@management.azure.com/subscriptions/SUB/resourcegroups?api-version=2021-04-01",
        "https://management.azure.com/subscriptions/SUB/resourcegroups?api-version=2019-01-01",
        "https://management.azure.com/subscriptions/SUB/resourcegroups",
        "https://management.azure.com/subscriptions/SUB/resourcegroups?api-version=2021-04-01&$expand=x",
        "https://management.azure.com/subscriptions/SUB/resourcegroups?api-version=2021-04-01&api-version=2021-04-01",
        "https://management.azure.com/subscriptions/SUB/resourcegroups/core/resources?api-version=2021-04-01",
        "https://management.azure.com/subscriptions/99999999-9999-9999-9999-999999999999/resourcegroups?api-version=2021-04-01",
        "/subscriptions/SUB/resourcegroups?api-version=2021-04-01",
    ] {
        assert!(refused(stub.client.next(&LIST_RESOURCE_GROUPS, &link(elsewhere)).await), "{elsewhere}");
    }
    let other = format!("{}/core?{version}", groups_path());
    assert!(refused(stub.client.get(&LIST_RESOURCE_GROUPS, &other, &[]).await));
    for hidden in ["core%2f..", "core%252f..", "core%3fx"] {
        let hidden = CLUSTER.replace("core", hidden);
        let hidden = format!("https://management.azure.com{hidden}?api-version=2024-02-01");
        assert!(refused(stub.client.next(&GET_MANAGED_CLUSTER, &hidden).await), "{hidden}");
    }
    let url = Url::parse(&format!("https://management.azure.com{}?{version}", groups_path())).expect("a URL");
    assert!(refused(stub.client.ask(&LIST_RESOURCE_GROUPS, Method::Post, url.clone()).await));
    assert!(stub.untouched(), "{} requests", stub.asked());

    stub.client.ask(&LIST_RESOURCE_GROUPS, Method::Get, url).await.expect("declared");
    let next = format!(
        "https://MANAGEMENT.azure.com:443{}?%24skiptoken=abc&{version}",
        groups_path().to_uppercase()
    );
    stub.client.next(&LIST_RESOURCE_GROUPS, &next).await.expect("the next page");
    assert_eq!(stub.asked(), 2);
}

#[tokio::test]
async fn a_call_that_nobody_declared_does_not_leave() {
    static INVENTED: Call = Call {
        id: "azure:ListSecrets",
        sdk_service: "Azure Resource Manager",
        permissions: &[],
        wire: Wire::Arm { path: "/subscriptions/*/resourcegroups", versions: &["2021-04-01"], filter: None },
    };
    let stub = Stub::new(None, |_, _| said(200, "{}"));
    assert!(refused(stub.client.get(&INVENTED, &groups_path(), &[]).await));
    assert!(stub.untouched());
}

#[tokio::test]
async fn the_token_goes_with_a_read_and_redirects_are_not_followed() {
    let stub = Stub::new(None, |request, _| {
        assert_eq!(request.headers()["authorization"], "Bearer token");
        let moved = Response::builder().status(302).header("location", "https://evil.example.com/");
        Ok(moved.body(Bytes::new()).expect("a response"))
    });
    let answer = stub.client.get(&LIST_RESOURCE_GROUPS, &groups_path(), &[]).await;
    assert_eq!(answer.expect_err("moved").to_string(), "an unreadable answer (HTTP 302, no content type)");
    assert_eq!(stub.asked(), 1);
}

#[tokio::test]
async fn a_page_of_somebody_else_is_no_empty_list() {
    for body in ["<html>log in</html>", "[]", "", "{\"value\": ["] {
        let stub = Stub::new(None, move |_, _| said(200, body));
        let answer = stub.client.get(&LIST_RESOURCE_GROUPS, &groups_path(), &[]).await;
        assert!(answer.expect_err(body).to_string().starts_with("an unreadable answer"), "{body}");
    }
    let marked = Stub::new(None, |_, _| said(200, "\u{feff}{\"value\": []}"));
    marked.client.get(&LIST_RESOURCE_GROUPS, &groups_path(), &[]).await.expect("with a byte order mark");
}

#[tokio::test]
async fn what_is_busy_is_asked_five_times_and_what_says_no_once() {
    for (status, attempts) in [(429, 5), (503, 5), (500, 5), (408, 5), (403, 1), (404, 1)] {
        let stub = Stub::new(None, move |_, _| said(status, "{}"));
        stub.client.get(&LIST_RESOURCE_GROUPS, &groups_path(), &[]).await.expect_err("no answer");
        assert_eq!(stub.asked(), attempts, "HTTP {status}");
    }
    for (error, attempts) in
        [(SeamError::TimedOut, 2), (SeamError::Unreachable("reset".into()), 5), (SeamError::TooLarge(64), 1)]
    {
        let (answer, expected) = (error.clone(), error.to_string());
        let stub = Stub::new(None, move |_, _| Err(answer.clone()));
        let answer = stub.client.get(&LIST_RESOURCE_GROUPS, &groups_path(), &[]).await;
        assert_eq!((answer.expect_err("lost").to_string(), stub.asked()), (expected, attempts));
    }
    let busy = Stub::new(None, |_, _| {
        let mut answer = said(429, "{}")?;
        answer.headers_mut().insert("retry-after", http::HeaderValue::from_static("3600"));
        Ok(answer)
    });
    busy.client.get(&LIST_RESOURCE_GROUPS, &groups_path(), &[]).await.expect_err("busy for an hour");
    assert_eq!(busy.asked(), 1, "nobody asks before the time, or waits that long");
    let recovers = Stub::new(None, |_, number| if number < 3 { said(503, "{}") } else { said(200, "{}") });
    recovers.client.get(&LIST_RESOURCE_GROUPS, &groups_path(), &[]).await.expect("the third time");
}

#[tokio::test]
async fn an_older_version_is_asked_for_where_the_endpoint_knows_no_newer_one() {
    let Wire::Arm { versions, .. } = GET_MANAGED_CLUSTER.wire else { panic!("a call of ARM") };
    let last = *versions.last().expect("a version");
    assert!(versions.len() > 1);
    let stub = Stub::new(None, move |request, _| {
        if request.uri().query().is_some_and(|query| query.ends_with(last)) {
            return said(200, "{}");
        }
        said(400, r#"{"error": {"code": "NoRegisteredProviderFound", "message": "no such version"}}"#)
    });
    stub.client.get(&GET_MANAGED_CLUSTER, CLUSTER, &[]).await.expect("the oldest");
    assert_eq!(stub.asked(), versions.len());
    let stub =
        Stub::new(None, |_, _| said(404, r#"{"error": {"code": "ResourceNotFound", "message": "gone"}}"#));
    let absent = stub.client.get(&GET_MANAGED_CLUSTER, CLUSTER, &[]).await.expect_err("absent");
    assert_eq!((absent.is_absent(), stub.asked()), (true, 1), "another code is an answer");
}

fn page(number: usize) -> String {
    let token = |page: usize| format!("eyJwYWdlIjo%2b{page}AAAAAAAAAAAAAAAAAA%3d");
    let next = (number < 3).then(|| {
        format!(
            "https://management.azure.com{}?api-version=2021-04-01\\u0026$skipToken={}",
            groups_path(),
            token(number + 1)
        )
    });
    let next = next.map(|next| format!(r#", "nextLink": "{next}""#)).unwrap_or_default();
    format!(r#"{{"value": [{{"id": "{}/g{number}", "name": "g{number}"}}]{next}}}"#, groups_path())
}

async fn names(client: &ArmClient, subscription: &str) -> Vec<String> {
    let path = format!("/subscriptions/{subscription}/resourcegroups");
    let mut body = client.get(&LIST_RESOURCE_GROUPS, &path, &[]).await.expect("the first page");
    let mut names = Vec::new();
    loop {
        names.push(body["value"][0]["name"].as_str().expect("a name").to_owned());
        let Some(next) = body["nextLink"].as_str().map(ToOwned::to_owned) else { return names };
        body = client.next(&LIST_RESOURCE_GROUPS, &next).await.expect("a further page");
    }
}

#[tokio::test]
async fn what_was_recorded_is_replayed_page_by_page() {
    let recorder: Arc<Recorder> = Arc::default();
    let stub = Stub::new(Some(Arc::clone(&recorder)), |request, number| {
        if number == 2 {
            return said(503, "{}");
        }
        let query = request.uri().query().unwrap_or_default();
        let number = [(2, "o%2b2A"), (3, "o%2b3A")].into_iter().find(|(_, token)| query.contains(token));
        said(200, &page(number.map_or(1, |(number, _)| number)))
    });
    assert_eq!(names(&stub.client, SUBSCRIPTION).await, ["g1", "g2", "g3"]);
    let folder = tempfile::tempdir().expect("a folder");
    let subscriptions = BTreeMap::from([(String::new(), SUBSCRIPTION.to_owned())]);
    let header = TapeHeader { subscriptions, ..TapeHeader::at(chrono::DateTime::UNIX_EPOCH) };
    recorder.write(folder.path(), &header, &BTreeMap::new()).expect("a folder to write to");

    let stand_in = "11111111-1111-1111-1111-111111111111";
    let files =
        std::fs::read_dir(folder.path().join("azure").join(stand_in)).expect("the subscription's folder");
    assert_eq!(files.count(), 3, "what was tried again is kept once");
    let tape = Arc::new(Tape::read(folder.path()).expect("a tape"));
    let replayed = ArmClient::new(Seam::replays(tape, origin(), Scope::azure(stand_in)));
    assert_eq!(names(&replayed, stand_in).await, ["g1", "g2", "g3"]);
    let missing = replayed.get(&GET_SUBSCRIPTION, &format!("/subscriptions/{stand_in}"), &[]).await;
    assert_eq!(missing.expect_err("never asked").to_string(), "not on the tape");
}
