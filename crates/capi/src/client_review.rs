//! Review and saving: staged rows, decisions, the values to save.

use crate::{
    cast::{self, OutParam},
    client::{Client, State, with_client},
    documents::{self, to_text},
    error::Error,
    rows::Rows,
    status::Status,
    text::Text,
};
use libc::c_char;

/// The rows that wait for a decision or for saving: of one study record, or of the whole project if `record` is NULL with
/// length 0. FHIR_EHR_ROW_EHR_STATE says whether the EHR still has the value. The rows of a project do not include study
/// records that contain values of two patients or a row that cannot be decrypted; the log hook gets their number with the
/// events `record_mixed` and `row_damaged`.
///
/// On success *rows is a new handle; free it with fhir_ehr_rows_free().
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED; for one record FHIR_EHR_E_RECORD_MIXED (see fhir_ehr_client_clear_pending()) and
/// FHIR_EHR_E_ROW_DAMAGED (see fhir_ehr_client_remove_damaged()).
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_staged(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    project: *const c_char,
    project_length: usize,
    record: *const c_char,
    record_length: usize,
    rows: *mut *mut Rows,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (rows, user, project, record) = unsafe {
            (
                OutParam::new(rows, "rows")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text_or_none(record, record_length, "record")?,
            )
        };
        let staged = state.inner()?.staged(user, project, record)?;
        rows.write_boxed(Rows::without_report(staged));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Accepts and rejects rows of a study record, all of them or none. `decisions` is JSON (decisions.schema.json); rows that
/// it does not name stay as they are:
///
/// ```json
/// {"accept": ["8f1c2ab0~5d41402abc4b2a76"], "reject": []}
/// ```
///
/// Name a row by its FHIR_EHR_ROW_DECISION: if a pull has changed the value since it was shown, the call fails with
/// FHIR_EHR_E_ROW_CONFLICT. A FHIR_EHR_ROW_KEY names the row whatever its value is now.
///
/// On success *count is the number of rows decided.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_NOT_FOUND, FHIR_EHR_E_ADJUDICATION_AMBIGUOUS,
/// FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_adjudicate(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    project: *const c_char,
    project_length: usize,
    record: *const c_char,
    record_length: usize,
    decisions: *const c_char,
    decisions_length: usize,
    count: *mut usize,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (count, user, project, record, decisions) = unsafe {
            (
                OutParam::new(count, "count")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
                cast::text(decisions, decisions_length, "decisions")?,
            )
        };
        let decisions = documents::decisions(decisions)?;
        count.write(state.inner()?.adjudicate(user, project, record, &decisions)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Takes decisions of a study record back: accepted rows wait for a decision again, and rows that
/// fhir_ehr_client_remove_saved() marked count as saved again. `keys` is a JSON list of FHIR_EHR_ROW_KEY or
/// FHIR_EHR_ROW_DECISION (keys.schema.json). Values that fhir_ehr_client_values_to_save() has returned cannot be taken
/// back.
///
/// On success *count is the number of rows taken back.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_reopen(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    project: *const c_char,
    project_length: usize,
    record: *const c_char,
    record_length: usize,
    keys: *const c_char,
    keys_length: usize,
    count: *mut usize,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (count, user, project, record, keys) = unsafe {
            (
                OutParam::new(count, "count")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
                cast::text(keys, keys_length, "keys")?,
            )
        };
        let keys = documents::keys(keys)?;
        count.write(state.inner()?.reopen(user, project, record, &keys)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Returns the accepted values of a study record for saving. Each value is returned by one call only. Save them, then call
/// fhir_ehr_client_confirm_saved(); if saving failed, call fhir_ehr_client_return_unsaved(), and the next call returns
/// them again. A list is returned as a whole, with the entries that were saved before, and not while it is already being
/// saved. For a value to remove (fhir_ehr_client_remove_saved()), `value` is empty, or the list lacks the entry: write that
/// too.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (save_set.schema.json). `save_id` is
/// empty if there is nothing to save.
///
/// ```json
/// {
///   "save_id": "3kq0Zt", "record": "1004",
///   "values": [{
///     "event": "", "study_field": "weight", "value": "61.50", "unit": "kg",
///     "timestamp": "2024-03-01T09:00:00-05:00", "keys": ["8f1c2ab0"]
///   }]
/// }
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_values_to_save(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    project: *const c_char,
    project_length: usize,
    record: *const c_char,
    record_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, user, project, record) = unsafe {
            (
                OutParam::new(text, "text")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
            )
        };
        let set = state.inner()?.values_to_save(user, project, record)?;
        text.write_boxed(to_text(&set)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Confirms that the application has saved a set of fhir_ehr_client_values_to_save(). The values are erased here and do not
/// come back as new. Entries of lists keep their text while they are in the study record, because a list is always
/// written as a whole. The access hook is not asked.
///
/// On success *count is the number of rows in the set; 0 for the empty `save_id` of a set without values.
///
/// Errors: FHIR_EHR_E_SAVE_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_confirm_saved(
    client: *mut Client,
    project: *const c_char,
    project_length: usize,
    record: *const c_char,
    record_length: usize,
    save_id: *const c_char,
    save_id_length: usize,
    count: *mut usize,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (count, project, record, save_id) = unsafe {
            (
                OutParam::new(count, "count")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
                cast::text(save_id, save_id_length, "save_id")?,
            )
        };
        count.write(state.inner()?.confirm_saved(project, record, save_id)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Returns a set of fhir_ehr_client_values_to_save() that the application could not save. The next call of that function
/// returns the values again. The access hook is not asked.
///
/// On success *count is the number of rows in the set; 0 for the empty `save_id` of a set without values.
///
/// Errors: FHIR_EHR_E_SAVE_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_return_unsaved(
    client: *mut Client,
    project: *const c_char,
    project_length: usize,
    record: *const c_char,
    record_length: usize,
    save_id: *const c_char,
    save_id_length: usize,
    count: *mut usize,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (count, project, record, save_id) = unsafe {
            (
                OutParam::new(count, "count")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
                cast::text(save_id, save_id_length, "save_id")?,
            )
        };
        count.write(state.inner()?.return_unsaved(project, record, save_id)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Deletes expired records from the store. Call it regularly, for example once a day. The access hook is not asked.
///
/// On success *count is the number of deleted records.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_purge_expired(
    client: *mut Client,
    count: *mut usize,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let count = unsafe { OutParam::new(count, "count")? };
        count.write(state.inner()?.purge_expired()?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}
