//! Handles: the pointers that C holds, and who owns what they point to.

use crate::panic;
use std::sync::Arc;

/// How many handles C holds now, in the test build.
#[cfg(feature = "test-hooks")]
pub(crate) static OUTSTANDING: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);

#[cfg(feature = "test-hooks")]
fn count(change: i64) {
    OUTSTANDING.fetch_add(change, std::sync::atomic::Ordering::SeqCst);
}

#[cfg(not(feature = "test-hooks"))]
fn count(_change: i64) {}

/// A type that C holds as a pointer. Its ownership is part of the type: code that creates or frees a handle in the wrong
/// way does not compile.
///
/// [`into_boxed_ptr`] takes a type with [`Boxed`] ownership, [`into_shared_ptr`] one with [`Shared`] ownership:
///
/// ```
/// use fhir_ehr_capi::handle::{Boxed, Handle, Shared, free, into_boxed_ptr, into_shared_ptr};
/// use std::sync::Arc;
///
/// struct Rows;
/// impl Handle for Rows {
///     type Ownership = Boxed;
/// }
/// struct Core;
/// impl Handle for Core {
///     type Ownership = Shared;
/// }
/// let (rows, core) = (into_boxed_ptr(Rows), into_shared_ptr(Arc::new(Core)));
/// // SAFETY: both handles are live and are not used again.
/// unsafe {
///     free(rows);
///     free(core);
/// }
/// ```
///
/// The other way around does not compile. [`free`] needs no choice: the type says how to free it.
///
/// ```compile_fail,E0271
/// use fhir_ehr_capi::handle::{Handle, Shared, into_boxed_ptr};
///
/// struct Core;
/// impl Handle for Core {
///     type Ownership = Shared;
/// }
/// let core = into_boxed_ptr(Core); // C may get this core many times: only an Arc can count that
/// ```
///
/// A type that is no handle at all cannot be freed:
///
/// ```compile_fail,E0277
/// let text = Box::into_raw(Box::new(String::new()));
/// // SAFETY: the pointer is live.
/// unsafe { fhir_ehr_capi::handle::free(text) }
/// ```
pub trait Handle: Sized {
    /// [`Boxed`] or [`Shared`].
    type Ownership: Ownership<Self>;
}

/// How a handle is owned.
pub trait Ownership<T> {
    /// Takes the handle back from C and drops it.
    ///
    /// # Safety
    /// `handle` is live, was created with this ownership, and is not used again.
    unsafe fn free(handle: *mut T);
}

/// C holds the only pointer: a `Box`.
pub enum Boxed {}

/// C may hold the same pointer several times, each with a `..._free` of its own: an `Arc`.
pub enum Shared {}

impl<T> Ownership<T> for Boxed {
    unsafe fn free(handle: *mut T) {
        // SAFETY: guaranteed by the caller; `into_boxed_ptr` made it from a Box.
        panic::drop_quietly(unsafe { Box::from_raw(handle) });
    }
}

impl<T> Ownership<T> for Shared {
    unsafe fn free(handle: *mut T) {
        // SAFETY: guaranteed by the caller; `into_shared_ptr` made it from an Arc.
        panic::drop_quietly(unsafe { Arc::from_raw(handle.cast_const()) });
    }
}

/// Gives the only pointer to `value` to C.
pub fn into_boxed_ptr<T: Handle<Ownership = Boxed>>(value: T) -> *mut T {
    count(1);
    Box::into_raw(Box::new(value))
}

/// Gives one more pointer to `value` to C.
pub fn into_shared_ptr<T: Handle<Ownership = Shared>>(value: Arc<T>) -> *mut T {
    count(1);
    Arc::into_raw(value).cast_mut()
}

/// Frees a handle as its ownership requires. Does nothing for NULL.
///
/// # Safety
/// `handle` is NULL or live, and is not used again.
pub unsafe fn free<T: Handle>(handle: *mut T) {
    if !handle.is_null() {
        count(-1);
        // SAFETY: not NULL, and guaranteed by the caller; its type says how it was created.
        unsafe { T::Ownership::free(handle) }
    }
}
