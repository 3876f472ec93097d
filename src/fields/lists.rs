//! Fields that are lists: problems, medications, allergies, immunizations, in DSTU2 and R4 shapes.

use super::{
    Discarded, Value,
    catalogue::List,
    text::{Text, concept_text},
    time::FhirTime,
};
use crate::fhir::{Json, token};

/// The entry that a resource gives to a list.
pub(super) fn read(list: &List, resource: &Json) -> Result<Vec<Value>, Discarded> {
    let kind = resource.get("resourceType").text().unwrap_or_default();
    let entry = match (list, kind) {
        (List::Conditions(states), "Condition") => condition(states, resource)?,
        (List::Medications(states), "MedicationRequest" | "MedicationOrder") => medication(states, resource)?,
        (List::Allergies, "AllergyIntolerance") => allergy(resource)?,
        (List::Immunizations, "Immunization") => immunization(resource)?,
        _ => None,
    };
    Ok(entry.into_iter().collect())
}

/// The code of a status that is a code in DSTU2 and a concept in R4 (B.3).
fn status(resource: &Json, name: &str) -> String {
    let element = resource.get(name);
    if element.text().is_some() {
        return token(element);
    }
    let coded = token(element.get("coding").first().get("code"));
    if coded.is_empty() { token(element.get("text")) } else { coded }
}

fn refuse_unless_true(resource: &Json) -> Result<(), Discarded> {
    for name in ["verificationStatus", "status"] {
        match status(resource, name).as_str() {
            "entered-in-error" => return Err(Discarded::EnteredInError),
            "refuted" => return Err(Discarded::Status),
            _ => {}
        }
    }
    Ok(())
}

/// A date, or the beginning of a period.
fn date(element: &Json) -> Option<FhirTime> {
    FhirTime::parse(element.text().or_else(|| element.get("start").text())?)
}

/// The entry for a concept, dated by the first of these elements that holds a date.
fn entry(resource: &Json, concept: &Json, dates: &[&str]) -> Result<Option<Value>, Discarded> {
    let text = concept_text(concept).ok_or(Discarded::NoValue)?;
    let coding = concept.get("coding").first();
    let owned = |json: &Json| json.text().map(str::to_owned);
    Ok(Some(Value {
        time: dates.iter().find_map(|name| date(resource.get(name))),
        code: owned(coding.get("code")),
        code_system: owned(coding.get("system")),
        display: owned(coding.get("display")).or_else(|| Some(text.to_owned())),
        ..Value::of(resource, Text::plain(text))
    }))
}

fn condition(states: &[String], resource: &Json) -> Result<Option<Value>, Discarded> {
    refuse_unless_true(resource)?;
    let state = status(resource, "clinicalStatus");
    // What says nothing about its state counts as active: a problem is not hidden for a missing field.
    let state = if state.is_empty() { "active".to_owned() } else { state };
    if !states.contains(&state) {
        return Ok(None);
    }
    entry(resource, resource.get("code"), &["recordedDate", "dateRecorded", "onsetDateTime", "onsetPeriod"])
}

fn medication(states: &[String], resource: &Json) -> Result<Option<Value>, Discarded> {
    refuse_unless_true(resource)?;
    let planned = ["plan", "proposal"].contains(&token(resource.get("intent")).as_str());
    if planned || !states.contains(&status(resource, "status")) {
        return Ok(None);
    }
    let dates = ["authoredOn", "dateWritten"];
    let concept = resource.get("medicationCodeableConcept");
    if !concept.is_null() {
        return entry(resource, concept, &dates);
    }
    let reference = resource.get("medicationReference");
    let id = reference.get("reference").text().and_then(|text| text.strip_prefix('#'));
    let contained = resource.get("contained").items().iter();
    let code = contained
        .filter(|part| id.is_some() && part.get("id").text() == id)
        .map(|part| part.get("code"))
        .find(|code| concept_text(code).is_some());
    match (code, reference.get("display").text()) {
        (Some(code), _) => entry(resource, code, &dates),
        (None, Some(display)) => {
            let concept = Json::Object([("text".to_owned(), Json::Text(display.to_owned()))].into());
            entry(resource, &concept, &dates)
        }
        (None, None) => Err(Discarded::NoValue),
    }
}

fn allergy(resource: &Json) -> Result<Option<Value>, Discarded> {
    refuse_unless_true(resource)?;
    let inactive = |state: String| matches!(state.as_str(), "inactive" | "resolved");
    if inactive(status(resource, "clinicalStatus")) || inactive(status(resource, "status")) {
        return Ok(None);
    }
    let concept =
        if resource.get("code").is_null() { resource.get("substance") } else { resource.get("code") };
    entry(resource, concept, &["recordedDate", "assertedDate", "onsetDateTime", "onset"])
}

fn immunization(resource: &Json) -> Result<Option<Value>, Discarded> {
    refuse_unless_true(resource)?;
    if status(resource, "status") == "not-done" || resource.get("wasNotGiven").truth() == Some(true) {
        return Err(Discarded::Status);
    }
    entry(resource, resource.get("vaccineCode"), &["occurrenceDateTime", "date", "recorded"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(field: &str, json: &str) -> Result<Vec<String>, Discarded> {
        let super::super::Reader::List(list) = super::super::catalogue::field(field).unwrap().reader else {
            panic!("{field} is no list")
        };
        Ok(read(&list, &Json::parse(json).unwrap())?.into_iter().map(|value| value.text.exact).collect())
    }

    #[test]
    fn conditions_of_both_versions() {
        let r4 = r#"{"resourceType": "Condition", "code": {"text": "Asthma"}, "verificationStatus": {"coding": [{"code": "confirmed"}]},
            "clinicalStatus": {"coding": [{"code": "active"}]}}"#;
        assert_eq!(texts("active-problem-list", r4).unwrap(), ["Asthma"]);
        assert!(texts("resolved-problem-list", r4).unwrap().is_empty());
        let dstu2 = r#"{"resourceType": "Condition", "code": {"coding": [{"display": "Flu"}]}, "clinicalStatus": "resolved"}"#;
        assert_eq!(texts("resolved-problem-list", dstu2).unwrap(), ["Flu"]);
        assert_eq!(texts("active-problem-list", &r4.replace("confirmed", "refuted")), Err(Discarded::Status));
        let wrong = r4.replace("confirmed", "entered-in-error");
        assert_eq!(texts("active-problem-list", &wrong), Err(Discarded::EnteredInError));
    }

    #[test]
    fn medications_by_concept_contained_resource_and_display() {
        let with = |medication: &str| {
            texts(
                "active-medications-list",
                &format!(r#"{{"resourceType": "MedicationRequest", "status": "active", {medication}}}"#),
            )
        };
        assert_eq!(with(r#""medicationCodeableConcept": {"text": "A"}"#).unwrap(), ["A"]);
        let contained = r##""medicationReference": {"reference": "#m", "display": "x"}, "contained": [{"id": "m", "code": {"text": "B"}}]"##;
        assert_eq!(with(contained).unwrap(), ["B"]);
        assert_eq!(
            with(r#""medicationReference": {"reference": "Medication/1", "display": "C"}"#).unwrap(),
            ["C"]
        );
        assert_eq!(with(r#""medicationReference": {"reference": "Medication/1"}"#), Err(Discarded::NoValue));
        assert!(with(r#""intent": "plan", "medicationCodeableConcept": {"text": "A"}"#).unwrap().is_empty());
    }

    #[test]
    fn allergies_and_immunizations_of_both_versions() {
        let allergy = |rest: &str| {
            texts("allergy-list", &format!(r#"{{"resourceType": "AllergyIntolerance", {rest}}}"#))
        };
        assert_eq!(allergy(r#""status": "confirmed", "substance": {"text": "Nuts"}"#).unwrap(), ["Nuts"]);
        assert!(
            allergy(r#""clinicalStatus": {"coding": [{"code": "resolved"}]}, "code": {"text": "Nuts"}"#)
                .unwrap()
                .is_empty()
        );
        assert_eq!(allergy(r#""status": "refuted", "substance": {"text": "Nuts"}"#), Err(Discarded::Status));
        let given = |rest: &str| {
            texts(
                "immunization-list",
                &format!(r#"{{"resourceType": "Immunization", "vaccineCode": {{"text": "V"}}, {rest}}}"#),
            )
        };
        assert_eq!(given(r#""status": "completed""#).unwrap(), ["V"]);
        assert_eq!(given(r#""status": "completed", "wasNotGiven": true"#), Err(Discarded::Status));
        assert_eq!(given(r#""status": "not-done""#), Err(Discarded::Status));
    }
}
