//! S3: buckets by name, never what is in them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

const fn get(id: &'static str, permissions: &'static [&'static str], key: &'static str) -> Call {
    Call { id, sdk_service: "S3", permissions, wire: Wire::Get { path: "/", key: Some(key) } }
}

pub const GET_BUCKET_LOCATION: Call = get("s3:GetBucketLocation", &["s3:GetBucketLocation"], "location");
pub const GET_BUCKET_VERSIONING: Call =
    get("s3:GetBucketVersioning", &["s3:GetBucketVersioning"], "versioning");
pub const GET_PUBLIC_ACCESS_BLOCK: Call =
    get("s3:GetPublicAccessBlock", &["s3:GetBucketPublicAccessBlock"], "publicAccessBlock");
pub const GET_BUCKET_ENCRYPTION: Call =
    get("s3:GetBucketEncryption", &["s3:GetEncryptionConfiguration"], "encryption");
pub const GET_BUCKET_TAGGING: Call = get("s3:GetBucketTagging", &["s3:GetBucketTagging"], "tagging");

pub const BUCKET: Source = Source::of(&[&GET_BUCKET_LOCATION]);
pub const VERSIONING: Source = Source::of(&[&GET_BUCKET_VERSIONING]);
pub const PUBLIC_ACCESS_BLOCK: Source = Source::of(&[&GET_PUBLIC_ACCESS_BLOCK]);
pub const ENCRYPTION: Source = Source::of(&[&GET_BUCKET_ENCRYPTION]);
pub const TAGS: Source = Source::of(&[&GET_BUCKET_TAGGING]);

/// A bucket; its id is `arn:aws:s3:::<name>`. It lives in the region it was made in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    pub location: String,
    /// `Enabled` or `Suspended`; absent where it never was enabled.
    pub versioning: Seen<Option<String>>,
    pub public_access_block: Seen<Option<PublicAccessBlock>>,
    /// The default algorithm.
    pub encryption: Seen<Option<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "these four are what the service has")]
pub struct PublicAccessBlock {
    pub block_public_acls: bool,
    pub ignore_public_acls: bool,
    pub block_public_policy: bool,
    pub restrict_public_buckets: bool,
}

impl Fact for Bucket {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::S3Bucket,
        name: "aws.s3_bucket",
        about: "A bucket, read where something stores in it.",
        found: &[Found::ById(&BUCKET)],
        details: &[
            Detail { field: "versioning", source: &VERSIONING },
            Detail { field: "public_access_block", source: &PUBLIC_ACCESS_BLOCK },
            Detail { field: "encryption", source: &ENCRYPTION },
            Detail { field: "tags", source: &TAGS },
        ],
        global: true,
    };
}
