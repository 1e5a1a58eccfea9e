//! A service for tests: it gives the answers it was told, in order, and remembers what it was asked. What the seam would
//! refuse it refuses too.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use chrono::DateTime;

use super::{Api, Batch, Collector, Item};
use crate::collect::facts::{Facts, Gathered};
use crate::collect::transport::aws::allow;
use crate::model::call::{Call, Source};
use crate::model::kind::Resource;
use crate::model::scope::Scope;
use crate::model::snapshot::{Entry, LedgerKey};

#[derive(Clone, Debug, Default)]
pub(super) struct Canned {
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Canned {
    /// Answers in order, each a status and a body. Whoever asks for more gets no connection.
    pub(super) fn new<const N: usize>(answers: [(u16, &str); N]) -> Self {
        let answers = answers.into_iter().map(|(status, body)| (status, body.to_owned())).collect();
        Self { answers: Arc::new(Mutex::new(answers)), asked: Arc::default() }
    }

    /// Every request so far: its address and body.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn api(&self, region: &str) -> Api {
        let config = SdkConfig::builder()
            .behavior_version(aws_sdk_ec2::config::BehaviorVersion::latest())
            .region(Region::new("us-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "canned", "canned", None, None, "canned",
            )))
            .retry_config(RetryConfig::disabled())
            .http_client(self.clone())
            .build();
        Api { config, scope: Scope::aws("111111111111", region), read_at: DateTime::UNIX_EPOCH }
    }

    /// Lets the collector ask this service about some keys.
    pub(super) async fn fetch(
        &self,
        collector: &dyn Collector,
        source: &'static Source,
        subject: Option<&Resource>,
        keys: &[&str],
    ) -> Found {
        let items = keys.iter().map(|key| Item { key, subject }).collect();
        let mut facts = Facts::default();
        let api = self.api("us-west-1");
        collector.fetch(&api, &Batch { source, items }, &mut facts).await;
        let mut found = Gathered::default();
        if let Some(subject) = subject {
            found.resources.insert((subject.kind(), subject.id.clone()), subject.clone());
        }
        found.merge(facts);
        Found(found)
    }
}

impl HttpClient for Canned {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }

    fn validate_final_config(&self, _: &RuntimeComponents, cfg: &ConfigBag) -> Result<(), BoxError> {
        let operation = cfg.load::<Metadata>().ok_or("a request without a name")?;
        let declared = allow::declared(operation.service(), operation.name());
        if declared { Ok(()) } else { Err(format!("{operation:?} is not declared").into()) }
    }
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if allow::declared_on_the_wire(&request).is_none() {
            let refused = format!("{} {} is not declared", request.method(), request.uri());
            return HttpConnectorFuture::ready(Err(ConnectorError::user(refused.into())));
        }
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default());
        let asked = format!("{} {body}", request.uri());
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
        let answer = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let answer = answer.ok_or_else(|| ConnectorError::user("nothing more to say".into()));
        HttpConnectorFuture::ready(answer.map(|(status, body)| {
            HttpResponse::new(status.try_into().expect("a test names real statuses"), SdkBody::from(body))
        }))
    }
}

pub(super) struct Found(pub(super) Gathered);

impl Found {
    /// What the ledger notes of a call about a key.
    pub(super) fn entry(&self, call: &Call, key: &str) -> &Entry {
        let scope = Scope::aws("111111111111", "us-west-1");
        let at = LedgerKey { scope, call: call.id.to_owned(), key: key.to_owned() };
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
