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
    let values = split_commas(text);
    if values.iter().all(String::is_empty) {
        return Err(format!("the search parameter {} is empty", param.name));
    }
    Ok(match param.kind {
        Kind::Patient => Wanted::Patients(
            values.iter().map(|value| value.strip_prefix("Patient/").unwrap_or(value).to_owned()).collect(),
        ),
        Kind::Reference => Wanted::References(values),
        Kind::Id => Wanted::Ids(values),
        Kind::Text => Wanted::Texts(values.iter().map(|value| value.to_lowercase()).collect()),
        Kind::Token | Kind::Identifier => Wanted::Tokens(
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
            values().filter_map(|value| value["reference"].as_str()).any(|reference| {
                targets.iter().any(|target| {
                    reference == target
                        || !target.contains('/') && reference.rsplit('/').next() == Some(target)
                })
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
        Wanted::Tokens(tokens) => values().any(|value| has_token(value, tokens)),
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

/// A code (string or boolean), a Coding or a CodeableConcept, of either version.
fn has_token(value: &Value, tokens: &[(Option<String>, String)]) -> bool {
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
        // A bare code has its system from the specification: what is asked for it is not checked.
        Value::String(code) => tokens.iter().any(|(_, wanted)| wanted == code.trim()),
        Value::Bool(flag) => tokens.iter().any(|(_, wanted)| *wanted == flag.to_string()),
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
        assert!(has_token(&json!({"coding": [{"code": "vital-signs"}]}), &tokens));
        assert!(has_token(&json!("vital-signs"), &tokens));
        let none = vec![(Some(String::new()), "a".to_owned())];
        assert!(has_token(&json!({"code": "a"}), &none));
        assert!(!has_token(&json!({"system": "s", "code": "a"}), &none));
        let any = vec![(Some("s".to_owned()), String::new())];
        assert!(has_token(&json!({"system": "s", "code": "a"}), &any));
    }

    #[test]
    fn commas_can_be_escaped() {
        assert_eq!(split_commas(r"a\,b,c"), ["a,b", "c"]);
    }
}
