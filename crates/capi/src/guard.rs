//! What every call goes through: no panic crosses, nothing is printed, one thread at a time, no re-entry.

use crate::{cast, error::Error};
use fhir_ehr::{Code, Error as CoreError, Result};
use std::{
    cell::Cell,
    panic::{self, AssertUnwindSafe},
    sync::{Condvar, Mutex, MutexGuard, Once, PoisonError, TryLockError},
};

/// 0: done, else the number of the error's code.
pub type Status = i32;

thread_local! {
    /// How many guards this thread is in. It has no destructor: dlclose must be able to unload us.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// A panic inside a guard prints nothing: its message may hold a patient's data, and stderr is a log.
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

/// How many guards this thread is in: 0 between calls, unless somebody jumped over our frames.
#[cfg(feature = "test-hooks")]
pub(crate) fn depth() -> usize {
    DEPTH.get()
}

fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    silence_own_panics();
    DEPTH.set(DEPTH.get() + 1);
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    let done = done.map_err(|payload| {
        // Its destructor may panic once more.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(payload)));
    });
    DEPTH.set(DEPTH.get() - 1);
    done.ok()
}

/// Runs a call and turns what it says into a status and, if the caller wants it, an error object.
///
/// # Safety
/// `error` is NULL or may be written.
pub(crate) unsafe fn call(error: *mut *mut Error, work: impl FnOnce() -> Result<()>) -> Status {
    let failed = match caught(work) {
        Some(Ok(())) => return 0,
        Some(Err(failed)) => failed,
        None => CoreError::new(Code::Internal).detail("a panic was caught; free the handle"),
    };
    let status = i32::try_from(failed.code().number()).unwrap_or(i32::MAX);
    // SAFETY: the caller's promise.
    if let Ok(place) = unsafe { cast::Out::new(error, "error") } {
        let _ = caught(|| place.give(Error::new(&failed)));
    }
    status
}

/// Runs what cannot fail and has no way to say so.
pub(crate) fn quietly(work: impl FnOnce()) {
    let _ = caught(work);
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Owner {
    pid: u32,
    thread: usize,
}

impl Owner {
    fn this() -> Self {
        // The address of a thread-local names the thread, without asking the system.
        let thread = DEPTH.with(|depth| std::ptr::from_ref(depth).addr());
        Owner { pid: std::process::id(), thread }
    }
}

#[derive(Default)]
struct Entry {
    owner: Option<Owner>,
    doomed: bool,
}

/// What a handle guards: one call at a time, and nothing after a panic.
pub(crate) struct Gate<T> {
    entry: Mutex<Entry>,
    left: Condvar,
    guarded: Mutex<T>,
}

/// What is to be done after a call.
#[derive(PartialEq, Eq)]
pub(crate) enum After {
    /// Nothing.
    Stay,
    /// The handle was freed by a hook of the call: free it now.
    Free,
}

impl<T> Gate<T> {
    pub(crate) fn new(guarded: T) -> Self {
        Gate { entry: Mutex::default(), left: Condvar::new(), guarded: Mutex::new(guarded) }
    }

    fn entry(&self) -> MutexGuard<'_, Entry> {
        self.entry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while another thread is inside; a hook of the call under way is told that it is busy.
    fn enter(&self) -> Result<()> {
        let this = Owner::this();
        let mut entry = self.entry();
        loop {
            match entry.owner {
                Some(owner) if owner == this => return Err(CoreError::new(Code::Busy)),
                // In a child of the owner's process nobody will ever leave: it is decided below.
                Some(owner) if owner.pid == this.pid => {
                    entry = self.left.wait(entry).unwrap_or_else(PoisonError::into_inner);
                }
                _ => break,
            }
        }
        entry.owner = Some(this);
        Ok(())
    }

    fn leave(&self) -> After {
        let mut entry = self.entry();
        entry.owner = None;
        self.left.notify_one();
        if entry.doomed { After::Free } else { After::Stay }
    }

    /// Does some work inside, and says whether the handle must be freed after it.
    pub(crate) fn pass<R>(&self, work: impl FnOnce(&mut T) -> Result<R>) -> (Result<R>, After) {
        if let Err(busy) = self.enter() {
            return (Err(busy), After::Stay);
        }
        let poisoned = || {
            let detail = "an earlier call on this handle ended in a panic";
            CoreError::new(Code::Internal).detail(detail).hint("free the handle and make a new one")
        };
        let done = caught(|| match self.guarded.try_lock() {
            Ok(mut guarded) => work(&mut guarded),
            Err(TryLockError::Poisoned(_)) => Err(poisoned()),
            // A thread of the parent was inside when this process was forked off.
            Err(TryLockError::WouldBlock) => Err(CoreError::new(Code::Busy)),
        });
        let done = done.unwrap_or_else(|| {
            Err(CoreError::new(Code::Internal).detail("a panic was caught; free the handle"))
        });
        (done, self.leave())
    }

    /// Whether the handle may be freed now; if a call on this very thread is under way, it is freed when
    /// that ends.
    pub(crate) fn may_free(&self) -> bool {
        let this = Owner::this();
        let mut entry = self.entry();
        loop {
            match entry.owner {
                Some(owner) if owner == this => {
                    entry.doomed = true;
                    return false;
                }
                Some(owner) if owner.pid == this.pid => {
                    entry = self.left.wait(entry).unwrap_or_else(PoisonError::into_inner);
                }
                _ => return true,
            }
        }
    }
}
