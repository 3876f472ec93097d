//! Exports of the test build only: the installed library has none of them.

use crate::{
    cast,
    error::Error,
    guard::{self, Gate, Status},
};
use libc::c_char;
use std::sync::atomic::{AtomicBool, Ordering};

/// A handle that panics.
pub struct Panicky(Gate<()>);

static FREED: AtomicBool = AtomicBool::new(false);

/// A handle for [`fhir_ehr_test_panic`].
#[unsafe(no_mangle)]
pub extern "C" fn fhir_ehr_test_new() -> *mut Panicky {
    Box::into_raw(Box::new(Panicky(Gate::new(()))))
}

/// Panics with the marker, as a defect of ours would.
///
/// # Safety
/// As every export.
#[unsafe(no_mangle)]
#[allow(clippy::panic, reason = "that is what it is for")]
pub unsafe extern "C" fn fhir_ehr_test_panic(
    handle: *mut Panicky,
    marker: *const c_char,
    marker_length: usize,
    error: *mut *mut Error,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (handle, marker) =
            unsafe { (cast::lend(handle, "handle")?, cast::text(marker, marker_length, "marker")?) };
        handle.0.pass(|()| -> fhir_ehr::Result<()> { panic!("{marker}") }).0
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

impl Drop for Panicky {
    fn drop(&mut self) {
        FREED.store(true, Ordering::SeqCst);
    }
}

/// How many handles were given out and not taken back. A handle of [`fhir_ehr_test_new`] is not counted.
#[unsafe(no_mangle)]
pub extern "C" fn fhir_ehr_test_outstanding() -> i64 {
    cast::OUTSTANDING.load(Ordering::SeqCst)
}

/// How many of our calls this thread is in: 0 between calls, unless somebody jumped over our frames.
#[unsafe(no_mangle)]
pub extern "C" fn fhir_ehr_test_depth() -> usize {
    guard::depth()
}

/// Frees the handle, and says whether its destructor has run.
///
/// # Safety
/// As every export.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_test_free(handle: *mut Panicky) -> i32 {
    // SAFETY: the caller gives the handle back.
    drop(unsafe { Box::from_raw(handle) });
    i32::from(FREED.load(Ordering::SeqCst))
}
