//! Whether a resource fits one search parameter.

use serde_json::Value;

use crate::{options::Personality, records::Record};

use super::{
    date::{self, Period},
    params::{Kind, Param},
};

/// One value of a search: the comma list, read for its kind.
#[derive(Debug)]
pub(crate) enum Wanted {
    Patients(Vec<String>),
    References(Vec<String>),
    Ids(Vec<String>),
    Texts(Vec<String>),
    /// (system, code): no system asked, an empty one (`|code`), or a given one.
    Tokens(Vec<(Option<String>, String)>),
    Dates(Vec<(String, Period)>),
}

/// Reads a search value; the error is a sentence.
pub(crate) fn read(param: &Param, text: &str, prefixes: &[&str]) -> Result<Wanted, String> {
    let mut values = split_commas(text);
    values.retain(|value| !value.is_empty() && value != "|");
    if values.is_empty() {
        return Err(format!("the search parameter {} is empty", param.name));
    }
    Ok(match param.kind {
        Kind::Patient => Wanted::Patients(
            values.iter().map(|value| value.strip_prefix("Patient/").unwrap_or(value).to_owned()).collect(),
        ),
        Kind::Reference => Wanted::References(values),
        Kind::Id => Wanted::Ids(values),
        Kind::Text => Wanted::Texts(values.iter().map(|value| value.to_lowercase()).collect()),
        Kind::Token | Kind::Identifier | Kind::Contact(_) => Wanted::Tokens(
            values
                .into_iter()
                .map(|value| match value.split_once('|') {
                    Some((system, code)) => (Some(system.to_owned()), code.to_owned()),
                    None => (None, value),
                })
                .collect(),
        ),
        Kind::Date => {
            let mut dates = Vec::new();
            for value in values {
                let (prefix, rest) = date::split_prefix(&value);
                if !prefixes.contains(&prefix) {
                    return Err(format!("the prefix {prefix} of {} is not supported", param.name));
                }
                let period =
                    date::parse(rest).ok_or_else(|| format!("{} has an invalid date", param.name))?;
                dates.push((prefix.to_owned(), period));
            }
            Wanted::Dates(dates)
        }
    })
}

/// The values of a comma list; a backslash keeps the next character.
fn split_commas(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            ',' => values.push(String::new()),
            '\\' => {
                let kept = characters.next();
                if let (Some(last), Some(kept)) = (values.last_mut(), kept) {
                    last.push(kept);
                }
            }
            other => {
                if let Some(last) = values.last_mut() {
                    last.push(other);
                }
            }
        }
    }
    values
}

/// Whether a resource fits.
pub(crate) fn fits(record: &Record, param: &Param, wanted: &Wanted, personality: Personality) -> bool {
    let values = || param.paths.iter().flat_map(|path| elements(&record.value, path));
    match wanted {
        Wanted::Patients(ids) => record.patient.as_ref().is_some_and(|patient| ids.contains(patient)),
        Wanted::Ids(ids) => ids.contains(&record.id),
        Wanted::References(targets) => {
            // Every such parameter here refers to an Encounter.
            values().filter_map(|value| value["reference"].as_str()).any(|reference| {
                targets
                    .iter()
                    .any(|target| reference == target || reference.strip_prefix("Encounter/") == Some(target))
            })
        }
        Wanted::Texts(starts) => values().filter_map(Value::as_str).any(|text| {
            let text = text.to_lowercase();
            starts.iter().any(|start| text.starts_with(start.as_str()))
        }),
        Wanted::Tokens(tokens) if param.kind == Kind::Identifier => values().any(|identifier| {
            tokens
                .iter()
                .any(|(system, value)| is_identifier(identifier, system.as_deref(), value, personality))
        }),
        Wanted::Tokens(tokens) => match param.kind {
            Kind::Contact(of) => values().any(|contact| is_contact(contact, of, tokens)),
            _ => values()
                .any(|value| has_token(value, tokens, implied_systems(&record.resource_type, param.name))),
        },
        Wanted::Dates(dates) => {
            param.paths.iter().find_map(|path| elements(&record.value, path).find_map(period)).is_some_and(
                |period| dates.iter().any(|(prefix, search)| date::fits(period, prefix, *search)),
            )
        }
    }
}

/// The first date of a resource by the paths of a parameter, for sorting.
pub(crate) fn when(record: &Record, paths: &[&str]) -> Option<Period> {
    paths.iter().find_map(|path| elements(&record.value, path).find_map(period))
}

/// The values at a path, arrays opened.
fn elements<'a>(value: &'a Value, path: &str) -> impl Iterator<Item = &'a Value> {
    let mut found = vec![value];
    for part in path.split('.') {
        found = found
            .into_iter()
            .filter_map(|value| value.get(part))
            .flat_map(|value| match value {
                Value::Array(list) => list.iter().collect::<Vec<_>>(),
                other => vec![other],
            })
            .collect();
    }
    found.into_iter()
}

/// A date, an instant or a Period with open ends.
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

/// A ContactPoint of a system by its whole value; a contact has no code system.
fn is_contact(contact: &Value, of: &str, tokens: &[(Option<String>, String)]) -> bool {
    contact["system"].as_str() == Some(of)
        && tokens.iter().any(|(system, wanted)| {
            system.as_deref().unwrap_or_default().is_empty() && contact["value"].as_str() == Some(wanted)
        })
}

/// The systems that the specification implies for an element of type `code`, in R4 and in DSTU2.
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

/// A code (string or boolean), a Coding or a CodeableConcept, of either version. A code has the system that is implied for it.
fn has_token(value: &Value, tokens: &[(Option<String>, String)], implied: &[&str]) -> bool {
    let one = |system: Option<&str>, code: &str| {
        tokens.iter().any(|(wanted_system, wanted_code)| {
            let system_fits = match wanted_system.as_deref() {
                None => true,
                Some("") => system.is_none(),
                Some(wanted) => system == Some(wanted),
            };
            system_fits && (wanted_code.is_empty() || wanted_code == code)
        })
    };
    match value {
        Value::String(code) => tokens.iter().any(|(system, wanted)| {
            let is_of = |system: &str| system.is_empty() || implied.contains(&system);
            system.as_deref().is_none_or(is_of) && (wanted == code || wanted.is_empty())
        }),
        Value::Bool(flag) => {
            tokens.iter().any(|(system, wanted)| system.is_none() && *wanted == flag.to_string())
        }
        Value::Object(_) => match value["coding"].as_array() {
            Some(codings) => codings.iter().any(|coding| {
                coding["code"].as_str().is_some_and(|code| one(coding["system"].as_str(), code))
            }),
            None => value["code"].as_str().is_some_and(|code| one(value["system"].as_str(), code)),
        },
        _ => false,
    }
}

/// An identifier by system and value; at Epic also by the text of its type (E14), spaces around it ignored (E12).
fn is_identifier(identifier: &Value, system: Option<&str>, value: &str, personality: Personality) -> bool {
    let epic = personality == Personality::Epic;
    let has = identifier["value"].as_str().unwrap_or_default();
    let value_fits = has == value || epic && has.trim() == value.trim();
    if has.is_empty() || !value_fits {
        return false;
    }
    match system {
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

    #[test]
    fn tokens_of_both_versions() {
        let tokens = vec![(None, "vital-signs".to_owned())];
        assert!(has_token(&json!({"coding": [{"code": "vital-signs"}]}), &tokens, &[]));
        assert!(has_token(&json!("vital-signs"), &tokens, &[]));
        let none = vec![(Some(String::new()), "a".to_owned())];
        assert!(has_token(&json!({"code": "a"}), &none, &[]));
        assert!(!has_token(&json!({"system": "s", "code": "a"}), &none, &[]));
        let any = vec![(Some("s".to_owned()), String::new())];
        assert!(has_token(&json!({"system": "s", "code": "a"}), &any, &[]));
        assert!(!has_token(&json!({"system": "t", "code": "a"}), &any, &[]));
    }

    #[test]
    fn a_code_has_the_system_that_the_specification_implies() {
        let implied = implied_systems("Observation", "status");
        let fits = |system: Option<&str>, stored: &str| {
            has_token(&json!(stored), &[(system.map(str::to_owned), "final".to_owned())], implied)
        };
        assert!(fits(None, "final") && fits(Some("http://hl7.org/fhir/observation-status"), "final"));
        assert!(!fits(Some("http://other.example"), "final"));
        assert!(!fits(None, "final ") && !fits(None, "Final"));
    }

    #[test]
    fn a_contact_is_a_token_of_its_own_system() {
        let phone = json!({"system": "phone", "value": "555-1234"});
        let fits = |of: &str, system: Option<&str>, value: &str| {
            is_contact(&phone, of, &[(system.map(str::to_owned), value.to_owned())])
        };
        assert!(fits("phone", None, "555-1234"));
        assert!(
            !fits("phone", None, "555")
                && !fits("email", None, "555-1234")
                && !fits("phone", Some("x"), "555-1234")
        );
    }

    #[test]
    fn an_empty_value_in_a_list_matches_nothing() {
        let param = Param::for_test("code", Kind::Token);
        let tokens = |text: &str| match read(&param, text, &["eq"]) {
            Ok(Wanted::Tokens(tokens)) => tokens.len(),
            _ => 0,
        };
        assert_eq!((tokens("a,"), tokens(",a,,b"), tokens(","), tokens("|"), tokens("s|")), (1, 2, 0, 0, 1));
    }

    #[test]
    fn commas_can_be_escaped() {
        assert_eq!(split_commas(r"a\,b,c"), ["a,b", "c"]);
    }
}
