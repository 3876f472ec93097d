//! The lease under which one process alone requests the tokens of a grant, among all processes and machines that share a store.
//!
//! A lease is short, so that a killed process blocks the others only briefly. A live process renews its lease while it waits for
//! the token endpoint. The time of a lease counts from before the call to the store, by this machine's monotonic clock.

use crate::{
    config::Limits,
    error::{Code, Error, Result},
    secret,
    store::{Lease, Store, sealed_store::SealedStore},
};
use std::{
    thread,
    time::{Duration, Instant},
};

/// How often a waiting process checks whether another process has finished, and how often an unavailable store is tried again.
pub(super) const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// A lease of this process. Dropping the guard releases the lease; if that fails, the lease expires.
pub(super) struct LeaseGuard<'a> {
    store: &'a dyn Store,
    lease: Lease,
    /// The time before the call to the store.
    requested_at: Instant,
    seconds: i64,
}

/// How a wait for a lease ended.
pub(super) enum LeaseWait<'a, T> {
    /// This process has the lease.
    Acquired(LeaseGuard<'a>),
    /// Another process has done the work in the meantime; this is its result.
    AlreadyDone(T),
}

/// Waits for a lease, or until another process has done the work.
///
/// `find_result` looks for the result of another process. It is called at least once, also after the lease was taken: another
/// process may have finished just before. Its argument says whether this process has the lease.
///
/// # Errors
/// [`Code::RefreshBusy`] when another process still has the lease after half of a lease's time, or after
/// `request_seconds` when that is less; the store's; those of `find_result`.
pub(super) fn wait<'a, T>(
    records: &SealedStore<'a>,
    limits: &Limits,
    name: &str,
    mut find_result: impl FnMut(bool) -> Result<Option<T>>,
) -> Result<LeaseWait<'a, T>> {
    let holder = secret::random_text()?;
    let longest_wait = longest_wait(limits);
    let started = Instant::now();
    loop {
        let guard = LeaseGuard::acquire(records.store, name, &holder, limits.refresh_lease_seconds)?;
        if let Some(result) = find_result(guard.is_some())? {
            return Ok(LeaseWait::AlreadyDone(result));
        }
        if let Some(guard) = guard {
            return Ok(LeaseWait::Acquired(guard));
        }
        if started.elapsed() >= longest_wait {
            return Err(busy(limits));
        }
        thread::sleep(POLL_INTERVAL);
    }
}

fn longest_wait(limits: &Limits) -> Duration {
    let half = Duration::from_secs(limits.refresh_lease_seconds.unsigned_abs()) / 2;
    half.min(Duration::from_secs(limits.request_seconds))
}

/// The error of a process that did not get the lease. After the time of one lease, a killed process has lost it.
pub(super) fn busy(limits: &Limits) -> Error {
    let seconds = limits.refresh_lease_seconds.unsigned_abs();
    Error::new(Code::RefreshBusy)
        .hint(format!("Retry in {seconds} seconds."))
        .after(Some(Duration::from_secs(seconds)))
}

impl<'a> LeaseGuard<'a> {
    fn acquire(store: &'a dyn Store, name: &str, holder: &str, seconds: i64) -> Result<Option<Self>> {
        let requested_at = Instant::now();
        let lease = store.acquire_lease(name, holder, seconds)?;
        Ok(lease.map(|lease| LeaseGuard { store, lease, requested_at, seconds }))
    }

    /// The fence: a number that grows each time the lease is taken.
    pub(super) fn fence(&self) -> i64 {
        self.lease.fence
    }

    /// The time until the lease expires.
    pub(super) fn left(&self) -> Duration {
        self.length().saturating_sub(self.requested_at.elapsed())
    }

    /// One second less than the lease that the store granted: a store that counts whole seconds may have started at the end of
    /// a second.
    fn length(&self) -> Duration {
        Duration::from_secs(self.seconds.unsigned_abs()).saturating_sub(Duration::from_secs(1))
    }

    /// How long the process may wait for the network before it calls this again; `None` when the lease has expired. The lease
    /// is renewed each time a third of it has passed.
    pub(super) fn next_wait(&mut self) -> Option<Duration> {
        let third = self.length() / 3;
        if self.left() <= third * 2 {
            self.renew();
        }
        let left = self.left();
        (!left.is_zero()).then(|| third.min(left))
    }

    /// An unavailable store is not an error yet: it may be available at the next attempt.
    fn renew(&mut self) {
        let requested_at = Instant::now();
        match self.store.acquire_lease(&self.lease.name, &self.lease.holder, self.seconds) {
            Ok(Some(lease)) if lease.fence > self.lease.fence => {
                self.lease = lease;
                self.requested_at = requested_at;
            }
            // Another process has the lease, so this one has expired.
            Ok(None) => self.seconds = 0,
            Ok(Some(_)) | Err(_) => {}
        }
    }
}

impl Drop for LeaseGuard<'_> {
    fn drop(&mut self) {
        let _ = self.store.release_lease(&self.lease);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_processes_wait_for_half_a_lease_or_for_the_time_of_one_request() {
        let limits = |refresh_lease_seconds, request_seconds| Limits {
            refresh_lease_seconds,
            request_seconds,
            ..Limits::default()
        };
        assert_eq!(longest_wait(&Limits::default()), Duration::from_secs(5));
        assert_eq!(longest_wait(&limits(3, 30)), Duration::from_millis(1500));
        assert_eq!(longest_wait(&limits(600, 30)), Duration::from_secs(30));
    }

    #[test]
    fn a_process_without_the_lease_gets_the_seconds_after_which_to_retry() {
        let error = busy(&Limits::default());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(10)));
        assert_eq!(error.hint_text(), Some("Retry in 10 seconds."));
    }
}
