//! The table of search parameters: which exist for which type, in which personality and version.

use crate::{
    options::{FhirRelease, Personality},
    records::{Records, is_shared},
    world::World,
};

use super::problem::Problem;

/// How a parameter is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A reference to a Patient, by the compartment.
    Patient,
    /// Another reference: `Type/id` or the id alone.
    Reference,
    Token,
    Identifier,
    Date,
    /// The beginning of a text, without regard to case.
    Text,
    /// The value of a ContactPoint of this system: a token, so the whole value.
    Contact(&'static str),
    Id,
}

/// One search parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Elements to look at; for dates the first that is there counts.
    pub(crate) paths: &'static [&'static str],
    where_: u8,
}

#[cfg(test)]
impl Param {
    /// A parameter that is in no table.
    pub(crate) fn for_test(name: &'static str, kind: Kind) -> Self {
        Param { name, kind, paths: &[], where_: ALL }
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

const fn p(name: &'static str, kind: Kind, paths: &'static [&'static str], where_: u8) -> Param {
    Param { name, kind, paths, where_ }
}

/// Parameters of every type.
static COMMON: &[Param] = &[
    p("_id", Kind::Id, &[], ALL),
    // E19: Epic has no _lastUpdated.
    p("_lastUpdated", Kind::Date, &["meta.lastUpdated"], NOT_EPIC),
];

/// Parameters of every type that belongs to a patient.
static OF_PATIENT: &[Param] = &[p("patient", Kind::Patient, &[], ALL)];

/// `subject` exists where R4 and DSTU2 both define it for a type.
static SUBJECT: &[Param] = &[p("subject", Kind::Patient, &[], ALL)];

/// Of these types DSTU2 knows `patient` only.
static SUBJECT_R4: &[Param] = &[p("subject", Kind::Patient, &[], R4)];

static PATIENT: &[Param] = &[
    p("identifier", Kind::Identifier, &["identifier"], ALL),
    p("name", Kind::Text, &["name.family", "name.given", "name.text"], ALL),
    p("family", Kind::Text, &["name.family"], ALL),
    p("given", Kind::Text, &["name.given"], ALL),
    p("birthdate", Kind::Date, &["birthDate"], ALL),
    p("gender", Kind::Token, &["gender"], ALL),
    p("phone", Kind::Contact("phone"), &["telecom"], ALL),
    p("email", Kind::Contact("email"), &["telecom"], ALL),
    p("address-postalcode", Kind::Text, &["address.postalCode"], ALL),
];

static OBSERVATION: &[Param] = &[
    // O25: at Oracle's DSTU2 server `code` finds components too.
    p("code", Kind::Token, &["code"], ALL & !ORACLE_DSTU2),
    p("code", Kind::Token, &["code", "component.code"], ORACLE_DSTU2),
    p("category", Kind::Token, &["category"], ALL),
    p("date", Kind::Date, &["effectiveDateTime", "effectivePeriod", "effectiveInstant"], R4),
    p("date", Kind::Date, &["effectiveDateTime", "effectivePeriod"], DSTU2),
    p("status", Kind::Token, &["status"], NOT_ORACLE),
    p("encounter", Kind::Reference, &["encounter"], NOT_ORACLE),
];

static CONDITION: &[Param] = &[
    p("category", Kind::Token, &["category"], ALL),
    p("clinical-status", Kind::Token, &["clinicalStatus"], R4),
    p("clinicalstatus", Kind::Token, &["clinicalStatus"], DSTU2),
    p("code", Kind::Token, &["code"], NOT_ORACLE),
    p("encounter", Kind::Reference, &["encounter"], NOT_ORACLE),
    p("onset-date", Kind::Date, &["onsetDateTime", "onsetPeriod"], SMART_R4 | EPIC_R4),
    p("recorded-date", Kind::Date, &["recordedDate"], SMART_R4 | EPIC_R4),
    p("onset", Kind::Date, &["onsetDateTime", "onsetPeriod"], SMART_DSTU2),
    p("date-recorded", Kind::Date, &["dateRecorded"], SMART_DSTU2),
];

const TIMING: &[&str] = &["dosageInstruction.timing.repeat.boundsPeriod"];

static MEDICATION_ORDER: &[Param] = &[
    p("status", Kind::Token, &["status"], ALL),
    p("code", Kind::Token, &["medicationCodeableConcept"], SMART_DSTU2),
    p("datewritten", Kind::Date, &["dateWritten"], SMART_DSTU2 | EPIC_DSTU2),
    p("-timing-boundsPeriod", Kind::Date, TIMING, ORACLE),
];

static MEDICATION_REQUEST: &[Param] = &[
    p("status", Kind::Token, &["status"], R4),
    p("intent", Kind::Token, &["intent"], R4),
    p("code", Kind::Token, &["medicationCodeableConcept"], SMART_R4),
    p("authoredon", Kind::Date, &["authoredOn"], SMART_R4 | EPIC_R4),
    p("-timing-boundsPeriod", Kind::Date, TIMING, ORACLE),
];

static MEDICATION_STATEMENT: &[Param] = &[
    p("status", Kind::Token, &["status"], ALL),
    p("effectivedate", Kind::Date, &["effectiveDateTime", "effectivePeriod"], SMART_DSTU2),
    p("effective", Kind::Date, &["effectiveDateTime", "effectivePeriod"], SMART_R4),
];

static ALLERGY: &[Param] = &[
    p("clinical-status", Kind::Token, &["clinicalStatus"], R4),
    p("status", Kind::Token, &["status"], DSTU2),
    p("date", Kind::Date, &["recordedDate"], SMART_R4 | SMART_DSTU2),
];

static IMMUNIZATION: &[Param] = &[
    p("date", Kind::Date, &["occurrenceDateTime"], R4),
    p("date", Kind::Date, &["date"], DSTU2),
    p("status", Kind::Token, &["status"], ALL),
];

static ENCOUNTER: &[Param] = &[
    p("date", Kind::Date, &["period"], ALL),
    p("status", Kind::Token, &["status"], ALL),
    p("class", Kind::Token, &["class"], NOT_ORACLE),
];

fn own(resource_type: &str) -> &'static [Param] {
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

fn bit(personality: Personality, release: FhirRelease) -> u8 {
    match (personality, release) {
        (Personality::Smart, FhirRelease::R4) => SMART_R4,
        (Personality::Smart, FhirRelease::Dstu2) => SMART_DSTU2,
        (Personality::Oracle, FhirRelease::R4) => ORACLE_R4,
        (Personality::Oracle, FhirRelease::Dstu2) => ORACLE_DSTU2,
        (Personality::Epic, FhirRelease::R4) => EPIC_R4,
        (Personality::Epic, FhirRelease::Dstu2) => EPIC_DSTU2,
    }
}

/// The parameters of a type in the world's personality and version.
pub(crate) fn of_type(world: &World, resource_type: &str) -> Vec<&'static Param> {
    let here = bit(world.options.personality, world.options.fhir);
    everywhere(resource_type).filter(|param| param.where_ & here != 0).collect()
}

fn everywhere(resource_type: &str) -> impl Iterator<Item = &'static Param> {
    // E20: Patient is found by _id, not by patient.
    let of_patient: &[Param] =
        if resource_type == "Patient" || is_shared(resource_type) { &[] } else { OF_PATIENT };
    COMMON.iter().chain(of_patient).chain(subject(resource_type)).chain(own(resource_type))
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

/// The parameter of a name, or why there is none.
pub(crate) fn find(world: &World, resource_type: &str, name: &str) -> Result<&'static Param, Problem> {
    if let Some(param) = of_type(world, resource_type).into_iter().find(|param| param.name == name) {
        return Ok(param);
    }
    if everywhere(resource_type).any(|param| param.name == name) {
        return Err(Problem::new(
            400,
            "not-supported",
            "59102",
            format!(
                "{} has no search parameter {name} for {resource_type} in {}",
                world.options.personality.as_str(),
                world.options.fhir.as_str()
            ),
        )
        .with_outcome());
    }
    Err(Problem::not_implemented(400, &format!("the search parameter {name} of {resource_type}")))
}

/// Types of the two versions that the table knows, besides those in the data.
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

/// The resource types served: the known ones, and whatever the data hold.
pub(crate) fn types<'a>(world: &World, records: &'a Records) -> Vec<&'a str> {
    let mut types: Vec<&str> = KNOWN.to_vec();
    match world.options.fhir {
        FhirRelease::R4 => types.push("MedicationRequest"),
        FhirRelease::Dstu2 => types.extend(["MedicationOrder", "MedicationStatement"]),
    }
    if world.options.fhir == FhirRelease::R4 && world.options.personality != Personality::Oracle {
        types.push("MedicationStatement");
    }
    types.extend(records.types());
    // Oracle has no MedicationStatement in R4: MedicationRequest with intent plan instead.
    if world.options.fhir == FhirRelease::R4 && world.options.personality == Personality::Oracle {
        types.retain(|name| *name != "MedicationStatement");
    }
    types.sort_unstable();
    types.dedup();
    types
}

/// Refuses a resource type that is not served.
pub(crate) fn check_type(world: &World, resource_type: &str) -> Result<(), Problem> {
    if types(world, &world.records()).contains(&resource_type) {
        return Ok(());
    }
    Err(Problem::not_implemented(
        404,
        &format!(
            "the resource type {resource_type} as {} with {}",
            world.options.personality.as_str(),
            world.options.fhir.as_str()
        ),
    ))
}
