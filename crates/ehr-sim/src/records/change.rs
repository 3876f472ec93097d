//! A resource put in while the simulator runs: judged, given its version, stored with the digits it came with.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use super::{Record, Records, is_shared, load::compartment};
use crate::fhir::date;

/// What became of a resource that was put.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// `Type/id`
    pub(crate) reference: String,
    pub(crate) version_id: String,
    pub(crate) last_updated: String,
    /// There was none of this type and id.
    pub(crate) created: bool,
}

/// Replaces the resource of this type and id, or adds it; the error is a sentence.
pub(crate) fn put(records: &mut Records, text: &str, now: i64) -> Result<Stored, String> {
    let (resource_type, id, value) = judge(text)?;
    let patient = patient_of(records, &resource_type, &id, &value)?;
    let old = records.get(&resource_type, &id);
    let version_id = next_version(old.map(|record| &record.value), &value);
    let last_updated = next_update(old.map(|record| &record.value), &value, now);
    let created = old.is_none();
    let text = with_meta(text, &version_id, &last_updated).map_err(no_resource)?;
    let value = serde_json::from_str(&text).map_err(no_resource)?;
    let reference = format!("{resource_type}/{id}");
    records.add(Record { resource_type, id, text, value, patient });
    Ok(Stored { reference, version_id, last_updated, created })
}

fn no_resource(why: impl fmt::Display) -> String {
    format!("the body is not a FHIR resource in JSON: {why}")
}

/// The type, the id and the content of a single resource.
fn judge(text: &str) -> Result<(String, String, Value), String> {
    let value: Value = serde_json::from_str(text).map_err(no_resource)?;
    let Some(resource_type) = value["resourceType"].as_str().filter(|name| is_type(name)) else {
        return Err(no_resource("it has no resourceType"));
    };
    if resource_type == "Bundle" {
        return Err("the body is a Bundle: put each resource by itself".to_owned());
    }
    let Some(id) = value["id"].as_str() else {
        return Err(format!("the {resource_type} has no id"));
    };
    if !is_id(id) {
        return Err(format!(
            "the id of the {resource_type} is none: 1 to 64 letters, digits, - and . are allowed"
        ));
    }
    Ok((resource_type.to_owned(), id.to_owned(), value.clone()))
}

fn is_type(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphabetic())
}

fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
}

/// The patient a resource belongs to, who must be there; a new Patient is there by being put.
fn patient_of(
    records: &Records,
    resource_type: &str,
    id: &str,
    value: &Value,
) -> Result<Option<String>, String> {
    let patient = compartment(resource_type, id, value);
    match &patient {
        None if is_shared(resource_type) => {}
        None => return Err(format!("{resource_type}/{id} names no patient")),
        Some(_) if resource_type == "Patient" => {}
        Some(patient) if records.get("Patient", patient).is_none() => {
            return Err(format!("{resource_type}/{id} is of Patient/{patient}, who is not there"));
        }
        Some(_) => {}
    }
    Ok(patient)
}

/// The version of the body if it is newer, else the one after the old; what is no number counts as 1.
fn next_version(old: Option<&Value>, new: &Value) -> String {
    let version =
        |value: &Value| value["meta"]["versionId"].as_str().and_then(|text| text.parse::<u64>().ok());
    let least = old.map_or(1, |old| version(old).unwrap_or(1).saturating_add(1));
    version(new).unwrap_or(0).max(least).to_string()
}

/// The time of the body if it is newer, else now.
fn next_update(old: Option<&Value>, new: &Value, now: i64) -> String {
    let at =
        |value: &Value| value["meta"]["lastUpdated"].as_str().and_then(date::parse).map(|time| time.start);
    let newer = at(new).is_some_and(|new| old.and_then(at).is_none_or(|old| new > old));
    match new["meta"]["lastUpdated"].as_str() {
        Some(text) if newer => text.to_owned(),
        _ => date::instant(now),
    }
}

/// The resource with these two elements in its meta. The members are written anew, each value keeps its bytes.
fn with_meta(text: &str, version_id: &str, last_updated: &str) -> serde_json::Result<String> {
    let mut resource: Members = serde_json::from_str(text)?;
    let mut meta: Members = match resource.get("meta") {
        Some(raw) => serde_json::from_str(raw.get())?,
        None => Members::default(),
    };
    meta.set("versionId", to_raw_value(version_id)?);
    meta.set("lastUpdated", to_raw_value(last_updated)?);
    resource.set("meta", RawValue::from_string(meta.text())?);
    Ok(resource.text())
}

/// The members of an object in their order, the values as they were written.
#[derive(Default)]
struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    fn set(&mut self, name: &str, value: Box<RawValue>) {
        match self.0.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    fn text(&self) -> String {
        let members: Vec<String> = self
            .0
            .iter()
            .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), value.get()))
            .collect();
        format!("{{{}}}", members.join(","))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
            if members.get(&key).is_some() {
                return Err(A::Error::custom(format!("{key} is there twice")));
            }
            members.0.push((key, value));
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2001-09-09T01:46:40Z
    const NOW: i64 = 1_000_000_000_000;

    fn records() -> Records {
        let mut records = Records::default();
        put(&mut records, r#"{"resourceType":"Patient","id":"p"}"#, NOW).expect("a patient");
        records
    }

    #[test]
    fn versions_count_up_and_digits_stay() {
        let mut records = records();
        let text = "{\"resourceType\":\"Observation\",\n \"id\":\"o\",\"subject\":{\"reference\":\"Patient/p\"},\
                    \"valueQuantity\" : {\"value\": 1.10, \"x\":96.90476228975749}}";
        let first = put(&mut records, text, NOW).expect("it is stored");
        let expected = Stored {
            reference: "Observation/o".to_owned(),
            version_id: "1".to_owned(),
            last_updated: "2001-09-09T01:46:40.000Z".to_owned(),
            created: true,
        };
        assert_eq!(first, expected);
        let record = records.get("Observation", "o").expect("it is there");
        assert!(
            record.text.contains(r#""valueQuantity":{"value": 1.10, "x":96.90476228975749}"#),
            "{record:?}"
        );
        assert_eq!(record.value["meta"]["versionId"], "1");
        let again = record.text.clone();
        let second = put(&mut records, &again, NOW + 1500).expect("it is stored");
        assert_eq!((second.version_id.as_str(), second.created), ("2", false));
        assert_eq!(second.last_updated, "2001-09-09T01:46:41.500Z");
        assert_eq!(records.of_patient("Observation", "p").len(), 1);
    }

    #[test]
    fn a_body_may_bring_a_newer_version() {
        let mut records = records();
        let newer = r#"{"resourceType":"Patient","id":"p","meta":{"versionId":"7","lastUpdated":"2030-01-01T00:00:00Z","tag":[]}}"#;
        let stored = put(&mut records, newer, NOW).expect("it is stored");
        assert_eq!((stored.version_id.as_str(), stored.last_updated.as_str()), ("7", "2030-01-01T00:00:00Z"));
        let text = &records.get("Patient", "p").expect("it is there").text;
        assert_eq!(text, newer);
        let older = r#"{"resourceType":"Patient","id":"p","meta":{"versionId":"x"}}"#;
        assert_eq!(put(&mut records, older, NOW).expect("it is stored").version_id, "8");
    }

    #[test]
    fn what_cannot_be_stored_is_told_in_a_sentence() {
        let mut records = records();
        for (text, part) in [
            ("hello", "not a FHIR resource"),
            ("[1]", "no resourceType"),
            (r#"{"resourceType":"observation","id":"o"}"#, "no resourceType"),
            (r#"{"resourceType":"Bundle","id":"o"}"#, "put each resource by itself"),
            (r#"{"resourceType":"Observation"}"#, "has no id"),
            (r#"{"resourceType":"Observation","id":"a b"}"#, "letters, digits"),
            (r#"{"resourceType":"Observation","id":"o"}"#, "names no patient"),
            (
                r#"{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/q"}}"#,
                "Patient/q, who is not there",
            ),
            (r#"{"resourceType":"Patient","id":"q","id":"p"}"#, "id is there twice"),
            (r#"{"resourceType":"Patient","id":"p","meta":3}"#, "expected an object"),
        ] {
            let why = put(&mut records, text, NOW).expect_err(text);
            assert!(why.contains(part), "{why}");
        }
        assert_eq!(records.len(), 1);
        put(&mut records, r#"{"resourceType":"Organization","id":"o"}"#, NOW).expect("no patient's");
    }

    #[test]
    fn what_is_removed_is_found_no_more() {
        let mut records = records();
        let text = r#"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"}}"#;
        put(&mut records, text, NOW).expect("it is stored");
        assert!(records.remove("Condition", "c"));
        assert!(!records.remove("Condition", "c"));
        assert!(records.get("Condition", "c").is_none());
        assert!(records.of_type("Condition").is_empty() && records.of_patient("Condition", "p").is_empty());
        assert!(put(&mut records, text, NOW).expect("it is stored").created);
        assert_eq!(records.of_type("Condition").len(), 1);
    }
}
