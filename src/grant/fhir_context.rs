//! `fhirContext` of a token answer: resources in context besides the patient and the encounter. Plain functions.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The meaning of an item without a `role` (SMART App Launch 2.2).
const DEFAULT_ROLE: &str = "launch";
/// Items after these are not read.
const MAX_ITEMS: usize = 100;
/// The longest text that is read, in bytes.
const MAX_TEXT_BYTES: usize = 2048;

/// A resource in context besides the patient and the encounter (SMART `fhirContext`). It has a `reference`, a `canonical` or
/// an identifier.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FhirContext {
    /// A reference to the resource, such as `ImagingStudy/123`.
    pub reference: Option<String>,
    /// The canonical URL of the resource, such as that of a Questionnaire.
    pub canonical: Option<String>,
    /// The system of the resource's business identifier.
    pub identifier_system: Option<String>,
    /// The value of the resource's business identifier.
    pub identifier_value: Option<String>,
    /// The resource type, if the EHR names it or the reference has it.
    pub r#type: Option<String>,
    /// The role of the resource in the launch: `launch`, or a URI that the EHR and the application have agreed on.
    pub role: String,
}

/// `Debug` prints no reference and no identifier: they may identify a patient.
impl std::fmt::Debug for FhirContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FhirContext")
            .field("type", &self.r#type)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// The items of `fhirContext`, and whether all of it has the form of SMART 2.2. What has another form is skipped, except for
/// texts: before SMART 2.1 an item was the reference alone, and some servers still send it.
///
/// A patient or an encounter in the role `launch` is skipped. They have members of their own in the answer, which alone say
/// whose chart is open.
pub(super) fn read(value: &Value) -> (Vec<FhirContext>, bool) {
    let single = std::slice::from_ref(value);
    let (items, mut is_plain) = match value {
        Value::Array(items) => (items.as_slice(), items.len() <= MAX_ITEMS),
        _ => (single, false),
    };
    let mut read = Vec::new();
    for item in items.iter().take(MAX_ITEMS) {
        is_plain &= item.is_object();
        match context_of(item) {
            Some(context) => read.push(context),
            None => is_plain = false,
        }
    }
    (read, is_plain)
}

fn context_of(item: &Value) -> Option<FhirContext> {
    let text = |value: Option<&Value>| {
        let text = value?.as_str()?.trim();
        (!text.is_empty() && text.len() <= MAX_TEXT_BYTES).then(|| text.to_owned())
    };
    let identifier = item.get("identifier");
    let member = |name: &str| text(item.get(name));
    let reference = text(Some(item)).or_else(|| member("reference"));
    let context = FhirContext {
        canonical: member("canonical"),
        identifier_system: text(identifier.and_then(|identifier| identifier.get("system"))),
        identifier_value: text(identifier.and_then(|identifier| identifier.get("value"))),
        r#type: member("type").or_else(|| reference.as_deref().and_then(resource_type).map(str::to_owned)),
        role: member("role").unwrap_or_else(|| DEFAULT_ROLE.to_owned()),
        reference,
    };
    let names_resource =
        context.reference.is_some() || context.canonical.is_some() || context.identifier_value.is_some();
    let has_own_member = context.role == DEFAULT_ROLE
        && [context.r#type.as_deref(), context.reference.as_deref().and_then(resource_type)]
            .iter()
            .any(|name| matches!(name, Some("Patient" | "Encounter")));
    (names_resource && !has_own_member).then_some(context)
}

/// The resource type in a relative or absolute reference, such as `ImagingStudy` in `ImagingStudy/123/_history/1`.
fn resource_type(reference: &str) -> Option<&str> {
    let (resource, _version) = reference.split_once("/_history/").unwrap_or((reference, ""));
    let (server_and_type, _id) = resource.rsplit_once('/')?;
    let name = server_and_type.rsplit('/').next()?;
    let is_type =
        name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphabetic());
    is_type.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn reference(reference: &str, r#type: &str) -> FhirContext {
        FhirContext {
            reference: Some(reference.into()),
            r#type: Some(r#type.into()),
            role: "launch".into(),
            ..FhirContext::default()
        }
    }

    #[test]
    fn items_are_read_in_both_forms_and_odd_items_are_skipped() {
        let study = reference("ImagingStudy/1", "ImagingStudy");
        let list = FhirContext { r#type: None, role: "https://example.org/list".into(), ..study.clone() };
        let list = FhirContext { reference: Some("urn:uuid:1".into()), ..list };
        let form = FhirContext {
            canonical: Some("https://example.org/Questionnaire/q|1".into()),
            r#type: Some("Questionnaire".into()),
            role: "launch".into(),
            ..FhirContext::default()
        };
        let order = FhirContext {
            identifier_system: Some("urn:oid:1.2".into()),
            identifier_value: Some("A-1".into()),
            r#type: Some("ServiceRequest".into()),
            role: "launch".into(),
            ..FhirContext::default()
        };
        for (value, items, is_plain) in [
            (json!([]), vec![], true),
            (json!([{"reference": "ImagingStudy/1"}]), vec![study.clone()], true),
            (json!([{"reference": "urn:uuid:1", "role": "https://example.org/list"}]), vec![list], true),
            (
                json!([{"canonical": "https://example.org/Questionnaire/q|1", "type": "Questionnaire"}]),
                vec![form],
                true,
            ),
            (
                json!([{"identifier": {"system": "urn:oid:1.2", "value": "A-1"}, "type": "ServiceRequest"}]),
                vec![order],
                true,
            ),
            (json!(["ImagingStudy/1"]), vec![study.clone()], false),
            (json!({"reference": "ImagingStudy/1"}), vec![study.clone()], false),
            (json!("ImagingStudy/1"), vec![study.clone()], false),
            (json!([{"reference": "ImagingStudy/1", "role": ""}]), vec![study.clone()], true),
            (json!([7, null, [], {}, {"role": "launch"}, "ImagingStudy/1"]), vec![study.clone()], false),
            (json!([{"identifier": "A-1"}, {"reference": ["ImagingStudy/1"]}]), vec![], false),
            (json!([{"reference": "x".repeat(MAX_TEXT_BYTES + 1)}]), vec![], false),
            (json!(7), vec![], false),
        ] {
            assert_eq!(read(&value), (items, is_plain), "{value}");
        }
        let many = vec![json!({"reference": "ImagingStudy/1"}); MAX_ITEMS + 1];
        let (items, is_plain) = read(&Value::Array(many));
        assert_eq!((items.len(), is_plain), (MAX_ITEMS, false));
    }

    #[test]
    fn a_patient_or_encounter_counts_only_in_another_role() {
        for item in [
            json!({"reference": "Patient/2"}),
            json!({"reference": "https://ehr.example/fhir/Patient/2/_history/1"}),
            json!({"reference": "Encounter/2", "role": "launch"}),
            json!({"identifier": {"value": "2"}, "type": "Patient"}),
            json!({"reference": "Patient/2", "type": "Group"}),
            json!("Patient/2"),
        ] {
            assert_eq!(read(&json!([item])), (vec![], false), "{item}");
        }
        let (items, is_plain) =
            read(&json!([{"reference": "Patient/2", "role": "https://example.org/donor"}]));
        assert_eq!((items[0].reference.as_deref(), is_plain), (Some("Patient/2"), true));
        assert!(!format!("{items:?}").contains("Patient/2"), "{items:?}");
    }

    proptest! {
        #[test]
        fn any_value_is_read(text in any::<String>(), number in any::<i64>()) {
            for value in [json!(text), json!([text]), json!([{"reference": text, "role": number}]), json!([[number], {&text: text}])] {
                read(&value);
            }
        }
    }
}
