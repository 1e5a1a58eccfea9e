//! An API server for tests: it gives the answers it was told, in order, and remembers what it was asked.

use std::collections::VecDeque;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use chrono::DateTime;
use kube::client::Body;

use super::{Api, Collector, Server};
use crate::collect::facts::{Facts, Gathered};
use crate::model::call::{Call, Source};
use crate::model::kind::Resource;
use crate::model::scope::Scope;
use crate::model::snapshot::{Entry, LedgerKey};

pub(super) const CLUSTER: &str = "cluster.example.com";

/// Id of the namespace that tests ask about.
pub(super) const NAMESPACE: &str = "cluster.example.com/namespace/dev-api";

/// A list of this kind, with these objects.
pub(super) fn list(kind: &str, items: &str) -> String {
    format!(r#"{{"kind":"{kind}","apiVersion":"v1","metadata":{{"resourceVersion":"7"}},"items":[{items}]}}"#)
}

#[derive(Clone, Default)]
pub(super) struct Canned {
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Canned {
    /// Answers in order, each a status and a body. Whoever asks for more gets no connection.
    pub(super) fn new(answers: &[(u16, &str)]) -> Self {
        let answers = answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        Self { answers: Arc::new(Mutex::new(answers)), asked: Arc::default() }
    }

    /// Every address so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets the collector ask this server about a key.
    pub(super) async fn fetch(&self, collector: &dyn Collector, source: &'static Source, key: &str) -> Found {
        fetch(kube::Client::new(self.clone(), "default"), collector, source, key).await
    }
}

impl tower::Service<http::Request<Body>> for Canned {
    type Response = http::Response<Body>;
    type Error = std::io::Error;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        assert_eq!(request.method(), http::Method::GET);
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(request.uri().to_string());
        let answer = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let answer = answer.ok_or_else(|| std::io::Error::other("nothing more to say"));
        ready(answer.map(|(status, body)| {
            let form = if body.starts_with('{') { "application/json" } else { "text/plain; charset=utf-8" };
            let response = http::Response::builder().status(status).header("content-type", form);
            response.body(Body::from(body.into_bytes())).expect("a test names real statuses")
        }))
    }
}

/// Lets the collector ask whoever answers behind this client.
pub(super) async fn fetch(
    client: kube::Client,
    collector: &dyn Collector,
    source: &'static Source,
    key: &str,
) -> Found {
    let api = Api {
        client,
        scope: Scope::kubernetes(CLUSTER),
        read_at: DateTime::UNIX_EPOCH,
        server: Server { address: CLUSTER.into(), certificate_authority: vec!["TUlJQg==".into()] },
    };
    let mut facts = Facts::default();
    collector.fetch(&api, source, key, &mut facts).await;
    let mut found = Gathered::default();
    found.merge(facts);
    Found(found)
}

pub(super) struct Found(Gathered);

impl Found {
    /// What the ledger notes of a call about a key.
    pub(super) fn entry(&self, call: &Call, key: &str) -> &Entry {
        let at =
            LedgerKey { scope: Scope::kubernetes(CLUSTER), call: call.id.to_owned(), key: key.to_owned() };
        self.0.ledger.get(&at).expect("every call about every key is noted")
    }

    /// The ids of all resources, sorted.
    pub(super) fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<_> = self.0.resources.keys().map(|(_, id)| id.as_str()).collect();
        ids.sort_unstable();
        ids
    }

    pub(super) fn resource(&self, id: &str) -> &Resource {
        self.0.resources.values().find(|resource| resource.id == id).expect("it was read")
    }
}
