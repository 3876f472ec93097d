//! A corpus of FHIR examples loads, and known values keep their digits. Without a corpus these tests are skipped.

use std::path::PathBuf;

use ehr_sim::{DataSource, FhirRelease, Options, Personality, Simulator};

use crate::support::{get, ids, options, system_token};

/// A folder of the corpus. If it does not exist, the test is skipped with a message.
fn folder(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("FHIR_EHR_CORPUS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let path = root.join(name);
    if !path.is_dir() {
        report_skip(name);
        return None;
    }
    Some(path)
}

#[allow(clippy::print_stderr)] // A skipped test must be visible.
fn report_skip(name: &str) {
    eprintln!("SKIPPED: the corpus has no folder {name}. Set FHIR_EHR_CORPUS to the folder of the corpus.");
}

fn load(name: &str, fhir: FhirRelease) -> Option<Simulator> {
    let data = DataSource::Paths(vec![folder(name)?]);
    Some(Simulator::start(Options { data, fhir, ..options(Personality::Smart) }).expect("it starts"))
}

#[test]
fn synthea_r4_values_keep_their_digits() {
    let Some(sim) = load("synthea/r4", FhirRelease::R4) else { return };
    assert_eq!(sim.warnings(), Vec::<String>::new());
    assert_eq!(sim.mrn_systems(), ["http://hospital.smarthealthit.org"]);
    let token = system_token(&sim);
    let patient = get(
        &sim,
        "/fhir/Patient?identifier=http://hospital.smarthealthit.org|cd9e9826-aea1-4682-adc0-c1d97633bf31",
        &token,
    );
    let found = ids(&patient.json());
    let query =
        format!("/fhir/Observation?patient={}&code=29463-7&date=ge2017-07-14&date=le2017-07-14", found[0]);
    let answer = get(&sim, &query, &token);
    assert_eq!(ids(&answer.json()).len(), 1);
    assert!(answer.body.contains("\"value\":96.90476228975749,"), "{}", answer.body);
    assert!(!answer.body.contains("urn:uuid:"));
}

#[test]
fn synthea_dstu2_loads() {
    let Some(sim) = load("synthea/dstu2", FhirRelease::Dstu2) else { return };
    assert_eq!(sim.warnings(), Vec::<String>::new());
    let token = system_token(&sim);
    let patient = &sim.patient_ids()[0];
    let answer = get(&sim, &format!("/fhir/Immunization?patient={patient}&date=ge1900"), &token).json();
    assert!(!ids(&answer).is_empty(), "resources without an id get one");
}

#[test]
fn the_examples_load() {
    for (name, fhir) in [
        ("hl7/r4", FhirRelease::R4),
        ("hl7/dstu2", FhirRelease::Dstu2),
        ("us_core", FhirRelease::R4),
        ("smart_sandbox", FhirRelease::Dstu2),
    ] {
        let Some(sim) = load(name, fhir) else { continue };
        assert!(!sim.patient_ids().is_empty(), "{name}");
    }
    let Some(sim) = load("redcap_oracle", FhirRelease::R4) else { return };
    assert!(sim.warnings().iter().any(|warning| warning.contains("no resourceType")));
}
