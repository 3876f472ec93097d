//! The table of search parameters: their resource type, personalities and FHIR versions.

use crate::{
    ehr::Ehr,
    options::{FhirRelease, Personality},
    resources::{Resources, is_shared},
};

use super::problem::Problem;

/// How the values of a parameter are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A reference to a Patient. It is compared with the patient of the compartment.
    Patient,
    /// Another reference: `Type/id` or the id alone.
    Reference,
    Token,
    Identifier,
    Date,
    /// The beginning of a text. Case is ignored.
    Text,
    /// The whole value of a ContactPoint of this system.
    Contact(&'static str),
    Id,
}

/// One search parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The elements to compare. Dates are compared with the first one that is present.
    pub(crate) paths: &'static [&'static str],
    /// Bits for the servers that have it, such as [`SMART_R4`].
    servers: u8,
}

#[cfg(test)]
impl Param {
    /// A parameter that is not in the table.
    pub(crate) fn for_test(name: &'static str, kind: Kind) -> Self {
        Param { name, kind, paths: &[], servers: ALL }
    }
}

const SMART_R4: u8 = 1;
const SMART_DSTU2: u8 = 2;
const ORACLE_R4: u8 = 4;
const ORACLE_DSTU2: u8 = 8;
const EPIC_R4: u8 = 16;
const EPIC_DSTU2: u8 = 32;
const ALL: u8 = 63;
const R4: u8 = SMART_R4 | ORACLE_R4 | EPIC_R4;
const DSTU2: u8 = SMART_DSTU2 | ORACLE_DSTU2 | EPIC_DSTU2;
const NOT_ORACLE: u8 = ALL & !ORACLE_R4 & !ORACLE_DSTU2;
const ORACLE: u8 = ORACLE_R4 | ORACLE_DSTU2;
const NOT_EPIC: u8 = ALL & !EPIC_R4 & !EPIC_DSTU2;

const fn param(name: &'static str, kind: Kind, paths: &'static [&'static str], servers: u8) -> Param {
    Param { name, kind, paths, servers }
}

/// Parameters of every type.
static COMMON: &[Param] = &[
    param("_id", Kind::Id, &[], ALL),
    // Epic has no _lastUpdated (E19).
    param("_lastUpdated", Kind::Date, &["meta.lastUpdated"], NOT_EPIC),
];

/// Parameters of every type that belongs to a patient.
static OF_PATIENT: &[Param] = &[param("patient", Kind::Patient, &[], ALL)];

/// The parameter `subject` of types that have it in R4 and DSTU2.
static SUBJECT: &[Param] = &[param("subject", Kind::Patient, &[], ALL)];

/// The parameter `subject` of types that have only `patient` in DSTU2.
static SUBJECT_R4: &[Param] = &[param("subject", Kind::Patient, &[], R4)];

static PATIENT: &[Param] = &[
    param("identifier", Kind::Identifier, &["identifier"], ALL),
    param("name", Kind::Text, &["name.family", "name.given", "name.text"], ALL),
    param("family", Kind::Text, &["name.family"], ALL),
    param("given", Kind::Text, &["name.given"], ALL),
    param("birthdate", Kind::Date, &["birthDate"], ALL),
    param("gender", Kind::Token, &["gender"], ALL),
    param("phone", Kind::Contact("phone"), &["telecom"], ALL),
    param("email", Kind::Contact("email"), &["telecom"], ALL),
    param("address-postalcode", Kind::Text, &["address.postalCode"], ALL),
];

static OBSERVATION: &[Param] = &[
    // On Oracle's DSTU2 server `code` also matches components (O25).
    param("code", Kind::Token, &["code"], ALL & !ORACLE_DSTU2),
    param("code", Kind::Token, &["code", "component.code"], ORACLE_DSTU2),
    param("category", Kind::Token, &["category"], ALL),
    param("date", Kind::Date, &["effectiveDateTime", "effectivePeriod", "effectiveInstant"], R4),
    param("date", Kind::Date, &["effectiveDateTime", "effectivePeriod"], DSTU2),
    param("status", Kind::Token, &["status"], NOT_ORACLE),
    param("encounter", Kind::Reference, &["encounter"], NOT_ORACLE),
];

static CONDITION: &[Param] = &[
    param("category", Kind::Token, &["category"], ALL),
    param("clinical-status", Kind::Token, &["clinicalStatus"], R4),
    param("clinicalstatus", Kind::Token, &["clinicalStatus"], DSTU2),
    param("code", Kind::Token, &["code"], NOT_ORACLE),
    param("encounter", Kind::Reference, &["encounter"], NOT_ORACLE),
    param("onset-date", Kind::Date, &["onsetDateTime", "onsetPeriod"], SMART_R4 | EPIC_R4),
    param("recorded-date", Kind::Date, &["recordedDate"], SMART_R4 | EPIC_R4),
    param("onset", Kind::Date, &["onsetDateTime", "onsetPeriod"], SMART_DSTU2),
    param("date-recorded", Kind::Date, &["dateRecorded"], SMART_DSTU2),
];

const TIMING: &[&str] = &["dosageInstruction.timing.repeat.boundsPeriod"];

static MEDICATION_ORDER: &[Param] = &[
    param("status", Kind::Token, &["status"], ALL),
    param("code", Kind::Token, &["medicationCodeableConcept"], SMART_DSTU2),
    param("datewritten", Kind::Date, &["dateWritten"], SMART_DSTU2 | EPIC_DSTU2),
    param("-timing-boundsPeriod", Kind::Date, TIMING, ORACLE),
];

static MEDICATION_REQUEST: &[Param] = &[
    param("status", Kind::Token, &["status"], R4),
    param("intent", Kind::Token, &["intent"], R4),
    param("code", Kind::Token, &["medicationCodeableConcept"], SMART_R4),
    param("authoredon", Kind::Date, &["authoredOn"], SMART_R4 | EPIC_R4),
    param("-timing-boundsPeriod", Kind::Date, TIMING, ORACLE),
];

static MEDICATION_STATEMENT: &[Param] = &[
    param("status", Kind::Token, &["status"], ALL),
    param("effectivedate", Kind::Date, &["effectiveDateTime", "effectivePeriod"], SMART_DSTU2),
    param("effective", Kind::Date, &["effectiveDateTime", "effectivePeriod"], SMART_R4),
];

static ALLERGY: &[Param] = &[
    param("clinical-status", Kind::Token, &["clinicalStatus"], R4),
    param("status", Kind::Token, &["status"], DSTU2),
    param("date", Kind::Date, &["recordedDate"], SMART_R4 | SMART_DSTU2),
];

static IMMUNIZATION: &[Param] = &[
    param("date", Kind::Date, &["occurrenceDateTime"], R4),
    param("date", Kind::Date, &["date"], DSTU2),
    param("status", Kind::Token, &["status"], ALL),
];

static ENCOUNTER: &[Param] = &[
    param("date", Kind::Date, &["period"], ALL),
    param("status", Kind::Token, &["status"], ALL),
    param("class", Kind::Token, &["class"], NOT_ORACLE),
];

/// The parameters that only this type has.
fn of_one_type(resource_type: &str) -> &'static [Param] {
    match resource_type {
        "Patient" => PATIENT,
        "Observation" => OBSERVATION,
        "Condition" => CONDITION,
        "MedicationOrder" => MEDICATION_ORDER,
        "MedicationRequest" => MEDICATION_REQUEST,
        "MedicationStatement" => MEDICATION_STATEMENT,
        "AllergyIntolerance" => ALLERGY,
        "Immunization" => IMMUNIZATION,
        "Encounter" => ENCOUNTER,
        _ => &[],
    }
}

fn server_bit(personality: Personality, release: FhirRelease) -> u8 {
    match (personality, release) {
        (Personality::Smart | Personality::Generic, FhirRelease::R4) => SMART_R4,
        (Personality::Smart | Personality::Generic, FhirRelease::Dstu2) => SMART_DSTU2,
        (Personality::Oracle, FhirRelease::R4) => ORACLE_R4,
        (Personality::Oracle, FhirRelease::Dstu2) => ORACLE_DSTU2,
        (Personality::Epic, FhirRelease::R4) => EPIC_R4,
        (Personality::Epic, FhirRelease::Dstu2) => EPIC_DSTU2,
    }
}

/// The parameters of a type on this server.
pub(crate) fn of_type(ehr: &Ehr, resource_type: &str) -> Vec<&'static Param> {
    let server = server_bit(ehr.options.personality, ehr.options.fhir);
    on_any_server(resource_type).filter(|param| param.servers & server != 0).collect()
}

/// The parameters that a type has on at least one server.
fn on_any_server(resource_type: &str) -> impl Iterator<Item = &'static Param> {
    // A Patient is found by _id, not by patient (E20).
    let of_patient: &[Param] =
        if resource_type == "Patient" || is_shared(resource_type) { &[] } else { OF_PATIENT };
    COMMON.iter().chain(of_patient).chain(subject(resource_type)).chain(of_one_type(resource_type))
}

/// The parameter `subject` of a type.
fn subject(resource_type: &str) -> &'static [Param] {
    match resource_type {
        "CarePlan" | "CareTeam" | "DiagnosticReport" | "DocumentReference" | "Goal" | "Observation"
        | "Procedure" | "ServiceRequest" => SUBJECT,
        "Condition" | "Encounter" | "MedicationRequest" | "MedicationStatement" => SUBJECT_R4,
        _ => &[],
    }
}

/// The parameter with this name, or the error that this server does not have it.
pub(crate) fn find(ehr: &Ehr, resource_type: &str, name: &str) -> Result<&'static Param, Problem> {
    if let Some(param) = of_type(ehr, resource_type).into_iter().find(|param| param.name == name) {
        return Ok(param);
    }
    if on_any_server(resource_type).any(|param| param.name == name) {
        return Err(Problem::new(
            400,
            "not-supported",
            "59102",
            format!(
                "{} has no search parameter {name} for {resource_type} in {}",
                ehr.options.personality.as_str(),
                ehr.options.fhir.as_str()
            ),
        )
        .with_outcome());
    }
    Err(Problem::not_implemented(400, &format!("the search parameter {name} of {resource_type}")))
}

/// Resource types that are served even if the data has no resource of that type.
const KNOWN: &[&str] = &[
    "AllergyIntolerance",
    "Binary",
    "CarePlan",
    "CareTeam",
    "Condition",
    "Coverage",
    "Device",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "Goal",
    "Immunization",
    "Location",
    "Medication",
    "Observation",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "Provenance",
    "RelatedPerson",
    "ServiceRequest",
];

/// The resource types that are served, sorted: the known ones and those in the data.
pub(crate) fn types<'a>(ehr: &Ehr, resources: &'a Resources) -> Vec<&'a str> {
    let mut types: Vec<&str> = KNOWN.to_vec();
    match ehr.options.fhir {
        FhirRelease::R4 => types.push("MedicationRequest"),
        FhirRelease::Dstu2 => types.extend(["MedicationOrder", "MedicationStatement"]),
    }
    if ehr.options.fhir == FhirRelease::R4 && ehr.options.personality != Personality::Oracle {
        types.push("MedicationStatement");
    }
    types.extend(resources.types());
    // In R4 Oracle has no MedicationStatement. It uses MedicationRequest with the intent `plan`.
    if ehr.options.fhir == FhirRelease::R4 && ehr.options.personality == Personality::Oracle {
        types.retain(|name| *name != "MedicationStatement");
    }
    types.sort_unstable();
    types.dedup();
    types
}

/// Checks that a resource type is served.
pub(crate) fn check_type(ehr: &Ehr, resource_type: &str) -> Result<(), Problem> {
    if types(ehr, &ehr.resources()).contains(&resource_type) {
        return Ok(());
    }
    Err(Problem::not_implemented(
        404,
        &format!(
            "the resource type {resource_type} as {} with {}",
            ehr.options.personality.as_str(),
            ehr.options.fhir.as_str()
        ),
    ))
}
