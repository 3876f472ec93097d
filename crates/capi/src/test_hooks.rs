//! Exports of the test build only: the installed library has none of them.

use crate::{
    cast,
    error::Error,
    guard::{self, CallLock},
    handle::{self, Boxed, Handle, OUTSTANDING},
    panic,
    status::Status,
};
use libc::c_char;
use std::sync::atomic::{AtomicBool, Ordering};

/// A handle whose call panics.
pub struct PanicHandle(CallLock<()>);

impl Handle for PanicHandle {
    type Ownership = Boxed;
}

static IS_FREED: AtomicBool = AtomicBool::new(false);

/// A handle for [`fhir_ehr_test_panic`].
#[unsafe(no_mangle)]
pub extern "C" fn fhir_ehr_test_new() -> *mut PanicHandle {
    handle::into_boxed_ptr(PanicHandle(CallLock::new(())))
}

/// Panics with the marker, as a bug in this library would.
///
/// # Safety
/// As every export.
#[unsafe(no_mangle)]
#[allow(clippy::panic, reason = "the purpose of this function")]
pub unsafe extern "C" fn fhir_ehr_test_panic(
    handle: *mut PanicHandle,
    marker: *const c_char,
    marker_length: usize,
    error: *mut *mut Error,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (handle, marker) =
            unsafe { (cast::borrow(handle, "handle")?, cast::text(marker, marker_length, "marker")?) };
        handle.0.run(|()| -> fhir_ehr::Result<()> { panic!("{marker}") }).0
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

impl Drop for PanicHandle {
    fn drop(&mut self) {
        IS_FREED.store(true, Ordering::SeqCst);
    }
}

/// How many handles C holds now.
#[unsafe(no_mangle)]
pub extern "C" fn fhir_ehr_test_outstanding() -> i64 {
    OUTSTANDING.load(Ordering::SeqCst)
}

/// How many calls of the library this thread is inside of: 0 between calls, unless a longjmp skipped our frames.
#[unsafe(no_mangle)]
pub extern "C" fn fhir_ehr_test_depth() -> usize {
    panic::depth()
}

/// Frees the handle, and says whether its destructor ran.
///
/// # Safety
/// As every export.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_test_free(handle: *mut PanicHandle) -> i32 {
    // SAFETY: the caller owns the handle and does not use it again.
    unsafe { handle::free(handle) }
    i32::from(IS_FREED.load(Ordering::SeqCst))
}
