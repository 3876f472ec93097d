//! Many rows as a handle, so that a binding need not parse.

use crate::{
    cast::{self, Out, invalid},
    documents,
    error::Error,
    guard::{self, Status},
    text::Text,
};
use fhir_ehr::{Result, StagedRow};
use libc::c_char;
use std::borrow::Cow;
use zeroize::Zeroize;

/// Member of a row: its stable key: the same value of the same resource for the same place has the same key.
pub const FHIR_EHR_ROW_KEY: u32 = 1;
/// Member of a row: `pending`, `accepted`, `rejected`, `handed_out` or `saved`.
pub const FHIR_EHR_ROW_STATE: u32 = 2;
/// Member of a row: `true` when an earlier value of the same resource was decided and this one differs, else `false`.
pub const FHIR_EHR_ROW_CHANGED: u32 = 3;
/// Member of a row: the study record.
pub const FHIR_EHR_ROW_RECORD: u32 = 4;
/// Member of a row: the event of the study record, or empty.
pub const FHIR_EHR_ROW_EVENT: u32 = 5;
/// Member of a row: the field of the study record that takes the value.
pub const FHIR_EHR_ROW_STUDY_FIELD: u32 = 6;
/// Member of a row: the field it was read from, such as `birthDate` or `29463-7`.
pub const FHIR_EHR_ROW_SOURCE_FIELD: u32 = 7;
/// Member of a row: the value's text; empty once it is decided and saved or rejected.
pub const FHIR_EHR_ROW_VALUE: u32 = 8;
/// Member of a row: when it was true, or absent.
pub const FHIR_EHR_ROW_TIMESTAMP: u32 = 9;
/// Member of a row: the code it was found by, or absent.
pub const FHIR_EHR_ROW_CODE: u32 = 10;
/// Member of a row: the code's system, or absent.
pub const FHIR_EHR_ROW_CODE_SYSTEM: u32 = 11;
/// Member of a row: the words for the code, or absent.
pub const FHIR_EHR_ROW_DISPLAY: u32 = 12;
/// Member of a row: the unit of a quantity, or absent.
pub const FHIR_EHR_ROW_UNIT: u32 = 13;
/// Member of a row: the resource's type.
pub const FHIR_EHR_ROW_RESOURCE_TYPE: u32 = 14;
/// Member of a row: the resource's id.
pub const FHIR_EHR_ROW_RESOURCE_ID: u32 = 15;
/// Member of a row: the resource's version, or absent.
pub const FHIR_EHR_ROW_VERSION_ID: u32 = 16;
/// Member of a row: `true` when the rules mark it for acceptance, else `false`.
pub const FHIR_EHR_ROW_PRESELECTED: u32 = 17;
/// Member of a row: `true` when the place takes all accepted entries together, one below the other, else `false`.
pub const FHIR_EHR_ROW_LIST: u32 = 18;
/// Member of a row: its position among the values of its place, in decimal digits.
pub const FHIR_EHR_ROW_POSITION: u32 = 19;
/// Member of a row: the source it came from.
pub const FHIR_EHR_ROW_SOURCE: u32 = 20;
/// Member of a row: the pull that brought it.
pub const FHIR_EHR_ROW_PULL_ID: u32 = 21;
/// Member of a row: when that was, in seconds since 1970, in decimal digits.
pub const FHIR_EHR_ROW_PULLED_AT: u32 = 22;
/// Member of a row: whose sign-in brought it.
pub const FHIR_EHR_ROW_PULLED_BY: u32 = 23;
/// Member of a row: the set that handed it out, or absent.
pub const FHIR_EHR_ROW_SAVE_ID: u32 = 24;

/// Member of a row: names the row together with the value that stands in it, for a decision on just that value.
pub const FHIR_EHR_ROW_DECISION: u32 = 25;
/// Member of a row: what the EHR says now about the value: `current`, `corrected` (another value waits in a row of its
/// own), `gone` (no longer in the EHR), `not_matching` (the resource no longer gives this value for this field) or
/// `entered_in_error`. It changes no decision.
pub const FHIR_EHR_ROW_EHR_STATE: u32 = 26;
/// Member of a row: `true` when a person asked that the saved value be removed from the record, else `false`.
pub const FHIR_EHR_ROW_REMOVING: u32 = 27;
/// Member of a row: the status of its resource, such as `final` or `corrected`, or absent.
pub const FHIR_EHR_ROW_RESOURCE_STATUS: u32 = 28;
/// Member of a row: the time as the EHR sent it, or absent. FHIR_EHR_ROW_TIMESTAMP may be converted to the time zone of
/// the source's site.
pub const FHIR_EHR_ROW_TIME_SENT: u32 = 29;
/// Member of a row: what was measured, where FHIR_EHR_ROW_VALUE was converted from another unit; else absent.
pub const FHIR_EHR_ROW_ORIGINAL_VALUE: u32 = 30;
/// Member of a row: the unit of FHIR_EHR_ROW_ORIGINAL_VALUE, or absent.
pub const FHIR_EHR_ROW_ORIGINAL_UNIT: u32 = 31;

/// cbindgen:ignore
const MEMBERS: usize = FHIR_EHR_ROW_ORIGINAL_UNIT as usize;

/// A member that is absent.
/// cbindgen:ignore
const ABSENT: (usize, usize) = (usize::MAX, 0);

fn truth(truth: bool) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(if truth { "true" } else { "false" }))
}

/// The members, in the order of their numbers.
fn members(row: &StagedRow) -> [Option<Cow<'_, str>>; MEMBERS] {
    [
        Some(Cow::Borrowed(&row.key)),
        Some(Cow::Borrowed(row.state.name())),
        truth(row.changed),
        Some(Cow::Borrowed(&row.record)),
        Some(Cow::Borrowed(&row.event)),
        Some(Cow::Borrowed(&row.study_field)),
        Some(Cow::Borrowed(&row.source_field)),
        Some(Cow::Borrowed(&row.value)),
        row.timestamp.as_deref().map(Cow::Borrowed),
        row.code.as_deref().map(Cow::Borrowed),
        row.code_system.as_deref().map(Cow::Borrowed),
        row.display.as_deref().map(Cow::Borrowed),
        row.unit.as_deref().map(Cow::Borrowed),
        Some(Cow::Borrowed(&row.resource_type)),
        Some(Cow::Borrowed(&row.resource_id)),
        row.version_id.as_deref().map(Cow::Borrowed),
        truth(row.preselected),
        truth(row.list),
        Some(Cow::Owned(row.position.to_string())),
        Some(Cow::Borrowed(&row.source)),
        Some(Cow::Borrowed(&row.pull_id)),
        Some(Cow::Owned(row.pulled_at.to_string())),
        Some(Cow::Borrowed(&row.pulled_by)),
        row.save_id.as_deref().map(Cow::Borrowed),
        Some(Cow::Owned(row.decision())),
        Some(Cow::Borrowed(row.ehr_state.name())),
        truth(row.removing),
        row.resource_status.as_deref().map(Cow::Borrowed),
        row.time_sent.as_deref().map(Cow::Borrowed),
        row.original_value.as_deref().map(Cow::Borrowed),
        row.original_unit.as_deref().map(Cow::Borrowed),
    ]
}

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
        let mut places = Vec::with_capacity(rows.len() * MEMBERS);
        for row in &rows {
            places.extend(members(row).map(|text| match text {
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
        if !(1..=MEMBERS).contains(&member) {
            return Err(invalid("member is none of FHIR_EHR_ROW_..."));
        }
        if index >= self.rows.len() {
            return Err(invalid("index is not less than the count"));
        }
        let place = self.places.get(index * MEMBERS + member - 1).copied().unwrap_or(ABSENT);
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
