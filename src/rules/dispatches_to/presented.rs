//! The certificate that a listener presents, as far as ARM tells.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::named;
use crate::model::azure::gateway::{GATEWAY, GatewayListener, GatewayProperties};
use crate::model::certificates::x509::{Leaf, leaf};
use crate::model::seen::Gap;
use crate::rules::Ref;

/// The names that it covers, and whether it is valid now: none and null where the listener speaks plainly.
pub(super) fn attributes(
    from: Ref<'_>,
    listener: &GatewayListener,
    properties: &GatewayProperties,
    now: DateTime<Utc>,
) -> (Result<Value, Gap>, Result<Value, Gap>) {
    if listener.protocol.as_deref().is_some_and(|protocol| protocol.eq_ignore_ascii_case("Http")) {
        return (Ok(json!([])), Ok(Value::Null));
    }
    match presented(listener, properties) {
        Ok(leaf) => (Ok(json!(leaf.hosts)), Ok(json!(leaf.is_valid_at(now)))),
        Err(detail) => {
            let gap = Gap { detail, ..Gap::unread(GATEWAY.primary(), &from.scope, &from.id) };
            (Err(gap.clone()), Err(gap))
        }
    }
}

fn presented(listener: &GatewayListener, properties: &GatewayProperties) -> Result<Leaf, String> {
    let name = listener.certificate.as_deref();
    let Some(certificate) = named(&properties.certificates, name, |it| &it.name) else {
        return Err(format!("it does not tell the certificate of {}", listener.name));
    };
    let Some(public) = &certificate.public else {
        let vault = if certificate.from_vault { ", which lies in a key vault" } else { "" };
        return Err(format!("it does not show the certificate {}{vault}", certificate.name));
    };
    leaf(public).ok_or_else(|| format!("the certificate {} can't be read", certificate.name))
}
