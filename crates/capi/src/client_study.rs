//! The study: mapping, pull, staged rows, decisions, the values to save.

use crate::{
    cast::{self, Out},
    client::{Client, State, inside},
    documents,
    error::Error,
    guard::Status,
    rows::Rows,
    text::Text,
};
use fhir_ehr::{Code, Environment, SaveSet};
use libc::c_char;

/// Checks a mapping that a user wants to use in a project. `csv` has the header
/// external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name; a seventh column, unit,
/// may name the unit that a value must have to be preselected.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON document:
/// `record_identifier`, `lines` (`field`, `label`, `study_field`, `event`, `temporal_field`, `preselect`, `unit`) and
/// `warnings`, what was passed over.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_MAPPING_INVALID (it names the line, and what to write instead).
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_check_mapping(
    client: *mut Client,
    user: *const c_char,
    user_length: usize,
    project: *const c_char,
    project_length: usize,
    csv: *const c_char,
    csv_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, user, project, csv) = unsafe {
            (
                Out::new(text, "text")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(csv, csv_length, "csv")?,
            )
        };
        let mapping = state.ready()?.mapping(user, project, csv)?;
        text.give(Text::new(documents::mapping(&mapping).to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Says whether data of a source may enter a project. `environment` is the project's: `sandbox`, `test` or
/// `production`. A production project takes data of a production source only; a sandbox or test project takes data
/// of any source. Call it before you list a project for a patient of the source, and before you write the patient
/// into the project. fhir_ehr_client_patient() and fhir_ehr_client_pull() refuse by the same rule with
/// FHIR_EHR_E_ENVIRONMENT_MISMATCH.
///
/// The access hook is not asked. Neither the store nor the network is used.
///
/// On success *may is 1 when the source may serve the project, else 0.
///
/// Errors: FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_REQUEST_INVALID (`environment` is none of the three).
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_source_may_serve(
    client: *mut Client,
    source: *const c_char,
    source_length: usize,
    environment: *const c_char,
    environment_length: usize,
    may: *mut i32,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (may, source, environment) = unsafe {
            (
                Out::new(may, "may")?,
                cast::text(source, source_length, "source")?,
                cast::text(environment, environment_length, "environment")?,
            )
        };
        let environment = Environment::from_name(environment)?;
        may.put(i32::from(state.ready()?.source_may_serve(source, environment)?));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Pulls a patient's values and stages them. `request` is a JSON document:
/// `user` (the application's; may be absent with `"system": true`), `system` (read with the source's system
/// account), `source`, `project` (`id`, `environment`: `sandbox`, `test` or `production`), `record` (the
/// study record), `mrn`, `mapping` (CSV as for fhir_ehr_client_check_mapping()), `dates` (a list of `field`,
/// `event` or absent, `date`: `YYYY-MM-DD` or `YYYY-MM-DD HH:MM[:SS]`), `offset` (`days`, `direction`: `"+-"`,
/// `"+"` or `"-"`; absent: 7 days on both sides), `text` (`exact` or `php14`; absent: `exact`),
/// `launch_patient` (the context's `patient` when the pull is made inside a launch: it must be the same),
/// `explain` (true: the report names the resources that gave no row, by id; absent: false).
///
/// A value that a person has decided is never changed. When the EHR has another value now, that one waits in a row of
/// its own, with FHIR_EHR_ROW_CHANGED `true`; the decided row has FHIR_EHR_ROW_EHR_STATE `corrected`.
///
/// On success *rows are new rows; free them with fhir_ehr_rows_free(). They are the record's rows in the staging
/// now; fhir_ehr_rows_report() says what came and what did not. Look at its `complete`: a
/// resource type that the EHR denied is no error of the call.
///
/// Errors: nothing is staged then. FHIR_EHR_E_RECORD_BOUND when the record belongs to another patient: correct the
/// MRN, or call fhir_ehr_client_clear_pending() and pull again. FHIR_EHR_E_RECORD_MIXED. FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND,
/// FHIR_EHR_E_ENVIRONMENT_MISMATCH, FHIR_EHR_E_MAPPING_INVALID, FHIR_EHR_E_GRANT_NOT_FOUND,
/// FHIR_EHR_E_GRANT_EXPIRED, FHIR_EHR_E_REFRESH_BUSY, the token endpoint's (301 to 305), the patient's and the
/// FHIR server's (401 to 418), FHIR_EHR_E_LIMIT_EXCEEDED.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_pull(
    client: *mut Client,
    request: *const c_char,
    request_length: usize,
    rows: *mut *mut Rows,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (rows, request) =
            unsafe { (Out::new(rows, "rows")?, cast::text(request, request_length, "request")?) };
        let request = documents::pull_request(request)?;
        let pulled = state.ready()?.pull(&request)?;
        let report = documents::pull_result(&pulled).to_string();
        rows.give(Rows::new(pulled.rows, report));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Looks one patient up: for a banner, or for finding the study record. Nothing of it is staged or stored.
/// `request` is a JSON document: `user` (the application's; may be absent with `"system": true`), `system`
/// (read with the source's system account; with a project only), `source`, `mrn` or `patient_id` (exactly one
/// of them), `fields` (at most five names of demographic fields of fhir_ehr_field_catalog(); may be absent),
/// `project` (`id`, `environment`; absent or null: the patient of the user's own launch, by `patient_id`),
/// `text` (`exact` or `php14`; absent: `exact`).
///
/// The access hook is asked FHIR_EHR_ACTION_PULL in the project; without one FHIR_EHR_ACTION_LAUNCH.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON document: `patient_id`,
/// `mrns` (the best first, by the order of the source's `mrn_systems`; may be empty), `values` (an object: field
/// to text; a field without a value is left out). It is a patient's: keep it out of logs.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_ENVIRONMENT_MISMATCH,
/// FHIR_EHR_E_GRANT_NOT_FOUND, FHIR_EHR_E_GRANT_EXPIRED, FHIR_EHR_E_REFRESH_BUSY, the token endpoint's (301 to
/// 305), the patient's and the FHIR server's (401 to 418).
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
///
/// # Safety
/// Pointers are NULL or point to what the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fhir_ehr_client_patient(
    client: *mut Client,
    request: *const c_char,
    request_length: usize,
    text: *mut *mut Text,
    error: *mut *mut Error,
) -> Status {
    let work = |state: &mut State| {
        // SAFETY: the caller's promise.
        let (text, request) =
            unsafe { (Out::new(text, "text")?, cast::text(request, request_length, "request")?) };
        let request = documents::patient_request(request)?;
        let found = state.ready()?.patient(&request)?;
        text.give(Text::new(documents::patient(&found).to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// The rows that wait for a decision or are on their way into the record, of one record, or of the whole
/// project when `record` is NULL with length 0. FHIR_EHR_ROW_EHR_STATE says what the EHR says about each of them now.
/// Of a project, records that hold two patients are left out, and records with a row that cannot be decrypted; the log hook
/// gets their number with the events `record_mixed` and `row_damaged`.
///
/// On success *rows are new rows; free them with fhir_ehr_rows_free().
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_RECORD_MIXED and FHIR_EHR_E_ROW_DAMAGED (of one record; see
/// fhir_ehr_client_clear_pending() and fhir_ehr_client_remove_damaged()), FHIR_EHR_E_VAULT_KEY_MISSING.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
                Out::new(rows, "rows")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text_or_none(record, record_length, "record")?,
            )
        };
        let staged = state.ready()?.staged(user, project, record)?;
        rows.give(Rows::new(staged, "{}".to_owned()));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Notes a user's decisions on a record's rows, all or none of them. `decisions` is a JSON document: `accept`
/// and `reject`, lists of rows; rows that are not named are left as they are. Name a row by its
/// FHIR_EHR_ROW_DECISION: then a value that a pull has corrected since it was shown is not decided on unseen
/// (FHIR_EHR_E_ROW_CONFLICT). Its FHIR_EHR_ROW_KEY names whatever value stands there.
///
/// On success *count says how many rows were decided.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_NOT_FOUND, FHIR_EHR_E_ADJUDICATION_AMBIGUOUS,
/// FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
                Out::new(count, "count")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
                cast::text(decisions, decisions_length, "decisions")?,
            )
        };
        let decisions = documents::decisions(decisions)?;
        count.put(state.ready()?.adjudicate(user, project, record, &decisions)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Takes acceptances of a record back: the rows wait again. It takes removals back too
/// (fhir_ehr_client_remove_saved()): their rows are saved as before. `keys` is a JSON list of keys of accepted rows
/// (FHIR_EHR_ROW_KEY). Values that were handed out cannot be taken back.
///
/// On success *count says how many rows were taken back.
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
                Out::new(count, "count")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
                cast::text(keys, keys_length, "keys")?,
            )
        };
        let keys = documents::keys(keys)?;
        count.put(state.ready()?.reopen(user, project, record, &keys)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Hands out the accepted values of a record: each in one call only. Save them, then call
/// fhir_ehr_client_confirm_saved(), or fhir_ehr_client_return_unsaved() to have them handed out again. A list is handed out whole,
/// with the entries that were saved before; not while it is handed out already. A value that is to be removed
/// (fhir_ehr_client_remove_saved()) is an empty `value`, or a list without the entry: write that too.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is a JSON document:
/// `save_id` (empty when there is nothing to save), `record`, `values` (`event`, `study_field`, `value`,
/// `unit` or null, `timestamp` or null, `keys`).
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_ROW_CONFLICT, FHIR_EHR_E_RECORD_MIXED.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
                Out::new(text, "text")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
            )
        };
        let set: SaveSet = state.ready()?.values_to_save(user, project, record)?;
        text.give(Text::new(serde_json::to_string(&set).map_err(|_| Code::Internal)?));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// The host has saved a set: its values are erased here and do not come back as new. Entries of lists keep their text
/// as long as they are in the record, because a list is written whole each time.
///
/// On success *count says how many rows that were. The empty `save_id` of a set without values is no error: 0 rows.
///
/// Errors: FHIR_EHR_E_SAVE_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
                Out::new(count, "count")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
                cast::text(save_id, save_id_length, "save_id")?,
            )
        };
        count.put(state.ready()?.confirm_saved(project, record, save_id)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// The host could not save a set: its values will be handed out again.
///
/// On success *count says how many rows that were. The empty `save_id` of a set without values is no error: 0 rows.
///
/// Errors: FHIR_EHR_E_SAVE_NOT_FOUND, FHIR_EHR_E_ROW_CONFLICT.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
                Out::new(count, "count")?,
                cast::text(project, project_length, "project")?,
                cast::text(record, record_length, "record")?,
                cast::text(save_id, save_id_length, "save_id")?,
            )
        };
        count.put(state.ready()?.return_unsaved(project, record, save_id)?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}

/// Deletes what has expired in the store; call it now and then, such as once a day.
///
/// On success *count says how many records that were.
///
/// Errors: the store's.
/// Every call: FHIR_EHR_E_REQUEST_INVALID, FHIR_EHR_E_BUSY, FHIR_EHR_E_INTERNAL, those of the store, the vault and
/// the configuration. Any thread, one at a time. In a child after a fork as in the parent.
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
        let count = unsafe { Out::new(count, "count")? };
        count.put(state.ready()?.purge_expired()?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { inside(client, error, work) }
}
