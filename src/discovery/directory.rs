//! Reads a directory of endpoints: a FHIR Bundle of Endpoint and Organization, as Epic and Oracle Health publish it, or a bundle
//! of user-access brands (SMART App Launch 2.2).

use super::{documents::version_of, vendor};
use crate::{
    config::{FhirVersion, Vendor},
    error::{Code, Error, Result},
    fhir::json,
    source::base_url,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// One FHIR server of a directory. The directory's publisher wrote these texts: escape them before you show them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The organizations that use the server, separated by `; `; empty if the directory names none.
    pub organization: String,
    /// The FHIR base URL.
    pub iss: String,
    /// The FHIR version. `None`: the directory does not name one that this library supports.
    pub fhir_version: Option<FhirVersion>,
    /// The vendor that the base URL suggests. The metadata of the server decides: see [`crate::Discovery`].
    pub vendor: Option<Vendor>,
}

const VERSION_EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version";

/// Reads the FHIR servers of a directory, in its order. Endpoints that are not active, not FHIR, or have no usable address are left
/// out.
///
/// # Errors
/// [`Code::RequestInvalid`] when the text is not a FHIR Bundle; [`Code::ResponseTooLarge`] for too many values or levels.
pub fn read_directory(text: &str) -> Result<Vec<DirectoryEntry>> {
    json::check_size(text, DIRECTORY_VALUES, json::DEPTH)
        .map_err(|why| Error::new(Code::ResponseTooLarge).detail(why.detail()))?;
    let bundle: Value = serde_json::from_str(text).unwrap_or_default();
    if bundle["resourceType"] != "Bundle" {
        return Err(Error::new(Code::RequestInvalid)
            .detail("the file is not a FHIR Bundle in JSON")
            .hint("Download the vendor's directory of endpoints as JSON, not as CSV or XML."));
    }
    let entries: Vec<Entry<'_>> = bundle["entry"].as_array().into_iter().flatten().map(Entry::of).collect();
    let names = organizations(&entries);
    Ok(entries.iter().filter_map(|entry| server(entry, &names)).collect())
}

/// Maximum JSON values of a directory. Epic's has some thousand endpoints with about 30 values each.
const DIRECTORY_VALUES: usize = 4_000_000;

struct Entry<'a> {
    full_url: &'a str,
    resource: &'a Value,
}

impl<'a> Entry<'a> {
    fn of(entry: &'a Value) -> Self {
        Entry { full_url: entry["fullUrl"].as_str().unwrap_or_default(), resource: &entry["resource"] }
    }

    fn is(&self, resource_type: &str) -> bool {
        self.resource["resourceType"] == resource_type
    }

    /// The texts with which a reference of the bundle names this resource.
    fn names(&self) -> Vec<String> {
        let id = self.resource["id"]
            .as_str()
            .map(|id| format!("{}/{id}", self.resource["resourceType"].as_str().unwrap_or_default()));
        std::iter::once(self.full_url.to_owned()).chain(id).filter(|name| !name.is_empty()).collect()
    }
}

/// The names of organizations, by the references to the endpoints that they use.
fn organizations<'a>(entries: &[Entry<'a>]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for organization in entries.iter().filter(|entry| entry.is("Organization")) {
        let Some(name) = organization.resource["name"].as_str() else { continue };
        let endpoints = organization.resource["endpoint"].as_array().into_iter().flatten();
        for endpoint in endpoints.filter_map(|endpoint| endpoint["reference"].as_str()) {
            names.entry(endpoint).or_default().push(name);
        }
    }
    names
}

fn server(entry: &Entry<'_>, names: &BTreeMap<&str, Vec<&str>>) -> Option<DirectoryEntry> {
    let endpoint = entry.resource;
    let kind = &endpoint["connectionType"];
    // R4 has one Coding; R5 and some directories have a list of CodeableConcepts.
    let code = kind["code"].as_str().or_else(|| kind[0]["coding"][0]["code"].as_str());
    let is_usable = endpoint["status"].as_str().is_none_or(|status| status == "active")
        && code.is_none_or(|code| code == "hl7-fhir-rest");
    let iss = endpoint["address"].as_str().map(str::trim)?;
    if !entry.is("Endpoint") || !is_usable || base_url(iss).is_err() {
        return None;
    }
    let own_names = entry.names();
    let mut organizations: Vec<&str> =
        own_names.iter().filter_map(|name| names.get(name.as_str())).flatten().copied().collect();
    if organizations.is_empty() {
        // Epic names the organization in the endpoint itself.
        let managing = endpoint["managingOrganization"]["display"].as_str();
        organizations.extend(managing.or_else(|| endpoint["name"].as_str()));
    }
    organizations.dedup();
    Some(DirectoryEntry {
        organization: organizations.join("; "),
        iss: iss.to_owned(),
        fhir_version: fhir_version(endpoint, iss),
        vendor: vendor::of_base_url(iss),
    })
}

/// The version that the endpoint names, or the one in its address.
fn fhir_version(endpoint: &Value, iss: &str) -> Option<FhirVersion> {
    let extensions = endpoint["extension"].as_array().into_iter().flatten();
    let mut named = extensions
        .filter(|extension| extension["url"] == VERSION_EXTENSION)
        .filter_map(|extension| extension["valueCode"].as_str())
        .peekable();
    if named.peek().is_some() {
        return named.find_map(version_of);
    }
    let path = iss.to_ascii_lowercase();
    let has = |part: &str| path.split('/').any(|segment| segment == part);
    if has("r4") {
        Some(FhirVersion::R4)
    } else if has("dstu2") {
        Some(FhirVersion::Dstu2)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_vendors_directory_gives_one_entry_for_each_fhir_server() {
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
            {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Endpoint", "id": "1", "status": "active",
             "connectionType": {"code": "hl7-fhir-rest"}, "name": "Example Health",
             "address": "https://ehr.example.org/api/FHIR/R4/"}},
            {"resource": {"resourceType": "Endpoint", "id": "2", "status": "active",
             "connectionType": {"code": "hl7-fhir-rest"}, "address": "https://ehr.example.org/api/FHIR/DSTU2"}},
            {"resource": {"resourceType": "Endpoint", "id": "3", "status": "off", "address": "https://old.example.org"}},
            {"resource": {"resourceType": "Endpoint", "id": "4", "connectionType": {"code": "direct-project"},
             "address": "https://mail.example.org"}},
            {"resource": {"resourceType": "Endpoint", "id": "5", "address": "http://plain.example.org"}},
            {"resource": {"resourceType": "Organization", "name": "Example Clinic",
             "endpoint": [{"reference": "Endpoint/2"}]}}]});
        let found = read_directory(&bundle.to_string()).unwrap();
        let entry = |organization: &str, iss: &str, version| DirectoryEntry {
            organization: organization.to_owned(),
            iss: iss.to_owned(),
            fhir_version: Some(version),
            vendor: Some(Vendor::Epic),
        };
        assert_eq!(
            found,
            [
                entry("Example Health", "https://ehr.example.org/api/FHIR/R4/", FhirVersion::R4),
                entry("Example Clinic", "https://ehr.example.org/api/FHIR/DSTU2", FhirVersion::Dstu2),
            ]
        );
    }

    #[test]
    fn brands_of_smart_2_2_name_the_version_in_an_extension() {
        let bundle = json!({"resourceType": "Bundle", "entry": [
            {"fullUrl": "https://brands.example.org/Organization/b", "resource": {"resourceType": "Organization",
             "id": "b", "name": "ExampleLabs", "endpoint": [{"reference": "https://brands.example.org/Endpoint/e"}]}},
            {"fullUrl": "https://brands.example.org/Endpoint/e", "resource": {"resourceType": "Endpoint", "id": "e",
             "status": "active", "connectionType": {"code": "hl7-fhir-rest"}, "address": "https://api.example.org/fhir",
             "extension": [{"url": VERSION_EXTENSION, "valueCode": "4.0.1"}]}},
            {"resource": {"resourceType": "Endpoint", "id": "f", "address": "https://api.example.org/r4/five",
             "extension": [{"url": VERSION_EXTENSION, "valueCode": "5.0.0"}]}}]});
        let found = read_directory(&bundle.to_string()).unwrap();
        assert_eq!(found[0].organization, "ExampleLabs");
        assert_eq!(found[0].fhir_version, Some(FhirVersion::R4));
        assert_eq!(found[1].fhir_version, None, "the named version counts, not the address");
    }

    #[test]
    fn a_text_that_is_no_bundle_is_an_error() {
        for text in ["", "[]", "{\"resourceType\": \"Endpoint\"}", "id,name\n1,2"] {
            assert_eq!(read_directory(text).unwrap_err().code(), Code::RequestInvalid, "{text}");
        }
    }
}
