//! Text that the library returns.

use crate::{
    cast,
    handle::{self, Boxed, Handle},
};
use libc::c_char;
use zeroize::Zeroize;

/// A text that the library returns: UTF-8.
pub struct Text {
    /// The last byte is a NUL.
    bytes: Vec<u8>,
}

impl Handle for Text {
    type Ownership = Boxed;
}

impl Text {
    pub(crate) fn new(text: String) -> Self {
        let mut bytes = text.into_bytes();
        bytes.push(0);
        Text { bytes }
    }

    pub(crate) fn data(&self) -> *const c_char {
        self.bytes.as_ptr().cast()
    }

    pub(crate) fn length(&self) -> usize {
        self.bytes.len() - 1
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        // It may contain a patient's values or a handover.
        self.bytes.zeroize();
    }
}

/// The bytes of a text: UTF-8, followed by a NUL. "" for NULL.
///
/// They belong to the text and are valid until fhir_ehr_text_free().
///
/// # Safety
/// `text` is NULL or a text that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_text_data(text: *const Text) -> *const c_char {
    // SAFETY: the caller keeps the text alive.
    unsafe { cast::borrow_or(text, c"".as_ptr(), Text::data) }
}

/// The length of a text in bytes, without the NUL that follows. 0 for NULL.
///
/// # Safety
/// `text` is NULL or a text that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_text_length(text: *const Text) -> usize {
    // SAFETY: the caller keeps the text alive.
    unsafe { cast::borrow_or(text, 0, Text::length) }
}

/// Overwrites and frees a text. Does nothing for NULL.
///
/// # Safety
/// `text` is NULL or a text that was not freed; it is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_text_free(text: *mut Text) {
    // SAFETY: the caller owns the handle and does not use it again.
    unsafe { handle::free(text) }
}
