//! The right to ask for one holder's tokens alone, over all processes and machines that share a store.
//!
//! A lease is short, so that a process that was killed is not missed for long. A live holder renews it
//! between two slices of its wait for the token endpoint. All of its time is counted from before the store
//! was asked, by the clock of this machine that never goes back.

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

/// How often a process looks whether another one has finished, and tries again to store tokens.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A lease that is held. It is given back when it is dropped; if that fails, it ends by itself.
pub(super) struct HeldLease<'a> {
    store: &'a dyn Store,
    lease: Lease,
    /// Before the store was asked for it.
    asked_at: Instant,
    seconds: i64,
}

/// How a wait for a lease ended.
pub(super) enum Turn<'a, T> {
    /// The lease is held now.
    Held(HeldLease<'a>),
    /// Another process has done it meanwhile.
    Done(T),
}

/// Waits for a lease, or until another process has done what it is for.
///
/// `done` looks for the result. It is called at least once, and after the lease was taken: another process
/// may have finished just before.
///
/// # Errors
/// [`Code::RefreshBusy`] when another process still holds it after half of a lease, or after
/// `request_seconds` when that is less; the store's; those of `done`.
pub(super) fn wait<'a, T>(
    records: &SealedStore<'a>,
    limits: &Limits,
    name: &str,
    mut done: impl FnMut() -> Result<Option<T>>,
) -> Result<Turn<'a, T>> {
    let holder = secret::random_text()?;
    let patience = patience(limits);
    let began = Instant::now();
    loop {
        let held = HeldLease::take(records.store, name, &holder, limits.refresh_lease_seconds)?;
        if let Some(result) = done()? {
            return Ok(Turn::Done(result));
        }
        if let Some(held) = held {
            return Ok(Turn::Held(held));
        }
        if began.elapsed() >= patience {
            return Err(busy(limits));
        }
        thread::sleep(LOOK_AGAIN);
    }
}

fn patience(limits: &Limits) -> Duration {
    let half = Duration::from_secs(limits.refresh_lease_seconds.unsigned_abs()) / 2;
    half.min(Duration::from_secs(limits.request_seconds))
}

/// The error for a process that did not get its turn: by the end of one lease a killed holder is gone.
pub(super) fn busy(limits: &Limits) -> Error {
    let seconds = limits.refresh_lease_seconds.unsigned_abs();
    Error::new(Code::RefreshBusy)
        .hint(format!("Retry in {seconds} seconds."))
        .after(Some(Duration::from_secs(seconds)))
}

impl<'a> HeldLease<'a> {
    fn take(store: &'a dyn Store, name: &str, holder: &str, seconds: i64) -> Result<Option<Self>> {
        let asked_at = Instant::now();
        let lease = store.acquire_lease(name, holder, seconds)?;
        Ok(lease.map(|lease| HeldLease { store, lease, asked_at, seconds }))
    }

    /// The number that grows with each holder of this lease.
    pub(super) fn fence(&self) -> i64 {
        self.lease.fence
    }

    /// What is left of the lease.
    pub(super) fn left(&self) -> Duration {
        self.length().saturating_sub(self.asked_at.elapsed())
    }

    /// One second less than the store was asked for: a store that counts whole seconds may have begun with
    /// the end of one.
    fn length(&self) -> Duration {
        Duration::from_secs(self.seconds.unsigned_abs()).saturating_sub(Duration::from_secs(1))
    }

    /// How long the holder may wait for the network before it calls this again; `None` when the lease has
    /// ended. Each time a third of the lease is over, it is renewed.
    pub(super) fn slice(&mut self) -> Option<Duration> {
        let third = self.length() / 3;
        if self.left() <= third * 2 {
            self.renew();
        }
        let left = self.left();
        (!left.is_zero()).then(|| third.min(left))
    }

    /// A store that is gone may be back in time for the next try, so its error is not one yet.
    fn renew(&mut self) {
        let asked_at = Instant::now();
        match self.store.acquire_lease(&self.lease.name, &self.lease.holder, self.seconds) {
            Ok(Some(lease)) if lease.fence > self.lease.fence => {
                self.lease = lease;
                self.asked_at = asked_at;
            }
            // Another process holds it: it has ended.
            Ok(None) => self.seconds = 0,
            Ok(Some(_)) | Err(_) => {}
        }
    }
}

impl Drop for HeldLease<'_> {
    fn drop(&mut self) {
        let _ = self.store.release_lease(&self.lease);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_wait_for_half_a_lease_or_for_the_time_of_one_request() {
        let limits = |refresh_lease_seconds, request_seconds| Limits {
            refresh_lease_seconds,
            request_seconds,
            ..Limits::default()
        };
        assert_eq!(patience(&Limits::default()), Duration::from_secs(5));
        assert_eq!(patience(&limits(3, 30)), Duration::from_millis(1500));
        assert_eq!(patience(&limits(600, 30)), Duration::from_secs(30));
    }

    #[test]
    fn a_process_without_a_turn_gets_the_seconds_after_which_to_retry() {
        let error = busy(&Limits::default());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(10)));
        assert_eq!(error.hint_text(), Some("Retry in 10 seconds."));
    }
}
