//! What proves to the authority who holds a certificate's key: a token signed by it, made anew for each login.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::ClientMethodOptions;
use azure_core::{Error, Uuid};
use azure_identity::ClientAssertion;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use rustls::SignatureScheme;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::SigningKey;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// How long an assertion holds.
const HOLDS: TimeDelta = TimeDelta::minutes(10);

#[derive(Debug)]
pub(super) struct Assertion {
    key: Arc<dyn SigningKey>,
    thumbprint: String,
    audience: String,
    client: String,
}

impl Assertion {
    /// From a PEM file that holds the certificate and its key; the error goes on from the file's name.
    pub(super) fn new(pem: &[u8], audience: String, client: String) -> Result<Self, String> {
        let certificate = CertificateDer::from_pem_slice(pem).map_err(|_| {
            "holds no PEM certificate: of a PFX file, `openssl pkcs12 -in FILE -out FILE.pem -nodes` makes a PEM file"
        })?;
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(
            |_| "holds a certificate, and no key that is not encrypted: `openssl pkcs8 -in FILE` decrypts it",
        )?;
        let key =
            any_supported_type(&key).map_err(|error| format!("holds a key that can't be used: {error}"))?;
        if key.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256]).is_none() {
            return Err("holds a key that is not RSA's, and Entra ID takes no other".to_owned());
        }
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate));
        Ok(Self { key, thumbprint, audience, client })
    }

    pub(super) fn at(&self, now: DateTime<Utc>) -> Result<String, rustls::Error> {
        let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint });
        let claims = json!({
            "aud": self.audience,
            "iss": self.client,
            "sub": self.client,
            "jti": Uuid::new_v4().to_string(),
            "nbf": now.timestamp(),
            "exp": (now + HOLDS).timestamp(),
        });
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(header), part(claims));
        let signer = self.key.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256]);
        let signer = signer.ok_or_else(|| rustls::Error::General("the key is not RSA's".to_owned()))?;
        let signature = URL_SAFE_NO_PAD.encode(signer.sign(text.as_bytes())?);
        Ok(format!("{text}.{signature}"))
    }
}

#[async_trait]
impl ClientAssertion for Assertion {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        self.at(Utc::now()).map_err(|error| Error::new(ErrorKind::Credential, error))
    }
}
