//! One patient looked up: who it is, for a banner or to find the study record. Nothing of it is kept.

use super::{
    Project,
    report::Report,
    usable_text,
    with_grant::{self, Sought, moment},
};
use crate::{
    access::Action,
    context::Context,
    error::{Code, Error, Result, escape_for_display},
    fhir::{self, Json},
    fields::{self, Field, Rules, TextMode, catalogue},
    grant::Holder,
    log::{Events, Level},
    source::Source,
};
use std::collections::BTreeMap;

/// How many fields one look-up gives: it is for recognizing somebody, not for a study.
pub const FIELDS: usize = 5;

/// By what a patient is looked up. Not `Debug`: it names the patient.
#[derive(Clone)]
pub enum LookUp {
    /// The medical record number, verified in the answer as for a pull.
    Mrn(String),
    /// The FHIR id, such as the launch context's.
    Id(String),
}

/// Whom to look up. Not `Debug`: it names the patient.
#[derive(Clone)]
pub struct PatientRequest {
    /// The application's user for whom this is done.
    pub user: String,
    /// Read with the source's system account instead of the user's own sign-in; in a project only.
    pub system: bool,
    /// The source.
    pub source: String,
    /// The project for whose study this is done; `None`: for the user who was launched with this patient.
    pub project: Option<Project>,
    /// By what.
    pub by: LookUp,
    /// Names of demographic fields, at most five.
    pub fields: Vec<String>,
    /// Which text values have.
    pub text: TextMode,
}

/// A patient who was looked up. Not `Debug`: it is the patient.
#[derive(Clone)]
pub struct PatientFound {
    /// The FHIR id.
    pub patient_id: String,
    /// The record numbers, the best first: by the order of the source's `mrn_systems`, and of one identifier
    /// the stored one before the displayed one.
    pub mrns: Vec<String>,
    /// The values of the fields that were asked for and that the patient has.
    pub values: BTreeMap<String, String>,
}

impl PatientRequest {
    /// What is asked of the host: the project (empty for a launch's patient) and the action in it.
    pub fn asks(&self) -> (&str, Action) {
        match &self.project {
            Some(project) => (&project.id, Action::Pull),
            None => ("", Action::Launch),
        }
    }
}

/// Looks a patient up. Nothing is sent before the request was found good.
///
/// # Errors
/// [`Code::RequestInvalid`], [`Code::EnvironmentMismatch`], [`Code::GrantNotFound`], those of finding the
/// patient, and those of the rooms below.
pub fn look_up(context: &Context<'_>, source: &Source, request: &PatientRequest) -> Result<PatientFound> {
    check(source, request)?;
    let wanted = demographic_fields(&request.fields)?;
    let holder = if request.system { Holder::System } else { Holder::User(request.user.clone()) };
    let sought = match &request.by {
        LookUp::Mrn(mrn) => Sought { mrn: Some(mrn), id: None },
        LookUp::Id(id) => Sought { mrn: None, id: Some(id) },
    };
    let rules =
        Rules { include_preliminary: source.policy.include_preliminary, now: moment(context.clock.now()) };
    with_grant::with_patient(context, source, &holder, sought, &mut Report::default(), |_, patient| {
        Ok(found(source, &patient.resource, &wanted, request.text, &rules))
    })
}

fn check(source: &Source, request: &PatientRequest) -> Result<()> {
    let invalid = |what: &str| Error::new(Code::RequestInvalid).detail(what);
    match (&request.project, &request.by) {
        (Some(project), _) => {
            source.check_environment(project.environment)?;
            usable_text("project", &project.id)?;
        }
        (None, LookUp::Mrn(_)) => {
            return Err(invalid("a record number without a project").hint(
                "name the project and its environment; without them a launch's patient is read by id",
            ));
        }
        (None, LookUp::Id(_)) if request.system => {
            return Err(invalid("the system account without a project")
                .hint("name the project and its environment, or read with the user's own sign-in"));
        }
        (None, LookUp::Id(_)) => {}
    }
    match &request.by {
        LookUp::Mrn(mrn) => usable_text("mrn", mrn)?,
        LookUp::Id(id) => {
            usable_text("patient_id", id)?;
            // A name for a folder is no id, and would change the address.
            if id.contains('/') || id == "." || id == ".." {
                return Err(invalid("patient_id is not an id"));
            }
        }
    }
    if !request.system && request.user.is_empty() {
        return Err(invalid("user is empty"));
    }
    Ok(())
}

fn demographic_fields(names: &[String]) -> Result<Vec<Field>> {
    let hint = format!("at most {FIELDS} names of demographic fields, such as name-family and birthDate");
    let refuse = |what: String| Error::new(Code::RequestInvalid).detail(what).hint(hint.clone());
    if names.len() > FIELDS {
        return Err(refuse(format!("{} fields", names.len())));
    }
    let field = |name: &String| {
        let found = catalogue::field(name).filter(Field::is_demographic);
        found.ok_or_else(|| refuse(format!("{} is no demographic field", escape_for_display(name))))
    };
    names.iter().map(field).collect()
}

fn found(source: &Source, patient: &Json, wanted: &[Field], text: TextMode, rules: &Rules) -> PatientFound {
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
    PatientFound {
        patient_id: patient.get("id").text().unwrap_or_default().to_owned(),
        mrns,
        values: wanted.iter().filter_map(value).collect(),
    }
}

/// Tells how a look-up went: names only.
pub fn tell(events: Events<'_>, source: &Source, found: &Result<PatientFound>, milliseconds: &str) {
    let fields = [("source", source.id.as_str()), ("milliseconds", milliseconds)];
    match found {
        Ok(_) => events.tell(Level::Info, "patient_read", &fields),
        Err(error) => {
            let [source, milliseconds] = fields;
            let fields = [source, ("error", error.code().name()), milliseconds];
            events.tell(Level::Warning, "patient_not_read", &fields);
        }
    }
}
