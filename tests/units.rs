//! Numbers are compared in one unit only; conversions are exact, asked for, and shown as such.

mod common;

use common::{HEADER, World, patient, request, resources};
use ehr_sim::Options;
use fhir_ehr::{AllowAll, Decisions, Mapping, PullRequest, PullResult, ResourceStatus, StagedRow};
use serde_json::{Value, json};

const MRN: &str = "M-1";

fn observation(id: &str, code: &str, time: &str, change: Value) -> String {
    let mut resource = json!({
        "resourceType": "Observation", "id": id, "status": "final", "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "effectiveDateTime": time,
    });
    for (name, value) in change.as_object().expect("an object") {
        resource[name] = value.clone();
    }
    resource.to_string()
}

fn quantity(value: &str, unit: &str) -> Value {
    let value: Value = serde_json::from_str(value).expect("a number");
    json!({"valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}})
}

fn weight(id: &str, time: &str, value: &str, unit: &str) -> String {
    observation(id, "29463-7", time, quantity(value, unit))
}

fn clinic(observations: &[String], policy: Value) -> World {
    let own = patient("p1", MRN);
    let texts: Vec<&str> =
        std::iter::once(own.as_str()).chain(observations.iter().map(String::as_str)).collect();
    let change = |document: &mut Value| {
        for (name, value) in policy.as_object().expect("an object") {
            document["sources"][0]["policy"][name] = value.clone();
        }
    };
    let world = World::with(Options { ..resources(&texts) }, change, Box::new(AllowAll));
    world.launch("p1", "alice");
    world
}

/// The three weights of a hospital that measures in kilograms and in pounds.
fn mixed() -> Vec<String> {
    vec![
        weight("o1", "2024-03-15T10:00:00Z", "80", "kg"),
        weight("o2", "2024-03-16T09:00:00Z", "176", "[lb_av]"),
        weight("o3", "2024-03-14T09:00:00Z", "81.5", "kg"),
    ]
}

fn pulled(world: &World, lines: &str) -> PullResult {
    world.client.pull(&request("alice", MRN, lines)).expect("a pull")
}

fn with_units(world: &World, lines: &str) -> PullResult {
    let mapping = Mapping::from_csv(&format!("{HEADER},unit\n{lines}")).expect("a mapping");
    let request = PullRequest { mapping, ..request("alice", MRN, "birthDate,,dob,,,\n") };
    world.client.pull(&request).expect("a pull")
}

fn marked(pulled: &PullResult) -> Vec<&str> {
    let rows: Vec<&StagedRow> = pulled.rows.iter().filter(|row| row.preselected).collect();
    rows.iter().map(|row| row.resource_id.as_str()).collect()
}

fn reasons(pulled: &PullResult) -> Vec<String> {
    let words =
        pulled.report.not_preselected.iter().map(|one| format!("{}: {}", one.study_field, one.reason));
    words.collect()
}

#[test]
fn weights_in_kilograms_and_pounds_are_staged_and_none_is_marked() {
    let world = clinic(&mixed(), json!({}));
    for rule in ["", "MIN", "MAX", "FIRST", "LAST"] {
        let pulled = pulled(&world, &format!("29463-7,,weight,,{rule},\n"));
        assert_eq!(pulled.rows.len(), 3);
        assert!(marked(&pulled).is_empty(), "{rule}");
        assert_eq!(
            reasons(&pulled),
            [
                "weight: The values have different units ([lb_av], kg), which are not compared. Name one unit in the mapping."
            ]
        );
        let report = serde_json::to_value(&pulled.report).unwrap();
        let told = &report["not_preselected"][0];
        assert_eq!(
            (&told["study_field"], &told["event"], &told["source_field"]),
            (&json!("weight"), &json!(""), &json!("29463-7"))
        );
    }
}

#[test]
fn a_line_with_a_unit_marks_only_values_of_that_unit() {
    let world = clinic(&mixed(), json!({}));
    for (rule, expected) in [("MIN", "o1"), ("MAX", "o3"), ("FIRST", "o3"), ("LAST", "o1")] {
        let pulled = with_units(&world, &format!("29463-7,,weight,,{rule},,kg\n"));
        assert_eq!(marked(&pulled), [expected], "{rule}");
        assert_eq!(pulled.rows.len(), 3, "the other unit is staged");
        assert_eq!(reasons(&pulled), ["weight: 1 value is not in the unit kg, which the mapping requires."]);
        assert!(pulled.rows.iter().all(|row| row.original_value.is_none()), "nothing is converted unasked");
    }
}

#[test]
fn a_source_may_convert_and_the_measured_value_stays_next_to_it() {
    let world = clinic(&mixed(), json!({"convert_units": true}));
    assert!(marked(&pulled(&world, "29463-7,,weight,,MIN,\n")).is_empty(), "no line names a unit");
    let pulled = with_units(&world, "29463-7,,weight,,MIN,,kg\n");
    assert_eq!((marked(&pulled), reasons(&pulled)), (vec!["o2"], Vec::new()));
    let row = pulled.rows.iter().find(|row| row.resource_id == "o2").unwrap();
    assert_eq!((row.value.as_str(), row.unit.as_deref()), ("79.83225712", Some("kg")));
    assert_eq!((row.original_value.as_deref(), row.original_unit.as_deref()), (Some("176"), Some("[lb_av]")));
    let accept = vec![row.decision()];
    world.client.adjudicate("alice", "p1", MRN, &Decisions { accept, reject: Vec::new() }).unwrap();
    let set = world.client.values_to_save("alice", "p1", MRN).unwrap();
    assert_eq!((set.values[0].value.as_str(), set.values[0].unit.as_deref()), ("79.83225712", Some("kg")));
    world.client.confirm_saved("p1", MRN, &set.save_id).unwrap();
    let saved = world.client.decided("alice", "p1", MRN).unwrap();
    assert!(saved[0].value.is_empty() && saved[0].original_value.is_none(), "nothing clinical stays");
}

#[test]
fn a_decision_on_a_measured_value_is_not_a_decision_on_a_converted_one() {
    let world = clinic(&mixed(), json!({}));
    let seen = with_units(&world, "29463-7,,weight,,MIN,,kg\n");
    let seen = seen.rows.iter().find(|row| row.resource_id == "o2").unwrap().decision();
    let mut document = world.document();
    document["sources"][0]["policy"]["convert_units"] = json!(true);
    let other = world.other_client(&document);
    let mapping = Mapping::from_csv(&format!("{HEADER},unit\n29463-7,,weight,,MIN,,kg\n")).unwrap();
    other.pull(&PullRequest { mapping, ..request("alice", MRN, "birthDate,,dob,,,\n") }).unwrap();
    let decisions = Decisions { accept: vec![seen], reject: Vec::new() };
    let refused = world.client.adjudicate("alice", "p1", MRN, &decisions).unwrap_err();
    assert_eq!(refused.code(), fhir_ehr::Code::RowConflict);
}

#[test]
fn a_limit_is_staged_and_no_numeric_rule_marks_it() {
    let mut limit = quantity("200", "mg/dL");
    limit["valueQuantity"]["comparator"] = json!(">");
    let range = json!({"valueRange": {"high": {"value": 30, "unit": "mg/dL"}}});
    for (value, text) in [(limit, ">200"), (range, "<=30")] {
        let world = clinic(&[observation("o1", "2345-7", "2024-03-15", value)], json!({}));
        for (rule, count) in [("MIN", 0), ("MAX", 0), ("FIRST", 1), ("LAST", 1), ("", 1)] {
            let pulled = pulled(&world, &format!("2345-7,,glucose,,{rule},\n"));
            assert_eq!(
                (pulled.rows[0].value.as_str(), pulled.rows[0].unit.as_deref()),
                (text, Some("mg/dL"))
            );
            assert_eq!((marked(&pulled).len(), reasons(&pulled).len()), (count, 1 - count), "{rule}");
        }
    }
}

#[test]
fn a_corrected_result_is_marked_and_each_row_has_its_resources_status() {
    let glucose = |id: &str, value: &str, status: &str| {
        let mut change = quantity(value, "mg/dL");
        change["status"] = json!(status);
        observation(id, "2345-7", "2024-03-15T10:00:00Z", change)
    };
    let world = clinic(&[glucose("a", "190", "final"), glucose("b", "90", "corrected")], json!({}));
    for rule in ["", "MAX", "MIN", "FIRST", "LAST"] {
        let pulled = pulled(&world, &format!("2345-7,,glucose,,{rule},\n"));
        assert_eq!(marked(&pulled), ["b"], "{rule}");
        let statuses: Vec<_> = pulled.rows.iter().map(|row| row.resource_status.as_deref()).collect();
        assert_eq!(statuses, [Some("final"), Some("corrected")]);
    }
}

#[test]
fn a_component_is_found_by_its_own_code_in_each_panel_of_the_catalog() {
    let panel = |id: &str, code: &str, parts: &[&str]| {
        let part = |code: &&str| {
            let mut part = quantity("70", "mm[Hg]");
            part["code"] = json!({"coding": [{"system": "http://loinc.org", "code": code}]});
            part
        };
        let parts: Vec<Value> = parts.iter().map(part).collect();
        observation(id, code, "2024-03-15", json!({"component": parts}))
    };
    for (code, part) in [
        ("85354-9", "8480-6"),
        ("85354-9", "8462-4"),
        ("55284-4", "8480-6"),
        ("55284-4", "8462-4"),
        ("96607-7", "96608-5"),
        ("96607-7", "96609-3"),
        ("59408-5", "3150-6"),
        ("59408-5", "3151-8"),
        ("2708-6", "3150-6"),
        ("2708-6", "3151-8"),
    ] {
        let world = clinic(&[panel("o", code, &[part])], json!({}));
        let pulled = pulled(&world, &format!("{part},,x,,,\n"));
        assert_eq!(marked(&pulled), ["o"], "{part} in {code}");
    }
}

#[test]
fn one_observation_with_the_codes_of_two_lines_is_one_candidate_of_their_field() {
    let mut both = quantity("98", "%");
    both["code"] = json!({"coding": [
        {"system": "http://loinc.org", "code": "59408-5"}, {"system": "http://loinc.org", "code": "2708-6"}]});
    let world = clinic(&[observation("o", "59408-5", "2024-03-15", both)], json!({}));
    let same = pulled(&world, "59408-5,,spo2,,,\n2708-6,,spo2,,,\n");
    assert_eq!((same.rows.len(), marked(&same)), (1, vec!["o"]));
    let two = pulled(&world, "59408-5,,spo2,,,\n2708-6,,sao2,,,\n");
    assert_eq!(marked(&two), ["o", "o"], "two fields are two places");
}

#[test]
fn the_same_id_with_different_content_is_reported_and_not_complete() {
    let world = clinic(&mixed(), json!({}));
    let entry = |value: &str| {
        let resource: Value = serde_json::from_str(&weight("o1", "2024-03-15", value, "kg")).unwrap();
        json!({"resource": resource})
    };
    for (second, differently, status) in
        [("80", 0, ResourceStatus::Complete), ("81", 1, ResourceStatus::Partial)]
    {
        let bundle =
            json!({"resourceType": "Bundle", "type": "searchset", "entry": [entry("80"), entry(second)]});
        world.sim.clear_faults();
        world.sim.set_fault(&format!("fhir-body:{bundle}@Observation")).unwrap();
        let pulled = pulled(&world, "29463-7,,weight,,MAX,\n");
        let report = &pulled.report.resources["Observation"];
        assert_eq!((report.repeated, report.repeated_differently), (1, differently));
        assert_eq!(report.status, status, "{report:?}");
        if differently > 0 {
            assert!(report.reason.as_deref().unwrap().contains("the same id with different content"));
        }
    }
}
