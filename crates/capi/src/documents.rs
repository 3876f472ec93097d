//! Documents on their way in and out.

use crate::cast::invalid;
use fhir_ehr::{
    Anchor, CheckStep, Code, Decisions, Discovery, Environment, LaunchResult, Mapping, Offset,
    OffsetDirection, PatientRequest, PatientResult, PatientSelector, Project, PullRequest, PullResult,
    RecordDate, Result, SignIn, Source, Sources, StagedRow, TextMode,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Reads a document; what stands in it is not repeated, it may be a patient's.
fn read<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|cause| invalid(format!("{name}: {}", fhir_ehr::json_words(text, &cause))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PullDocument {
    #[serde(default)]
    user: String,
    #[serde(default)]
    system: bool,
    source: String,
    project: ProjectDocument,
    record: String,
    mrn: String,
    mapping: String,
    #[serde(default)]
    dates: Vec<DateDocument>,
    #[serde(default)]
    offset: OffsetDocument,
    #[serde(default)]
    text: TextMode,
    #[serde(default)]
    launch_patient: Option<String>,
    #[serde(default)]
    explain: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectDocument {
    id: String,
    environment: Environment,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DateDocument {
    field: String,
    #[serde(default)]
    event: Option<String>,
    date: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OffsetDocument {
    days: u32,
    #[serde(default = "both")]
    direction: OffsetDirection,
}

fn both() -> OffsetDirection {
    OffsetDirection::Both
}

impl Default for OffsetDocument {
    fn default() -> Self {
        let Offset { days, direction } = Offset::default();
        OffsetDocument { days, direction }
    }
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
        project: Project { id: document.project.id, environment: document.project.environment },
        record: document.record,
        mrn: document.mrn,
        mapping: Mapping::from_csv(&document.mapping)?,
        dates: document.dates.into_iter().map(date).collect::<Result<_>>()?,
        offset: Offset { days: document.offset.days, direction: document.offset.direction },
        text: document.text,
        launch_patient: document.launch_patient,
        explain: document.explain,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PatientDocument {
    #[serde(default)]
    user: String,
    #[serde(default)]
    system: bool,
    source: String,
    #[serde(default)]
    project: Option<ProjectDocument>,
    #[serde(default)]
    mrn: Option<String>,
    #[serde(default)]
    patient_id: Option<String>,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    text: TextMode,
}

pub(crate) fn patient_request(text: &str) -> Result<PatientRequest> {
    let document: PatientDocument = read("request", text)?;
    let patient = match (document.mrn, document.patient_id) {
        (Some(mrn), None) => PatientSelector::Mrn(mrn),
        (None, Some(id)) => PatientSelector::Id(id),
        _ => return Err(invalid("request: exactly one of mrn and patient_id is wanted")),
    };
    let project = document.project.map(|given| Project { id: given.id, environment: given.environment });
    Ok(PatientRequest {
        user: document.user,
        system: document.system,
        source: document.source,
        project,
        patient,
        fields: document.fields,
        text: document.text,
    })
}

pub(crate) fn patient(found: &PatientResult) -> Value {
    json!({"patient_id": found.patient_id, "mrns": found.mrns, "values": found.values})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionsDocument {
    #[serde(default)]
    accept: Vec<String>,
    #[serde(default)]
    reject: Vec<String>,
}

pub(crate) fn decisions(text: &str) -> Result<Decisions> {
    let DecisionsDocument { accept, reject } = read("decisions", text)?;
    Ok(Decisions { accept, reject })
}

/// The keys of rows.
pub(crate) fn keys(text: &str) -> Result<Vec<String>> {
    read("keys", text)
}

pub(crate) fn launch_result(launch_result: &LaunchResult) -> Value {
    match launch_result {
        LaunchResult::Redirect(url) => json!({"kind": launch_result.name(), "url": url}),
        LaunchResult::SignedIn(user) => sign_in(user),
        LaunchResult::LoginRequired { handover, ehr_user, source } => json!({
            "kind": launch_result.name(), "handover": handover, "ehr_user": ehr_user, "source": source,
        }),
    }
}

pub(crate) fn sign_in(user: &SignIn) -> Value {
    json!({
        "kind": "signed_in", "user": user.user, "source": user.source, "context": user.context,
    })
}

pub(crate) fn mapping(mapping: &Mapping) -> Value {
    let lines = mapping.lines.iter().map(|line| {
        json!({
            "source_field": line.source_field.name, "label": line.source_field.label, "study_field": line.study_field,
            "event": line.event, "temporal_field": line.temporal_field, "preselect": line.preselect,
            "unit": line.unit,
        })
    });
    json!({
        "record_identifier": mapping.record_identifier, "lines": Value::from_iter(lines),
        "warnings": mapping.warnings,
    })
}

pub(crate) fn sources(sources: &Sources) -> Value {
    let source = |source: &Source| {
        json!({
            "id": source.id, "name": source.name, "iss": source.iss, "environment": source.environment,
            "fhir_version": source.fhir_version, "vendor": source.vendor,
            "system_account": source.system_registration.is_some(),
            "redirect_uris": source.registration.redirect_uris, "frame_ancestors": source.frame_ancestors,
            "authorization_endpoint": source.authorization_endpoint.as_ref().map(|url| url.as_str()),
            "token_endpoint": source.token_endpoint.as_ref().map(|url| url.as_str()),
            "mrn_systems": source.mrn_systems,
            "time_zone": source.time_zone.as_ref().and_then(|zone| zone.iana_name()),
        })
    };
    sources.iter().map(source).collect()
}

pub(crate) fn discovery(found: &Discovery) -> Value {
    json!({
        "authorization_endpoint": found.endpoints.authorization.as_ref().map(|url| url.as_str()),
        "token_endpoint": found.endpoints.token.as_str(), "fhir_version": found.fhir_version,
        "found_in": found.found_in.name(), "scopes_supported": found.scopes_supported,
        "capabilities": found.capabilities,
    })
}

pub(crate) fn steps(steps: &[CheckStep]) -> Result<Value> {
    serde_json::to_value(steps).map_err(|_| Code::Internal.into())
}

pub(crate) fn rows(rows: &[StagedRow]) -> Result<Value> {
    let row = |row: &StagedRow| {
        let mut value = serde_json::to_value(row).map_err(|_| Code::Internal)?;
        if let Some(members) = value.as_object_mut() {
            // Keyed hashes: of use in the store only.
            members.remove("patient");
            members.remove("fingerprint");
            members.remove("window");
            members.insert("decision".to_owned(), row.decision().into());
        }
        Ok(value)
    };
    rows.iter().map(row).collect()
}

pub(crate) fn pull_result(pull_result: &PullResult) -> Value {
    json!({
        "pull_id": pull_result.pull_id, "patient_id": pull_result.patient_id,
        "complete": pull_result.report.is_complete(), "report": pull_result.report,
    })
}
