//! The FHIR resources: kept as text, with indexes by type, id and patient.

mod change;
mod load;
mod patient;
mod rewrite;

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

pub(crate) use change::{PutResult, put};
pub(crate) use load::load;
pub(crate) use patient::{display_name, mrn, mrn_systems};
pub(crate) use rewrite::change_id;

/// A FHIR resource.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) resource_type: String,
    pub(crate) id: String,
    /// The JSON text. It is served byte for byte, so that 1.10 stays 1.10.
    pub(crate) text: String,
    /// The parsed text, for searches.
    pub(crate) value: Value,
    /// The id of the patient that it belongs to.
    pub(crate) patient: Option<String>,
}

/// All resources with their indexes. A clone shares the resources.
#[derive(Debug, Default, Clone)]
pub(crate) struct Resources {
    /// Positions are never reused, because stored searches refer to them.
    all: Vec<Arc<Resource>>,
    by_id: HashMap<(String, String), usize>,
    by_type: HashMap<String, Vec<usize>>,
    by_patient: HashMap<(String, String), Vec<usize>>,
}

impl Resources {
    /// Adds a resource. Returns whether it replaced a different one of the same type and id.
    pub(crate) fn add(&mut self, resource: Resource) -> bool {
        let key = (resource.resource_type.clone(), resource.id.clone());
        if let Some(&at) = self.by_id.get(&key) {
            if self.all[at].patient != resource.patient {
                self.unlink(at);
                self.link(at, &resource);
            }
            let differs = self.all[at].text != resource.text;
            self.all[at] = Arc::new(resource);
            return differs;
        }
        let at = self.all.len();
        self.by_id.insert(key, at);
        self.by_type.entry(resource.resource_type.clone()).or_default().push(at);
        self.link(at, &resource);
        self.all.push(Arc::new(resource));
        false
    }

    /// Removes a resource from the indexes. It keeps its position, for stored searches.
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

    fn link(&mut self, at: usize, resource: &Resource) {
        if let Some(patient) = &resource.patient {
            self.by_patient.entry((resource.resource_type.clone(), patient.clone())).or_default().push(at);
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

    pub(crate) fn at(&self, index: usize) -> &Resource {
        &self.all[index]
    }

    pub(crate) fn get(&self, resource_type: &str, id: &str) -> Option<&Resource> {
        self.by_id.get(&(resource_type.to_owned(), id.to_owned())).map(|&at| &*self.all[at])
    }

    pub(crate) fn of_type(&self, resource_type: &str) -> &[usize] {
        self.by_type.get(resource_type).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn of_patient(&self, resource_type: &str, patient: &str) -> &[usize] {
        self.by_patient.get(&(resource_type.to_owned(), patient.to_owned())).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn patients(&self) -> impl Iterator<Item = &Resource> {
        self.of_type("Patient").iter().map(|&at| &*self.all[at])
    }

    /// The resource types in the data, sorted.
    pub(crate) fn types(&self) -> Vec<&str> {
        let mut types: Vec<&str> = self.by_type.keys().map(String::as_str).collect();
        types.sort_unstable();
        types
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }
}

/// Types that belong to no patient, so that every token with the scope may read them. Only tokens of users and systems
/// may read a resource of another type that has no patient.
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

impl Resource {
    /// Whether a token for this patient may read the resource: it belongs to the patient, or its type to no patient.
    pub(crate) fn is_visible_to(&self, patient: &str) -> bool {
        self.patient.as_deref() == Some(patient) || is_shared(&self.resource_type)
    }
}
