//! Secrets Manager: that a secret exists, never what it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Fact, Found, Kind, KindMeta};

pub const LIST_SECRETS: Call = Call {
    id: "secretsmanager:ListSecrets",
    sdk_service: "Secrets Manager",
    permissions: &["secretsmanager:ListSecrets"],
    wire: Wire::Target("secretsmanager"),
};

pub const SECRETS: Source = Source::of(&[&LIST_SECRETS]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    pub kms_key: Option<String>,
    pub rotation: Option<bool>,
    /// The service that manages it, if one does.
    pub owning_service: Option<String>,
}

impl Fact for Secret {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::Secret,
        name: "aws.secret",
        about: "A secret's metadata.",
        found: &[Found::Listed(&SECRETS)],
        details: &[],
        global: false,
    };
}
