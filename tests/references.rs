//! Every form of a reference to the patient. A reference that certainly names another patient stops the pull. A resource with an
//! uncertain reference is not used, and its type is not complete.

mod common;

use common::{Fixture, patient, request, resources, weight};
use ehr_sim::Options;
use fhir_ehr::{AllowAll, Code, ResourceStatus};
use serde_json::{Value, json};

const MRN: &str = "M-1";
const ALIAS: &str = "http://fhir.svc.cluster.local/fhir";

/// A patient with one weight that has these members, such as `subject`.
fn signed_in_fixture(members: &Value) -> Fixture {
    let change = |document: &mut Value| document["sources"][0]["aliases"] = json!([ALIAS]);
    let data = resources(&[&patient("p1", MRN)]).data;
    let fixture = Fixture::with(Options { data, ..Options::default() }, change, Box::new(AllowAll));
    fixture.launch("p1", "alice");
    let mut resource: Value = serde_json::from_str(&weight("w1", "p1", "2020-01-01", "50")).unwrap();
    resource.as_object_mut().unwrap().remove("subject");
    for (name, value) in members.as_object().unwrap() {
        resource[name] = value.clone();
    }
    let bundle = json!({"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": resource}]});
    let bundle = bundle.to_string().replace("{BASE}", &fixture.sim.iss());
    fixture.sim.set_fault(&format!("fhir-body:{bundle}@Observation")).unwrap();
    fixture
}

fn pull(fixture: &Fixture) -> fhir_ehr::Result<fhir_ehr::PullResult> {
    fixture.client.pull(&request("alice", MRN, "29463-7,,weight,,MAX,\n"))
}

fn number(value: &str) -> Value {
    json!({"system": "urn:oid:1.2.3", "value": value})
}

#[test]
fn every_form_of_a_reference_to_the_patient_is_accepted() {
    for members in [
        json!({"subject": {"reference": "Patient/p1"}}),
        json!({"subject": {"reference": "Patient/p1/_history/2"}}),
        json!({"subject": {"reference": "{BASE}/Patient/p1"}}),
        json!({"subject": {"reference": format!("{ALIAS}/Patient/p1")}}),
        json!({"subject": {"identifier": number(MRN)}}),
        json!({"subject": {"reference": "https://x.example/Patient/9", "identifier": number(MRN)}}),
        json!({"subject": {"reference": "#p"},
            "contained": [{"resourceType": "Patient", "id": "p", "identifier": [number(MRN)]}]}),
    ] {
        let pulled = pull(&signed_in_fixture(&members)).unwrap();
        assert_eq!(pulled.rows.len(), 1, "{members}");
        assert!(pulled.report.is_complete(), "{members}: {:?}", pulled.report);
    }
}

#[test]
fn an_uncertain_reference_is_not_used_and_the_type_is_not_complete() {
    for (members, reason) in [
        (json!({"subject": {"reference": "https://internal.example/fhir/Patient/p1"}}), "unknown_base"),
        (json!({"subject": {"reference": "https://internal.example/fhir/Patient/p2"}}), "unknown_base"),
        (json!({"subject": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"}}), "no_patient"),
        (json!({"subject": {"reference": "Group/g"}}), "no_patient"),
        (json!({"subject": {"identifier": {"system": "urn:other", "value": "7"}}}), "no_patient"),
        (json!({"subject": {"display": "Doe"}}), "no_patient"),
        (
            json!({"subject": {"reference": "#p1"}, "contained": [{"resourceType": "Patient", "id": "p1"}]}),
            "no_patient",
        ),
    ] {
        let pulled = pull(&signed_in_fixture(&members)).unwrap();
        let report = &pulled.report.resources["Observation"];
        assert_eq!((report.status, pulled.rows.len()), (ResourceStatus::Partial, 0), "{members}");
        assert_eq!(report.discarded.get(reason), Some(&1), "{members}: {report:?}");
        let names_aliases = report.reason.as_deref().unwrap_or_default().contains("add the URL to aliases");
        assert_eq!(names_aliases, reason == "unknown_base", "{members}: {report:?}");
    }
}

#[test]
fn the_reason_names_the_url_and_no_patient() {
    let reference = "https://user:secret@internal.example/fhir/Patient/p-7788?x=secret";
    for reference in [reference, "https://user:secret@internal.example/fhir/Patient/p-7788/_history/1"] {
        let pulled = pull(&signed_in_fixture(&json!({"subject": {"reference": reference}}))).unwrap();
        let reason = pulled.report.resources["Observation"].reason.clone().unwrap();
        assert!(reason.contains("https://internal.example/fhir"), "{reason}");
        assert!(!reason.contains("7788") && !reason.contains("secret"), "{reason}");
    }
}

#[test]
fn a_reference_to_another_patient_stops_the_pull() {
    for members in [
        json!({"subject": {"reference": "Patient/p2"}}),
        json!({"subject": {"reference": "{BASE}/Patient/p2"}}),
        json!({"subject": {"reference": format!("{ALIAS}/Patient/p2")}}),
        json!({"subject": {"identifier": number("M-2")}}),
        json!({"subject": {"reference": "Patient/p1"}, "patient": {"reference": "Patient/p2"}}),
        json!({"subject": {"reference": "#p"},
            "contained": [{"resourceType": "Patient", "id": "p", "identifier": [number("M-2")]}]}),
    ] {
        let fixture = signed_in_fixture(&members);
        assert_eq!(pull(&fixture).unwrap_err().code(), Code::PatientMismatch, "{members}");
        assert!(fixture.client.staged("alice", "p1", None).unwrap().is_empty(), "{members}");
    }
}
