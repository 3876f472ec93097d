//! Which parameters a search must have, and which it cannot combine, in each personality.

use crate::{
    ehr::Ehr,
    http::Form,
    options::{FhirRelease, Personality},
    resources::is_shared,
};

use super::{
    problem::Problem,
    search_value::{Criterion, SearchValue},
};

/// Oracle and Epic require one of these in a Patient search (O23).
const PATIENT_PARAMS: &[&str] =
    &["_id", "identifier", "name", "family", "given", "birthdate", "phone", "email", "address-postalcode"];

/// The rules for a Patient search.
pub(super) fn check_patient_search(ehr: &Ehr, resource_type: &str, form: &Form) -> Result<(), Problem> {
    let personality = ehr.options.personality;
    if resource_type != "Patient" || matches!(personality, Personality::Smart | Personality::Generic) {
        return Ok(());
    }
    if !PATIENT_PARAMS.iter().any(|name| form.get(name).is_some()) {
        return Err(match personality {
            Personality::Oracle => {
                Problem::new(400, "invalid", "", "no supported search parameters provided")
            }
            _ => Problem::new(
                400,
                "required",
                "59159",
                "A patient search requires an _id, an identifier or demographics",
            ),
        });
    }
    let identifiers: Vec<&String> =
        form.0.iter().filter(|(name, _)| name == "identifier").map(|(_, value)| value).collect();
    if personality == Personality::Oracle
        && (identifiers.len() > 1 || identifiers.iter().any(|value| value.contains(',')))
    {
        return Err(Problem::new(400, "invalid", "", "identifier must have one value"));
    }
    Ok(())
}

/// The rules for searches of clinical types (O25, E18).
pub(super) fn check(ehr: &Ehr, resource_type: &str, criteria: &[Criterion]) -> Result<(), Problem> {
    let has = |name: &str| criteria.iter().any(|criterion| criterion.param.name == name);
    let by_patient = has("patient") || has("subject");
    let clinical = resource_type != "Patient" && !is_shared(resource_type);
    if ehr.profile.patient_required && clinical && !by_patient && !has("_id") {
        return Err(Problem::new(
            400,
            "business-rule",
            "59159",
            "The request requires a patient or _id parameter",
        ));
    }
    if resource_type != "Observation" {
        return Ok(());
    }
    match ehr.options.personality {
        Personality::Epic if !has("category") && !has("code") && !has("_id") => {
            Err(Problem::new(400, "required", "59108", "An Observation search requires category or code"))
        }
        Personality::Oracle if has("_id") && (by_patient || criteria.len() > 1) => {
            Err(Problem::new(400, "invalid", "", "_id cannot be combined with other parameters"))
        }
        Personality::Oracle if has("date") && has("_lastUpdated") => {
            Err(Problem::new(400, "invalid", "", "date and _lastUpdated cannot be combined"))
        }
        Personality::Oracle
            if ehr.options.fhir == FhirRelease::Dstu2 && has_code_without_system(criteria) =>
        {
            Err(Problem::new(400, "invalid", "", "code requires a system"))
        }
        _ => Ok(()),
    }
}

fn has_code_without_system(criteria: &[Criterion]) -> bool {
    criteria.iter().filter(|criterion| criterion.param.name == "code").any(|criterion| {
        matches!(&criterion.value, SearchValue::Tokens(tokens)
            if tokens.iter().any(|token| token.system.as_deref().unwrap_or_default().is_empty()))
    })
}
