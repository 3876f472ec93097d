//! Pulls: what comes is complete or said to be not; another patient's data, a lost store or a lost
//! sign-in leave nothing half-done.

mod common;

use common::{REDIRECT, SESSION, World, patient, query_of, request, resources, weight, with_date};
use ehr_sim::{FhirRelease, LaunchOptions, Options, Personality};
use fhir_ehr::{Code, Environment, LaunchResult, Owner, PullRequest, ResourceStatus, Retry};
use std::sync::atomic::Ordering;

const MRN: &str = "M-1";
const WEIGHTS: &str = "29463-7,,weight,,MAX,\nbirthDate,,dob,,,\n";

/// One patient with some weights, and a user who is signed in.
fn clinic(weights: usize, options: Options) -> World {
    let mut texts = vec![patient("p1", MRN)];
    for number in 0..weights {
        let day = format!("2020-{:02}-{:02}", number / 28 % 12 + 1, number % 28 + 1);
        texts.push(weight(&format!("w{number}"), "p1", &day, &format!("{}.50", 50 + number)));
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let world = World::new(Options { data: resources(&texts).data, ..options });
    world.launch("p1", "alice");
    world.sim.reset_requests();
    world
}

fn code(world: &World, request: &PullRequest) -> Code {
    world.client.pull(request).expect_err("an error").code()
}

fn nothing_staged(world: &World) {
    assert!(world.client.staged("alice", "p1", None).unwrap().is_empty());
}

#[test]
fn all_pages_come_and_the_digits_stay() {
    for personality in [Personality::Smart, Personality::Oracle, Personality::Epic] {
        let world = clinic(25, Options { personality, page_size: Some(4), ..Options::default() });
        let pulled = world.client.pull(&request("alice", MRN, WEIGHTS)).unwrap();
        assert!(pulled.report.is_complete());
        let told = &pulled.report.resources["Observation"];
        assert_eq!((told.received, told.requests), (25, 7), "{personality:?}");
        let chosen: Vec<&str> =
            pulled.rows.iter().filter(|row| row.preselected).map(|row| row.value.as_str()).collect();
        assert_eq!(chosen, ["74.50"]);
        assert!(
            pulled.rows.iter().all(|row| row.resource_type == "Observation" && !row.resource_id.is_empty())
        );
    }
}

#[test]
fn paging_faults_are_survived_or_told() {
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
        let world = clinic(12, Options { page_size: Some(4), ..Options::default() });
        world.sim.set_fault(fault).unwrap();
        let pulled = world.client.pull(&request("alice", MRN, WEIGHTS)).unwrap();
        let told = &pulled.report.resources["Observation"];
        assert_eq!((told.status, told.received), (status, received), "{fault}: {told:?}");
        assert_eq!(pulled.report.is_complete(), status == ResourceStatus::Complete, "{fault}");
        assert_eq!(told.reason.is_some(), status != ResourceStatus::Complete, "{fault}: a reason is given");
        let elsewhere = world.sim.requests().into_iter().filter(|one| {
            one.has_authorization && one.host.as_deref().is_some_and(|host| host.starts_with("localhost"))
        });
        assert_eq!(elsewhere.count(), 0, "{fault}: no token goes to another origin");
        assert!(pulled.rows.iter().all(|row| row.source_field != "birthDate"), "this patient has none");
    }
}

#[test]
fn an_answer_without_end_stops_at_the_limit() {
    let world = World::with(
        Options { data: resources(&[&patient("p1", MRN)]).data, ..Options::default() },
        |document| document["limits"] = serde_json::json!({"response_bytes": 100_000}),
        Box::new(fhir_ehr::AllowAll),
    );
    world.launch("p1", "alice");
    world.sim.set_fault("huge-body:5000000@Observation").unwrap();
    let pulled = world.client.pull(&request("alice", MRN, WEIGHTS)).unwrap();
    let error = pulled.report.resources["Observation"].error.clone().unwrap();
    assert_eq!(error["name"], "response_too_large");
}

#[test]
fn a_server_that_never_answers_ends_at_the_deadline() {
    let world = World::with(
        Options { data: resources(&[&patient("p1", MRN)]).data, ..Options::default() },
        |document| document["limits"] = serde_json::json!({"request_seconds": 1, "retries": 0}),
        Box::new(fhir_ehr::AllowAll),
    );
    world.launch("p1", "alice");
    world.sim.set_fault("never-answers@Observation").unwrap();
    let pulled = world.client.pull(&request("alice", MRN, WEIGHTS)).unwrap();
    let error = pulled.report.resources["Observation"].error.clone().unwrap();
    assert_eq!(error["name"], "network_timeout");
}

#[test]
fn data_of_another_patient_stop_the_pull_and_nothing_is_kept() {
    for fault in ["other-patient", "ignore-search-params"] {
        let (own, other) = (patient("p1", MRN), patient("p2", "M-2"));
        let more = [own, other, weight("a", "p1", "2020-01-01", "50"), weight("b", "p2", "2020-01-01", "60")];
        let texts: Vec<&str> = more.iter().map(String::as_str).collect();
        let world = World::new(resources(&texts));
        world.launch("p1", "alice");
        world.sim.set_fault(fault).unwrap();
        let error = world.client.pull(&request("alice", MRN, WEIGHTS)).unwrap_err();
        assert_eq!(error.code(), Code::PatientMismatch, "{fault}");
        assert!(!error.message().contains("p2"), "no identifier in the message");
        nothing_staged(&world);
    }
}

#[test]
fn a_number_that_is_nobodys_and_one_that_is_two_peoples_are_two_errors() {
    let world = clinic(1, Options::default());
    let error = world.client.pull(&request("alice", "NO-SUCH-NUMBER", WEIGHTS)).unwrap_err();
    assert_eq!(error.code(), Code::PatientNotFound);
    assert!(!error.message().contains("NO-SUCH-NUMBER"), "an MRN is not put into messages");
    world.sim.set_fault("two-patients").unwrap();
    assert_eq!(code(&world, &request("alice", MRN, WEIGHTS)), Code::PatientAmbiguous);
    nothing_staged(&world);
}

#[test]
fn a_pull_inside_a_launch_is_for_the_patient_of_the_chart_only() {
    let texts = [patient("p1", MRN), patient("p2", "M-2")];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let world = World::new(resources(&texts));
    let signed_in = world.launch("p2", "alice");
    let right =
        PullRequest { launch_patient: signed_in.context.patient.clone(), ..request("alice", "M-2", WEIGHTS) };
    assert!(world.client.pull(&right).is_ok());
    let wrong = PullRequest { launch_patient: signed_in.context.patient, ..request("alice", MRN, WEIGHTS) };
    assert_eq!(code(&world, &wrong), Code::PatientMismatch);
}

#[test]
fn two_launches_in_two_tabs_keep_their_own_patients() {
    let texts = [patient("p1", MRN), patient("p2", "M-2")];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    // DSTU2 scopes are bound to the patient of the launch, so there are two grants.
    let world = World::new(Options { fhir: FhirRelease::Dstu2, ..resources(&texts) });
    world.launch("p1", "alice");
    world.launch("p2", "alice");
    for (mrn, id) in [(MRN, "p1"), ("M-2", "p2")] {
        assert_eq!(world.client.pull(&request("alice", mrn, "gender,,sex,,,\n")).unwrap().patient_id, id);
    }
    assert_eq!(code(&world, &request("alice", "M-3", "gender,,sex,,,\n")), Code::GrantNotFound);
}

#[test]
fn a_pull_opens_no_other_chart_than_its_own_once_they_are_known() {
    let texts = [patient("p1", MRN), patient("p2", "M-2"), patient("p3", "M-3")];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let world = World::new(Options { fhir: FhirRelease::Dstu2, ..resources(&texts) });
    for id in ["p1", "p2", "p3"] {
        world.launch(id, "alice");
    }
    let charts = |mrn: &str, launched: Option<&str>| {
        world.sim.reset_requests();
        let launch_patient = launched.map(str::to_owned);
        let plain = request("alice", mrn, "gender,,sex,,,\n");
        world.client.pull(&PullRequest { launch_patient, ..plain }).unwrap();
        world.sim.requests().iter().filter(|one| one.path.contains("/Patient/")).count()
    };
    assert_eq!(charts(MRN, Some("p1")), 1, "inside a launch its own chart alone is opened");
    charts("M-2", None);
    charts("M-3", None);
    for mrn in [MRN, "M-2", "M-3"] {
        assert_eq!(charts(mrn, None), 1, "every chart's number is known by now");
    }
}

#[test]
fn a_sign_in_that_has_ended_does_not_stand_in_the_way_of_another() {
    let world = World::new(Options { fhir: FhirRelease::Dstu2, ..resources(&[&patient("p1", MRN)]) });
    // Scopes of the patient alone, and no refresh token: the first sign-in ends, the second is new.
    world.launch("p1", "alice");
    world.clock.0.advance(4000);
    assert_eq!(code(&world, &request("alice", MRN, "gender,,sex,,,\n")), Code::GrantExpired);
    assert_eq!(code(&world, &request("alice", MRN, "gender,,sex,,,\n")), Code::GrantNotFound);
    world.launch("p1", "alice");
    assert!(world.client.pull(&request("alice", MRN, "gender,,sex,,,\n")).is_ok());
}

#[test]
fn without_a_sign_in_nothing_is_sent_and_both_ways_to_sign_in_are_named() {
    let world = World::new(resources(&[&patient("p1", MRN)]));
    let error = world.client.pull(&request("alice", MRN, WEIGHTS)).unwrap_err();
    assert_eq!(error.code(), Code::GrantNotFound);
    assert!(error.message().contains("EHR launch") && error.message().contains("standalone launch"));
    assert_eq!(error.code().retry(), Retry::AfterSignIn);
    assert_eq!(world.sim.connections(), 0);
}

#[test]
fn a_user_does_not_pull_with_anothers_sign_in() {
    let world = clinic(1, Options::default());
    assert_eq!(code(&world, &request("bob", MRN, WEIGHTS)), Code::GrantNotFound);
    assert!(world.sim.requests().is_empty());
}

#[test]
fn sandbox_data_do_not_enter_a_production_project() {
    let world = clinic(1, Options::default());
    let mut request = request("alice", MRN, WEIGHTS);
    request.project.environment = Environment::Production;
    let error = world.client.pull(&request).unwrap_err();
    assert_eq!((error.code(), error.code().owner()), (Code::EnvironmentMismatch, Owner::You));
    assert!(world.sim.requests().is_empty());
}

#[test]
fn a_stale_token_is_refreshed_before_use_and_a_refused_one_once() {
    for (personality, rotate) in [
        (Personality::Oracle, false),
        (Personality::Epic, false),
        (Personality::Smart, true),
        (Personality::Oracle, true),
    ] {
        let options = Options { personality, rotate_refresh_tokens: rotate, ..Options::default() };
        let world = clinic(2, options);
        world.clock.0.advance(4000);
        let refreshes = |world: &World| {
            let requests = world.sim.requests();
            requests.iter().filter(|one| one.grant_type.as_deref() == Some("refresh_token")).count()
        };
        assert!(world.client.pull(&request("alice", MRN, WEIGHTS)).unwrap().report.is_complete());
        assert_eq!(refreshes(&world), 1, "{personality:?}: stale by our clock");
        // The server alone knows that it has revoked the token.
        world.sim.expire_access_tokens();
        let pulled = world.client.pull(&request("alice", MRN, WEIGHTS)).unwrap();
        assert!(pulled.report.is_complete() && pulled.report.refreshed, "{personality:?}");
        assert_eq!(refreshes(&world), 2, "{personality:?}: refused by the server");
        // And the refreshed grant goes on working, with the kept or the rotated refresh token.
        world.sim.expire_access_tokens();
        assert!(world.client.pull(&request("alice", MRN, WEIGHTS)).unwrap().report.is_complete());
    }
}

#[test]
fn only_a_confirmed_invalid_grant_ends_a_sign_in() {
    let world = clinic(1, Options::default());
    for fault in [
        "token-status:503",
        "token-status:500",
        "html-error@token",
        "close-early@token",
        "missing-access-token",
    ] {
        world.clock.0.advance(4000);
        world.sim.set_fault(fault).unwrap();
        let error = world.client.pull(&request("alice", MRN, WEIGHTS)).unwrap_err();
        let kept = [Code::TokenUnavailable, Code::TokenResponseInvalid, Code::NetworkInterrupted];
        assert!(kept.contains(&error.code()), "{fault}: {error:?}");
        world.sim.clear_faults();
        assert!(
            world.client.pull(&request("alice", MRN, WEIGHTS)).is_ok(),
            "{fault}: the grant is still there"
        );
    }
    world.clock.0.advance(4000);
    world.sim.revoke_refresh_tokens();
    assert_eq!(code(&world, &request("alice", MRN, WEIGHTS)), Code::InvalidGrant);
    assert_eq!(code(&world, &request("alice", MRN, WEIGHTS)), Code::GrantNotFound);
}

#[test]
fn two_processes_make_one_refresh() {
    let world = clinic(2, Options { rotate_refresh_tokens: true, ..Options::default() });
    let document = world.document();
    world.sim.expire_access_tokens();
    world.sim.reset_requests();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| world.other_client(&document).pull(&request("alice", MRN, WEIGHTS)).unwrap());
        }
    });
    let requests = world.sim.requests();
    let refreshes = requests.iter().filter(|one| one.grant_type.as_deref() == Some("refresh_token"));
    assert_eq!(refreshes.count(), 1, "the losers adopt the winner's token");
}

#[test]
fn a_store_that_goes_in_mid_pull_leaves_nothing_half_saved_and_the_grant_as_it_was() {
    let world = clinic(5, Options { rotate_refresh_tokens: true, ..Options::default() });
    // Gone when the rows are to be staged.
    world.writes_left.store(0, Ordering::SeqCst);
    let error = world.client.pull(&request("alice", MRN, WEIGHTS)).unwrap_err();
    assert_eq!(error.code(), Code::StoreUnavailable);
    world.writes_left.store(i64::MAX, Ordering::SeqCst);
    world.gone.store(false, Ordering::SeqCst);
    nothing_staged(&world);
    assert!(world.client.pull(&request("alice", MRN, WEIGHTS)).is_ok());
    // Gone before anything is read: no request is made at all.
    world.sim.reset_requests();
    world.gone.store(true, Ordering::SeqCst);
    assert_eq!(code(&world, &request("alice", MRN, WEIGHTS)), Code::StoreUnavailable);
    assert_eq!(world.fhir_requests(), 0);
}

#[test]
fn the_system_account_needs_no_user() {
    let world = World::new(Options { personality: Personality::Oracle, ..resources(&[&patient("p1", MRN)]) });
    let system = PullRequest { system: true, ..request("alice", MRN, "gender,,sex,,,\n") };
    for _ in 0..2 {
        assert_eq!(world.client.pull(&system).unwrap().rows[0].value, "F");
    }
    let requests = world.sim.requests();
    let tokens = requests.iter().filter(|one| one.grant_type.as_deref() == Some("client_credentials"));
    assert_eq!(tokens.count(), 1, "the second pull uses the stored token");
    world.clock.0.advance(4000);
    assert!(world.client.pull(&system).is_ok(), "a new token is got when it has expired");
}

#[test]
fn nothing_is_asked_for_a_window_without_a_date() {
    let world = clinic(3, Options::default());
    let lines = "29463-7,,weight,visit_date,NEAR,\ngender,,sex,,,\n";
    let pulled = world.client.pull(&request("alice", MRN, lines)).unwrap();
    assert_eq!(pulled.rows.len(), 1);
    assert_eq!(pulled.report.without_date, ["29463-7"]);
    assert_eq!(pulled.report.resources["Observation"].status, ResourceStatus::Skipped);
    assert!(world.sim.requests().iter().all(|one| !one.path.contains("/Observation")));
    let dated = with_date(request("alice", MRN, lines), "visit_date", "2020-01-02", 0);
    let pulled = world.client.pull(&dated).unwrap();
    let weights: Vec<&str> =
        pulled.rows.iter().filter(|row| row.study_field == "weight").map(|row| row.value.as_str()).collect();
    assert_eq!(weights, ["51.50"]);
}

#[test]
fn what_a_user_denied_is_denied_and_not_empty() {
    let world = World::with(
        resources(&[&patient("p1", MRN), &weight("w", "p1", "2020-01-01", "50.5")]),
        |document| document["sources"][0]["resources"] = serde_json::json!(["Patient"]),
        Box::new(fhir_ehr::AllowAll),
    );
    world.launch("p1", "alice");
    let pulled = world.client.pull(&request("alice", MRN, WEIGHTS)).unwrap();
    let told = &pulled.report.resources["Observation"];
    assert_eq!(told.status, ResourceStatus::Denied);
    assert!(told.reason.as_ref().unwrap().contains("no scope for Observation"), "{told:?}");
    assert!(!pulled.report.is_complete());
}

#[test]
fn a_launch_needs_no_second_sign_in_for_the_pull() {
    let world = World::new(resources(&[&patient("p1", MRN)]));
    let callback =
        world.launch_to_callback(&LaunchOptions { patient: "p1".into(), ..LaunchOptions::default() });
    let Ok(LaunchResult::LoginRequired { handover, .. }) =
        world.client.handle_launch(&query_of(&callback), SESSION, REDIRECT)
    else {
        panic!("a first launch")
    };
    world.client.finish_login(&handover, SESSION, "alice").unwrap();
    assert_eq!(world.client.pull(&request("alice", MRN, "gender,,sex,,,\n")).unwrap().rows[0].value, "F");
}
