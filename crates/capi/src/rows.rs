//! Rows as a handle, which a binding can read without a JSON parser.

use crate::{
    cast::{self, OutParam, invalid},
    documents::{self, to_text},
    error::Error,
    guard,
    handle::{self, Boxed, Handle},
    row_members::{self, COUNT},
    status::Status,
    text::Text,
};
use fhir_ehr::{Result, StagedRow};
use libc::c_char;
use zeroize::Zeroize;

/// A member that is absent.
/// cbindgen:ignore
const ABSENT: (usize, usize) = (usize::MAX, 0);

/// Staged rows. A handle never changes.
pub struct Rows {
    /// All texts one after the other, each followed by a NUL.
    texts: Vec<u8>,
    /// Start and length of each member of each row in `texts`, in bytes.
    places: Vec<(usize, usize)>,
    rows: Vec<StagedRow>,
    report: Text,
}

impl Handle for Rows {
    type Ownership = Boxed;
}

impl Rows {
    /// Rows that no pull returned: their report is an empty document.
    pub(crate) fn without_report(rows: Vec<StagedRow>) -> Self {
        Rows::new(rows, Text::new("{}".to_owned()))
    }

    pub(crate) fn new(rows: Vec<StagedRow>, report: Text) -> Self {
        let mut texts = Vec::new();
        let mut places = Vec::with_capacity(rows.len() * COUNT);
        for row in &rows {
            places.extend(row_members::texts(row).map(|text| match text {
                Some(text) => {
                    let start = texts.len();
                    texts.extend_from_slice(text.as_bytes());
                    texts.push(0);
                    (start, text.len())
                }
                None => ABSENT,
            }));
        }
        Rows { texts, places, rows, report }
    }

    fn member(&self, index: usize, member: u32) -> Result<(*const c_char, usize)> {
        let member = usize::try_from(member).unwrap_or(usize::MAX);
        if !(1..=COUNT).contains(&member) {
            return Err(invalid("member is not one of FHIR_EHR_ROW_..."));
        }
        if index >= self.rows.len() {
            return Err(invalid("index is too large: it must be less than fhir_ehr_rows_count()"));
        }
        let place = self.places.get(index * COUNT + member - 1).copied().unwrap_or(ABSENT);
        Ok(match self.texts.get(place.0..) {
            Some(text) if place != ABSENT => (text.as_ptr().cast(), place.1),
            _ => (std::ptr::null(), 0),
        })
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.texts.zeroize();
        for row in &mut self.rows {
            row.value.zeroize();
            row.original_value.zeroize();
        }
    }
}

/// The number of rows. 0 for NULL.
///
/// # Safety
/// `rows` is NULL or a handle that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_rows_count(rows: *const Rows) -> usize {
    // SAFETY: the caller keeps the rows alive.
    unsafe { cast::borrow_or(rows, 0, |rows| rows.rows.len()) }
}

/// One member of one row, as text. `index` is less than fhir_ehr_rows_count(), `member` is one of FHIR_EHR_ROW_....
///
/// On success *data is the text, UTF-8 with a terminating NUL, and *length is its length in bytes without the NUL. For a
/// member that is absent, *data is NULL and *length is 0. The text belongs to the rows and is valid until
/// fhir_ehr_rows_free(). The call allocates nothing.
///
/// ```c
/// static void print_weights(const fhir_ehr_rows *rows)
/// {
///     const char *field, *value;
///     size_t i, length;
///
///     for (i = 0; i < fhir_ehr_rows_count(rows); i++) {
///         if (fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_STUDY_FIELD, &field, &length, NULL) == 0
///             && fhir_ehr_rows_get(rows, i, FHIR_EHR_ROW_VALUE, &value, &length, NULL) == 0
///             && strcmp(field, "weight") == 0)
///             printf("%s\n", value);
///     }
/// }
/// ```
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_rows_get(
    rows: *const Rows,
    index: usize,
    member: u32,
    data: *mut *const c_char,
    length: *mut usize,
    error: *mut *mut Error,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (rows, data, length) = unsafe {
            (cast::borrow(rows, "rows")?, OutParam::new(data, "data")?, OutParam::new(length, "length")?)
        };
        let (at, bytes) = rows.member(index, member)?;
        data.write(at);
        length.write(bytes);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// All rows as JSON (rows.schema.json): the members FHIR_EHR_ROW_... in lower case. `changed`, `preselected`, `list` and
/// `removing` are booleans, `position` and `pulled_at` are numbers, absent members are null.
///
/// ```json
/// [{
///   "key": "8f1c2ab0", "state": "pending", "changed": false, "record": "1004", "event": "",
///   "study_field": "weight", "source_field": "29463-7", "value": "61.50",
///   "timestamp": "2024-03-01T09:00:00-05:00", "code": "29463-7", "code_system": "http://loinc.org",
///   "display": "Body Weight", "unit": "kg", "resource_type": "Observation", "resource_id": "w1",
///   "version_id": "1", "preselected": true, "list": false, "position": 0, "source": "main",
///   "pull_id": "k2Fq", "pulled_at": 1790000000, "pulled_by": "alice", "save_id": null,
///   "ehr_state": "current", "removing": false, "resource_status": "final",
///   "time_sent": "2024-03-01T14:00:00Z", "original_value": null, "original_unit": null,
///   "decision": "8f1c2ab0~5d41402abc4b2a76"
/// }]
/// ```
///
/// On success *text is a new text; free it with fhir_ehr_text_free().
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_rows_json(
    rows: *const Rows,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = || {
        // SAFETY: the caller's promise.
        let (rows, text) = unsafe { (cast::borrow(rows, "rows")?, OutParam::new(text, "text")?) };
        text.write_boxed(to_text(&documents::rows(&rows.rows)?)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// The report of the pull that returned these rows, as JSON (pull_report.schema.json). Check `complete`: it is true when
/// everything that was requested was received.
///
/// ```json
/// {
///   "pull_id": "k2Fq", "patient_id": "12724066", "complete": false,
///   "report": {
///     "resources": {
///       "Patient": {"status": "complete", "requests": 1, "received": 1, "with_rows": 1},
///       "Observation": {
///         "status": "complete", "requests": 2, "received": 4, "with_rows": 3, "discarded": {"no_value": 1}
///       },
///       "Condition": {
///         "status": "denied", "requests": 1, "received": 0, "with_rows": 0,
///         "reason": "The EHR refuses this data to this sign-in.",
///         "error": {
///           "code": 405, "name": "fhir_denied", "stage": "fhir", "owner": "ehr_team", "retry": "never",
///           "message": "The EHR refuses this data to this sign-in.", "cause": null, "hint": null, "ticket": null,
///           "http_status": 403,
///           "vendor": {"code": null, "correlation_id": null, "client_id": null, "tenant": null, "link": null},
///           "retry_after_seconds": null
///         }
///       }
///     },
///     "without_date": [],
///     "not_preselected": [
///       {"study_field": "glucose", "event": "", "source_field": "2345-7", "reason": "The units differ."}
///     ],
///     "merged": false, "warnings": [], "requests": 4, "refreshed": true
///   }
/// }
/// ```
///
/// For each resource type: `status` is `complete`, `partial` (something was received, and the responses do not prove that
/// it was everything), `denied`, `skipped` (no date for any of its windows) or `failed`. `received` counts each resource
/// once and is the sum of `with_rows` (resources that gave a row) and all counts in `discarded` (resources that gave none,
/// by reason). `discarded_ids` (for a pull with `explain`), `repeated`, `repeated_differently`, `reason` and `error` are
/// absent unless they apply. `without_date` lists fields whose window has no date. `merged` is true when the chart with
/// this MRN was merged into another one, which was used. `refreshed` says whether the access token was refreshed.
///
/// For rows of fhir_ehr_client_staged() and fhir_ehr_client_decided() the report is "{}"; for NULL it is "".
///
/// The text belongs to the rows and is valid until fhir_ehr_rows_free().
///
/// # Safety
/// `rows` is NULL or a handle that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_rows_report(rows: *const Rows) -> *const c_char {
    // SAFETY: the caller keeps the rows alive.
    unsafe { cast::borrow_or(rows, c"".as_ptr(), |rows| rows.report.data()) }
}

/// Overwrites the values and frees the rows. Does nothing for NULL.
///
/// # Safety
/// `rows` is NULL or a handle that was not freed; it is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_rows_free(rows: *mut Rows) {
    // SAFETY: the caller owns the handle and does not use it again.
    unsafe { handle::free(rows) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test")]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// The cells `name` and `kind` of the table.
    fn table() -> Vec<(&'static str, &'static str)> {
        let rows = include_str!("row_members.tsv").lines().filter(|row| !row.starts_with('#'));
        rows.map(|row| {
            let mut cells = row.split('\t').skip(1);
            (cells.next().unwrap(), cells.next().unwrap())
        })
        .collect()
    }

    fn row(optional: Option<&str>) -> StagedRow {
        serde_json::from_value(json!({
            "key": "k", "state": "handed_out", "changed": true, "patient": "h", "record": "1", "event": "e",
            "study_field": "weight", "source_field": "29463-7", "value": "70", "timestamp": optional, "code": optional,
            "code_system": optional, "display": optional, "unit": optional, "resource_type": "Observation",
            "resource_id": "o1", "version_id": optional, "preselected": false, "list": true, "position": 3, "source": "sim",
            "pull_id": "p", "pulled_at": 5, "pulled_by": "j.doe", "save_id": optional, "fingerprint": "f",
            "ehr_state": "entered_in_error", "removing": false, "resource_status": optional, "time_sent": optional,
            "original_value": optional, "original_unit": optional,
        }))
        .unwrap()
    }

    #[test]
    fn json_has_the_names_and_kinds_of_the_table_and_the_values_of_the_handle() {
        for optional in [Some("x"), None] {
            let row = row(optional);
            let document = documents::rows(std::slice::from_ref(&row)).unwrap();
            let texts = row_members::texts(&row);
            let table = table();
            assert_eq!(document[0].as_object().unwrap().len(), table.len());
            for ((name, kind), text) in table.into_iter().zip(texts) {
                let value = document[0].get(name).unwrap_or_else(|| panic!("{name} is not in the JSON"));
                match kind {
                    "bool" => assert!(value.is_boolean(), "{name}"),
                    "integer" => assert!(value.is_i64(), "{name}"),
                    "text?" => assert_eq!(value.as_str(), optional, "{name}"),
                    _ => assert!(value.is_string(), "{name}"),
                }
                let text_of_json = match value {
                    Value::Null => None,
                    Value::String(text) => Some(text.clone()),
                    other => Some(other.to_string()),
                };
                assert_eq!(text.map(|text| text.into_owned()), text_of_json, "{name}");
            }
        }
    }
}
