//! Looking up a patient: it has the same checks as a pull, asks the access hook, and stores nothing.

mod common;

use common::{AllowOnly, Fixture, patient, request, resources};
use ehr_sim::{FhirRelease, Options, Personality};
use fhir_ehr::{
    Access, Action, AllowAll, Client, Code, Environment, PatientRequest, PatientResult, PatientSelector,
    Project, PullRequest, TextMode,
};
use std::sync::atomic::Ordering;

const MRN: &str = "M-1";

fn fixture(options: Options) -> Fixture {
    let (one, other) = (patient("p1", MRN), patient("p2", "M-2"));
    let data = resources(&[&one, &other]).data;
    Fixture::new(Options { data, ..options })
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A look-up by MRN, in a project.
fn by_mrn(mrn: &str) -> PatientRequest {
    PatientRequest {
        user: "alice".to_owned(),
        system: false,
        source: "sim".to_owned(),
        project: Some(Project {
            id: "p1".to_owned(),
            environment: Environment::Sandbox,
            sources: None,
            system_account: true,
        }),
        patient: PatientSelector::Mrn(mrn.to_owned()),
        fields: names(&["name-family", "gender", "email"]),
        text: TextMode::Exact,
    }
}

/// A look-up of the patient of a launch.
fn by_id(id: &str) -> PatientRequest {
    PatientRequest { project: None, patient: PatientSelector::Id(id.to_owned()), ..by_mrn("") }
}

fn code(client: &Client, request: &PatientRequest) -> Code {
    match client.patient(request) {
        Ok(_) => panic!("an error was expected"),
        Err(error) => error.code(),
    }
}

fn get(client: &Client, request: &PatientRequest) -> PatientResult {
    client.patient(request).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_patient_is_found_by_mrn_or_by_id_and_nothing_is_stored() {
    let fixture = fixture(Options::default());
    fixture.launch("p1", "alice");
    fixture.sim.reset_requests();
    for request in [
        by_mrn(MRN),
        by_id("p1"),
        PatientRequest { patient: PatientSelector::Id("p1".to_owned()), ..by_mrn("") },
    ] {
        let found = get(&fixture.client, &request);
        assert_eq!((found.patient_id.as_str(), found.mrns), ("p1", names(&[MRN])));
        let values: Vec<(&str, &str)> =
            found.values.iter().map(|(field, text)| (field.as_str(), text.as_str())).collect();
        assert_eq!(values, [("gender", "F"), ("name-family", "F-p1")], "an absent value is left out");
    }
    assert_eq!(fixture.fhir_requests(), 3, "each look-up requests the Patient only");
    assert!(fixture.client.staged("alice", "p1", None).unwrap().is_empty());
}

#[test]
fn the_id_of_a_launch_is_translated_for_a_source_of_the_other_version() {
    let identifier = |name: &str, id: &str| {
        format!(r#"{{"system": "http://open.epic.com/FHIR/StructureDefinition/{name}", "value": "{id}"}}, "#)
    };
    let ids = identifier("patient-fhir-id", "e3") + &identifier("patient-dstu2-fhir-id", "TxB");
    let chart =
        |id: &str| patient(id, MRN).replacen(r#""identifier": ["#, &format!(r#""identifier": [{ids}"#), 1);
    let launched = |release: FhirRelease, id: &str| {
        let data = resources(&[&chart(id)]).data;
        let options = Options { personality: Personality::Epic, fhir: release, data, ..Options::default() };
        let fixture = Fixture::new(options);
        fixture.launch(id, "alice");
        fixture
    };
    let dstu2 = launched(FhirRelease::Dstu2, "TxB");
    let found = get(&dstu2.client, &by_id("TxB")).other_ids;
    assert_eq!(found.iter().collect::<Vec<_>>(), [(&"r4".to_owned(), &"e3".to_owned())]);
    let r4 = launched(FhirRelease::R4, "e3");
    assert_eq!(get(&r4.client, &by_id("e3")).other_ids["dstu2"], "TxB");
    let pull = |id: &str| {
        let lines = "gender,,sex,,,\n";
        let request = PullRequest { launch_patient: Some(id.to_owned()), ..request("alice", MRN, lines) };
        r4.client.pull(&request).map(|pulled| pulled.patient_id).map_err(|error| error.code())
    };
    assert_eq!(pull("TxB"), Err(Code::PatientMismatch));
    assert_eq!(pull(&found["r4"]), Ok("e3".to_owned()));
}

#[test]
fn a_look_up_asks_the_access_hook_for_pull_in_the_project_or_for_launch() {
    let may = |action: Action| {
        let fixture = Fixture::with(
            resources(&[&patient("p1", MRN)]),
            |_| {},
            Box::new(AllowOnly(vec![Action::Launch, action])),
        );
        fixture.launch("p1", "alice");
        let in_project = PatientRequest { patient: PatientSelector::Id("p1".to_owned()), ..by_mrn("") };
        fixture.sim.reset_requests();
        let refused: Vec<bool> = [by_mrn(MRN), in_project, by_id("p1")]
            .iter()
            .map(|request| fixture.client.patient(request).err().map(|error| error.code()))
            .map(|code| code == Some(Code::AccessRefused))
            .collect();
        (refused, fixture.fhir_requests())
    };
    assert_eq!(may(Action::Pull), (vec![false, false, false], 3));
    assert_eq!(may(Action::Map), (vec![true, true, false], 1));
}

/// A fixture whose source has this environment.
fn fixture_of(environment: Environment, access: Box<dyn Access>) -> Fixture {
    let change = |document: &mut serde_json::Value| {
        for registration in document["registrations"].as_array_mut().unwrap() {
            registration["environments"] = serde_json::json!([environment.name()]);
        }
        for source in document["sources"].as_array_mut().unwrap() {
            source["environment"] = environment.name().into();
        }
        // Allowed for sandbox sources only.
        document["sources"][0]["policy"]["trust_user_hint"] = false.into();
    };
    Fixture::with(Options::default(), change, access)
}

#[test]
fn source_may_serve_uses_no_hook_store_or_network() {
    use Environment::{Production, Sandbox, Test};
    for (source, may) in
        [(Sandbox, [true, true, false]), (Test, [true, true, false]), (Production, [true; 3])]
    {
        let fixture = fixture_of(source, Box::new(AllowOnly(vec![])));
        fixture.unreachable.store(true, Ordering::SeqCst);
        let asked =
            [Sandbox, Test, Production].map(|project| fixture.client.source_may_serve("sim", project));
        assert_eq!(asked.map(Result::unwrap), may, "{source:?}");
        let unknown = fixture.client.source_may_serve("none", Sandbox).unwrap_err();
        assert_eq!(unknown.code(), Code::SourceNotFound);
        assert_eq!(fixture.sim.connections(), 0);
    }
}

#[test]
fn look_up_and_pull_refuse_a_project_that_the_source_may_not_serve_before_anything_is_sent() {
    for source in Environment::ALL {
        let fixture = fixture_of(source, Box::new(AllowAll));
        for environment in Environment::ALL {
            let may = fixture.client.source_may_serve("sim", environment).unwrap();
            // No user has signed in, so a request that passes the check ends with grant_not_found.
            let expected = if may { Code::GrantNotFound } else { Code::EnvironmentMismatch };
            let project = Project { id: "p1".to_owned(), environment, sources: None, system_account: true };
            for patient in [PatientSelector::Mrn(MRN.to_owned()), PatientSelector::Id("p1".to_owned())] {
                let look_up = PatientRequest { project: Some(project.clone()), patient, ..by_mrn(MRN) };
                assert_eq!(code(&fixture.client, &look_up), expected, "{source:?}, {environment:?}");
            }
            let pull = PullRequest { project, ..request("alice", MRN, "birthDate,,dob,,,\n") };
            let error = fixture.client.pull(&pull).unwrap_err();
            assert_eq!(error.code(), expected, "{source:?}, {environment:?}");
        }
        assert_eq!(fixture.sim.connections(), 0);
    }
}

#[test]
fn an_invalid_request_sends_nothing() {
    let fixture = fixture(Options::default());
    fixture.launch("p1", "alice");
    fixture.sim.reset_requests();
    let production = Project {
        id: "p1".to_owned(),
        environment: Environment::Production,
        sources: None,
        system_account: true,
    };
    let wrong = PatientRequest { project: Some(production), ..by_mrn(MRN) };
    assert_eq!(code(&fixture.client, &wrong), Code::EnvironmentMismatch);
    for wrong in [
        PatientRequest { project: None, ..by_mrn(MRN) },
        PatientRequest { system: true, ..by_id("p1") },
        PatientRequest { user: String::new(), ..by_id("p1") },
        by_mrn(" "),
        by_mrn("M\n1"),
        by_id(""),
        by_id(".."),
        by_id("p1/../../x"),
        PatientRequest {
            fields: names(&["gender", "birthDate", "email", "race", "name-given", "name-family"]),
            ..by_id("p1")
        },
        PatientRequest { fields: names(&["29463-7"]), ..by_id("p1") },
        PatientRequest { fields: names(&["id"]), ..by_id("p1") },
        PatientRequest { fields: names(&["brithDate"]), ..by_id("p1") },
    ] {
        let error = fixture.client.patient(&wrong).err().expect("an error");
        assert_eq!(error.code(), Code::RequestInvalid, "{error}");
        assert!(!error.message().contains(MRN) && !error.message().contains("p1"), "{error}");
    }
    let hint =
        fixture.client.patient(&PatientRequest { fields: names(&["x"]), ..by_id("p1") }).err().unwrap();
    assert!(hint.hint_text().unwrap().contains("demographic"));
    let other = PatientRequest { source: "none".to_owned(), ..by_id("p1") };
    assert_eq!(code(&fixture.client, &other), Code::SourceNotFound);
    assert_eq!(fixture.fhir_requests(), 0);
}

#[test]
fn no_patient_two_patients_and_another_patient_are_three_errors() {
    let fixture = fixture(Options::default());
    fixture.launch("p1", "alice");
    assert_eq!(code(&fixture.client, &by_mrn("NO-SUCH-NUMBER")), Code::PatientNotFound);
    fixture.sim.set_fault("two-patients").unwrap();
    assert_eq!(code(&fixture.client, &by_mrn(MRN)), Code::PatientAmbiguous);
    fixture.sim.clear_faults();
    assert_eq!(code(&fixture.client, &by_id("p404")), Code::FhirError);
    assert_eq!(
        code(&fixture.client, &PatientRequest { user: "bob".to_owned(), ..by_id("p1") }),
        Code::GrantNotFound
    );
}

#[test]
fn a_refused_token_is_refreshed_once_and_the_system_account_can_look_up_patients() {
    let fixture = fixture(Options::default());
    fixture.launch("p1", "alice");
    fixture.sim.expire_access_tokens();
    assert_eq!(get(&fixture.client, &by_mrn(MRN)).patient_id, "p1");
    let system = PatientRequest { system: true, user: String::new(), ..by_mrn("M-2") };
    assert_eq!(get(&fixture.client, &system).patient_id, "p2");
}

#[test]
fn a_sign_in_bound_to_one_chart_opens_no_other() {
    // DSTU2 scopes are limited to the patient of the launch.
    let fixture = fixture(Options { fhir: FhirRelease::Dstu2, ..Options::default() });
    fixture.launch("p1", "alice");
    fixture.sim.reset_requests();
    assert_eq!(code(&fixture.client, &by_id("p2")), Code::GrantNotFound);
    assert_eq!(fixture.fhir_requests(), 0);
    assert_eq!(get(&fixture.client, &by_id("p1")).mrns, [MRN]);
    // The MRN of the chart is known by now, so a look-up of another MRN does not read the chart.
    fixture.sim.reset_requests();
    assert_eq!(code(&fixture.client, &by_mrn("M-2")), Code::GrantNotFound);
    assert_eq!(fixture.fhir_requests(), 0);
    assert_eq!(get(&fixture.client, &by_mrn(MRN)).patient_id, "p1");
}
