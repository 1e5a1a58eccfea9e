//! Azure Resource Manager for tests: it gives the answers it was told, in order, and remembers what it was asked. What the
//! caller may read it tells whenever it is asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use azure_core::Bytes;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::http::Url;
use azure_core::time::OffsetDateTime;
use chrono::DateTime;

use super::client::ArmClient;
use super::pages::Visible;
use super::{Api, Collector, Item};
use crate::collect::facts::{Facts, Gathered};
use crate::collect::transport::SeamError;
use crate::collect::transport::azure::line::{Limits, Line};
use crate::collect::transport::azure::{Bearer, Seam};
use crate::model::call::{Call, Source};
use crate::model::kind::Resource;
use crate::model::scope::Scope;
use crate::model::snapshot::{Entry, LedgerKey};

pub(super) const SUBSCRIPTION: &str = "11111111-1111-1111-1111-111111111111";

/// Of whom every right to read is proven.
const READER: &str = r#"{"value":[{"actions":["*/read"],"notActions":[]}]}"#;

/// The id of what has this path in the group `core`, as Azure writes it.
pub(super) fn arm_id(path: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/Core/providers/{path}")
}

/// A last page with these items.
pub(super) fn list(items: &str) -> String {
    format!(r#"{{"value":[{items}]}}"#)
}

#[derive(Clone)]
pub(super) struct Canned {
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    rights: Arc<(u16, String)>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Canned {
    /// Answers in order, each a status and a body. Whoever asks for more gets no connection.
    pub(super) fn new(answers: &[(u16, &str)]) -> Self {
        let answers = answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        let rights = Arc::new((200, READER.to_owned()));
        Self { answers: Arc::new(Mutex::new(answers)), rights, asked: Arc::default() }
    }

    /// What is answered to the question what the caller may read.
    pub(super) fn rights(self, status: u16, body: &str) -> Self {
        Self { rights: Arc::new((status, body.to_owned())), ..self }
    }

    /// Every address so far: path and query, as they were sent.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn api(&self) -> Api {
        let limits = Limits { backoff: Duration::ZERO, ..Limits::default() };
        let canned = self.clone();
        let line = Line::stub(limits, move |request| canned.answer(&request));
        let origin = Url::parse("https://management.example.com").expect("an origin");
        let bearer = Bearer {
            credential: Arc::new(Anybody),
            token_scope: "https://management.example.com/.default".into(),
        };
        let scope = Scope::azure(SUBSCRIPTION);
        let client = ArmClient::new(Seam::reads(line, bearer, origin, scope.clone(), None));
        Api { client, scope, read_at: DateTime::UNIX_EPOCH, visible: Visible::default() }
    }

    /// Lets the collector ask about a key.
    pub(super) async fn fetch(
        &self,
        collector: &dyn Collector,
        source: &'static Source,
        subject: Option<&Resource>,
        key: &str,
    ) -> Found {
        self.fetch_by(&self.api(), collector, source, subject, key).await
    }

    /// The same, with an API that was asked before.
    pub(super) async fn fetch_by(
        &self,
        api: &Api,
        collector: &dyn Collector,
        source: &'static Source,
        subject: Option<&Resource>,
        key: &str,
    ) -> Found {
        let mut facts = Facts::default();
        collector.fetch(api, source, Item { key, subject }, &mut facts).await;
        let mut found = Gathered::default();
        if let Some(subject) = subject {
            found.resources.insert((subject.kind(), subject.id.clone()), subject.clone());
        }
        found.merge(facts);
        Found(found)
    }

    fn answer<B>(&self, request: &http::Request<B>) -> Result<http::Response<Bytes>, SeamError> {
        assert_eq!(request.method(), http::Method::GET);
        let asked = request.uri().path_and_query().map_or("/", |asked| asked.as_str()).to_owned();
        let is_about_rights =
            request.uri().path().ends_with("/providers/Microsoft.Authorization/permissions");
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
        let answer = if is_about_rights {
            Some((*self.rights).clone())
        } else {
            self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
        };
        let (status, body) =
            answer.ok_or_else(|| SeamError::Refused { what: "nothing more to say".into() })?;
        let response = http::Response::builder().status(status).header("content-type", "application/json");
        Ok(response.body(body.into_bytes().into()).expect("a test names real statuses"))
    }
}

#[derive(Debug)]
struct Anybody;

#[async_trait::async_trait]
impl TokenCredential for Anybody {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        Ok(AccessToken::new("canned", OffsetDateTime::now_utc() + Duration::from_hours(1)))
    }
}

pub(super) struct Found(pub(super) Gathered);

impl Found {
    /// What the ledger notes of a call about a key.
    pub(super) fn entry(&self, call: &Call, key: &str) -> &Entry {
        let at =
            LedgerKey { scope: Scope::azure(SUBSCRIPTION), call: call.id.to_owned(), key: key.to_owned() };
        self.0.ledger.get(&at).expect("every call about every key is noted")
    }

    /// The ids of all resources, sorted.
    pub(super) fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<_> = self.0.resources.keys().map(|(_, id)| id.as_str()).collect();
        ids.sort_unstable();
        ids
    }

    pub(super) fn resource(&self, id: &str) -> &Resource {
        let id = id.to_ascii_lowercase();
        self.0.resources.values().find(|resource| resource.id == id).expect("it was read")
    }
}
