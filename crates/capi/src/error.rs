//! Errors that the library returns.

use crate::{
    cast,
    handle::{self, Boxed, Handle},
    status::{Status, status_of},
    text::Text,
};
use fhir_ehr::Error as CoreError;
use libc::c_char;

/// Details of an error. It contains no token, secret, MRN or clinical value, so it may be logged and shown.
pub struct Error {
    code: Status,
    name: Text,
    message: Text,
    hint: Text,
    json: Text,
}

impl Handle for Error {
    type Ownership = Boxed;
}

impl Error {
    pub(crate) fn new(error: &CoreError) -> Self {
        // C reads the text up to its first NUL.
        let text = |text: &str| Text::new(text.replace('\0', "%00"));
        Error {
            code: status_of(error.code()),
            name: text(error.code().name()),
            message: text(&error.message()),
            hint: text(error.hint_text().unwrap_or_default()),
            json: text(&error.to_json().to_string()),
        }
    }
}

/// The error's number, one of FHIR_EHR_E_...: the status that the call returned. 0 for NULL.
///
/// # Safety
/// `error` is NULL or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_error_code(error: *const Error) -> Status {
    // SAFETY: the caller keeps the error alive.
    unsafe { cast::borrow_or(error, 0, |error| error.code) }
}

/// What happened, in plain English and without a line break. "" for NULL.
///
/// The text belongs to the error and is valid until fhir_ehr_error_free().
///
/// # Safety
/// `error` is NULL or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_error_message(error: *const Error) -> *const c_char {
    // SAFETY: the caller keeps the error alive.
    unsafe { cast::borrow_or(error, c"".as_ptr(), |error| error.message.data()) }
}

/// What to do about it, for example which configuration entry to add. "" when there is no advice, and for NULL.
///
/// The text belongs to the error and is valid until fhir_ehr_error_free().
///
/// # Safety
/// `error` is NULL or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_error_hint(error: *const Error) -> *const c_char {
    // SAFETY: the caller keeps the error alive.
    unsafe { cast::borrow_or(error, c"".as_ptr(), |error| error.hint.data()) }
}

/// The whole error as a JSON document (error.schema.json). "" for NULL. Members without a value are null.
///
/// owner and retry are those of the EHR's own error, if docs/errors.md lists it; otherwise those of the code. ticket is a text of several
/// lines to paste into a ticket for the EHR team. A link is a page that a person may open; the library never requests it.
///
/// ```json
/// {
///   "code": 405, "name": "fhir_denied", "stage": "fhir", "owner": "ehr_team", "retry": "never",
///   "message": "The EHR does not allow this sign-in to read this data. (HTTP 403, code 4130)",
///   "cause": "The chart is protected by break-the-glass: Epic gives its data only to users who gave a reason in Epic.",
///   "hint": null, "ticket": null, "http_status": 403,
///   "vendor": {"code": "4130", "correlation_id": "1f9e0c", "client_id": null, "tenant": null, "link": null},
///   "retry_after_seconds": null
/// }
/// ```
///
/// The text belongs to the error and is valid until fhir_ehr_error_free().
///
/// # Safety
/// `error` is NULL or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_error_json(error: *const Error) -> *const c_char {
    // SAFETY: the caller keeps the error alive.
    unsafe { cast::borrow_or(error, c"".as_ptr(), |error| error.json.data()) }
}

/// The stable name of the error's code, such as "state_unknown". "" for NULL.
///
/// The text belongs to the error and is valid until fhir_ehr_error_free().
///
/// # Safety
/// `error` is NULL or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_error_name(error: *const Error) -> *const c_char {
    // SAFETY: the caller keeps the error alive.
    unsafe { cast::borrow_or(error, c"".as_ptr(), |error| error.name.data()) }
}

/// Frees an error. Does nothing for NULL.
///
/// # Safety
/// `error` is NULL or an error that was not freed; it is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_error_free(error: *mut Error) {
    // SAFETY: the caller owns the handle and does not use it again.
    unsafe { handle::free(error) }
}
