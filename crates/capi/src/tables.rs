//! What the library knows by itself: the configuration's schema, the errors, the fields.

use crate::{
    cast::Out,
    error::Error,
    guard::{self, Status},
    text::Text,
};
use fhir_ehr::{Code, Config, field_catalog};
use serde_json::{Value, json};

/// # Safety
/// `text` and `error` are NULL or may be written.
unsafe fn give(text: *mut *mut Text, error: *mut *mut Error, make: impl FnOnce() -> Value) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let text = unsafe { Out::new(text, "text")? };
        text.give(Text::new(make().to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// The JSON Schema of the configuration document.
///
/// Errors: FHIR_EHR_E_REQUEST_INVALID.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). Any thread. It does no I/O.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_config_schema(text: *mut *mut Text, error: *mut *mut Error) -> Status {
    // SAFETY: the caller's promise.
    unsafe { give(text, error, Config::schema) }
}

/// All error codes as a JSON list of objects: `code`, `name`, `stage`, `owner`, `retry`, `sentence`.
///
/// Errors: FHIR_EHR_E_REQUEST_INVALID.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). Any thread. It does no I/O.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_error_table(text: *mut *mut Text, error: *mut *mut Error) -> Status {
    let table = || {
        let rows = Code::all().map(|code| {
            let row = fhir_ehr::Error::new(code).to_json();
            json!({
                "code": row["code"], "name": row["name"], "stage": row["stage"], "owner": row["owner"],
                "retry": row["retry"], "sentence": code.sentence(),
            })
        });
        Value::from_iter(rows)
    };
    // SAFETY: the caller's promise.
    unsafe { give(text, error, table) }
}

/// The fields that a mapping may name, as a JSON list of objects: `name`, `label`, `category`, `synonyms`
/// (a list of other words that people type to find the field, such as "WBC"; it may be empty), `temporal`
/// (whether it has a time, so that a window applies), `demographic` (whether it is read out of the Patient, so
/// that fhir_ehr_client_patient() gives it). Much used LOINC codes are among them; every other LOINC code is a
/// field as well.
///
/// Errors: FHIR_EHR_E_REQUEST_INVALID.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). Any thread. It does no I/O.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_field_catalog(text: *mut *mut Text, error: *mut *mut Error) -> Status {
    let fields = || {
        let fields = field_catalog().iter().map(|field| {
            json!({
                "name": field.name, "label": field.label, "category": field.category, "synonyms": field.synonyms,
                "temporal": field.is_temporal(), "demographic": field.is_demographic(),
            })
        });
        Value::from_iter(fields)
    };
    // SAFETY: the caller's promise.
    unsafe { give(text, error, fields) }
}
