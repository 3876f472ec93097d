//! The ids of a patient in the other FHIR versions of one EHR. Epic has different ids in DSTU2 and R4, and lists them among the
//! identifiers of a Patient (E11).

use super::{Json, patient::is_retired};
use crate::config::FhirVersion;
use jiff::civil::DateTime;
use std::collections::BTreeMap;

/// The identifier systems of FHIR ids. Epic's STU3 and R4 share their ids.
const SYSTEMS: [(&str, FhirVersion); 2] = [
    ("http://open.epic.com/FHIR/StructureDefinition/patient-dstu2-fhir-id", FhirVersion::Dstu2),
    ("http://open.epic.com/FHIR/StructureDefinition/patient-fhir-id", FhirVersion::R4),
];

/// The ids that a Patient of `version` states for other FHIR versions of the same EHR, by the name of the version.
///
/// A version with two different ids is left out. If the Patient states another id for its own version than the one it has, all
/// are left out: the list may belong to another chart.
pub fn other_ids(patient: &Json, version: FhirVersion, now: DateTime) -> BTreeMap<String, String> {
    let own_id = patient.get("id").text();
    let mut found: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for (of, id) in patient.get("identifier").items().iter().filter_map(|one| stated_id(one, now)) {
        if of == version && Some(id) != own_id {
            return BTreeMap::new();
        }
        let known = found.entry(of.name()).or_insert(Some(id));
        *known = known.filter(|known| *known == id);
    }
    found.remove(version.name());
    found.into_iter().filter_map(|(of, id)| Some((of.to_owned(), id?.to_owned()))).collect()
}

/// The FHIR version and the id that an identifier states.
fn stated_id(identifier: &Json, now: DateTime) -> Option<(FhirVersion, &str)> {
    let system = identifier.get("system").text()?.trim();
    let (_, version) = SYSTEMS.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(system))?;
    let id = identifier.get("value").text()?.trim();
    let is_id = !id.is_empty()
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        && !matches!(id, "." | "..");
    (is_id && !is_retired(identifier, now)).then_some((version, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DSTU2: &str = "http://open.epic.com/FHIR/StructureDefinition/patient-dstu2-fhir-id";
    const R4: &str = "http://open.epic.com/FHIR/StructureDefinition/patient-fhir-id";

    /// What an R4 Patient with the id `e3` states, as `version id` texts.
    fn stated(identifiers: &[(&str, &str, &str)]) -> Vec<String> {
        let list: Vec<_> = identifiers
            .iter()
            .map(|(system, value, usage)| serde_json::json!({"system": system, "value": value, "use": usage}))
            .collect();
        let text = serde_json::json!({"resourceType": "Patient", "id": "e3", "identifier": list}).to_string();
        let patient = Json::parse(&text).unwrap();
        let now = "2026-01-01T00:00:00".parse().unwrap();
        other_ids(&patient, FhirVersion::R4, now).iter().map(|(of, id)| format!("{of} {id}")).collect()
    }

    #[test]
    fn the_id_in_another_version_is_the_one_that_the_chart_states() {
        let (own, other) = ((R4, "e3", "usual"), (DSTU2, " TxB ", "usual"));
        for (identifiers, expected) in [
            (vec![own, other], vec!["dstu2 TxB"]),
            (vec![other], vec!["dstu2 TxB"]),
            (vec![other, other], vec!["dstu2 TxB"]),
            (vec![own], vec![]),
            // Two ids for one version, in any order.
            (vec![other, (DSTU2, "TyB", "usual"), other], vec![]),
            // A list of another chart.
            (vec![other, (R4, "e4", "usual")], vec![]),
            (vec![(DSTU2, "TxB", "old")], vec![]),
            (vec![(DSTU2, "../x", "usual"), (DSTU2, "..", "usual"), (DSTU2, " ", "usual")], vec![]),
            (vec![("urn:oid:1.2.3", "TxB", "usual")], vec![]),
        ] {
            assert_eq!(stated(&identifiers), expected, "{identifiers:?}");
        }
    }
}
