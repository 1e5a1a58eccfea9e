//! By the name of a cluster of EKS: AWS says where its API server is and what to trust it by, and AWS credentials log in.

use std::sync::Arc;

use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use chrono::{DateTime, TimeDelta, Utc};
use http::header::HeaderValue;
use kube::Config;
use kube::config::Kubeconfig;
use serde_json::json;
use tokio::sync::Mutex;

use super::{Advice, Way, failed, kubeconfig};
use crate::collect::aws::access::Access as Accounts;
use crate::collect::aws::errors;
use crate::collect::detail::one_line;
use crate::collect::kubernetes::eks_token;
use crate::collect::transport::kubernetes::Bearer;
use crate::collect::transport::network::is_loopback;
use crate::collect::transport::record::Closed;
use crate::collect::transport::{SeamError, root_cause};
use crate::model::aws::eks::DESCRIBE_CLUSTER;
use crate::model::scope::Scope;

pub(super) async fn way(
    accounts: &Accounts,
    name: &str,
    region: Option<&str>,
    role: &str,
) -> Result<Way, Closed> {
    let header = accounts.header();
    let account = header.accounts.get(role);
    let account = account.ok_or_else(|| failed(&format!("this env has no account role {role:?}")))?;
    let region = region.or(header.regions.first().map(String::as_str)).unwrap_or_default();
    let scope = Scope::aws(account, region);
    let api = accounts.api(&scope)?;
    let answer = aws_sdk_eks::Client::new(&api.config).describe_cluster().name(name).send().await;
    let answer = answer.map_err(|error| {
        let gap = errors::gap(&error, &DESCRIBE_CLUSTER, &scope, "");
        Closed { why: gap.why, detail: format!("{} does not tell of {name}: {}", gap.call, gap.detail) }
    })?;
    let (endpoint, authority) = answer
        .cluster
        .and_then(|cluster| Some((cluster.endpoint?, cluster.certificate_authority?.data?)))
        .ok_or_else(|| failed(&format!("EKS names no endpoint of {name} yet")))?;
    let config = config(&endpoint, &authority).await?;
    let credentials = api.config.credentials_provider();
    let credentials = credentials.ok_or_else(|| failed("no AWS credentials to log in with"))?;
    let principal = header.identity.iter().find(|one| one.account == *account);
    Ok(Way {
        config,
        bearer: Some(bearer(Tokens::new(credentials, region, name))),
        principal: principal.map(|identity| identity.principal.clone()),
        advice: Advice::default(),
    })
}

/// As from the kubeconfig that the AWS CLI would write: whatever holds for one, a proxy in the environment say, holds here.
async fn config(endpoint: &str, authority: &str) -> Result<Config, Closed> {
    let kubeconfig = json!({
        "current-context": "eks",
        "contexts": [{ "name": "eks", "context": { "cluster": "eks" } }],
        "clusters": [{
            "name": "eks",
            "cluster": { "server": endpoint, "certificate-authority-data": authority },
        }],
    });
    let unusable = || failed("EKS names no endpoint and certificate authority that could be used");
    let kubeconfig = Kubeconfig::from_yaml(&kubeconfig.to_string()).map_err(|_| unusable())?;
    let Way { config, .. } = kubeconfig::of(kubeconfig, None).await?;
    let server = &config.cluster_url;
    let private = server.scheme_str() == Some("https") || server.host().is_some_and(is_loopback);
    let trusted = config.root_cert.as_ref().is_some_and(|certificates| !certificates.is_empty());
    if private && trusted { Ok(config) } else { Err(unusable()) }
}

fn bearer(tokens: Tokens) -> Bearer {
    let tokens = Arc::new(tokens);
    Arc::new(move || {
        let tokens = Arc::clone(&tokens);
        Box::pin(async move { tokens.at(Utc::now()).await })
    })
}

/// The newest token. EKS takes one for 15 minutes.
struct Tokens {
    credentials: SharedCredentialsProvider,
    region: String,
    cluster: String,
    newest: Mutex<Option<(DateTime<Utc>, HeaderValue)>>,
}

const OLDEST: TimeDelta = TimeDelta::minutes(10);

impl Tokens {
    fn new(credentials: SharedCredentialsProvider, region: &str, cluster: &str) -> Self {
        let (region, cluster) = (region.to_owned(), cluster.to_owned());
        Self { credentials, region, cluster, newest: Mutex::default() }
    }

    async fn at(&self, now: DateTime<Utc>) -> Result<HeaderValue, SeamError> {
        let mut newest = self.newest.lock().await;
        if let Some((made_at, header)) = newest.as_ref()
            && now - *made_at <= OLDEST
        {
            return Ok(header.clone());
        }
        let refused = |error: &dyn std::error::Error| error.to_string();
        let credentials = self.credentials.provide_credentials().await;
        let credentials =
            credentials.map_err(|error| SeamError::NoCredentials(one_line(&root_cause(&error))))?;
        let token = eks_token::token(&credentials, &self.region, &self.cluster, now)
            .map_err(|error| SeamError::NoCredentials(refused(&error)))?;
        let header = HeaderValue::try_from(format!("Bearer {token}"));
        let mut header = header.map_err(|error| SeamError::NoCredentials(refused(&error)))?;
        header.set_sensitive(true);
        Ok(newest.insert((now, header)).1.clone())
    }
}

#[cfg(test)]
mod tests;
