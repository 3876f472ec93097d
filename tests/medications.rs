//! Medications by reference: from the same Bundle, else read from the EHR, each once and not more than the source allows. One that
//! stays unknown is shown by the words of the reference or counted, and nothing is lost in silence.

mod common;

use common::{World, patient, request, resources};
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

/// A patient with these resources, at a source with this policy; a user is signed in.
fn clinic(others: &[Value], policy: &Value) -> World {
    let mut texts = vec![patient("p1", MRN)];
    texts.extend(others.iter().map(Value::to_string));
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let change = |document: &mut Value| document["sources"][0]["policy"] = policy.clone();
    let data = resources(&texts).data;
    let world = World::with(Options { data, ..Options::default() }, change, Box::new(AllowAll));
    world.launch("p1", "alice");
    world.sim.reset_requests();
    world
}

fn pull(world: &World) -> PullResult {
    world.client.pull(&request("alice", MRN, "active-medications-list,,meds,,,\n")).unwrap()
}

fn texts(pulled: &PullResult) -> Vec<&str> {
    let mut texts: Vec<&str> = pulled.rows.iter().map(|row| row.value.as_str()).collect();
    texts.sort_unstable();
    texts
}

/// The Medications that were read.
fn reads(world: &World) -> Vec<String> {
    let paths = world.sim.requests().into_iter().map(|one| one.path);
    let mut ids: Vec<String> =
        paths.filter_map(|path| path.split_once("/Medication/").map(|(_, id)| id.to_owned())).collect();
    ids.sort();
    ids
}

#[test]
fn a_medication_is_read_once_for_all_prescriptions_that_a_line_takes() {
    let base = |id: &str| json!({"reference": format!("Medication/{id}")});
    let world = clinic(
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
    let pulled = pull(&world);
    assert_eq!(texts(&pulled), ["Lisinopril", "Lisinopril", "Metformin"]);
    assert_eq!(reads(&world), ["77", "78"]);
    let told = &pulled.report.resources["MedicationRequest"];
    assert_eq!((told.status, told.received, told.requests), (ResourceStatus::Complete, 5, 3));
    assert!(told.adds_up());
}

#[test]
fn a_medication_of_the_same_bundle_is_not_read() {
    let uuid = "urn:uuid:00000000-0000-4000-8000-000000000001";
    let included = |full_url: &str, id: &str, text: &str| json!({"fullUrl": full_url, "resource": medication(id, text), "search": {"mode": "include"}});
    let world = clinic(&[medication("79", "of the server")], &json!({}));
    let base = world.sim.iss();
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
    world.sim.set_fault(&format!("fhir-body:{bundle}@MedicationRequest")).unwrap();
    let pulled = pull(&world);
    assert_eq!(texts(&pulled), ["A", "B", "C", "of the server"]);
    assert_eq!(reads(&world), ["79"]);
    assert!(pulled.report.is_complete(), "{:?}", pulled.report);
}

#[test]
fn a_medication_that_stays_unknown_is_shown_by_its_words_or_counted() {
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
        // These may pass, and then the medication has other words.
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
        let world = clinic(&data, &json!({}));
        if !fault.is_empty() {
            world.sim.set_fault(fault).unwrap();
        }
        let pulled = pull(&world);
        let told = &pulled.report.resources["MedicationRequest"];
        let why = format!("{reference} {fault}: {told:?}");
        assert_eq!((told.status, texts(&pulled)), (status, shown.clone()), "{why}");
        assert_eq!(told.discarded.get("no_medication").copied().unwrap_or(0), 1 - shown.len(), "{why}");
        assert_eq!(told.reason.is_some(), status == ResourceStatus::Partial, "{why}");
        let names_aliases = told.reason.as_deref().unwrap_or_default().contains("aliases");
        assert_eq!(names_aliases, reference.to_string().contains("internal.example"), "{why}");
        assert!(told.adds_up(), "{why}");
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
        // Those that have no words of their own come first.
        (2, &["2", "3"], &["Three", "Two", "Words"], ResourceStatus::Complete),
        (3, &["1", "2", "3"], &["One", "Three", "Two"], ResourceStatus::Complete),
    ] {
        let world = clinic(&data, &json!({"medication_reads": most}));
        let pulled = pull(&world);
        let told = &pulled.report.resources["MedicationRequest"];
        assert_eq!(
            (reads(&world), texts(&pulled)),
            (read.iter().map(|id| (*id).to_owned()).collect(), shown.to_vec())
        );
        assert_eq!(told.status, status, "{most}: {told:?}");
        let names_policy = told.reason.as_deref().unwrap_or_default().contains("medication_reads");
        assert_eq!(names_policy, status == ResourceStatus::Partial, "{told:?}");
    }
}

#[test]
fn what_cannot_be_a_fact_of_the_medication_is_none_of_the_prescription() {
    let with = |member: &str, value: Value| {
        let mut wrong = medication("77", "A");
        wrong[member] = value;
        let world = clinic(
            &[wrong, order("m1", "active", json!({"reference": "Medication/77", "display": "A"}))],
            &json!({}),
        );
        pull(&world)
    };
    let wrong = with("status", json!("entered-in-error"));
    assert_eq!(wrong.report.resources["MedicationRequest"].discarded["entered_in_error"], 1);
    let modified = with("modifierExtension", json!([{"url": "urn:x", "valueBoolean": true}]));
    assert_eq!(modified.report.resources["MedicationRequest"].discarded["unknown_modifier"], 1);
    assert!(wrong.rows.is_empty() && modified.rows.is_empty());
    assert_eq!(texts(&with("status", json!("inactive"))), ["A"]);
}

#[test]
fn orders_of_dstu2_are_resolved_as_well() {
    let mut order = order("m1", "active", json!({"reference": "Medication/77"}));
    order["resourceType"] = json!("MedicationOrder");
    order["patient"] = order.as_object_mut().unwrap().remove("subject").unwrap();
    let texts_of = [patient("p1", MRN), order.to_string(), medication("77", "Lisinopril").to_string()];
    let texts_of: Vec<&str> = texts_of.iter().map(String::as_str).collect();
    let world = World::new(Options { fhir: FhirRelease::Dstu2, ..resources(&texts_of) });
    world.launch("p1", "alice");
    let pulled = pull(&world);
    assert_eq!(texts(&pulled), ["Lisinopril"]);
    assert!(pulled.report.is_complete(), "{:?}", pulled.report);
}
