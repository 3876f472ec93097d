//! A search is complete only if the answers prove it, and every received resource is a row or counted as discarded.

mod common;

use common::{Fixture, corpus, patient, request, resources, weight};
use ehr_sim::{DataSource, FhirRelease, Options, Personality};
use fhir_ehr::{Code, Decisions, PullReport, PullRequest, ResourceReport, ResourceStatus, field_catalog};
use serde_json::json;

const MRN: &str = "M-1";
const LINES: &str = "29463-7,,weight,,MAX,\nactive-problem-list,,problems,,,\ngender,,sex,,,\n";

fn problem(id: &str) -> String {
    format!(
        r#"{{"resourceType": "Condition", "id": "{id}", "subject": {{"reference": "Patient/p1"}}, "code": {{"text": "Asthma"}},
            "clinicalStatus": {{"coding": [{{"code": "active"}}]}}}}"#
    )
}

/// A patient with two weights and a problem, and a signed-in user.
fn signed_in_fixture(options: Options) -> Fixture {
    let texts = [
        patient("p1", MRN),
        weight("w1", "p1", "2020-01-01", "50"),
        weight("w2", "p1", "2020-01-02", "60"),
        problem("c1"),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let fixture = Fixture::new(Options { data: resources(&texts).data, ..options });
    fixture.launch("p1", "alice");
    fixture
}

/// `state value` of every row of the record, in any state.
fn states(fixture: &Fixture) -> Vec<String> {
    let mut rows = fixture.client.staged("alice", "p1", Some(MRN)).unwrap();
    rows.extend(fixture.client.decided("alice", "p1", MRN).unwrap());
    let mut words: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {} {}", row.study_field, row.state.name(), row.ehr_state.name()))
        .collect();
    words.sort();
    words
}

fn bundle(entries: &[serde_json::Value]) -> String {
    let entries: Vec<_> = entries.iter().map(|resource| json!({"resource": resource})).collect();
    json!({"resourceType": "Bundle", "type": "searchset", "entry": entries}).to_string()
}

fn outcome(severity: &str, code: &str, vendor: Option<&str>) -> serde_json::Value {
    let details = vendor.map(|code| json!({"coding": [{"code": code}]}));
    json!({"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": code, "details": details}]})
}

/// Inconclusive answers to the Observation search, with the resulting status.
fn odd_answers() -> Vec<(String, ResourceStatus)> {
    let observation = |extra: serde_json::Value| {
        let mut resource: serde_json::Value =
            serde_json::from_str(&weight("w1", "p1", "2020-01-01", "50")).unwrap();
        for (name, value) in extra.as_object().unwrap() {
            if value.is_null() {
                resource.as_object_mut().unwrap().remove(name);
            } else {
                resource[name] = value.clone();
            }
        }
        resource
    };
    let body = |text: String| format!("fhir-body:{text}@Observation");
    let mut answers = vec![
        ("bundle-type:collection@Observation".to_owned(), ResourceStatus::Partial),
        ("bundle-type:batch-response@Observation".to_owned(), ResourceStatus::Partial),
        ("total-plus:1@Observation".to_owned(), ResourceStatus::Partial),
        ("status-of-success:206@Observation".to_owned(), ResourceStatus::Partial),
        ("status-of-success:203@Observation".to_owned(), ResourceStatus::Partial),
        ("outcome-in-searchset@Observation".to_owned(), ResourceStatus::Partial),
        ("fhir-status:404@Observation".to_owned(), ResourceStatus::Failed),
        ("fhir-status:403@Observation".to_owned(), ResourceStatus::Denied),
        ("fhir-status:410@Observation".to_owned(), ResourceStatus::Failed),
        ("empty-body@Observation".to_owned(), ResourceStatus::Failed),
    ];
    for (text, status) in [
        (json!({"resourceType": "Bundle"}).to_string(), ResourceStatus::Partial),
        (
            json!({"resourceType": "Bundle", "type": "searchset", "total": 1}).to_string(),
            ResourceStatus::Partial,
        ),
        (
            json!({"resourceType": "Bundle", "type": "searchset", "total": "some"}).to_string(),
            ResourceStatus::Partial,
        ),
        (bundle(&[outcome("warning", "suppressed", None)]), ResourceStatus::Partial),
        (bundle(&[outcome("information", "processing", Some("59204"))]), ResourceStatus::Partial),
        (bundle(&[json!({})]), ResourceStatus::Partial),
        (bundle(&[observation(json!({"id": null}))]), ResourceStatus::Partial),
        (bundle(&[observation(json!({"subject": null}))]), ResourceStatus::Partial),
        (bundle(&[observation(json!({"subject": {"display": "a patient"}}))]), ResourceStatus::Partial),
        (bundle(&[observation(json!({"resourceType": null}))]), ResourceStatus::Partial),
        (bundle(&[observation(json!({"resourceType": "Encounter"}))]), ResourceStatus::Partial),
        (json!({"resourceType": "CapabilityStatement"}).to_string(), ResourceStatus::Failed),
        (json!({"resourceType": "Parameters"}).to_string(), ResourceStatus::Failed),
        (json!({"resourceType": "Observation", "id": "w1"}).to_string(), ResourceStatus::Failed),
        (outcome("information", "informational", None).to_string(), ResourceStatus::Failed),
        (outcome("warning", "processing", Some("4101")).to_string(), ResourceStatus::Failed),
        (outcome("warning", "suppressed", None).to_string(), ResourceStatus::Denied),
        (outcome("information", "processing", Some("59204")).to_string(), ResourceStatus::Denied),
        (json!({"count": 1, "next": null, "results": []}).to_string(), ResourceStatus::Failed),
        (json!([]).to_string(), ResourceStatus::Failed),
        (json!("no").to_string(), ResourceStatus::Failed),
        ("null".to_owned(), ResourceStatus::Failed),
        ("<html></html>".to_owned(), ResourceStatus::Failed),
    ] {
        answers.push((body(text), status));
    }
    answers
}

#[test]
fn an_inconclusive_answer_is_never_complete_and_withdraws_nothing() {
    for accepted in [false, true] {
        let fixture = signed_in_fixture(Options::default());
        let rows = fixture.client.pull(&request("alice", MRN, LINES)).unwrap().rows;
        if accepted {
            let weight = rows.iter().find(|row| row.value == "60").unwrap();
            let accept = Decisions { accept: vec![weight.key.clone()], reject: Vec::new() };
            fixture.client.adjudicate("alice", "p1", MRN, &accept).unwrap();
        }
        let before = states(&fixture);
        for (fault, status) in odd_answers() {
            fixture.sim.set_fault(&fault).unwrap();
            let pulled = fixture.client.pull(&request("alice", MRN, LINES)).unwrap();
            fixture.sim.clear_faults();
            let entry = &pulled.report.resources["Observation"];
            assert_eq!(entry.status, status, "{fault}: {entry:?}");
            assert!(entry.reason.is_some() && entry.adds_up(), "{fault}: {entry:?}");
            assert!(!pulled.report.is_complete());
            for other in ["Condition", "Patient"] {
                assert_eq!(
                    pulled.report.resources[other].status,
                    ResourceStatus::Complete,
                    "{fault}: {other}"
                );
            }
            assert_eq!(states(&fixture), before, "{fault}");
        }
        assert!(fixture.client.pull(&request("alice", MRN, LINES)).unwrap().report.is_complete());
        assert_eq!(states(&fixture), before);
    }
}

#[test]
fn only_a_provably_complete_answer_withdraws_pending_values() {
    for (answer, gone) in [
        (bundle(&[]), true),
        (bundle(&[outcome("warning", "processing", Some("4101"))]), true),
        (bundle(&[outcome("warning", "suppressed", None)]), false),
        (json!({"resourceType": "Bundle", "type": "searchset", "total": 0}).to_string(), true),
        (json!({"resourceType": "Bundle", "type": "history", "total": 0}).to_string(), false),
    ] {
        let fixture = signed_in_fixture(Options::default());
        fixture.client.pull(&request("alice", MRN, LINES)).unwrap();
        fixture.sim.set_fault(&format!("fhir-body:{answer}@Observation")).unwrap();
        fixture.client.pull(&request("alice", MRN, LINES)).unwrap();
        let weights = states(&fixture).iter().filter(|row| row.starts_with("weight")).count();
        assert_eq!(weights == 0, gone, "{answer}");
    }
}

#[test]
fn a_source_may_declare_that_its_total_is_an_estimate() {
    for estimate in [false, true] {
        let texts = [patient("p1", MRN), weight("w1", "p1", "2020-01-01", "50")];
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let fixture = Fixture::with(
            resources(&texts),
            |document| document["sources"][0]["policy"] = json!({"total_is_estimate": estimate}),
            Box::new(fhir_ehr::AllowAll),
        );
        fixture.launch("p1", "alice");
        fixture.sim.set_fault("total-plus:2@Observation").unwrap();
        let report = fixture.client.pull(&request("alice", MRN, "29463-7,,weight,,MAX,\n")).unwrap().report;
        assert_eq!(report.is_complete(), estimate);
    }
}

#[test]
fn an_inconclusive_answer_to_the_patient_search_does_not_mean_that_the_patient_does_not_exist() {
    let fixture = signed_in_fixture(Options::default());
    let system = PullRequest { ..request("alice", MRN, LINES) };
    let code = |fault: &str| {
        fixture.sim.set_fault(fault).unwrap();
        let code = fixture.client.pull(&system).map(|pulled| pulled.report).map_err(|error| error.code());
        fixture.sim.clear_faults();
        code
    };
    let body = |text: String| format!("fhir-body:{text}@Patient");
    let withheld = bundle(&[outcome("warning", "suppressed", None)]);
    for (fault, expected) in [
        (body(bundle(&[])), Code::PatientNotFound),
        (body(withheld), Code::PatientSearchIncomplete),
        (body(json!({"resourceType": "Bundle"}).to_string()), Code::PatientSearchIncomplete),
        (
            body(json!({"resourceType": "Bundle", "type": "searchset", "total": 1}).to_string()),
            Code::PatientSearchIncomplete,
        ),
        (body(bundle(&[json!({"resourceType": "Patient"})])), Code::PatientSearchIncomplete),
        (body(bundle(&[json!({"id": "p1"})])), Code::PatientSearchIncomplete),
        (body(outcome("information", "informational", None).to_string()), Code::SearchNotAnswered),
        (body(outcome("warning", "suppressed", None).to_string()), Code::FhirDenied),
        (body(json!({"resourceType": "Parameters"}).to_string()), Code::SearchNotAnswered),
        (body("[]".to_owned()), Code::ResponseNotFhir),
    ] {
        assert_eq!(code(&fault).unwrap_err(), expected, "{fault}");
    }
    let found = code("total-plus:1@Patient").unwrap();
    let entry = &found.resources["Patient"];
    assert_eq!(
        entry.status,
        ResourceStatus::Partial,
        "the patient is verified, but there may be another one: {entry:?}"
    );
    assert!(!found.is_complete());
}

#[test]
fn a_failed_resource_type_does_not_fail_other_types_or_end_the_sign_in() {
    // With DSTU2 scopes, there is no refresh token.
    for fhir in [FhirRelease::Dstu2, FhirRelease::R4] {
        for status in [401, 403, 404, 500, 503] {
            let texts = [patient("p1", MRN), weight("w1", "p1", "2020-01-01", "50"), problem("c1")];
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let fixture = Fixture::with(
                Options { fhir, ..resources(&texts) },
                |document| document["limits"] = json!({"retries": 0}),
                Box::new(fhir_ehr::AllowAll),
            );
            fixture.launch("p1", "alice");
            fixture.sim.set_fault(&format!("fhir-status:{status}@Observation")).unwrap();
            for _ in 0..3 {
                let report = fixture.client.pull(&request("alice", MRN, LINES)).unwrap().report;
                let status_of = |name: &str| report.resources[name].status;
                assert_ne!(status_of("Observation"), ResourceStatus::Complete, "{status} {fhir:?}");
                assert_eq!(status_of("Condition"), ResourceStatus::Complete, "{status} {fhir:?}: {report:?}");
            }
            fixture.sim.clear_faults();
            let report = fixture.client.pull(&request("alice", MRN, LINES)).unwrap().report;
            assert!(report.is_complete(), "the sign-in still works: {status} {fhir:?} {report:?}");
        }
    }
}

#[test]
fn an_unreadable_chart_does_not_block_other_patients() {
    let texts = [patient("p1", MRN), patient("p2", "M-2")];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let fixture = Fixture::new(Options { fhir: FhirRelease::Dstu2, ..resources(&texts) });
    fixture.launch("p1", "alice");
    // The newer sign-in, which is tried first, is for a chart that cannot be read.
    fixture.clock.0.advance(5);
    fixture.launch("p2", "alice");
    fixture.sim.set_fault("fhir-status:403:1@Patient").unwrap();
    let pulled = fixture.client.pull(&request("alice", MRN, "gender,,sex,,,\n")).unwrap();
    assert_eq!((pulled.patient_id.as_str(), pulled.report.is_complete()), ("p1", true));
    // The MRN of the other chart is known by now, so only the failing sign-in is tried.
    fixture.sim.set_fault("fhir-status:403:1@Patient").unwrap();
    let error = fixture.client.pull(&request("alice", "M-2", "gender,,sex,,,\n")).unwrap_err();
    assert_eq!(error.code(), Code::FhirDenied, "the chart that failed is the reason: {error}");
}

#[test]
fn resources_without_a_row_are_named_on_request() {
    let texts = [
        patient("p1", MRN),
        weight("early", "p1", "2010-01-01", "50"),
        weight("good", "p1", "2020-01-01", "60"),
        weight("wrong", "p1", "2020-01-02", "70").replace("final", "entered-in-error"),
        weight("empty", "p1", "2020-01-02", "70").replace("valueQuantity", "noValue"),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let fixture = Fixture::new(resources(&texts));
    fixture.launch("p1", "alice");
    // A server that ignores the date parameter returns everything.
    let all: Vec<serde_json::Value> =
        texts[1..].iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    fixture.sim.set_fault(&format!("fhir-body:{}@Observation", bundle(&all))).unwrap();
    let lines = "29463-7,,weight,visit_date,MAX,\n";
    let plain = common::with_date(request("alice", MRN, lines), "visit_date", "2020-01-01", 3);
    let report = |explain: bool| {
        let request = PullRequest { explain, ..plain.clone() };
        fixture.client.pull(&request).unwrap().report.resources["Observation"].clone()
    };
    let entry = report(false);
    assert_eq!((entry.received, entry.with_rows, entry.status), (4, 1, ResourceStatus::Complete));
    assert!(entry.discarded_ids.is_empty());
    let entry = report(true);
    for (reason, id) in [("outside_window", "early"), ("entered_in_error", "wrong"), ("no_value", "empty")] {
        assert_eq!((entry.discarded[reason], &entry.discarded_ids[reason]), (1, &vec![id.to_owned()]));
    }
}

#[test]
fn a_discarded_resource_is_counted_under_its_reason() {
    let active = r#""clinicalStatus": {"coding": [{"code": "active"}]}"#;
    let with = |id: &str, rest: &str| problem(id).replace(active, rest);
    let order = |id: &str, rest: &str| {
        format!(
            r#"{{"resourceType": "MedicationRequest", "id": "{id}", "subject": {{"reference": "Patient/p1"}}, "status": "active",
                "medicationCodeableConcept": {{"text": "Aspirin"}}, {rest}}}"#
        )
    };
    let modifier = r#""modifierExtension": [{"url": "urn:x", "valueBoolean": true}]"#;
    let texts = [
        patient("p1", MRN),
        with("good", active),
        with(
            "odd",
            r#""clinicalStatus": {"coding": [{"system": "http://snomed.info/sct", "code": "55561003"}]}"#,
        ),
        with("ended", r#""abatementDateTime": "2020""#),
        with("local", r#""category": [{"coding": [{"system": "urn:oid:1.9.9", "code": "7"}]}]"#),
        with("visit", r#""category": [{"coding": [{"code": "encounter-diagnosis"}]}]"#),
        with(
            "wrong",
            r#""verificationStatus": {"coding": [{"system": "urn:x", "code": "x"}, {"code": "entered-in-error"}]}"#,
        ),
        order("given", r#""intent": "order""#),
        order("not", r#""doNotPerform": true"#),
        order("other", modifier),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let fixture = Fixture::new(resources(&texts));
    fixture.launch("p1", "alice");
    let lines = "active-problem-list,,problems,,,\nactive-medications-list,,drugs,,,\n";
    let pull = |lines: &str| {
        let request = PullRequest { explain: true, ..request("alice", MRN, lines) };
        let report = fixture.client.pull(&request).unwrap().report;
        assert!(report.is_complete(), "{report:?}");
        let ids = |name: &str| report.resources[name].discarded_ids.clone();
        (ids("Condition"), report.resources.get("MedicationRequest").map(|_| ids("MedicationRequest")))
    };
    let named = |expected: &[(&str, &[&str])]| {
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        expected.iter().map(|(reason, ids)| ((*reason).to_owned(), owned(ids))).collect()
    };
    let (conditions, orders) = pull(lines);
    assert_eq!(
        conditions,
        named(&[
            ("entered_in_error", &["wrong"]),
            ("not_mapped", &["visit"]),
            ("unknown_category", &["local"]),
            ("unknown_status", &["ended", "odd"]),
        ])
    );
    assert_eq!(orders, Some(named(&[("do_not_perform", &["not"]), ("unknown_modifier", &["other"])])));
    let (conditions, _) = pull("encounter-diagnosis-list,,visits,,,\n");
    assert_eq!(
        conditions,
        named(&[
            ("entered_in_error", &["wrong"]),
            ("not_mapped", &["ended", "good", "odd"]),
            ("unknown_category", &["local"]),
        ])
    );
}

/// A mapping of every field of the catalog, without a window.
fn everything() -> String {
    let fields = field_catalog().iter().filter(|field| field.name != "id");
    fields.enumerate().map(|(number, field)| format!("{},,f{number},,,\n", field.name)).collect()
}

fn check_sums(report: &PullReport, what: &str) -> usize {
    let mut received = 0;
    for (name, entry) in &report.resources {
        let entry: &ResourceReport = entry;
        assert!(entry.adds_up(), "{what}: {name}: {entry:?}");
        assert_eq!(entry.status, ResourceStatus::Complete, "{what}: {name}: {entry:?}");
        received += entry.received;
    }
    received
}

#[test]
fn every_resource_of_the_corpus_is_a_row_or_counted_under_a_reason() {
    let Some(folder) = corpus("every_resource_of_the_corpus_is_a_row_or_counted_under_a_reason") else {
        return;
    };
    let mut total = 0;
    for (part, fhir, personality) in [
        ("synthea/r4", FhirRelease::R4, Personality::Smart),
        ("synthea/dstu2", FhirRelease::Dstu2, Personality::Epic),
        ("smart_sandbox/dstu2", FhirRelease::Dstu2, Personality::Oracle),
        ("us_core/r4", FhirRelease::R4, Personality::Smart),
        ("hl7/r4", FhirRelease::R4, Personality::Smart),
        ("hl7/dstu2", FhirRelease::Dstu2, Personality::Smart),
    ] {
        let path = folder.join(part);
        if !path.is_dir() {
            continue;
        }
        let data = DataSource::Paths(vec![path]);
        let fixture = Fixture::new(Options { data, fhir, personality, ..Options::default() });
        let (mut patients, mut received) = (0, 0);
        for id in fixture.sim.patient_ids() {
            let Some(mrn) = fixture.sim.mrn(&id) else { continue };
            fixture.launch(&id, "alice");
            let pull = PullRequest { record: id.clone(), ..request("alice", &mrn, &everything()) };
            let pulled = fixture.client.pull(&pull).unwrap();
            received += check_sums(&pulled.report, &format!("{part} {id}"));
            patients += 1;
        }
        assert!(patients > 0 && received >= patients, "{part}: {patients} patients, {received} resources");
        total += received;
    }
    assert!(total > 1000, "{total} resources in all");
}
