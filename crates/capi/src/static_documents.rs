//! What the library knows without a configuration: the schema of the configuration, the errors, the fields.

use crate::{
    cast::OutParam,
    documents::{self, to_text},
    error::Error,
    guard,
    status::Status,
    text::Text,
};
use fhir_ehr::Config;
use serde::Serialize;

/// # Safety
/// `text` and `error` are NULL or may be written.
unsafe fn return_document<T: Serialize>(
    text: *mut *mut Text,
    error: *mut *mut Error,
    make: impl FnOnce() -> T,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let text = unsafe { OutParam::new(text, "text")? };
        text.write_boxed(to_text(&make())?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// The JSON Schema of the configuration document: the same as the file config.schema.json.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). No I/O.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_config_schema(text: *mut *mut Text, error: *mut *mut Error) -> Status {
    // SAFETY: the caller's promise.
    unsafe { return_document(text, error, Config::schema) }
}

/// All errors, for a help page or a translation, as JSON (error_table.schema.json):
///
/// ```json
/// [{
///   "code": 402, "name": "network_timeout", "stage": "fhir", "owner": "network_team", "retry": "later",
///   "sentence": "The EHR's server did not answer in time."
/// }]
/// ```
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). No I/O.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_error_table(text: *mut *mut Text, error: *mut *mut Error) -> Status {
    // SAFETY: the caller's promise.
    unsafe { return_document(text, error, documents::error_table) }
}

/// The fields that a mapping can name, as JSON (field_catalog.schema.json). The list has the most used LOINC codes;
/// every other LOINC code is a valid field as well. `synonyms`: other words that people type to find the field.
/// `temporal`: the field's values have a time, so that a date window applies. `demographic`: fhir_ehr_client_patient()
/// can return the field.
///
/// ```json
/// [{"name": "29463-7", "label": "Body weight", "category": "Vital signs",
///   "synonyms": [], "temporal": true, "demographic": false}]
/// ```
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). No I/O.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_field_catalog(text: *mut *mut Text, error: *mut *mut Error) -> Status {
    // SAFETY: the caller's promise.
    unsafe { return_document(text, error, documents::field_catalog) }
}
