//! Many rows as a handle, so that a binding need not parse.

use crate::{
    cast::{self, Out, invalid},
    documents,
    error::Error,
    guard::{self, Status},
    row_members::{self, COUNT},
    text::Text,
};
use fhir_ehr::{error::Result, staging::StagedRow};
use libc::c_char;
use zeroize::Zeroize;

/// A member that is absent.
/// cbindgen:ignore
const ABSENT: (usize, usize) = (usize::MAX, 0);

/// Rows that a pull brought or that wait in the staging, in their order. They never change: any thread may
/// read them at any time.
pub struct Rows {
    /// All texts one after the other, each with a NUL behind it.
    texts: Vec<u8>,
    /// Where each member of each row stands: start and length.
    places: Vec<(usize, usize)>,
    rows: Vec<StagedRow>,
    report: Text,
}

impl Rows {
    pub(crate) fn new(rows: Vec<StagedRow>, report: String) -> Self {
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
        Rows { texts, places, rows, report: Text::new(report) }
    }

    fn member(&self, index: usize, member: u32) -> Result<(*const c_char, usize)> {
        let member = usize::try_from(member).unwrap_or(usize::MAX);
        if !(1..=COUNT).contains(&member) {
            return Err(invalid("member is none of FHIR_EHR_ROW_..."));
        }
        if index >= self.rows.len() {
            return Err(invalid("index is not less than the count"));
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

/// How many rows there are; 0 for NULL. It never fails.
///
/// # Safety
/// `rows` is NULL or a handle that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_rows_count(rows: *const Rows) -> usize {
    // SAFETY: the caller keeps the rows alive.
    unsafe { cast::lend_or(rows, 0, |rows| rows.rows.len()) }
}

/// One member of one row. `index` is less than the count, `member` one of FHIR_EHR_ROW_....
///
/// On success *data is the text, UTF-8 with a NUL behind the last byte, and *length its length; for a member
/// that is absent *data is NULL and *length 0. The text belongs to the rows and lives until
/// fhir_ehr_rows_free(). It allocates nothing.
///
/// Errors: FHIR_EHR_E_REQUEST_INVALID. Any thread.
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
        let (rows, data, length) =
            unsafe { (cast::lend(rows, "rows")?, Out::new(data, "data")?, Out::new(length, "length")?) };
        let (at, bytes) = rows.member(index, member)?;
        data.put(at);
        length.put(bytes);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// All rows as a JSON list of objects, whose members are named as the constants FHIR_EHR_ROW_... in small
/// letters; `changed`, `preselected`, `list` and `removing` are truths, `position` and `pulled_at` numbers, absent ones null.
///
/// Errors: FHIR_EHR_E_REQUEST_INVALID.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). Any thread.
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
        let (rows, text) = unsafe { (cast::lend(rows, "rows")?, Out::new(text, "text")?) };
        text.give(Text::new(documents::rows(&rows.rows)?.to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard::call(error, work) }
}

/// What a pull says besides its rows, as a JSON document: `pull_id`, `patient_id`, `complete` (whether all that was
/// asked for came) and `report`. The report has `resources`, `without_date` (fields without a date for their window),
/// `merged` (true when the chart with the record's MRN was merged into another one, which was used),
/// `not_preselected` (objects with `study_field`, `event`, `field` and `reason`: why the rules marked no value of a field, or
/// left some of its values out), `warnings` (sentences), `requests` (sent, each try counted) and `refreshed` (whether the token was refreshed).
/// `resources` has for each resource type, with `Patient`:
///
/// - `status`: `complete` (every answer proves that everything asked for came), `partial` (something came; the answers
///   do not prove that it was everything), `denied`, `skipped` (no date for any of its windows) or `failed`;
/// - `requests`: how many were sent;
/// - `received`: resources that came, each counted once: the sum of `with_rows` and of all counts in `discarded`;
/// - `with_rows`: resources that gave at least one row;
/// - `discarded`: resources that gave no row, by reason, such as `not_mapped` or `entered_in_error`; absent: none;
/// - `discarded_ids`: their ids by reason, for a pull with `explain`; absent: none. They are a patient's;
/// - `repeated`: how many times a resource came again; absent: 0;
/// - `repeated_differently`: how many of these had another content than before; absent: 0;
/// - `reason` and `error` (the error's document): why it is not complete; absent when it is.
///
/// For rows of fhir_ehr_client_staged() and fhir_ehr_client_decided() it is "{}"; for NULL it is "".
///
/// The text belongs to the rows and lives until fhir_ehr_rows_free(). It never fails. Any thread.
///
/// # Safety
/// `rows` is NULL or a handle that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_rows_report(rows: *const Rows) -> *const c_char {
    // SAFETY: the caller keeps the rows alive.
    unsafe { cast::lend_or(rows, c"".as_ptr(), |rows| rows.report.data()) }
}

/// Frees rows and overwrites their values. For NULL it does nothing.
///
/// # Safety
/// `rows` is NULL or a handle that was not freed; it is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_rows_free(rows: *mut Rows) {
    // SAFETY: the caller gives the handle back.
    unsafe { cast::free(rows) }
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
