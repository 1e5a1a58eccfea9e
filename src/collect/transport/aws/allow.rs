//! What may leave for AWS: the reads that collectors declared, and the exchanges that get credentials.
//!
//! Each list is asked twice, by what the SDK calls the operation and by what stands in the request, so that a mistake in
//! one is caught by the other.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use super::wire::{form, path, query};
use crate::collect::transport::allow::{READS, is_path};
use crate::model::call::{Call, Wire};

/// Credential exchanges as the SDK names them (service, operation). Never recorded.
const EXCHANGES: &[(&str, &str)] = &[
    ("SSO", "GetRoleCredentials"),
    ("SSO OIDC", "CreateToken"),
    ("STS", "AssumeRole"),
    ("STS", "AssumeRoleWithWebIdentity"),
    ("STS", "GetCallerIdentity"),
    ("Signin", "CreateOAuth2Token"),
];

/// Services on the machine itself, as the SDK names them. It names their operations by the path asked for,
/// so the request alone can be held to something.
const METADATA_SERVICES: &[&str] = &["EcsContainer", "HttpCredentialProvider", "imds"];

/// Whether a collector declared this operation.
pub(crate) fn declared(service: &str, operation: &str) -> bool {
    READS.values().any(|call| call.sdk_service == service && call.operation() == operation)
}

/// Whether this operation gets credentials, or says whose they are.
pub(crate) fn exchanges(service: &str, operation: &str) -> bool {
    EXCHANGES.contains(&(service, operation)) || METADATA_SERVICES.contains(&service)
}

/// The declared call that this request is, by the request alone.
pub(crate) fn declared_on_the_wire(request: &HttpRequest) -> Option<&'static Call> {
    let service = signed_for(request)?;
    READS
        .values()
        .find(|call| call.id.split_once(':').is_some_and(|(name, _)| name == service) && is(request, call))
        .copied()
}

/// Whether this request is a credential exchange, by the request alone.
pub(crate) fn exchanges_on_the_wire(request: &HttpRequest) -> bool {
    match (request.method(), path(request)) {
        // Metadata services: reads without a signature can't act for anybody.
        ("GET", _) => signed_for(request).is_none(),
        ("PUT", "/latest/api/token") | ("POST", "/token" | "/v1/token") => true,
        ("POST", "/") => form(request).is_some_and(|form| {
            let action = form.get("Action").map_or("", String::as_str);
            EXCHANGES.contains(&("STS", action))
        }),
        _ => false,
    }
}

/// Whether this asks the instance metadata service, which keeps silent where there is none.
pub(crate) fn asks_instance_metadata(request: &HttpRequest) -> bool {
    path(request).starts_with("/latest/")
}

fn is(request: &HttpRequest, call: &Call) -> bool {
    match &call.wire {
        Wire::Query => {
            request.method() == "POST"
                && path(request) == "/"
                && form(request)
                    .is_some_and(|form| form.get("Action").is_some_and(|it| it == call.operation()))
        }
        Wire::Target(prefix) => {
            let target = request.headers().get("x-amz-target").and_then(|target| target.split_once('.'));
            request.method() == "POST" && path(request) == "/" && target == Some((prefix, call.operation()))
        }
        Wire::Get { path: start, key } => {
            let Some(rest) = path(request).strip_prefix(start) else { return false };
            let whole = match key {
                Some(key) => !rest.trim_end_matches('/').contains('/') && query(request).contains_key(*key),
                None => start.ends_with('/') != rest.is_empty(),
            };
            request.method() == "GET" && whole
        }
        Wire::Rest(pattern) => request.method() == "GET" && is_path(path(request), pattern),
        Wire::Arm { .. } => false,
    }
}

/// The service in the signature's scope.
fn signed_for(request: &HttpRequest) -> Option<&str> {
    let (_, rest) = request.headers().get("authorization")?.split_once("Credential=")?;
    rest.split(',').next()?.split('/').nth(3)
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn request(method: &str, uri: &str, service: &str, body: &'static str) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method).expect("a method");
        request.set_uri(uri).expect("a URI");
        let signature =
            format!("AWS4-HMAC-SHA256 Credential=AK/20260101/us-west-1/{service}/aws4_request, Signature=0");
        request.headers_mut().insert("authorization", signature);
        request
    }

    fn named(request: &HttpRequest) -> Option<&'static str> {
        declared_on_the_wire(request).map(|call| call.id)
    }

    #[test]
    fn operations_are_told_by_the_sdks_names() {
        assert!(declared("EC2", "DescribeVpcs"));
        assert!(declared("Elastic Load Balancing v2", "DescribeTags"));
        assert!(!declared("EC2", "DeleteVpc"));
        assert!(!declared("Secrets Manager", "GetSecretValue"));
        assert!(!declared("STS", "AssumeRole") && exchanges("STS", "AssumeRole"));
        assert!(exchanges("EcsContainer", "/v2/credentials/0") && exchanges("imds", "get_credentials"));
        assert!(!exchanges("STS", "GetFederationToken") && !exchanges("EC2", "DescribeVpcs"));
    }

    #[test]
    fn each_wire_form_is_recognised() {
        let vpcs = request("POST", "https://ec2.example/", "ec2", "Action=DescribeVpcs&Version=2016-11-15");
        assert_eq!(named(&vpcs), Some("ec2:DescribeVpcs"));

        let mut clusters = request("POST", "https://ecs.example/", "ecs", "{}");
        clusters.headers_mut().insert("x-amz-target", "AmazonEC2ContainerServiceV20141113.ListClusters");
        assert_eq!(named(&clusters), Some("ecs:ListClusters"));

        let zones = request("GET", "https://r53.example/2013-04-01/hostedzone?maxitems=1", "route53", "");
        assert_eq!(named(&zones), Some("route53:ListHostedZones"));
        let records = request("GET", "https://r53.example/2013-04-01/hostedzone/Z1/rrset", "route53", "");
        assert_eq!(named(&records), Some("route53:ListResourceRecordSets"));

        let bucket = request("GET", "https://s3.example/store?versioning", "s3", "");
        assert_eq!(named(&bucket), Some("s3:GetBucketVersioning"));
    }

    #[test]
    fn nothing_else_passes() {
        let delete = request("POST", "https://ec2.example/", "ec2", "Action=DeleteVpc&VpcId=vpc-1");
        let other_service = request("POST", "https://sqs.example/", "sqs", "Action=DescribeVpcs");
        let object = request("GET", "https://s3.example/store/object?tagging", "s3", "");
        let listing = request("GET", "https://s3.example/store?list-type=2", "s3", "");
        let put = request("PUT", "https://s3.example/store?versioning", "s3", "");
        let post = request("POST", "https://r53.example/2013-04-01/hostedzone", "route53", "");
        let mut secret = request("POST", "https://sm.example/", "secretsmanager", "{}");
        secret.headers_mut().insert("x-amz-target", "secretsmanager.GetSecretValue");
        for refused in [&delete, &other_service, &object, &listing, &put, &post, &secret] {
            assert_eq!(named(refused), None, "{} {}", refused.method(), refused.uri());
            assert!(!exchanges_on_the_wire(refused), "{} {}", refused.method(), refused.uri());
        }
        let mut unsigned = request("POST", "https://ec2.example/", "ec2", "Action=DescribeVpcs");
        unsigned.headers_mut().remove("authorization");
        assert_eq!(named(&unsigned), None);
    }
}
