//! Panics stop here: none crosses the C boundary, and none prints anything.

use crate::pin::pin_library;
use std::{
    cell::Cell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

thread_local! {
    /// How many calls of this library the thread is inside of. It has no destructor, because a thread-local with one
    /// would keep dlclose() from unloading the library.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// A panic message may contain a patient's data, and stderr is often a log file: panics inside this library print
/// nothing. Panics of the host's own Rust code still go to the hook that was there before.
fn silence_own_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if DEPTH.get() == 0 {
                before(info);
            }
        }));
    });
}

/// Runs `work`; `None` when it panicked.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Option<T> {
    pin_library();
    silence_own_panics();
    DEPTH.set(DEPTH.get() + 1);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let result = result.map_err(|payload| {
        // The payload's destructor may panic as well.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(payload)));
    });
    DEPTH.set(DEPTH.get() - 1);
    result.ok()
}

/// Drops a value. A panic of its destructor is ignored: `..._free` has no way to report it.
pub(crate) fn drop_quietly<T>(value: T) {
    let _ = catch(|| drop(value));
}

/// How many calls of this library the thread is inside of. 0 between calls, unless a longjmp skipped our frames.
#[cfg(feature = "test-hooks")]
pub(crate) fn depth() -> usize {
    DEPTH.get()
}

/// A number that identifies this thread while it lives. The address of a thread-local needs no system call.
pub(crate) fn thread_id() -> usize {
    DEPTH.with(|depth| std::ptr::from_ref(depth).addr())
}
