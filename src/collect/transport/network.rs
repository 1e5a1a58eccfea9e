//! What the lines to Azure and Kubernetes share; the SDK of AWS has its own.

use super::SeamError;

/// Attempts at one call, the first included; fewer where each may take as long as an attempt can.
pub(super) const ATTEMPTS: u32 = 5;
const ATTEMPTS_AT_SILENCE: u32 = 2;

/// How many attempts it is worth that no answer came.
pub(super) fn attempts_without_answer(error: &SeamError) -> u32 {
    match error {
        SeamError::Unreachable(_) => ATTEMPTS,
        SeamError::TimedOut => ATTEMPTS_AT_SILENCE,
        _ => 1,
    }
}

/// Of a URL's host: it never leaves the machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.starts_with("127.")
}
