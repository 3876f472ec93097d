//! Whether a resource matches a search parameter.

use serde_json::Value;

use crate::{
    date::{self, Period},
    options::Personality,
    resources::Resource,
};

use super::{
    params::{Kind, Param},
    search_value::{Criterion, SearchValue, Token},
};

/// Whether a resource matches a parameter and its value.
pub(crate) fn matches(resource: &Resource, criterion: &Criterion, personality: Personality) -> bool {
    let Criterion { param, value } = criterion;
    let mut elements = param.paths.iter().flat_map(|path| elements(&resource.value, path));
    match value {
        SearchValue::Patients(ids) => resource.patient.as_ref().is_some_and(|patient| ids.contains(patient)),
        SearchValue::Ids(ids) => ids.contains(&resource.id),
        SearchValue::References(targets) => elements.any(|element| is_reference(element, targets)),
        SearchValue::Texts(beginnings) => elements.filter_map(Value::as_str).any(|text| {
            let text = text.to_lowercase();
            beginnings.iter().any(|beginning| text.starts_with(beginning.as_str()))
        }),
        SearchValue::Tokens(tokens) => {
            elements.any(|element| matches_tokens(element, resource, param, tokens, personality))
        }
        SearchValue::Dates(ranges) => first_date(resource, param.paths).is_some_and(|period| {
            ranges.iter().any(|range| date::matches(period, &range.prefix, range.period))
        }),
    }
}

/// The first date at these paths.
pub(crate) fn first_date(resource: &Resource, paths: &[&str]) -> Option<Period> {
    paths.iter().find_map(|path| elements(&resource.value, path).find_map(period))
}

/// The values at a path such as `name.family`. Arrays count as their items.
fn elements<'a>(value: &'a Value, path: &str) -> impl Iterator<Item = &'a Value> {
    let mut values = vec![value];
    for part in path.split('.') {
        values = values
            .into_iter()
            .filter_map(|value| value.get(part))
            .flat_map(|value| match value {
                Value::Array(list) => list.iter().collect::<Vec<_>>(),
                other => vec![other],
            })
            .collect();
    }
    values.into_iter()
}

/// The period of a date, an instant or a Period. A Period can have open ends.
fn period(value: &Value) -> Option<Period> {
    if let Some(text) = value.as_str() {
        return date::parse(text);
    }
    let start = value["start"].as_str().and_then(date::parse);
    let end = value["end"].as_str().and_then(date::parse);
    if start.is_none() && end.is_none() {
        return None;
    }
    Some(Period {
        start: start.map_or(i64::MIN, |start| start.start),
        end: end.map_or(i64::MAX, |end| end.end),
    })
}

/// Whether a Reference has one of these targets: `Encounter/id` or the id alone. All reference parameters here but
/// `patient` refer to an Encounter.
fn is_reference(element: &Value, targets: &[String]) -> bool {
    element["reference"].as_str().is_some_and(|reference| {
        targets
            .iter()
            .any(|target| reference == target || reference.strip_prefix("Encounter/") == Some(target))
    })
}

fn matches_tokens(
    element: &Value,
    resource: &Resource,
    param: &Param,
    tokens: &[Token],
    personality: Personality,
) -> bool {
    match param.kind {
        Kind::Identifier => tokens.iter().any(|token| is_identifier(element, token, personality)),
        Kind::Contact(system) => is_contact(element, system, tokens),
        _ => has_code(element, tokens, implied_systems(&resource.resource_type, param.name)),
    }
}

/// Whether a ContactPoint has this system and one of the values. A contact has no code system.
fn is_contact(contact: &Value, system: &str, tokens: &[Token]) -> bool {
    contact["system"].as_str() == Some(system)
        && tokens.iter().any(|token| {
            token.system.as_deref().unwrap_or_default().is_empty()
                && contact["value"].as_str() == Some(&token.code)
        })
}

/// The systems that the specification implies for an element of type `code`, in R4 and DSTU2.
fn implied_systems(resource_type: &str, param: &str) -> &'static [&'static str] {
    match (resource_type, param) {
        ("Patient", "gender") => &["http://hl7.org/fhir/administrative-gender"],
        ("Observation", "status") => &["http://hl7.org/fhir/observation-status"],
        ("Encounter", "status") => {
            &["http://hl7.org/fhir/encounter-status", "http://hl7.org/fhir/encounter-state"]
        }
        ("Encounter", "class") => &["http://hl7.org/fhir/encounter-class"],
        ("Immunization", "status") => {
            &["http://hl7.org/fhir/event-status", "http://hl7.org/fhir/medication-admin-status"]
        }
        ("MedicationRequest", "status") => &["http://hl7.org/fhir/CodeSystem/medicationrequest-status"],
        ("MedicationRequest", "intent") => &["http://hl7.org/fhir/CodeSystem/medicationrequest-intent"],
        ("MedicationOrder", "status") => &["http://hl7.org/fhir/medication-order-status"],
        ("MedicationStatement", "status") => &[
            "http://hl7.org/fhir/CodeSystem/medication-statement-status",
            "http://hl7.org/fhir/medication-statement-status",
        ],
        ("AllergyIntolerance", "status") => &["http://hl7.org/fhir/allergy-intolerance-status"],
        ("Condition", "clinicalstatus") => &["http://hl7.org/fhir/condition-clinical"],
        _ => &[],
    }
}

/// Whether a code (string or boolean), a Coding or a CodeableConcept has one of the tokens. A string has the implied
/// systems.
fn has_code(value: &Value, tokens: &[Token], implied: &[&str]) -> bool {
    let has_coding = |system: Option<&str>, code: &str| {
        tokens.iter().any(|token| {
            let system_matches = match token.system.as_deref() {
                None => true,
                Some("") => system.is_none(),
                Some(expected) => system == Some(expected),
            };
            system_matches && (token.code.is_empty() || token.code == code)
        })
    };
    match value {
        Value::String(code) => tokens.iter().any(|token| {
            let is_implied = |system: &str| system.is_empty() || implied.contains(&system);
            token.system.as_deref().is_none_or(is_implied) && (token.code == *code || token.code.is_empty())
        }),
        Value::Bool(flag) => {
            tokens.iter().any(|token| token.system.is_none() && token.code == flag.to_string())
        }
        Value::Object(_) => match value["coding"].as_array() {
            Some(codings) => codings.iter().any(|coding| {
                coding["code"].as_str().is_some_and(|code| has_coding(coding["system"].as_str(), code))
            }),
            None => value["code"].as_str().is_some_and(|code| has_coding(value["system"].as_str(), code)),
        },
        _ => false,
    }
}

/// Whether an identifier has this system and value. Epic also takes the text of its type as the system (E14), and
/// ignores spaces around the value (E12).
fn is_identifier(identifier: &Value, token: &Token, personality: Personality) -> bool {
    let epic = personality == Personality::Epic;
    let value = identifier["value"].as_str().unwrap_or_default();
    let value_matches = value == token.code || epic && value.trim() == token.code.trim();
    if value.is_empty() || !value_matches {
        return false;
    }
    match token.system.as_deref() {
        None => true,
        Some("") => identifier["system"].is_null(),
        Some(system) => {
            identifier["system"].as_str() == Some(system)
                || epic && identifier["type"]["text"].as_str() == Some(system)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(system: Option<&str>, code: &str) -> Vec<Token> {
        vec![Token { system: system.map(str::to_owned), code: code.to_owned() }]
    }

    #[test]
    fn tokens_match_codes_of_both_versions() {
        let any_system = token(None, "vital-signs");
        assert!(has_code(&json!({"coding": [{"code": "vital-signs"}]}), &any_system, &[]));
        assert!(has_code(&json!("vital-signs"), &any_system, &[]));
        let no_system = token(Some(""), "a");
        assert!(has_code(&json!({"code": "a"}), &no_system, &[]));
        assert!(!has_code(&json!({"system": "s", "code": "a"}), &no_system, &[]));
        let any_code = token(Some("s"), "");
        assert!(has_code(&json!({"system": "s", "code": "a"}), &any_code, &[]));
        assert!(!has_code(&json!({"system": "t", "code": "a"}), &any_code, &[]));
    }

    #[test]
    fn a_code_has_the_system_that_the_specification_implies() {
        let implied = implied_systems("Observation", "status");
        let found =
            |system: Option<&str>, stored: &str| has_code(&json!(stored), &token(system, "final"), implied);
        assert!(found(None, "final") && found(Some("http://hl7.org/fhir/observation-status"), "final"));
        assert!(!found(Some("http://other.example"), "final"));
        assert!(!found(None, "final ") && !found(None, "Final"));
    }

    #[test]
    fn a_contact_matches_by_its_system_and_whole_value() {
        let phone = json!({"system": "phone", "value": "555-1234"});
        let found =
            |param: &str, system: Option<&str>, value: &str| is_contact(&phone, param, &token(system, value));
        assert!(found("phone", None, "555-1234"));
        assert!(!found("phone", None, "555"));
        assert!(!found("email", None, "555-1234"));
        assert!(!found("phone", Some("x"), "555-1234"));
    }
}
