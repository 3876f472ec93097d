//! What every call goes through: it catches panics, lets one thread at a time into a client, and refuses re-entry.

use crate::{
    cast::OutParam,
    error::Error,
    panic::{catch, thread_id},
    status::{Status, status_of},
};
use fhir_ehr::{Code, Error as CoreError, Result};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};

fn panicked() -> CoreError {
    CoreError::new(Code::Internal)
        .detail("the library panicked")
        .hint("Free the handle and create a new one. Please report the error.")
}

/// Runs a call. Its error becomes a status and, if the caller passes a place for it, an error object.
///
/// # Safety
/// `error` is NULL or may be written.
pub(crate) unsafe fn call(error: *mut *mut Error, work: impl FnOnce() -> Result<()>) -> Status {
    let failure = match catch(work) {
        Some(Ok(())) => return 0,
        Some(Err(failure)) => failure,
        None => panicked(),
    };
    // SAFETY: the caller's promise.
    if let Ok(place) = unsafe { OutParam::new(error, "error") } {
        let _ = catch(|| place.write_boxed(Error::new(&failure)));
    }
    status_of(failure.code())
}

/// A thread of a process.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Caller {
    pid: u32,
    thread: usize,
}

impl Caller {
    fn current() -> Self {
        Caller { pid: std::process::id(), thread: thread_id() }
    }
}

#[derive(Default)]
struct LockState {
    holder: Option<Caller>,
    /// A hook of the current call freed the handle.
    free_requested: bool,
}

/// Protects a handle: one call at a time, no call from a hook of the current call, and no call after a panic.
pub(crate) struct CallLock<T> {
    state: Mutex<LockState>,
    released: Condvar,
    value: Mutex<T>,
}

/// What happens to the handle when a call has ended.
#[derive(PartialEq, Eq)]
pub(crate) enum AfterCall {
    /// The handle stays.
    Keep,
    /// A hook of the call freed the handle, so it must be freed now.
    Free,
}

impl<T> CallLock<T> {
    pub(crate) fn new(value: T) -> Self {
        CallLock { state: Mutex::default(), released: Condvar::new(), value: Mutex::new(value) }
    }

    fn state(&self) -> MutexGuard<'_, LockState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while another thread of this process holds the lock. `None` when this very thread holds it.
    fn wait(&self) -> Option<MutexGuard<'_, LockState>> {
        let caller = Caller::current();
        let mut state = self.state();
        loop {
            match state.holder {
                Some(holder) if holder == caller => return None,
                Some(holder) if holder.pid == caller.pid => {
                    state = self.released.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                // Free, or held by a thread of the parent process, which will never release it here: `run` finds out
                // whether that thread was inside at the moment of the fork.
                _ => return Some(state),
            }
        }
    }

    fn acquire(&self) -> Result<()> {
        let mut state = self.wait().ok_or(Code::Busy)?;
        state.holder = Some(Caller::current());
        Ok(())
    }

    fn release(&self) -> AfterCall {
        let mut state = self.state();
        state.holder = None;
        self.released.notify_one();
        if state.free_requested { AfterCall::Free } else { AfterCall::Keep }
    }

    /// Runs `work` with the lock held.
    pub(crate) fn run<R>(&self, work: impl FnOnce(&mut T) -> Result<R>) -> (Result<R>, AfterCall) {
        if let Err(busy) = self.acquire() {
            return (Err(busy), AfterCall::Keep);
        }
        let poisoned = || {
            CoreError::new(Code::Internal)
                .detail("an earlier call on this handle panicked")
                .hint("Free the handle and create a new one.")
        };
        let result = catch(|| match self.value.try_lock() {
            Ok(mut value) => work(&mut value),
            Err(TryLockError::Poisoned(_)) => Err(poisoned()),
            // This process is a child, and a thread of the parent was inside at the moment of the fork.
            Err(TryLockError::WouldBlock) => Err(Code::Busy.into()),
        });
        (result.unwrap_or_else(|| Err(panicked())), self.release())
    }

    /// Waits for other threads, then says whether the handle may be freed now. When a hook of the current call asks,
    /// the answer is no, and the handle is freed when that call ends.
    pub(crate) fn request_free(&self) -> bool {
        if self.wait().is_some() {
            return true;
        }
        self.state().free_requested = true;
        false
    }
}
