//! Errors on their way out.

use crate::{cast, guard::Status, text::Text};
use fhir_ehr::Error as CoreError;
use libc::c_char;

/// What went wrong. It holds no token, secret or patient data: it may be logged and shown.
pub struct Error {
    code: Status,
    name_text: Text,
    message: Text,
    hint: Text,
    json: Text,
}

impl Error {
    pub(crate) fn new(error: &CoreError) -> Self {
        // A text that is read up to its first NUL must not end early.
        let safe = |text: &str| Text::new(text.replace('\0', "%00"));
        Error {
            code: Status::try_from(error.code().number()).unwrap_or(Status::MAX),
            name_text: safe(error.code().name()),
            message: safe(&error.message()),
            hint: safe(error.hint_text().unwrap_or_default()),
            json: safe(&error.to_json().to_string()),
        }
    }
}

/// The number of the error's code, one of FHIR_EHR_E_...; 0 for NULL. It is the status that the call returned.
///
/// # Safety
/// `error` is NULL or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_error_code(error: *const Error) -> Status {
    // SAFETY: the caller keeps the error alive.
    unsafe { cast::lend_or(error, 0, |error| error.code) }
}

/// One plain sentence in English, without a line break, such as
/// "The state was never issued here or has been used already."; "" for NULL.
///
/// The text belongs to the error and lives until fhir_ehr_error_free().
///
/// # Safety
/// `error` is NULL or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_error_message(error: *const Error) -> *const c_char {
    // SAFETY: the caller keeps the error alive.
    unsafe { cast::lend_or(error, c"".as_ptr(), |error| error.message.data()) }
}

/// What to do about it, such as the configuration entry that is missing; "" when nothing more can be said.
///
/// The text belongs to the error and lives until fhir_ehr_error_free().
///
/// # Safety
/// `error` is NULL or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_error_hint(error: *const Error) -> *const c_char {
    // SAFETY: the caller keeps the error alive.
    unsafe { cast::lend_or(error, c"".as_ptr(), |error| error.hint.data()) }
}

/// The whole error as a JSON document: `code`, `name`, `stage`, `owner` (who can fix it: `you`, `ehr_team`,
/// `network_team`, `nobody`), `retry` (`never`, `now`, `later`, `after_sign_in`), `message`, `hint`, `http_status`,
/// `vendor` (`code`, `correlation_id`) and `retry_after_seconds`; what is not known is null. "" for NULL.
///
/// The text belongs to the error and lives until fhir_ehr_error_free().
///
/// # Safety
/// `error` is NULL or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_error_json(error: *const Error) -> *const c_char {
    // SAFETY: the caller keeps the error alive.
    unsafe { cast::lend_or(error, c"".as_ptr(), |error| error.json.data()) }
}

/// The stable name of the error's code, such as "state_unknown"; "" for NULL.
///
/// The text is constant; it lives as long as the error.
///
/// # Safety
/// `error` is NULL or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_error_name(error: *const Error) -> *const c_char {
    // SAFETY: the caller keeps the error alive.
    unsafe { cast::lend_or(error, c"".as_ptr(), |error| error.name_text.data()) }
}

/// Frees an error. For NULL it does nothing.
///
/// # Safety
/// `error` is NULL or an error that was not freed; it is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_error_free(error: *mut Error) {
    // SAFETY: the caller gives the handle back.
    unsafe { cast::free(error) }
}
