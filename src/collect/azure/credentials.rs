//! Who asks: the first way to log in that is there, or the one that the env names. A way that is there and does not work
//! ends the search, for the next one may be somebody else.

mod assertion;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use azure_core::Error;
use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::{ClientOptions, StatusCode};
use azure_core::time::OffsetDateTime;
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, ClientAssertionCredential, ClientAssertionCredentialOptions,
    ClientSecretCredential, ClientSecretCredentialOptions, Executor, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, UserAssignedId, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use tokio::sync::Mutex;

use self::assertion::Assertion;
use crate::collect::detail::{find, one_line};
use crate::collect::target::{AccessError, AzureCredential, AzureTarget};
use crate::collect::transport::azure::exchanges::{Exchanges, read_file};
use crate::collect::transport::{SeamError, root_cause};

/// Until somebody has logged in, a program say: at first, and where a token grows old in the middle of a scan.
const LONGEST_LOGIN: Duration = Duration::from_mins(1);

/// A way to log in that works.
#[derive(Clone, Debug)]
pub(super) struct Login {
    pub(super) credential: Arc<dyn TokenCredential>,
    /// As the configuration calls it.
    pub(super) way: &'static str,
    /// Who it is, as far as a token tells.
    pub(super) principal: String,
}

/// Why a way was not taken.
enum Refusal {
    /// Nothing of it is there.
    Missing(String),
    /// It is there, and does not work.
    Broken(String),
}

/// Logs in for tokens of this scope. `executor` runs the programs that some ways take; absent: as the SDK does.
pub(super) async fn login(
    target: &AzureTarget,
    exchanges: &Exchanges,
    token_scope: &str,
    executor: Option<Arc<dyn Executor>>,
) -> Result<Login, AccessError> {
    let chain = Chain { target, exchanges, executor };
    let ways = target.credential.map_or(AzureCredential::ALL.to_vec(), |only| vec![only]);
    let mut tried = Vec::new();
    for way in ways {
        let refused = match chain.enter(way, token_scope).await {
            Ok(login) => return Ok(login),
            Err(refused) => refused,
        };
        let (Refusal::Missing(cause) | Refusal::Broken(cause)) = &refused;
        tried.push(format!("{}: {}", way.name(), one_line(cause)));
        if matches!(refused, Refusal::Broken(_)) {
            break;
        }
    }
    Err(AccessError::NoAzureCredentials { tried: tried.join("; ") })
}

struct Chain<'c> {
    target: &'c AzureTarget,
    exchanges: &'c Exchanges,
    executor: Option<Arc<dyn Executor>>,
}

impl Chain<'_> {
    async fn enter(&self, way: AzureCredential, token_scope: &str) -> Result<Login, Refusal> {
        let credential = match way {
            AzureCredential::Environment => self.environment(),
            AzureCredential::WorkloadIdentity => self.workload_identity(),
            AzureCredential::ManagedIdentity => self.managed_identity(),
            AzureCredential::AzureCli => self.azure_cli(),
            AzureCredential::Azd => self.azd(),
        }?;
        let credential: Arc<dyn TokenCredential> = Arc::new(Kept::new(credential, LONGEST_LOGIN));
        let token = credential.get_token(&[token_scope], None).await;
        let token = token.map_err(|error| unanswered(way, &error, self.target.client_id.is_some()))?;
        Ok(Login { credential, way: way.name(), principal: principal(token.token.secret()) })
    }

    /// A service principal, by what the environment says: a secret, or a certificate.
    fn environment(&self) -> Result<Arc<dyn TokenCredential>, Refusal> {
        let (secret, certificate) =
            (self.variable("AZURE_CLIENT_SECRET"), self.variable("AZURE_CLIENT_CERTIFICATE_PATH"));
        let (tenant, client) = (self.required("AZURE_TENANT_ID")?, self.required("AZURE_CLIENT_ID")?);
        if let Some(secret) = secret {
            let options = ClientSecretCredentialOptions { client_options: self.options() };
            let secret = Secret::new(secret.to_owned());
            let made = ClientSecretCredential::new(tenant, client.to_owned(), secret, Some(options));
            return Ok(made.map_err(|error| broken(&error))?);
        }
        let Some(path) = certificate else {
            let cause = "neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH is set";
            return Err(Refusal::Missing(cause.to_owned()));
        };
        let bytes = read_file(path.as_ref());
        let bytes = bytes.map_err(|error| Refusal::Broken(format!("{path} can't be read: {error}")))?;
        let authority = self.target.cloud.authority().trim_end_matches('/');
        let audience = format!("{authority}/{tenant}/oauth2/v2.0/token");
        let assertion = Assertion::new(&bytes, audience, client.to_owned());
        let assertion = assertion.map_err(|cause| Refusal::Broken(format!("{path} {cause}")))?;
        let options = ClientAssertionCredentialOptions { client_options: self.options() };
        let made =
            ClientAssertionCredential::new(tenant.to_owned(), client.to_owned(), assertion, Some(options));
        Ok(made.map_err(|error| broken(&error))?)
    }

    /// A pod's or a pipeline's own token, exchanged.
    fn workload_identity(&self) -> Result<Arc<dyn TokenCredential>, Refusal> {
        let file = self.required("AZURE_FEDERATED_TOKEN_FILE")?;
        let tenant = self.required("AZURE_TENANT_ID")?;
        let client = match self.target.client_id.as_deref() {
            Some(client) => client,
            None => self.required("AZURE_CLIENT_ID")?,
        };
        let options = WorkloadIdentityCredentialOptions {
            credential_options: ClientAssertionCredentialOptions { client_options: self.options() },
            client_id: Some(client.to_owned()),
            tenant_id: Some(tenant.to_owned()),
            token_file_path: Some(PathBuf::from(file)),
        };
        Ok(WorkloadIdentityCredential::new(Some(options)).map_err(|error| broken(&error))?)
    }

    /// What the machine is.
    fn managed_identity(&self) -> Result<Arc<dyn TokenCredential>, Refusal> {
        let client = self.target.client_id.as_deref().or_else(|| self.variable("AZURE_CLIENT_ID"));
        let options = ManagedIdentityCredentialOptions {
            user_assigned_id: client.map(|client| UserAssignedId::ClientId(client.to_owned())),
            client_options: self.options(),
        };
        // Cloud Shell and servers under Arc tell of an identity that the SDK has no way to take.
        let made = ManagedIdentityCredential::new(Some(options));
        let refused = if self.target.client_id.is_some() { Refusal::Broken } else { Refusal::Missing };
        Ok(made.map_err(|error| refused(why(&error)))?)
    }

    fn azure_cli(&self) -> Result<Arc<dyn TokenCredential>, Refusal> {
        let options = AzureCliCredentialOptions {
            tenant_id: self.target.tenant.clone(),
            executor: self.executor.clone(),
            ..AzureCliCredentialOptions::default()
        };
        Ok(AzureCliCredential::new(Some(options)).map_err(|error| broken(&error))?)
    }

    fn azd(&self) -> Result<Arc<dyn TokenCredential>, Refusal> {
        let options = AzureDeveloperCliCredentialOptions {
            tenant_id: self.target.tenant.clone(),
            executor: self.executor.clone(),
        };
        Ok(AzureDeveloperCliCredential::new(Some(options)).map_err(|error| broken(&error))?)
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.target.environment.get(name)
    }

    fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.variable(name).ok_or_else(|| Refusal::Missing(format!("{name} is not set")))
    }

    /// The cloud's own authority always: nobody else is asked which clouds there are.
    fn options(&self) -> ClientOptions {
        let mut custom = CustomConfiguration::default();
        self.target.cloud.authority().clone_into(&mut custom.authority_host);
        ClientOptions {
            cloud: Some(Arc::new(CloudConfiguration::Custom(custom))),
            ..self.exchanges.options()
        }
    }
}

/// Programs and machines that are not there keep nobody from what is.
fn unanswered(way: AzureCredential, error: &azure_core::Error, named: bool) -> Refusal {
    let cause = why(error);
    let absent = match way {
        AzureCredential::Environment | AzureCredential::WorkloadIdentity => false,
        // A machine that has no identity calls it a bad request to ask for one.
        AzureCredential::ManagedIdentity => {
            find::<SeamError>(error).is_some() || status(error) == Some(StatusCode::BadRequest) && !named
        }
        AzureCredential::AzureCli | AzureCredential::Azd => find::<Silent>(error).is_none(),
    };
    if absent { Refusal::Missing(cause) } else { Refusal::Broken(cause) }
}

/// Of the answer behind it: credentials wrap what they were told.
fn status(error: &azure_core::Error) -> Option<StatusCode> {
    error.http_status().or_else(|| status(find(error.source()?)?))
}

fn broken(error: &azure_core::Error) -> Refusal {
    Refusal::Broken(why(error))
}

/// What the authority, the program or the machine said, without the ids for its support, which push the advice away.
fn why(error: &azure_core::Error) -> String {
    if let Some(seam) = find::<SeamError>(error) {
        return seam.to_string();
    }
    let said = root_cause(error);
    let said = said.split("Trace ID:").next().unwrap_or_default().trim();
    if find::<serde_json::Error>(error).is_some() {
        return format!("an answer that is none of an authority's: {said}");
    }
    said.to_owned()
}

/// One login for the whole run: subscriptions share its tokens, and a program runs once. It ends in time whenever it is
/// needed, and where it fails, those who wait for it do not try it one after the other.
#[derive(Debug)]
struct Kept {
    credential: Arc<dyn TokenCredential>,
    longest: Duration,
    last: Mutex<BTreeMap<String, Last>>,
}

/// How the last login for a scope ended.
#[derive(Debug)]
enum Last {
    Token(AccessToken),
    Refused { at: Instant, cause: String },
}

/// How long before its end a token is too old.
const MARGIN: azure_core::time::Duration = azure_core::time::Duration::minutes(6);

/// How long a login that failed is not tried again.
const REFUSED: Duration = Duration::from_secs(30);

/// Nobody answered who was asked to log in.
#[derive(Debug, thiserror::Error)]
#[error("no answer in {} s", .0.as_secs())]
struct Silent(Duration);

impl Kept {
    fn new(credential: Arc<dyn TokenCredential>, longest: Duration) -> Self {
        Self { credential, longest, last: Mutex::default() }
    }
}

#[async_trait]
impl TokenCredential for Kept {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let scope = scopes.join(" ");
        let mut last = self.last.lock().await;
        match last.get(&scope) {
            Some(Last::Token(token)) if token.expires_on > OffsetDateTime::now_utc() + MARGIN => {
                return Ok(token.clone());
            }
            Some(Last::Refused { at, cause }) if at.elapsed() < REFUSED => {
                let cause = SeamError::NoCredentials(cause.clone());
                return Err(Error::new(ErrorKind::Credential, cause));
            }
            _ => {}
        }
        let asked = tokio::time::timeout(self.longest, self.credential.get_token(scopes, options)).await;
        let token = asked.unwrap_or_else(|_| Err(Error::new(ErrorKind::Credential, Silent(self.longest))));
        let ended = match &token {
            Ok(token) => Last::Token(token.clone()),
            Err(error) => Last::Refused { at: Instant::now(), cause: one_line(&why(error)) },
        };
        last.insert(scope, ended);
        token
    }
}

/// What a token says of whom it was given to: names first, ids else. Nobody relies on it, so that nobody verifies it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Claims {
    upn: Option<String>,
    unique_name: Option<String>,
    appid: Option<String>,
    azp: Option<String>,
    oid: Option<String>,
}

fn principal(token: &str) -> String {
    let claims = token.split('.').nth(1).and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
    let claims: Claims = claims.and_then(|claims| serde_json::from_slice(&claims).ok()).unwrap_or_default();
    let known = claims.upn.or(claims.unique_name).or(claims.appid).or(claims.azp).or(claims.oid);
    known.unwrap_or_else(|| "unknown".to_owned())
}
