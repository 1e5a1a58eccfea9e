//! What an SDK error means for the ledger: matched by code, never by message text.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::model::call::Call;
use crate::model::scope::Scope;
use crate::model::seen::{Gap, Why};

/// The gap that a failed call leaves.
pub(crate) fn gap<E, R>(error: &SdkError<E, R>, call: &Call, scope: &Scope, key: &str) -> Gap
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let why = match code(error).unwrap_or_default() {
        "UnauthorizedOperation" => Why::Denied,
        code if code.starts_with("AccessDenied") => Why::Denied,
        "TooManyRequestsException" | "RequestLimitExceeded" => Why::Throttled,
        code if code.starts_with("Throttl") => Why::Throttled,
        _ => Why::Failed,
    };
    Gap { why, detail: DisplayErrorContext(error).to_string(), ..Gap::unread(call.id, scope, key) }
}

/// The service's error code, where the service answered.
pub(crate) fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}
