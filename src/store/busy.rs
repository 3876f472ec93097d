//! How a connection to the embedded store waits for another process's write.
//!
//! SQLite keeps no queue: whoever looks first after a write ends is next. Its own handler soon looks only every 100 ms, so
//! among many writers one that has just written is next again, and another one waits until its time is over. Here every
//! waiting process looks about every 10 ms, at random moments: all have the same chance.

use std::{
    cell::Cell,
    thread::sleep,
    time::{Duration, Instant},
};

/// How long a write waits for other processes' writes.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// The longest pause between two looks.
const PAUSE: Duration = Duration::from_millis(20);

thread_local! {
    /// When the present wait began; SQLite's callback has only a number.
    static BEGAN: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// SQLite's busy handler: `looks` is how often this wait has looked before. False ends the wait.
pub(super) fn wait(looks: i32) -> bool {
    let now = Instant::now();
    if looks == 0 {
        BEGAN.set(Some(now));
    }
    let pause = pause(looks, jitter());
    let may_wait = BEGAN.get().is_none_or(|began| now.duration_since(began) + pause <= LONGEST);
    if may_wait {
        sleep(pause);
    }
    may_wait
}

/// Short at first, since most writes take a few milliseconds. `part` is between 0 and 1.
fn pause(looks: i32, part: f64) -> Duration {
    let most = PAUSE.min(Duration::from_millis(2) * (1 + looks.unsigned_abs().min(100)));
    most.mul_f64(0.1 + 0.9 * part)
}

/// A number from 0 to 1 that differs between processes and moments.
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
        for looks in [10, 1_000, i32::MAX] {
            assert_eq!(pause(looks, 1.0), PAUSE);
            assert!(pause(looks, 0.0) >= PAUSE / 10);
        }
        assert!(pause(0, 0.0) > Duration::ZERO);
    }

    #[test]
    fn a_wait_ends_after_its_longest_time() {
        assert!(wait(0));
        assert!(wait(1));
        BEGAN.set(Instant::now().checked_sub(LONGEST));
        assert!(!wait(2));
        assert!(wait(0), "the next wait has its own time");
    }
}
