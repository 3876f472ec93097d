//! The catalog of fields, and how each field is read from a resource in DSTU2 and R4.

pub mod catalog;
mod conditions;
mod demographics;
mod list_entry;
mod lists;
mod observation;
mod text;
pub mod unit;

pub use catalog::{Field, Reader};
pub use text::{Text, TextMode};

use crate::fhir::{Json, coding::System, time::FhirTime};
use jiff::civil::DateTime;

/// One value of one field, as read from one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The text of the value.
    pub text: Text,
    /// The time of the value.
    pub time: Option<FhirTime>,
    /// The code of the value, such as a LOINC code.
    pub code: Option<String>,
    /// The system of the code.
    pub code_system: Option<String>,
    /// The display text of the code.
    pub display: Option<String>,
    /// The unit of a quantity.
    pub unit: Option<String>,
    /// The number; absent when the value is not a number that can be compared.
    pub number: Option<String>,
    /// The unit in the form in which units are compared; absent for a value that is not measured.
    pub compared_unit: Option<String>,
    /// Whether the value is only a limit, such as `>200`.
    pub limit: bool,
    /// The resource's status, as its code.
    pub status: Option<String>,
    /// The resource's type.
    pub resource_type: String,
    /// The resource's id.
    pub resource_id: String,
    /// The resource's version, where the server keeps versions.
    pub version_id: Option<String>,
    /// The component: empty for the resource itself, else its code, with a number when several components have the same code.
    pub component: String,
    /// The position among the components; 0 for the resource itself.
    pub position: usize,
}

impl Value {
    /// Whether no text of the value contains U+FFFD, which replaces a character that could not be decoded.
    fn is_readable(&self) -> bool {
        let others = [&self.code, &self.display, &self.unit];
        let texts = others.into_iter().flatten().chain([&self.text.exact, &self.component]);
        texts.into_iter().all(|text| !text.contains(char::REPLACEMENT_CHARACTER))
    }

    fn new(resource: &Json, text: Text) -> Self {
        let owned = |json: &Json| json.text().map(str::to_owned);
        Value {
            text,
            time: None,
            code: None,
            code_system: None,
            display: None,
            unit: None,
            number: None,
            compared_unit: None,
            limit: false,
            status: status(resource),
            resource_type: owned(resource.get("resourceType")).unwrap_or_default(),
            resource_id: owned(resource.get("id")).unwrap_or_default(),
            version_id: owned(resource.at(&["meta", "versionId"])),
            component: String::new(),
            position: 0,
        }
    }
}

/// The status of a resource: its `status`, else its clinical status. In a concept, a code of a FHIR code system is preferred.
fn status(resource: &Json) -> Option<String> {
    let code = |element: &Json| {
        let codings = || element.get("coding").items().iter().chain(std::iter::once(element));
        let of_fhir = |coding: &&Json| coding.get("system").text().and_then(System::of).is_some();
        let coded =
            codings().find(of_fhir).or_else(|| codings().find(|one| one.get("code").text().is_some()));
        let text =
            element.text().or_else(|| coded?.get("code").text()).or_else(|| element.get("text").text())?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    code(resource.get("status")).or_else(|| code(resource.get("clinicalStatus")))
}

/// The rules for using a resource.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Whether preliminary observations are used.
    pub include_preliminary: bool,
    /// The present time in UTC, for periods that have ended.
    pub now: DateTime,
}

/// Why a resource gives no value for a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiscardReason {
    /// It was entered in error.
    EnteredInError,
    /// Its status means that it is not a fact, or not yet.
    Status,
    /// It is an order not to do something.
    DoNotPerform,
    /// It has a modifier extension, which changes its meaning.
    UnknownModifier,
    /// Its category cannot be read.
    UnknownCategory,
    /// Its status cannot be read, or its codes contradict each other.
    UnknownStatus,
    /// It has no value, or a value without a text.
    NoValue,
    /// Its medication is in another resource that was not read.
    NoMedication,
    /// Its text contains a character that could not be decoded (U+FFFD).
    UnreadableText,
}

/// Refuses an element with a modifier extension, which changes its meaning (FHIR R4, extensibility). No such extension is known.
fn refuse_modified(element: &Json) -> Result<(), DiscardReason> {
    let extensions = element.get("modifierExtension").items();
    if extensions.is_empty() { Ok(()) } else { Err(DiscardReason::UnknownModifier) }
}

/// The values of a field in a resource.
///
/// # Errors
/// The reason why a resource of the right type, and an Observation with the right code, gives no value.
pub fn read(field: &Field, resource: &Json, rules: &Rules) -> Result<Vec<Value>, DiscardReason> {
    let values = match &field.reader {
        Reader::RecordIdentifier => Vec::new(),
        Reader::Demographic(name) => demographics::read(name, resource, rules)?,
        Reader::Observation(codes) => observation::read(codes, resource, rules)?,
        Reader::List(list) => lists::read(list, resource)?,
    };
    let has_values = !values.is_empty();
    let values: Vec<Value> = values.into_iter().filter(Value::is_readable).collect();
    if values.is_empty() && has_values { Err(DiscardReason::UnreadableText) } else { Ok(values) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_a_replacement_character_is_discarded() {
        let rules = Rules { include_preliminary: false, now: jiff::civil::datetime(2026, 1, 1, 0, 0, 0, 0) };
        let values = |field: &str, json: &str| {
            let json = Json::parse(json).unwrap();
            read(&catalog::field(field).unwrap(), &json, &rules).map(|values| values.len())
        };
        for family in ["M\u{fffd}ller", "M\\ufffdller"] {
            let patient = format!(
                r#"{{"resourceType": "Patient", "name": [{{"family": "{family}", "given": ["A"]}}]}}"#
            );
            assert_eq!(values("name-family", &patient), Err(DiscardReason::UnreadableText));
            assert_eq!(values("name-given", &patient), Ok(1));
        }
        let weight = |unit: &str| {
            format!(
                r#"{{"resourceType": "Observation", "status": "final", "code": {{"coding": [{{"code": "29463-7"}}]}},
                    "valueQuantity": {{"value": 1, "unit": "{unit}"}}}}"#
            )
        };
        assert_eq!(values("29463-7", &weight("\u{fffd}g")), Err(DiscardReason::UnreadableText));
        assert_eq!(values("29463-7", &weight("\u{b5}g")), Ok(1));
    }

    #[test]
    fn the_status_is_the_status_else_the_clinical_status() {
        let clinical =
            r#"{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}"#;
        let local = r#"{"system": "urn:local", "code": "7"}"#;
        for (json, expected) in [
            (r#"{"status": "corrected"}"#.to_owned(), Some("corrected")),
            (r#"{"status": {"coding": [{"code": "final"}]}}"#.to_owned(), Some("final")),
            (format!(r#"{{"clinicalStatus": {{"coding": [{local}, {clinical}]}}}}"#), Some("active")),
            (r#"{"clinicalStatus": "active"}"#.to_owned(), Some("active")),
            (r#"{"clinicalStatus": {"text": "Active"}}"#.to_owned(), Some("Active")),
            (r#"{"status": ""}"#.to_owned(), None),
            ("{}".to_owned(), None),
        ] {
            assert_eq!(status(&Json::parse(&json).unwrap()).as_deref(), expected, "{json}");
        }
    }
}
