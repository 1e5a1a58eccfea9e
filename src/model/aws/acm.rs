//! Certificate Manager.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};

const fn call(id: &'static str, permissions: &'static [&'static str]) -> Call {
    Call { id, sdk_service: "ACM", permissions, wire: Wire::Target("CertificateManager") }
}

pub const DESCRIBE_CERTIFICATE: Call = call("acm:DescribeCertificate", &["acm:DescribeCertificate"]);
pub const LIST_TAGS_FOR_CERTIFICATE: Call =
    call("acm:ListTagsForCertificate", &["acm:ListTagsForCertificate"]);

pub const CERTIFICATE: Source = Source::of(&[&DESCRIBE_CERTIFICATE]);
pub const TAGS: Source = Source::of(&[&LIST_TAGS_FOR_CERTIFICATE]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Every name it covers, the main one first; lower case.
    pub domains: Vec<String>,
    /// `ISSUED`, `PENDING_VALIDATION`, `EXPIRED`, `REVOKED`, ….
    pub status: String,
    /// `AMAZON_ISSUED`, `IMPORTED` or `PRIVATE`.
    pub r#type: Option<String>,
    pub not_before: Option<DateTime<Utc>>,
    pub not_after: Option<DateTime<Utc>>,
}

impl Fact for Certificate {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::AcmCertificate,
        name: "aws.acm_certificate",
        about: "A certificate, read where a listener names it.",
        found: &[Found::ById(&CERTIFICATE)],
        details: &[Detail { field: "tags", source: &TAGS }],
        global: false,
    };
}
