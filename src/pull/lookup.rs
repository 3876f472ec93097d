//! Looks up one patient, for a banner or to find the study record. Nothing is stored.

use super::{
    Project, check_text,
    report::PullReport,
    with_grant::{self, PatientQuery, utc},
};
use crate::{
    access::Action,
    context::Context,
    error::{Code, Error, Result, escape_for_display},
    fhir::{self, Json},
    fields::{self, Field, Rules, TextMode, catalog},
    grant::Holder,
    log::{Event, Events},
    source::Source,
};
use std::{collections::BTreeMap, time::Duration};

/// The most fields of one lookup, which is for recognizing a patient and not for collecting data.
pub const FIELDS: usize = 5;

/// The patient to look up. Not `Debug`: it identifies the patient.
#[derive(Clone)]
pub enum PatientSelector {
    /// The MRN, verified in the answer as for a pull.
    Mrn(String),
    /// The FHIR id, such as the patient of the launch context.
    Id(String),
}

/// The request to look up a patient. Not `Debug`: it identifies the patient.
#[derive(Clone)]
pub struct PatientRequest {
    /// The user of the application.
    pub user: String,
    /// Whether to read with the system account of the source instead of the user's own sign-in; only in a project.
    pub system: bool,
    /// The id of the source.
    pub source: String,
    /// The study project; `None` for a user who was launched with this patient.
    pub project: Option<Project>,
    /// The patient.
    pub patient: PatientSelector,
    /// The names of demographic fields, at most five.
    pub fields: Vec<String>,
    /// The form of the texts of values.
    pub text: TextMode,
}

/// A patient that was looked up. Not `Debug`: it identifies the patient.
#[derive(Clone)]
pub struct PatientResult {
    /// The FHIR id.
    pub patient_id: String,
    /// The MRNs, in the order of the source's `mrn_systems`. For each identifier, the stored form comes before the displayed form.
    pub mrns: Vec<String>,
    /// The ids of the same patient in other FHIR versions of the EHR, by version (`dstu2`, `r4`), as far as the Patient states them:
    /// the `launch_patient` of a pull at a source of that version.
    pub other_ids: BTreeMap<String, String>,
    /// The values of the requested fields that the patient has, by field name.
    pub values: BTreeMap<String, String>,
}

impl PatientRequest {
    /// The project and the action that the access hook is asked about. The project is empty for the patient of a launch.
    pub fn required_access(&self) -> (&str, Action) {
        match &self.project {
            Some(project) => (&project.id, Action::Pull),
            None => ("", Action::Launch),
        }
    }
}

/// Looks a patient up. The request is checked before anything is sent.
///
/// # Errors
/// [`Code::RequestInvalid`], [`Code::EnvironmentMismatch`], [`Code::GrantNotFound`], and the errors of
/// the patient search, the token endpoint, the FHIR server and the store.
pub fn look_up(context: &Context<'_>, source: &Source, request: &PatientRequest) -> Result<PatientResult> {
    check(source, request)?;
    let fields = demographic_fields(&request.fields)?;
    let holder = if request.system { Holder::System } else { Holder::User(request.user.clone()) };
    let query = match &request.patient {
        PatientSelector::Mrn(mrn) => PatientQuery { mrn: Some(mrn), id: None },
        PatientSelector::Id(id) => PatientQuery { mrn: None, id: Some(id) },
    };
    let rules =
        Rules { include_preliminary: source.policy.include_preliminary, now: utc(context.clock.now()) };
    with_grant::with_patient(context, source, &holder, query, &mut PullReport::default(), |_, patient| {
        Ok(result_of(source, &patient.resource, &fields, request.text, &rules))
    })
}

fn check(source: &Source, request: &PatientRequest) -> Result<()> {
    let invalid = |what: &str| Error::new(Code::RequestInvalid).detail(what);
    match (&request.project, &request.patient) {
        (Some(project), _) => {
            project.check_source(source, request.system)?;
            check_text("project", &project.id)?;
        }
        (None, PatientSelector::Mrn(_)) => {
            return Err(invalid("an MRN without a project").hint(
                "Name the project and its environment. Without them, only the patient of a launch can be read, by id.",
            ));
        }
        (None, PatientSelector::Id(_)) if request.system => {
            return Err(invalid("the system account without a project")
                .hint("Name the project and its environment, or read with the user's own sign-in."));
        }
        (None, PatientSelector::Id(_)) => {}
    }
    match &request.patient {
        PatientSelector::Mrn(mrn) => check_text("mrn", mrn)?,
        PatientSelector::Id(id) => {
            check_text("patient_id", id)?;
            // These texts are not ids and would change the path of the URL.
            if id.contains('/') || id == "." || id == ".." {
                return Err(invalid("patient_id is not a FHIR id"));
            }
        }
    }
    if !request.system && request.user.is_empty() {
        return Err(invalid("user is empty"));
    }
    Ok(())
}

fn demographic_fields(names: &[String]) -> Result<Vec<Field>> {
    let hint = format!("Name at most {FIELDS} demographic fields, such as name-family and birthDate.");
    let refuse = |what: String| Error::new(Code::RequestInvalid).detail(what).hint(hint.clone());
    if names.len() > FIELDS {
        return Err(refuse(format!("{} fields", names.len())));
    }
    let field = |name: &String| {
        let found = catalog::field(name).filter(Field::is_demographic);
        found.ok_or_else(|| refuse(format!("{} is not a demographic field", escape_for_display(name))))
    };
    names.iter().map(field).collect()
}

/// The MRNs and the values of the requested fields.
fn result_of(
    source: &Source,
    patient: &Json,
    fields: &[Field],
    text: TextMode,
    rules: &Rules,
) -> PatientResult {
    let mut mrns: Vec<String> = Vec::new();
    for mrn in fhir::patient::mrns(source, patient, rules.now) {
        if !mrns.iter().any(|known| known == mrn) {
            mrns.push(mrn.to_owned());
        }
    }
    let value = |field: &Field| {
        let value = fields::read(field, patient, rules).ok()?.into_iter().next()?;
        let text = value.text.in_mode(text).to_owned();
        (!text.is_empty()).then(|| (field.name.clone(), text))
    };
    PatientResult {
        patient_id: patient.get("id").text().unwrap_or_default().to_owned(),
        mrns,
        other_ids: fhir::patient_ids::other_ids(patient, source.fhir_version, rules.now),
        values: fields.iter().filter_map(value).collect(),
    }
}

/// Logs how a lookup ended.
pub fn log_result(
    events: Events<'_>,
    source: &Source,
    result: &Result<PatientResult>,
    milliseconds: Duration,
) {
    let source = source.id.as_str();
    events.log(match result {
        Ok(_) => Event::PatientRead { source, milliseconds },
        Err(error) => Event::PatientReadFailed { source, error: error.code().name(), milliseconds },
    });
}
