//! Coded elements: the codes of all their codings, and coding systems in every form that EHRs use.

use super::{Json, token};
use once_cell::sync::Lazy;
use std::collections::{BTreeSet, HashMap};

const TABLE: &str = include_str!("systems.tsv");

/// A coding system, by its name in `systems.tsv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct System(&'static str);

impl System {
    /// Laboratory and vital-sign codes.
    pub const LOINC: System = System("loinc");
    /// Clinical terms.
    pub const SNOMED: System = System("snomed");
    /// Units of measure.
    pub const UCUM: System = System("ucum");
    /// Race and ethnicity codes of the CDC, and HL7's copies of them.
    pub const CDC_RACE: System = System("cdc-race");
    /// Reasons why there is no code.
    pub const NULL_FLAVOR: System = System("null-flavor");
    /// `maritalStatus` of a patient.
    pub const MARITAL_STATUS: System = System("marital-status");
    /// `status` of an Observation.
    pub const OBSERVATION_STATUS: System = System("observation-status");
    /// `category` of a Condition.
    pub const CONDITION_CATEGORY: System = System("condition-category");
    /// `clinicalStatus` of a Condition.
    pub const CONDITION_CLINICAL: System = System("condition-clinical");
    /// `verificationStatus` of a Condition.
    pub const CONDITION_VERIFICATION: System = System("condition-ver-status");
    /// `clinicalStatus` of an AllergyIntolerance, and its `status` in DSTU2.
    pub const ALLERGY_CLINICAL: System = System("allergy-clinical");
    /// `verificationStatus` of an AllergyIntolerance.
    pub const ALLERGY_VERIFICATION: System = System("allergy-verification");
    /// `status` of a MedicationRequest or MedicationOrder.
    pub const MEDICATION_STATUS: System = System("medication-status");
    /// `status` of an Immunization.
    pub const IMMUNIZATION_STATUS: System = System("immunization-status");

    /// The system with this URI, OID or other form; `None` when the table does not list it.
    pub fn of(text: &str) -> Option<System> {
        FORMS.get(&comparable(text)).copied()
    }
}

/// The systems of the table, by each of their forms.
static FORMS: Lazy<HashMap<String, System>> = Lazy::new(|| {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let forms = lines.flat_map(|line| {
        let mut cells = line.split('\t');
        let name = cells.next().unwrap_or_default();
        cells.map(move |form| (comparable(form), System(name)))
    });
    forms.collect()
});

/// The text of a system in the form in which systems are compared: lower case, without scheme, `urn:oid:` and trailing slash.
fn comparable(text: &str) -> String {
    let text = text.trim().to_ascii_lowercase();
    let schemes = ["https://", "http://", "urn:oid:"];
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(&text);
    rest.trim_end_matches('/').to_owned()
}

/// Whether the system of a coding is this one, in any form.
pub fn is_of(coding: &Json, system: System) -> bool {
    coding.get("system").text().and_then(System::of) == Some(system)
}

/// Whether the system of a coding is this one, in any form, or is absent.
pub fn may_be_of(coding: &Json, system: System) -> bool {
    coding.get("system").text().is_none_or(|text| System::of(text) == Some(system))
}

/// The value of a coded element.
#[derive(Debug, PartialEq, Eq)]
pub enum CodedValue {
    /// The element is absent.
    Absent,
    /// The element is present and has none of the known codes.
    Unrecognized,
    /// The known codes among all its codings.
    Codes(BTreeSet<&'static str>),
}

/// The value of a coded element of a resource: a code, a Coding, a CodeableConcept or several of these.
///
/// A coding counts when it names `system`, in any form, or no system. The text counts only when there is no coding. Codes that
/// are not among the `known` ones are ignored.
pub fn coded_value(resource: &Json, name: &str, system: System, known: &[&'static str]) -> CodedValue {
    let element = resource.get(name);
    if element.items().is_empty() {
        // For example `_status` has the reason why there is no status (FHIR, data-absent-reason).
        let masked = !resource.get(&format!("_{name}")).is_null();
        return if masked { CodedValue::Unrecognized } else { CodedValue::Absent };
    }
    let mut codes = BTreeSet::new();
    for item in element.items() {
        let codings = codings(item);
        let found: Vec<String> = if codings.is_empty() {
            vec![words(item), words(item.get("text"))]
        } else {
            codings
                .into_iter()
                .filter(|one| may_be_of(one, system))
                .map(|one| words(one.get("code")))
                .collect()
        };
        codes.extend(known.iter().filter(|code| found.iter().any(|word| word == *code)));
    }
    if codes.is_empty() { CodedValue::Unrecognized } else { CodedValue::Codes(codes) }
}

/// Whether a code appears anywhere in an element: as the element itself, in a coding of any system, or as the text.
pub fn mentions(element: &Json, code: &str) -> bool {
    element.items().iter().any(|item| {
        let coded = codings(item).into_iter().any(|coding| words(coding.get("code")) == code);
        coded || words(item) == code || words(item.get("text")) == code
    })
}

/// The codings of a concept. A Coding in place of a concept counts as its only coding.
fn codings(concept: &Json) -> Vec<&Json> {
    let itself = concept.get("code").text().map(|_| concept);
    concept.get("coding").items().iter().chain(itself).collect()
}

/// A code or text in the form in which codes are compared: "Entered in Error" is `entered-in-error`.
fn words(json: &Json) -> String {
    token(json).replace([' ', '_'], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 2] = ["active", "resolved"];

    fn state(json: &str) -> CodedValue {
        coded_value(&Json::parse(json).unwrap(), "s", System::CONDITION_CLINICAL, &KNOWN)
    }

    #[test]
    fn the_codes_of_all_codings_of_a_system_are_found() {
        let clinical =
            r#"{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}"#;
        let local = r#"{"system": "urn:oid:1.9.9", "code": "resolved"}"#;
        let snomed = r#"{"system": "http://snomed.info/sct", "code": "55561003"}"#;
        let active = || CodedValue::Codes(["active"].into());
        for (element, expected) in [
            (r#""active""#.to_owned(), active()),
            (r#"" Active ""#.to_owned(), active()),
            (format!(r#"{{"coding": [{clinical}, {local}]}}"#), active()),
            (format!(r#"{{"coding": [{local}, {clinical}]}}"#), active()),
            (format!(r#"{{"coding": {clinical}}}"#), active()),
            (format!(r#"[{{"coding": [{local}]}}, {{"coding": [{clinical}]}}]"#), active()),
            (clinical.to_owned(), active()),
            (r#"{"coding": [{"code": "Active "}]}"#.to_owned(), active()),
            (r#"{"text": "Active"}"#.to_owned(), active()),
            (
                format!(r#"{{"coding": [{clinical}, {{"code": "resolved"}}]}}"#),
                CodedValue::Codes(["active", "resolved"].into()),
            ),
            (format!(r#"{{"coding": [{snomed}], "text": "Active"}}"#), CodedValue::Unrecognized),
            (format!(r#"{{"coding": [{local}]}}"#), CodedValue::Unrecognized),
            (r#""other""#.to_owned(), CodedValue::Unrecognized),
            (r#""""#.to_owned(), CodedValue::Unrecognized),
            ("{}".to_owned(), CodedValue::Unrecognized),
            ("7".to_owned(), CodedValue::Unrecognized),
            (r#"{"extension": [{"valueCode": "masked"}]}"#.to_owned(), CodedValue::Unrecognized),
            ("null".to_owned(), CodedValue::Absent),
            ("[]".to_owned(), CodedValue::Absent),
        ] {
            assert_eq!(state(&format!(r#"{{"s": {element}}}"#)), expected, "{element}");
        }
        assert_eq!(state("{}"), CodedValue::Absent);
        assert_eq!(state(r#"{"_s": {"extension": [{"valueCode": "masked"}]}}"#), CodedValue::Unrecognized);
    }

    #[test]
    fn a_code_is_found_in_a_coding_a_text_or_the_element() {
        for element in [
            r#""entered-in-error ""#,
            r#"{"coding": [{"system": "a", "code": "x"}, {"system": "b", "code": "Entered-In-Error"}]}"#,
            r#"{"coding": [{"code": "x"}], "text": "Entered in error"}"#,
            r#"[{"text": "x"}, {"coding": {"code": "entered-in-error"}}]"#,
        ] {
            assert!(mentions(&Json::parse(element).unwrap(), "entered-in-error"), "{element}");
        }
        for element in ["null", r#""final""#, r#"{"coding": [{"code": "confirmed"}]}"#] {
            assert!(!mentions(&Json::parse(element).unwrap(), "entered-in-error"), "{element}");
        }
    }

    #[test]
    fn each_form_of_a_system_is_recognized() {
        for (name, forms) in [
            (
                "loinc",
                &[
                    "http://loinc.org",
                    "https://loinc.org",
                    "http://loinc.org/",
                    "HTTP://LOINC.org",
                    " http://loinc.org ",
                    "urn:oid:2.16.840.1.113883.6.1",
                    "URN:OID:2.16.840.1.113883.6.1",
                    "2.16.840.1.113883.6.1",
                ][..],
            ),
            (
                "snomed",
                &["http://snomed.info/sct", "https://snomed.info/sct/", "urn:oid:2.16.840.1.113883.6.96"],
            ),
            ("rxnorm", &["http://www.nlm.nih.gov/research/umls/rxnorm/", "urn:oid:2.16.840.1.113883.6.88"]),
            ("icd-10-cm", &["https://hl7.org/fhir/sid/icd-10-cm", "2.16.840.1.113883.6.90"]),
            ("cvx", &["http://hl7.org/fhir/sid/cvx", "urn:oid:2.16.840.1.113883.12.292"]),
            ("ucum", &["http://unitsofmeasure.org/", "urn:oid:2.16.840.1.113883.6.8"]),
            (
                "cdc-race",
                &[
                    "urn:oid:2.16.840.1.113883.6.238",
                    "2.16.840.1.113883.6.238",
                    "http://hl7.org/fhir/v3/Race",
                ],
            ),
            (
                "null-flavor",
                &[
                    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
                    "http://hl7.org/fhir/v3/NullFlavor",
                    "urn:oid:2.16.840.1.113883.5.1008",
                ],
            ),
            (
                "observation-category",
                &[
                    "http://terminology.hl7.org/CodeSystem/observation-category",
                    "http://hl7.org/fhir/observation-category",
                ],
            ),
            (
                "condition-category",
                &[
                    "http://terminology.hl7.org/CodeSystem/condition-category",
                    "http://hl7.org/fhir/condition-category",
                ],
            ),
            (
                "condition-clinical",
                &[
                    "https://Terminology.HL7.org/CodeSystem/condition-clinical",
                    "http://hl7.org/fhir/condition-clinical",
                ],
            ),
            (
                "condition-ver-status",
                &[
                    "http://terminology.hl7.org/CodeSystem/condition-ver-status",
                    "http://hl7.org/fhir/condition-ver-status/",
                ],
            ),
        ] {
            for form in forms {
                assert_eq!(System::of(form), Some(System(name)), "{form}");
            }
        }
    }

    #[test]
    fn another_system_is_not_recognized() {
        for text in
            ["", "http://loinc.org.example", "urn:oid:2.16.840.1.113883.6", "http://hl7.org/fhir/sid/icd-10"]
        {
            assert_eq!(System::of(text), None, "{text}");
        }
    }

    #[test]
    fn the_table_names_each_system_and_each_form_once() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        let forms: usize = lines.iter().map(|line| line.split('\t').count() - 1).sum();
        assert_eq!(FORMS.len(), forms);
        let mut names: Vec<&str> = lines.iter().filter_map(|line| line.split('\t').next()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), lines.len());
        for known in [
            System::LOINC,
            System::SNOMED,
            System::UCUM,
            System::CDC_RACE,
            System::NULL_FLAVOR,
            System::MARITAL_STATUS,
            System::OBSERVATION_STATUS,
            System::CONDITION_CATEGORY,
            System::CONDITION_CLINICAL,
            System::CONDITION_VERIFICATION,
            System::ALLERGY_CLINICAL,
            System::ALLERGY_VERIFICATION,
            System::MEDICATION_STATUS,
            System::IMMUNIZATION_STATUS,
        ] {
            assert!(names.contains(&known.0), "{known:?}");
        }
    }
}
