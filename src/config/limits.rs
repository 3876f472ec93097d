//! The limits of the configuration: time and size. docs/defaults.md is made from this file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bounds in time and size; docs/defaults.md is made from these.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Seconds for the TCP and TLS handshakes of one connection.
    pub connect_seconds: u64,
    /// Seconds for one request, from sending to the last byte of the answer.
    pub request_seconds: u64,
    /// Seconds for a whole pull; time spent in hooks does not count.
    pub pull_seconds: u64,
    /// Bytes of one answer after decompression.
    pub response_bytes: usize,
    /// Bytes of all answers of one pull.
    pub pull_bytes: usize,
    /// Pages of one search.
    pub pages: usize,
    /// Rows of one pull.
    pub rows: usize,
    /// Requests under way at once in one pull.
    pub concurrency: usize,
    /// How often a read that failed in a way that passes is sent again.
    pub retries: u32,
    /// The longest wait between two tries; a server that asks for more gets no further try now.
    pub retry_wait_seconds: u64,
    /// Seconds between sending the browser away and its return.
    pub launch_seconds: i64,
    /// Days that a staged row waits for adjudication.
    pub staged_days: i64,
    /// Seconds for which a token request keeps others from the same sign-in after its process was killed. A live process
    /// renews its lease, so that a slow token endpoint may take longer.
    pub refresh_lease_seconds: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect_seconds: 5,
            request_seconds: 30,
            pull_seconds: 120,
            response_bytes: 32 * 1024 * 1024,
            pull_bytes: 512 * 1024 * 1024,
            pages: 200,
            rows: 50_000,
            concurrency: 4,
            retries: 2,
            retry_wait_seconds: 10,
            launch_seconds: 600,
            staged_days: 90,
            refresh_lease_seconds: 10,
        }
    }
}

impl Limits {
    /// Whether each bound is one that can be kept.
    pub(super) fn check(&self) -> std::result::Result<(), String> {
        const DAY: u64 = 86_400;
        // A store counts whole seconds, so the first second of a lease may be over at once. Of what is left
        // the holder needs enough to renew the lease in time.
        const LEAST_LEASE: u64 = 3;
        let whole = |number: i64| u64::try_from(number).unwrap_or(0);
        let times = [
            ("connect_seconds", self.connect_seconds, 1, DAY),
            ("request_seconds", self.request_seconds, 1, DAY),
            ("pull_seconds", self.pull_seconds, 1, DAY),
            ("retry_wait_seconds", self.retry_wait_seconds, 0, DAY),
            ("retries", self.retries.into(), 0, 20),
            ("concurrency", self.concurrency as u64, 1, 64),
            ("response_bytes", self.response_bytes as u64, 1024, u64::MAX),
            ("pull_bytes", self.pull_bytes as u64, 1024, u64::MAX),
            ("pages", self.pages as u64, 1, u64::MAX),
            ("rows", self.rows as u64, 1, u64::MAX),
            ("launch_seconds", whole(self.launch_seconds), 10, DAY),
            ("staged_days", whole(self.staged_days), 1, 36_500),
            ("refresh_lease_seconds", whole(self.refresh_lease_seconds), LEAST_LEASE, DAY),
        ];
        for (name, value, least, most) in times {
            if !(least..=most).contains(&value) {
                return Err(format!("limits.{name} must be from {least} to {most}"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_that_cannot_be_kept_are_refused() {
        assert!(Limits::default().check().is_ok());
        // A token request may be longer than its lease: the lease is renewed meanwhile.
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
