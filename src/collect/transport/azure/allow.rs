//! What may leave for Azure Resource Manager: the reads that collectors declared, at the cloud's one endpoint.
//!
//! It is asked twice: before the token is put on, by the call's name, and on the wire, by what stands in the request.

use azure_core::http::{Method, Request, Url};

use super::Asking;
use crate::collect::transport::SeamError;
use crate::collect::transport::allow::READS;
use crate::model::call::{Call, Wire};
use crate::model::scope::Scope;

/// By what further pages are asked for, in lower case.
const PAGE: &[&str] = &["$skiptoken", "$top"];

/// With what measurements are asked for, in lower case.
const METRICS: &[&str] = &["$filter", "aggregation", "interval", "metricnames", "top"];
const OF_METRICS: &str = "/microsoft.insights/metrics";

/// The declared call that this request is, in a scope of the cloud whose endpoint this is.
pub(super) fn admitted(
    asking: Option<&Asking>,
    request: &Request,
    origin: &Url,
    scope: &Scope,
) -> Result<&'static Call, SeamError> {
    let call = asking.and_then(|asking| READS.get(asking.0.id).filter(|call| **call == asking.0));
    let admitted = call.filter(|call| {
        request.method() == Method::Get && is_read(call, request.url(), origin, &scope.account)
    });
    admitted.copied().ok_or_else(|| {
        let name = asking.map_or("a request without a name", |asking| asking.0.id);
        let url = request.url();
        let to = format!("{}://{}{}", url.scheme(), url.authority(), url.path());
        SeamError::Refused { what: format!("{name} as {} {to}", request.method()) }
    })
}

/// Whether a GET of `url` is this call and no other.
pub(super) fn is_read(call: &Call, url: &Url, origin: &Url, subscription: &str) -> bool {
    let Wire::Arm { path, versions, filter } = call.wire else { return false };
    same_origin(url, origin)
        && is_path(url.path(), path)
        && in_subscription(url.path(), subscription)
        && is_query(url, versions, filter)
}

/// https, the host and port of the endpoint, and nobody's name or password.
fn same_origin(url: &Url, origin: &Url) -> bool {
    url.scheme() == "https"
        && url.origin() == origin.origin()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

/// Segment by segment, whatever the case; a `*` stands for one that is not empty and hides no further one.
fn is_path(path: &str, pattern: &str) -> bool {
    let fits = |(segment, wanted): (&str, &str)| {
        wanted.eq_ignore_ascii_case(segment) || (wanted == "*" && is_name(segment))
    };
    path.split('/').count() == pattern.split('/').count() && path.split('/').zip(pattern.split('/')).all(fits)
}

fn is_name(segment: &str) -> bool {
    let lower = segment.to_ascii_lowercase();
    let hidden = ["%2f", "%5c", "%00", "%3f", "%23", "%25", "\\", ";"];
    !segment.is_empty() && !hidden.iter().any(|hidden| lower.contains(hidden))
}

/// What lies in a subscription is asked for in that of the scope.
fn in_subscription(path: &str, subscription: &str) -> bool {
    let mut segments = path.split('/').skip(1);
    let within = segments.next().is_some_and(|first| first.eq_ignore_ascii_case("subscriptions"));
    match segments.next() {
        Some(named) if within => named.eq_ignore_ascii_case(subscription),
        _ => true,
    }
}

/// A version that collectors can read, the filter, and further pages; each once, and nothing else.
fn is_query(url: &Url, versions: &[&str], filter: Option<&str>) -> bool {
    let of_metrics = url.path().to_ascii_lowercase().ends_with(OF_METRICS);
    let mut seen = Vec::new();
    for (name, value) in url.query_pairs() {
        let name = name.to_ascii_lowercase();
        let known = match name.as_str() {
            "api-version" => versions.contains(&&*value),
            "$filter" if filter.is_some() => filter.is_some_and(|filter| filter.eq_ignore_ascii_case(&value)),
            name => PAGE.contains(&name) || (of_metrics && METRICS.contains(&name)),
        };
        if !known || seen.contains(&name) {
            return false;
        }
        seen.push(name);
    }
    let has = |name: &str| seen.iter().any(|seen| seen == name);
    // A further page's token may carry the filter.
    has("api-version") && (filter.is_none() || has("$filter") || has("$skiptoken"))
}
