//! What REDCap itself stored for known patients (the corpus' redcap_oracle), and nothing else than that.

mod common;

use common::{World, corpus, request, with_date};
use ehr_sim::{DataSource, Options, Personality};
use fhir_ehr::{PullRequest, StagedRow, TextMode};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Each oracle document with a world that serves its patient.
fn each_oracle(test: &str, check: impl Fn(&World, &Value)) {
    let Some(corpus) = corpus(test) else { return };
    let mut seen = 0;
    for entry in std::fs::read_dir(corpus.join("redcap_oracle")).expect("redcap_oracle") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a document");
        let oracle: Value = serde_json::from_str(&text).expect("JSON");
        let data = vec![corpus.join(oracle["file"].as_str().expect("file"))];
        for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
            check(&world(data.clone(), personality), &oracle);
        }
        seen += 1;
    }
    assert!(seen >= 2, "both patients");
}

fn world(data: Vec<PathBuf>, personality: Personality) -> World {
    assert!(data.iter().all(|path| Path::new(path).exists()));
    World::new(Options { personality, data: DataSource::Paths(data), ..Options::default() })
}

fn pulled(world: &World, oracle: &Value, request: impl Fn(&str) -> PullRequest) -> Vec<StagedRow> {
    let mrn = oracle["mrn"].as_str().expect("mrn");
    world.launch(&world.patient_with(mrn), "alice");
    let pulled = world.client.pull(&request(mrn)).expect("a pull");
    assert!(pulled.report.is_complete(), "{:?}", pulled.report);
    pulled.rows
}

fn value<'a>(rows: &'a [StagedRow], field: &str) -> &'a str {
    let found: Vec<&StagedRow> = rows.iter().filter(|row| row.study_field == field).collect();
    assert_eq!(found.len(), 1, "{field}");
    &found[0].value
}

#[test]
fn every_demographic_value_is_what_redcap_stored() {
    const FIELDS: [(&str, &str); 14] = [
        ("name-given", "first_name"),
        ("name-family", "last_name"),
        ("birthDate", "dob"),
        ("gender", "sex"),
        ("race", "race"),
        ("race_all_codes", "race_all_codes"),
        ("ethnicity", "ethnicity"),
        ("address-line", "address_line"),
        ("address-city", "address_city"),
        ("address-state", "address_state"),
        ("address-postalCode", "address_postalcode"),
        ("address-country", "address_country"),
        ("phone-home", "phone_home"),
        ("marital-status", "marital_status"),
    ];
    each_oracle("every_demographic_value_is_what_redcap_stored", |world, oracle| {
        let mut lines: String =
            FIELDS.iter().map(|(field, target)| format!("{field},,{target},,,\n")).collect();
        lines.push_str("deceasedBoolean,,is_deceased,,,\n");
        let rows = pulled(world, oracle, |mrn| request("alice", mrn, &lines));
        let stored = &oracle["cdm_demographics"];
        for (_, target) in FIELDS.iter().chain(&[("", "is_deceased")]) {
            assert_eq!(Some(value(&rows, target)), stored[target].as_str(), "{target}");
        }
        assert_eq!(rows[0].resource_id, stored["patient_fhir_id"].as_str().unwrap());
    });
}

#[test]
fn the_preselected_values_are_those_redcap_saved() {
    each_oracle("the_preselected_values_are_those_redcap_saved", |world, oracle| {
        let cdp = &oracle["cdp"];
        let Some(csv) = cdp["mapping_csv"].as_str() else { return };
        let mapping = fhir_ehr::Mapping::from_csv(csv).unwrap();
        let plain = |mrn: &str| PullRequest {
            mapping: mapping.clone(),
            ..request("alice", mrn, "birthDate,,dob,,,\n")
        };

        let rows = pulled(world, oracle, plain);
        let without_date = &cdp["without_visit_date"];
        assert_eq!(rows.len() as u64, without_date["new_items"].as_u64().unwrap());
        for (target, stored) in without_date["saved"].as_object().unwrap() {
            assert_eq!(Some(value(&rows, target)), stored.as_str());
        }

        let expected = cdp["visit_date_2017-07-14_offset_365_plusminus"]["preselected"].as_object().unwrap();
        let chosen = |text: TextMode| {
            let rows = pulled(world, oracle, |mrn| PullRequest {
                text,
                ..with_date(plain(mrn), "visit_date", "2017-07-14", 365)
            });
            let also = cdp["also_selectable_radio_in_window"]["body_weight"].as_str().unwrap();
            if text == TextMode::Php14 {
                assert!(
                    rows.iter()
                        .any(|row| row.study_field == "body_weight" && row.value == also && !row.preselected)
                );
            }
            let chosen =
                rows.into_iter().filter(|row| row.preselected && expected.contains_key(&row.study_field));
            chosen.map(|row| (row.study_field, row.value)).collect::<Vec<_>>()
        };
        let php14 = chosen(TextMode::Php14);
        assert_eq!(php14.len(), expected.len());
        for (target, stored) in &php14 {
            assert_eq!(Some(stored.as_str()), expected[target].as_str(), "{target}");
        }
        let exact = [("body_weight", "96.90476228975749"), ("na", "143.57605784691222")];
        assert_eq!(chosen(TextMode::Exact), exact.map(|(target, text)| (target.to_owned(), text.to_owned())));
    });
}

#[test]
fn the_vital_signs_of_july_are_the_six_rows_redcap_stored() {
    each_oracle("the_vital_signs_of_july_are_the_six_rows_redcap_stored", |world, oracle| {
        let Some(instances) = oracle["cdm_vitals_window_2017-07-01_2017-07-31"]["instances"].as_array()
        else {
            return;
        };
        let rows_in = |text: TextMode| {
            pulled(world, oracle, |mrn| PullRequest {
                text,
                ..with_date(request("alice", mrn, "vital-signs,,vitals,month,,\n"), "month", "2017-07-16", 15)
            })
        };
        let told = |rows: &[StagedRow]| {
            let mut told: Vec<(String, String)> = rows
                .iter()
                .map(|row| (row.timestamp.clone().unwrap(), row.display.clone().unwrap()))
                .collect();
            told.sort();
            told
        };
        let mut stored: Vec<(String, String)> = instances
            .iter()
            .map(|one| {
                ["vitals_time", "vitals_label"].map(|name| one[name].as_str().unwrap().to_owned()).into()
            })
            .collect();
        stored.sort();
        assert_eq!(told(&rows_in(TextMode::Php14)), stored);
        let exact = told(&rows_in(TextMode::Exact));
        assert_eq!(exact.len(), 6);
        assert!(
            exact.iter().all(|(time, _)| time.ends_with(":52+00:00")),
            "seconds and offset are kept: {exact:?}"
        );
    });
}
