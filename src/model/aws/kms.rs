//! Key Management Service: names of keys, never what they encrypt.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Fact, Found, Kind, KindMeta};

pub const LIST_ALIASES: Call = Call {
    id: "kms:ListAliases",
    sdk_service: "KMS",
    permissions: &["kms:ListAliases"],
    wire: Wire::Target("TrentService"),
};

pub const ALIASES: Source = Source::of(&[&LIST_ALIASES]);

/// A name of a key. Those that start with `alias/aws/` name keys that AWS made and manages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// Id of the key; absent where AWS has not made it yet.
    pub key: Option<String>,
}

impl Fact for Alias {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::KmsAlias,
        name: "aws.kms_alias",
        about: "A name of a KMS key.",
        found: &[Found::Listed(&ALIASES)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        self.key.as_deref().into_iter().collect()
    }
}
