//! Scopes against the simulator: what a sign-in requests and gets, which searches are sent, and what a refresh requests.

mod common;

use common::{Fixture, patient, request, resources, weight};
use ehr_sim::{Options, Personality, Registration, ScopeVersion};
use fhir_ehr::{AllowAll, Code, PullReport, PullRequest, ResourceStatus};
use serde_json::{Value, json};

const MRN: &str = "M-1";
const OTHER_MRN: &str = "M-2";
const LINES: &str = "29463-7,,weight,,MAX,\nactive-problem-list,,problems,,,\ngender,,sex,,,\n";
const ALL: [&str; 4] = ["Patient", "Observation", "Condition", "Encounter"];

/// A weight, a lab result and a problem of one patient.
fn data() -> Options {
    let lab = weight("l1", "p1", "2020-01-03", "7").replace("vital-signs", "laboratory");
    let problem = r#"{"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"},
        "code": {"text": "Asthma"}, "clinicalStatus": {"coding": [{"code": "active"}]}}"#;
    resources(&[&patient("p1", MRN), &weight("w1", "p1", "2020-01-01", "50"), &lab, problem])
}

/// A client for a simulator with this data and policy, whose resource types are [`ALL`].
fn fixture(options: Options, policy: &Value) -> Fixture {
    let change = |document: &mut Value| {
        document["sources"][0]["resources"] = json!(ALL);
        document["sources"][0]["policy"] = policy.clone();
    };
    Fixture::with(Options { data: data().data, ..options }, change, Box::new(AllowAll))
}

fn pull(fixture: &Fixture) -> PullReport {
    fixture.client.pull(&request("alice", MRN, LINES)).expect("a pull").report
}

/// How many searches of a type were sent since the last reset.
fn searches(fixture: &Fixture, resource_type: &str) -> usize {
    let path = format!("/fhir/{resource_type}");
    fixture.sim.requests().iter().filter(|request| request.path.starts_with(&path)).count()
}

fn granting(scopes: &str) -> Options {
    Options { user_grants: Some(scopes.to_owned()), ..Options::default() }
}

/// #147: the answer is known before the search is sent.
#[test]
fn a_search_that_the_granted_scopes_exclude_is_not_sent_and_the_report_says_who_must_act() {
    for granted in ["user/Patient.rs user/Observation.rs", "user/*.r user/Patient.s user/Observation.s"] {
        let fixture = fixture(granting(granted), &json!({"scopes": ["launch", "user/*.rs"]}));
        let context = fixture.launch("p1", "alice").context;
        assert_eq!(context.partly_granted_scopes, ["user/*.rs"], "{context:?}");
        fixture.sim.reset_requests();
        let report = pull(&fixture);
        assert_eq!((searches(&fixture, "Observation"), searches(&fixture, "Condition")), (1, 0), "{granted}");
        assert_eq!(report.resources["Observation"].status, ResourceStatus::Complete);
        let denied = &report.resources["Condition"];
        assert_eq!((denied.status, denied.requests), (ResourceStatus::Denied, 0));
        assert_eq!(denied.error.as_ref().unwrap()["name"], "scope_not_granted");
        let reason = denied.reason.as_deref().unwrap();
        assert!(reason.contains("request was not sent") && reason.contains("ask your EHR team"), "{reason}");
        assert!(!report.is_complete());
    }
}

#[test]
fn a_patient_that_the_scopes_exclude_is_not_searched_for() {
    let fixture = fixture(granting("user/Observation.rs"), &json!({}));
    fixture.launch("p1", "alice");
    fixture.sim.reset_requests();
    let error = fixture.client.pull(&request("alice", MRN, LINES)).unwrap_err();
    assert_eq!(error.code(), Code::ScopeNotGranted);
    assert!(error.hint_text().unwrap().contains("then sign in again"), "{error}");
    assert_eq!(fixture.fhir_requests(), 0);
}

/// #132 #147
#[test]
fn a_type_of_which_a_granular_scope_grants_a_part_is_never_complete() {
    let granted = "user/Patient.rs user/Condition.rs user/Observation.rs?category=vital-signs";
    let split = fixture(granting(granted), &json!({"scope_version": "v2"}));
    let context = split.launch("p1", "alice").context;
    assert_eq!(context.partly_granted_scopes, ["user/Observation.rs"]);
    assert_eq!(context.missing_scopes, ["user/Encounter.rs"]);
    let report = pull(&split);
    let observations = &report.resources["Observation"];
    assert_eq!((observations.status, observations.received), (ResourceStatus::Partial, 1));
    let reason = observations.reason.as_deref().unwrap();
    assert!(reason.contains("granted only a part of Observation"), "{reason}");
    assert!(reason.contains("category=vital-signs"), "{reason}");
    assert_eq!(report.resources["Condition"].status, ResourceStatus::Complete);
    // A search for this category is covered completely.
    let policy = json!({"scope_version": "v2", "searches": {"Observation": ["category=vital-signs"]}});
    let covered = fixture(granting(granted), &policy);
    covered.launch("p1", "alice");
    assert_eq!(pull(&covered).resources["Observation"].status, ResourceStatus::Complete);
}

/// #107 #108 (D33)
#[test]
fn a_refresh_requests_the_narrower_scopes_of_the_policy_each_time_and_they_are_respected() {
    let policy =
        json!({"refresh_scopes": ["user/Patient.read", "user/Observation.read", "user/Immunization.read"]});
    let fixture = fixture(Options { rotate_refresh_tokens: true, ..Options::default() }, &policy);
    fixture.launch("p1", "alice");
    assert!(pull(&fixture).is_complete());
    for _ in 0..3 {
        fixture.sim.expire_access_tokens();
        fixture.clock.0.advance(4000);
        fixture.sim.reset_requests();
        let report = pull(&fixture);
        assert_eq!(report.resources["Observation"].status, ResourceStatus::Complete);
        assert_eq!(report.resources["Condition"].status, ResourceStatus::Denied);
        assert_eq!(searches(&fixture, "Condition"), 0);
    }
}

/// A server may narrow the scopes of a refresh by itself.
#[test]
fn narrower_scopes_that_a_server_grants_with_a_refresh_are_respected_within_a_pull() {
    let fixture = fixture(Options::default(), &json!({}));
    fixture.launch("p1", "alice");
    let answer = |scope: &str| {
        let token = json!({"access_token": "x", "token_type": "Bearer", "expires_in": 600, "scope": scope});
        format!("token-answer:{token}")
    };
    fixture.sim.expire_access_tokens();
    fixture.sim.set_fault(&answer("launch user/Condition.read")).unwrap();
    for requests in [1, 0] {
        fixture.sim.reset_requests();
        let error = fixture.client.pull(&request("alice", MRN, LINES)).unwrap_err();
        assert_eq!((error.code(), fixture.fhir_requests()), (Code::ScopeNotGranted, requests));
    }
}

/// #215 #216 (E6, O6)
#[test]
fn a_refresh_token_that_arrived_is_not_missing_and_one_that_did_not_is_named() {
    let offline = json!({"access": "offline"});
    let epic = fixture(Options { personality: Personality::Epic, ..Options::default() }, &offline);
    let context = epic.launch("p1", "alice").context;
    assert!(!context.granted_scopes.contains("offline_access"), "Epic never lists it");
    assert_eq!((context.missing_scopes, context.refresh_token_missing), (vec![], false));
    let registration = |options: &Fixture| {
        let document = options.document();
        let secret = document["registrations"][0]["client_secret"].as_str().unwrap().to_owned();
        Registration {
            client_id: "app-user".to_owned(),
            secrets: vec![secret],
            redirect_uris: vec![common::REDIRECT.to_owned()],
            online_only: true,
            ..Registration::default()
        }
    };
    let oracle = fixture(Options { personality: Personality::Oracle, ..Options::default() }, &offline);
    oracle.sim.put_registration(registration(&oracle));
    let context = oracle.launch("p1", "alice").context;
    assert_eq!(context.missing_scopes, ["offline_access"]);
    assert!(context.refresh_token_missing);
    assert!(oracle.client.launches("admin").unwrap()[0].refresh_token_missing);
    let none = fixture(
        Options { personality: Personality::Oracle, ..Options::default() },
        &json!({"access": "none"}),
    );
    let context = none.launch("p1", "alice").context;
    assert_eq!((context.missing_scopes, context.refresh_token_missing), (vec![], false));
}

/// O11
#[test]
fn a_v2_registration_works_with_scope_version_v2_for_users_and_the_system_account() {
    for (version, policy, works) in [
        (ScopeVersion::V2, "v2", true),
        (ScopeVersion::V1, "v1", true),
        (ScopeVersion::V2, "v1", false),
        (ScopeVersion::V1, "v2", false),
    ] {
        let options = Options { personality: Personality::Oracle, ..Options::default() };
        let fixture = fixture(options, &json!({"scope_version": policy}));
        for (number, (client_id, system)) in
            [("app-user", false), ("app-system", true)].into_iter().enumerate()
        {
            let secret =
                fixture.document()["registrations"][number]["client_secret"].as_str().unwrap().to_owned();
            fixture.sim.put_registration(Registration {
                client_id: client_id.to_owned(),
                secrets: vec![secret],
                redirect_uris: vec![common::REDIRECT.to_owned()],
                scope_version: Some(version),
                system,
                ..Registration::default()
            });
        }
        let context = fixture.launch("p1", "alice").context;
        let missing = context.missing_scopes.iter().filter(|scope| scope.contains('/')).count();
        assert_eq!(missing, if works { 0 } else { ALL.len() }, "{version:?} {policy}");
        let system = PullRequest { system: true, ..request("alice", MRN, LINES) };
        assert_eq!(fixture.client.pull(&system).is_ok(), works, "{version:?} {policy}");
    }
}

/// O10
#[test]
fn too_many_scopes_are_a_warning_before_the_sign_in_and_an_error_that_says_what_to_do_after_it() {
    let own = ["launch", "openid", "fhirUser", "user/Patient.read", "online_access"].map(str::to_owned);
    let scopes: Vec<String> =
        own.into_iter().chain((0..200).map(|number| format!("user/Observation{number}.read"))).collect();
    let policy = json!({ "scopes": scopes });
    let fixture = fixture(Options { personality: Personality::Oracle, ..Options::default() }, &policy);
    let steps = fixture.client.check_source("admin", "sim").unwrap();
    let step = steps.iter().find(|step| step.name == "scopes").unwrap();
    assert!(step.finding == "scopes_unusual" && step.text.contains("With more than 2000"), "{step:?}");
    fixture.launch("p1", "alice");
    let error = fixture.client.pull(&request("alice", MRN, LINES)).unwrap_err();
    assert_eq!(error.code(), Code::RequestHeadersTooLarge);
    assert!(error.hint_text().unwrap().contains("Remove resource types"), "{error}");
}

/// Two patients, of whom the second one has a weight.
fn two_patients() -> Options {
    resources(&[&patient("p1", MRN), &patient("p2", OTHER_MRN), &weight("w2", "p2", "2020-01-01", "60")])
}

/// A client for a simulator with two patients.
fn two_patients_with(options: Options, policy: &Value) -> Fixture {
    let change = |document: &mut Value| document["sources"][0]["policy"] = policy.clone();
    Fixture::with(Options { data: two_patients().data, ..options }, change, Box::new(AllowAll))
}

const WEIGHT: &str = "29463-7,,weight,,MAX,\n";

/// #137: the scope with which the user's own Practitioner is read does not make the patient scopes valid for all patients.
#[test]
fn a_sign_in_with_patient_scopes_that_also_reads_the_user_is_kept_for_each_patient() {
    let policy = json!({"scopes": ["launch", "openid", "fhirUser", "patient/*.read", "user/Practitioner.read"],
        "read_fhir_user": true});
    let fixture = two_patients_with(Options::default(), &policy);
    fixture.launch("p1", "alice");
    fixture.launch("p2", "alice");
    for (mrn, received) in [(MRN, 0), (OTHER_MRN, 1)] {
        let report = fixture.client.pull(&request("alice", mrn, WEIGHT)).expect("a pull").report;
        let observations = &report.resources["Observation"];
        assert_eq!(
            (observations.status, observations.received),
            (ResourceStatus::Complete, received),
            "{mrn}"
        );
    }
}

/// #137: the EHR limits such a search to the patient of the launch, so no result does not prove that there is no data.
#[test]
fn a_type_that_is_granted_for_the_patient_of_the_launch_only_is_never_complete_for_another_patient() {
    for (granted, received, reason) in [
        (
            "user/Patient.rs patient/Observation.rs",
            0,
            "granted Observation for the patient of the launch only",
        ),
        (
            "user/Patient.rs user/Observation.rs?category=laboratory patient/Observation.rs",
            1,
            "granted only a part of Observation (user/Observation.rs?category=laboratory)",
        ),
    ] {
        let policy = json!({"scope_version": "v2", "scopes": ["launch", "user/*.rs", "patient/*.rs"]});
        let fixture = two_patients_with(granting(granted), &policy);
        fixture.launch("p1", "alice");
        // The server limits a search to the patient of the launch, and does not refuse one for another patient.
        fixture.sim.set_fault("ignore-search-params").unwrap();
        let report = fixture.client.pull(&request("alice", OTHER_MRN, WEIGHT)).expect("a pull").report;
        let observations = &report.resources["Observation"];
        assert_eq!(observations.status, ResourceStatus::Partial, "{granted}");
        assert_eq!(observations.received, received, "{granted}");
        assert!(observations.reason.as_deref().unwrap().contains(reason), "{:?}", observations.reason);
        assert!(!report.is_complete());
    }
}

/// #107 #147 (D33)
#[test]
fn a_patient_search_respects_the_scopes_of_a_refresh_that_happens_during_it() {
    let part = ["user/Patient.rs?gender=female", "user/Observation.rs"];
    let scopes = ["launch", "online_access", "user/Patient.rs", part[0], part[1]];
    let policy = json!({"scope_version": "v2", "scopes": scopes, "refresh_scopes": part});
    let fixture = two_patients_with(Options::default(), &policy);
    fixture.launch("p1", "alice");
    fixture.sim.expire_access_tokens();
    let report = fixture.client.pull(&request("alice", MRN, WEIGHT)).expect("a pull").report;
    let patients = &report.resources["Patient"];
    assert_eq!(patients.status, ResourceStatus::Partial, "{patients:?}");
    let reason = patients.reason.as_deref().unwrap();
    assert!(reason.contains("granted only a part of Patient"), "{reason}");
    assert_eq!(report.resources["Observation"].status, ResourceStatus::Complete);
}

/// #107 #147 (D33)
#[test]
fn a_patient_that_the_scopes_of_a_refresh_exclude_is_not_read_again() {
    for scope in ["user", "patient"] {
        let [patient, observation] = ["Patient", "Observation"].map(|name| format!("{scope}/{name}.read"));
        let scopes = ["launch", "online_access", &patient, &observation];
        let policy = json!({"scopes": scopes, "refresh_scopes": [observation]});
        let fixture = two_patients_with(Options::default(), &policy);
        fixture.launch("p1", "alice");
        fixture.sim.expire_access_tokens();
        fixture.sim.reset_requests();
        let error = fixture.client.pull(&request("alice", MRN, WEIGHT)).unwrap_err();
        assert_eq!(error.code(), Code::ScopeNotGranted, "{scope}: {error}");
        assert_eq!(fixture.fhir_requests(), 1, "only the request with the old token");
    }
}
