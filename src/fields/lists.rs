//! Fields that are lists: problems, medications, allergies, immunizations, in DSTU2 and R4 shapes.

use super::{
    DiscardReason, Value,
    catalog::List,
    conditions,
    list_entry::{entry, is_in_states, refuse_negated, refuse_unreadable_verification},
    refuse_modified,
    text::concept_text,
};
use crate::fhir::{
    Json,
    coding::{CodedValue, System, coded_value, mentions},
};

/// The entry of a list that a resource gives, if it gives one.
pub(super) fn read(list: &List, resource: &Json) -> Result<Vec<Value>, DiscardReason> {
    let kind = resource.get("resourceType").text().unwrap_or_default();
    let entry = match (list, kind) {
        (List::Conditions(states), "Condition") => conditions::problem_entry(states, resource)?,
        (List::Diagnoses, "Condition") => conditions::diagnosis_entry(resource)?,
        (List::Medications(states), "MedicationRequest" | "MedicationOrder") => {
            medication_entry(states, resource)?
        }
        (List::ReportedMedications, "MedicationRequest") => reported_medication_entry(resource)?,
        (List::Allergies, "AllergyIntolerance") => allergy_entry(resource)?,
        (List::Immunizations, "Immunization") => immunization_entry(resource)?,
        _ => None,
    };
    Ok(entry.into_iter().collect())
}

/// The codes of a prescription's status that can be used; `unknown` cannot.
const MEDICATION_STATES: &[&str] = &["active", "on-hold", "completed", "stopped", "cancelled", "draft"];
/// The codes of an allergy's status. In DSTU2 they include the verification.
const ALLERGY_STATES: &[&str] = &["active", "unconfirmed", "confirmed", "inactive", "resolved"];
/// The codes of an immunization's status. In DSTU2 they are the codes of a medication administration.
const IMMUNIZATION_STATES: &[&str] = &["completed", "in-progress", "on-hold", "stopped"];

fn medication_entry(states: &[String], resource: &Json) -> Result<Option<Value>, DiscardReason> {
    refuse_negated(resource)?;
    let intent = resource.get("intent");
    if mentions(intent, "plan") || mentions(intent, "proposal") {
        return Ok(None);
    }
    prescription_entry(states, resource)
}

/// The entry of a prescription that someone reported, such as the patient. Some EHRs send it with the intent `plan`.
fn reported_medication_entry(resource: &Json) -> Result<Option<Value>, DiscardReason> {
    refuse_negated(resource)?;
    let is_reported =
        resource.get("reportedBoolean").truth() == Some(true) || !resource.get("reportedReference").is_null();
    if !is_reported || mentions(resource.get("intent"), "proposal") {
        return Ok(None);
    }
    prescription_entry(&["active".to_owned()], resource)
}

/// The entry of a prescription in one of these states.
fn prescription_entry(states: &[String], resource: &Json) -> Result<Option<Value>, DiscardReason> {
    let CodedValue::Codes(codes) =
        coded_value(resource, "status", System::MEDICATION_STATUS, MEDICATION_STATES)
    else {
        return Err(DiscardReason::UnknownStatus);
    };
    if !is_in_states(&codes, states)? {
        return Ok(None);
    }
    let dates = ["authoredOn", "dateWritten"];
    let concept = resource.get("medicationCodeableConcept");
    if !concept.is_null() {
        return entry(resource, concept, &dates);
    }
    let reference = resource.get("medicationReference");
    let medication = contained_medication(resource, reference);
    if let Some(medication) = medication {
        if mentions(medication.get("status"), "entered-in-error") {
            return Err(DiscardReason::EnteredInError);
        }
        refuse_modified(medication)?;
        if concept_text(medication.get("code")).is_some() {
            return entry(resource, medication.get("code"), &dates);
        }
    }
    match (reference.get("display").text(), reference.get("reference").text()) {
        (Some(display), _) => {
            let concept = Json::Object([("text".to_owned(), Json::Text(display.to_owned()))].into());
            entry(resource, &concept, &dates)
        }
        (None, Some(_)) if medication.is_none() => Err(DiscardReason::NoMedication),
        (None, _) => Err(DiscardReason::NoValue),
    }
}

/// The Medication inside of a prescription that refers to it.
fn contained_medication<'a>(resource: &'a Json, reference: &Json) -> Option<&'a Json> {
    let id = reference.get("reference").text()?.strip_prefix('#')?;
    resource.get("contained").items().iter().find(|part| part.get("id").text() == Some(id))
}

fn allergy_entry(resource: &Json) -> Result<Option<Value>, DiscardReason> {
    refuse_negated(resource)?;
    refuse_unreadable_verification(resource, System::ALLERGY_VERIFICATION)?;
    let state = |name: &str| coded_value(resource, name, System::ALLERGY_CLINICAL, ALLERGY_STATES);
    let state = match state("clinicalStatus") {
        CodedValue::Absent => state("status"),
        state => state,
    };
    match state {
        CodedValue::Unrecognized => return Err(DiscardReason::UnknownStatus),
        CodedValue::Codes(codes) => {
            let ended = codes.iter().filter(|code| matches!(**code, "inactive" | "resolved")).count();
            if ended == codes.len() {
                return Ok(None);
            }
            if ended > 0 {
                return Err(DiscardReason::UnknownStatus);
            }
        }
        CodedValue::Absent => {}
    }
    let concept =
        if resource.get("code").is_null() { resource.get("substance") } else { resource.get("code") };
    entry(resource, concept, &["recordedDate", "assertedDate", "onsetDateTime", "onset"])
}

fn immunization_entry(resource: &Json) -> Result<Option<Value>, DiscardReason> {
    refuse_negated(resource)?;
    match coded_value(resource, "status", System::IMMUNIZATION_STATUS, IMMUNIZATION_STATES) {
        CodedValue::Codes(codes) if codes == ["completed"].into() => {}
        CodedValue::Codes(codes) if !codes.contains("completed") => return Err(DiscardReason::Status),
        _ => return Err(DiscardReason::UnknownStatus),
    }
    entry(resource, resource.get("vaccineCode"), &["occurrenceDateTime", "date", "recorded"])
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::fields) fn texts(field: &str, json: &str) -> Result<Vec<String>, DiscardReason> {
        let super::super::Reader::List(list) = super::super::catalog::field(field).unwrap().reader else {
            panic!("{field} is no list")
        };
        Ok(read(&list, &Json::parse(json).unwrap())?.into_iter().map(|value| value.text.exact).collect())
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
        for (reference, why) in [
            (r##"{"reference": "Medication/1"}"##, DiscardReason::NoMedication),
            (r##"{"reference": "#other"}"##, DiscardReason::NoMedication),
            (r##"{"reference": "#m"}"##, DiscardReason::NoValue),
            (r##"{"identifier": {"value": "7"}}"##, DiscardReason::NoValue),
            (r##"{"reference": "#e", "display": "x"}"##, DiscardReason::EnteredInError),
        ] {
            let contained = r#""contained": [{"id": "m"}, {"id": "e", "status": "entered-in-error", "code": {"text": "E"}}]"#;
            assert_eq!(
                with(&format!(r#""medicationReference": {reference}, {contained}"#)),
                Err(why),
                "{reference}"
            );
        }
        assert!(with(r#""intent": "plan", "medicationCodeableConcept": {"text": "A"}"#).unwrap().is_empty());
    }

    #[test]
    fn reported_medications_have_a_list_of_their_own() {
        let (yes, by) = (r#""reportedBoolean": true"#, r#""reportedReference": {"reference": "Patient/p1"}"#);
        for (rest, reported, active) in [
            (format!(r#""status": "active", "intent": "order", {yes}"#), 1, 1),
            (format!(r#""status": "active", "intent": "plan", {yes}"#), 1, 0),
            (format!(r#""status": "active", "intent": "plan", {by}"#), 1, 0),
            (format!(r#""status": "active", "intent": "proposal", {yes}"#), 0, 0),
            (format!(r#""status": "stopped", "intent": "order", {yes}"#), 0, 0),
            (r#""status": "active", "intent": "order", "reportedBoolean": false"#.to_owned(), 0, 1),
            (r#""status": "active", "intent": "plan""#.to_owned(), 0, 0),
            (r#""status": "active", "intent": "order""#.to_owned(), 0, 1),
        ] {
            let json = format!(
                r#"{{"resourceType": "MedicationRequest", "medicationCodeableConcept": {{"text": "A"}}, {rest}}}"#
            );
            let found = |field: &str| texts(field, &json).unwrap().len();
            let both = (found("reported-medications-list"), found("active-medications-list"));
            assert_eq!(both, (reported, active), "{rest}");
        }
        let wrong =
            r#"{"resourceType": "MedicationRequest", "status": "entered-in-error", "reportedBoolean": true}"#;
        assert_eq!(texts("reported-medications-list", wrong), Err(DiscardReason::EnteredInError));
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
        assert_eq!(
            allergy(r#""status": "refuted", "substance": {"text": "Nuts"}"#),
            Err(DiscardReason::Status)
        );
        let given = |rest: &str| {
            texts(
                "immunization-list",
                &format!(r#"{{"resourceType": "Immunization", "vaccineCode": {{"text": "V"}}, {rest}}}"#),
            )
        };
        assert_eq!(given(r#""status": "completed""#).unwrap(), ["V"]);
        assert_eq!(given(r#""status": "completed", "wasNotGiven": true"#), Err(DiscardReason::Status));
        assert_eq!(given(r#""status": "not-done""#), Err(DiscardReason::Status));
    }
    #[test]
    fn a_status_that_cannot_be_read_is_unknown_in_every_list() {
        for (field, kind, rest, expected) in [
            (
                "allergy-list",
                "AllergyIntolerance",
                r#""clinicalStatus": {"coding": [{"system": "x", "code": "y"}]}"#,
                Err(DiscardReason::UnknownStatus),
            ),
            (
                "allergy-list",
                "AllergyIntolerance",
                r#""clinicalStatus": {"coding": [{"system": "x", "code": "y"}, {"code": "active"}]}"#,
                Ok(1),
            ),
            (
                "allergy-list",
                "AllergyIntolerance",
                r#""clinicalStatus": {"coding": [{"code": "active"}, {"code": "inactive"}]}"#,
                Err(DiscardReason::UnknownStatus),
            ),
            ("allergy-list", "AllergyIntolerance", r#""status": "odd""#, Err(DiscardReason::UnknownStatus)),
            ("allergy-list", "AllergyIntolerance", r#""status": "inactive""#, Ok(0)),
            ("allergy-list", "AllergyIntolerance", r#""id": "a""#, Ok(1)),
            (
                "allergy-list",
                "AllergyIntolerance",
                r#""verificationStatus": {"coding": [{"system": "x", "code": "y"}, {"code": "refuted"}]}"#,
                Err(DiscardReason::Status),
            ),
            (
                "active-medications-list",
                "MedicationRequest",
                r#""status": "unknown""#,
                Err(DiscardReason::UnknownStatus),
            ),
            (
                "active-medications-list",
                "MedicationRequest",
                r#""intent": "order""#,
                Err(DiscardReason::UnknownStatus),
            ),
            (
                "active-medications-list",
                "MedicationRequest",
                r#""status": {"coding": [{"system": "x", "code": "y"}, {"code": "active"}]}"#,
                Ok(1),
            ),
            (
                "active-medications-list",
                "MedicationRequest",
                r#""status": {"coding": [{"system": "x", "code": "active"}, {"code": "entered-in-error"}]}"#,
                Err(DiscardReason::EnteredInError),
            ),
            ("active-medications-list", "MedicationRequest", r#""status": "on-hold""#, Ok(0)),
            ("immunization-list", "Immunization", r#""status": "given""#, Err(DiscardReason::UnknownStatus)),
            ("immunization-list", "Immunization", r#""id": "i""#, Err(DiscardReason::UnknownStatus)),
            (
                "immunization-list",
                "Immunization",
                r#""status": "completed", "wasNotGiven": "maybe""#,
                Err(DiscardReason::UnknownStatus),
            ),
            ("immunization-list", "Immunization", r#""status": "completed", "wasNotGiven": false"#, Ok(1)),
            (
                "immunization-list",
                "Immunization",
                r#""status": {"coding": [{"code": "completed"}, {"system": "x", "code": "not-done"}]}"#,
                Err(DiscardReason::Status),
            ),
            ("immunization-list", "Immunization", r#""status": "in-progress""#, Err(DiscardReason::Status)),
        ] {
            let json = format!(
                r#"{{"resourceType": "{kind}", "code": {{"text": "T"}}, "vaccineCode": {{"text": "T"}},
                    "medicationCodeableConcept": {{"text": "T"}}, {rest}}}"#
            );
            assert_eq!(texts(field, &json).map(|texts| texts.len()), expected, "{kind} {rest}");
        }
    }

    #[test]
    fn a_negated_or_modified_resource_is_in_no_list() {
        const MODIFIER: &str = r#""modifierExtension": [{"url": "urn:x", "valueBoolean": true}]"#;
        let (status, modifier) = (DiscardReason::Status, DiscardReason::UnknownModifier);
        for (field, kind, rest, expected) in [
            (
                "active-medications-list",
                "MedicationRequest",
                r#""doNotPerform": true"#,
                Err(DiscardReason::DoNotPerform),
            ),
            (
                "active-medications-list",
                "MedicationRequest",
                r#""doNotPerform": "true""#,
                Err(DiscardReason::DoNotPerform),
            ),
            ("active-medications-list", "MedicationRequest", r#""doNotPerform": false"#, Ok(1)),
            (
                "active-medications-list",
                "MedicationRequest",
                r#""_doNotPerform": {"extension": []}"#,
                Err(DiscardReason::UnknownStatus),
            ),
            ("active-medications-list", "MedicationRequest", MODIFIER, Err(modifier)),
            ("active-medications-list", "MedicationRequest", r#""modifierExtension": []"#, Ok(1)),
            ("active-medications-list", "MedicationOrder", MODIFIER, Err(modifier)),
            ("active-problem-list", "Condition", MODIFIER, Err(modifier)),
            ("encounter-diagnosis-list", "Condition", MODIFIER, Err(modifier)),
            ("allergy-list", "AllergyIntolerance", MODIFIER, Err(modifier)),
            ("immunization-list", "Immunization", MODIFIER, Err(modifier)),
            ("immunization-list", "Immunization", r#""wasNotGiven": true"#, Err(status)),
            ("immunization-list", "Immunization", r#""notGiven": true"#, Err(status)),
        ] {
            let state = if kind == "Immunization" { "completed" } else { "active" };
            let json = format!(
                r#"{{"resourceType": "{kind}", "status": "{state}", "code": {{"text": "T"}}, "vaccineCode": {{"text": "T"}},
                    "medicationCodeableConcept": {{"text": "T"}}, {rest}}}"#
            );
            assert_eq!(texts(field, &json).map(|texts| texts.len()), expected, "{kind} {rest}");
            let wrong = json
                .replace(r#""resourceType""#, r#""verificationStatus": "entered-in-error", "resourceType""#);
            assert_eq!(texts(field, &wrong), Err(DiscardReason::EnteredInError), "{kind} {rest}");
        }
        let contained = format!(
            r##"{{"resourceType": "MedicationRequest", "status": "active", "medicationReference": {{"reference": "#m"}},
                "contained": [{{"id": "m", "code": {{"text": "B"}}, {MODIFIER}}}]}}"##
        );
        assert_eq!(texts("active-medications-list", &contained), Err(modifier));
    }
}
