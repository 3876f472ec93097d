//! The study: its mapping, looking up a patient, the pull.

use crate::{
    cast::{self, OutParam},
    client::{Client, State, with_client},
    documents::{self, to_text},
    error::Error,
    rows::Rows,
    status::Status,
    text::Text,
};
use fhir_ehr::Environment;
use libc::c_char;

/// Checks the mapping of a project before it is used: which source field (an EHR field) goes into which study field. `csv`
/// is CSV text with this header; a seventh column, `unit`, is optional and names the unit that a value must have to be
/// preselected. docs/fields.md explains the columns.
///
/// ```csv
/// external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name
/// 29463-7,,weight,visit_date,NEAR,
/// ```
///
/// The access hook is asked about FHIR_EHR_ACTION_MAP.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (mapping.schema.json). `warnings` are
/// sentences about lines that were ignored or are probably not what was intended.
///
/// ```json
/// {
///   "record_identifier": "mrn",
///   "lines": [{
///     "source_field": "29463-7", "label": "Body weight", "study_field": "weight", "event": "",
///     "temporal_field": "visit_date", "preselect": "NEAR", "unit": null
///   }],
///   "warnings": []
/// }
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_MAPPING_INVALID (the message names the line and says what to write).
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
                OutParam::new(text, "text")?,
                cast::text(user, user_length, "user")?,
                cast::text(project, project_length, "project")?,
                cast::text(csv, csv_length, "csv")?,
            )
        };
        let mapping = state.inner()?.mapping(user, project, csv)?;
        text.write_boxed(to_text(&documents::mapping(&mapping))?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Says whether a project may receive data of a source. `environment` is the project's: `sandbox`, `test` or `production`.
/// A production project may receive data of production sources only; a sandbox or test project may receive data of any
/// source. Call it before you offer a project for a patient of the source, and before you write anything about the patient
/// into the project. fhir_ehr_client_patient() and fhir_ehr_client_pull() apply the same rule
/// (FHIR_EHR_E_ENVIRONMENT_MISMATCH).
///
/// The access hook is not asked. Neither the store nor the network is used.
///
/// On success *may is 1 for yes, 0 for no.
///
/// Errors: FHIR_EHR_E_SOURCE_NOT_FOUND; FHIR_EHR_E_REQUEST_INVALID for any other `environment`.
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
                OutParam::new(may, "may")?,
                cast::text(source, source_length, "source")?,
                cast::text(environment, environment_length, "environment")?,
            )
        };
        let environment = Environment::from_name(environment)?;
        may.write(i32::from(state.inner()?.source_may_serve(source, environment)?));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Pulls a patient's values from a source and stages them for review. `request` is JSON (pull_request.schema.json):
///
/// ```json
/// {
///   "user": "alice", "system": false, "source": "main",
///   "project": {"id": "p17", "environment": "production"}, "record": "1004", "mrn": "M-1",
///   "mapping": "external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name\n29463-7,,weight,visit_date,NEAR,\n",
///   "dates": [{"field": "visit_date", "event": null, "date": "2024-03-01 14:30"}],
///   "offset_days": 30, "offset_direction": "+-",
///   "text": "exact", "launch_patient": null, "explain": false
/// }
/// ```
///
/// Required: `source`, `project`, `record`, `mrn`, `mapping`, and either `user` or `"system": true` (read with the source's
/// system account instead of the user's sign-in). `offset_days` and `offset_direction` say how far from the date of its
/// `temporal_field` a value may be: by default 7 days before or after. `text` is `exact` (default) or `php14`; see
/// docs/fields.md. `launch_patient` is the `patient` of the launch context when the pull is made inside a launch: another
/// patient is refused. `explain` adds to the report the ids of resources that gave no row.
///
/// The access hook is asked about FHIR_EHR_ACTION_PULL in the project.
///
/// A pull never changes a value that was decided. If the EHR has another value now, that one waits in a row of its own
/// whose FHIR_EHR_ROW_CHANGED is `true`, and the decided row's FHIR_EHR_ROW_EHR_STATE is `corrected`.
///
/// On success *rows is a new handle; free it with fhir_ehr_rows_free(). It contains all rows of the study record that are
/// staged now. Check `complete` in fhir_ehr_rows_report(): a resource type that the EHR refuses is not an error of the
/// call.
///
/// Errors: FHIR_EHR_E_RECORD_BOUND when the record belongs to another patient: correct the MRN, or call
/// fhir_ehr_client_clear_pending() and pull again; FHIR_EHR_E_RECORD_MIXED, FHIR_EHR_E_ROW_DAMAGED,
/// FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_ENVIRONMENT_MISMATCH, FHIR_EHR_E_MAPPING_INVALID,
/// FHIR_EHR_E_GRANT_NOT_FOUND, FHIR_EHR_E_GRANT_EXPIRED, FHIR_EHR_E_REFRESH_BUSY, those of the token endpoint (301 to
/// 305), those of the FHIR server and the patient (401 to 423), FHIR_EHR_E_LIMIT_EXCEEDED. Nothing is staged then.
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
            unsafe { (OutParam::new(rows, "rows")?, cast::text(request, request_length, "request")?) };
        let request = documents::pull_request(request)?;
        let pull_result = state.inner()?.pull(&request)?;
        let report = to_text(&documents::pull_report(&pull_result))?;
        rows.write_boxed(Rows::new(pull_result.rows, report));
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}

/// Looks up one patient, for a patient banner or to find the study record. It stages and stores nothing. `request` is JSON
/// (patient_request.schema.json): the patient of the user's own launch, by FHIR id,
///
/// ```json
/// {"user": "alice", "source": "main", "patient_id": "12724066", "fields": ["name-family", "birthDate"]}
/// ```
///
/// or a patient for a project, by MRN or FHIR id, with the user's sign-in or with the system account:
///
/// ```json
/// {
///   "system": true, "source": "main",
///   "project": {"id": "p17", "environment": "production", "system_account": true},
///   "mrn": "M-1", "fields": ["name-family", "birthDate"], "text": "exact"
/// }
/// ```
///
/// `fields` are at most five demographic fields of fhir_ehr_field_catalog(). Exactly one of `mrn` and `patient_id` is
/// required.
///
/// The access hook is asked about FHIR_EHR_ACTION_PULL in the project; without a project about FHIR_EHR_ACTION_LAUNCH.
///
/// On success *text is a new text; free it with fhir_ehr_text_free(). It is JSON (patient.schema.json). A field without a
/// value is absent from `values`; `mrns` may be empty. Keep the document out of logs.
///
/// ```json
/// {"patient_id": "12724066", "mrns": ["M-1"], "other_ids": {"dstu2": "4342012"},
///  "values": {"name-family": "Example", "birthDate": "1970-01-01"}}
/// ```
///
/// Errors: FHIR_EHR_E_ACCESS_REFUSED, FHIR_EHR_E_SOURCE_NOT_FOUND, FHIR_EHR_E_ENVIRONMENT_MISMATCH,
/// FHIR_EHR_E_GRANT_NOT_FOUND, FHIR_EHR_E_GRANT_EXPIRED, FHIR_EHR_E_REFRESH_BUSY, those of the token endpoint (301 to
/// 305), those of the FHIR server and the patient (401 to 423).
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
            unsafe { (OutParam::new(text, "text")?, cast::text(request, request_length, "request")?) };
        let request = documents::patient_request(request)?;
        let found = state.inner()?.patient(&request)?;
        text.write_boxed(to_text(&documents::patient(&found))?);
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { with_client(client, error, work) }
}
