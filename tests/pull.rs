//! Pulls. The result is complete or reported as incomplete. Another patient's data, a failed store or a lost sign-in leave no partial
//! data.

mod common;

use common::{Fixture, REDIRECT, SESSION, patient, query_of, request, resources, weight, with_date};
use ehr_sim::{FhirRelease, LaunchOptions, Options, Personality};
use fhir_ehr::{Code, Environment, LaunchResult, Owner, PullRequest, ResourceStatus, Retry};
use std::sync::atomic::Ordering;

const MRN: &str = "M-1";
const WEIGHTS: &str = "29463-7,,weight,,MAX,\nbirthDate,,dob,,,\n";

/// A patient with some weights, and a signed-in user.
fn signed_in_fixture(weights: usize, options: Options) -> Fixture {
    let mut texts = vec![patient("p1", MRN)];
    for number in 0..weights {
        let day = format!("2020-{:02}-{:02}", number / 28 % 12 + 1, number % 28 + 1);
        texts.push(weight(&format!("w{number}"), "p1", &day, &format!("{}.50", 50 + number)));
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let fixture = Fixture::new(Options { data: resources(&texts).data, ..options });
    fixture.launch("p1", "alice");
    fixture.sim.reset_requests();
    fixture
}

fn code(fixture: &Fixture, request: &PullRequest) -> Code {
    fixture.client.pull(request).expect_err("an error").code()
}

fn nothing_staged(fixture: &Fixture) {
    assert!(fixture.client.staged("alice", "p1", None).unwrap().is_empty());
}

#[test]
fn all_pages_are_read_and_the_digits_are_kept() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        let fixture =
            signed_in_fixture(25, Options { personality, page_size: Some(4), ..Options::default() });
        let pulled = fixture.client.pull(&request("alice", MRN, WEIGHTS)).unwrap();
        assert!(pulled.report.is_complete());
        let report = &pulled.report.resources["Observation"];
        assert_eq!((report.received, report.requests), (25, 7), "{personality:?}");
        let chosen: Vec<&str> =
            pulled.rows.iter().filter(|row| row.preselected).map(|row| row.value.as_str()).collect();
        assert_eq!(chosen, ["74.50"]);
        assert!(
            pulled.rows.iter().all(|row| row.resource_type == "Observation" && !row.resource_id.is_empty())
        );
    }
}

#[test]
fn paging_faults_are_survived_or_reported() {
    for (fault, status, received) in [
        ("next-relative", ResourceStatus::Complete, 12),
        ("page-repeats", ResourceStatus::Complete, 12),
        ("outcome-in-searchset", ResourceStatus::Partial, 12),
        ("wrong-media-type", ResourceStatus::Complete, 12),
        ("fhir-status:503:1@Observation", ResourceStatus::Complete, 12),
        ("fhir-status:429:2@Observation", ResourceStatus::Complete, 12),
        ("close-early:1@Observation", ResourceStatus::Complete, 12),
        ("page-expired:1", ResourceStatus::Complete, 12),
        ("next-loop", ResourceStatus::Partial, 4),
        ("next-foreign-origin", ResourceStatus::Partial, 4),
        ("deny-type:Observation", ResourceStatus::Denied, 0),
        ("required-missing:Observation", ResourceStatus::Failed, 0),
        ("html-error@Observation", ResourceStatus::Failed, 0),
        ("empty-body@Observation", ResourceStatus::Failed, 0),
        ("truncated-json@Observation", ResourceStatus::Failed, 0),
        ("redirect-foreign@Observation", ResourceStatus::Failed, 0),
        ("fhir-status:500@Observation", ResourceStatus::Failed, 0),
    ] {
        let fixture = signed_in_fixture(12, Options { page_size: Some(4), ..Options::default() });
        fixture.sim.set_fault(fault).unwrap();
        let pulled = fixture.client.pull(&request("alice", MRN, WEIGHTS)).unwrap();
        let report = &pulled.report.resources["Observation"];
        assert_eq!((report.status, report.received), (status, received), "{fault}: {report:?}");
        assert_eq!(pulled.report.is_complete(), status == ResourceStatus::Complete, "{fault}");
        assert_eq!(report.reason.is_some(), status != ResourceStatus::Complete, "{fault}: a reason is given");
        let elsewhere = fixture.sim.requests().into_iter().filter(|one| {
            one.has_authorization && one.host.as_deref().is_some_and(|host| host.starts_with("localhost"))
        });
        assert_eq!(elsewhere.count(), 0, "{fault}: no token goes to another origin");
        assert!(pulled.rows.iter().all(|row| row.source_field != "birthDate"), "this patient has none");
    }
}

#[test]
fn an_endless_response_stops_at_the_limit() {
    let fixture = Fixture::with(
        Options { data: resources(&[&patient("p1", MRN)]).data, ..Options::default() },
        |document| document["limits"] = serde_json::json!({"response_bytes": 100_000}),
        Box::new(fhir_ehr::AllowAll),
    );
    fixture.launch("p1", "alice");
    fixture.sim.set_fault("huge-body:5000000@Observation").unwrap();
    let pulled = fixture.client.pull(&request("alice", MRN, WEIGHTS)).unwrap();
    let error = pulled.report.resources["Observation"].error.clone().unwrap();
    assert_eq!(error["name"], "response_too_large");
}

#[test]
fn a_pull_from_a_server_that_never_answers_ends_at_the_deadline() {
    let fixture = Fixture::with(
        Options { data: resources(&[&patient("p1", MRN)]).data, ..Options::default() },
        |document| document["limits"] = serde_json::json!({"request_seconds": 1, "retries": 0}),
        Box::new(fhir_ehr::AllowAll),
    );
    fixture.launch("p1", "alice");
    fixture.sim.set_fault("never-answers@Observation").unwrap();
    let pulled = fixture.client.pull(&request("alice", MRN, WEIGHTS)).unwrap();
    let error = pulled.report.resources["Observation"].error.clone().unwrap();
    assert_eq!(error["name"], "network_timeout");
}

#[test]
fn data_of_another_patient_stops_the_pull_and_nothing_is_stored() {
    for fault in ["other-patient", "ignore-search-params"] {
        let (own, other) = (patient("p1", MRN), patient("p2", "M-2"));
        let more = [own, other, weight("a", "p1", "2020-01-01", "50"), weight("b", "p2", "2020-01-01", "60")];
        let texts: Vec<&str> = more.iter().map(String::as_str).collect();
        let fixture = Fixture::new(resources(&texts));
        fixture.launch("p1", "alice");
        fixture.sim.set_fault(fault).unwrap();
        let error = fixture.client.pull(&request("alice", MRN, WEIGHTS)).unwrap_err();
        assert_eq!(error.code(), Code::PatientMismatch, "{fault}");
        assert!(!error.message().contains("p2"), "no identifier in the message");
        nothing_staged(&fixture);
    }
}

#[test]
fn an_unknown_mrn_and_an_ambiguous_mrn_are_different_errors() {
    let fixture = signed_in_fixture(1, Options::default());
    let error = fixture.client.pull(&request("alice", "NO-SUCH-NUMBER", WEIGHTS)).unwrap_err();
    assert_eq!(error.code(), Code::PatientNotFound);
    assert!(!error.message().contains("NO-SUCH-NUMBER"), "an MRN is not put into messages");
    fixture.sim.set_fault("two-patients").unwrap();
    assert_eq!(code(&fixture, &request("alice", MRN, WEIGHTS)), Code::PatientAmbiguous);
    nothing_staged(&fixture);
}

#[test]
fn a_pull_inside_a_launch_is_for_the_patient_of_the_chart_only() {
    let texts = [patient("p1", MRN), patient("p2", "M-2")];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let fixture = Fixture::new(resources(&texts));
    let signed_in = fixture.launch("p2", "alice");
    let right =
        PullRequest { launch_patient: signed_in.context.patient.clone(), ..request("alice", "M-2", WEIGHTS) };
    assert!(fixture.client.pull(&right).is_ok());
    let wrong = PullRequest { launch_patient: signed_in.context.patient, ..request("alice", MRN, WEIGHTS) };
    assert_eq!(code(&fixture, &wrong), Code::PatientMismatch);
}

#[test]
fn two_launches_in_two_tabs_keep_their_own_patients() {
    let texts = [patient("p1", MRN), patient("p2", "M-2")];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    // DSTU2 scopes are limited to the patient of the launch, so there are two grants.
    let fixture = Fixture::new(Options { fhir: FhirRelease::Dstu2, ..resources(&texts) });
    fixture.launch("p1", "alice");
    fixture.launch("p2", "alice");
    for (mrn, id) in [(MRN, "p1"), ("M-2", "p2")] {
        assert_eq!(fixture.client.pull(&request("alice", mrn, "gender,,sex,,,\n")).unwrap().patient_id, id);
    }
    assert_eq!(code(&fixture, &request("alice", "M-3", "gender,,sex,,,\n")), Code::GrantNotFound);
}

#[test]
fn a_pull_opens_no_other_chart_than_its_own_once_they_are_known() {
    let texts = [patient("p1", MRN), patient("p2", "M-2"), patient("p3", "M-3")];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let fixture = Fixture::new(Options { fhir: FhirRelease::Dstu2, ..resources(&texts) });
    for id in ["p1", "p2", "p3"] {
        fixture.launch(id, "alice");
    }
    let charts = |mrn: &str, launched: Option<&str>| {
        fixture.sim.reset_requests();
        let launch_patient = launched.map(str::to_owned);
        let plain = request("alice", mrn, "gender,,sex,,,\n");
        fixture.client.pull(&PullRequest { launch_patient, ..plain }).unwrap();
        fixture.sim.requests().iter().filter(|one| one.path.contains("/Patient/")).count()
    };
    assert_eq!(charts(MRN, Some("p1")), 1, "in a launch, only the launch's own chart is read");
    charts("M-2", None);
    charts("M-3", None);
    for mrn in [MRN, "M-2", "M-3"] {
        assert_eq!(charts(mrn, None), 1, "the MRN of every chart is known by now");
    }
}

#[test]
fn an_expired_sign_in_does_not_block_another_one() {
    let fixture = Fixture::new(Options { fhir: FhirRelease::Dstu2, ..resources(&[&patient("p1", MRN)]) });
    // The scopes cover the patient only, and there is no refresh token. The first sign-in expires, the second one is new.
    fixture.launch("p1", "alice");
    fixture.clock.0.advance(4000);
    assert_eq!(code(&fixture, &request("alice", MRN, "gender,,sex,,,\n")), Code::GrantExpired);
    assert_eq!(code(&fixture, &request("alice", MRN, "gender,,sex,,,\n")), Code::GrantNotFound);
    fixture.launch("p1", "alice");
    assert!(fixture.client.pull(&request("alice", MRN, "gender,,sex,,,\n")).is_ok());
}

#[test]
fn without_a_sign_in_nothing_is_sent_and_both_ways_to_sign_in_are_named() {
    let fixture = Fixture::new(resources(&[&patient("p1", MRN)]));
    let error = fixture.client.pull(&request("alice", MRN, WEIGHTS)).unwrap_err();
    assert_eq!(error.code(), Code::GrantNotFound);
    assert!(error.message().contains("EHR launch") && error.message().contains("standalone launch"));
    assert_eq!(error.code().retry(), Retry::AfterSignIn);
    assert_eq!(fixture.sim.connections(), 0);
}

#[test]
fn a_user_cannot_pull_with_another_users_sign_in() {
    let fixture = signed_in_fixture(1, Options::default());
    assert_eq!(code(&fixture, &request("bob", MRN, WEIGHTS)), Code::GrantNotFound);
    assert!(fixture.sim.requests().is_empty());
}

#[test]
fn sandbox_data_is_refused_for_a_production_project() {
    let fixture = signed_in_fixture(1, Options::default());
    let mut request = request("alice", MRN, WEIGHTS);
    request.project.environment = Environment::Production;
    let error = fixture.client.pull(&request).unwrap_err();
    assert_eq!((error.code(), error.code().owner()), (Code::EnvironmentMismatch, Owner::You));
    assert!(fixture.sim.requests().is_empty());
}

fn refreshes(fixture: &Fixture) -> usize {
    let requests = fixture.sim.requests();
    requests.iter().filter(|one| one.grant_type.as_deref() == Some("refresh_token")).count()
}

#[test]
fn an_expiring_token_is_refreshed_before_use_and_a_refused_one_once() {
    for (personality, rotate) in [
        (Personality::Oracle, false),
        (Personality::Epic, false),
        (Personality::Smart, true),
        (Personality::Oracle, true),
    ] {
        let options = Options { personality, rotate_refresh_tokens: rotate, ..Options::default() };
        let fixture = signed_in_fixture(2, options);
        fixture.clock.0.advance(4000);
        assert!(fixture.client.pull(&request("alice", MRN, WEIGHTS)).unwrap().report.is_complete());
        assert_eq!(refreshes(&fixture), 1, "{personality:?}: stale by our clock");
        // Only the server knows that it has revoked the token. Oracle allows one refresh in a minute (O1).
        fixture.clock.0.advance(60);
        fixture.sim.expire_access_tokens();
        let pulled = fixture.client.pull(&request("alice", MRN, WEIGHTS)).unwrap();
        assert!(pulled.report.is_complete() && pulled.report.refreshed, "{personality:?}");
        assert_eq!(refreshes(&fixture), 2, "{personality:?}: refused by the server");
        // The refreshed grant still works, with the same or the rotated refresh token.
        fixture.clock.0.advance(60);
        fixture.sim.expire_access_tokens();
        assert!(fixture.client.pull(&request("alice", MRN, WEIGHTS)).unwrap().report.is_complete());
    }
}

#[test]
fn only_a_confirmed_invalid_grant_ends_a_sign_in() {
    let options = Options { personality: Personality::Epic, ..Options::default() };
    let fixture = signed_in_fixture(1, options);
    // The first refresh shows that the server does not rotate: its answer has no refresh token (E7).
    fixture.clock.0.advance(4000);
    assert!(fixture.client.pull(&request("alice", MRN, WEIGHTS)).is_ok());
    for fault in [
        "token-status:503",
        "token-status:500",
        "html-error@token",
        "close-early@token",
        "missing-access-token",
    ] {
        fixture.clock.0.advance(4000);
        fixture.sim.set_fault(fault).unwrap();
        let error = fixture.client.pull(&request("alice", MRN, WEIGHTS)).unwrap_err();
        let kept = [Code::TokenUnavailable, Code::TokenResponseInvalid, Code::NetworkInterrupted];
        assert!(kept.contains(&error.code()), "{fault}: {error:?}");
        fixture.sim.clear_faults();
        assert!(
            fixture.client.pull(&request("alice", MRN, WEIGHTS)).is_ok(),
            "{fault}: the grant is still there"
        );
    }
    fixture.clock.0.advance(4000);
    fixture.sim.revoke_refresh_tokens();
    let sent = refreshes(&fixture);
    for _ in 0..2 {
        assert_eq!(code(&fixture, &request("alice", MRN, WEIGHTS)), Code::InvalidGrant);
    }
    assert_eq!(refreshes(&fixture), sent + 1, "a refresh token that was refused is not sent again");
}

#[test]
fn two_processes_make_one_refresh() {
    let fixture = signed_in_fixture(2, Options { rotate_refresh_tokens: true, ..Options::default() });
    let document = fixture.document();
    fixture.sim.expire_access_tokens();
    fixture.sim.reset_requests();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| fixture.other_client(&document).pull(&request("alice", MRN, WEIGHTS)).unwrap());
        }
    });
    let requests = fixture.sim.requests();
    let refreshes = requests.iter().filter(|one| one.grant_type.as_deref() == Some("refresh_token"));
    assert_eq!(refreshes.count(), 1, "the other processes use the new token");
}

#[test]
fn a_store_that_fails_during_a_pull_leaves_no_partial_data_and_keeps_the_grant() {
    let fixture = signed_in_fixture(5, Options { rotate_refresh_tokens: true, ..Options::default() });
    // The store fails when the rows are staged.
    fixture.writes_left.store(0, Ordering::SeqCst);
    let error = fixture.client.pull(&request("alice", MRN, WEIGHTS)).unwrap_err();
    assert_eq!(error.code(), Code::StoreUnavailable);
    fixture.writes_left.store(i64::MAX, Ordering::SeqCst);
    fixture.unreachable.store(false, Ordering::SeqCst);
    nothing_staged(&fixture);
    assert!(fixture.client.pull(&request("alice", MRN, WEIGHTS)).is_ok());
    // The store fails before anything is read: no request is sent.
    fixture.sim.reset_requests();
    fixture.unreachable.store(true, Ordering::SeqCst);
    assert_eq!(code(&fixture, &request("alice", MRN, WEIGHTS)), Code::StoreUnavailable);
    assert_eq!(fixture.fhir_requests(), 0);
}

#[test]
fn no_user_has_the_name_that_marks_rows_of_the_system_account() {
    let fixture = Fixture::new(Options::default());
    let (id, mrn) = fixture.some_patient();
    fixture.launch(&id, "system account");
    let refused = fixture.client.pull(&request("system account", &mrn, "birthDate,,dob,,,\n")).unwrap_err();
    assert_eq!(refused.code(), Code::RequestInvalid);
}

#[test]
fn the_system_account_needs_no_user() {
    let fixture =
        Fixture::new(Options { personality: Personality::Oracle, ..resources(&[&patient("p1", MRN)]) });
    let system = PullRequest { system: true, ..request("alice", MRN, "gender,,sex,,,\n") };
    for _ in 0..2 {
        assert_eq!(fixture.client.pull(&system).unwrap().rows[0].value, "F");
    }
    let requests = fixture.sim.requests();
    let tokens = requests.iter().filter(|one| one.grant_type.as_deref() == Some("client_credentials"));
    assert_eq!(tokens.count(), 1, "the second pull uses the stored token");
    fixture.clock.0.advance(4000);
    assert!(fixture.client.pull(&system).is_ok(), "an expired token is replaced by a new one");
}

#[test]
fn nothing_is_requested_for_a_window_without_a_date() {
    let fixture = signed_in_fixture(3, Options::default());
    let lines = "29463-7,,weight,visit_date,NEAR,\ngender,,sex,,,\n";
    let pulled = fixture.client.pull(&request("alice", MRN, lines)).unwrap();
    assert_eq!(pulled.rows.len(), 1);
    assert_eq!(pulled.report.without_date, ["29463-7"]);
    assert_eq!(pulled.report.resources["Observation"].status, ResourceStatus::Skipped);
    assert!(fixture.sim.requests().iter().all(|one| !one.path.contains("/Observation")));
    let dated = with_date(request("alice", MRN, lines), "visit_date", "2020-01-02", 0);
    let pulled = fixture.client.pull(&dated).unwrap();
    let weights: Vec<&str> =
        pulled.rows.iter().filter(|row| row.study_field == "weight").map(|row| row.value.as_str()).collect();
    assert_eq!(weights, ["51.50"]);
}

#[test]
fn a_resource_type_that_the_user_denied_is_reported_as_denied_and_not_as_empty() {
    let fixture = Fixture::with(
        resources(&[&patient("p1", MRN), &weight("w", "p1", "2020-01-01", "50.5")]),
        |document| document["sources"][0]["resources"] = serde_json::json!(["Patient"]),
        Box::new(fhir_ehr::AllowAll),
    );
    fixture.launch("p1", "alice");
    let pulled = fixture.client.pull(&request("alice", MRN, WEIGHTS)).unwrap();
    let report = &pulled.report.resources["Observation"];
    assert_eq!(report.status, ResourceStatus::Denied);
    assert!(report.reason.as_ref().unwrap().contains("no scope for Observation"), "{report:?}");
    assert!(!pulled.report.is_complete());
}

#[test]
fn a_launch_needs_no_second_sign_in_for_the_pull() {
    let fixture = Fixture::new(resources(&[&patient("p1", MRN)]));
    let callback =
        fixture.launch_to_callback(&LaunchOptions { patient: "p1".into(), ..LaunchOptions::default() });
    let Ok(LaunchResult::LoginRequired { handover, .. }) =
        fixture.client.handle_launch(&query_of(&callback), SESSION, REDIRECT)
    else {
        panic!("a first launch")
    };
    fixture.client.finish_login(&handover, SESSION, "alice").unwrap();
    assert_eq!(fixture.client.pull(&request("alice", MRN, "gender,,sex,,,\n")).unwrap().rows[0].value, "F");
}
