//! The clock of the host and the time zones of sites. Code below the client never reads the system clock itself.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// Seconds since 1970-01-01T00:00:00Z.
pub type UnixSeconds = i64;

/// The clock hook of a host.
pub trait Clock: Send + Sync {
    /// The current time in seconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> UnixSeconds;
}

/// The clock of the operating system.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixSeconds {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }
}

/// The time zone with an IANA name such as `America/New_York`, or `None` for any other text. The time zone data are compiled
/// in.
pub(crate) fn time_zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// A clock that changes only when it is moved, so that tests of expiry do not wait.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: UnixSeconds) -> Self {
        ManualClock(AtomicI64::new(now))
    }

    /// Adds seconds to the time. A negative number moves the clock back.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixSeconds {
        self.0.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_zone_is_found_by_its_iana_name_only() {
        for name in ["America/New_York", "UTC", "Europe/Berlin", "Asia/Kolkata"] {
            assert!(time_zone(name).is_some(), "{name}");
        }
        for name in ["", "New York", "America/NewYork", "+02:00", "EDT", "../etc/passwd"] {
            assert!(time_zone(name).is_none(), "{name}");
        }
    }
}
