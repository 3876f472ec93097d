//! Decided rows, and corrections: removing a saved value, clearing rows after a wrong MRN, deleting damaged rows.

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

/// The rows of a study record that were saved or rejected, in the order of fhir_ehr_client_staged(). Their values are
/// erased, except for entries of lists that are in the study record. FHIR_EHR_ROW_EHR_STATE says whether the EHR still has
/// the value. A saved row that fhir_ehr_client_remove_saved() marked is among the rows of fhir_ehr_client_staged() until the
/// removal is saved.
///
/// On success *rows is a new handle; free it with fhir_ehr_rows_free().
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_RECORD_MIXED.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_decided(
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
                cast::text(record, record_length, "record")?,
            )
        };
        let decided = state.inner()?.decided(user, project, record)?;
        rows.write_boxed(Rows::without_report(decided));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// The sources that have the chart of the record's patient, in the order in which they were first used.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON list of source ids (keys.schema.json); it
/// is empty for a record without a patient:
///
/// ```json
/// ["main"]
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED (it asks for FHIR_EHR_ACTION_PULL), FHIR_EHR_E_ROW_DAMAGED.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_record_sources(
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
        text.write_boxed(to_text(&state.inner()?.record_sources(user, project, record)?)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Marks saved values for removal from the study record. `keys` is a JSON list (keys.schema.json) of `saved` rows of
/// fhir_ehr_client_decided(), each named by its FHIR_EHR_ROW_DECISION or its FHIR_EHR_ROW_KEY:
///
/// ```json
/// ["8f1c2ab0~5d41402abc4b2a76"]
/// ```
///
/// The next fhir_ehr_client_values_to_save() returns an empty value for their study fields, or the list without the entry.
/// After fhir_ehr_client_confirm_saved() the rows count as rejected and do not come back as new. Until
/// fhir_ehr_client_values_to_save() has returned them, fhir_ehr_client_reopen() cancels the removal.
///
/// On success *count is the number of values to remove.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_NOT_FOUND (a key names no saved row, or the study record contains a
/// later version of the value), FHIR_EHR_E_ADJUDICATION_AMBIGUOUS (another accepted value is waiting to be saved into the
/// same study field), FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_remove_saved(
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
        count.write(state.inner()?.remove_saved(user, project, record, &keys)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Deletes the rows of a study record that wait for a decision, so that a wrong MRN can be corrected. If no value of the
/// record is accepted or saved, the record is no longer bound to a patient, and the next pull may be for another one. If
/// the record contains values of two patients (FHIR_EHR_E_RECORD_MIXED), accepted values that were not returned for saving
/// are deleted too, because nothing shows which patient they belong to. The log hook gets the event `pending_cleared`.
///
/// On success *count is the number of deleted rows; 0 if none waited.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_CONFLICT.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_clear_pending(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    project: *const c_char,
    project_length: usize,
    record: *const c_char,
    record_length: usize,
    count: *mut usize,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (count, user, project, record) = unsafe {
            (
                OutParam::new(count, "count")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
            )
        };
        count.write(state.inner()?.clear_pending(user, project, record)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Deletes stored rows that cannot be decrypted although their key is in the key ring: they were changed or moved in the
/// store. `record` is a study record, or NULL with length 0 for the whole project. Until the rows are deleted, calls for
/// their study record fail with FHIR_EHR_E_ROW_DAMAGED, and the rows of the project do not include that record. The next
/// pull returns the values as new ones; decisions that the deleted rows contained are lost. The log hook gets the event
/// `damaged_removed`.
///
/// On success *count is the number of deleted rows; 0 if none was damaged.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_VAULT_KEY_MISSING, FHIR_EHR_E_VAULT_OPEN_FAILED (the key of a damaged row
/// decrypts no other row of the project, so the key itself may be wrong).
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_remove_damaged(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    project: *const c_char,
    project_length: usize,
    record: *const c_char,
    record_length: usize,
    count: *mut usize,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (count, user, project, record) = unsafe {
            (
                OutParam::new(count, "count")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text_or_none(record, record_length, "record")?,
            )
        };
        count.write(state.inner()?.remove_damaged(user, project, record)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}
