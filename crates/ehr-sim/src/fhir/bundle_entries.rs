//! The entries of a search set, with the faults that add to them.

use crate::{
    ehr::Ehr,
    faults::RequestFaults,
    options::Personality,
    resources::{Resource, change_id},
};

use super::{pages::Search, problem::outcome_resource};

/// The entries of a page as JSON text.
pub(super) struct EntryList<'a> {
    ehr: &'a Ehr,
    text: String,
}

impl<'a> EntryList<'a> {
    /// The entries for the matches from `offset` to `end`.
    pub(super) fn page(
        ehr: &'a Ehr,
        search: &Search,
        offset: usize,
        end: usize,
        faults: &RequestFaults,
    ) -> Self {
        let mut entries = Self { ehr, text: String::new() };
        let resources = ehr.resources();
        if offset > 0 && faults.contains("page-repeats") {
            entries.add_match(resources.at(search.matches[offset - 1]));
        }
        for &index in &search.matches[offset..end] {
            entries.add_match(resources.at(index));
        }
        if let Some(&first) = search.matches.get(offset) {
            let first = resources.at(first);
            if faults.contains("other-patient") {
                entries.add_other_patient(search, first);
            }
            if search.by_identifier && faults.contains("two-patients") {
                entries.add_copy(first);
            }
        }
        if faults.contains("outcome-in-searchset") {
            entries.add_outcome("warning", "59204", "Some data are not shown");
        }
        if ehr.options.personality == Personality::Epic {
            entries.add_epic_outcomes(search, offset);
        }
        entries
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    fn add_match(&mut self, resource: &Resource) {
        self.add_text(&resource.resource_type, &resource.id, &resource.text);
    }

    fn add_text(&mut self, resource_type: &str, id: &str, text: &str) {
        let url = serde_json::Value::from(format!("{}/{resource_type}/{id}", self.ehr.iss()));
        self.push(&format!("{{\"fullUrl\":{url},\"resource\":{text},\"search\":{{\"mode\":\"match\"}}}}"));
    }

    fn add_outcome(&mut self, severity: &str, code: &str, text: &str) {
        let resource = outcome_resource(severity, "informational", code, text);
        self.push(&format!("{{\"resource\":{resource},\"search\":{{\"mode\":\"outcome\"}}}}"));
    }

    fn push(&mut self, entry: &str) {
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(entry);
    }

    /// A second Patient with the same content and another id.
    fn add_copy(&mut self, patient: &Resource) {
        let id = format!("{}-2", patient.id);
        let text = change_id(&patient.text, &patient.id, &id);
        self.add_text("Patient", &id, &text);
    }

    /// A resource of another patient; if the data has none, a copy of the first match with another patient's id.
    fn add_other_patient(&mut self, search: &Search, first: &Resource) {
        let resources = self.ehr.resources();
        let other = resources
            .of_type(&search.resource_type)
            .iter()
            .map(|&index| resources.at(index))
            .find(|resource| resource.patient.is_some() && resource.patient != first.patient);
        match (other, &first.patient) {
            (Some(other), _) => self.add_match(other),
            (None, Some(patient)) => {
                let id = format!("{}-other", first.id);
                let text = change_id(&first.text, &first.id, &id)
                    .replace(&format!("Patient/{patient}\""), "Patient/someone-else\"");
                self.add_text(&search.resource_type, &id, &text);
            }
            (None, None) => {}
        }
    }

    /// Epic adds an OperationOutcome to an empty search set, and to the first page of a Patient search
    /// (E17).
    fn add_epic_outcomes(&mut self, search: &Search, offset: usize) {
        if search.matches.is_empty() {
            self.add_outcome("warning", "4101", "Resource request returns no results.");
        } else if search.resource_type == "Patient" && offset == 0 {
            self.add_outcome(
                "warning",
                "4119",
                "This response includes information available to the authorized user at the time of the request. \
                 It may not contain the entire record available in the system.",
            );
        }
    }
}
