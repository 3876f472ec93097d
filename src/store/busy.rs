//! The busy handler of the embedded store: it waits for another process's write.
//!
//! SQLite has no queue: the first process that tries after a write ends is next. SQLite's own handler soon tries only every
//! 100 ms, so with many writers the last writer is often next again, and others time out. With this handler, every waiting
//! process tries about every 10 ms at random moments, so all have the same chance.

use std::{
    cell::Cell,
    thread::sleep,
    time::{Duration, Instant},
};

/// Maximum time that a write waits for other processes' writes.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(60);

/// Maximum pause between two attempts.
const MAX_PAUSE: Duration = Duration::from_millis(20);

thread_local! {
    /// When the current wait began. SQLite passes only the number of attempts to its handler.
    static WAIT_START: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The busy handler. `attempts` is the number of attempts in this wait, from 0. If it returns false, the wait ends.
pub(super) fn wait(attempts: i32) -> bool {
    let now = Instant::now();
    if attempts == 0 {
        WAIT_START.set(Some(now));
    }
    let pause = pause(attempts, jitter());
    let may_wait = WAIT_START.get().is_none_or(|began| now.duration_since(began) + pause <= MAX_WAIT);
    if may_wait {
        sleep(pause);
    }
    may_wait
}

/// The next pause. It is short at first, because most writes take a few milliseconds. `part` is a random number from 0 to 1.
fn pause(attempts: i32, part: f64) -> Duration {
    let longest = MAX_PAUSE.min(Duration::from_millis(2) * (1 + attempts.unsigned_abs().min(100)));
    longest.mul_f64(0.1 + 0.9 * part)
}

/// A random number from 0 to 1.
fn jitter() -> f64 {
    crate::secret::random::<1>().map_or(0.5, |[byte]| f64::from(byte) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_limit_and_are_never_zero() {
        assert_eq!(pause(0, 1.0), Duration::from_millis(2));
        assert_eq!(pause(4, 1.0), Duration::from_millis(10));
        for attempts in [10, 1_000, i32::MAX] {
            assert_eq!(pause(attempts, 1.0), MAX_PAUSE);
            assert!(pause(attempts, 0.0) >= MAX_PAUSE / 10);
        }
        assert!(pause(0, 0.0) > Duration::ZERO);
    }

    #[test]
    fn a_wait_ends_after_its_maximum_time() {
        assert!(wait(0));
        assert!(wait(1));
        WAIT_START.set(Instant::now().checked_sub(MAX_WAIT));
        assert!(!wait(2));
        assert!(wait(0), "the next wait has its own time");
    }
}
