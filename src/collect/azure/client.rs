//! A client of a few lines for plain GETs of Azure Resource Manager: whose api-version collectors can read, and what the
//! service says as it says it.

use azure_core::http::{Context, Method, Pipeline, PipelineSendOptions, Request, Url};
use serde_json::Value;

use super::errors::ArmError;
use crate::collect::transport::SeamError;
use crate::collect::transport::azure::{Asking, Seam};
use crate::model::call::{Call, Wire};

/// Answers with which an endpoint says that it knows this type in other versions alone.
const VERSION_UNKNOWN: &[&str] =
    &["InvalidApiVersionParameter", "NoRegisteredProviderFound", "UnsupportedApiVersion"];

/// The reads of one subscription.
#[derive(Clone, Debug)]
pub struct ArmClient {
    origin: Url,
    pipeline: Pipeline,
}

impl ArmClient {
    pub(crate) fn new(seam: Seam) -> Self {
        Self { origin: seam.origin().clone(), pipeline: seam.pipeline() }
    }

    pub(super) fn origin(&self) -> &Url {
        &self.origin
    }

    /// What stands at a path, in the first of the call's versions that the endpoint knows. Version and filter come from
    /// the call; `query` is what it takes besides.
    pub(crate) async fn get(
        &self,
        call: &'static Call,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, ArmError> {
        let Wire::Arm { versions, filter, .. } = call.wire else { return Err(refused(call, path)) };
        let filter = filter.map(|filter| ("$filter", filter));
        let mut last = None;
        for version in versions {
            let mut url = self.origin.clone();
            url.set_path(path);
            url.query_pairs_mut()
                .append_pair("api-version", version)
                .extend_pairs(filter)
                .extend_pairs(query);
            match self.ask(call, Method::Get, url).await {
                Err(error) if error.code().is_some_and(|code| VERSION_UNKNOWN.contains(&code)) => {
                    last = Some(error);
                }
                answer => return answer,
            }
        }
        Err(last.unwrap_or_else(|| refused(call, path)))
    }

    /// A further page, where the page before says it is: at the same endpoint, or nowhere.
    pub(crate) async fn next(&self, call: &'static Call, next_link: &str) -> Result<Value, ArmError> {
        let url = Url::parse(next_link).map_err(|_| refused(call, next_link))?;
        self.ask(call, Method::Get, url).await
    }

    /// The transport refuses what is not the declared read.
    pub(crate) async fn ask(&self, call: &'static Call, method: Method, url: Url) -> Result<Value, ArmError> {
        let context = Context::new().with_value(Asking(call));
        let mut request = Request::new(url, method);
        request.insert_header("accept", "application/json");
        let unchecked = PipelineSendOptions { skip_checks: true, ..PipelineSendOptions::default() };
        let answer = self.pipeline.send(&context, &mut request, Some(unchecked)).await?;
        let (status, body) = (u16::from(answer.status()), answer.body());
        if !answer.status().is_success() {
            return Err(ArmError::answered(status, body));
        }
        serde_json::from_slice(body).map_err(|_| {
            let content_type = "application/json, cut short or garbled".to_owned();
            SeamError::Unreadable { status, content_type }.into()
        })
    }
}

fn refused(call: &Call, to: &str) -> ArmError {
    SeamError::Refused { what: format!("{} as GET {to}", call.id) }.into()
}
