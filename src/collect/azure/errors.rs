//! What a failed call means: one reading for all of Azure Resource Manager. Codes are matched, never message text.

use azure_core::error::ErrorKind;
use serde::Deserialize;

use crate::collect::detail::{find, one_line};
use crate::collect::transport::{SeamError, root_cause};
use crate::model::call::Call;
use crate::model::scope::Scope;
use crate::model::seen::{Gap, Why};

/// Why there is no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArmError {
    /// Nothing came of it on the way.
    #[error(transparent)]
    Seam(#[from] SeamError),
    /// The service says no. Where it does so in another form than its own, there is no code.
    #[error("HTTP {status} {code}: {message}")]
    Answer { status: u16, code: String, message: String },
}

/// What an answer says of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// There is no such resource, or nothing that it could lie in: known to be absent.
    Absent,
    /// The subscription does not use this type's provider, and so has nothing of the type.
    Unused,
    /// Nothing is known.
    Unknown { why: Why, detail: String },
}

/// Codes with which a resource is said not to be there.
const ABSENT: &[&str] = &["NotFound", "ParentResourceNotFound", "ResourceGroupNotFound", "ResourceNotFound"];

/// `{"error": {"code": …, "message": …}}`
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    error: Said,
    /// Some providers leave the outer object out.
    #[serde(flatten)]
    bare: Said,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    code: String,
    message: String,
}

impl ArmError {
    pub(super) fn answered(status: u16, body: &[u8]) -> Self {
        let Body { error, bare } = serde_json::from_slice(body).unwrap_or_default();
        let Said { code, message } = if error.code.is_empty() { bare } else { error };
        Self::Answer { status, code, message }
    }

    /// The service's own code.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Answer { code, .. } => Some(code.as_str()).filter(|code| !code.is_empty()),
            Self::Seam(_) => None,
        }
    }

    pub(crate) fn meaning(&self) -> Meaning {
        let (status, code, message) = match self {
            Self::Seam(seam) => {
                let why = if matches!(seam, SeamError::NotRecorded) { Why::NotRecorded } else { Why::Failed };
                return Meaning::Unknown { why, detail: one_line(&seam.to_string()) };
            }
            Self::Answer { status, code, message } => (*status, code.as_str(), message.as_str()),
        };
        let said = match (code, message) {
            ("", "") => format!("HTTP {status}"),
            ("", message) => message.to_owned(),
            (code, message) => format!("{code}: {message}"),
        };
        let (why, detail) = match (status, code) {
            (404, code) if ABSENT.contains(&code) => return Meaning::Absent,
            (_, "MissingSubscriptionRegistration" | "SubscriptionNotRegistered") => return Meaning::Unused,
            (401, _) => {
                let what = "the credentials have expired, or are not of this tenant";
                (Why::Failed, format!("{what} ({said})"))
            }
            (403, "RequestDisallowedByPolicy") => {
                (Why::Denied, format!("denied by a policy of the organisation, {said}"))
            }
            (403, _) => (Why::Denied, said),
            (429, _) => (Why::Throttled, format!("still throttled after every retry, {said}")),
            (_, "SubscriptionNotFound") => {
                (Why::Failed, format!("these credentials do not see the subscription, {said}"))
            }
            _ => (Why::Failed, said),
        };
        Meaning::Unknown { why, detail: one_line(&detail) }
    }

    /// Whether there is no such resource.
    pub(crate) fn is_absent(&self) -> bool {
        self.meaning() == Meaning::Absent
    }

    /// Whether the subscription has nothing of the type.
    pub(crate) fn is_unused(&self) -> bool {
        self.meaning() == Meaning::Unused
    }

    /// The gap that it leaves where even an absence was not expected.
    pub(crate) fn gap(&self, call: &Call, scope: &Scope, key: &str) -> Gap {
        let (why, detail) = match self.meaning() {
            Meaning::Unknown { why, detail } => (why, detail),
            Meaning::Absent | Meaning::Unused => (Why::Failed, one_line(&self.to_string())),
        };
        Gap { why, detail, ..Gap::unread(call.id, scope, key) }
    }
}

/// What the pipeline carries: the seam's own errors, and those of credentials.
impl From<azure_core::Error> for ArmError {
    fn from(error: azure_core::Error) -> Self {
        if let Some(own) = find::<SeamError>(&error) {
            return Self::Seam(own.clone());
        }
        let cause = one_line(&error.to_string());
        Self::Seam(match error.kind() {
            ErrorKind::Credential => SeamError::NoCredentials(cause),
            _ => SeamError::Unreachable(one_line(&root_cause(&error))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(status: u16, body: &str) -> Meaning {
        ArmError::answered(status, body.as_bytes()).meaning()
    }

    fn code(status: u16, code: &str) -> Meaning {
        meaning(status, &format!(r#"{{"error":{{"code":"{code}","message":"said"}}}}"#))
    }

    fn unknown(why: Why, detail: &str) -> Meaning {
        Meaning::Unknown { why, detail: detail.into() }
    }

    #[test]
    fn what_is_absent_is_told_from_what_is_unknown() {
        assert_eq!(code(404, "ResourceNotFound"), Meaning::Absent);
        assert_eq!(code(404, "ResourceGroupNotFound"), Meaning::Absent);
        assert_eq!(code(409, "MissingSubscriptionRegistration"), Meaning::Unused);
        let lost = "these credentials do not see the subscription, SubscriptionNotFound: said";
        assert_eq!(code(404, "SubscriptionNotFound"), unknown(Why::Failed, lost));
        assert_eq!(meaning(404, "<html>not here</html>"), unknown(Why::Failed, "HTTP 404"), "a proxy's word");
        assert_eq!(code(404, "InvalidResourceType"), unknown(Why::Failed, "InvalidResourceType: said"));
    }

    #[test]
    fn refusals_say_what_to_do_about_them() {
        assert_eq!(code(403, "AuthorizationFailed"), unknown(Why::Denied, "AuthorizationFailed: said"));
        assert_eq!(
            code(403, "LinkedAuthorizationFailed"),
            unknown(Why::Denied, "LinkedAuthorizationFailed: said")
        );
        let policy = "denied by a policy of the organisation, RequestDisallowedByPolicy: said";
        assert_eq!(code(403, "RequestDisallowedByPolicy"), unknown(Why::Denied, policy));
        let expired =
            "the credentials have expired, or are not of this tenant (ExpiredAuthenticationToken: said)";
        assert_eq!(code(401, "ExpiredAuthenticationToken"), unknown(Why::Failed, expired));
        let throttled = "still throttled after every retry, TooManyRequests: said";
        assert_eq!(code(429, "TooManyRequests"), unknown(Why::Throttled, throttled));
        assert_eq!(code(503, "ServerBusy"), unknown(Why::Failed, "ServerBusy: said"));
        assert_eq!(
            meaning(400, r#"{"code":"BadRequest","message":"no"}"#),
            unknown(Why::Failed, "BadRequest: no")
        );
    }

    #[test]
    fn what_is_not_on_the_tape_is_said_so() {
        let error = ArmError::from(SeamError::NotRecorded);
        assert_eq!(error.meaning(), unknown(Why::NotRecorded, "not on the tape"));
        let carried = azure_core::Error::new(ErrorKind::Other, SeamError::TimedOut);
        assert_eq!(ArmError::from(carried), ArmError::Seam(SeamError::TimedOut));
    }
}
