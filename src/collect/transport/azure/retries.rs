//! Asks again where Azure Resource Manager is busy or gone: a few times, and never for long.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::headers::{HeaderName, Headers};
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request, StatusCode};
use chrono::{DateTime, Utc};

use super::line::Limits;
use crate::collect::detail::find;
use crate::collect::transport::SeamError;
use crate::collect::transport::network::{ATTEMPTS, attempts_without_answer};

#[derive(Debug)]
pub(super) struct Retries(pub(super) Limits);

#[async_trait]
impl Policy for Retries {
    async fn send(&self, context: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        let Self(limits) = self;
        let mut waited = Duration::ZERO;
        let mut number = 1;
        loop {
            let answer = next[0].send(context, request, &next[1..]).await;
            if number >= attempts(&answer) {
                return answer;
            }
            let backoff = limits.backoff * 2_u32.pow(number - 1);
            let asked = answer.as_ref().ok().and_then(|answer| asked_to_wait(answer.headers(), Utc::now()));
            let wait = asked.unwrap_or_default().max(backoff.min(limits.longest_wait));
            waited += wait;
            // A service that is asked before the time it named only wants to be left alone for longer.
            if wait > limits.longest_wait || waited > limits.waits {
                return answer;
            }
            tokio::time::sleep(wait).await;
            number += 1;
        }
    }
}

/// How many attempts an outcome is worth.
fn attempts(answer: &PolicyResult) -> u32 {
    match answer {
        Ok(answer) => {
            let status = answer.status();
            let busy = [StatusCode::RequestTimeout, StatusCode::TooManyRequests].contains(&status);
            if busy || status.is_server_error() { ATTEMPTS } else { 1 }
        }
        Err(error) => find::<SeamError>(error).map_or(1, attempts_without_answer),
    }
}

/// How long the service wants to be left alone, in milliseconds, in seconds, or until a time.
fn asked_to_wait(headers: &Headers, now: DateTime<Utc>) -> Option<Duration> {
    let header = |name| headers.get_optional_str(&HeaderName::from_static(name));
    let milliseconds = ["x-ms-retry-after-ms", "retry-after-ms"].into_iter().find_map(header);
    if let Some(milliseconds) = milliseconds.and_then(|value| value.parse().ok()) {
        return Some(Duration::from_millis(milliseconds));
    }
    let value = header("retry-after")?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTime::parse_from_rfc2822(value).ok()?;
    Some((until.to_utc() - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_asked_for_in_three_ways() {
        let now = DateTime::parse_from_rfc3339("2026-01-05T10:00:00Z").expect("a time").to_utc();
        let wait = |name: &'static str, value: &'static str| {
            let mut headers = Headers::new();
            headers.insert(name, value);
            asked_to_wait(&headers, now)
        };
        assert_eq!(wait("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("x-ms-retry-after-ms", "250"), Some(Duration::from_millis(250)));
        let until = "Mon, 05 Jan 2026 10:00:20 GMT";
        assert_eq!(wait("retry-after", until), Some(Duration::from_secs(20)));
        assert_eq!(wait("retry-after", "Mon, 05 Jan 2026 09:00:00 GMT"), Some(Duration::ZERO), "long past");
        assert_eq!(wait("retry-after", "soon"), None);
    }
}
