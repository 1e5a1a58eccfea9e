//! The one way out: every SDK client of a scan sends through the seam of its SDK. It lets declared reads and credential
//! exchanges pass and nothing else, and it is where reads are recorded and replayed. What all seams share stands here;
//! each SDK's pluggable client has a folder of its own.

mod allow;
#[cfg(feature = "aws")]
pub(crate) mod aws;
#[cfg(feature = "azure")]
pub(crate) mod azure;
pub(crate) mod exchange;
#[cfg(feature = "kubernetes")]
pub(crate) mod kubernetes;
#[cfg(any(feature = "azure", feature = "kubernetes"))]
pub(crate) mod network;
mod page_tokens;
pub(crate) mod record;
pub(crate) mod replay;
pub(crate) mod scrub;
#[cfg(all(test, any(feature = "aws", feature = "kubernetes")))]
pub(crate) mod stub;

/// What a seam itself answers. The SDK carries it as the source of its error; none of these is tried again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SeamError {
    #[error("{what} is not among the calls that collectors declare: refused before it left")]
    Refused { what: String },
    #[error("not on the tape")]
    NotRecorded,
    #[error("an unreadable answer (HTTP {status}, {content_type})")]
    Unreadable { status: u16, content_type: String },
    #[error("answered with more than {0} MiB")]
    TooLarge(usize),
    #[error("timed out")]
    TimedOut,
    #[error("unreachable: {0}")]
    Unreachable(String),
    #[error("no credentials: {0}")]
    NoCredentials(String),
}

/// The innermost error: what the network or the system said.
pub(crate) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
