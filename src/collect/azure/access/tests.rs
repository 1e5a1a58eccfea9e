use serde_json::json;

use super::*;
use crate::collect::target::AzureEnvironment;
use crate::collect::transport::azure::line::Asked;
use crate::collect::transport::azure::tests::{Answers, quick, said};

const MAIN: &str = "0c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f";
const COMMON: &str = "5e6f7a8b-0000-4000-9000-abcdefabcdef";
const TENANT: &str = "7b1c2d3e-4f50-4617-8283-94a5b6c7d8e9";

fn target() -> AzureTarget {
    let variables =
        [("AZURE_TENANT_ID", TENANT), ("AZURE_CLIENT_ID", "client"), ("AZURE_CLIENT_SECRET", "x")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    AzureTarget { environment: AzureEnvironment::of(variables), ..AzureTarget::default() }
}

fn of_main() -> AzureTarget {
    AzureTarget { subscription: Some(MAIN.into()), ..target() }
}

/// Through a service of a test, which gives tokens to everybody.
async fn enter(
    target: &AzureTarget,
    recorder: Option<Arc<Recorder>>,
    answer: impl Fn(&str) -> Answers + Send + Sync + 'static,
) -> Result<Access, AccessError> {
    let line = Line::stub(quick(), move |request: Asked| {
        if request.uri().path().ends_with("/oauth2/v2.0/token") {
            let token = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": "a.e30.c"});
            return said(200, &token.to_string());
        }
        assert!(request.uri().query().is_some_and(|query| query.starts_with("api-version=2022-12-01")));
        answer(request.uri().path())
    });
    Access::through(line, target, recorder, DateTime::UNIX_EPOCH).await
}

/// Answers as any subscription that it is asked for.
fn every(path: &str) -> Answers {
    let id = path.rsplit('/').next().unwrap_or_default();
    said(200, &json!({"subscriptionId": id, "tenantId": TENANT, "state": "Enabled"}).to_string())
}

fn no(status: u16, code: &str) -> Answers {
    said(status, &json!({"error": {"code": code, "message": "said"}}).to_string())
}

#[tokio::test]
async fn each_subscription_is_proven_and_gets_its_way_in() {
    let subscriptions = [("common".to_owned(), COMMON.to_ascii_uppercase())].into();
    let target = AzureTarget { subscriptions, tenant: Some(TENANT.to_ascii_uppercase()), ..of_main() };
    let access = enter(&target, None, every).await.expect("open");
    let header = access.header();
    assert_eq!((header.subscriptions[""].as_str(), header.subscriptions["common"].as_str()), (MAIN, COMMON));
    assert_eq!(header.identity.len(), 2);
    let api = access.api(&Scope::azure(COMMON).in_region("westeurope")).map_err(|closed| closed.detail);
    assert_eq!(api.expect("open").scope, Scope::azure(COMMON));
    let outside = access.api(&Scope::azure("99999999-9999-9999-9999-999999999999")).err().expect("outside");
    assert_eq!(outside.why, Why::Skipped);
}

#[tokio::test]
async fn a_list_that_cannot_be_read_whole_makes_nobody_the_only_one() {
    let next = "https://management.azure.com/subscriptions?api-version=2022-12-01&$skiptoken=x";
    let one = json!({"subscriptionId": MAIN});
    for (page, cause) in [
        (json!({}), "answered without `value`"),
        (json!({"value": [one, {"displayName": "Prod"}]}), "answered without `value.subscriptionId`"),
        (json!({"value": [one], "nextLink": next}), "pages without end"),
        (json!({"value": [one], "nextLink": "https://evil.example.com/"}), "refused before it left"),
    ] {
        let page = page.to_string();
        let answer = move |path: &str| if path == "/subscriptions" { said(200, &page) } else { every(path) };
        let error = enter(&target(), None, answer).await.err().expect("which").to_string();
        assert!(error.contains(cause), "{error}");
    }
}

#[tokio::test]
async fn the_only_subscription_needs_no_name() {
    let list = |ids: &[&str]| {
        let value: Vec<_> = ids.iter().map(|id| json!({"subscriptionId": id})).collect();
        json!({"value": value}).to_string()
    };
    let (one, two, none) = (list(&[MAIN]), list(&[MAIN, COMMON]), list(&[]));
    let answer = move |path: &str| if path == "/subscriptions" { said(200, &one) } else { every(path) };
    let access = enter(&target(), None, answer).await.expect("there is but one");
    assert_eq!(access.header().subscriptions[""], MAIN);
    let several = enter(&target(), None, move |_| said(200, &two)).await.err().expect("which").to_string();
    assert!(several.contains(MAIN) && several.contains(COMMON), "{several}");
    let nothing = enter(&target(), None, move |_| said(200, &none)).await.err().expect("which").to_string();
    assert!(nothing.contains("see none"), "{nothing}");
    let named = |value: &str| AzureTarget {
        environment: AzureEnvironment::of(
            ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_SUBSCRIPTION_ID"]
                .map(|name| (name.to_owned(), value.to_owned())),
        ),
        ..AzureTarget::default()
    };
    assert_eq!(enter(&named(MAIN), None, every).await.expect("named").header().subscriptions[""], MAIN);
    let odd = enter(&named("prod"), None, every).await.err().expect("no id").to_string();
    assert!(odd.contains("AZURE_SUBSCRIPTION_ID takes a GUID, and holds \"prod\""), "{odd}");
}

#[tokio::test]
async fn a_subscription_that_is_not_seen_or_is_another_ends_the_scan() {
    for (status, code) in
        [(404, "SubscriptionNotFound"), (403, "AuthorizationFailed"), (401, "InvalidAuthenticationToken")]
    {
        let error = enter(&of_main(), None, move |_| no(status, code)).await.err().expect("unseen");
        assert!(
            matches!(&error, AccessError::NoSubscription { subscription, .. } if subscription == MAIN),
            "{error}"
        );
        assert!(error.leaves_the_rest() && error.to_string().contains(code), "{error}");
    }
    let other = |_: &str| said(200, &json!({"subscriptionId": COMMON, "tenantId": TENANT}).to_string());
    let error = enter(&of_main(), None, other).await.err().expect("another");
    assert!(matches!(&error, AccessError::WrongAccount { found, .. } if found == COMMON), "{error}");
    let target = AzureTarget { tenant: Some("aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa".into()), ..of_main() };
    let error = enter(&target, None, every).await.err().expect("another tenant");
    assert!(matches!(&error, AccessError::WrongTenant { .. }) && !error.leaves_the_rest(), "{error}");
}

#[tokio::test]
async fn a_subscription_that_says_nothing_of_itself_is_asked_for_what_it_holds() {
    let told = AzureTarget { tenant: Some(TENANT.into()), ..of_main() };
    for silent in [|_: &str| no(404, "ResourceNotFound"), |_: &str| said(200, "{}")] {
        let access = enter(&of_main(), None, silent).await.expect("open");
        assert!(access.api(&Scope::azure(MAIN)).is_ok() && access.header().closed.is_empty());
        let error = enter(&told, None, silent).await.err().expect("whose is not told");
        assert!(matches!(error, AccessError::WrongTenant { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_further_subscription_of_which_nothing_is_known_closes_itself_alone() {
    let subscriptions = [("common".to_owned(), COMMON.to_owned())].into();
    let target = AzureTarget { subscriptions, ..of_main() };
    let recorder: Arc<Recorder> = Arc::default();
    let denied =
        |path: &str| if path.ends_with(COMMON) { no(403, "AuthorizationFailed") } else { every(path) };
    let access = enter(&target, None, denied).await.expect("main is open");
    assert_eq!(access.api(&Scope::azure(COMMON)).err().expect("closed").why, Why::Denied);
    let busy = |path: &str| if path.ends_with(COMMON) { no(429, "TooManyRequests") } else { every(path) };
    let access = enter(&target, Some(Arc::clone(&recorder)), busy).await.expect("main is open");
    let closed = access.api(&Scope::azure(COMMON)).err().expect("closed");
    assert_eq!(closed.why, Why::Throttled);

    let folder = tempfile::tempdir().expect("a folder");
    recorder.write(folder.path(), access.header(), &BTreeMap::new()).expect("a folder to write to");
    let text = std::fs::read_to_string(folder.path().join("header.json")).expect("a header");
    assert!(![MAIN, COMMON, TENANT, "client"].iter().any(|id| text.contains(id)), "{text}");
    let tape = Arc::new(Tape::read(folder.path()).expect("a tape"));
    let replayed = Access::replay(&tape);
    assert!(replayed.api(&Scope::azure("11111111-1111-1111-1111-111111111111")).is_ok());
    let still = replayed.api(&Scope::azure("99999999-9999-9999-9999-999999999999")).err().expect("closed");
    assert_eq!(still, closed);
}

#[tokio::test]
async fn addresses_of_a_cloud_are_hosts_by_https() {
    for arm in ["http://arm.example.com", "https://arm.example.com/path", "arm.example.com"] {
        let cloud = crate::collect::target::AzureCloud::Custom {
            arm: arm.into(),
            authority: "https://login.example.com".into(),
        };
        let error = enter(&AzureTarget { cloud, ..of_main() }, None, every).await.err().expect("refused");
        assert!(matches!(error, AccessError::NoAzure { .. }), "{arm}");
    }
}
