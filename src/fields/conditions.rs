//! Conditions: the problem list by clinical state, and the diagnoses of encounters, in DSTU2 and R4 shapes.

use super::{
    DiscardReason, Value,
    list_entry::{entry, is_in_states, refuse_negated, refuse_unreadable_verification},
};
use crate::fhir::{
    Json,
    coding::{CodedValue, System, coded_value},
};
use std::collections::BTreeSet;

/// The clinical states of a Condition, in DSTU2 and R4.
const CLINICAL: &[&str] = &["active", "recurrence", "relapse", "inactive", "remission", "resolved"];
/// The categories of the problem list in R4, Argonaut and DSTU2.
const PROBLEM: &[&str] = &["problem-list-item", "problem", "complaint", "symptom", "finding", "diagnosis"];
/// The categories of a Condition, in DSTU2 and R4.
const CATEGORIES: &[&str] = &[
    "problem-list-item",
    "problem",
    "complaint",
    "symptom",
    "finding",
    "diagnosis",
    ENCOUNTER_DIAGNOSIS,
    "health-concern",
];
const ENCOUNTER_DIAGNOSIS: &str = "encounter-diagnosis";
/// "Problem" in SNOMED CT. Examples of HL7 use it as a category.
const SNOMED_PROBLEM: &str = "55607006";
/// The elements that mean that a Condition has ended. Some exist in DSTU2 only.
const ABATEMENTS: &[&str] = &[
    "abatementAge",
    "abatementBoolean",
    "abatementDateTime",
    "abatementPeriod",
    "abatementQuantity",
    "abatementRange",
    "abatementString",
];

/// The entry of a Condition of the problem list that has one of these clinical states.
pub(super) fn problem_entry(states: &[String], resource: &Json) -> Result<Option<Value>, DiscardReason> {
    refuse_negated(resource)?;
    refuse_unreadable_verification(resource, System::CONDITION_VERIFICATION)?;
    if !is_in_category(resource, PROBLEM)? || !is_in_states(&clinical_state(resource)?, states)? {
        return Ok(None);
    }
    condition_entry(resource)
}

/// The entry of a Condition that was diagnosed at an encounter, whatever its clinical status is now.
pub(super) fn diagnosis_entry(resource: &Json) -> Result<Option<Value>, DiscardReason> {
    refuse_negated(resource)?;
    refuse_unreadable_verification(resource, System::CONDITION_VERIFICATION)?;
    if is_in_category(resource, &[ENCOUNTER_DIAGNOSIS])? { condition_entry(resource) } else { Ok(None) }
}

fn condition_entry(resource: &Json) -> Result<Option<Value>, DiscardReason> {
    entry(resource, resource.get("code"), &["recordedDate", "dateRecorded", "onsetDateTime", "onsetPeriod"])
}

/// Whether a Condition is in one of these categories. A Condition without a category counts as a problem.
fn is_in_category(condition: &Json, categories: &[&str]) -> Result<bool, DiscardReason> {
    let is_listed = |code: &str| categories.contains(&code);
    match coded_value(condition, "category", System::CONDITION_CATEGORY, CATEGORIES) {
        CodedValue::Absent => Ok(is_listed("problem")),
        CodedValue::Codes(codes) => Ok(codes.iter().any(|code| is_listed(code))),
        CodedValue::Unrecognized => {
            match coded_value(condition, "category", System::SNOMED, &[SNOMED_PROBLEM]) {
                CodedValue::Codes(_) => Ok(is_listed("problem")),
                CodedValue::Absent | CodedValue::Unrecognized => Err(DiscardReason::UnknownCategory),
            }
        }
    }
}

fn is_abated(condition: &Json) -> bool {
    ABATEMENTS.iter().any(|name| {
        let (value, hidden) = (condition.get(name), condition.get(&format!("_{name}")));
        !(value.is_null() && hidden.is_null()) && value.truth() != Some(false)
    })
}

fn clinical_state(condition: &Json) -> Result<BTreeSet<&'static str>, DiscardReason> {
    match coded_value(condition, "clinicalStatus", System::CONDITION_CLINICAL, CLINICAL) {
        // The Condition has ended, but it is not known whether it is inactive, in remission or resolved.
        CodedValue::Absent if is_abated(condition) => Err(DiscardReason::UnknownStatus),
        // Without a clinical status it counts as active, so that a missing element hides no problem.
        CodedValue::Absent => Ok(["active"].into()),
        CodedValue::Unrecognized => Err(DiscardReason::UnknownStatus),
        CodedValue::Codes(mut codes) => {
            // In R4 these two are kinds of `inactive`, so a server may send both codes.
            if codes.contains("remission") || codes.contains("resolved") {
                codes.remove("inactive");
            }
            Ok(codes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DiscardReason, lists::tests::texts};

    #[test]
    fn conditions_of_both_versions() {
        let r4 = r#"{"resourceType": "Condition", "code": {"text": "Asthma"}, "verificationStatus": {"coding": [{"code": "confirmed"}]},
            "clinicalStatus": {"coding": [{"code": "active"}]}}"#;
        assert_eq!(texts("active-problem-list", r4).unwrap(), ["Asthma"]);
        assert!(texts("resolved-problem-list", r4).unwrap().is_empty());
        let dstu2 = r#"{"resourceType": "Condition", "code": {"coding": [{"display": "Flu"}]}, "clinicalStatus": "resolved"}"#;
        assert_eq!(texts("resolved-problem-list", dstu2).unwrap(), ["Flu"]);
        assert_eq!(
            texts("active-problem-list", &r4.replace("confirmed", "refuted")),
            Err(DiscardReason::Status)
        );
        let wrong = r4.replace("confirmed", "entered-in-error");
        assert_eq!(texts("active-problem-list", &wrong), Err(DiscardReason::EnteredInError));
    }

    const CLINICAL_SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";

    fn concept(codings: &[(&str, &str)]) -> String {
        let coding = |(system, code): &(&str, &str)| format!(r#"{{"system": "{system}", "code": "{code}"}}"#);
        format!(r#"{{"coding": [{}]}}"#, codings.iter().map(coding).collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn all_codings_of_a_status_decide_whether_a_condition_is_listed() {
        const LOCAL: &str = "urn:oid:1.9.9";
        const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
        let clinical = |codings: &[(&str, &str)]| format!(r#""clinicalStatus": {}"#, concept(codings));
        let verified = |codings: &[(&str, &str)]| format!(r#""verificationStatus": {}"#, concept(codings));
        let (local, active) = ((LOCAL, "A"), (CLINICAL_SYSTEM, "active"));
        for (rest, is_active, is_resolved) in [
            (clinical(&[local, active]), Ok(true), Ok(false)),
            (clinical(&[active, local]), Ok(true), Ok(false)),
            (clinical(&[local, (CLINICAL_SYSTEM, "resolved")]), Ok(false), Ok(true)),
            (clinical(&[(CLINICAL_SYSTEM, "inactive"), (CLINICAL_SYSTEM, "resolved")]), Ok(false), Ok(true)),
            (
                clinical(&[active, (CLINICAL_SYSTEM, "resolved")]),
                Err(DiscardReason::UnknownStatus),
                Err(DiscardReason::UnknownStatus),
            ),
            (
                clinical(&[("http://snomed.info/sct", "55561003")]),
                Err(DiscardReason::UnknownStatus),
                Err(DiscardReason::UnknownStatus),
            ),
            (
                clinical(&[(LOCAL, "resolved")]),
                Err(DiscardReason::UnknownStatus),
                Err(DiscardReason::UnknownStatus),
            ),
            (
                r#""clinicalStatus": "ongoing""#.to_owned(),
                Err(DiscardReason::UnknownStatus),
                Err(DiscardReason::UnknownStatus),
            ),
            (
                r#""_clinicalStatus": {"extension": [{"valueCode": "masked"}]}"#.to_owned(),
                Err(DiscardReason::UnknownStatus),
                Err(DiscardReason::UnknownStatus),
            ),
            (r#""active": true"#.to_owned(), Ok(true), Ok(false)),
            (
                verified(&[(LOCAL, "ERR"), (VERIFICATION, "entered-in-error")]),
                Err(DiscardReason::EnteredInError),
                Err(DiscardReason::EnteredInError),
            ),
            (
                verified(&[(VERIFICATION, "confirmed"), (LOCAL, "entered-in-error")]),
                Err(DiscardReason::EnteredInError),
                Err(DiscardReason::EnteredInError),
            ),
            (
                verified(&[(LOCAL, "x"), (VERIFICATION, "refuted")]),
                Err(DiscardReason::Status),
                Err(DiscardReason::Status),
            ),
            (
                verified(&[(VERIFICATION, "refuted"), (VERIFICATION, "entered-in-error")]),
                Err(DiscardReason::EnteredInError),
                Err(DiscardReason::EnteredInError),
            ),
            (
                verified(&[(LOCAL, "ERR")]),
                Err(DiscardReason::UnknownStatus),
                Err(DiscardReason::UnknownStatus),
            ),
            (verified(&[(LOCAL, "x"), (VERIFICATION, "provisional")]), Ok(true), Ok(false)),
        ] {
            let json = format!(r#"{{"resourceType": "Condition", "code": {{"text": "Asthma"}}, {rest}}}"#);
            let listed = |field: &str| texts(field, &json).map(|texts| texts == ["Asthma"]);
            assert_eq!(listed("active-problem-list"), is_active, "{rest}");
            assert_eq!(listed("resolved-problem-list"), is_resolved, "{rest}");
        }
    }

    #[test]
    fn problems_and_encounter_diagnoses_are_in_separate_lists() {
        const R4: &str = "http://terminology.hl7.org/CodeSystem/condition-category";
        const DSTU2: &str = "http://hl7.org/fhir/condition-category";
        const SNOMED: &str = "http://snomed.info/sct";
        let category = |codings: &[(&str, &str)]| format!(r#""category": [{}]"#, concept(codings));
        let unknown = || (Err(DiscardReason::UnknownCategory), Err(DiscardReason::UnknownCategory));
        for (rest, (is_problem, is_diagnosis)) in [
            (category(&[(R4, "problem-list-item")]), (Ok(true), Ok(false))),
            (category(&[(R4, "encounter-diagnosis")]), (Ok(false), Ok(true))),
            (category(&[("urn:oid:1.9.9", "12"), (R4, "encounter-diagnosis")]), (Ok(false), Ok(true))),
            (
                category(&[("urn:oid:1.9.9", "problem-list-item"), (R4, "encounter-diagnosis")]),
                (Ok(false), Ok(true)),
            ),
            (category(&[(R4, "problem-list-item"), (R4, "encounter-diagnosis")]), (Ok(true), Ok(true))),
            (category(&[(R4, "health-concern")]), (Ok(false), Ok(false))),
            (category(&[(SNOMED, "439401001"), (DSTU2, "diagnosis")]), (Ok(true), Ok(false))),
            (category(&[("http://argonaut.hl7.org", "problem")]), (Ok(true), Ok(false))),
            (category(&[(DSTU2, "complaint")]), (Ok(true), Ok(false))),
            (category(&[(DSTU2, "finding")]), (Ok(true), Ok(false))),
            (category(&[(SNOMED, "55607006")]), (Ok(true), Ok(false))),
            (category(&[(SNOMED, "439401001")]), unknown()),
            (category(&[("urn:oid:1.9.9", "encounter-diagnosis")]), unknown()),
            (r#""_category": [{"extension": []}]"#.to_owned(), unknown()),
            (r#""category": [{"text": "Encounter Diagnosis"}]"#.to_owned(), (Ok(false), Ok(true))),
            (r#""category": {"coding": [{"code": "problem"}]}"#.to_owned(), (Ok(true), Ok(false))),
            (r#""category": "encounter-diagnosis""#.to_owned(), (Ok(false), Ok(true))),
            (r#""category": []"#.to_owned(), (Ok(true), Ok(false))),
            (r#""id": "without""#.to_owned(), (Ok(true), Ok(false))),
        ] {
            for status in [r#""clinicalStatus": "active","#, ""] {
                let json = format!(
                    r#"{{"resourceType": "Condition", "code": {{"text": "Asthma"}}, {status} {rest}}}"#
                );
                let listed = |field: &str| texts(field, &json).map(|texts| texts == ["Asthma"]);
                assert_eq!(listed("active-problem-list"), is_problem, "{status} {rest}");
                assert_eq!(listed("encounter-diagnosis-list"), is_diagnosis, "{status} {rest}");
            }
        }
    }

    #[test]
    fn an_encounter_diagnosis_is_listed_whatever_its_clinical_status() {
        let listed = |rest: &str| {
            let category = r#""category": {"coding": [{"code": "encounter-diagnosis"}]}"#;
            let json =
                format!(r#"{{"resourceType": "Condition", "code": {{"text": "Flu"}}, {category}, {rest}}}"#);
            texts("encounter-diagnosis-list", &json).map(|texts| texts.len())
        };
        assert_eq!(listed(r#""clinicalStatus": "resolved""#), Ok(1));
        assert_eq!(listed(r#""abatementDateTime": "2020""#), Ok(1));
        assert_eq!(listed(r#""verificationStatus": "refuted""#), Err(DiscardReason::Status));
        assert_eq!(listed(r#""verificationStatus": "odd""#), Err(DiscardReason::UnknownStatus));
    }

    #[test]
    fn an_abatement_without_a_status_is_not_active() {
        for (rest, expected) in [
            (r#""abatementDateTime": "2020-01""#, Err(DiscardReason::UnknownStatus)),
            (r#""abatementBoolean": true"#, Err(DiscardReason::UnknownStatus)),
            (r#""abatementBoolean": false"#, Ok(1)),
            (r#""abatementBoolean": false, "abatementString": "in May""#, Err(DiscardReason::UnknownStatus)),
            (r#""abatementAge": {"value": 3}"#, Err(DiscardReason::UnknownStatus)),
            (r#""_abatementDateTime": {"extension": []}"#, Err(DiscardReason::UnknownStatus)),
            (r#""clinicalStatus": "active", "abatementDateTime": "2099""#, Ok(1)),
            (r#""onsetDateTime": "2020""#, Ok(1)),
        ] {
            let json = format!(r#"{{"resourceType": "Condition", "code": {{"text": "T"}}, {rest}}}"#);
            assert_eq!(texts("active-problem-list", &json).map(|texts| texts.len()), expected, "{rest}");
        }
    }
}
