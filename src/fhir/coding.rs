//! Coded elements: what all of their codings say, and coding systems in every form in which EHRs write them.

use super::{Json, token};
use once_cell::sync::Lazy;
use std::collections::{BTreeSet, HashMap};

const TABLE: &str = include_str!("systems.tsv");

/// A coding system that is compared somewhere, by its name in `systems.tsv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct System(&'static str);

impl System {
    /// Laboratory and vital-sign codes.
    pub const LOINC: System = System("loinc");
    /// Clinical terms.
    pub const SNOMED: System = System("snomed");
    /// Race and ethnicity codes of the CDC, and HL7's copies of them.
    pub const CDC_RACE: System = System("cdc-race");
    /// Why there is no code.
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

    /// The system that a text names, whatever its form; `None` when the table has no such system.
    pub fn of(text: &str) -> Option<System> {
        FORMS.get(&bare(text)).copied()
    }
}

/// The forms of the table, as they are compared.
static FORMS: Lazy<HashMap<String, System>> = Lazy::new(|| {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let forms = lines.flat_map(|line| {
        let mut cells = line.split('\t');
        let name = cells.next().unwrap_or_default();
        cells.map(move |form| (bare(form), System(name)))
    });
    forms.collect()
});

/// A system without what makes no difference: letter case, scheme, `urn:oid:`, a trailing slash.
fn bare(text: &str) -> String {
    let text = text.trim().to_ascii_lowercase();
    let schemes = ["https://", "http://", "urn:oid:"];
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(&text);
    rest.trim_end_matches('/').to_owned()
}

/// Whether a coding belongs to a system, in any form of it.
pub fn is_of(coding: &Json, system: System) -> bool {
    coding.get("system").text().and_then(System::of) == Some(system)
}

/// Whether a coding belongs to a system, or names none.
pub fn may_be_of(coding: &Json, system: System) -> bool {
    coding.get("system").text().is_none_or(|text| System::of(text) == Some(system))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_counts_in_each_of_its_forms() {
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
    fn another_system_is_not_taken_for_a_known_one() {
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
