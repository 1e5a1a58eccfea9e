//! What EKS does with a token, written from what AWS documents of Signature Version 4 and of its authenticator.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeDelta};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::model::snapshot::hex;

const KEY: &str = "AKEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const REGION: &str = "eu-west-2";

/// All that a presigned request may ask with, in lower case.
const ALLOWED: &[&str] = &[
    "action",
    "version",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
    let outer = Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner);
    outer.finalize().to_vec()
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).expect("two digits"));
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).expect("text")
}

/// Whether a cluster lets this token in, and else what it finds wrong first.
fn verify(token: &str, cluster: &str, now: DateTime<Utc>) -> Result<(), &'static str> {
    let encoded = token.strip_prefix("k8s-aws-v1.").ok_or("prefix")?;
    let url = String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).map_err(|_| "encoding")?);
    let url = url.map_err(|_| "encoding")?;
    let (host, query) = url.strip_prefix("https://").and_then(|rest| rest.split_once("/?")).ok_or("form")?;
    if host != format!("sts.{REGION}.amazonaws.com") {
        return Err("host");
    }
    let mut asked = BTreeMap::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').ok_or("form")?;
        if !ALLOWED.contains(&name.to_ascii_lowercase().as_str()) || asked.insert(name, value).is_some() {
            return Err("parameter");
        }
    }
    let value = |name: &str| asked.get(name).map(|value| decoded(value)).ok_or("parameter missing");
    if value("Action")? != "GetCallerIdentity" || value("Version")? != "2011-06-15" {
        return Err("action");
    }
    if value("X-Amz-Algorithm")? != "AWS4-HMAC-SHA256" {
        return Err("algorithm");
    }
    let signed_headers = value("X-Amz-SignedHeaders")?;
    if signed_headers != "host;x-k8s-aws-id" {
        return Err("signed headers");
    }
    if !(1..=60).contains(&value("X-Amz-Expires")?.parse::<u32>().map_err(|_| "expiry")?) {
        return Err("expiry");
    }
    let date = value("X-Amz-Date")?;
    let signed_at = NaiveDateTime::parse_from_str(&date, "%Y%m%dT%H%M%SZ").map_err(|_| "date")?.and_utc();
    if now < signed_at || now > signed_at + TimeDelta::minutes(15) {
        return Err("date");
    }
    let scope = format!("{}/{REGION}/sts/aws4_request", &date[..8]);
    if value("X-Amz-Credential")? != format!("{KEY}/{scope}") {
        return Err("credential");
    }

    let unsigned = asked.iter().filter(|(name, _)| **name != "X-Amz-Signature");
    let canonical_query: Vec<String> = unsigned.map(|(name, value)| format!("{name}={value}")).collect();
    let canonical = format!(
        "GET\n/\n{}\nhost:{host}\nx-k8s-aws-id:{cluster}\n\n{signed_headers}\n{}",
        canonical_query.join("&"),
        hex(&Sha256::digest(b"")),
    );
    let digest = hex(&Sha256::digest(canonical.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{digest}");
    let parts = [&date[..8], REGION, "sts", "aws4_request"];
    let key =
        parts.iter().fold(format!("AWS4{SECRET}").into_bytes(), |key, part| hmac(&key, part.as_bytes()));
    let signature = hex(&hmac(&key, to_sign.as_bytes()));
    if value("X-Amz-Signature")? == signature { Ok(()) } else { Err("signature") }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).expect("a time")
}

fn made(session: Option<&str>) -> String {
    let credentials = Credentials::new(KEY, SECRET, session.map(ToOwned::to_owned), None, "test");
    token(&credentials, REGION, "app", now()).expect("credentials")
}

/// The same token with another request inside.
fn altered(from: &str, to: &str) -> String {
    let plain = URL_SAFE_NO_PAD.decode(&made(None)["k8s-aws-v1.".len()..]).expect("base64");
    let plain = String::from_utf8(plain).expect("text");
    let changed = plain.replacen(from, to, 1);
    assert_ne!(changed, plain, "{from} stands there");
    format!("k8s-aws-v1.{}", URL_SAFE_NO_PAD.encode(changed))
}

#[test]
fn a_token_is_let_in_for_a_quarter_of_an_hour() {
    for session in [None, Some("FwoGZXIvYXdzE//////+session+token==")] {
        let token = made(session);
        assert_eq!(verify(&token, "app", now()), Ok(()), "{session:?}");
        assert_eq!(verify(&token, "app", now() + TimeDelta::minutes(14)), Ok(()));
        assert_eq!(verify(&token, "app", now() + TimeDelta::minutes(16)), Err("date"));
        assert_eq!(verify(&token, "app", now() - TimeDelta::minutes(1)), Err("date"));
    }
}

#[test]
fn a_token_is_good_for_one_cluster_and_one_request_alone() {
    assert_eq!(verify(&made(None), "other", now()), Err("signature"));
    for (from, to, wrong) in [
        ("GetCallerIdentity", "GetSessionToken", "action"),
        ("Expires=60", "Expires=59", "signature"),
        ("Expires=60", "Expires=3600", "expiry"),
        ("sts.eu-west-2", "sts.eu-west-1", "host"),
        (".amazonaws.com", ".example.com", "host"),
        ("&Version", "&X=1&Version", "parameter"),
        ("host%3Bx-k8s-aws-id", "host", "signed headers"),
        (KEY, "AKOTHER", "credential"),
    ] {
        assert_eq!(verify(&altered(from, to), "app", now()), Err(wrong), "{to}");
    }
    assert_eq!(verify(made(None).trim_start_matches("k8s-"), "app", now()), Err("prefix"));
    assert_eq!(verify(&format!("{}=", made(None)), "app", now()), Err("encoding"));
}

#[test]
fn regions_of_china_have_a_domain_of_their_own() {
    let credentials = Credentials::new(KEY, SECRET, None, None, "test");
    let token = token(&credentials, "cn-north-1", "app", now()).expect("credentials");
    let url = URL_SAFE_NO_PAD.decode(&token["k8s-aws-v1.".len()..]).expect("base64");
    assert!(url.starts_with(b"https://sts.cn-north-1.amazonaws.com.cn/?Action=GetCallerIdentity&"));
}
