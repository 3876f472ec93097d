//! The patients' data: read once, kept as text, found by type, id and patient.

mod change;
mod load;
mod rewrite;

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

use crate::fhir::date;

pub(crate) use change::{Stored, put};
pub(crate) use load::load;
pub(crate) use rewrite::change_id;

/// One resource.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) resource_type: String,
    pub(crate) id: String,
    /// The JSON as it was read; it is served byte for byte, so that 1.10 stays 1.10.
    pub(crate) text: String,
    /// The same, parsed, for matching only.
    pub(crate) value: Value,
    /// The patient whose compartment it is in.
    pub(crate) patient: Option<String>,
}

/// All resources with their indexes. A copy shares the resources.
#[derive(Debug, Default, Clone)]
pub(crate) struct Records {
    /// An index is never given to another resource: searches remember what they found by it.
    all: Vec<Arc<Record>>,
    by_id: HashMap<(String, String), usize>,
    by_type: HashMap<String, Vec<usize>>,
    by_patient: HashMap<(String, String), Vec<usize>>,
}

impl Records {
    /// Adds a resource; says so when it replaces a different one of the same type and id.
    pub(crate) fn add(&mut self, record: Record) -> bool {
        let key = (record.resource_type.clone(), record.id.clone());
        if let Some(&at) = self.by_id.get(&key) {
            if self.all[at].patient != record.patient {
                self.unlink(at);
                self.link(at, &record);
            }
            let differs = self.all[at].text != record.text;
            self.all[at] = Arc::new(record);
            return differs;
        }
        let at = self.all.len();
        self.by_id.insert(key, at);
        self.by_type.entry(record.resource_type.clone()).or_default().push(at);
        self.link(at, &record);
        self.all.push(Arc::new(record));
        false
    }

    /// Takes a resource out of the indexes; its place stays, for the searches that found it.
    pub(crate) fn remove(&mut self, resource_type: &str, id: &str) -> bool {
        let Some(at) = self.by_id.remove(&(resource_type.to_owned(), id.to_owned())) else {
            return false;
        };
        self.unlink(at);
        if let Some(list) = self.by_type.get_mut(resource_type) {
            list.retain(|&other| other != at);
        }
        true
    }

    fn link(&mut self, at: usize, record: &Record) {
        if let Some(patient) = &record.patient {
            self.by_patient.entry((record.resource_type.clone(), patient.clone())).or_default().push(at);
        }
    }

    fn unlink(&mut self, at: usize) {
        let old = self.all[at].clone();
        if let Some(patient) = &old.patient
            && let Some(list) = self.by_patient.get_mut(&(old.resource_type.clone(), patient.clone()))
        {
            list.retain(|&other| other != at);
        }
    }

    pub(crate) fn at(&self, index: usize) -> &Record {
        &self.all[index]
    }

    pub(crate) fn get(&self, resource_type: &str, id: &str) -> Option<&Record> {
        self.by_id.get(&(resource_type.to_owned(), id.to_owned())).map(|&at| &*self.all[at])
    }

    pub(crate) fn of_type(&self, resource_type: &str) -> &[usize] {
        self.by_type.get(resource_type).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn of_patient(&self, resource_type: &str, patient: &str) -> &[usize] {
        self.by_patient.get(&(resource_type.to_owned(), patient.to_owned())).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn patients(&self) -> impl Iterator<Item = &Record> {
        self.of_type("Patient").iter().map(|&at| &*self.all[at])
    }

    /// The resource types there are, sorted.
    pub(crate) fn types(&self) -> Vec<&str> {
        let mut types: Vec<&str> = self.by_type.keys().map(String::as_str).collect();
        types.sort_unstable();
        types
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// The identifier systems that hold medical record numbers in these data.
    ///
    /// By type MR if any patient has it (numbers in use before former ones), else the systems that every patient has, else all; never those of other
    /// purposes such as social security.
    pub(crate) fn mrn_systems(&self, now: i64) -> Vec<String> {
        let (mut current, mut former): (Vec<String>, Vec<String>) = Default::default();
        let mut counts: Vec<(String, usize)> = Vec::new();
        let mut patients = 0;
        for patient in self.patients() {
            patients += 1;
            let mut seen: Vec<&str> = Vec::new();
            for identifier in identifiers(&patient.value) {
                let Some(system) = identifier["system"].as_str() else {
                    continue;
                };
                if is_mrn(identifier) {
                    let list = if is_current(identifier, now) { &mut current } else { &mut former };
                    if !list.iter().any(|known| known == system) {
                        list.push(system.to_owned());
                    }
                }
                if is_other_purpose(system, identifier) || seen.contains(&system) {
                    continue;
                }
                seen.push(system);
                match counts.iter_mut().find(|(known, _)| known == system) {
                    Some((_, count)) => *count += 1,
                    None => counts.push((system.to_owned(), 1)),
                }
            }
        }
        for typed in [current, former] {
            if !typed.is_empty() {
                return typed;
            }
        }
        let on_all: Vec<String> =
            counts.iter().filter(|(_, count)| *count == patients).map(|(system, _)| system.clone()).collect();
        if !on_all.is_empty() {
            return on_all;
        }
        counts.into_iter().map(|(system, _)| system).collect()
    }

    /// The medical record number shown for a patient: of these systems, one in use before a former one.
    pub(crate) fn mrn<'a>(&self, patient: &'a Record, systems: &[String], now: i64) -> Option<&'a str> {
        let of_system = |identifier: &&Value| {
            identifier["system"].as_str().is_some_and(|system| systems.iter().any(|known| known == system))
        };
        let all = identifiers(&patient.value);
        let mut candidates = all.iter().filter(of_system);
        candidates
            .clone()
            .find(|identifier| is_current(identifier, now))
            .or_else(|| candidates.next())
            .and_then(|identifier| identifier["value"].as_str())
    }
}

fn identifiers(patient: &Value) -> &[Value] {
    patient["identifier"].as_array().map_or(&[], Vec::as_slice)
}

/// Types that belong to no patient: any token with the scope sees them. All others without a patient are seen by
/// tokens of users and systems only.
const SHARED_TYPES: &[&str] = &[
    "Binary",
    "HealthcareService",
    "Location",
    "Medication",
    "Organization",
    "Practitioner",
    "PractitionerRole",
    "Substance",
];

/// Whether a type belongs to no patient.
pub(crate) fn is_shared(resource_type: &str) -> bool {
    SHARED_TYPES.contains(&resource_type)
}

impl Record {
    /// Whether the resource is in the compartment of this patient, or in none by its type.
    pub(crate) fn is_inside(&self, patient: &str) -> bool {
        self.patient.as_deref() == Some(patient) || is_shared(&self.resource_type)
    }
}

/// Both spellings of the v2-0203 system count: R4 and DSTU2.
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

/// Neither marked as old nor ended.
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

/// A patient's name for people to read.
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
