//! Reads files, folders and texts into records; what cannot be used is skipped with its reason, never a crash.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use ring::digest;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{Record, Records, rewrite};
use crate::options::{DataSource, FhirRelease};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "resourceType")]
    resource_type: Option<String>,
    id: Option<String>,
}

#[derive(Deserialize)]
struct Bundle {
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "fullUrl")]
    full_url: Option<String>,
    resource: Option<Box<RawValue>>,
}

/// Reads all the data of a source; each warning is a sentence that names the file.
pub(crate) fn load(source: &DataSource, release: FhirRelease, warnings: &mut Vec<String>) -> Records {
    let mut records = Records::default();
    match source {
        DataSource::Own => {
            let embedded = match release {
                FhirRelease::R4 => R4,
                FhirRelease::Dstu2 => DSTU2,
            };
            for (name, text) in embedded {
                take(&mut records, name, text, warnings);
            }
        }
        DataSource::Resources(texts) => {
            for (number, text) in texts.iter().enumerate() {
                take(&mut records, &format!("resource {}", number + 1), text, warnings);
            }
        }
        DataSource::Paths(paths) => {
            for path in paths {
                for file in files(path, warnings) {
                    let name = file.display().to_string();
                    match fs::read(&file).map(String::from_utf8) {
                        Ok(Ok(text)) => take(&mut records, &name, &text, warnings),
                        Ok(Err(_)) => warnings.push(format!("{name} is skipped: it is not UTF-8")),
                        Err(error) => warnings.push(format!("{name} is skipped: {error}")),
                    }
                }
            }
        }
    }
    records
}

/// The `.json` files of a path, in a fixed order.
fn files(path: &Path, warnings: &mut Vec<String>) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let mut found = Vec::new();
    match fs::read_dir(path) {
        Ok(entries) => {
            let mut entries: Vec<PathBuf> =
                entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
            entries.sort();
            for entry in entries {
                if entry.is_dir() {
                    found.extend(files(&entry, warnings));
                } else if entry.extension().is_some_and(|extension| extension == "json") {
                    found.push(entry);
                } else {
                    warnings.push(format!("{} is skipped: not a .json file", entry.display()));
                }
            }
        }
        Err(error) => warnings.push(format!("{} is skipped: {error}", path.display())),
    }
    found
}

fn take(records: &mut Records, name: &str, text: &str, warnings: &mut Vec<String>) {
    let text = text.trim_start_matches('\u{feff}').trim();
    let head: Head = match serde_json::from_str(text) {
        Ok(head) => head,
        Err(error) => {
            warnings.push(format!("{name} is skipped: it is not a FHIR resource in JSON: {error}"));
            return;
        }
    };
    match head.resource_type.as_deref() {
        Some("Bundle") => take_bundle(records, name, text, warnings),
        Some(_) => take_resource(records, name, text, None, &HashMap::new(), warnings),
        None => warnings.push(format!("{name} is skipped: it has no resourceType")),
    }
}

fn take_bundle(records: &mut Records, name: &str, text: &str, warnings: &mut Vec<String>) {
    let bundle: Bundle = match serde_json::from_str(text) {
        Ok(bundle) => bundle,
        Err(error) => {
            warnings.push(format!("{name} is skipped: not a usable Bundle: {error}"));
            return;
        }
    };
    // First all names, then the resources: an entry may refer to a later one.
    let mut targets = HashMap::new();
    for entry in &bundle.entry {
        if let (Some(url), Some(resource)) = (&entry.full_url, &entry.resource)
            && let Ok(head) = serde_json::from_str::<Head>(resource.get())
            && let Some(resource_type) = head.resource_type
        {
            let id = head.id.unwrap_or_else(|| made_id(Some(url), resource.get()));
            targets.insert(url.clone(), format!("{resource_type}/{id}"));
        }
    }
    for entry in &bundle.entry {
        if let Some(resource) = &entry.resource {
            take_resource(records, name, resource.get(), entry.full_url.as_deref(), &targets, warnings);
        }
    }
}

fn take_resource(
    records: &mut Records,
    name: &str,
    text: &str,
    full_url: Option<&str>,
    targets: &HashMap<String, String>,
    warnings: &mut Vec<String>,
) {
    let mut text = rewrite::references(text, targets);
    let mut value: Value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(error) => {
            warnings.push(format!("a resource of {name} is skipped: {error}"));
            return;
        }
    };
    let Some(resource_type) = value["resourceType"].as_str().map(str::to_owned) else {
        warnings.push(format!("a resource of {name} is skipped: it has no resourceType"));
        return;
    };
    let id = match value["id"].as_str() {
        Some(id) => id.to_owned(),
        None => {
            let id = made_id(full_url, &text);
            text = rewrite::add_id(&text, &id);
            value["id"] = Value::String(id.clone());
            id
        }
    };
    let patient = compartment(&resource_type, &id, &value);
    let replaced =
        records.add(Record { resource_type: resource_type.clone(), id: id.clone(), text, value, patient });
    if replaced {
        warnings
            .push(format!("{name}: {resource_type}/{id} is there twice and differs, the later one is kept"));
    }
}

/// An id for a resource without one: from its fullUrl, else from its content, so that it is the same at each start.
fn made_id(full_url: Option<&str>, text: &str) -> String {
    if let Some(uuid) = full_url.and_then(|url| url.strip_prefix("urn:uuid:")) {
        return uuid.to_owned();
    }
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let hex: String = hash.as_ref().iter().take(10).map(|byte| format!("{byte:02x}")).collect();
    format!("sim-{hex}")
}

/// The patient a resource belongs to, by the elements that say so in DSTU2 and R4.
pub(super) fn compartment(resource_type: &str, id: &str, value: &Value) -> Option<String> {
    if resource_type == "Patient" {
        return Some(id.to_owned());
    }
    ["patient", "subject", "beneficiary", "individual"]
        .iter()
        .find_map(|element| patient_id(value[element]["reference"].as_str()?))
}

/// The id in `Patient/id`, with or without a base URL before and a version after it.
fn patient_id(reference: &str) -> Option<String> {
    let at = match reference.rfind("/Patient/") {
        Some(at) => at + "/Patient/".len(),
        None => reference.starts_with("Patient/").then_some("Patient/".len())?,
    };
    let id = reference[at..].split(['/', '?', '#']).next()?;
    (!id.is_empty()).then(|| id.to_owned())
}
