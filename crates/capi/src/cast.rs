//! Reads the parameters that C passes, and writes results to its out-parameters.

use crate::handle::{self, Boxed, Handle, Shared};
use fhir_ehr::{Code, Error as CoreError, Result};
use libc::{c_char, c_void};
use std::{slice, sync::Arc};

/// The error for a parameter or document that the caller must correct.
pub(crate) fn invalid(what: impl Into<String>) -> CoreError {
    CoreError::new(Code::RequestInvalid).detail(what)
}

/// A text parameter. NULL with length 0 is the empty text.
///
/// # Safety
/// `data` is NULL or points to `length` bytes that stay as they are for `'a`.
pub(crate) unsafe fn text<'a>(data: *const c_char, length: usize, name: &str) -> Result<&'a str> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { bytes(data.cast(), length, name)? };
    std::str::from_utf8(bytes).map_err(|_| invalid(format!("{name} is not UTF-8")))
}

/// A text parameter that may be absent: NULL with length 0.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn text_or_none<'a>(
    data: *const c_char,
    length: usize,
    name: &str,
) -> Result<Option<&'a str>> {
    if data.is_null() && length == 0 {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { text(data, length, name) }.map(Some)
}

/// A parameter of bytes. NULL with length 0 is no bytes.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn bytes<'a>(data: *const u8, length: usize, name: &str) -> Result<&'a [u8]> {
    if length == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(invalid(format!("{name} is NULL with a length")));
    }
    if isize::try_from(length).is_err() {
        return Err(invalid(format!("{name} is longer than the address space")));
    }
    // SAFETY: not NULL, not longer than isize::MAX, and the caller's promise for the rest.
    Ok(unsafe { slice::from_raw_parts(data, length) })
}

/// A handle parameter.
///
/// # Safety
/// `handle` is NULL or a live handle for `'a`.
pub(crate) unsafe fn borrow<'a, T: Handle>(handle: *const T, name: &str) -> Result<&'a T> {
    if !handle.is_null() && !handle.is_aligned() {
        return Err(invalid(format!("{name} is not a handle")));
    }
    // SAFETY: NULL gives None, and the caller's promise for the rest.
    unsafe { handle.as_ref() }.ok_or_else(|| invalid(format!("{name} is NULL")))
}

/// A handle parameter of an accessor that cannot fail: NULL gives `absent`.
///
/// # Safety
/// As [`borrow`].
pub(crate) unsafe fn borrow_or<T: Handle, R>(handle: *const T, absent: R, read: impl FnOnce(&T) -> R) -> R {
    // SAFETY: the caller's promise.
    unsafe { handle.as_ref() }.map_or(absent, read)
}

/// The sink that a hook writes into. It is no handle: C never owns it.
///
/// # Safety
/// As [`borrow`], and no other reference to it exists.
pub(crate) unsafe fn borrow_mut<'a, T>(handle: *mut T, name: &str) -> Result<&'a mut T> {
    // SAFETY: NULL gives None, and the caller's promise for the rest.
    unsafe { handle.as_mut() }.ok_or_else(|| invalid(format!("{name} is NULL")))
}

/// An out-parameter. A call checks its out-parameters before it does anything else, and writes them last.
pub(crate) struct OutParam<T>(*mut T);

impl<T> OutParam<T> {
    /// # Safety
    /// `place` is NULL or may be written until the call ends.
    pub(crate) unsafe fn new(place: *mut T, name: &str) -> Result<Self> {
        if place.is_null() || !place.is_aligned() {
            Err(invalid(format!("{name} is NULL")))
        } else {
            Ok(OutParam(place))
        }
    }

    /// Writes the result.
    pub(crate) fn write(self, value: T) {
        // SAFETY: not NULL and aligned; the caller of `new` guarantees that it is writable.
        unsafe { self.0.write(value) }
    }
}

impl<T: Handle<Ownership = Boxed>> OutParam<*mut T> {
    /// Gives a new handle to C.
    pub(crate) fn write_boxed(self, value: T) {
        self.write(handle::into_boxed_ptr(value));
    }
}

impl<T: Handle<Ownership = Shared>> OutParam<*mut T> {
    /// Gives one more pointer to a shared handle to C.
    pub(crate) fn write_shared(self, value: Arc<T>) {
        self.write(handle::into_shared_ptr(value));
    }
}

/// A struct that C fills in and that begins with `struct_size`: a table of hooks, or a stored record.
///
/// # Safety
/// A value of zero bytes is valid, and the first field is a `usize`.
pub(crate) unsafe trait SizedStruct: Copy {}

/// The longest `struct_size` that is accepted, in bytes.
const MAX_STRUCT_BYTES: usize = 4096;

/// Reads a table that was compiled with an older or newer header. A shorter table is filled with zeros. A longer one
/// is accepted when everything beyond the known members is zero.
///
/// # Safety
/// `table` is NULL or points to as many bytes as its first field says.
pub(crate) unsafe fn sized_struct<T: SizedStruct>(table: *const T, name: &str) -> Result<T> {
    if table.is_null() || !table.is_aligned() {
        return Err(invalid(format!("{name} is NULL")));
    }
    // SAFETY: not NULL, aligned; the first field of every table is its size.
    let size = unsafe { table.cast::<usize>().read() };
    if !(size_of::<usize>() + size_of::<*mut c_void>()..=MAX_STRUCT_BYTES).contains(&size) {
        return Err(invalid(format!("{name}: struct_size is not the size of the table")));
    }
    // SAFETY: the caller's promise; `size` is at most MAX_STRUCT_BYTES.
    let given = unsafe { slice::from_raw_parts(table.cast::<u8>(), size) };
    let own = size_of::<T>();
    if given.get(own..).unwrap_or_default().iter().any(|byte| *byte != 0) {
        return Err(invalid(format!("{name} has hooks that this version of the library does not support")));
    }
    let mut read = std::mem::MaybeUninit::<T>::zeroed();
    // SAFETY: both are at least that long and do not overlap.
    unsafe { std::ptr::copy_nonoverlapping(given.as_ptr(), read.as_mut_ptr().cast::<u8>(), size.min(own)) };
    // SAFETY: all zero is a valid T, and function pointers are whatever the caller promised.
    Ok(unsafe { read.assume_init() })
}

/// Text that is passed to a hook: UTF-8 with a NUL behind the last byte, and its length in bytes without the NUL.
pub(crate) struct HookText(Vec<u8>);

impl HookText {
    pub(crate) fn new(text: &str) -> Self {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        HookText(bytes)
    }

    pub(crate) fn data(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }

    pub(crate) fn length(&self) -> usize {
        self.0.len() - 1
    }
}
