use std::ffi::OsStr;
use std::io;
use std::process::Output;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use azure_core::http::{HttpClient as _, Method, Request, Url};
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::collect::target::AzureEnvironment;
use crate::collect::transport::azure::line::{Asked, Line};
use crate::collect::transport::azure::tests::{Answers, quick, said};

const TENANT: &str = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";
const SCOPE: &str = "https://management.azure.com/.default";

/// Every program fails as one that is not there.
#[derive(Debug)]
struct NoPrograms;

#[async_trait]
impl Executor for NoPrograms {
    async fn run(&self, program: &OsStr, _: &[&OsStr]) -> io::Result<Output> {
        Err(io::Error::new(io::ErrorKind::NotFound, format!("no {}", program.display())))
    }
}

fn target(variables: &[(&str, &str)]) -> AzureTarget {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    AzureTarget { environment: AzureEnvironment::of(variables), ..AzureTarget::default() }
}

async fn enter(
    target: &AzureTarget,
    answer: impl Fn(Asked) -> Answers + Send + Sync + 'static,
) -> Result<Login, AccessError> {
    let authority = Url::parse(target.cloud.authority()).expect("an address");
    let exchanges = Exchanges::new(Line::stub(quick(), answer), authority, None);
    login(target, &exchanges, SCOPE, Some(Arc::new(NoPrograms))).await
}

fn nobody(_: Asked) -> Answers {
    Err(SeamError::Unreachable("no route".into()))
}

fn token(claims: &Value) -> Answers {
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    let body = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": format!("e30.{claims}.x")});
    said(200, &body.to_string())
}

#[tokio::test]
async fn an_error_says_of_each_way_why_it_did_not_work() {
    let error = enter(&target(&[]), nobody).await.expect_err("nothing is there").to_string();
    for part in [
        "environment: AZURE_TENANT_ID is not set",
        "workload_identity: AZURE_FEDERATED_TOKEN_FILE is not set",
        "managed_identity: unreachable: there is no instance metadata service here",
        "azure_cli: ",
        "azd: ",
        "log in with one of these",
    ] {
        assert!(error.contains(part), "{part}\n{error}");
    }
    let only = AzureTarget { credential: Some(AzureCredential::WorkloadIdentity), ..target(&[]) };
    let error = enter(&only, nobody).await.expect_err("nothing is there").to_string();
    assert!(error.contains("workload_identity: ") && !error.contains("azure_cli: "), "{error}");
}

#[tokio::test]
async fn an_authority_is_quoted_as_far_as_it_helps() {
    let refused = json!({"error": "invalid_client", "error_description":
        "AADSTS7000215: Invalid client secret provided. Trace ID: 0f0f Correlation ID: 1e1e Timestamp: now"});
    for (status, body, told) in [
        (401, refused.to_string(), "environment: AADSTS7000215: Invalid client secret provided.; log in"),
        (403, String::new(), "environment: an answer that is none of an authority's: EOF"),
        (
            404,
            "<html>no such page</html>".to_owned(),
            "environment: an answer that is none of an authority's: ",
        ),
    ] {
        let error =
            enter(&target(&SERVICE), move |_| said(status, &body)).await.expect_err("refused").to_string();
        assert!(error.contains(told), "{told}\n{error}");
    }
}

const SERVICE: [(&str, &str); 3] =
    [("AZURE_TENANT_ID", TENANT), ("AZURE_CLIENT_ID", "client"), ("AZURE_CLIENT_SECRET", "hunter2")];

#[tokio::test]
async fn a_secret_is_exchanged_at_the_authority_of_the_cloud() {
    let service = target(&SERVICE);
    let login = enter(&service, |request| {
        let to = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token");
        assert_eq!((request.method().as_str(), request.uri().to_string()), ("POST", to));
        token(&json!({"appid": "client", "oid": "object"}))
    });
    let login = login.await.expect("a token");
    assert_eq!((login.way, login.principal.as_str()), ("environment", "client"));
    let again = login.credential.get_token(&[SCOPE], None).await.expect("the same one");
    assert!(again.token.secret().starts_with("e30."));
}

#[tokio::test]
async fn a_way_that_is_there_and_fails_ends_the_search() {
    let refused = r#"{"error": "invalid_client", "error_codes": [7000215], "error_description": "AADSTS7000215: Invalid client secret"}"#;
    let error = enter(&target(&SERVICE), move |_| said(401, refused)).await.expect_err("refused");
    let error = error.to_string();
    assert!(error.contains("environment: AADSTS7000215: Invalid client secret"), "{error}");
    assert!(!error.contains("azure_cli") && !error.contains("hunter2"), "{error}");
}

#[tokio::test]
async fn another_cloud_has_another_authority() {
    let cloud = crate::collect::target::AzureCloud::Custom {
        arm: "https://arm.example.com".into(),
        authority: "https://login.example.com".into(),
    };
    let target = AzureTarget { cloud, ..target(&SERVICE) };
    let login = enter(&target, |request| {
        assert_eq!(request.uri().host(), Some("login.example.com"), "nobody asks the public cloud");
        token(&json!({"upn": "jane@example.com"}))
    });
    assert_eq!(login.await.expect("a token").principal, "jane@example.com");
}

/// A certificate's file: whatever is in it, its key is real.
fn pem() -> (RsaKeyPair, String) {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let block = |label: &str, der: &[u8]| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    };
    let der = key.as_der().expect("DER");
    let pem = [block("CERTIFICATE", b"certificate"), block(&["PRIVATE", "KEY"].join(" "), der.as_ref())];
    (key, pem.concat())
}

#[test]
fn an_assertion_is_signed_by_the_certificates_key() {
    let (key, pem) = pem();
    let audience = "https://login.example.com/t/oauth2/v2.0/token";
    let made = Assertion::new(pem.as_bytes(), audience.into(), "client".into()).expect("a certificate");
    let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
    let token = made.at(now).expect("signed");
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64");
    let public = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key.public_key().as_ref());
    public.verify(signed.as_bytes(), &decoded(signature)).expect("by this key");
    assert!(public.verify(b"another", &decoded(signature)).is_err());
    let (header, claims) = signed.split_once('.').expect("two parts");
    let read = |part: &str| serde_json::from_slice::<Value>(&decoded(part)).expect("JSON");
    let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(b"certificate"));
    assert_eq!(read(header), json!({"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint}));
    let claims = read(claims);
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!(audience), &json!("client")));
    assert_eq!((&claims["nbf"], &claims["exp"]), (&json!(1_700_000_000), &json!(1_700_000_600)));
}

#[test]
fn a_file_that_cannot_sign_says_what_to_make_of_it() {
    let refusal = |bytes: &[u8]| Assertion::new(bytes, String::new(), String::new()).expect_err("refused");
    assert!(refusal(b"\x30\x82\x01").contains("openssl pkcs12 -in FILE"), "a PFX file");
    let (_, pem) = pem();
    let (certificate, _) = pem.split_once("-----BEGIN PRIVATE").expect("two blocks");
    assert!(refusal(certificate.as_bytes()).contains("no key that is not encrypted"));
}

#[tokio::test]
async fn a_certificate_in_a_file_logs_in() {
    let (_, pem) = pem();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("client.pem");
    std::fs::write(&file, pem).expect("written");
    let path = file.to_str().expect("a plain path");
    let variables =
        [("AZURE_TENANT_ID", TENANT), ("AZURE_CLIENT_ID", "client"), ("AZURE_CLIENT_CERTIFICATE_PATH", path)];
    let service = target(&variables);
    let login = enter(&service, |request| {
        let body = futures::executor::block_on(request.into_body().collect()).expect("a body").to_bytes();
        let form = String::from_utf8_lossy(&body).into_owned();
        assert!(form.contains("client_assertion=ey") && form.contains("jwt-bearer"), "{form}");
        token(&json!({"oid": "object"}))
    });
    assert_eq!(login.await.expect("a token").principal, "object");
    let gone = [variables[0], variables[1], ("AZURE_CLIENT_CERTIFICATE_PATH", "/nowhere/client.pem")];
    let error = enter(&target(&gone), nobody).await.expect_err("no file").to_string();
    assert!(error.contains("/nowhere/client.pem can't be read"), "{error}");
}

#[tokio::test]
async fn a_machine_tells_its_own_token_where_it_has_one() {
    let only = AzureTarget { credential: Some(AzureCredential::ManagedIdentity), ..target(&[]) };
    let login = enter(&only, |request| {
        let (uri, header) = (request.uri().to_string(), request.headers().contains_key("metadata"));
        assert!(uri.starts_with("http://169.254.169.254/metadata/identity/oauth2/token"), "{uri}");
        if !header {
            return said(400, "{}");
        }
        let body = json!({"access_token": "e30.e30.x", "expires_on": "4102444800", "token_type": "Bearer",
            "resource": "r", "expires_in": "3600"});
        said(200, &body.to_string())
    });
    assert_eq!(login.await.expect("a token").way, "managed_identity");
}

#[tokio::test]
async fn a_machine_without_an_identity_keeps_nobody_from_the_next_way() {
    for status in [403, 200] {
        let error =
            enter(&target(&[]), move |_| said(status, "a proxy")).await.expect_err("no way").to_string();
        assert!(error.contains("no instance metadata service") && error.contains("azd: "), "{error}");
    }
    let error = enter(&target(&[]), |_| said(400, "{}")).await.expect_err("no way").to_string();
    assert!(error.contains("managed_identity: ") && error.contains("azd: "), "{error}");
    let client_id = Some("99999999-9999-9999-9999-999999999999".to_owned());
    let named = AzureTarget { client_id, ..target(&[]) };
    let error = enter(&named, |_| said(400, "{}")).await.expect_err("not this machine's").to_string();
    assert!(!error.contains("azure_cli: "), "{error}");
}

#[tokio::test]
async fn nothing_but_exchanges_goes_the_way_of_tokens() {
    let authority = Url::parse("https://login.example.com").expect("an address");
    let line = Line::stub(quick(), |request| panic!("{} left", request.uri()));
    let exchanges = Exchanges::new(line, authority, Url::parse("http://127.0.0.1:41741/msi/token").ok());
    for (method, url) in [
        (Method::Post, "https://evil.example.com/t/oauth2/v2.0/token"),
        (Method::Post, "http://login.example.com/t/oauth2/v2.0/token"),
        (Method::Post, "https://login.example.com/t/oauth2/v2.0/devicecode"),
        (Method::Post, "https://login.example.com/a/t/oauth2/v2.0/token"),
        (Method::Get, "https://login.example.com/t/oauth2/v2.0/token"),
        (Method::Get, "http://169.254.169.254/metadata/instance"),
        (Method::Put, "http://169.254.169.254/metadata/identity/oauth2/token"),
        (Method::Get, "http://127.0.0.1:41741/msi/other"),
        (Method::Delete, "https://login.example.com/t/oauth2/v2.0/token"),
    ] {
        let request = Request::new(Url::parse(url).expect("a URL"), method);
        let error = exchanges.execute_request(&request).await.expect_err("refused");
        assert!(find::<SeamError>(&error).is_some_and(|it| matches!(it, SeamError::Refused { .. })), "{url}");
    }
}

/// Counts how often it is asked, and never answers for one scope.
#[derive(Debug, Default)]
struct Refuses(std::sync::atomic::AtomicUsize);

#[async_trait]
impl TokenCredential for Refuses {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        if scopes == ["silent"] {
            std::future::pending::<()>().await;
        }
        Err(Error::with_message(ErrorKind::Credential, "AADSTS700082: the login has expired"))
    }
}

#[tokio::test]
async fn a_login_that_fails_in_the_middle_is_tried_once_for_all_who_wait() {
    let credential = Arc::new(Refuses::default());
    let kept = Kept::new(Arc::clone(&credential) as _, Duration::from_millis(1));
    let asked = || credential.0.load(std::sync::atomic::Ordering::SeqCst);
    let waiting = (0..12).map(|_| kept.get_token(&[SCOPE], None));
    for refused in futures::future::join_all(waiting).await {
        let cause = why(&refused.expect_err("expired"));
        assert!(cause.contains("AADSTS700082"), "{cause}");
    }
    assert_eq!(asked(), 1);
    let silent = kept.get_token(&["silent"], None).await.expect_err("nobody answers");
    assert_eq!((find::<Silent>(&silent).is_some(), asked()), (true, 2), "of another scope: {silent}");
    assert!(matches!(unanswered(AzureCredential::AzureCli, &silent, false), Refusal::Broken(_)));
    assert!(kept.get_token(&["silent"], None).await.is_err());
    assert_eq!(asked(), 2);
}
