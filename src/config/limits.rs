//! The limits of time and size in the configuration. A table of docs/defaults.md is generated from this file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Limits of time and size. A table of docs/defaults.md is generated from these sentences.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Maximum seconds for the TCP and TLS handshakes of one connection.
    pub connect_seconds: u64,
    /// Maximum seconds for one request, from sending it to the last byte of the answer.
    pub request_seconds: u64,
    /// Maximum seconds for each discovery document, including retries.
    pub discovery_seconds: u64,
    /// Maximum seconds for a whole pull. Time in hooks does not count.
    pub pull_seconds: u64,
    /// Maximum bytes of one answer, after decompression.
    pub response_bytes: usize,
    /// Maximum bytes of all answers of one pull.
    pub pull_bytes: usize,
    /// Maximum pages of one search.
    pub pages: usize,
    /// Maximum rows of one pull.
    pub rows: usize,
    /// Maximum number of requests that one pull sends at the same time.
    pub concurrency: usize,
    /// How many times a GET request is retried after a temporary failure.
    pub retries: u32,
    /// Longest wait before a retry, in seconds. If `Retry-After` asks for more, the request is not retried.
    pub retry_wait_seconds: u64,
    /// Seconds in which the browser must return from the EHR.
    pub launch_seconds: i64,
    /// Seconds from a launch until its view ends, if the EHR issued a refresh token. Without one, the view ends with the access
    /// token.
    pub view_seconds: i64,
    /// Seconds in which an application must redeem a handoff.
    pub handoff_seconds: i64,
    /// Days for which a launch is remembered.
    pub launch_log_days: i64,
    /// Days until a pending row expires, counted from its last change.
    pub staged_days: i64,
    /// Seconds for which a token request blocks other requests for the same sign-in after its process was killed. A live
    /// process renews its lease, so a slow token endpoint may take longer.
    pub refresh_lease_seconds: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect_seconds: 5,
            request_seconds: 30,
            discovery_seconds: 15,
            pull_seconds: 120,
            response_bytes: 32 * 1024 * 1024,
            pull_bytes: 512 * 1024 * 1024,
            pages: 200,
            rows: 50_000,
            concurrency: 4,
            retries: 2,
            retry_wait_seconds: 10,
            launch_seconds: 600,
            view_seconds: 3600,
            handoff_seconds: 60,
            launch_log_days: 30,
            staged_days: 90,
            refresh_lease_seconds: 10,
        }
    }
}

impl Limits {
    /// Lowers `connect_seconds`, `request_seconds`, `discovery_seconds` and `pull_seconds` to at most `max_seconds`, and `response_bytes` to at
    /// most `max_bytes`. 0 means no cap. A limit that is lower already stays as it is.
    pub fn cap(&mut self, max_seconds: u64, max_bytes: u64) {
        if max_seconds > 0 {
            let limits = [
                &mut self.connect_seconds,
                &mut self.request_seconds,
                &mut self.discovery_seconds,
                &mut self.pull_seconds,
            ];
            for seconds in limits {
                *seconds = max_seconds.min(*seconds);
            }
        }
        if max_bytes > 0 {
            let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
            self.response_bytes = max_bytes.min(self.response_bytes);
        }
    }

    /// Checks that each limit is in its allowed range. The error says which one is not.
    pub(super) fn check(&self) -> std::result::Result<(), String> {
        const DAY_SECONDS: u64 = 86_400;
        // A store counts whole seconds, so a lease may lose up to one second at its start. The holder needs the rest to
        // renew it in time.
        const MIN_LEASE_SECONDS: u64 = 3;
        let whole = |number: i64| u64::try_from(number).unwrap_or(0);
        let times = [
            ("connect_seconds", self.connect_seconds, 1, DAY_SECONDS),
            ("request_seconds", self.request_seconds, 1, DAY_SECONDS),
            ("discovery_seconds", self.discovery_seconds, 1, DAY_SECONDS),
            ("pull_seconds", self.pull_seconds, 1, DAY_SECONDS),
            ("retry_wait_seconds", self.retry_wait_seconds, 0, DAY_SECONDS),
            ("retries", self.retries.into(), 0, 20),
            ("concurrency", self.concurrency as u64, 1, 64),
            ("response_bytes", self.response_bytes as u64, 1024, u64::MAX),
            ("pull_bytes", self.pull_bytes as u64, 1024, u64::MAX),
            ("pages", self.pages as u64, 1, u64::MAX),
            ("rows", self.rows as u64, 1, u64::MAX),
            ("launch_seconds", whole(self.launch_seconds), 10, DAY_SECONDS),
            ("view_seconds", whole(self.view_seconds), 60, DAY_SECONDS),
            ("handoff_seconds", whole(self.handoff_seconds), 10, 600),
            ("launch_log_days", whole(self.launch_log_days), 1, 3_650),
            ("staged_days", whole(self.staged_days), 1, 36_500),
            ("refresh_lease_seconds", whole(self.refresh_lease_seconds), MIN_LEASE_SECONDS, DAY_SECONDS),
        ];
        for (name, value, min, max) in times {
            if !(min..=max).contains(&value) {
                return Err(format!("limits.{name} must be from {min} to {max}"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_lowers_limits_and_never_raises_one() {
        let capped = |seconds, bytes| {
            let mut limits =
                Limits { connect_seconds: 5, request_seconds: 30, pull_seconds: 120, ..Limits::default() };
            limits.response_bytes = 1000;
            limits.cap(seconds, bytes);
            (limits.connect_seconds, limits.request_seconds, limits.pull_seconds, limits.response_bytes)
        };
        assert_eq!(capped(0, 0), (5, 30, 120, 1000));
        assert_eq!(capped(10, 0), (5, 10, 10, 1000));
        assert_eq!(capped(1, 999), (1, 1, 1, 999));
        assert_eq!(capped(u64::MAX, u64::MAX), (5, 30, 120, 1000));
    }

    #[test]
    fn a_limit_outside_its_range_is_an_error() {
        assert!(Limits::default().check().is_ok());
        // A token request may take longer than its lease, because the lease is renewed.
        let short = Limits { refresh_lease_seconds: 3, request_seconds: 600, ..Limits::default() };
        assert!(short.check().is_ok());
        for limits in [
            Limits { retries: u32::MAX, ..Limits::default() },
            Limits { launch_seconds: i64::MAX, ..Limits::default() },
            Limits { staged_days: 0, ..Limits::default() },
            Limits { refresh_lease_seconds: 2, ..Limits::default() },
            Limits { refresh_lease_seconds: -1, ..Limits::default() },
        ] {
            assert!(limits.check().unwrap_err().starts_with("limits."), "{limits:?}");
        }
    }
}
