//! The decision whether and when a request is retried: a plain function over its response.

use super::{Request, Response};
use crate::{
    config::Limits,
    error::{Code, Result},
    secret,
};
use std::time::{Duration, SystemTime};

/// What to do with the result of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Return the result to the caller.
    Return,
    /// Retry immediately with the next media type (O20: an empty 406).
    RetryWithNextAccept,
    /// Retry after this wait.
    RetryAfter(Duration),
}

/// The wait before the first retry, if the server does not ask for one. It doubles with each retry.
const FIRST_WAIT: Duration = Duration::from_millis(250);

pub(super) fn decide(
    request: &Request,
    answer: &Result<Response>,
    attempt: u32,
    limits: &Limits,
) -> Decision {
    if matches!(answer, Ok(response) if response.status == 406) && request.accept.len() > 1 {
        return Decision::RetryWithNextAccept;
    }
    if attempt >= limits.retries || !is_temporary(request, answer) {
        return Decision::Return;
    }
    let asked = answer.as_ref().ok().and_then(retry_after);
    let wait = asked.unwrap_or_else(|| add_jitter(FIRST_WAIT * 2u32.pow(attempt)));
    // A server may ask for hours. The caller gets the response then, with the time in its Retry-After header.
    if wait > Duration::from_secs(limits.retry_wait_seconds) {
        Decision::Return
    } else {
        Decision::RetryAfter(wait)
    }
}

/// Whether the failure is temporary and a retry does no harm. A token request is retried only if the server cannot have used
/// it, because a refresh token may be valid for one use (4H).
fn is_temporary(request: &Request, answer: &Result<Response>) -> bool {
    match answer {
        Ok(response) => match response.status {
            429 | 503 => true,
            502 | 504 => request.is_get(),
            // A 500 with an OperationOutcome (JSON) is a permanent failure (O22).
            500 => request.is_get() && !response.body.trim_ascii_start().starts_with(b"{"),
            _ => false,
        },
        Err(error) => match error.code() {
            Code::NetworkUnreachable => true,
            Code::NetworkInterrupted => request.is_get(),
            _ => false,
        },
    }
}

/// The wait that the server asks for in `Retry-After`, as seconds or as a date (D19). For a date in the past, it is zero.
pub fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// A random wait from half of `wait` to `wait`, so that many workers do not retry at the same moment.
fn add_jitter(wait: Duration) -> Duration {
    let [byte] = secret::random::<1>().unwrap_or([255]);
    wait.mul_f64(0.5 + f64::from(byte) / 510.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(text: &str) -> Option<Duration> {
        retry_after(&Response::for_test(503, "").with_header("retry-after", text))
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        let second = Duration::from_secs(1);
        for (text, expected) in [
            ("120", Some(120 * second)),
            (" 7 ", Some(7 * second)),
            ("0", Some(Duration::ZERO)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(Duration::ZERO)),
            // Neither a number of seconds nor a date: no wait is derived from it (D19).
            ("-5", None),
            ("1.5", None),
            ("NaN", None),
            ("", None),
            ("soon", None),
            ("99999999999999999999999", None),
            ("Wed, 99 Oct 2015 07:28:00 GMT", None),
        ] {
            assert_eq!(wait(text), expected, "{text}");
        }
        let date = |from_now: Duration| httpdate::fmt_http_date(SystemTime::now() + from_now);
        let hour = wait(&date(3600 * second)).expect("a date");
        assert!((3590 * second..=3600 * second).contains(&hour), "{hour:?}");
        let zones = wait("Wednesday, 21-Oct-15 07:28:00 GMT");
        assert_eq!(zones, Some(Duration::ZERO), "the older form of a date");
        assert_eq!(retry_after(&Response::for_test(503, "")), None);
    }

    /// How a GET request whose first answer has this status and body is continued.
    fn after(status: u16, body: &str) -> Decision {
        let request = Request::get(
            url::Url::parse("https://ehr.example/fhir/Condition").expect("a URL"),
            vec!["application/json".to_owned()],
        );
        decide(&request, &Ok(Response::for_test(status, body)), 0, &Limits::default())
    }

    #[test]
    fn only_an_error_that_may_pass_is_repeated() {
        // O22: one resource without a required element breaks the search each time. O31: 500 and 504 come for both.
        let fatal =
            r#" {"resourceType": "OperationOutcome", "issue": [{"severity": "fatal", "code": "required"}]}"#;
        for (status, body) in
            [(500, fatal), (200, ""), (400, ""), (401, ""), (403, ""), (404, ""), (406, ""), (422, "")]
        {
            assert_eq!(after(status, body), Decision::Return, "{status}");
        }
        for (status, body) in [(500, "<html>"), (500, ""), (502, fatal), (503, fatal), (504, ""), (429, "")] {
            assert!(matches!(after(status, body), Decision::RetryAfter(_)), "{status} {body}");
        }
    }
}
