use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::DateTime;
use kube::Client;
use kube::client::ClientBuilder;

use super::*;
use crate::collect::transport::record::{Cluster, TapeHeader};

const SERVER: &str = "k8s.acme.io:6443";
const PODS: &str = "/api/v1/namespaces/app/pods";

type Answerer = dyn Fn(usize, &str) -> Result<Response<Body>, BoxError> + Send + Sync;

/// An API server without a network: it counts what it is asked, from 1 on.
#[derive(Clone)]
struct Canned {
    answer: Arc<Answerer>,
    asked: Arc<AtomicUsize>,
    tokens: Arc<Mutex<Vec<String>>>,
}

impl Canned {
    fn new(answer: impl Fn(usize, &str) -> Result<Response<Body>, BoxError> + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), asked: Arc::default(), tokens: Arc::default() }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn client(&self, bearer: Option<Bearer>, recorder: Option<Arc<Recorder>>) -> Client {
        let tick = Duration::from_millis(1);
        let limits = Limits {
            attempt: 100 * tick,
            backoff: tick,
            longest_wait: 4 * tick,
            largest: 2,
            ..Limits::default()
        };
        let seam = Seam::reads(Line::new(self.clone(), bearer, limits), scope(), recorder);
        ClientBuilder::new(seam, "default").build()
    }
}

impl Service<Request<Body>> for Canned {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let token = request.headers().get("authorization").and_then(|token| token.to_str().ok());
        self.tokens.lock().expect("one thread").extend(token.map(ToOwned::to_owned));
        let uri = request.uri().to_string();
        let answer = (self.answer)(number, &uri);
        Box::pin(async move { if uri.contains("silent") { std::future::pending().await } else { answer } })
    }
}

fn scope() -> Scope {
    Scope::kubernetes(SERVER)
}

fn json(status: u16, body: &str) -> Result<Response<Body>, BoxError> {
    typed(status, "application/json", body)
}

fn typed(status: u16, content_type: &str, body: &str) -> Result<Response<Body>, BoxError> {
    let response = Response::builder().status(status).header("content-type", content_type);
    Ok(response.header("retry-after", "3600").body(Body::from(body.as_bytes().to_vec()))?)
}

fn pods(_: usize, _: &str) -> Result<Response<Body>, BoxError> {
    json(200, r#"{"kind":"PodList","items":[]}"#)
}

async fn get(client: &Client, path: &str) -> Result<String, kube::Error> {
    ask(client, "GET", path).await
}

async fn ask(client: &Client, method: &str, path: &str) -> Result<String, kube::Error> {
    let request = Request::builder().method(method).uri(path).body(Vec::new()).expect("a request");
    client.request_text(request).await
}

fn own(answer: Result<String, kube::Error>) -> SeamError {
    match answer.expect_err("refused") {
        kube::Error::Service(error) => error.downcast_ref::<SeamError>().expect("the seam's own").clone(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn declared_lists_pass_and_nothing_else() {
    let server = Canned::new(pods);
    let client = server.client(None, None);
    for path in [
        "/version",
        "/api/v1/namespaces?&limit=500",
        "/api/v1/namespaces/app/pods?&limit=5&continue=abc&fieldSelector=status.phase%21%3DFailed",
        "/apis/networking.k8s.io/v1/namespaces/app-1.x/ingresses",
    ] {
        get(&client, path).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    assert_eq!(server.asked(), 4);
    for method in ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] {
        let refused = own(ask(&client, method, PODS).await);
        assert!(refused.to_string().contains("refused before it left"), "{method}: {refused}");
    }
    for path in [
        "/api/v1/namespaces/app/secrets",
        "/api/v1/secrets",
        "/api/v1/namespaces/app/configmaps",
        "/api/v1/namespaces/app/pods?watch=true",
        "/api/v1/namespaces/app/pods?&watch=1",
        "/api/v1/namespaces/app/pods?follow=true",
        "/api/v1/namespaces/app/pods/p",
        "/api/v1/namespaces/app/pods/p/log",
        "/api/v1/namespaces/app/pods/p/exec?command=sh",
        "/api/v1/namespaces/app/services/s/proxy",
        "/api/v1/namespaces/app%2Fsecrets%2Fx/pods",
        "/api/v1/namespaces/../pods",
        "/api/v1/watch/namespaces",
        "/api/v1/namespaces/app/pods/",
        "/version/",
        "/metrics",
        "https://elsewhere.example.com/version",
    ] {
        assert!(matches!(own(get(&client, path).await), SeamError::Refused { .. }), "{path}");
    }
    assert_eq!(server.asked(), 4, "none of them left");
}

#[tokio::test]
async fn a_busy_server_is_asked_five_times_and_its_last_word_counts() {
    for status in [429, 500, 503, 504] {
        let server = Canned::new(move |_, _| json(status, r#"{"kind":"Status","status":"Failure"}"#));
        let error = get(&server.client(None, None), PODS).await.expect_err("busy");
        assert!(matches!(error, kube::Error::Api(_)), "{error}");
        assert_eq!(server.asked(), 5, "{status}");
    }
    let better = |number, uri: &str| if number < 3 { json(503, "{}") } else { pods(number, uri) };
    let server = Canned::new(better);
    get(&server.client(None, None), PODS).await.expect("at the third attempt");
    assert_eq!(server.asked(), 3);
}

#[tokio::test]
async fn what_is_final_is_asked_once() {
    for status in [401, 403, 404, 410] {
        let server =
            Canned::new(move |_, _| json(status, r#"{"kind":"Status","status":"Failure","code":403}"#));
        get(&server.client(None, None), PODS).await.expect_err("denied");
        assert_eq!(server.asked(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_broken_line_is_tried_five_times_and_silence_twice() {
    let server = Canned::new(|_, _| Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset).into()));
    assert_eq!(
        own(get(&server.client(None, None), PODS).await),
        SeamError::Unreachable("connection reset".into())
    );
    assert_eq!(server.asked(), 5);
    let server = Canned::new(pods);
    let silent = "/api/v1/namespaces/silent/pods";
    assert_eq!(own(get(&server.client(None, None), silent).await), SeamError::TimedOut);
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn a_certificate_that_nothing_vouches_for_says_what_to_do() {
    let told = |error: fn() -> rustls::Error| async move {
        let server = Canned::new(move |_, _| Err(std::io::Error::other(error()).into()));
        let limits = Limits { backoff: Duration::from_millis(1), ..Limits::default() };
        let line = Line::new(server, None, limits).advised(Some("name whom to trust"));
        let client = ClientBuilder::new(Seam::reads(line, scope(), None), "default").build();
        own(get(&client, PODS).await).to_string()
    };
    let untrusted = told(|| rustls::CertificateError::UnknownIssuer.into()).await;
    assert!(untrusted.contains("UnknownIssuer; name whom to trust"), "{untrusted}");
    let garbled = told(|| rustls::Error::DecryptError).await;
    assert!(!garbled.contains("name whom to trust"), "{garbled}");
}

#[tokio::test]
async fn an_answer_beyond_all_bounds_is_not_read_to_its_end() {
    let server = Canned::new(|_, _| json(200, &format!("{{{}}}", " ".repeat(2 << 20))));
    let recorder: Arc<Recorder> = Arc::default();
    let client = server.client(None, Some(Arc::clone(&recorder)));
    assert_eq!(own(get(&client, PODS).await), SeamError::TooLarge(2));
    assert_eq!(server.asked(), 1, "it would be as large again");
    let folder = tempfile::tempdir().expect("a folder");
    let header = TapeHeader::at(DateTime::UNIX_EPOCH);
    recorder.write(folder.path(), &header, &BTreeMap::new()).expect("a folder to write to");
    let tape = Arc::new(Tape::read(folder.path()).expect("a tape"));
    let client = Client::new(Seam::replays(tape, scope()), "default");
    assert_eq!(own(get(&client, PODS).await), SeamError::TooLarge(2));
}

#[tokio::test]
async fn a_login_page_is_no_empty_list() {
    let server = Canned::new(|_, _| typed(200, "text/html", "<html>Please log in</html>"));
    let page = SeamError::Unreadable { status: 200, content_type: "text/html".into() };
    assert_eq!(own(get(&server.client(None, None), PODS).await), page);
    let server = Canned::new(|_, _| json(200, ""));
    assert!(matches!(own(get(&server.client(None, None), PODS).await), SeamError::Unreadable { .. }));
}

#[tokio::test]
async fn every_attempt_has_a_token_of_now_and_none_means_no_attempt() {
    let made = Arc::new(AtomicUsize::new(0));
    let bearer: Bearer = Arc::new(move || {
        let number = made.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(
            async move { Ok(http::HeaderValue::try_from(format!("Bearer {number}")).expect("a header")) },
        )
    });
    let server = Canned::new(|number, uri| if number < 2 { json(503, "{}") } else { pods(number, uri) });
    get(&server.client(Some(bearer), None), PODS).await.expect("answered");
    assert_eq!(*server.tokens.lock().expect("one thread"), ["Bearer 1", "Bearer 2"]);

    let none: Bearer = Arc::new(|| Box::pin(async { Err(SeamError::NoCredentials("expired".into())) }));
    let server = Canned::new(pods);
    let refused = own(get(&server.client(Some(none), None), PODS).await);
    assert_eq!((refused, server.asked()), (SeamError::NoCredentials("expired".into()), 0));
}

/// Records what a server says to three questions.
async fn record(server: &Canned, folder: &std::path::Path) {
    let recorder: Arc<Recorder> = Arc::default();
    let client = server.client(None, Some(Arc::clone(&recorder)));
    let first = get(&client, &format!("{PODS}?&limit=2")).await.expect("answered");
    let first: Value = serde_json::from_str(&first).expect("JSON");
    let token = first["metadata"]["continue"].as_str().expect("a further page");
    get(&client, &format!("{PODS}?&limit=2&continue={token}")).await.expect("answered");
    get(&client, "/api/v1/nodes").await.expect_err("denied");
    let cluster = Cluster { identity: SERVER.into(), addressed: true, certificate_authority: Vec::new() };
    let header = TapeHeader { cluster: Some(cluster), ..TapeHeader::at(DateTime::UNIX_EPOCH) };
    recorder.write(folder, &header, &BTreeMap::new()).expect("a folder to write to");
}

/// Two pages of pods, with another token and another count of touches for each `salt`.
fn paged(salt: &'static str) -> Canned {
    Canned::new(move |number, uri| {
        if uri.starts_with("/api/v1/nodes") {
            return json(403, r#"{"kind":"Status","status":"Failure","code":403,"reason":"Forbidden"}"#);
        }
        let next =
            if uri.contains("continue=") { String::new() } else { format!("token-of-no-meaning-{salt}") };
        let pod = format!(
            r#"{{"metadata":{{"name":"p{}","resourceVersion":"{salt}"}},
                "spec":{{"containers":[{{"name":"c","env":[{{"name":"P","value":"hunter2"}}]}}]}}}}"#,
            uri.contains("continue=")
        );
        let host = format!("https://{SERVER}");
        let metadata = format!(r#"{{"continue":"{next}","resourceVersion":"{salt}{number}","x":"{host}"}}"#);
        json(200, &format!(r#"{{"kind":"PodList","metadata":{metadata},"items":[{pod}]}}"#))
    })
}

fn files(folder: &std::path::Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let all = entries.flat_map(|path| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            files(&path).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)).collect()
        } else {
            vec![(name, std::fs::read_to_string(&path).expect("text"))]
        }
    });
    all.collect()
}

#[tokio::test]
async fn a_replay_needs_no_server_and_shows_neither_its_name_nor_secrets() {
    let (one, two) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    record(&paged("a"), one.path()).await;
    record(&paged("b"), two.path()).await;
    record(&paged("b"), two.path()).await;
    let written = files(one.path());
    assert_eq!(written, files(two.path()));
    let below = |name: &String| name.starts_with("kubernetes/cluster.example.com/k8s.List");
    assert_eq!((written.len(), written.keys().filter(|name| below(name)).count()), (4, 3));
    for (name, text) in &written {
        assert!(
            !text.contains("hunter2") && !text.contains("acme") && !text.contains("no-meaning"),
            "{name}: {text}"
        );
    }

    let tape = Arc::new(Tape::read(one.path()).expect("a tape"));
    let cluster = tape.header.cluster.clone().expect("a cluster");
    assert_eq!(cluster.identity, "cluster.example.com");
    let client = Client::new(Seam::replays(tape, Scope::kubernetes(&cluster.identity)), "default");
    // By what is asked, in whatever order.
    let second = get(&client, &format!("{PODS}?continue=page-2&limit=2")).await.expect("recorded");
    assert!(second.contains(r#""name":"ptrue""#), "{second}");
    let first = get(&client, &format!("{PODS}?limit=2")).await.expect("recorded");
    assert!(first.contains(r#""continue":"page-2""#) && first.contains(r#""name":"pfalse""#), "{first}");
    let kube::Error::Api(denied) = get(&client, "/api/v1/nodes").await.expect_err("denied") else {
        panic!("a status is recorded")
    };
    assert_eq!((denied.code, denied.reason.as_str()), (403, "Forbidden"));
    assert_eq!(own(get(&client, "/api/v1/namespaces").await), SeamError::NotRecorded);
    assert!(matches!(own(get(&client, "/api/v1/secrets").await), SeamError::Refused { .. }));
}

#[tokio::test]
async fn what_was_not_answered_replays_so() {
    let recorder: Arc<Recorder> = Arc::default();
    let none: Bearer = Arc::new(|| Box::pin(async { Err(SeamError::NoCredentials("expired".into())) }));
    let client = Canned::new(pods).client(Some(none), Some(Arc::clone(&recorder)));
    own(get(&client, "/version").await);
    let gone = Canned::new(|_, _| Err("gone".into())).client(None, Some(Arc::clone(&recorder)));
    own(get(&gone, PODS).await);
    let silent = Canned::new(pods).client(None, Some(Arc::clone(&recorder)));
    own(get(&silent, "/api/v1/namespaces/silent/pods").await);
    let folder = tempfile::tempdir().expect("a folder");
    let header = TapeHeader::at(DateTime::UNIX_EPOCH);
    recorder.write(folder.path(), &header, &BTreeMap::new()).expect("a folder to write to");
    let tape = Arc::new(Tape::read(folder.path()).expect("a tape"));
    let client = Client::new(Seam::replays(tape, scope()), "default");
    assert_eq!(own(get(&client, "/version").await), SeamError::NoCredentials("expired".into()));
    assert_eq!(own(get(&client, PODS).await), SeamError::Unreachable("gone".into()));
    assert_eq!(own(get(&client, "/api/v1/namespaces/silent/pods").await), SeamError::TimedOut);
}
