//! The casts between C's pointers and Rust's values: the only place that has them.

use crate::guard;
use fhir_ehr::{Code, Error as CoreError, Result};
use libc::{c_char, c_void};
use std::{slice, sync::Arc};

/// Handles given out and not taken back, in the test build.
#[cfg(feature = "test-hooks")]
pub(crate) static OUTSTANDING: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);

#[cfg(feature = "test-hooks")]
fn counted(more: i64) {
    OUTSTANDING.fetch_add(more, std::sync::atomic::Ordering::SeqCst);
}

#[cfg(not(feature = "test-hooks"))]
fn counted(_more: i64) {}

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

/// A text parameter of which NULL means that it is absent.
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

/// Bytes of a caller. NULL with length 0 are no bytes.
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
        return Err(invalid(format!("{name} is longer than memory")));
    }
    // SAFETY: not NULL, not longer than isize::MAX, and the caller's promise for the rest.
    Ok(unsafe { slice::from_raw_parts(data, length) })
}

/// A handle parameter.
///
/// # Safety
/// `handle` is NULL or a live handle for `'a`.
pub(crate) unsafe fn lend<'a, T>(handle: *const T, name: &str) -> Result<&'a T> {
    if !handle.is_null() && !handle.is_aligned() {
        return Err(invalid(format!("{name} is not a handle")));
    }
    // SAFETY: NULL gives None, and the caller's promise for the rest.
    unsafe { handle.as_ref() }.ok_or_else(|| invalid(format!("{name} is NULL")))
}

/// A handle parameter of an accessor that cannot fail: NULL gives `absent`.
///
/// # Safety
/// As [`lend`].
pub(crate) unsafe fn lend_or<T, R>(handle: *const T, absent: R, read: impl FnOnce(&T) -> R) -> R {
    // SAFETY: the caller's promise.
    unsafe { handle.as_ref() }.map_or(absent, read)
}

/// The same for a handle that a hook writes into.
///
/// # Safety
/// As [`lend`], and nobody else uses it.
pub(crate) unsafe fn lend_mut<'a, T>(handle: *mut T, name: &str) -> Result<&'a mut T> {
    // SAFETY: NULL gives None, and the caller's promise for the rest.
    unsafe { handle.as_mut() }.ok_or_else(|| invalid(format!("{name} is NULL")))
}

/// Where a result goes; it is asked for before anything is done.
pub(crate) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// # Safety
    /// `place` is NULL or may be written until the call ends.
    pub(crate) unsafe fn new(place: *mut T, name: &str) -> Result<Self> {
        if place.is_null() || !place.is_aligned() {
            Err(invalid(format!("{name} is NULL")))
        } else {
            Ok(Out(place))
        }
    }

    /// Writes the result: the last thing a call does.
    pub(crate) fn put(self, value: T) {
        // SAFETY: not NULL, aligned, and writable by the promise of `new`.
        unsafe { self.0.write(value) }
    }
}

impl<T> Out<*mut T> {
    /// Gives a handle out.
    pub(crate) fn give(self, value: T) {
        counted(1);
        self.put(Box::into_raw(Box::new(value)));
    }
}

impl<T> Out<*mut T> {
    /// Gives a counted handle out.
    pub(crate) fn share(self, value: Arc<T>) {
        counted(1);
        self.put(Arc::into_raw(value).cast_mut());
    }
}

/// Frees a handle; NULL is none.
///
/// # Safety
/// `handle` is NULL or came from [`Out::give`] and is not used again.
pub(crate) unsafe fn free<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: the caller's promise.
        let owned = unsafe { Box::from_raw(handle) };
        counted(-1);
        guard::quietly(|| drop(owned));
    }
}

/// Frees a counted handle; NULL is none.
///
/// # Safety
/// `handle` is NULL or came from [`Out::share`] and is not used again.
pub(crate) unsafe fn free_shared<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: the caller's promise.
        let owned = unsafe { Arc::from_raw(handle.cast_const()) };
        counted(-1);
        guard::quietly(|| drop(owned));
    }
}

/// A table of hooks: begins with `struct_size` and `user_data`, all else are function pointers.
///
/// # Safety
/// All bytes zero are a valid value, and the first field is a `usize`.
pub(crate) unsafe trait Table: Copy {}

/// The longest table that is looked at.
const LONGEST_TABLE: usize = 4096;

/// Reads a table that may be of an older or newer header: a shorter one is filled with zeros, of a longer
/// one the surplus must be zero.
///
/// # Safety
/// `table` is NULL or points to as many bytes as its first field says.
pub(crate) unsafe fn table<T: Table>(table: *const T, name: &str) -> Result<T> {
    if table.is_null() || !table.is_aligned() {
        return Err(invalid(format!("{name} is NULL")));
    }
    // SAFETY: not NULL, aligned; the first field of every table is its size.
    let size = unsafe { table.cast::<usize>().read() };
    if !(size_of::<usize>() + size_of::<*mut c_void>()..=LONGEST_TABLE).contains(&size) {
        return Err(invalid(format!("{name}: struct_size is not the size of the table")));
    }
    // SAFETY: the caller's promise; `size` is at most LONGEST_TABLE.
    let given = unsafe { slice::from_raw_parts(table.cast::<u8>(), size) };
    let own = size_of::<T>();
    if given.get(own..).unwrap_or_default().iter().any(|byte| *byte != 0) {
        return Err(invalid(format!("{name} has hooks that this version of the library does not know")));
    }
    let mut read = std::mem::MaybeUninit::<T>::zeroed();
    // SAFETY: both are at least that long and do not overlap.
    unsafe { std::ptr::copy_nonoverlapping(given.as_ptr(), read.as_mut_ptr().cast::<u8>(), size.min(own)) };
    // SAFETY: all zero is a valid T, and function pointers are whatever the caller promised.
    Ok(unsafe { read.assume_init() })
}

/// Text for a hook: with a NUL behind it, and its length.
pub(crate) struct Terminated(Vec<u8>);

impl Terminated {
    pub(crate) fn new(text: &str) -> Self {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        Terminated(bytes)
    }

    pub(crate) fn data(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }

    pub(crate) fn length(&self) -> usize {
        self.0.len() - 1
    }
}
