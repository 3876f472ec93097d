//! Text on its way out.

use crate::cast;
use libc::c_char;
use zeroize::Zeroize;

/// Text that the library gives out: UTF-8, owned by the handle.
pub struct Text {
    /// With a NUL behind the last byte.
    bytes: Vec<u8>,
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
        // It may hold a patient's values or a hand-over.
        self.bytes.zeroize();
    }
}

/// The bytes of a text: UTF-8, with a NUL behind the last one. It never fails; for NULL it gives "".
///
/// The bytes belong to the text and live until fhir_ehr_text_free(). Any thread may read them.
///
/// # Safety
/// `text` is NULL or a text that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_text_data(text: *const Text) -> *const c_char {
    // SAFETY: the caller keeps the text alive.
    unsafe { cast::lend_or(text, c"".as_ptr(), Text::data) }
}

/// The length of a text in bytes, without the NUL behind it. It never fails; for NULL it gives 0.
///
/// # Safety
/// `text` is NULL or a text that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_text_length(text: *const Text) -> usize {
    // SAFETY: the caller keeps the text alive.
    unsafe { cast::lend_or(text, 0, Text::length) }
}

/// Frees a text and overwrites its bytes. For NULL it does nothing.
///
/// # Safety
/// `text` is NULL or a text that was not freed; it is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_text_free(text: *mut Text) {
    // SAFETY: the caller gives the handle back.
    unsafe { cast::free(text) }
}
