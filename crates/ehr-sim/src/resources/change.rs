//! Stores a resource while the simulator runs: checks it and sets its version. Its numbers keep their digits.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use super::{Resource, Resources, is_shared, load::compartment};
use crate::date;

/// The result of storing a resource.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PutResult {
    /// `Type/id`
    pub(crate) reference: String,
    pub(crate) version_id: String,
    pub(crate) last_updated: String,
    /// There was no resource of this type and id before.
    pub(crate) created: bool,
}

/// Replaces the resource of this type and id, or adds it. The error is a sentence.
pub(crate) fn put(resources: &mut Resources, text: &str, now: i64) -> Result<PutResult, String> {
    let (resource_type, id, value) = parse(text)?;
    let patient = find_patient(resources, &resource_type, &id, &value)?;
    let old = resources.get(&resource_type, &id);
    let version_id = next_version(old.map(|resource| &resource.value), &value);
    let last_updated = next_update(old.map(|resource| &resource.value), &value, now);
    let created = old.is_none();
    let text = with_meta(text, &version_id, &last_updated).map_err(invalid)?;
    let value = serde_json::from_str(&text).map_err(invalid)?;
    let reference = format!("{resource_type}/{id}");
    resources.add(Resource { resource_type, id, text, value, patient });
    Ok(PutResult { reference, version_id, last_updated, created })
}

fn invalid(reason: impl fmt::Display) -> String {
    format!("The body is not a FHIR resource in JSON: {reason}")
}

/// The type, id and content of a single resource.
fn parse(text: &str) -> Result<(String, String, Value), String> {
    let value: Value = serde_json::from_str(text).map_err(invalid)?;
    let Some(resource_type) = value["resourceType"].as_str().filter(|name| is_type(name)) else {
        return Err(invalid("it has no resourceType"));
    };
    if resource_type == "Bundle" {
        return Err("The body is a Bundle. Send each of its resources in a separate request.".to_owned());
    }
    let Some(id) = value["id"].as_str() else {
        return Err(format!("The {resource_type} has no id"));
    };
    if !is_id(id) {
        return Err(format!(
            "The id of the {resource_type} is not valid. It must have 1 to 64 letters, digits, hyphens and dots."
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

/// The patient that a resource belongs to. The data must have this patient, unless the resource itself is the Patient.
fn find_patient(
    resources: &Resources,
    resource_type: &str,
    id: &str,
    value: &Value,
) -> Result<Option<String>, String> {
    let patient = compartment(resource_type, id, value);
    match &patient {
        None if is_shared(resource_type) => {}
        None => return Err(format!("{resource_type}/{id} has no reference to a patient")),
        Some(_) if resource_type == "Patient" => {}
        Some(patient) if resources.get("Patient", patient).is_none() => {
            return Err(format!("{resource_type}/{id} refers to Patient/{patient}, which does not exist"));
        }
        Some(_) => {}
    }
    Ok(patient)
}

/// The version of the body if it is newer, else the old version plus one. A version that is not a number counts as 1.
fn next_version(old: Option<&Value>, new: &Value) -> String {
    let version =
        |value: &Value| value["meta"]["versionId"].as_str().and_then(|text| text.parse::<u64>().ok());
    let least = old.map_or(1, |old| version(old).unwrap_or(1).saturating_add(1));
    version(new).unwrap_or(0).max(least).to_string()
}

/// The `lastUpdated` of the body if it is newer, else now.
fn next_update(old: Option<&Value>, new: &Value, now: i64) -> String {
    let at =
        |value: &Value| value["meta"]["lastUpdated"].as_str().and_then(date::parse).map(|time| time.start);
    let newer = at(new).is_some_and(|new| old.and_then(at).is_none_or(|old| new > old));
    match new["meta"]["lastUpdated"].as_str() {
        Some(text) if newer => text.to_owned(),
        _ => date::instant(now),
    }
}

/// The resource with these two elements in its `meta`. Each value keeps its bytes; the space between members does not.
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

/// The members of an object in their order. The values keep their bytes.
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
                return Err(A::Error::custom(format!("the member {key} occurs twice")));
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

    fn resources() -> Resources {
        let mut resources = Resources::default();
        put(&mut resources, r#"{"resourceType":"Patient","id":"p"}"#, NOW).expect("a patient");
        resources
    }

    #[test]
    fn versions_count_up_and_numbers_keep_their_digits() {
        let mut resources = resources();
        let text = "{\"resourceType\":\"Observation\",\n \"id\":\"o\",\"subject\":{\"reference\":\"Patient/p\"},\
                    \"valueQuantity\" : {\"value\": 1.10, \"x\":96.90476228975749}}";
        let first = put(&mut resources, text, NOW).expect("it is stored");
        let expected = PutResult {
            reference: "Observation/o".to_owned(),
            version_id: "1".to_owned(),
            last_updated: "2001-09-09T01:46:40.000Z".to_owned(),
            created: true,
        };
        assert_eq!(first, expected);
        let resource = resources.get("Observation", "o").expect("it is there");
        assert!(
            resource.text.contains(r#""valueQuantity":{"value": 1.10, "x":96.90476228975749}"#),
            "{resource:?}"
        );
        assert_eq!(resource.value["meta"]["versionId"], "1");
        let again = resource.text.clone();
        let second = put(&mut resources, &again, NOW + 1500).expect("it is stored");
        assert_eq!((second.version_id.as_str(), second.created), ("2", false));
        assert_eq!(second.last_updated, "2001-09-09T01:46:41.500Z");
        assert_eq!(resources.of_patient("Observation", "p").len(), 1);
    }

    #[test]
    fn a_newer_version_in_the_body_is_kept() {
        let mut resources = resources();
        let newer = r#"{"resourceType":"Patient","id":"p","meta":{"versionId":"7","lastUpdated":"2030-01-01T00:00:00Z","tag":[]}}"#;
        let stored = put(&mut resources, newer, NOW).expect("it is stored");
        assert_eq!((stored.version_id.as_str(), stored.last_updated.as_str()), ("7", "2030-01-01T00:00:00Z"));
        let text = &resources.get("Patient", "p").expect("it is there").text;
        assert_eq!(text, newer);
        let older = r#"{"resourceType":"Patient","id":"p","meta":{"versionId":"x"}}"#;
        assert_eq!(put(&mut resources, older, NOW).expect("it is stored").version_id, "8");
    }

    #[test]
    fn an_invalid_resource_is_refused_with_a_sentence() {
        let mut resources = resources();
        for (text, part) in [
            ("hello", "not a FHIR resource"),
            ("[1]", "no resourceType"),
            (r#"{"resourceType":"observation","id":"o"}"#, "no resourceType"),
            (r#"{"resourceType":"Bundle","id":"o"}"#, "is a Bundle"),
            (r#"{"resourceType":"Observation"}"#, "has no id"),
            (r#"{"resourceType":"Observation","id":"a b"}"#, "64 letters"),
            (r#"{"resourceType":"Observation","id":"o"}"#, "no reference to a patient"),
            (
                r#"{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/q"}}"#,
                "Patient/q, which does not exist",
            ),
            (r#"{"resourceType":"Patient","id":"q","id":"p"}"#, "id occurs twice"),
            (r#"{"resourceType":"Patient","id":"p","meta":3}"#, "expected an object"),
        ] {
            let reason = put(&mut resources, text, NOW).expect_err(text);
            assert!(reason.contains(part), "{reason}");
        }
        assert_eq!(resources.len(), 1);
        put(&mut resources, r#"{"resourceType":"Organization","id":"o"}"#, NOW)
            .expect("it belongs to no patient");
    }

    #[test]
    fn a_removed_resource_is_not_found() {
        let mut resources = resources();
        let text = r#"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"}}"#;
        put(&mut resources, text, NOW).expect("it is stored");
        assert!(resources.remove("Condition", "c"));
        assert!(!resources.remove("Condition", "c"));
        assert!(resources.get("Condition", "c").is_none());
        assert!(
            resources.of_type("Condition").is_empty() && resources.of_patient("Condition", "p").is_empty()
        );
        assert!(put(&mut resources, text, NOW).expect("it is stored").created);
        assert_eq!(resources.of_type("Condition").len(), 1);
    }
}
