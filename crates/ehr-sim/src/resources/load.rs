//! Reads resources from files, folders and texts. What cannot be read is skipped with a warning.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use ring::digest;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{Resource, Resources, rewrite};
use crate::options::{DataSource, FhirRelease};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

#[derive(Deserialize)]
struct ResourceHeader {
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

/// Reads all resources of a data source. Each warning is a sentence that names the file.
pub(crate) fn load(source: &DataSource, release: FhirRelease, warnings: &mut Vec<String>) -> Resources {
    let mut resources = Resources::default();
    match source {
        DataSource::Embedded => {
            let embedded = match release {
                FhirRelease::R4 => R4,
                FhirRelease::Dstu2 => DSTU2,
            };
            for (name, text) in embedded {
                load_text(&mut resources, name, text, warnings);
            }
        }
        DataSource::Resources(texts) => {
            for (number, text) in texts.iter().enumerate() {
                load_text(&mut resources, &format!("resource {}", number + 1), text, warnings);
            }
        }
        DataSource::Paths(paths) => {
            for path in paths {
                for file in files(path, warnings) {
                    let name = file.display().to_string();
                    match fs::read(&file).map(String::from_utf8) {
                        Ok(Ok(text)) => load_text(&mut resources, &name, &text, warnings),
                        Ok(Err(_)) => warnings.push(format!("{name} was skipped: it is not UTF-8")),
                        Err(error) => warnings.push(format!("{name} was skipped: {error}")),
                    }
                }
            }
        }
    }
    resources
}

/// The `.json` files of a path and its subfolders, sorted by name.
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
                    warnings.push(format!("{} was skipped: it is not a .json file", entry.display()));
                }
            }
        }
        Err(error) => warnings.push(format!("{} was skipped: {error}", path.display())),
    }
    found
}

fn load_text(resources: &mut Resources, name: &str, text: &str, warnings: &mut Vec<String>) {
    let text = text.trim_start_matches('\u{feff}').trim();
    let header: ResourceHeader = match serde_json::from_str(text) {
        Ok(header) => header,
        Err(error) => {
            warnings.push(format!("{name} was skipped: it is not a FHIR resource in JSON: {error}"));
            return;
        }
    };
    match header.resource_type.as_deref() {
        Some("Bundle") => load_bundle(resources, name, text, warnings),
        Some(_) => load_resource(resources, name, text, None, &HashMap::new(), warnings),
        None => warnings.push(format!("{name} was skipped: it has no resourceType")),
    }
}

fn load_bundle(resources: &mut Resources, name: &str, text: &str, warnings: &mut Vec<String>) {
    let bundle: Bundle = match serde_json::from_str(text) {
        Ok(bundle) => bundle,
        Err(error) => {
            warnings.push(format!("{name} was skipped: it is not a valid Bundle: {error}"));
            return;
        }
    };
    // All ids are collected first, because an entry may refer to a later one.
    let mut targets = HashMap::new();
    for entry in &bundle.entry {
        if let (Some(url), Some(resource)) = (&entry.full_url, &entry.resource)
            && let Ok(header) = serde_json::from_str::<ResourceHeader>(resource.get())
            && let Some(resource_type) = header.resource_type
        {
            let id = header.id.unwrap_or_else(|| derive_id(Some(url), resource.get()));
            targets.insert(url.clone(), format!("{resource_type}/{id}"));
        }
    }
    for entry in &bundle.entry {
        if let Some(resource) = &entry.resource {
            load_resource(resources, name, resource.get(), entry.full_url.as_deref(), &targets, warnings);
        }
    }
}

fn load_resource(
    resources: &mut Resources,
    name: &str,
    text: &str,
    full_url: Option<&str>,
    targets: &HashMap<String, String>,
    warnings: &mut Vec<String>,
) {
    let mut text = rewrite::resolve_references(text, targets);
    let mut value: Value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(error) => {
            warnings.push(format!("A resource in {name} was skipped: {error}"));
            return;
        }
    };
    let Some(resource_type) = value["resourceType"].as_str().map(str::to_owned) else {
        warnings.push(format!("A resource in {name} was skipped: it has no resourceType"));
        return;
    };
    let id = match value["id"].as_str() {
        Some(id) => id.to_owned(),
        None => {
            let id = derive_id(full_url, &text);
            text = rewrite::add_id(&text, &id);
            value["id"] = Value::String(id.clone());
            id
        }
    };
    let patient = compartment(&resource_type, &id, &value);
    let replaced = resources.add(Resource {
        resource_type: resource_type.clone(),
        id: id.clone(),
        text,
        value,
        patient,
    });
    if replaced {
        warnings.push(format!("{name}: {resource_type}/{id} replaces a different resource with the same id"));
    }
}

/// An id for a resource without one, from its fullUrl or else from its content. It is the same at each start.
fn derive_id(full_url: Option<&str>, text: &str) -> String {
    if let Some(uuid) = full_url.and_then(|url| url.strip_prefix("urn:uuid:")) {
        return uuid.to_owned();
    }
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let hex: String = hash.as_ref().iter().take(10).map(|byte| format!("{byte:02x}")).collect();
    format!("sim-{hex}")
}

/// The id of the patient that a resource belongs to, by the elements that name one in DSTU2 and R4.
pub(super) fn compartment(resource_type: &str, id: &str, value: &Value) -> Option<String> {
    if resource_type == "Patient" {
        return Some(id.to_owned());
    }
    ["patient", "subject", "beneficiary", "individual"]
        .iter()
        .find_map(|element| patient_id(value[element]["reference"].as_str()?))
}

/// The id in `Patient/id`. A base URL may come before it, and a version after it.
fn patient_id(reference: &str) -> Option<String> {
    let at = match reference.rfind("/Patient/") {
        Some(at) => at + "/Patient/".len(),
        None => reference.starts_with("Patient/").then_some("Patient/".len())?,
    };
    let id = reference[at..].split(['/', '?', '#']).next()?;
    (!id.is_empty()).then(|| id.to_owned())
}
