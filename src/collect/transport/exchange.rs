//! One question to a service and its answer, in a form that is the same at every recording.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SeamError;
use crate::model::scope::Scope;

/// What a call was asked with, by name.
pub(crate) type Parameters = BTreeMap<String, Value>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    pub(crate) call: String,
    pub(crate) scope: Scope,
    pub(crate) parameters: Parameters,
    pub(crate) answer: Answer,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Response(Reply),
    /// In MiB, how much was read of it before it was given up.
    TooLarge(usize),
    TimedOut,
    /// The cause, as far as the network tells.
    Unreachable(String),
    /// Nothing left the process: there was nothing to log in with.
    NoCredentials(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    /// What the service said, or what came in its stead.
    pub(super) fn reply(&self) -> Result<&Reply, SeamError> {
        match self {
            Self::Response(reply) => Ok(reply),
            Self::TooLarge(size) => Err(SeamError::TooLarge(*size)),
            Self::TimedOut => Err(SeamError::TimedOut),
            Self::Unreachable(cause) => Err(SeamError::Unreachable(cause.clone())),
            Self::NoCredentials(cause) => Err(SeamError::NoCredentials(cause.clone())),
        }
    }

    /// Why nobody answered, in somebody's words.
    pub(super) fn cause(&self) -> Option<&str> {
        match self {
            Self::Unreachable(cause) | Self::NoCredentials(cause) => Some(cause),
            Self::Response(_) | Self::TooLarge(_) | Self::TimedOut => None,
        }
    }
}

/// What tells exchanges apart: where, which call, and asked with what.
pub(crate) fn key(scope: &Scope, call: &str, parameters: &Parameters) -> String {
    let parameters = serde_json::to_string(parameters).expect("plain data");
    format!("{}/{}/{call} {parameters}", scope.account, scope.region)
}

/// The pairs of a query or a form.
#[cfg(any(feature = "aws", feature = "kubernetes"))]
pub(super) fn pairs(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(k, v)| (plain(k), plain(v))).collect()
}

/// Undoes percent and plus encoding.
#[cfg(any(feature = "aws", feature = "kubernetes"))]
fn plain(text: &str) -> String {
    let mut rest = text.as_bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let escaped = || u8::from_str_radix(std::str::from_utf8(after.get(..2)?).ok()?, 16).ok();
        match byte {
            b'+' => out.push(b' '),
            b'%' => match escaped() {
                Some(value) => {
                    out.push(value);
                    rest = &after[2..];
                }
                None => out.push(byte),
            },
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(all(test, any(feature = "aws", feature = "kubernetes")))]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_undone() {
        let pairs = pairs("Filter.1.Name=vpc-id&Name=a+b%2Fc%zz&flag&Z=%C3%A9");
        assert_eq!(pairs["Filter.1.Name"], "vpc-id");
        assert_eq!(pairs["Name"], "a b/c%zz");
        assert_eq!(pairs["flag"], "");
        assert_eq!(pairs["Z"], "é");
    }
}
