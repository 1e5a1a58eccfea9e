//! `azure_mgmt_resources` 0.21 over our own pipeline. It says what is asked for and follows the pages; what it asks goes
//! through the same checks, the same login and the same recording as everything else. It is not shown a token, for it
//! sends one to whoever a page's link names; nor bodies, for its types lack fields and fail where others are absent.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use azure_core::http::Method;
use azure_core_legacy::auth::{AccessToken, TokenCredential};
use azure_core_legacy::error::{Error, ErrorKind};
use azure_core_legacy::headers::Headers;
use azure_core_legacy::{HttpClient, Request, Response, RetryOptions, StatusCode, TransportOptions};
use azure_mgmt_resources::package_resources_2021_04::Client;
use futures::{Stream, StreamExt as _};
use serde_json::{Value, json};

use super::client::ArmClient;
use super::errors::ArmError;
use super::pages::MOST_PAGES;
use crate::collect::transport::{SeamError, root_cause};
use crate::model::call::{Call, Wire};

/// The pages that were read, and how it ended.
#[derive(Debug)]
pub(super) struct Pages {
    /// Whole bodies.
    pub(super) pages: Vec<Value>,
    pub(super) end: Result<(), ArmError>,
}

/// The resource groups of a subscription.
pub(super) async fn resource_groups(arm: &ArmClient, call: &'static Call, subscription: &str) -> Pages {
    read(arm, call, |client| client.resource_groups_client().list(subscription).into_stream()).await
}

/// The resources of a subscription that the call's filter names.
pub(super) async fn resources(arm: &ArmClient, call: &'static Call, subscription: &str) -> Pages {
    read(arm, call, |client| {
        let list = client.resources_client().list(subscription);
        match call.wire {
            Wire::Arm { filter: Some(filter), .. } => list.filter(filter).into_stream(),
            _ => list.into_stream(),
        }
    })
    .await
}

async fn read<S, T>(arm: &ArmClient, call: &'static Call, list: impl FnOnce(&Client) -> S) -> Pages
where
    S: Stream<Item = azure_core_legacy::Result<T>> + Unpin,
{
    let bridge = Arc::new(Bridge { arm: arm.clone(), call, pages: Mutex::default() });
    let client = Client::builder(Arc::new(NoToken))
        .endpoint(arm.origin().clone())
        .scopes(&[])
        .retry(RetryOptions::none())
        .transport(TransportOptions::new(Arc::clone(&bridge) as Arc<dyn HttpClient>))
        .build();
    let end = match client {
        Err(error) => Err(own(error)),
        Ok(client) => {
            let mut pages = list(&client);
            loop {
                match pages.next().await {
                    None => break Ok(()),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => break Err(own(error)),
                }
            }
        }
    };
    let pages = std::mem::take(&mut *bridge.pages.lock().unwrap_or_else(PoisonError::into_inner));
    Pages { pages, end }
}

/// Our error as the other client carried it.
fn own(error: Error) -> ArmError {
    match error.into_downcast() {
        Ok(own) => own,
        Err(other) => SeamError::Unreachable(root_cause(&other)).into(),
    }
}

/// Takes one call's requests over to our pipeline, and keeps what is answered.
#[derive(Debug)]
struct Bridge {
    arm: ArmClient,
    call: &'static Call,
    pages: Mutex<Vec<Value>>,
}

#[async_trait]
impl HttpClient for Bridge {
    async fn execute_request(&self, request: &Request) -> azure_core_legacy::Result<Response> {
        // Any method but this is refused at the seam; nothing else of the request matters, its headers least of all.
        let method =
            if *request.method() == azure_core_legacy::Method::Get { Method::Get } else { Method::Post };
        let page = self.arm.ask(self.call, method, request.url().clone()).await;
        let page = page.map_err(|error| Error::new(ErrorKind::Other, error))?;
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let next = next_link(&page).filter(|_| pages.len() < MOST_PAGES);
        // The other client would go round in circles for ever.
        let next = next.filter(|next| pages.iter().all(|before| next_link(before) != Some(*next)));
        let outline = json!({ "value": [], "nextLink": next }).to_string();
        pages.push(page);
        drop(pages);
        let body = futures::stream::once(std::future::ready(Ok(outline.into())));
        Ok(Response::new(StatusCode::Ok, Headers::new(), Box::pin(body)))
    }
}

fn next_link(page: &Value) -> Option<&str> {
    page.get("nextLink").and_then(Value::as_str).filter(|link| !link.is_empty())
}

/// Stands where the other client wants a token: what it makes of it is dropped at the bridge.
#[derive(Debug)]
struct NoToken;

#[async_trait]
impl TokenCredential for NoToken {
    async fn get_token(&self, _: &[&str]) -> azure_core_legacy::Result<AccessToken> {
        let never = azure_core_legacy::date::parse_rfc3339("9999-12-31T23:59:59Z")?;
        Ok(AccessToken::new("none", never))
    }

    async fn clear_cache(&self) -> azure_core_legacy::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::transport::azure::tests::{SUBSCRIPTION, Stub, said};
    use crate::model::azure::containers::LIST_MANAGED_CLUSTERS;
    use crate::model::azure::resources::LIST_RESOURCE_GROUPS;

    fn next(to: &str) -> String {
        format!(r#"{{"value": [{{"id": 1, "location": null}}], "nextLink": "{to}"}}"#)
    }

    fn groups(host: &str, page: usize) -> String {
        let query = format!("api-version=2021-04-01&%24skiptoken={page}");
        format!("https://{host}/subscriptions/{SUBSCRIPTION}/resourceGroups?{query}")
    }

    #[tokio::test]
    async fn every_page_is_read_whatever_is_in_it() {
        let stub = Stub::new(None, |request, number| {
            assert_eq!(request.headers()["authorization"], "Bearer token", "ours, not the other client's");
            match number {
                1 => said(200, &next(&groups("management.azure.com", 2))),
                2 => said(200, r#"{"value": [{"odd": {}}], "nextLink": null}"#),
                _ => said(500, "{}"),
            }
        });
        let Pages { pages, end } = resource_groups(&stub.client, &LIST_RESOURCE_GROUPS, SUBSCRIPTION).await;
        end.expect("the last page has no link");
        assert_eq!((pages.len(), stub.asked()), (2, 2));
        assert_eq!((&pages[0]["value"][0]["id"], &pages[1]["value"][0]["odd"]), (&json!(1), &json!({})));
    }

    #[tokio::test]
    async fn a_link_to_somebody_else_is_not_followed() {
        let stub = Stub::new(None, |_, _| said(200, &next(&groups("evil.example.com", 2))));
        let Pages { pages, end } = resource_groups(&stub.client, &LIST_RESOURCE_GROUPS, SUBSCRIPTION).await;
        let refused = end.expect_err("the list has no end");
        assert!(matches!(&refused, ArmError::Seam(SeamError::Refused { .. })), "{refused}");
        assert_eq!((pages.len(), stub.asked()), (1, 1), "nobody else was asked");
    }

    #[tokio::test]
    async fn what_breaks_off_keeps_its_pages_and_says_why() {
        let stub = Stub::new(None, |_, number| match number {
            1 => said(200, &next(&groups("management.azure.com", 2))),
            _ => said(503, r#"{"error": {"code": "ServerBusy", "message": "later"}}"#),
        });
        let Pages { pages, end } = resource_groups(&stub.client, &LIST_RESOURCE_GROUPS, SUBSCRIPTION).await;
        assert_eq!(end.expect_err("broke off").code(), Some("ServerBusy"));
        assert_eq!((pages.len(), stub.asked()), (1, 6), "the second page was asked for five times");
    }

    #[tokio::test]
    async fn an_inventory_is_asked_for_by_its_type() {
        let stub = Stub::new(None, |request, _| {
            let query = request.uri().query().unwrap_or_default().to_owned();
            assert!(
                query.contains("resourceType+eq+%27Microsoft.ContainerService%2FmanagedClusters%27"),
                "{query}"
            );
            said(200, r#"{"value": []}"#)
        });
        let Pages { end, .. } = resources(&stub.client, &LIST_MANAGED_CLUSTERS, SUBSCRIPTION).await;
        end.expect("an empty list");
        let named = resources(&stub.client, &LIST_RESOURCE_GROUPS, SUBSCRIPTION).await.end;
        assert!(named.is_err(), "no call is made under another's name");
    }
}
