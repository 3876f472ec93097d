//! A record has values of one patient only, in any order of pulls, corrections and concurrent calls.

mod common;

use common::{Fixture, REDIRECT, SESSION, patient, query_of, request, resources, weight};
use ehr_sim::{FhirRelease, Options};
use fhir_ehr::{Client, Code, Decisions, PullRequest, RowState, StagedRow, TextMode};
use proptest::prelude::*;
use serde_json::json;
use std::sync::atomic::Ordering;

const LINES: &str = "29463-7,,weight,,MAX,\nname-family,,name,,,\n";
const RECORD: &str = "r1";

fn family(mrn: &str) -> &'static str {
    if mrn == "M-1" { "F-p1" } else { "F-p2" }
}

/// Two patients, and a user who can read both.
fn two_patients() -> Fixture {
    let fixture = Fixture::new(resources(&texts().iter().map(String::as_str).collect::<Vec<_>>()));
    fixture.launch("p1", "alice");
    fixture
}

fn texts() -> Vec<String> {
    vec![
        patient("p1", "M-1"),
        patient("p2", "M-2"),
        weight("w1", "p1", "2020-01-01", "51"),
        weight("w2", "p2", "2020-01-01", "52"),
    ]
}

fn pull_for(mrn: &str) -> PullRequest {
    PullRequest { record: RECORD.into(), ..request("alice", mrn, LINES) }
}

fn pull(client: &Client, mrn: &str) -> Result<Vec<StagedRow>, Code> {
    client.pull(&pull_for(mrn)).map(|pulled| pulled.rows).map_err(|error| error.code())
}

fn staged(client: &Client) -> Vec<StagedRow> {
    client.staged("alice", "p1", Some(RECORD)).unwrap()
}

fn accept(client: &Client, rows: &[StagedRow]) -> Result<usize, Code> {
    let accept = rows.iter().map(StagedRow::decision).collect();
    let decisions = Decisions { accept, reject: Vec::new() };
    client.adjudicate("alice", "p1", RECORD, &decisions).map_err(|error| error.code())
}

fn clear(client: &Client) -> usize {
    client.clear_pending("alice", "p1", RECORD).unwrap()
}

#[test]
fn a_record_is_bound_to_the_patient_of_its_first_row() {
    let fixture = two_patients();
    let client = &fixture.client;
    let first = pull(client, "M-1").unwrap();
    assert_eq!(first.len(), 2);
    let error = client.pull(&pull_for("M-2")).unwrap_err();
    assert_eq!(error.code(), Code::RecordBound);
    assert!(error.hint_text().unwrap().contains("MRN") && !error.to_string().contains("M-2"));
    let names = |rows: &[StagedRow]| {
        let mut names: Vec<String> = rows.iter().map(StagedRow::decision).collect();
        names.sort();
        names
    };
    assert_eq!(names(&staged(client)), names(&first), "the refused pull changed nothing");
    assert_eq!(names(&pull(client, "M-1").unwrap()), names(&first));
    // The MRN was wrong: clear_pending deletes the pending rows, and the next pull binds the record again.
    assert_eq!(clear(client), 2);
    let second = pull(client, "M-2").unwrap();
    assert!(second.iter().any(|row| row.value == "F-p2"));
    assert_eq!(pull(client, "M-1"), Err(Code::RecordBound));
}

#[test]
fn a_record_with_accepted_or_saved_values_stays_bound_until_they_are_removed() {
    let fixture = two_patients();
    let client = &fixture.client;
    let rows = pull(client, "M-1").unwrap();
    accept(client, &rows).unwrap();
    assert_eq!(clear(client), 0);
    assert_eq!(pull(client, "M-2"), Err(Code::RecordBound), "accepted");
    let set = client.values_to_save("alice", "p1", RECORD).unwrap();
    assert_eq!(clear(client), 0);
    assert_eq!(pull(client, "M-2"), Err(Code::RecordBound), "handed out");
    client.confirm_saved("p1", RECORD, &set.save_id).unwrap();
    assert_eq!(clear(client), 0);
    assert_eq!(pull(client, "M-2"), Err(Code::RecordBound), "saved");
    let decided = client.decided("alice", "p1", RECORD).unwrap();
    let keys: Vec<String> = decided.iter().map(|row| row.key.clone()).collect();
    assert_eq!(client.remove_saved("alice", "p1", RECORD, &keys).unwrap(), 2);
    let set = client.values_to_save("alice", "p1", RECORD).unwrap();
    assert!(set.values.iter().all(|value| value.value.is_empty()), "the host empties the fields: {set:?}");
    assert_eq!(pull(client, "M-2"), Err(Code::RecordBound), "the host has not confirmed it");
    client.confirm_saved("p1", RECORD, &set.save_id).unwrap();
    clear(client);
    assert_eq!(pull(client, "M-2").unwrap().len(), 2);
}

#[test]
fn rejected_values_do_not_keep_a_record_bound() {
    let fixture = two_patients();
    let client = &fixture.client;
    let rows = pull(client, "M-1").unwrap();
    let reject = rows.iter().map(StagedRow::decision).collect();
    client.adjudicate("alice", "p1", RECORD, &Decisions { accept: Vec::new(), reject }).unwrap();
    assert_eq!(pull(client, "M-2"), Err(Code::RecordBound), "only a user call releases a record");
    assert_eq!(clear(client), 0);
    let rows = pull(client, "M-2").unwrap();
    assert_eq!(
        accept(client, &rows).unwrap(),
        2,
        "the marks of the other patient's rejected values do not block the record"
    );
}

#[test]
fn only_one_of_two_simultaneous_pulls_binds_the_record() {
    for _ in 0..10 {
        let fixture = two_patients();
        let document = fixture.document();
        let start = &std::sync::Barrier::new(4);
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let (fixture, document) = (&fixture, &document);
            let threads: Vec<_> = ["M-1", "M-2", "M-1", "M-2"]
                .into_iter()
                .map(|mrn| {
                    scope.spawn(move || {
                        let client = fixture.other_client(document);
                        start.wait();
                        (mrn, pull(&client, mrn).map(|rows| rows.len()))
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let rows = staged(&fixture.client);
        let names: Vec<&str> =
            rows.iter().filter(|row| row.study_field == "name").map(|row| row.value.as_str()).collect();
        assert_eq!((rows.len(), names.len()), (2, 1), "{outcomes:?}");
        for (mrn, outcome) in &outcomes {
            let expected = if names == [family(mrn)] { Ok(2) } else { Err(Code::RecordBound) };
            assert_eq!(*outcome, expected, "{outcomes:?}");
        }
    }
}

#[test]
fn partial_answers_changed_mappings_and_missing_dates_do_not_release_a_record() {
    for fault in ["fhir-status:403@Observation", "total-plus:1@Observation", "outcome-in-searchset"] {
        let fixture = two_patients();
        pull(&fixture.client, "M-1").unwrap();
        fixture.sim.set_fault(fault).unwrap();
        assert_eq!(pull(&fixture.client, "M-2"), Err(Code::RecordBound), "{fault}");
        assert_eq!(staged(&fixture.client).len(), 2, "{fault}");
    }
    for lines in ["gender,,sex,,,\n", "29463-7,,weight,visit_date,MAX,\n"] {
        let fixture = two_patients();
        pull(&fixture.client, "M-1").unwrap();
        let other = PullRequest { record: RECORD.into(), ..request("alice", "M-2", lines) };
        assert_eq!(fixture.client.pull(&other).unwrap_err().code(), Code::RecordBound, "{lines}");
        let rows = staged(&fixture.client);
        assert!(rows.len() == 2 && rows.iter().all(|row| row.value != "52"), "{lines}");
    }
}

#[test]
fn a_pull_without_rows_does_not_bind_the_record() {
    let fixture = two_patients();
    let empty = PullRequest { record: RECORD.into(), ..request("alice", "M-1", "8302-2,,height,,,\n") };
    assert!(fixture.client.pull(&empty).unwrap().rows.is_empty());
    assert_eq!(pull(&fixture.client, "M-2").unwrap().len(), 2);
}

/// A configuration with two simulators as two sources, and one store.
fn two_sources(second: Options) -> (Fixture, Fixture, Client) {
    let first = two_patients();
    let other = Fixture::new(second);
    let mut document = first.document();
    let from = other.document();
    let mut added = from["sources"][0].clone();
    added["id"] = json!("other");
    for mut registration in from["registrations"].as_array().unwrap().clone() {
        let id = format!("other {}", registration["id"].as_str().unwrap());
        for name in ["registration", "system_registration"] {
            if added[name] == registration["id"] {
                added[name] = json!(id);
            }
        }
        registration["id"] = json!(id);
        document["registrations"].as_array_mut().unwrap().push(registration);
    }
    document["sources"].as_array_mut().unwrap().push(added);
    let client = first.other_client(&document);
    let address = client.sign_in("other", "alice", SESSION, REDIRECT).expect("a sign-in");
    let callback = other.sim.approve_with_patient(&address, "p1").expect("a callback");
    client.handle_launch(&query_of(&callback), SESSION, REDIRECT).expect("signed in");
    (first, other, client)
}

#[test]
fn two_sources_of_one_hospital_share_a_record_and_two_hospitals_do_not() {
    let own = texts();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let elsewhere: Vec<String> =
        texts().iter().map(|text| text.replace("urn:oid:1.2.3", "urn:oid:9.9.9")).collect();
    let elsewhere: Vec<&str> = elsewhere.iter().map(String::as_str).collect();
    for (name, options, fits) in [
        ("R4", resources(&own), true),
        ("DSTU2", Options { fhir: FhirRelease::Dstu2, ..resources(&own) }, true),
        ("another hospital with the same digits", resources(&elsewhere), false),
    ] {
        let (_first, _other, client) = two_sources(options);
        pull(&client, "M-1").unwrap();
        let from_other = PullRequest { source: "other".into(), ..pull_for("M-1") };
        let outcome = client.pull(&from_other).map_err(|error| error.code());
        assert_eq!(outcome.as_ref().err(), (!fits).then_some(&Code::RecordBound), "{name}");
        let rows = staged(&client);
        assert_eq!(rows.len(), if fits { 4 } else { 2 }, "{name}");
        assert!(rows.iter().all(|row| row.value != "F-p2" && row.value != "52"), "{name}");
        // The two charts are one patient. The other patient of each source is refused.
        for source in ["sim", "other"] {
            let wrong = PullRequest { source: source.into(), ..pull_for("M-2") };
            assert!(client.pull(&wrong).is_err(), "{name}: {source}");
        }
    }
}

/// The chart with MRN M-1 is merged into p9, whose MRN is M-9 with M-1 as an old one.
fn merged_charts() -> Vec<String> {
    let old = patient("p1", "M-1").replacen(
        '{',
        r#"{"active": false, "link": [{"type": "replaced-by", "other": {"reference": "Patient/p9"}}], "#,
        1,
    );
    let survivor = patient("p9", "M-9").replacen(
        r#""identifier": ["#,
        r#""link": [{"type": "replaces", "other": {"reference": "Patient/p1"}}],
           "identifier": [{"use": "old", "system": "urn:oid:1.2.3", "value": "M-1"}, "#,
        1,
    );
    vec![old, survivor, weight("w1", "p9", "2020-01-01", "51")]
}

#[test]
fn the_surviving_chart_of_a_merge_joins_the_record_and_no_decided_value_is_staged_again() {
    let fixture = two_patients();
    let client = &fixture.client;
    let rows = pull(client, "M-1").unwrap();
    let weight = rows.iter().find(|row| row.study_field == "weight").unwrap();
    accept(client, std::slice::from_ref(weight)).unwrap();
    for text in merged_charts() {
        fixture.sim.put_resource(&text).unwrap();
    }
    for mrn in ["M-1", "M-9"] {
        let pulled = client.pull(&pull_for(mrn)).unwrap();
        assert_eq!(pulled.patient_id, "p9", "{mrn}");
        let weight = pulled.rows.iter().find(|row| row.study_field == "weight").unwrap();
        assert_eq!((weight.state, weight.value.as_str()), (RowState::Accepted, "51"), "{mrn}");
        let names: Vec<&str> =
            staged(client).iter().filter(|row| row.study_field == "name").map(|_| "name").collect();
        assert_eq!(names.len(), 1, "{mrn}: the name of the chart in use");
    }
    assert_eq!(pull(client, "M-2"), Err(Code::RecordBound));
}

#[test]
fn the_replaced_chart_of_a_merge_is_never_pulled() {
    for (name, charts) in [
        ("both match", merged_charts()),
        ("only the old one is found", vec![merged_charts().remove(0).replace("Patient/p9", "Patient/p404")]),
        ("no link", vec![patient("p1", "M-1").replacen('{', r#"{"active": false, "#, 1)]),
    ] {
        let texts: Vec<&str> = charts.iter().map(String::as_str).collect();
        let fixture = Fixture::new(resources(&texts));
        fixture.launch("p1", "alice");
        let outcome = fixture.client.pull(&pull_for("M-1"));
        if charts.len() > 1 {
            assert_eq!(outcome.unwrap().patient_id, "p9", "{name}");
        } else {
            let error = outcome.unwrap_err();
            let expected = if name == "no link" { Code::PatientChartReplaced } else { Code::FhirError };
            assert_eq!(error.code(), expected, "{name}: {error}");
            assert!(staged(&fixture.client).is_empty());
        }
    }
}

#[test]
fn a_sign_in_from_a_replaced_chart_gives_an_error_that_names_the_merge() {
    let fixture = two_patients();
    for text in merged_charts() {
        fixture.sim.put_resource(&text).unwrap();
    }
    let from_old_chart = PullRequest { launch_patient: Some("p1".into()), ..pull_for("M-1") };
    let error = fixture.client.pull(&from_old_chart).unwrap_err();
    assert_eq!(error.code(), Code::PatientChartReplaced);
    assert!(
        error.hint_text().unwrap().contains("was merged into another one. Open the application"),
        "{error}"
    );
    let from_present_chart = PullRequest { launch_patient: Some("p9".into()), ..pull_for("M-1") };
    let pulled = fixture.client.pull(&from_present_chart).unwrap();
    assert_eq!(pulled.patient_id, "p9");
    let report = &pulled.report.warnings;
    assert!(
        report.iter().any(|text| text.contains("was merged") && text.contains("present MRN")),
        "{report:?}"
    );
    assert!(pulled.report.merged);
    let from_other_chart = PullRequest { launch_patient: Some("p2".into()), ..pull_for("M-1") };
    assert_eq!(fixture.client.pull(&from_other_chart).unwrap_err().code(), Code::PatientMismatch);
}

#[test]
fn the_old_mrn_finds_the_surviving_chart_and_a_record_of_the_old_chart_gives_an_error_with_a_hint() {
    // The EHR has only the surviving chart, without a link to the replaced one.
    let survivor =
        merged_charts()[1].replace(r#"{"type": "replaces", "other": {"reference": "Patient/p1"}}"#, "");
    let gone = patient("p1", "M-404").replacen('{', r#"{"active": false, "#, 1);
    let fixture = two_patients();
    let rows = pull(&fixture.client, "M-1").unwrap();
    accept(&fixture.client, &rows[..1]).unwrap();
    for text in [&survivor, &gone] {
        fixture.sim.put_resource(text).unwrap();
    }
    let error = fixture.client.pull(&pull_for("M-1")).unwrap_err();
    assert_eq!(error.code(), Code::RecordBound);
    assert!(error.hint_text().unwrap().contains("the charts may have been merged"), "{error}");
    // A record without values of the replaced chart accepts the surviving one.
    let other = PullRequest { record: "another record".into(), ..pull_for("M-1") };
    assert_eq!(fixture.client.pull(&other).unwrap().patient_id, "p9");
}

#[test]
fn a_record_with_values_of_two_patients_is_not_shown_and_can_be_cleared() {
    let fixture = two_patients();
    let client = &fixture.client;
    let of_two = |text: TextMode| PullRequest { text, ..pull_for("M-2") };
    // A release without bindings could leave this: rows of one patient without a binding, and rows of another patient.
    let file = rusqlite::Connection::open(fixture.folder.path().join("store")).unwrap();
    let forget = || file.execute("DELETE FROM record WHERE kind = 'record_binding'", []).unwrap();
    let hide = |from: &str, to: &str| {
        file.execute("UPDATE record SET kind = ?2 WHERE kind = ?1", [from, to]).unwrap();
    };
    let rows = pull(client, "M-1").unwrap();
    accept(client, &rows[..1]).unwrap();
    hide("staged_row", "hidden");
    forget();
    client.pull(&of_two(TextMode::Exact)).unwrap();
    hide("hidden", "staged_row");
    for binding in [true, false] {
        if !binding {
            forget();
        }
        let code = client.staged("alice", "p1", Some(RECORD)).unwrap_err().code();
        assert_eq!(code, Code::RecordMixed);
        assert_eq!(client.decided("alice", "p1", RECORD).unwrap_err().code(), Code::RecordMixed);
        assert_eq!(client.values_to_save("alice", "p1", RECORD).unwrap_err().code(), Code::RecordMixed);
        assert_eq!(accept(client, &rows[1..]), Err(Code::RecordMixed));
        assert_eq!(
            pull(client, "M-1").unwrap_err(),
            if binding { Code::RecordBound } else { Code::RecordMixed }
        );
        assert!(
            client.staged("alice", "p1", None).unwrap().is_empty(),
            "the list of the project leaves the record out"
        );
    }
    assert_eq!(clear(client), 4, "nothing shows which patient the accepted value belongs to");
    assert_eq!(pull(client, "M-1").unwrap().len(), 2);
}

#[derive(Clone, Debug)]
enum Call {
    Pull { mrn: bool, fault: Option<&'static str>, writes: Option<i64> },
    Accept(usize),
    Reject(usize),
    HandOut,
    Settle(bool),
    Reopen(usize),
    Remove(usize),
    Clear,
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let fault = prop_oneof![
        4 => Just(None),
        1 => Just(Some("total-plus:1@Observation")),
        1 => Just(Some("fhir-status:403@Observation")),
        1 => Just(Some("other-patient")),
        1 => Just(Some("two-patients")),
    ];
    let writes = prop_oneof![4 => Just(None), 1 => (0i64..5).prop_map(Some)];
    let call = prop_oneof![
        6 => (any::<bool>(), fault, writes).prop_map(|(mrn, fault, writes)| Call::Pull { mrn, fault, writes }),
        3 => (0usize..4).prop_map(Call::Accept),
        1 => (0usize..4).prop_map(Call::Reject),
        2 => Just(Call::HandOut),
        2 => any::<bool>().prop_map(Call::Settle),
        1 => (0usize..4).prop_map(Call::Reopen),
        1 => (0usize..4).prop_map(Call::Remove),
        2 => Just(Call::Clear),
    ];
    prop::collection::vec(call, 1..16)
}

/// The patient that a value belongs to. Every value in the test data names its patient.
fn owner(value: &str) -> Option<char> {
    value.chars().last().filter(|_| !value.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_calls_hands_out_two_patients(calls in calls()) {
        let fixture = two_patients();
        let client = &fixture.client;
        let keys = |rows: Vec<StagedRow>, at: usize| rows.get(at).map(|row| row.key.clone()).into_iter().collect::<Vec<_>>();
        let mut out: Option<String> = None;
        // The values in the host's record.
        let mut record: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
        let mut handed: Vec<(String, String)> = Vec::new();
        for call in calls {
            match call {
                Call::Pull { mrn, fault, writes } => {
                    if let Some(fault) = fault { fixture.sim.set_fault(fault).unwrap(); }
                    fixture.writes_left.store(writes.unwrap_or(i64::MAX), Ordering::SeqCst);
                    let _ = pull(client, if mrn { "M-1" } else { "M-2" });
                    fixture.writes_left.store(i64::MAX, Ordering::SeqCst);
                    fixture.unreachable.store(false, Ordering::SeqCst);
                    fixture.sim.clear_faults();
                }
                Call::Accept(at) => { let _ = accept(client, &staged(client).into_iter().skip(at).take(1).collect::<Vec<_>>()); }
                Call::Reject(at) => {
                    let reject = keys(staged(client), at);
                    let _ = client.adjudicate("alice", "p1", RECORD, &Decisions { accept: Vec::new(), reject });
                }
                Call::HandOut if out.is_none() => {
                    let set = client.values_to_save("alice", "p1", RECORD).unwrap();
                    if !set.save_id.is_empty() {
                        handed = set.values.iter().map(|one| (one.study_field.clone(), one.value.clone())).collect();
                        out = Some(set.save_id);
                    }
                }
                Call::Settle(saved) => if let Some(save_id) = out.take() {
                    if saved {
                        client.confirm_saved("p1", RECORD, &save_id).unwrap();
                        record.extend(handed.drain(..));
                    } else {
                        client.return_unsaved("p1", RECORD, &save_id).unwrap();
                    }
                },
                Call::Reopen(at) => { let _ = client.reopen("alice", "p1", RECORD, &keys(staged(client), at)); }
                Call::Remove(at) => {
                    let decided = client.decided("alice", "p1", RECORD).unwrap();
                    let _ = client.remove_saved("alice", "p1", RECORD, &keys(decided, at));
                }
                Call::Clear => { clear(client); }
                Call::HandOut => {}
            }
            let mut owners: Vec<char> = staged(client).iter().filter_map(|row| owner(&row.value)).collect();
            owners.extend(record.values().filter_map(|value| owner(value)));
            owners.sort_unstable();
            owners.dedup();
            prop_assert!(owners.len() <= 1, "{owners:?}");
        }
    }
}
