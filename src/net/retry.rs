//! When a request is sent again, and after how long: a plain function over the answer.

use super::{Request, Response};
use crate::{
    config::Limits,
    error::{Code, Result},
    secret,
};
use std::time::{Duration, SystemTime};

/// What to do with an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// It is the caller's.
    Deliver,
    /// Ask again for the next media type (O20: an empty 406).
    NextAccept,
    /// Ask again after a wait.
    Again(Duration),
}

const FIRST_WAIT: Duration = Duration::from_millis(250);

pub(super) fn decide(
    request: &Request,
    answer: &Result<Response>,
    attempt: u32,
    limits: &Limits,
) -> Decision {
    if matches!(answer, Ok(response) if response.status == 406) && request.accept.len() > 1 {
        return Decision::NextAccept;
    }
    if attempt >= limits.retries || !passes(request, answer) {
        return Decision::Deliver;
    }
    let asked = answer.as_ref().ok().and_then(retry_after);
    let wait = asked.unwrap_or_else(|| jittered(FIRST_WAIT * 2u32.pow(attempt)));
    // Hours of Retry-After are a time to come back at, not to wait for.
    if wait > Duration::from_secs(limits.retry_wait_seconds) {
        Decision::Deliver
    } else {
        Decision::Again(wait)
    }
}

/// Whether the failure may pass by itself and sending again does no harm. A token request is sent again
/// only when the server cannot have used it: a refresh token may be good for one use (4H).
fn passes(request: &Request, answer: &Result<Response>) -> bool {
    match answer {
        Ok(response) => match response.status {
            429 | 503 => true,
            502 | 504 => request.is_read(),
            // O22: an OperationOutcome says why, and asking again will not mend it.
            500 => request.is_read() && !response.body.trim_ascii_start().starts_with(b"{"),
            _ => false,
        },
        Err(error) => match error.code() {
            Code::NetworkUnreachable => true,
            Code::NetworkInterrupted => request.is_read(),
            _ => false,
        },
    }
}

/// The wait the server asks for, in seconds or as a date (D19); a date in the past is no wait.
pub fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// Between half and the whole of a wait, so that many workers do not come back together.
fn jittered(wait: Duration) -> Duration {
    let [byte] = secret::random::<1>().unwrap_or([255]);
    wait.mul_f64(0.5 + f64::from(byte) / 510.0)
}
