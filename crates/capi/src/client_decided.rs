//! Values that were decided, and what takes them back: rows that were saved or rejected, removals, waiting values that
//! go because the MRN was wrong.

use crate::{
    cast::{self, Out},
    client::{Client, State, inside},
    documents,
    error::Error,
    guard::Status,
    rows::Rows,
};
use libc::c_char;

/// The rows of a record that were saved or rejected, ordered as those of fhir_ehr_client_staged(). Their values are
/// erased, except entries of lists that are in the record. FHIR_EHR_ROW_EHR_STATE says what the EHR says about
/// each of them now. A saved value that fhir_ehr_client_remove_saved() named is among the rows of
/// fhir_ehr_client_staged() until it is saved.
///
/// On success *rows are new rows; free them with fhir_ehr_rows_free().
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_RECORD_MIXED, FHIR_EHR_E_VAULT_KEY_MISSING,
/// FHIR_EHR_E_VAULT_OPEN_FAILED.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
                Out::new(rows, "rows")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
            )
        };
        let decided = state.ready()?.decided(user, project, record)?;
        rows.give(Rows::new(decided, "{}".to_owned()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Asks that saved values be removed from the record. `keys` is a JSON list of rows of fhir_ehr_client_decided() that are
/// `saved`, each by its FHIR_EHR_ROW_DECISION or its FHIR_EHR_ROW_KEY. The next fhir_ehr_client_values_to_save() hands
/// out their places without them: a list without the entry, or an empty value. After fhir_ehr_client_confirm_saved() they count
/// as rejected and do not come back as new. Until the hand-out, fhir_ehr_client_reopen() takes a removal back.
///
/// On success *count says how many values will be removed.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_NOT_FOUND (a key names no saved row, or the record holds a later
/// version of the value), FHIR_EHR_E_ADJUDICATION_AMBIGUOUS (another value is on its way into the same place),
/// FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED. Nothing is changed then.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
                Out::new(count, "count")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
                cast::text(keys, keys_length, "keys")?,
            )
        };
        let keys = documents::keys(keys)?;
        count.put(state.ready()?.remove_saved(user, project, record, &keys)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Deletes the rows of a record that wait for a decision, so that a wrong MRN can be corrected. When no value of the
/// record is saved or on its way, the record belongs to no patient then, and the next pull may be for another one. Of a
/// record that holds two patients (FHIR_EHR_E_RECORD_MIXED), accepted values that were not handed out are deleted too:
/// nothing shows whose they are. The log hook gets the event `pending_cleared`.
///
/// On success *count says how many rows were deleted; 0 when none waited.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_CONFLICT.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
                Out::new(count, "count")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
            )
        };
        count.put(state.ready()?.clear_pending(user, project, record)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Deletes stored rows that cannot be decrypted although their key is in the key ring: they were changed or moved in the
/// store. `record` is one study record, or NULL with length 0 for the whole project. Until then the record of such a row is
/// neither shown nor pulled into (FHIR_EHR_E_ROW_DAMAGED), and is not among the rows of the project. The next pull brings the
/// values again, as new ones: a decision that was noted in a deleted row is lost. The log hook gets the event
/// `damaged_removed`.
///
/// On success *count says how many rows were deleted; 0 when none was damaged.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_VAULT_KEY_MISSING, FHIR_EHR_E_VAULT_OPEN_FAILED (the key of a damaged row
/// decrypts no other row of the project, so the key may be wrong). Nothing is deleted then.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
                Out::new(count, "count")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text_or_none(record, record_length, "record")?,
            )
        };
        count.put(state.ready()?.remove_damaged(user, project, record)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}
