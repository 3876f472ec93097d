//! Resources that are stored and removed while the simulator runs, by the control API and from Rust.

use ehr_sim::Personality;
use serde_json::json;

use crate::support::{Answer, get, ids, start, system_token};

const WEIGHT: &str = r#"{"resourceType":"Observation","id":"w1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/a"},"effectiveDateTime":"2020-01-01","valueQuantity":{"value":71.50}}"#;

fn post(sim: &ehr_sim::Simulator, path: &str, body: &str) -> Answer {
    crate::support::send(sim, "POST", path, &[], body)
}

#[test]
fn reads_and_searches_return_a_changed_resource() {
    let sim = start(Personality::Smart);
    let token = system_token(&sim);
    let search = "/fhir/Observation?patient=a&code=29463-7";
    let before = ids(&get(&sim, search, &token).json());
    let stored = post(&sim, "/_sim/resource", WEIGHT);
    assert_eq!(stored.status, 200);
    let stored = stored.json();
    assert_eq!((&stored["reference"], &stored["version_id"]), (&json!("Observation/w1"), &json!("2")));
    assert_eq!(stored["created"], false);
    let read = get(&sim, "/fhir/Observation/w1", &token);
    assert!(read.body.contains(r#""valueQuantity":{"value":71.50}"#), "{}", read.body);
    assert_eq!(read.json()["meta"]["lastUpdated"], stored["last_updated"]);
    let found = get(&sim, search, &token);
    assert_eq!(ids(&found.json()), before, "it keeps its position");
    assert!(found.body.contains(&read.body));
    let added = WEIGHT.replace("\"w1\"", "\"w9\"");
    assert_eq!(post(&sim, "/_sim/resource", &added).json()["created"], true);
    assert_eq!(ids(&get(&sim, search, &token).json()).len(), before.len() + 1);
    assert_eq!(post(&sim, "/_sim/remove", r#"{"resourceType":"Observation","id":"w9"}"#).status, 200);
    assert_eq!(ids(&get(&sim, search, &token).json()), before);
    assert_eq!(get(&sim, "/fhir/Observation/w9", &token).status, 404);
}

#[test]
fn a_resource_can_move_to_another_patient() {
    let sim = start(Personality::Smart);
    sim.put_resource(&WEIGHT.replace("Patient/a", "Patient/b")).expect("it is stored");
    let token = system_token(&sim);
    let of = |patient: &str| ids(&get(&sim, &format!("/fhir/Observation?patient={patient}"), &token).json());
    assert!(!of("a").contains(&"w1".to_owned()));
    assert!(of("b").contains(&"w1".to_owned()));
}

#[test]
fn a_new_patient_is_on_the_list() {
    let sim = start(Personality::Smart);
    sim.put_resource(r#"{"resourceType":"Patient","id":"n","name":[{"text":"New One"}]}"#).expect("stored");
    sim.put_resource(&WEIGHT.replace("Patient/a", "Patient/n")).expect("it is stored");
    assert_eq!(sim.patient_ids(), ["a", "b", "n"]);
    sim.remove_resource("Observation", "w1").expect("it is removed");
    assert_eq!(sim.resource("Observation", "w1"), None);
    assert!(sim.remove_resource("Patient", "n").is_err());
}

#[test]
fn an_invalid_request_is_refused_and_changes_nothing() {
    let sim = start(Personality::Smart);
    let before = sim.resource("Observation", "w1");
    for (path, body, part) in [
        ("/_sim/resource", "{", "not a FHIR resource"),
        ("/_sim/resource", r#"{"resourceType":"Observation"}"#, "has no id"),
        (
            "/_sim/resource",
            &WEIGHT.replace("Patient/a", "Patient/none"),
            "Patient/none, which does not exist",
        ),
        ("/_sim/remove", "{}", "has no resourceType"),
        ("/_sim/remove", r#"{"resourceType":"Observation","id":"none"}"#, "There is no Observation/none"),
        ("/_sim/remove", r#"{"resourceType":"Patient","id":"a"}"#, "does not implement"),
    ] {
        let answer = post(&sim, path, body);
        assert_eq!(answer.status, 400, "{body}");
        let message = answer.json()["error"].as_str().expect("a sentence").to_owned();
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(sim.resource("Observation", "w1"), before);
}

#[test]
fn a_search_with_more_pages_keeps_a_removed_resource() {
    let options = ehr_sim::Options { page_size: Some(1), ..crate::support::options(Personality::Smart) };
    let sim = ehr_sim::Simulator::start(options).expect("it starts");
    let token = system_token(&sim);
    let first = get(&sim, "/fhir/Observation?patient=a", &token).json();
    let next = crate::support::link(&first, "next").expect("a next page");
    sim.remove_resource("Observation", "w2").expect("it is removed");
    assert_eq!(ids(&get(&sim, &next, &token).json()), ["w2"], "the matches of the search");
}
