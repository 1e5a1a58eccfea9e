//! What a failed call means: one reading for the errors of every service. Codes are matched, never message
//! text, but
//! for the denial by an organisation's policy, which AWS tells by its message alone.

use std::error::Error;
use std::fmt::Debug;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::collect::detail::{find, one_line};
use crate::collect::transport::{SeamError, root_cause};
use crate::model::call::Call;
use crate::model::scope::Scope;
use crate::model::seen::{Gap, Why};

/// The gap that a failed call leaves.
pub(crate) fn gap<E, R>(error: &SdkError<E, R>, call: &Call, scope: &Scope, key: &str) -> Gap
where
    E: ProvideErrorMetadata + Error + 'static,
    R: Debug + 'static,
{
    let (why, detail) = reading(error);
    Gap { why, detail: one_line(&detail), ..Gap::unread(call.id, scope, key) }
}

/// The service's code of an error, where it gave one.
pub(crate) fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<&str> {
    error.as_service_error()?.meta().code()
}

/// Why credentials could not be had.
pub(super) fn of_credentials(error: &CredentialsError) -> (Why, String) {
    let refused: Option<&SdkError<AssumeRoleError, HttpResponse>> = find(error);
    match refused {
        Some(refused) => {
            let (why, detail) = reading(refused);
            (why, format!("the role can't be assumed: {detail}"))
        }
        None => (Why::Failed, format!("no credentials: {}", root_cause(error))),
    }
}

fn reading<E, R>(error: &SdkError<E, R>) -> (Why, String)
where
    E: ProvideErrorMetadata + Error + 'static,
    R: Debug + 'static,
{
    if let Some(own) = find::<SeamError>(error) {
        let why = if matches!(own, SeamError::NotRecorded) { Why::NotRecorded } else { Why::Failed };
        return (why, own.to_string());
    }
    if let Some(credentials) = find::<CredentialsError>(error) {
        return of_credentials(credentials);
    }
    match error {
        SdkError::TimeoutError(_) => (Why::Failed, SeamError::TimedOut.to_string()),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            (Why::Failed, SeamError::TimedOut.to_string())
        }
        SdkError::DispatchFailure(_) => (Why::Failed, SeamError::Unreachable(root_cause(error)).to_string()),
        // The XML protocols wrap a body they can't read in a service error without a code.
        SdkError::ServiceError(context) if let Some(code) = context.err().code() => {
            of_service(code, context.err().message().unwrap_or_default())
        }
        _ => (Why::Failed, format!("an unreadable answer: {}", root_cause(error))),
    }
}

fn of_service(code: &str, message: &str) -> (Why, String) {
    // Some protocols name a namespace before the code and a documentation link behind it.
    let code = code.rsplit('#').next().unwrap_or(code);
    let code = code.split(':').next().unwrap_or(code);
    let (why, sense) = match code {
        _ if DENIED.contains(&code) => {
            let organisation =
                ["service control policy", "resource control policy"].iter().any(|it| message.contains(it));
            (Why::Denied, if organisation { "denied by an organisation's policy, " } else { "" })
        }
        _ if THROTTLED.contains(&code) => (Why::Throttled, "still throttled after every retry, "),
        _ if EXPIRED.contains(&code) => (Why::Failed, "the credentials have expired, "),
        _ if NOT_ACCEPTED.contains(&code) => (
            Why::Failed,
            "the credentials are not accepted here (a region that is not enabled says so too), ",
        ),
        _ if UNKNOWN_OPERATION.contains(&code) => (Why::Failed, "the service does not know this operation, "),
        _ => (Why::Failed, ""),
    };
    (why, format!("{sense}{code}: {message}"))
}

const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Client.UnauthorizedOperation",
    "NotAuthorized",
    "NotAuthorizedException",
    "OptInRequired",
    "UnauthorizedAccess",
    "UnauthorizedException",
    "UnauthorizedOperation",
];

const THROTTLED: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsException",
];

const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"];

const NOT_ACCEPTED: &[&str] = &[
    "AuthFailure",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

const UNKNOWN_OPERATION: &[&str] =
    &["InvalidAction", "NotImplemented", "UnknownOperation", "UnknownOperationException"];

#[cfg(test)]
mod tests {
    use aws_sdk_ecr::operation::describe_repositories::DescribeRepositoriesError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;
    use crate::collect::detail::LONGEST;
    use crate::model::aws::ecr;

    fn told(error: &SdkError<DescribeRepositoriesError, HttpResponse>) -> (Why, String) {
        let scope = Scope::aws("111111111111", "us-west-1");
        let gap = gap(error, &ecr::DESCRIBE_REPOSITORIES, &scope, "");
        assert_eq!(gap.call, "ecr:DescribeRepositories");
        (gap.why, gap.detail)
    }

    fn service(code: Option<&str>, message: &str) -> (Why, String) {
        let mut meta = ErrorMetadata::builder().message(message);
        if let Some(code) = code {
            meta = meta.code(code);
        }
        let response = HttpResponse::new(400.try_into().expect("a status"), SdkBody::empty());
        told(&SdkError::service_error(DescribeRepositoriesError::generic(meta.build()), response))
    }

    #[test]
    fn service_errors_are_told_apart_by_code() {
        assert_eq!(service(Some("AccessDeniedException"), "no").0, Why::Denied);
        assert_eq!(service(Some("com.amazonaws#ThrottlingException:http://x"), "slow").0, Why::Throttled);
        let (why, detail) = service(Some("ExpiredToken"), "");
        assert_eq!((why, detail.contains("expired")), (Why::Failed, true));
        let (why, detail) = service(Some("InvalidAction"), "The action X is not valid");
        assert_eq!((why, detail.contains("does not know this operation")), (Why::Failed, true));
        let (why, detail) = service(None, "");
        assert_eq!((why, detail.contains("unreadable")), (Why::Failed, true));
        assert_eq!(service(Some("ServerException"), "AccessDenied").0, Why::Failed);
    }

    #[test]
    fn an_organisations_denial_is_told() {
        let message = "User is not authorized with an explicit deny in a service control policy";
        let (why, detail) = service(Some("AccessDenied"), message);
        assert_eq!((why, detail.contains("organisation")), (Why::Denied, true));
        assert!(!service(Some("AccessDenied"), "no identity-based policy").1.contains("organisation"));
    }

    #[test]
    fn own_and_network_errors_are_told_apart() {
        let dispatched = |error: ConnectorError| told(&SdkError::dispatch_failure(error));
        assert_eq!(dispatched(SeamError::NotRecorded.into()).0, Why::NotRecorded);
        let (why, detail) = dispatched(SeamError::Refused { what: "EC2:DeleteVpc".into() }.into());
        assert_eq!((why, detail.contains("refused before it left")), (Why::Failed, true));
        assert_eq!(dispatched(ConnectorError::timeout("slow".into())).1, "timed out");
        assert_eq!(dispatched(ConnectorError::io("refused".into())).1, "unreachable: refused");
        let none = CredentialsError::not_loaded("nothing");
        assert_eq!(dispatched(ConnectorError::other(none.into(), None)).1, "no credentials: nothing");
        assert_eq!(told(&SdkError::timeout_error("slow")).1, "timed out");
    }

    #[test]
    fn details_are_one_bounded_line() {
        let key = ["AKIA", "Q7J2M5N8P1R4T6V9"].concat();
        let (_, detail) = service(Some("X"), &format!("a\n\u{1b}[31m b {key} {}", "y".repeat(400)));
        assert!(detail.starts_with("X: a [31m b AKIAEXAMPLE"), "{detail}");
        assert_eq!(detail.chars().count(), LONGEST);
    }
}
