//! Finds the medication that a prescription refers to.

use crate::{
    fhir::{
        Json,
        bundle::IncludedResource,
        reference::{self, Target},
    },
    source::Source,
};

/// Why a medication is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) reason: String,
    /// Whether a later pull would have the same result, according to the EHR's answer.
    pub(super) is_final: bool,
}

impl Failure {
    pub(super) fn temporary(reason: impl Into<String>) -> Self {
        Failure { reason: reason.into(), is_final: false }
    }

    pub(super) fn permanent(reason: impl Into<String>) -> Self {
        Failure { reason: reason.into(), is_final: true }
    }
}

/// Where the medication of a prescription is.
#[derive(Debug, PartialEq)]
pub(super) enum MedicationPlace<'a> {
    /// In the prescription, as a contained resource.
    Contained,
    /// In the page that contains the prescription.
    Included(&'a Json),
    /// At the EHR, under this id of a Medication.
    Server(String),
    /// It is missing and cannot be read.
    Missing(Failure),
}

/// The reference of a prescription to its medication; `None` when the prescription names the medication itself.
pub(super) fn reference_of(order: &Json) -> Option<&str> {
    let named = !order.get("medicationCodeableConcept").is_null();
    order.at(&["medicationReference", "reference"]).text().filter(|_| !named)
}

/// Whether the reference of a prescription has a text that names the medication.
pub(super) fn has_display(order: &Json) -> bool {
    order.at(&["medicationReference", "display"]).text().is_some()
}

/// Finds the medication that a prescription refers to.
pub(super) fn place_of_medication<'a>(
    source: &Source,
    order: &Json,
    reference: &str,
    page: &'a [IncludedResource],
) -> MedicationPlace<'a> {
    let target = reference::target(source, reference);
    if let Some(medication) = included(source, page, reference, &target) {
        return MedicationPlace::Included(medication);
    }
    match target {
        Target::Here { kind, id } if kind == "Medication" => MedicationPlace::Server(id),
        Target::Contained(name) => {
            let mut contained = order.get("contained").items().iter();
            if contained.any(|part| part.get("id").text() == Some(&name)) {
                return MedicationPlace::Contained;
            }
            MedicationPlace::Missing(Failure::temporary("the contained Medication is missing"))
        }
        Target::Elsewhere(base) => MedicationPlace::Missing(Failure::temporary(format!(
            "it is at another base URL ({base:.200}); if that is the same server, add it to aliases of the source"
        ))),
        Target::Here { .. } | Target::Unknown => MedicationPlace::Missing(Failure::permanent(
            "the reference does not name a Medication of this server",
        )),
    }
}

/// The Medication that a page includes for a reference: by the URL of its entry, or by type and id.
fn included<'a>(
    source: &Source,
    page: &'a [IncludedResource],
    reference: &str,
    target: &Target,
) -> Option<&'a Json> {
    let is_referenced = |one: &&IncludedResource| {
        if one.full_url.as_deref() == Some(reference) {
            return true;
        }
        let Target::Here { kind, id } = target else { return false };
        // An entry at another base URL is another resource, even with the same id.
        let is_here = one.full_url.as_deref().is_none_or(|url| match reference::target(source, url) {
            Target::Here { id, .. } => one.resource.get("id").text() == Some(&id),
            Target::Elsewhere(_) => false,
            Target::Contained(_) | Target::Unknown => true,
        });
        is_here && kind == "Medication" && one.resource.get("id").text() == Some(id)
    };
    page.iter().find(is_referenced).map(|one| &one.resource)
}

/// The prescription with its Medication as a contained resource.
pub(super) fn with_medication(mut order: Json, medication: &Json) -> Json {
    const NAME: &str = "medication";
    let members = ["resourceType", "code", "status", "modifierExtension"];
    let kept = members.iter().map(|name| ((*name).to_owned(), medication.get(name).clone()));
    let id = ("id".to_owned(), Json::Text(NAME.to_owned()));
    let inside = Json::Object(kept.chain([id]).filter(|(_, value)| !value.is_null()).collect());
    if let Json::Object(members) = &mut order {
        members.insert("contained".to_owned(), Json::Array(vec![inside]));
        if let Some(Json::Object(reference)) = members.get_mut("medicationReference") {
            reference.insert("reference".to_owned(), Json::Text(format!("#{NAME}")));
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tests::source;

    #[test]
    fn a_medication_takes_the_place_of_the_reference_and_nothing_else_changes() {
        let order = Json::parse(
            r##"{"id": "m", "contained": [{"id": "medication", "code": {"text": "other"}}],
                "medicationReference": {"reference": "Medication/7", "display": "D"}, "status": "active"}"##,
        );
        let medication = Json::parse(
            r#"{"resourceType": "Medication", "id": "7", "code": {"text": "A"}, "text": {"div": "x"}}"#,
        );
        let resolved = with_medication(order.unwrap(), &medication.unwrap());
        let expected = Json::parse(
            r##"{"id": "m", "status": "active",
                "contained": [{"resourceType": "Medication", "id": "medication", "code": {"text": "A"}}],
                "medicationReference": {"reference": "#medication", "display": "D"}}"##,
        );
        assert_eq!(resolved, expected.unwrap());
    }

    #[test]
    fn the_medication_of_a_reference_is_contained_included_at_the_server_or_missing() {
        let source = source("");
        let order = Json::parse(r#"{"contained": [{"id": "c", "code": {"text": "A"}}]}"#).unwrap();
        let medication =
            |id: &str| Json::parse(&format!(r#"{{"resourceType": "Medication", "id": "{id}"}}"#)).unwrap();
        let page = [
            IncludedResource { full_url: None, resource: medication("1") },
            IncludedResource { full_url: Some("urn:uuid:2".to_owned()), resource: medication("2") },
            IncludedResource {
                full_url: Some("https://other.example/fhir/Medication/3".to_owned()),
                resource: medication("3"),
            },
        ];
        let elsewhere = "it is at another base URL (https://other.example/fhir); if that is the same server, add it to \
                         aliases of the source";
        for (reference, expected) in [
            ("#c", MedicationPlace::Contained),
            ("#d", MedicationPlace::Missing(Failure::temporary("the contained Medication is missing"))),
            ("Medication/1", MedicationPlace::Included(&page[0].resource)),
            ("urn:uuid:2", MedicationPlace::Included(&page[1].resource)),
            ("Medication/3", MedicationPlace::Server("3".to_owned())),
            (
                "https://other.example/fhir/Medication/4",
                MedicationPlace::Missing(Failure::temporary(elsewhere)),
            ),
            (
                "Substance/1",
                MedicationPlace::Missing(Failure::permanent(
                    "the reference does not name a Medication of this server",
                )),
            ),
        ] {
            assert_eq!(place_of_medication(&source, &order, reference, &page), expected, "{reference}");
        }
    }
}
