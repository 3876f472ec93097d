//! The JSON documents that the library takes and returns are valid against their schemas.

use crate::support::{Program, config, patient, simulator, weight};
use ehr_sim::LaunchOptions;
use fhir_ehr_capi::documents::schemas;
use jsonschema::Validator;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

fn validators() -> BTreeMap<&'static str, Validator> {
    let all = schemas().into_iter().chain([("config", fhir_ehr::Config::schema())]);
    all.map(|(name, schema)| (name, jsonschema::validator_for(&schema).unwrap())).collect()
}

fn assert_valid(validator: &Validator, name: &str, document: &Value) {
    let errors: Vec<String> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{name}: {errors:?}\n{document}");
}

#[test]
fn every_document_from_a_launch_to_saved_values_is_valid() {
    let without_value = weight("w3", "p1", "1").replace("valueQuantity", "note");
    let resources =
        vec![patient("p1", "M-1"), weight("w1", "p1", "61.50"), weight("w2", "p1", "60.10"), without_value];
    let sim = simulator(resources);
    let program = Program::compile("documents");
    let file = program.write("config.json", &config(&sim, |_| {}));
    let launch = sim.launch(&LaunchOptions { patient: "p1".into(), ..LaunchOptions::default() });
    let query = format!("iss={}&launch={launch}", sim.iss().replace(':', "%3A"));
    let mut command = program.command();
    command.arg(file).args([&query, &sim.iss()]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut browser = child.stdin.take().unwrap();

    let validators = validators();
    let mut seen = BTreeSet::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let (name, document) = line.split_once(' ').unwrap();
        let document: Value = serde_json::from_str(document).unwrap();
        assert_valid(&validators[name], name, &document);
        if document["kind"] == "redirect" {
            let callback = sim.approve(document["url"].as_str().unwrap()).unwrap();
            writeln!(browser, "{}", callback.split_once('?').unwrap().1).unwrap();
        }
        seen.insert(name.to_owned());
    }
    assert!(child.wait().unwrap().success());
    let expected: BTreeSet<String> = validators.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(seen, expected);
}

#[test]
fn a_wrong_document_is_not_valid() {
    let pull = json!({
        "user": "u", "source": "s", "project": {"id": "p", "environment": "test"}, "record": "1", "mrn": "M-1",
        "mapping": "",
    });
    let patient = json!({"user": "u", "source": "s", "mrn": "M-1"});
    let validators = validators();
    for (name, document, wrong) in [
        ("pull_request", &pull, json!({"offset": {"days": 7, "direction": "+-"}})),
        ("pull_request", &pull, json!({"offset_direction": "both"})),
        ("pull_request", &pull, json!({"offset_days": -1})),
        ("pull_request", &pull, json!({"project": {"id": "p", "environment": "prod"}})),
        ("patient_request", &patient, json!({"patient_id": "p1"})),
        ("patient_request", &patient, json!({"mrn": null})),
        ("patient_request", &patient, json!({"fields": ["a", "b", "c", "d", "e", "f"]})),
        ("decisions", &json!({}), json!({"accepted": []})),
        ("launch_result", &json!({"kind": "redirect", "url": ""}), json!({"kind": "signed_in"})),
    ] {
        let mut document = document.clone();
        assert_valid(&validators[name], name, &document);
        document.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        assert!(!validators[name].is_valid(&document), "{name}: {document}");
    }
}
