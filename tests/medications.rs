//! Medications by reference: they are taken from the same Bundle, or read from the EHR, each once and up to the source's limit. An
//! unresolved one is shown by the display text of the reference or counted as discarded.

mod common;

use common::{Fixture, patient, request, resources};
use ehr_sim::{FhirRelease, Options};
use fhir_ehr::{AllowAll, PullResult, ResourceStatus};
use serde_json::{Value, json};

const MRN: &str = "M-1";

fn order(id: &str, status: &str, reference: Value) -> Value {
    json!({"resourceType": "MedicationRequest", "id": id, "status": status, "intent": "order",
        "subject": {"reference": "Patient/p1"}, "authoredOn": "2024-01-02", "medicationReference": reference})
}

fn medication(id: &str, text: &str) -> Value {
    json!({"resourceType": "Medication", "id": id, "code": {"text": text}})
}

/// A patient with these resources, at a source with this policy, and a signed-in user.
fn signed_in_fixture(others: &[Value], policy: &Value) -> Fixture {
    let mut texts = vec![patient("p1", MRN)];
    texts.extend(others.iter().map(Value::to_string));
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let change = |document: &mut Value| document["sources"][0]["policy"] = policy.clone();
    let data = resources(&texts).data;
    let fixture = Fixture::with(Options { data, ..Options::default() }, change, Box::new(AllowAll));
    fixture.launch("p1", "alice");
    fixture.sim.reset_requests();
    fixture
}

fn pull(fixture: &Fixture) -> PullResult {
    fixture.client.pull(&request("alice", MRN, "active-medications-list,,meds,,,\n")).unwrap()
}

fn texts(pulled: &PullResult) -> Vec<&str> {
    let mut texts: Vec<&str> = pulled.rows.iter().map(|row| row.value.as_str()).collect();
    texts.sort_unstable();
    texts
}

/// The Medication resources that were requested.
fn reads(fixture: &Fixture) -> Vec<String> {
    let paths = fixture.sim.requests().into_iter().map(|one| one.path);
    let mut ids: Vec<String> =
        paths.filter_map(|path| path.split_once("/Medication/").map(|(_, id)| id.to_owned())).collect();
    ids.sort();
    ids
}

#[test]
fn a_medication_is_read_once_for_all_prescriptions_that_a_line_takes() {
    let base = |id: &str| json!({"reference": format!("Medication/{id}")});
    let fixture = signed_in_fixture(
        &[
            medication("77", "Lisinopril"),
            medication("78", "Metformin"),
            medication("79", "Stopped one"),
            order("m1", "active", base("77")),
            order("m2", "active", json!({"reference": "Medication/77/_history/1", "display": "old words"})),
            order("m3", "active", base("78")),
            order("m4", "stopped", base("79")),
            order("m5", "entered-in-error", base("79")),
        ],
        &json!({}),
    );
    let pulled = pull(&fixture);
    assert_eq!(texts(&pulled), ["Lisinopril", "Lisinopril", "Metformin"]);
    assert_eq!(reads(&fixture), ["77", "78"]);
    let report = &pulled.report.resources["MedicationRequest"];
    assert_eq!((report.status, report.received, report.requests), (ResourceStatus::Complete, 5, 3));
    assert!(report.adds_up());
}

#[test]
fn a_medication_in_the_same_bundle_is_not_requested() {
    let uuid = "urn:uuid:00000000-0000-4000-8000-000000000001";
    let included = |full_url: &str, id: &str, text: &str| json!({"fullUrl": full_url, "resource": medication(id, text), "search": {"mode": "include"}});
    let fixture = signed_in_fixture(&[medication("79", "of the server")], &json!({}));
    let base = fixture.sim.iss();
    let matched = |resource: Value| json!({"resource": resource, "search": {"mode": "match"}});
    let entries = json!([
        matched(order("m1", "active", json!({"reference": "Medication/77"}))),
        matched(order("m2", "active", json!({"reference": uuid}))),
        matched(order("m3", "active", json!({"reference": format!("{base}/Medication/78")}))),
        matched(order("m4", "active", json!({"reference": "Medication/79"}))),
        included(&format!("{base}/Medication/77"), "77", "A"),
        included(uuid, "x", "B"),
        json!({"resource": medication("78", "C")}),
        included("https://other.example/fhir/Medication/79", "79", "of another server"),
    ]);
    let bundle = json!({"resourceType": "Bundle", "type": "searchset", "total": 4, "entry": entries});
    fixture.sim.set_fault(&format!("fhir-body:{bundle}@MedicationRequest")).unwrap();
    let pulled = pull(&fixture);
    assert_eq!(texts(&pulled), ["A", "B", "C", "of the server"]);
    assert_eq!(reads(&fixture), ["79"]);
    assert!(pulled.report.is_complete(), "{:?}", pulled.report);
}

#[test]
fn an_unresolved_medication_is_shown_by_its_display_text_or_counted() {
    let named = json!({"reference": "Medication/77", "display": "Words"});
    let unnamed = json!({"reference": "Medication/77"});
    let other = medication("78", "another one");
    let elsewhere = "https://internal.example/fhir/Medication/77";
    let found = [medication("77", "Code")];
    for (reference, fault, data, status, shown) in [
        (&named, "", &[][..], ResourceStatus::Complete, vec!["Words"]),
        (&unnamed, "", &[], ResourceStatus::Partial, vec![]),
        (&named, "deny-type:Medication", &found[..], ResourceStatus::Complete, vec!["Words"]),
        (&unnamed, "deny-type:Medication", &found, ResourceStatus::Partial, vec![]),
        // These failures can be temporary. Then a later pull shows the medication's own name.
        (&named, "fhir-status:500@Medication", &found, ResourceStatus::Partial, vec!["Words"]),
        (&unnamed, "fhir-status:500@Medication", &found, ResourceStatus::Partial, vec![]),
        (&unnamed, "fhir-status:503:1@Medication", &found, ResourceStatus::Complete, vec!["Code"]),
        (&unnamed, "fhir-status:401:1@Medication", &found, ResourceStatus::Complete, vec!["Code"]),
        (&unnamed, "status-of-success:206@Medication", &found, ResourceStatus::Partial, vec![]),
        (&named, &format!("fhir-body:{other}@Medication"), &found, ResourceStatus::Partial, vec!["Words"]),
        (&unnamed, "html-error@Medication", &found, ResourceStatus::Partial, vec![]),
        (&json!({"reference": elsewhere}), "", &found, ResourceStatus::Partial, vec![]),
        (
            &json!({"reference": elsewhere, "display": "Words"}),
            "",
            &found,
            ResourceStatus::Partial,
            vec!["Words"],
        ),
        (&json!({"reference": "urn:uuid:1"}), "", &found, ResourceStatus::Partial, vec![]),
        (
            &json!({"reference": "urn:uuid:1", "display": "Words"}),
            "",
            &found,
            ResourceStatus::Complete,
            vec!["Words"],
        ),
        (&json!({"reference": "#gone"}), "", &found, ResourceStatus::Partial, vec![]),
        (&json!({"display": "Words"}), "", &found, ResourceStatus::Complete, vec!["Words"]),
    ] {
        let mut data = data.to_vec();
        data.push(order("m1", "active", reference.clone()));
        let fixture = signed_in_fixture(&data, &json!({}));
        if !fault.is_empty() {
            fixture.sim.set_fault(fault).unwrap();
        }
        let pulled = pull(&fixture);
        let report = &pulled.report.resources["MedicationRequest"];
        let why = format!("{reference} {fault}: {report:?}");
        assert_eq!((report.status, texts(&pulled)), (status, shown.clone()), "{why}");
        assert_eq!(report.discarded.get("no_medication").copied().unwrap_or(0), 1 - shown.len(), "{why}");
        assert_eq!(report.reason.is_some(), status == ResourceStatus::Partial, "{why}");
        let names_aliases = report.reason.as_deref().unwrap_or_default().contains("aliases");
        assert_eq!(names_aliases, reference.to_string().contains("internal.example"), "{why}");
        assert!(report.adds_up(), "{why}");
    }
}

#[test]
fn the_source_limits_how_many_medications_are_read() {
    let data = [
        medication("1", "One"),
        medication("2", "Two"),
        medication("3", "Three"),
        order("m1", "active", json!({"reference": "Medication/1", "display": "Words"})),
        order("m2", "active", json!({"reference": "Medication/2"})),
        order("m3", "active", json!({"reference": "Medication/3"})),
    ];
    for (most, read, shown, status) in [
        (0, &[][..], &["Words"][..], ResourceStatus::Partial),
        (1, &["2"], &["Two", "Words"], ResourceStatus::Partial),
        // Medications without a display text are read first.
        (2, &["2", "3"], &["Three", "Two", "Words"], ResourceStatus::Complete),
        (3, &["1", "2", "3"], &["One", "Three", "Two"], ResourceStatus::Complete),
    ] {
        let fixture = signed_in_fixture(&data, &json!({"medication_reads": most}));
        let pulled = pull(&fixture);
        let report = &pulled.report.resources["MedicationRequest"];
        assert_eq!(
            (reads(&fixture), texts(&pulled)),
            (read.iter().map(|id| (*id).to_owned()).collect(), shown.to_vec())
        );
        assert_eq!(report.status, status, "{most}: {report:?}");
        let names_policy = report.reason.as_deref().unwrap_or_default().contains("medication_reads");
        assert_eq!(names_policy, status == ResourceStatus::Partial, "{report:?}");
    }
}

#[test]
fn a_prescription_of_a_discarded_medication_is_discarded_too() {
    let with = |member: &str, value: Value| {
        let mut wrong = medication("77", "A");
        wrong[member] = value;
        let fixture = signed_in_fixture(
            &[wrong, order("m1", "active", json!({"reference": "Medication/77", "display": "A"}))],
            &json!({}),
        );
        pull(&fixture)
    };
    let wrong = with("status", json!("entered-in-error"));
    assert_eq!(wrong.report.resources["MedicationRequest"].discarded["entered_in_error"], 1);
    let modified = with("modifierExtension", json!([{"url": "urn:x", "valueBoolean": true}]));
    assert_eq!(modified.report.resources["MedicationRequest"].discarded["unknown_modifier"], 1);
    assert!(wrong.rows.is_empty() && modified.rows.is_empty());
    assert_eq!(texts(&with("status", json!("inactive"))), ["A"]);
}

#[test]
fn medication_orders_of_dstu2_are_resolved_too() {
    let mut order = order("m1", "active", json!({"reference": "Medication/77"}));
    order["resourceType"] = json!("MedicationOrder");
    order["patient"] = order.as_object_mut().unwrap().remove("subject").unwrap();
    let texts_of = [patient("p1", MRN), order.to_string(), medication("77", "Lisinopril").to_string()];
    let texts_of: Vec<&str> = texts_of.iter().map(String::as_str).collect();
    let fixture = Fixture::new(Options { fhir: FhirRelease::Dstu2, ..resources(&texts_of) });
    fixture.launch("p1", "alice");
    let pulled = pull(&fixture);
    assert_eq!(texts(&pulled), ["Lisinopril"]);
    assert!(pulled.report.is_complete(), "{:?}", pulled.report);
}
