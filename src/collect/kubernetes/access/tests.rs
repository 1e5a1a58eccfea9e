use std::collections::BTreeMap;
use std::time::Duration;

use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use kube::config::Kubeconfig;

use super::*;
use crate::collect::facts::{Facts, Gathered};
use crate::collect::kubernetes::Collector;
use crate::collect::runner::Question;
use crate::collect::transport::stub::{Reply, Stub};
use crate::model::call::Source;
use crate::model::kubernetes::cluster::{GET_VERSION, NAMESPACES, VERSION};
use crate::model::snapshot::{Entry, LedgerKey, Outcome, Snapshot};

/// Asks for the version, as the plainest of collectors would.
struct Version;

impl Collector for Version {
    fn id(&self) -> &'static str {
        "k8s.version"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&VERSION]
    }

    fn fetch<'a>(
        &'a self,
        api: &'a Api,
        _: &'static Source,
        key: &'a str,
        into: &'a mut Facts,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let request = Request::get("/version").body(Vec::new()).expect("a request");
            api.client.request_text(request).await.expect("answered");
            into.complete(&GET_VERSION, &api.scope, key, 1, 1);
        })
    }
}

/// How a question about a scope ended.
async fn asked(access: Access, scope: &Scope, source: &'static Source) -> Entry {
    let known = Snapshot::empty();
    let question = Question { source, scope, keys: vec![""], known: &known };
    let mut facts = Facts::default();
    Collectors::new(access, &[&Version]).ask(&question, &mut facts).await;
    let mut gathered = Gathered::default();
    gathered.merge(facts);
    let key = LedgerKey { scope: scope.clone(), call: source.primary().to_owned(), key: String::new() };
    gathered.ledger.remove(&key).expect("every question leaves an entry")
}

fn kubeconfig(server: &str, cluster: &str, user: &str) -> Kubeconfig {
    let text = format!(
        "current-context: dev\n\
         contexts: [{{name: dev, context: {{cluster: c, user: jane}}}}]\n\
         clusters: [{{name: c, cluster: {{server: {server:?}{cluster}}}}}]\n\
         users: [{{name: jane, user: {{{user}}}}}]\n"
    );
    Kubeconfig::from_yaml(&text).expect("a kubeconfig")
}

async fn through(kubeconfig: Kubeconfig, recorder: Option<Arc<Recorder>>) -> Access {
    let limits = Limits { backoff: Duration::from_millis(1), ..Limits::default() };
    let way =
        super::kubeconfig::of(kubeconfig, None).await.unwrap_or_else(|closed| panic!("{}", closed.detail));
    Access::through(limits, way, recorder, DateTime::UNIX_EPOCH).await
}

fn version(_: &str, _: usize) -> Reply {
    Reply { content_type: "application/json", ..Reply::xml(200, r#"{"gitVersion":"v1.33.1"}"#) }
}

fn certificate() -> String {
    STANDARD.encode("-----BEGIN CERTIFICATE-----\nY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n")
}

#[tokio::test]
async fn a_bearer_opens_the_cluster_of_a_context() {
    let stub = Stub::start(|request, number| {
        assert!(
            request.starts_with("GET /version HTTP/1.1") && request.contains("uthorization: Bearer t0ken")
        );
        version(request, number)
    })
    .await;
    let access = through(kubeconfig(&stub.url, "", "token: t0ken"), None).await;
    let server = stub.url.strip_prefix("http://").expect("plain").to_owned();
    let header = access.noted(TapeHeader::at(DateTime::UNIX_EPOCH));
    assert_eq!((header.closed.len(), &header.cluster.expect("there").identity), (0, &server));
    let identity = &header.identity[0];
    assert_eq!((identity.account.as_str(), identity.principal.as_str()), (server.as_str(), "jane"));
    assert_eq!(asked(access, &Scope::kubernetes(&server), &VERSION).await.outcome, Outcome::Complete);
    assert_eq!(stub.requests(), 2, "one knocks, one asks");
}

#[tokio::test]
async fn questions_that_nobody_can_answer_are_gaps() {
    let stub = Stub::start(version).await;
    let server = stub.url.strip_prefix("http://").expect("plain").to_owned();
    let access = through(kubeconfig(&stub.url, "", ""), None).await;
    let other = asked(access, &Scope::kubernetes("other.example.com"), &VERSION).await;
    assert_eq!((other.outcome, other.detail.contains("not this env's")), (Outcome::Skipped, true));
    let access = through(kubeconfig(&stub.url, "", ""), None).await;
    let uncollected = asked(access, &Scope::kubernetes(&server), &NAMESPACES).await;
    assert_eq!((uncollected.outcome, uncollected.detail.contains("no collector")), (Outcome::Skipped, true));
}

/// The way in is closed for a reason that holds this, for every question, live and replayed.
async fn closed(access: Access, reason: &str) {
    let header = access.noted(TapeHeader::at(DateTime::UNIX_EPOCH));
    let error = access.closed().expect("closed").to_string();
    assert!(error.contains(reason), "{error}");
    let folder = tempfile::tempdir().expect("a folder");
    Recorder::default().write(folder.path(), &header, &BTreeMap::new()).expect("a folder to write to");
    let tape = Arc::new(Tape::read(folder.path()).expect("a tape"));
    let cluster = tape.header.cluster.clone().expect("a cluster");
    let replayed = Access::replay(&tape, cluster.clone());
    let live = header.cluster.expect("a cluster").identity;
    for (access, cluster) in [(access, live), (replayed, cluster.identity)] {
        let entry = asked(access, &Scope::kubernetes(&cluster), &VERSION).await;
        assert!(matches!(entry.outcome, Outcome::Failed | Outcome::Denied));
        assert!(entry.detail.contains(reason), "{}", entry.detail);
    }
}

#[tokio::test]
async fn whoever_cannot_get_in_learns_why() {
    let stub = Stub::start(version).await;
    let gone = stub.url.clone();
    drop(stub);
    closed(through(kubeconfig(&gone, "", ""), None).await, "unreachable").await;

    let stranger = Stub::start(|_, _| {
        let body = r#"{"kind":"Status","status":"Failure","reason":"Unauthorized","code":401}"#;
        Reply { content_type: "application/json", ..Reply::xml(401, body) }
    });
    let stranger = stranger.await;
    closed(
        through(kubeconfig(&stranger.url, "", "token: old"), None).await,
        "does not accept the credentials",
    )
    .await;

    let way = super::kubeconfig::of(kubeconfig(&stranger.url, "", "token: old"), None).await;
    let mut way = way.unwrap_or_else(|closed| panic!("{}", closed.detail));
    way.advice.refused = Some("come by another door");
    let advised = Access::through(Limits::default(), way, None, DateTime::UNIX_EPOCH).await;
    closed(advised, "does not accept the credentials (HTTP 401); come by another door").await;

    let failing = "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, args: [-c, 'echo t0ken; echo log in first >&2; exit 3']}";
    let failing = through(kubeconfig(&stranger.url, "", failing), None).await;
    let told = failing.closed().expect("closed").to_string();
    assert!(told.contains("and said: log in first"), "{told}");
    assert!(!told.contains("t0ken"), "a plugin prints tokens to stdout");
    closed(failing, "the kubeconfig's plugin ended with exit status: 3").await;
}

#[tokio::test]
async fn a_context_that_is_not_there_closes_the_cluster_under_the_name_it_was_given() {
    let missing = super::kubeconfig::of(kubeconfig("https://k8s.example.com", "", ""), Some("prod")).await;
    let missing = missing.err().expect("there is no such context");
    assert_eq!(missing.detail, "the kubeconfig has no context \"prod\"");
    let way = KubernetesWay::Aks {
        cluster: "app".into(),
        group: None,
        subscription: String::new(),
        certificate_authority: None,
    };
    let target = KubernetesTarget { way, ..KubernetesTarget::default() };
    let access = Access::live(&target, &Clouds::default(), None, DateTime::UNIX_EPOCH).await;
    assert_eq!(access.cluster, Cluster::named("app"));
    let reason =
        if cfg!(feature = "azure") { "the env's Azure credentials" } else { "without the azure feature" };
    closed(access, reason).await;
}

#[tokio::test]
async fn a_plugin_logs_in() {
    let stub = Stub::start(|request, number| {
        assert!(request.contains("uthorization: Bearer from-plugin"), "{request}");
        version(request, number)
    })
    .await;
    let credential = r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"from-plugin"}}"#;
    let exec = format!(
        "exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: echo, args: ['{credential}']}}"
    );
    let access = through(kubeconfig(&stub.url, "", &exec), None).await;
    assert!(access.closed().is_none());
}

#[tokio::test]
async fn a_plugin_that_never_ends_keeps_nobody() {
    // It outlives the limit, and ends with this process.
    let exec = "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, args: [-c, 'while kill -0 $PPID; do sleep 1; done']}";
    let way = super::kubeconfig::of(kubeconfig("https://k8s.example.com", "", exec), None).await;
    let way = way.unwrap_or_else(|closed| panic!("{}", closed.detail));
    let limits = Limits { login: Duration::from_millis(20), ..Limits::default() };
    let access = Access::through(limits, way, None, DateTime::UNIX_EPOCH).await;
    closed(access, "no credentials: the kubeconfig's plugin said nothing").await;
}

#[tokio::test]
async fn the_authorities_of_a_kubeconfig_are_named_unless_nothing_is_checked() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), STANDARD.decode(certificate()).expect("base64")).expect("written");
    let by_file = format!(", certificate-authority: {:?}", file.path().to_str().expect("text"));
    let data = format!(", certificate-authority-data: {}", certificate());
    let unchecked = format!("{data}, insecure-skip-tls-verify: true");
    for (cluster, expected) in [(&data, 1), (&by_file, 1), (&String::new(), 0), (&unchecked, 0)] {
        let kubeconfig = kubeconfig("https://k8s.example.com", cluster, "");
        let way = super::kubeconfig::of(kubeconfig, None)
            .await
            .unwrap_or_else(|closed| panic!("{}", closed.detail));
        assert_eq!(certificates(&way.config), vec!["Y2VydGlmaWNhdGU="; expected], "{cluster}");
    }
}
