use std::sync::Mutex;

use azure_core::credentials::{AccessToken, TokenRequestOptions};
use azure_core::time::{Duration, OffsetDateTime};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;

use super::*;
use crate::collect::target::{AzureEnvironment, AzureTarget};
use crate::collect::transport::azure::line::{Asked as Request, Line};
use crate::collect::transport::azure::tests::{quick, said};

const SUBSCRIPTION: &str = "11111111-1111-1111-1111-111111111111";
const HOST: &str = "app-1a2b3c4d.hcp.westeurope.azmk8s.io";

fn pem(content: &str) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(content))
}

fn trusted(config: &Config) -> Vec<Vec<u8>> {
    config.root_cert.clone().unwrap_or_default()
}

/// A kubeconfig with one cluster.
fn known(server: &str, authority: &str) -> Kubeconfig {
    let data = STANDARD.encode(pem(authority));
    let text = format!(
        "clusters: [{{name: c, cluster: {{server: {server:?}, certificate-authority-data: {data}}}}}]\n"
    );
    Kubeconfig::from_yaml(&text).expect("a kubeconfig")
}

#[tokio::test]
async fn it_is_trusted_by_what_the_env_names_else_by_the_kubeconfig_else_by_the_system() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), pem("named")).expect("written");
    let same = known(&format!("https://{}:443", HOST.to_uppercase()), "known");
    let other = known("https://other.hcp.westeurope.azmk8s.io:443", "strange");
    for (authority, kubeconfig, expected) in [
        (Some(file.path()), Some(&same), vec![b"named".to_vec()]),
        (None, Some(&same), vec![b"known".to_vec()]),
        (None, Some(&other), vec![]),
        (None, None, vec![]),
    ] {
        let config = config(HOST, authority, kubeconfig).await.unwrap_or_else(|it| panic!("{}", it.detail));
        assert_eq!(config.cluster_url.to_string(), format!("https://{HOST}:443/"));
        assert_eq!(trusted(&config), expected);
        assert!(!config.accept_invalid_certs);
    }
}

#[tokio::test]
async fn an_authority_that_cannot_be_used_is_no_reason_to_trust_the_system_instead() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "no certificate").expect("written");
    for authority in [file.path(), Path::new("/nowhere/ca.pem")] {
        let closed = config(HOST, Some(authority), None).await.expect_err("refused");
        assert!(closed.detail.contains(&*authority.to_string_lossy()), "{}", closed.detail);
    }
}

/// Gives a token for each of these, in order, and remembers for what.
#[derive(Debug)]
struct Tokens {
    left: Mutex<Vec<&'static str>>,
    asked: Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl TokenCredential for Tokens {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        self.asked.lock().expect("one thread").extend(scopes.iter().map(ToString::to_string));
        let token = self.left.lock().expect("one thread").pop();
        let token = token.ok_or_else(|| {
            azure_core::Error::with_message(azure_core::error::ErrorKind::Credential, "log in first")
        })?;
        Ok(AccessToken::new(token, OffsetDateTime::now_utc() + Duration::hours(1)))
    }
}

fn tokens(left: &[&'static str]) -> Arc<Tokens> {
    Arc::new(Tokens { left: Mutex::new(left.to_vec()), asked: Mutex::default() })
}

#[tokio::test]
async fn each_request_has_the_logins_newest_token_for_aks() {
    let credential = tokens(&["second", "first"]);
    let bearer = logged_in(Arc::<Tokens>::clone(&credential), Limits::default()).await;
    let bearer = bearer.unwrap_or_else(|closed| panic!("{}", closed.detail));
    let header = bearer().await.expect("a token");
    assert_eq!(header, "Bearer second", "the login keeps tokens, this does not");
    assert!(header.is_sensitive(), "no log shows it");
    assert_eq!(*credential.asked.lock().expect("one thread"), [TOKEN_SCOPE; 2]);
}

#[tokio::test]
async fn a_login_that_gives_no_token_closes_the_cluster() {
    let closed = logged_in(tokens(&[]), Limits::default()).await.err().expect("refused");
    assert!(
        closed.detail.contains("no token for AKS") && closed.detail.contains("log in first"),
        "{}",
        closed.detail
    );
}

/// A subscription through a service of a test, which gives tokens to everybody and tells of one cluster.
async fn subscriptions(entra: bool) -> Subscriptions {
    let line = Line::stub(quick(), move |request: Request| {
        let path = request.uri().path().to_owned();
        let answer = if path.ends_with("/oauth2/v2.0/token") {
            json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": "a.e30.c" })
        } else if path.ends_with("/managedClusters/app") {
            let profile = entra.then(|| json!({ "managed": true }));
            json!({ "properties": { "fqdn": HOST, "aadProfile": profile } })
        } else {
            assert_eq!(path, format!("/subscriptions/{SUBSCRIPTION}"), "nothing else is asked");
            json!({ "subscriptionId": SUBSCRIPTION, "tenantId": "22222222-2222-2222-2222-222222222222" })
        };
        said(200, &answer.to_string())
    });
    let variables = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];
    let target = AzureTarget {
        subscription: Some(SUBSCRIPTION.into()),
        environment: AzureEnvironment::of(variables.map(|name| (name.to_owned(), "x".to_owned()))),
        ..AzureTarget::default()
    };
    Subscriptions::through(line, &target, None, DateTime::UNIX_EPOCH).await.expect("open")
}

fn asked(subscription: &str) -> Asked<'_> {
    Asked { cluster: "app", group: Some("core"), subscription, certificate_authority: None }
}

#[tokio::test]
async fn azure_says_where_the_server_is_and_the_same_login_opens_it() {
    for entra in [true, false] {
        let way = way(&subscriptions(entra).await, asked("")).await;
        let way = way.unwrap_or_else(|closed| panic!("{}", closed.detail));
        assert_eq!(way.config.cluster_url.host(), Some(HOST));
        assert_eq!(way.bearer.expect("a login")().await.expect("a token"), "Bearer a.e30.c");
        assert!(way.principal.is_some());
        let advice = way.advice;
        assert!(advice.untrusted.is_some_and(|advice| advice.contains("`certificate_authority`")));
        assert_eq!(advice.refused.is_some_and(|advice| advice.contains("`context`")), !entra);
    }
    let strange = way(&subscriptions(true).await, asked("common")).await.err().expect("no such role");
    assert!(strange.detail.contains("no subscription role \"common\""), "{}", strange.detail);
}
