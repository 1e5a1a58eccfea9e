//! By the name of a cluster of AKS: Azure says where its API server is, and an Entra ID token of the same login opens it.
//! Azure tells by no read what to trust it by, and what hands out certificates and keys of the cluster is never asked.

use std::path::Path;
use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use http::header::HeaderValue;
use kube::Config;
use kube::config::Kubeconfig;
use serde_json::{Map, Value, json};

use super::{Advice, Way, failed, kubeconfig};
use crate::collect::azure::access::Access as Subscriptions;
use crate::collect::azure::aks::{self, Told};
use crate::collect::detail::{find, one_line};
use crate::collect::transport::kubernetes::{Bearer, Limits};
use crate::collect::transport::record::Closed;
use crate::collect::transport::{SeamError, root_cause};
use crate::model::scope::Scope;

/// Of every AKS cluster of every cloud, to Entra ID.
const TOKEN_SCOPE: &str = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";

/// Which cluster, as the env says it.
pub(super) struct Asked<'a> {
    pub(super) cluster: &'a str,
    pub(super) group: Option<&'a str>,
    /// The role of the subscription that it is in.
    pub(super) subscription: &'a str,
    pub(super) certificate_authority: Option<&'a Path>,
}

pub(super) async fn way(subscriptions: &Subscriptions, asked: Asked<'_>) -> Result<Way, Closed> {
    let (header, role) = (subscriptions.header(), asked.subscription);
    let id = header.subscriptions.get(role);
    let id = id.ok_or_else(|| failed(&format!("this env has no subscription role {role:?}")))?;
    let api = subscriptions.api(&Scope::azure(id))?;
    let told = aks::cluster(&api, asked.cluster, asked.group).await?;
    let credential = subscriptions.credential();
    let credential = credential.ok_or_else(|| failed("no Azure credentials to log in with"))?;
    // Where there is no kubeconfig, it says nothing.
    let known = Kubeconfig::read().ok();
    let config = config(&told.host, asked.certificate_authority, known.as_ref()).await?;
    let principal = header.identity.iter().find(|one| one.account == *id);
    Ok(Way {
        config,
        bearer: Some(logged_in(credential, Limits::default()).await?),
        principal: principal.map(|identity| identity.principal.clone()),
        advice: advice(&told),
    })
}

fn advice(told: &Told) -> Advice {
    let untrusted = "say by `certificate_authority` in the env's `kubernetes` table what the API server is trusted by (or by \
                     a kubeconfig entry of this server, or SSL_CERT_FILE)";
    let refused = "the cluster does not log in by Entra ID: enter it by a `context` of the kubeconfig";
    Advice { untrusted: Some(untrusted), refused: Some(refused).filter(|_| !told.entra) }
}

/// Trusted by the authority that the env names, else the one of the kubeconfig's entry of the same server, else by what
/// the system trusts.
async fn config(host: &str, authority: Option<&Path>, known: Option<&Kubeconfig>) -> Result<Config, Closed> {
    let mut cluster = match authority {
        Some(file) => Map::from_iter([("certificate-authority".to_owned(), json!(file))]),
        None => known.and_then(|known| of_server(known, host)).unwrap_or_default(),
    };
    let trusts = !cluster.is_empty();
    cluster.insert("server".to_owned(), json!(format!("https://{host}:443")));
    let kubeconfig = json!({
        "current-context": "aks",
        "contexts": [{ "name": "aks", "context": { "cluster": "aks" } }],
        "clusters": [{ "name": "aks", "cluster": cluster }],
    });
    let unusable = || {
        let named =
            authority.map_or_else(|| "that the kubeconfig names".to_owned(), |it| it.display().to_string());
        failed(&format!(
            "the certificate authority {named} can't be used: it takes a file of certificates in PEM form"
        ))
    };
    let kubeconfig = Kubeconfig::from_yaml(&kubeconfig.to_string()).map_err(|_| unusable())?;
    let entered = kubeconfig::of(kubeconfig, None).await;
    let Way { config, .. } = if trusts { entered.map_err(|_| unusable())? } else { entered? };
    let certain = config.root_cert.as_ref().is_some_and(|certificates| !certificates.is_empty());
    if trusts && !certain { Err(unusable()) } else { Ok(config) }
}

/// What the kubeconfig's entry of this server trusts it by.
fn of_server(known: &Kubeconfig, host: &str) -> Option<Map<String, Value>> {
    let clusters = known.clusters.iter().filter_map(|named| named.cluster.as_ref());
    let mut same = clusters.filter(|cluster| {
        let server = cluster.server.as_ref().and_then(|server| server.parse::<http::Uri>().ok());
        server.and_then(|server| server.host().map(|own| own.eq_ignore_ascii_case(host))) == Some(true)
    });
    same.find_map(|cluster| {
        let (data, file) = (&cluster.certificate_authority_data, &cluster.certificate_authority);
        let data = data.as_ref().map(|data| ("certificate-authority-data".to_owned(), json!(data)));
        let file = file.as_ref().map(|file| ("certificate-authority".to_owned(), json!(file)));
        Some(Map::from_iter([data.or(file)?]))
    })
}

/// Tokens of the login, which keeps them and fetches another before one ends. The first is waited for: a program that
/// logs in may take longer than a request does.
async fn logged_in(credential: Arc<dyn TokenCredential>, limits: Limits) -> Result<Bearer, Closed> {
    let bearer: Bearer = Arc::new(move || {
        let credential = Arc::clone(&credential);
        Box::pin(async move { token(&*credential).await })
    });
    match tokio::time::timeout(limits.login, bearer()).await {
        Ok(Ok(_)) => Ok(bearer),
        Ok(Err(error)) => Err(failed(&error.to_string())),
        Err(_) => Err(failed(&SeamError::TimedOut.to_string())),
    }
}

async fn token(credential: &dyn TokenCredential) -> Result<HeaderValue, SeamError> {
    let token = credential.get_token(&[TOKEN_SCOPE], None).await.map_err(|error| {
        let cause = find::<SeamError>(&error).map_or_else(|| root_cause(&error), ToString::to_string);
        SeamError::NoCredentials(format!("Entra ID gives no token for AKS: {}", one_line(&cause)))
    })?;
    let header = HeaderValue::try_from(format!("Bearer {}", token.token.secret()));
    let mut header =
        header.map_err(|_| SeamError::NoCredentials("what Entra ID gave is no token".to_owned()))?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests;
