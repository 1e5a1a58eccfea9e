use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::BodyExt;
use kube::client::Body;

use super::super::canned::{CLUSTER, Canned, NAMESPACE, fetch, list};
use super::super::workload::Workload;
use crate::model::kubernetes::workload::{LIST_PODS, LIST_SERVICE_ACCOUNTS, PODS, SERVICE_ACCOUNTS};
use crate::model::snapshot::{Entry, Outcome};

const PATH: &str = "/api/v1/namespaces/dev-api/serviceaccounts?limit=500";
const GONE: (u16, &str) = (
    410,
    r#"{"kind":"Status","metadata":{"continue":"inconsistent"},"status":"Failure","reason":"Expired",
        "message":"the provided continue parameter is too old","code":410}"#,
);

/// A page with these accounts, and the token of the next one.
fn page(names: &[&str], next: &str) -> String {
    let items: Vec<_> = names
        .iter()
        .map(|name| format!(r#"{{"metadata":{{"name":"{name}","namespace":"dev-api"}}}}"#))
        .collect();
    list("ServiceAccountList", &items.join(","))
        .replace(r#""resourceVersion":"7""#, &format!(r#""resourceVersion":"7","continue":"{next}""#))
}

fn ids(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("{CLUSTER}/dev-api/service_account/{name}")).collect()
}

/// What the ledger notes where this is all the server says.
async fn told(answers: &[(u16, &str)]) -> Entry {
    let service = Canned::new(answers);
    service
        .fetch(&Workload, &SERVICE_ACCOUNTS, NAMESPACE)
        .await
        .entry(&LIST_SERVICE_ACCOUNTS, NAMESPACE)
        .clone()
}

#[tokio::test]
async fn every_page_is_followed() {
    let service = Canned::new(&[(200, &page(&["a"], "n=x/1")), (200, &page(&["b"], ""))]);
    let found = service.fetch(&Workload, &SERVICE_ACCOUNTS, NAMESPACE).await;
    assert_eq!(found.ids(), ids(&["a", "b"]));
    let entry = found.entry(&LIST_SERVICE_ACCOUNTS, NAMESPACE);
    assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Complete, 2, 2));
    assert_eq!(service.asked(), [PATH.to_owned(), format!("{PATH}&continue=n%3Dx%2F1")]);
}

#[tokio::test]
async fn what_was_read_before_a_failure_stays_and_the_list_is_incomplete() {
    let service = Canned::new(&[(200, &page(&["a"], "1")), (500, "")]);
    let found = service.fetch(&Workload, &SERVICE_ACCOUNTS, NAMESPACE).await;
    assert_eq!(found.ids(), ids(&["a"]));
    let entry = found.entry(&LIST_SERVICE_ACCOUNTS, NAMESPACE);
    assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Failed, 1, 1));
}

#[tokio::test]
async fn an_expired_token_starts_the_list_anew_without_what_was_there_before() {
    let service = Canned::new(&[
        (200, &page(&["a", "b"], "1")),
        GONE,
        (200, &page(&["b"], "2")),
        (200, &page(&["c"], "")),
    ]);
    let found = service.fetch(&Workload, &SERVICE_ACCOUNTS, NAMESPACE).await;
    assert_eq!(found.ids(), ids(&["b", "c"]), "`a` may be gone by now");
    let entry = found.entry(&LIST_SERVICE_ACCOUNTS, NAMESPACE);
    assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Complete, 2, 2));
    let addresses =
        [PATH.to_owned(), format!("{PATH}&continue=1"), PATH.to_owned(), format!("{PATH}&continue=2")];
    assert_eq!(service.asked(), addresses);
}

#[tokio::test]
async fn tokens_that_expire_again_fail_the_list() {
    let first = page(&["a"], "1");
    let service = Canned::new(&[(200, &first), GONE, (200, &first), GONE, (200, &first)]);
    let found = service.fetch(&Workload, &SERVICE_ACCOUNTS, NAMESPACE).await;
    assert_eq!(service.asked().len(), 4);
    assert_eq!(found.ids(), ids(&["a"]));
    let entry = found.entry(&LIST_SERVICE_ACCOUNTS, NAMESPACE);
    assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Failed, 1, 1));
    assert!(entry.detail.starts_with("the list changed faster than it could be read"), "{}", entry.detail);
}

#[tokio::test]
async fn a_list_that_is_gone_at_once_is_not_asked_for_again() {
    let service = Canned::new(&[GONE, (200, &page(&[], ""))]);
    let found = service.fetch(&Workload, &SERVICE_ACCOUNTS, NAMESPACE).await;
    assert_eq!(service.asked().len(), 1);
    assert_eq!(found.entry(&LIST_SERVICE_ACCOUNTS, NAMESPACE).outcome, Outcome::Failed);
}

#[tokio::test]
async fn a_token_that_comes_back_ends_the_list_as_failed() {
    let (first, second) = (page(&["a"], "1"), page(&["b"], "2"));
    let service = Canned::new(&[(200, &first), (200, &second), (200, &first), (200, &second)]);
    let found = service.fetch(&Workload, &SERVICE_ACCOUNTS, NAMESPACE).await;
    assert_eq!(service.asked().len(), 3, "the third page leads back to the second");
    assert_eq!(found.ids(), ids(&["a", "b"]));
    assert_eq!(found.entry(&LIST_SERVICE_ACCOUNTS, NAMESPACE).outcome, Outcome::Failed);
}

#[tokio::test]
async fn null_is_an_empty_list_and_absent_is_none() {
    let entry = told(&[(200, r#"{"kind":"ServiceAccountList","metadata":{},"items":null}"#)]).await;
    assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Complete, 1, 0));
    let entry = told(&[(200, r#"{"kind":"ServiceAccountList","metadata":{}}"#)]).await;
    assert_eq!(
        (entry.outcome, entry.pages, &*entry.detail),
        (Outcome::Failed, 0, "answered without `items`")
    );
}

#[tokio::test]
async fn a_foreign_body_is_not_a_list() {
    for (body, detail) in [
        ("{}", "answered without `kind`"),
        ("", "answered with what is no ServiceAccountList (line 1, column 0)"),
        (
            "<html><body>Log in</body></html>",
            "answered with what is no ServiceAccountList (line 1, column 1)",
        ),
        (r#"{"kind":"PodList","items":[]}"#, r#"answered with a "PodList" instead of a ServiceAccountList"#),
        (
            r#"{"kind":"ServiceAccountList","items":{}}"#,
            "answered with what is no ServiceAccountList (line 1, column 37)",
        ),
    ] {
        let entry = told(&[(200, body)]).await;
        assert_eq!((entry.outcome, &*entry.detail), (Outcome::Failed, detail), "{body}");
    }
    let token = format!(r#"{{"kind":"{}"}}"#, "k".repeat(10_000));
    assert!(told(&[(200, &token)]).await.detail.chars().count() <= 300);
    let deep = format!(r#"{{"kind":"ServiceAccountList","items":{}"#, "[".repeat(100_000));
    assert_eq!(told(&[(200, &deep)]).await.outcome, Outcome::Failed);
}

#[tokio::test]
async fn one_object_that_cannot_be_read_makes_the_list_incomplete() {
    for (object, detail) in [
        (r#"{"metadata":{}}"#, "answered without `metadata.name`"),
        (r#"{"metadata":{"name":"x"}}"#, "answered with a `metadata.namespace` that can't be one"),
        (
            r#"{"metadata":{"name":"x","namespace":"other"}}"#,
            "answered with a `metadata.namespace` that can't be one",
        ),
        (r#"{"metadata":{"name":"x/y","namespace":"dev-api"}}"#, "answered with a `name` that can't be one"),
        (r#"{"metadata":7}"#, "answered with what is no such object (line 1, column 13)"),
        ("null", "answered with what is no such object (line 1, column 4)"),
    ] {
        let readable = r#"{"metadata":{"name":"b","namespace":"dev-api"}}"#;
        let body = list("ServiceAccountList", &format!("{object},{readable}"));
        let found = Canned::new(&[(200, &body)]).fetch(&Workload, &SERVICE_ACCOUNTS, NAMESPACE).await;
        assert_eq!(found.ids(), ids(&["b"]), "{object}");
        let entry = found.entry(&LIST_SERVICE_ACCOUNTS, NAMESPACE);
        assert_eq!((entry.outcome, entry.items, &*entry.detail), (Outcome::Failed, 1, detail));
    }
}

#[tokio::test]
async fn what_is_no_namespace_is_not_asked_about() {
    for key in
        ["", "cluster.example.com/namespace/", "cluster.example.com/namespace/a?watch=1", "other/namespace/a"]
    {
        let service = Canned::new(&[]);
        let found = service.fetch(&Workload, &SERVICE_ACCOUNTS, key).await;
        assert!(service.asked().is_empty(), "{key}");
        assert_eq!(found.entry(&LIST_SERVICE_ACCOUNTS, key).outcome, Outcome::Failed);
    }
}

/// One page of 500 pods, each with more than is read of it.
fn pods(page: usize) -> Vec<u8> {
    let pod = |n: usize| {
        let padding = "x".repeat(1_000);
        format!(
            r#"{{"metadata":{{"name":"p-{n}","namespace":"dev-api","managedFields":[{{"fieldsV1":{{"f:a":"{padding}"}}}}]}},
                "spec":{{"containers":[{{"name":"app","image":"app:1","env":[{{"name":"K","value":"{padding}"}}]}}]}}}}"#
        )
    };
    let items: Vec<_> = (page * 500..(page + 1) * 500).map(pod).collect();
    let body = list("PodList", &items.join(","));
    let next = if page < 9 { format!("page-{}", page + 1) } else { String::new() };
    body.replace(r#""resourceVersion":"7""#, &format!(r#""continue":"{next}""#)).into_bytes()
}

/// What bodies are made of, by a name to call it.
trait Made {
    type Of;
}

impl<B: BodyExt> Made for B {
    type Of = B::Data;
}

/// The bytes of a page, and who notices when the last of them is let go.
struct Raw(Vec<u8>, Arc<AtomicUsize>);

impl AsRef<[u8]> for Raw {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn no_page_is_kept_when_the_next_is_asked_for() {
    let (number, kept) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let pages = number.clone();
    let service = tower::util::service_fn(move |_: http::Request<Body>| {
        let before = kept.fetch_add(1, Ordering::Relaxed);
        let raw = Raw(pods(pages.fetch_add(1, Ordering::Relaxed)), kept.clone());
        let body = Body::from(<Body as Made>::Of::from_owner(raw));
        let answer =
            if before == 0 { Ok(http::Response::new(body)) } else { Err(std::io::Error::other("kept")) };
        std::future::ready(answer)
    });
    let found = fetch(kube::Client::new(service, "default"), &Workload, &PODS, NAMESPACE).await;
    let entry = found.entry(&LIST_PODS, NAMESPACE);
    assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Complete, 10, 5_000), "{}", entry.detail);
    assert_eq!(found.ids().len(), 5_000);
    assert_eq!(number.load(Ordering::Relaxed), 10);
}

#[tokio::test]
async fn pages_without_end_have_one() {
    let number = Arc::new(AtomicUsize::new(0));
    let service = tower::util::service_fn(move |_: http::Request<Body>| {
        let next = number.fetch_add(1, Ordering::Relaxed).to_string();
        std::future::ready(Ok::<_, std::io::Error>(http::Response::new(Body::from(
            page(&[], &next).into_bytes(),
        ))))
    });
    let found = fetch(kube::Client::new(service, "default"), &Workload, &SERVICE_ACCOUNTS, NAMESPACE).await;
    let entry = found.entry(&LIST_SERVICE_ACCOUNTS, NAMESPACE);
    assert_eq!((entry.outcome, entry.pages), (Outcome::Failed, super::MOST_PAGES));
}
