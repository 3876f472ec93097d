//! Loading data: references, ids, invalid files, numbers.

use std::fs;

use ehr_sim::{DataSource, FhirRelease, Options, Simulator};

use crate::support::{get, options, system_token};

fn with(texts: &[&str]) -> Simulator {
    let data = DataSource::Resources(texts.iter().map(|&text| text.to_owned()).collect());
    Simulator::start(Options { data, ..options(ehr_sim::Personality::Smart) }).expect("it starts")
}

#[test]
fn references_in_a_bundle_are_resolved_and_numbers_keep_their_digits() {
    let sim = with(&[r#"{"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"urn:uuid:o","resource":{"resourceType":"Observation","id":"obs",
            "subject" : { "reference" : "urn:uuid:p" },"valueQuantity":{"value":1.10, "low": 96.90476228975749}}},
        {"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","id":"pat"}},
        {"fullUrl":"urn:uuid:77","resource":{"resourceType":"Immunization","patient":{"reference":"urn:uuid:p"}}}]}"#]);
    let text = sim.resource("Observation", "obs").expect("it was loaded");
    assert!(text.contains(r#"{ "reference" : "Patient/pat" }"#), "{text}");
    assert!(text.contains(r#""value":1.10, "low": 96.90476228975749"#), "{text}");
    // A resource without an id gets that of its fullUrl.
    assert!(sim.resource("Immunization", "77").expect("it was loaded").starts_with(r#"{"id":"77","#));
    let token = system_token(&sim);
    assert_eq!(get(&sim, "/fhir/Observation/obs", &token).body, text);
    let found = get(&sim, "/fhir/Observation?patient=pat", &token);
    assert!(found.body.contains(&text), "a search returns the same bytes");
}

#[test]
fn invalid_files_are_skipped_with_a_warning() {
    let folder = temporary_folder();
    fs::create_dir_all(folder.join("deep/er")).expect("a folder");
    fs::write(folder.join("deep/er/patient.json"), "\u{feff}{\"resourceType\":\"Patient\",\"id\":\"x\"}")
        .expect("a file");
    fs::write(folder.join("broken.json"), "{\"resourceType\":").expect("a file");
    fs::write(folder.join("other.json"), "{\"a\":1}").expect("a file");
    fs::write(folder.join("list.json"), "[1]").expect("a file");
    fs::write(folder.join("latin1.json"), b"{\"resourceType\":\"Patient\",\"id\":\"\xe9\"}").expect("a file");
    fs::write(folder.join("note.txt"), "hello").expect("a file");
    let data = DataSource::Paths(vec![folder.clone(), folder.join("absent.json")]);
    let sim = Simulator::start(Options { data, ..Options::default() }).expect("it starts");
    fs::remove_dir_all(&folder).expect("the folder is removed");
    assert_eq!(sim.patient_ids(), ["x"]);
    for name in ["broken.json", "other.json", "list.json", "latin1.json", "note.txt", "absent.json"] {
        assert!(sim.warnings().iter().any(|warning| warning.contains(name)), "{name}: {:?}", sim.warnings());
    }
}

/// A folder of this test process.
fn temporary_folder() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("ehr-sim-loading-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

#[test]
fn the_later_of_two_resources_with_one_id_is_kept() {
    let sim = with(&[
        r#"{"resourceType":"Patient","id":"x","birthDate":"2000"}"#,
        r#"{"resourceType":"Patient","id":"x","birthDate":"2001"}"#,
    ]);
    assert!(sim.resource("Patient", "x").expect("it was loaded").contains("2001"));
    assert!(sim.warnings().iter().any(|warning| warning.contains("Patient/x")));
    assert_eq!(sim.patient_ids().len(), 1);
}

#[test]
fn mrn_systems_are_found_in_the_data() {
    let typed = with(&[r#"{"resourceType":"Patient","id":"x","identifier":[
        {"system":"http://hl7.org/fhir/sid/us-ssn","value":"1"},{"system":"urn:a","value":"2"},
        {"system":"urn:b","value":"3","type":{"coding":[{"system":"http://hl7.org/fhir/v2/0203","code":"MR"}]}}]}"#]);
    assert_eq!(typed.mrn_systems(), ["urn:b"]);
    assert_eq!(typed.mrn("x").as_deref(), Some("3"));
    let former = with(&[r#"{"resourceType":"Patient","id":"x","identifier":[
        {"use":"old","system":"urn:a","value":"1","type":{"coding":[{"system":"http://hl7.org/fhir/v2/0203","code":"MR"}]}},
        {"system":"urn:b","value":"2","period":{"end":"2014"},"type":{"coding":[{"system":"http://hl7.org/fhir/v2/0203","code":"MR"}]}},
        {"system":"urn:a","value":"3","type":{"coding":[{"system":"http://hl7.org/fhir/v2/0203","code":"MR"}]}}]}"#]);
    assert_eq!(former.mrn_systems(), ["urn:a"]);
    assert_eq!(former.mrn("x").as_deref(), Some("3"));
    let common = with(&[
        r#"{"resourceType":"Patient","id":"x","identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":"1"},{"system":"urn:a","value":"2"}]}"#,
        r#"{"resourceType":"Patient","id":"y","identifier":[{"system":"urn:c","value":"1"},{"system":"urn:a","value":"2"}]}"#,
    ]);
    assert_eq!(common.mrn_systems(), ["urn:a"]);
}

#[test]
fn the_embedded_patients_exist_in_both_versions() {
    for fhir in [FhirRelease::R4, FhirRelease::Dstu2] {
        let sim = Simulator::start(Options { fhir, ..Options::default() }).expect("it starts");
        assert!(!sim.patient_ids().is_empty());
        assert!(!sim.mrn_systems().is_empty());
        assert_eq!(sim.warnings(), Vec::<String>::new());
        let config: serde_json::Value = serde_json::from_str(&sim.config_json()).expect("JSON");
        assert_eq!(config["sources"][0]["iss"], sim.iss());
        assert_eq!(config["store"], serde_json::Value::Null);
    }
}
