//! The token that EKS takes: a request to STS that says who signed it and for which cluster, signed but never sent.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use http::Request;

/// What a token starts with.
const PREFIX: &str = "k8s-aws-v1.";

/// The header that ties a token to one cluster.
const CLUSTER: &str = "x-k8s-aws-id";

/// The longest that EKS lets the request itself live; the token is good for 15 minutes.
const LIFE: Duration = Duration::from_mins(1);

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenError {
    #[error("the request for the token can't be signed: {0}")]
    Signing(Box<dyn std::error::Error + Send + Sync>),
}

pub(super) fn token(
    credentials: &Credentials,
    region: &str,
    cluster: &str,
    at: DateTime<Utc>,
) -> Result<String, TokenError> {
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let url = format!("https://sts.{region}.{domain}/?Action=GetCallerIdentity&Version=2011-06-15");
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(LIFE);
    let identity = credentials.clone().into();
    let signing = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("sts")
        .time(at.into())
        .settings(settings)
        .build()
        .map_err(|error| TokenError::Signing(error.into()))?
        .into();
    let headers = [(CLUSTER, cluster)].into_iter();
    let request = SignableRequest::new("GET", &url, headers, SignableBody::Bytes(&[]));
    let signed = request.and_then(|request| sign(request, &signing));
    let (instructions, _) = signed.map_err(|error| TokenError::Signing(error.into()))?.into_parts();
    let mut request = Request::get(&url).body(()).map_err(|error| TokenError::Signing(error.into()))?;
    instructions.apply_to_request_http1x(&mut request);
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(request.uri().to_string())))
}

#[cfg(test)]
mod tests;
