//! Documents that C passes. An unknown member is an error.

use super::schema;
use crate::cast::invalid;
use fhir_ehr::{
    Anchor, Decisions, Environment, Mapping, Offset, OffsetDirection, PatientRequest, PatientSelector,
    Project, PullRequest, RecordDate, Result, TextMode, describe_json_error,
};
use schemars::{JsonSchema, generate::Contract};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// Reads a document. The error does not repeat its content, which may be a patient's.
fn read<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|cause| invalid(format!("{name}: {}", describe_json_error(text, &cause))))
}

/// What to pull for one study record: the `request` of fhir_ehr_client_pull().
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Pull request")]
struct PullDocument {
    /// The application's user. May be absent when `system` is true.
    #[serde(default)]
    user: String,
    /// Read with the source's system account instead of the user's sign-in.
    #[serde(default)]
    system: bool,
    /// The id of the source in the configuration.
    source: String,
    /// The project that the values are for.
    project: ProjectDocument,
    /// The study record.
    record: String,
    /// The patient's medical record number.
    mrn: String,
    /// The mapping as CSV text; see fhir_ehr_client_check_mapping().
    mapping: String,
    /// The dates of the study record that the mapping's `temporal_field` column names.
    #[serde(default)]
    dates: Vec<DateDocument>,
    /// Values count when their time is at most this many days away from the date of their line.
    #[serde(default = "default_offset_days")]
    offset_days: u32,
    /// Whether values before the date count (`-`), after it (`+`), or both (`+-`).
    #[serde(default = "default_offset_direction")]
    #[schemars(extend("enum" = ["+-", "+", "-"]), with = "String")]
    offset_direction: OffsetDirection,
    /// The form of numbers and times; see docs/fields.md.
    #[serde(default)]
    #[schemars(extend("enum" = ["exact", "php14"]), with = "String")]
    text: TextMode,
    /// The `patient` of the launch context, for a pull inside a launch: the pull is refused when it is for another
    /// patient.
    #[serde(default)]
    launch_patient: Option<String>,
    /// Whether the report names the resources that gave no row, by their ids.
    #[serde(default)]
    explain: bool,
}

/// A project of the application.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Project")]
struct ProjectDocument {
    /// The application's id for the project.
    id: String,
    /// A production project accepts data from production sources only.
    environment: Environment,
    /// The ids of the sources that the project may pull from. Absent: every source that its environment allows.
    #[serde(default)]
    sources: Option<Vec<String>>,
    /// Whether the project allows the system account; a request with `system` requires it.
    #[serde(default)]
    system_account: bool,
}

impl From<ProjectDocument> for Project {
    fn from(document: ProjectDocument) -> Self {
        Project {
            id: document.id,
            environment: document.environment,
            sources: document.sources,
            system_account: document.system_account,
        }
    }
}

/// A date of the study record.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Date")]
struct DateDocument {
    /// The study field that holds the date.
    field: String,
    /// The event that the date belongs to. Absent or null: every event without a date of its own.
    #[serde(default)]
    event: Option<String>,
    /// `YYYY-MM-DD`, `YYYY-MM-DD HH:MM` or `YYYY-MM-DD HH:MM:SS`.
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?$"))]
    date: String,
}

fn default_offset_days() -> u32 {
    Offset::default().days
}

fn default_offset_direction() -> OffsetDirection {
    Offset::default().direction
}

pub(crate) fn pull_request(text: &str) -> Result<PullRequest> {
    let document: PullDocument = read("request", text)?;
    let date = |date: DateDocument| {
        let anchor = Anchor::parse(&date.date)
            .ok_or_else(|| invalid("request: dates: a date is not YYYY-MM-DD or YYYY-MM-DD HH:MM[:SS]"))?;
        Ok(RecordDate { field: date.field, event: date.event, anchor })
    };
    Ok(PullRequest {
        user: document.user,
        system: document.system,
        source: document.source,
        project: document.project.into(),
        record: document.record,
        mrn: document.mrn,
        mapping: Mapping::from_csv(&document.mapping)?,
        dates: document.dates.into_iter().map(date).collect::<Result<_>>()?,
        offset: Offset { days: document.offset_days, direction: document.offset_direction },
        text: document.text,
        launch_patient: document.launch_patient,
        explain: document.explain,
    })
}

/// Which patient to look up: the `request` of fhir_ehr_client_patient(). Exactly one of `mrn` and `patient_id` is
/// required.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Patient request", extend("oneOf" = [
    {"required": ["mrn"], "properties": {"mrn": {"type": "string"}, "patient_id": {"type": "null"}}},
    {"required": ["patient_id"], "properties": {"patient_id": {"type": "string"}, "mrn": {"type": "null"}}},
]))]
struct PatientDocument {
    /// The application's user. May be absent when `system` is true.
    #[serde(default)]
    user: String,
    /// Read with the source's system account instead of the user's sign-in. Requires `project`.
    #[serde(default)]
    system: bool,
    /// The id of the source in the configuration.
    source: String,
    /// The project that the lookup is for. Absent: the patient of the user's own launch, by `patient_id`.
    #[serde(default)]
    project: Option<ProjectDocument>,
    /// The patient's medical record number. Requires `project`.
    #[serde(default)]
    mrn: Option<String>,
    /// The patient's FHIR id, such as the `patient` of the launch context.
    #[serde(default)]
    patient_id: Option<String>,
    /// Demographic fields of fhir_ehr_field_catalog() to return.
    #[serde(default)]
    #[schemars(length(max = 5))]
    fields: Vec<String>,
    /// The form of numbers and times; see docs/fields.md.
    #[serde(default)]
    #[schemars(extend("enum" = ["exact", "php14"]), with = "String")]
    text: TextMode,
}

pub(crate) fn patient_request(text: &str) -> Result<PatientRequest> {
    let document: PatientDocument = read("request", text)?;
    let patient = match (document.mrn, document.patient_id) {
        (Some(mrn), None) => PatientSelector::Mrn(mrn),
        (None, Some(id)) => PatientSelector::Id(id),
        _ => return Err(invalid("request: exactly one of mrn and patient_id is required")),
    };
    Ok(PatientRequest {
        user: document.user,
        system: document.system,
        source: document.source,
        project: document.project.map(Project::from),
        patient,
        fields: document.fields,
        text: document.text,
    })
}

/// A user's decisions on rows of one study record. Each row is named by its `decision` (recommended) or its `key`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Decisions")]
struct DecisionsDocument {
    /// The rows to save.
    #[serde(default)]
    accept: Vec<String>,
    /// The rows not to save.
    #[serde(default)]
    reject: Vec<String>,
}

pub(crate) fn decisions(text: &str) -> Result<Decisions> {
    let DecisionsDocument { accept, reject } = read("decisions", text)?;
    Ok(Decisions { accept, reject })
}

/// Rows of one study record, each named by its `decision` or its `key`.
#[derive(Deserialize, JsonSchema)]
#[schemars(title = "Keys")]
struct KeysDocument(Vec<String>);

pub(crate) fn keys(text: &str) -> Result<Vec<String>> {
    let KeysDocument(keys) = read("keys", text)?;
    Ok(keys)
}

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("pull_request", schema::<PullDocument>(Contract::Deserialize)),
        ("patient_request", schema::<PatientDocument>(Contract::Deserialize)),
        ("decisions", schema::<DecisionsDocument>(Contract::Deserialize)),
        ("keys", schema::<KeysDocument>(Contract::Deserialize)),
    ]
}
