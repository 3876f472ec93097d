//! What the EHR's pages show of a Patient: its name and its medical record number (MRN).

use serde_json::Value;

use super::{Resource, Resources};
use crate::date;

/// The identifier systems that hold medical record numbers in this data.
///
/// If a patient has identifiers of type MR: the systems of those in use, or else of the former ones. If not: the
/// systems that every patient has, or else all. Systems for other purposes, such as social security, are left out.
pub(crate) fn mrn_systems(resources: &Resources, now: i64) -> Vec<String> {
    for current in [true, false] {
        let systems = typed_systems(resources, |identifier| is_current(identifier, now) == current);
        if !systems.is_empty() {
            return systems;
        }
    }
    let counts = count_systems(resources);
    let patients = resources.patients().count();
    let common: Vec<String> =
        counts.iter().filter(|(_, count)| *count == patients).map(|(system, _)| system.clone()).collect();
    if !common.is_empty() {
        return common;
    }
    counts.into_iter().map(|(system, _)| system).collect()
}

/// The systems of the identifiers of type MR that a condition selects, each once.
fn typed_systems(resources: &Resources, selects: impl Fn(&Value) -> bool) -> Vec<String> {
    let mut systems: Vec<String> = Vec::new();
    for patient in resources.patients() {
        for identifier in identifiers(&patient.value).iter().filter(|identifier| is_mrn(identifier)) {
            if let Some(system) = identifier["system"].as_str()
                && selects(identifier)
                && !systems.iter().any(|listed| listed == system)
            {
                systems.push(system.to_owned());
            }
        }
    }
    systems
}

/// The systems that can hold medical record numbers, each with the number of patients that have it.
fn count_systems(resources: &Resources) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for patient in resources.patients() {
        let mut systems: Vec<&str> = Vec::new();
        for identifier in identifiers(&patient.value) {
            let Some(system) = identifier["system"].as_str() else {
                continue;
            };
            if is_other_purpose(system, identifier) || systems.contains(&system) {
                continue;
            }
            systems.push(system);
            match counts.iter_mut().find(|(listed, _)| listed == system) {
                Some((_, count)) => *count += 1,
                None => counts.push((system.to_owned(), 1)),
            }
        }
    }
    counts
}

/// The medical record number of a patient in these systems. One in use comes before a former one.
pub(crate) fn mrn<'a>(patient: &'a Resource, systems: &[String], now: i64) -> Option<&'a str> {
    let in_systems = |identifier: &&Value| {
        identifier["system"].as_str().is_some_and(|system| systems.iter().any(|listed| listed == system))
    };
    let mut candidates = identifiers(&patient.value).iter().filter(in_systems);
    candidates
        .clone()
        .find(|identifier| is_current(identifier, now))
        .or_else(|| candidates.next())
        .and_then(|identifier| identifier["value"].as_str())
}

fn identifiers(patient: &Value) -> &[Value] {
    patient["identifier"].as_array().map_or(&[], Vec::as_slice)
}

/// Whether an identifier has the type MR. R4 and DSTU2 have different URLs for the code system v2-0203.
fn is_mrn(identifier: &Value) -> bool {
    identifier["type"]["coding"].as_array().is_some_and(|codings| {
        codings.iter().any(|coding| {
            coding["code"] == "MR"
                && matches!(
                    coding["system"].as_str(),
                    Some("http://terminology.hl7.org/CodeSystem/v2-0203" | "http://hl7.org/fhir/v2/0203")
                )
        })
    })
}

/// Whether an identifier is neither marked as old nor expired.
fn is_current(identifier: &Value, now: i64) -> bool {
    let ended =
        identifier["period"]["end"].as_str().and_then(date::parse).is_some_and(|period| period.end < now);
    identifier["use"] != "old" && !ended
}

fn is_other_purpose(system: &str, identifier: &Value) -> bool {
    let system = system.to_ascii_lowercase();
    let named = ["ssn", "passport", "driver", "2.16.840.1.113883.4.1", "4.3."]
        .iter()
        .any(|part| system.contains(part));
    let coded = identifier["type"]["coding"].as_array().is_some_and(|codings| {
        codings
            .iter()
            .any(|coding| matches!(coding["code"].as_str(), Some("SS" | "SB" | "DL" | "PPN" | "PASSPORT")))
    });
    named || coded
}

/// A patient's name, for the pages.
pub(crate) fn display_name(patient: &Value) -> String {
    let Some(names) = patient["name"].as_array() else {
        return "(no name)".to_owned();
    };
    let name =
        names.iter().find(|name| name["use"] == "official").or_else(|| names.first()).unwrap_or(&Value::Null);
    let mut parts: Vec<&str> = Vec::new();
    for field in ["given", "family"] {
        match &name[field] {
            Value::String(text) => parts.push(text),
            Value::Array(list) => parts.extend(list.iter().filter_map(Value::as_str)),
            _ => {}
        }
    }
    if parts.is_empty() {
        return name["text"].as_str().unwrap_or("(no name)").to_owned();
    }
    parts.join(" ")
}
