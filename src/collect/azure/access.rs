//! Into the subscriptions of an env: credentials first, then proof that each subscription is there and is the one that is
//! meant, then one way in for each.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use azure_core::http::Url;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::asked::Collectors;
use super::client::ArmClient;
use super::credentials::{Login, login};
use super::errors::{ArmError, Meaning};
use super::pages::{MOST_PAGES, Visible};
use super::part::{Part, Unfit};
use super::{Api, COLLECTORS};
use crate::collect::detail::one_line;
use crate::collect::runner::Ask;
use crate::collect::target::{AccessError, AzureTarget};
use crate::collect::transport::azure::exchanges::Exchanges;
use crate::collect::transport::azure::line::{Limits, Line};
use crate::collect::transport::azure::{Bearer, Seam};
use crate::collect::transport::record::{Closed, Recorder, TapeHeader};
use crate::collect::transport::replay::Tape;
use crate::model::azure::is_guid;
use crate::model::azure::resources::{GET_SUBSCRIPTION, LIST_SUBSCRIPTIONS};
use crate::model::scope::{Provider, Scope};
use crate::model::seen::Why;
use crate::model::snapshot::Identity;

/// How many subscriptions an error names.
const NAMED: usize = 10;

/// The subscriptions of an env, each with its way in or why there is none.
pub(crate) struct Access {
    /// By subscription id; those that can't be entered are in the header's `closed`.
    doors: BTreeMap<String, Door>,
    header: TapeHeader,
    credential: Option<Arc<dyn TokenCredential>>,
}

struct Door {
    client: ArmClient,
    visible: Visible,
}

impl Door {
    fn new(seam: Seam) -> Self {
        Self { client: ArmClient::new(seam), visible: Visible::default() }
    }
}

/// Where reads go, before it is said in which subscription.
struct Way {
    line: Line,
    bearer: Bearer,
    origin: Url,
    name: &'static str,
}

impl Way {
    fn seam(&self, subscription: &str, recorder: Option<Arc<Recorder>>) -> Seam {
        let scope = Scope::azure(subscription);
        Seam::reads(self.line.clone(), self.bearer.clone(), self.origin.clone(), scope, recorder)
    }

    /// Host and port, as links name it.
    fn endpoint(&self) -> &str {
        self.origin.authority()
    }

    /// Who a subscription is, as itself says; never recorded.
    async fn subscription(&self, id: &str) -> Result<Subscription, ArmError> {
        let client = ArmClient::new(self.seam(id, None));
        let body = client.get(&GET_SUBSCRIPTION, &format!("/subscriptions/{id}"), &[]).await?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        Ok(Subscription {
            id: text("subscriptionId").to_ascii_lowercase(),
            tenant: text("tenantId").to_ascii_lowercase(),
        })
    }

    /// The one subscription there is; several are for the env to choose from.
    async fn only_one(&self) -> Result<String, AccessError> {
        let unseen = |cause: String| AccessError::WhichSubscription {
            way: self.name,
            seen: format!("not even which there are ({cause})"),
        };
        let client = ArmClient::new(self.seam("", None));
        let mut page = client.get(&LIST_SUBSCRIPTIONS, "/subscriptions", &[]).await;
        let (mut seen, mut links) = (Vec::new(), BTreeSet::new());
        loop {
            let found = page.map_err(|error| unseen(cause(&error)))?;
            seen.extend(ids(&found).map_err(|unfit| unseen(unfit.to_string()))?);
            let next = found.get("nextLink").and_then(Value::as_str).filter(|link| !link.is_empty());
            let Some(next) = next else { break };
            if !links.insert(next.to_owned()) || links.len() >= MOST_PAGES {
                return Err(unseen("pages without end".to_owned()));
            }
            page = client.next(&LIST_SUBSCRIPTIONS, next).await;
        }
        seen.sort_unstable();
        seen.dedup();
        if let [only] = &seen[..] {
            return Ok(only.clone());
        }
        let more = seen.len().saturating_sub(NAMED);
        let mut named = seen[..seen.len().min(NAMED)].join(", ");
        if seen.is_empty() {
            "none".clone_into(&mut named);
        } else if more > 0 {
            named = format!("{named} and {more} more");
        }
        Err(AccessError::WhichSubscription { way: self.name, seen: named })
    }
}

/// The main subscription, where the env or else the environment says which.
fn named(target: &AzureTarget) -> Option<String> {
    let named = target.subscription.as_deref().or(target.environment.get("AZURE_SUBSCRIPTION_ID"));
    named.map(str::to_ascii_lowercase)
}

/// Of every subscription on a page. One that is overlooked would make another the only one there is.
fn ids(page: &Value) -> Result<Vec<String>, Unfit> {
    let page = Part::of(page)?;
    let listed = page.members().any(|(name, _)| name == "value");
    page.need("value", listed.then_some(()))?;
    let one = |found: Part<'_>| found.need("subscriptionId", found.lower("subscriptionId")?);
    page.parts("value")?.into_iter().map(one).collect()
}

/// What it says of itself; empty where it doesn't.
#[derive(Default)]
struct Subscription {
    id: String,
    tenant: String,
}

impl Access {
    pub(crate) async fn live(
        target: &AzureTarget,
        recorder: Option<Arc<Recorder>>,
        started_at: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        let line = Line::new(Limits::default()).map_err(|error| AccessError::NoAzure {
            cause: format!("the trusted certificates can't be read: {error}"),
        })?;
        Self::through(line, target, recorder, started_at).await
    }

    pub(crate) async fn through(
        line: Line,
        target: &AzureTarget,
        recorder: Option<Arc<Recorder>>,
        started_at: DateTime<Utc>,
    ) -> Result<Self, AccessError> {
        let (origin, authority) = (address(target.cloud.arm())?, address(target.cloud.authority())?);
        let own = target.environment.get("IDENTITY_ENDPOINT").and_then(|url| Url::parse(url).ok());
        let exchanges = Exchanges::new(line.clone(), authority, own);
        let token_scope = format!("{}/.default", origin.as_str().trim_end_matches('/'));
        let Login { credential, way, principal } = login(target, &exchanges, &token_scope, None).await?;
        let bearer = Bearer { credential: Arc::clone(&credential), token_scope };
        let way = Way { line, bearer, origin, name: way };

        let main = match named(target) {
            Some(named) if is_guid(&named) => named,
            Some(named) => {
                let cause = format!("AZURE_SUBSCRIPTION_ID takes a GUID, and holds {named:?}");
                return Err(AccessError::NoAzure { cause });
            }
            None => way.only_one().await?,
        };
        let further = target.subscriptions.iter().map(|(role, id)| (role.clone(), id.to_ascii_lowercase()));
        let subscriptions: BTreeMap<String, String> = further.chain([(String::new(), main)]).collect();
        let mut header = TapeHeader { subscriptions: subscriptions.clone(), ..TapeHeader::at(started_at) };
        let mut doors = BTreeMap::new();
        let proofs = subscriptions.iter().map(async |(role, id)| (role, id, way.subscription(id).await));
        for (role, id, proof) in futures::future::join_all(proofs).await {
            match entered(&way, target, role, id, proof)? {
                Ok(tenant) => {
                    if let Some(recorder) = &recorder {
                        recorder.know_azure(&tenant, way.endpoint());
                    }
                    let provider = Provider::Azure;
                    let identity = Identity { provider, account: id.clone(), principal: principal.clone() };
                    if doors.insert(id.clone(), Door::new(way.seam(id, recorder.clone()))).is_none() {
                        header.identity.push(identity);
                    }
                }
                Err(closed) => {
                    header.closed.insert(id.clone(), closed);
                }
            }
        }
        header.identity.sort_unstable();
        Ok(Self { doors, header, credential: Some(credential) })
    }

    /// Subscriptions that nothing can be asked in, and why, as far as the env names them.
    pub(crate) fn closed(target: &AzureTarget, why: &AccessError, started_at: DateTime<Utc>) -> Self {
        let main = named(target).unwrap_or_else(|| "unknown".to_owned());
        let mut header = TapeHeader::at(started_at);
        header.subscriptions =
            target.subscriptions.clone().into_iter().chain([(String::new(), main)]).collect();
        let closed = Closed { why: Why::Failed, detail: one_line(&why.to_string()) };
        let ids = header.subscriptions.values();
        header.closed = ids.map(|id| (id.clone(), closed.clone())).collect();
        Self { doors: BTreeMap::new(), header, credential: None }
    }

    /// The subscriptions of a recording. Nothing leaves the process.
    pub(crate) fn replay(tape: &Arc<Tape>) -> Self {
        let header = tape.header.clone();
        let origin = Url::parse(AzureTarget::default().cloud.arm()).expect("a fixed address");
        let open = header.subscriptions.values().filter(|id| !header.closed.contains_key(*id));
        let door = |id: &String| Door::new(Seam::replays(Arc::clone(tape), origin.clone(), Scope::azure(id)));
        let doors = open.map(|id| (id.clone(), door(id))).collect();
        Self { doors, header, credential: None }
    }

    /// The way into a subscription, or why there is none.
    pub(crate) fn api(&self, scope: &Scope) -> Result<Api, Closed> {
        let Some(door) = self.doors.get(&scope.account) else {
            return Err(self.header.closed.get(&scope.account).cloned().unwrap_or_else(|| Closed {
                why: Why::Skipped,
                detail: format!("subscription {} is not scanned in this env", scope.account),
            }));
        };
        Ok(Api {
            client: door.client.clone(),
            scope: scope.asked(),
            read_at: self.header.captured_at,
            visible: door.visible.clone(),
        })
    }

    /// Who asks, for whatever else takes a token of the same login; none of a recording.
    pub(crate) fn credential(&self) -> Option<Arc<dyn TokenCredential>> {
        self.credential.clone()
    }

    /// What a recording of it says first.
    pub(crate) fn header(&self) -> &TapeHeader {
        &self.header
    }

    /// A recording's header with these subscriptions in it.
    pub(crate) fn noted(&self, mut header: TapeHeader) -> TapeHeader {
        let own = self.header.clone();
        header.closed.extend(own.closed);
        header.identity.extend(own.identity);
        TapeHeader { subscriptions: own.subscriptions, ..header }
    }

    pub(crate) fn asker(self) -> Box<dyn Ask + Send> {
        Box::new(Collectors::new(self, COLLECTORS))
    }
}

/// The tenant of a subscription that is there and is the one that is meant. Another one ends the scan; one of which
/// nothing is known closes itself, but for the main one.
fn entered(
    way: &Way,
    target: &AzureTarget,
    role: &str,
    id: &str,
    proof: Result<Subscription, ArmError>,
) -> Result<Result<String, Closed>, AccessError> {
    let found = match proof {
        Ok(found) => found,
        // Not a word about a subscription: what it holds is asked for itself, and answers for itself.
        Err(error) if matches!(error.meaning(), Meaning::Absent) => Subscription::default(),
        Err(error) => {
            let cause = cause(&error);
            if role.is_empty() {
                return Err(AccessError::NoSubscription {
                    subscription: id.to_owned(),
                    way: way.name,
                    cause,
                });
            }
            let why = match error.meaning() {
                Meaning::Unknown { why, .. } => why,
                Meaning::Absent | Meaning::Unused => Why::Failed,
            };
            return Ok(Err(Closed { why, detail: cause }));
        }
    };
    if !found.id.is_empty() && found.id != id {
        return Err(AccessError::WrongAccount { expected: id.to_owned(), found: found.id });
    }
    match &target.tenant {
        Some(expected) if !expected.eq_ignore_ascii_case(&found.tenant) => {
            let untold = || "one that it does not tell".to_owned();
            let expected = expected.clone();
            let found = Some(found.tenant).filter(|tenant| !tenant.is_empty()).unwrap_or_else(untold);
            Err(AccessError::WrongTenant { subscription: id.to_owned(), expected, found })
        }
        _ => Ok(Ok(found.tenant)),
    }
}

fn cause(error: &ArmError) -> String {
    match error.meaning() {
        Meaning::Unknown { detail, .. } => detail,
        Meaning::Absent | Meaning::Unused => one_line(&error.to_string()),
    }
}

/// Of Resource Manager or of the authority: by https, and nothing but a host.
fn address(text: &str) -> Result<Url, AccessError> {
    let bad = || AccessError::NoAzure {
        cause: format!("{text:?} is no address as in https://management.example.com"),
    };
    let url = Url::parse(text).map_err(|_| bad())?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let whole = url.scheme() == "https" && url.host_str().is_some() && url.path() == "/" && plain;
    if whole { Ok(url) } else { Err(bad()) }
}
