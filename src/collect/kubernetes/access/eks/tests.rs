use aws_credential_types::Credentials;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::collect::aws::access::tests::{MAIN, sts};
use crate::collect::entered::Clouds;
use crate::collect::kubernetes::access::Access;
use crate::collect::target::{AwsTarget, KubernetesTarget, KubernetesWay};
use crate::collect::transport::record::TapeHeader;
use crate::collect::transport::stub::{Reply, Stub};
use crate::model::seen::Why;

/// Of an authority made for this test.
const CERTIFICATE: &str = "MIIBgjCCASegAwIBAgIUV4Ph4Aftf7JuF+T5epQDmaNSCU4wCgYIKoZIzj0EAwIwFTETMBEGA1UEAwwKa3ViZXJuZXRlczAgFw0yNjExMjEwOTIyMTZaGA8yMTI2MTAyODA5MjIxNlowFTETMBEGA1UEAwwKa3ViZXJuZXRlczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHY4Ig/T5Oj8KYb1w+ImDAFVI4KD/5Prg/l2xDiNbxiMCJW7508kS2pO8uNFYoNyl3uWDTqLFiHvg532lsxbZ7OjUzBRMB0GA1UdDgQWBBTjB66R6RJntFPDwXq3M3eu9ooqQjAfBgNVHSMEGDAWgBTjB66R6RJntFPDwXq3M3eu9ooqQjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDEJT1fRgWNHS/Kp47bW0PUXeuiPvPnbUqVz30EoZAGewIhAPAFtoF/BWcqLxHshkuCOU8OQEM49R7et6HKSrcb/bZx";

#[tokio::test]
async fn a_token_is_made_anew_before_it_is_too_old() {
    let credentials = Credentials::new("AKEXAMPLE", "secret", None, None, "test");
    let tokens = Tokens::new(SharedCredentialsProvider::new(credentials), "eu-west-2", "app");
    let start = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let first = tokens.at(start).await.expect("credentials");
    assert_eq!(tokens.at(start + TimeDelta::minutes(10)).await.expect("credentials"), first);
    let second = tokens.at(start + TimeDelta::minutes(11)).await.expect("credentials");
    assert_ne!(second, first);
    assert!(second.is_sensitive(), "no log shows it");
}

#[tokio::test]
async fn only_what_is_safe_to_log_in_to_is_entered() {
    let pem = |certificate: &str| {
        format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n")
    };
    let bundle = STANDARD.encode(pem(CERTIFICATE) + &pem("Y2VydGlmaWNhdGU="));
    let entered =
        config("https://eks.example.com", &bundle).await.unwrap_or_else(|it| panic!("{}", it.detail));
    assert_eq!(entered.root_cert.expect("authorities").len(), 2);
    for (endpoint, authority) in [
        ("http://eks.example.com", &*bundle),
        ("eks.example.com", &bundle),
        ("https://", &bundle),
        ("https://eks.example.com", ""),
        ("https://eks.example.com", "no base64!"),
        ("https://eks.example.com", &STANDARD.encode("no certificate")),
    ] {
        let closed = config(endpoint, authority).await.err();
        assert!(closed.is_some_and(|closed| closed.why == Why::Failed), "{endpoint} {authority}");
    }
}

fn json(status: u16, body: &str) -> Reply {
    Reply { content_type: "application/json", ..Reply::xml(status, body) }
}

/// The cluster `app`, through an AWS that says this of it.
async fn entered(told: Reply) -> Access {
    let aws = Stub::start(move |request, number| {
        if request.starts_with("GET /clusters/app ") { told.clone() } else { sts(request, number) }
    });
    let aws = aws.await;
    let accounts = Accounts::at(&aws.url, &AwsTarget::default(), None).await.expect("open");
    let way = KubernetesWay::Eks { cluster: "app".into(), region: None, role: String::new() };
    let target = KubernetesTarget { way, ..KubernetesTarget::default() };
    let clouds = Clouds { accounts: Some(accounts), ..Clouds::default() };
    Access::live(&target, &clouds, None, DateTime::UNIX_EPOCH).await
}

#[tokio::test]
async fn aws_says_where_the_server_is_and_its_credentials_log_in() {
    let server = Stub::start(|request, _| {
        assert!(
            request.contains("uthorization: Bearer k8s-aws-v1.aHR0cHM6Ly9zdHMudXMtd2VzdC0x"),
            "{request}"
        );
        json(200, r#"{"gitVersion":"v1.33.1"}"#)
    });
    let server = server.await;
    let pem = format!("-----BEGIN CERTIFICATE-----\n{CERTIFICATE}\n-----END CERTIFICATE-----\n");
    let data = STANDARD.encode(pem);
    let told = format!(
        r#"{{"cluster":{{"name":"app","endpoint":"{}","certificateAuthority":{{"data":"{data}"}}}}}}"#,
        server.url
    );
    let access = entered(json(200, &told)).await;
    let header = access.noted(TapeHeader::at(DateTime::UNIX_EPOCH));
    assert_eq!(header.closed, std::collections::BTreeMap::new());
    let cluster = header.cluster.expect("a cluster");
    assert_eq!(cluster.identity, server.url.strip_prefix("http://").expect("plain"));
    assert_eq!((cluster.addressed, cluster.certificate_authority), (true, vec![CERTIFICATE.to_owned()]));
    assert_eq!(header.identity[0].principal, format!("arn:aws:sts::{MAIN}:assumed-role/auditor/jane"));
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_cluster_that_aws_does_not_tell_of_is_closed_under_its_name() {
    let denied = Reply {
        body: r#"{"__type":"AccessDeniedException","message":"no","code":"AccessDeniedException"}"#.into(),
        ..json(403, "")
    };
    for (told, why, reason) in [
        (denied, Why::Denied, "eks:DescribeCluster does not tell of app: AccessDeniedException"),
        (
            json(200, r#"{"cluster":{"name":"app","status":"CREATING"}}"#),
            Why::Failed,
            "no endpoint of app yet",
        ),
    ] {
        let header = entered(told).await.noted(TapeHeader::at(DateTime::UNIX_EPOCH));
        assert!(!header.cluster.expect("named").addressed);
        let closed = &header.closed["app"];
        assert_eq!(closed.why, why);
        assert!(closed.detail.contains(reason), "{}", closed.detail);
    }
}
